"""A courier, a ledger and a platform that does what it is told: what is sent, what is not, and in which order."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot import compose, prompts
from bot.cards import Card
from bot.delivery import KEPT, Courier, Parcel, Work
from bot.outcomes import Outcome, Scope, Sent, Throttled
from bot.ports import Job, Message, Pace
from bot.scene import Scene, Together
from bot.turn import Say
from storage import consents, ledger, people
from storage.db import CompanySession, Database
from storage.ledger import Draft
from storage.people import Member
from storage.tables import Attitude, Company, ConsentPurpose, Gig, GigState, Person, PersonState, Role, Stance
from tests.whole import whole

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
FAST = Pace(600_000, 600_000, 1000, 600_000, 1000)


@dataclass
class FakePlatform:
    """Takes everything, unless `answers` has something else to say to an address; calls `on_send` before it does."""

    name: str = "slack"
    pace: Pace = FAST
    said: list[Message] = field(default_factory=list)
    answers: dict[str, Outcome] = field(default_factory=dict)
    on_send: Callable[[Message], None] = lambda _: None

    async def send(self, message: Message) -> Outcome:
        self.said.append(message)
        self.on_send(message)
        await asyncio.sleep(0.005)
        return self.answers.pop(message.address, Sent(f"ref:{message.delivery}"))

    async def edit(self, message: Message, ref: str) -> Outcome:
        return Sent(ref)


@dataclass
class Office:
    database: Database
    platform: FakePlatform = field(default_factory=FakePlatform)
    now: datetime = NOW

    def offer(self, *people: int, **fields: Any) -> None:
        drafts = [
            Draft(
                **{
                    "cause": f"gig:1:{number}",
                    "recipient": f"person:{person}:{number}",
                    "person_id": person,
                    "platform": "slack",
                    "workspace": "T1",
                    "address": f"user:T1:U{person}",
                    "template": "gig_offer",
                    "args": {"gig": 1},
                    "subject": "gig:1",
                    "unasked": True,
                    **fields,
                }
            )
            for number, person in enumerate(people)
        ]
        with self.database.company(1) as session:
            ledger.enqueue(session, drafts, self.now)

    def change(self, change: Callable[[CompanySession], object]) -> None:
        with self.database.company(1) as session:
            change(session)

    async def rounds(self, number: int = 6, at_once: int = 64) -> None:
        with ThreadPoolExecutor(2) as threads:
            platforms, clock = {"slack": self.platform}, lambda: self.now
            courier = Courier(self.database, platforms, clock, threads=threads, woken=lambda: None, at_once=at_once)
            for _ in range(number):
                await courier.round()
                await courier.finish()

    def states(self) -> list[tuple[str, str]]:
        with whole(self.database) as connection:
            return [(s, r) for s, r in connection.execute(text("SELECT state, reason FROM delivery ORDER BY id"))]


@pytest.fixture
def office(database: Database) -> Office:
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所"))
    with database.company(1) as session:
        for number in range(1, 40):
            session.add(Person(id=number, name=f"Alum {number}", role=Role.ALUMNUS, state=PersonState.ACTIVE))
        session.flush()
        place: dict[str, Any] = {"desk_platform": "slack", "desk_workspace": "T1", "desk_address": "user:T1:U1"}
        session.add(Gig(id=1, title="Design", work="w", reward="r", place="p", author_id=1, **place))
    return Office(database)


def person(session: CompanySession) -> Person:
    found = session.get(Person, 1)
    assert found is not None
    return found


def opts_out(session: CompanySession) -> None:
    person(session).opted_out_at = NOW


def leaves(session: CompanySession) -> None:
    person(session).state = PersonState.LEFT


def is_erased(session: CompanySession) -> None:
    person(session).state = PersonState.ERASED


def withdraws_gigs(session: CompanySession) -> None:
    consents.withdraw(session, 1, ConsentPurpose.GIGS, NOW)


def is_filled(session: CompanySession) -> None:
    gig = session.get(Gig, 1)
    assert gig is not None
    gig.state = GigState.FILLED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (opts_out, "opted_out"),
        (leaves, "person_left"),
        (is_erased, "person_erased"),
        (is_filled, "gig_filled"),
        (withdraws_gigs, "consent_withdrawn"),
    ],
)
async def test_what_changed_between_writing_and_sending_is_heeded(
    office: Office, change: Callable[[CompanySession], None], reason: str
) -> None:
    office.offer(1)
    office.change(change)
    await office.rounds()
    assert office.states() == [("cancelled", reason)]
    assert office.platform.said == []


async def test_who_opted_out_still_gets_the_answers_they_asked_for(office: Office) -> None:
    office.offer(1, unasked=False)
    office.change(opts_out)
    await office.rounds()
    assert office.states() == [("sent", "")]


async def test_one_at_a_time_to_a_conversation_and_the_others_do_not_wait_for_it(office: Office) -> None:
    office.offer(*[1] * 30, *range(2, 12))
    await office.rounds(1)
    addresses = [message.address for message in office.platform.said]
    assert sorted(addresses) == sorted(f"user:T1:U{n}" for n in range(1, 12))


async def test_a_platform_that_is_not_configured_any_more_holds_up_nobody(office: Office) -> None:
    office.offer(*range(1, 30), platform="teams")
    office.offer(30)
    await office.rounds()
    assert [state for state, _ in office.states()] == ["queued"] * 29 + ["sent"]


async def test_a_message_that_cannot_be_put_into_words_holds_up_nobody(office: Office) -> None:
    office.offer(1, template="no_such_template")
    office.offer(2)
    await office.rounds()
    assert [state for state, _ in office.states()][1] == "sent"
    assert office.states()[0] in [("refused", "invalid"), ("cancelled", "gone")]


async def test_a_throttled_workspace_sends_nothing_before_its_time(office: Office) -> None:
    office.platform.answers["user:T1:U1"] = Throttled(NOW + timedelta(seconds=30))
    office.offer(1)
    await office.rounds(2)
    office.offer(2, 3)
    office.now += timedelta(seconds=29)
    await office.rounds()
    assert len(office.platform.said) == 1
    office.now += timedelta(seconds=2)
    await office.rounds()
    assert [state for state, _ in office.states()] == ["sent"] * 3


async def test_a_throttled_conversation_stops_only_itself(office: Office) -> None:
    office.platform.answers["user:T1:U1"] = Throttled(NOW + timedelta(seconds=30), Scope.CONVERSATION)
    office.offer(1, 1, 2, 3)
    await office.rounds()
    assert [state for state, _ in office.states()] == ["queued", "queued", "sent", "sent"]


async def test_a_round_of_cancelled_messages_is_followed_by_the_next_at_once(office: Office) -> None:
    office.change(opts_out)
    office.offer(*[1] * 3)
    office.offer(*range(2, 10))
    with ThreadPoolExecutor(1) as threads:
        platforms = {"slack": office.platform}
        one_a_time = Courier(office.database, platforms, lambda: NOW, threads=threads, woken=lambda: None, at_once=1)
        assert await one_a_time.round() == 0
        await one_a_time.finish()


async def test_what_waited_too_long_for_its_request_goes_back_and_is_sent_later(office: Office) -> None:
    """Its claim could run out while the request is under way, and somebody else would take it."""

    def dawdles(message: Message) -> None:
        office.now += KEPT + timedelta(seconds=1)

    office.platform.on_send = dawdles
    office.offer(1, 2, 3)
    await office.rounds(1, at_once=1)
    assert [state for state, _ in office.states()] == ["sent", "queued", "queued"]
    office.platform.on_send = lambda _: None
    await office.rounds()
    assert sorted(message.address for message in office.platform.said) == [f"user:T1:U{n}" for n in (1, 2, 3)]
    assert [state for state, _ in office.states()] == ["sent"] * 3


async def test_what_fails_without_an_outcome_holds_up_nobody_and_is_not_sent_again(office: Office) -> None:
    def breaks(message: Message) -> None:
        if message.address == "user:T1:U1":
            raise ZeroDivisionError

    office.platform.on_send = breaks
    office.offer(1, 2, 3)
    await office.rounds(2)
    assert [state for state, _ in office.states()] == ["sending", "sent", "sent"]
    assert len(office.platform.said) == 3


async def test_what_is_claimed_twice_over_for_a_conversation_leaves_one_after_the_other(office: Office) -> None:
    """As a message that is taken over while others are claimed."""
    fields: dict[str, Any] = {"platform": "slack", "workspace": "T1", "address": "user:T1:U1", "template": "help"}
    with office.database.company(1) as session:
        drafts = [Draft(cause=f"said:{number}", recipient="person:1", **fields) for number in range(3)]
        rows = [row for each in drafts if (row := ledger.begin(session, each, NOW))]
    before: list[list[str]] = []
    office.platform.on_send = lambda _: before.append([state for state, _ in office.states()])
    with ThreadPoolExecutor(1) as threads:
        platforms = {"slack": office.platform}
        courier = Courier(office.database, platforms, lambda: NOW, threads=threads, woken=lambda: None)
        for row in rows:
            message = Message(row.id, row.address, Card("Title", "Title", ()), "en")
            courier._start(Parcel(Work.SEND, Job(row, message), NOW, NOW))
        await courier.finish()
    assert [states.count("sent") for states in before] == [0, 1, 2]
    assert [message.delivery for message in office.platform.said] == [row.id for row in rows]


async def test_readers_share_a_card_where_it_says_the_same_and_only_there(office: Office) -> None:
    def differ(session: CompanySession) -> None:
        for number, fields in enumerate(({}, {}, {"locale": "en"}, {"city": "名古屋市"}, {"city": "名古屋市"}), 1):
            someone = session.get_one(Person, number)
            for name, value in fields.items():
                setattr(someone, name, value)
        session.get_one(Gig, 1).place = "名古屋市中村区"
        session.add(Stance(gig_id=1, person_id=2, attitude=Attitude.PASSED))
        session.flush()

    office.change(differ)
    office.offer(1, 2, 3, 4, 5, 6)
    await office.rounds(1)
    said = {int(message.address.removeprefix("user:T1:U")): message.content for message in office.platform.said}
    shared = {number: sorted(other for other in said if said[other] is said[number]) for number in said}
    assert shared == {1: [1, 6], 2: [2], 3: [3], 4: [4, 5], 5: [4, 5], 6: [1, 6]}
    assert len({repr(content) for content in said.values()}) == 4


@pytest.mark.parametrize("template", ["gig_offer", "gig_desk"])
async def test_what_several_read_is_what_each_of_them_would_read_alone(office: Office, template: str) -> None:
    differences: list[dict[str, Any]] = [
        {},
        {"locale": "en"},
        {"city": "名古屋市"},
        {"receives": "gigs:digest"},
        {"role": Role.HR},
        {"name": "別の人"},
    ]

    def differ(session: CompanySession) -> None:
        for number, fields in enumerate(differences, 1):
            someone = session.get_one(Person, number)
            for name, value in fields.items():
                setattr(someone, name, value)
        session.get_one(Gig, 1).place = "名古屋市中村区"
        session.add(Stance(gig_id=1, person_id=6, attitude=Attitude.INTERESTED, note="ぜひ"))
        session.flush()

    office.change(differ)
    with office.database.company(1) as session:
        company, readers = people.company(session), people.members(session, range(1, 7))

        def reads(reader: Member, together: Together) -> object:
            locale = prompts.locale_for(reader.locale)
            scene = Scene(session, company, reader, locale, NOW, public_url="https://a.example", together=together)
            return compose.content(scene, Say(template, {"gig": 1}))

        together = Together(frozenset(readers))
        assert {n: reads(one, together) for n, one in readers.items()} == {
            n: reads(one, Together()) for n, one in readers.items()
        }
