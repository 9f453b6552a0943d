"""The step from an invited person to one who has confirmed who they are."""

from datetime import datetime

from bot import clock, invitations, leavers, states
from bot.states import Actor, Event
from storage.db import CompanySession
from storage.tables import Person


def confirm(session: CompanySession, person: Person, now: datetime, zone: str) -> None:
    """An invited person is active from now on, or once their last day in the company's zone is over. Anybody else stays
    what they are."""
    if not states.move(person, Event.CONFIRM, Actor.PERSON):
        return
    person.opens_at = clock.end_of_day(person.last_day, zone) if person.last_day else now
    leavers.end(session, person)
    if person.opens_at > now:
        invitations.show_changes(session, person.id, now)
    else:
        states.move(person, Event.OPEN, Actor.TIME)
        invitations.is_over(session, person.id, now)
