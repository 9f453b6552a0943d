"""The step that the account page takes: an invited person has said who they are."""

from datetime import datetime

from bot import clock, offboarding, states
from bot.states import Actor, Event
from storage.db import CompanySession
from storage.tables import Person


def confirm(session: CompanySession, person: Person, now: datetime, zone: str) -> None:
    """An invited person is active from now on, or once their last day in the company's zone is over. Anybody else stays
    what they are."""
    if not offboarding.confirm(session, person, now):
        return
    person.opens_at = clock.end_of_day(person.last_day, zone) if person.last_day else now
    session.add(person)
    if person.opens_at <= now:
        states.move(person, Event.OPEN, Actor.TIME)
