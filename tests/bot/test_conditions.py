"""The second form of an audience: what it asks for, what it leaves alone, and whom it means."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from bot import audiences, broadcasts, conditions, event_forms, gig_forms, named, saved_segments, segments
from bot.cards import Card, Content, Form
from bot.segments import Planned
from storage import visibility
from storage.db import Database
from storage.tables import Audience, Event, Gig, GigState, SavedSegment, Survey
from tests.bot.core import ALUMNA, DRAFT, NOW, OWNER, faulty, gathering, going_to, wanting
from tests.bot.test_broadcasts import ALUMNI, Office

FIRST = {question.name: "" for question in broadcasts.AUDIENCE}
SECOND = {question.name: "" for question in saved_segments.FURTHER}
NEWS = {"broadcast": "1"}


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def filled(content: Content | None, verb: str) -> dict[str, str]:
    """What stands in that form."""
    assert isinstance(content, Form) and content.verb == verb, content
    return {field.name: field.value for field in content.fields}


PROFILE: dict[str, Any] = {
    "works_at": "みなと精機株式会社",
    "works_as": "品質管理課長",
    "helps_with": "海外赴任のご相談",
    "looks_for": "生産管理の副業",
    "interests": "地域の活性化、研修の講師",
    "availability": "weekends,on_site",
    "last_day": date(2018, 3, 31),
    "left_for": "retirement",
    "locale": "en",
}
MEANT: list[tuple[dict[str, Any], str]] = [
    ({"works_at": ["東都", "みなと"]}, "works_at"),
    ({"works_as": ["課長"]}, "works_as"),
    ({"helps_with": ["赴任"]}, "helps_with"),
    ({"looks_for": ["副業"]}, "looks_for"),
    ({"interests": ["研修"]}, "interests"),
    ({"slots": ["remote", "on_site"]}, "availability"),
    ({"left_from": 2018, "left_to": 2018}, "last_day"),
    ({"left_to": 2018}, "last_day"),
    ({"left_from": 2018}, "last_day"),
]


def test_a_condition_means_what_the_profile_says_and_shows(office: Office) -> None:
    """To news and gigs what HR may see, to an event what its host may."""
    office.set(10, **PROFILE)
    for audience, field in MEANT:
        usual = visibility.FIELDS[field].usual is Audience.ALUMNI
        shown_to = {
            None: (True, usual),
            Audience.EVERYONE: (True, True),
            Audience.ALUMNI: (True, True),
            Audience.HR: (True, False),
            Audience.HIDDEN: (False, False),
        }
        news, ours, theirs = Planned(OWNER, audience), gathering(audience=audience), gathering(audience=audience)
        theirs.host_id = ALUMNA
        with office.core.database.company(1) as session:
            for chosen, (hr, host) in shown_to.items():
                if chosen:
                    visibility.choose(session, 10, {field: chosen})
                case = audience, chosen
                assert segments.sample(session, news, NOW) == (["Alum 10"] if hr else []), case
                assert segments.count(session, news, NOW) == hr, case
                assert going_to(session, wanting(audience=audience), NOW) == [10] * hr, case
                assert audiences.count(session, ours, NOW) == hr, case
                assert audiences.count(session, theirs, NOW) == host, case
                assert audiences.includes(session, theirs, 10, NOW) is host, "nor is it there for them to see"
            session.rollback()


def test_all_conditions_have_to_be_met(office: Office) -> None:
    office.set(10, **PROFILE)
    asked: list[tuple[dict[str, Any], bool]] = [
        ({"language": "en"}, True),
        ({"left_for": "retirement"}, True),
        ({"left_for": "disciplinary"}, False),
        ({"left_from": 2019}, False),
        ({"works_at": ["%"]}, False),
        ({"works_at": ["みなと"], "works_as": ["部長"]}, False),
        ({"works_at": ["みなと"], "cities": ["大阪"]}, False),
        ({"works_at": ["みなと"], "interests": ["研修"], "slots": ["on_site"], "language": "en"}, True),
    ]
    with office.core.database.company(1) as session:
        for audience, reached in asked:
            assert segments.count(session, Planned(OWNER, audience), NOW) == reached, audience
            assert segments.read(segments.read(audience).stored()) == segments.read(audience)


def test_the_second_form_comes_where_it_is_wanted_and_the_first_one_leaves_it_alone(office: Office) -> None:
    first = office.core.send("broadcast.audience", args=NEWS).content
    assert filled(first, "broadcast.audience")["then"] == "use"
    typed = {**FIRST, "cities": "大阪", "then": "more", "save_as": "関西"}
    second = filled(office.core.send("broadcast.audience", typed, NEWS).content, "broadcast.conditions")
    assert (second["save_as"], second["works_at"], second["language"]) == ("関西", "", "any")
    assert office.row().audience == {"match": "any", "cities": ["大阪"]}
    with office.core.database.company(1) as session:
        assert not session.exec(select(SavedSegment)).first(), "it is saved whole"
    told = {**SECOND, "works_at": "みなと、東都", "slots": "weekends", "left_to": "2020年", "language": "en"}
    done = office.core.send("broadcast.conditions", {**told, "left_for": "any", "save_as": "関西"}, NEWS)
    whole = {
        "match": "any",
        "cities": ["大阪"],
        "works_at": ["みなと", "東都"],
        "slots": ["weekends"],
        "left_to": 2020,
        "language": "en",
    }
    assert isinstance(done.content, Card) and office.row().audience == whole and office.view().saved == "関西"
    with office.core.database.company(1) as session:
        assert session.exec(select(SavedSegment)).one().audience == whole

    again = filled(office.core.send("broadcast.audience", args=NEWS).content, "broadcast.audience")
    assert again["then"] == "more"
    office.core.send("broadcast.audience", {**FIRST, "cities": "京都", "then": "use"}, NEWS)
    assert office.row().audience == {**whole, "cities": ["京都"]}
    shown = filled(office.core.send("broadcast.conditions", args=NEWS).content, "broadcast.conditions")
    assert (shown["works_at"], shown["slots"], shown["left_to"]) == ("みなと, 東都", "weekends", "2020")
    office.core.send("broadcast.conditions", SECOND, NEWS)
    assert office.row().audience == {"match": "any", "cities": ["京都"]}


def test_a_saved_segment_brings_its_further_conditions_along(office: Office) -> None:
    office.core.send("broadcast.conditions", {**SECOND, "interests": "研修", "save_as": "研修の講師"}, NEWS)
    with office.core.database.company(1) as session:
        number = str(session.exec(select(SavedSegment)).one().id)
    asked = {**FIRST, "saved": number, "then": "more"}
    second = office.core.send("survey.audience", asked, {"survey": "1"}).content
    assert filled(second, "survey.conditions")["interests"] == "研修"
    office.core.send("survey.conditions", {**SECOND, "looks_for": "副業"}, {"survey": "1"})
    with office.core.database.company(1) as session:
        assert session.get_one(Survey, 1).audience == {"match": "any", "looks_for": ["副業"]}
        assert session.exec(select(SavedSegment)).one().audience == {"match": "any", "interests": ["研修"]}
        for n in range(named.MOST - 1):
            session.add(SavedSegment(folded=f"{n:02}", name=f"{n:02}"))
    one_more = {**SECOND, "works_at": "x", "save_as": "もう一つ"}
    assert list(faulty(office.core.send("survey.conditions", one_more, {"survey": "1"}))) == ["save_as"]
    turned = {**SECOND, "left_from": "2020", "left_to": "2019", "save_as": "x"}
    assert list(faulty(office.core.send("broadcast.conditions", turned, NEWS))) == ["left_to"]


def test_a_gig_has_them_until_it_is_out_and_they_stay(office: Office) -> None:
    draft = {"draft": str(DRAFT)}
    first = {question.name: "" for question in gig_forms.AUDIENCE} | {"then": "more"}
    second = {question.name: "" for question in conditions.GIG}
    form = office.core.send("gig.audience", first, draft).content
    assert "left_for" not in filled(form, "gig.conditions"), "it has no say in who is offered work"
    assert isinstance(form, Form)
    office.set(10, **PROFILE)
    office.core.send("gig.conditions", {**second, "slots": "weekends"}, form.args)
    stale = office.core.send("gig.conditions", {**second, "slots": "remote"}, form.args)
    assert list(faulty(stale)) == ["works_at"], "somebody else has changed it"
    named = office.core.send("gig.audience", {**first, "named": "田中 恵"}, draft).content
    assert isinstance(named, Card), "for one person nothing else counts"
    office.core.send("gig.audience", {**first, "then": "use"}, draft)
    office.core.send("gig.publish", args=draft)
    form = office.core.send("gig.audience", args=draft).content
    assert "then" not in filled(form, "gig.audience")
    office.core.send("gig.conditions", {**second, "slots": "remote"}, draft)
    with office.core.database.company(1) as session:
        gig = session.get_one(Gig, DRAFT)
        assert gig.state is GigState.OPEN and gig.audience == {"match": "any", "slots": ["weekends"]}
        assert going_to(session, gig, NOW) == [10]
        assert audiences.meant_for(session, [gig], 11, NOW) == set()


def test_an_event_has_those_that_its_host_may_see(office: Office) -> None:
    event = {"event": "2"}
    first = {question.name: "" for question in event_forms.AUDIENCE} | {"then": "more"}
    second = {question.name: "" for question in conditions.EVENT}
    form = office.core.send("event.audience", first, event).content
    assert {"slots", "language", "left_for"}.isdisjoint(filled(form, "event.conditions"))
    assert isinstance(form, Form)
    assert isinstance(office.core.send("event.conditions", {**second, "works_at": "みなと"}, form.args).content, Card)
    stale = office.core.send("event.conditions", {**second, "works_at": "東都"}, form.args)
    assert list(faulty(stale)) == ["works_at"]
    assert office.core.send("event.conditions", second, event, by=ALUMNA).notice, "it is not hers"
    office.core.send("event.audience", {**first, "cities": "大阪", "then": "use"}, event)
    office.core.send("event.publish", args=event)
    with office.core.database.company(1) as session:
        told = session.get_one(Event, 2).audience
        assert told == {"match": "any", "cities": ["大阪"], "works_at": ["みなと"]}


def test_whoever_is_of_the_company_but_not_of_hr_has_none_of_it(office: Office) -> None:
    for verb, args in (("broadcast.conditions", NEWS), ("survey.conditions", {"survey": "1"})):
        assert office.core.send(verb, SECOND | {"works_at": "x"}, args, by=ALUMNI[0]).notice
    assert office.core.send("gig.conditions", {"works_at": "x"}, {"draft": str(DRAFT)}, by=ALUMNI[0]).notice
    assert office.row().audience == {}
