"""The front door of the Web API: arguments, token, scopes, limits, then the method; all written down."""

import json
from collections.abc import Callable

from aiohttp import web

from sandbox.faults import Faults, under
from sandbox.slack.methods import METHODS
from sandbox.slack.methods.method import ApiError, Request
from sandbox.slack.pacing import Pacing
from sandbox.slack.records import ApiCall, Json
from sandbox.slack.workspace import Workspace

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class WebApi:
    """Answers /api/<method> as Slack does."""

    def __init__(
        self,
        workspace: Workspace,
        faults: Faults,
        token: str,
        app_token: str,
        scopes: frozenset[str],
        *,
        pacing: Pacing | None,
        validate: bool,
        socket_url: Callable[[], str],
    ) -> None:
        self.workspace, self.faults = workspace, faults
        self.token, self.app_token, self.scopes = token, app_token, scopes
        self.pacing, self.validate = pacing, validate
        self.token_error: str | None = None
        self._socket_url = socket_url

    async def answer(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        """One API request from its first byte to its answer."""
        fault = self.faults.take(method)
        try:
            args = await arguments(request)
        except ApiError as error:
            return respond(error.body)
        call = ApiCall(method, args, self.workspace.clock(), fault=fault)
        self.workspace.journal.append(call)

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            wait = 0
            try:
                if self.pacing:
                    wait = self.pacing.retry_after(method, self._lane(args))
                call.result = {"ok": False, "error": "ratelimited"} if wait else self._run(request, method, args)
            except ApiError as error:
                call.result = error.body
            return respond(call.result, retry_after=wait)

        response = await under(fault, request, handle)
        self.workspace.changed("call", call)
        return response

    def _lane(self, args: Json) -> str:
        """The conversation whose limit counts; a person and their DM are the same one."""
        channel = str(args.get("channel", ""))
        return f"D{channel[1:]}" if channel in self.workspace.users else channel

    def _run(self, request: web.BaseRequest, method: str, args: Json) -> Json:
        known = METHODS.get(method)
        if known is None and method != "apps.connections.open":
            raise ApiError("unknown_method", req_method=method)
        self._authorise(request, args, app_level=known is None)
        if known is None:
            return {"ok": True, "url": self._socket_url()}
        asked = Request(args, self.workspace, self.scopes, self.validate)
        if known.scopes:
            asked.scope(*known.scopes)
        return known.handle(asked)

    def _authorise(self, request: web.BaseRequest, args: Json, *, app_level: bool) -> None:
        header = request.headers.get("Authorization", "")
        given = header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else args.get("token", "")
        if not given:
            raise ApiError("not_authed")
        if given not in (self.token, self.app_token):
            raise ApiError("invalid_auth")
        if (given == self.app_token) != app_level:
            raise ApiError("not_allowed_token_type")
        if self.token_error:
            raise ApiError(self.token_error)


async def arguments(request: web.BaseRequest) -> Json:
    """The arguments of a request from its query and its JSON or form body."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        try:
            given = json.loads(body) if body else {}
        except ValueError:
            raise ApiError("invalid_json") from None
        if not isinstance(given, dict):
            raise ApiError("json_not_object")
        args |= given
    elif request.method == "POST":
        args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return args


def respond(body: Json, *, retry_after: int = 0) -> web.Response:
    """Slack's answer: 200 and JSON whatever it says, except when the caller was too fast."""
    raw = _dumps(body).encode()
    if not retry_after:
        return web.Response(body=raw, content_type="application/json", charset="utf-8")
    headers = {"Retry-After": str(retry_after)}
    return web.Response(body=raw, status=429, content_type="application/json", headers=headers)
