"""The whole index made anew: after many people came at once, or when a version indexes differently.

Sorted in memory and written in the order of its key, with the second key made at the end: at a million people this is
many times faster than `index.reindex`, which the running product uses.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Index, delete, func, insert, text
from sqlalchemy import select as columns
from sqlalchemy.schema import AddConstraint, DropConstraint

from storage import bitmaps, index
from storage.db import INSTALLATION, confine
from storage.tables import Bitmap, Person, Posting, Vocab, table

_P, _V, _T, _B = table(Person), table(Vocab), table(Posting), table(Bitmap)
_BATCH = 2000
_AT = 40
"""Bits of a person's id; the place stands above them."""
_ID = (1 << _AT) - 1
_COLUMNS = ("company_id", "term_id", "place", "person_id")

Told = Callable[[int], None]
"""Is told how many people have been read."""


def build(engine: Engine, told: Told = lambda people: None) -> int:
    """Make the index say what is stored of everybody, in one transaction; how many postings it has. Nobody else may
    write meanwhile. Holds about a kilobyte a person in memory."""
    with engine.connect() as core:
        _checks_keys(core, False)
        try:
            with core.begin():
                confine(core, INSTALLATION)
                return rebuild(core, told)
        finally:
            _checks_keys(core, True)


def _checks_keys(core: Connection, whether: bool) -> None:
    """SQLite would look up both parents of every posting, and lets that be switched between transactions alone."""
    if core.dialect.name == "sqlite":
        plain: Any = core.connection.driver_connection
        plain.execute(f"PRAGMA foreign_keys={'ON' if whether else 'OFF'}").close()


def rebuild(core: Connection, told: Told = lambda people: None) -> int:
    """`build` within a transaction, as a migration has one."""
    second: Iterable[Index] = _T.indexes
    for key in second:
        key.drop(core)
    parents = () if core.dialect.name == "sqlite" else _T.foreign_key_constraints
    _bind_owner(core, False)
    for constraint in parents:
        core.execute(DropConstraint(constraint))
    for kept in (_B, _T, _V):
        core.execute(delete(kept))
    found = _found(core, told)
    _write_terms(core, found)
    postings = _write_postings(core, found)
    _write_bitmaps(core, found)
    for constraint in parents:
        core.execute(AddConstraint(constraint))
    for key in second:
        key.create(core)
    _bind_owner(core, True)
    return postings


def _bind_owner(core: Connection, whether: bool) -> None:
    """PostgreSQL copies nothing into a table whose row-level security holds for its owner too. Nobody else sees it
    without before this transaction ends."""
    if core.dialect.name == "postgresql":
        core.execute(text(f"ALTER TABLE {_T.name} {'' if whether else 'NO '}FORCE ROW LEVEL SECURITY"))


def _found(core: Connection, told: Told) -> Mapping[tuple[int, str], "array[int]"]:
    """Each company's terms, and where whom has them."""
    found: dict[int, dict[str, array[int]]] = {}
    ids = iter(core.execute(columns(_P.c.id).order_by(_P.c.id)).scalars().all())
    read = 0
    while some := list(islice(ids, _BATCH)):
        for company_id, person_id, held in index.holdings(core, some):
            terms = found.setdefault(company_id, {})
            for term, place in held:
                try:
                    terms[term].append(place << _AT | person_id)
                except KeyError:
                    terms[term] = array("q", (place << _AT | person_id,))
        told(read := read + len(some))
    return {(company_id, term): places for company_id, terms in sorted(found.items()) for term, places in terms.items()}


def _write_terms(core: Connection, found: Mapping[tuple[int, str], "array[int]"]) -> None:
    rows = (
        {"term_id": term_id, "company_id": company_id, "term": term, "people": len({one & _ID for one in places})}
        for term_id, ((company_id, term), places) in enumerate(found.items(), 1)
    )
    while some := list(islice(rows, _BATCH)):
        core.execute(insert(_V), some)
    if core.dialect.name == "postgresql" and found:
        core.execute(columns(func.setval(func.pg_get_serial_sequence("vocab", "term_id"), len(found))))


def _write_postings(core: Connection, found: Mapping[tuple[int, str], "array[int]"]) -> int:
    plain: Any = core.connection.driver_connection
    if core.dialect.name == "postgresql":
        with plain.cursor().copy(f"COPY posting ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in _postings(found):
                copy.write_row(row)
    else:
        plain.executemany(f"INSERT INTO posting ({', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?)", _postings(found)).close()
    return sum(map(len, found.values()))


def _write_bitmaps(core: Connection, found: Mapping[tuple[int, str], "array[int]"]) -> None:
    for term_id, ((company_id, _), places) in enumerate(found.items(), 1):
        if len(places) > bitmaps.MANY:
            people = {one & _ID for one in places}
            if len(people) > bitmaps.MANY:
                bitmaps.write(core, company_id, term_id, people)


def _postings(found: Mapping[tuple[int, str], "array[int]"]) -> Iterator[tuple[int, int, int, int]]:
    for term_id, ((company_id, _), places) in enumerate(found.items(), 1):
        for one in sorted(places):
            yield company_id, term_id, one >> _AT, one & _ID
