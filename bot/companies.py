"""Companies of the installation."""

from datetime import datetime

from bot import clock, codes
from bot.errors import UnknownLocale
from bot.prompts import LOCALES
from storage.db import Database
from storage.tables import Company, Purpose


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
