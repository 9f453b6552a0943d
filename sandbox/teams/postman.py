"""Carries activities to the bot as Teams does: signed, retried when slow, and wrong when asked to be."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import aiohttp

from sandbox.faults import Faults, Redeliver, Reorder

from .answered import Answered, RawRequest
from .issuer import Issuer
from .limits import INVOKE_SECONDS
from .shapes import invoke_id
from .tenant import Tenant


class Postman:
    """Delivers to `bot_url` over one shared session. `open()` before the first delivery."""

    def __init__(self, tenant: Tenant, faults: Faults, issuer: Issuer | None, bot_url: str) -> None:
        self.bot_url = bot_url
        self.invoke_timeout = INVOKE_SECONDS
        self.invoke_attempts = 2
        self.retry_with_new_id = False
        self.reorder_patience = 5.0
        self.sent: list[Answered] = []
        self._tenant = tenant
        self._faults = faults
        self._issuer = issuer
        self._held: list[asyncio.Event] = []
        self._http: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def deliver(self, activity: dict[str, Any]) -> Answered:
        """Deliver under the faults on order. A dead bot raises nothing: the answer says so."""
        fault = self._faults.take_outgoing(f"bot.{activity['type']}")
        if isinstance(fault, Reorder):
            await self._hold()
        answered = await self._attempts(activity)
        self.release()
        if isinstance(fault, Redeliver):
            repeats = [await self.send(answered.request, activity) for _ in range(fault.times)]
            answered = replace(answered, repeats=tuple(repeats))
        self._tenant.ring("sent", None, answered.id)
        return answered

    @property
    def is_holding(self) -> bool:
        """Whether `Reorder` holds something back."""
        return bool(self._held)

    def release(self) -> None:
        """Let what `Reorder` holds back be delivered now."""
        for held in self._held:
            held.set()

    async def resend(
        self, answered: Answered, *, times: int = 1, concurrently: bool = False, new_activity_id: bool = False
    ) -> list[Answered]:
        """Send the same bytes again; `new_activity_id` changes only the activity's id."""
        parcels = [self._again(answered, new_activity_id) for _ in range(times)]
        if concurrently:
            return list(await asyncio.gather(*(self.send(*parcel) for parcel in parcels)))
        return [await self.send(*parcel) for parcel in parcels]

    async def post_raw(
        self,
        body: bytes | str | dict[str, Any] | list[Any] = b"",
        *,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        token: str | None = None,
        url: str | None = None,
    ) -> Answered:
        """Send anything at all. JSON unless `headers` say otherwise; signed only with `token`."""
        raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else _encode(body)
        sent = dict(headers) if headers is not None else {"Content-Type": "application/json; charset=utf-8"}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return await self.send(RawRequest(method, url or self.bot_url, sent, raw), _activity(raw))

    async def send(self, request: RawRequest, activity: dict[str, Any]) -> Answered:
        """One HTTP request and what came of it, kept in `sent`."""
        answered = await self._exchange(request, activity)
        self.sent.append(answered)
        return answered

    async def _exchange(self, request: RawRequest, activity: dict[str, Any]) -> Answered:
        if self._http is None:
            raise RuntimeError("the practice Teams is not started: use `async with PracticeTeams()`")
        started = time.perf_counter()
        status, text, failure = 0, "", None
        try:
            async with self._http.request(
                request.method,
                request.url,
                data=request.body,
                headers=request.headers,
                timeout=aiohttp.ClientTimeout(total=self.invoke_timeout),
            ) as response:
                text = await response.text(errors="replace")
                status = response.status
        except TimeoutError:
            failure = f"no answer in {self.invoke_timeout:g} s"
        except aiohttp.ClientError as error:
            failure = f"{type(error).__name__}: {error}"
        return Answered(request, activity, status, _json(text), text, time.perf_counter() - started, failure=failure)

    async def _attempts(self, activity: dict[str, Any]) -> Answered:
        answered = await self.send(self._request(activity), activity)
        attempts, elapsed = 1, answered.elapsed
        most = self.invoke_attempts if activity["type"] == "invoke" else 1
        while attempts < most and (answered.failure or "").startswith("no answer"):
            request, activity = self._again(answered, self.retry_with_new_id)
            answered = await self.send(request, activity)
            attempts, elapsed = attempts + 1, elapsed + answered.elapsed
        return replace(answered, attempts=attempts, elapsed=elapsed) if attempts > 1 else answered

    async def _hold(self) -> None:
        gate = asyncio.Event()
        self._held.append(gate)
        try:
            await asyncio.wait_for(gate.wait(), self.reorder_patience)
        except TimeoutError:
            self._tenant.warnings.append("a delivery was held back and no other came to overtake it")
        finally:
            self._held.remove(gate)

    def _again(self, answered: Answered, new_activity_id: bool) -> tuple[RawRequest, dict[str, Any]]:
        if not new_activity_id:
            return answered.request, answered.activity
        activity = answered.activity | {"id": self._new_id(answered.activity)}
        return replace(answered.request, body=_encode(activity)), activity

    def _new_id(self, activity: dict[str, Any]) -> str:
        fresh = self._tenant.next_id() if activity.get("type") == "message" else invoke_id()
        conversation, _ = self._tenant.find((activity.get("conversation") or {}).get("id", ""))
        if conversation is not None:
            conversation.seen_ids.add(fresh)
        return fresh

    def _request(self, activity: dict[str, Any]) -> RawRequest:
        if not self.bot_url:
            raise RuntimeError("the practice Teams knows no bot: set teams.bot_url")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self._issuer is not None:
            headers["Authorization"] = self._issuer.header_for_bot(activity["serviceUrl"])
        return RawRequest("POST", self.bot_url, headers, _encode(activity))


def _encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _activity(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
