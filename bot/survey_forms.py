"""Making a survey and running it: what it asks, whom, when it goes out, a reminder, and its end.

Whatever ends a step holds the survey's row: of two who press at once the second sees what the first has done.
"""

from datetime import date, datetime, timedelta

from sqlmodel import col, func, select

from bot import asking, audiences, clock, origin, saved_segments, segments, spreading, subjects, surveys, texts
from bot.cards import FieldKind
from bot.prompts import Question
from bot.surveys import STEP
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger
from storage.circulars import Circular
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Delivery, Person, Survey, SurveyState, table

BASICS = (
    Question("title", max_length=150),
    Question("words", FieldKind.TEXT, required=False, max_length=2000),
    Question("named", FieldKind.CHOICE, max_length=20, choices=("anonymous", "named")),
    Question("day", FieldKind.DATE, max_length=10),
    Question("time", max_length=5),
)
QUESTIONS = asking.FORM
FAULTS = frozenset({"not_options", "nothing_answered"})
REMINDED_WITHIN = timedelta(days=1)
"""Nobody is reminded twice in so short a time."""


# What it asks, and whom


def write(turn: Turn) -> Answer:
    """The first form: of a new survey, or of a draft. The questions come next."""
    survey = _draft(turn)
    if isinstance(survey, Say):
        return survey
    if not turn.values:
        return Ask("survey", _carried(survey), _filled(turn, survey))
    at = clock.time_of_day(turn.values["time"])
    if at is None:
        return Ask("survey", turn.args, turn.values, errors={"time": "not_a_time"})
    closes_at = clock.instant(datetime.combine(date.fromisoformat(turn.values["day"]), at), turn.company.timezone)
    if closes_at <= turn.now:
        return Ask("survey", turn.args, turn.values, errors={"day": "moment_is_past"})
    begun = survey is None
    survey = survey or _begun(turn, closes_at)
    survey.title, survey.words, survey.closes_at = turn.values["title"], turn.values["words"], closes_at
    survey.anonymous = turn.values["named"] == "anonymous"
    answer = _changed(turn, survey)
    return Ask("survey.questions", _carried(survey)) if begun else answer


def _begun(turn: Turn, closes_at: datetime) -> Survey:
    """A new draft, and its card."""
    speaker, own = turn.inbound.speaker, turn.account.address if turn.account else ""
    survey = Survey(
        title="",
        closes_at=closes_at,
        author_id=turn.member.id,
        desk_platform=speaker.platform,
        desk_workspace=speaker.workspace,
        desk_address=turn.inbound.address if turn.inbound.reference is not None else own,
        created_at=turn.now,
    )
    turn.session.add(survey)
    turn.session.flush()
    ledger.enqueue(turn.session, [_card(survey, turn.locale)], turn.now)
    return survey


def _card(survey: Survey, locale: str) -> Draft:
    """HR's card, where the survey was written."""
    subject = subjects.desk_of(subjects.survey(survey.id))
    args = {"survey_card": survey.id or 0}
    return origin.draft(survey, locale=locale, cause=subject, template="survey_card", args=args, subject=subject)


def _filled(turn: Turn, survey: Survey | None) -> dict[str, str]:
    if survey is None:
        return {"time": "18:00"}
    there = survey.closes_at.astimezone(clock.zone(turn.company.timezone))
    named = "anonymous" if survey.anonymous else "named"
    told = {"title": survey.title, "words": survey.words, "named": named}
    return {**told, "day": there.date().isoformat(), "time": f"{there:%H:%M}"}


def questions(turn: Turn) -> Answer:
    survey = _draft(turn)
    if isinstance(survey, Say) or survey is None:
        return survey or Say("survey_unknown", notice=True)
    if not turn.values:
        return Ask("survey.questions", _carried(survey), asking.filled(asking.read(survey.questions)))
    asked, faults = asking.typed(turn.values)
    if faults:
        return Ask("survey.questions", turn.args, turn.values, errors=faults)
    survey.questions = [one.stored() for one in asked]
    return _changed(turn, survey)


def audience(turn: Turn) -> Answer:
    survey = _draft(turn)
    if isinstance(survey, Say) or survey is None:
        return survey or Say("survey_unknown", notice=True)
    chosen = saved_segments.chosen(turn, "survey.audience", _carried(survey), survey.audience)
    if isinstance(chosen, Ask):
        return chosen
    survey.audience = chosen.stored()
    answer = _changed(turn, survey)
    return saved_segments.more(turn, "survey.conditions", _carried(survey), chosen) or answer


def narrow(turn: Turn) -> Answer:
    """The second form of its audience."""
    survey = _draft(turn)
    if isinstance(survey, Say) or survey is None:
        return survey or Say("survey_unknown", notice=True)
    chosen = saved_segments.narrowed(turn, "survey.conditions", _carried(survey), survey.audience)
    if isinstance(chosen, Ask):
        return chosen
    survey.audience = chosen.stored()
    return _changed(turn, survey)


def _carried(survey: Survey | None) -> dict[str, str]:
    return {"survey": str(survey.id)} if survey else {}


