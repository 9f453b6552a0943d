"""What HR saves by name for the next time: found by it however it is typed, no more than a form can offer and a person
look through, and the company's own: nothing says who saved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import func, select

from bot import texts
from bot.scene import Scene
from storage.db import CompanySession, note_change
from storage.prepared import insert_of
from storage.tables import BroadcastTemplate, Role, SavedSegment, table

Saved = TypeVar("Saved", SavedSegment, BroadcastTemplate)
MOST = 50
"""Of one company and kind."""
LISTED = 4
"""On one page, with a button each."""
LENGTH = 60
"""Characters of a name."""


def tidied(typed: str) -> str:
    return " ".join(typed.split())


def folded(name: str) -> str:
    """Equal for names that are the same."""
    return texts.folded(tidied(name))[:100]


def has_room(session: CompanySession, kind: type[Saved], name: str) -> bool:
    """Whether one more may be saved, or there is one of that name."""
    others = select(func.count()).select_from(kind).where(kind.folded != folded(name))
    return session.exec(others).one() < MOST


def save(session: CompanySession, kind: type[Saved], name: str, says: dict[str, Any], *, anew: bool) -> bool:
    """Under that name from now on. Where it is taken, only `anew` replaces what it said, and else this is False. Of two
    at once who save it anew the later one counts."""
    row = {"company_id": session.company_id, "folded": folded(name), "name": tidied(name), **says}
    insert = insert_of(session.core.dialect.name)(table(kind))
    own = ["company_id", "folded"]
    new = {column: insert.excluded[column] for column in ("name", *says)}
    insert = (
        insert.on_conflict_do_update(index_elements=own, set_=new)
        if anew
        else insert.on_conflict_do_nothing(index_elements=own)
    )
    done = session.core.execute(insert.returning(table(kind).c.id), row).first() is not None
    if done:
        note_change(session)
    return done


def everyone(session: CompanySession, kind: type[Saved]) -> Sequence[Saved]:
    """All of the kind, by name."""
    query = select(kind).order_by(kind.folded)
    return session.exec(query.execution_options(populate_existing=True)).all()


def called(session: CompanySession, kind: type[Saved], name: str) -> Saved | None:
    query = select(kind).where(kind.folded == folded(name))
    return session.exec(query.execution_options(populate_existing=True)).first()


def of(session: CompanySession, kind: type[Saved], number: str | int) -> Saved | None:
    """The one of that number, which a button or a form says."""
    known = texts.number(str(number))
    return session.get(kind, known, populate_existing=True) if known is not None else None


def remove(session: CompanySession, kind: type[Saved], number: int | None) -> None:
    """Of two at once the second finds nothing more to remove."""
    query = select(kind).where(kind.id == number).with_for_update().execution_options(populate_existing=True)
    found = session.exec(query).first()
    if found is not None:
        session.delete(found)
        session.flush()


# Their list


@dataclass(frozen=True, slots=True)
class PageView:
    """`lines` are id and name of each."""

    lines: tuple[tuple[int, str], ...]
    page: int
    pages: int


def lines(scene: Scene, kind: type[Saved]) -> tuple[tuple[int, str], ...]:
    """Id and name of each, by name. Raises LookupError for whoever is not of HR."""
    if scene.reader is not None and scene.reader.role is Role.ALUMNUS:
        raise LookupError("what is saved by name is HR's")
    query = select(kind.id, kind.name).order_by(kind.folded)
    return tuple((number or 0, name) for number, name in scene.session.exec(query).all())


def page_view(scene: Scene, kind: type[Saved], page: int) -> PageView:
    """Raises LookupError for whoever is not of HR."""
    found = lines(scene, kind)
    pages = max(1, -(-len(found) // LISTED))
    page = min(max(page, 1), pages)
    return PageView(found[(page - 1) * LISTED : page * LISTED], page, pages)
