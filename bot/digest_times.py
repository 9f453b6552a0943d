"""When a company's digests leave: once a week, at an hour of its zone."""

from datetime import datetime, time, timedelta

from bot import clock, texts
from bot.cards import FieldKind
from bot.prompts import Question
from bot.turn import Answer, Ask, Say, Turn
from storage import ledger
from storage.db import CompanySession
from storage.tables import Company

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUESTIONS = (
    Question("weekday", FieldKind.CHOICE, max_length=20, choices=DAYS),
    Question("hour", max_length=5),
)


def next_at(session: CompanySession, after: datetime) -> datetime:
    """The first moment after that one at which digests leave."""
    company = session.get_one(Company, session.company_id)
    local = after.astimezone(clock.zone(company.timezone))
    day = local.date() + timedelta(days=(company.digest_weekday - local.weekday()) % 7)
    moments = (
        clock.instant(datetime.combine(day + timedelta(days=days), time(company.digest_hour)), company.timezone)
        for days in (0, 7)
    )
    return next(moment for moment in moments if moment > after)


def edit(turn: Turn) -> Answer:
    """What waits for the digest is in the next one of the new times."""
    company = turn.session.get_one(Company, turn.session.company_id)
    if not turn.values:
        now = {"weekday": DAYS[company.digest_weekday], "hour": f"{company.digest_hour}:00"}
        return Ask("digest.time", filled=now)
    hour = texts.hour(turn.values["hour"])
    if hour is None:
        return Ask("digest.time", turn.args, turn.values, errors={"hour": "not_an_hour"})
    company.digest_weekday, company.digest_hour = DAYS.index(turn.values["weekday"]), hour
    turn.session.add(company)
    turn.session.flush()
    at = next_at(turn.session, turn.now)
    ledger.move_held(turn.session, at)
    return Say("digest_time_saved", {"at": at.isoformat()})
