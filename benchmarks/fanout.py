"""What a gig to 100,000 people costs: writing it down, answering who posted it, sending it, saying that it is filled,
and carrying an answer from one platform to the other.

Sends and edits are compared with one shared aiohttp session that posts the same JSON to the same server, as many at
once, in the same run. The product is the real one, on SQLite with every commit on disk; it, the platform's server and
the load run in processes of their own.
"""

import argparse
import asyncio
import hashlib
import hmac
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import aiohttp
import uvloop

from adapters import process
from adapters.slack import ids
from benchmarks._fanout_servers import POSTER, SECRET, SLACK_A_MINUTE, TEAM, TEAMS_A_MINUTE, fill, serve, slack_user
from benchmarks._load import Client, Unanswered, last_line, post, serving
from benchmarks._postgres import postgres

AT_ONCE = 64
PATIENCE = 60
"""Seconds without anything new after which the figures are given up."""
WORK = "生産管理システムの要件定義と、現場への導入を支援していただきます。週に二日ほど、三か月の予定です。" * 4
_numbers = itertools.count(1)


class Scale(NamedTuple):
    people: int
    replies: int
    limited_seconds: float
    rounds: int


FULL = Scale(100_000, 400, 130, 1)
QUICK = Scale(5_000, 60, 8, 1)


# What Slack sends


def _signed(form: dict[str, str]) -> bytes:
    body, stamp = urlencode(form).encode(), str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }
    return post("/slack/events", headers, body)


def _payload(user: str, kind: str, **told: Any) -> bytes:
    who = {"type": kind, "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}, "api_app_id": "A0BENCH"}
    return _signed({"payload": json.dumps({**who, **told})})


def submission(user: str, verb: str, args: dict[str, str], values: dict[str, str]) -> bytes:
    """A form that somebody sends."""
    number = next(_numbers)
    state = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in values.items()}
    view = {
        "id": f"V{number}",
        "hash": f"{number}",
        "type": "modal",
        "callback_id": verb,
        "private_metadata": json.dumps({"verb": verb, "args": args}),
        "state": {"values": state},
    }
    return _payload(user, "view_submission", view=view)


def press(user: str, verb: str, args: dict[str, str]) -> bytes:
    """A button that somebody presses in their own conversation."""
    number = next(_numbers)
    action = {"type": "button", "action_id": f"{verb}#0", "value": json.dumps(args), "action_ts": f"{number}.0"}
    channel, ts = f"D{user[1:]}", f"{number}.000001"
    return _payload(
        user,
        "block_actions",
        actions=[action],
        channel={"id": channel, "name": "directmessage"},
        container={"type": "message", "channel_id": channel, "message_ts": ts},
        message={"ts": ts, "type": "message"},
        trigger_id=f"{number}.1",
    )


def posted(title: str) -> bytes:
    asked = {"title": title, "work": WORK, "reward": "月額20万円（税込）", "place": "名古屋市・在宅可", "skills": ""}
    return submission(POSTER, "gig.post", {}, asked)


# What is measured


