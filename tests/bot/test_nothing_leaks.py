"""Whatever people choose to show, no surface tells anybody more, neither in words nor by a hit, a count or a guess.

Each example is told twice: as it is, and with everything changed that the viewer may not see. Both have to read alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import audiences, case_views, compose, directory, gigs, texts, verbs, visibility
from bot.ports import Inbound, Kind, Speaker
from bot.scene import Scene
from bot.turn import Ask, Results, Say, Turn
from storage import people, skills
from storage.db import CompanySession, Database
from storage.people import CompanyFacts, Member
from storage.tables import (
    Account,
    Audience,
    Case,
    Company,
    Department,
    Gig,
    Hiding,
    Person,
    PersonState,
    Role,
    Visibility,
)
from storage.visibility import FIELDS
from tests.bot.core import going_to, wanting

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
OURS = 1
WORDS = (
    *("田中", "田仲", "髙橋", "高橋", "たなか", "たかはし", "佐藤", "さとう", "tanaka", "sato", "takahashi"),
    *("経理", "経利", "品質管理", "品質官理", "大阪", "大坂", "みなと精機", "Minato", "海外営業", "語学"),
)
ADDRESSES = ("tanaka@example.com", "sato@example.jp", "x@example.com")
NUMBERS = ("E-1001", "E1002", "20260401")
YEARS = (1998, 2005, 2006)
DAYS = (date(2019, 3, 31), date(2020, 4, 30))
TEXTS = ("reading", "romaji", "former_surname", "works_at", "works_as", "city", "helps_with", "looks_for")
FILTERS = ("", "name:", "skill:", "dept:", "company:", "city:")


@dataclass(frozen=True)
class Profile:
    """What is stored of a person; `shown` are their choices, `hides` the numbers of those whom they hide from."""

    name: str
    fields: Mapping[str, Any]
    shown: Mapping[str, Audience]
    hides: frozenset[int]
    role: Role = Role.ALUMNUS


words = st.sampled_from(WORDS)
choices = st.fixed_dictionaries({}, optional={field: st.sampled_from(list(Audience)) for field in FIELDS})
fields = st.fixed_dictionaries(
    {
        **{field: st.one_of(st.just(""), words) for field in TEXTS},
        "availability": st.sampled_from(("", "weekends", "weekday_evenings,remote")),
        "interests": st.one_of(st.just(""), words),
        "email": st.sampled_from(("", *ADDRESSES)),
        "employee_number": st.sampled_from(("", *NUMBERS)),
        "photo": st.sampled_from(("", "https://a.example/1.png", "https://a.example/2.png")),
        "joined_year": st.sampled_from((None, *YEARS)),
        "last_day": st.sampled_from((None, *DAYS)),
        "departments": st.lists(words, max_size=2, unique=True),
        "skills": st.lists(words, max_size=2, unique_by=texts.folded),
    }
)
profiles = st.builds(
    Profile,
    name=st.builds("{} {}".format, words, words),
    fields=fields,
    shown=choices,
    hides=st.frozensets(st.integers(0, 3), max_size=2),
    role=st.sampled_from((Role.ALUMNUS, Role.ALUMNUS, Role.HR)),
)
companies = st.lists(profiles, min_size=4, max_size=4)
asked = st.lists(
    st.one_of(
        st.builds("{}{}".format, st.sampled_from(FILTERS), words),
        st.builds("{} {}".format, words, words),
        st.sampled_from((*ADDRESSES, *NUMBERS, "number:E1001", "tanaka@example.com 田中")),
        st.sampled_from(("joined:2005-", "joined:-2005 田中", "joined:1998", "joined:2005-2006")),
    ),
    min_size=1,
    max_size=4,
)


def reaches(profile: Profile, field: str, viewer: Profile) -> bool:
    """Said once more, on its own: HR sees all but what is hidden, alumni what is for them or for everyone."""
    rule = FIELDS[field]
    chosen = profile.shown.get(field, rule.usual)
    narrowness = ("everyone", "alumni", "hr", "hidden")
    audience = max(chosen, rule.widest, key=narrowness.index)
    return narrowness.index(audience) <= (2 if viewer.role is Role.HR else 1)


def changed(company: Sequence[Profile], others: Sequence[Profile], viewer: int) -> list[Profile]:
    """The company with what the viewer may not see as it is in `others`."""
    made: list[Profile] = []
    for number, (profile, other) in enumerate(zip(company, others, strict=True)):
        if number == viewer:
            made.append(profile)
        elif viewer in profile.hides:
            made.append(replace(other, hides=other.hides | {viewer}, role=profile.role))
        else:
            seen = {field: reaches(profile, field, company[viewer]) for field in FIELDS}
            told = {field: (profile if seen[field] else other).fields[field] for field in FIELDS}
            made.append(replace(profile, fields=told))
    return made


class _Undone(Exception):
    pass


def settle_in(session: CompanySession, company: Sequence[Profile]) -> None:
    for number, profile in enumerate(company, 1):
        plain = {field: value for field, value in profile.fields.items() if field not in ("skills", "departments")}
        person = Person(
            id=number, name=profile.name, role=profile.role, state=PersonState.ACTIVE, created_at=NOW, **plain
        )
        session.add(person)
        session.flush()
        directory.keep_skills(session, person, profile.fields["skills"])
        session.add_all(
            Department(person_id=number, place=n, name=name) for n, name in enumerate(profile.fields["departments"])
        )
        session.add_all(Visibility(person_id=number, field=field, audience=one) for field, one in profile.shown.items())
        session.add(
            Account(id=number, platform="slack", workspace="T", external_id=f"U{number}", person_id=number, address="D")
        )
    session.flush()
    pairs = {(number, viewer + 1) for number, profile in enumerate(company, 1) for viewer in profile.hides}
    session.add_all(Hiding(person_id=person, viewer_id=viewer) for person, viewer in pairs if person != viewer)
    session.flush()


def told(session: CompanySession, viewer: int, queries: Sequence[str], count: int) -> Iterator[object]:
    """All that the viewer can get to see, from every surface."""
    member = people.members(session, [viewer])[viewer]
    for private in (True, False):
        for text in queries:
            yield says(session, member, "find", {"text": text}, private)
            yield says(session, member, "profile", {"text": text}, private)
            yield says(session, member, "find.pick", {"text": text}, private)
        for number in range(1, count + 1):
            yield says(session, member, "profile", {"person": str(number)}, private)
            yield says(session, member, "profile", {"text": f"<@U{number}>"}, private)
    yield says(session, member, "home", {}, True)
    looking = visibility.viewer(member)
    for text in queries:
        yield skills.like(session, text, looking)
    if member.role is Role.HR:
        yield from meant(session, viewer, count)
        for labels in ([], *([texts.folded(text)] for text in queries)):
            own = wanting(", ".join(labels), viewer)
            yield going_to(session, own, NOW)
            yield audiences.count(session, own, NOW)
        yield from desk(session, viewer, count)


def meant(session: CompanySession, author: int, count: int) -> Iterator[object]:
    """For whom gigs would be, each by one field."""
    years = ({f"{what}_from": 2000, f"{what}_to": 2019} for what in ("joined", "left"))
    asked = (*({name: ["経理", "田", "weekends"]} for name in (*audiences.WORDS, "departments")), *years)
    own = [wanting(author=author, audience=audience) for audience in asked]
    for number, gig in enumerate(own, 100):
        gig.id = number
    hiding = visibility.hiding(session, visibility.Viewer(author, Audience.HR), range(1, count + 1))
    for number in {*range(1, count + 1)} - hiding:
        yield audiences.meant_for(session, own, number, NOW)


def desk(session: CompanySession, author: int, count: int) -> Iterator[object]:
    """The cards of gigs and cases that the company's HR reads together. Whoever hides from the author wrote none."""
    gig = Gig(
        id=1,
        title="x",
        work="x",
        reward="x",
        place="x",
        author_id=author,
        desk_platform="slack",
        desk_workspace="T",
        desk_address="D",
        created_at=NOW,
    )
    session.add(gig)
    session.flush()
    scene = Scene(session, people.company(session), None, "ja", NOW)
    yield gigs._names(session, list(range(1, count + 1)))  # pyright: ignore[reportPrivateUsage]
    hiding = visibility.hiding(session, visibility.Viewer(author, Audience.HR), range(1, count + 1))
    for number in range(1, count + 1):
        if number != author and number not in hiding:
            session.add(Case(id=number, gig_id=1, person_id=number, created_at=NOW))
            session.flush()
            yield case_views.case_view(scene, number)


