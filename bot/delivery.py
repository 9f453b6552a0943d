"""Delivery: guards → claim → render now → send → settle → reconcile.

A courier works on rows of the ledger that are committed, and on nothing else. Whatever happens to its process,
each row says how far it had come.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import count, groupby
from time import monotonic
from typing import Any, NamedTuple, TypeVar

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot import (
    addresses,
    compose,
    digest_times,
    digests,
    erasure,
    event_versions,
    events,
    freshness,
    gigs,
    invitations,
    lines,
    news,
    notices,
    offboarding,
    promises,
    prompts,
    referrals,
    reminders,
    reunions,
    settling,
    subjects,
    surveys,
    threads,
    unasked,
    versions,
)
from bot.clock import Clock
from bot.outcomes import Outcome, Reason, Refused, Scope, Sent, Throttled, Unconfirmed
from bot.pacing import Pacer, Rate, Window
from bot.ports import MAIL, Deletes, Finds, Job, Message, Pace, Platform
from bot.scene import Scene, Together
from storage import consents, conversations, forgetting, lanes, ledger, people
from storage.db import CompanySession, Database
from storage.ledger import DeliveryRow, Settlement
from storage.people import CompanyFacts, Member
from storage.tables import ConsentPurpose, DeliveryState, PersonState

log = structlog.get_logger()

AHEAD = 18
"""So many times as many rows are claimed as requests are made at once: while a third is claimed, and another is waiting
for its outcome to be written, there is a third to send."""
SPARE = 16
"""So many more requests may be made at once for what has just been said: it does not wait for what goes to many."""
KEPT = ledger.LEASE - timedelta(seconds=11)
"""How long a claimed row may wait for its request, which takes ten seconds at most."""
EARLY = 0.25
"""Seconds. Rows are claimed this much before their lane has a permission for them, and leave when it has: however long
a claim takes, a lane is used evenly and in full."""
SETTLE_WITHIN = 0.02
"""Seconds in which outcomes gather before they are written together."""
WRITE_AGAIN_AFTER = (0.1, 0.3, 1.0, 3.0)
"""Seconds before an outcome is written once more when the database was busy, deadlocked or away for a moment."""
EDIT_AGAIN = timedelta(seconds=20)
DELETE_AGAIN = timedelta(seconds=20)
COUNTS_WITHIN = timedelta(seconds=1)
"""The desk's card follows the progress of its messages this closely."""

T = TypeVar("T")


_GONE = (PersonState.LEFT, PersonState.MERGED, PersonState.ERASED)


def why_not(
    session: CompanySession,
    row: DeliveryRow,
    reader: Member | None,
    now: datetime,
    together: Together | None = None,
) -> str:
    """The guards, asked again at sending time, since things change in between: the reason for not sending, or ''."""
    if reader is not None and reader.state in _GONE:
        return f"person_{reader.state}"
    if reader is not None and row.unasked and (reason := unasked.unwanted(row, reader, now)):
        return reason
    together = together or Together()
    if (
        reader is not None
        and row.unasked
        and reader.id not in _agreeing(session, reader.id, _purpose_of(row), together)
    ):
        return "consent_withdrawn"
    if "referral" in row.args and row.unasked and (reason := referrals.no_longer_wanted(session, row.args["referral"])):
        return reason
    if row.unasked and "gig" in row.args:
        return gigs.no_longer_offered(session, row.args["gig"], row.person_id, together)
    if row.unasked and "event" in row.args:
        return events.no_longer_offered(session, row.args["event"], row.person_id, now, together)
    if row.unasked and "reunion" in row.args:
        return reunions.no_longer_asked(session, row, row.person_id or 0, now)
    if "reminder" in row.args and row.unasked:
        return reminders.no_longer_needed(session, row.args["reminder"], row.person_id, now, together)
    if "news" in row.args and row.unasked:
        return news.no_longer_sent(session, row.args["news"])
    if "survey" in row.args and row.unasked:
        return surveys.no_longer_asked(session, row, row.person_id or 0, now)
    if "digest" in row.args and row.unasked and reader is not None:
        return digests.nothing_left(session, row.args["digest"], reader, now)
    if row.template == "case_nudge":
        return promises.no_longer_needed(session, row.args)
    if "still" in row.args:
        return freshness.no_longer_needed(session, row.args["still"])
    if "invitation" in row.args:
        return invitations.no_longer_needed(session, row, now)
    if "new_address" in row.args:
        return addresses.no_longer_needed(session, row.args, row.address, now)
    if "opening" in row.args:
        return offboarding.no_longer_welcome(session, row.args["opening"])
    if "answer" in row.args:
        return lines.no_longer_said(session, row.args["answer"])
    return ""


