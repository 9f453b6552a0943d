"""Surveys as alumni have them: what they are asked, and what they answer until the survey's end.

Of an anonymous one nothing says who answered but a ballot's mark, a hash under the survey's own key. At the end that
key is thrown away and the ballots are shuffled: from then on nobody can tell whose one was, we neither. No copy of the
survey is changed by an answer to it, since that would say who has given one.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from bot import asking, subjects, texts
from bot.asking import Asked
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import DeliveryRow
from storage.people import Member
from storage.tables import Ballot, Role, Survey, SurveyAnswer, SurveyState

TOLD = (SurveyState.OPEN, SurveyState.CLOSED)
"""What somebody may have got."""


@dataclass(frozen=True, slots=True)
class SurveyView:
    """`answered` is never said of an anonymous one."""

    id: int
    title: str
    words: str
    questions: tuple[Asked, ...]
    anonymous: bool
    closes_at: datetime
    open: bool
    answered: bool


def survey_of(session: CompanySession, survey_id: str | int) -> Survey | None:
    number = texts.number(str(survey_id))
    return None if number is None else session.get(Survey, number)


def survey_view(scene: Scene, survey_id: str | int) -> SurveyView:
    """Raises LookupError when there is no such survey, or the reader is not to know of it yet."""
    survey = survey_of(scene.session, survey_id)
    alumnus = scene.reader is None or scene.reader.role is Role.ALUMNUS
    if survey is None or (alumnus and survey.state not in TOLD):
        raise LookupError(f"no survey {survey_id}")
    readers = scene.together.readers | {scene.reader.id if scene.reader else 0}
    answered: frozenset[int] = frozenset()
    if not survey.anonymous:
        answered = scene.together.once(
            ("answered", survey.id), lambda: frozenset(answered_by(scene.session, survey, readers))
        )
    return SurveyView(
        survey.id or 0,
        survey.title,
        survey.words,
        asking.read(survey.questions),
        survey.anonymous,
        survey.closes_at,
        is_open(survey, scene.now),
        scene.reader is not None and scene.reader.id in answered,
    )


def is_open(survey: Survey, now: datetime) -> bool:
    return survey.state is SurveyState.OPEN and survey.closes_at > now


# Who has answered


def mark_of(survey: Survey, person_id: int) -> str:
    """By which somebody's ballot is found again as long as the survey is open."""
    return hmac.new(survey.key.encode(), f"ballot:{survey.id}:{person_id}".encode(), hashlib.sha256).hexdigest()


def answered_by(session: CompanySession, survey: Survey, among: Iterable[int]) -> set[int]:
    """Those of them who have answered. Of an anonymous survey that has ended nobody can tell."""
    wanted = set(among)
    if not survey.anonymous:
        there = session.exec(select(SurveyAnswer.person_id).where(SurveyAnswer.survey_id == survey.id))
        return wanted & set(there)
    if not survey.key:
        return set()
    marks = set(session.exec(select(Ballot.mark).where(Ballot.survey_id == survey.id)))
    return {person_id for person_id in wanted if mark_of(survey, person_id) in marks}


def given(session: CompanySession, survey: Survey) -> int:
    """How many have answered."""
    model = Ballot if survey.anonymous else SurveyAnswer
    return session.exec(select(func.count()).select_from(model).where(model.survey_id == survey.id)).one()


def forget(session: CompanySession, person_id: int) -> None:
    """The person's ballots go, as far as one can tell whose they are: those of surveys that are open."""
    secret = select(Survey).where(Survey.state == SurveyState.OPEN, col(Survey.anonymous)).order_by(col(Survey.id))
    for survey in session.exec(secret.with_for_update(read=True)).all():
        ballot = session.get(Ballot, (survey.id, mark_of(survey, person_id)))
        if ballot is not None:
            session.delete(ballot)
    session.flush()


def seal(session: CompanySession, survey: Survey) -> None:
    """Its end: the key is thrown away, and the ballots are written anew in an order that chance makes."""
    survey.key = ""
    session.add(survey)
    ballots = session.exec(select(Ballot).where(Ballot.survey_id == survey.id)).all()
    said = [ballot.answers for ballot in ballots]
    for ballot in ballots:
        session.delete(ballot)
    session.flush()
    marked = sorted((secrets.token_hex(32), answers) for answers in said)
    session.add_all(Ballot(survey_id=survey.id or 0, mark=mark, answers=answers) for mark, answers in marked)
    session.flush()


