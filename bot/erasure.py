"""Erasing a person: at once from everything that is stored, then from what was posted, and at the end a receipt.

The person's row stays, emptied, so that its number (which buttons and causes carry) is never given to somebody else;
so do their cases, closed and without a word in them. The audit log keeps a mark: a hash of the person's address under
the company's key, by which the company can tell whether somebody who names that address was erased, and nobody else
can tell who it was.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false
from sqlmodel import col, delete, func, or_, select, update

from bot import (
    codes,
    dropping,
    event_versions,
    events,
    feedback,
    gigs,
    hris,
    marks,
    privacy,
    publishing,
    queries,
    reunion_forms,
    rsvps,
    states,
    subjects,
    surveys,
    texts,
    visibility,
)
from bot.ports import MAIL
from bot.scene import Scene
from bot.states import Actor, Event
from bot.turn import Answer, Say, Turn
from storage import audit, conversations, forgetting, inbox, index, join_requests, ledger, merging, people, search
from storage.db import CompanySession
from storage.ledger import DeliveryRow, Draft
from storage.tables import (
    Account,
    Acknowledgement,
    AddressChange,
    Audience,
    CalendarFeed,
    Case,
    CaseEvent,
    CaseMessage,
    CaseState,
    Click,
    Code,
    Commission,
    Consent,
    DeliveryState,
    Department,
    Desk,
    EarlyEdit,
    Erasure,
    EventReminder,
    EventState,
    EventVersion,
    Feedback,
    Gig,
    GigState,
    Hiding,
    JoinRequest,
    JoinState,
    Offboarding,
    PeopleFile,
    Person,
    PersonState,
    Purpose,
    Referral,
    ReunionAnswer,
    Role,
    Rsvp,
    Skill,
    Stance,
    SurveyAnswer,
    Visibility,
)
from storage.tables import (
    Event as EventRow,
)

ASKED = "erased"
"""The audit log's word for an erasure that somebody has asked for."""
CONFIRM_WITHIN = timedelta(minutes=30)
TRIES_FOR = timedelta(days=1)
"""What a platform has not let go of by then is said to be left there."""
LISTED = 4
"""People of one name among whom an owner chooses."""
NAMING = (
    "person",
    "invitation",
    "invited",
    "erasing",
    "privacy",
    "opening",
    "account_page",
    "new_address",
    "card_of",
    "still",
    "hidden_from",
    "whom",
    "feed",
)
"""Arguments of messages that are a person's number."""
_GONE = (PersonState.MERGED, PersonState.ERASED)
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class ErasingView:
    """Before: what goes. `nonce` is good once, and empty where these words are only looked at."""

    name: str
    email: str
    own: bool
    nonce: str
    answers: int
    messages: int


@dataclass(frozen=True, slots=True)
class Likely:
    """One of several people who may be meant."""

    id: int
    name: str
    email: str
    state: str


@dataclass(frozen=True, slots=True)
class ReceiptView:
    number: str
    at: datetime
    cases: int
    answers: int
    messages: int
    taken_back: int
    cards: int
    letters: int
    unclear: int
    refused: int
    commissions: int = 0
    """Records of terms that the company keeps."""


def erasing_view(scene: Scene, person_id: int) -> ErasingView:
    """Raises LookupError for everybody but the person and owners."""
    person, reader = scene.session.get(Person, person_id), scene.reader
    may = reader is not None and (reader.id == person_id or reader.role is Role.OWNER)
    if person is None or person.state in _GONE or not may:
        raise LookupError(f"nobody to erase: {person_id}")
    session = scene.session
    nonce = codes.issue(session, Purpose.ERASE, scene.now, person_id, CONFIRM_WITHIN) if scene.leaves else ""
    answers = sum(
        session.exec(select(func.count()).select_from(model).where(model.person_id == person_id)).one()
        for model in (Stance, Rsvp, SurveyAnswer, ReunionAnswer)
    )
    said = session.exec(select(func.count()).select_from(CaseMessage).where(CaseMessage.author_id == person_id)).one()
    own = reader is not None and reader.id == person_id
    return ErasingView(person.name, person.email, own, nonce, answers, said)