def _agreeing(session: CompanySession, reader_id: int, purpose: ConsentPurpose, together: Together) -> frozenset[int]:
    return together.once(("agree", purpose), lambda: consents.agree(session, together.including(reader_id), purpose))


def _purpose_of(row: DeliveryRow) -> ConsentPurpose:
    return ConsentPurpose.GIGS if "gig" in row.args else ConsentPurpose.CONTACT


def message_of(
    session: CompanySession,
    row: DeliveryRow,
    company: CompanyFacts,
    reader: Member | None,
    now: datetime,
    *,
    letters: bool,
    leaves: bool,
    public_url: str = "",
    together: Together | None = None,
    reference: Mapping[str, Any] | None = None,
) -> Message:
    """The message as it reads now (see bot.scene for the flags). Raises LookupError when what it is about is gone."""
    together = together or Together()
    locale = prompts.locale_for(row.locale or (reader.locale if reader else None), company.locale)
    scene = Scene(
        session,
        company,
        reader,
        locale,
        now,
        letters=letters,
        leaves=leaves,
        public_url=public_url,
        mailed_to=row.address if row.platform == MAIL else "",
        together=together,
    )
    content = compose.row_content(scene, row.template, row.args)
    # It holds the content too, so that no other one gets its id.
    _, made = together.once(("made", id(content)), lambda: (content, dict[str, Any]()))
    thread = row.thread or (ledger.ref_of(session, row.thread_of) if row.thread_of else None)
    return Message(
        delivery=row.id,
        address=row.address,
        content=content,
        locale=locale,
        thread=thread,
        reference=reference,
        timezone=company.timezone,
        made=made,
        own=compose.own(scene, row.template, row.args),
    )


class Work(StrEnum):
    SEND = "send"
    EDIT = "edit"
    CHECK = "check"
    DELETE = "delete"


class Parcel(NamedTuple):
    """What is on its way, when it was claimed, and when its lanes have a permission for it."""

    work: Work
    job: Job
    claimed: datetime
    leaves: datetime


class Claimed(NamedTuple):
    """What to start; the conversations that are busy and for which more may be due; and the seconds after which to
    claim again: at once while there may be more, None for "when woken"."""

    parcels: Sequence[Parcel]
    waited_for: frozenset[str]
    again: float | None


