"""A practice Slack with three people, a client for its API, and a small bot to talk to."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import DEFAULT_SCOPES, PracticeSlack

SCOPES = (*DEFAULT_SCOPES, "channels:history", "channels:read", "im:read", "app_mentions:read")


def people(slack: PracticeSlack) -> PracticeSlack:
    slack.workspace.add_user("U1", "田中 花子", name="hanako", email="hanako@example.com")
    slack.workspace.add_user("U2", "Sato Ken", name="ken", email="ken@example.com")
    slack.workspace.add_channel("C1", "gigs", members=["U1", "U2"])
    slack.workspace.add_channel("C2", "elsewhere", members=["U1"], bot=False)
    return slack


@pytest.fixture(autouse=True)
def patient() -> None:
    """No more than Slack."""


@pytest.fixture
async def slack() -> AsyncIterator[PracticeSlack]:
    async with people(PracticeSlack(scopes=SCOPES, retry_delays=(0.01, 0.02, 0.03))) as slack:
        yield slack


@pytest.fixture
def client(slack: PracticeSlack) -> AsyncWebClient:
    return AsyncWebClient(slack.token, base_url=slack.url, retry_handlers=[])


@pytest.fixture
def app(slack: PracticeSlack) -> AsyncApp:
    client = AsyncWebClient(slack.token, base_url=slack.url, retry_handlers=[])
    return AsyncApp(client=client, signing_secret=slack.signing_secret, process_before_response=True)


@pytest.fixture
async def bot(slack: PracticeSlack, app: AsyncApp) -> AsyncIterator[AsyncApp]:
    runner = web.AppRunner(app.web_app("/slack/events"), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield app
    await runner.cleanup()
