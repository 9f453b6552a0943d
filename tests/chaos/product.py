"""The product as its own process, between practice servers that outlive it."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text

from bot import clock, companies
from sandbox.slack import Message, PracticeSlack
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted, PracticeTeams
from storage import migrate
from storage.db import Database
from storage.tables import Company, Install, Person, PersonState, Role
from tests import crowds, forked
from tests.conftest import OFFERED_BY
from tests.whole import whole

GIG = {
    "title": "Screen design for the staff portal",
    "work": "Look over the existing screens and build a prototype.",
    "reward": "600,000 yen",
    "place": "Remote",
}


@dataclass
class Product:
    """`app.py serve` with an environment of its own; can be killed and started again on the same database."""

    folder: Path
    environment: dict[str, str]
    port: int
    process: BaseProcess | None = None
    starts: int = 0
    before: Callable[[], None] | None = None
    """Called in the process before anything else."""

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    def spawn(self) -> BaseProcess:
        before = self.before
        return forked.start("serve", folder=self.folder, environment=self.environment, stdout=self.log, before=before)

    async def start(self) -> None:
        """Returns when it answers."""
        self.process = self.spawn()
        self.starts += 1
        async with aiohttp.ClientSession() as session:
            for _ in range(1800):
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.get(f"http://127.0.0.1:{self.port}/healthz") as answer:
                        assert answer.status == 200
                        return
                assert self.process.exitcode is None, self.log.read_text()[-4000:]
                await asyncio.sleep(0.05)
        raise AssertionError(f"serve never answered\n{self.log.read_text()[-4000:]}")

    async def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.pid is not None and process.exitcode is None:
            os.kill(process.pid, number)
        return await exit_code(process)


async def exit_code(process: BaseProcess) -> int:
    """That of a process which ends."""
    await asyncio.to_thread(process.join, 30)
    assert process.exitcode is not None, "it has not stopped"
    return process.exitcode


@dataclass
class Scene:
    """A company with its HR in Teams and its alumni on one of the platforms; and the product between them."""

    slack: PracticeSlack
    teams: PracticeTeams
    database: Database
    product: Product
    company_id: int = 0
    alumni: dict[str, str] = field(default_factory=dict)
    """Key of each alumnus → name."""

    @property
    def hr(self) -> TeamsPerson:
        return self.teams.as_person("hr1")

    # seeding, in bulk

    def seed(self, platform: str, people: int) -> None:
        """`both`: every other one is in Teams."""
        migrate.upgrade(self.database)
        companies.create(self.database, "東都製作所", "en", "Asia/Tokyo", clock.now())
        companies.set_gigs(self.database, 1, None, OFFERED_BY)
        with self.database.installation() as session:
            self.company_id = session.exec(_company_ids()).one() or 0
        tenant = self.teams.tenant
        with self.database.company(self.company_id) as session:
            session.add(Install(platform="teams", workspace=tenant.tenant_id, company_id=self.company_id))
            session.add(Install(platform="slack", workspace=self.slack.workspace.team_id, company_id=self.company_id))
            hr = Person(name="Hanako Tanaka", role=Role.OWNER, state=PersonState.ACTIVE, locale="en")
            session.add(hr)
            session.flush()
            session.add(crowds.teams_account(self.teams, "hr1", hr.id or 0))
            self.alumni |= crowds.joined(session, self.slack, self.teams, platform, people)

    # acting

    async def offer_gig(self) -> Posted:
        """HR posts a gig; returns HR's own card of it, once it is known to have arrived: otherwise it is not edited."""
        await self.hr.say("post gig")
        form = await self.hr.hears("Input.Text")
        answered = await self.hr.execute(form, "gig.post", GIG)
        assert answered.ok, answered
        desk = await self.hr.hears("gig.fill", after=form)
        while self.states("gig_desk") != {"sent": 1}:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)
        return desk

    # looking

    def states(self, template: str = "gig_offer") -> dict[str, int]:
        """How many messages are in each state."""
        query = text("SELECT state, count(*) FROM delivery WHERE template = :template GROUP BY state")
        with whole(self.database) as connection:
            rows = connection.execute(query, {"template": template})
            return {str(state): int(number) for state, number in rows}

    def unclear(self, template: str = "gig_offer") -> set[str]:
        """The names of those of whom nobody knows whether they got it."""
        query = text(
            "SELECT person.name FROM delivery JOIN person ON person.id = delivery.person_id "
            "WHERE template = :template AND delivery.state = 'unconfirmed'"
        )
        with whole(self.database) as connection:
            return {str(name) for (name,) in connection.execute(query, {"template": template})}

    def waiting(self) -> int:
        query = text(
            "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending') "
            "OR check_at IS NOT NULL OR edit_due_at IS NOT NULL"
        )
        with whole(self.database) as connection:
            return int(connection.execute(query).scalar() or 0)

    async def settled(self, within: float = 120) -> None:
        """Returns when nothing waits to be sent, edited or looked up."""
        end = time.monotonic() + within
        while self.waiting():
            assert time.monotonic() < end, f"{self.states()}\n{self.product.log.read_text()[-3000:]}"
            await asyncio.sleep(0.2)

    def offers_in_slack(self) -> dict[str, list[Message]]:
        """What each alumnus has in Slack."""
        return {key: self.slack.workspace.bot_messages_to(key) for key in self.alumni}

    def offers_in_teams(self) -> dict[str, list[Posted]]:
        tenant = self.teams.tenant
        return {key: tenant.messages(tenant.personal(key), of_bot=True) for key in self.alumni}


def _company_ids() -> Any:
    from sqlmodel import select

    return select(Company.id).where(Company.name == "東都製作所")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@asynccontextmanager
async def scene(
    folder: Path, database_url: str, *, slack: PracticeSlack | None = None, **environment: str
) -> AsyncIterator[Scene]:
    """Practice servers, an empty database, and the product configured but not started."""
    async with slack or PracticeSlack() as practice, PracticeTeams(auth=False) as teams:
        database, port = Database(database_url), free_port()
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        configured = {
            "DATABASE_URL": database_url,
            "PORT": str(port),
            "SLACK_BOT_TOKEN": practice.token,
            "SLACK_SIGNING_SECRET": practice.signing_secret,
            "SLACK_API_URL": practice.url,
            "SLACK_SENDS_PER_MINUTE": "3600",
            "SLACK_EDITS_PER_MINUTE": "3600",
            "TEAMS_APP_ID": teams.app_id,
            "TEAMS_TENANT_ID": teams.tenant.tenant_id,
            "TEAMS_AUTH": "disabled",
            "TEAMS_SENDS_PER_MINUTE": "3600",
            "LOG_LEVEL": "INFO",
        }
        product = Product(folder, inherited | configured | environment, port)
        practice.bot_url = f"http://127.0.0.1:{port}"
        teams.bot_url = f"http://127.0.0.1:{port}/api/messages"
        try:
            yield Scene(practice, teams, database, product)
        finally:
            await product.kill()
            database.close()