class Courier:
    """Delivers what is due, up to `at_once` requests at a time, one at a time to a conversation.

    Rows are claimed some ahead of that, many at a time, so that the database and the platforms are never waited for by
    turns. `woken` is called, on the event loop, when a round is worth while again before the next tick. `hurried` says
    whether somebody waits for answers now, who would wait for a long claim as well.
    """

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        clock: Clock,
        *,
        threads: Executor,
        woken: Callable[[], None],
        at_once: int = 64,
        public_url: str = "",
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._threads = threads
        self._woken = woken
        self._ahead = AHEAD * at_once
        self._least = max(1, self._ahead // 3)
        self._at_once = at_once
        self._hurried = hurried
        self._numbers = count()
        self._carriers: dict[int, asyncio.Task[None]] = {}
        self._ready: deque[Parcel] = deque()
        self._full = False
        self._public_url = public_url
        self._under_way: set[str] = set()
        self._behind: dict[str, deque[Parcel]] = {}
        self._covered: dict[int, datetime] = {}
        self._idle = asyncio.Event()
        self._giving_back: set[asyncio.Task[None]] = set()
        self._waited_for: frozenset[str] = frozenset()
        self._ended: set[str] = set()
        self._has_woken = False
        self._can_look_up = {name: isinstance(platform, Finds) for name, platform in platforms.items()}
        self._pacer = Pacer()
        self._rates = {name: _Rates.of(platform.pace) for name, platform in platforms.items()}
        self._windows: dict[tuple[str, str], Window] = {}
        self._passed_over = False
        self._parked: dict[str, datetime] = {}
        self._outcomes: list[_Ended] = []
        self._flush: asyncio.Task[None] | None = None

    async def round(self) -> float | None:
        """Start what is due. Returns the seconds after which another round is worth while, None for "when woken"."""
        self._has_woken = False
        under_way = frozenset(self._under_way)
        room = self._ahead - len(under_way)
        self._full = room < self._least
        if self._full:
            return None
        self._waited_for = under_way
        self._parked = {lane: until for lane, until in self._parked.items() if until > self._clock()}
        self._ended.clear()
        room = min(room, self._at_once if self._hurried() else self._least)
        claimed = await self._in_thread(partial(self._claim, room, under_way, frozenset(self._parked)))
        self._waited_for = claimed.waited_for
        for parcel in claimed.parcels:
            self._start(parcel)
        return 0 if self._ended & claimed.waited_for else claimed.again

    def take_over(self, job: Job) -> None:
        """Send a message that the transaction which caused it has claimed (ledger.begin). Where it may not go out at
        once, it waits in the queue like any other."""
        now = self._clock()
        free = len(self._carriers) < self._at_once + SPARE and job.row.address not in self._under_way
        leaves = self._permission(Work.SEND, now, job.row) if free and not self._held_back(Work.SEND, job.row) else None
        if leaves is not None:
            self._under_way.add(job.row.address)
            self._set_out(Parcel(Work.SEND, job, now, leaves), first=True)
        else:
            task = asyncio.create_task(self._give_back(job.row))
            self._giving_back.add(task)
            task.add_done_callback(self._giving_back.discard)

    async def _give_back(self, row: DeliveryRow) -> None:
        written = asyncio.get_running_loop().create_future()
        self._settle(Work.SEND, row, Throttled(self._clock(), Scope.CONVERSATION), written)
        await written
        self._woken()

    async def finish(self) -> None:
        """Returns when nothing is under way any more; start no round meanwhile."""
        while self._under_way:
            self._idle.clear()
            await self._idle.wait()
        while self._giving_back:
            await asyncio.wait(self._giving_back)

    async def _in_thread(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    # Claiming: in a worker thread, in one transaction with the guards and the rendering.

    def _claim(self, room: int, under_way: frozenset[str], closed: frozenset[str]) -> "Claimed":
        now = self._clock()
        parcels: list[Parcel] = []
        busy = set(under_way)
        taken = 0
        self._passed_over = False
        with self._database.installation() as session:
            due = ledger.due(session, now)
            if not due:
                return Claimed(parcels, frozenset(), None)
            shut = {*self._pacer.spent(now), *closed, *lanes.parked(session, now)}
            for work in (Work.CHECK, Work.SEND, Work.EDIT, Work.DELETE):
                if work not in due:
                    continue
                leaves: dict[int, datetime] = {}
                rows = self._take(session, work, now, room - len(parcels), busy, shut, leaves)
                taken += len(rows)
                busy.update(row.address for row in rows)
                parcels += [Parcel(work, job, now, leaves[job.row.id]) for job in self._jobs(session, work, rows, now)]
            if taken >= room:
                return Claimed(parcels, frozenset(busy), 0)
            waited_for = ledger.waited_for(session, now, busy)
            if self._passed_over:
                return Claimed(parcels, waited_for, 0)
            waits = [(moment - now).total_seconds() for moment in self._pacer.spent(now).values()]
            again = min(waits) if waits and ledger.due(session, now) else None
        return Claimed(parcels, waited_for, again)

    def _take(
        self,
        session: CompanySession,
        work: Work,
        now: datetime,
        room: int,
        busy: Iterable[str],
        closed: Iterable[str],
        leaves: dict[int, datetime],
    ) -> Sequence[DeliveryRow]:
        """Rows, and in `leaves` when each of them may leave."""
        if room <= 0:
            return ()

        def admit(row: DeliveryRow) -> bool:
            moment = self._permission(work, now, row)
            if moment is None:
                self._passed_over = True
                return False
            leaves[row.id] = moment
            return True

        return _CLAIMS[work](session, now, room, busy, closed, admit, self._platforms)

    def _permission(self, work: Work, now: datetime, row: DeliveryRow) -> datetime | None:
        """When the row may leave, which uses up a permission of each of its lanes; None where one has none left."""
        rates = self._rates[row.platform]
        if work is not Work.SEND:
            return self._pacer.reserve([(_lane(work, row, Scope.WORKSPACE), rates.edits)], now)
        each = [
            (lanes.sends(row.platform, row.workspace), rates.sends),
            (lanes.conversation(row.address), rates.conversation),
        ]
        if rates.sustained is not None:
            each.append((lanes.sustained(row.address), rates.sustained))
        return self._pacer.reserve(each, now)

    def _jobs(self, outer: CompanySession, work: Work, rows: Sequence[DeliveryRow], now: datetime) -> Iterator[Job]:
        for company_id, group in groupby(sorted(rows, key=_owner), key=_owner):
            own = list(group)
            with self._database.company(company_id, within=outer) as session:
                company = people.company(session)
                readers = people.members(session, {row.person_id for row in own if row.person_id})
                references = conversations.references(session, {row.address for row in own})
                together = Together(frozenset(readers))
                for row in own:
                    reader, reference = readers.get(row.person_id or 0), references.get(row.address)
                    job = self._job(session, work, row, company, reader, reference, together, now)
                    if job is not None:
                        yield job

    def _job(
        self,
        session: CompanySession,
        work: Work,
        row: DeliveryRow,
        company: CompanyFacts,
        reader: Member | None,
        reference: Mapping[str, Any] | None,
        together: Together,
        now: datetime,
    ) -> Job | None:
        """The row as a message; None when a guard says no, or it waits for a digest: which is noted."""
        reason = why_not(session, row, reader, now, together) if work is Work.SEND else ""
        if not reason and work is Work.SEND and unasked.is_for_digest(row, reader):
            due = together.once("digest", lambda: digest_times.next_at(session, now))
            ledger.settle(session, [Settlement(row.id, DeliveryState.HELD, due_at=due)], now)
            _count_again(session, row, now)
            return None
        if not reason:
            try:
                message = message_of(
                    session,
                    row,
                    company,
                    reader,
                    now,
                    letters=MAIL in self._platforms,
                    leaves=work is Work.SEND,
                    public_url=self._public_url,
                    together=together,
                    reference=reference,
                )
                return Job(row, message)
            except LookupError as error:
                log.warning("delivery.subject_gone", delivery=row.id, template=row.template, error=str(error))
                reason = "gone"
            except SQLAlchemyError:
                raise
            except Exception as error:
                # One message that cannot be put into words must not hold up the others.
                log.exception("delivery.not_rendered", delivery=row.id, template=row.template)
                _give_up(session, work, row, f"{type(error).__name__}: {error}", now)
                return None
        if work is Work.EDIT:
            ledger.let_go(session, row.id)
        elif work is Work.DELETE:
            forgetting.retry(session, row.id, now + DELETE_AGAIN)
        elif not digests.come_back(session, row, reason, now):
            cancelled = Settlement(row.id, DeliveryState.CANCELLED, reason=reason, settled_at=now)
            ledger.settle(session, [cancelled], now)
        _count_again(session, row, now)
        return None

    # Sending: on the event loop.

    def _start(self, parcel: Parcel) -> None:
        """Behind what is under way to the same conversation: a message may be taken over while others are claimed."""
        address = parcel.job.row.address
        if address in self._under_way:
            self._behind.setdefault(address, deque()).append(parcel)
        else:
            self._under_way.add(address)
            self._set_out(parcel)

    def _set_out(self, parcel: Parcel, *, first: bool = False) -> None:
        wait = (parcel.leaves - self._clock()).total_seconds() if parcel.leaves > parcel.claimed else 0
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._hand_over, parcel, first)
        else:
            self._hand_over(parcel, first)

    def _hand_over(self, parcel: Parcel, first: bool) -> None:
        """To a carrier, each of whom makes one request at a time; a task a message would cost more than its request."""
        (self._ready.appendleft if first else self._ready.append)(parcel)
        if len(self._carriers) < self._at_once + (SPARE if first else 0):
            number = next(self._numbers)
            self._carriers[number] = asyncio.create_task(self._keep_carrying(number))

    async def _keep_carrying(self, number: int) -> None:
        try:
            while self._ready:
                await self._carry(self._ready.popleft())
        finally:
            del self._carriers[number]  # at once: what is ready from now on needs another

    async def _carry(self, parcel: Parcel) -> None:
        work, job = parcel.work, parcel.job
        window = await self._entered(job.row)
        try:
            outcome = (
                self._held_back(work, job.row)
                or self._stale(parcel.claimed)
                or self._is_covered(work, job.row)
                or await self._attempt(work, job)
            )
        except Exception:
            # The claim runs out, and then it is looked up what has become of it.
            log.exception("delivery.failed", address=job.row.address)
            self._done(job.row.address)
            return
        finally:
            if window is not None:
                window.end(monotonic())
        if isinstance(outcome, Throttled):
            lane = _lane(work, job.row, outcome.scope)
            self._parked[lane] = max(outcome.until, self._parked.get(lane, outcome.until))
        self._settle(work, job.row, outcome)

    async def _entered(self, row: DeliveryRow) -> Window | None:
        """The window of the row's workspace, if its platform has one, with a request begun in it."""
        allowed = self._platforms[row.platform].pace.window
        if allowed is None:
            return None
        window = self._windows.setdefault((row.platform, row.workspace), Window(*allowed))
        # Not the loop's clock: uvloop's stands still for a millisecond, and a window would be left as much too early.
        while wait := window.begin(monotonic()):  # noqa: ASYNC110 - time alone ends it
            await asyncio.sleep(wait)
        return window

    def _done(self, address: str) -> None:
        behind = self._behind.get(address)
        if behind:
            self._set_out(behind.popleft())
        else:
            self._behind.pop(address, None)
            self._under_way.discard(address)
        self._ended.add(address)
        if self._full and self._ahead - len(self._under_way) >= self._least:
            self._full = False
            self._woken()
        elif address in self._waited_for and not self._has_woken:
            self._has_woken = True
            self._woken()
        if not self._under_way:
            self._idle.set()

    def _stale(self, claimed: datetime) -> Throttled | None:
        """A request that begins this late could end after the claim has: it goes back, and is claimed anew."""
        now = self._clock()
        return Throttled(now, Scope.CONVERSATION) if now > claimed + KEPT else None

    def _held_back(self, work: Work, row: DeliveryRow) -> Throttled | None:
        """A lane that was parked after the row was claimed: the ledger comes to know of it a little later."""
        for scope in Scope if self._parked else ():
            until = self._parked.get(_lane(work, row, scope))
            if until is not None and until > self._clock():
                return Throttled(until, scope)
        return None

    def cover(self, delivery: int) -> None:
        """A form has opened on the message: an edit of it that was claimed before goes back, and waits."""
        now = self._clock()
        self._covered = {one: at for one, at in self._covered.items() if at > now - KEPT} | {delivery: now}

    def _is_covered(self, work: Work, row: DeliveryRow) -> Throttled | None:
        """Once for each form that has opened. An edit that was claimed later goes back in vain, and comes again."""
        covered = work is Work.EDIT and self._covered.pop(row.id, None)
        return Throttled(self._clock(), Scope.CONVERSATION) if covered else None

    async def _attempt(self, work: Work, job: Job) -> Outcome:
        platform = self._platforms[job.row.platform]
        match work:
            case Work.SEND:
                return await platform.send(job.message)
            case Work.EDIT:
                return await platform.edit(job.message, job.row.ref)
            case Work.CHECK:
                return await _look_up(platform, job)
            case Work.DELETE:
                return await _take_back(platform, job)

    def _settle(
        self, work: Work, row: DeliveryRow, outcome: Outcome, written: "asyncio.Future[None] | None" = None
    ) -> None:
        """The outcome is written soon, together with others of the same moment. Then its conversation is free again,
        or `written` has its result."""
        self._outcomes.append(_Ended(work, row, outcome, written))
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._write_soon())

    async def _write_soon(self) -> None:
        while self._outcomes:
            await asyncio.sleep(SETTLE_WITHIN)
            batch, self._outcomes = self._outcomes, []
            together = await self._note(batch)
            for ended in batch:
                # What cannot be written must not take the others with it.
                failure = await self._note([ended]) if together and len(batch) > 1 else together
                self._is_written(ended, failure)

    def _is_written(self, ended: "_Ended", failure: Exception | None) -> None:
        if failure is not None:
            log.error("delivery.failed", address=ended.row.address, exc_info=failure)
        if ended.written is not None:
            ended.written.set_result(None)
        else:
            self._done(ended.row.address)

    async def _note(self, batch: "Sequence[_Ended]") -> Exception | None:
        """None when it is written. An outcome that is lost cannot be had a second time, so this tries for a while."""
        for wait in (*WRITE_AGAIN_AFTER, None):
            try:
                await self._in_thread(partial(self._write, [ended[:3] for ended in batch]))
                return None
            except Exception as error:
                if wait is None or not isinstance(error, OperationalError):
                    return error
                log.warning("delivery.write_again", error=str(error.orig), again_in_seconds=wait)
                await asyncio.sleep(wait)
        return None

    def _write(self, batch: Sequence[tuple[Work, DeliveryRow, Outcome]]) -> None:
        now = self._clock()
        settlements: list[Settlement] = []
        shown: dict[timedelta, list[tuple[int, int]]] = {}
        together = Together()
        with self._database.installation() as session:
            for work, row, outcome in batch:
                if isinstance(outcome, Throttled) and outcome.until > now:
                    lanes.park(session, _lane(work, row, outcome.scope), outcome.until)
                can_look_up = self._can_look_up[row.platform]
                if work is Work.SEND:
                    settlements.append(settling.of_send(row, outcome, now, can_look_up))
                elif work is Work.CHECK:
                    settlements.append(settling.of_check(row, outcome, now, can_look_up))
                elif work is Work.DELETE:
                    with self._database.company(row.company_id, within=session) as own:
                        _settle_delete(own, row, outcome, now)
                elif isinstance(outcome, Sent):
                    rest = together.once(("rest", row.company_id, row.subject), partial(self._rest, session, row))
                    shown.setdefault(rest, []).append((row.id, row.wanted))
                else:
                    _settle_edit(session, row, outcome, now)
                    if isinstance(outcome, Refused) and outcome.certain and outcome.reason is not Reason.GONE:
                        with self._database.company(row.company_id, within=session) as own:
                            versions.follow_up(own, row, now)
            ledger.settle(session, settlements, now)
            for rest, copies in shown.items():
                ledger.settle_edits(session, copies, now, rest=rest)
            self._tell(session, {row.id: row for _, row, _ in batch}, settlements, now)
            for company_id in {row.company_id for _, row, _ in batch if row.template == forgetting.NOTICE}:
                with self._database.company(company_id, within=session) as own:
                    erasure.advance(own, now)
            fared = (row for work, row, _ in batch if work in (Work.SEND, Work.CHECK))
            counted = {(row.company_id, row.subject): row for row in fared if row.unasked}
            for (company_id, _), row in counted.items():
                with self._database.company(company_id, within=session) as own:
                    _count_again(own, row, now)

    def _rest(self, session: CompanySession, row: DeliveryRow) -> timedelta:
        """How long a copy that has just been edited may be left alone, where nothing but counts has changed since."""
        if row.template != "event_offer" or not row.subject:
            return timedelta()
        with self._database.company(row.company_id, within=session) as own:
            return event_versions.rest(own, row.subject)

    def _tell(
        self,
        session: CompanySession,
        rows: Mapping[int, DeliveryRow],
        settlements: Sequence[Settlement],
        now: datetime,
    ) -> None:
        """Of what came to nothing in a conversation, and of a notice of terms, HR is told there."""
        for one in settlements:
            row = rows[one.delivery]
            over = one.state is DeliveryState.REFUSED or (one.state is DeliveryState.UNCONFIRMED and not one.check_at)
            if over and subjects.is_case(row.subject):
                with self._database.company(row.company_id, within=session) as own:
                    threads.did_not_arrive(own, row, one.state, now)
            elif over and row.template == "terms_notice":
                with self._database.company(row.company_id, within=session) as own:
                    notices.did_not_arrive(own, row, now)