def says(session: CompanySession, member: Member, verb: str, args: Mapping[str, str], private: bool) -> object:
    mentions = {f"<@U{number}>": f"U{number}" for number in range(1, 10)}
    inbound = Inbound("k", Kind.TYPED, Speaker("slack", "T", "U"), "D", private=private, mentions=mentions)
    facts = CompanyFacts("東都製作所", "ja", "Asia/Tokyo")
    turn = Turn(session, NOW, inbound, facts, None, member, "ja", {}, args)
    answer = verbs.named(verb).handler(turn)
    scene = Scene(session, facts, member, "ja", NOW)
    if isinstance(answer, Results):
        return [compose.content(scene, card) for card in answer.cards]
    assert isinstance(answer, Say | Ask)
    return compose.content(scene, answer)


def all_told(database: Database, company: Sequence[Profile], viewer: int, queries: Sequence[str]) -> list[object]:
    heard: list[object] = []
    with suppress(_Undone), database.company(OURS) as session:
        settle_in(session, company)
        heard += told(session, viewer + 1, queries, len(company))
        raise _Undone
    return heard


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(company=companies, others=companies, viewer=st.integers(0, 3), queries=asked)
def test_what_somebody_may_not_see_makes_no_difference_to_them(
    database: Database, company: list[Profile], others: list[Profile], viewer: int, queries: list[str]
) -> None:
    ensure(database)
    unlike = changed(company, others, viewer)
    assert all_told(database, company, viewer, queries) == all_told(database, unlike, viewer, queries)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(company=companies, viewer=st.integers(0, 3))
def test_what_somebody_may_see_is_found_and_shown(database: Database, company: list[Profile], viewer: int) -> None:
    ensure(database)
    with suppress(_Undone), database.company(OURS) as session:
        settle_in(session, company)
        member = people.members(session, [viewer + 1])[viewer + 1]
        for number, profile in enumerate(company, 1):
            own = number == viewer + 1
            if viewer in profile.hides and not own:
                continue
            card = str(says(session, member, "profile", {"person": str(number)}, True))
            for field in (*TEXTS, "email", "employee_number"):
                word = profile.fields[field]
                if word and (own or reaches(profile, field, company[viewer])):
                    assert word in card
                    found = says(session, member, "find", {"text": word}, True)
                    assert profile.name in str(found)
        raise _Undone


def ensure(database: Database) -> None:
    with database.installation() as session:
        if session.get(Company, OURS) is None:
            session.add(Company(id=OURS, name="東都製作所"))
