"""A platform that says "slow down" is obeyed by the whole lane, and nothing is lost by it."""

from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.faults import RateLimited
from sandbox.slack import PracticeSlack
from tests.chaos.product import Scene, scene

PEOPLE = 80
PER_MINUTE = 550
BURST = 8
UNDER_WAY = 0.25
"""Seconds for requests that had left before the answer arrived."""
AT_ONCE = 16
"""As many requests may be on their way, and arrive closer together than they left."""


def fastest(times: list[float], rate: float) -> float:
    """By how many messages the senders were ever ahead of `rate` a second: a token bucket's burst."""
    level = worst = 0.0
    for earlier, later in pairwise(times):
        level = max(0.0, level + 1 - (later - earlier) * rate)
        worst = max(worst, level + 1)
    return worst


async def rest(world: Scene) -> None:
    await world.settled()
    assert world.states() == {"sent": PEOPLE}


@pytest.mark.timeout(300)
async def test_slack_limits_are_kept_and_a_429_parks_the_lane(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/motokai.db"
    slack = PracticeSlack(limits=True)
    async with scene(tmp_path, url, slack=slack, SLACK_SENDS_PER_MINUTE=str(PER_MINUTE)) as world:
        world.seed("slack", PEOPLE)
        await world.product.start()
        slack.faults.order(RateLimited(2), on="chat.postMessage")
        await world.offer_gig()
        await slack.until(lambda w: len(w.messages) > 25)
        slack.faults.order(RateLimited(1), on="chat.postMessage", times=2)
        await rest(world)

        calls = slack.workspace.calls("chat.postMessage")
        refused = [call for call in calls if isinstance(call.fault, RateLimited)]
        assert len(refused) == 3
        for told in refused:
            assert isinstance(told.fault, RateLimited)
            parked = (told.at + UNDER_WAY, told.at + told.fault.retry_after)
            early = [call.at - told.at for call in calls if parked[0] < call.at < parked[1]]
            assert not early, f"sent {early} s after a 429 that asked for {told.fault.retry_after} s"
        assert all(len(got) == 1 for got in world.offers_in_slack().values())
        assert slack.pacing is not None and not slack.pacing.violations
        assert fastest([call.at for call in calls], PER_MINUTE / 60) <= BURST + AT_ONCE


@pytest.mark.timeout(300)
async def test_teams_429_parks_that_conversation_alone(postgres_url: str, tmp_path: Path) -> None:
    async with scene(tmp_path, postgres_url, TEAMS_SENDS_PER_MINUTE="1200") as world:
        world.seed("teams", PEOPLE)
        await world.product.start()
        await world.offer_gig()
        world.teams.faults.order(RateLimited(2), on="activities.send", times=3)
        await rest(world)

        journal = [r for r in world.teams.tenant.journal if r.operation == "activities.send"]
        refused = [r for r in journal if r.fault == "RateLimited"]
        assert len(refused) == 3
        for told in refused:
            again = [r for r in journal if r.conversation_id == told.conversation_id and r.at > told.at]
            assert again and again[0].at - told.at >= 2.0
            others = [r for r in journal if told.at < r.at < told.at + 2 and r.conversation_id != told.conversation_id]
            assert others, "one slow conversation must not hold up the others"
        assert all(len(got) == 1 for got in world.offers_in_teams().values())
