"""Segments saved by name: used in forms, replaced, removed, and whoever came to an event."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot import broadcasts, named, segments
from bot.cards import Card, Content, Form
from bot.segments import Planned
from storage.db import Database
from storage.tables import BroadcastState, EventState, Rsvp, RsvpAnswer, SavedSegment, Seat, Survey, table
from tests.bot.core import ALUMNA, NOW, OWNER, gathering
from tests.bot.test_broadcasts import SECOND, Office
from tests.whole import whole

ASKED = {question.name: "" for question in broadcasts.AUDIENCE}
OSAKA = {**ASKED, "cities": "大阪", "save_as": "ｶﾝｻｲ　<!channel>"}
KYOTO = {**ASKED, "cities": "京都", "attended": "yes", "save_as": "カンサイ <!channel>"}
DRAFT = {"broadcast": "1", "saved": "all"}


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def stored(office: Office) -> dict[str, tuple[str, object]]:
    with office.core.database.company(1) as session:
        return {str(one.id): (one.name, one.audience) for one in session.exec(select(SavedSegment))}


def asked_of(office: Office) -> dict[str, Any]:
    """Whom the survey asks."""
    with office.core.database.company(1) as session:
        return session.get_one(Survey, 1).audience


def form(content: Content | None) -> Form:
    assert isinstance(content, Form)
    return content


def card(content: Content | None) -> Card:
    assert isinstance(content, Card)
    return content


def test_what_is_saved_from_a_broadcast_is_chosen_for_a_survey_and_saved_anew(office: Office) -> None:
    office.core.send("broadcast.audience", OSAKA, DRAFT)
    [(number, (name, audience))] = stored(office).items()
    assert (name, audience) == ("ｶﾝｻｲ <!channel>", {"match": "any", "cities": ["大阪"]})
    assert office.view().saved == name

    asked = form(office.core.send("survey.audience", args={"survey": "1"}, by=SECOND).content)
    picked = next(field for field in asked.fields if field.name == "saved")
    assert [(one.value, one.label) for one in picked.choices][1:] == [(number, name)] and picked.value == "none"
    office.core.send("broadcast.audience", KYOTO, DRAFT, by=SECOND)
    assert stored(office) == {
        number: ("カンサイ <!channel>", {"match": "any", "cities": ["京都"], "attended": True})
    }, "the same name, typed otherwise"
    office.core.send("survey.audience", {**ASKED, "saved": number, "cities": "奈良"}, {"survey": "1"}, by=SECOND)
    assert asked_of(office) == stored(office)[number][1], "what it says when it is used"

    office.core.send("broadcast.audience", {**OSAKA, "save_as": ""}, DRAFT)
    assert office.view().saved == ""
    office.core.send("broadcast.audience", OSAKA, DRAFT)
    assert asked_of(office)["cities"] == ["京都"], "a draft keeps what it was given"


def test_a_segment_that_is_gone_or_another_companys_is_no_choice(office: Office) -> None:
    office.core.send("broadcast.audience", OSAKA, DRAFT)
    [number] = stored(office)
    both = office.core.send("broadcast.audience", {**OSAKA, "saved": number, "save_as": "別"}, DRAFT)
    assert [field.name for field in form(both.content).fields if field.error] == ["save_as"]
    with whole(office.core.database) as connection:
        connection.execute(table(SavedSegment).update().values(company_id=2))
    for told in (number, "999", "x" * 30):
        asked = form(office.core.send("broadcast.audience", {**ASKED, "saved": told}, DRAFT).content)
        assert [field.name for field in asked.fields if field.error] == ["saved"]
    assert office.core.send("segment.show", args={"segment": number}).notice
    assert office.core.send("segment.remove", args={"segment": number, "sure": "yes"}).notice
    assert office.view().saved == "" and office.row().audience["cities"] == ["大阪"]


def test_a_segment_shows_whom_it_reaches_now_and_is_removed_after_a_question(office: Office) -> None:
    assert "まだありません" in str(office.core.say("segments").content)
    office.set(10, city="大阪市")
    office.core.send("broadcast.audience", OSAKA, DRAFT)
    [number] = stored(office)
    shown = card(office.core.say("segments かんさい <!channel>").content)
    assert shown.summary.endswith("現在1名") and "Alum 10" in str(shown.blocks)
    office.set(11, city="大阪市")
    assert card(office.core.send("segment.show", args={"segment": number}, by=SECOND).content).summary.endswith("2名")
    for verb in ("segments", "segment.show", "segment.remove"):
        assert office.core.send(verb, args={"segment": number, "sure": "yes"}, by=ALUMNA).notice, "HR's alone"
    office.core.send("segment.remove", args={"segment": number})
    assert [*stored(office)] == [number], "only asked"
    office.core.send("segment.remove", args={"segment": number, "sure": "yes"})
    assert not stored(office) and office.row().state is BroadcastState.DRAFT
    assert office.core.send("segment.remove", args={"segment": number, "sure": "yes"}).notice, "twice"


def test_two_save_the_same_name_at_once_and_one_counts(office: Office) -> None:
    with ThreadPoolExecutor(2) as threads:
        saves = [
            threads.submit(office.core.send, "broadcast.audience", OSAKA, DRAFT),
            threads.submit(office.core.send, "survey.audience", KYOTO, {"survey": "1"}, by=SECOND),
        ]
        assert all(isinstance(save.result().content, Card) for save in saves)
    [(_, (_, audience))] = stored(office).items()
    assert audience in ({"match": "any", "cities": ["大阪"]}, {"match": "any", "cities": ["京都"], "attended": True})


def test_pages_and_no_more_than_a_form_can_offer(office: Office) -> None:
    with office.core.database.company(1) as session:
        for number in range(named.MOST):
            session.add(SavedSegment(folded=f"{number:02}", name=f"{number:02}"))
    asked = form(office.core.send("broadcast.audience", OSAKA, DRAFT).content)
    assert [field.name for field in asked.fields if field.error] == ["save_as"]
    assert len(stored(office)) == named.MOST and not office.row().audience
    assert isinstance(office.core.send("broadcast.audience", {**OSAKA, "save_as": "07"}, DRAFT).content, Card)
    last = card(office.core.send("segments", args={"page": "99"}).content)
    assert [action.label for action in last.actions] == ["48", "49", "前のページ"]


def test_whoever_came_to_an_event_has_attended(office: Office) -> None:
    with office.core.database.company(1) as session:
        states = {"checked": EventState.OVER, "not_checked": EventState.OVER, "ahead": EventState.OPEN}
        states["cancelled"] = EventState.CANCELLED
        events = {name: gathering(state=state) for name, state in states.items()}
        session.add_all(events.values())
        session.flush()
        at = NOW - timedelta(days=1)
        for person, name, seat, arrived in (
            (10, "checked", Seat.TAKEN, at),
            (11, "checked", Seat.TAKEN, None),
            (12, "checked", Seat.NONE, at),
            (13, "not_checked", Seat.TAKEN, None),
            (14, "not_checked", Seat.WAITING, None),
            (15, "ahead", Seat.TAKEN, None),
            (16, "cancelled", Seat.TAKEN, None),
        ):
            event_id = events[name].id or 0
            session.add(
                Rsvp(event_id=event_id, person_id=person, answer=RsvpAnswer.GOING, seat=seat, arrived_at=arrived)
            )
        session.flush()
        came = Planned(OWNER, {"attended": True})
        assert segments.sample(session, came, NOW) == ["田中 恵", "Alum 10", "Alum 12", "Alum 13"], "she had a seat"
        assert segments.count(session, came, NOW) == 4
