"""What the product needs from its edges. Each Protocol is small; what not every platform can do is one of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, runtime_checkable

from bot.cards import Card, Content
from bot.outcomes import Outcome

MAIL = "mail"
"""The platform whose addresses are e-mail addresses. Letters are written when there is one of that name."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform may be spoken to, for each workspace or tenant, and within one conversation."""

    sends_per_minute: float
    edits_per_minute: float
    burst: float = 8
    conversation_per_minute: float = 60
    conversation_burst: float = 4
    sustained_per_minute: float = 60
    sustained_burst: float = 600
    """The same for a conversation in the long run, where a platform counts by the hour."""
    window: tuple[int, float] | None = None
    """Requests of any kind that may arrive within so many seconds, where a platform counts so."""


@dataclass(slots=True)
class Message:
    """One message about to leave. Not to be changed; one that cannot be takes three times as long to make.

    `address`, `thread` and refs are opaque texts of the platform's `ids.py`. `delivery` is the ledger's id of it, which
    travels along where the platform can store it. `reference` is what the platform last told about the conversation
    (Teams: the ConversationReference), else empty. `timezone` is the company's, for platforms whose clients do not show
    times in their reader's own. `made` is for what the platform has made of the content: messages with the very same
    content share it. `own` is what stands in this one alone, in place of marks that are in the content's links.
    """

    delivery: int
    address: str
    content: Content
    locale: str
    thread: str | None = None
    reference: Mapping[str, Any] | None = None
    timezone: str = "UTC"
    made: dict[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)
    own: Mapping[str, str] = field(default_factory=dict[str, str])

    def filled(self, shown: bytes) -> bytes:
        """What a platform has made of the content, with what is this message's own. Every platform sends it so."""
        for mark, own in self.own.items():
            shown = shown.replace(mark.encode(), own.encode())
        return shown


class Job(NamedTuple):
    """A row of the ledger that is being sent, and the message that it is for its reader."""

    row: Any
    message: Message


class Platform(Protocol):
    name: str
    pace: Pace

    async def send(self, message: Message) -> Outcome:
        """Send once; never retries, raises nothing: the outcome says."""
        ...

    async def edit(self, message: Message, ref: str) -> Outcome:
        """Show `message` in place of what `ref` shows. Refused with Reason.GONE when it is not there any more."""
        ...


@runtime_checkable
class Finds(Protocol):
    """A platform that can be asked whether a message arrived."""

    async def find(self, message: Message, since: datetime) -> Outcome:
        """Sent(ref) when the delivery is there; Refused(GONE) when it certainly is not; else Throttled/Unconfirmed."""
        ...


@runtime_checkable
class Deletes(Protocol):
    """A platform from which a message can be taken back."""

    async def delete(self, message: Message, ref: str) -> Outcome:
        """Take away what `ref` shows; where a platform always shows something, `message` takes its place. Sent(ref)
        when it is gone, Refused(GONE) when it was gone before. Doing it twice does no harm."""
        ...


@runtime_checkable
class Introduces(Protocol):
    """A platform that can be asked who an account is."""

    async def introduce(self, account: str, address: str, reference: Mapping[str, Any] | None) -> "Profile | Outcome":
        """The profile of the account whose private conversation `address` is; else why there is none. Asks once, raises
        nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that somebody has put into a conversation. `url` is where the platform keeps its bytes, empty where that
    was not told; `size` in bytes, 0 where that was not told; `link` is where people open it who may. `lasts`: so long
    `url` is good for certain, None for as long as the file is there."""

    name: str
    url: str
    size: int = 0
    link: str = ""
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class NotFetched:
    """Why a file could not be fetched: the key of a sentence of prompts/*/file_faults.md.j2, and whether the same again
    may go better."""

    key: str
    again: bool = False


@runtime_checkable
class Fetches(Protocol):
    """A platform in which people can drop files."""

    async def fetch(self, url: str, largest: int) -> bytes | NotFetched:
        """The bytes behind the url of a Dropped, `largest` at most. Asks the platform's own hosts alone, whatever the
        url says, and raises nothing. Doing it twice does no harm."""
        ...


@runtime_checkable
class Streams(Protocol):
    """A platform whose files can be passed on while they come."""

    def stream(self, url: str, largest: int) -> AbstractAsyncContextManager[AsyncIterator[bytes] | NotFetched]:
        """`fetch`, bit by bit. What turns out to be larger, or breaks off, raises OSError on the way."""
        ...


