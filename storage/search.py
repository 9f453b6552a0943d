"""Finding people by the index: the same on SQLite and PostgreSQL, and fast however many there are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, String, and_, bindparam, func, or_
from sqlalchemy import select as columns

from storage.db import CompanySession
from storage.index import AUDIENCES, FIELDS, NAMES, PART, of_year, settle
from storage.people import Named
from storage.prepared import Prepared
from storage.tables import Person, PersonState, Posting, Vocab, table
from storage.terms import Sought, close_terms, spellings
from storage.visibility import LEVELS, Viewer, hidden, seen

MOST = 300
"""People that one search ranks. Of more, those are taken whose match with the rarest word is best."""
ANY = range(PART // AUDIENCES)
"""Where a word is looked for that names no field."""
DRIVER = "driver"
"""Where checks are numbered, what stands for the one that drives."""
CLOSE = 3
"""People that one misspelt name suggests."""
COMPARED = 50
"""People of one term that are compared with it."""
ALIKE, ALIKE_IN_LATIN = 0.5, 0.7
"""How much of two words is the same where one may be a slip of the other: 田仲 and 田中, tanoka and tanaka."""

_P, _V, _T = table(Person), table(Vocab), table(Posting)


class Word(NamedTuple):
    """A word as it was typed, its text without what says where, the fields where it is looked for, and what it asks; or
    the years, from the first to the last, of which it asks for one."""

    typed: str
    text: str
    fields: range
    sought: tuple[Sought, ...]
    years: range | None = None


class Found(NamedTuple):
    """Who has every word, best match first. `more`: there are others. `missing`: the words that nobody has."""

    people: Sequence[Named]
    more: bool = False
    missing: Sequence[Word] = ()


class _Known(NamedTuple):
    id: int
    people: int


class _Check(NamedTuple):
    """One of these terms, in one of these fields."""

    ids: tuple[int, ...]
    people: int
    fields: range


def only(field: str) -> range:
    """One of storage.index's FIELDS, to look for a word there."""
    return range(FIELDS[field], FIELDS[field] + 1)


def find(session: CompanySession, words: Sequence[Word], viewer: Viewer) -> Found:
    """The company's active people who have all the words, in any order, where the viewer may see them; who hides from
    the viewer is not there. Whole words come before parts, names before the rest, then they go by name. It begins with
    the rarest word and asks of its people whether they have the others; of more than MOST it takes those whose match
    with that word is best."""
    settle(session)
    found = _matching(session, words, viewer)
    if found.people or not words:
        return found
    alone = len(words) == 1
    return Found((), missing=[word for word in words if alone or not _matching(session, [word], viewer).people])


def nearest(session: CompanySession, word: Word, viewer: Viewer) -> Sequence[Named]:
    """Active people whose name or its reading, as far as the viewer may see it, is close to a word that nobody has, the
    closest first; CLOSE at most."""
    if word.fields.start not in NAMES:
        return ()
    terms = sorted(_known(session, close_terms(word.text)).items())
    # Rare is what few of those have whom the viewer finds by it: what is hidden must not decide who is suggested.
    lists = [_rows(session, term.id, NAMES, [], [], None, viewer) for _, term in terms]
    rarest = sorted(filter(None, lists), key=len)[:CLOSE]
    ids = sorted({row[0] for rows in rarest for row in rows[:COMPARED]})
    people = session.core.execute(_CALLED, {"company": session.company_id, "ids": ids}).all() if ids else ()
    shown = seen(session, viewer, ids)
    close: dict[Named, float] = {}
    for row in people:
        names = [row.name, *(getattr(row, field) for field in _NAMED if shown.shows(row.id, field))]
        close[Named(row.id, row.name)] = _closeness(word.text, " ".join(names))
    likely = [person for person in close if close[person]]
    return sorted(likely, key=lambda person: (-close[person], person.name, person.id))[:CLOSE]


_NAMED = ("reading", "romaji", "former_surname")
_CALLED = columns(_P.c.id, _P.c.name, *(_P.c[field] for field in _NAMED)).where(
    _P.c.company_id == bindparam("company"), _P.c.id.in_(bindparam("ids", expanding=True))
)


