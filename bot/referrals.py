"""Passing a gig on: to another alumnus, who gets an invitation to talk and not a post, or to somebody outside, of whom
HR is told.

Whoever refers an alumnus reads the same sentence whatever comes of it: not even that nothing was sent is told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select, update

from bot import answers, origin, queries, subjects, visibility
from bot.cards import FieldKind
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import consents, ledger, people, search, topics
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Audience, Cadence, ConsentPurpose, Gig, Person, PersonState, Referral, Role, Topic

QUESTIONS = (
    Question("who", max_length=200),
    Question("email", FieldKind.EMAIL, required=False, max_length=320),
    Question("words", FieldKind.TEXT, required=False, max_length=500),
    Question("agreed", FieldKind.CHOICE, required=False, max_length=20, choices=("yes",)),
)
KEPT = timedelta(days=90)
"""So long after its gig has ended, HR keeps who was named from outside."""


@dataclass(frozen=True, slots=True)
class ReferralView:
    """`by` has referred, to HR or to the person, with these `words`; `name` and `email` are an outsider's."""

    gig: int
    title: str
    by: str
    name: str
    email: str
    words: str


def referral_view(scene: Scene, referral_id: int) -> ReferralView:
    """Raises LookupError when there is none, or its reader is neither HR nor the one who was referred."""
    referral = scene.session.get(Referral, referral_id)
    gig = scene.session.get(Gig, referral.gig_id) if referral else None
    by = scene.session.get(Person, referral.referrer_id) if referral else None
    reader = scene.reader
    theirs = reader is None or reader.role is not Role.ALUMNUS or (referral and reader.id == referral.person_id)
    if referral is None or gig is None or by is None or not theirs:
        raise LookupError(f"no referral {referral_id} to be read")
    return ReferralView(referral.gig_id, gig.title, by.name, referral.name, referral.email, referral.words)


def refer(turn: Turn) -> Answer:
    """With an address it is somebody outside; without, the only alumnus whom the words find for the speaker."""
    match answers.answerable(turn):
        case Gig(named_id=None) as gig:
            people.held(turn.session, turn.member.id)
            return _outsider(turn, gig) if turn.values["email"] else _alumnus(turn, gig)
        case Gig():
            return Say("button_old", notice=True)
        case answer:
            return answer


def _about(gig: Gig) -> dict[str, str]:
    return {"gig": str(gig.id)}


# Another alumnus


def _alumnus(turn: Turn, gig: Gig) -> Answer:
    query = queries.parsed(turn.values["who"])
    if query.too_long or query.not_years or not query.words:
        return Ask("gig.refer", _about(gig), turn.values, errors={"who": "refer_nobody"})
    found = search.find(turn.session, query.words, visibility.viewer(turn.person)).people
    if len(found) != 1:
        return Ask("gig.refer", _about(gig), turn.values, errors={"who": "refer_several" if found else "refer_nobody"})
    if found[0].id == turn.member.id:
        return Ask("gig.refer", _about(gig), turn.values, errors={"who": "refer_oneself"})
    referral = _referral(turn, gig)
    referral.person_id = found[0].id
    if _written(turn, gig, referral):
        draft = _invitation(turn, gig, referral, found[0].id)
        ledger.enqueue(turn.session, [draft] if draft else [], turn.now)
    return Say("referred", {"name": found[0].name, "title": gig.title}, notice=True, done=True)


def _written(turn: Turn, gig: Gig, referral: Referral) -> bool:
    """False where the speaker has referred the same person before."""
    own = Referral.gig_id == gig.id, Referral.referrer_id == turn.member.id
    same = Referral.person_id == referral.person_id, Referral.email == referral.email
    if turn.session.exec(select(Referral.id).where(*own, *same)).first() is not None:
        return False
    turn.session.add(referral)
    turn.session.flush()
    return True