def likely_view(scene: Scene, ids: Sequence[int]) -> tuple[Likely, ...]:
    found = scene.session.exec(select(Person).where(col(Person.id).in_(ids)).order_by(Person.name, col(Person.id)))
    return tuple(Likely(p.id or 0, p.name, p.email, p.state) for p in found if p.state not in _GONE)


def receipt_view(scene: Scene, erasure_id: int) -> ReceiptView:
    """Raises LookupError when there is no such erasure in the company."""
    erasure = scene.session.get(Erasure, erasure_id)
    if erasure is None:
        raise LookupError(f"no erasure {erasure_id}")
    removed, left = erasure.removed, erasure.left
    return ReceiptView(
        number=erasure.number,
        at=erasure.at,
        cases=removed.get("cases", 0),
        answers=removed.get("answers", 0),
        messages=removed.get("messages", 0),
        taken_back=max(0, removed.get("posted", 0) - left.get("unclear", 0) - left.get("refused", 0)),
        cards=removed.get("cards", 0),
        letters=left.get("letters", 0),
        unclear=left.get("unclear", 0),
        refused=left.get("refused", 0),
        commissions=left.get("commissions", 0),
    )


# Asking


def ask(turn: Turn) -> Answer:
    """What goes, and a button that is good once."""
    if _is_last_owner(turn.session, turn.member.id):
        return Say("erase_last_owner", notice=True)
    return privacy.privately(turn, Say("erase_confirm", {"erasing": turn.member.id}))


def ask_for(turn: Turn) -> Answer:
    """An owner erases somebody who has asked for it some other way: by name or address."""
    chosen = texts.number(turn.args.get("person", ""))
    asked = turn.args.get("text", "")
    found = [chosen] if chosen is not None else _named(turn.session, asked)
    if not found or len(asked) > queries.LONGEST:
        return Say("erase_whom", notice=True)
    if len(found) > 1:
        return privacy.privately(turn, Say("erase_which", {"likely": found[:LISTED]}))
    person = turn.session.get(Person, found[0])
    if person is None or person.state in _GONE:
        return Say("erase_whom", notice=True)
    if _is_last_owner(turn.session, found[0]):
        return Say("erase_last_owner", notice=True)
    return privacy.privately(turn, Say("erase_confirm", {"erasing": found[0]}))


def _named(session: CompanySession, asked: str) -> list[int]:
    """Everybody of that name or address, also those whom no look-up finds."""
    if not asked:
        return []
    wanted = texts.folded(asked)
    exact = or_(Person.email == asked.casefold(), Person.name == asked, Person.employee_number == asked)
    rows = session.exec(select(Person.id).where(exact, Person.state != PersonState.ERASED)).all()
    if not rows:
        query = select(Person.id, Person.name).where(Person.state != PersonState.ERASED)
        rows = [number for number, name in session.exec(query) if texts.folded(name) == wanted]
    return sorted(number for number in rows if number is not None)


def _is_last_owner(session: CompanySession, person_id: int) -> bool:
    owners = session.exec(select(Person.id).where(Person.role == Role.OWNER, Person.state == PersonState.ACTIVE)).all()
    return list(owners) == [person_id]


def confirm(turn: Turn) -> Answer:
    """The button: good once, for whom it names, and for nobody but them or an owner."""
    people.hold_company(turn.session)
    code = codes.redeem(turn.session, turn.args.get("nonce", ""), Purpose.ERASE, turn.now)
    if code is None or code.person_id is None:
        return Say("button_old", notice=True)
    own = code.person_id == turn.member.id
    if not own and turn.member.role is not Role.OWNER:
        code.used_at = None
        return Say("button_old", notice=True)
    if _is_last_owner(turn.session, code.person_id):
        return Say("erase_last_owner", notice=True)
    here = _reach_of(turn) if own else None
    erasure = erase(turn.session, code.person_id, turn.now, by=turn.member.id, reach=here, letters=turn.letters)
    if erasure is None:
        return Say("button_old", notice=True)
    if not own:
        return Say("erase_begun", {"number": erasure.number}, in_place=True)
    # What is said to them from here on would have to be taken back as well.
    shown = turn.inbound.immediate or turn.inbound.turns
    return Say("erase_begun", {"number": erasure.number}, in_place=True) if shown else None


