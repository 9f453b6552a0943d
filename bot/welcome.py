"""The first words, and help."""

from bot import eligibility, joining
from bot.turn import Answer, Refresh, Say, Turn


def help_(turn: Turn) -> Answer:
    """A newcomer is told where to read whom the company invites."""
    rules = eligibility.url(turn.session, turn.public_url) if turn.person is None else ""
    return Say("help", {"rules_page": rules})


def home(turn: Turn) -> Answer:
    """The Home tab: one's profile, the open gigs and the events to come, or how to join."""
    if turn.person is None:
        return joining.shown_in(turn) or help_(turn)
    return joining.home(turn.person.id)


def arrived(turn: Turn) -> Answer:
    return help_(turn)


def cancel(turn: Turn) -> Answer:
    """A form was put away and nothing kept: the card that it was opened from stands there again."""
    return Refresh(Say("cancelled"))
