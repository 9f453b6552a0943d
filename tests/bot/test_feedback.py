"""After an event: who is thanked and when, and what the host learns of what they say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot import attendance, erasure, events, feedback
from bot.scene import Scene
from storage import people
from storage.db import CompanySession, Database
from storage.tables import Event, EventState, Feedback, Person, Rsvp, Seat
from tests.bot import gatherings
from tests.bot.core import ALUMNA, NOW, OVER, OWNER, Core
from tests.bot.gatherings import HOST

END = datetime(2026, 12, 11, 12, tzinfo=UTC)
"""Nine in the evening in Tokyo."""
MORNING = datetime(2026, 12, 12, 1, tzinfo=UTC)
"""Ten on the day after."""


@pytest.fixture
def ended(database: Database) -> Iterator[CompanySession]:
    gatherings.company(database, people=8)
    with database.company(1) as session:
        gatherings.event(session, "2026-12-11T19:00", id=1)
        yield session
        session.rollback()


def guest(session: CompanySession, number: int, **having: object) -> None:
    gatherings.answer(session, session.get_one(Event, 1), number, **having)  # type: ignore[arg-type]


def thanked(session: CompanySession, now: datetime = MORNING) -> list[tuple[int | None, datetime]]:
    events.end(session, END)
    feedback.run(session, {}, now)
    return [(row.person_id, row.due_at) for row in gatherings.written(session, "event_thanks")]


def results(session: CompanySession, now: datetime) -> feedback.ResultsView:
    reader = people.members(session, [HOST])[HOST]
    return feedback.results_view(Scene(session, people.company(session), reader, "ja", now), 1)


def said(session: CompanySession, number: int, score: int, words: str = "", *, named: bool = False) -> None:
    mark = feedback.mark_of(session, 1, number)
    session.add(Feedback(event_id=1, mark=mark, person_id=number if named else None, score=score, words=words))
    session.flush()


def test_whoever_came_is_thanked_on_the_next_morning_and_once(ended: CompanySession) -> None:
    guest(ended, 2, arrived_at=END)
    guest(ended, 3)
    guest(ended, 4, seat=Seat.WAITING, arrived_at=END)
    guest(ended, 5, arrived_at=END)
    ended.get_one(Person, 5).opted_out_at = END
    ended.get_one(Person, 4).quiet = "6-12"
    assert thanked(ended, MORNING - timedelta(seconds=1)) == [] and feedback.next_due(ended) == MORNING
    told = thanked(ended)
    assert [number for number, _ in told] == [2, 4]
    assert told[1][1] == MORNING + timedelta(hours=2), "at the end of their quiet hours"
    assert thanked(ended, MORNING + timedelta(days=1)) == told
    event = ended.get_one(Event, 1)
    assert event.feedback_until == feedback.next_due(ended) == MORNING + feedback.ASKED_FOR


def test_where_nobody_was_checked_in_whoever_had_a_seat_is_asked(ended: CompanySession) -> None:
    guest(ended, 2)
    guest(ended, 3, seat=Seat.WAITING)
    assert [number for number, _ in thanked(ended)] == [2]


def test_after_a_long_stop_or_a_cancellation_nobody_is_thanked(ended: CompanySession) -> None:
    guest(ended, 2, arrived_at=END)
    assert thanked(ended, MORNING + feedback.LATEST + timedelta(seconds=1)) == [] and not feedback.next_due(ended)
    event = ended.get_one(Event, 1)
    event.state, event.thanks_at = EventState.CANCELLED, MORNING
    feedback.run(ended, {}, MORNING)
    assert not gatherings.written(ended, "event_thanks") and event.feedback_until is None


@pytest.mark.parametrize(("answers", "shown"), [(4, False), (5, True)])
def test_answers_without_names_are_shown_at_the_end_and_from_five_on(
    ended: CompanySession, answers: int, shown: bool
) -> None:
    ended.get_one(Event, 1).anonymous = True
    guest(ended, 2, arrived_at=END)
    thanked(ended)
    until = MORNING + feedback.ASKED_FOR
    for number in range(2, 2 + answers):
        said(ended, number, 4 if number % 2 else 5, f"感想 {number}")
    before = results(ended, until - timedelta(seconds=1))
    assert (before.hidden, before.answers, before.scores, before.comments) == (True, 0, (), ())
    after = results(ended, until)
    assert (after.hidden, after.answers) == (not shown, answers)
    assert after.average == ("4.6" if shown else "") and len(after.comments) == (5 if shown else 0)
    assert all(name == "" for name, _ in after.comments)
    feedback.run(ended, {}, until)
    feedback.run(ended, {}, until + timedelta(days=1))
    assert [row.person_id for row in gatherings.written(ended, "event_results")] == [HOST]


def test_answers_with_names_are_shown_at_once(ended: CompanySession) -> None:
    guest(ended, 2, arrived_at=END)
    thanked(ended)
    said(ended, 2, 3, "また参加します", named=True)
    view = results(ended, MORNING)
    assert (view.answers, view.average, view.comments) == (1, "3.0", (("名前 2", "また参加します"),))
    with pytest.raises(LookupError):
        other = people.members(ended, [3])[3]
        attendance.attendance_view(Scene(ended, people.company(ended), other, "ja", MORNING), 1)


def test_an_answer_without_a_name_leads_to_nobody_and_counts_once(database: Database) -> None:
    core = Core(database).settle()
    with database.company(1) as session:
        session.get_one(Event, OVER).anonymous = True
    for score, words in (("2", "はじめ"), ("5", "あとで")):
        assert core.send("event.feedback", {"score": score, "words": words}, {"event": f"{OVER}"}, by=ALUMNA).done
    with database.company(1) as session:
        (row,) = session.exec(select(Feedback)).all()
        assert (row.person_id, row.score, row.words) == (None, 5, "あとで")
        assert {*Feedback.model_fields} == {"company_id", "event_id", "mark", "person_id", "score", "words"}
    asked = core.send("event.feedback", args={"event": f"{OVER}"}, by=ALUMNA)
    assert "あとで" not in str(asked.content)
    assert core.send("event.feedback", args={"event": f"{OVER}"}, by=OWNER).notice, "who was not there"
    core.now = NOW + timedelta(days=7)
    assert core.send("event.feedback", {"score": "1", "words": ""}, {"event": f"{OVER}"}, by=ALUMNA).notice
    with database.company(1) as session:
        erasure.erase(session, ALUMNA, core.now, by=OWNER)
        assert not session.exec(select(Feedback)).all() and session.get(Rsvp, (OVER, ALUMNA)) is None
