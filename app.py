"""The composition root and command line: serve · demo · migrate · company · import · doctor · manifest."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from adapters import doctor as checks
from adapters import manifests, process, settings
from adapters.service import Service
from adapters.settings import Settings
from bot import clock, codes, companies, importing, people_files
from bot.errors import MotokaiError, UnknownLocale
from storage import migrate as migrations
from storage import people
from storage.db import Database

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


@company_cli.command("rules")
def company_rules(
    company: Annotated[str, typer.Option(help="name or id; not needed where there is only one")] = "",
    least_years: Annotated[int | None, typer.Option(min=0, max=50, help="years of service; 0 for no such rule")] = None,
    not_invited: Annotated[str | None, typer.Option(help="reasons for leaving, such as disciplinary,other")] = None,
    asks: Annotated[str | None, typer.Option(help="with whom to talk about the rules")] = None,
) -> None:
    """Show whom a company invites, and change what is given. Nobody who is a member already is affected."""
    database = Database(configured().database_url)
    migrations.upgrade(database)
    try:
        rules = companies.set_rules(database, companies.named(database, company), least_years, not_invited, asks)
    except MotokaiError as error:
        fail(str(error))
        return
    typer.echo(f"least years of service: {rules.least_years or 'none'}")
    typer.echo(f"not invited after: {', '.join(rules.not_invited) or 'none'}")
    typer.echo(f"to be asked: {rules.asks or 'HR'}")


@company_cli.command("gigs")
def company_gigs(
    company: Annotated[str, typer.Option(help="name or id; not needed where there is only one")] = "",
    country: Annotated[str | None, typer.Option(help="whose rules posts are checked against: jp or none")] = None,
    legal_name: Annotated[str | None, typer.Option(help="full name of the company that makes the contract")] = None,
    legal_address: Annotated[str | None, typer.Option(help="its address")] = None,
    contact: Annotated[str | None, typer.Option(help="whom alumni may ask")] = None,
    tax: Annotated[str | None, typer.Option(help="excluded or included")] = None,
    payment_rule: Annotated[str | None, typer.Option(help="when rewards are paid")] = None,
) -> None:
    """Show what the gigs of a company start with, and change what is given. Those that are out stay as they are."""
    given = {"legal_name": legal_name, "legal_address": legal_address, "contact": contact}
    given |= {"tax": tax, "payment_rule": payment_rule}
    database = Database(configured().database_url)
    migrations.upgrade(database)
    try:
        rules, terms = companies.set_gigs(database, companies.named(database, company), country, given)
    except MotokaiError as error:
        fail(str(error))
        return
    typer.echo(f"checked against the rules of: {rules}")
    for item, text in terms.items():
        typer.echo(f"{item}: {text}")


@cli.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(help="CSV; docs/people.md lists the columns", exists=True, dir_okay=False)],
    company: Annotated[str, typer.Option(help="name or id; not needed where there is only one")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check everything and store nothing")] = False,
    rows: Annotated[bool, typer.Option("--rows", help="report every row, not only the wrong ones")] = False,
) -> None:
    """Add the people of a file and invite them. One wrong row, and nothing is stored; the same file again changes
    nothing, and one that was broken off goes on where it was."""
    chosen = configured()
    database = Database(chosen.database_url)
    migrations.upgrade(database)
    try:
        company_id = companies.named(database, company)
        with file.open("rb") as opened:
            _import(database, company_id, people_files.PeopleFile(opened), chosen, dry_run=dry_run, rows=rows)
    except MotokaiError as error:
        fail(str(error))
    finally:
        database.close()


def _import(
    database: Database, company_id: int, file: people_files.PeopleFile, chosen: Settings, *, dry_run: bool, rows: bool
) -> None:
    if file.unread:
        typer.echo(f"Columns that were not read: {', '.join(file.unread)}")
    report = partial(_report, rows=rows)
    counts = _watched("Checking", file, importing.checking(database, company_id, file, clock.now()), report)
    wrong, total = counts[importing.Outcome.WRONG], sum(counts.values())
    if wrong:
        _sum_up(counts)
        fail(f"Nothing was stored: {wrong} of {total} rows must be corrected first.")
    if dry_run or not (counts[importing.Outcome.ADDED] or counts[importing.Outcome.CHANGED]):
        _sum_up(counts)
        typer.echo("Nothing was stored (--dry-run)." if dry_run else "Everything is stored already.")
        return
    _store(database, company_id, file, chosen)


def _store(database: Database, company_id: int, file: people_files.PeopleFile, chosen: Settings) -> None:
    run_id, line = importing.begin(database, company_id, file, clock.now())
    if line:
        typer.echo(f"This file was broken off before: going on behind line {line}.")
    pace = chosen.mail_sends_per_minute if chosen.has_mail else None
    storing = importing.storing(database, company_id, file, run_id, clock.now, pace)
    _watched("Storing", file, storing, partial(_report, rows=False))
    done = importing.finish(database, company_id, run_id, clock.now())
    _sum_up(done.counts)
    if done.last_letter_at is not None:
        with database.company(company_id) as session:
            zone = clock.zone(people.company(session).timezone)
        typer.echo(
            f"Invitations: {done.letters}, at {pace:g} a minute (MAIL_SENDS_PER_MINUTE) while the service runs; the "
            f"last leaves about {done.last_letter_at.astimezone(zone):%Y-%m-%d %H:%M %Z}."
        )
    elif done.counts.get(importing.Outcome.ADDED) and not chosen.has_mail:
        typer.echo("No mail is configured: HR gets a code for each of them with `offboard` or `enrol` in the chat.")


def _watched(
    doing: str,
    file: people_files.PeopleFile,
    batches: Iterable[Sequence[importing.RowReport]],
    report: Callable[[importing.RowReport], None],
) -> Counter[str]:
    """Go through the batches, with a bar where somebody watches; how many rows had which outcome."""
    counts: Counter[str] = Counter()
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task(doing, total=file.size)
        for batch in batches:
            for row in batch:
                report(row)
            counts.update(importing.tally(batch))
            progress.update(bar, completed=file.read)
    return counts


def _report(row: importing.RowReport, *, rows: bool) -> None:
    if rows or row.faults:
        typer.echo(f"line {row.line}  {row.outcome}  {row.name}")
    for column, sentence in importing.sentences(row.faults, "en").items():
        typer.echo(f"    {column}: {sentence}")


def _sum_up(counts: Mapping[str, int]) -> None:
    typer.echo(", ".join(f"{counts.get(outcome, 0)} {outcome}" for outcome in importing.Outcome))


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
    channel_replies: Annotated[bool, typer.Option(help="may read channels it is in: see the README")] = False,
) -> None:
    """Print the Slack app manifest, to paste when creating the app."""
    url = public_url or configured().public_url
    typer.echo(manifests.slack(url, socket_mode=socket_mode, channel_replies=channel_replies), nl=False)


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


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="tell the story in this terminal and stop")] = False,
    locale: Annotated[str, typer.Option(help="ja or en")] = "ja",
    size: Annotated[int, typer.Option(help="how many alumni there are", min=8, max=20000)] = 370,
    port: Annotated[int, typer.Option(help="where the page is; 0 takes any free port")] = 3978,
    browser: Annotated[bool, typer.Option(help="open the page where there is a browser")] = True,
) -> None:
    """Try it with a practice Slack and a practice Teams on this machine: no account, no token."""
    import demo as practice  # here alone, so that a server never holds what is for trying out

    if locale not in practice.LOCALES:
        fail(str(UnknownLocale(locale)))
    log_to_stderr("ERROR")

    async def play() -> None:
        try:
            await (practice.tell(locale) if once else practice.show(locale, size, port, browser=browser))
        except practice.StoryBroken as broken:
            fail(f"\nThe story broke off. {broken}")

    run(unless_stopped(play()))


async def unless_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end; SIGTERM or SIGINT cancel it, and it has cleaned up when this returns."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(until_stopped())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stopped):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        cli()
