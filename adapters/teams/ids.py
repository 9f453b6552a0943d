"""Teams addresses as opaque text and back. Nobody else looks inside these texts.

Parts are percent-encoded and joined by slashes, because Teams ids hold `:`, `@` and `;`.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from urllib.parse import quote, unquote

_ROOT = ";messageid="
_RESERVED = re.compile(r"[^\w.~-]", re.ASCII)
_ESCAPED = re.compile(r"%([0-7][0-9A-F])")
_ESCAPE = {chr(code): f"%{code:02X}" for code in range(128)}
_UNESCAPE = {f"{code:02X}": chr(code) for code in range(128)}


@dataclass(frozen=True, slots=True)
class Address:
    """A conversation of a tenant: a personal or group chat, or a channel as a whole."""

    tenant: str
    conversation: str

    def pack(self) -> str:
        """The opaque text; ValueError when a part is empty."""
        return _join(self.tenant, self.conversation)

    @staticmethod
    def unpack(text: str) -> "Address":
        """The inverse of `pack`; ValueError for anything `pack` does not produce."""
        tenant, conversation = _split(text, 2)
        return Address(tenant, conversation)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message in a conversation. For a channel, `conversation` is the channel, never one thread of it."""

    tenant: str
    conversation: str
    activity: str

    def pack(self) -> str:
        """The opaque text; ValueError when a part is empty."""
        return _join(self.tenant, self.conversation, self.activity)

    @staticmethod
    def unpack(text: str) -> "MessageRef":
        """The inverse of `pack`; ValueError for anything `pack` does not produce."""
        tenant, conversation, activity = _split(text, 3)
        return MessageRef(tenant, conversation, activity)


def ref_in(address: str, activity: str) -> str:
    """The packed MessageRef of that message in the conversation with that packed Address."""
    return f"{address}/{quoted(activity)}"


def nonces() -> Callable[[], str]:
    """Makes texts that no other rendering of a card has or had. They are no secrets."""
    maker, renderings = secrets.token_urlsafe(9), count(1)
    return lambda: f"{maker}{next(renderings):x}"


def split_thread(conversation_id: str) -> tuple[str, str]:
    """A wire conversation id as (plain conversation, root message id or "")."""
    plain, _, root = conversation_id.partition(_ROOT)
    return plain, root


def in_thread(conversation: str, root: str) -> str:
    """The wire id that makes a channel message a reply under `root`."""
    return f"{conversation}{_ROOT}{root}"


@lru_cache(maxsize=4096)
def quoted(part: str) -> str:
    """As in a path, slashes too."""
    # What nearly all ids are made of is quoted many times faster so than by urllib, a character at a time.
    return _RESERVED.sub(lambda found: _ESCAPE[found[0]], part) if part.isascii() else quote(part, safe="")


def _unquoted(part: str) -> str:
    plain = _ESCAPED.sub(lambda found: _UNESCAPE[found[1]], part)
    # A % that is left, or has come, is one of another kind.
    return unquote(part, errors="strict") if "%" in plain else plain


def _join(*parts: str) -> str:
    if not all(parts):
        raise ValueError("A Teams address has an empty part.")
    return "/".join(map(quoted, parts))


def _split(text: str, count: int) -> list[str]:
    try:
        parts = [_unquoted(part) for part in text.split("/")]
    except UnicodeDecodeError:
        parts = []
    if len(parts) != count or not all(parts) or _join(*parts) != text:
        raise ValueError(f"{text!r} is not a Teams address of {count} parts.")
    return parts
