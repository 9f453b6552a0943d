"""Companies of the installation."""

from datetime import datetime

from sqlmodel import col, select

from bot import clock, codes
from bot.errors import UnknownCompany, UnknownLocale
from bot.prompts import LOCALES
from storage.db import Database
from storage.tables import NOBODY, Company, Purpose


def create(database: Database, name: str, locale: str, timezone: str, now: datetime) -> str:
    """A new company; returns the one-time code that makes the first owner.

    Raises UnknownLocale or UnknownZone, and then nothing is created.
    """
    if locale not in LOCALES:
        raise UnknownLocale(locale)
    clock.zone(timezone)
    company = Company(name=name, locale=locale, timezone=timezone, created_at=now)
    with database.installation() as session:
        session.add(company)
    with database.company(company.id or 0) as session:
        return codes.issue(session, Purpose.CLAIM, now)


def named(database: Database, name_or_id: str) -> int:
    """The id of the company of that name or id; with an empty one, of the only company there is. Raises
    UnknownCompany."""
    with database.installation() as session:
        rows = session.exec(select(Company).where(col(Company.id) != NOBODY).order_by(col(Company.id))).all()
    wanted = [row for row in rows if name_or_id in (row.name, str(row.id))] if name_or_id else rows
    if len(wanted) == 1:
        return wanted[0].id or 0
    there = ", ".join(f"{row.id} ({row.name})" for row in rows) or "none: run `app.py company create` first"
    raise UnknownCompany(name_or_id, there)