# Being asked


def show(turn: Turn) -> Answer:
    survey = _got(turn.session, turn.args, turn.member)
    return Say("survey_offer", {"survey": survey.id}) if survey else Say("survey_unknown", notice=True)


def _got(session: CompanySession, args: Mapping[str, str], reader: Member | None) -> Survey | None:
    """The survey that the button names, if the reader was asked to answer it."""
    survey = survey_of(session, args.get("survey", ""))
    if survey is None or reader is None or reader.role is not Role.ALUMNUS or survey.state not in TOLD:
        return None
    offered = ledger.offered_to(session, subjects.survey(survey.id), reader.id)
    return survey if offered is not None else None


def asked(session: CompanySession, args: Mapping[str, str], reader: Member | None) -> Sequence[Question]:
    survey = _got(session, args, reader)
    return asking.questions(asking.read(survey.questions)) if survey is not None else ()


def answer(turn: Turn) -> Answer:
    """The form, with what they said before; once it is sent, that counts until they send it again."""
    survey = _got(turn.session, turn.args, turn.member)
    if survey is None:
        return Say("survey_unknown", notice=True)
    people.held(turn.session, turn.member.id)  # of two answers at once one comes after the other
    survey = _kept_open(turn.session, survey)
    if not is_open(survey, turn.now):
        return Say("survey_closed", {"survey": survey.id}, notice=True)
    before = _before(turn.session, survey, turn.member.id)
    if not turn.values:
        known = asking.known(before.answers) if before else {}
        return Ask("survey.answer", {"survey": str(survey.id)}, known)
    said = asking.answers(asking.read(survey.questions), turn.values)
    if not any(said):
        return Ask("survey.answer", turn.args, turn.values, {"answer_1": "nothing_answered"})
    row = before or _empty(survey, turn.member.id)
    row.answers = said
    if isinstance(row, SurveyAnswer):
        row.at = turn.now
    turn.session.add(row)
    turn.session.flush()
    _show_changes(turn, survey, is_new=before is None)
    return Say("survey_thanks", {"survey": survey.id}, notice=True, done=True)


def _kept_open(session: CompanySession, survey: Survey) -> Survey:
    """It does not end before this transaction does."""
    query = select(Survey).where(Survey.id == survey.id).with_for_update(read=True)
    return session.exec(query.execution_options(populate_existing=True)).one()


def _before(session: CompanySession, survey: Survey, person_id: int) -> SurveyAnswer | Ballot | None:
    if survey.anonymous:
        return session.get(Ballot, (survey.id, mark_of(survey, person_id)), populate_existing=True)
    return session.get(SurveyAnswer, (survey.id, person_id), populate_existing=True)


def _empty(survey: Survey, person_id: int) -> SurveyAnswer | Ballot:
    if survey.anonymous:
        return Ballot(survey_id=survey.id or 0, mark=mark_of(survey, person_id))
    return SurveyAnswer(survey_id=survey.id or 0, person_id=person_id)


def _show_changes(turn: Turn, survey: Survey, *, is_new: bool) -> None:
    """HR's card counts: of an anonymous survey not one by one, or somebody who looks on would know who it was."""
    subject = subjects.survey(survey.id)
    if not survey.anonymous:
        ledger.mark_stale(turn.session, subject, turn.now, person_id=turn.member.id)
    if is_new and (not survey.anonymous or in_steps(given(turn.session, survey)) == given(turn.session, survey)):
        ledger.mark_stale(turn.session, subjects.desk_of(subject), turn.now)


STEP = 5
"""As many answers to an anonymous survey are needed before anything of them is told, and by as many it is counted."""


def in_steps(number: int) -> int:
    return number - number % STEP


def no_longer_asked(session: CompanySession, row: DeliveryRow, person_id: int, now: datetime) -> str:
    """Why it should not be sent any more, empty when it should."""
    survey = session.get(Survey, row.args["survey"])
    if survey is None or not is_open(survey, now):
        return "survey_closed"
    reminded = row.template == "survey_reminder" and answered_by(session, survey, [person_id])
    return "not_needed" if reminded else ""
