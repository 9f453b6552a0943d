"""Teams as the composition root sees it: one HTTP endpoint in, one Platform out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from adapters.http import Http
from adapters.teams.auth import Caller, Unauthorized, Verifier
from adapters.teams.authority import PUBLIC, Authority
from adapters.teams.inbound import tenant_of
from adapters.teams.invokes import Answering
from adapters.teams.keys import SigningKeys
from adapters.teams.outbound import PACE, TeamsPlatform
from adapters.teams.render import encode
from adapters.teams.tokens import TokenSource
from adapters.teams.turns import Listener, TeamsAdapter, Turned
from bot.ports import Pace, Receiver

PATH = "/api/messages"
BODY_LIMIT = 1024 * 1024

log = structlog.get_logger("teams")


@dataclass(frozen=True, slots=True)
class TeamsEdge:
    """What to mount (`routes`), what to send with (`platform`), and botbuilder's adapter (for middleware)."""

    endpoint: "Endpoint"
    platform: TeamsPlatform
    adapter: TeamsAdapter

    @property
    def routes(self) -> list[web.RouteDef]:
        """The routes of the web application; other methods on the same path answer 405."""
        return [web.post(PATH, self.endpoint.handle)]


def build_teams(
    *,
    app_id: str,
    password: str,
    receiver: Receiver,
    http: Http,
    session: aiohttp.ClientSession,
    authority: Authority = PUBLIC,
    auth_required: bool = True,
    tenant_id: str = "",
    pace: Pace = PACE,
    done: str = "✓",
) -> TeamsEdge:
    """The Teams edge. `http` and `session` are shared by everything and closed by the caller. With `tenant_id`,
    requests from other tenants are refused. Without `auth_required` (loopback only) nothing is verified or signed."""
    verifier = tokens = None
    if auth_required:
        verifier = Verifier(authority, app_id, SigningKeys(authority.metadata_url, session))
        tokens = TokenSource(authority, app_id, password, session)
    platform = TeamsPlatform(http, session, tokens, pace=pace, files_at=authority.files_at)
    adapter = TeamsAdapter(Listener(receiver, Answering(done)))
    return TeamsEdge(Endpoint(adapter, verifier, tenant_id), platform, adapter)


class Endpoint:
    """`POST /api/messages`. A bad request gets its 4xx; only our own failure is a 500, to be retried."""

    def __init__(self, adapter: TeamsAdapter, verifier: Verifier | None, tenant_id: str) -> None:
        self._adapter = adapter
        self._verifier = verifier
        self._tenant_id = tenant_id.lower()

    async def handle(self, request: web.Request) -> web.Response:
        """The aiohttp handler."""
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        try:
            caller = await self._caller(request)
            payload = decode(await _read(request))
            if caller:
                caller.check(payload)
        except Unauthorized as error:
            log.warning("teams.unauthorized", reason=str(error))
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        if self._tenant_id and tenant_of(payload).lower() != self._tenant_id:
            return web.Response(status=403)
        return await self._turn(payload, caller)

    async def _caller(self, request: web.Request) -> Caller | None:
        if self._verifier is None:
            return None
        return await self._verifier.caller(request.headers.get("Authorization", ""))

    async def _turn(self, payload: Mapping[str, Any], caller: Caller | None) -> web.Response:
        try:
            turned = await self._adapter.process_activity(payload, caller.claims if caller else {})
        except Exception:
            log.exception("teams.turn_failed", type=payload.get("type"), activity=payload.get("id"))
            return web.Response(status=500)
        return _response(turned)


def decode(body: bytes) -> dict[str, Any]:
    """The activity in `body`, without the characters no database or JSON writer takes. HTTPBadRequest when it
    is no JSON object."""
    try:
        value = json.loads(body)
        payload = _scrubbed(value) if b"\\u" in body else value
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest(text="The body is not JSON.") from error
    if not isinstance(payload, dict) or not isinstance(payload.get("type"), str):
        raise web.HTTPBadRequest(text="The body is not an activity.")
    return payload


async def _read(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send application/json.")
    body = bytearray()
    _check_size(request.content_length or 0)
    try:
        async for part in request.content.iter_any():
            body += part
            _check_size(len(body))
    except (web.RequestPayloadError, BadHttpMessage) as error:
        raise web.HTTPBadRequest(text="The body is not what its Content-Encoding says.") from error
    return bytes(body)


def _check_size(length: int) -> None:
    if length > BODY_LIMIT:
        raise web.HTTPRequestEntityTooLarge(max_size=BODY_LIMIT, actual_size=length)


def _scrubbed(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "ignore").decode()
        case list():
            return [_scrubbed(item) for item in value]
        case dict():
            return {_scrubbed(name): _scrubbed(item) for name, item in value.items()}
        case _:
            return value


def _response(turned: Turned) -> web.Response:
    if turned.foreign:
        return web.Response(status=403)
    if turned.response is None:
        return web.Response(status=200)
    if turned.response.body is None:
        return web.Response(status=turned.response.status)
    return web.Response(
        status=turned.response.status, body=encode(turned.response.body), content_type="application/json"
    )