def _referral(turn: Turn, gig: Gig) -> Referral:
    return Referral(gig_id=gig.id or 0, referrer_id=turn.member.id, words=turn.values["words"], at=turn.now)


def _invitation(turn: Turn, gig: Gig, referral: Referral, person_id: int) -> Draft | None:
    """None for somebody who would not be offered the gig either, or whose referrer hides from them."""
    person = turn.session.get_one(Person, person_id)
    snoozed = person.snoozed_until is not None and person.snoozed_until > turn.now
    to = next((account for account in people.accounts_of(turn.session, person_id) if account.address), None)
    reached = person.state is PersonState.ACTIVE and person.role is Role.ALUMNUS and person.opted_out_at is None
    wanted = topics.cadence(person.receives, Topic.GIGS) is not Cadence.NEVER
    agreed = consents.agrees(turn.session, person_id, ConsentPurpose.GIGS)
    author = visibility.Viewer(gig.author_id, Audience.HR)
    hides = visibility.hiding(turn.session, author, [person_id]) or _apart(turn.session, referral)
    if to is None or snoozed or hides or not (reached and wanted and agreed):
        return None
    return Draft(
        cause=f"referral:{referral.id}",
        recipient=f"person:{person_id}",
        person_id=person_id,
        platform=to.platform,
        workspace=to.workspace,
        address=to.address,
        template="gig_referred",
        args={"gig": gig.id, "referral": referral.id},
        subject=subjects.gig(gig.id),
        unasked=True,
    )


def _apart(session: CompanySession, referral: Referral) -> bool:
    """Whether one of the two hides from the other."""
    one, other = referral.referrer_id, referral.person_id or 0
    looks = ((one, other), (other, one))
    return any(visibility.hiding(session, visibility.Viewer(by, Audience.ALUMNI), [whom]) for by, whom in looks)


def referrer(session: CompanySession, referral_id: int) -> str:
    """Who referred them; empty when that is not known any more."""
    referral = session.get(Referral, referral_id)
    person = session.get(Person, referral.referrer_id) if referral else None
    return person.name if person else ""


def no_longer_wanted(session: CompanySession, referral_id: int) -> str:
    """Why an invitation should not be sent any more, empty when it should."""
    referral = session.get(Referral, referral_id)
    if referral is None:
        return "gone"
    return "hidden" if _apart(session, referral) else ""


# Somebody outside


def _outsider(turn: Turn, gig: Gig) -> Answer:
    """Nobody is looked up by the address: whose it is would show in the answer."""
    if not turn.values["agreed"]:
        return Ask("gig.refer", _about(gig), turn.values, errors={"agreed": "refer_agreed"})
    referral = _referral(turn, gig)
    referral.name, referral.email = turn.values["who"], turn.values["email"].casefold()
    if _written(turn, gig, referral):
        author = turn.session.get(Person, gig.author_id)
        posted = ledger.caused(turn.session, subjects.gig_desk(gig.id))
        card = origin.draft(
            gig,
            locale=author.locale if author and author.locale else turn.company.locale,
            cause=f"referral:{referral.id}",
            template="referral_desk",
            args={"referral": referral.id or 0},
            subject=subjects.referral(referral.id),
            thread_of=posted.id if posted else None,
        )
        ledger.enqueue(turn.session, [card], turn.now)
    return Say("referred_outside", {"name": turn.values["who"], "title": gig.title}, notice=True, done=True)


def forget_old(session: CompanySession, now: datetime) -> None:
    """Of outsiders whose gig ended KEPT ago nothing is kept, but that somebody was named."""
    over = select(Gig.id).where(col(Gig.closed_at) <= now - KEPT)
    named = col(Referral.gig_id).in_(over), col(Referral.email) != ""
    for referral_id in session.exec(select(Referral.id).where(*named)).all():
        ledger.mark_stale(session, subjects.referral(referral_id), now)
    session.exec(update(Referral).where(*named).values(name="", email="", words=""))
