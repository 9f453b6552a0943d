"""The picture that somebody has on their platform: its address is kept, and never the picture."""

from bot.turn import Answer, Turn
from storage import people
from storage.db import CompanySession
from storage.tables import Person, PersonState

LONGEST = 500
_WITH_PHOTO = (PersonState.CONFIRMED, PersonState.ACTIVE, PersonState.PAUSED)


def keep(session: CompanySession, person: Person, url: str) -> None:
    """From now on this is the person's photo; none with an empty address. For whoever learns it from a platform: when
    its owner changes it, and when they join. The adapter has made sure that it is on a host of the platform's."""
    wanted = url if url.startswith(("https://", "http://")) and len(url) <= LONGEST else ""
    if person.state in _WITH_PHOTO and person.photo != wanted:
        person.photo = wanted
        session.add(person)
        session.flush()


def changed(turn: Turn) -> Answer:
    """The platform says that the speaker has another photo. Nobody is told; cards show it from the next time on."""
    person = people.held(turn.session, turn.person.id) if turn.person else None
    if person is not None:
        keep(turn.session, person, turn.args.get("photo", ""))
    return None
