"""Links in news: where they lead, and how many people have followed each.

In somebody's own copy a link leads over this server: to the address that HR wrote, which is read in the broadcast and
never in the request. HR sees numbers alone. Who it was is kept as long as the links work, so that each person counts
once; then only the numbers are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from secrets import token_hex

from sqlmodel import col, delete, func, select

from bot import subjects, texts, weblinks
from bot.cards import Link, Passage, Text
from bot.scene import Scene
from bot.signed_links import SignedLinks
from storage import ledger, merging, people
from storage.db import CompanySession
from storage.prepared import insert_of
from storage.tables import Broadcast, Click, PersonState, Role, table

LIFETIME = timedelta(days=365)
"""Of the links, from when their broadcast went out."""
MOST = 20
"""Different addresses of a broadcast that are links. The others stay text."""
LEAST = 5
"""Of a broadcast to fewer people nothing is counted: a number could say who it was."""
SOON = timedelta(seconds=10)
"""HR's card follows this closely, which is not so closely that somebody who looks on sees who it was."""
AT_ONCE = 50
"""Broadcasts whose links end in one transaction; the others follow a minute later."""
_LINKS = SignedLinks("click", r"\d{1,18}\.\d{1,18}")
_MARK = token_hex(33)
"""Stands for each reader's own token in a message that is made once for all of them. Nobody can type it, and no token
is longer: what fits with it fits with them."""
_C = table(Click)


class Counting(StrEnum):
    """Whether the links of a broadcast are counted, and why not."""

    YES = "yes"
    FEW = "few"
    UNREACHED = "unreached"
    """Browsers do not reach this server."""


def counting(public_url: str, number: int) -> Counting:
    """Of a broadcast to that many people."""
    if not public_url:
        return Counting.UNREACHED
    return Counting.YES if number >= LEAST else Counting.FEW


def targets(broadcast: Broadcast) -> tuple[str, ...]:
    """The addresses that are links, each once, in both languages. A link's place among them is its number."""
    said = (broadcast.text_ja, broadcast.text_en)
    return tuple(dict.fromkeys(address for text in said for address in weblinks.parted(text)[1::2]))[:MOST]


# In somebody's copy


@dataclass(frozen=True, slots=True)
class Way:
    """How the links of a broadcast lead over this server."""

    broadcast_id: int
    until: datetime
    server: str
    places: Mapping[str, int]
    issue: Callable[[tuple[int, ...], datetime], str]

    def token(self, reader_id: int) -> str:
        """What all links of a reader's copy have. Which of the links one is, is not signed: the reader has them all."""
        return self.issue((reader_id, self.broadcast_id), self.until)

    def over(self, token: str, address: str) -> str:
        return self.server + path(token, self.places[address])


def way(scene: Scene, broadcast_id: int) -> Way | None:
    """None where the links of the scene's reader lead to their addresses at once, and are not counted: what is not out,
    what went to few, and copies that HR has."""
    if scene.reader is None or scene.reader.role is not Role.ALUMNUS or not scene.public_url:
        return None
    return scene.together.once(("way", broadcast_id), lambda: _way(scene, broadcast_id))


def _way(scene: Scene, broadcast_id: int) -> Way | None:
    session = scene.session
    broadcast = session.get(Broadcast, broadcast_id)
    if broadcast is None or broadcast.sent_at is None:
        return None
    there = targets(broadcast)
    if not there or ledger.reached(session, subjects.broadcast(broadcast_id), LEAST) < LEAST:
        return None
    places = {address: place for place, address in enumerate(there)}
    server = scene.public_url.rstrip("/")
    return Way(broadcast_id, broadcast.sent_at + LIFETIME, server, places, _LINKS.issuer(session))


def linked(scene: Scene, broadcast: Broadcast, text: str) -> Passage | str:
    """`text`, which is the broadcast's, with its links as the scene's reader has them: in a message that is made for
    several at once with the mark in them, for which each has their `own`."""
    if "://" not in text:
        return text
    taken, reader = way(scene, broadcast.id or 0), scene.reader
    if taken is None or reader is None:
        return scene.together.once(("linked", broadcast.id, text), lambda: _linked(broadcast, text, str))
    if _is_shared(scene):
        marked = partial(taken.over, _MARK)
        return scene.together.once(("marked", broadcast.id, text), lambda: _linked(broadcast, text, marked))
    return _linked(broadcast, text, partial(taken.over, taken.token(reader.id)))


