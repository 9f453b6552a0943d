"""300 deliveries and five SIGKILLs: nothing is lost, nothing comes twice, and what nobody can know is said."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.faults import Dropped, ServerError, Slow
from tests.chaos.product import Scene, scene

PEOPLE = 300
KILLS = 5
SEED = 20261123
TROUBLE = (
    ServerError(500),
    ServerError(503, accepted=True),
    Dropped(),
    Dropped(accepted=True),
    Slow(0.7),
    Slow(1.5, late_effect=True),
)


async def kill_five_times(world: Scene, on: str, chance: random.Random) -> None:
    """Each life gets some trouble with the platform and ends at a moment of its own."""
    for _ in range(KILLS):
        for fault in chance.sample(TROUBLE, 3):
            world.teams.faults.order(fault, on=on)
            world.slack.faults.order(fault, on=on)
        await asyncio.sleep(chance.uniform(0.1, 0.9))
        await world.product.kill()
        await world.product.start()
    world.teams.faults.clear()
    world.slack.faults.clear()


@pytest.mark.timeout(300)
async def test_slack_can_be_asked_so_nothing_is_lost_and_nothing_comes_twice(
    database_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    told = f"seed {SEED}"
    async with scene(tmp_path, database_url) as world:
        world.seed("slack", PEOPLE)
        await world.product.start()
        await world.offer_gig()
        await kill_five_times(world, "chat.postMessage", random.Random(SEED))
        drained_before_the_last_life = world.states().get("sent", 0)
        await world.settled()

        had = world.offers_in_slack()
        ids = Counter(
            m.metadata["event_payload"]["delivery"] for got in had.values() for m in got if m.metadata is not None
        )
        lost = [key for key, got in had.items() if not got]
        twice = [key for key, got in had.items() if len(got) > 1]
        record_property("lost", len(lost))
        record_property("twice", len(twice))
        record_property("sent before the last life", drained_before_the_last_life)
        assert not lost, told
        assert not twice, told
        assert len(ids) == PEOPLE and set(ids.values()) == {1}, told
        assert world.states() == {"sent": PEOPLE}, told
        assert drained_before_the_last_life < PEOPLE, f"the kills came after the drain; {told}"
        assert world.product.starts == KILLS + 1
        assert "Traceback" not in world.product.log.read_text(), told


@pytest.mark.timeout(300)
async def test_teams_cannot_be_asked_so_hr_is_told_and_decides(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    told = f"seed {SEED}"
    async with scene(tmp_path, f"sqlite:///{tmp_path}/motokai.db") as world:
        world.seed("teams", PEOPLE)
        await world.product.start()
        desk = await world.offer_gig()
        await kill_five_times(world, "activities.send", random.Random(SEED))
        await world.settled()

        had = world.offers_in_teams()
        unclear = world.unclear()
        without = {world.alumni[key] for key, got in had.items() if not got}
        twice = {world.alumni[key] for key, got in had.items() if len(got) > 1}
        states = world.states()
        record_property("lost", len(without - unclear))
        record_property("twice", len(twice))
        record_property("unclear", f"{len(unclear)}, of which {len(without)} had not arrived")
        assert not twice, told
        assert without <= unclear, f"lost without a word: {without - unclear}; {told}"
        assert unclear, f"no kill hit a request; {told}"
        assert states == {"sent": PEOPLE - len(unclear), "unconfirmed": len(unclear)}, told

        reading = world.hr.reading(world.teams.tenant.posts[desk.id])
        assert "May not have been delivered" in reading and f"Send again ({len(unclear)})" in reading, told
        pressed = await world.hr.execute(desk, "gig.resend")
        assert pressed.ok, pressed
        await world.settled()

        counts = {world.alumni[key]: len(got) for key, got in world.offers_in_teams().items()}
        assert world.states() == {"sent": PEOPLE}, told
        assert min(counts.values()) == 1, told
        assert {name for name, number in counts.items() if number > 1} <= unclear, told
        after = world.hr.reading(world.teams.tenant.posts[desk.id])
        assert "May not have been delivered" not in after and "gig.resend" not in after, told
        assert "Traceback" not in world.product.log.read_text(), told
