"""The weekly digest: what waits for it, that nothing is lost or in two of them, and what is no longer told."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot import digest_times, digests, gigs, housekeeping, unasked
from bot.cards import Card, Form
from bot.delivery import Courier
from bot.ports import Pace
from storage import consents, ledger
from storage.db import CompanySession, Database
from storage.ledger import Draft
from storage.tables import Company, ConsentPurpose, Gig, GigState, Person, Topic
from tests.bot.core import ALUMNA, NOW, OWNER, Core, faulty, wanting
from tests.bot.test_delivery import FakePlatform
from tests.whole import whole

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
"""Nine in the morning in Tokyo."""
PACES = {"slack": Pace(60_000, 60_000)}


class Office:
    """A company of whose alumna gigs wait for the digest."""

    def __init__(self, database: Database) -> None:
        self.core = Core(database).settle()
        self.platform = FakePlatform()
        self.core.say("preferences gigs digest", by=ALUMNA)

    def offer(self, *numbers: int) -> None:
        with self.core.database.company(1) as session:
            for number in numbers:
                if session.get(Gig, number) is None:
                    gig = wanting()
                    gig.id, gig.title = number, f"仕事{number}"
                    session.add(gig)
            session.flush()
            ledger.enqueue(session, [draft(number) for number in numbers], self.core.now)
        self.deliver()

    def deliver(self) -> None:
        async def rounds() -> None:
            with ThreadPoolExecutor(2) as threads:
                platforms = {"slack": self.platform}
                courier = Courier(
                    self.core.database, platforms, lambda: self.core.now, threads=threads, woken=lambda: None
                )
                for _ in range(8):
                    await courier.round()
                    await courier.finish()

        asyncio.run(rounds())

    def change(self, change: Callable[[CompanySession], object]) -> None:
        with self.core.database.company(1) as session:
            change(session)

    def at(self, moment: datetime) -> list[Card]:
        """What has come after that minute."""
        self.core.now = moment
        before = len(self.platform.said)
        housekeeping.run(self.core.database, lambda: self.core.now, paces=PACES)
        self.deliver()
        return [said.content for said in self.platform.said[before:] if isinstance(said.content, Card)]

    def rows(self) -> list[tuple[str, str, str]]:
        with whole(self.core.database) as connection:
            found = connection.execute(
                text("SELECT template, state, reason FROM delivery WHERE unasked = :yes ORDER BY id"), {"yes": True}
            )
            return [(template, state, reason) for template, state, reason in found]


def draft(number: int) -> Draft:
    return Draft(
        cause=f"gig:{number}",
        recipient=f"person:{ALUMNA}",
        person_id=ALUMNA,
        platform="slack",
        workspace="T1",
        address=f"slack:{ALUMNA}",
        template="gig_offer",
        args={"gig": number},
        subject=f"gig:{number}",
        unasked=True,
    )


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def opened_by(card: Card) -> list[str]:
    return [action.args["gig"] for action in card.actions if action.verb == "gig.show"]


def test_what_waited_comes_in_one_message_once(office: Office) -> None:
    office.offer(1, 12)
    assert office.platform.said == []
    assert office.rows() == [("gig_offer", "held", "")] * 2
    assert housekeeping.next_due(office.core.database, NOW) == MONDAY
    assert office.at(MONDAY - timedelta(minutes=1)) == []
    [card] = office.at(MONDAY)
    assert opened_by(card) == ["1", "12"]
    assert "preferences" in {action.verb for action in card.actions}
    assert office.at(MONDAY + timedelta(minutes=1)) == []
    assert [state for _, state, _ in office.rows()] == ["held", "held", "sent"]
    office.offer(13)
    [later] = office.at(MONDAY + timedelta(days=9))
    assert opened_by(later) == ["13"], "late, and nothing of the digest before"


def test_nothing_comes_to_whom_nothing_waits_for(office: Office) -> None:
    assert office.at(MONDAY) == []


def test_a_digest_that_was_cut_off_is_written_whole_afterwards(office: Office) -> None:
    office.offer(1, 12)

    def cut_off(session: CompanySession) -> None:
        digests.run(session, PACES, MONDAY)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.change(cut_off)
    assert len(office.rows()) == 2
    [card] = office.at(MONDAY)
    assert opened_by(card) == ["1", "12"]


def fill(session: CompanySession) -> None:
    gigs.close(session, session.get_one(Gig, 12), GigState.FILLED, NOW)


def withdraw(session: CompanySession) -> None:
    consents.withdraw(session, ALUMNA, ConsentPurpose.GIGS, NOW)


def never(session: CompanySession) -> None:
    session.get_one(Person, ALUMNA).receives = "gigs:never"


def stop(session: CompanySession) -> None:
    session.get_one(Person, ALUMNA).opted_out_at = NOW


@pytest.mark.parametrize("change", [withdraw, never])
def test_what_is_not_wanted_any_more_is_not_told(office: Office, change: Callable[[CompanySession], object]) -> None:
    office.offer(1, 12)
    office.change(change)
    assert office.at(MONDAY) == []
    assert office.rows()[-1] == ("digest", "cancelled", "nothing_left")


def start(session: CompanySession) -> None:
    session.get_one(Person, ALUMNA).opted_out_at = None


def disagree(session: CompanySession) -> None:
    consents.withdraw(session, ALUMNA, ConsentPurpose.CONTACT, NOW)


def agree(session: CompanySession) -> None:
    consents.give(session, ALUMNA, ConsentPurpose.CONTACT, "1", "web", NOW)


@pytest.mark.parametrize(("ends", "begins"), [(stop, start), (disagree, agree)])
@pytest.mark.parametrize("written", [False, True])
def test_what_waits_when_everything_is_stopped_is_told_when_it_is_wanted_again(
    office: Office,
    ends: Callable[[CompanySession], object],
    begins: Callable[[CompanySession], object],
    written: bool,
) -> None:
    """Stopped before the digest was written, or between that and its sending; what came in between is told with it."""
    office.offer(1, 12)
    if written:
        office.change(lambda session: digests.run(session, PACES, MONDAY))
    office.change(ends)
    for week in (0, 1):
        assert office.at(MONDAY + timedelta(days=7 * week)) == []
    assert [row for row in office.rows() if row[0] == "digest"] == []
    office.change(fill)
    office.change(begins)
    office.offer(13)
    [card] = office.at(MONDAY + timedelta(days=14))
    assert opened_by(card) == ["1", "13"]
    assert [row for row in office.rows() if row[0] == "digest"] == [("digest", "sent", "")]


def test_what_has_ended_meanwhile_is_left_out(office: Office) -> None:
    office.offer(1, 12)
    office.change(fill)
    [card] = office.at(MONDAY)
    assert opened_by(card) == ["1"]
    office.offer(12)
    assert len(office.rows()) == 3, "who was written to for a cause is not written to for it again"


def test_during_a_break_it_waits_for_the_digest_after_it(office: Office) -> None:
    office.offer(1)
    office.core.say("snooze 2026-11-25", by=ALUMNA)
    assert office.at(MONDAY) == []
    [card] = office.at(MONDAY + timedelta(days=7))
    assert opened_by(card) == ["1"]


def test_who_wants_it_at_once_again_still_gets_what_waits(office: Office) -> None:
    office.offer(1)
    office.core.say("preferences gigs once", by=ALUMNA)
    office.offer(12)
    assert len(office.platform.said) == 1
    [card] = office.at(MONDAY)
    assert opened_by(card) == ["1"]


def test_more_than_a_card_holds_has_pages_for_its_owner_alone(office: Office) -> None:
    office.offer(1, *range(12, 17))
    [card] = office.at(MONDAY)
    assert len(opened_by(card)) == digests.LISTED
    [more] = [action for action in card.actions if action.verb == "digest.page"]
    ref = f"ref:{office.platform.said[-1].delivery}"
    shown = office.core.send("digest.page", args=more.args, by=ALUMNA, pressed=ref).content
    assert isinstance(shown, Card) and opened_by(shown) == ["15", "16"]
    assert office.core.send("digest.page", args=more.args, by=OWNER, pressed=ref).notice
    assert office.core.send("digest.page", args=more.args, by=ALUMNA).notice


@pytest.mark.parametrize(
    ("zone", "weekday", "hour", "after", "moment"),
    [
        ("Asia/Tokyo", 0, 9, MONDAY - timedelta(seconds=1), MONDAY),
        ("Asia/Tokyo", 0, 9, MONDAY, MONDAY + timedelta(days=7)),
        ("Asia/Kathmandu", 4, 8, MONDAY, datetime(2026, 11, 27, 2, 15, tzinfo=UTC)),
        ("Europe/Berlin", 6, 2, datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)),
        ("Europe/Berlin", 6, 2, datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC)),
        ("Pacific/Apia", 0, 0, datetime(2026, 11, 29, 10, tzinfo=UTC), datetime(2026, 11, 29, 11, tzinfo=UTC)),
    ],
)
def test_it_leaves_at_the_companys_hour(
    database: Database, zone: str, weekday: int, hour: int, after: datetime, moment: datetime
) -> None:
    Core(database).settle(zone=zone)
    with database.company(1) as session:
        company = session.get_one(Company, 1)
        company.digest_weekday, company.digest_hour = weekday, hour
        assert digest_times.next_at(session, after) == moment


def test_an_owner_chooses_the_time_and_what_waits_follows(office: Office) -> None:
    office.offer(1)
    assert isinstance(office.core.say("digest time").content, Form)
    assert faulty(office.core.send("digest.time", {"weekday": "friday", "hour": "25:00"}))
    assert office.core.send("digest.time", {"weekday": "friday", "hour": "１８時"}).content
    assert office.at(MONDAY) == []
    [card] = office.at(datetime(2026, 11, 27, 9, tzinfo=UTC))
    assert opened_by(card) == ["1"]


def test_every_message_of_a_topic_can_stand_in_a_digest() -> None:
    assert {template for template, topic in unasked.TOPICS.items() if topic} == set(digests.ITEMS)
    assert set(unasked.TOPICS.values()) <= {*Topic, None}