def _reach_of(turn: Turn) -> dict[str, str]:
    address = turn.inbound.private_address or (turn.account.address if turn.account else "")
    speaker = turn.inbound.speaker
    return {
        "platform": speaker.platform,
        "workspace": speaker.workspace,
        "address": address,
        "locale": turn.locale,
    }


# Erasing


def erase(
    session: CompanySession,
    person_id: int,
    now: datetime,
    *,
    by: int | None = None,
    reach: Mapping[str, str] | None = None,
    letters: bool = False,
    action: str = ASKED,
) -> Erasure | None:
    """Within this transaction the person is in no table any more; what was posted is taken back from then on (see
    `advance`). `reach` is where the receipt goes: else to the person's first account or, with `letters`, their
    address. None when there is no such person, or not any more. Whoever was merged into them is erased with them."""
    person = people.held(session, person_id)
    if person is None or person.state in _GONE:
        return None
    session.flush()
    accounts = people.accounts_of(session, person_id)
    ids = [account.external_id for account in accounts]
    own_mark = mark_of(session, person, accounts)
    receipt_to = dict(reach or _other_reach(person, accounts, letters))
    to = forgetting.rows_to(session, person_id, {account.address for account in accounts if account.address})
    places = sorted({a.address for a in accounts if a.address} | {r.address for r in to if _names_any(r.address, ids)})
    case_ids = list(session.exec(select(Case.id).where(Case.person_id == person_id)))
    by_name, stale = _looked_up(session, person)
    ended = _told_as_ended(session, person_id)
    asked = _asked_to_join(session, person_id, accounts)
    by_name = [*by_name, *forgetting.rows_about(session, [subjects.joining(number) for number in asked], (), ())]
    about = _about(session, person, case_ids, ids, by_name, {row.id for row in to})
    touched = _touched_gigs(session, person_id, to)
    answered = rsvps.events_of(session, [person_id])
    for event_id in answered:
        events.held(session, event_id)
    removed, left = _forget_messages(session, person_id, to, about, now)
    known_by = merging.known_by(session, person_id)
    feedback.forget(session, person_id, answered)
    merging.forget(session, person_id)
    reunion_forms.leave(session, person, places, now)
    removed |= _forget_rows(session, person_id, [case_id or 0 for case_id in case_ids])
    removed["accounts"] = len(accounts)
    left["commissions"] = _keep_commissions(session, person_id)
    session.exec(delete(JoinRequest).where(col(JoinRequest.id).in_(asked)))
    join_requests.forget_decider(session, person_id)
    _leave_desks(session, person_id, places, now)
    _leave_events(session, person, places, now)
    _close_named(session, person_id, now)
    inbox.anonymise(session, ids)
    traces = [text for text in _texts(person) if len(text) >= forgetting.SHORT]
    conversations.anonymise(session, places, [*ids, *traces])
    audit.forget(session, person_id, own_mark)
    erasure = Erasure(
        number=_new_number(),
        person_id=person_id,
        at=now,
        reach=receipt_to,
        places=places,
        removed=removed,
        left=left,
    )
    dropping.someone_erased(session, now)
    for number, email in sorted(known_by):
        hris.forget(session, number)
        if action == ASKED:
            marks.keep(session, number, email, own_mark, now)
    states.move(person, Event.ERASE, _actor(by, person_id))
    empty(person, now)
    session.add(person)
    session.add(erasure)
    session.flush()
    index.touch(session, person_id)
    actor_id, actor_mark = (None, own_mark) if by == person_id else (by, "")
    audit.note(
        session,
        action,
        now,
        actor_id=actor_id,
        actor_mark=actor_mark,
        subject_mark=own_mark,
        detail={"receipt": erasure.number},
    )
    rsvps.reseat(session, answered, now)
    for gig_id in touched:
        ledger.mark_stale(session, subjects.gig_desk(gig_id), now)
    _show_requests_again(session, now)
    said_of = forgetting.rows_of(session, "event_results")
    for row in (*stale, *ended, *said_of, *forgetting.rows_of(session, "cases")):
        forgetting.show_again(session, row, now)
    advance(session, now)
    return erasure


