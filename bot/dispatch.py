"""The front door: an inbound event, its effects and its answer, in one transaction."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot import (
    access,
    auditing,
    codes,
    compose,
    delivery,
    gig_links,
    in_place,
    inquiries,
    joining,
    photos,
    previews,
    prompts,
    questions,
    texts,
    threads,
    verbs,
)
from bot.cards import Card, Content
from bot.clock import Clock
from bot.file_links import LARGEST
from bot.ports import Inbound, Job, Kind, Message, Pace, Reply, Standing
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Refresh, Results, Say, Turn
from bot.verbs import Verb
from storage import conversations, inbox, join_requests, ledger, people
from storage.db import CompanySession, Database, Wait, was_deadlocked
from storage.installs import Installs
from storage.ledger import DeliveryRow, Draft
from storage.people import CompanyFacts, Member
from storage.tables import NOBODY, Account, Company

log = structlog.get_logger()

DEADLOCKS = 3
"""So often an event is tried again after its transaction and another waited for each other."""


FOR_ALL = ("gig_offer", "event_offer")
"""Messages that may stand in a channel: whoever presses there is answered alone."""


class Dispatcher:
    """Receives what adapters have verified and parsed. `serves` says whether a workspace that nobody has claimed yet
    may be spoken to at all; `paces` how fast each platform may be written to; `largest_file` how many bytes of a file
    are passed on. `take_over` is called, in the thread that receives, with messages to others that an event has caused
    and claimed, once that is committed: no courier has to claim them first."""

    def __init__(
        self,
        database: Database,
        *,
        paces: Mapping[str, Pace],
        clock: Clock,
        serves: Callable[[str, str], bool] = lambda platform, workspace: True,
        public_url: str = "",
        largest_file: int = LARGEST,
        take_over: Callable[[Sequence[Job]], None] | None = None,
    ) -> None:
        self._database = database
        self._take_over = take_over
        self._installs = Installs(database)
        self._paces = paces
        self._clock = clock
        self._serves = serves
        self._public_url = public_url
        self._largest_file = largest_file

    def receive(self, inbound: Inbound) -> Reply:
        """Deal with the event once. Whatever it causes is committed when this returns, or nothing is and it raises;
        the same key again is a DUPLICATE that changes nothing."""
        for _ in range(DEADLOCKS):
            try:
                return self._receive(inbound)
            except OperationalError as error:
                if not was_deadlocked(error):
                    raise
        return self._receive(inbound)

    def _receive(self, inbound: Inbound) -> Reply:
        inbound = _cleaned(inbound)
        company_id = self._company_of(inbound)
        if company_id is None:
            return Reply(Standing.FOREIGN)
        with self._database.company(company_id, wait=_wait([inbound])) as session:
            dealt = self._in_company(session, inbound)
        return self._committed([dealt])[0]

    def receive_together(self, inbounds: Sequence[Inbound]) -> list[Reply | Exception]:
        """`receive` for events that wait at the same time: one transaction, so that the disk is waited for once. When
        any of them fails, each has its own after all."""
        if len(inbounds) == 1:
            return [self._alone(inbounds[0])]
        cleaned = [_cleaned(inbound) for inbound in inbounds]
        try:
            # Before the transaction: what has not been asked yet is asked on a connection of its own.
            places = [self._company_of(inbound) for inbound in cleaned]
            dealt = self._in_one_transaction(places, cleaned, _wait(cleaned))
        except Exception:
            return [self._alone(inbound) for inbound in inbounds]
        return [*self._committed(dealt)]

    def look_up(self, inbounds: Sequence[Inbound]) -> Sequence[Reply] | None:
        """`receive_together` for the event loop: SQLite answers look-ups faster than a thread takes over. None, with
        nothing done, where more is asked, anything is amiss, or the database would have to be waited for."""
        if not all(map(_only_reads, inbounds)):
            return None
        places = [self._installs.remembered(i.speaker.platform, i.speaker.workspace) for i in inbounds]
        if None in places:
            return None
        try:
            dealt = self._in_one_transaction(places, [_cleaned(inbound) for inbound in inbounds], Wait.NOTHING)
        except Exception:  # receive() will say what it was
            return None
        return self._committed(dealt)

    def _in_one_transaction(
        self, places: Sequence[int | None], inbounds: Sequence[Inbound], wait: Wait
    ) -> "Sequence[_Dealt]":
        with self._database.installation(wait=wait) as outer:
            if len(set(places)) == 1 and wait is Wait.NOTHING:  # look-ups of one company need not be kept apart
                with self._database.company(places[0] or NOBODY, within=outer) as session:
                    return [self._in_company(session, inbound) for inbound in inbounds]
            return [self._within(outer, place, inbound) for place, inbound in zip(places, inbounds, strict=True)]

    def _within(self, outer: CompanySession, company_id: int | None, inbound: Inbound) -> "_Dealt":
        if company_id is None:
            return _Dealt(Reply(Standing.FOREIGN))
        with self._database.company(company_id, within=outer) as session:
            return self._in_company(session, inbound)

    def _alone(self, inbound: Inbound) -> Reply | Exception:
        try:
            return self.receive(inbound)
        except Exception as error:
            return error

    def _committed(self, dealt: "Sequence[_Dealt]") -> Sequence[Reply]:
        """What has been claimed leaves; the words that have waited for that are found."""
        jobs = [job for one in dealt for job in one.jobs]
        if jobs and self._take_over is not None:
            self._take_over(jobs)
        return [one.reply if one.later is None else self._in_words(one.reply, *one.later) for one in dealt]

    def _in_words(self, reply: Reply, turn: Turn, answer: Say) -> Reply:
        """Everything has happened: where the words fail, the answer has none."""
        try:
            with self._database.company(turn.session.company_id, wait=Wait.TURN) as session:
                return replace(reply, content=_in_words(replace(turn, session=session), answer))
        except Exception:
            log.exception("dispatch.without_words", template=answer.template)
            return reply

    def _company_of(self, inbound: Inbound) -> int | None:
        """The company whose event this is: the workspace's, or for a claim the one that its code names."""
        speaker = inbound.speaker
        linked = self._installs.company_of(speaker.platform, speaker.workspace)
        if linked is not None:
            return linked
        if not self._serves(speaker.platform, speaker.workspace):
            return None
        spoken = verbs.spoken(inbound.text) if inbound.kind is Kind.TYPED else None
        claimed = codes.company_in(spoken[1]) if spoken and spoken[0].name == "claim" else None
        if claimed is None:
            return NOBODY
        with self._database.company(claimed) as session:
            return claimed if session.get(Company, claimed) else NOBODY

    def _in_company(self, session: CompanySession, inbound: Inbound) -> "_Dealt":
        now = self._clock()
        if inbound.kind is not Kind.SEARCHED and not inbox.record(session, inbound.key, now):
            return _Dealt(Reply(Standing.DUPLICATE))
        turn = self._turn(session, inbound)
        if turn.person is None and inbox.is_erased(session, inbound.key):
            return _Dealt(Reply(Standing.DUPLICATE))
        joining.meet(turn)
        answer = _handle(turn)
        another = inbound.kind is Kind.SUBMITTED and isinstance(answer, Ask) and answer.verb != inbound.verb
        if isinstance(answer, Ask) and answer.errors and not another:
            # Nothing happened, and platforms send a mended form under the same key.
            inbox.forget(session, inbound.key)
        covered = in_place.note(turn, answer)
        jobs = tuple(_begun(turn)) if self._take_over is not None else ()
        later = None
        if jobs and inbound.immediate and isinstance(answer, Refresh):
            later = turn, _pressed(turn) or answer.shown
        reply = Reply(Standing.DONE) if later else _reply(turn, answer)
        due, met = ledger.is_due(session), join_requests.is_wanted(session)
        return _Dealt(replace(reply, due=due, covered=covered, met=met), jobs, later)

    def _turn(self, session: CompanySession, inbound: Inbound) -> Turn:
        now = self._clock()
        speaker = inbound.speaker
        company, account, person = people.speaker(session, speaker.platform, speaker.workspace, speaker.account)
        if inbound.reference is not None:
            conversations.remember(
                session, inbound.address, inbound.reference, now, installed=inbound.kind is not Kind.REMOVED
            )
        if account is not None and inbound.private_address and account.address != inbound.private_address:
            session.get_one(Account, account.id).address = inbound.private_address
        return Turn(
            session=session,
            now=now,
            inbound=inbound,
            company=company,
            account=account,
            person=person,
            locale=_locale(company, person, speaker.locale),
            paces=self._paces,
            public_url=self._public_url,
            largest_file=self._largest_file,
        )