class _Rates(NamedTuple):
    """Looking up is limited about as editing is. `sustained` is None where it allows more than `conversation` at any
    time."""

    sends: Rate
    edits: Rate
    conversation: Rate
    sustained: Rate | None

    @classmethod
    def of(cls, pace: Pace) -> "_Rates":
        more = (
            pace.sustained_per_minute >= pace.conversation_per_minute
            and pace.sustained_burst >= pace.conversation_burst
        )
        return cls(
            Rate(pace.sends_per_minute, pace.burst, EARLY),
            Rate(pace.edits_per_minute, pace.burst, EARLY),
            Rate(pace.conversation_per_minute, pace.conversation_burst),
            None if more else Rate(pace.sustained_per_minute, pace.sustained_burst),
        )


class _Ended(NamedTuple):
    work: Work
    row: DeliveryRow
    outcome: Outcome
    written: "asyncio.Future[None] | None"


_CLAIMS = {
    Work.CHECK: ledger.claim_checks,
    Work.SEND: ledger.claim_sends,
    Work.EDIT: ledger.claim_edits,
    Work.DELETE: ledger.claim_deletes,
}


def _owner(row: DeliveryRow) -> int:
    return row.company_id


def _lane(work: Work, row: DeliveryRow, scope: Scope) -> str:
    if scope is Scope.CONVERSATION:
        return lanes.conversation(row.address)
    return _LANES.get(work, lanes.edits)(row.platform, row.workspace)


