"""Reunions: who is asked, what nobody learns of whom, who organises it, and that everybody hears how it ended."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot import erasure, housekeeping, reunion_cards, reunion_forms, reunions
from bot.cards import Card, Form
from bot.ports import Reply
from bot.scene import Scene
from storage import merging, people
from storage.db import Database
from storage.tables import (
    Audience,
    Delivery,
    Department,
    Event,
    EventState,
    Hiding,
    Person,
    PersonState,
    Reunion,
    ReunionAnswer,
    ReunionState,
    Visibility,
)
from tests.bot.core import ALUMNA, NOW, OWNER, PACE, faulty
from tests.bot.test_broadcasts import ALUMNI, SECOND, Office

PROPOSAL = {
    **{question.name: "" for question in reunion_forms.PROPOSAL},
    "joined_from": "1998",
    "joined_to": "1998",
    "words": "久しぶりに集まりませんか <!channel>",
    "day_1": "2026-12-19",
    "day_2": "2026-12-12",
    "starts": "19:00",
    "places": "東京駅周辺\n品川",
    "closes": "2026-12-04",
}
FIRST, SECOND_DAY = "1", "2"
"""Days are in their order: the 12th and the 19th."""
COHORT = [*ALUMNI][:8]


class Cohort(Office):
    """The office, where eight alumni joined in 1998 and two in 2005."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        for number in ALUMNI:
            self.set(number, joined_year=1998 if number in COHORT else 2005)

    def propose(self, *, by: int = OWNER, send: bool = True, **said: str) -> None:
        reply = self.core.send("reunion", {**PROPOSAL, **said}, by=by)
        assert not faulty(reply), faulty(reply)
        if send:
            self.decide("open", by=by)
            self.deliver()

    def decide(self, step: str, values: dict[str, str] | None = None, *, by: int = OWNER) -> Reply:
        row = self.reunion()
        args = {"reunion_card": f"{row.id}", "revision": f"{row.revision}"}
        return self.core.send(f"reunion.{step}", values, args, by=by)

    def answer(self, by: int, days: str = FIRST, places: str = "", offers: str = "no") -> Reply:
        said = {"days": days, "places": places, "offers": offers}
        return self.core.send("reunion.answer", said, {"reunion": f"{self.reunion().id}"}, by=by)

    def reunion(self) -> Reunion:
        with self.core.database.company(1) as session:
            return session.exec(select(Reunion).order_by(col(Reunion.id).desc())).first()  # type: ignore[return-value]

    def event(self) -> Event:
        number = self.reunion().event_id
        with self.core.database.company(1) as session:
            return session.get_one(Event, number)

    def card(self) -> reunion_cards.ReunionCardView:
        number = self.reunion().id or 0
        with self.core.database.company(1) as session:
            scene = Scene(session, people.company(session), None, "ja", self.core.now)
            return reunion_cards.card_view(scene, number)

    def seen(self, by: int) -> reunions.ReunionView:
        number = self.reunion().id or 0
        with self.core.database.company(1) as session:
            scene = Scene(session, people.company(session), people.members(session, [by])[by], "ja", self.core.now)
            return reunions.reunion_view(scene, number)

    def hide(self, person: int, viewer: int) -> None:
        with self.core.database.company(1) as session:
            session.add(Hiding(person_id=person, viewer_id=viewer))

    def rows(self, template: str) -> list[Delivery]:
        with self.core.database.company(1) as session:
            return list(session.exec(select(Delivery).where(Delivery.template == template).order_by(col(Delivery.id))))

    def got(self, template: str = "reunion_offer") -> list[int]:
        return sorted(self.whom([row for row in self.rows(template) if row.state == "sent"]))

    def whom(self, rows: Iterable[Delivery]) -> list[int]:
        return [row.person_id or 0 for row in rows]

    def later(self, **by: int) -> None:
        self.core.now += timedelta(**by)
        self.tick()

    def tick(self) -> None:
        housekeeping.run(self.core.database, lambda: self.core.now, paces={"slack": PACE, "teams": PACE})


@pytest.fixture
def cohort(database: Database) -> Cohort:
    return Cohort(database)


# Whom it asks


def test_it_asks_the_cohort_and_nobody_who_does_not_want_it(cohort: Cohort) -> None:
    changes: dict[int, dict[str, Any]] = {
        10: {"opted_out_at": NOW},
        11: {"snoozed_until": NOW + timedelta(days=1)},
        12: {"receives": "events:never"},
        13: {"state": PersonState.LEFT},
    }
    for number, change in changes.items():
        cohort.set(number, **change)
    cohort.hide(14, OWNER)
    cohort.hide(OWNER, 15)
    cohort.propose(send=False)
    assert cohort.card().people == 2
    cohort.decide("open")
    cohort.set(17, receives="events:never")
    cohort.deliver()
    assert cohort.got() == [16], "and what they said a moment ago counts"
    cohort.decide("open")
    assert len(cohort.rows("reunion_offer")) == 2, "pressed twice it goes out once"


