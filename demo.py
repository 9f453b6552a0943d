"""The product in a practice world: between a practice Slack and a practice Teams, all of it on this machine.

Only `app.py demo` comes here: a server that serves companies never imports it, nor the sandbox.
"""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

import typer
import yaml
from sqlmodel import col, func, or_, select

from adapters import manifests
from adapters.service import Service
from adapters.settings import Settings
from adapters.slack import ids as slack_ids
from adapters.teams import ids as teams_ids
from adapters.teams.authority import PUBLIC, Authority
from bot import codes, companies, directory, enrolment, housekeeping, posting, prompts, verbs
from bot.errors import BadConfiguration
from bot.verbs import SLASH_COMMANDS, VERBS, Verb
from sandbox import people as practice
from sandbox.clock import PracticeClock
from sandbox.mail import Mailboxes, PracticeMail
from sandbox.page import PracticePage, World
from sandbox.slack import PracticeSlack
from sandbox.story import COLLEAGUE, HR, SCRIPTS, MainJob, Silence, Stage, StoryBroken, Terminal, workspaces
from sandbox.teams import PracticeTeams
from storage import ledger, migrate
from storage.db import CompanySession, Database, Wait
from storage.tables import Account, Delivery, DeliveryState, Department, InboxEntry, Person, Role

__all__ = ["LOCALES", "PEOPLE", "Rehearsal", "StoryBroken", "rehearsal", "show", "tell", "world"]

T = TypeVar("T")
LOCALES = tuple(SCRIPTS)
PEOPLE = 370
"""As many alumni as a company has that has kept in touch for some years."""
HOST = "127.0.0.1"
"""Where links to the product lead, and whose previews Slack asks for."""
IN_STORY = 60
"""How many are there where the story is only told: it is about eight of them."""
STARTS_WITHIN = 30
"""Seconds in which the product has asked the practice Slack which workspace it is in."""
PORTS = 20
"""How many ports from the wanted one on are tried."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The stage for a story, the running product, its clock, and the code with which HR claims the company."""

    stage: Stage
    service: Service
    clock: PracticeClock
    code: str


async def tell(locale: str) -> None:
    """The whole story in the terminal. Raises StoryBroken where it breaks off."""
    async with rehearsal(locale, IN_STORY) as there:
        story = MainJob(there.stage, Terminal())
        await story.open(there.code)
        await story.play()


async def show(locale: str, size: int, port: int, *, browser: bool) -> None:
    """The page in which everybody can be played, on `port` or one of the next; runs until it is cancelled."""
    found = free_port(port)
    if port not in (0, found):
        typer.echo(f"Port {port} is taken by another program; using {found} instead.")
    async with PracticePage(partial(world, locale, size), port=found) as page:
        stage = page.world.stage
        product = stage.slack.bot_url
        typer.echo(
            stage.script.opened.format(
                page=page.url, product=product, slack=stage.slack.url, teams=stage.teams.base_url
            )
        )
        if browser and _has_browser():
            webbrowser.open(page.url)
        await asyncio.Event().wait()


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nobody has. Raises BadConfiguration when there is none near it."""
    for port in range(wanted, wanted + PORTS if wanted else 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError, OverflowError):
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
    raise BadConfiguration(f"No port from {wanted} to {wanted + PORTS - 1} is free: give another one with --port.")


def _has_browser() -> bool:
    """Whether a window could open. A browser that lives in the terminal would take it over."""
    if not sys.stdout.isatty():
        return False
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# The world


@contextlib.asynccontextmanager
async def world(locale: str, size: int) -> AsyncIterator[World]:
    """A world for the page: HR has claimed the company in both workspaces, and is in their team's channel."""
    async with rehearsal(locale, size) as there:
        stage = there.stage
        await MainJob(stage, Silence()).open(there.code)
        await stage.teams.as_person(HR).install(stage.teams.tenant.channel(stage.script.channel))
        for key in (COLLEAGUE, HR):
            await stage.teams.as_person(key).say(typed("help", locale))
        yield World(stage, there.clock, Product(there), slack_commands(locale), teams_commands(locale))


