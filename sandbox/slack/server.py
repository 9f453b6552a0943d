"""The practice Slack itself: one server, one workspace, one bot."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Self, TypeVar

import aiohttp
from aiohttp import web

from sandbox.faults import Faults, under
from sandbox.outage import Listening
from sandbox.slack import limits as _limits
from sandbox.slack.answered import Answered, RawRequest
from sandbox.slack.courier import Courier, Paths
from sandbox.slack.events import Events
from sandbox.slack.methods.method import ApiError
from sandbox.slack.pacing import Pacing
from sandbox.slack.person import Person
from sandbox.slack.records import ApiCall, User
from sandbox.slack.responding import show, spend
from sandbox.slack.signing import signature
from sandbox.slack.sockets import Sockets
from sandbox.slack.webapi import WebApi, arguments, respond
from sandbox.slack.workspace import Workspace

T = TypeVar("T")
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

DEFAULT_SCOPES = (
    "commands",
    "chat:write",
    "files:read",
    "im:write",
    "im:history",
    "links:read",
    "links:write",
    "users:read",
    "users:read.email",
    "team:read",
)


class PracticeSlack:
    """Slack on loopback towards one bot. Use as `async with PracticeSlack() as slack:`.

    `limits` enforces Slack's rate limits and counts who broke them in `pacing.violations`;
    `validate=False` skips the checks of blocks and views; `socket_mode` delivers over the bot's socket.
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        *,
        bot_url: str = "",
        paths: Paths | None = None,
        scopes: Iterable[str] = DEFAULT_SCOPES,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = "xoxb-practice-bot",
        app_token: str = "xapp-practice-app",
        signing_secret: str = "practice-signing-secret",
        limits: bool = False,
        pacing: Pacing | None = None,
        validate: bool = True,
        socket_mode: bool = False,
        retry_delays: tuple[float, ...] = (0.1, 0.2, 0.4),
        ack_within: float | None = None,
        unfurl_domains: Iterable[str] = (),
    ) -> None:
        self.workspace = workspace or Workspace()
        self.faults = Faults()
        self.token, self.app_token, self.signing_secret = token, app_token, signing_secret
        self.listening = Listening(host, port)
        self.pacing = pacing or (Pacing() if limits else None)
        self.sockets = Sockets(self.workspace)
        self.courier = Courier(
            self.faults,
            self.sockets,
            signing_secret,
            bot_url,
            paths or Paths(),
            socket_mode,
            retry_delays,
            _limits.ACK_SECONDS if ack_within is None else ack_within,
        )
        granted = frozenset(scopes)
        self.api = WebApi(
            self.workspace,
            self.faults,
            token,
            app_token,
            granted,
            pacing=self.pacing,
            validate=validate,
            socket_url=lambda: f"ws://{self.host}:{self.port}/link?ticket={self.sockets.ticket()}",
        )
        self.events = Events(self.workspace, self.courier, granted, frozenset(unfurl_domains))
        self._mounts: dict[str, Handler] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; with port 0 on a free port, which is then in `port`."""
        self.courier.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.2)
        await runner.setup()
        await self.listening.start(runner)
        self.workspace.files_url = f"http://{self.host}:{self.port}/"

    async def stop(self) -> None:
        """Close every socket and stop listening."""
        for socket in list(self.sockets.open):
            await socket.close()
        await self.listening.stop()
        if self.courier.session:
            await self.courier.session.close()

    @property
    def host(self) -> str:
        return self.listening.host

    @property
    def port(self) -> int:
        return self.listening.port

    @property
    def url(self) -> str:
        """What the bot's SLACK_API_URL has to be."""
        return f"http://{self.host}:{self.port}/api/"

    @property
    def bot_url(self) -> str:
        """Where the bot is, without a path."""
        return self.courier.bot_url

    @bot_url.setter
    def bot_url(self, url: str) -> None:
        self.courier.bot_url = url

    def as_user(self, user_id: str) -> Person:
        """Act as this person. Raises KeyError when there is none."""
        return Person(self.workspace, self.courier, self.events, self.workspace.users[user_id], self._response_url)

    def mount(self, prefix: str, handler: Handler) -> None:
        """Serve something else under a path, such as a page to look at the workspace."""
        self._mounts[prefix] = handler

    async def until(self, predicate: Callable[[Workspace], T], timeout: float = 30) -> T:  # noqa: ASYNC109
        """See `Workspace.until`."""
        return await self.workspace.until(predicate, timeout)

    # hostile and repeated traffic

    def sign(self, body: bytes, timestamp: int | str) -> str:
        """The signature Slack would give this body at this time."""
        return signature(self.signing_secret, str(timestamp), body)

    async def post_raw(
        self, body: bytes, headers: dict[str, str], *, path: str | None = None, method: str = "POST"
    ) -> Answered:
        """Send any bytes with exactly these headers to the bot."""
        target = self.bot_url.rstrip("/") + (self.courier.paths.events if path is None else path)
        return await self.courier.send("raw", RawRequest(method, target, headers, body))

    async def resend(self, answered: Answered, times: int = 1, *, concurrently: bool = False) -> list[Answered]:
        """Send the very same bytes again, one after another or all at once."""
        if answered.request is None:
            raise ValueError("nothing was sent, so there is nothing to send again")
        sends = [self.courier.send(answered.name, answered.request) for _ in range(times)]
        return list(await asyncio.gather(*sends)) if concurrently else [await send for send in sends]

    async def url_verification(self) -> Answered:
        """Slack's first question to a request URL."""
        return await self.events.url_verification()

    async def join_team(self, user: User) -> Answered:
        """Somebody new joins the workspace."""
        self.workspace.users[user.id] = user
        return await self.events.team_join(user)

    async def release_held(self) -> None:
        """Deliver what `Reorder` holds back."""
        await self.courier.release()

    # the server

    def _response_url(self, key: str) -> str:
        return f"http://{self.host}:{self.port}/response/{key}"

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/api/"):
            return await self.api.answer(request, path[5:])
        if path.startswith("/response/"):
            return await self._respond(request, path[10:])
        if path.startswith("/files-pri/"):
            return await self._file(request, path)
        if path == "/link":
            return await self.sockets.serve(request)
        for prefix, handler in self._mounts.items():
            if path.startswith(prefix):
                return await handler(request)
        return web.Response(status=404)

    async def _file(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Whoever may not read it is led to a page for logging in. Faults are ordered on `files.download`."""
        upload = self.workspace.uploads.get(path.split("/")[2].partition("-")[2])
        fault = self.faults.take("files.download")
        self.workspace.journal.append(ApiCall("files.download", {"path": path}, self.workspace.clock(), fault=fault))

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if upload is None:
                return web.Response(status=404)
            if request.headers.get("Authorization") != f"Bearer {self.token}" or "files:read" not in self.api.scopes:
                return web.Response(status=302, headers={"Location": "https://slack.com/?redir=files"})
            return web.Response(body=upload.body, content_type="application/octet-stream")

        return await under(fault, request, handle)

    async def _respond(self, request: web.BaseRequest, key: str) -> web.StreamResponse:
        fault = self.faults.take("response_url")
        try:
            args = await arguments(request)
        except ApiError as error:
            return web.json_response(error.body, status=400)
        call = ApiCall("response_url", args | {"key": key}, self.workspace.clock(), fault=fault)
        self.workspace.journal.append(call)

        async def handle(_: web.BaseRequest) -> web.StreamResponse:
            try:
                show(self.workspace, spend(self.workspace, key), args, validate=self.api.validate)
            except ApiError as error:
                call.result = error.body
                return web.json_response(error.body, status=404 if "url" in error.body["error"] else 400)
            call.result = {"ok": True}
            return respond(call.result)

        response = await under(fault, request, handle)
        self.workspace.changed("call", call)
        return response