def test_a_department_asks_whoever_shows_it_to_the_one_who_asks(cohort: Cohort) -> None:
    with cohort.core.database.company(1) as session:
        session.add_all(Department(person_id=number, place=0, name="営業部") for number in (ALUMNA, 10, 11, 18))
        session.add(Visibility(person_id=11, field="departments", audience=Audience.HR))
    cohort.set(ALUMNA, hosts=True)
    cohort.propose(by=ALUMNA, joined_from="", joined_to="", departments="営業部")
    assert cohort.got() == [10, 18]
    assert cohort.card().title == "営業部 同窓会"
    cohort.propose(joined_from="", joined_to="", departments="営業部")
    assert len(cohort.got()) == 2 + 4, "HR is shown more"


def test_a_draft_whose_words_changed_meanwhile_does_not_go_out(cohort: Cohort) -> None:
    cohort.propose(send=False)
    old = cohort.reunion()
    cohort.core.send("reunion", {**PROPOSAL, "joined_to": "2010"}, {"reunion_card": f"{old.id}"}, by=SECOND)
    cohort.core.send("reunion.open", args={"reunion_card": f"{old.id}", "revision": f"{old.revision}"})
    assert cohort.reunion().state is ReunionState.DRAFT
    assert cohort.card().people == 10
    cohort.decide("discard")
    cohort.decide("open")
    assert cohort.reunion().state is ReunionState.DISCARDED and cohort.rows("reunion_offer") == []


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"joined_from": "", "joined_to": ""}, "joined_from"),
        ({"joined_to": "1990"}, "joined_to"),
        ({"closes": "2026-12-12"}, ""),
        ({"closes": "2026-12-13"}, "closes"),
        ({"closes": "2026-11-20"}, "closes"),
        ({"day_2": "2026-11-20"}, "day_2"),
        ({"starts": "25:00"}, "starts"),
        ({"places": "\n".join("123456")}, "places"),
        ({"places": "あ" * 61}, "places"),
    ],
)
def test_a_proposal_is_whole(cohort: Cohort, said: dict[str, str], at: str) -> None:
    """On the 12th it begins at 19:00, and a poll ends at 18:00."""
    assert list(faulty(cohort.core.send("reunion", {**PROPOSAL, **said}))) == ([at] if at else [])


def test_an_alumnus_proposes_with_leave_to_their_own_cohort_and_once_at_a_time(cohort: Cohort) -> None:
    assert cohort.core.send("reunion", by=10).notice, "without leave"
    cohort.set(10, hosts=True)
    with cohort.core.database.company(1) as session:
        session.add(Department(person_id=10, place=0, name="営業部"))
    form = cohort.core.say("reunion", by=10).content
    assert isinstance(form, Form) and form.fields[0].value == "1998"
    for wrong, at in (
        ({"joined_from": "1997"}, ["joined_from"]),
        ({"joined_to": "", "joined_from": "2005"}, ["joined_from"]),
        ({"departments": "営業部、経理部"}, ["departments"]),
    ):
        assert list(faulty(cohort.core.send("reunion", {**PROPOSAL, **wrong}, by=10))) == at
    cohort.propose(by=10, departments="営業部", joined_to="", send=False)
    assert cohort.reunion().audience["joined_to"] == 1998, "one's own year, and none after it"
    assert cohort.card().people == 0
    again = cohort.core.send("reunion", PROPOSAL, {"reunion_card": f"{cohort.reunion().id}"}, by=10)
    assert not faulty(again) and cohort.card().people == 7, "oneself is not asked"
    shown = cohort.core.say("同期会", by=10).content
    assert isinstance(shown, Card) and "1998年入社" in shown.title
    cohort.set(10, hosts=False)
    cohort.decide("open", by=10)
    assert cohort.reunion().state is ReunionState.DRAFT, "leave that was taken away is asked for once more"


def test_what_is_typed_behind_it_is_filled_in(cohort: Cohort) -> None:
    form = cohort.core.say("同期会 1998年 営業部").content
    assert isinstance(form, Form)
    assert [field.value for field in form.fields[:3]] == ["1998", "1998", "営業部"]


# What is answered


