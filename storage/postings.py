"""The postings, asked: who has all of several terms."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, String, and_, bindparam, func, literal, or_
from sqlalchemy import select as columns

from storage import bitmaps
from storage.bitmaps import Term
from storage.db import CompanySession
from storage.index import AUDIENCES, PART, of_year
from storage.prepared import Prepared
from storage.tables import Hiding, Person, PersonState, Posting, Vocab, table
from storage.visibility import LEVELS, NO_ONE_KNOWN, Viewer, hidden

ANY = range(PART // AUDIENCES)
"""The fields of a check that names none."""
COMBINED = 4
"""Bitmaps that are laid over each other, of the rarest checks; a further one seldom leaves out many more."""
LISTED = 64
"""People that one statement is asked about, who have those checks by the bitmaps."""

_P, _V, _T, _H = table(Person), table(Vocab), table(Posting), table(Hiding)


class Check(NamedTuple):
    """One of these terms, one or two, in one of these fields. `tells`: where it is found decides on the match."""

    terms: tuple[Term, ...]
    fields: range
    tells: bool = True

    @property
    def people(self) -> int:
        return sum(term.people for term in self.terms)


class Asking(NamedTuple):
    """What a statement asks for: who has all the `checks`, beginning with the first, which has the fewest people;
    `beginnings` are told of those who have them; one of the `years`, if any."""

    checks: Sequence[Check]
    beginnings: Sequence[Check] = ()
    years: range | None = None

    @property
    def told(self) -> Sequence[Check]:
        """Those whose places a row has."""
        return [self.checks[0], *(check for check in self.checks[1:] if check.tells), *self.beginnings]


Row = tuple[Any, ...]
"""A person's id and name, and the places of what is told; None where they do not have it."""


@lru_cache
def _vocabulary(terms: int) -> Prepared:
    asked: list[Any] = [bindparam(f"term{number}") for number in range(terms)]
    query = columns(_V.c.term, _V.c.term_id, _V.c.people)
    return Prepared(lambda _: query.where(_V.c.company_id == bindparam("company"), _V.c.term.in_(asked)))


def known(session: CompanySession, terms: Iterable[str]) -> dict[str, Term]:
    """Those of the terms that the company's people have."""
    asked = [*dict.fromkeys(terms)]
    if not asked:
        return {}
    asked += asked[-1:] * (-len(asked) % 4)  # few statements of different length
    values = {f"term{number}": term for number, term in enumerate(asked)}
    return {term: Term(term_id, people) for term, term_id, people in _vocabulary(len(asked)).all(session, **values)}


def rows(session: CompanySession, asked: Asking, viewer: Viewer, most: int) -> Sequence[Row]:
    """A row for each person who has it all; of more than `most`, one more than that, the best matches with the first
    check. Twice for a person who is found by either of two terms."""
    listed = _listed(session, asked.checks, most)
    if listed is not None:
        found = [row for some in _in_parts(listed) for row in _of_listed(session, some, asked, viewer)]
        return found if len(found) <= most else sorted(found, key=lambda row: (row[2], row[0]))[: most + 1]
    first, *others = asked.checks
    found: list[Row] = []
    for term in first.terms:
        found += first_rows(session, asked._replace(checks=[first._replace(terms=(term,)), *others]), viewer, most)
    return found


def _listed(session: CompanySession, checks: Sequence[Check], most: int) -> Sequence[int] | None:
    """Everybody who may have all the checks, by the bitmaps, where that is quicker to ask than to go through the people
    of the first one until there are `most`."""
    first = checks[0].people
    if first <= bitmaps.MANY or len(checks) == 1:
        return None
    people = bitmaps.common(session, [check.terms for check in checks[:COMBINED]])
    number = people.bit_count()
    return bitmaps.ids(people) if number * number * len(checks) <= first * most else None