@dataclass
class Run:
    """A product that listens at `port`, and the platform that it writes to."""

    platform: str
    port: int
    url: str
    session: aiohttp.ClientSession
    gigs: int = 0

    def next_gig(self) -> int:
        """The number of the gig that is posted next."""
        self.gigs += 1
        return self.gigs

    async def seen(self) -> dict[str, Any]:
        async with self.session.get(f"{self.url}/seen") as answer:
            return await answer.json()

    async def ask(self, request: bytes) -> float:
        """Seconds until it was acknowledged."""
        client = await Client.connect(self.port)
        try:
            return await timed(client, request)
        finally:
            client.close()

    async def counted(self, what: str) -> int:
        return (await self.seen())["counts"].get(f"{self.platform}.{what}", 0)

    async def quiet(self) -> None:
        """Returns when a second has passed without any request."""
        before = None
        for _ in range(PATIENCE):
            if (counts := (await self.seen())["counts"]) == before:
                return
            before = counts
            await asyncio.sleep(1.5)
        raise Unanswered("requests that nobody asked for")

    async def begun(self, name: str) -> None:
        """Returns when the first of these has arrived."""
        for _ in range(10 * PATIENCE):
            if name in (await self.seen())["counts"]:
                return
            await asyncio.sleep(0.1)
        raise Unanswered(f"no {name}")

    async def arrival(self, words: str) -> float | None:
        """When (time.monotonic, which all processes share) a message with these words has arrived that had not yet when
        this was asked."""
        async with self.session.post(f"{self.url}/arrival", data=words.encode()) as answer:
            return (await answer.json())["at"]

    async def until(self, what: str, number: int) -> float:
        """A second's worth of `what` (sent, edited), from the first until `number` of them have arrived."""
        name, begun, last = f"{self.platform}.{what}", await self.counted(what), time.monotonic()
        first, latest = None, begun
        while True:
            seen = await self.seen()
            there = seen["counts"].get(name, 0)
            if first is None and there > begun:
                first = (there, seen["at"])
            if first and there >= number:
                return (there - first[0]) / (seen["at"] - first[1])
            if there > latest:
                latest, last = there, time.monotonic()
            if time.monotonic() > last + PATIENCE:
                raise Unanswered(f"{there} of {number} {name}, and no more")
            await asyncio.sleep(0.05)

    async def raw(self, what: str, number: int) -> float:
        """What one shared session does in a second, with what the product has posted last."""
        seen = await self.seen()
        body = seen["last"][f"{self.platform}.{what}"].encode()
        path = "/api/chat.postMessage" if self.platform == "slack" else "/v3/conversations/a:raw/activities"
        headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": "Bearer xoxb-bench"}
        left = iter(range(number))

        async def keep_posting() -> None:
            for _ in left:
                async with self.session.post(self.url + path, data=body, headers=headers) as answer:
                    await answer.read()

        begun = time.perf_counter()
        await asyncio.gather(*(keep_posting() for _ in range(AT_ONCE)))
        return number / (time.perf_counter() - begun)


async def timed(client: Client, request: bytes) -> float:
    begun = time.perf_counter()
    status, body = await client.ask(request)
    if status != 200 or b"errors" in body:
        raise Unanswered(f"{status}: {body.decode()[:300]}")
    return time.perf_counter() - begun


@asynccontextmanager
async def running(name: str, folder: str, people: int) -> AsyncIterator[Run]:
    platform = "limited-platform" if name == "limited" else "platform"
    async with AsyncExitStack() as stack:
        common = ("--folder", folder, "--people", str(people))
        url = f"http://127.0.0.1:{await stack.enter_async_context(serving('--serve', platform, *common))}"
        port = await stack.enter_async_context(serving("--serve", name, *common, "--platform", url))
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)))
        yield Run(name, port, url, session)


async def drain(run: Run, scale: Scale) -> dict[str, Any]:
    """Rounds of a gig to everybody that is posted, sent, and closed again; the raw session runs after each."""
    found: dict[str, list[float]] = {}
    people = scale.people
    for _ in range(scale.rounds):
        before, gig = await run.counted("sent"), run.next_gig()
        answer = await run.ask(posted(f"生産管理の支援 {gig}"))
        sends = await run.until("sent", before + people)
        raw_sends = await run.raw("sent", min(people, 20_000))
        before = await run.counted("edited")
        await run.ask(press(POSTER, "gig.fill", {"gig": str(gig)}))
        edits = await run.until("edited", before + people)
        raw_edits = await run.raw("sent", min(people, 20_000))
        measured = {
            "answer_s": answer,
            "sends_a_second": sends,
            "edits_a_second": edits,
            "raw_a_second": (raw_sends + raw_edits) / 2,
            "send_ratio": sends / raw_sends,
            "edit_ratio": edits / raw_edits,
        }
        for name, figure in measured.items():
            found.setdefault(name, []).append(figure)
    return {name: round(statistics.median(figures), 3) for name, figures in found.items()}


