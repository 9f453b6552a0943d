"""Somebody who asked to be erased does not come back because a list still has them; HR, asked by them, brings them."""

from itertools import count
from typing import Any

import pytest
from sqlmodel import col, select

from bot import erasure, hris, importing, merging, retention
from bot.hris import Standing
from bot.importing import RowReport
from storage import audit
from storage.db import Database
from storage.tables import Company, ErasedMark, HrisMark, Person, PersonState
from tests.bot.core import OWNER, Core, faulty
from tests.bot.loading import load

_numbers = count(1)
LEAVER = {"name": "髙橋 健", "email": "ken@example.com", "last_day": "2026-12-31", "employee_number": "A1024"}
FILE = "氏名,社員番号,退職日,メール\n髙橋 健,{number},2026-12-31,{email}\n"


@pytest.fixture
def core(database: Database) -> Core:
    """A leaver was added with number and address, and erased at their wish."""
    core = Core(database).settle()
    assert not faulty(core.send("offboard", LEAVER))
    with database.company(1) as session:
        ken = session.exec(select(Person.id).where(Person.employee_number == "A1024")).one()
        assert erasure.erase(session, ken or 0, core.now, by=OWNER) is not None
    with database.installation() as session:
        session.add(Company(id=2, name="西都商会"))
    return core


def event(core: Core, company: int = 1, kind: str = "scheduled", **changes: Any) -> Standing:
    employee = {
        "number": "A1024",
        "name": {"family": "髙橋", "given": "健"},
        "last_day": "2026-12-31",
        "email": "ken@example.com",
        **changes,
    }
    told = {"id": f"evt-{next(_numbers)}", "type": f"offboarding.{kind}", "occurred_at": core.now, "employee": employee}
    with core.database.company(company) as session:
        return hris.receive(session, hris.parsed(told), core.now, letters=False)


def alumni(core: Core, company: int = 1) -> list[str]:
    with core.database.company(company) as session:
        known = select(Person.email).where(Person.state != PersonState.ERASED, Person.email != "")
        return list(session.exec(known.order_by(col(Person.id))))


def loaded(core: Core, company: int, number: str, email: str) -> RowReport:
    (row,) = load(core.database, company, FILE.format(number=number, email=email), now=core.now)
    return row


def test_nothing_readable_is_kept_and_the_hr_system_brings_nobody_back(core: Core) -> None:
    wrongs: list[dict[str, Any]] = [{}, {"number": "ａ１０２４", "email": "x@example.com"}]
    wrongs.append({"number": "B7", "email": "KEN@example.com"})
    for changes in wrongs:
        assert event(core, **changes) is Standing.ERASED
    assert event(core, kind="withdrawn") is Standing.ERASED
    assert event(core, number="B8", email="new@example.com") is Standing.DONE
    assert alumni(core) == ["hr@example.com", "new@example.com"]
    stored = core.everything()
    assert "A1024" not in stored and "ken@" not in stored.casefold()
    with core.database.company(1) as session:
        assert [mark.employee_number for mark in session.exec(select(HrisMark))] == ["B8"]
        noted = [entry for entry in audit.entries(session) if entry.action == "hris.erased"]
        (erased,) = (entry for entry in audit.entries(session) if entry.action == "erased")
        assert [entry.subject_mark for entry in noted] == [erased.subject_mark] * 4


@pytest.mark.parametrize(
    ("number", "email", "column"),
    [("A1024", "x@example.com", "employee_number"), ("", "ken@example.com", "email")],
)
def test_a_row_of_a_file_is_wrong_and_says_since_when(core: Core, number: str, email: str, column: str) -> None:
    row = loaded(core, 1, number, email)
    assert list(row.faults) == [column]
    assert "2026年11月21日(土) に登録内容を削除" in importing.sentences(row.faults, "ja")[column]
    assert alumni(core) == ["hr@example.com"]


def test_nobody_comes_back_as_whom_they_were_merged_with(database: Database) -> None:
    core = Core(database).settle()
    assert event(core) is event(core, number="B7", email="old@example.com") is Standing.DONE
    with database.company(1) as session:
        kept, other = session.exec(select(Person).where(col(Person.employee_number).in_(["A1024", "B7"]))).all()
        merging.into_one(session, kept, other, set(), core.now)
        assert erasure.erase(session, kept.id or 0, core.now, by=OWNER) is not None
        assert session.exec(select(HrisMark)).all() == []
    assert event(core, number="B7", email="x@example.com") is Standing.ERASED
    assert event(core, number="B8", email="old@example.com") is Standing.ERASED
    assert alumni(core) == ["hr@example.com"]


def test_another_company_knows_nothing_of_it(core: Core) -> None:
    assert event(core, company=2) is Standing.DONE
    assert loaded(core, 2, "B1", "b@example.com").outcome == "added"
    assert alumni(core, 2) == ["ken@example.com", "b@example.com"]


@pytest.mark.parametrize("verb", ["offboard", "enrol"])
def test_hr_is_asked_and_brings_them_back_by_hand(core: Core, verb: str) -> None:
    typed = LEAVER if verb == "offboard" else {"name": "髙橋 健", "email": "Ken@example.com"}
    for known in ("", "correct") if verb == "offboard" else ("",):
        told = faulty(core.send(verb, {**typed, "known": known}))
        assert list(told) == ["known"] and "再参加" in told["known"]
    assert alumni(core) == ["hr@example.com"]
    assert not faulty(core.send(verb, {**typed, "known": "returns"}))
    assert alumni(core) == ["hr@example.com", "ken@example.com"]
    with core.database.company(1) as session:
        assert session.exec(select(ErasedMark)).all() == []
    assert event(core) in (Standing.DONE, Standing.UNCHANGED), "from now on the HR system is heard again"
    assert len(alumni(core)) == 2


def test_who_never_answered_was_forgotten_and_did_not_ask_for_it(core: Core) -> None:
    assert not faulty(core.send("offboard", {**LEAVER, "known": "returns"}))
    with core.database.company(1) as session:
        ken = session.exec(select(Person.id).where(Person.employee_number == "A1024")).one()
        erasure.erase(session, ken or 0, core.now, action=retention.FORGOTTEN)
    assert event(core) is Standing.DONE
