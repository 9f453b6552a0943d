"""Socket Mode, with Bolt's own socket handler as the bot."""
# slack_sdk types every field of an answer as possibly None.
# pyright: reportOptionalSubscript=false, reportOptionalIterable=false, reportOptionalMemberAccess=false
# pyright: reportArgumentType=false

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import PracticeSlack


@pytest.fixture
async def handler(slack: PracticeSlack, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    slack.courier.socket_mode = True
    client = AsyncWebClient(slack.token, base_url=slack.url)
    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=client, ping_interval=1)
    await handler.connect_async()
    await slack.until(lambda _: slack.sockets.open)
    yield handler
    await handler.close_async()
    assert isinstance(handler.client, SocketModeClient)


async def test_everything_goes_over_the_socket(slack: PracticeSlack, app: AsyncApp, handler: AsyncSocketModeHandler):
    seen: list[dict[str, Any]] = []

    @app.event("message")
    async def message(event):
        seen.append(event)

    @app.command("/alumni")
    async def alumni(ack, body):
        seen.append(body)
        await ack("found")

    hanako = slack.as_user("U1")
    heard = await hanako.say("hello")
    assert heard.ok and heard.request and heard.request.method == "SOCKET"
    answered = await hanako.command("/alumni", "find 田中")
    assert answered.shown and answered.shown.text == "found"
    await slack.until(lambda _: len(seen) == 2)
    assert [entry["text"] for entry in seen] == ["hello", "find 田中"]


async def test_a_socket_that_delivers_nothing(slack: PracticeSlack, handler: AsyncSocketModeHandler):
    slack.courier.ack_within, slack.courier.retry_delays = 0.05, ()
    slack.sockets.deaf = True
    assert (await slack.as_user("U1").say("hello")).error == "http_timeout"


async def test_the_bot_is_told_to_come_back(slack: PracticeSlack, handler: AsyncSocketModeHandler):
    before = slack.sockets.open[0]
    await slack.sockets.disconnect()
    await slack.until(lambda _: slack.sockets.open and slack.sockets.open[0] is not before, timeout=90)


async def test_the_app_token_alone_opens_a_socket(slack: PracticeSlack):
    client = AsyncWebClient(slack.app_token, base_url=slack.url)
    assert (await client.apps_connections_open(app_token=slack.app_token))["url"].startswith("ws://")
    with pytest.raises(Exception, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.token)
    await asyncio.sleep(0)
