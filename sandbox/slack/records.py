"""What a practice workspace is made of: plain objects that can be read, and changed, by a test."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.faults import Fault
from sandbox.slack.words import words

Json = dict[str, Any]


@dataclass
class User:
    """A person or a bot. With `blocked`, every message to them is refused with the code in `refusal`."""

    id: str
    name: str = ""
    real_name: str = ""
    display_name: str = ""
    email: str = ""
    tz: str = "Asia/Tokyo"
    tz_offset: int = 32_400
    locale: str = "ja-JP"
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    team_id: str = ""
    deleted: bool = False
    email_confirmed: bool = True
    blocked: bool = False
    refusal: str = "messages_tab_disabled"
    image: str = ""
    """The photo that they have set."""


@dataclass
class Channel:
    """A conversation. `kind` is channel, group (private), im or mpim; `user` is whom an im is with."""

    id: str
    name: str = ""
    kind: str = "channel"
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    user: str = ""
    messages: dict[str, "Message"] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """What a message said before it was changed."""

    ts: str
    text: str
    blocks: list[Json]


@dataclass
class Message:
    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    metadata: Json | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    edits: list[Edit] = field(default_factory=list)
    edited_ts: str | None = None
    deleted: bool = False
    unfurls: Json = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    """Ids of what was uploaded with it."""

    @property
    def words(self) -> str:
        """What a reader sees."""
        return words(self.blocks) or self.text


@dataclass(frozen=True)
class Upload:
    """A file that somebody dropped."""

    id: str
    name: str
    user: str
    body: bytes


@dataclass
class Ephemeral:
    """A message only `user` sees; gone from their screen once `deleted`."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    deleted: bool = False
    edits: list[Edit] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What the reader sees."""
        return words(self.blocks) or self.text


@dataclass
class View:
    """A modal on somebody's screen, or a published Home. `body` is what the bot last gave for it."""

    id: str
    user: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    state: dict[str, Json] = field(default_factory=dict)

    @property
    def callback_id(self) -> str:
        return self.body.get("callback_id", "")

    @property
    def external_id(self) -> str:
        return self.body.get("external_id", "")

    @property
    def private_metadata(self) -> str:
        return self.body.get("private_metadata", "")

    @property
    def blocks(self) -> list[Json]:
        return self.body.get("blocks", [])

    @property
    def title(self) -> str:
        return (self.body.get("title") or {}).get("text", "")

    @property
    def words(self) -> str:
        """What the reader sees."""
        return words(self.blocks)


@dataclass
class ApiCall:
    """One request of the bot. `result` is what taking effect gave, None when it took none."""

    method: str
    args: Json
    at: float
    result: Json | None = None
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        """Whether it took effect, whatever the bot was told."""
        return bool(self.result and self.result.get("ok"))


@dataclass
class Trigger:
    """A leave to open one modal, good for a few seconds and once."""

    id: str
    user: str
    issued_at: float
    exchanged: bool = False


@dataclass
class ResponseUrl:
    """A leave to answer an interaction; `source` is the message it came from, if any."""

    key: str
    channel: str
    user: str
    issued_at: float
    source: Message | Ephemeral | None = None
    uses: int = 0