def _locale(company: CompanyFacts, person: Member | None, hint: str) -> str:
    """A person's own choice; a stranger's client language; the company's."""
    return prompts.locale_for(person.locale if person else hint, company.locale)


def _wait(inbounds: Sequence[Inbound]) -> Wait:
    """A power cut may forget that somebody looked something up; nothing else."""
    return Wait.TURN if all(map(_only_reads, inbounds)) else Wait.DISK


def _only_reads(inbound: Inbound) -> bool:
    """Whether the event asks for a look-up and nothing else, as most events do."""
    match inbound.kind:
        case Kind.TYPED if not inbound.thread and not inbound.files:
            spoken = verbs.spoken(inbound.text)
            return spoken is not None and spoken[0].reads
        case Kind.PRESSED:
            verb = verbs.find(inbound.verb)
            return verb is not None and verb.reads
        case Kind.OPENED_HOME | Kind.SEARCHED:
            return True
        case _:
            return False


def _cleaned(inbound: Inbound) -> Inbound:
    """What people typed, without characters that nothing carries."""

    def clean(values: Mapping[str, str] | None) -> dict[str, str] | None:
        return None if values is None else {name: texts.cleaned(text).strip() for name, text in values.items()}

    key = texts.cleaned(inbound.key)
    return replace(
        inbound,
        key=key if len(key) <= inbox.LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest(),
        text=texts.cleaned(inbound.text).strip(),
        verb=texts.cleaned(inbound.verb),
        args=clean(inbound.args),
        values=clean(inbound.values),
    )