_LANES = {Work.SEND: lanes.sends, Work.CHECK: lanes.checks}


def _count_again(session: CompanySession, row: DeliveryRow, now: datetime) -> None:
    """The desk's card says how the messages that nobody asked for fared."""
    if row.unasked and row.subject:
        ledger.mark_stale(session, subjects.desk_of(row.subject), now, within=COUNTS_WITHIN)


def _give_up(session: CompanySession, work: Work, row: DeliveryRow, detail: str, now: datetime) -> None:
    match work:
        case Work.EDIT:
            ledger.settle_edits(session, [(row.id, row.wanted)], now)
        case Work.SEND:
            refused = Settlement(row.id, DeliveryState.REFUSED, reason=Reason.INVALID, detail=detail, settled_at=now)
            ledger.settle(session, [refused], now)
        case Work.CHECK:
            unclear = Settlement(row.id, DeliveryState.UNCONFIRMED, detail=detail, settled_at=now)
            ledger.settle(session, [unclear], now)
        case Work.DELETE:
            forgetting.retry(session, row.id, now + DELETE_AGAIN)
    if work in (Work.SEND, Work.CHECK):
        _count_again(session, row, now)


async def _look_up(platform: Platform, job: Job) -> Outcome:
    if isinstance(platform, Finds):
        return await platform.find(job.message, job.row.created_at)
    return Unconfirmed("its courier stopped while sending")


