"""Where something is in Slack ⇄ the opaque text by which the rest of the product knows it.

Nothing else packs or unpacks these texts. A team is a workspace id, or the organisation's id where an app is
installed for a whole organisation and Slack names no workspace.
"""

import re
from dataclasses import dataclass, fields
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class User:
    """The direct conversation between the bot and one person."""

    team: str
    user: str


@dataclass(frozen=True, slots=True)
class Channel:
    team: str
    channel: str


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """One person's private view of a channel: shown once, never found or edited again."""

    team: str
    channel: str
    user: str


@dataclass(frozen=True, slots=True)
class Home:
    """One person's App Home tab."""

    team: str
    user: str


@dataclass(frozen=True, slots=True)
class Unfurl:
    """What stands below somebody's message for a link in it. It is put there and never changed."""

    team: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Message:
    """A posted message; also the root of a thread."""

    team: str
    channel: str
    ts: str


Address = User | Channel | Ephemeral | Home | Unfurl
Place = Address | Message

_KINDS: dict[str, type[Place]] = {
    "user": User,
    "channel": Channel,
    "ephemeral": Ephemeral,
    "home": Home,
    "unfurl": Unfurl,
    "message": Message,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in _NAMES}
_PARTS_OF = {kind: attrgetter(*names) for kind, names in _FIELDS.items()}
_PARTS = re.compile(r"[a-z]+(?::[A-Za-z0-9][A-Za-z0-9._-]{0,63})+")


def pack(place: Place) -> str:
    """The text that `unpack` turns back into `place`. Raises ValueError where a part is no Slack id."""
    parts: tuple[str, ...] = _PARTS_OF[type(place)](place)
    text = ":".join((_NAMES[type(place)], *parts))
    if text.count(":") != len(parts) or not _PARTS.fullmatch(text):
        raise ValueError(f"{place!r} has a part that is no Slack id.")
    return text


def unpack(text: str) -> Place:
    """What `text` stands for. Raises ValueError where `pack` cannot have made it."""
    name, *parts = text.split(":")
    kind = _KINDS.get(name)
    if kind is None or len(parts) != len(_FIELDS[kind]) or not _PARTS.fullmatch(text):
        raise ValueError(f"{text!r} is not a place in Slack; expected something like 'channel:T0123:C0123'.")
    return kind(*parts)


def unpack_address(text: str) -> Address:
    """Where a message can be sent. Raises ValueError for anything else, a message's ref included."""
    place = unpack(text)
    if isinstance(place, Message):
        raise ValueError(f"{text!r} is a message, not an address to send one to.")
    return place


def unpack_message(text: str) -> Message:
    """The message a ref names. Raises ValueError where it names something else."""
    place = unpack(text)
    if not isinstance(place, Message):
        raise ValueError(f"{text!r} is not the ref of a message.")
    return place
