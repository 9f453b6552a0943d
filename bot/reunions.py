"""Reunions as the members of a cohort have them: what they are asked, and what they answer until the poll ends.

Nobody is told who answered, or what. Whoever proposed it sees counts, and once the poll has ended the names of those
who offer to organise it; members see counts of what enough people answered, and the organiser's name nowhere but in the
invitation to the event, which does not go to whoever hides. Of two of whom one hides from the other, neither is asked
by the other, nor does the other's answer count for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import col, select

from bot import audiences, clock, hiding, prompts, subjects, tallies, texts
from bot.asking import Asked, Choice, Kind
from bot.cards import FieldKind
from bot.prompts import Question
from bot.scene import Scene
from bot.surveys import STEP
from bot.tallies import Tally
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import DeliveryRow
from storage.people import Member
from storage.tables import Person, PersonState, Reunion, ReunionAnswer, ReunionState, Role

UNTOLD = (ReunionState.DRAFT, ReunionState.DISCARDED)
"""What nobody has got."""


@dataclass(frozen=True, slots=True)
class Own:
    """The reader's answer. Without a day, a place and an offer they do not come."""

    days: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    offers: bool = False

    @property
    def comes(self) -> bool:
        return bool(self.days or self.places or self.offers)


@dataclass(frozen=True, slots=True)
class ReunionView:
    """`days` and `places` can be chosen now; `proposer` is empty where one of the two hides from the other. `tallies`
    are told after the end alone, of what enough people answered."""

    id: int
    title: str
    proposer: str
    words: str
    days: tuple[Choice, ...]
    places: tuple[Choice, ...]
    closes_at: datetime
    state: str
    open: bool
    own: Own | None
    tallies: tuple[Tally, ...]


def reunion_of(session: CompanySession, reunion_id: str | int) -> Reunion | None:
    number = texts.number(str(reunion_id))
    return None if number is None else session.get(Reunion, number)


def reunion_view(scene: Scene, reunion_id: str | int) -> ReunionView:
    """Raises LookupError when there is no such reunion, or the reader is not to know of it yet."""
    reunion = reunion_of(scene.session, reunion_id)
    reader = scene.reader.id if scene.reader else 0
    if reunion is None or (reunion.state in UNTOLD and scene.reader and not runs(reunion, scene.reader)):
        raise LookupError(f"no reunion {reunion_id}")
    session = scene.session
    readers = scene.together.including(reader)
    key = ("reunion", reunion.id)
    author = scene.together.once((*key, "author"), lambda: session.get(Person, reunion.author_id))
    apart = scene.together.once((*key, "apart"), lambda: hiding.apart(session, reunion.author_id, readers))
    own = scene.together.once((*key, "own"), lambda: _rows(session, reunion, readers)).get(reader)
    days, places = choices(reunion, scene.locale)
    ahead = to_come(reunion, scene.company.timezone, scene.now)
    return ReunionView(
        reunion.id or 0,
        title(reunion, scene.locale),
        author.name if author and reader not in apart else "",
        reunion.words,
        tuple(one for one in days if one.value in ahead),
        places,
        reunion.closes_at,
        reunion.state,
        is_open(reunion, scene.now),
        Own(_chosen(days, own.days), _chosen(places, own.places), own.offers) if own else None,
        _told(scene, reunion),
    )


def _rows(session: CompanySession, reunion: Reunion, readers: Iterable[int]) -> Mapping[int, ReunionAnswer]:
    own = ReunionAnswer.reunion_id == reunion.id, col(ReunionAnswer.person_id).in_(readers)
    return {row.person_id: row for row in session.exec(select(ReunionAnswer).where(*own))}


def _chosen(offered: Sequence[Choice], said: str) -> tuple[str, ...]:
    numbers = said.split(",")
    return tuple(one.label for one in offered if one.value in numbers)


