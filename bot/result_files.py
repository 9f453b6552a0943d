"""What came of a survey or a broadcast as a file, behind a link that is one person's of HR, for an hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot import asking, broadcasts, clicks, exports, news, privacy, subjects, survey_cards, surveys, tallies
from bot.asking import Asked
from bot.clicks import LEAST
from bot.exports import File
from bot.prompts import phrase
from bot.scene import Scene
from bot.signed_links import SignedLinks
from bot.turn import Answer, Say, Turn
from storage import audit, people
from storage.db import CompanySession
from storage.tables import Acknowledgement, Broadcast, Delivery, DeliveryState, Person, PersonState, Role, Survey
from storage.tables import SurveyAnswer as AnswerRow

LIFETIME = timedelta(hours=1)
_KINDS = ("survey", "broadcast")
_LINKS = SignedLinks("result", r"\d{1,18}\.[01]\.\d{1,18}")

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class ResultView:
    """`url` is empty where there can be no link: without PUBLIC_URL."""

    url: str
    until: datetime


def result_view(scene: Scene, asked: Mapping[str, Any]) -> ResultView:
    """Raises LookupError for whoever is not of HR."""
    if scene.reader is None or scene.reader.role is Role.ALUMNUS:
        raise LookupError("results are HR's")
    until = scene.now + LIFETIME
    if not scene.public_url or not scene.leaves:
        return ResultView("", until)
    numbers = (scene.reader.id, _KINDS.index(asked["kind"]), asked["id"])
    return ResultView(scene.public_url.rstrip("/") + path(_LINKS.issue(scene.session, numbers, until)), until)


def path(token: str) -> str:
    """Where the file is, below PUBLIC_URL."""
    return f"/results/{token}"


def of_survey(turn: Turn) -> Answer:
    survey = surveys.survey_of(turn.session, turn.args.get("survey", ""))
    return _linked(turn, "survey", survey.id) if survey else Say("survey_unknown", notice=True)


def of_broadcast(turn: Turn) -> Answer:
    broadcast = news.broadcast_of(turn.session, turn.args.get("broadcast", ""))
    return _linked(turn, "broadcast", broadcast.id) if broadcast else Say("broadcast_unknown", notice=True)


def _linked(turn: Turn, kind: str, number: int | None) -> Answer:
    return privacy.privately(turn, Say("result_file", {"result": {"kind": kind, "id": number}}))


def find(session: CompanySession, token: str, now: datetime) -> tuple[Person, str, int] | None:
    """Whose the link is and what it is to; None when it is forged or over, or they are not of HR (any more)."""
    told = _LINKS.read(session, token, now)
    if told is None:
        return None
    (reader, kind, number), _ = told
    person = session.get(Person, reader)
    if person is None or person.state is not PersonState.ACTIVE or person.role is Role.ALUMNUS:
        return None
    return person, _KINDS[kind], number


def redeem(session: CompanySession, token: str, now: datetime) -> File | None:
    """The file as it is now."""
    found = find(session, token, now)
    if found is None:
        return None
    person, kind, number = found
    asked = session.get(Survey if kind == "survey" else Broadcast, number)
    if asked is None:
        return None
    locale = person.locale or people.company(session).locale
    rows = _of_survey(session, asked, locale) if isinstance(asked, Survey) else _of_broadcast(session, asked, locale)
    audit.note(session, f"{kind}.exported", now, actor_id=person.id, detail={kind: number})
    return File(f"motokai-{kind}-{number}.csv", "text/csv; charset=utf-8", exports.as_csv(rows[0], rows[1:]))


def _words(locale: str, *keys: str) -> list[str]:
    return [phrase("result_words", locale, key) for key in keys]


def _of_survey(session: CompanySession, survey: Survey, locale: str) -> list[Row]:
    """Of an anonymous one each question for itself: what one person said to several would tell who they are."""
    asked = asking.read(survey.questions)
    if survey.anonymous:
        counted = [row for tally in survey_cards.results(session, survey) for row in _counted(tally)]
        return [_words(locale, "question", "answer", "people"), *counted]
    query = select(AnswerRow, Person.name).join(Person, col(Person.id) == col(AnswerRow.person_id))
    said = session.exec(query.where(AnswerRow.survey_id == survey.id).order_by(Person.name, col(Person.id))).all()
    rows = [[name, row.at.isoformat(), *map(_worded, asked, row.answers)] for row, name in said]
    return [[*_words(locale, "name", "at"), *(one.label for one in asked)], *rows]


def _counted(tally: tallies.Tally) -> list[Row]:
    chosen: list[Row] = [(tally.label, line.label, line.number) for line in tally.lines]
    return [*chosen, *((tally.label, text, "") for text in tally.said)]


def _worded(asked: Asked, answer: str) -> str:
    """The labels of what was chosen; a text as it was written."""
    labels = {choice.value: choice.label for choice in asked.choices}
    return " / ".join(labels.get(value, value) for value in answer.split(",")) if labels and answer else answer


def _of_broadcast(session: CompanySession, broadcast: Broadcast, locale: str) -> list[Row]:
    """Each person once, with how it went and why it did not. Below them each link, with how many have followed it and
    never who: where it was counted."""
    read = dict(
        session.exec(
            select(Acknowledgement.person_id, Acknowledgement.at)
            .where(Acknowledgement.broadcast_id == broadcast.id)
            .order_by(col(Acknowledgement.id).desc())
        ).all()
    )
    query = select(Delivery, Person.name).join(Person, col(Person.id) == col(Delivery.person_id))
    query = query.where(col(Delivery.unasked), Delivery.subject == subjects.broadcast(broadcast.id)).order_by(
        Person.name, col(Person.id)
    )
    rows: list[Row] = []
    for sent, name in session.exec(query).all():
        at, seen = sent.settled_at, read.get(sent.person_id or 0)
        times = ["" if one is None else one.isoformat() for one in (at, seen)]
        rows.append([name, *_words(locale, sent.state), _why(locale, sent.state, sent.reason), *times])
    links = [(link.address, link.people) for link in clicks.followed(session, broadcast)] if len(rows) >= LEAST else []
    below = [(), _words(locale, "link", "followed"), *links] if links else []
    return [_words(locale, "name", "state", "reason", "at", "read"), *rows, *below]


def _why(locale: str, state: DeliveryState, reason: str) -> str:
    match state:
        case DeliveryState.REFUSED:
            return phrase("reasons", locale, reason)
        case DeliveryState.CANCELLED:
            return phrase("skips", locale, reason if reason in broadcasts.SKIPS else "other")
        case _:
            return ""
