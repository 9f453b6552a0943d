"""How people come in without a code: known by an address that they have confirmed, or because HR says so.

Whoever turns up and is nobody's account becomes a row (`meet`), and their platform is asked for their profile once the
event is dealt with (bot.introducing). What it says comes back as an event of its own (`introduced`). A name says
nothing: two people have the same one. An address says who somebody is when all of this holds:

- the platform answers for it. In Slack that is the address of a full member, which Slack has confirmed or the
  workspace's sign-on has given. In Teams it is what the directory of the company's own tenant has of a member: only its
  administrators set that. A guest's address is another company's word, and counts for nothing on either platform.
- one person in the network, and only one, has confirmed it (bot.addresses).
- nobody speaks for that person from the same workspace yet. A second account there is for HR to see.

Everybody else is shown the way in: a code, or a request that HR decides upon (bot.admitting).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import addresses, eligibility, enrolment, invitations, join_requests, leavers, photos, subjects
from bot.cards import FieldKind
from bot.ports import Inbound, Kind, Profile
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import audit, installs, ledger, people
from storage import join_requests as requests
from storage.ledger import Draft
from storage.tables import Account, JoinRequest, JoinState, Person, PersonState, Role

LOOK_AGAIN = timedelta(hours=1)
"""Somebody whom nobody knew may have confirmed an address since."""
ASK_AGAIN = timedelta(days=30)
"""After HR has said no."""
WITHDRAWN_FOR = timedelta(days=1)
"""Somebody who took their request back can make another then."""
WAITING_AT_MOST = 200
"""So many requests lie with a company's HR at once; further ones are asked to come later."""

QUESTIONS = (
    Question("name", max_length=200),
    Question("email", FieldKind.EMAIL, max_length=320),
    Question("employee_number", required=False, max_length=60),
    Question("worked", required=False, max_length=300),
    Question("words", FieldKind.TEXT, required=False, max_length=1000),
)


# Who turns up


def meet(turn: Turn) -> None:
    """Note an account that is nobody's, where it can be answered in private, and have its platform asked whose it is.
    Nothing is noted of workspaces that are not the company's, as that of a `claim` with a wrong code. (Of somebody who
    only opened their Home a power cut may take the note away: they are met again when they come back.)"""
    inbound, speaker = turn.inbound, turn.inbound.speaker
    if turn.account is not None or not _is_alone(inbound) or not inbound.private_address:
        return
    if inbound.kind in (Kind.INTRODUCED, Kind.REMOVED):
        return
    if not installs.is_linked(turn.session, speaker.platform, speaker.workspace):
        return
    row = request_of(turn)
    if row is None:
        account = {"platform": speaker.platform, "workspace": speaker.workspace, "external_id": speaker.account}
        requests.keep(turn.session, {**account, "address": inbound.private_address, "locale": turn.locale}, turn.now)
        row = request_of(turn)
    if row is None:
        return
    row.address = inbound.private_address
    if inbound.kind is Kind.OPENED_HOME:
        row.home = inbound.address
    if inbound.kind is Kind.JOINED and row.state is JoinState.MET:
        row.owed = True
    stale = row.looked_at is not None and (turn.now - row.looked_at >= LOOK_AGAIN or inbound.kind is Kind.JOINED)
    if stale and row.look_at is None and row.state in (JoinState.MET, JoinState.ASKED):
        row.look_at, row.looks = turn.now, 0
    if row.look_at is not None:
        requests.want(turn.session)
    turn.session.add(row)
    turn.session.flush()


def _is_alone(inbound: Inbound) -> bool:
    """Whether the answer is read by nobody else: also that to a button among others, where the platform shows it to its
    presser alone."""
    return inbound.private or (inbound.kind is Kind.PRESSED and bool(inbound.private_address))


def request_of(turn: Turn) -> JoinRequest | None:
    """The speaker's row, held until the turn ends."""
    speaker = turn.inbound.speaker
    return requests.of_account(turn.session, speaker.platform, speaker.workspace, speaker.account)


