"""`app.py doctor`: what works, and in words what to mend."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select

from adapters.http import Http
from adapters.loopback import is_loopback
from adapters.mail import ids
from adapters.mail import server as mail_server
from adapters.mail.outbound import MailPlatform
from adapters.settings import Settings
from adapters.slack.outbound import SlackPlatform
from adapters.teams.authority import public
from adapters.teams.tokens import TokenSource
from bot import companies
from bot.errors import UnknownCompany
from bot.outcomes import Reason, Refused
from storage import migrate
from storage.db import Database, is_above_row_security
from storage.tables import NOBODY, Company

CLOCK_MAY_BE_OFF = 60
"""Seconds. Slack refuses signatures that are five minutes off."""


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    says: str


async def examine(settings: Settings) -> list[Finding]:
    """Every check, each with its finding; reaches out only to what is configured."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        return [
            _address(settings),
            await asyncio.to_thread(_database, settings),
            *(await _slack(settings, session)),
            *(await _teams(settings, session)),
            await _mail(settings),
            *(await asyncio.to_thread(_hris, settings)),
        ]


def _address(settings: Settings) -> Finding:
    if settings.slack_app_token and not settings.has_teams:
        return Finding("address", True, "Socket Mode needs no public address.")
    url = urlsplit(settings.public_url)
    if settings.teams_auth == "disabled" and is_loopback(settings.host):
        return Finding("address", True, f"trying out on http://{settings.host}:{settings.port}")
    if url.scheme != "https" or not url.netloc:
        return Finding(
            "address",
            False,
            "Set PUBLIC_URL to the https address under which Slack and Teams reach this server.",
        )
    return Finding("address", True, settings.public_url)


def _database(settings: Settings) -> Finding:
    database = Database(settings.database_url)
    try:
        if not migrate.is_current(database):
            return Finding("database", False, "It has no tables of this version yet: run `app.py migrate`.")
        with database.installation() as session:
            number = session.exec(select(func.count()).select_from(Company).where(col(Company.id) != NOBODY)).one()
            above = is_above_row_security(session)
    except (SQLAlchemyError, OSError) as error:
        return Finding("database", False, f"It cannot be used ({_first_line(error)}): check DATABASE_URL.")
    finally:
        database.close()
    if not number:
        return Finding("database", False, 'It has no company yet: run `app.py company create "NAME"`.')
    return Finding("database", True, f"up to date, companies: {number}{_ABOVE if above else ''}")


_ABOVE = (
    ". Its user is a superuser or has BYPASSRLS, and row-level security holds neither: with a user of the product's "
    "own, PostgreSQL keeps companies apart too."
)


async def _slack(settings: Settings, session: aiohttp.ClientSession) -> list[Finding]:
    if not settings.has_slack:
        return [Finding("Slack", True, "not configured (SLACK_BOT_TOKEN is empty)")]
    http = Http()
    platform = SlackPlatform(token=settings.slack_bot_token, http=http, session=session, api_url=settings.slack_api_url)
    try:
        team = await platform.own_team()
    finally:
        await http.close()
    if not team:
        says = (
            "Slack does not take SLACK_BOT_TOKEN: copy it anew from the app's page “OAuth & Permissions”, "
            "and check SLACK_API_URL."
        )
        return [Finding("Slack", False, says)]
    return [
        Finding("Slack", True, f"signed in to workspace {team}"),
        await _clock(settings.slack_api_url, session),
    ]


async def _clock(url: str, session: aiohttp.ClientSession) -> Finding:
    """Whether this machine's time is Slack's, by the Date header of any answer."""
    try:
        async with session.post(f"{url.rstrip('/')}/api.test") as answer:
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
        return Finding("clock", False, f"It could not be compared with Slack's ({_first_line(error)}).")
    off = abs((datetime.now(UTC) - theirs).total_seconds())
    if off > CLOCK_MAY_BE_OFF:
        return Finding("clock", False, f"It is {off:.0f} seconds off: switch on time synchronisation (NTP).")
    return Finding("clock", True, "agrees with Slack's")


async def _teams(settings: Settings, session: aiohttp.ClientSession) -> list[Finding]:
    if not settings.has_teams:
        return [Finding("Teams", True, "not configured (TEAMS_APP_ID is empty)")]
    if settings.teams_auth == "disabled":
        return [Finding("Teams", True, "authentication is off, for trying out on this machine")]
    authority = public(settings.teams_app_type, settings.teams_tenant_id)
    token = await TokenSource(authority, settings.teams_app_id, settings.teams_app_password, session).token()
    if isinstance(token, str):
        return [Finding("Teams", True, "the connector's token was granted")]
    says = (
        "No token was granted: check TEAMS_APP_ID, TEAMS_APP_PASSWORD (it expires), TEAMS_APP_TYPE and TEAMS_TENANT_ID."
    )
    return [Finding("Teams", False, f"{says} ({token})")]


async def _mail(settings: Settings) -> Finding:
    if not settings.has_mail:
        return Finding("mail", True, "not configured (SMTP_URL is empty): HR passes on the codes of invitations")
    server = mail_server.parse(settings.smtp_url)
    place = f"{server.host}:{server.port}"
    match await MailPlatform(server, ids.sender(settings.mail_from)).greet():
        case None:
            return Finding("mail", True, f"{place} answers{' and takes the login' if server.user else ''}")
        case Refused(Reason.CREDENTIALS, detail=detail):
            says = f"{place} does not take the login: check the user and password in SMTP_URL. ({detail})"
        case Refused(detail=detail):
            says = f"{place} does not want to talk to this machine: ask who runs it. ({detail})"
        case _:
            says = f"{place} does not answer: check host and port in SMTP_URL, and that it is up."
    return Finding("mail", False, says)


def _hris(settings: Settings) -> list[Finding]:
    """Whether the HR system's news would reach a company; nothing where there is no such system."""
    if not settings.hris_secret and not settings.hris_company:
        return []
    if not settings.hris_secret:
        return [Finding("HRIS", False, "HRIS_COMPANY is set and HRIS_SECRET is not: without it nothing is taken.")]
    database = Database(settings.database_url)
    try:
        company_id = companies.named(database, settings.hris_company)
    except UnknownCompany as error:
        return [Finding("HRIS", False, f"Set HRIS_COMPANY to a company's name or id. {error}")]
    except (SQLAlchemyError, OSError):  # said above
        return [Finding("HRIS", False, "Its company is known once the database can be used.")]
    finally:
        database.close()
    return [Finding("HRIS", True, f"its news are company {company_id}'s")]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
