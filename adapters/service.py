"""The running product: one database, the adapters that are configured, the engine, one web server."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import aiohttp
import structlog
from aiohttp import web

from adapters.engine.embedded import EmbeddedEngine
from adapters.http import Http
from adapters.mail import ids as mail_ids
from adapters.mail import outbound as mail
from adapters.mail import server as mail_server
from adapters.reception import CoreThreads, Reception
from adapters.settings import Settings
from adapters.slack.app import SlackEdge, build_slack
from adapters.slack.outbound import SlackPlatform
from adapters.slack.outbound import pace as slack_pace
from adapters.teams.app import TeamsEdge, build_teams
from adapters.teams.authority import Authority, public
from adapters.teams.outbound import pace as teams_pace
from adapters.web import calendars, cards, charts, exports, following, notices, pages, passing, receptions
from adapters.web.hooks import HrisHook
from bot import clock, housekeeping, prompts, result_files
from bot.delivery import Courier
from bot.dispatch import Dispatcher
from bot.errors import AlreadyRunning
from bot.intake import Intake
from bot.introducing import Introducer
from bot.ports import MAIL, Inbound, Job, Platform, Reply
from bot.verbs import SLASH_COMMANDS
from storage import migrate
from storage.db import Database
from storage.lock import lock_of

log = structlog.get_logger()

THREADS = 4
"""For PostgreSQL. SQLite has one writer at a time, and threads that wait for its lock wait in sleeps: it gets one."""
TOGETHER = 32
"""For SQLite: events that share a commit. PostgreSQL's transactions run side by side and share one by themselves."""
LEARN_TEAM_EVERY = 30
BEGUN_WITHIN = 0.005
"""Seconds for which a thread of the core waits until what it has said to others is on its way."""
LINGERING = 1
"""Seconds for which the rest of a body that was refused is still taken, so that its sender reads why. A stop waits for
it."""