def _actor(by: int | None, person_id: int) -> Actor:
    return Actor.TIME if by is None else Actor.PERSON if by == person_id else Actor.HR


def mark_of(session: CompanySession, person: Person, accounts: Sequence[Account]) -> str:
    """The company's keyed hash of who this is: of the address, else of the first account."""
    first = accounts[0] if accounts else None
    by_account = f"{first.platform}:{first.workspace}:{first.external_id}" if first else f"person:{person.id}"
    return marks.of(session, person.email or by_account)


def _names_any(text: str, ids: Iterable[str]) -> bool:
    return any(part in text for part in ids)


def _texts(person: Person) -> list[str]:
    return [t for t in (person.name, person.email, person.reading, person.romaji, person.employee_number) if t]


def _about(
    session: CompanySession,
    person: Person,
    case_ids: Sequence[int | None],
    ids: Sequence[str],
    by_name: Sequence[DeliveryRow],
    other: set[int],
) -> list[DeliveryRow]:
    """What others were told about the person, once each."""
    person_id = person.id or 0
    about = [subjects.invitation(person_id), subjects.invitation_desk(person_id)]
    about += [subject for case_id in case_ids for subject in (subjects.case(case_id), subjects.case_alumnus(case_id))]
    named = [(name, person_id) for name in NAMING]
    named += [("case", case_id) for case_id in case_ids if case_id]
    named += [
        ("referral", number) for number in session.exec(select(Referral.id).where(_referred(person_id))) if number
    ]
    mergers = merging.of(session, person_id)
    named += [("merger", number) for number in mergers]
    commissions = session.exec(select(Commission.id).where(Commission.person_id == person_id)).all()
    named += [("commission", number) for number in commissions if number]
    found = forgetting.rows_about(session, about, named, [*_texts(person), *ids])
    found += [row for row in forgetting.rows_of(session, "erase_which") if person_id in row.args["likely"]]
    found += [row for row in forgetting.rows_of(session, "merge_likely") if _pairs_with(row, person_id)]
    found += [row for row in forgetting.rows_of(session, "merge_compare") if _pairs_with(row, person_id)]
    found += [row for row in forgetting.rows_of(session, "case_meanwhile") if _case_in(row) in case_ids]
    found += [row for row in forgetting.rows_of(session, "mergers") if mergers & {*row.args["mergers"]}]
    return list({row.id: row for row in (*found, *by_name) if row.id not in other}.values())


def _case_in(row: DeliveryRow) -> int:
    """The case on which HR is told what happened meanwhile."""
    return int(row.args["meanwhile"].partition("-")[0])


def _referred(person_id: int) -> Any:
    return or_(col(Referral.person_id) == person_id, col(Referral.referrer_id) == person_id)


def _pairs_with(row: DeliveryRow, person_id: int) -> bool:
    """Whether the person is one of two whom HR compares."""
    pairs = row.args["pairs"] if "pairs" in row.args else [row.args["pair"]]
    return any(str(person_id) in str(pair).split("-") for pair in pairs)


def _told_as_ended(session: CompanySession, person_id: int) -> list[DeliveryRow]:
    """HR's card of the day on which the person's invitation ended."""
    row = session.get(Offboarding, (session.company_id, person_id))
    if row is None or row.expired_at is None:
        return []
    return [r for r in forgetting.rows_of(session, "expired") if abs(r.created_at - row.expired_at) < timedelta(days=1)]


def _touched_gigs(session: CompanySession, person_id: int, to: Iterable[DeliveryRow]) -> list[int]:
    """Gigs whose desk counts the person, or names them."""
    answered = session.exec(select(Stance.gig_id).where(Stance.person_id == person_id))
    offered = (row.args["gig"] for row in to if row.unasked and isinstance(row.args.get("gig"), int))
    posted = session.exec(select(Gig.id).where(Gig.author_id == person_id))
    return sorted({*answered, *offered, *(gig_id for gig_id in posted if gig_id)})


def _asked_to_join(session: CompanySession, person_id: int, accounts: Sequence[Account]) -> list[int]:
    """The requests to join that were the person's."""
    known = [(account.platform, account.workspace, account.external_id) for account in accounts]
    return [row.id or 0 for row in join_requests.of_person(session, person_id, known)]


