"""The connector's HTTP door: authentication, faults, JSON and the journal around every call."""

import json
import time

from aiohttp import web

from sandbox.faults import Faults, Incoming, RefusedWith, under

from .calls import Call, read_call
from .connector import Connector
from .errors import Refusal, bad_syntax, error_body, no_such_operation, unauthorized
from .issuer import Issuer
from .journal import Received

# Refusals that Teams always gives with the same status; anything else ordered without one is a 400.
STATUSES = {
    "BotNotInConversationRoster": 403,
    "MessageWritesBlocked": 403,
    "Forbidden": 403,
    "ConversationNotFound": 404,
    "ActivityNotFoundInConversation": 404,
    "MessageSizeTooBig": 413,
    "Unauthorized": 401,
    "ServiceError": 500,
}
FAULT_CODES = {"ratelimited": "TooManyRequests", "internal_error": "ServiceError"}


class Door:
    """Answers requests below the service URL."""

    def __init__(self, connector: Connector, faults: Faults, issuer: Issuer | None) -> None:
        self._connector = connector
        self._tenant = connector.tenant
        self._faults = faults
        self._issuer = issuer

    async def serve(self, request: web.Request) -> web.StreamResponse:
        raw_path = request.rel_url.raw_path.removeprefix("/teams")
        call = read_call(request.method, raw_path) or Call("unknown", request.method, raw_path)
        try:
            await self._fill(call, request)
        except Refusal as refusal:
            return self._journaled(call, _refused(refusal), refusal.code)
        fault = self._faults.take(call.operation)
        if fault is None:
            return self._run(call)
        return await self._under(fault, call, request)

    async def _fill(self, call: Call, request: web.Request) -> None:
        raw = await request.read()
        call.size = len(raw)
        if request.method == "GET":
            call.body = dict(request.query)
        elif raw:
            try:
                call.body = json.loads(raw)
            except ValueError:
                raise bad_syntax("The body is not JSON.") from None
        # After reading, so that the journal shows what an unauthorised bot wanted.
        if self._issuer is not None and not self._issuer.accepts(request.headers.get("Authorization")):
            raise unauthorized()
        if call.operation == "unknown":
            raise no_such_operation(call.method, call.path)

    def _run(self, call: Call) -> web.Response:
        try:
            status, body = self._connector.run(call)
        except Refusal as refusal:
            return self._journaled(call, _refused(refusal), refusal.code)
        answer_id = body.get("activityId") or body.get("id") if isinstance(body, dict) else None
        return self._journaled(call, _json(status, body), None, answer_id)

    async def _under(self, fault: Incoming, call: Call, request: web.Request) -> web.StreamResponse:
        if isinstance(fault, RefusedWith) and fault.status == 200:
            fault = RefusedWith(fault.error, STATUSES.get(fault.error, 400))
        call.fault = type(fault).__name__
        took_effect = False

        async def handler(_: web.Request) -> web.StreamResponse:
            nonlocal took_effect
            took_effect = True
            return self._run(call)

        response = await under(fault, request, handler, error_body=_fault_body)
        if not took_effect:
            self._record(call, 0, None, None)
        return response

    def _journaled(
        self, call: Call, response: web.Response, code: str | None, answer_id: str | None = None
    ) -> web.Response:
        self._record(call, response.status, code, answer_id)
        return response

    def _record(self, call: Call, status: int, code: str | None, answer_id: str | None) -> None:
        self._tenant.journal.append(
            Received(
                time.time(),
                call.method,
                call.operation,
                call.path,
                call.conversation_id,
                call.activity_id,
                call.body,
                status,
                code,
                answer_id,
                call.fault,
            )
        )
        self._tenant.ring("request", call.conversation_id, answer_id)


def _json(status: int, body: object) -> web.Response:
    if body is None:
        return web.Response(status=status)
    raw = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=raw, status=status, content_type="application/json", charset="utf-8")


def _refused(refusal: Refusal) -> web.Response:
    response = _json(refusal.status, error_body(refusal.code, refusal.message))
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _fault_body(code: str) -> dict[str, object]:
    return error_body(FAULT_CODES.get(code, code))