def test_nobody_reads_who_answered_what(cohort: Cohort) -> None:
    cohort.propose()
    cohort.answer(10, days="1,2", places="2", offers="yes")
    cohort.answer(11, days="2")
    cohort.answer(10, days="1", places="2", offers="yes")
    cohort.core.send("reunion.decline", args={"reunion": f"{cohort.reunion().id}"}, by=12)
    view = cohort.card()
    assert (view.coming, view.declined, view.offers, view.offering) == (2, 1, 1, ())
    assert [tally.lines for tally in view.tallies] == [(), ()], "nothing of what two have said"
    mine = cohort.seen(10).own
    assert mine is not None and mine.days == ("2026年12月12日(土) 19:00",) and mine.places == ("品川",) and mine.offers
    assert cohort.seen(13).own is None and cohort.seen(12).own is not None
    stale = [row for row in cohort.rows("reunion_offer") if row.wanted > row.shown]
    assert sorted(cohort.whom(stale)) == [10, 11, 12], "only the own copy changes"

    for number in (13, 14, 15):
        cohort.answer(number, days="1")
    (days, places) = cohort.card().tallies
    assert [line.number for line in days.lines] == [4, 1] and places.lines == (), "from five on"
    assert cohort.seen(10).tallies == ()
    cohort.decide("close")
    view = cohort.card()
    assert [one.name for one in view.offering] == ["Alum 10"]
    assert [line.number for line in view.tallies[1].lines] == [0, 1], "who has to decide sees all"
    told = cohort.seen(17).tallies
    assert [tally.label for tally in told] == ["days"], "members what five have said"
    assert cohort.answer(16).notice and cohort.card().coming == 5, "too late"


def test_who_was_not_asked_answers_nothing_and_an_answer_says_something(cohort: Cohort) -> None:
    cohort.propose()
    for stranger in (18, OWNER):
        assert cohort.core.send("reunion.answer", args={"reunion": f"{cohort.reunion().id}"}, by=stranger).notice
        assert cohort.core.send("reunion.view", args={"reunion": f"{cohort.reunion().id}"}, by=stranger).notice
    assert list(faulty(cohort.answer(10, days=""))) == ["days"]
    assert list(faulty(cohort.answer(10, days="3"))) == ["days"]
    assert not faulty(cohort.answer(10, days="", offers="yes"))
    form = cohort.core.send("reunion.answer", args={"reunion": f"{cohort.reunion().id}"}, by=10).content
    assert isinstance(form, Form) and [field.value for field in form.fields] == ["", "", "yes"]


@pytest.mark.parametrize("step", ["open", "close", "extend", "choose", "organise", "drop", "discard"])
def test_the_proposer_and_hr_decide_and_nobody_else(cohort: Cohort, step: str) -> None:
    cohort.set(10, hosts=True)
    cohort.propose(by=10)
    if step != "close":
        cohort.decide("close", by=10)
    before = cohort.reunion()
    assert cohort.decide(step, by=11).notice
    assert cohort.core.send("reunion", PROPOSAL, {"reunion_card": f"{before.id}"}, by=11).notice
    assert cohort.reunion() == before


# Who organises it


def test_one_of_those_who_offer_gets_the_event_and_the_others_a_kind_word(cohort: Cohort) -> None:
    cohort.propose()
    for number, days, places, offers in (
        (10, "1,2", "2", "yes"),
        (11, "2", "2", "yes"),
        (12, "2", "1", "no"),
    ):
        cohort.answer(number, days, places, offers)
    cohort.core.send("reunion.decline", args={"reunion": f"{cohort.reunion().id}"}, by=13)
    cohort.decide("close")
    form = cohort.decide("choose").content
    assert isinstance(form, Form) and [choice.value for choice in form.fields[0].choices] == ["10", "11"]
    assert list(faulty(cohort.decide("choose", {"who": "12"}))) == ["who"], "who has not offered"
    with ThreadPoolExecutor(2) as threads:
        for done in [
            threads.submit(cohort.decide, "choose", {"who": who}, by=by) for who, by in (("10", 1), ("11", 4))
        ]:
            done.result()
    event = cohort.event()
    host, other = (event.host_id, 21 - event.host_id)
    assert host in (10, 11) and cohort.reunion().state is ReunionState.ORGANISED
    assert (event.starts_wall, event.ends_wall, event.place) == ("2026-12-19T19:00", "2026-12-19T21:00", "品川")
    assert (event.title, event.state, event.desk_address) == ("1998年入社 同期会", EventState.DRAFT, f"slack:{host}")
    assert event.words.startswith("1998年入社 同期会を開催します"), "the proposer's words stay theirs"
    cohort.deliver()
    assert cohort.got("reunion_ended") == sorted([other, 12]), "neither who declined nor who was chosen"
    assert cohort.got("reunion_yours") == [host]
    told = [cohort.core.written(row) for row in cohort.rows("reunion_ended")]
    thanked = ["心より感謝" in str(card.blocks) for card in told]
    assert thanked == [row.person_id == other for row in cohort.rows("reunion_ended")]
    assert not any(f"Alum {host}" in str(card) for card in told)

    assert not cohort.core.send("event.publish", args={"event": f"{event.id}"}, by=host).notice
    cohort.deliver()
    assert cohort.event().state is EventState.OPEN, "without any other leave"
    assert cohort.got("event_offer") == [one for one in COHORT if one != host]
    assert not cohort.core.send("event.create", args={"event": f"{event.id}"}, by=host).notice
    assert cohort.core.send("event.create", by=host).notice, "leave for this event alone"
    cohort.tick()
    cohort.tick()
    assert (cohort.card().state, cohort.card().organiser) == ("announced", f"Alum {host}")


