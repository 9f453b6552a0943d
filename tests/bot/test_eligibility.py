"""What a company's rules say of people, wherever they are invited from."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from bot import eligibility, hris, importing, leavers
from bot.cards import Text, inlines
from bot.eligibility import Rules
from bot.importing import Outcome
from storage import audit, people
from storage.db import Database
from storage.tables import Company, Person, PersonState
from tests.bot.loading import load

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
LAST = date(2026, 3, 31)
THREE = Rules(3, ("disciplinary",))


@pytest.fixture
def company(database: Database) -> Database:
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所", least_years=3, not_invited=["disciplinary"]))
        session.add(Company(id=2, name="Elsewhere"))
    return database


@pytest.mark.parametrize(
    ("rules", "joined", "last_day", "reason", "fault"),
    [
        (Rules(), None, None, "", {}),
        (Rules(), None, None, "disciplinary", {}),
        (THREE, 2023, LAST, "voluntary", {}),
        (THREE, 2024, LAST, "voluntary", {"joined_year": "too_few_years:3"}),
        (THREE, None, LAST, "voluntary", {"joined_year": "years_unknown:3"}),
        (THREE, 2000, None, "voluntary", {"joined_year": "years_unknown:3"}),
        (THREE, 2000, LAST, "", {"left_for": "reason_unknown"}),
        (THREE, 2000, LAST, "disciplinary", {"left_for": "reason_not_invited"}),
        (THREE, None, LAST, "", {"joined_year": "years_unknown:3", "left_for": "reason_unknown"}),
        (Rules(3), 2000, LAST, "", {}),
        (Rules(0, ("other",)), None, None, "retirement", {}),
        (Rules(1), 2027, LAST, "", {"joined_year": "too_few_years:1"}),
    ],
)
def test_rules(rules: Rules, joined: int | None, last_day: date | None, reason: str, fault: dict[str, str]) -> None:
    assert eligibility.faults(rules, joined, last_day, reason) == fault


@pytest.mark.parametrize(
    ("typed", "number"), [("", 0), (" ３年 ", 3), ("50", 50), ("51", None), ("-1", None), ("三", None), ("2.5", None)]
)
def test_years_as_people_type_them(typed: str, number: int | None) -> None:
    assert eligibility.least(typed) == number


HEAD = "氏名,社員番号,入社年,退職日,メール,退職理由,例外の理由\n"
ROWS = {
    "fits": "山田 太郎,A1,2015,2026-03-31,a1@example.com,自己都合,\n",
    "short": "佐藤 華,A2,2025,2026-03-31,a2@example.com,定年退職,\n",
    "unknown": "鈴木 一,A3,,2026-03-31,a3@example.com,会社都合,\n",
    "reason": "高橋 次,A4,2015,2026-03-31,a4@example.com,懲戒解雇,\n",
    "exception": "田中 三,A5,2025,2026-03-31,a5@example.com,その他,社長の指示\n",
    "word": "伊藤 四,A6,2015,2026-03-31,a6@example.com,なんとなく,\n",
}


def test_a_files_rows_are_told_their_rule(company: Database) -> None:
    whole = load(company, 1, HEAD + "".join(ROWS.values()), now=NOW)
    faults = {row.name: importing.sentences(row.faults, "ja") for row in whole}
    assert not faults["山田 太郎"] and not faults["田中 三"]
    assert "3年に足りません" in faults["佐藤 華"]["joined_year"]
    assert "勤続3年以上" in faults["鈴木 一"]["joined_year"]
    assert "対象外" in faults["高橋 次"]["left_for"] and "自己都合" in faults["伊藤 四"]["left_for"]
    some = HEAD + ROWS["fits"] + ROWS["exception"]
    assert [row.outcome for row in load(company, 1, some, now=NOW)] == [Outcome.ADDED, Outcome.ADDED]
    with company.company(1) as session:
        person = session.exec(select(Person).where(Person.employee_number == "A5")).one()
        assert (person.left_for, person.exempt_for) == ("other", "社長の指示")
        entries = [e for e in audit.entries(session) if e.action == "eligibility.exception"]
        assert [(e.subject_id, e.actor_id, e.detail) for e in entries] == [
            (person.id, None, {"rules": "too_few_years"})
        ]
    assert [row.outcome for row in load(company, 1, some, now=NOW)] == [Outcome.SAME, Outcome.SAME]
    elsewhere = load(company, 2, HEAD + ROWS["short"] + ROWS["reason"], now=NOW)
    assert [row.outcome for row in elsewhere] == [Outcome.ADDED, Outcome.ADDED], "another company's rules"


def test_an_hr_system_is_told_too_and_makes_no_exceptions(company: Database) -> None:
    employee = {
        "number": "A1",
        "name": {"family": "山田", "given": "太郎"},
        "joined_year": 2025,
        "last_day": "2026-03-31",
        "email": "a1@example.com",
        "reason": "voluntary",
    }
    told = {"id": "e1", "type": "offboarding.scheduled", "occurred_at": NOW.isoformat(), "employee": employee}
    with company.company(1) as session, pytest.raises(hris.Unfit) as unfit:
        hris.receive(session, hris.parsed(told), NOW, letters=False)
    assert [*unfit.value.faults] == ["employee.joined_year"]


def test_who_is_in_stays_whatever_the_rules_say_later(company: Database) -> None:
    with company.company(1) as session:
        told = {"name": "山田 太郎", "joined_year": "2015", "last_day": "2026-03-31", "email": "a1@example.com"}
        facts = people.company(session)
        fits = leavers.read({**told, "left_for": "voluntary"}, NOW.date())
        person = leavers.add(session, fits, facts, NOW).person
        eligibility.keep(session, Rules(40, ("voluntary",)))
        assert leavers.broken(eligibility.rules(session), fits, person) == {}, (
            "the letter is out, and nothing has changed"
        )
        worse = leavers.read({**told, "left_for": "voluntary", "joined_year": "2016"}, NOW.date())
        assert leavers.broken(eligibility.rules(session), worse, person) == {
            "joined_year": "too_few_years:40",
            "left_for": "reason_not_invited",
        }
        for state in (PersonState.CONFIRMED, PersonState.ACTIVE, PersonState.PAUSED):
            assert (
                leavers.broken(eligibility.rules(session), worse, Person(name="n", role=person.role, state=state)) == {}
            )
        person.exempt_for = "so"
        assert leavers.broken(eligibility.rules(session), worse, person) == {} and eligibility.of(session, person) == {}


def test_a_page_is_its_companys_alone_and_says_its_rules(company: Database) -> None:
    with company.company(1) as session:
        name = eligibility.page_name(session)
        assert eligibility.company_in(name) == 1
        for locale, words in (("ja", "勤続3年以上"), ("en", "3 years of service or more")):
            page = eligibility.page(session, name, locale)
            assert page is not None
            assert words in "".join(run.text for run in inlines(page.blocks) if isinstance(run, Text))
        assert eligibility.page(session, "1-" + "0" * 20, "ja") is None
    with company.company(2) as session:
        assert eligibility.page(session, name, "ja") is None
        assert eligibility.url(session, "") == ""
    assert eligibility.company_in("x-" + "0" * 20) is None and eligibility.company_in("1") is None
