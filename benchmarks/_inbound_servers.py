"""The servers of inbound.py: the product with a seeded company, and the stock libraries it is compared with."""

import asyncio
import signal
from pathlib import Path
from typing import Any

from aiohttp import web

TEAM = "T0BENCH"
TENANT = "bench-tenant"
SECRET = "bench-signing-secret"
HITS = 3
"""People of one surname: a look-up by surname finds this many."""
SURNAMES = tuple(
    """
    佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 清水 山崎 池田
    阿部 橋本 山下 石川 中島 前田 藤田 後藤 小川 岡田 村上 長谷川 近藤 石井 斉藤 坂本 遠藤 藤井 青木 福田
    三浦 西村 藤原 太田 松田 原田 岡本 中野 中川 小野 田村 竹内 金子 和田 中山 石田 上田 森田 柴田 酒井
    工藤 横山 宮崎 宮本 内田 高木 谷口 安藤 丸山 今井 大野 河野 藤本 小島 村田 武田 上野 杉山 増田 平野
    菅原 久保 松井 千葉 岩崎 桜井 野口 木下 松尾 菊地 野村 新井 渡部 佐野 杉本 大西 古川 浜田 市川 島田
    """.split()  # noqa: SIM905 - a hundred quoted words are harder to read
)
GIVEN_NAMES = ("健", "美咲", "大輔")
SKILLS = ("経理", "原価計算", "人事制度設計", "Python", "UI設計", "品質管理", "英語", "新規事業")
SPEAKERS = 2000
"""Accounts that speak. A Teams conversation is answered 30 times a minute at most, so there are many of them."""


def slack_user(number: int) -> str:
    return f"U{number % SPEAKERS:05}"


def teams_user(number: int) -> str:
    return f"bench-user-{number % SPEAKERS}"


def conversation_of(user: str) -> str:
    """The personal conversation of a Teams user."""
    return f"a:{user}"


async def serve(name: str, folder: Path, platform_url: str) -> None:
    """Run the server of that name until SIGTERM; print its port when it listens."""
    make = {
        "motokai-slack": _motokai_in_slack,
        "motokai-teams": _motokai_in_teams,
        "bare-bolt": _bare_bolt,
        "stock-cloudadapter": _stock_cloudadapter,
    }[name]
    port, stop = await make(folder, platform_url)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print(port, flush=True)
    await stopped.wait()
    await stop()


async def _motokai_in_slack(folder: Path, platform_url: str) -> tuple[int, Any]:
    return await _motokai(
        folder, slack_bot_token="xoxb-bench", slack_signing_secret=SECRET, slack_api_url=f"{platform_url}/api/"
    )


async def _motokai_in_teams(folder: Path, _platform_url: str) -> tuple[int, Any]:
    return await _motokai(folder, teams_auth="disabled", teams_tenant_id=TENANT, teams_sends_per_minute=10_000_000)


async def _motokai(folder: Path, **settings: Any) -> tuple[int, Any]:
    import logging

    import structlog

    from adapters import process
    from adapters.service import Service
    from adapters.settings import Settings
    from storage import migrate

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    service = Service(
        Settings(
            database_url=f"sqlite:///{folder}/{'slack' if 'slack_bot_token' in settings else 'teams'}.db",
            port=0,
            **settings,
        )
    )
    migrate.upgrade(service.database)
    _seed(service.database)
    await service.start()
    process.spare_startup_objects()
    return service.port, service.stop


def _seed(database: Any) -> None:
    """A company in one workspace and one tenant, with the directory of SURNAMES × GIVEN_NAMES."""
    from adapters.slack import ids
    from adapters.teams.ids import Address
    from bot import directory
    from storage.tables import Account, Company, Install, Person, PersonState, Role

    with database.installation() as session:
        company = Company(name="東都製作所", locale="ja")
        session.add(company)
        session.flush()
        assert company.id is not None
        session.add(Install(platform="slack", workspace=TEAM, company_id=company.id))
        session.add(Install(platform="teams", workspace=TENANT, company_id=company.id))
    with database.company(company.id) as session:
        people: list[Person] = []
        for number, name in enumerate(f"{last} {first}" for last in SURNAMES for first in GIVEN_NAMES):
            person = Person(name=name, role=Role.ALUMNUS, state=PersonState.ACTIVE, locale="ja")
            session.add(person)
            session.flush()
            directory.keep_skills(session, person, [SKILLS[number % 8], SKILLS[(number + 3) % 8]])
            people.append(person)
        for number in range(SPEAKERS):
            person_id = people[number % len(people)].id
            assert person_id is not None
            slack, teams = slack_user(number), teams_user(number)
            session.add(
                Account(
                    platform="slack",
                    workspace=TEAM,
                    external_id=slack,
                    person_id=person_id,
                    address=ids.pack(ids.User(TEAM, slack)),
                )
            )
            session.add(
                Account(
                    platform="teams",
                    workspace=TENANT,
                    external_id=teams,
                    person_id=person_id,
                    address=Address(TENANT, conversation_of(teams)).pack(),
                )
            )


async def _bare_bolt(_folder: Path, _platform_url: str) -> tuple[int, Any]:
    """Bolt as its documentation shows it, but that it need not ask Slack who it is for each request."""
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="xoxb-bench")

    app = AsyncApp(signing_secret=SECRET, authorize=authorize)

    @app.command("/alumni")
    async def _(ack: Any) -> None:
        await ack("ok")

    return await _listen(app.web_app())


async def _stock_cloudadapter(_folder: Path, _platform_url: str) -> tuple[int, Any]:
    """The echo bot of botbuilder's samples, authentication disabled as on our side."""
    from botbuilder.core import ActivityHandler, TurnContext
    from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication

    class Configuration:
        APP_ID = ""
        APP_PASSWORD = ""
        APP_TYPE = "MultiTenant"
        APP_TENANTID = ""

    class Echo(ActivityHandler):
        async def on_message_activity(self, turn_context: TurnContext) -> None:
            await turn_context.send_activity(f"Echo: {turn_context.activity.text}")

    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration()))
    bot = Echo()

    async def messages(request: web.Request) -> web.StreamResponse:
        return await adapter.process(request, bot) or web.Response()  # type: ignore[arg-type]

    app = web.Application()
    app.router.add_post("/api/messages", messages)
    return await _listen(app)


async def _listen(app: web.Application) -> tuple[int, Any]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner.addresses[0][1], runner.cleanup