@contextlib.asynccontextmanager
async def rehearsal(locale: str, size: int) -> AsyncIterator[Rehearsal]:
    """The product between the practice servers. Everybody but the newcomer is enrolled."""
    clock = PracticeClock()
    people = practice.people(size, locale=locale)
    workspace, tenant = workspaces(people, locale, clock.time)
    with tempfile.TemporaryDirectory(prefix="motokai-demo-") as folder:
        async with (
            PracticeSlack(workspace, unfurl_domains=[HOST]) as slack,
            PracticeTeams(tenant=tenant, auth=True) as teams,
            PracticeMail(Mailboxes(clock.now)) as mail,
        ):
            stage = Stage(slack, teams, mail, people, locale)
            authority = Authority(
                teams.issuer.issuer, teams.metadata_url, teams.token_url, PUBLIC.scope, teams.base_url
            )
            chosen = settings(stage, f"sqlite:///{folder}/motokai.db")
            service = Service(chosen, authority=authority, now=clock.now)
            migrate.upgrade(service.database)
            code = company(service.database, stage, clock.now())
            await service.start()
            try:
                slack.bot_url = f"http://127.0.0.1:{service.port}"
                teams.bot_url = f"{slack.bot_url}/api/messages"
                async with asyncio.timeout(STARTS_WITHIN):
                    while not service.serves("slack", workspace.team_id):  # noqa: ASYNC110 - it tells nobody
                        await asyncio.sleep(0.01)
                yield Rehearsal(stage, service, clock, code)
            finally:
                await service.stop()


def settings(stage: Stage, database_url: str) -> Settings:
    """Every setting is given, so that the environment has no say. The practice servers take a faster pace."""
    port = free_port(0)
    given: dict[str, Any] = {name: field.default for name, field in Settings.model_fields.items()}
    return Settings(
        **given
        | {
            "database_url": database_url,
            "port": port,
            "public_url": f"http://{HOST}:{port}",
            "slack_bot_token": stage.slack.token,
            "slack_signing_secret": stage.slack.signing_secret,
            "slack_api_url": stage.slack.url,
            "slack_sends_per_minute": 1200,
            "slack_edits_per_minute": 1200,
            "teams_app_id": stage.teams.app_id,
            "teams_app_password": stage.teams.app_password,
            "teams_tenant_id": stage.teams.tenant.tenant_id,
            "smtp_url": stage.mail.url,
            "mail_from": f"{stage.script.company} <alumni@example.com>",
            "mail_sends_per_minute": 600,
        }
    )


def company(database: Database, stage: Stage, now: datetime) -> str:
    """The company of the stage with its alumni, the newcomer left out, and HR's colleague; returns the code to claim it
    with."""
    team, tenant = stage.slack.workspace.team_id, stage.teams.tenant
    code = companies.create(database, stage.script.company, stage.locale, "Asia/Tokyo", now)
    with database.company(codes.company_in(code) or 0) as session:
        posting.keep_defaults(session, stage.script.terms)
        for alumnus in stage.people:
            if alumnus == stage.leads.newcomer:
                continue
            person = enrolment.admit(session, alumnus.name, Role.ALUMNUS, stage.locale, now, email=alumnus.email)
            _fill_in(session, person, alumnus)
            address = slack_ids.pack(slack_ids.User(team, alumnus.slack_id))
            session.add(_account("slack", team, alumnus.slack_id, person.id, address))
        colleague = tenant.person(COLLEAGUE)
        person = enrolment.admit(session, colleague.name, Role.HR, stage.locale, now, email=colleague.email)
        address = teams_ids.Address(tenant.tenant_id, tenant.personal(COLLEAGUE).id).pack()
        session.add(_account("teams", tenant.tenant_id, colleague.aad_object_id, person.id, address))
    return code