class Kind(StrEnum):
    TYPED = "typed"
    PRESSED = "pressed"
    SUBMITTED = "submitted"
    OPENED_HOME = "opened_home"
    ARRIVED = "arrived"
    REMOVED = "removed"
    PICTURED = "pictured"
    """The speaker's photo on the platform is another now; `args` has its address as `photo`, empty for none."""
    SEARCHED = "searched"
    """The speaker looks for people (or what `verb` finds) while they write to somebody: nothing is said anywhere, the
    results are shown to them alone, and what they choose of these goes into their own message. `args`: `skip` and
    `count`."""
    SHARED = "shared"
    """The speaker has written a message with links of ours, which are the lines of `text`. `address` takes what is to
    be shown below it, and nothing else."""
    JOINED = "joined"
    """Somebody has come into the workspace, and said nothing yet."""
    INTRODUCED = "introduced"
    """Their platform has been asked who they are."""
    EDITED = "edited"
    """What was typed reads `text` now; `source` says which message that is."""
    DELETED = "deleted"
    """The message `source` is not there any more."""
    RESTORED = "restored"
    """A message that was deleted is there again."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform says of one of its accounts. `email` is for people to read; `vouched` are addresses that the
    platform answers for (each adapter says why). `photo` is the address of the picture that its owner has set, on a
    host of the platform's. `gone`: an app, or an account that was closed."""

    name: str = ""
    email: str = ""
    vouched: tuple[str, ...] = ()
    locale: str = ""
    photo: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who acts, as the platform calls them: `workspace` is a Slack team or Teams tenant, `account` their id there."""

    platform: str
    workspace: str
    account: str
    name: str = ""
    locale: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a person did, parsed from a verified request. Pure data: no platform object inside.

    `key` names the event for good: the same event again has the same key. `address` is where it happened and where
    an answer goes; `private_address` reaches the speaker alone and is empty where that is not known. `private`: nobody
    reads along there, nor the card that was pressed. `thread` is the
    ref of the message it replies to, `pressed` the ref of the message whose button it was. `mentions` maps the texts
    of mentions in `text` to account ids. `immediate` is True where the platform takes the answer in the HTTP
    response; otherwise the answer becomes a ledger row. `turns` is True where it can put another page of the card that
    was pressed in that one's place. `files` came along with `text`. `profile` is what an INTRODUCED event says, None
    where nobody could be asked. `source` is the ref of the message that was typed (or changed), `typed_at` when that
    was on its platform's clock, `changed_at` when it was edited, deleted or restored; each empty where it was not told.
    `unplaced`: the platform does not say in which thread, if any, that message stands.
    `overheard`: it was typed (or changed) in a thread of a channel where the bot is, and not said to it.
    """

    key: str
    kind: Kind
    speaker: Speaker
    address: str
    private_address: str = ""
    text: str = ""
    verb: str = ""
    args: Mapping[str, str] | None = None
    values: Mapping[str, str] | None = None
    mentions: Mapping[str, str] | None = None
    thread: str | None = None
    pressed: str | None = None
    private: bool = True
    immediate: bool = False
    turns: bool = False
    files: tuple[Dropped, ...] = ()
    reference: Mapping[str, Any] | None = None
    profile: Profile | None = None
    source: str = ""
    typed_at: datetime | None = None
    changed_at: datetime | None = None
    overheard: bool = False
    unplaced: bool = False


class Standing(StrEnum):
    """What became of an inbound event."""

    DONE = "done"
    DUPLICATE = "duplicate"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back in the HTTP response, if the surface carries anything there.

    `content` replaces the form or card that was acted on, or answers the command. `notice` marks a short word
    (a denial, an error) that should not replace anything; with `done` it is no refusal, and a form that led to it has
    done its work. `in_place`: it is another page of the card that was pressed, where the inbound event `turns`.
    `results` are what a search found, for its speaker to choose from.
    FOREIGN: the workspace is nobody's here; answer 403.
    `due`: the ledger has something to deliver now. `job`: a message that is already claimed for this process, to be
    sent at once. `covered`: the message in whose place a form stands now. `met`: a platform is to be asked who somebody
    is.
    """

    standing: Standing
    content: Content | None = None
    notice: bool = False
    done: bool = False
    in_place: bool = False
    results: tuple[Card, ...] = ()
    due: bool = False
    job: Job | None = None
    covered: int | None = None
    met: bool = False


class Receiver(Protocol):
    """The product's front door, as the adapters see it (bot.dispatch with its database bound)."""

    async def __call__(self, inbound: Inbound) -> Reply: ...


class Engine(Protocol):
    """Says when; the ledger says what."""

    def wake(self) -> None:
        """There may be something to deliver now. Cheap; callable from any thread."""
        ...

    def meet(self) -> None:
        """There may be somebody to ask a platform about now (bot.introducing). On the event loop."""
        ...

    def take_over(self, job: Job) -> None:
        """Send a message that is claimed already. On the event loop; returns before it is sent."""
        ...

    def cover(self, delivery: int) -> None:
        """A form stands in that message's place, which an edit that is claimed already may not close. On the event
        loop."""
        ...

    async def tick(self) -> None:
        """Do what time alone makes due."""
        ...
