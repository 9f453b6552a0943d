"""Deliveries to the bot: signed, timed, retried as Slack retries, and spoiled where a fault was ordered."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from sandbox.faults import Faults, Redeliver, Reorder
from sandbox.slack.answered import Answered, RawRequest
from sandbox.slack.limits import ACK_SECONDS
from sandbox.slack.records import Json
from sandbox.slack.signing import signature
from sandbox.slack.sockets import Sockets, envelope

REAL_RETRY_DELAYS = (0.0, 60.0, 300.0)
_FORM = "application/x-www-form-urlencoded"
_REDELIVERED = "http_timeout"


@dataclass(frozen=True)
class Paths:
    """Where the bot listens."""

    events: str = "/slack/events"
    commands: str = "/slack/events"
    interactivity: str = "/slack/events"


@dataclass
class Courier:
    """Brings things to the bot, over HTTP or (`socket_mode`) over its socket.

    Events are retried after each of `retry_delays` when not acknowledged within `ack_within` seconds;
    commands and interactions are not, as in Slack.
    """

    faults: Faults
    sockets: Sockets
    signing_secret: str
    bot_url: str = ""
    paths: Paths = Paths()
    socket_mode: bool = False
    retry_delays: tuple[float, ...] = (0.1, 0.2, 0.4)
    ack_within: float = ACK_SECONDS
    session: aiohttp.ClientSession | None = None

    def __post_init__(self) -> None:
        self._held: list[Callable[[], Awaitable[object]]] = []

    async def deliver(
        self, kind: str, name: str, payload: Json, then: Callable[[Answered], None] | None = None
    ) -> Answered:
        """Deliver one thing, under any outgoing fault ordered for `name`; `then` acts on the answer."""
        fault = self.faults.take_outgoing(name)

        async def go() -> Answered:
            answered = await self._attempts(kind, name, payload)
            if then:
                then(answered)
            if isinstance(fault, Redeliver):
                for i in range(fault.times):
                    again = await self._again(answered, kind, payload, i + 1)
                    answered.attempts.append(again)
            return answered

        if isinstance(fault, Reorder):
            self._held.append(go)
            return Answered(name, held=True, payload=payload)
        answered = await go()
        await self.release()
        return answered

    @property
    def is_holding(self) -> bool:
        """Whether `Reorder` holds something back."""
        return bool(self._held)

    async def release(self) -> None:
        """Deliver what `Reorder` holds back, without waiting for a next delivery."""
        held, self._held = self._held, []
        for go in held:
            await go()

    async def _attempts(self, kind: str, name: str, payload: Json) -> Answered:
        made: list[Answered] = []
        retries = self.retry_delays if kind == "event" else ()
        for i, delay in enumerate((0.0, *retries)):
            if i:
                await asyncio.sleep(delay)
            reason = made[-1].error or "http_error" if made else ""
            answered = await self.send(name, self._raw(kind, payload, i, reason))
            made.append(answered)
            if answered.ok or answered.headers.get("X-Slack-No-Retry") == "1":
                break
        made[-1].attempts, made[-1].payload = made[:], payload
        return made[-1]

    async def _again(self, first: Answered, kind: str, payload: Json, number: int) -> Answered:
        if kind == "event" or first.request is None:
            return await self.send(first.name, self._raw(kind, payload, number, _REDELIVERED))
        return await self.send(first.name, first.request)

    def _raw(self, kind: str, payload: Json, attempt: int, reason: str) -> RawRequest:
        if self.socket_mode:
            return RawRequest("SOCKET", "", {}, envelope(kind, payload, attempt, reason))
        retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        dumped = json.dumps(payload, ensure_ascii=False)
        match kind:
            case "event":
                return self.signed(self.paths.events, dumped.encode(), "application/json", retry)
            case "command":
                return self.signed(self.paths.commands, urlencode(payload).encode(), _FORM, retry)
            case _:
                form = urlencode({"payload": dumped}).encode()
                return self.signed(self.paths.interactivity, form, _FORM, retry)

    def signed(
        self,
        path: str,
        body: bytes,
        content_type: str,
        more: dict[str, str] | None = None,
        timestamp: int | str | None = None,
    ) -> RawRequest:
        """A request as Slack signs it, now or at a given time."""
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(self.signing_secret, stamp, body),
            **(more or {}),
        }
        return RawRequest("POST", self.bot_url.rstrip("/") + path, headers, body)

    async def send(self, name: str, raw: RawRequest) -> Answered:
        """Send exactly these bytes once and wait for the answer as long as Slack does. Raises nothing."""
        answered = Answered(name, raw)
        began = time.perf_counter()
        try:
            if raw.method == "SOCKET":
                answered.body = await self.sockets.send(raw.body, self.ack_within)
                answered.status = 200
            else:
                await self._post(raw, answered)
        except TimeoutError:
            answered.error = "http_timeout"
        except (aiohttp.ClientError, ConnectionError):
            answered.error = "connection_failed"
        answered.elapsed = time.perf_counter() - began
        return answered

    async def _post(self, raw: RawRequest, answered: Answered) -> None:
        if self.session is None:
            raise RuntimeError("the practice Slack is not started: use `async with` or await start()")
        timeout = aiohttp.ClientTimeout(total=self.ack_within)
        async with self.session.request(
            raw.method, raw.url, data=raw.body, headers=raw.headers, timeout=timeout, allow_redirects=False
        ) as response:
            body = await response.read()
            answered.status, answered.body = response.status, body
            answered.headers = dict(response.headers)
