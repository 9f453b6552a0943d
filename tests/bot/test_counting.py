"""How often the copies of an event are edited while many answer: each answerer's at once, the others' now and then."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot import event_versions, events, rsvps, subjects
from storage import ledger
from storage.db import Database
from storage.ledger import LEASE, DeliveryRow, Draft
from storage.tables import Delivery, DeliveryState, Event, Person, PersonState, Role, RsvpAnswer, table
from tests.bot.core import NOW, OWNER, Core, gathering

FIRST = 1001
COPIES = 370
RUSH = 75
A_MINUTE = 45
STEP = timedelta(seconds=4)
S = timedelta(seconds=1)
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where it is about numbers; the statements are tried on both databases by the others."""


class Gathering:
    """An event of which everybody has a copy in one Slack workspace, and a courier that edits at Slack's pace."""

    def __init__(self, database: Database, copies: int, **having: Any) -> None:
        self.database, self.now = database, NOW
        Core(database).settle()
        made: dict[str, Any] = {"role": Role.ALUMNUS, "state": PersonState.ACTIVE, "created_at": NOW}
        with database.company(1) as session:
            session.add_all(Person(id=FIRST + n, name=f"名{n}", **made) for n in range(copies))
            event = gathering(**having)
            session.add(event)
            session.flush()
            self.event_id = event.id or 0
            desk = self._draft("event_desk", OWNER, subjects.event_desk(self.event_id))
            offers = [
                self._draft("event_offer", FIRST + n, subjects.event(self.event_id), unasked=True)
                for n in range(copies)
            ]
            ledger.enqueue(session, [desk, *offers], NOW)
            sent = {"state": DeliveryState.SENT, "ref": "there", "shown": 1}
            session.core.execute(update(table(Delivery)).values(sent))
        self.edits: list[tuple[datetime, DeliveryRow]] = []

    def _draft(self, template: str, person: int, subject: str, **more: Any) -> Draft:
        place = {"platform": "slack", "workspace": "T1", "address": f"slack:{person}"}
        return Draft(
            template, f"person:{person}", **place, template=template, person_id=person, subject=subject, **more
        )

    def answers(self, person: int, said: RsvpAnswer) -> None:
        with self.database.company(1) as session:
            event = events.held(session, self.event_id)
            assert event is not None
            if said is RsvpAnswer.GOING:
                rsvps.come(session, event, person, self.now)
            else:
                rsvps.stay_away(session, event, person, said, self.now)

    def edited(self, limit: int = 1000, *answering: tuple[int, RsvpAnswer]) -> list[DeliveryRow]:
        """As many copies are edited as are due and may be; these people answer while the edits are under way."""
        with self.database.installation() as session:
            rows = ledger.claim_edits(session, self.now, limit)
        for person, said in answering:
            self.answers(person, said)
        with self.database.installation() as session:
            for row in rows:
                with self.database.company(1, within=session) as own:
                    copy = row.template == "event_offer"
                    rest = event_versions.rest(own, row.subject or "") if copy else timedelta()
                ledger.settle_edits(session, [(row.id, row.wanted)], self.now, rest=rest)
        self.edits += [(self.now, row) for row in rows]
        return rows

    def due(self) -> bool:
        with self.database.installation() as session:
            return bool(ledger.due(session, self.now + timedelta(days=1)))


@ON_ONE
def test_in_a_rush_each_answerer_sees_it_at_once_and_the_others_now_and_then(database: Database) -> None:
    """75 of 370 answer within five minutes, each while others' copies are being edited."""
    evening = Gathering(database, COPIES, capacity=200)
    a_step, answered = A_MINUTE * STEP.seconds // 60, dict[int, datetime]()
    for number in range(RUSH):
        answered[FIRST + number] = evening.now
        evening.edited(a_step, (FIRST + number, RsvpAnswer.GOING))
        evening.now += STEP
    rush = evening.now - NOW
    by_person = Counter(row.person_id for _, row in evening.edits if row.template == "event_offer")
    assert sum(by_person[FIRST + n] for n in range(RUSH, COPIES)) == 0, "nobody else's copy is in the way"
    for person, at in answered.items():
        seen = [when for when, row in evening.edits if row.person_id == person]
        assert not seen or seen[0] - at <= 2 * STEP, "one's own answer is there at once"
    assert sum(person in by_person for person in answered) >= RUSH - 2
    assert max(by_person.values()) <= 2 and sum(by_person.values()) <= 2 * RUSH
    desk = [when for when, row in evening.edits if row.template == "event_desk"]
    assert len(desk) >= rush / (2 * STEP), "whoever runs it sees the counts all the time"

    while evening.due():
        evening.edited(a_step)
        evening.now += STEP
    everybody = Counter(row.person_id for _, row in evening.edits if row.template == "event_offer")
    assert len(everybody) == COPIES and max(everybody.values()) <= 3
    most = timedelta(minutes=COPIES / A_MINUTE)
    assert evening.now - NOW <= rush + event_versions.LATEST + 2 * most


@ON_ONE
@pytest.mark.parametrize(("copies", "within"), [(1, S), (20, S), (21, 3 * S), (50, 61 * S), (COPIES, 701 * S)])
def test_the_more_copies_the_longer_counts_may_be_old(database: Database, copies: int, within: timedelta) -> None:
    evening = Gathering(database, copies)
    evening.answers(FIRST, RsvpAnswer.GOING)
    assert {row.person_id for row in evening.edited()} == {FIRST}
    evening.now = NOW + within - S / 2
    assert [row for row in evening.edited() if row.template == "event_offer"] == []
    evening.now = NOW + within
    assert len([row for row in evening.edited() if row.template == "event_offer"]) == copies - 1
    assert not evening.due()


def test_that_it_is_full_and_that_it_is_not_any_more_are_told_at_once(database: Database) -> None:
    evening = Gathering(database, 60, capacity=2)
    evening.answers(FIRST, RsvpAnswer.GOING)
    assert len(evening.edited()) == 1
    evening.now += S
    evening.answers(FIRST + 1, RsvpAnswer.GOING)
    assert len(evening.edited()) == 61, "the last seat is gone"
    evening.now += S
    evening.answers(FIRST + 2, RsvpAnswer.GOING)
    assert [row.person_id for row in evening.edited()] == [FIRST + 2], "it is full as before"
    evening.now += S
    evening.answers(FIRST, RsvpAnswer.NO)
    told = {row.person_id for row in evening.edited()}
    assert told == {FIRST, FIRST + 2, OWNER}, "the next has the seat, so it is full as before"
    evening.now += S
    # This comes while all the copies are under way: none of them rests on what it showed before.
    evening.answers(FIRST + 1, RsvpAnswer.NO)
    assert len(evening.edited(1000, (FIRST + 3, RsvpAnswer.GOING))) == 60
    assert len(evening.edited()) == 60
    with database.company(1) as session:
        assert rsvps.free(session, session.get_one(Event, evening.event_id)) == 0


def test_what_waits_its_turn_is_not_written_at_each_answer(database: Database) -> None:
    evening = Gathering(database, COPIES)

    def wanted() -> Counter[int]:
        with database.company(1) as session:
            rows = session.core.execute(table(Delivery).select()).mappings()
            return Counter(row["wanted"] for row in rows if row["template"] == "event_offer")

    for number in range(5):
        evening.answers(FIRST + number, RsvpAnswer.GOING)
    assert wanted()[2] == COPIES - 5
    evening.edited()
    evening.now += 701 * S - LEASE
    evening.answers(FIRST + 5, RsvpAnswer.GOING)  # from here on any copy may be under way
    assert wanted()[3] == COPIES - 6
