"""What an inbound request costs: `/alumni find` beside a bare Bolt app that acks a constant, and a Teams message
with a card as its answer beside stock CloudAdapter echoing.

The product is the real one, on SQLite with every commit on disk: signature, inbox row, look-up in a directory of
300 people, rendered answer; in Teams also the ledger row and the answer's own request. Bolt is in its default
settings, with request verification on. Authentication is disabled for both Teams servers. Each server runs in a
process of its own; a Teams message is answered when its answer has reached the connector.
"""

import argparse
import asyncio
import hashlib
import hmac
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from adapters import process
from benchmarks._inbound_servers import (
    GIVEN_NAMES,
    SECRET,
    SURNAMES,
    TEAM,
    TENANT,
    conversation_of,
    serve,
    slack_user,
    teams_user,
)
from benchmarks._load import Client, Contender, Unanswered, compete, last_line, length_in, post, serving, table

CONNECTIONS = 16
ANSWER_WITHIN = 15.0


def surname(number: int) -> str:
    return SURNAMES[number % len(SURNAMES)]


def command(number: int) -> bytes:
    """`/alumni find <surname>`, signed."""
    form = {
        "team_id": TEAM,
        "team_domain": "bench",
        "channel_id": "D0BENCH",
        "channel_name": "directmessage",
        "user_id": slack_user(number),
        "user_name": "bench",
        "command": "/alumni",
        "text": f"find {surname(number)}",
        "api_app_id": "A0BENCH",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.example/commands/1",
        "trigger_id": f"{time.time_ns()}.{number}",
    }
    body = urlencode(form).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }
    return post("/slack/events", headers, body)


def finds(number: int) -> list[str]:
    """The names that a look-up has to find."""
    return [f"{surname(number)} {first}" for first in GIVEN_NAMES]


async def ask_slack(client: Client, number: int, expected: Callable[[int], list[str]]) -> None:
    status, body = await client.ask(command(number))
    _check(status, body, expected(number))


def _check(status: int, body: bytes, expected: list[str]) -> None:
    text = body.decode()
    if b"\\u" in body:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    if status not in (200, 201) or not all(words in text for words in expected):
        raise Unanswered(f"{status}: {text[:300]}")


def message(number: int, service_url: str) -> tuple[str, bytes]:
    """`find <surname>` typed in a personal conversation; its id, and the request."""
    who = teams_user(number)
    conversation = conversation_of(who)
    activity = {
        "type": "message",
        "id": f"{time.time_ns()}-{number}",
        "timestamp": "2026-04-01T09:00:00.000Z",
        "serviceUrl": service_url,
        "channelId": "msteams",
        "from": {"id": f"29:{who}", "name": who, "aadObjectId": who},
        "conversation": {"id": conversation, "conversationType": "personal", "tenantId": TENANT},
        "recipient": {"id": "28:bench-bot", "name": "bench"},
        "text": f"find {surname(number)}",
        "textFormat": "plain",
        "locale": "ja-JP",
        "channelData": {"tenant": {"id": TENANT}},
        "entities": [{"type": "clientInfo", "locale": "ja-JP", "country": "JP", "timezone": "Asia/Tokyo"}],
    }
    body = json.dumps(activity, ensure_ascii=False).encode()
    return conversation, post("/api/messages", {"Content-Type": "application/json"}, body)


class Connector:
    """Stands in for both platforms' own servers: takes whatever is posted and hands it to who waits for it."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._server: asyncio.Server | None = None
        self._taken = 0

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=256)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def answer_in(self, conversation: str) -> "asyncio.Future[bytes]":
        """The body of the next message posted there."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting[conversation] = answer
        return answer

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(length_in(head))
                self._take(head, body)
                answer = json.dumps({"ok": True, "team_id": TEAM, "id": f"{self._taken}"}).encode()
                length = f"Content-Length: {len(answer)}\r\n\r\n".encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + length + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _take(self, head: bytes, body: bytes) -> None:
        self._taken += 1
        path = head.split(b" ", 2)[1].decode()
        _, _, rest = path.partition("/v3/conversations/")
        answer = self._waiting.pop(unquote(rest.split("/")[0]), None)
        if answer is not None and not answer.done():
            answer.set_result(body)


async def tell_teams(
    client: Client, number: int, connector: Connector, service_url: str, expected: Callable[[int], list[str]]
) -> None:
    conversation, request = message(number, service_url)
    answer = connector.answer_in(conversation)
    status, _ = await client.ask(request)
    body = await asyncio.wait_for(answer, ANSWER_WITHIN)
    _check(status, body, expected(number))


async def measure(rounds: int, seconds: float) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        connector = Connector()
        url = await connector.start()

        async def server(name: str) -> int:
            arguments = ("--serve", name, "--folder", folder, "--platform", url)
            return await stack.enter_async_context(serving(*arguments))

        def slack(name: str, port: int, expected: Callable[[int], list[str]]) -> Contender:
            return Contender(name, port, lambda client, number: ask_slack(client, number, expected))

        def teams(name: str, port: int, expected: Callable[[int], list[str]]) -> Contender:
            return Contender(name, port, lambda client, number: tell_teams(client, number, connector, url, expected))

        in_slack = [
            slack("motokai", await server("motokai-slack"), finds),
            slack("bare_bolt", await server("bare-bolt"), lambda _: ["ok"]),
        ]
        await compete(in_slack, rounds=rounds, connections=CONNECTIONS, seconds=seconds)
        in_teams = [
            teams("motokai", await server("motokai-teams"), finds),
            teams("cloudadapter", await server("stock-cloudadapter"), lambda number: [f"Echo: find {surname(number)}"]),
        ]
        await compete(in_teams, rounds=rounds, connections=CONNECTIONS, seconds=seconds)
    return result({c.name: c.figures() for c in in_slack}, {c.name: c.figures() for c in in_teams})


def result(slack: dict[str, dict[str, float]], teams: dict[str, dict[str, float]]) -> dict[str, Any]:
    return {
        "benchmark": "inbound",
        "slack_ratio": round(slack["motokai"]["per_second"] / slack["bare_bolt"]["per_second"], 3),
        "slack_p50_ratio": round(slack["motokai"]["p50_ms"] / slack["bare_bolt"]["p50_ms"], 3),
        "teams_ratio": round(teams["motokai"]["per_second"] / teams["cloudadapter"]["per_second"], 2),
        "slack": slack,
        "teams": teams,
    }


def show(found: dict[str, Any]) -> None:
    slack, teams = found["slack"], found["teams"]
    print(table("Slack: /alumni find", {"Motokai": slack["motokai"], "bare Bolt": slack["bare_bolt"]}, CONNECTIONS))
    print(f"  {found['slack_ratio']} × its requests a second (goal ≥ 0.7),", end=" ")
    print(f"{found['slack_p50_ratio']} × its p50 at one connection (goal ≤ 0.15)\n")
    rows = {"Motokai": teams["motokai"], "stock CloudAdapter": teams["cloudadapter"]}
    print(table("Teams: find, until the answer has arrived", rows, CONNECTIONS))
    print(f"  {found['teams_ratio']} × its messages a second (goal ≥ 8)\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--quick", action="store_true", help="shorter rounds: for a rough look")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--platform", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serving = serve(chosen.serve, chosen.folder, chosen.platform)
        if chosen.serve.startswith("motokai"):
            process.run(serving)  # as `app.py serve` does
        else:
            asyncio.run(serving)
        return
    found = asyncio.run(measure(*((3, 0.7) if chosen.quick else (5, 2.0))))
    if not chosen.json:
        show(found)
    print(last_line(found))


if __name__ == "__main__":
    main()