def _fill_in(session: CompanySession, person: Person, alumnus: practice.PracticePerson) -> None:
    """What the alumnus would say of themselves. The years are shared out among the departments."""
    person.reading, person.romaji, person.former_surname = alumnus.kana, alumnus.romaji, alumnus.former
    person.joined_year, person.last_day = alumnus.joined, date(alumnus.left, 3, 31)
    person.works_at, person.works_as, person.city = alumnus.company, alumnus.title, alumnus.city
    steps = [alumnus.joined + (alumnus.left - alumnus.joined) * n // len(alumnus.departments) for n in range(9)]
    for place, (name, since, until) in enumerate(zip(alumnus.departments, steps, steps[1:], strict=False)):
        session.add(Department(person_id=person.id or 0, place=place, name=name, since=since, until=until))
    session.add_all(directory.skill_rows(person, alumnus.skills))


def _account(platform: str, workspace: str, external_id: str, person_id: int | None, address: str) -> Account:
    return Account(
        platform=platform, workspace=workspace, external_id=external_id, person_id=person_id or 0, address=address
    )


# What clients suggest


def slack_commands(locale: str) -> list[dict[str, Any]]:
    """The manifest's commands, each with what can stand behind it."""
    listed = yaml.safe_load(manifests.slack(""))["features"]["slash_commands"]
    return [
        {
            "command": one["command"],
            "usage": one.get("usage_hint", ""),
            "description": one["description"],
            "verbs": [] if SLASH_COMMANDS[one["command"]] else _verbs(locale, Role.ALUMNUS),
        }
        for one in listed
    ]


def teams_commands(locale: str) -> list[dict[str, Any]]:
    """What HR can type."""
    return _verbs(locale, Role.OWNER)


def _verbs(locale: str, role: Role) -> list[dict[str, Any]]:
    return [
        {"words": _words(verb, locale), "hint": prompts.phrase("manifest", locale, verb.name.replace(".", "_"))}
        for verb in VERBS
        if verb.typed and verb.name != "claim" and (verb.who is None or role in verb.who)
    ]


def _words(verb: Verb, locale: str) -> list[str]:
    """The words of the language first."""
    return sorted(verb.typed, key=lambda words: words.isascii() == (locale == "ja"))


def typed(name: str, locale: str) -> str:
    """What one types to ask for the verb of this name."""
    return _words(verbs.named(name), locale)[0]


# Behind the scenes


class Product:
    """What the page asks of the running product (sandbox.page.Backstage)."""

    def __init__(self, there: Rehearsal) -> None:
        self._service = there.service
        self._now = there.clock.now
        self._team = there.stage.slack.workspace.team_id
        self._tenant = there.stage.teams.tenant.tenant_id
        self._company = codes.company_in(there.code) or 0

    async def ledger_row(self, platform: str, place: str, message: str) -> Mapping[str, Any] | None:
        if platform == "slack":
            ref = slack_ids.pack(slack_ids.Message(self._team, place, message))
        else:
            ref = teams_ids.MessageRef(self._tenant, place, message).pack()
        row = await self._ask(lambda session: ledger.by_ref(session, ref))
        if row is None:
            return None
        shown = ("id", "state", "attempts", "cause", "template", "due_at", "reason", "detail")
        told = {name: getattr(row, name) for name in shown} | {"sent_at": row.settled_at}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in told.items()}

    async def inbox_keys(self, marks: Sequence[str]) -> list[str]:
        holds = or_(*(col(InboxEntry.key).contains(mark, autoescape=True) for mark in marks))
        keys = select(InboxEntry.key).where(holds).order_by(col(InboxEntry.at))
        return await self._ask(lambda session: list(session.exec(keys)))

    async def waiting(self) -> int:
        unsent = select(func.count()).select_from(Delivery)
        unsent = unsent.where(col(Delivery.state).in_([DeliveryState.QUEUED, DeliveryState.SENDING]))
        return await self._ask(lambda session: session.exec(unsent).one())

    async def next_due(self) -> datetime | None:
        return await asyncio.to_thread(housekeeping.next_due, self._service.database, self._now())

    async def catch_up(self) -> None:
        await self._service.catch_up()

    async def _ask(self, question: Callable[[CompanySession], T]) -> T:
        def asked() -> T:
            with self._service.database.company(self._company, wait=Wait.TURN) as session:
                return question(session)

        return await asyncio.to_thread(asked)
