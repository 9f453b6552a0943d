"""Companies of the installation."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select

from bot import clock, codes, eligibility, gig_forms, lint, posting, questions, texts
from bot.eligibility import Rules
from bot.errors import UnknownCompany, UnknownCountry, UnknownLocale, UnknownReason, UnknownTerm
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


def set_rules(
    database: Database, company_id: int, least_years: int | None, not_invited: str | None, asks: str | None
) -> Rules:
    """Change those of the company's rules that are given, and return them all. Raises UnknownReason."""
    reasons = None if not_invited is None else texts.listed(not_invited)
    for reason in reasons or ():
        if reason not in eligibility.REASONS:
            raise UnknownReason(reason, ", ".join(eligibility.REASONS))
    with database.company(company_id) as session:
        now = eligibility.rules(session)
        new = Rules(
            now.least_years if least_years is None else least_years,
            now.not_invited if reasons is None else tuple(reasons),
            now.asks if asks is None else texts.cleaned(asks).strip()[:300],
        )
        eligibility.keep(session, new)
        return eligibility.rules(session)


def set_gigs(
    database: Database, company_id: int, country: str | None, given: Mapping[str, str | None]
) -> tuple[str, Mapping[str, str]]:
    """Change whose rules the company's posts are checked against, and those of the items they start with that are
    given (an empty one is forgotten); returns both as they are now. Raises UnknownCountry and UnknownTerm."""
    if country is not None and country not in lint.countries():
        raise UnknownCountry(country, ", ".join(lint.countries()))
    typed = {name: texts.cleaned(text).strip() for name, text in given.items() if text is not None}
    asked = [question for question in gig_forms.DEFAULTS if question.name in typed]
    wrong = next(iter(questions.faults(asked, typed)), None)
    if wrong is not None:
        raise UnknownTerm(typed[wrong], wrong)
    with database.company(company_id) as session:
        company = session.get_one(Company, company_id)
        company.country = country or company.country
        session.add(company)
        posting.keep_defaults(session, {**posting.defaults_of(session), **typed})
        return company.country, posting.defaults_of(session)


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
