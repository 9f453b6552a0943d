"""When an invitation still goes out, and when a code is made."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import func, select

from bot import invitations, subjects
from bot.scene import Scene
from storage import ledger, people
from storage.db import CompanySession, Database
from storage.ledger import DeliveryRow, Draft
from storage.tables import Code, Company, Person, PersonState, Role

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def company_id(database: Database) -> int:
    with database.installation() as session:
        company = Company(name="東都製作所", created_at=NOW)
        session.add(company)
        session.flush()
        return company.id or 0


def invited(session: CompanySession) -> Person:
    person = Person(name="山田 太郎", email="taro@example.com", role=Role.ALUMNUS, created_at=NOW)
    session.add(person)
    session.flush()
    return person


def letter(session: CompanySession, person: Person, number: int = 1) -> DeliveryRow:
    subject = subjects.invitation(person.id)
    draft = Draft(
        cause=f"{subject}:{number}",
        recipient=person.email,
        platform="mail",
        workspace="",
        address=person.email,
        template="invitation",
        args={"invitation": person.id},
        person_id=person.id,
        subject=subject,
        unasked=True,
    )
    ledger.enqueue(session, [draft], NOW)
    row = ledger.last_about(session, subject)[1]
    assert row is not None
    return row


def test_it_goes_out_while_the_person_is_awaited_and_nothing_newer_was_written(
    database: Database, company_id: int
) -> None:
    with database.company(company_id) as session:
        person = invited(session)
        first = letter(session, person)
        assert invitations.no_longer_needed(session, first, NOW) == ""
        assert invitations.no_longer_needed(session, first, NOW + invitations.WAITS_AT_MOST) == ""
        late = NOW + invitations.WAITS_AT_MOST + timedelta(seconds=1)
        assert invitations.no_longer_needed(session, first, late) == "waited_too_long"
        second = letter(session, person, 2)
        assert invitations.no_longer_needed(session, first, NOW) == "superseded"
        assert invitations.no_longer_needed(session, second, NOW) == ""


@pytest.mark.parametrize("state", [PersonState.ACTIVE, PersonState.LEFT, PersonState.ERASED])
def test_nobody_is_invited_who_is_not_awaited(database: Database, company_id: int, state: PersonState) -> None:
    with database.company(company_id) as session:
        person = invited(session)
        row = letter(session, person)
        person.state = state
        session.flush()
        assert invitations.no_longer_needed(session, row, NOW) == f"person_{state}"


def test_a_code_is_made_for_words_that_leave_and_for_no_others(database: Database, company_id: int) -> None:
    with database.company(company_id) as session:
        person = invited(session)
        letter(session, person)

        def codes() -> int:
            return session.exec(select(func.count()).select_from(Code)).one()

        def scene(*, leaves: bool) -> Scene:
            return Scene(session, people.company(session), None, "ja", NOW, letters=True, leaves=leaves)

        assert invitations.invitation_view(scene(leaves=False), person.id or 0).code == ""
        assert invitations.invited_view(scene(leaves=True), person.id or 0).until is None
        assert codes() == 0
        first = invitations.invitation_view(scene(leaves=True), person.id or 0).code
        second = invitations.invitation_view(scene(leaves=True), person.id or 0).code
        assert first and second and first != second
        assert codes() == 1, "the older one is gone"
        with pytest.raises(LookupError):
            invitations.invitation_view(scene(leaves=True), 999)
