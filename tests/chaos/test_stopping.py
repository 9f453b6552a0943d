"""Stopping and starting in good order."""

from pathlib import Path

import pytest

from sandbox.faults import Slow
from tests.chaos.product import Product, exit_code, scene

PEOPLE = 80
PER_MINUTE = "1200"
"""Slow enough for a busy machine to stop it while some still wait."""


@pytest.mark.timeout(300)
async def test_sigterm_finishes_what_is_under_way_and_loses_nothing(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path}/motokai.db"
    async with scene(tmp_path, database_url, TEAMS_SENDS_PER_MINUTE=PER_MINUTE) as world:
        world.seed("teams", PEOPLE)
        await world.product.start()
        world.teams.faults.order(Slow(0.4), on="activities.send", times=None)
        await world.offer_gig()
        await world.teams.tenant.until(lambda: sum(map(bool, world.offers_in_teams().values())) > 10)

        assert await world.product.stop() == 0
        stopped = world.states()
        assert stopped.get("queued"), "it had finished before it was stopped"
        assert set(stopped) == {"queued", "sent"}, stopped
        got = sum(map(len, world.offers_in_teams().values()))
        assert got == stopped["sent"]

        world.teams.faults.clear()
        await world.product.start()
        await world.settled()
        assert world.states() == {"sent": PEOPLE}
        assert all(len(offers) == 1 for offers in world.offers_in_teams().values())
        assert "Traceback" not in world.product.log.read_text()


@pytest.mark.timeout(300)
async def test_a_second_serve_on_the_same_database_says_why_it_stops(tmp_path: Path) -> None:
    async with scene(tmp_path, f"sqlite:///{tmp_path}/motokai.db") as world:
        await world.product.start()
        (tmp_path / "second").mkdir()
        second = Product(tmp_path / "second", world.product.environment | {"PORT": "0"}, 0)
        assert await exit_code(second.spawn()) == 1
        said = second.log.read_text()
        assert "Another process already serves" in said
        assert "Traceback" not in said
        assert await world.product.stop() == 0
