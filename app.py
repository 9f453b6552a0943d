"""The composition root and command line: serve · demo · migrate · company · doctor · manifest."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from adapters import doctor as checks
from adapters import manifests, process, settings
from adapters.service import Service
from adapters.settings import Settings
from adapters.slack import ids as slack_ids
from adapters.teams.authority import PUBLIC, Authority
from bot import clock, codes, companies, directory, enrolment
from bot.errors import BadConfiguration, MotokaiError, UnknownLocale
from sandbox import people as practice
from sandbox.slack import PracticeSlack
from sandbox.story import SCRIPTS, MainJob, Stage, StoryBroken, Terminal, workspaces
from sandbox.teams import PracticeTeams
from storage import migrate as migrations
from storage.db import Database
from storage.tables import Account, Role

cli = typer.Typer(
    help="Motokai: a Slack and Microsoft Teams bot for corporate alumni.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
company_cli = typer.Typer(help="Companies in this installation.", no_args_is_help=True)
manifest_cli = typer.Typer(help="What to give Slack and Teams to install the app.", no_args_is_help=True)
cli.add_typer(company_cli, name="company")
cli.add_typer(manifest_cli, name="manifest")


def log_to_stderr(level: str) -> None:
    """One line an event. The libraries' own loggers are heard from WARNING on, if not later."""
    least = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(least, logging.WARNING), stream=sys.stderr)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run until done. An error that says what to do is shown as that, without a traceback."""
    try:
        process.run(main)
    except MotokaiError as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fail(sentence: str) -> None:
    typer.secho(sentence, fg=typer.colors.RED, err=True)
    raise typer.Exit(1)


def configured() -> Settings:
    try:
        return settings.read()
    except MotokaiError as error:
        fail(str(error))
        raise


async def until_stopped() -> None:
    """Returns on SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()


@cli.command()
def serve() -> None:
    """Run the product. Needs at least one platform configured; `doctor` says what is missing."""
    chosen = configured()
    log_to_stderr(chosen.log_level)
    if not (chosen.has_slack or chosen.has_teams):
        fail("Neither Slack nor Teams is configured: see the README, or try `make demo` first.")

    async def main() -> None:
        service = Service(chosen)
        await service.start()
        process.spare_startup_objects()
        try:
            await until_stopped()
        finally:
            await service.stop()

    run(main())


@cli.command()
def migrate() -> None:
    """Bring the database to this version's tables (`serve` does so too)."""
    database = Database(configured().database_url)
    migrations.upgrade(database)
    typer.echo("The database is up to date.")


@company_cli.command("create")
def create_company(
    name: str,
    locale: Annotated[str, typer.Option(help="ja or en")] = "ja",
    timezone: Annotated[str, typer.Option(help="IANA name")] = "Asia/Tokyo",
) -> None:
    """Create a company and print the one-time code that makes its first owner."""
    database = Database(configured().database_url)
    migrations.upgrade(database)
    try:
        code = companies.create(database, name, locale, timezone, clock.now())
    except MotokaiError as error:
        fail(str(error))
        return
    typer.echo(f"{name} is created. Within {codes.LIFETIME.days} days, its first owner types to the bot:\n")
    typer.echo(f"  in Teams:  claim {code}")
    typer.echo(f"  in Slack:  /alumni claim {code}")


@cli.command()
def doctor() -> None:
    """Check the configuration, the credentials, the database and the clock, and say what to mend."""
    try:
        chosen = settings.read()
    except MotokaiError as error:
        fail(f"configuration  {error}")
        return
    findings = asyncio.run(checks.examine(chosen))
    for finding in findings:
        mark = typer.style("ok  ", fg=typer.colors.GREEN) if finding.ok else typer.style("FIX ", fg=typer.colors.RED)
        typer.echo(f"{mark} {finding.what}: {finding.says}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@manifest_cli.command("slack")
def slack_manifest(
    public_url: Annotated[str, typer.Option(help="https address of this server; default PUBLIC_URL")] = "",
    socket_mode: Annotated[bool, typer.Option(help="for SLACK_APP_TOKEN: no public address")] = False,
) -> None:
    """Print the Slack app manifest, to paste when creating the app."""
    url = public_url or configured().public_url
    typer.echo(manifests.slack(url, socket_mode=socket_mode), nl=False)


@manifest_cli.command("teams")
def teams_manifest(
    app_id: Annotated[str, typer.Option(help="default TEAMS_APP_ID")] = "",
    public_url: Annotated[str, typer.Option(help="https address of this server; default PUBLIC_URL")] = "",
    out: Annotated[Path, typer.Option(help="where to write the package")] = Path("motokai-teams.zip"),
) -> None:
    """Write the Teams app package (manifest.json and icons), to upload in Teams."""
    chosen = configured()
    try:
        package = manifests.teams(app_id or chosen.teams_app_id, public_url or chosen.public_url)
    except ValueError as error:
        fail(str(error))
        return
    out.write_bytes(package)
    typer.echo(f"Wrote {out}. In Teams: Apps → Manage your apps → Upload an app.")


DEMO_PEOPLE = 60
STARTS_WITHIN = 30
"""Seconds in which the product has asked the practice Slack which workspace it is in."""
DEMO_PORTS = 20
"""How many ports from the wanted one on are tried."""


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="play the story and stop")] = False,
    locale: Annotated[str, typer.Option(help="ja or en")] = "ja",
    port: Annotated[int, typer.Option(help="where the product listens; 0 takes any free port")] = 3978,
) -> None:
    """Try it with a practice Slack and a practice Teams on this machine: no account, no token."""
    if locale not in SCRIPTS:
        fail(str(UnknownLocale(locale)))
    log_to_stderr("ERROR")

    async def play() -> None:
        async with rehearsal(locale, free_port(port)) as (stage, service, code):
            if port not in (0, service.port):
                typer.echo(f"Port {port} is taken by another program; using {service.port} instead.")
            story = MainJob(stage, Terminal())
            try:
                await story.open(code)
                await story.play()
            except StoryBroken as broken:
                fail(f"\nThe story broke off. {broken}")
            if once:
                return
            product = f"http://127.0.0.1:{service.port}"
            typer.echo(
                stage.script.afterwards.format(product=product, slack=stage.slack.url, teams=stage.teams.base_url)
            )
            await asyncio.Event().wait()

    run(unless_stopped(play()))


