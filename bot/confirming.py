"""The step from an invited person to one who has confirmed who they are."""

from datetime import datetime

from bot import clock, invitations
from storage.db import CompanySession
from storage.tables import Person, PersonState


def confirm(session: CompanySession, person: Person, now: datetime, zone: str) -> None:
    """An invited person is active from now on, or once their last day in the company's zone is over. Anybody else stays
    what they are."""
    if person.state is not PersonState.INVITED:
        return
    person.opens_at = clock.end_of_day(person.last_day, zone) if person.last_day else now
    person.expires_at = None
    session.add(person)
    if person.opens_at > now:
        person.state = PersonState.CONFIRMED
        invitations.show_changes(session, person.id, now)
    else:
        person.state = PersonState.ACTIVE
        invitations.is_over(session, person.id, now)