def _closeness(typed: str, text: str) -> float:
    """How much of the two words that are most alike is the same; 0 when that is not enough for a slip."""
    return max(_alike(one, other) for one in spellings(typed) for other in spellings(text))


def _alike(one: str, other: str) -> float:
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio if ratio >= (ALIKE_IN_LATIN if one.isascii() else ALIKE) else 0


def _matching(session: CompanySession, words: Sequence[Word], viewer: Viewer) -> Found:
    asked = [(sought, word.fields) for word in words for sought in word.sought]
    years = _years(words)
    known = _known(session, [term for sought, _ in asked for term in _terms(sought)])
    checks = [_check(alternatives, fields, known) for sought, fields in asked for alternatives in sought.checks]
    if not all(check.ids for check in checks):
        return Found(())
    if not checks:
        return _of_years(session, years, viewer) if years else Found(())
    rarest, *others = sorted(range(len(checks)), key=lambda number: checks[number].people)
    wholes = [_check([sought.whole], fields, known) for sought, fields in asked if sought.whole in known]
    best: dict[Named, tuple[int, int]] = {}
    more = False
    for term_id in checks[rarest].ids:
        needed = [checks[number] for number in others]
        rows = _rows(session, term_id, checks[rarest].fields, needed, wholes, years, viewer)
        more = more or len(rows) > MOST
        for person_id, name, *places in rows:
            at = dict(zip((rarest, *others), places, strict=False))
            ranked = _rank(asked, at, iter(places[len(checks) :]), known)
            person = Named(person_id, name)
            best[person] = min(ranked, best.get(person, ranked))
    people = sorted(best, key=lambda person: (best[person], person.name, person.id))
    return Found(people[:MOST], more or len(people) > MOST)


def _years(words: Sequence[Word]) -> range | None:
    """Those that every word allows which asks for years."""
    asked = [word.years for word in words if word.years is not None]
    return range(max(years.start for years in asked), min(years.stop for years in asked)) if asked else None


def _of_years(session: CompanySession, years: range, viewer: Viewer) -> Found:
    known = _known(session, map(of_year, years))
    lists = [_rows(session, term.id, only("joined_year"), [], [], None, viewer) for _, term in sorted(known.items())]
    people = sorted((Named(*row[:2]) for rows in lists for row in rows), key=lambda person: (person.name, person.id))
    return Found(people[:MOST], len(people) > MOST)


def _check(alternatives: Iterable[str], fields: range, known: Mapping[str, _Known]) -> _Check:
    there = [known[term] for term in alternatives if term in known]
    return _Check(tuple(term.id for term in there), sum(term.people for term in there), fields)


def _rank(
    asked: Sequence[tuple[Sought, range]],
    at: Mapping[int, int],
    wholes: Iterator[int | None],
    known: Mapping[str, _Known],
) -> tuple[int, int]:
    """How many of the words are only parts, and how far down their fields are."""
    parts = depth = first = 0
    for sought, _ in asked:
        place = max(at[number] for number in range(first, first + len(sought.checks)))
        first += len(sought.checks)
        if sought.whole:
            whole = next(wholes) if sought.whole in known else None
            place = place % PART + PART if whole is None else whole
        parts += place >= PART
        depth += place % PART // AUDIENCES
    return parts, depth


def _terms(sought: Sought) -> Iterable[str]:
    return [*(term for check in sought.checks for term in check), *([sought.whole] if sought.whole else [])]


@lru_cache
def _vocabulary(terms: int) -> Prepared:
    asked: list[Any] = [bindparam(f"term{number}") for number in range(terms)]
    query = columns(_V.c.term, _V.c.term_id, _V.c.people)
    return Prepared(lambda _: query.where(_V.c.company_id == bindparam("company"), _V.c.term.in_(asked)))


def _known(session: CompanySession, terms: Iterable[str]) -> dict[str, _Known]:
    """Those of the terms that the company's people have."""
    asked = [*dict.fromkeys(terms)]
    if not asked:
        return {}
    asked += asked[-1:] * (-len(asked) % 4)  # few statements of different length
    values = {f"term{number}": term for number, term in enumerate(asked)}
    return {term: _Known(term_id, people) for term, term_id, people in _vocabulary(len(asked)).all(session, **values)}