async def acks(run: Run, scale: Scale) -> dict[str, Any]:
    """While a gig goes out, those who have it press its button: the slowest acknowledgements."""
    before, gig = await run.counted("sent"), run.next_gig()
    await run.ask(posted("生産管理の支援、追加募集"))
    draining = asyncio.create_task(run.until("sent", before + scale.people))
    client = await Client.connect(run.port)
    took: list[float] = []
    while not draining.done():
        user = slack_user(2 + len(took) % scale.people)
        took.append(await timed(client, press(user, "gig.pass", {"gig": str(gig)})))
        await asyncio.sleep(0.02)
    client.close()
    return {
        "acks": len(took),
        "sends_a_second_meanwhile": round(await draining),
        "ack_p50_ms": _milliseconds(took, 0.5),
        "ack_p99_ms_during_drain": _milliseconds(took, 0.99),
    }


async def replies(run: Run, scale: Scale, url: str) -> dict[str, Any]:
    """Nothing else to do: HR answers a case, until the answer has arrived in the alumnus's thread. Each case is another
    person's, as a conversation takes one message a second."""
    open_cases(url, run.next_gig(), scale.replies)
    await run.quiet()
    client = await Client.connect(run.port)
    took: list[float] = []
    for case in range(1, scale.replies + 1):
        said = f"ご連絡ありがとうございます。{case}番目のお返事です。"
        request = submission(POSTER, "case.answer", {"case": str(case)}, {"text": said})
        arriving = asyncio.create_task(run.arrival(said))
        await asyncio.sleep(0.01)  # nobody asks for anything while it is measured
        asked = time.monotonic()
        status, _ = await client.ask(request)
        arrived = await arriving
        if status != 200 or arrived is None:
            raise Unanswered(f"{status}: the answer to case {case} did not leave")
        took.append(arrived - asked)
        await asyncio.sleep(0.03)
    client.close()
    return {"reply_p50_ms": _milliseconds(took, 0.5), "reply_p99_ms": _milliseconds(took, 0.99)}


def open_cases(url: str, gig: int, number: int) -> None:
    from storage.db import Database
    from storage.tables import Case

    database = Database(url)
    with database.company(1) as session:
        session.add(_gig(gig))
        session.flush()
        for case in range(1, number + 1):
            session.add(Case(id=case, gig_id=gig, person_id=case + 1))
    database.close()


def _gig(number: int | None = None) -> Any:
    from storage.tables import Gig

    desk: dict[str, Any] = {
        "desk_platform": "slack",
        "desk_workspace": TEAM,
        "desk_address": ids.pack(ids.User(TEAM, POSTER)),
    }
    return Gig(id=number, title="生産管理の支援", work=WORK, reward="月額20万円", place="名古屋市", author_id=1, **desk)


def _milliseconds(took: list[float], share: float) -> float:
    return round(sorted(took)[int(len(took) * share)] * 1000, 2)


async def limited(folder: str, scale: Scale) -> dict[str, Any]:
    """With the platforms' limits on: the share of what they allow that is used, and how often one was broken."""
    people = int(scale.limited_seconds * SLACK_A_MINUTE / 60 * 1.2) + 60
    async with running("limited", folder, people) as run:
        await run.ask(posted("生産管理の支援"))
        for platform in ("slack", "teams"):
            await run.begun(f"{platform}.sent")
        await asyncio.sleep(2)
        before = await run.seen()
        await asyncio.sleep(scale.limited_seconds)
        after = await run.seen()
    minutes = (after["at"] - before["at"]) / 60
    shares = {
        platform: (after["counts"][f"{platform}.sent"] - before["counts"][f"{platform}.sent"]) / minutes / allowed
        for platform, allowed in (("slack", SLACK_A_MINUTE), ("teams", TEAMS_A_MINUTE))
    }
    refused = sum(number for name, number in after["counts"].items() if name.endswith("refused"))
    return {
        "allowed_rate_share": round(min(shares.values()), 3),
        "slack_rate_share": round(shares["slack"], 3),
        "teams_rate_share": round(shares["teams"], 3),
        "refused_429": refused,
    }