def shown_in(turn: Turn) -> Say | None:
    """The way in, for a stranger who asked for something else; None where it would not be private."""
    row = request_of(turn) if turn.account is None and _is_alone(turn.inbound) else None
    return Say("way_in", {"way_in": row.id}) if row is not None else None


# What the platform says


def introduced(turn: Turn) -> Answer:
    """The platform has said who the account is, or could not be asked: then `profile` is None. A second word on
    the same question changes nothing."""
    row = request_of(turn)
    if turn.account is not None or row is None or row.look_at is None:
        return None
    profile = turn.inbound.profile
    row.look_at, row.looks, row.looked_at = None, 0, turn.now
    if profile is not None and profile.gone:
        return _nobody_there(turn, row)
    person = _owner(turn, profile) if profile is not None and row.state in (JoinState.MET, JoinState.ASKED) else None
    if person is not None:
        return _recognise(turn, row, person)
    if row.state is JoinState.ASKED and profile is not None:
        row.told_name, row.told_email = profile.name[:200], profile.email[:320]
        row.vouched = bool(profile.vouched)
    owed, row.owed = row.owed, False
    turn.session.add(row)
    turn.session.flush()
    join_requests.show_changes(turn.session, row.id, turn.now)
    return Say("way_in", {"way_in": row.id}) if owed else None


def _nobody_there(turn: Turn, row: JoinRequest) -> None:
    """An app, or somebody whose account was closed: nobody is there to be answered."""
    if row.state is JoinState.MET:
        join_requests.forget(turn.session, row, turn.now)
    else:
        turn.session.add(row)


def _owner(turn: Turn, profile: Profile) -> Person | None:
    """The one person who has confirmed an address of the profile, and does not speak from this workspace yet."""
    found = addresses.owners(turn.session, profile.vouched)
    person = people.held(turn.session, found[0].id or 0) if len(found) == 1 else None
    if person is None or person.state not in (PersonState.CONFIRMED, PersonState.ACTIVE, PersonState.PAUSED):
        return None
    speaker = turn.inbound.speaker
    here = (speaker.platform, speaker.workspace)
    taken = any((a.platform, a.workspace) == here for a in people.accounts_of(turn.session, person.id or 0))
    return None if taken else person


def _recognise(turn: Turn, row: JoinRequest, person: Person) -> Say:
    enter(turn, row, person)
    if turn.inbound.profile is not None:
        photos.keep(turn.session, person, turn.inbound.profile.photo)
    platform = turn.inbound.speaker.platform
    audit.note(turn.session, "join.recognised", turn.now, subject_id=person.id, detail={"platform": platform})
    told = {"name": person.name, "platform": platform}
    if person.state is PersonState.CONFIRMED:
        return Say("recognised_early", {**told, "opening": person.id})
    return Say("recognised", {**told, "staff": person.role is not Role.ALUMNUS})


def enter(turn: Turn, row: JoinRequest, person: Person, *, by: int | None = None) -> None:
    """From here on the account is the person's; their Home shows it, if they have one."""
    session = turn.session
    enrolment.let_in(person, turn.now)
    session.add(person)
    account = Account(
        platform=row.platform,
        workspace=row.workspace,
        external_id=row.external_id,
        person_id=person.id or 0,
        address=row.address,
        created_at=turn.now,
    )
    session.add(account)
    session.flush()
    if row.home and person.state is PersonState.ACTIVE:
        shown = home(person.id)
        draft = Draft(
            cause=f"home:{account.id}",
            recipient=row.home,
            person_id=person.id,
            platform=row.platform,
            workspace=row.workspace,
            address=row.home,
            template=shown.template,
            args=shown.args,
            locale=person.locale,
        )
        ledger.enqueue(session, [draft], turn.now)
    leavers.end(session, person)
    invitations.is_over(session, person.id, turn.now)
    join_requests.settle(session, account, turn.now, by=by)


