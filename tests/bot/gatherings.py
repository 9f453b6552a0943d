"""Events of a company, and people who answered them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot import clock
from storage.db import CompanySession, Database
from storage.tables import (
    Account,
    Company,
    Delivery,
    Event,
    Person,
    PersonState,
    Role,
    Rsvp,
    RsvpAnswer,
    Seat,
)

HOST = 1


def company(database: Database, *, people: int = 3, zone: str = "Asia/Tokyo", **everybody: Any) -> None:
    """A host, and alumni numbered from 2 on."""
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所", timezone=zone))
    with database.company(1) as session:
        for number in range(1, people + 2):
            role = Role.HR if number == HOST else Role.ALUMNUS
            person = Person(id=number, name=f"名前 {number}", role=role, state=PersonState.ACTIVE, **everybody)
            session.add(person)
        session.flush()
        session.add_all(
            Account(platform="slack", workspace="T", external_id=f"U{n}", person_id=n, address=f"D{n}")
            for n in range(1, people + 2)
        )


def event(session: CompanySession, wall: str, zone: str = "Asia/Tokyo", **having: Any) -> Event:
    """An open one of two hours."""
    starts = datetime.fromisoformat(wall)
    made = Event(
        **{
            "title": "交流会",
            "zone": zone,
            "starts_wall": wall,
            "starts_at": clock.instant(starts, zone),
            "ends_wall": (starts + timedelta(hours=2)).isoformat(timespec="minutes"),
            "ends_at": clock.instant(starts, zone) + timedelta(hours=2),
            "host_id": HOST,
            "desk_platform": "slack",
            "desk_workspace": "T",
            "desk_address": f"D{HOST}",
            **having,
        }
    )
    session.add(made)
    session.flush()
    return made


def at(session: CompanySession, of: Event, wall: str, zone: str = "") -> None:
    """It begins then instead."""
    of.zone = zone or of.zone
    starts = datetime.fromisoformat(wall)
    of.starts_wall, of.starts_at = wall, clock.instant(starts, of.zone)
    of.ends_at = of.starts_at + timedelta(hours=2)
    of.sequence += 1
    session.add(of)
    session.flush()


def answer(session: CompanySession, of: Event, person_id: int, seat: Seat = Seat.TAKEN, **having: Any) -> Rsvp:
    said = having.pop("answer", RsvpAnswer.GOING)
    row = Rsvp(event_id=of.id or 0, person_id=person_id, answer=said, seat=seat, **having)
    session.add(row)
    session.flush()
    return row


def written(session: CompanySession, template: str = "event_reminder") -> Sequence[Delivery]:
    query = select(Delivery).where(Delivery.template == template).order_by(col(Delivery.id))
    return session.exec(query.execution_options(populate_existing=True)).all()
