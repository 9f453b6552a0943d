"""Seats: whoever asked first gets them, none is given twice, and none stays empty while somebody waits who fits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot import event_forms, event_versions, events, housekeeping, merging, recurrence, reminders, rsvps, seating
from bot.cards import Card, Form
from storage.db import CompanySession, Database
from storage.tables import Delivery, Event, EventState, EventVersion, Person, PersonState, Role, Rsvp, RsvpAnswer, Seat
from tests.bot.core import ALUMNA, NOW, OWNER, Core, faulty, gathering

PEOPLE = 12
FIRST = 101
GOING, MAYBE, NO = RsvpAnswer.GOING, RsvpAnswer.MAYBE, RsvpAnswer.NO

step = st.one_of(
    st.tuples(st.just("come"), st.integers(0, PEOPLE - 1), st.integers(0, 3)),
    st.tuples(st.sampled_from(["maybe", "no", "confirm"]), st.integers(0, PEOPLE - 1), st.just(0)),
    st.tuples(st.just("seats"), st.integers(1, 12), st.just(0)),
    st.tuples(st.just("hours"), st.integers(1, 30), st.just(0)),
)


@pytest.fixture
def crowd(database: Database) -> Database:
    Core(database).settle()
    _add_people(database, PEOPLE)
    return database


def _add_people(database: Database, number: int) -> None:
    with database.company(1) as session:
        made: dict[str, Any] = {"role": Role.ALUMNUS, "state": PersonState.ACTIVE, "created_at": NOW}
        session.add_all(Person(id=FIRST + n, name=f"名{n}", **made) for n in range(number))


@contextmanager
def undone(database: Database, **having: Any) -> Iterator[tuple[CompanySession, Event]]:
    """An event, of which nothing is left afterwards."""
    with database.company(1) as session:
        event = gathering(**having)
        session.add(event)
        session.flush()
        yield session, event
        session.rollback()


def answers(session: CompanySession, event: Event) -> dict[int, Rsvp]:
    return {rsvp.person_id: rsvp for rsvp in session.exec(select(Rsvp).where(Rsvp.event_id == event.id))}


@given(steps=st.lists(step, max_size=30), confirm=st.sampled_from([0, 60, 1440]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_seat_is_given_twice_or_left_empty_and_the_line_keeps_its_order(
    crowd: Database, steps: list[tuple[str, int, int]], confirm: int
) -> None:
    with undone(crowd, capacity=5, confirm_minutes=confirm) as (session, event):
        now, most = NOW, 0
        for what, who, guests in steps:
            person, before = FIRST + who, {p: (r.seat, r.number) for p, r in answers(session, event).items()}
            match what:
                case "come":
                    rsvps.come(session, event, person, now, guests=guests)
                case "maybe" | "no":
                    rsvps.stay_away(session, event, person, RsvpAnswer(what), now)
                case "confirm":
                    rsvp = answers(session, event).get(person)
                    if rsvp is not None and rsvp.seat is Seat.OFFERED:
                        rsvps.come(session, event, person, now, guests=rsvp.guests)
                case "seats":
                    event.capacity = who
                    rsvps.move_up(session, event, now)
                case _:
                    now += timedelta(hours=who)
                    rsvps.expire(session, now)
            said = answers(session, event)
            used = seating.used(said.values())
            most = max(event.capacity or 0, min(most, used))
            assert used <= most, "more is used than there is, and than was used before some were taken away"
            free = (event.capacity or 0) - used
            waiting = sorted((r for r in said.values() if r.seat is Seat.WAITING), key=lambda r: r.number)
            assert all(seating.size(rsvp) > free for rsvp in waiting), "nobody waits who fits"
            numbers = [rsvp.number for rsvp in said.values() if rsvp.seat is not Seat.NONE]
            assert len(numbers) == len(set(numbers))
            moved = [
                said[p] for p, (seat, _) in before.items() if seat is Seat.WAITING and said[p].seat in seating.HOLDING
            ]
            for rsvp in moved:
                passed = [
                    w for w in waiting if w.number < rsvp.number and before.get(w.person_id, (0,))[0] is Seat.WAITING
                ]
                assert all(seating.size(w) > seating.size(rsvp) + free for w in passed), "none is overtaken who fits"
            for person_id, (seat, number) in before.items():
                assert seat is not Seat.WAITING or said[person_id].number in (number, 0) or person_id == person
            assert all((rsvp.offered_until is not None) is (rsvp.seat is Seat.OFFERED) for rsvp in said.values())
            assert all((rsvp.seat is Seat.NONE) or rsvp.answer is GOING for rsvp in said.values())


def test_who_lets_a_seat_go_is_told_and_the_next_has_it(crowd: Database) -> None:
    with undone(crowd, capacity=1, confirm_minutes=60) as (session, event):
        for person in range(FIRST, FIRST + 4):
            rsvps.come(session, event, person, NOW)
        rsvps.stay_away(session, event, FIRST, NO, NOW)
        said = answers(session, event)
        assert (said[FIRST + 1].seat, said[FIRST + 1].offered_until) == (Seat.OFFERED, NOW + timedelta(hours=1))
        assert rsvps.next_due(session) == NOW + timedelta(hours=1)
        assert rsvps.expire(session, NOW + timedelta(minutes=59)) == 0
        assert rsvps.expire(session, NOW + timedelta(hours=1)) == 1
        assert (said[FIRST + 1].answer, said[FIRST + 1].seat) == (MAYBE, Seat.NONE)
        assert (said[FIRST + 2].seat, said[FIRST + 3].seat) == (Seat.OFFERED, Seat.WAITING)


@pytest.mark.parametrize(
    ("left", "within", "until"),
    [
        (timedelta(days=9), timedelta(days=1), timedelta(days=1)),
        (timedelta(hours=10), timedelta(days=1), timedelta(hours=5)),
        (timedelta(minutes=20), timedelta(days=1), timedelta(minutes=15)),
        (timedelta(minutes=5), timedelta(days=1), timedelta(minutes=5)),
        (timedelta(minutes=5), timedelta(minutes=2), timedelta(minutes=2)),
    ],
)
def test_near_the_start_a_seat_waits_less_long(left: timedelta, within: timedelta, until: timedelta) -> None:
    assert seating.offered_until(NOW, NOW + left, within) == NOW + until


def test_more_guests_than_there_is_room_for_leave_all_as_it_was(crowd: Database) -> None:
    with undone(crowd, capacity=4, guests_each=3) as (session, event):
        assert rsvps.come(session, event, FIRST, NOW) is None
        assert rsvps.come(session, event, FIRST + 1, NOW, guests=1) is None
        assert rsvps.come(session, event, FIRST, NOW, guests=3) == 1
        assert answers(session, event)[FIRST].guests == 0
        event.capacity = 1
        assert rsvps.come(session, event, FIRST + 1, NOW, guests=1) is None, "fewer seats take nobody's away"
        assert rsvps.come(session, event, FIRST + 1, NOW, guests=2) == 0
        assert rsvps.free(session, event) == -2


def test_at_the_start_nobody_moves_up_any_more(crowd: Database) -> None:
    with undone(crowd, capacity=1) as (session, event):
        rsvps.come(session, event, FIRST, NOW)
        rsvps.come(session, event, FIRST + 1, NOW)
        rsvps.stay_away(session, event, FIRST, NO, event.starts_at)
        assert answers(session, event)[FIRST + 1].seat is Seat.WAITING


def test_what_two_people_answered_is_one_answer_when_they_are_one(crowd: Database) -> None:
    with undone(crowd, capacity=3, confirm_minutes=0) as (session, event):
        for person, guests in ((FIRST, 0), (FIRST + 1, 1), (FIRST + 2, 0)):
            rsvps.come(session, event, person, NOW, guests=guests)
        keeper, other = (session.get_one(Person, number) for number in (FIRST, FIRST + 1))
        merger = merging.into_one(session, keeper, other, set(), NOW)
        said = answers(session, event)
        assert {person: rsvp.seat for person, rsvp in said.items()} == {FIRST: Seat.TAKEN, FIRST + 2: Seat.TAKEN}
        assert said[FIRST].number == 1 and seating.used(said.values()) == 2, "the earlier of two seats"
        rsvps.come(session, event, FIRST + 3, NOW)
        merging.apart(session, merger, keeper, other, NOW)
        said = answers(session, event)
        assert (said[FIRST].seat, said[FIRST + 1].seat) == (Seat.TAKEN, Seat.WAITING), "their seats have gone meanwhile"
        assert seating.used(said.values()) == 3


# Forms and time


EVENING = {
    "title": "夕べ",
    "words": "食堂にて",
    "day": "2026-12-11",
    "starts": "19:00",
    "ends": "21:00",
    "zone": "Asia/Tokyo",
}


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"ends": "18:59"}, "ends"),
        ({"ends": "19:00"}, "ends"),
        ({"ends": "1:00", "ends_day": "2026-12-12"}, ""),
        ({"ends_day": "2026-12-10"}, "ends_day"),
        ({"day": "2026-11-20"}, "day"),
        ({"zone": "Asia/Tokio"}, "zone"),
        ({"zone": "../etc/passwd"}, "zone"),
        ({"zone": ""}, ""),
        ({"zone": "America/New_York", "day": "2027-03-14", "starts": "2:30", "ends": "4:00"}, ""),
        ({"starts": "25:00"}, "starts"),
        ({"starts": "１９：００"}, ""),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "百"}, "capacity"),
        ({"capacity": "１２０名"}, ""),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"words": "山" * 3001}, "words"),
        ({"words": "山" * 3000}, ""),
    ],
)
def test_what_is_wrong_with_an_event_is_said_at_its_field(database: Database, said: dict[str, str], at: str) -> None:
    core = Core(database).settle()
    assert list(faulty(core.send("event.create", EVENING | said))) == ([at] if at else [])


def test_a_start_in_a_gap_of_the_clocks_is_moved_and_shown_so(database: Database) -> None:
    core = Core(database).settle("en")
    core.send(
        "event.create", EVENING | {"zone": "America/New_York", "day": "2027-03-14", "starts": "2:30", "ends": "4:00"}
    )
    with database.company(1) as session:
        event = session.exec(select(Event).order_by(col(Event.id).desc())).first()
        assert event is not None and event.starts_at == datetime(2027, 3, 14, 7, tzinfo=UTC)
        assert "03:00" in events.when(event, "en")


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"deadline": "2026-12-13"}, "deadline"),
        ({"deadline": "2026-11-20"}, "deadline"),
        ({"deadline": "2026-12-10", "deadline_time": "12:00"}, ""),
        ({"guests": "10"}, "guests"),
        ({"questions": "a\nb\nc\nd"}, "questions"),
        ({"questions": "山" * 61}, "questions"),
        ({"host": "だれでもない"}, "host"),
        ({"host": "田中 恵"}, ""),
    ],
)
def test_what_is_wrong_with_the_sign_up_is_said_at_its_field(database: Database, said: dict[str, str], at: str) -> None:
    core = Core(database).settle()
    assert list(faulty(core.send("event.options", said, {"event": "2"}))) == ([at] if at else [])


def test_of_two_who_change_an_event_at_once_the_second_is_asked(database: Database) -> None:
    core = Core(database).settle("en")
    form = core.send("event.create", args={"event": "1"}).content
    assert isinstance(form, Form)
    assert not faulty(core.send("event.create", EVENING | {"title": "One"}, form.args))
    other = core.send("event.create", EVENING | {"title": "Two"}, form.args)
    assert "somebody else" in faulty(other)["title"].lower() and isinstance(other.content, Form)
    assert not faulty(core.send("event.create", EVENING | {"title": "Two"}, other.content.args))
    with database.company(1) as session:
        kept = session.exec(select(EventVersion).order_by(col(EventVersion.version))).all()
        assert [row.content.get("title") for row in kept] == [None, "One", "Two"]
        assert session.get_one(Event, 1).sequence == 2


def test_only_whoever_runs_it_changes_it_and_only_whom_it_is_for_sees_it(database: Database) -> None:
    core = Core(database).settle("en")
    with database.company(1) as session:
        session.get_one(Event, 1).audience = {"cities": ["大阪"]}
    for verb in ("event.create", "event.options", "event.publish", "event.discard", "event.cancel"):
        for event in ("1", "2", "99", "x"):
            answer = core.send(verb, args={"event": event}, by=ALUMNA).content
            assert isinstance(answer, Card) and answer.title == "No such event", (verb, event)
    assert "Only HR, and members" in core.say("create event", by=ALUMNA).content.summary  # type: ignore[union-attr]
    assert "may host" in core.say("host 田中 恵").content.summary  # type: ignore[union-attr]
    assert isinstance(core.say("create event", by=ALUMNA).content, Form)
    with database.company(1) as session:
        session.get_one(Person, ALUMNA).city = "大阪市"
    assert core.send("event.show", args={"event": "1"}, by=ALUMNA).content.title == "夕べ"  # type: ignore[union-attr]
    answer = core.send("event.cancel", args={"event": "1"}, by=ALUMNA).content
    assert isinstance(answer, Card) and "not open to you" in answer.title


@pytest.mark.parametrize("rule", recurrence.CHOICES)
def test_a_row_of_events_goes_on_at_the_same_wall_time(database: Database, rule: str) -> None:
    core = Core(database).settle()
    zone = "America/New_York"
    core.send("event.create", EVENING | {"zone": zone, "day": "2027-03-09"})
    with database.company(1) as session:
        event = session.exec(select(Event).order_by(col(Event.id).desc())).first()
        assert event is not None
        event.rule, event.state = recurrence.rule(rule, datetime.fromisoformat(event.starts_wall)), EventState.OPEN
        event.host_id = OWNER
        first = event.id or 0
    expected = {"weekly": "2027-03-16", "fortnightly": "2027-03-23", "monthly": "2027-04-13", "yearly": "2028-03-09"}
    now = datetime(2027, 3, 10, 12, tzinfo=UTC)
    for _ in range(2):
        housekeeping.run(database, lambda: now)
    with database.company(1) as session:
        again = session.exec(select(Event).where(Event.series_id == first)).all()
        assert session.get_one(Event, first).state is EventState.OVER
        soon = rule in ("weekly", "fortnightly", "monthly")
        assert [event.starts_wall for event in again] == ([f"{expected[rule]}T19:00"] if soon else [])
        assert all(event.starts_at.hour == 23 and event.state is EventState.OPEN for event in again), "DST has begun"
        ahead = [60, 1440] if rule == "weekly" else [60, 1440, 10_080]  # a week before the weekly one has passed
        for copy in again:
            rows = reminders.rows_of(session, copy.id)
            assert sorted(row.minutes for row in rows) == ahead, "it has reminders of its own"
            assert all(now < row.due_at == reminders.due_at(copy, row.minutes) for row in rows)
    if rule == "yearly":
        housekeeping.run(database, lambda: datetime(2028, 1, 20, tzinfo=UTC))
        with database.company(1) as session:
            (next_one,) = session.exec(select(Event).where(Event.series_id == first)).all()
            assert next_one.starts_wall == "2028-03-09T19:00" and next_one.uid != session.get_one(Event, first).uid


def test_sign_up_closes_at_its_moment_and_the_list_moves_up_until_the_start(database: Database) -> None:
    core = Core(database).settle("en")
    with database.company(1) as session:
        event = session.get_one(Event, 1)
        event.capacity, event.questions, event.guests_each = 1, [], 0
        event.deadline_at, event.deadline_wall = NOW + timedelta(days=1), "2026-11-22T01:00"
    core.send("event.going", args={"event": "1"})
    core.send("event.going", args={"event": "1"}, by=ALUMNA)
    core.now = NOW + timedelta(days=2)
    housekeeping.run(database, lambda: core.now)
    core.send("event.no", args={"event": "1"})
    shown = core.send("event.show", args={"event": "1"}, by=ALUMNA).content
    assert isinstance(shown, Card) and [action.verb for action in shown.actions][:2] == ["event.confirm", "event.no"]
    core.send("event.confirm", args={"event": "1"}, by=ALUMNA)
    again = core.send("event.going", args={"event": "1"}).content
    assert isinstance(again, Card) and again.title == "This is closed"
    with database.company(1) as session:
        assert session.get_one(Rsvp, (1, ALUMNA)).seat is Seat.TAKEN
        assert session.get_one(Event, 1).closed_at == core.now


def test_a_place_for_guests_is_told_to_nobody_else(database: Database) -> None:
    core = Core(database).settle("en")
    with database.company(1) as session:
        event = session.get_one(Event, 1)
        event.place, event.place_for_guests, event.questions, event.guests_each = "SECRET", True, [], 0
        event.version = 2
        row = EventVersion(event_id=1, version=2, at=NOW, author_id=OWNER, content=event_versions.content_of(event))
        row.changed = ["place"]
        session.add(row)
    assert "SECRET" not in str(core.send("event.show", args={"event": "1"}, by=ALUMNA).content)
    assert "SECRET" not in str(core.send("event.maybe", args={"event": "1"}, by=ALUMNA).content)
    assert "SECRET" in str(core.send("event.going", args={"event": "1"}, by=ALUMNA).content)
    assert "SECRET" in str(core.send("event.show", args={"event": "1"}).content)
    assert event_forms.MOST_GUESTS == 9


@pytest.mark.parametrize("end", ["cancelled", "over"])
def test_reminders_go_along_with_what_becomes_of_an_event(database: Database, end: str) -> None:
    core, told = Core(database).settle("en"), {"event": "1"}

    def edit(**said: str) -> None:
        assert not faulty(core.send("event.create", EVENING | said, told))

    def planned() -> list[tuple[int, datetime]]:
        with database.company(1) as session:
            rows = reminders.rows_of(session, 1)
            return sorted((row.minutes, row.due_at) for row in rows if row.look_at and not row.written_at)

    def changes() -> int:
        """Of the one reminder that was sent."""
        with database.company(1) as session:
            return session.exec(select(Delivery).where(Delivery.template == "event_reminder")).one().wanted

    with database.company(1) as session:
        event = session.get_one(Event, 1)
        event.questions, event.guests_each, event.rule = [], 0, ""
    edit()
    start = datetime(2026, 12, 11, 10, tzinfo=UTC)
    assert [minutes for minutes, _ in planned()] == [60, 1440, 10_080]
    core.send("event.going", args=told, by=ALUMNA)
    core.now = start - timedelta(weeks=1)
    housekeeping.remind(database, lambda: core.now, {})
    seen = changes()
    edit(place="Hall 2")
    assert changes() > seen and [minutes for minutes, _ in planned()] == [60, 1440]
    seen = changes()
    core.send("event.no", args=told, by=ALUMNA)
    assert changes() > seen
    seen = changes()
    edit(place="Hall 2", day="2026-12-12")
    later = start + timedelta(days=1)
    assert changes() > seen
    assert planned() == [(minutes, later - timedelta(minutes=minutes)) for minutes in (60, 1440, 10_080)]
    seen = changes()
    if end == "cancelled":
        core.send("event.cancel", {"which": events.ONE, "reason": ""}, told)
    else:
        core.now = later + timedelta(hours=2)
        housekeeping.run(database, lambda: core.now)
    with database.company(1) as session:
        assert session.get_one(Event, 1).state == end
    assert changes() > seen and planned() == [], "it says so, and nobody is reminded any more"
