"""News as alumni have it: what it says, and that they have read it."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import col, func, select

from bot import clicks, subjects, texts
from bot.cards import Passage
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger
from storage.db import CompanySession
from storage.tables import Acknowledgement, Broadcast, BroadcastState, Role

TOLD = (BroadcastState.OUT, BroadcastState.CANCELLED)
"""What somebody may have got."""


@dataclass(frozen=True, slots=True)
class NewsView:
    id: int
    title: str
    text: Passage | str
    picture: str
    picture_alt: str
    read: bool
    test: bool
    """It is not out yet: whoever writes it looks at it."""
    counted: bool = False
    """It is counted who follows its links."""


class Words(NamedTuple):
    title: str
    text: str


def words(broadcast: Broadcast, locale: str) -> Words:
    """What it says in that language, or else in the other."""
    japanese = Words(broadcast.title_ja, broadcast.text_ja)
    english = Words(broadcast.title_en, broadcast.text_en)
    first, other = (japanese, english) if locale == "ja" else (english, japanese)
    return first if first.title and first.text else other


def broadcast_of(session: CompanySession, broadcast_id: str | int) -> Broadcast | None:
    number = texts.number(str(broadcast_id))
    return None if number is None else session.get(Broadcast, number)


def news_view(scene: Scene, broadcast_id: int) -> NewsView:
    """Raises LookupError when there is no such news, or the reader is not to know of it yet."""
    broadcast = broadcast_of(scene.session, broadcast_id)
    alumnus = scene.reader is None or scene.reader.role is Role.ALUMNUS
    if broadcast is None or (alumnus and broadcast.state not in TOLD):
        raise LookupError(f"no news {broadcast_id}")
    title, text = words(broadcast, scene.locale)
    readers = scene.together.including(scene.reader.id) if scene.reader else scene.together.readers
    read = scene.together.once(("read", broadcast_id), lambda: _readers(scene.session, broadcast_id, readers))
    said = clicks.linked(scene, broadcast, text)
    return NewsView(
        broadcast.id or 0,
        title,
        said,
        broadcast.picture,
        broadcast.picture_alt,
        read=scene.reader is not None and scene.reader.id in read,
        test=broadcast.state not in TOLD,
        counted=isinstance(said, Passage) and clicks.way(scene, broadcast_id) is not None,
    )


def _readers(session: CompanySession, broadcast_id: int, among: frozenset[int]) -> frozenset[int]:
    own = Acknowledgement.broadcast_id == broadcast_id, col(Acknowledgement.person_id).in_(among)
    return frozenset(session.exec(select(Acknowledgement.person_id).where(*own)))


def read_by(session: CompanySession, broadcast_id: int) -> int:
    """How many people have said that they have read it."""
    number = func.count(func.distinct(Acknowledgement.person_id))
    return session.exec(select(number).where(Acknowledgement.broadcast_id == broadcast_id)).one()


def show(turn: Turn) -> Answer:
    broadcast = _told(turn)
    return Say("news", {"news": broadcast.id}) if broadcast else Say("news_unknown", notice=True)


def read(turn: Turn) -> Answer:
    """Pressed twice, the first time counts."""
    broadcast = _told(turn)
    if broadcast is None:
        return Say("news_unknown", notice=True)
    broadcast_id = broadcast.id or 0
    if turn.member.role is Role.ALUMNUS and not _readers(turn.session, broadcast_id, frozenset({turn.member.id})):
        turn.session.add(Acknowledgement(broadcast_id=broadcast_id, person_id=turn.member.id, at=turn.now))
        turn.session.flush()
        subject = subjects.broadcast(broadcast_id)
        ledger.mark_stale(turn.session, subject, turn.now, person_id=turn.member.id)
        ledger.mark_stale(turn.session, subjects.desk_of(subject), turn.now)
    return Refresh(Say("news", {"news": broadcast_id}))


def _told(turn: Turn) -> Broadcast | None:
    """The news that the button names, if the speaker was written to about it, or is of HR."""
    broadcast = broadcast_of(turn.session, turn.args.get("news", ""))
    if broadcast is None or turn.is_staff:
        return broadcast
    got = ledger.offered_to(turn.session, subjects.broadcast(broadcast.id), turn.member.id)
    return broadcast if got is not None and broadcast.state in TOLD else None


def no_longer_sent(session: CompanySession, broadcast_id: int) -> str:
    """Why it should not be sent any more, empty when it should."""
    broadcast = session.get(Broadcast, broadcast_id)
    return "" if broadcast is not None and broadcast.state is BroadcastState.OUT else "broadcast_cancelled"
