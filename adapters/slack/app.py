"""The Slack edge: HTTP and Socket Mode → slack_bolt → the receiver → what goes back in the response."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from aiohttp import ClientSession, web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import inbound, render
from adapters.slack.guard import Guard, Unacceptable, body_of
from adapters.slack.outbound import SlackPlatform
from adapters.slack.socket import Socket
from bot.cards import Card, Form, Paragraph, Text
from bot.outcomes import Sent
from bot.ports import Inbound, Receiver, Reply, Standing

Json = dict[str, Any]
Parse = Callable[[Json], Inbound | None]
Answer = Callable[[Json, Inbound, Reply], Awaitable[BoltResponse]]
Serve = Callable[[Json], Awaitable[BoltResponse]]

PATH = "/slack/events"
COMMAND = "command"
"""The kind of a slash command, whose payload names none."""

log = structlog.get_logger(__name__)


class OwnTable(AsyncMiddleware):
    """Answers each kind of payload by one table, and leaves other kinds to Bolt, where nobody listens.

    It stands among Bolt's middleware and not its listeners, since Bolt tries those one by one and builds thirty
    arguments for each: half of what a command costs.
    """

    def __init__(self, kinds: Mapping[str, Serve]) -> None:
        self._kinds = kinds

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        serve = self._kinds.get(req.body.get("type") or (COMMAND if "command" in req.body else ""))
        return await serve(req.body) if serve else await next()


class SlackEdge:
    """One Slack app. `handle` serves HTTP; Socket Mode runs beside it or instead."""

    def __init__(
        self,
        *,
        guard: Guard,
        bolt: AsyncApp,
        receiver: Receiver,
        shortcuts: Mapping[str, str],
        platform: SlackPlatform,
        too_late: Callable[[str], str],
        api_url: str,
    ) -> None:
        self._guard = guard
        self._bolt = bolt
        self._receiver = receiver
        self._shortcuts = shortcuts
        self._platform = platform
        self._too_late = too_late
        self._api_url = api_url
        self._background: set[asyncio.Task[None]] = set()
        self._socket: Socket | None = None
        self._listen()

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one HTTP request: never a 500 but where the receiver failed, which Slack then repeats."""
        try:
            body = await body_of(request)
            payload = self._guard.payload(request.headers, request.content_type, body)
            answer = await self._dispatch(payload)
        except Unacceptable as refusal:
            log.info("slack_request_refused", status=refusal.status, why=str(refusal))
            return web.Response(status=refusal.status, text=str(refusal))
        kind = "application/json" if answer.body.startswith("{") else "text/plain"
        return web.Response(status=answer.status, text=answer.body, content_type=kind)

    async def start_socket_mode(self, app_token: str) -> None:
        """Begin to connect and stay connected; returns at once. Call `stop` before the loop ends."""
        if self._socket is None:
            self._socket = Socket(self._bolt, app_token)
            self._socket.start()

    async def stop(self) -> None:
        """Close the socket, if any, and let the last words in the background be said."""
        if self._socket is not None:
            await self._socket.stop()
            self._socket = None
        if self._background:
            await asyncio.wait(self._background, timeout=5)

    async def _dispatch(self, payload: Json) -> BoltResponse:
        """Verified and parsed already, as what comes over a socket is; so both take one way from here.

        What Bolt raises is about a payload without its parts: `_serve` lets nothing of ours through.
        """
        try:
            return await self._bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=payload))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise Unacceptable(400, "The request lacks what Slack always sends.") from None

    def _listen(self) -> None:
        self._bolt.use(
            OwnTable(
                {
                    "event_callback": partial(self._serve, self._event, _to_event),
                    "block_actions": partial(self._serve, inbound.from_action, self._to_action),
                    "message_action": partial(self._serve, inbound.from_shortcut, self._to_action),
                    "view_submission": partial(self._serve, inbound.from_submission, _to_submission),
                    COMMAND: partial(self._serve, self._command, self._to_command),
                }
            )
        )

        @self._bolt.error
        async def _(error: Exception) -> BoltResponse:
            """Only what fails in Bolt itself comes here; `_serve` keeps its own failures."""
            if isinstance(error, BoltUnhandledRequestError):
                return BoltResponse(status=200, body="")
            log.info("slack_request_refused", status=400, why=repr(error))
            return BoltResponse(status=400, body="The request cannot be read.")

    def _event(self, body: Json) -> Inbound | None:
        return inbound.from_event(body, self._api_url)

    def _command(self, body: Json) -> Inbound:
        return inbound.from_command(body, self._shortcuts)

    async def _serve(self, parse: Parse, answer: Answer, body: Json) -> BoltResponse:
        try:
            said = parse(body)
        except ValueError as error:
            log.info("slack_request_refused", status=400, why=str(error))
            return BoltResponse(status=400, body=str(error))
        try:
            if said is None:
                return BoltResponse(status=200, body="")
            reply = await self._receiver(said)
            match reply.standing:
                case Standing.FOREIGN:
                    return BoltResponse(status=403, body="This workspace is not linked to a company here.")
                case Standing.DUPLICATE:
                    return BoltResponse(status=200, body="")
                case Standing.DONE:
                    return await answer(body, said, reply)
        except Exception:
            log.exception("slack_request_failed", payload_type=body.get("type", "command"))
            return BoltResponse(status=500, body="")

    async def _to_command(self, body: Json, said: Inbound, reply: Reply) -> BoltResponse:
        content = reply.content
        if isinstance(content, Form):
            if await self._opened(body, content):
                return BoltResponse(status=200, body="")
            content = self._sorry(said)
        if content is None:
            return BoltResponse(status=200, body="")
        if self._socket is not None and isinstance(content, Card):
            # Slack, which need not reach us here, would refuse the answer with a picture of ours, and tell only them.
            content = replace(content, picture=None)
        return BoltResponse(status=200, body=render.encode({"response_type": "ephemeral", **render.message(content)}))

    async def _to_action(self, body: Json, said: Inbound, reply: Reply) -> BoltResponse:
        """A form opens at once, and another page of the pressed card takes its place. Other cards are the ledger's to
        deliver: this response has no room for one."""
        match reply.content:
            case Form() as form if not await self._opened(body, form):
                self._respond(body, self._sorry(said))
            case Card() as page if reply.in_place:
                self._respond(body, page, replace=True)
            case _:
                pass
        return BoltResponse(status=200, body="")

    async def _opened(self, body: Json, form: Form) -> bool:
        outcome = await self._platform.open_view(str(body.get("trigger_id", "")), render.modal(form))
        if isinstance(outcome, Sent):
            return True
        log.warning("slack_form_not_opened", verb=form.verb, outcome=repr(outcome))
        return False

    def _respond(self, body: Json, card: Card, *, replace: bool = False) -> None:
        url = body.get("response_url")
        if isinstance(url, str) and url:
            task = asyncio.create_task(self._platform.respond(url, card, replace=replace))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    def _sorry(self, said: Inbound) -> Card:
        sentence = self._too_late(said.speaker.locale)
        return Card(title="", summary=sentence, blocks=(Paragraph((Text(sentence),)),))