def enqueue(url: str, people: int) -> dict[int, float]:
    """Seconds, commit included, in which a tenth, a half and all of so many are written to."""
    from bot import audiences
    from storage import circulars, migrate
    from storage.db import Database
    from storage.tables import Person, table

    database = Database(url)
    migrate.upgrade(database)
    fill(database, {"slack": people})
    now = datetime.now(UTC)
    gig = _gig()
    took: dict[int, float] = {}
    for part in (people // 10, people // 2, people):
        begun = time.perf_counter()
        with database.company(1) as session:
            some = audiences.everybody(session, gig, now).where(table(Person).c.id <= part + 1)
            circular = circulars.Circular(f"gig:{part}", "gig_offer", {"gig": part}, f"gig:{part}")
            written = circulars.fan_out(session, some, circular, datetime.now(UTC), {"slack": SLACK_A_MINUTE})
        if written != part:
            raise Unanswered(f"{written} of {part} were written to")
        took[part] = round(time.perf_counter() - begun, 3)
    database.close()
    return took


def enqueues(folder: str, people: int) -> dict[str, Any]:
    on_sqlite = enqueue(f"sqlite:///{folder}/enqueue.db", people)
    with postgres(Path(folder) / "postgres") as new:
        on_postgres = enqueue(new("enqueue"), people)
    return {
        "enqueue_100k_s": on_sqlite[people],
        "enqueue_100k_s_postgresql": on_postgres[people],
        "enqueue_s": {"sqlite": on_sqlite, "postgresql": on_postgres},
    }


PARTS = ("enqueue", "slack", "teams", "acks", "replies", "limited")


async def measure(scale: Scale, parts: Collection[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"benchmark": "fanout", "people": scale.people}
    with tempfile.TemporaryDirectory() as folder:
        if "enqueue" in parts:
            found |= await asyncio.to_thread(enqueues, folder, 100_000)
        for name in ("slack", "teams"):
            own = [part for part in (name, *(("acks", "replies") if name == "slack" else ())) if part in parts]
            if not own:
                continue
            async with running(name, folder, scale.people) as run:
                if name in own:
                    drained = await drain(run, scale)
                    found |= {f"{name}_send_ratio": drained["send_ratio"], f"{name}_edit_ratio": drained["edit_ratio"]}
                    found[name] = drained
                    found["answer_s"] = max(drained["answer_s"], found.get("answer_s", 0))
                if "acks" in own:
                    found |= await acks(run, scale)
                if "replies" in own:
                    found |= await replies(run, scale, f"sqlite:///{folder}/slack.db")
        return found | (await limited(folder, scale) if "limited" in parts else {})


_GOALS = {
    "enqueue_100k_s": "≤ 1",
    "enqueue_100k_s_postgresql": "≤ 2",
    "answer_s": "≤ 1",
    "slack_send_ratio": "≥ 0.6",
    "teams_send_ratio": "≥ 0.6",
    "slack_edit_ratio": "≥ 0.6",
    "teams_edit_ratio": "≥ 0.6",
    "allowed_rate_share": "≥ 0.98",
    "refused_429": "0",
    "reply_p50_ms": "≤ 5",
    "reply_p99_ms": "≤ 20",
    "ack_p99_ms_during_drain": "≤ 50",
}


def show(found: dict[str, Any]) -> None:
    for name, goal in _GOALS.items():
        if name in found:
            print(f"  {name:<28}{found[name]:>10}   (goal {goal})")
    for name in ("slack", "teams"):
        if drained := found.get(name):
            rates = [round(drained[f"{what}_a_second"]) for what in ("sends", "edits", "raw")]
            print(f"  {name}: {rates[0]} sends and {rates[1]} edits a second, a raw session {rates[2]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--quick", action="store_true", help="fewer people, shorter rounds: for a rough look")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part (may be given several times)")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--platform", default="", help=argparse.SUPPRESS)
    parser.add_argument("--people", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        process.run(serve(chosen.serve, chosen.folder, chosen.platform, chosen.people))
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # the product's own loop, for both sides
        found = runner.run(measure(QUICK if chosen.quick else FULL, chosen.only or PARTS))
    if not chosen.json:
        show(found)
    print(last_line(found))


if __name__ == "__main__":
    main()
