"""The postings, asked: who has all of several terms."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, String, and_, bindparam, func, literal, or_, tuple_
from sqlalchemy import select as columns

from storage import bitmaps
from storage.bitmaps import People, Term
from storage.db import CompanySession
from storage.index import AUDIENCES, PART, of_year
from storage.listed import one_of
from storage.prepared import Prepared
from storage.tables import Hiding, Person, PersonState, Posting, Vocab, table
from storage.visibility import LEVELS, NO_ONE_KNOWN, Viewer, hidden

ANY = range(PART // AUDIENCES)
"""The fields of a check that names none."""
COMBINED = 4
"""Bitmaps that are laid over each other, of the rarest checks; a further one seldom leaves out many more."""
LISTED = 112
"""Ids that one statement is asked for at once. A little over what one search ranks: of so many, most are found."""
ONE_BY_ONE = 256
"""People of the rarest word who are asked one by one for the others."""
FEW = 256
"""Postings of one place that are read before people are asked for, where twice as many would not do."""

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
    """What is asked for: who has all the `checks`, beginning with the first, which has the fewest people; `apart` are
    the rarest one of each word, as those of one word go together; `beginnings` are told of those who have them; one of
    the `years`, if any."""

    checks: Sequence[Check]
    apart: Sequence[Check]
    beginnings: Sequence[Check] = ()
    years: range | None = None

    @classmethod
    def of(cls, check: Check) -> "Asking":
        return cls([check], [check])

    @property
    def told(self) -> Sequence[Check]:
        """Those whose places a row has."""
        return [self.checks[0], *(check for check in self.checks[1:] if check.tells), *self.beginnings]


Placed = tuple[int, int]
"""A person's id, and the place of the first check."""
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
    first, *others = asked.checks
    if first.people > ONE_BY_ONE and len(asked.apart) > 1:
        return _common_rows(session, asked, viewer, most)
    found: list[Row] = []
    for term in first.terms:
        found += first_rows(session, asked._replace(checks=[first._replace(terms=(term,)), *others]), viewer, most)
    return found


def _common_rows(session: CompanySession, asked: Asking, viewer: Viewer, most: int) -> Sequence[Row]:
    """`rows` for words of which none is rare: the bitmaps tell who may have them all. Where these are few, they are
    all asked; where they are more, they are met in the order of the first check."""
    first = asked.checks[0]
    people = bitmaps.common(session, [check.terms for check in asked.apart[:COMBINED]])
    number = bitmaps.count(people)
    if number <= LISTED:
        found = _checked(session, bitmaps.ids(people), asked, viewer)
        return sorted(found, key=lambda row: (row[2], row[0]))[: most + 1]
    several = [_met(session, first._replace(terms=(term,)), people, number, viewer, most) for term in first.terms]
    return [row for met in several for row in islice(_having_the_rest(session, met, asked, viewer), most + 1)]


def _having_the_rest(session: CompanySession, met: Iterator[Placed], asked: Asking, viewer: Viewer) -> Iterator[Row]:
    """The rows of those people, who have the first check there, that have the others too; in their order."""
    while some := dict(islice(met, LISTED)):
        found = {row[0]: row for row in _checked(session, some, asked, viewer, placed=True)}
        yield from ((*row[:2], place, *row[2:]) for person_id, place in some.items() if (row := found.get(person_id)))


def _met(
    session: CompanySession, first: Check, people: People, number: int, viewer: Viewer, most: int
) -> Iterator[Placed]:
    """Those of the `people`, who are so many, that have the check where the viewer may see it, by its place and their
    ids. Where few of a place's postings are theirs, it is they who are asked for, in the order of their ids: that
    never takes much longer than to read all postings, and mostly a small part of it."""
    shape, values = _told(Asking.of(first), viewer)
    wanted = min(most, LISTED) * 5 // 4  # the next LISTED, with what chance may take from them
    to_read = first.people * wanted // number + wanted
    values["rows"] = step = to_read if to_read <= 2 * FEW else FEW
    (last, place), met = (0, -1), set[int]()
    while True:
        postings = _following(shape.filters).all(session, **values, person=last, place=place)
        for person_id, there in bitmaps.among(people, postings):
            if person_id not in met:
                met.add(person_id)
                yield person_id, there
        if len(postings) < step:
            return
        last, place = postings[-1]
        if to_read > step and postings[0][1] == place:
            others = (person_id for person_id in bitmaps.ids(people) if person_id > last and person_id not in met)
            while some := list(islice(others, LISTED)):
                found = _THERE.all(session, **values, place=place, people=some)
                met.update(person_id for (person_id,) in found)
                yield from ((person_id, place) for (person_id,) in found)
            last = _BEYOND


_BEYOND = (1 << 63) - 1
"""Behind all ids."""