async def unless_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end; SIGTERM or SIGINT cancel it, and it has cleaned up when this returns."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(until_stopped())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stopped):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nobody has. Raises BadConfiguration when there is none near it."""
    for port in range(wanted, wanted + DEMO_PORTS if wanted else 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError, OverflowError):
                probe.bind(("127.0.0.1", port))
                return port
    raise BadConfiguration(f"No port from {wanted} to {wanted + DEMO_PORTS - 1} is free: give another one with --port.")


@contextlib.asynccontextmanager
async def rehearsal(locale: str, port: int) -> AsyncIterator[tuple[Stage, Service, str]]:
    """The product on `port` between two practice workspaces, all in a temporary folder: the stage for a story, the
    running product, and the code with which HR claims the company. Everybody but the newcomer is enrolled."""
    people = practice.people(DEMO_PEOPLE, locale=locale)
    workspace, tenant = workspaces(people, locale)
    with tempfile.TemporaryDirectory(prefix="motokai-demo-") as folder:
        async with PracticeSlack(workspace) as slack, PracticeTeams(tenant=tenant, auth=True) as teams:
            stage = Stage(slack, teams, people, locale)
            authority = Authority(teams.issuer.issuer, teams.metadata_url, teams.token_url, PUBLIC.scope)
            service = Service(practice_settings(stage, f"sqlite:///{folder}/motokai.db", port), authority=authority)
            migrations.upgrade(service.database)
            code = practice_company(service.database, stage)
            await service.start()
            try:
                slack.bot_url = f"http://127.0.0.1:{service.port}"
                teams.bot_url = f"{slack.bot_url}/api/messages"
                async with asyncio.timeout(STARTS_WITHIN):
                    while not service.serves("slack", workspace.team_id):  # noqa: ASYNC110 - it tells nobody
                        await asyncio.sleep(0.01)
                yield stage, service, code
            finally:
                await service.stop()


def practice_settings(stage: Stage, database_url: str, port: int) -> Settings:
    """Every setting is given, so that the environment has no say. The practice Slack takes a faster pace."""
    given: dict[str, Any] = {name: field.default for name, field in Settings.model_fields.items()}
    return Settings(
        **given
        | {
            "database_url": database_url,
            "port": port,
            "slack_bot_token": stage.slack.token,
            "slack_signing_secret": stage.slack.signing_secret,
            "slack_api_url": stage.slack.url,
            "slack_sends_per_minute": 1200,
            "slack_edits_per_minute": 1200,
            "teams_app_id": stage.teams.app_id,
            "teams_app_password": stage.teams.app_password,
            "teams_tenant_id": stage.teams.tenant.tenant_id,
        }
    )


def practice_company(database: Database, stage: Stage) -> str:
    """The company of the stage with its alumni, the newcomer left out; returns the code to claim it with."""
    now, team = clock.now(), stage.slack.workspace.team_id
    code = companies.create(database, stage.script.company, stage.locale, "Asia/Tokyo", now)
    with database.company(codes.company_in(code) or 0) as session:
        for alumnus in stage.people:
            if alumnus == stage.leads.newcomer:
                continue
            person = enrolment.admit(session, alumnus.name, Role.ALUMNUS, stage.locale, now, email=alumnus.email)
            directory.keep_skills(session, person, alumnus.skills)
            address = slack_ids.pack(slack_ids.User(team, alumnus.slack_id))
            account = Account(
                platform="slack",
                workspace=team,
                external_id=alumnus.slack_id,
                person_id=person.id or 0,
                address=address,
            )
            session.add(account)
    return code


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        cli()