@lru_cache
def _statement(checks: int, wholes: int, filters: bool, of_years: bool) -> Prepared:
    """One row for each of the driving term's postings that the viewer may see, and whose person is active, does not
    hide from the viewer and has the checks: id, name, and the place of every term. Scalar subqueries, since a join may
    be planned from the wrong end: with the long list."""
    driver = _T.alias("driver")
    name = (
        columns(_P.c.name)
        .where(_P.c.id == driver.c.person_id, _P.c.company_id == bindparam("company"))
        .where(_P.c.state == PersonState.ACTIVE, _is_seen(driver), ~hidden(_P.c.id))
        .scalar_subquery()
    )

    def within(posting: Any, number: object) -> Iterable[Any]:
        """The fields, if any word names some: PostgreSQL takes such a condition for one that few rows meet, and would
        read a whole list where its beginning is enough."""
        if not filters:
            return ()
        field = posting.c.place % PART
        first, beyond = (bindparam(f"{name}_{number}", type_=Integer()) for name in ("from", "to"))
        return field >= first, field < beyond

    def place(number: int) -> Any:
        term = _T.alias(f"term{number}")
        ids: list[Any] = [bindparam(f"id{number}a", type_=BigInteger()), bindparam(f"id{number}b", type_=BigInteger())]
        return (
            columns(func.min(term.c.place))
            .where(term.c.person_id == driver.c.person_id, term.c.term_id.in_(ids))
            .where(_is_seen(term), *within(term, number))
            .scalar_subquery()
            .label(f"place{number}")
        )

    year = [_year(driver.c.person_id)] if of_years else []
    places = [place(number) for number in range(checks + wholes)]
    inner = (
        columns(driver.c.person_id, name.label("name"), driver.c.place, *places, *year)
        .where(driver.c.term_id == bindparam("driver", type_=BigInteger()))
        .where(driver.c.company_id == bindparam("company"), *within(driver, DRIVER))
        .subquery()
    )
    needed = [inner.c[f"place{number}"].is_not(None) for number in range(checks)]
    needed += [inner.c.year.is_not(None)] if of_years else []
    told = (inner.c[f"place{number}"] for number in range(checks + wholes))
    rows = columns(inner.c.person_id, inner.c.name, inner.c.place, *told).where(*needed, inner.c.name.is_not(None))
    rows = rows.order_by(inner.c.place, inner.c.person_id)
    return Prepared(lambda _: rows.limit(bindparam("most", type_=Integer())))


def _is_seen(posting: Any) -> Any:
    own = posting.c.person_id == bindparam("viewer", type_=BigInteger())
    return or_(posting.c.place % AUDIENCES <= bindparam("reach", type_=Integer()), own)


def _year(person_id: Any) -> Any:
    """A posting of the person's for one of the years."""
    posting = _T.alias("in_year")
    first, last = (bindparam(name, type_=String()) for name in ("first_year", "last_year"))
    asked = columns(_V.c.term_id).where(_V.c.company_id == bindparam("company"))
    asked = asked.where(and_(_V.c.term >= first, _V.c.term <= last))
    return (
        columns(func.min(posting.c.place))
        .where(posting.c.person_id == person_id, posting.c.term_id.in_(asked), _is_seen(posting))
        .scalar_subquery()
        .label("year")
    )


def _rows(
    session: CompanySession,
    term_id: int,
    fields: range,
    checks: Sequence[_Check],
    wholes: Sequence[_Check],
    years: range | None,
    viewer: Viewer,
) -> Sequence[tuple[Any, ...]]:
    values: dict[str, Any] = {"driver": term_id, "most": MOST + 1, "viewer": viewer.id, "reach": LEVELS[viewer.reach]}
    everywhere: dict[object, range] = {DRIVER: fields}
    for number, check in enumerate((*checks, *wholes)):
        values[f"id{number}a"], values[f"id{number}b"] = check.ids[0], check.ids[-1]
        everywhere[number] = check.fields
    filters = any(where != ANY for where in everywhere.values())
    if filters:
        for number, where in everywhere.items():
            values[f"from_{number}"], values[f"to_{number}"] = where.start * AUDIENCES, where.stop * AUDIENCES
    if years is not None:
        values |= {"first_year": of_year(years.start), "last_year": of_year(years.stop - 1)}
    return _statement(len(checks), len(wholes), filters, years is not None).all(session, **values)
