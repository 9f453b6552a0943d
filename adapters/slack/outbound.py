"""SlackPlatform: bot.ports.Platform, Finds, Deletes, Introduces and Fetches over the Web API.

Requests are plain JSON over one shared session: slack_sdk's client leaves a shared session's timeout alone
and retries by default, and here each request is sent once, for ten seconds at most.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson
from yarl import URL

from adapters import files
from adapters.http import TIMEOUT, Answer, Http, NoAnswer, NotAnAddress, NotConnected
from adapters.slack import errors, ids, profiles, render
from bot.cards import Card, Content, Form
from bot.outcomes import Outcome, Reason, Refused, Sent, Throttled, Unconfirmed
from bot.ports import Message, NotFetched, Pace, Profile

Json = dict[str, Any]

API_URL = "https://slack.com/api/"
FILES = "https://files.slack.com"
"""Where Slack keeps what people upload."""
DELIVERY_EVENT = "motokai_delivery"
# A trigger_id lives 3 s, and the same 3 s are all there is for the acknowledgement that waits for it.
TRIGGER_TIMEOUT = 2.0
JSON = {"Content-Type": "application/json; charset=utf-8"}
BURST = 8
PAGE = 100
PAGES = 5
# Slack's clock and ours need not agree.
CLOCK_SKEW = timedelta(seconds=60)
# Nothing is looked for in a text, and no preview is fetched for anybody's words.
LITERAL: Json = {
    "parse": "none",
    "link_names": False,
    "mrkdwn": False,
    "unfurl_links": False,
    "unfurl_media": False,
}


def pace(sends_a_minute: float, edits_a_minute: float) -> Pace:
    """In no minute more than that many, the burst at its beginning included, and one that was long on its way."""
    sends, edits = (max(rate - BURST - 1, rate / 2) for rate in (sends_a_minute, edits_a_minute))
    return Pace(sends, edits, burst=BURST)


class SlackPlatform:
    """Speaks to the workspace that `token` belongs to: by `http`, and fetches files by `session`; both are the
    caller's to close."""

    name = "slack"

    def __init__(
        self,
        *,
        token: str,
        http: Http,
        session: aiohttp.ClientSession,
        api_url: str = API_URL,
        pace: Pace = pace(240, 45),  # noqa: B008 - a frozen value
        timeout: float = TIMEOUT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.pace = pace
        self._http = http
        self._session = session
        self._api_url = api_url.rstrip("/") + "/"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._form_headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        self._json_headers = {**self._headers, **JSON}
        self._timeout = timeout
        self._now = now
        # Where another API stands in for Slack's, files are beside it.
        self._files = FILES if self._api_url == API_URL else files.origin_of(self._api_url)

    async def send(self, message: Message) -> Outcome:
        """Send once; never retries, raises nothing: the outcome says. What Slack has refused for its picture is sent
        without."""
        try:
            method, arguments, ref = _sending(message)
        except ValueError as error:
            return Refused(Reason.INVALID, detail=str(error))
        outcome = await self._do(method, arguments, ref)
        bare = _without_picture(message)
        return await self.send(bare) if bare and _is_about_blocks(outcome) else outcome

    async def edit(self, message: Message, ref: str) -> Outcome:
        """Show `message` in place of what `ref` shows; Refused(GONE) where Slack has no such message any
        more, as for every message that only one person saw."""
        try:
            place = ids.unpack(ref)
            view = _home(message.content) if isinstance(place, ids.Home) else {}
            shown = _shown(message)
        except ValueError as error:
            return Refused(Reason.INVALID, detail=str(error))
        match place:
            case ids.Message(channel=channel, ts=ts):
                arguments = {"channel": channel, "ts": ts, "parse": "none", "link_names": False}
                outcome = await self._do("chat.update", _spliced(arguments, shown), lambda _: ref)
                bare = _without_picture(message)
                return await self.edit(bare, ref) if bare and _is_about_blocks(outcome) else outcome
            case ids.Home(user=user):
                return await self._do("views.publish", {"user_id": user, "view": view}, lambda _: ref)
            case ids.Ephemeral() | ids.Unfurl():
                return Refused(Reason.GONE, detail="it is shown once")
            case _:
                return Refused(Reason.INVALID, detail=f"{ref!r} is not the ref of a message.")

    async def find(self, message: Message, since: datetime) -> Outcome:
        """Sent(ref) when the delivery is there; Refused(GONE) when it certainly is not; else Throttled or
        Unconfirmed. Reads at most PAGES pages: look-ups are dear in Slack."""
        try:
            address = ids.unpack_address(message.address)
            root = ids.unpack_message(message.thread) if message.thread else None
        except ValueError as error:
            return Unconfirmed(str(error))
        match address:
            case ids.Home() | ids.Unfurl():
                return Refused(Reason.GONE, detail="doing it again shows the same")
            case ids.Ephemeral():
                return Unconfirmed("Slack keeps no history of what only one person sees")
            case ids.User(team=team, user=user) if root is None:
                opened = await self.call("conversations.open", form={"users": user})
                place = self._judge(opened, _opened_channel)
            case ids.User(team=team) | ids.Channel(team=team):
                place = Sent(root.channel if root else getattr(address, "channel", ""))
        if not isinstance(place, Sent):
            return _look_up_failed(place)
        return await self._search(team, place.ref, root, message.delivery, since)

    async def delete(self, message: Message, ref: str) -> Outcome:
        """Take away what `ref` shows. A Home tab always shows something, and shows `message` from now on."""
        try:
            place = ids.unpack(ref)
        except ValueError as error:
            return Refused(Reason.INVALID, detail=str(error))
        match place:
            case ids.Message(channel=channel, ts=ts):
                return await self._do("chat.delete", {"channel": channel, "ts": ts}, lambda _: ref)
            case ids.Home():
                return await self.edit(message, ref)
            case ids.Ephemeral() | ids.Unfurl():
                return Refused(Reason.GONE, detail="it is shown once")
            case _:
                return Refused(Reason.INVALID, detail=f"{ref!r} is not the ref of a message.")

    async def fetch(self, url: str, largest: int) -> bytes | NotFetched:
        """A file that somebody dropped: from Slack's own files alone, since the token goes along."""
        return await files.fetch(self._session, url, largest, allowed=self._is_slacks, headers=self._headers)

    def stream(self, url: str, largest: int) -> AbstractAsyncContextManager[AsyncIterator[bytes] | NotFetched]:
        """`fetch`, bit by bit."""
        return files.stream(self._session, url, largest, allowed=self._is_slacks, headers=self._headers)

    def _is_slacks(self, asked: URL) -> bool:
        return str(asked.origin()) == self._files

    async def open_view(self, trigger_id: str, view: Json) -> Outcome:
        """Open a modal for the person whose action gave `trigger_id`; Sent(view id) when it stands."""
        arguments = {"trigger_id": trigger_id, "view": view}
        return await self._do("views.open", arguments, lambda body: body["view"]["id"], TRIGGER_TIMEOUT)

    async def introduce(self, account: str, address: str, reference: Mapping[str, Any] | None) -> Profile | Outcome:
        """The account's profile, by users.info; else why there is none."""
        try:
            team = ids.unpack_address(address).team
        except ValueError as error:
            return Refused(Reason.INVALID, detail=str(error))
        answer = await self.call("users.info", form={"user": account, "include_locale": "true"})
        judged = self._judge(answer, lambda _: "")
        if not isinstance(judged, Sent) or not isinstance(answer, Answer):
            return judged
        return profiles.profile_of(answer.body, team, self._api_url)

    async def own_team(self) -> str:
        """The id of the workspace that the token is for; empty where Slack does not say."""
        answer = await self.call("auth.test", form={})
        body = answer.body if isinstance(answer, Answer) else {}
        return str(body.get("team_id") or "") if body.get("ok") else ""

    async def respond(self, response_url: str, content: Content, *, replace: bool = False) -> None:
        """Best effort: say `content` to the one person whose action gave `response_url`, or `replace` by it the message
        in which they acted."""
        how = {"replace_original": True} if replace else {"response_type": "ephemeral", "replace_original": False}
        body = {**how, **render.message(content)}
        with contextlib.suppress(NotAnAddress, NotConnected, NoAnswer):
            await self._http.ask("POST", response_url, orjson.dumps(body), JSON, self._timeout)

    async def call(
        self,
        method: str,
        *,
        body: Json | bytes | None = None,
        form: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the client's own
    ) -> Answer | Throttled | Unconfirmed:
        """One request, as JSON or (the only thing Slack's reading methods take) as a form; never raises."""
        if body is None:
            asked, headers = urlencode(form or {}).encode(), self._form_headers
        else:
            asked, headers = body if isinstance(body, bytes) else orjson.dumps(body), self._json_headers
        try:
            return await self._http.ask("POST", self._api_url + method, asked, headers, timeout or self._timeout)
        except (NotAnAddress, NotConnected, NoAnswer) as error:
            return errors.raised(error, self._now())

    async def _do(
        self,
        method: str,
        arguments: Json | bytes,
        ref: Callable[[Mapping[str, Any]], str],
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Outcome:
        return self._judge(await self.call(method, body=arguments, timeout=timeout), ref)

    def _judge(self, answer: Answer | Throttled | Unconfirmed, ref: Callable[[Mapping[str, Any]], str]) -> Outcome:
        return errors.outcome(answer, self._now(), ref) if isinstance(answer, Answer) else answer

    async def _search(
        self, team: str, channel: str, root: ids.Message | None, delivery: int, since: datetime
    ) -> Outcome:
        method = "conversations.replies" if root else "conversations.history"
        asked = {
            "channel": channel,
            "oldest": f"{(since - CLOCK_SKEW).timestamp():.6f}",
            "limit": str(PAGE),
            "include_all_metadata": "true",
            **({"ts": root.ts} if root else {}),
        }
        for _ in range(PAGES):
            answer = await self.call(method, form=asked)
            judged = self._judge(answer, lambda _: "")
            if not isinstance(judged, Sent) or not isinstance(answer, Answer):
                return _look_up_failed(judged)
            page = answer.body
            if ts := _carrying(page, delivery):
                return Sent(ids.pack(ids.Message(team, channel, ts)))
            if not (cursor := _next_cursor(page)):
                return Refused(Reason.GONE, detail="not in the history")
            asked["cursor"] = cursor
        return Unconfirmed(f"not among the first {PAGE * PAGES} messages since then")


def _sending(message: Message) -> tuple[str, Json | bytes, Callable[[Mapping[str, Any]], str]]:
    """The method, its arguments, and how to read the new ref from its answer."""
    address = ids.unpack_address(message.address)
    root = ids.unpack_message(message.thread) if message.thread else None
    thread = {"thread_ts": root.ts} if root else {}
    match address:
        case ids.Home(user=user):
            view = _home(message.content)
            return "views.publish", {"user_id": user, "view": view}, lambda _: message.address
        case ids.Ephemeral(channel=channel, user=user):
            arguments = {"channel": channel, "user": user, **LITERAL, **thread}
            return "chat.postEphemeral", _spliced(arguments, _shown(message)), lambda _: message.address
        case ids.Unfurl(channel=channel, ts=ts):
            arguments = {"channel": channel, "ts": ts, "unfurls": _unfurls(message.content)}
            return "chat.unfurl", arguments, lambda _: message.address
        case ids.User(team=team, user=target) | ids.Channel(team=team, channel=target):
            metadata = {"event_type": DELIVERY_EVENT, "event_payload": {"delivery": message.delivery}}
            channel = root.channel if root else target
            arguments = {"channel": channel, "metadata": metadata, **LITERAL, **thread}
            return "chat.postMessage", _spliced(arguments, _shown(message)), lambda body: _posted(team, body)


def _shown(message: Message) -> bytes:
    """The content as the members of a JSON object. Raises ValueError as `render.message` does."""
    content, shown = message.made.get("slack", (None, b""))
    if content is not message.content:
        shown = orjson.dumps(render.message(message.content))
        message.made["slack"] = message.content, shown
    return message.filled(shown)


def _spliced(arguments: Json, shown: bytes) -> bytes:
    """One JSON object of both."""
    return orjson.dumps(arguments)[:-1] + b"," + shown[1:]


def _without_picture(message: Message) -> Message | None:
    """For an image that Slack could not download, for which it refuses the whole message. None where there is none."""
    content = message.content
    pictured = isinstance(content, Card) and content.picture is not None
    return replace(message, content=replace(content, picture=None)) if pictured else None


def _is_about_blocks(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.reason is Reason.INVALID


def _home(content: Content) -> Json:
    match content:
        case Card():
            return render.home(content)
        case Form():
            raise ValueError("App Home shows cards; a form is opened from a button in one.")


def _unfurls(content: Content) -> Json:
    if isinstance(content, Form) or not content.link:
        raise ValueError("Only the preview of a link stands below a message.")
    return {content.link: {"blocks": render.message(content)["blocks"]}}


def _posted(team: str, body: Mapping[str, Any]) -> str:
    return ids.pack(ids.Message(team, body["channel"], body["ts"]))


def _opened_channel(body: Mapping[str, Any]) -> str:
    return body["channel"]["id"]


def _look_up_failed(judged: Outcome) -> Outcome:
    """A look-up that was refused tells nothing about the message."""
    return Unconfirmed(judged.detail) if isinstance(judged, Refused) else judged


def _carrying(page: Mapping[str, Any], delivery: int) -> str | None:
    """The ts of the message in `page` that carries `delivery`."""
    for message in page.get("messages") or ():
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") == DELIVERY_EVENT and str(payload.get("delivery")) == str(delivery):
            return message.get("ts")
    return None


def _next_cursor(page: Mapping[str, Any]) -> str:
    return (page.get("response_metadata") or {}).get("next_cursor") or ""