def _in_parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Of one length: the last has its last one several times."""
    for start in range(0, len(ids), LISTED):
        some = list(ids[start : start + LISTED])
        yield some + some[-1:] * (LISTED - len(some))


class _Shape(NamedTuple):
    """What tells statements apart."""

    tell: tuple[bool, ...]
    """Of each check, whether its place is told; that of the first always is."""
    beginnings: int
    two: bool
    """Some have two terms."""
    filters: bool
    """Some words name a field."""
    of_years: bool
    anybody: bool
    """The viewer may be several people."""
    listed: bool = False
    """Of LISTED people, instead of all who have the first check."""


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> Prepared:
    """One row for each posting of the first check that the viewer may see, of those whose person does not hide from the
    viewer and has the other checks; or for each of the people who has them all. Scalar subqueries, since a join may be
    planned from the wrong end: with the long list."""
    driver = (_P if shape.listed else _T).alias("driver")
    person_id = driver.c.id if shape.listed else driver.c.person_id

    def within(posting: Any, number: int) -> Iterable[Any]:
        """The fields, if any word names some: PostgreSQL takes such a condition for one that few rows meet, and would
        read a whole list where its beginning is enough."""
        if not shape.filters:
            return ()
        field = posting.c.place % PART
        first, beyond = (bindparam(f"{name}_{number}", type_=Integer()) for name in ("from", "to"))
        return field >= first, field < beyond

    def having(number: int) -> tuple[Any, Sequence[Any]]:
        """A posting of the check, and what makes it one."""
        term = _T.alias(f"term{number}")
        ids = [bindparam(f"id{number}{which}", type_=BigInteger()) for which in "ab"]
        is_it = term.c.term_id.in_(ids) if shape.two else term.c.term_id == ids[0]
        return term, (term.c.person_id == person_id, is_it, _is_seen(term), *within(term, number))

    def place(number: int) -> Any:
        term, own = having(number)
        return columns(func.min(term.c.place)).where(*own).scalar_subquery().label(f"place{number}")

    checks = len(shape.tell)
    told = [number for number, tells in enumerate(shape.tell) if tells and number]
    places = [place(0) if shape.listed else driver.c.place.label("place0")]
    places += map(place, (*told, *range(checks, checks + shape.beginnings)))
    query = columns(person_id.label("person_id"), *places)
    query = query.where(~hidden(person_id) if shape.anybody else person_id.not_in(_hiding()))
    for number in range(0 if shape.listed else 1, checks):
        query = query.where(columns(literal(1)).where(*having(number)[1]).exists())
    if shape.of_years:
        query = query.where(_in_years(person_id))
    if shape.listed:
        query = query.where(person_id.in_([bindparam(f"person{number}") for number in range(LISTED)]))
    else:
        query = query.where(driver.c.term_id == bindparam("id0a", type_=BigInteger()))
        query = query.where(_is_seen(driver), *within(driver, 0)).order_by(driver.c.place, driver.c.person_id)
        query = query.limit(bindparam("most", type_=Integer()))
    inner = query.subquery()
    own = _P.c.id == inner.c.person_id, _P.c.company_id == bindparam("company"), _P.c.state == PersonState.ACTIVE
    name = columns(_P.c.name).where(*own).scalar_subquery()
    told_of: list[Any] = [inner.c.person_id, name.label("name"), *(inner.c[place.key] for place in places)]
    return Prepared(lambda _: columns(*told_of))


def _hiding() -> Any:
    """Who hides from the viewer."""
    own = _H.c.company_id == bindparam("company"), _H.c.viewer_id == bindparam("viewer", type_=BigInteger())
    return columns(_H.c.person_id).where(*own, _H.c.person_id != _H.c.viewer_id)


def _is_seen(posting: Any) -> Any:
    own = posting.c.person_id == bindparam("viewer", type_=BigInteger())
    return or_(posting.c.place % AUDIENCES <= bindparam("reach", type_=Integer()), own)


def _in_years(person_id: Any) -> Any:
    """The person joined in one of the years, as far as the viewer may see."""
    posting = _T.alias("in_year")
    first, last = (bindparam(name, type_=String()) for name in ("first_year", "last_year"))
    asked = columns(_V.c.term_id).where(_V.c.company_id == bindparam("company"))
    asked = asked.where(and_(_V.c.term >= first, _V.c.term <= last))
    own = posting.c.person_id == person_id, posting.c.term_id.in_(asked), _is_seen(posting)
    return columns(literal(1)).where(*own).exists()


def first_rows(session: CompanySession, asked: Asking, viewer: Viewer, most: int) -> Sequence[Row]:
    """The first `most` people and one more, by the place of the first check, which is one term, and their ids."""
    shape, values = _told(asked, viewer)
    limit = most + 1
    while True:
        rows = _statement(shape).all(session, **values, most=limit)
        people: dict[int, Row] = {}
        for row in rows:
            if row[1] is not None:
                people.setdefault(row[0], row)
        if len(rows) < limit or len(people) > most:
            return list(people.values())[: most + 1]
        limit *= 4  # some have the term in several fields


def _of_listed(session: CompanySession, ids: Sequence[int], asked: Asking, viewer: Viewer) -> Sequence[Row]:
    """Those of the LISTED people who have it all."""
    shape, values = _told(asked, viewer)
    values |= {f"person{number}": person_id for number, person_id in enumerate(ids)}
    return [row for row in _statement(shape._replace(listed=True)).all(session, **values) if row[1] is not None]


def _told(asked: Asking, viewer: Viewer) -> tuple[_Shape, dict[str, Any]]:
    """The statement's shape, and its values."""
    every = [*asked.checks, *asked.beginnings]
    shape = _Shape(
        tuple(check.tells for check in asked.checks),
        len(asked.beginnings),
        any(len(check.terms) > 1 for check in every),
        any(check.fields != ANY for check in every),
        asked.years is not None,
        viewer.id == NO_ONE_KNOWN,
    )
    values: dict[str, Any] = {"viewer": viewer.id, "reach": LEVELS[viewer.reach]}
    for number, check in enumerate(every):
        values[f"id{number}a"], values[f"id{number}b"] = check.terms[0].id, check.terms[-1].id
        values[f"from_{number}"], values[f"to_{number}"] = (
            check.fields.start * AUDIENCES,
            check.fields.stop * AUDIENCES,
        )
    if asked.years is not None:
        values |= {"first_year": of_year(asked.years.start), "last_year": of_year(asked.years.stop - 1)}
    return shape, values
