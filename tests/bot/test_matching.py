"""Why a gig suits somebody: what they said counts for it, and what they did not say counts against nobody."""

import pytest

from bot import matching, texts
from bot.matching import Match, Offered, Wanted
from storage import synonyms
from storage.db import CompanySession, Database
from storage.skills import same
from storage.tables import Company, Gig, Person, PersonState, Role, Skill, Synonym
from tests.bot.core import ALUMNA, NOW, Core, going_to, wanting


def wanted(place: str = "", work: str = "", *skills: str) -> Wanted:
    said = texts.folded(f"{work}\n{place}")
    asked = tuple((skill, frozenset({texts.folded(skill)})) for skill in skills)
    return Wanted(asked, texts.folded(place), f"{said} {texts.folded(' '.join(skills))}", matching.slots_in(said))


FOUR = ("経理", "英語", "SAP", "簿記")


@pytest.mark.parametrize(
    ("gig", "person", "reasons"),
    [
        (wanted(), Offered(), Match()),
        (
            wanted("大阪支社", "平日の夜にお願いします", *FOUR),
            Offered(frozenset({"経理", "英語", "sap"}), "大阪市北区", frozenset({"weekday_evenings", "weekends"})),
            Match(4, FOUR[:3], ("weekday_evenings",), "大阪市北区"),
        ),
        (wanted("大阪", "平日の夜", *FOUR), Offered(), Match(4)),
        (wanted("在宅", "週末の研修講師"), Offered(slots=frozenset({"remote"}), interests=("研修", "地域")),
         Match(0, (), ("remote",), "", ("研修",))),
        (wanted("Osaka office", "Weekend workshops"), Offered(city="Osaka", slots=frozenset({"weekends"})),
         Match(0, (), ("weekends",), "Osaka")),
        (wanted("Tokyo", "Remotely controlled cranes"), Offered(interests=("car", "crane")), Match()),
    ],
)  # fmt: skip
def test_the_reasons_are_what_both_say(gig: Wanted, person: Offered, reasons: Match) -> None:
    assert matching.of(gig, person) == reasons
    assert reasons.suits is (reasons not in (Match(), Match(4)))


@pytest.mark.parametrize(
    ("city", "place", "there"),
    [
        ("大阪", "リモート、月1回大阪", True),
        ("大阪府大阪市", "大阪", True),
        ("京都", "東京都千代田区", False),
        ("東京都", "東京本社に週1日", True),
        ("Kobe", "Kobe office", True),
        ("Ube", "Kube office", False),
        ("", "大阪", False),
        ("津", "津市", False),
    ],
)
def test_a_place_is_in_a_city_however_either_is_written(city: str, place: str, there: bool) -> None:
    assert matching.is_in(city, texts.folded(place)) is there


@pytest.mark.parametrize(
    ("words", "slots"),
    [
        ("平日夜と土日", {"weekday_evenings", "weekends"}),
        ("ﾘﾓｰﾄ可", {"remote"}),
        ("在宅勤務は不可、出社のみ", {"on_site"}),
        ("リモート不可", set[str]()),
        ("No remote work; on-site in the daytime", {"on_site", "weekday_daytime"}),
        ("We prevent evenings-only habits", {"weekday_evenings"}),
        ("月曜から金曜", set[str]()),
    ],
)
def test_a_gigs_own_words_say_when_and_where(words: str, slots: set[str]) -> None:
    assert matching.slots_in(texts.folded(words)) == slots


# With the company's words


@pytest.fixture
def session(database: Database) -> CompanySession:
    with database.installation() as outer:
        outer.add_all([Company(id=1, name="東都製作所"), Company(id=2, name="Elsewhere")])
    return database  # type: ignore[return-value]


def senses(database: Database, *words: str) -> set[frozenset[str]]:
    with database.company(1) as session:
        return set(same(session, words).values())


def joined(database: Database, *pairs: tuple[str, str]) -> None:
    for one, other in pairs:
        with database.company(1) as session:
            synonyms.join(session, one, other)


@pytest.mark.parametrize(
    "pairs",
    [
        (("a", "b"), ("b", "c"), ("c", "d")),
        (("a", "b"), ("c", "d"), ("b", "d")),
        (("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")),
        (("d", "c"), ("d", "b"), ("a", "d"), ("a", "b")),
    ],
)
def test_chains_and_loops_end_in_one_meaning(session: Database, pairs: tuple[tuple[str, str], ...]) -> None:
    joined(session, *pairs)
    assert senses(session, "a", "b", "c", "d") == {frozenset("abcd")}
    with session.company(1) as one:
        assert synonyms.part(one, "b") and not synonyms.part(one, "b")
    assert senses(session, "a", "c", "d") == {frozenset("acd")}
    assert senses(session, "b") == {frozenset("b")}


def test_rows_that_say_a_loop_are_one_meaning_and_end(session: Database) -> None:
    with session.company(1) as one:
        one.add_all(Synonym(folded=word, means=means) for word, means in (("x", "y"), ("y", "z"), ("z", "x")))
    assert senses(session, "x", "y", "z") == {frozenset("xyz")}


def test_the_common_table_can_be_extended_and_switched_off_by_one_company(session: Database) -> None:
    assert "javascript" in next(iter(senses(session, "js")))
    joined(session, ("ecmascript", "js"))
    assert {"js", "javascript", "ecmascript"} <= next(iter(senses(session, "ecmascript")))
    with session.company(1) as one:
        assert synonyms.part(one, "js")
    assert senses(session, "js") == {frozenset({"js"})}
    assert {"javascript", "ecmascript"} <= next(iter(senses(session, "javascript")))
    with session.company(2) as other:
        assert same(other, ["js"])["js"] >= {"js", "javascript"}


def test_a_gig_reaches_whoever_has_the_skill_under_another_word(database: Database) -> None:
    Core(database).settle()
    with database.company(1) as session:
        session.add(Skill(person_id=ALUMNA, folded=texts.folded("会計"), label="会計", place=0))
    with database.company(1) as session:
        assert going_to(session, wanting("Accounting"), NOW) == [ALUMNA]
        gig = session.get_one(Gig, 1)
        gig.skills = "Accounting, 宇宙工学"
        match = matching.of(matching.wanted(session, gig), matching.offered(session, ALUMNA))
        assert (match.asked, match.skills) == (2, ("Accounting",))


def test_who_is_of_another_company_or_nobody_offers_nothing(database: Database) -> None:
    Core(database).settle()
    with database.installation() as outer:
        outer.add(Company(id=2, name="Elsewhere"))
    with database.company(2) as session:
        session.add(Person(id=90, name="x", role=Role.ALUMNUS, state=PersonState.ACTIVE, city="大阪"))
    with database.company(1) as session:
        assert matching.offered(session, 90) == matching.offered(session, 12345) == Offered()
