"""What HR, a file or the HR system says of an address does not take the place of one that its person has confirmed."""

import pytest
from sqlmodel import select

from bot import codes, offboarding
from storage import people
from storage.db import Database
from storage.tables import Delivery, Person, Purpose
from tests.bot.core import Core, faulty
from tests.bot.loading import load

LEAVER = {"name": "髙橋 健", "email": "ken@example.com", "last_day": "2026-12-31", "employee_number": "A1024"}
NEW = "ken@new.example.com"


@pytest.fixture
def core(database: Database) -> Core:
    """Somebody who has confirmed an address, left the network, and is known to HR by number."""
    core = Core(database, letters=True).settle("en")
    assert not faulty(core.send("offboard", LEAVER))
    with database.company(1) as session:
        person = session.exec(select(Person).where(Person.employee_number == "A1024")).one()
        person.email_confirmed_at = core.now
        assert offboarding.take_back(session, person, core.now)
    return core


def confirmed(core: Core) -> str:
    person = core.person(employee_number="A1024")
    assert person is not None
    return people.confirmed_address(person)


def letters(core: Core) -> list[tuple[str, str]]:
    with core.database.company(1) as session:
        sent = session.exec(select(Delivery).where(Delivery.platform == "mail").order_by(Delivery.id))  # type: ignore[arg-type]
        return [(row.template, row.address) for row in sent]


def test_hr_is_asked_before_it_is_replaced_and_the_old_address_is_told(core: Core) -> None:
    typed = {**LEAVER, "email": NEW}
    assert list(faulty(core.send("offboard", {**typed, "known": "correct"}))) == ["email"]
    assert confirmed(core) == "ken@example.com"
    assert not faulty(core.send("offboard", {**typed, "known": "address"}))
    person = core.person(employee_number="A1024")
    assert person is not None and (person.email, confirmed(core)) == (NEW, "")
    assert letters(core)[-2:] == [("address_changing", "ken@example.com"), ("invitation", NEW)]


def test_a_file_keeps_it(core: Core) -> None:
    (row,) = load(core.database, 1, f"氏名,社員番号,退職日,メール\n髙橋 健,A1024,2027-03-31,{NEW}\n", now=core.now)
    assert row.outcome == "changed"
    assert confirmed(core) == "ken@example.com"
    assert letters(core)[-1] == ("invitation", "ken@example.com")


@pytest.mark.parametrize(("sent_to", "proven"), [("ken@example.com", True), ("other@example.com", False), ("", False)])
def test_a_code_proves_the_address_that_it_was_sent_to_and_no_other(core: Core, sent_to: str, proven: bool) -> None:
    assert not faulty(core.send("offboard", {**LEAVER, "known": "correct"}))
    with core.database.company(1) as session:
        person = session.exec(select(Person).where(Person.employee_number == "A1024")).one()
        person.email_confirmed_at = None
        code = codes.issue(session, Purpose.JOIN, core.now, person.id, sent_to=sent_to)
    core.say(f"join {code}", by=9)
    assert confirmed(core) == ("ken@example.com" if proven else "")
