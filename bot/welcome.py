"""The first words, and help."""

from bot import joining
from bot.turn import Answer, Refresh, Say, Turn


def help_(turn: Turn) -> Answer:
    return Say("help")


def home(turn: Turn) -> Answer:
    """The Home tab: one's profile and the open gigs, or how to join."""
    if turn.person is None:
        return joining.shown_in(turn) or Say("help")
    return Say("home", {"person": turn.person.id, "board": 1})


def arrived(turn: Turn) -> Answer:
    return Say("help")


def not_understood(turn: Turn) -> Answer:
    """Nobody is left without an answer: what was said comes back with a way on."""
    return Say("not_understood", {"text": turn.inbound.text[:200]}, notice=True)


def cancel(turn: Turn) -> Answer:
    """A form was put away and nothing kept: the card that it was opened from stands there again."""
    return Refresh(Say("cancelled"))
