"""A practice Teams and a bare botbuilder bot to hear and answer it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity

from sandbox.teams import PracticeTeams

Turn = Callable[[TurnContext], Awaitable[object]]


class BareBot:
    """CloudAdapter behind /api/messages. `turn` is what it does; invokes are answered with `answers`."""

    def __init__(self, settings: object) -> None:
        self.adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(settings))
        self.heard: list[Activity] = []
        self.raw: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self.turn: Turn | None = None

    async def messages(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.raw.append(body)
        header = request.headers.get("Authorization", "")
        activity = Activity().deserialize(body)
        try:
            answer = await self.adapter.process_activity(header, activity, self._on_turn)
        except Exception as error:  # stock validation raises anything at all
            return web.Response(status=401, text=str(error))
        if isinstance(answer, InvokeResponse):
            return web.json_response(answer.body, status=answer.status)
        return web.Response(status=201)

    async def _on_turn(self, context: TurnContext) -> None:
        self.heard.append(context.activity)
        if self.turn is not None:
            await self.turn(context)
        if context.activity.type == "invoke":
            answer = self.answers.get(context.activity.name, {})
            response = InvokeResponse(status=200, body=answer)
            await context.send_activity(Activity(type="invokeResponse", value=response))


async def serve(bot: BareBot) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/api/messages", bot.messages)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"


async def join(practice: PracticeTeams) -> tuple[BareBot, web.AppRunner]:
    bot = BareBot(practice.bot_settings)
    runner, practice.bot_url = await serve(bot)
    return bot, runner


@pytest.fixture
async def teams() -> AsyncIterator[PracticeTeams]:
    async with PracticeTeams() as practice:
        yield practice


@pytest.fixture
async def bot(teams: PracticeTeams) -> AsyncIterator[BareBot]:
    bare, runner = await join(teams)
    yield bare
    await runner.cleanup()


@pytest.fixture
async def guarded() -> AsyncIterator[tuple[PracticeTeams, BareBot]]:
    async with PracticeTeams(auth=True) as practice:
        bare, runner = await join(practice)
        yield practice, bare
        await runner.cleanup()


class Api:
    """A bot's plain HTTP towards the connector."""

    def __init__(self, http: ClientSession, teams: PracticeTeams) -> None:
        self._http = http
        self._teams = teams

    async def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any, Any]:
        """Status, JSON and headers of a call below the service URL."""
        url = self._teams.service_url + path
        async with self._http.request(method, url, json=body, **more) as response:
            raw = await response.read()
            return response.status, await response.json() if raw else None, response.headers


@pytest.fixture
async def api(teams: PracticeTeams) -> AsyncIterator[Api]:
    async with ClientSession() as http:
        yield Api(http, teams)


@pytest.fixture
async def make_bot() -> AsyncIterator[Callable[[PracticeTeams], Awaitable[BareBot]]]:
    """Joins a bare bot to a practice Teams that the test itself made."""
    runners: list[web.AppRunner] = []

    async def make(practice: PracticeTeams) -> BareBot:
        bare, runner = await join(practice)
        runners.append(runner)
        return bare

    yield make
    for runner in runners:
        await runner.cleanup()
