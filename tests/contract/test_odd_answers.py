"""No answer whatever makes a platform raise or repeat a request: one request leaves, one outcome comes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.http import Http
from adapters.slack import ids as slack_ids
from adapters.slack.outbound import SlackPlatform
from adapters.teams.ids import Address, MessageRef
from adapters.teams.outbound import TeamsPlatform
from bot.outcomes import Refused, Sent, Throttled, Unconfirmed
from bot.ports import Finds, Message, Platform
from tests.contract.conftest import card

BODIES = [
    b"",
    b"<html>Bad gateway</html>",
    b"null",
    b"[]",
    b'"ok"',
    b"{}",
    b"\xff\xfe\x00",
    b'{"ok": true}',
    b'{"ok": true, "channel": 5, "ts": null}',
    b'{"ok": "yes", "channel": "D1", "ts": "1.2"}',
    b'{"ok": true, "channel": "D\\ud800", "ts": "1.2"}',
    b'{"ok": false, "error": 7}',
    b'{"ok": false, "error": "never_heard_of"}',
    b'{"ok": false, "error": "\\u0000\\ud800", "response_metadata": {"messages": 5}}',
    b'{"ok": false, "error": "invalid_blocks", "response_metadata": [1]}',
    b'{"id": 5}',
    b'{"id": ""}',
    b'{"error": {"code": ["x"], "message": {"y": 1}}}',
    b'{"error": "x", "message": null}',
    b"[" * 100_000,
]
HEADERS = [
    {},
    {"Retry-After": "soon"},
    {"Retry-After": "-5"},
    {"Retry-After": "1e400"},
    {"Retry-After": "nan"},
    {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"},
    {"Location": "http://127.0.0.1:1/", "Content-Type": "application/json; charset=nonsense"},
]
STATUSES = [s for s in range(200, 600) if s not in (204, 304)]


@dataclass
class Odd:
    """A server that answers whatever it is told to."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] | None = None
    asked: int = 0

    async def serve(self, request: web.Request) -> web.Response:
        await request.read()
        self.asked += 1
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest.fixture
async def odd() -> AsyncIterator[Odd]:
    server = Odd()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.serve)
    async with TestServer(app) as running:
        server.url = str(running.make_url("/"))
        yield server


@pytest.fixture(params=["slack", "teams"])
def speaks(
    request: pytest.FixtureRequest, odd: Odd, http: Http, session: aiohttp.ClientSession
) -> tuple[Platform, Message, str]:
    if request.param == "slack":
        platform = SlackPlatform(token="xoxb-1", http=http, session=session, api_url=odd.url)
        address = slack_ids.pack(slack_ids.User("T1", "U1"))
        ref = slack_ids.pack(slack_ids.Message("T1", "D1", "1.2"))
        return platform, Message(1, address, card(), "en"), ref
    reference = {"serviceUrl": odd.url, "conversation": {"conversationType": "personal"}}
    message = Message(1, Address("t", "a:1").pack(), card(), "en", reference=reference)
    return TeamsPlatform(http, session, None), message, MessageRef("t", "a:1", "5").pack()


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:40]))
async def test_every_status_with_this_body_is_one_request_and_one_outcome(
    odd: Odd, speaks: tuple[Platform, Message, str], body: bytes
) -> None:
    platform, message, ref = speaks
    odd.body = body
    for number, status in enumerate(STATUSES):
        if body is not BODIES[5] and status % 100 > 35:
            continue  # the unusual codes, with one body
        odd.status, odd.headers, odd.asked = status, HEADERS[number % len(HEADERS)], 0
        outcomes = [await platform.send(message), await platform.edit(message, ref)]
        assert odd.asked == 2, f"{status}: {odd.asked} requests"
        now = datetime.now(UTC)
        for outcome in outcomes:
            match outcome:
                case Throttled(until):
                    assert -1 <= (until - now).total_seconds() <= 3600
                case Sent() | Refused():  # a server's own failure says nothing about the message
                    assert status < 500, (status, outcome)
                case Unconfirmed():
                    pass
        if isinstance(platform, Finds):
            assert isinstance(await platform.find(message, now), Sent | Throttled | Unconfirmed | Refused)


async def test_an_id_that_is_no_text_is_no_ref(odd: Odd, http: Http, session: aiohttp.ClientSession) -> None:
    odd.status, odd.body = 201, b'{"id": "\\ud800"}'
    reference = {"serviceUrl": odd.url, "conversation": {"conversationType": "personal"}}
    message = Message(1, Address("t", "a:1").pack(), card(), "en", reference=reference)
    assert isinstance(await TeamsPlatform(http, session, None).send(message), Unconfirmed)
