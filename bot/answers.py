"""What alumni say to a gig, as often as they change their minds while it is open, and what they are told of it."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from bot import cases, reopening, stances, subjects, texts
from bot.cards import FieldKind
from bot.prompts import Question, phrase
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Account, Attitude, Case, Gig, GigState, Person, PersonState, Progress, Stance

SOON = timedelta(seconds=1)
"""Counts on the desk's card are brought up to date within this time, many changes at once."""
NOTE = (
    Question("note", FieldKind.TEXT, required=False, max_length=1000),
    Question("when", required=False, max_length=300),
)


# Answering


def answerable(turn: Turn) -> Gig | Answer:
    """The gig, which is not closed before this transaction ends; else what to say."""
    number = texts.number(turn.args.get("gig", ""))
    query = select(Gig).where(Gig.id == number).with_for_update(read=True).execution_options(populate_existing=True)
    gig = turn.session.exec(query).first()
    seen = gig is not None and stances.may_see(turn.session, gig, turn.member, turn.now)
    if gig is None or not seen or gig.state in stances.UNPUBLISHED:
        return Say("gig_unknown", notice=True)
    if gig.state is not GigState.OPEN:
        return Say("gig_closed", {"gig": gig.id}, notice=True)
    return gig


def interested(turn: Turn) -> Answer:
    match answerable(turn):
        case Gig() as gig:
            _be_interested(turn, gig)
            return Refresh(_as_seen_by(turn, gig))
        case answer:
            return answer


def pass_(turn: Turn) -> Answer:
    """Counted, and never shown to HR by name (see stances.told)."""
    match answerable(turn):
        case Gig() as gig:
            _take(turn, gig, Attitude.PASSED)
            return Refresh(_as_seen_by(turn, gig))
        case answer:
            return answer


def ask(turn: Turn) -> Answer:
    match answerable(turn):
        case Gig() as gig:
            return ask_about(turn, gig, turn.values["text"])
        case answer:
            return answer


def ask_about(turn: Turn, gig: Gig, text: str) -> Answer:
    """A question on a gig, from its button or its thread. Being interested already outranks having asked."""
    stance = _held(turn, gig)
    if stance is None or stance.attitude is Attitude.PASSED:
        _take(turn, gig, Attitude.ASKED)
    cases.say_to_desk(turn, gig, text)
    _show_changes(turn, gig)
    return cases.passed_on(turn, gig)


def note(turn: Turn) -> Answer:
    """Something to say along with one's interest, and when one has time: HR's case shows both. Without a form, ask with
    what was said before, else with what the profile says."""
    match answerable(turn):
        case Gig() as gig if not turn.values:
            stance = turn.session.get(Stance, (gig.id, turn.member.id))
            when = stance.availability if stance and stance.availability else _usual(turn)
            return Ask("gig.note", {"gig": str(gig.id)}, {"note": stance.note if stance else "", "when": when})
        case Gig() as gig:
            stance = _be_interested(turn, gig)
            stance.note, stance.availability = turn.values["note"], turn.values["when"]
            turn.session.add(stance)
            turn.session.flush()
            cases.word_changed(turn, gig)
            _show_changes(turn, gig)
            return Say("note_passed_on", {"gig": gig.id}, notice=True, done=True)
        case answer:
            return answer


def _usual(turn: Turn) -> str:
    slots = texts.listed(turn.own_row().availability)
    return texts.joined((phrase("slots", turn.locale, slot) for slot in slots), turn.locale)


def _be_interested(turn: Turn, gig: Gig) -> Stance:
    if _take(turn, gig, Attitude.INTERESTED):
        cases.raise_interest(turn, gig)
    return turn.session.get_one(Stance, (gig.id, turn.member.id))


def _held(turn: Turn, gig: Gig) -> Stance | None:
    """The speaker's last word, which no second press of theirs changes meanwhile."""
    people.held(turn.session, turn.member.id)
    return turn.session.get(Stance, (gig.id, turn.member.id), populate_existing=True)