class Service:
    """Composed from `settings`, started and stopped as a whole.

    `authority` replaces Microsoft's public cloud as the one who vouches for Teams, `now` the system's clock; both
    are for servers that stand in for the real ones.
    """

    def __init__(self, settings: Settings, *, authority: Authority | None = None, now: clock.Clock = clock.now) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self._authority = authority
        self._now = now
        self._threads = CoreThreads(1 if self.database.is_sqlite else THREADS)
        self._lock = lock_of(self.database)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._http: Http | None = None
        self._session: aiohttp.ClientSession | None = None
        self._slack: SlackEdge | None = None
        self._own_team = ""
        self._background: list[asyncio.Task[None]] = []
        self._runner: web.AppRunner | None = None
        self._engine: EmbeddedEngine | None = None
        self._reception: Reception | None = None
        self._intake: Intake | None = None
        self.port = settings.port

    async def start(self) -> None:
        """Take the lock, bring the tables up to date, start the engine, then open the port: nothing arrives before it
        can be answered. Raises AlreadyRunning when another process serves this database."""
        if not self._lock.acquire():
            raise AlreadyRunning(self.database.engine.url.render_as_string(hide_password=True))
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()
        await self._loop.run_in_executor(self._threads, migrate.upgrade, self.database)
        # Threads would resolve names one after another; the loop's own resolver is enough, and one pool is shared.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
        self._http = Http()
        platforms = self._edges(self._http, self._session)
        paces = {name: platform.pace for name, platform in platforms.items()}
        dispatcher = Dispatcher(
            self.database,
            paces=paces,
            clock=self._now,
            serves=self.serves,
            public_url=self.settings.public_url,
            largest_file=self.settings.largest_file,
            take_over=self._take_over,
        )
        reception = Reception(dispatcher, self._threads, together=TOGETHER if self.database.is_sqlite else 1)
        self._reception = reception
        self._engine = EmbeddedEngine(
            lambda woken: Courier(
                self.database,
                platforms,
                self._now,
                threads=self._threads,
                woken=woken,
                public_url=self.settings.public_url,
                hurried=reception.is_busy,
            ),
            partial(housekeeping.run, self.database, self._now, letters=self.settings.has_mail, paces=paces),
            threads=self._threads,
            make_introducer=lambda woken: Introducer(
                self.database, platforms, self._now, self._receive, threads=self._threads, woken=woken
            ),
        )
        self._intake = Intake(
            self.database,
            platforms,
            self._now,
            threads=self._threads,
            woken=self._engine.wake,
            mails_per_minute=self.settings.mail_sends_per_minute if self.settings.has_mail else None,
        )
        await self._engine.start()
        self._background.append(asyncio.create_task(self._intake.run()))
        await self._listen()

    def _edges(self, http: Http, session: aiohttp.ClientSession) -> dict[str, Platform]:
        platforms: dict[str, Platform] = {}
        self._app = web.Application(client_max_size=2 * 1024 * 1024)
        self._app.router.add_get("/healthz", self._healthy)
        self._app.add_routes(pages.routes(self._pages()))
        self._app.add_routes(exports.Exports(self.database, self._threads, self._now).routes())
        self._app.add_routes(exports.Exports(self.database, self._threads, self._now, result_files).routes())
        public_url = self.settings.public_url
        self._app.add_routes(cards.Cards(self.database, self._threads, self._now, public_url=public_url).routes())
        self._app.add_routes(
            calendars.Calendars(self.database, self._threads, self._now, public_url=public_url).routes()
        )
        self._app.add_routes(
            following.Following(self.database, self._threads, self._now, public_url=public_url).routes()
        )
        self._app.add_routes(charts.Charts(self.database, self._threads, self._now, public_url=public_url).routes())
        self._app.add_routes(
            receptions.Receptions(self.database, self._threads, self._now, public_url=public_url).routes()
        )
        shown = notices.Notices(self.database, self._threads, self._now, self._wake, public_url=public_url)
        self._app.add_routes(shown.routes())
        passing_on = passing.Files(
            self.database, self._threads, self._now, platforms, self.settings.largest_file, public_url=public_url
        )
        self._app.add_routes(passing_on.routes())
        if self.settings.has_slack:
            platforms["slack"] = self._slack_platform(http, session)
        if self.settings.has_teams:
            teams = self._teams_edge(http, session)
            self._app.add_routes(teams.routes)
            platforms["teams"] = teams.platform
        if self.settings.hris_secret:
            self._app.add_routes(self._hris_hook().routes())
        if self.settings.has_mail:
            platforms[MAIL] = self._mail_platform()
        return platforms

    def _pages(self) -> pages.Pages:
        settings = self.settings
        return pages.Pages(
            self.database,
            self._threads,
            self._now,
            self._wake,
            public_url=settings.public_url,
            slack_join_url=settings.slack_join_url,
            slack=settings.has_slack,
            teams=settings.has_teams,
            letters=settings.has_mail and bool(settings.public_url),
        )

    def _slack_platform(self, http: Http, session: aiohttp.ClientSession) -> SlackPlatform:
        settings = self.settings
        platform = SlackPlatform(
            token=settings.slack_bot_token,
            http=http,
            session=session,
            api_url=settings.slack_api_url,
            pace=slack_pace(settings.slack_sends_per_minute, settings.slack_edits_per_minute),
            now=self._now,
        )
        self._slack = build_slack(
            signing_secret=settings.slack_signing_secret,
            token=settings.slack_bot_token,
            api_url=settings.slack_api_url,
            receiver=self._receive,
            shortcuts={command: words for command, words in SLASH_COMMANDS.items() if words},
            platform=platform,
            session=session,
            too_late=lambda locale: prompts.phrase("errors", prompts.locale_for(locale), "too_late"),
        )
        self._app.add_routes(self._slack.routes())
        self._background.append(asyncio.create_task(self._learn_team(platform)))
        return platform

    def _hris_hook(self) -> HrisHook:
        settings = self.settings
        return HrisHook(
            self.database,
            secret=settings.hris_secret,
            company=settings.hris_company,
            letters=settings.has_mail,
            now=self._now,
            threads=self._threads,
            woken=self._wake,
        )

    def _take_over(self, jobs: Sequence[Job]) -> None:
        """From a thread of the core, which has words to make next: it waits until the requests have begun, which would
        otherwise have to wait for Python's lock at each step. Whoever is on the event loop itself goes on at once."""
        engine, loop = self._engine, self._loop
        if engine is None or loop is None:
            return
        begun = threading.Event()

        def take() -> None:
            for job in jobs:
                engine.take_over(job)
            loop.call_soon(begun.set)

        loop.call_soon_threadsafe(take)
        if threading.get_ident() != self._loop_thread:
            begun.wait(BEGUN_WITHIN)

    def _wake(self) -> None:
        if self._engine is not None:
            self._engine.wake()

    def _mail_platform(self) -> mail.MailPlatform:
        settings = self.settings
        return mail.MailPlatform(
            mail_server.parse(settings.smtp_url),
            mail_ids.sender(settings.mail_from),
            pace=replace(mail.PACE, sends_per_minute=settings.mail_sends_per_minute),
            now=self._now,
        )

    def _teams_edge(self, http: Http, session: aiohttp.ClientSession) -> TeamsEdge:
        settings = self.settings
        required = settings.teams_auth == "required"
        authority = self._authority
        if authority is None:
            authority = public(settings.teams_app_type if required else "MultiTenant", settings.teams_tenant_id)
        return build_teams(
            app_id=settings.teams_app_id,
            password=settings.teams_app_password,
            receiver=self._receive,
            http=http,
            session=session,
            authority=authority,
            auth_required=required,
            tenant_id=settings.teams_tenant_id,
            pace=teams_pace(settings.teams_sends_per_minute),
        )

    async def _learn_team(self, platform: SlackPlatform) -> None:
        """Which workspace the token is for. Until Slack has said so, only linked workspaces are served."""
        while not self._own_team:
            self._own_team = await platform.own_team() or ""
            if not self._own_team:
                log.warning("slack.workspace_unknown", again_in_seconds=LEARN_TEAM_EVERY)
                await asyncio.sleep(LEARN_TEAM_EVERY)

    def serves(self, platform: str, workspace: str) -> bool:
        """Whether a workspace that no company has claimed may speak to us: only our own app's."""
        if platform == "slack":
            return workspace == self._own_team
        return self.settings.teams_tenant_id.lower() in ("", workspace.lower())

    async def _receive(self, inbound: Inbound) -> Reply:
        """What the event wrote to the ledger is delivered at once."""
        if self._reception is None or self._engine is None:
            raise RuntimeError("the service is not started")
        reply = await self._reception.receive(inbound)
        if reply.job is not None:
            self._engine.take_over(reply.job)
        if reply.covered is not None:
            self._engine.cover(reply.covered)
        if reply.due:
            self._engine.wake()
        if reply.met:
            self._engine.meet()
        if self._intake is not None and (inbound.files or inbound.verb.startswith("file.")):
            self._intake.wake()
        return reply

    async def catch_up(self) -> None:
        """Do now what time has made due: for clocks that are turned by hand."""
        if self._engine is not None:
            await self._engine.catch_up()

    async def _listen(self) -> None:
        self._runner = web.AppRunner(self._app, access_log=None, handle_signals=False, lingering_time=LINGERING)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.settings.host, self.settings.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        if self._slack is not None and self.settings.slack_app_token:
            await self._slack.start_socket_mode(self.settings.slack_app_token)
        log.info("service.listening", host=self.settings.host, port=self.port)

    async def _healthy(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def stop(self) -> None:
        """In the order that loses nothing: stop listening, finish what is under way, close."""
        if self._slack is not None:
            await self._slack.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        for task in self._background:
            task.cancel()
        if self._engine is not None:
            await self._engine.stop()
        if self._http is not None:
            await self._http.close()
        if self._session is not None:
            await self._session.close()
        self._threads.shutdown()
        self._lock.release()
        self.database.close()
