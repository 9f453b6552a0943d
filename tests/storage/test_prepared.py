"""Prepared statements are what SQLAlchemy would have run, on both databases: types, companies, errors."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from storage.db import Database, OutsideCompany
from storage.prepared import Prepared, as_object
from storage.tables import Conversation, Person, PersonState, Role, table
from storage.types import NaiveInstant
from tests.storage.conftest import OURS, THEIRS

_P, _C = table(Person), table(Conversation)
_OWN = _P.c.company_id == bindparam("company")
_PEOPLE = Prepared(lambda _: select(_P.c.name, _P.c.role, _P.c.state, _P.c.opted_out_at).where(_OWN).order_by(_P.c.id))
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def conversation(**values: Any) -> dict[str, Any]:
    return {"address": "a", "reference": {"名": ["値", 1, None]}, "installed": True, "updated_at": NOON, **values}


_TALK = Prepared(lambda insert: insert(_C), ("company_id", "address", "reference", "installed", "updated_at"))
_TOLD = Prepared(
    lambda _: select(_C.c.reference, _C.c.installed, _C.c.updated_at).where(_C.c.company_id == bindparam("company"))
)


def test_values_come_back_as_their_types(companies: Database) -> None:
    with companies.company(OURS) as session:
        session.add(Person(name="佐藤 健", role=Role.HR, opted_out_at=NOON))
        session.add(Person(name="O'Brien %s ? :x", role=Role.ALUMNUS, state=PersonState.ACTIVE))
        session.flush()
        first, second = _PEOPLE.all(session)
    assert first[:2] == ("佐藤 健", Role.HR)
    assert isinstance(first[1], Role)
    assert first[3] == NOON
    assert first[3].tzinfo is UTC
    assert second == ("O'Brien %s ? :x", Role.ALUMNUS, PersonState.ACTIVE, None)


def test_objects_and_instants_of_any_zone_are_kept(companies: Database) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))
    with companies.company(OURS) as session:
        assert _TALK.all(session, **conversation(updated_at=elsewhere)) == ()
        assert _TOLD.first(session) == ({"名": ["値", 1, None]}, True, NOON)


def test_a_naive_instant_is_refused(companies: Database) -> None:
    with pytest.raises(NaiveInstant), companies.company(OURS) as session:
        _TALK.all(session, **conversation(updated_at=datetime(2026, 5, 1, 12)))  # noqa: DTZ001 - that is the point


def test_the_company_is_the_sessions_whatever_is_asked_for(companies: Database) -> None:
    with companies.company(THEIRS) as session:
        session.add(Person(name="Someone else", role=Role.ALUMNUS))
    with companies.company(OURS) as session:
        assert _PEOPLE.all(session, company=THEIRS) == []
        _TALK.all(session, company_id=THEIRS, **conversation())
    with companies.company(THEIRS) as session:
        assert _TOLD.first(session) is None


def test_a_statement_of_no_company_is_refused(companies: Database) -> None:
    with companies.company(OURS) as session, pytest.raises(ValueError, match="company"):
        Prepared(lambda _: select(_P.c.name)).all(session)


def test_a_statement_of_the_installation_sees_everybody_and_is_none_of_a_companys(companies: Database) -> None:
    everybody = Prepared(lambda _: select(_P.c.name).order_by(_P.c.id), installation=True)
    for company in (OURS, THEIRS):
        with companies.company(company) as session:
            session.add(Person(name=f"of {company}", role=Role.HR))
            session.flush()
            with pytest.raises(OutsideCompany):
                everybody.all(session)
    with companies.installation() as session:
        assert everybody.all(session) == [(f"of {OURS}",), (f"of {THEIRS}",)]


def test_its_own_values_are_a_part_of_the_statement_and_stay_literal(companies: Database) -> None:
    odd = 'O\'Brien %s ? :x \\ "名"'
    own = Prepared(lambda _: select(_P.c.role).where(_OWN, _P.c.name == odd, _P.c.state == PersonState.ACTIVE))
    with companies.company(OURS) as session:
        session.add(Person(name=odd, role=Role.HR, state=PersonState.ACTIVE))
        session.add(Person(name="somebody else", role=Role.ALUMNUS, state=PersonState.ACTIVE))
        session.flush()
        assert own.all(session) == [(Role.HR,)]
        assert "'active'" in own.sql(session)


def test_errors_are_sqlalchemys(companies: Database) -> None:
    with pytest.raises(IntegrityError), companies.company(OURS) as session:
        _TALK.all(session, **conversation())
        _TALK.all(session, **conversation())
    broken = Prepared(lambda _: select(_P.c.name).where(_OWN).prefix_with("NONSENSE"))
    with pytest.raises((OperationalError, ProgrammingError)), companies.company(OURS) as session:
        broken.all(session)
    with companies.company(OURS) as session:
        assert _TOLD.first(session) is None


def test_a_parameter_may_stand_in_several_places(companies: Database) -> None:
    same = _P.c.name == bindparam("name")
    twice = Prepared(lambda _: select(_P.c.name).where(_OWN, same, _OWN, same))
    with companies.company(OURS) as session:
        session.add(Person(name="佐藤 健", role=Role.HR))
        session.flush()
        assert twice.all(session, name="佐藤 健") == [("佐藤 健",)]


_WHOLE = Prepared(lambda _: select(*_P.c).where(_OWN, _P.c.id == bindparam("person")))


def test_a_row_as_the_sessions_object(companies: Database) -> None:
    with companies.company(OURS) as session:
        session.add(Person(id=5, name="佐藤 健", role=Role.HR, opted_out_at=NOON, locale="ja"))
    with companies.company(OURS) as session:
        row = _WHOLE.first(session, person=5)
        assert row is not None
        person = as_object(session, Person, row)
        assert session.get(Person, 5) is person
        assert (person.name, person.role, person.opted_out_at) == ("佐藤 健", Role.HR, NOON)
        assert not session.dirty and not session.new
        person.name, person.opted_out_at = "佐藤 蓮", None
    with companies.company(OURS) as session:
        known = session.get(Person, 5)
        assert known is not None and (known.name, known.opted_out_at, known.locale) == ("佐藤 蓮", None, "ja")
        known.locale = "en"  # not written yet, and not in the row
        assert as_object(session, Person, row) is known
        assert (known.name, known.opted_out_at, known.locale) == ("佐藤 健", NOON, "ja")