def home(person_id: int | None) -> Say:
    """A member's Home tab: their profile, the open gigs and the events to come."""
    return Say("home", {"person": person_id, "board": 1, "events": {"tab": "coming", "page": 1}})


# Asking HR


def may_ask_from(row: JoinRequest) -> datetime | None:
    """From when on the account may ask (again); None where nothing holds it back."""
    match row.state:
        case JoinState.MET:
            return row.asked_at + WITHDRAWN_FOR if row.asked_at else None
        case JoinState.REFUSED:
            return row.decided_at + ASK_AGAIN if row.decided_at else None
        case JoinState.ASKED | JoinState.ADMITTED:
            return None


def ask(turn: Turn) -> Answer:
    """The speaker asks HR to be let in: one card for each of HR, however often this is said."""
    if turn.account is not None:
        return Say("already_joined", notice=True)
    row = request_of(turn)
    if row is None:
        return Say("ask_in_private", notice=True)
    again = may_ask_from(row)
    if row.state in (JoinState.ASKED, JoinState.ADMITTED) or (again is not None and again > turn.now):
        return Say("way_in", {"way_in": row.id})
    if not turn.values:
        return Ask("join.ask")
    people.hold_company(turn.session)
    if requests.waiting(turn.session) >= WAITING_AT_MOST:
        return Say("join_later", notice=True)
    for name, text in turn.values.items():
        setattr(row, name, " ".join(text.split()) if name != "words" else text)
    row.email = row.email.casefold()
    row.employee_number = leavers.number(row.employee_number)
    row.state, row.asked_at, row.owed, row.locale = JoinState.ASKED, turn.now, False, turn.locale
    row.decided_at = row.decided_by = row.person_id = None
    row.reason = ""
    row.look_at, row.looks = turn.now, 0
    requests.want(turn.session)
    turn.session.add(row)
    turn.session.flush()
    join_requests.show_changes(turn.session, row.id, turn.now)
    ledger.enqueue(turn.session, _cards(turn, row), turn.now)
    audit.note(turn.session, "join.ask", turn.now, detail={"joining": row.id})
    return Say("way_in", {"way_in": row.id})


def _cards(turn: Turn, row: JoinRequest) -> Sequence[Draft]:
    return [
        Draft(
            cause=f"joining:{row.id}:{turn.now.isoformat()}",
            recipient=f"person:{person.id}",
            person_id=person.id,
            platform=account.platform,
            workspace=account.workspace,
            address=account.address,
            template="join_request",
            args={"joining": row.id},
            locale=person.locale,
            subject=subjects.joining(row.id),
        )
        for person, account in people.staff(turn.session)
    ]


def withdraw(turn: Turn) -> Answer:
    """The speaker takes the request back: HR's cards no longer say who it was, and what they wrote is forgotten."""
    row = request_of(turn)
    if row is None or row.state is not JoinState.ASKED:
        return Say("button_old", notice=True)
    join_requests.clear(turn.session, row, turn.now)
    audit.note(turn.session, "join.withdraw", turn.now, detail={"joining": row.id})
    return Say("way_in", {"way_in": row.id})


@dataclass(frozen=True, slots=True)
class WayInView:
    """How it stands with somebody who is not in yet. `state`: looking · met · asked · admitted · refused. `again` is
    from when on they may ask HR (again), None where they may now. `rules` is where to read whom the company invites."""

    state: str
    platform: str
    asked_at: datetime | None = None
    again: datetime | None = None
    reason: str = ""
    rules: str = ""


def way_in_view(scene: Scene, request_id: int) -> WayInView:
    """Raises LookupError when there is no such request in the company."""
    row = scene.session.get(JoinRequest, request_id)
    if row is None:
        raise LookupError(f"no request {request_id}")
    again = may_ask_from(row)
    looking = row.state is JoinState.MET and row.look_at is not None
    return WayInView(
        "looking" if looking else str(row.state),
        row.platform,
        row.asked_at,
        again if again is not None and again > scene.now else None,
        row.reason,
        eligibility.url(scene.session, scene.public_url),
    )
