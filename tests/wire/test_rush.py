"""Many want few seats, at the same moment, over both platforms' own signed requests. `make chaos`: 500 want 120."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import RowMapping, text

from bot import clock, rsvps
from sandbox.slack import Message
from sandbox.slack import Person as SlackPerson
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted
from storage.tables import Event
from tests import crowds
from tests.conftest import PATIENCE, World, button
from tests.whole import whole
from tests.wire.acting import assert_nothing_refused, now, rows
from tests.wire.test_events import EVENING, in_days

pytestmark = pytest.mark.usefixtures("unpaced")
SMALL, FULL = (60, 20), (500, 120)
"""People, and seats."""
HOLDING = ("taken", "offered")


async def test_no_seat_is_given_twice_when_all_press_at_once(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, record_property: Callable[..., None]
) -> None:
    """Everybody presses at once; then as many change their minds, and the line moves up."""
    # Here the crowd, both platforms and the product share one process: how soon each is answered is told, not judged.
    world.slack.courier.ack_within = world.teams.postman.invoke_timeout = PATIENCE
    people, seats = FULL if request.config.getoption("--full") else SMALL
    monkeypatch.setattr("bot.event_versions.EACH", timedelta(minutes=1))  # counts alone come after the test
    hr = await world.claim()
    with world.database.company(1) as session:
        alumni = crowds.joined(session, world.slack, world.teams, "both", people, "ja")
    said = await hr.say("create event")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    evening = EVENING | {"day": in_days(20), "capacity": str(seats)}
    assert (await hr.execute(form, "event.create", evening)).ok
    draft = await hr.hears("event.publish", after=form)
    await world.settled()
    assert (await hr.execute(draft, "event.publish")).ok
    await quiet(world)
    crowd = [_Guest(world, key) for key in alumni]

    took = await all_press(crowd, "event.going")
    record_property("slowest answer", max(took))
    print(f"\n{people} for {seats} seats: median {sorted(took)[people // 2]:.2f} s, slowest {max(took):.2f} s")  # noqa: T201
    came = by_number(world)
    assert [row["number"] for row in came] == list(range(1, people + 1))
    assert [row["seat"] for row in came] == ["taken"] * seats + ["waiting"] * (people - seats)
    if world.database.is_sqlite:  # elsewhere several come in at the same moment
        assert all(one["at"] <= other["at"] for one, other in pairwise(came)), "in the order in which they came"
    await quiet(world)
    seat_of = seats_by_key(world)
    for guest in crowd:
        expected = "ご参加を承りました" if seat_of[guest.key] == "taken" else "キャンセル待ち"
        assert expected in guest.reads(), "everybody sees what they have on their own card"

    leaving = {row["person_id"] for row in (*came[:seats:2], *came[seats::7])}
    keys = keys_by_person(world)
    gone = {keys[person] for person in leaving}
    await all_press([guest for guest in crowd if guest.key in gone], "event.no")
    after = by_number(world)
    stayed = [row for row in after if row["person_id"] not in leaving]
    assert sum(row["seat"] in HOLDING for row in after) == seats
    assert [row["seat"] in HOLDING for row in stayed] == [True] * seats + [False] * (len(stayed) - seats)
    with world.database.company(1) as session:
        assert rsvps.free(session, session.get_one(Event, 1)) == 0
    await quiet(world)
    moved = [keys[row["person_id"]] for row in after if row["seat"] == "offered"]
    assert moved and all("お席をご用意できます" in guest.reads() for guest in crowd if guest.key in moved)
    assert_nothing_refused(world)


class _Guest:
    """One of the crowd, with their copy of the invitation."""

    def __init__(self, world: World, key: str) -> None:
        self.world, self.key = world, key
        self.person: SlackPerson | TeamsPerson
        self.copy: Message | Posted
        if key in world.slack.workspace.users:
            self.person = world.slack.as_user(key)
            (self.copy,) = world.slack.workspace.bot_messages_to(key)
        else:
            self.person = world.teams.as_person(key)
            (self.copy,) = world.teams.tenant.messages(world.teams.tenant.personal(key), of_bot=True)

    async def press(self, verb: str) -> float:
        """Seconds until it was answered."""
        began = time.monotonic()
        if isinstance(self.person, SlackPerson):
            assert isinstance(self.copy, Message)
            copy = now(self.world, self.copy)
            answered: Any = await self.person.press(copy, button(copy, verb))
        else:
            assert isinstance(self.copy, Posted)
            answered = await self.person.execute(self.copy, verb)
        assert answered.ok, f"{self.key}: {answered.status} {answered.error}"
        return time.monotonic() - began

    def reads(self) -> str:
        if isinstance(self.copy, Message):
            return now(self.world, self.copy).words
        assert isinstance(self.person, TeamsPerson)
        return self.person.reading(self.world.teams.tenant.posts[self.copy.id])


async def all_press(guests: list[_Guest], verb: str) -> list[float]:
    return list(await asyncio.gather(*(guest.press(verb) for guest in guests)))


async def quiet(world: World) -> None:
    """Returns when nothing is to be sent or edited at this moment."""
    due = text("SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending') OR edit_due_at <= :soon")
    async with asyncio.timeout(PATIENCE):
        while True:
            soon = (clock.now() + timedelta(seconds=20)).replace(
                tzinfo=None if world.database.is_sqlite else clock.now().tzinfo
            )
            with whole(world.database) as connection:
                if not connection.execute(due, {"soon": soon}).scalar():
                    return
            await asyncio.sleep(0.02)


def by_number(world: World) -> list[RowMapping]:
    return sorted(rows(world.database, "rsvp"), key=lambda row: row["number"])


def keys_by_person(world: World) -> dict[int, str]:
    keys = {world.teams.tenant.person(key).aad_object_id: key for key in world.teams.tenant.people}
    accounts = rows(world.database, "account")
    return {row["person_id"]: str(keys.get(row["external_id"], row["external_id"])) for row in accounts}


def seats_by_key(world: World) -> dict[str, str]:
    keys = keys_by_person(world)
    return {keys[row["person_id"]]: row["seat"] for row in by_number(world)}