def _handle(turn: Turn) -> Answer:
    inbound = turn.inbound
    match inbound.kind:
        case Kind.TYPED if inbound.overheard:
            return threads.overhear(turn)
        case Kind.TYPED:
            return _typed(turn)
        case Kind.PRESSED | Kind.SUBMITTED:
            verb = verbs.find(inbound.verb)
            return _run(turn, verb, inbound.args or {}, inbound.values) if verb else Say("button_old", notice=True)
        case Kind.OPENED_HOME:
            return _run(turn, verbs.named("home"), {}, None)
        case Kind.ARRIVED:
            return _run(turn, verbs.named("arrived"), {}, None)
        case Kind.INTRODUCED:
            return joining.introduced(turn)
        case Kind.JOINED | Kind.REMOVED:
            return None
        case Kind.SEARCHED:
            verb = verbs.named(inbound.verb or "find.pick")
            return _run(turn, verb, {**(inbound.args or {}), "text": inbound.text}, None)
        case Kind.SHARED:
            return previews.unfurl(turn)
        case Kind.EDITED | Kind.DELETED | Kind.RESTORED:
            return _in_thread(turn, threads.change(turn))
        case Kind.PICTURED:
            return photos.changed(replace(turn, args=inbound.args or {}))


def _typed(turn: Turn) -> Answer:
    if turn.inbound.thread:
        carried = threads.carry(turn)
        if carried is not False:
            return _in_thread(turn, carried)
    if turn.inbound.files and not turn.inbound.thread and (turn.is_staff or not turn.inbound.text):
        return _run(turn, verbs.named("file.drop"), {}, None)
    linked = gig_links.number_in(turn.inbound.text, turn.public_url) if turn.inbound.private else None
    if linked:
        return _run(turn, verbs.named("gig.show"), {"gig": str(linked)}, None)
    spoken = verbs.spoken(turn.inbound.text)
    if spoken is None:
        unclear = joining.shown_in(turn) or inquiries.not_understood(turn)
        return unclear if turn.inbound.text else _run(turn, verbs.named("help"), {}, None)
    verb, rest = spoken
    return _run(turn, verb, verb.parse(rest), None)


