"""Which answers to a press keep the edits of the card waiting, and which let them go."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from bot.delivery import Claimed, Courier
from bot.dispatch import Dispatcher
from bot.outcomes import Sent
from bot.ports import Inbound, Kind, Message, Pace, Reply
from storage import ledger, open_forms
from storage.db import Database
from storage.ledger import Draft
from storage.tables import Delivery, DeliveryState, OpenForm
from tests.bot.core import NOW, OWNER, PACE, Core

CARD = "ref:card"
GIG = {"gig": "1"}


@pytest.fixture
def core(database: Database) -> Core:
    core = Core(database).settle()
    with database.company(1) as session:
        draft = Draft("c", "slack:1", "slack", "T1", "slack:1", "gig_desk", {"gig": 1}, OWNER, subject="gig:1:desk")
        ledger.enqueue(session, [draft], NOW)
        values = {"state": DeliveryState.SENT, "ref": CARD, "shown": 1}
        session.core.execute(ledger.update(ledger._T).where(ledger._T.c.cause == "c").values(**values))
    return core


def holders(core: Core) -> set[str]:
    with core.database.company(1) as session:
        return set(session.exec(select(OpenForm.holder)))


def press(core: Core, verb: str, **more: Any) -> Reply:
    return core.send(verb, args=GIG, pressed=CARD, **more)


def test_forms_and_questions_stand_until_they_are_sent_or_left(core: Core) -> None:
    for verb in ("gig.post", "gig.filling"):
        press(core, verb)
        assert len(holders(core)) == 1
        assert press(core, "cancel").due, "what waited may leave"
        assert holders(core) == set()
    press(core, "gig.post")
    press(core, "gig.post", values={"title": ""})
    assert len(holders(core)) == 1, "it has come back with what is missing"
    press(core, "gig.withdraw")
    assert holders(core) == set()


def test_in_a_channel_each_has_a_form_of_their_own(core: Core) -> None:
    press(core, "gig.post", platform="slack")
    press(core, "gig.post", platform="teams")
    assert len(holders(core)) == 2
    press(core, "cancel", platform="teams")
    assert len(holders(core)) == 1


def test_a_refusal_and_what_nobody_edits_change_nothing(core: Core) -> None:
    press(core, "gig.post")
    assert core.send("gig.filling", args={"gig": "999"}, pressed=CARD).notice
    assert len(holders(core)) == 1
    core.send("cancel", args=GIG, pressed=CARD)
    core.send("gig.post", args=GIG, pressed="ref:unknown")
    with core.database.company(1) as session:
        session.core.execute(ledger.update(ledger._T).values(subject=None))
    press(core, "gig.post")
    assert holders(core) == set()


def turned(core: Core, verb: str) -> Reply:
    """Pressed where a page can be turned for all who see it, and forms open apart."""
    seen: list[Inbound] = []

    class Listening(Dispatcher):
        def receive(self, inbound: Inbound) -> Reply:
            seen.append(replace(inbound, immediate=False, turns=True, kind=Kind.PRESSED))
            return super().receive(seen[-1])

    told = core.dispatcher
    core.dispatcher = Listening(core.database, paces={"slack": PACE, "teams": PACE}, clock=lambda: NOW)
    try:
        return press(core, verb)
    finally:
        core.dispatcher = told


def test_where_forms_open_apart_only_a_turned_page_stands_and_every_other_button_ends_it(core: Core) -> None:
    turned(core, "gig.post")
    assert holders(core) == set()
    for next_one in ("gig.post", "gig.show", "gig.withdraw"):
        assert turned(core, "gig.filling").in_place
        assert holders(core) == {""}
        turned(core, next_one)
        assert holders(core) == set()


class Screen:
    """A platform on which somebody opens a form just when an edit was claimed."""

    name = "slack"
    pace = Pace(60_000, 60_000)

    def __init__(self) -> None:
        self.edited = 0

    async def send(self, message: Message) -> Sent:
        raise AssertionError(message)

    async def edit(self, message: Message, ref: str) -> Sent:
        self.edited += 1
        return Sent(ref)


def test_an_edit_that_was_claimed_before_the_form_opened_goes_back(core: Core) -> None:
    screen, in_between = Screen(), list[Callable[[], Reply]]([lambda: press(core, "gig.post")])
    with core.database.company(1) as session:
        ledger.mark_stale(session, "gig:1:desk", NOW)

    class Late(Courier):
        def _claim(self, room: int, under_way: frozenset[str], closed: frozenset[str]) -> Claimed:
            claimed = super()._claim(room, under_way, closed)
            while in_between:
                covered = in_between.pop()().covered
                assert covered is not None
                self.cover(covered)
            return claimed

    async def run() -> None:
        with ThreadPoolExecutor(2) as threads:
            courier = Late(core.database, {"slack": screen}, lambda: NOW, threads=threads, woken=lambda: None)
            for _ in range(2):
                await courier.round()
                await courier.finish()
            assert screen.edited == 0
            press(core, "cancel")
            await courier.round()
            await courier.finish()

    asyncio.run(run())
    assert screen.edited == 1
    with core.database.company(1) as session:
        row = session.exec(select(Delivery).where(Delivery.ref == CARD)).one()
        assert row.edit_due_at is None and row.shown == row.wanted
        assert not session.core.execute(select(open_forms.stands_on(row.id, NOW))).scalar()