def _take(turn: Turn, gig: Gig, attitude: Attitude) -> bool:
    """Note the speaker's last word; False when it already was that. Who was chosen gets out of it by talking to HR."""
    there = _held(turn, gig)
    if there is not None and (there.attitude is attitude or there.progress is Progress.CHOSEN):
        return False
    stance = there or Stance(gig_id=gig.id or 0, person_id=turn.member.id, attitude=attitude)
    stance.attitude, stance.at, stance.version = attitude, turn.now, gig.version
    if attitude is Attitude.INTERESTED:
        stance.interested_at = stance.interested_at or turn.now
    if attitude is Attitude.PASSED:
        stance.note = stance.availability = ""
    turn.session.add(stance)
    turn.session.flush()
    _show_changes(turn, gig)
    cases.word_changed(turn, gig)
    return True


def _as_seen_by(turn: Turn, gig: Gig) -> Say:
    return Say("gig_desk" if turn.is_staff else "gig_offer", {"gig": gig.id})


def _show_changes(turn: Turn, gig: Gig) -> None:
    """The person's own copies show their word, the desk's card the new counts."""
    ledger.mark_stale(turn.session, subjects.gig(gig.id), turn.now, person_id=turn.member.id)
    ledger.mark_stale(turn.session, subjects.gig_desk(gig.id), turn.now, within=SOON)


# What becomes of it


def chosen(session: CompanySession, gig: Gig, person_id: int, now: datetime) -> None:
    """The person gets the gig. Their own copies say so, and no thanks for nothing follow when it ends."""
    stance = session.get(Stance, (gig.id, person_id))
    if stance is None:
        stance = Stance(gig_id=gig.id or 0, person_id=person_id, attitude=Attitude.INTERESTED, at=now)
    stance.attitude, stance.interested_at = Attitude.INTERESTED, stance.interested_at or now
    stances.move(session, stance, Progress.CHOSEN, now)
    ledger.mark_stale(session, subjects.gig_desk(gig.id), now)


def thank(session: CompanySession, gig: Gig, now: datetime) -> int:
    """The gig has ended: everybody who was interested or asked, and was not chosen, is told so and thanked, once.
    Returns how many are. Who had passed hears nothing more."""
    knowing = reopening.unheard(session, gig, now) if gig.reopened else ()
    waiting = (
        select(Stance, Person, Case.id)
        .join(Person, col(Person.id) == col(Stance.person_id))
        .outerjoin(Case, (col(Case.gig_id) == col(Stance.gig_id)) & (col(Case.person_id) == col(Stance.person_id)))
        .where(Stance.gig_id == gig.id, col(Stance.attitude).in_([Attitude.INTERESTED, Attitude.ASKED]))
        .where(col(Stance.progress).in_([Progress.RECEIVED, Progress.IN_TALK]), Person.state == PersonState.ACTIVE)
        .order_by(col(Stance.person_id))
    )
    drafts: list[Draft] = []
    for stance, person, case_id in session.exec(waiting).all():
        stance.progress = Progress.THANKED
        session.add(stance)
        draft = None if person.id in knowing else _thanks(session, gig, person, case_id)
        drafts += [draft] if draft else []
    session.flush()
    ledger.enqueue(session, drafts, now)
    return len(drafts)


def _thanks(session: CompanySession, gig: Gig, person: Person, case_id: int | None) -> Draft | None:
    """Under the gig, where the person has it; else to the account that they made first. None where there is neither."""
    offer = ledger.offered_to(session, subjects.gig(gig.id), person.id or 0)
    first = select(Account).where(Account.person_id == person.id, Account.address != "").order_by(col(Account.id))
    where = offer or session.exec(first).first()
    if where is None:
        return None
    return Draft(
        cause=subjects.gig_end(gig.id, gig.reopened, "thanks"),
        recipient=f"person:{person.id}",
        person_id=person.id,
        platform=where.platform,
        workspace=where.workspace,
        address=where.address,
        template="gig_thanks",
        args={"gig": gig.id},
        subject=subjects.case_alumnus(case_id) if case_id else None,
        thread_of=offer.id if offer else None,
    )