def _draft(turn: Turn) -> Survey | Say | None:
    """The draft, which nobody else changes until the transaction ends; None for a new one."""
    if "survey" not in turn.args:
        return None
    survey = _locked(turn)
    if isinstance(survey, Say):
        return survey
    return survey if survey.state is SurveyState.DRAFT else _shown(survey)


def _locked(turn: Turn) -> Survey | Say:
    query = select(Survey).where(Survey.id == (texts.number(turn.args.get("survey", "")) or 0))
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return turn.session.exec(query).first() or Say("survey_unknown", notice=True)


def _shown(survey: Survey) -> Say:
    return Say("survey_card", {"survey_card": survey.id or 0})


def _changed(turn: Turn, survey: Survey) -> Answer:
    survey.author_id = turn.member.id
    _move(turn.session, survey, survey.state, turn.now)
    return Refresh(_shown(survey))


def _move(session: CompanySession, survey: Survey, state: SurveyState, now: datetime) -> None:
    survey.state, survey.revision = state, survey.revision + 1
    session.add(survey)
    session.flush()
    ledger.mark_stale(session, subjects.desk_of(subjects.survey(survey.id)), now)


# How it goes out, and ends


def open_(turn: Turn) -> Answer:
    """It goes to everybody in its segment, as it was looked at."""
    survey = _draft(turn)
    if isinstance(survey, Say) or survey is None:
        return survey or Say("survey_unknown", notice=True)
    people = segments.count(turn.session, survey, turn.now)
    seen = turn.args.get("revision", "") == str(survey.revision)
    enough = people >= (STEP if survey.anonymous else 1)
    if not seen or not enough or not survey.questions or survey.closes_at <= turn.now:
        return Refresh(_shown(survey))
    survey.sent_at = turn.now
    to = segments.everybody(turn.session, survey, turn.now)
    _move(turn.session, survey, SurveyState.OPEN, turn.now)
    subject = subjects.survey(survey.id)
    circular = Circular(cause=subject, template="survey_offer", args={"survey": survey.id}, subject=subject)
    spreading.circulate(turn.session, to, circular, turn.paces, turn.now)
    return Refresh(_shown(survey))


def discard(turn: Turn) -> Answer:
    survey = _draft(turn)
    if isinstance(survey, Say) or survey is None:
        return survey or Say("survey_unknown", notice=True)
    _move(turn.session, survey, SurveyState.DISCARDED, turn.now)
    return Refresh(_shown(survey))


def remind(turn: Turn) -> Answer:
    """Whoever was asked and has not answered is asked again, and nobody is told who that is."""
    survey = _locked(turn)
    if isinstance(survey, Say):
        return survey
    if not surveys.is_open(survey, turn.now):
        return Refresh(_shown(survey))
    if survey.reminded_at is not None and survey.reminded_at > turn.now - REMINDED_WITHIN:
        return Say("survey_reminded_lately", {"at": survey.reminded_at}, notice=True)
    survey.reminded_at = turn.now
    _move(turn.session, survey, survey.state, turn.now)
    spreading.write(turn.session, _reminders(turn.session, survey, turn.now), turn.paces, turn.now)
    return Refresh(_shown(survey))


def _reminders(session: CompanySession, survey: Survey, now: datetime) -> list[Draft]:
    sent = table(Delivery)
    about = sent.c.company_id == session.company_id, sent.c.subject == subjects.survey(survey.id), sent.c.unasked
    was_asked = table(Person).c.id.in_(select(sent.c.person_id).where(*about))
    to = audiences.recipients(session, [*segments.willing(session, survey, now), was_asked])
    rows = session.core.execute(to).all()
    done = surveys.answered_by(session, survey, (row.person_id for row in rows))
    circular = Circular(
        cause=f"{subjects.survey_reminder(survey.id)}:{survey.revision}",
        template="survey_reminder",
        args={"survey": survey.id},
        subject=subjects.survey_reminder(survey.id),
    )
    return [circular.to(*row) for row in rows if row.person_id not in done]


def close(turn: Turn) -> Answer:
    """Nobody can answer any more."""
    survey = _locked(turn)
    if isinstance(survey, Say):
        return survey
    if survey.state is SurveyState.OPEN:
        _end(turn.session, survey, turn.now)
    return Refresh(_shown(survey))


def _end(session: CompanySession, survey: Survey, now: datetime) -> None:
    survey.closed_at = now
    if survey.anonymous:
        surveys.seal(session, survey)
    _move(session, survey, SurveyState.CLOSED, now)
    for subject in (subjects.survey(survey.id), subjects.survey_reminder(survey.id)):
        ledger.cancel_queued(session, subject, "survey_closed", now)
        ledger.mark_stale(session, subject, now)


def close_due(session: CompanySession, now: datetime) -> int:
    """End those whose time is over; returns how many."""
    due = select(Survey).where(Survey.state == SurveyState.OPEN, col(Survey.closes_at) <= now)
    found = session.exec(due.order_by(col(Survey.id)).with_for_update(key_share=True)).all()
    for survey in found:
        _end(session, survey, now)
    return len(found)


def next_due(session: CompanySession) -> datetime | None:
    """When the next survey ends; an installation's question."""
    return session.exec(select(func.min(Survey.closes_at)).where(Survey.state == SurveyState.OPEN)).one()
