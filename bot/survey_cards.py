"""A survey as HR sees it: its draft, how it fares, and what came of it.

Of an anonymous one nothing but rounded counts is told before its end, and afterwards the results of what enough people
answered. They are told once and never change: from two looks nobody learns what one person said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot import asking, saved_segments, segments, subjects, surveys, tallies, texts
from bot.asking import Asked
from bot.scene import Scene
from bot.segments import Chosen
from bot.surveys import STEP
from bot.tallies import Tally
from bot.turn import Answer, Say, Turn
from storage import ledger
from storage.db import CompanySession
from storage.tables import Ballot, DeliveryState, Person, Role, Survey, SurveyAnswer, SurveyState

LISTED = 5
"""Surveys in the list, with a button each."""


@dataclass(frozen=True, slots=True)
class SurveyCardView:
    """`people` is whom a draft would reach now, `saved` the name under which HR has saved its audience. `given` are the
    answers, of an anonymous survey rounded down to steps until its end, and 0 for good where there are fewer than
    `least`."""

    id: int
    state: str
    title: str
    words: str
    questions: tuple[Asked, ...]
    anonymous: bool
    revision: int
    author: str
    closes_at: datetime
    past: bool
    people: int
    sample: str
    chosen: Chosen
    saved: str
    least: int
    sent_at: datetime | None
    reminded_at: datetime | None
    closed_at: datetime | None
    audience: int
    sent: int
    waiting: int
    held: int
    missed: int
    given: int
    results: tuple[Tally, ...]

    @property
    def few(self) -> bool:
        """An anonymous survey for so few people that nobody would ever be told anything."""
        return self.anonymous and self.people < self.least

    @property
    def ready(self) -> bool:
        return bool(self.questions) and self.people > 0 and not self.past and not self.few


def card_view(scene: Scene, survey_id: int) -> SurveyCardView:
    """Raises LookupError when there is no such survey, and for whoever is not of HR."""
    survey = surveys.survey_of(scene.session, survey_id)
    if survey is None or (scene.reader is not None and scene.reader.role is Role.ALUMNUS):
        raise LookupError(f"no survey {survey_id}")
    session, draft = scene.session, survey.state is SurveyState.DRAFT
    states = {} if draft else ledger.counts(session, subjects.survey(survey_id))
    author = session.get(Person, survey.author_id)
    missed = (DeliveryState.REFUSED, DeliveryState.UNCONFIRMED, DeliveryState.CANCELLED)
    return SurveyCardView(
        id=survey_id,
        state=survey.state,
        title=survey.title,
        words=survey.words,
        questions=asking.read(survey.questions),
        anonymous=survey.anonymous,
        revision=survey.revision,
        author=author.name if author else "",
        closes_at=survey.closes_at,
        past=survey.closes_at <= scene.now,
        people=segments.count(session, survey, scene.now) if draft else 0,
        sample=texts.joined(segments.sample(session, survey, scene.now), scene.locale) if draft else "",
        chosen=segments.read(survey.audience),
        saved=saved_segments.name_of(session, survey.audience) if draft else "",
        least=STEP,
        sent_at=survey.sent_at,
        reminded_at=survey.reminded_at,
        closed_at=survey.closed_at,
        audience=sum(states.values()),
        sent=states.get(DeliveryState.SENT, 0),
        waiting=states.get(DeliveryState.QUEUED, 0) + states.get(DeliveryState.SENDING, 0),
        held=states.get(DeliveryState.HELD, 0),
        missed=sum(states.get(state, 0) for state in missed),
        given=_given(session, survey),
        results=results(session, survey),
    )


def _given(session: CompanySession, survey: Survey) -> int:
    number = surveys.given(session, survey) if survey.state in surveys.TOLD else 0
    if not survey.anonymous:
        return number
    ended = survey.state is SurveyState.CLOSED and number >= STEP
    return number if ended else surveys.in_steps(number)


def results(session: CompanySession, survey: Survey) -> tuple[Tally, ...]:
    """Of an anonymous one none before its end, nor of fewer answers than STEP, to the survey and to each question."""
    asked = asking.read(survey.questions)
    if not survey.anonymous:
        named = select(SurveyAnswer).where(SurveyAnswer.survey_id == survey.id)
        said = [row.answers for row in session.exec(named.order_by(col(SurveyAnswer.person_id)))]
        return tallies.of(asked, said) if said else ()
    said = ballots(session, survey)
    return tallies.of(asked, said, STEP) if said else ()


def ballots(session: CompanySession, survey: Survey) -> Sequence[Sequence[str]]:
    """What may be told of: nothing, where it has not ended or too few have answered."""
    if survey.state is not SurveyState.CLOSED:
        return ()
    query = select(Ballot).where(Ballot.survey_id == survey.id).order_by(Ballot.mark)
    said = [ballot.answers for ballot in session.exec(query)]
    return said if len(said) >= STEP else ()


@dataclass(frozen=True, slots=True)
class ListedView:
    id: int
    title: str
    state: str


def surveys_view(scene: Scene, newest: int) -> tuple[ListedView, ...]:
    """The newest ones. Raises LookupError for whoever is not of HR."""
    if scene.reader is not None and scene.reader.role is Role.ALUMNUS:
        raise LookupError("surveys are HR's")
    query = select(Survey).where(Survey.state != SurveyState.DISCARDED).order_by(col(Survey.id).desc()).limit(newest)
    return tuple(ListedView(one.id or 0, one.title, one.state) for one in scene.session.exec(query))


def list_(_turn: Turn) -> Answer:
    return Say("surveys", {"surveys": LISTED})


def show(turn: Turn) -> Answer:
    survey = surveys.survey_of(turn.session, turn.args.get("survey", ""))
    return Say("survey_card", {"survey_card": survey.id}) if survey else Say("survey_unknown", notice=True)
