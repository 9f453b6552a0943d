"""Broadcasts: whom they reach, who may let them go, what stops them, and a report that adds up."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from bot import broadcasts, housekeeping, segments
from bot.cards import Card
from bot.delivery import Courier
from bot.outcomes import Reason, Refused, Unconfirmed
from bot.ports import Reply
from bot.scene import Scene
from storage import people
from storage.db import Database
from storage.tables import (
    Account,
    Attitude,
    Broadcast,
    BroadcastState,
    Department,
    Hiding,
    Person,
    PersonState,
    Role,
    Stance,
)
from tests.bot.core import ALUMNA, NOW, OWNER, PACE, Core
from tests.bot.test_delivery import FakePlatform
from tests.whole import whole

SECOND = 4
"""Another one of HR."""
ALUMNI = range(10, 20)


class Office:
    def __init__(self, database: Database) -> None:
        self.core = Core(database).settle()
        self.platform = FakePlatform()
        self.public_url = ""
        active, since = PersonState.ACTIVE, datetime(2020, 1, 1, tzinfo=UTC)
        with database.company(1) as session:
            session.add(Person(id=SECOND, name="鈴木 一郎", role=Role.HR, state=active))
            for number in ALUMNI:
                session.add(Person(id=number, name=f"Alum {number}", role=Role.ALUMNUS, state=active))
            session.flush()
            for number in (SECOND, *ALUMNI):
                place: dict[str, Any] = {"platform": "slack", "workspace": "T1", "address": f"slack:{number}"}
                session.add(Account(external_id=f"U{number}", person_id=number, created_at=since, **place))

    def press(self, verb: str, *, by: int = OWNER, number: int = 1, **args: str) -> Reply:
        """The button, as it stands on the card that this one of HR sees now."""
        known = {"broadcast": str(number), "revision": str(self.row(number).revision)}
        return self.core.send(verb, args={**known, **args}, by=by)

    def row(self, number: int = 1) -> Broadcast:
        with self.core.database.company(1) as session:
            return session.get_one(Broadcast, number)

    def view(self, number: int = 1) -> broadcasts.BroadcastView:
        with self.core.database.company(1) as session:
            company = people.company(session)
            return broadcasts.broadcast_view(
                Scene(session, company, None, "ja", self.core.now, public_url=self.public_url), number
            )

    def deliver(self, rounds: int = 5) -> None:
        self.core.now += timedelta(seconds=1)  # a fan-out is spread

        async def run() -> None:
            with ThreadPoolExecutor(2) as threads:
                courier = Courier(
                    self.core.database,
                    {"slack": self.platform},
                    lambda: self.core.now,
                    threads=threads,
                    woken=lambda: None,
                    public_url=self.public_url,
                )
                for _ in range(rounds):
                    await courier.round()
                    await courier.finish()

        asyncio.run(run())

    def set(self, number: int, **values: Any) -> None:
        with self.core.database.company(1) as session:
            person = session.get_one(Person, number)
            for name, value in values.items():
                setattr(person, name, value)
            session.add(person)

    def got(self) -> list[int]:
        """Who has the news."""
        with whole(self.core.database) as connection:
            found = connection.execute(
                text("SELECT person_id FROM delivery WHERE template = 'news' AND state = 'sent' ORDER BY person_id")
            )
            return list(found.scalars())


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


EVERYBODY = [ALUMNA, *ALUMNI]


def test_it_reaches_whom_it_should_and_the_report_adds_up(office: Office) -> None:
    for number, change in (
        (10, {"opted_out_at": NOW}),
        (11, {"snoozed_until": NOW + timedelta(days=1)}),
        (12, {"receives": "news:never"}),
        (13, {"state": PersonState.LEFT}),
    ):
        office.set(number, **change)
    reached = [ALUMNA, *range(14, 20)]
    assert office.view().people == len(reached)
    office.press("broadcast.send")
    office.set(14, opted_out_at=NOW)
    office.set(15, receives="news:never")
    office.set(16, receives="news:digest")
    office.platform.answers |= {
        "slack:17": Refused(Reason.BLOCKED, certain=True),
        "slack:18": Unconfirmed("no answer"),
    }
    office.deliver()
    view = office.view()
    assert office.got() == [ALUMNA, 19]
    assert (view.audience, view.sent, view.waiting, view.held, view.unclear) == (7, 2, 0, 1, 1)
    assert (dict(view.refusals), dict(view.skipped)) == ({"blocked": 1}, {"opted_out": 1, "topic_stopped": 1})
    told = view.sent + view.waiting + view.held + view.unclear
    assert told + sum(dict(view.refusals).values()) + sum(dict(view.skipped).values()) == view.audience

    office.press("broadcast.resend", which="refused")
    office.deliver()
    assert office.got() == [ALUMNA, 17, 19]
    office.press("broadcast.resend", which="unclear")
    office.deliver()
    assert office.got() == [ALUMNA, 17, 18, 19]
    assert office.view().audience == 7 and not office.view().refused


def test_the_author_alone_never_lets_it_go_where_two_are_needed(office: Office) -> None:
    assert office.core.say("broadcast approval on", by=SECOND).notice, "an owner's word alone"
    assert not office.view().needs_two
    office.core.say("broadcast approval on")
    office.press("broadcast.send")
    assert office.row().state is BroadcastState.REVIEW
    assert office.press("broadcast.approve").notice
    assert office.press("broadcast.approve", by=ALUMNA).notice
    seen = office.row().revision
    office.core.send("broadcast", {**SAID, "text_ja": "別の本文"}, {"broadcast": "1"})
    office.press("broadcast.send")
    office.press("broadcast.approve", by=SECOND, revision=str(seen))
    assert office.row().state is BroadcastState.REVIEW, "what was seen is not what it says now"
    office.press("broadcast.approve", by=SECOND)
    assert (office.row().state, office.row().approver_id) == (BroadcastState.OUT, SECOND)
    office.deliver()
    assert office.got() == EVERYBODY


def test_two_approve_at_once_and_it_goes_out_once(office: Office) -> None:
    office.core.say("broadcast approval on")
    office.press("broadcast.send")
    office.set(3, role=Role.HR, state=PersonState.ACTIVE)
    with office.core.database.company(1) as session:
        session.add(Account(platform="slack", workspace="T1", external_id="U3", person_id=3, address="slack:3"))
    revision = str(office.row().revision)
    with ThreadPoolExecutor(2) as threads:
        presses = [
            threads.submit(office.press, "broadcast.approve", by=number, revision=revision) for number in (SECOND, 3)
        ]
        assert all(pressed.result().content for pressed in presses)
    office.deliver()
    assert office.got() == EVERYBODY and len(office.platform.said) >= len(EVERYBODY)
    assert office.view().audience == len(EVERYBODY)


def test_a_cancelled_one_stops_and_says_whom_it_reached(office: Office) -> None:
    office.press("broadcast.send")
    with whole(office.core.database) as connection:
        connection.execute(
            text("UPDATE delivery SET due_at = '2099-01-01 00:00:00.000000' WHERE template = 'news' AND person_id > 14")
        )
    office.deliver()
    office.press("broadcast.cancel")
    office.press("broadcast.cancel")
    office.core.now = datetime(2099, 1, 2, tzinfo=UTC)
    office.deliver()
    view = office.view()
    assert office.got() == [ALUMNA, *range(10, 15)]
    assert (view.state, view.sent, dict(view.skipped)) == ("cancelled", 6, {"broadcast_cancelled": 5})
    office.press("broadcast.resend", which="refused")
    assert office.view().waiting == 0


def test_it_goes_out_at_its_time_if_it_still_may(office: Office) -> None:
    office.core.send("broadcast.schedule", {"day": "2026-11-24", "time": "９：００"}, {"broadcast": "1"})
    at = datetime(2026, 11, 24, tzinfo=UTC)
    assert (office.row().state, office.row().send_at) == (BroadcastState.SCHEDULED, at)
    assert housekeeping.next_due(office.core.database, NOW) == at
    office.press("broadcast.back")
    office.core.send("broadcast.schedule", {"day": "2026-11-24", "time": "9:00"}, {"broadcast": "1"})
    for moment, state in ((at - timedelta(seconds=1), "scheduled"), (at, "out"), (at, "out")):
        office.core.now = moment
        housekeeping.run(office.core.database, lambda: office.core.now, paces={"slack": PACE})
        assert office.row().state == state
    office.deliver()
    assert office.got() == EVERYBODY


def test_one_whose_author_has_left_hr_is_a_draft_again(office: Office) -> None:
    office.core.send("broadcast.schedule", {"day": "2026-11-24", "time": "9:00"}, {"broadcast": "1"})
    office.set(OWNER, state=PersonState.LEFT)
    office.core.now = datetime(2026, 11, 24, tzinfo=UTC)
    housekeeping.run(office.core.database, lambda: office.core.now, paces={"slack": PACE})
    assert office.row().state is BroadcastState.DRAFT


SAID = {"title_ja": "件名", "text_ja": "本文", "title_en": "", "text_en": "", "picture": "", "picture_alt": ""}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text_ja": ""}, "text_ja"),
        ({"title_ja": ""}, "title_ja"),
        ({"title_ja": "", "text_ja": ""}, "title_ja"),
        ({"text_en": "only"}, "title_en"),
        ({"picture": "http://example.com/x.png", "picture_alt": "x"}, "picture"),
        ({"picture": "https://example.com/x.png"}, "picture_alt"),
    ],
)
def test_what_cannot_be_sent_is_not_kept(office: Office, said: dict[str, str], field: str) -> None:
    reply = office.core.send("broadcast", {**SAID, **said})
    assert reply.content is not None and field in {f.name for f in getattr(reply.content, "fields", ()) if f.error}
    assert office.row(1).title_ja == "ご報告"


def test_each_reads_it_in_their_language_and_is_counted_once(office: Office) -> None:
    office.set(10, locale="en")
    said = {**SAID, "title_en": "Hello <!channel>", "text_en": "Text"}
    office.core.send("broadcast", said, {"broadcast": "1"})
    office.press("broadcast.send")
    office.deliver()
    titles = {m.address: m.content.title for m in office.platform.said if isinstance(m.content, Card)}
    assert (titles["slack:10"], titles["slack:11"]) == ("Hello <!channel>", "件名")
    for by in (10, 10, 11, OWNER):
        office.core.send("news.read", args={"news": "1"}, by=by)
    assert office.view().read == 2


def test_news_is_shown_to_nobody_who_was_not_written_to(office: Office) -> None:
    for verb in ("news.show", "news.read"):
        assert office.core.send(verb, args={"news": "1"}, by=10).notice
    office.core.send("broadcast.audience", {**NARROW, "since": "2026-11-01"}, {"broadcast": "1"})
    office.press("broadcast.send")
    assert office.core.send("news.show", args={"news": "1"}, by=10).notice
    assert not office.core.send("news.show", args={"news": "1"}, by=ALUMNA).notice


def test_a_copy_is_a_draft_of_its_own(office: Office) -> None:
    office.press("broadcast.send")
    office.press("broadcast.duplicate", by=SECOND)
    with office.core.database.company(1) as session:
        [copy] = [one for one in session.exec(select(Broadcast)) if one.id != 1]
        assert (copy.state, copy.author_id, copy.text_ja) == (BroadcastState.DRAFT, SECOND, "本文")


NARROW = {question.name: "" for question in broadcasts.AUDIENCE}


@pytest.mark.parametrize(
    ("audience", "reached"),
    [
        ({}, 11),
        ({"cities": ["大阪"]}, 1),
        ({"joined_from": 2005, "joined_to": 2010}, 2),
        ({"departments": ["経理"]}, 1),
        ({"answered": True}, 1),
        ({"since": "2026-11-21"}, 1),
        ({"since": "2026-11-22"}, 0),
    ],
)
def test_a_segment_means_what_hr_may_know(office: Office, audience: dict[str, Any], reached: int) -> None:
    office.set(10, city="大阪市", joined_year=2005)
    office.set(11, joined_year=2010)
    with office.core.database.company(1) as session:
        session.add(Department(person_id=12, place=0, name="経理部"))
        for number, attitude in ((13, Attitude.INTERESTED), (14, Attitude.PASSED)):
            session.add(Stance(gig_id=1, person_id=number, attitude=attitude))
        session.exec(update(Account).where(col(Account.person_id) == ALUMNA).values(created_at=NOW))
        broadcast = session.get_one(Broadcast, 1)
        broadcast.audience = audience
        session.add(broadcast)
        session.flush()
        assert segments.count(session, broadcast, NOW) == reached
        assert len(segments.sample(session, broadcast, NOW)) == min(reached, segments.SAMPLE)
        assert segments.read(segments.read(audience).stored()) == segments.read(audience)
        session.add(Hiding(person_id=ALUMNA, viewer_id=OWNER))
        session.flush()
        assert segments.count(session, broadcast, NOW) == max(0, reached - (reached == 11 or "since" in audience))
