"""Offboarding over time: accounts open after the last day, letters come when they are due, and everything once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from bot import codes, housekeeping, invitations, leavers, offboarding
from bot.scene import Scene
from storage import people
from storage.db import CompanySession, Database
from storage.tables import Account, Company, Delivery, Person, PersonState, Purpose, Role

NOW = datetime(2026, 3, 20, 1, tzinfo=UTC)
LAST_DAY = date(2026, 3, 31)
ZONES = ("Asia/Tokyo", "America/New_York")
DAY = timedelta(days=1)


class Turned:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def company_ids(database: Database) -> dict[str, int]:
    with database.installation() as session:
        rows = [Company(name=zone, timezone=zone, created_at=NOW) for zone in ZONES]
        session.add_all(rows)
        session.flush()
        return {row.timezone: row.id or 0 for row in rows}


def leaver(number: str = "A1", **changes: object) -> leavers.Leaver:
    values = {
        "name": "山田 太郎",
        "email": f"{number}@example.com",
        "employee_number": number,
        "last_day": "2026-03-31",
    }
    return leavers.read({**values, **{k: str(v) for k, v in changes.items()}}, NOW.date())


def invite(session: CompanySession, told: leavers.Leaver, now: datetime = NOW) -> int:
    person = leavers.add(session, told, people.company(session), now).person
    invitations.write_letter(session, person, now, template="invitation")
    return person.id or 0


def confirm(session: CompanySession, person_id: int) -> None:
    person = session.get_one(Person, person_id)
    assert offboarding.confirm(session, person, NOW)
    assert not offboarding.confirm(session, person, NOW), "once"


def state(database: Database, company_id: int, person_id: int) -> PersonState:
    with database.company(company_id) as session:
        return session.get_one(Person, person_id).state


def written(database: Database, company_id: int) -> Sequence[str]:
    with database.company(company_id) as session:
        rows = session.exec(select(Delivery.template).order_by(col(Delivery.id))).all()
        return [template for template in rows if template != "invited"]


def housekeep(database: Database, clock: Turned, at: datetime) -> None:
    clock.at = at
    housekeeping.run(database, clock, letters=True)


@pytest.mark.parametrize("zone", ZONES)
def test_an_account_opens_at_midnight_where_the_company_is_and_once(
    database: Database, company_ids: dict[str, int], clock: Turned, zone: str
) -> None:
    company_id = company_ids[zone]
    midnight = datetime(2026, 4, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    with database.company(company_id) as session:
        person_id = invite(session, leaver())
        confirm(session, person_id)
    assert housekeeping.next_due(database, NOW) == midnight, "the letter that had not left is not sent any more"
    for at in (midnight - DAY, midnight - timedelta(seconds=1)):
        housekeep(database, clock, at)
        assert state(database, company_id, person_id) is PersonState.CONFIRMED
    for at in (midnight, midnight + timedelta(minutes=1), midnight + 30 * DAY):
        housekeep(database, clock, at)
        assert state(database, company_id, person_id) is PersonState.ACTIVE
    assert written(database, company_id) == ["invitation", "account_open_letter"]


@pytest.mark.parametrize("zone", ZONES)
def test_it_opens_once_when_the_service_was_down_at_midnight(
    database: Database, company_ids: dict[str, int], clock: Turned, zone: str
) -> None:
    with database.company(company_ids[zone]) as session:
        person_id = invite(session, leaver())
        confirm(session, person_id)
    for at in (NOW + 20 * DAY, NOW + 20 * DAY, NOW + 21 * DAY):
        housekeep(database, clock, at)
    assert state(database, company_ids[zone], person_id) is PersonState.ACTIVE
    assert written(database, company_ids[zone]).count("account_open_letter") == 1


def test_the_same_instant_is_after_the_last_day_in_one_zone_only(
    database: Database, company_ids: dict[str, int], clock: Turned
) -> None:
    ids: dict[str, int] = {}
    for zone, company_id in company_ids.items():
        with database.company(company_id) as session:
            ids[zone] = invite(session, leaver())
            confirm(session, ids[zone])
    housekeep(database, clock, datetime(2026, 3, 31, 15, 0, tzinfo=UTC))
    assert state(database, company_ids["Asia/Tokyo"], ids["Asia/Tokyo"]) is PersonState.ACTIVE
    assert state(database, company_ids["America/New_York"], ids["America/New_York"]) is PersonState.CONFIRMED
    assert offboarding_due(database) == datetime(2026, 4, 1, 4, 0, tzinfo=UTC)


def offboarding_due(database: Database) -> datetime | None:
    with database.installation() as session:
        return offboarding.next_due(session)


def test_letters_come_when_they_are_due_and_then_the_invitation_ends(
    database: Database, company_ids: dict[str, int], clock: Turned
) -> None:
    company_id = company_ids["Asia/Tokyo"]
    with database.company(company_id) as session:
        person_id = invite(session, leaver(last_day="2026-03-01"))
        hr = Person(name="佐藤 花子", role=Role.HR, state=PersonState.ACTIVE)
        session.add(hr)
        session.flush()
        session.add(Account(platform="teams", workspace="t", external_id="h", person_id=hr.id or 0, address="at:hr"))
    seen: list[tuple[int, str]] = []
    for day in range(40):
        before = len(written(database, company_id))
        for _ in range(2):
            housekeep(database, clock, NOW + day * DAY)
        seen += [(day, template) for template in written(database, company_id)[before:]]
    assert seen == [(7, "invitation_reminder"), (23, "invitation_ends"), (30, "expired")]
    assert state(database, company_id, person_id) is PersonState.EXPIRED
    assert offboarding_due(database) is None


def test_no_invitation_ends_without_its_warning(database: Database, company_ids: dict[str, int], clock: Turned) -> None:
    """The service was down for two months: the warning goes out, and there is a week left."""
    company_id = company_ids["Asia/Tokyo"]
    with database.company(company_id) as session:
        person_id = invite(session, leaver())
    back = NOW + 60 * DAY
    for at in (back, back + 6 * DAY):
        housekeep(database, clock, at)
        assert state(database, company_id, person_id) is PersonState.INVITED
    housekeep(database, clock, back + 7 * DAY)
    assert state(database, company_id, person_id) is PersonState.EXPIRED
    assert written(database, company_id) == ["invitation", "invitation_ends"], "no reminder besides; HR has no account"


def test_without_mail_nothing_is_written_and_the_invitation_ends_all_the_same(
    database: Database, company_ids: dict[str, int], clock: Turned
) -> None:
    company_id = company_ids["Asia/Tokyo"]
    with database.company(company_id) as session:
        person_id = leavers.add(session, leaver(), people.company(session), NOW).person.id or 0
    clock.at = NOW + 80 * DAY
    housekeeping.run(database, clock, letters=False)
    assert written(database, company_id) == []
    assert state(database, company_id, person_id) is PersonState.EXPIRED


def test_the_welcome_goes_where_the_person_has_joined(
    database: Database, company_ids: dict[str, int], clock: Turned
) -> None:
    company_id = company_ids["Asia/Tokyo"]
    with database.company(company_id) as session:
        person_id = invite(session, leaver())
        confirm(session, person_id)
        session.add(Account(platform="slack", workspace="T", external_id="U", person_id=person_id, address="at:u"))
    housekeep(database, clock, NOW + 20 * DAY)
    with database.company(company_id) as session:
        welcome = session.exec(select(Delivery).where(Delivery.template == "account_open")).one()
        assert (welcome.platform, welcome.address, welcome.person_id) == ("slack", "at:u", person_id)


def test_who_is_taken_back_gets_nothing_more_and_their_codes_end(
    database: Database, company_ids: dict[str, int], clock: Turned
) -> None:
    company_id = company_ids["Asia/Tokyo"]
    with database.company(company_id) as session:
        person_id = invite(session, leaver())
        code = codes.issue(session, Purpose.JOIN, NOW, person_id)
        person = session.get_one(Person, person_id)
        assert offboarding.take_back(session, person, NOW)
        assert not offboarding.take_back(session, person, NOW), "once"
        assert codes.redeem(session, code, Purpose.JOIN, NOW) is None
    housekeep(database, clock, NOW + 90 * DAY)
    assert state(database, company_id, person_id) is PersonState.LEFT
    assert written(database, company_id) == ["invitation"]
    assert offboarding_due(database) is None
    with database.company(company_id) as session:
        letter = session.exec(select(Delivery)).one()
        assert (letter.state, letter.reason) == ("cancelled", "person_left")


def test_a_link_is_made_for_words_that_leave_where_browsers_reach_us(
    database: Database, company_ids: dict[str, int]
) -> None:
    with database.company(company_ids["Asia/Tokyo"]) as session:
        person_id = invite(session, leaver())

        def link(*, leaves: bool, public_url: str) -> str:
            scene = Scene(session, people.company(session), None, "ja", NOW, leaves=leaves, public_url=public_url)
            return invitations.invitation_view(scene, person_id).link

        assert link(leaves=True, public_url="") == link(leaves=False, public_url="https://a.example") == ""
        assert link(leaves=True, public_url="https://a.example/").startswith("https://a.example/account/")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"last_day": "2026-02-30"}, {"last_day": "not_a_day"}),
        ({"last_day": "2036-03-31"}, {"last_day": "day_too_far"}),
        ({"last_day": ""}, {"last_day": "required"}),
        ({"name": "山" * 201}, {"name": "too_long"}),
        ({"joined_year": "平成"}, {"joined_year": "not_a_year"}),
        ({"joined_year": "2027"}, {"joined_year": "not_a_year"}),
        ({"joined_year": "２０１５年"}, {}),
        ({"email": "taro"}, {"email": "not_an_email"}),
        ({"departments": "、".join(f"第{n}課" for n in range(21))}, {"departments": "too_many_departments"}),
        ({"language": "fr"}, {"language": "unknown_language"}),
        ({"name": "<!channel>"}, {}),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, str], fault: dict[str, str]) -> None:
    values = {"name": "山田 太郎", "email": "taro@example.com", "last_day": "2026-03-31", **changes}
    assert leavers.faults(values, NOW.date()) == fault


def test_who_confirmed_keeps_name_and_address_and_hr_corrects_the_rest(
    database: Database, company_ids: dict[str, int]
) -> None:
    with database.company(company_ids["Asia/Tokyo"]) as session:
        company = people.company(session)
        person_id = invite(session, leaver())
        confirm(session, person_id)
        person = session.get_one(Person, person_id)
        told = leaver(name="<!channel>", email="x@example.com", last_day="2026-04-30", departments="経理部、企画室")
        taken = leavers.correct(session, person, told, company, NOW)
        assert (taken.changed, taken.invite) == (True, False)
        assert (person.name, person.email) == ("山田 太郎", "a1@example.com")
        assert person.opens_at == datetime(2026, 4, 30, 15, tzinfo=UTC)
        assert leavers.departments_of(session, person_id) == ["経理部", "企画室"]
        assert not leavers.correct(session, person, told, company, NOW).changed, "the same again changes nothing"


def test_a_number_and_an_address_of_two_people_are_not_mixed(database: Database, company_ids: dict[str, int]) -> None:
    with database.company(company_ids["Asia/Tokyo"]) as session:
        invite(session, leaver("A1"))
        invite(session, leaver("A2"))
        assert leavers.known(session, leaver("A1", email="A2@example.com"))[1] == {"email": "address_of_another"}
        assert leavers.known(session, leaver("A3", email="a2@example.com"))[1] == {
            "employee_number": "number_of_another"
        }
        assert leavers.known(session, leaver("A4")) == (None, {})
    with database.company(company_ids["America/New_York"]) as session:
        assert leavers.known(session, leaver("A1")) == (None, {}), "another company's people are not known"
