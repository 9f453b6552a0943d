"""A few lines of Slack's Web API on loopback, and an edge before a receiver that says what it is told to."""

import hashlib
import hmac
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.http import Http
from adapters.slack.app import SlackEdge, build_slack
from adapters.slack.outbound import SlackPlatform
from bot.ports import Inbound, Reply, Standing

SECRET = "a signing secret"


@dataclass
class FakeSlack:
    """Remembers every call; answers from `answers` in turn, and with a plain ok when there is none."""

    url: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[Callable[[web.Request], Awaitable[web.StreamResponse]]] = field(default_factory=list)

    def then(self, body: Any, status: int = 200, **headers: str) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.json_response(body, status=status, headers=headers)

        self.answers.append(answer)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        said = await request.json() if request.content_type == "application/json" else dict(await request.post())
        method = request.path.rsplit("/", 1)[-1]
        self.calls.append((method, said | {"_auth": request.headers.get("Authorization", "")}))
        if self.answers:
            return await self.answers.pop(0)(request)
        ok = {"ok": True, "channel": said.get("channel"), "ts": "1700000000.000100", "view": {"id": "V1"}}
        return web.json_response(ok)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    fake = FakeSlack()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", fake.serve)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/api/"))
        yield fake


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def platform(slack: FakeSlack, http: Http, session: aiohttp.ClientSession) -> SlackPlatform:
    return SlackPlatform(token="xoxb-1", http=http, session=session, api_url=slack.url)


@dataclass
class FakeReceiver:
    """Hears everything once; says `reply`, or raises `error`."""

    heard: list[Inbound] = field(default_factory=list)
    reply: Reply = field(default_factory=lambda: Reply(Standing.DONE))
    error: Exception | None = None

    async def __call__(self, inbound: Inbound) -> Reply:
        if any(inbound.key == one.key for one in self.heard):
            return Reply(Standing.DUPLICATE)
        self.heard.append(inbound)
        if self.error is not None:
            raise self.error
        return self.reply


@pytest.fixture
def receiver() -> FakeReceiver:
    return FakeReceiver()


@dataclass
class Caller:
    """Posts to the edge as Slack does, signed unless told otherwise."""

    client: TestClient[Any, Any]
    edge: SlackEdge

    async def post(
        self, body: bytes, content_type: str = "application/json", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        sent = {"Content-Type": content_type, **(sign(body) if headers is None else headers)}
        async with self.client.post("/slack/events", data=io.BytesIO(body), headers=sent) as response:
            return response.status, await response.text()

    async def json(self, payload: Any) -> tuple[int, str]:
        return await self.post(json.dumps(payload).encode())

    async def form(self, **fields: str) -> tuple[int, str]:
        return await self.post(urlencode(fields).encode(), "application/x-www-form-urlencoded")

    async def interaction(self, payload: Any) -> tuple[int, str]:
        return await self.form(payload=json.dumps(payload))


def sign(body: bytes, at: int | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


@pytest.fixture
def signed() -> Callable[..., dict[str, str]]:
    return sign


@pytest.fixture
async def caller(
    slack: FakeSlack, session: aiohttp.ClientSession, platform: SlackPlatform, receiver: FakeReceiver
) -> AsyncIterator[Caller]:
    edge = build_slack(
        signing_secret=SECRET,
        token="xoxb-1",
        api_url=slack.url,
        receiver=receiver,
        shortcuts={"/gigs": "gigs"},
        platform=platform,
        session=session,
        too_late=lambda locale: "That took too long; please try again.",
    )
    app = web.Application()
    app.add_routes(edge.routes())
    async with TestServer(app) as server, TestClient(server) as client:
        yield Caller(client, edge)
        await edge.stop()