def _told(scene: Scene, reunion: Reunion) -> tuple[Tally, ...]:
    """The same for every member: from two that differ one would learn who hides from whom."""
    if reunion.state in (*UNTOLD, ReunionState.OPEN):
        return ()
    key = ("reunion", reunion.id, "tallies", scene.locale)
    found = scene.together.once(
        key, lambda: counted(reunion, seen_by(scene.session, reunion, reunion.author_id), scene.locale, STEP)
    )
    return tuple(one for one in found if one.lines)


def runs(reunion: Reunion, person: Member | None) -> bool:
    """Whether the person decides on it: HR, and whoever proposed it."""
    return person is not None and (person.role is not Role.ALUMNUS or person.id == reunion.author_id)


def is_open(reunion: Reunion, now: datetime) -> bool:
    return reunion.state is ReunionState.OPEN and reunion.closes_at > now


# What it is about


def title(reunion: Reunion, locale: str) -> str:
    """What the reunion is called: by its years and departments."""
    cohort = audiences.read(reunion.audience)
    departments = texts.joined(cohort.departments, locale)
    since, until = cohort.joined_from or 0, cohort.joined_to or 0
    values = {"since": since, "until": until, "departments": departments}
    return prompts.phrase("reunion_words", locale, "title", values)


def invites(reunion: Reunion, locale: str) -> str:
    """What its event says at first. The proposer's words are theirs, and go with them."""
    return prompts.phrase("reunion_words", locale, "invites", {"title": title(reunion, locale)})


def choices(reunion: Reunion, locale: str) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """The days and the places, in words."""
    days = (f"{prompts.day(date.fromisoformat(day), locale)} {reunion.starts}" for day in reunion.days)
    return _numbered(days), _numbered(reunion.places)


def _numbered(labels: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(str(number), label) for number, label in enumerate(labels, 1))


def moment(day: str, starts: str, zone: str) -> datetime:
    """When it would begin on that day."""
    return clock.instant(datetime.combine(date.fromisoformat(day), time.fromisoformat(starts)), zone)


def to_come(reunion: Reunion, zone: str, now: datetime) -> tuple[str, ...]:
    """The numbers of the days on which it could still begin."""
    moments = (moment(day, reunion.starts, zone) for day in reunion.days)
    return tuple(str(number) for number, at in enumerate(moments, 1) if at > now)


# What was answered


def comes(row: ReunionAnswer) -> bool:
    return bool(row.days or row.places or row.offers)


def seen_by(session: CompanySession, reunion: Reunion, person_id: int) -> list[ReunionAnswer]:
    """The answers of those who are still there, without those of people who hide from that person or from whom the
    person hides."""
    query = select(ReunionAnswer).join(Person, col(Person.id) == col(ReunionAnswer.person_id))
    query = query.where(ReunionAnswer.reunion_id == reunion.id, Person.state == PersonState.ACTIVE)
    rows = session.exec(query.order_by(col(ReunionAnswer.person_id))).all()
    apart = hiding.apart(session, person_id, [row.person_id for row in rows])
    return [row for row in rows if row.person_id not in apart]


def counted(reunion: Reunion, answers: Sequence[ReunionAnswer], locale: str, least: int = 1) -> tuple[Tally, ...]:
    """How many each day and place suits; of each of the two where at least so many said something."""
    labels = (tuple(choice.label for choice in offered) for offered in choices(reunion, locale))
    asked = [Asked(Kind.SEVERAL, name, found) for name, found in zip(("days", "places"), labels, strict=True)]
    return tallies.of(asked, [(row.days, row.places) for row in answers], least)


# Being asked


def show(turn: Turn) -> Answer:
    reunion = _got(turn.session, turn.args, turn.member)
    return Say("reunion_offer", {"reunion": reunion.id}) if reunion else Say("reunion_unknown", notice=True)


def _got(session: CompanySession, args: Mapping[str, str], reader: Member | None) -> Reunion | None:
    """The reunion that the button names, if the reader was asked."""
    reunion = reunion_of(session, args.get("reunion", ""))
    if reunion is None or reader is None or reunion.state in UNTOLD:
        return None
    return reunion if ledger.offered_to(session, subjects.reunion(reunion.id), reader.id) is not None else None


