"""Reminders: who gets which, when by the clocks of whom, and that each comes once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete as remove
from sqlmodel import select, update

from bot import compose, delivery, housekeeping, reminder_choices, reminders
from bot.cards import Card
from bot.ports import Pace
from bot.scene import Scene
from bot.turn import Say
from storage import ledger, people
from storage.db import CompanySession, Database
from storage.tables import (
    Company,
    Delivery,
    DeliveryState,
    Event,
    EventReminder,
    EventState,
    Person,
    PersonState,
    Rsvp,
    RsvpAnswer,
    Seat,
    table,
)
from tests.bot.core import ALUMNA, OWNER, Core
from tests.bot.gatherings import HOST, answer, at, company, event, written

PACES = {"slack": Pace(60_000, 60_000)}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATEST = 200_000
"""Minutes after which the event has begun, wherever it was moved to."""


def wall(text: str, zone: str = "Asia/Tokyo") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def tick(database: Database, now: datetime) -> None:
    housekeeping.remind(database, lambda: now, PACES)


def arrive(database: Database) -> None:
    """What is written is sent."""
    sent = update(table(Delivery)).where(table(Delivery).c.state == DeliveryState.QUEUED)
    with database.installation() as session:
        session.core.execute(sent.values(state=DeliveryState.SENT))


def run(database: Database, until: datetime, first: datetime | None = None) -> list[tuple[int | None, datetime]]:
    """Wake up whenever something is due, as the engine does; returns who was written to, and when."""
    now = first
    for _ in range(200):
        with database.installation() as session:
            due = reminders.next_due(session)
        if due is None or due > until:
            break
        now = max(due, now or due)
        tick(database, now)
        arrive(database)
    with database.company(1) as session:
        return [(row.person_id, row.created_at) for row in written(session)]


def why_not(session: CompanySession, row: Delivery, now: datetime) -> str:
    found = ledger.caused(session, row.cause)
    assert found is not None
    reader = people.members(session, [row.person_id or 0]).get(row.person_id or 0)
    return delivery.why_not(session, found._replace(person_id=row.person_id), reader, now)


@pytest.mark.parametrize(
    ("zone", "start", "minutes", "expected"),
    [
        ("Asia/Tokyo", "2026-12-04T19:00", 10_080, "2026-11-27T19:00"),
        ("Asia/Tokyo", "2026-12-04T19:00", 60, "2026-12-04T18:00"),
        ("America/New_York", "2026-03-08T19:00", 1440, "2026-03-07T19:00"),  # forward: 23 hours later
        ("America/New_York", "2026-11-01T19:00", 1440, "2026-10-31T19:00"),  # back: 25 hours later
        ("America/New_York", "2026-03-08T12:00", 720, "2026-03-07T23:00"),  # 12 hours are 12 hours
        ("Europe/Berlin", "2026-03-30T02:30", 1440, "2026-03-29T03:00"),  # a wall time that there is not
        ("Europe/Berlin", "2026-10-26T02:30", 1440, "2026-10-25T02:30"),  # one that comes twice: the first
        ("Australia/Lord_Howe", "2026-10-04T12:00", 1440, "2026-10-03T12:00"),  # half an hour
        ("Asia/Kathmandu", "2026-12-04T19:00", 1440, "2026-12-03T19:00"),  # +05:45
        ("Pacific/Kiritimati", "2026-12-04T19:00", 1440, "2026-12-03T19:00"),  # +14:00
        ("Pacific/Apia", "2011-12-31T12:00", 1440, "2011-12-31T00:00"),  # there was no 30 December
        ("Asia/Tokyo", "2028-03-01T10:00", 1440, "2028-02-29T10:00"),
        ("Asia/Tokyo", "2028-02-29T10:00", 10_080, "2028-02-22T10:00"),
    ],
)
def test_a_day_before_is_the_same_time_on_the_wall(zone: str, start: str, minutes: int, expected: str) -> None:
    starts = datetime.fromisoformat(start)
    told: dict[str, Any] = {"zone": zone, "starts_wall": start}
    made = Event(**told, starts_at=starts.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
    assert reminders.due_at(made, minutes) == wall(expected, zone)


@pytest.mark.parametrize(
    ("zone", "hours", "start", "minutes", "expected"),
    [
        ("", "", "2026-12-04T19:00", 60, "2026-12-04T18:00"),
        ("", "", "2026-12-04T22:00", 1440, "2026-12-04T08:00"),
        ("", "", "2026-12-04T06:00", 60, "2026-12-03T21:00"),
        ("", "off", "2026-12-04T06:00", 60, "2026-12-04T05:00"),
        ("", "4-7", "2026-12-04T06:00", 60, "2026-12-04T04:00"),
        ("America/New_York", "", "2026-12-04T19:00", 60, "2026-12-04T11:00"),  # 04:00 there: 21:00 the evening before
        ("Asia/Kathmandu", "", "2026-12-04T13:00", 180, "2026-12-04T11:15"),  # 06:45 there: 08:00
        ("Pacific/Kiritimati", "", "2026-12-04T19:00", 60, "2026-12-04T16:00"),  # 23:00 there: 21:00
        ("No/Where", "nonsense", "2026-12-04T06:00", 60, "2026-12-03T21:00"),
    ],
)
def test_each_is_reminded_outside_of_their_own_quiet_hours(
    database: Database, zone: str, hours: str, start: str, minutes: int, expected: str
) -> None:
    company(database, people=1, timezone=zone, quiet=hours)
    with database.company(1) as session:
        made = event(session, start, reminders=[minutes])
        answer(session, made, 2)
        reminders.planned(session, made, LONG_AGO)
    assert run(database, wall(start)) == [(2, wall(expected))]
    with database.company(1) as session:
        assert written(session, "event_reminders_missed") == []


def test_those_who_take_part_get_all_and_the_undecided_the_first(database: Database) -> None:
    company(database, people=7)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00")
        assert made.reminders == [10_080, 1440, 60]
        answer(session, made, 2)
        answer(session, made, 3, Seat.NONE, answer=RsvpAnswer.MAYBE)
        answer(session, made, 4, Seat.WAITING)
        answer(session, made, 5, Seat.OFFERED)
        answer(session, made, 6, Seat.NONE, answer=RsvpAnswer.NO)
        answer(session, made, 7)
        answer(session, made, 8)
        session.get_one(Person, 7).state = PersonState.PAUSED
        session.get_one(Person, 8).opted_out_at = LONG_AGO
        reminders.planned(session, made, LONG_AGO)
    week, day, hour = (wall(text) for text in ("2026-11-27T19:00", "2026-12-03T19:00", "2026-12-04T18:00"))
    assert run(database, made.ends_at) == [(2, week), (3, week), (2, day), (2, hour)]


def test_a_moment_that_is_past_when_it_is_published_is_not_made_up_for(database: Database) -> None:
    company(database, people=1)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00")
        answer(session, made, 2)
        reminders.planned(session, made, wall("2026-12-01T12:00"))
        reminders.planned(session, made, wall("2026-12-01T12:01"))
    found = run(database, made.ends_at)
    assert [when for _, when in found] == [wall("2026-12-03T19:00"), wall("2026-12-04T18:00")]


@pytest.mark.parametrize(
    ("woken", "sent", "missed"),
    [
        ("2026-12-03T19:30", ["2026-12-03T19:30", "2026-12-04T18:00"], False),
        ("2026-12-03T23:00", ["2026-12-04T08:00", "2026-12-04T18:00"], False),  # late, and not in the night
        ("2026-12-04T18:59", ["2026-12-04T18:59", "2026-12-04T18:59"], False),
        ("2026-12-04T19:00", [], True),
        ("2026-12-06T12:00", [], True),
    ],
)
def test_who_wakes_up_late_sends_late_until_the_start(
    database: Database, woken: str, sent: list[str], missed: bool
) -> None:
    company(database, people=1)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", reminders=[1440, 60])
        answer(session, made, 2)
        reminders.planned(session, made, LONG_AGO)
    found = run(database, wall("2026-12-07T00:00"), wall(woken))
    assert found == [(2, wall(text)) for text in sent]
    with database.company(1) as session:
        told = written(session, "event_reminders_missed")
        assert [row.person_id for row in told] == ([HOST] if missed else []), "once, however many were missed"
        rows = session.exec(select(EventReminder)).all()
        assert {row.missed_at is not None for row in rows} == {missed}
        assert {row.look_at for row in rows} == {None}


def test_what_was_written_and_did_not_leave_before_the_start_is_told_too(database: Database) -> None:
    company(database, people=1)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", reminders=[60])
        answer(session, made, 2)
        reminders.planned(session, made, LONG_AGO)
    run(database, made.starts_at - MINUTE)
    with database.company(1) as session:
        row = written(session)[0]
        assert why_not(session, row, made.starts_at - MINUTE) == ""
        assert why_not(session, row, made.starts_at) == reminders.BEGUN
        session.exec(update(Delivery).values(state=DeliveryState.CANCELLED, reason=reminders.BEGUN))
    run(database, made.ends_at)
    with database.company(1) as session:
        assert len(written(session, "event_reminders_missed")) == 1


def test_moved_twice_each_reminder_comes_once_for_a_start(database: Database) -> None:
    company(database, people=1)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", reminders=[1440])
        answer(session, made, 2)
        reminders.planned(session, made, LONG_AGO)
    run(database, wall("2026-12-03T19:00"))
    with database.company(1) as session:
        made = session.get_one(Event, made.id)
        old = written(session)[0]
        at(session, made, "2026-12-10T19:00")
        reminders.moved(session, made, wall("2026-12-03T20:00"))
        assert why_not(session, old, wall("2026-12-03T20:00")) == "event_moved"
        assert written(session)[0].wanted == 2, "the copy shows the new time"
        at(session, made, "2026-12-04T19:00")
        reminders.moved(session, made, wall("2026-12-03T20:01"))
        assert why_not(session, old, wall("2026-12-03T20:02")) == ""
    assert len(run(database, made.ends_at)) == 1, "back where it was: nothing more"
    with database.company(1) as session:
        made = session.get_one(Event, made.id)
        at(session, made, "2026-12-10T19:00")
        reminders.moved(session, made, wall("2026-12-04T18:00"))
    assert run(database, wall("2026-12-12T00:00"))[1:] == [(2, wall("2026-12-09T19:00"))]


def test_moved_so_near_that_the_moment_is_past_only_what_was_overdue_is_owed(database: Database) -> None:
    company(database, people=1)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", reminders=[10_080, 1440])
        answer(session, made, 2)
        reminders.planned(session, made, wall("2026-11-20T12:00"))
        at(session, made, "2026-12-01T12:00")
        reminders.moved(session, made, wall("2026-11-27T19:00"))  # due this very minute, and nobody has looked yet
    assert run(database, made.ends_at, wall("2026-11-27T19:00")) == [
        (2, wall("2026-11-27T19:00")),
        (2, wall("2026-11-30T12:00")),
    ]
    with database.company(1) as session:
        late = event(session, "2026-12-20T19:00", reminders=[10_080])
        answer(session, late, 2)
        reminders.planned(session, late, wall("2026-12-01T12:00"))
        at(session, late, "2026-12-04T19:00")
        reminders.moved(session, late, wall("2026-12-01T12:30"))
    assert len(run(database, late.ends_at)) == 2, "the message about the change is reminder enough"


def test_a_cancelled_event_reminds_nobody_and_what_is_out_says_so(database: Database) -> None:
    company(database, people=2)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00")
        answer(session, made, 2)
        answer(session, made, 3)
        reminders.planned(session, made, LONG_AGO)
    run(database, wall("2026-11-27T19:00"))
    with database.company(1) as session:
        first, second = written(session)
        first.state, second.state = DeliveryState.SENDING, DeliveryState.QUEUED
        session.add_all([first, second])
        made = session.get_one(Event, made.id)
        made.state = EventState.CANCELLED
        session.add(made)
        reminders.cancelled(session, made, wall("2026-11-27T19:00"))
        first, second = written(session)
        assert (first.state, first.wanted) == (DeliveryState.SENDING, 2), "it is edited as soon as it is there"
        assert (second.state, second.reason) == (DeliveryState.CANCELLED, "event_cancelled")
        assert why_not(session, first, wall("2026-11-27T19:00")) == "event_cancelled"
    assert len(run(database, made.ends_at)) == 2
    with database.company(1) as session:
        assert written(session, "event_reminders_missed") == []


def test_a_seat_given_up_or_a_mute_is_asked_again_when_a_message_leaves(database: Database) -> None:
    company(database, people=2)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", reminders=[1440])
        one = answer(session, made, 2)
        answer(session, made, 3)
        reminders.planned(session, made, LONG_AGO)
    now = wall("2026-12-03T19:00")
    run(database, now)
    with database.company(1) as session:
        made, one = session.get_one(Event, made.id), session.get_one(Rsvp, (made.id, 2))
        first, second = written(session)
        one.seat, one.answer = Seat.NONE, RsvpAnswer.NO
        session.add(one)
        reminders.answered(session, made.id or 0, 2, now)
        reminder_choices.choose_for(session, made, 3, set(), now)
        assert (why_not(session, first, now), why_not(session, second, now)) == ("not_concerned", "not_concerned")
        reminder_choices.choose_for(session, made, 3, None, now)
        assert why_not(session, second, now) == ""


def test_who_signs_up_within_the_day_is_reminded_before_their_own_night(database: Database) -> None:
    company(database, people=2)
    with database.company(1) as session:
        made = event(session, "2026-12-04T06:00", reminders=[60])
        answer(session, made, 2)
        reminders.planned(session, made, LONG_AGO)
    run(database, wall("2026-12-03T12:00"))
    with database.company(1) as session:
        session.get_one(Person, 3).quiet = "18:00-08:00"
        answer(session, session.get_one(Event, made.id), 3)
        reminders.answered(session, made.id or 0, 3, wall("2026-12-03T12:00"))
    assert run(database, made.ends_at) == [(3, wall("2026-12-03T18:00")), (2, wall("2026-12-03T21:00"))]
    with database.company(1) as session:
        assert written(session, "event_reminders_missed") == []


def test_one_chooses_for_oneself_and_the_host_for_the_others(database: Database) -> None:
    company(database, people=2)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", reminders=[1440])
        answer(session, made, 2)
        answer(session, made, 3, Seat.NONE, answer=RsvpAnswer.MAYBE)
        reminders.planned(session, made, LONG_AGO)
        reminder_choices.choose_for(session, made, 2, {4320, 60}, LONG_AGO)
        made.reminders = [180]
        reminders.planned(session, made, LONG_AGO)
    assert run(database, made.ends_at) == [
        (2, wall("2026-12-01T19:00")),
        (3, wall("2026-12-04T16:00")),
        (2, wall("2026-12-04T18:00")),
    ]


def test_another_companys_event_is_none_of_ours(database: Database) -> None:
    company(database, people=1)
    with database.installation() as session:
        session.add(Company(id=2, name="Elsewhere", timezone="Europe/Berlin"))
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", reminders=[60])
        answer(session, made, 2)
        reminders.planned(session, made, LONG_AGO)
    with database.company(2) as session:
        assert reminders.send(session, PACES, made.starts_at - MINUTE) == 0
    with database.installation() as session:
        assert reminders.companies_due(session, made.starts_at - MINUTE) == [1]


# Whatever happens in whatever order

steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 4000)),
        st.tuples(st.just("move"), st.integers(-3, 6), st.integers(0, 23)),
        st.tuples(st.just("down"), st.integers(60, 3000)),
        st.tuples(st.just("answer"), st.integers(2, 4), st.sampled_from([Seat.TAKEN, Seat.NONE, Seat.WAITING])),
        st.tuples(st.just("choose"), st.integers(2, 4), st.sampled_from([None, (), (60,), (4320, 180)])),
        st.tuples(st.just("host"), st.sampled_from([(60,), (1440, 60), (10_080, 1440, 60), ()])),
        st.tuples(st.just("rest"), st.integers(2, 4), st.sampled_from(["", "off", "22:00-07:00", "08:00-20:00"])),
        st.tuples(st.just("cancel")),
    ),
    max_size=12,
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@given(steps)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_gets_each_reminder_at_most_once_and_who_stays_at_least_once(database: Database, did: list[Any]) -> None:
    """Person 5 takes a seat at the beginning and changes nothing: of what holds for everybody they miss nothing."""
    with database.installation() as session:
        for each in (Delivery, EventReminder, Rsvp, Event):
            session.core.execute(remove(table(each)))
        there = session.get(Company, 1) is not None
    if not there:
        company(database, people=4)
    story = Story(database)
    for step in did:
        getattr(story, step[0])(*step[1:])
    story.wait(LATEST)
    story.check()


class Story:
    def __init__(self, database: Database) -> None:
        self.database, self.now = database, wall("2026-11-20T12:00")
        with database.company(1) as session:
            made = event(session, "2026-12-04T19:00")
            self.event = made.id or 0
            for number in (2, 3, 4, 5):
                answer(session, made, number)
            reminders.planned(session, made, self.now)
            for person in session.exec(select(Person)):
                person.quiet = ""

    def _made(self, session: CompanySession) -> Event:
        return session.exec(select(Event).where(Event.id == self.event)).one()

    def wait(self, minutes: int) -> None:
        run(self.database, self.now + minutes * MINUTE, self.now)
        self.now += minutes * MINUTE

    def down(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    def _change(self, work: Any) -> None:
        with self.database.company(1) as session:
            made = self._made(session)
            if made.state is EventState.OPEN and made.starts_at > self.now:
                work(session, made)

    def move(self, days: int, hour: int) -> None:
        def work(session: CompanySession, made: Event) -> None:
            day = datetime.fromisoformat(made.starts_wall) + timedelta(days=days)
            before = made.starts_wall
            at(session, made, day.replace(hour=hour).isoformat(timespec="minutes"))
            if made.starts_at <= self.now:
                at(session, made, before)
            reminders.moved(session, made, self.now)

        self._change(work)

    def answer(self, person: int, seat: Seat) -> None:
        def work(session: CompanySession, made: Event) -> None:
            row = session.get_one(Rsvp, (self.event, person))
            row.seat = seat
            session.add(row)
            reminders.answered(session, self.event, person, self.now)

        self._change(work)

    def choose(self, person: int, chosen: tuple[int, ...] | None) -> None:
        told = None if chosen is None else set(chosen)
        self._change(lambda session, made: reminder_choices.choose_for(session, made, person, told, self.now))

    def host(self, chosen: tuple[int, ...]) -> None:
        def work(session: CompanySession, made: Event) -> None:
            made.reminders = [*chosen]
            session.add(made)
            reminders.planned(session, made, self.now)

        self._change(work)

    def rest(self, person: int, hours: str) -> None:
        def work(session: CompanySession, _: Event) -> None:
            session.get_one(Person, person).quiet = hours
            reminders.rested(session, person, self.now)

        self._change(work)

    def cancel(self) -> None:
        def work(session: CompanySession, made: Event) -> None:
            made.state = EventState.CANCELLED
            session.add(made)
            reminders.cancelled(session, made, self.now)

        self._change(work)

    def check(self) -> None:
        with self.database.company(1) as session:
            made, rows = self._made(session), written(session)
            keys = [(row.person_id, row.args["reminder"]["start"], row.args["reminder"]["minutes"]) for row in rows]
            assert len(keys) == len(set(keys)), "at most once"
            assert all(row.created_at < datetime.fromisoformat(row.args["reminder"]["start"]) for row in rows)
            planned = session.exec(select(EventReminder)).all()
            assert all(row.look_at is None for row in planned), "nothing is left hanging"
            if made.state is EventState.CANCELLED:
                return
            told = bool(written(session, "event_reminders_missed"))
            for row in planned:
                if row.person_id is None and row.written_at is not None:
                    assert any(key[::2] == (5, row.minutes) for key in keys), row
                elif row.person_id is None and row.missed_at is not None:
                    assert told


# With buttons


def pressed(core: Core, verb: str, args: dict[str, str], by: int = ALUMNA) -> tuple[str, list[str]]:
    """The title and the buttons of what comes back."""
    content = core.send(verb, args=args, by=by).content
    assert isinstance(content, Card)
    return content.title, [action.args.get("toggle", action.verb) for action in content.actions]


def minutes_of(core: Core, event_id: int | None, person_id: int | None) -> list[int]:
    with core.database.company(1) as session:
        return sorted(row.minutes for row in reminders.rows_of(session, event_id, person_id=person_id))


def test_buttons_mute_change_and_take_back(database: Database) -> None:
    core = Core(database, wall("2026-11-30T12:00")).settle()
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", title="会 <!channel>", reminders=[1440, 60])
        answer(session, made, ALUMNA)
        reminders.planned(session, made, core.now)
    told = {"event": str(made.id)}
    title, toggles = pressed(core, "event.reminders", told)
    assert "会" in title and toggles == ["4320", "1440", "180", "60", "0"], "a week before is past"
    for _ in range(2):
        pressed(core, "event.mute", told)
        assert minutes_of(core, made.id, ALUMNA) == [0]
    pressed(core, "event.reminders", {**told, "toggle": "180"})
    assert minutes_of(core, made.id, ALUMNA) == [180]
    pressed(core, "event.reminders", {**told, "usual": "1"})
    assert minutes_of(core, made.id, ALUMNA) == []
    pressed(core, "event.reminders", {**told, "toggle": "1440"})
    assert minutes_of(core, made.id, ALUMNA) == [60]
    for wrong in ("7", "-60", "99999999999999999999", "x"):
        pressed(core, "event.reminders", {**told, "toggle": wrong})
        assert minutes_of(core, made.id, ALUMNA) == [60]
    unknown = pressed(core, "event.reminders", {"event": "999"})[0]
    assert pressed(core, "event.mute", told, by=OWNER)[0] == unknown, "who has not answered"
    assert pressed(core, "event.reminders.all", {**told, "toggle": "0"})[0] == unknown, "who is no host"
    pressed(core, "event.reminders.all", {**told, "toggle": "180"}, by=OWNER)
    assert minutes_of(core, made.id, None) == [60, 180, 1440]
    core.now = wall("2026-12-04T19:00")
    assert pressed(core, "event.mute", told)[0] == unknown, "it has begun"


def test_the_undecided_are_asked_to_come_as_long_as_they_can_sign_up(database: Database) -> None:
    company(database)
    deadline = wall("2026-12-03T19:00")
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", deadline_at=deadline)
        answer(session, made, 2, Seat.NONE, answer=RsvpAnswer.MAYBE)
        told = {"event": made.id, "start": made.starts_at.isoformat(), "minutes": 1440}
        reader = people.members(session, [2])[2]

        def offered(now: datetime) -> list[str]:
            scene = Scene(session, people.company(session), reader, "ja", now, letters=False, leaves=False)
            card = compose.content(scene, Say("event_reminder", {"reminder": told}))
            assert isinstance(card, Card)
            return [action.verb for action in card.actions if action.verb in ("event.going", "event.no")]

        assert offered(deadline - timedelta(seconds=1)) == ["event.going", "event.no"]
        assert offered(deadline) == ["event.no"]
        made.deadline_at = None
        assert offered(deadline) == ["event.going", "event.no"]