def _in_thread(turn: Turn, carried: Answer | bool) -> Answer:
    """What bot.threads has made of it. True: there is nothing to say."""
    if isinstance(carried, bool):
        return None
    if turn.is_staff:
        auditing.note(turn, "case.answer", carried)
    return carried


def _run(turn: Turn, verb: Verb, args: Mapping[str, str], values: Mapping[str, str] | None) -> Answer:
    """Access, then the form if there is something to ask, then the handler."""
    denied = access.check(turn.person, verb.who)
    if denied is not None and denied.reason == "stranger" and (way_in := joining.shown_in(turn)):
        return way_in
    if denied is not None:
        return Say("denied", {"reason": denied.reason}, notice=True)
    asked = verb.asked(turn.session, args, turn.person)
    if asked and values is None:
        values = _given(asked, args)
        if verb.asks_first and values is None:
            return verb.handler(replace(turn, args=args))
        if values is None:
            return Ask(verb.name, _small(args), {q.name: args[q.name] for q in asked if args.get(q.name)})
    if asked and values is not None:
        values = questions.tidied(asked, values)
        faults = questions.faults(asked, values)
        if faults:
            return Ask(verb.name, args, values, faults)
    turn = replace(turn, args=args, values=values or {})
    answer = verb.handler(turn)
    if auditing.is_audited(verb.name, verb.who):
        auditing.note(turn, verb.name, answer)
    return answer


def _given(asked: Sequence[Question], args: Mapping[str, str]) -> dict[str, str] | None:
    """A typed command that says all that the form would ask needs no form."""
    given = questions.tidied(asked, args)
    return given if any(given.values()) and questions.complete(asked, given) else None


def _small(args: Mapping[str, str]) -> dict[str, str]:
    """What a form carries along: ids. What was typed behind the verb is not one."""
    return {name: value for name, value in args.items() if name != "text" and len(value) <= 40}


def _reply(turn: Turn, answer: Answer) -> Reply:
    inbound = turn.inbound
    if isinstance(answer, Refresh):
        pressed = _row_pressed(turn)
        for_all = pressed is not None and pressed.person_id is None and pressed.template in FOR_ALL
        if inbound.immediate:
            answer = _pressed(turn) or answer.shown
        elif inbound.turns and not inbound.pressed:  # shown to them alone, where nothing can be edited later
            answer = replace(answer.shown, in_place=True)
        else:
            answer = answer.shown if for_all and not turn.is_staff else None
    if answer is None:
        return Reply(Standing.DONE)
    if isinstance(answer, Results):
        shown = (_in_words(turn, card) for card in answer.cards)
        return Reply(Standing.DONE, results=tuple(card for card in shown if isinstance(card, Card)))
    notice, done = (answer.notice, answer.done) if isinstance(answer, Say) else (False, False)
    opens_form = isinstance(answer, Ask) and inbound.kind is Kind.PRESSED
    turned = inbound.turns and isinstance(answer, Say) and answer.in_place
    if inbound.immediate or opens_form or turned:
        return Reply(Standing.DONE, _in_words(turn, answer), notice, done, turned)
    return Reply(Standing.DONE, job=_answer_job(turn, answer))