class _OneInstallation(AsyncAuthorize):
    """The one token, without asking Slack: Bolt's own ways call auth.test, some of them for each request."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None, **_: Any
    ) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=self._token)


def build_slack(
    *,
    signing_secret: str,
    token: str,
    api_url: str,
    receiver: Receiver,
    shortcuts: Mapping[str, str],
    platform: SlackPlatform,
    session: ClientSession,
    too_late: Callable[[str], str],
) -> SlackEdge:
    """The edge for one installed app.

    `shortcuts` maps a further command to its verb ("/gigs" → "gigs"). `too_late` gives, for a locale, the
    sentence for a person whose form could not be opened in time.
    """
    quiet = logging.getLogger("slack_bolt.motokai")
    quiet.setLevel(logging.ERROR)
    bolt = AsyncApp(
        name="slack_bolt.app",  # also the name of a logger whose level Bolt sets
        logger=quiet,
        client=AsyncWebClient(base_url=api_url.rstrip("/") + "/", session=session, retry_handlers=[], logger=quiet),
        authorize=_OneInstallation(token),
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    return SlackEdge(
        guard=Guard(signing_secret),
        bolt=bolt,
        receiver=receiver,
        shortcuts=shortcuts,
        platform=platform,
        too_late=too_late,
        api_url=api_url,
    )


async def _to_event(body: Json, said: Inbound, reply: Reply) -> BoltResponse:
    return BoltResponse(status=200, body="")


async def _to_submission(body: Json, said: Inbound, reply: Reply) -> BoltResponse:
    """What becomes of the modal: errors at its fields, its next shape, a last word, or nothing more."""
    match reply.content:
        case Form() as form if (found := render.errors(form)) and (form.verb, form.args) == (said.verb, said.args):
            answer: Json = {"response_action": "errors", "errors": found}
        case Form() as form:
            answer = {"response_action": "update", "view": render.modal(form)}
        case Card() as card:  # a refusal stands on top of the form, where what was typed is kept
            keeps = reply.notice and not reply.done
            answer = {"response_action": "push" if keeps else "update", "view": render.closing(card)}
        case None:
            answer = {"response_action": "clear"}
    return BoltResponse(status=200, body=render.encode(answer))
