"""Who sees which field of a person, and who finds them at all: the rule, and the questions to the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, and_, bindparam, delete, or_
from sqlalchemy import select as columns
from sqlmodel import col, select

from storage.db import CompanySession
from storage.prepared import Prepared, in_lists, insert_of, listed
from storage.tables import Audience, Hiding, Visibility, table

_H, _V = table(Hiding), table(Visibility)
NO_ONE_KNOWN = 0
"""The id of a viewer who may be several people, or anybody."""


class Rule(NamedTuple):
    """`usual` is a field's audience until the person chooses another; none wider than `widest` can be chosen."""

    usual: Audience
    widest: Audience = Audience.EVERYONE


FIELDS: Mapping[str, Rule] = MappingProxyType(
    {
        "reading": Rule(Audience.ALUMNI),
        "romaji": Rule(Audience.ALUMNI),
        "former_surname": Rule(Audience.ALUMNI),
        "joined_year": Rule(Audience.ALUMNI),
        "last_day": Rule(Audience.ALUMNI),
        "departments": Rule(Audience.ALUMNI),
        "works_at": Rule(Audience.ALUMNI),
        "works_as": Rule(Audience.ALUMNI),
        "city": Rule(Audience.ALUMNI),
        "skills": Rule(Audience.ALUMNI),
        "helps_with": Rule(Audience.ALUMNI),
        "looks_for": Rule(Audience.ALUMNI),
        "availability": Rule(Audience.HR),
        "interests": Rule(Audience.HR),
        "photo": Rule(Audience.ALUMNI),
        "email": Rule(Audience.HR, Audience.ALUMNI),
        "employee_number": Rule(Audience.HR, Audience.HR),
    }
)
"""What a person decides about. A name is seen by every member from whom its person does not hide."""

_ORDER = tuple(Audience)
"""From the widest to the narrowest."""
LEVELS: Mapping[Audience, int] = MappingProxyType({audience: level for level, audience in enumerate(_ORDER)})


class Viewer(NamedTuple):
    """Who looks, and the narrowest audience that they belong to when they look at others. With NO_ONE_KNOWN for `id`,
    whoever hides from anybody is hidden."""

    id: int
    reach: Audience


def includes(reach: Audience, audience: Audience) -> bool:
    """Whether somebody of this reach sees what has that audience."""
    return LEVELS[audience] <= LEVELS[reach]


def audience(field: str, chosen: Audience | None) -> Audience:
    """The audience that counts: the person's choice, but none wider than the field allows."""
    rule = FIELDS[field]
    wanted = rule.usual if chosen is None else chosen
    return wanted if includes(wanted, rule.widest) else rule.widest


def choices(field: str) -> Sequence[Audience]:
    """What can be chosen for the field, from the widest."""
    return [one for one in _ORDER if includes(one, FIELDS[field].widest)]


class Seen:
    """What of several people somebody may see."""

    def __init__(self, viewer: Viewer, chosen: Mapping[int, Mapping[str, Audience]]) -> None:
        self._viewer = viewer
        self._chosen = chosen

    def audience(self, person_id: int, field: str) -> Audience:
        return audience(field, self._chosen.get(person_id, {}).get(field))

    def shows(self, person_id: int, field: str) -> bool:
        own = person_id == self._viewer.id
        return own or includes(self._viewer.reach, self.audience(person_id, field))


def seen(session: CompanySession, viewer: Viewer, person_ids: Iterable[int]) -> Seen:
    return Seen(viewer, chosen(session, person_ids))


_CHOSEN = Prepared(
    lambda _: columns(_V.c.person_id, _V.c.field, _V.c.audience).where(
        _V.c.company_id == bindparam("company"), _V.c.person_id.in_(listed())
    )
)


def chosen(session: CompanySession, person_ids: Iterable[int]) -> dict[int, dict[str, Audience]]:
    """What the people have chosen, where they have."""
    session.flush()
    found: dict[int, dict[str, Audience]] = {}
    for some in in_lists(person_ids):
        for person_id, field, wanted in _CHOSEN.all(session, **some):
            if field in FIELDS:
                found.setdefault(person_id, {})[field] = wanted
    return found


@lru_cache
def _narrowed(people: int) -> Prepared:
    ids: list[Any] = [bindparam(f"id{number}") for number in range(people)]
    own = _V.c.company_id == bindparam("company"), _V.c.person_id.in_(ids)
    narrow = or_(*(_V.c.audience == one for one in _ORDER if not includes(Audience.ALUMNI, one)))
    query = columns(_V.c.person_id).where(*own, _V.c.field == bindparam("field"), narrow)
    return Prepared(lambda _: query)


def narrowed(session: CompanySession, field: str, person_ids: Sequence[int]) -> set[int]:
    """Those of the people whose field, usually every member's to see, is not."""
    session.flush()
    asked = {f"id{number}": person_id for number, person_id in enumerate(person_ids)}
    return {person_id for (person_id,) in _narrowed(len(person_ids)).all(session, field=field, **asked)}


def choose(session: CompanySession, person_id: int, wanted: Mapping[str, Audience]) -> None:
    """From now on these are the fields' audiences. What is a field's usual one is not kept."""
    there = {row.field: row for row in session.exec(select(Visibility).where(Visibility.person_id == person_id))}
    for field, one in wanted.items():
        row = there.get(field)
        if audience(field, one) is FIELDS[field].usual:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(Visibility(person_id=person_id, field=field, audience=audience(field, one)))
        else:
            row.audience = audience(field, one)
    session.flush()


# Hiding from a person


def hidden(person_id: Any, viewer: Any = None) -> Any:
    """An SQL condition: the person of that column is hidden from the viewer, who is a parameter named `viewer`
    where no column is given."""
    whom = bindparam("viewer", type_=BigInteger()) if viewer is None else viewer
    somebody = or_(_H.c.viewer_id == whom, whom == NO_ONE_KNOWN)
    return (
        columns(_H.c.person_id)
        .where(_H.c.company_id == bindparam("company"), _H.c.person_id == person_id, somebody)
        .where(_H.c.viewer_id != _H.c.person_id)
        .exists()
    )


def hide(session: CompanySession, person_id: int, viewer_id: int, at: datetime) -> None:
    """Does nothing when it is so already."""
    session.flush()
    new = insert_of(session.core.dialect.name)(_H).on_conflict_do_nothing()
    row = {"company_id": session.company_id, "person_id": person_id, "viewer_id": viewer_id, "at": at}
    session.core.execute(new, row)


def show_again(session: CompanySession, person_id: int, viewer_id: int) -> None:
    session.exec(delete(Hiding).where(and_(col(Hiding.person_id) == person_id, col(Hiding.viewer_id) == viewer_id)))


def hidden_from(session: CompanySession, person_id: int) -> Sequence[int]:
    """The people from whom the person hides, in the order in which it was asked for."""
    query = (
        select(Hiding.viewer_id).where(Hiding.person_id == person_id).order_by(col(Hiding.at), col(Hiding.viewer_id))
    )
    return session.exec(query).all()


def hiding(session: CompanySession, viewer: Viewer, person_ids: Iterable[int]) -> set[int]:
    """Those of the people who hide from the viewer."""
    query = select(Hiding.person_id).where(col(Hiding.person_id).in_(list(person_ids)))
    if viewer.id != NO_ONE_KNOWN:
        query = query.where(Hiding.viewer_id == viewer.id)
    return set(session.exec(query.where(col(Hiding.person_id) != col(Hiding.viewer_id))).all())