class _Dealt(NamedTuple):
    """An event within its transaction: its answer, what it has claimed, and the card that its answer shows when that is
    on its way."""

    reply: Reply
    jobs: tuple[Job, ...] = ()
    later: tuple[Turn, Say] | None = None


AT_ONCE = 4
"""An event that says more than this many things leaves them to the couriers."""


def _begun(turn: Turn) -> Iterator[Job]:
    """What the event has caused to be said to others, claimed by its own transaction. What cannot be put into words, or
    may not be sent, is left to the couriers, who note why."""
    session = turn.session
    rows = [row for row in ledger.written(session) if row.platform in turn.paces and not row.unasked]
    if not rows or len(rows) > AT_ONCE:
        return
    readers = people.members(session, {row.person_id for row in rows if row.person_id})
    references = conversations.references(session, {row.address for row in rows})
    for row in rows:
        reader = readers.get(row.person_id or 0)
        if delivery.why_not(session, row, reader, turn.now):
            continue
        try:
            message = delivery.message_of(
                session,
                row,
                turn.company,
                reader,
                turn.now,
                letters=turn.letters,
                leaves=True,
                public_url=turn.public_url,
                reference=references.get(row.address),
            )
        except SQLAlchemyError:
            raise
        except Exception:
            log.warning("dispatch.left_to_couriers", delivery=row.id, template=row.template, exc_info=True)
            continue
        if ledger.begin_written(session, row, turn.now):
            yield Job(row, message)


def _in_words(turn: Turn, answer: Say | Ask) -> Content:
    turn.session.flush()
    scene = Scene(
        turn.session,
        turn.company,
        turn.person,
        _locale_of(turn, answer),
        turn.now,
        letters=turn.letters,
        leaves=True,
        public_url=turn.public_url,
    )
    return compose.content(scene, answer)


def _locale_of(turn: Turn, answer: Say | Ask) -> str:
    """The language to answer in."""
    return (answer.locale if isinstance(answer, Say) else "") or turn.locale


def _pressed(turn: Turn) -> Say | None:
    """The card that was pressed, to be shown as it is now; None where it was a form."""
    row = _row_pressed(turn)
    shown = compose.from_row(row.template, row.args) if row is not None else None
    return shown if isinstance(shown, Say) else None


def _row_pressed(turn: Turn) -> DeliveryRow | None:
    return ledger.by_ref(turn.session, turn.inbound.pressed) if turn.inbound.pressed else None


def _cause(turn: Turn) -> str:
    """Teams announces one arrival with two events; it is greeted once a day at most."""
    if turn.inbound.kind is Kind.ARRIVED:
        return f"arrived:{turn.now:%Y-%m-%d}"
    return f"answer:{turn.inbound.key}"


def _answer_job(turn: Turn, answer: Say | Ask) -> Job | None:
    """The answer as a row of the ledger, and in words, to be sent once this is committed. None when the same answer was
    written before."""
    template, args = compose.as_row(answer)
    inbound, speaker = turn.inbound, turn.inbound.speaker
    draft = Draft(
        cause=_cause(turn),
        recipient=inbound.address,
        platform=speaker.platform,
        workspace=speaker.workspace,
        address=inbound.address,
        thread=inbound.thread,
        template=template,
        args=args,
        person_id=turn.person.id if turn.person else None,
        locale=_locale_of(turn, answer),
        subject=compose.subject_of(template, args),
    )
    content = _in_words(turn, answer)
    row = ledger.begin(turn.session, draft, turn.now)
    if row is None:
        return None
    return Job(
        row,
        Message(
            row.id,
            row.address,
            content,
            row.locale,
            thread=inbound.thread,
            reference=inbound.reference,
            timezone=turn.company.timezone,
        ),
    )