def asked(session: CompanySession, args: Mapping[str, str], reader: Member | None) -> Sequence[Question]:
    reunion = _got(session, args, reader)
    if reunion is None:
        return ()
    several = {"days": reunion.days, "places": reunion.places}
    return (
        *(
            Question(name, FieldKind.SEVERAL, required=False, choices=tuple(one.value for one in _numbered(labels)))
            for name, labels in several.items()
            if labels
        ),
        Question("offers", FieldKind.CHOICE, required=False, choices=("no", "yes")),
    )


def answer(turn: Turn) -> Answer:
    """The form, with what they said before; once it is sent, that counts until they send it again."""
    reunion = _asked_of(turn)
    if isinstance(reunion, Say):
        return reunion
    if not turn.values:
        return Ask("reunion.answer", {"reunion": str(reunion.id)}, _known(turn, reunion))
    days, places = turn.values.get("days", ""), turn.values.get("places", "")
    offers = turn.values.get("offers") == "yes"
    if not (days or places or offers):
        return Ask("reunion.answer", turn.args, turn.values, errors={"days": "nothing_chosen"})
    _keep(turn, reunion, days, places, offers=offers)
    return Say("reunion_thanks", {"reunion": reunion.id}, notice=True, done=True)


def _known(turn: Turn, reunion: Reunion) -> Mapping[str, str]:
    before = _before(turn, reunion)
    if before is None:
        return {"offers": "no"}
    ahead = to_come(reunion, turn.company.timezone, turn.now)
    days = ",".join(number for number in before.days.split(",") if number in ahead)
    return {"days": days, "places": before.places, "offers": "yes" if before.offers else "no"}


def decline(turn: Turn) -> Answer:
    reunion = _asked_of(turn)
    if isinstance(reunion, Say):
        return reunion
    _keep(turn, reunion, "", "", offers=False)
    return Refresh(Say("reunion_offer", {"reunion": reunion.id}))


def _asked_of(turn: Turn) -> Reunion | Say:
    """The reunion, which does not end before this transaction does; of two answers of somebody at once one comes after
    the other."""
    reunion = _got(turn.session, turn.args, turn.member)
    if reunion is None:
        return Say("reunion_unknown", notice=True)
    people.held(turn.session, turn.member.id)
    query = select(Reunion).where(Reunion.id == reunion.id).with_for_update(read=True)
    reunion = turn.session.exec(query.execution_options(populate_existing=True)).one()
    return reunion if is_open(reunion, turn.now) else Say("reunion_closed", {"reunion": reunion.id}, notice=True)


def _before(turn: Turn, reunion: Reunion) -> ReunionAnswer | None:
    return turn.session.get(ReunionAnswer, (reunion.id, turn.member.id), populate_existing=True)


def _keep(turn: Turn, reunion: Reunion, days: str, places: str, *, offers: bool) -> None:
    row = _before(turn, reunion) or ReunionAnswer(reunion_id=reunion.id or 0, person_id=turn.member.id, at=turn.now)
    row.days, row.places, row.offers, row.at = days, places, offers, turn.now
    turn.session.add(row)
    turn.session.flush()
    subject = subjects.reunion(reunion.id)
    ledger.mark_stale(turn.session, subject, turn.now, person_id=turn.member.id)
    ledger.mark_stale(turn.session, subjects.desk_of(subject), turn.now)


def no_longer_asked(session: CompanySession, row: DeliveryRow, person_id: int, now: datetime) -> str:
    """Why it should not be sent any more, empty when it should. Who has answered is not asked again."""
    reunion = session.get(Reunion, row.args["reunion"])
    if reunion is None or not is_open(reunion, now):
        return "reunion_closed"
    if hiding.apart(session, reunion.author_id, [person_id]):
        return "hidden"
    return "not_needed" if session.get(ReunionAnswer, (reunion.id, person_id)) is not None else ""
