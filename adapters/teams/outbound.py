"""The product's Platform for Teams: a card becomes one request, and the connector's answer an outcome."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import aiohttp
from yarl import URL

from adapters import files
from adapters.http import Http, NoAnswer, NotAnAddress, NotConnected
from adapters.teams.authority import may_hold_token
from adapters.teams.errors import failure, refusal
from adapters.teams.ids import Address, MessageRef, in_thread, nonces, quoted, ref_in
from adapters.teams.profiles import member_url, profile_of
from adapters.teams.render import activity, encode
from bot.outcomes import Outcome, Reason, Refused, Sent, Throttled, Unconfirmed
from bot.ports import Message, NotFetched, Pace, Profile

REQUESTS_A_SECOND = 50
"""Of an app in a tenant."""
PACE = Pace(
    sends_per_minute=1200,
    edits_per_minute=1200,
    burst=20,
    conversation_per_minute=100,
    conversation_burst=4,
    sustained_per_minute=25,
    sustained_burst=200,
    window=(REQUESTS_A_SECOND, 1),
)
"""Below what Teams allows: 50 requests a second and tenant, and in a conversation 7 messages in 1 s, 8 in 2 s, 60 in
30 s and 1,800 in an hour."""
SHAREPOINT = ".sharepoint.com"
"""Where Teams keeps what people attach in a personal chat: in the OneDrive of the one who does."""
_CHANNEL_ENDINGS = ("@thread.tacv2", "@thread.skype")


def pace(sends_a_minute: float) -> Pace:
    """PACE at another rate. A burst makes up for a moment in which nothing was sent; the window keeps both together
    within what Teams allows in a second. Whoever asks for a rate above that has been allowed more."""
    window = PACE.window if sends_a_minute <= 60 * REQUESTS_A_SECOND else None
    return replace(PACE, sends_per_minute=sends_a_minute, edits_per_minute=sends_a_minute, window=window)


class Tokens(Protocol):
    """What a sender needs of tokens.TokenSource."""

    async def token(self) -> str | Refused | Throttled: ...

    def forget(self, token: str) -> None: ...


class Request(NamedTuple):
    """A request to the connector, ready but for its token."""

    method: str
    url: str
    body: bytes


class TeamsPlatform:
    """Sends by `http`, once, and fetches files by `session`; both are the caller's to close. Without `tokens`
    (authentication disabled) it sends none."""

    name = "teams"

    def __init__(
        self,
        http: Http,
        session: aiohttp.ClientSession,
        tokens: Tokens | None,
        *,
        pace: Pace = PACE,
        nonce: Callable[[], str] | None = None,
        files_at: str = "",
    ) -> None:
        """`files_at` is an origin that stands in for SharePoint."""
        self.pace = pace
        self._files_at = files_at
        self._http = http
        self._session = session
        self._tokens = tokens
        self._nonce = nonce or nonces()

    async def send(self, message: Message) -> Outcome:
        """Send once; never retries, raises nothing: the outcome says."""
        try:
            address = Address.unpack(message.address)
            request = posting(message, address, self._nonce())
        except ValueError as error:
            return Refused(Reason.INVALID, detail=str(error))
        if request is None:
            return _unknown_conversation()
        answer = await self._ask(request, editing=False)
        return _sent(answer, message.address) if isinstance(answer, Mapping) else answer

    async def edit(self, message: Message, ref: str) -> Outcome:
        """Show `message` in place of what `ref` shows; Refused(GONE) when that is not there any more."""
        try:
            request = putting(message, MessageRef.unpack(ref), self._nonce())
        except ValueError as error:
            return Refused(Reason.INVALID, detail=str(error))
        if request is None:
            return _unknown_conversation()
        answer = await self._ask(request, editing=True)
        return Sent(ref) if isinstance(answer, Mapping) else answer

    async def delete(self, message: Message, ref: str) -> Outcome:
        """Take away what `ref` shows; Refused(GONE) when that is not there any more."""
        try:
            request = deleting(message, MessageRef.unpack(ref))
        except ValueError as error:
            return Refused(Reason.INVALID, detail=str(error))
        if request is None:
            return _unknown_conversation()
        answer = await self._ask(request, editing=True)
        return Sent(ref) if isinstance(answer, Mapping) else answer

    async def introduce(self, account: str, address: str, reference: Mapping[str, Any] | None) -> Profile | Outcome:
        """The account's profile, by the roster of its private conversation; else why there is none."""
        try:
            tenant = Address.unpack(address).tenant
        except ValueError as error:
            return Refused(Reason.INVALID, detail=str(error))
        url = member_url(account, reference)
        if not url:
            return _unknown_conversation()
        answer = await self._ask(Request("GET", url, b""), editing=False)
        return profile_of(answer, tenant) if isinstance(answer, Mapping) else answer

    async def fetch(self, url: str, largest: int) -> bytes | NotFetched:
        """A file that somebody attached: from SharePoint alone. The url says who may have it; no token goes along."""
        return await files.fetch(self._session, url, largest, allowed=self._is_theirs)

    def stream(self, url: str, largest: int) -> AbstractAsyncContextManager[AsyncIterator[bytes] | NotFetched]:
        """`fetch`, bit by bit."""
        return files.stream(self._session, url, largest, allowed=self._is_theirs)

    def _is_theirs(self, asked: URL) -> bool:
        if self._files_at:
            return str(asked.origin()) == self._files_at
        return asked.scheme == "https" and (asked.host or "").endswith(SHAREPOINT) and asked.port == 443

    async def _ask(self, request: Request, *, editing: bool) -> Mapping[str, Any] | Outcome:
        """The JSON of a success, else the outcome."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        token = ""
        if self._tokens:
            if not may_hold_token(request.url):
                return Refused(Reason.INVALID, detail="The conversation's serviceUrl is not an https address.")
            given = await self._tokens.token()
            if not isinstance(given, str):
                return given
            token, headers["Authorization"] = given, f"Bearer {given}"
        try:
            answer = await self._http.ask(request.method, request.url, request.body, headers)
        except (NotAnAddress, NotConnected, NoAnswer) as error:
            return failure(error, datetime.now(UTC))
        if answer.status in (200, 201, 202, 204):
            return answer.body
        if answer.status == 401 and self._tokens:
            self._tokens.forget(token)
        return refusal(answer, editing=editing, now=datetime.now(UTC))


def posting(message: Message, address: Address, nonce: str) -> Request | None:
    """The request that sends `message`; None when Teams has told no conversation reference. ValueError when
    its thread is no ref of ours."""
    where = _where(message)
    if where is None:
        return None
    service, conversation = where
    root = MessageRef.unpack(message.thread).activity if message.thread else ""
    shown, more = _shown(message, nonce), dict[str, Any]()
    target = address.conversation
    path = f"/{quoted(root)}" if root else ""
    if root and _is_channel(conversation, address.conversation):
        target, path = in_thread(target, root), ""
    elif root:
        more["replyToId"] = root
    return Request("POST", _url(service, target) + path, _spliced(more | _envelope(message, target), shown))


def putting(message: Message, ref: MessageRef, nonce: str) -> Request | None:
    """The request that shows `message` in place of `ref`; None without a conversation reference."""
    where = _where(message)
    if where is None:
        return None
    more = {"id": ref.activity, **_envelope(message, ref.conversation)}
    url = f"{_url(where[0], ref.conversation)}/{quoted(ref.activity)}"
    return Request("PUT", url, _spliced(more, _shown(message, nonce)))


def _shown(message: Message, nonce: str) -> bytes:
    """The content as the members of an activity, each time with another nonce."""
    content, around = message.made.get("teams", (None, []))
    if content is not message.content:
        place = secrets.token_urlsafe(len(nonce))[: len(nonce)]
        around = encode(activity(message.content, place, locale=message.locale)).split(place.encode())
        message.made["teams"] = message.content, around
    return message.filled(nonce.encode().join(around))


def _spliced(more: dict[str, Any], shown: bytes) -> bytes:
    """One JSON object of both."""
    return encode(more)[:-1] + b"," + shown[1:]


def deleting(message: Message, ref: MessageRef) -> Request | None:
    """The request that takes away `ref`; None without a conversation reference."""
    where = _where(message)
    if where is None:
        return None
    return Request("DELETE", f"{_url(where[0], ref.conversation)}/{quoted(ref.activity)}", b"")


def _where(message: Message) -> tuple[str, Mapping[str, Any]] | None:
    reference = message.reference or {}
    service, conversation = reference.get("serviceUrl"), reference.get("conversation")
    if not isinstance(service, str) or not service:
        return None
    return service, conversation if isinstance(conversation, Mapping) else {}


def _envelope(message: Message, conversation: str) -> dict[str, Any]:
    reference = message.reference or {}
    told = {"from": reference.get("bot"), "channelId": reference.get("channelId")}
    whole = {**(reference.get("conversation") or {}), "id": conversation}
    return {name: value for name, value in told.items() if value} | {"conversation": whole}


def _is_channel(conversation: Mapping[str, Any], conversation_id: str) -> bool:
    kind = conversation.get("conversationType")
    return kind == "channel" if kind else conversation_id.endswith(_CHANNEL_ENDINGS)


def _url(service: str, conversation: str) -> str:
    return f"{service.rstrip('/')}/v3/conversations/{quoted(conversation)}/activities"


def _sent(answer: Mapping[str, Any], address: str) -> Outcome:
    made = answer.get("id")
    if isinstance(made, str) and made.isprintable() and made:
        return Sent(ref_in(address, made))
    return Unconfirmed("Teams took the message and named no id for it.")


def _unknown_conversation() -> Refused:
    return Refused(Reason.NOT_INSTALLED, detail="Teams has told no conversation reference yet.")
