"""Finding people by the index: the same on SQLite and PostgreSQL, and fast however many there are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, bindparam, func
from sqlalchemy import select as columns

from storage.db import CompanySession
from storage.index import FIELDS, PART, settle
from storage.people import Named
from storage.prepared import Prepared
from storage.tables import Person, PersonState, Posting, Vocab, table
from storage.terms import Sought, close_terms, spellings

MOST = 300
"""People that one search ranks. Of more, those are taken whose match with the rarest word is best."""
ANY, NAMES, SKILLS = range(PART), range(8), range(FIELDS["skill"], FIELDS["skill"] + 1)
"""Fields in which a word is looked for."""
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
    """A word as it was typed, its text without what says where, the fields where it is looked for, and what it asks."""

    typed: str
    text: str
    fields: range
    sought: tuple[Sought, ...]


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


def find(session: CompanySession, words: Sequence[Word]) -> Found:
    """The company's active people who have all the words, in any order. Whole words come before parts, names before
    the rest, then they go by name. It begins with the rarest word and asks of its people whether they have the others;
    of more than MOST it takes those whose match with that word is best."""
    settle(session)
    found = _matching(session, words)
    if found.people or not words:
        return found
    return Found((), missing=[word for word in words if len(words) == 1 or not _matching(session, [word]).people])


def nearest(session: CompanySession, word: Word) -> Sequence[Named]:
    """Active people whose name or its reading is close to a word that nobody has, the closest first; CLOSE at most."""
    if word.fields.start not in NAMES:
        return ()
    known = _known(session, close_terms(word.text))
    rarest = sorted(known.values(), key=lambda term: term.people)[:CLOSE]
    ids = [row[0] for term in rarest for row in _rows(session, term.id, NAMES, [], [])[:COMPARED]]
    people = session.core.execute(_READINGS, {"company": session.company_id, "ids": ids}) if ids else ()
    close = {Named(row.id, row.name): _closeness(word.text, f"{row.name} {row.reading}") for row in people}
    likely = [person for person in close if close[person]]
    return sorted(likely, key=lambda person: (-close[person], person.name, person.id))[:CLOSE]


_READINGS = columns(_P.c.id, _P.c.name, _P.c.reading).where(
    _P.c.company_id == bindparam("company"), _P.c.id.in_(bindparam("ids", expanding=True))
)


def _closeness(typed: str, text: str) -> float:
    """How much of the two words that are most alike is the same; 0 when that is not enough for a slip."""
    return max(_alike(one, other) for one in spellings(typed) for other in spellings(text))


def _alike(one: str, other: str) -> float:
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio if ratio >= (ALIKE_IN_LATIN if one.isascii() else ALIKE) else 0


def _matching(session: CompanySession, words: Sequence[Word]) -> Found:
    asked = [(sought, word.fields) for word in words for sought in word.sought]
    known = _known(session, [term for sought, _ in asked for term in _terms(sought)])
    checks = [_check(alternatives, fields, known) for sought, fields in asked for alternatives in sought.checks]
    if not checks or not all(check.ids for check in checks):
        return Found(())
    rarest, *others = sorted(range(len(checks)), key=lambda number: checks[number].people)
    wholes = [_check([sought.whole], fields, known) for sought, fields in asked if sought.whole in known]
    best: dict[Named, tuple[int, int]] = {}
    more = False
    for term_id in checks[rarest].ids:
        rows = _rows(session, term_id, checks[rarest].fields, [checks[number] for number in others], wholes)
        more = more or len(rows) > MOST
        for person_id, name, *places in rows:
            at = dict(zip((rarest, *others), places, strict=False))
            ranked = _rank(asked, at, iter(places[len(checks) :]), known)
            person = Named(person_id, name)
            best[person] = min(ranked, best.get(person, ranked))
    people = sorted(best, key=lambda person: (best[person], person.name, person.id))
    return Found(people[:MOST], more or len(people) > MOST)


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
        depth += place % PART
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
def _statement(checks: int, wholes: int, filters: bool) -> Prepared:
    """One row for each of the driving term's postings whose person is active and has the checks: id, name, and the
    place of every term. Scalar subqueries, since a join may be planned from the wrong end: with the long list."""
    driver = _T.alias("driver")
    name = (
        columns(_P.c.name)
        .where(_P.c.id == driver.c.person_id, _P.c.company_id == bindparam("company"))
        .where(_P.c.state == PersonState.ACTIVE)
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
            .where(term.c.person_id == driver.c.person_id, term.c.term_id.in_(ids), *within(term, number))
            .scalar_subquery()
            .label(f"place{number}")
        )

    inner = (
        columns(driver.c.person_id, name.label("name"), driver.c.place, *(place(n) for n in range(checks + wholes)))
        .where(driver.c.term_id == bindparam("driver", type_=BigInteger()))
        .where(driver.c.company_id == bindparam("company"), *within(driver, DRIVER))
        .subquery()
    )
    needed = [inner.c[f"place{number}"].is_not(None) for number in range(checks)]
    told = (inner.c[f"place{number}"] for number in range(checks + wholes))
    rows = columns(inner.c.person_id, inner.c.name, inner.c.place, *told).where(*needed, inner.c.name.is_not(None))
    rows = rows.order_by(inner.c.place, inner.c.person_id)
    return Prepared(lambda _: rows.limit(bindparam("most", type_=Integer())))


def _rows(
    session: CompanySession, term_id: int, fields: range, checks: Sequence[_Check], wholes: Sequence[_Check]
) -> Sequence[tuple[Any, ...]]:
    values = {"driver": term_id, "most": MOST + 1}
    everywhere: dict[object, range] = {DRIVER: fields}
    for number, check in enumerate((*checks, *wholes)):
        values[f"id{number}a"], values[f"id{number}b"] = check.ids[0], check.ids[-1]
        everywhere[number] = check.fields
    filters = any(where != ANY for where in everywhere.values())
    if filters:
        for number, where in everywhere.items():
            values[f"from_{number}"], values[f"to_{number}"] = where.start, where.stop
    return _statement(len(checks), len(wholes), filters).all(session, **values)
