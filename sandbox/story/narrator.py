"""What a story tells, moment by moment."""

from dataclasses import dataclass
from typing import Literal, Protocol

from sandbox.story.reading import Line


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's screen: `place` is where on it we look, empty for their only chat."""

    platform: Literal["slack", "teams", "mail"]
    name: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something: `what` says it in the story's words, `typed` are their own."""

    seat: Seat
    what: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What stands on a screen, as it arrived there. `message` is its id on the platform, empty for a modal.

    `left_out` says how many of its lines are not among `lines`.
    """

    seat: Seat
    lines: tuple[Line, ...]
    left_out: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What the story has checked and nobody sees on one screen."""

    text: str


Moment = Chapter | Act | Sight | Remark


class Narrator(Protocol):
    async def tell(self, moment: Moment) -> None:
        """Show the moment. The story goes on when this returns, so whoever wants a pause takes it here."""
        ...


class Silence:
    """Shows nothing, for acts that only have to be done."""

    async def tell(self, moment: Moment) -> None:
        return