def _show_requests_again(session: CompanySession, now: datetime) -> None:
    """HR's cards of requests that wait name who may be meant, and those that are decided who has decided."""
    open_ones = select(JoinRequest.id).where(JoinRequest.state != JoinState.MET)
    for number in session.exec(open_ones.order_by(col(JoinRequest.id))).all():
        ledger.mark_stale(session, subjects.joining(number), now)


def _looked_up(session: CompanySession, person: Person) -> tuple[list[DeliveryRow], list[DeliveryRow]]:
    """Look-ups that ask for the person's name, and others that found the person: their answers are shown again,
    without."""
    asked: dict[str, bool] = {}
    shown: dict[str, bool] = {}
    rows = [(row, _text_of(row)) for row in forgetting.rows_of(session, "found")]
    for text in {text for _, text in rows}:
        words = queries.parsed(text).words
        found = search.find(session, words, _oneself(person))
        shown[text] = found.more or bool(found.missing) or _is_among(person, found.people)
        asked[text] = any(_is_name_of(session, person, word) for word in words)
    by_name = [row for row, text in rows if asked[text]]
    return by_name, [row for row, text in rows if shown[text] and not asked[text]]


def _text_of(row: DeliveryRow) -> str:
    found: Any = row.args.get("found")
    return found if isinstance(found, str) else str(found["text"]) if found else ""


def _is_name_of(session: CompanySession, person: Person, word: search.Word) -> bool:
    """Whether the word is one of the person's names, in whatever script, or one that is like it; or their address or
    number."""
    for fields in (index.NAMES, search.MARKS):
        if _is_among(person, search.find(session, [word._replace(fields=fields)], _oneself(person)).people):
            return True
    return _is_among(person, search.nearest(session, word, _oneself(person)))


def _oneself(person: Person) -> visibility.Viewer:
    """Who sees everything of the person: by whatever somebody has found them, they are found."""
    return visibility.Viewer(person.id or 0, Audience.HIDDEN)


def _is_among(person: Person, found: Iterable[people.Named]) -> bool:
    return any(one.id == person.id for one in found)


def _forget_messages(
    session: CompanySession, person_id: int, to: Sequence[DeliveryRow], about: Sequence[DeliveryRow], now: datetime
) -> tuple[dict[str, int], dict[str, int]]:
    """How many were removed, and how many cannot be."""
    letters = [row for row in to if row.platform == MAIL]
    posted: dict[str, DeliveryRow] = {}
    over: list[DeliveryRow] = []
    unclear = 0
    for row in to:
        if row.platform == MAIL or not _may_be_there(row):
            over.append(row)
        elif row.state is DeliveryState.UNCONFIRMED and row.check_at is None:
            unclear += 1
            over.append(row)
        elif row.ref and row.ref in posted:
            over.append(row)
        else:
            posted[row.ref or f"row:{row.id}"] = row
    shown = [row for row in about if _may_be_there(row) and not (forgetting.is_at_rest(row) and not row.ref)]
    forgetting.take_back(session, person_id, list(posted.values()), now)
    forgetting.put_notice(session, shown, now)
    kept = {row.id for row in shown}
    forgetting.drop(session, [*over, *(row for row in about if row.id not in kept)])
    ledger.have_work(session)
    arrived = sum(
        row.state in (DeliveryState.SENT, DeliveryState.UNCONFIRMED, DeliveryState.SENDING) for row in letters
    )
    return {"posted": len(posted), "cards": len(shown)}, {"letters": arrived, "unclear": unclear, "refused": 0}


def _may_be_there(row: DeliveryRow) -> bool:
    """Whether something of the message stands on its platform, or is about to."""
    if row.state is DeliveryState.SENT:
        return bool(row.ref)
    return row.state in (DeliveryState.SENDING, DeliveryState.UNCONFIRMED)


