"""Ordered trouble: what the bot's client sees of each fault, and what took effect all the same."""
# slack_sdk types every field of an answer as possibly None.
# pyright: reportOptionalSubscript=false, reportOptionalIterable=false, reportOptionalMemberAccess=false
# pyright: reportArgumentType=false

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.faults import Dropped, Fault, Faults, RateLimited, RefusedWith, ServerError, Slow
from sandbox.slack import PracticeSlack


async def post(client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="U1", text="hi")


def landed(slack: PracticeSlack) -> int:
    return len(slack.workspace.bot_messages_to("U1"))


@pytest.mark.parametrize(
    ("fault", "status", "error", "effects"),
    [
        (RateLimited(7), 429, "ratelimited", 0),
        (ServerError(503), 503, "internal_error", 0),
        (ServerError(500, accepted=True), 500, "internal_error", 1),
        (RefusedWith("is_archived"), 200, "is_archived", 0),
    ],
)
async def test_an_error_answer(
    slack: PracticeSlack, client: AsyncWebClient, fault: Fault, status: int, error: str, effects: int
):
    slack.faults.order(fault, on="chat.*")
    await client.auth_test()
    with pytest.raises(SlackApiError) as caught:
        await post(client)
    assert (caught.value.response.status_code, caught.value.response["error"]) == (status, error)
    assert landed(slack) == effects
    if isinstance(fault, RateLimited):
        assert caught.value.response.headers["Retry-After"] == "7"
    await post(client)
    assert landed(slack) == effects + 1
    assert slack.workspace.calls("chat.postMessage")[0].fault == fault


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_dropped_connection(slack: PracticeSlack, client: AsyncWebClient, accepted: bool):
    slack.faults.order(Dropped(accepted))
    with pytest.raises(aiohttp.ClientError):
        await post(client)
    assert landed(slack) == accepted


async def test_a_slow_answer(slack: PracticeSlack):
    hurried = AsyncWebClient(slack.token, base_url=slack.url, timeout=1, retry_handlers=[])  # type: ignore
    slack.faults.order(Slow(3))
    with pytest.raises(asyncio.TimeoutError):
        await post(hurried)
    assert landed(slack) == 1
    slack.faults.order(Slow(3, late_effect=True))
    with pytest.raises(asyncio.TimeoutError):
        await post(hurried)
    assert landed(slack) == 1
    await slack.until(lambda _: landed(slack) == 2)


def test_orders_are_counted_and_matched():
    faults = Faults()
    faults.order(RateLimited(1), on="chat.*", times=2)
    faults.order(ServerError(), times=None)
    taken = [
        faults.take("chat.update"),
        faults.take("auth.test"),
        faults.take("chat.x"),
        faults.take("chat.x"),
    ]
    assert taken == [RateLimited(1), ServerError(), RateLimited(1), ServerError()]
    faults.clear()
    assert faults.take("chat.x") is None