def test_two_who_hide_from_one_another_learn_nothing(cohort: Cohort) -> None:
    """From the proposer, and from the organiser, whichever of the two hides."""
    cohort.propose()
    for number in (10, 11):
        cohort.answer(number, days="1", offers="yes")
    for number in (12, 13, 14):
        cohort.answer(number, days="2", places="1")
    cohort.answer(15, days="1", places="2", offers="yes")
    cohort.hide(10, OWNER)
    cohort.hide(OWNER, 11)
    cohort.hide(12, 15)
    cohort.hide(15, 13)
    assert cohort.seen(10).proposer == "" and cohort.seen(11).proposer == "" and cohort.seen(12).proposer
    cohort.decide("close")
    view = cohort.card()
    assert (view.coming, [one.id for one in view.offering]) == (4, [15])
    assert list(faulty(cohort.decide("choose", {"who": "10"}))) == ["who"]
    cohort.decide("choose", {"who": "15"})
    event = cohort.event()
    assert event.starts_wall == "2026-12-12T19:00", "the 19th suits two of whom the organiser is not to know"
    cohort.deliver()
    words = {row.person_id or 0: str(cohort.core.written(row)) for row in cohort.rows("reunion_ended")}
    assert sorted(words) == [10, 11, 12, 13, 14] and words[12] == words[13] == words[14]
    assert not any("Alum 15" in str(cohort.core.written(row)) for row in cohort.rows("reunion_offer"))
    cohort.core.send("event.publish", args={"event": f"{event.id}"}, by=15)
    cohort.deliver()
    assert not {12, 13} & {*cohort.got("event_offer")}


def test_the_proposer_organises_it_where_nobody_offers(cohort: Cohort) -> None:
    cohort.set(10, hosts=True)
    cohort.propose(by=10, places="")
    cohort.answer(11)
    cohort.decide("close", by=10)
    assert cohort.decide("choose", by=10).content is not None and cohort.reunion().state is ReunionState.CLOSED
    cohort.decide("organise", by=10)
    cohort.decide("organise", by=10)
    event = cohort.event()
    assert (event.host_id, event.place, event.desk_address) == (10, "", "slack:10")
    cohort.deliver()
    assert cohort.got("reunion_ended") == [11] and len(cohort.rows("event_draft")) == 1


# How it ends


def test_the_end_of_the_poll_is_told_once_and_what_nobody_decides_is_dropped(cohort: Cohort) -> None:
    cohort.propose()
    cohort.answer(10)
    cohort.later(days=13)
    assert cohort.reunion().state is ReunionState.OPEN
    with cohort.core.database.installation() as session:
        ends = reunion_forms.next_due(session)
    assert ends is not None and ends.isoformat() == "2026-12-04T09:00:00+00:00"
    cohort.core.now = ends
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(cohort.tick) for _ in range(2)]:
            done.result()
    cohort.tick()
    cards = cohort.rows("reunion_card")
    assert len(cards) == 2 and cohort.reunion().state is ReunionState.CLOSED
    assert "締め切りました" in cohort.core.written(cards[1]).summary
    cohort.later(days=13)
    assert cohort.rows("reunion_ended") == []
    cohort.later(days=1)
    cohort.tick()
    cohort.deliver()
    assert cohort.reunion().state is ReunionState.DROPPED
    assert cohort.got("reunion_ended") == [10]
    assert "見送る" in cohort.core.written(cohort.rows("reunion_ended")[0]).summary
    cohort.decide("organise")
    assert cohort.reunion().event_id is None


