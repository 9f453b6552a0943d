"""What both practice platforms share: a clock to turn, and addresses at which nobody answers for a while."""

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from sandbox.clock import PracticeClock
from sandbox.faults import Faults, RateLimited, Redeliver
from sandbox.slack import PracticeSlack
from sandbox.teams import PracticeTeams


def test_the_clock_goes_with_the_system_s_and_forward_only() -> None:
    clock = PracticeClock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    clock.forward(timedelta(hours=1))
    assert timedelta(minutes=59) < clock.now() - datetime.now(UTC) < timedelta(minutes=61)
    assert abs(clock.time() - clock.now().timestamp()) < 1
    with pytest.raises(ValueError, match="forward only"):
        clock.forward(timedelta(seconds=-1))
    due = clock.now() + timedelta(days=2)
    clock.forward_to(due)
    assert clock.now() >= due
    clock.forward_to(due - timedelta(days=1))
    assert clock.now() >= due


@pytest.mark.parametrize("kind", [PracticeSlack, PracticeTeams])
async def test_a_platform_that_is_down_refuses_and_comes_back_to_its_address(
    kind: type[PracticeSlack] | type[PracticeTeams],
) -> None:
    async with kind() as platform, aiohttp.ClientSession() as http:
        listening = platform.listening
        address = f"http://{listening.host}:{listening.port}/api/api.test"

        async def is_there() -> bool:
            try:
                async with http.post(address) as response:
                    return response.status < 500
            except aiohttp.ClientConnectorError:
                return False

        assert await is_there() and not listening.is_down
        for _ in range(2):
            await listening.go_down()
            await listening.go_down()
            assert listening.is_down and not await is_there(), "a connection that was open is not used again"
            await listening.come_back()
            await listening.come_back()
            assert await is_there() and not listening.is_down


def test_an_order_is_taken_back_and_no_other() -> None:
    faults = Faults()
    limit, twice = faults.order(RateLimited(3), times=None), faults.order(Redeliver(1), times=None)
    faults.withdraw(limit)
    assert faults.take("chat.postMessage") is None and faults.take_outgoing("event/message") == Redeliver(1)
    faults.withdraw(twice)
    faults.withdraw(twice)
    assert faults.pending == []