@lru_cache
def _following(filters: bool) -> Prepared:
    at = tuple_(_T.c.place, _T.c.person_id)
    behind = at > tuple_(bindparam("place", type_=Integer()), bindparam("person", type_=BigInteger()))
    query = columns(_T.c.person_id, _T.c.place).where(_T.c.term_id == bindparam("id0a", type_=BigInteger()), behind)
    query = query.where(_T.c.company_id == bindparam("company"), _is_seen(_T), *(_within(_T, 0) if filters else ()))
    query = query.order_by(_T.c.place, _T.c.person_id).limit(bindparam("rows", type_=Integer()))
    return Prepared(lambda _: query)


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
    placed: bool = False
    """Of these, who are known to have the first check."""


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> Prepared:
    """One row for each posting of the first check that the viewer may see, of those whose person does not hide from the
    viewer and has the other checks; or for each of the people who has them all. Scalar subqueries, since a join may be
    planned from the wrong end, with the long list, and PostgreSQL makes one of EXISTS too."""
    driver = (_P if shape.listed else _T).alias("driver")
    person_id = driver.c.id if shape.listed else driver.c.person_id

    def within(posting: Any, number: int) -> Iterable[Any]:
        """The fields, if any word names some: PostgreSQL takes such a condition for one that few rows meet, and would
        read a whole list where its beginning is enough."""
        return _within(posting, number) if shape.filters else ()

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
    first = [] if shape.placed else [place(0) if shape.listed else driver.c.place.label("place0")]
    places = [*first, *map(place, (*told, *range(checks, checks + shape.beginnings)))]
    query = columns(person_id.label("person_id"), *places)
    hides = columns(literal(1)).where(hidden(person_id)).scalar_subquery()
    query = query.where(hides.is_(None) if shape.anybody else person_id.not_in(_hiding()))
    for number in range(1 if shape.placed or not shape.listed else 0, checks):
        query = query.where(place(number).element.is_not(None))
    if shape.of_years:
        query = query.where(_in_years(person_id).is_not(None))
    if shape.listed:
        query = query.where(one_of(person_id, "people"))
    else:
        query = query.where(driver.c.term_id == bindparam("id0a", type_=BigInteger()))
        query = query.where(_is_seen(driver), *within(driver, 0)).order_by(driver.c.place, driver.c.person_id)
        query = query.limit(bindparam("most", type_=Integer()))
    inner = query.subquery()
    own = _P.c.id == inner.c.person_id, _P.c.company_id == bindparam("company"), _P.c.state == PersonState.ACTIVE
    name = columns(_P.c.name).where(*own).scalar_subquery()
    told_of: list[Any] = [inner.c.person_id, name.label("name"), *(inner.c[place.key] for place in places)]
    return Prepared(lambda _: columns(*told_of))


_THERE = Prepared(
    lambda _: (
        columns(_T.c.person_id)
        .where(_T.c.term_id == bindparam("id0a", type_=BigInteger()), _T.c.place == bindparam("place", type_=Integer()))
        .where(_T.c.company_id == bindparam("company"), one_of(_T.c.person_id, "people"), _is_seen(_T))
        .order_by(_T.c.person_id)
    )
)
"""Which of the people have the term at a place."""


def _within(posting: Any, number: int) -> Iterable[Any]:
    field = posting.c.place % PART
    first, beyond = (bindparam(f"{name}_{number}", type_=Integer()) for name in ("from", "to"))
    return field >= first, field < beyond


def _hiding() -> Any:
    """Who hides from the viewer, who is of one company: to name it here would have SQLite read all its hidings."""
    own = _H.c.viewer_id == bindparam("viewer", type_=BigInteger())
    return columns(_H.c.person_id).where(own, _H.c.person_id != _H.c.viewer_id)


def _is_seen(posting: Any) -> Any:
    own = posting.c.person_id == bindparam("viewer", type_=BigInteger())
    return or_(posting.c.place % AUDIENCES <= bindparam("reach", type_=Integer()), own)


def _in_years(person_id: Any) -> Any:
    """The place of one of the years in which the person joined, as far as the viewer may see."""
    posting = _T.alias("in_year")
    first, last = (bindparam(name, type_=String()) for name in ("first_year", "last_year"))
    asked = columns(_V.c.term_id).where(_V.c.company_id == bindparam("company"))
    asked = asked.where(and_(_V.c.term >= first, _V.c.term <= last))
    own = posting.c.person_id == person_id, posting.c.term_id.in_(asked), _is_seen(posting)
    return columns(func.min(posting.c.place)).where(*own).scalar_subquery()


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


def _checked(
    session: CompanySession, ids: Iterable[int], asked: Asking, viewer: Viewer, *, placed: bool = False
) -> Sequence[Row]:
    """Those of these people who have it all. Of `placed` people, who have the first check for certain, the rows do not
    say where."""
    shape, values = _told(asked, viewer)
    statement = _statement(shape._replace(listed=True, placed=placed))
    return [row for row in statement.all(session, **values, people=ids) if row[1] is not None]


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