def test_with_more_time_the_silent_are_asked_once_more(cohort: Cohort) -> None:
    cohort.propose()
    cohort.answer(10)
    cohort.core.send("reunion.decline", args={"reunion": f"{cohort.reunion().id}"}, by=11)
    cohort.decide("close")
    assert list(faulty(cohort.decide("extend", {"closes": "2026-12-20"}))) == ["closes"]
    assert list(faulty(cohort.decide("extend", {"closes": "2026-12-04"}))) == ["closes"], "no later than before"
    cohort.set(12, receives="events:never")
    cohort.decide("extend", {"closes": "2026-12-15"})
    again = [row for row in cohort.rows("reunion_offer") if "again" in row.args]
    assert sorted(row.person_id or 0 for row in again) == COHORT[3:]
    cohort.answer(13)
    cohort.deliver()
    again = [row for row in cohort.rows("reunion_offer") if "again" in row.args and row.state == "sent"]
    assert sorted(row.person_id or 0 for row in again) == COHORT[4:], "who answered meanwhile is not"
    cohort.core.now += timedelta(days=23)
    form = cohort.core.send("reunion.answer", args={"reunion": f"{cohort.reunion().id}"}, by=10).content
    assert isinstance(form, Form)
    assert [choice.value for choice in form.fields[0].choices] == ["2"] and form.fields[0].value == "", (
        "the 12th is over"
    )


@pytest.mark.parametrize("let_fall", ["discarded", "late"])
def test_what_its_organiser_lets_fall_comes_back_to_the_proposer(cohort: Cohort, let_fall: str) -> None:
    cohort.propose()
    cohort.answer(10, offers="yes")
    cohort.answer(11, offers="yes")
    cohort.decide("close")
    cohort.decide("choose", {"who": "10"})
    event = cohort.event()
    cohort.tick()
    assert cohort.reunion().state is ReunionState.ORGANISED
    if let_fall == "discarded":
        cohort.core.send("event.discard", args={"event": f"{event.id}"}, by=10)
        cohort.tick()
    else:
        cohort.later(days=22)
    view = cohort.card()
    assert (view.state, [one.id for one in view.offering], view.organiser) == ("closed", [11], "")
    assert view.decide_by is not None and len(cohort.rows("reunion_card")) == 2
    cohort.decide("choose", {"who": "11"})
    assert cohort.event().host_id == 11
    assert len([row for row in cohort.rows("reunion_ended") if row.person_id == 10]) == 1


# Erased, and merged


def test_an_erased_alumnus_takes_the_proposal_along_and_the_others_hear_of_its_end(cohort: Cohort) -> None:
    cohort.set(10, hosts=True)
    cohort.propose(by=10)
    cohort.answer(11)
    with cohort.core.database.company(1) as session:
        assert erasure.erase(session, 10, cohort.core.now, by=10) is not None
    row = cohort.reunion()
    assert (row.state, row.words, row.places, row.desk_address) == (ReunionState.DROPPED, "", [], "")
    cohort.deliver()
    assert cohort.got("reunion_ended") == [11]
    copy = next(one for one in cohort.rows("reunion_offer") if one.person_id == 11)
    assert copy.wanted > 1 and "Alum 10" not in str(cohort.core.written(copy))


def test_who_answered_or_organises_and_is_erased_is_gone_from_the_card(cohort: Cohort) -> None:
    cohort.propose()
    cohort.answer(10, offers="yes")
    cohort.answer(11)
    cohort.decide("close")
    cohort.decide("choose", {"who": "10"})
    shown = cohort.rows("reunion_card")[0].wanted
    with cohort.core.database.company(1) as session:
        erasure.erase(session, 10, cohort.core.now, by=10)
        erasure.erase(session, 11, cohort.core.now, by=11)
        assert session.exec(select(ReunionAnswer)).all() == []
        assert "Alum 1" not in str([row.name for row in session.exec(select(Person).where(Person.id == 10))])
    assert cohort.rows("reunion_card")[0].wanted > shown
    cohort.tick()
    assert (cohort.card().state, cohort.card().coming) == ("closed", 0)


def test_of_two_who_are_one_the_newer_answer_counts() -> None:
    old = {"reunion_id": 1, "person_id": 2, "days": "1", "at": NOW}
    new = {"reunion_id": 1, "person_id": 3, "days": "2", "at": NOW + timedelta(hours=1)}
    other = {"reunion_id": 2, "person_id": 3, "days": "1", "at": NOW}
    join = merging.JOINED["reunion_answer"]
    assert join([old], [new, other]) == [other, new] and join([new], [old]) == [new]