def _forget_rows(session: CompanySession, person_id: int, case_ids: Sequence[int]) -> dict[str, int]:
    said = session.exec(delete(CaseMessage).where(col(CaseMessage.case_id).in_(case_ids))).rowcount  # type: ignore[attr-defined]
    session.exec(update(CaseMessage).where(col(CaseMessage.author_id) == person_id).values(source="", files=[]))
    for case in session.exec(select(Case).where(Case.person_id == person_id)):
        case.state, case.title, case.topic, case.assignee_id = CaseState.CLOSED, "", "", None
        case.snoozed_until = case.answer_due_at = case.nudge_at = None
        session.add(case)
    session.exec(delete(CaseEvent).where(col(CaseEvent.case_id).in_(case_ids)))
    answers = sum(
        session.exec(delete(model).where(col(model.person_id) == person_id)).rowcount  # type: ignore[attr-defined]
        for model in (Stance, Rsvp, SurveyAnswer, ReunionAnswer)
    )
    surveys.forget(session, person_id)
    for model in _OWNED:
        session.exec(delete(model).where(col(model.person_id) == person_id))
    session.exec(delete(Referral).where(_referred(person_id)))
    session.exec(delete(Hiding).where(or_(col(Hiding.person_id) == person_id, col(Hiding.viewer_id) == person_id)))
    return {"cases": len(case_ids), "answers": answers, "messages": said}


def _keep_commissions(session: CompanySession, person_id: int) -> int:
    """The notices of terms stay as evidence of contracts (see bot.retention), and nobody is reminded of anything;
    returns how many commissions there are."""
    kept = session.exec(select(Commission).where(Commission.person_id == person_id)).all()
    for commission in kept:
        commission.remind_at = None
        session.add(commission)
    return len(kept)


def _close_named(session: CompanySession, person_id: int, now: datetime) -> None:
    """A gig for that one person alone ends, and goes to nobody else."""
    for gig in session.exec(select(Gig).where(Gig.named_id == person_id)).all():
        if gig.state is GigState.OPEN:
            gigs.close(session, gig, GigState.WITHDRAWN, now)
        elif gig.state in (GigState.DRAFT, GigState.SCHEDULED):
            publishing.retire(session, gig, GigState.DISCARDED, now)
        ledger.mark_stale(session, subjects.gig_desk(gig.id), now)
        ledger.mark_stale(session, subjects.gig_draft(gig.id), now)


def _leave_desks(session: CompanySession, person_id: int, places: Sequence[str], now: datetime) -> None:
    """Gigs that somebody of HR runs from their own conversation end with it."""
    for gig in session.exec(select(Gig).where(col(Gig.desk_address).in_(places))).all():
        if gig.state is GigState.OPEN:
            gigs.close(session, gig, GigState.WITHDRAWN, now)
        elif gig.state in (GigState.DRAFT, GigState.SCHEDULED):
            publishing.retire(session, gig, GigState.DISCARDED, now)
        gig.desk_address, gig.desk_id = "", None
        session.add(gig)
    session.exec(delete(Desk).where(col(Desk.address).in_(places)))


def _leave_events(session: CompanySession, person: Person, places: Sequence[str], now: datetime) -> None:
    """An event ends with the conversation from which it is run, and with the alumnus who hosts it: of theirs no word is
    left either."""
    theirs = col(EventRow.host_id) == person.id if person.role is Role.ALUMNUS else false()
    for event in session.exec(select(EventRow).where(or_(col(EventRow.desk_address).in_(places), theirs))).all():
        if event.state is EventState.OPEN:
            events.call_off(session, event, person.id or 0, now)
        elif event.state is EventState.DRAFT:
            event.state = EventState.DISCARDED
        event.rule = ""
        if event.desk_address in places:
            event.desk_address, event.desk_id = "", None
        if event.host_id == person.id and person.role is Role.ALUMNUS:
            session.exec(delete(EventVersion).where(col(EventVersion.event_id) == event.id))
            event.title = event.words = event.place = event.link = ""
            event.questions = []
            event_versions.show_everywhere(session, event, now)
        session.add(event)
    session.flush()


def _other_reach(person: Person, accounts: Sequence[Account], letters: bool) -> dict[str, str]:
    for account in accounts:
        if account.address:
            return {
                "platform": account.platform,
                "workspace": account.workspace,
                "address": account.address,
                "locale": person.locale,
            }
    if letters and person.email:
        return {"platform": MAIL, "workspace": "", "address": person.email, "locale": person.locale}
    return {}


