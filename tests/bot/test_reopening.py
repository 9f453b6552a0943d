"""Undoing "filled": who is told, who is not, and until when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot import gigs, reopening, versions
from bot.cards import Card
from bot.scene import Scene
from storage import ledger
from storage.db import Database
from storage.people import CompanyFacts
from storage.tables import (
    Account,
    CaseAction,
    CaseEvent,
    Delivery,
    DeliveryState,
    Gig,
    GigState,
    Person,
    PersonState,
    Role,
    Stance,
)
from tests.bot.core import ALUMNA, NOW, OWNER, Core

GIG = {"gig": "1"}
OTHERS = (11, 12)


@pytest.fixture
def core(database: Database) -> Core:
    core = Core(database).settle()
    with database.company(1) as session:
        active: dict[str, Any] = {"role": Role.ALUMNUS, "state": PersonState.ACTIVE, "created_at": NOW, "locale": "ja"}
        session.add_all(Person(id=number, name=f"卒業 {number}", **active) for number in OTHERS)
        session.flush()
        session.add_all(
            Account(platform="slack", workspace="T1", external_id=f"U{n}", person_id=n, address=f"slack:{n}")
            for n in OTHERS
        )
    return core


def rows(core: Core, template: str) -> list[Delivery]:
    with core.database.company(1) as session:
        return list(session.exec(select(Delivery).where(Delivery.template == template).order_by(col(Delivery.id))))


def went(core: Core, template: str, state: DeliveryState = DeliveryState.SENT) -> None:
    """What is queued of it has left."""
    with core.database.company(1) as session:
        for row in session.exec(select(Delivery).where(Delivery.template == template)):
            if row.state is DeliveryState.QUEUED:
                row.state, row.ref = state, f"ref:{row.id}"
                session.add(row)


def gig(core: Core) -> Gig:
    with core.database.company(1) as session:
        return session.get_one(Gig, 1)


def progress(core: Core) -> dict[int, str]:
    with core.database.company(1) as session:
        return {one.person_id: one.progress.value for one in session.exec(select(Stance))}


def people(found: list[Delivery], state: DeliveryState | None = None) -> list[int | None]:
    return [row.person_id for row in found if state in (None, row.state)]


def test_who_was_told_of_the_end_is_told_and_nobody_else(core: Core) -> None:
    for person in (ALUMNA, *OTHERS):
        core.send("gig.interested", args=GIG, by=person)
    with core.database.company(1) as session:
        session.add(CaseEvent(case_id=1, revision=2, action=CaseAction.ANSWERED, actor_id=OWNER, at=NOW))
    core.send("gig.fill", args=GIG)
    assert set(progress(core).values()) == {"thanked"}
    with core.database.company(1) as session:  # to one of them nothing has left yet
        for row in session.exec(select(Delivery).where(Delivery.template == "gig_thanks")):
            row.state = DeliveryState.QUEUED if row.person_id == 12 else DeliveryState.SENT
            session.add(row)
    for _ in range(2):
        assert isinstance(core.send("gig.reopen", args=GIG).content, Card)
    now = gig(core)
    assert (now.state, now.closed_at, now.reopened) == (GigState.OPEN, None, 1)
    assert progress(core) == {ALUMNA: "in_talk", 11: "received", 12: "received"}
    assert people(rows(core, "gig_reopened")) == [ALUMNA, 11]
    assert people(rows(core, "gig_thanks"), DeliveryState.CANCELLED) == [12]


def test_each_end_is_told_once_and_an_undoing_nobody_heard_of_is_not(core: Core) -> None:
    for person in OTHERS:
        core.send("gig.interested", args=GIG, by=person)
    core.send("gig.fill", args=GIG)
    went(core, "gig_thanks")
    core.send("gig.reopen", args=GIG)
    with core.database.company(1) as session:  # one has heard of it
        row = session.exec(select(Delivery).where(Delivery.template == "gig_reopened", Delivery.person_id == 11)).one()
        row.state = DeliveryState.SENT
        session.add(row)
    core.send("gig.fill", args=GIG)
    assert people(rows(core, "gig_thanks")) == [11, 12, 11]
    assert people(rows(core, "gig_reopened"), DeliveryState.CANCELLED) == [12]
    assert set(progress(core).values()) == {"thanked"}
    went(core, "gig_thanks")
    core.send("gig.reopen", args=GIG)
    assert people(rows(core, "gig_reopened"), DeliveryState.QUEUED) == [11]


def test_offers_that_were_held_back_go_out_and_others_stay_as_they_are(core: Core) -> None:
    made = {"cause": "gig:1", "platform": "slack", "workspace": "T1", "template": "gig_offer", "args": {"gig": 1}}
    how = {11: ("gig_filled", True), 12: ("opted_out", True), ALUMNA: ("gig_filled", False)}
    with core.database.company(1) as session:
        for person, (_, unasked) in how.items():
            ledger.enqueue(
                session,
                [
                    ledger.Draft(
                        recipient=f"person:{person}",
                        person_id=person,
                        address=f"slack:{person}",
                        subject="gig:1",
                        unasked=unasked,
                        **made,
                    )
                ],
                NOW,
            )
        for row in session.exec(select(Delivery).where(Delivery.template == "gig_offer")):
            row.state, row.reason = DeliveryState.CANCELLED, how[row.person_id or 0][0]
            session.add(row)
        one = session.get_one(Gig, 1)
        one.state, one.closed_at = GigState.FILLED, NOW
        session.add(one)
    core.send("gig.reopen", args=GIG)
    assert people(rows(core, "gig_offer"), DeliveryState.QUEUED) == [11]


@pytest.mark.parametrize(
    ("change", "opens"),
    [
        (lambda gig: None, True),
        (lambda gig: setattr(gig, "closed_at", NOW - reopening.WITHIN + timedelta(minutes=1)), True),
        (lambda gig: setattr(gig, "closed_at", NOW - reopening.WITHIN), False),
        (lambda gig: setattr(gig, "deadline_at", NOW + timedelta(minutes=1)), True),
        (lambda gig: setattr(gig, "deadline_at", NOW), False),
        (lambda gig: setattr(gig, "state", GigState.WITHDRAWN), False),
        (lambda gig: setattr(gig, "state", GigState.EXPIRED), False),
    ],
)
def test_it_can_be_undone_for_a_week_and_before_the_deadline(
    core: Core, change: Callable[[Gig], None], opens: bool
) -> None:
    with core.database.company(1) as session:
        one = session.get_one(Gig, 1)
        one.state, one.closed_at = GigState.FILLED, NOW
        change(one)
        session.add(one)
    with core.database.company(1) as session:
        view = gigs.gig_view(Scene(session, CompanyFacts("東都製作所", "ja", "Asia/Tokyo"), None, "ja", NOW), 1)
    assert (view.reopens_until is not None) is opens
    reply = core.send("gig.reopen", args=GIG)
    assert (gig(core).state is GigState.OPEN) is opens
    assert reply.notice is not opens


def test_only_hr_reopens_and_only_what_was_out(core: Core) -> None:
    core.send("gig.fill", args=GIG)
    core.send("gig.reopen", args=GIG, by=ALUMNA)
    assert gig(core).state is GigState.FILLED
    for number in ("2", "999", "x", ""):
        assert core.send("gig.reopen", args={"gig": number}).notice


def test_a_copy_that_could_not_be_edited_is_followed_by_the_end_and_by_its_undoing(core: Core) -> None:
    with core.database.company(1) as session:
        offer = ledger.Draft(
            cause="gig:1",
            recipient="person:11",
            person_id=11,
            platform="slack",
            workspace="T1",
            address="slack:11",
            template="gig_offer",
            args={"gig": 1},
            subject="gig:1",
            unasked=True,
        )
        ledger.enqueue(session, [offer], NOW)

    def refused() -> None:
        with core.database.company(1) as session:
            row = ledger.offered_to(session, "gig:1", 11)
            assert row is not None
            versions.follow_up(session, row, NOW)

    for ends in (1, 2):
        core.send("gig.fill", args=GIG)
        for _ in range(2):
            refused()
        assert people(rows(core, "gig_closed")) == [11] * ends
        went(core, "gig_closed")
        core.send("gig.reopen", args=GIG)
        for _ in range(2):
            refused()
        assert people(rows(core, "gig_reopened")) == [11] * ends


def test_hr_is_asked_before_a_gig_is_filled(core: Core) -> None:
    asked = core.send("gig.filling", args=GIG).content
    assert isinstance(asked, Card) and [action.verb for action in asked.actions] == ["gig.fill", "gig.show"]
    assert gig(core).state is GigState.OPEN
    assert core.send("gig.filling", args=GIG, by=ALUMNA).notice
    core.send("gig.fill", args=GIG)
    assert core.send("gig.filling", args=GIG).notice