def _linked(broadcast: Broadcast, text: str, leads: Callable[[str], str]) -> Passage | str:
    links = set(targets(broadcast))
    pieces = enumerate(weblinks.parted(text))
    runs = [Link(one, leads(one)) if place % 2 and one in links else Text(one) for place, one in pieces if one]
    return Passage(tuple(runs)) if any(isinstance(run, Link) for run in runs) else text


def own(scene: Scene, broadcast_id: int) -> dict[str, str]:
    """What the copy of the scene's reader has in place of the mark."""
    taken = way(scene, broadcast_id) if _is_shared(scene) else None
    return {_MARK: taken.token(scene.reader.id)} if taken is not None and scene.reader is not None else {}


def _is_shared(scene: Scene) -> bool:
    return len(scene.together.readers) > 1


# Being followed


def path(token: str, place: int) -> str:
    """Where a link leads first, below PUBLIC_URL."""
    return f"/l/{token}.{place}"


def company_in(link: str) -> int | None:
    """Which company the end of a path says it belongs to, if it looks like one."""
    return _LINKS.company_in(link.rpartition(".")[0])


def follow(session: CompanySession, link: str, now: datetime, *, counts: bool) -> str | None:
    """The address that HR wrote; None for a link that is forged, another company's, or over. With `counts` its reader
    has followed it from now on, unless they have before."""
    token, _, number = link.rpartition(".")
    told, place = _LINKS.read(session, token, now), texts.number(number)
    if told is None or place is None:
        return None
    (person_id, broadcast_id), _ = told
    broadcast = session.get(Broadcast, broadcast_id)
    there = targets(broadcast) if broadcast is not None and broadcast.sent_at is not None else ()
    if place >= len(there):
        return None
    if counts:
        _count(session, person_id, broadcast_id, place, there[place], now)
    return there[place]


def _count(session: CompanySession, person_id: int, broadcast_id: int, place: int, address: str, now: datetime) -> None:
    """Nothing is kept of who has left or was erased, nor of who is of HR by now."""
    person = people.held(session, merging.remaining(session, person_id))
    if person is None or person.role is not Role.ALUMNUS:
        return
    if person.state not in (PersonState.ACTIVE, PersonState.PAUSED):
        return
    row = {"company_id": session.company_id, "broadcast_id": broadcast_id, "place": place, "person_id": person.id}
    new = insert_of(session.core.dialect.name)(_C).on_conflict_do_nothing().returning(_C.c.place)
    if session.core.execute(new, row | {"address": address, "at": now}).first() is not None:
        subject = subjects.desk_of(subjects.broadcast(broadcast_id))
        ledger.mark_stale(session, subject, now, within=SOON)


# What HR sees


@dataclass(frozen=True, slots=True)
class Followed:
    """A link, and how many people have followed it."""

    address: str
    people: int


def followed(session: CompanySession, broadcast: Broadcast) -> tuple[Followed, ...]:
    """Each link of the broadcast."""
    there, numbers = targets(broadcast), dict(enumerate(broadcast.followed))
    if there and not numbers:
        query = select(Click.place, func.count()).where(Click.broadcast_id == broadcast.id).group_by(col(Click.place))
        numbers = dict(session.exec(query).all())
    return tuple(Followed(address, numbers.get(place, 0)) for place, address in enumerate(there))


def forget_old(session: CompanySession, now: datetime) -> int:
    """Of broadcasts whose links have ended the numbers stay, and who it was goes; returns of how many."""
    clicked = select(Click.place).where(Click.broadcast_id == Broadcast.id).exists()
    ended = select(Broadcast).where(clicked, col(Broadcast.sent_at) <= now - LIFETIME).order_by(col(Broadcast.id))
    due = session.exec(ended.limit(AT_ONCE).with_for_update(key_share=True)).all()
    for broadcast in due:
        broadcast.followed = [link.people for link in followed(session, broadcast)]
        session.add(broadcast)
        session.exec(delete(Click).where(col(Click.broadcast_id) == broadcast.id))
    session.flush()
    return len(due)