_OWNED = (
    *(Account, Acknowledgement, AddressChange, CalendarFeed, Click, Code, Consent, Department, EarlyEdit),
    *(EventReminder, Feedback, Offboarding, PeopleFile, Skill, Visibility),
)
"""Tables whose rows go with their person."""
_EMPTY = ("name", "reading", "email", "romaji", "former_surname", "employee_number", "works_at", "works_as", "city")
_TOLD = (
    *("helps_with", "looks_for", "availability", "interests", "photo", "left_for", "exempt_for"),
    *("quiet", "timezone", "receives"),
)


def empty(person: Person, now: datetime) -> None:
    """Nothing of the person is in their row any more."""
    for name in (*_EMPTY, *_TOLD):
        setattr(person, name, "")
    for name in (
        "email_confirmed_at",
        "opted_out_at",
        "snoozed_until",
        "joined_year",
        "last_day",
        "checked_at",
        "opens_at",
        "expires_at",
    ):
        setattr(person, name, None)
    person.role, person.signs, person.hosts, person.created_at = Role.ALUMNUS, False, False, now


def _new_number() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"E-{letters[:4]}-{letters[4:]}"


# Afterwards


def advance(session: CompanySession, now: datetime) -> None:
    """What is at rest goes, and when all of a person's messages have, the receipt is written. Cheap where nobody is
    being erased."""
    for erasure in _unfinished(session):
        unclear = forgetting.sweep(session, erasure.person_id)
        late = now - erasure.at > TRIES_FOR
        refused = forgetting.give_up(session, erasure.person_id) if late else 0
        _leave(session, erasure, unclear=unclear, refused=refused)
        if not forgetting.remaining(session, erasure.person_id):
            _write_receipt(session, erasure, now)


def _unfinished(session: CompanySession) -> Sequence[Erasure]:
    """Held until the transaction ends: a courier that has taken the last message back must not write the receipt again
    which housekeeping has just seen off."""
    waiting = select(Erasure).where(col(Erasure.finished_at).is_(None)).order_by(col(Erasure.id))
    return session.exec(waiting.with_for_update()).all()


def cannot_take_back(session: CompanySession, person_id: int | None) -> None:
    """A platform would not let go of a message: the receipt says so."""
    erasure = session.exec(select(Erasure).where(Erasure.person_id == person_id)).first()
    if erasure is not None:
        _leave(session, erasure, refused=1)


def _leave(session: CompanySession, erasure: Erasure, **more: int) -> None:
    if any(more.values()):
        erasure.left = {**erasure.left, **{name: erasure.left.get(name, 0) + number for name, number in more.items()}}
        session.add(erasure)
        session.flush()


def _write_receipt(session: CompanySession, erasure: Erasure, now: datetime) -> None:
    if not erasure.reach.get("address"):
        return
    draft = Draft(
        cause=cause_of(erasure),
        recipient=cause_of(erasure),
        template="erase_receipt",
        args={"receipt": erasure.id},
        **{name: erasure.reach[name] for name in ("platform", "workspace", "address", "locale")},
    )
    ledger.enqueue(session, [draft], now)


def cause_of(erasure: Erasure) -> str:
    return f"erasure:{erasure.id}"


def finish(session: CompanySession, now: datetime) -> int:
    """Once the receipt has left (or nobody can get one), where it went is forgotten too; returns how many are done."""
    advance(session, now)
    done = 0
    for erasure in _unfinished(session):
        receipt = ledger.caused(session, cause_of(erasure))
        late = now - erasure.at > 2 * TRIES_FOR
        waits = receipt is None and bool(erasure.reach.get("address")) and not late
        if forgetting.remaining(session, erasure.person_id) or waits:
            continue
        if receipt is not None and not (forgetting.is_at_rest(receipt) or late):
            continue
        if receipt is not None:
            forgetting.drop_one(session, receipt.id)
        conversations.forget(session, erasure.places)
        forgetting.drop_lanes(session, erasure.places)
        erasure.places, erasure.reach, erasure.finished_at = [], {}, now
        session.add(erasure)
        session.flush()
        done += 1
    return done