async def _take_back(platform: Platform, job: Job) -> Outcome:
    if isinstance(platform, Deletes):
        return await platform.delete(job.message, job.row.ref)
    return Refused(Reason.INVALID, detail="nothing can be taken back there")


def _settle_delete(session: CompanySession, row: DeliveryRow, outcome: Outcome, now: datetime) -> None:
    match outcome:
        case Sent() | Refused(Reason.GONE):
            forgetting.drop_one(session, row.id)
        case Throttled(until):
            forgetting.retry(session, row.id, until)
        case Refused(reason, certain=True, detail=detail):
            log.warning("delivery.not_taken_back", reason=reason, detail=detail)
            forgetting.drop_one(session, row.id)
            erasure.cannot_take_back(session, row.person_id)
        case Refused() | Unconfirmed():
            forgetting.retry(session, row.id, now + DELETE_AGAIN)


def _settle_edit(session: CompanySession, row: DeliveryRow, outcome: Outcome, now: datetime) -> None:
    match outcome:
        case Sent():
            ledger.settle_edits(session, [(row.id, row.wanted)], now)
        case Throttled(until):
            ledger.retry_edit(session, row.id, until)
        case Refused(Reason.GONE):
            ledger.let_go(session, row.id)
        case Refused(reason, certain=True, detail=detail):
            log.warning("delivery.edit_refused", delivery=row.id, reason=reason, detail=detail)
            ledger.settle_edits(session, [(row.id, row.wanted)], now)
        case Refused() | Unconfirmed():
            ledger.retry_edit(session, row.id, now + EDIT_AGAIN)
