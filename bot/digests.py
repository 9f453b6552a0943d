"""The weekly digest: what came to a person's topics that they want once a week, in one message.

A message of such a topic is HELD when it would have left. When the digest's time has come, one transaction writes the
digest and notes in its messages that they are in it: none is lost or in two digests, whatever stops where. What its
reader does not want at that moment waits, and when they want it again the next digest has what is still open.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from bot import digest_times, events, gigs, news, referrals, reunions, spreading, surveys, texts, unasked
from bot.ports import Pace
from bot.scene import Scene, Together
from bot.turn import Answer, Say, Turn
from storage import consents, ledger, people
from storage.db import CompanySession
from storage.ledger import DeliveryRow, Draft
from storage.people import Member
from storage.tables import Broadcast, ConsentPurpose

LISTED = 4
"""Items on one page, with a button each."""
AT_ONCE = 1000
"""People for whom one run writes a digest; the others have theirs a minute later."""


@dataclass(frozen=True, slots=True)
class Item:
    """`kind` and `id` say what its button opens."""

    kind: str
    id: int
    title: str
    detail: str = ""
    by: str = ""
    """Who passed it on."""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class DigestView:
    """One page of what is still open."""

    items: tuple[Item, ...]
    total: int
    more: int
    next: int


Finds = Callable[[CompanySession, DeliveryRow, Member, datetime, Together], Item | None]


def _gig(session: CompanySession, row: DeliveryRow, reader: Member, _now: datetime, together: Together) -> Item | None:
    gig = gigs.gig_of(session, row.args["gig"])
    agreed = consents.agrees(session, reader.id, ConsentPurpose.GIGS)
    if gig is None or not agreed or gigs.no_longer_offered(session, row.args["gig"], reader.id, together):
        return None
    return Item("gig", gig.id or 0, gig.title, gig.reward, until=gig.deadline_on)


def _referred(
    session: CompanySession, row: DeliveryRow, reader: Member, now: datetime, together: Together
) -> Item | None:
    item = _gig(session, row, reader, now, together)
    if item is None or referrals.no_longer_wanted(session, row.args["referral"]):
        return None
    return Item("gig", item.id, item.title, item.detail, referrals.referrer(session, row.args["referral"]), item.until)


def _news(session: CompanySession, row: DeliveryRow, reader: Member, _now: datetime, together: Together) -> Item | None:
    broadcast = session.get(Broadcast, row.args["news"])
    agreed = consents.agrees(session, reader.id, ConsentPurpose.CONTACT)
    if broadcast is None or not agreed or news.no_longer_sent(session, row.args["news"]):
        return None
    return Item("news", broadcast.id or 0, news.words(broadcast, reader.locale).title)


def _event(session: CompanySession, row: DeliveryRow, reader: Member, now: datetime, together: Together) -> Item | None:
    event = events.event_of(session, row.args["event"])
    agreed = consents.agrees(session, reader.id, ConsentPurpose.CONTACT)
    if event is None or not agreed or events.no_longer_offered(session, row.args["event"], reader.id, now, together):
        return None
    return Item("event", event.id or 0, event.title, events.when(event, reader.locale))


def _survey(
    session: CompanySession, row: DeliveryRow, reader: Member, now: datetime, _together: Together
) -> Item | None:
    survey = surveys.survey_of(session, row.args["survey"])
    agreed = consents.agrees(session, reader.id, ConsentPurpose.CONTACT)
    if survey is None or not agreed or surveys.no_longer_asked(session, row, reader.id, now):
        return None
    return Item("survey", survey.id or 0, survey.title)


def _reunion(
    session: CompanySession, row: DeliveryRow, reader: Member, now: datetime, _together: Together
) -> Item | None:
    reunion = reunions.reunion_of(session, row.args["reunion"])
    agreed = consents.agrees(session, reader.id, ConsentPurpose.CONTACT)
    if reunion is None or not agreed or reunions.no_longer_asked(session, row, reader.id, now):
        return None
    return Item("reunion", reunion.id or 0, reunions.title(reunion, reader.locale))


ITEMS: Mapping[str, Finds] = {
    "gig_offer": _gig,
    "gig_referred": _referred,
    "event_offer": _event,
    "reunion_offer": _reunion,
    "news": _news,
    "survey_offer": _survey,
    "survey_reminder": _survey,
}
"""How a message of that template stands in a digest; None where nobody would send it any more. Each template that has a
topic is here."""


def digest_view(scene: Scene, asked: Mapping[str, Any]) -> DigestView:
    """Raises LookupError for everybody but the person whose it is."""
    if scene.reader is None:
        raise LookupError("a digest is somebody's own")
    items = _open(scene.session, asked["of"], scene.reader, scene.now, Together())
    page = max(asked["page"], 1)
    shown = items[(page - 1) * LISTED : page * LISTED]
    return DigestView(tuple(shown), len(items), max(0, len(items) - page * LISTED), page + 1)


def _open(session: CompanySession, ids: Iterable[int], reader: Member, now: datetime, together: Together) -> list[Item]:
    """What is still to be told, each once. A topic that was stopped meanwhile is not."""
    own = [row for row in ledger.by_ids(session, ids) if row.person_id == reader.id]
    wanted = (row for row in own if not unasked.unwanted(row, reader._replace(snoozed_until=None), now))
    found = (ITEMS[row.template](session, row, reader, now, together) for row in wanted if row.template in ITEMS)
    return list({(item.kind, item.id): item for item in found if item is not None}.values())


def nothing_left(session: CompanySession, asked: Mapping[str, Any], reader: Member, now: datetime) -> str:
    """Why the digest need not be sent any more, empty when it should."""
    return "" if _open(session, asked["of"], reader, now, Together()) else "nothing_left"


_FOR_NOW = frozenset({"opted_out", "snoozed", "consent_withdrawn"})


def come_back(session: CompanySession, row: DeliveryRow, reason: str, now: datetime) -> bool:
    """Whether the digest, which cannot be sent for that reason, was never written: its reader may want it again, and
    what was in it waits for the next one."""
    if row.template != "digest" or reason not in _FOR_NOW:
        return False
    ledger.put_back(session, row.id, row.args["digest"]["of"], digest_times.next_at(session, now))
    return True


def run(session: CompanySession, paces: Mapping[str, Pace], now: datetime) -> int:
    """Write the digests that are due; returns how many. For whoever takes a break their items wait for its end, and
    for whoever has stopped everything until they have not."""
    rows = ledger.held_due(session, now, AT_ONCE)
    if not rows:
        return 0
    members = people.members(session, {row.person_id or 0 for row in rows})
    drafts: list[Draft] = []
    for person_id, group in groupby(rows, key=lambda row: row.person_id or 0):
        held, reader = list(group), members.get(person_id)
        ids = [row.id for row in held]
        if reader is not None and (until := _rests_until(reader, now)):
            ledger.move_held(session, digest_times.next_at(session, until), ids)
            continue
        drafts.append(_draft(held))
        ledger.put_in_digest(session, ids, now)
    spreading.write(session, drafts, paces, now)
    return len(drafts)


def _rests_until(reader: Member, now: datetime) -> datetime | None:
    """Until when nothing comes; None where it does. Whoever has stopped everything is asked about again next time."""
    if reader.opted_out_at is not None:
        return now
    return reader.snoozed_until if reader.snoozed_until is not None and reader.snoozed_until > now else None


def _draft(held: list[DeliveryRow]) -> Draft:
    """To where the newest would have gone."""
    last = held[-1]
    return Draft(
        cause=f"digest:{last.id}",
        recipient=f"person:{last.person_id}",
        person_id=last.person_id,
        platform=last.platform,
        workspace=last.workspace,
        address=last.address,
        template="digest",
        args={"digest": {"of": [row.id for row in held], "page": 1}},
        unasked=True,
    )


def page(turn: Turn) -> Answer:
    """A page's button: of the digest in which it was pressed."""
    pressed = ledger.by_ref(turn.session, turn.inbound.pressed) if turn.inbound.pressed else None
    if pressed is None or pressed.template != "digest" or pressed.person_id != turn.member.id:
        return Say("button_old", notice=True)
    number = min(texts.number(turn.args.get("page", "")) or 1, 10_000)
    return Say("digest", {"digest": {**pressed.args["digest"], "page": number}}, in_place=True)
