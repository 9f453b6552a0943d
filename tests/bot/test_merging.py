"""Merging two people: nothing is lost, nothing more is seen or agreed to than before, and undoing brings all back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select as columns
from sqlmodel import SQLModel, col, select

from bot import duplicates, erasure, merging, states
from bot.duplicates import Sign
from storage import consents, ledger, people, personal, visibility
from storage import merging as rows
from storage.db import CompanySession, Database
from storage.ledger import Draft
from storage.tables import (
    Account,
    AddressChange,
    Attitude,
    Audience,
    Case,
    CaseMessage,
    CaseState,
    Code,
    Company,
    Consent,
    ConsentPurpose,
    Department,
    Gig,
    Hiding,
    Merger,
    Offboarding,
    Person,
    PersonState,
    Purpose,
    Role,
    Side,
    Skill,
    Stance,
    Visibility,
)
from storage.visibility import FIELDS, LEVELS
from tests.whole import whole

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PLACE: dict[str, Any] = {"desk_platform": "slack", "desk_workspace": "T1", "desk_address": "channel:T1:C1"}
KEEPER, OTHER, THIRD = 1, 2, 3
GIGS = (1, 2, 3)


@pytest.fixture
def company(database: Database) -> Database:
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所"))
        session.add(Company(id=2, name="Elsewhere"))
    with database.company(1) as session:
        for number, name in ((KEEPER, "田中 太郎"), (OTHER, "Taro Tanaka"), (THIRD, "佐藤 華")):
            session.add(Person(id=number, name=name, role=Role.ALUMNUS, state=PersonState.ACTIVE, created_at=NOW))
        session.flush()
        for number in GIGS:
            session.add(
                Gig(id=number, title=f"Gig {number}", work="w", reward="r", place="p", author_id=THIRD, **PLACE)
            )
    return database


def both(session: CompanySession) -> tuple[Person, Person]:
    return session.get_one(Person, KEEPER), session.get_one(Person, OTHER)


def merge(session: CompanySession, *taken: str, now: datetime = LATER) -> Merger:
    return merging.into_one(session, *both(session), set(taken), now)


def undo(session: CompanySession, merger: Merger, now: datetime = LATER) -> None:
    merging.apart(session, merger, *both(session), now)


def snapshot(session: CompanySession) -> dict[str, list[str]]:
    """Every row of people, but for how often a card was to be edited, and the merger itself."""
    session.flush()
    found: dict[str, list[str]] = {}
    for name, each in SQLModel.metadata.tables.items():
        if name not in ("merger", "vocab", "posting", "bitmap"):
            left = {"wanted", "edit_due_at"}
            shown = [column for column in each.columns if column.name not in left]
            found[name] = sorted(repr(tuple(row)) for row in session.core.execute(columns(*shown)))
    return found


def test_there_is_a_rule_for_every_column_that_names_a_person() -> None:
    assert rows.columns() == personal.columns_of_people()


def test_every_parting_leads_back() -> None:
    for state, event in states.PARTING.items():
        person = Person(name="n", role=Role.ALUMNUS, state=state)
        assert states.move(person, states.Event.MERGE, states.Actor.HR)
        assert states.move(person, event, states.Actor.HR) and person.state is state


# Random people

days = st.integers(0, 20).map(lambda day: NOW - timedelta(days=day))
short = st.sampled_from(["", "あ", "い"])
profile = st.fixed_dictionaries(
    {
        **dict.fromkeys(("reading", "romaji", "city", "works_at", "helps_with", "employee_number", "left_for"), short),
        "email": st.sampled_from(["", "a@example.com", "b@example.com"]),
        "joined_year": st.sampled_from([None, 2001, 2002]),
        "last_day": st.sampled_from([None, date(2026, 3, 31)]),
        "opted_out_at": st.one_of(st.none(), days),
        "state": st.sampled_from([PersonState.ACTIVE, PersonState.PAUSED, PersonState.LEFT, PersonState.INVITED]),
    }
)
one = st.fixed_dictionaries(
    {
        "profile": profile,
        "skills": st.lists(st.sampled_from("abcd"), unique=True),
        "departments": st.lists(st.sampled_from("xyz"), max_size=3),
        "audiences": st.dictionaries(st.sampled_from(sorted(FIELDS)), st.sampled_from(Audience), max_size=5),
        "consents": st.lists(
            st.tuples(st.sampled_from(ConsentPurpose), days, st.one_of(st.none(), days)),
            max_size=5,
            unique_by=lambda consent: consent[0],
        ),
        "stances": st.dictionaries(st.sampled_from(GIGS), st.tuples(st.sampled_from(Attitude), days)),
        "cases": st.dictionaries(st.sampled_from(GIGS), st.sampled_from(CaseState)),
        "hides": st.sets(st.sampled_from([KEEPER, OTHER, THIRD])),
        "hidden": st.booleans(),
        "codes": st.sets(st.sampled_from(Purpose)),
        "letters": st.integers(0, 3),
        "offboarding": st.booleans(),
        "new_address": st.booleans(),
    }
)


def write(session: CompanySession, number: int, said: dict[str, Any]) -> None:
    person = session.get_one(Person, number)
    for name, value in said["profile"].items():
        setattr(person, name, value)
    session.add(
        Account(platform="slack", workspace="T1", external_id=f"U{number}", person_id=number, address=f"u{number}")
    )
    for place, label in enumerate(said["skills"]):
        session.add(Skill(person_id=number, folded=label, label=label, place=place))
    for place, name in enumerate(said["departments"]):
        session.add(Department(person_id=number, place=place, name=name, since=2000 + place))
    for field, audience in said["audiences"].items():
        session.add(Visibility(person_id=number, field=field, audience=audience))
    for purpose, given_at, withdrawn_at in said["consents"]:
        ended = max(given_at, withdrawn_at) if withdrawn_at else None
        session.add(
            Consent(
                person_id=number, purpose=purpose, version="1", channel="web", given_at=given_at, withdrawn_at=ended
            )
        )
    for gig, (attitude, at) in said["stances"].items():
        session.add(Stance(gig_id=gig, person_id=number, attitude=attitude, at=at))
    for gig, state in said["cases"].items():
        case = Case(gig_id=gig, person_id=number, state=state, created_at=NOW)
        session.add(case)
        session.flush()
        for side, author in ((Side.ALUMNUS, number), (Side.DESK, THIRD)):
            session.add(CaseMessage(case_id=case.id or 0, side=side, author_id=author, text=f"{number}", at=NOW))
        ledger.enqueue(session, [draft(THIRD, f"case:{case.id}", {"case": case.id}, f"case:{case.id}")], NOW)
    for viewer in said["hides"] - {number}:
        session.add(Hiding(person_id=number, viewer_id=viewer, at=NOW))
    if said["hidden"]:
        session.add(Hiding(person_id=THIRD, viewer_id=number, at=NOW))
    for purpose in sorted(said["codes"]):
        session.add(Code(digest=f"{number}{purpose}", purpose=purpose, person_id=number, expires_at=LATER))
    for letter in range(said["letters"]):
        ledger.enqueue(session, [draft(number, f"letter:{letter}", {"gig": letter})], NOW)
    ledger.enqueue(session, [draft(THIRD, f"about:{number}", {"person": {"id": number, "shared": False}})], NOW)
    if said["new_address"]:
        session.add(AddressChange(person_id=number, email=f"{number}@example.com", at=NOW, counted_from=NOW))
    if said["offboarding"]:
        session.add(Offboarding(person_id=number, remind_at=NOW))
    session.flush()


def draft(to: int, cause: str, args: dict[str, Any], subject: str | None = None) -> Draft:
    return Draft(
        cause=cause,
        recipient=f"person:{to}",
        person_id=to,
        platform="slack",
        workspace="T1",
        address=f"u{to}",
        template="help",
        args=args,
        subject=subject,
    )


def rolled_back(database: Database, tell: Callable[[CompanySession], None]) -> None:
    """Each example starts from the same database."""
    with pytest.raises(_Done), database.company(1) as session:
        tell(session)
        raise _Done


class _Done(Exception):
    pass


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keeper=one, other=one, taken=st.sets(st.sampled_from(merging.FIELDS)))
def test_merging_widens_nothing_and_undoing_brings_everything_back(
    company: Database, keeper: dict[str, Any], other: dict[str, Any], taken: set[str]
) -> None:
    def tell(session: CompanySession) -> None:
        for number, said in ((KEEPER, keeper), (OTHER, other)):
            write(session, number, said)
        before = snapshot(session)
        agreed = {p for p in ConsentPurpose for n in (KEEPER, OTHER) if consents.agrees(session, n, p)}
        chosen = visibility.chosen(session, [KEEPER, OTHER])
        stopped = any(person.opted_out_at for person in both(session))
        hidden = {(h.person_id, h.viewer_id) for h in session.exec(select(Hiding))}
        merger = merge(session, *taken)
        now = visibility.chosen(session, [KEEPER])
        for field in FIELDS:
            narrowest = max(LEVELS[visibility.audience(field, chosen.get(n, {}).get(field))] for n in (KEEPER, OTHER))
            assert LEVELS[visibility.audience(field, now.get(KEEPER, {}).get(field))] == narrowest
        assert {p for p in ConsentPurpose if consents.agrees(session, KEEPER, p)} <= agreed
        assert bool(session.get_one(Person, KEEPER).opted_out_at) == stopped
        same = {OTHER: KEEPER}
        wanted = {(same.get(one, one), same.get(viewer, viewer)) for one, viewer in hidden} - {(KEEPER, KEEPER)}
        assert {(h.person_id, h.viewer_id) for h in session.exec(select(Hiding))} == wanted
        left = {name: found for name, found in personal.of(session, OTHER).items() if found}
        assert set(left) <= {"person", "case"}, left
        assert not {value for value in left["person"][0].values() if isinstance(value, str)} & {
            "あ",
            "い",
            "Taro Tanaka",
        }
        undo(session, merger)
        assert snapshot(session) == before and merger.stayed == []
        assert merger.moved == {} and merger.profiles == {}

    rolled_back(company, tell)


# What is taken over


@pytest.mark.parametrize(
    ("own", "others", "after"),
    [
        ([], [], True),
        ([("gigs", 1, None)], [], True),
        ([], [("gigs", 1, None)], True),
        ([("contact", 1, None)], [], False),
        ([("gigs", 1, 2)], [("gigs", 3, None)], True),
        ([("gigs", 1, 4)], [("gigs", 3, None)], False),
        ([("gigs", 3, None)], [("gigs", 1, 4)], False),
        ([("gigs", 1, None)], [("gigs", 3, None)], True),
        ([("contact", 5, None)], [("gigs", 3, None)], False),
        ([("contact", 2, None)], [("gigs", 3, None)], True),
    ],
)
def test_a_consent_stays_that_was_given_and_not_taken_back_since(
    company: Database,
    own: list[tuple[str, int, int | None]],
    others: list[tuple[str, int, int | None]],
    after: bool,
) -> None:
    with company.company(1) as session:
        for number, said in ((KEEPER, own), (OTHER, others)):
            for purpose, day, ended in said:
                given_at = NOW + timedelta(days=day)
                withdrawn = NOW + timedelta(days=ended) if ended else None
                consent = Consent(person_id=number, purpose=ConsentPurpose(purpose), version="1", channel="web")
                consent.given_at, consent.withdrawn_at = given_at, withdrawn
                session.add(consent)
        merge(session)
        assert consents.agrees(session, KEEPER, ConsentPurpose.GIGS) is after
        open_ = select(Consent).where(Consent.purpose == ConsentPurpose.GIGS, col(Consent.withdrawn_at).is_(None))
        assert len(session.exec(open_).all()) == (after and bool(own or others))


def test_of_two_answers_the_newer_stays_and_two_cases_become_one(company: Database) -> None:
    with company.company(1) as session:
        write(session, KEEPER, {**EMPTY, "stances": {1: (Attitude.PASSED, NOW)}, "cases": {1: CaseState.ANSWERED}})
        write(session, OTHER, {**EMPTY, "stances": {1: (Attitude.ASKED, LATER)}, "cases": {1: CaseState.WAITING}})
        merge(session)
        assert [(s.person_id, s.attitude) for s in session.exec(select(Stance))] == [(KEEPER, Attitude.ASKED)]
        kept, closed = session.exec(select(Case).order_by(col(Case.id))).all()
        assert (kept.person_id, kept.state, closed.state) == (KEEPER, CaseState.WAITING, CaseState.CLOSED)
        assert {m.case_id for m in session.exec(select(CaseMessage))} == {kept.id}
        assert ledger.last_about(session, f"case:{kept.id}")[0] == 2, "cards of either show the one case"


EMPTY: dict[str, Any] = {
    "profile": {},
    "skills": [],
    "departments": [],
    "audiences": {},
    "consents": [],
    "stances": {},
    "cases": {},
    "hides": set(),
    "hidden": False,
    "codes": set(),
    "letters": 0,
    "offboarding": False,
    "new_address": False,
}


def test_values_are_chosen_or_filled_in_and_the_other_is_found_by_nothing(company: Database) -> None:
    with company.company(1) as session:
        write(session, KEEPER, {**EMPTY, "profile": {"email": "a@example.com", "city": "大阪"}})
        write(session, OTHER, {**EMPTY, "profile": {"email": "b@example.com", "city": "京都", "romaji": "Tanaka"}})
        merge(session, "email")
        kept, gone = both(session)
        assert (kept.email, kept.city, kept.romaji, kept.name) == ("b@example.com", "大阪", "Tanaka", "田中 太郎")
        assert gone.state is PersonState.MERGED and not (gone.name or gone.email or gone.romaji)
        assert rows.remaining(session, OTHER) == KEEPER
        assert people.by_email(session, "b@example.com") is kept
        assert duplicates.named(session, "Taro Tanaka") == []
        assert erasure.erase(session, OTHER, LATER) is None


# Undoing later


def test_what_came_since_stays_and_what_was_narrowed_since_is_so_for_both(company: Database) -> None:
    with company.company(1) as session:
        gigs = [(ConsentPurpose.GIGS, NOW, None), (ConsentPurpose.CONTACT, NOW, None)]
        write(session, KEEPER, {**EMPTY, "stances": {1: (Attitude.ASKED, NOW)}, "consents": gigs})
        write(session, OTHER, {**EMPTY, "stances": {2: (Attitude.ASKED, NOW)}, "consents": gigs, "skills": ["a"]})
        merger = merge(session)
    with company.company(1) as session:
        for stance in session.exec(select(Stance).where(Stance.gig_id == 2)):
            stance.attitude = Attitude.PASSED
        session.add(Stance(gig_id=3, person_id=KEEPER, attitude=Attitude.INTERESTED))
        session.add(Account(platform="teams", workspace="t", external_id="new", person_id=KEEPER, address="new"))
        consents.withdraw(session, KEEPER, ConsentPurpose.GIGS, LATER)
        visibility.choose(session, KEEPER, {"city": Audience.HIDDEN, "email": Audience.ALUMNI})
        visibility.hide(session, KEEPER, THIRD, LATER)
        person = session.get_one(Person, KEEPER)
        person.opted_out_at, person.city = LATER, "神戸"
    with company.company(1) as session:
        merger = session.get_one(Merger, merger.id)
        undo(session, merger)
        stances = {(s.gig_id, s.person_id): s.attitude for s in session.exec(select(Stance))}
        assert stances == {
            (1, KEEPER): Attitude.ASKED,
            (2, KEEPER): Attitude.PASSED,
            (2, OTHER): Attitude.ASKED,
            (3, KEEPER): Attitude.INTERESTED,
        }
        for number in (KEEPER, OTHER):
            assert not consents.agrees(session, number, ConsentPurpose.GIGS)
            assert consents.agrees(session, number, ConsentPurpose.CONTACT)
            assert list(visibility.hidden_from(session, number)) == [THIRD]
        chosen = visibility.chosen(session, [KEEPER, OTHER])
        assert chosen == {KEEPER: {"city": Audience.HIDDEN, "email": Audience.ALUMNI}, OTHER: {"city": Audience.HIDDEN}}
        assert [a.external_id for a in people.accounts_of(session, KEEPER)] == ["U1", "new"]
        kept, other = both(session)
        assert kept.city == "神戸" and other.opted_out_at == LATER and other.name == "Taro Tanaka"
        assert people.skills_of(session, [KEEPER, OTHER]) == {KEEPER: [], OTHER: ["a"]}
        assert merger.stayed == ["account", "hiding", "person", "stance", "visibility"]


def test_an_address_that_is_somebody_elses_by_now_is_not_given_back(company: Database) -> None:
    with company.company(1) as session:
        write(session, OTHER, {**EMPTY, "profile": {"email": "b@example.com"}})
        session.get_one(Person, KEEPER).email = "a@example.com"
        session.get_one(Person, OTHER).email_confirmed_at = NOW
        merger = merge(session)
        session.get_one(Person, THIRD).email = "b@example.com"
        undo(session, merger)
        assert [p.email for p in both(session)] == ["a@example.com", ""] and merger.stayed == ["person"]
        assert both(session)[1].email_confirmed_at is None


def test_an_address_that_was_confirmed_since_confirms_no_other(company: Database) -> None:
    with company.company(1) as session:
        write(session, KEEPER, {**EMPTY, "profile": {"email": "a@example.com"}})
        write(session, OTHER, {**EMPTY, "profile": {"email": "b@example.com"}})
        merger = merge(session, "email")
        session.get_one(Person, KEEPER).email_confirmed_at = LATER
        undo(session, merger)
        assert [(p.email, p.email_confirmed_at) for p in both(session)] == [
            ("a@example.com", None),
            ("b@example.com", None),
        ]


def test_somebody_who_was_erased_since_is_not_named_again(company: Database) -> None:
    with company.company(1) as session:
        write(session, OTHER, {**EMPTY, "hides": {THIRD}})
        merger = merge(session)
        erasure.erase(session, THIRD, LATER)
        undo(session, merger)
        assert session.exec(select(Hiding)).all() == []


def test_erasing_who_remains_forgets_the_other_too_and_how_to_undo_it(company: Database) -> None:
    with company.company(1) as session:
        session.add(Person(id=4, name="田中太郎", role=Role.ALUMNUS, state=PersonState.ACTIVE))
        session.flush()
        first = merging.into_one(session, session.get_one(Person, OTHER), session.get_one(Person, 4), set(), LATER)
        assert "田中太郎" in str(first.profiles)
        merge(session)
    with company.company(1) as session:
        assert erasure.erase(session, KEEPER, LATER) is not None
        assert session.exec(select(Merger)).all() == []
    with whole(company) as connection:
        text = str(
            [tuple(row) for each in SQLModel.metadata.sorted_tables for row in connection.execute(each.select())]
        )
    assert "田中" not in text and "Tanaka" not in text


def test_after_thirty_days_nothing_is_kept_to_undo_it_with(company: Database) -> None:
    with company.company(1) as session:
        merger = merge(session)
        assert merging.settle(session, LATER + timedelta(days=29)) == 0
        assert merging.settle(session, LATER + timedelta(days=30)) == 1
        assert merging.settle(session, LATER + timedelta(days=31)) == 0
        assert (merger.moved, merger.profiles) == ({}, {})
        assert rows.remaining(session, OTHER) == KEEPER


# Who may be one


def test_duplicates_are_proposed_by_what_says_so_and_in_that_order(company: Database) -> None:
    said: dict[int, dict[str, str]] = {
        KEEPER: {"employee_number": "A1", "reading": "たなか たろう"},
        OTHER: {"employee_number": "A1"},
        THIRD: {"email": "hana@example.com"},
        4: {"name": "佐藤 はな", "email": "hana@example.com"},
        5: {"name": "田中　太郎", "reading": "タナカタロウ"},
        6: {"name": "田中太郎", "reading": "タナカ フトシ"},
        7: {"name": "田中 太郎"},
        8: {"name": "渡邊 一"},
        9: {"name": "渡辺一"},
    }
    with company.company(1) as session:
        for number, values in said.items():
            person = session.get(Person, number) or Person(
                id=number, role=Role.ALUMNUS, state=PersonState.INVITED, name=""
            )
            for name, value in values.items():
                setattr(person, name, value)
            session.add(person)
        found = {(p.one, p.other): p.signs for p in duplicates.likely(session)}
        assert found == {
            (1, 2): (Sign.NUMBER,),
            (3, 4): (Sign.ADDRESS,),
            (1, 5): (Sign.NAME_AND_READING,),
            (1, 7): (Sign.NAME,),
            (5, 7): (Sign.NAME,),
            (6, 7): (Sign.NAME,),
            (8, 9): (Sign.NAME,),
        }
        assert [*found][:3] == [(1, 2), (3, 4), (1, 5)]
        assert [(p.one, p.other) for p in duplicates.likely(session, 3)] == [(3, 4)]
        assert duplicates.named(session, "ﾀﾅｶ ﾀﾛｳ") == [1, 5] and duplicates.named(session, "a1") == [1, 2]
    with company.company(2) as session:
        assert duplicates.likely(session) == [] and duplicates.named(session, "A1") == []
