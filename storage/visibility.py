"""Who sees which field of a person, and who finds them at all: the rule, and the questions to the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, and_, bindparam, delete, or_
from sqlalchemy import select as columns
from sqlmodel import col, select

from storage.db import CompanySession
from storage.listed import one_of
from storage.prepared import Prepared, insert_of
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
        _V.c.company_id == bindparam("company"), one_of(_V.c.person_id, "ids")
    )
)


def chosen(session: CompanySession, person_ids: Iterable[int]) -> dict[int, dict[str, Audience]]:
    """What the people have chosen, where they have."""
    session.flush()
    found: dict[int, dict[str, Audience]] = {}
    for person_id, field, wanted in _CHOSEN.all(session, ids=person_ids):
        if field in FIELDS:
            found.setdefault(person_id, {})[field] = wanted
    return found


def _narrow() -> Any:
    return or_(*(_V.c.audience == one for one in _ORDER if not includes(Audience.ALUMNI, one)))


_NARROWED = Prepared(
    lambda _: columns(_V.c.person_id).where(
        _V.c.company_id == bindparam("company"),
        one_of(_V.c.person_id, "ids"),
        _V.c.field == bindparam("field"),
        _narrow(),
    )
)


def narrowed(session: CompanySession, field: str, person_ids: Sequence[int]) -> set[int]:
    """Those of the people whose field, usually every member's to see, is not."""
    session.flush()
    return {person_id for (person_id,) in _NARROWED.all(session, field=field, ids=person_ids)}


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
    own = _H.c.company_id == bindparam("company"), _H.c.person_id == person_id
    return columns(_H.c.person_id).where(*own, _hides_from(_VIEWER if viewer is None else viewer)).exists()


_VIEWER = bindparam("viewer", type_=BigInteger())


def _hides_from(viewer: Any) -> Any:
    return and_(or_(_H.c.viewer_id == viewer, viewer == NO_ONE_KNOWN), _H.c.viewer_id != _H.c.person_id)


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
    session.flush()
    return {person_id for (person_id,) in _HIDING.all(session, viewer=viewer.id, ids=person_ids)}


_HIDING = Prepared(
    lambda _: columns(_H.c.person_id).where(
        _H.c.company_id == bindparam("company"), one_of(_H.c.person_id, "ids"), _hides_from(_VIEWER)
    )
)
