"""The letters that the practice mail server has taken, and ways to look at them and wait for them."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TypeVar

from sandbox.watching import Watched

T = TypeVar("T")

_URL = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Letter:
    """A letter as its reader has it. `to` is whom the envelope named, `at` when it was taken."""

    id: int
    to: str
    sender: str
    subject: str
    text: str
    html: str
    at: datetime
    message_id: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    links: tuple[str, ...] = ()
    raw: bytes = field(default=b"", repr=False)


class Mailboxes(Watched):
    """Every letter, oldest first; plain objects that may be read or changed."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.letters: list[Letter] = []
        self._clock = clock

    def to(self, address: str) -> list[Letter]:
        """The letters in one mailbox, oldest first."""
        return [letter for letter in self.letters if letter.to.casefold() == address.casefold()]

    def put(self, raw: bytes, to: str, at: datetime | None = None) -> Letter:
        """A letter as it came over the wire, into the mailbox of `to`."""
        letter = read(raw, len(self.letters) + 1, to, at or self._clock())
        self.letters.append(letter)
        self.changed("letter", letter)
        return letter

    async def until(self, predicate: "Callable[[Mailboxes], T]", timeout: float = 30) -> T:  # noqa: ASYNC109
        """Wait until `predicate(mailboxes)` is true and return what it gave. Raises TimeoutError with the letters that
        are there when it is not within `timeout` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (held := predicate(self)):
            if not await self._next_change(deadline - loop.time()):
                there = "\n".join(f"  {one.to}: {one.subject!r}" for one in self.letters)
                raise TimeoutError(f"not within {timeout} s; {len(self.letters)} letters\n{there}")
        return held


def read(raw: bytes, number: int, to: str, at: datetime) -> Letter:
    """The letter in `raw`, decoded as a mail program does."""
    message = message_from_bytes(raw, _class=EmailMessage, policy=default)  # type: ignore[arg-type]
    text, html = _part(message, "plain"), _part(message, "html")
    return Letter(
        id=number,
        to=to,
        sender=str(message.get("From", "")),
        subject=str(message.get("Subject", "")),
        text=text,
        html=html,
        at=at,
        message_id=str(message.get("Message-ID", "")),
        headers={name: str(value) for name, value in message.items()},
        links=tuple(dict.fromkeys(_URL.findall(text))),
        raw=raw,
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
