"""The index of people: which of them have a term. Kept here, asked in storage.search.

It holds active people alone who agree to be found, and follows every change of theirs within the transaction that
makes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import SimpleNamespace
from typing import Any

import regex
from sqlalchemy import Connection, bindparam, delete, event, insert, inspect
from sqlalchemy import select as columns
from sqlalchemy.orm import Session, UOWTransaction

from storage import bitmaps
from storage.bitmaps import Change, Term
from storage.consents import agreeing
from storage.db import CompanySession
from storage.listed import aside, one_of
from storage.prepared import Prepared, insert_of
from storage.tables import (
    Audience,
    Consent,
    ConsentPurpose,
    Department,
    Person,
    PersonState,
    Posting,
    Skill,
    Visibility,
    Vocab,
    table,
)
from storage.terms import of_address, of_number, of_text
from storage.visibility import LEVELS, audience

FIELDS: Mapping[str, int] = {
    "name": 0,
    "reading": 1,
    "romaji": 2,
    "former_surname": 3,
    "skills": 8,
    "departments": 9,
    "works_at": 10,
    "works_as": 11,
    "city": 12,
    "helps_with": 13,
    "looks_for": 14,
    "joined_year": 15,
    "email": 16,
    "employee_number": 17,
}
"""What is indexed of a person, by the names that storage.visibility has for it, and how far down a match ranks. A
further field is a line here and one in `_COLUMNS` or `texts_of`; those below 8 are names."""
AUDIENCES = 4
"""A posting's place is the field's number times this, and the level of the audience that the person chose for it: what
somebody may not see makes no hit for them."""
PART = 256
"""Added to the place where the term is only a part of a word."""
NAMES = range(8)
"""The numbers of the fields that are names: looked for together, whichever of them a word is in."""

_P, _S, _V, _T = table(Person), table(Skill), table(Vocab), table(Posting)
_D, _W = table(Department), table(Visibility)
_STALE = "people_to_index"
_BATCH = 500
_COLUMNS = (
    *("name", "reading", "romaji", "former_surname", "works_at", "works_as", "city", "helps_with", "looks_for"),
    *("email", "employee_number"),
)
EXACT = {"email": of_address, "employee_number": of_number}
"""Fields that are found whole."""
_INDEXED = (*_COLUMNS, "joined_year", "state")
_PIECE = regex.compile(r"[\p{L}\p{M}\p{N}ー・.'’-]+")
_JAPANESE = regex.compile(r"[\p{Han}\p{Katakana}\p{Hiragana}]")

Entry = tuple[str, int]
"""A term, and its place."""


def entries(
    texts: Mapping[str, Iterable[str]], chosen: Mapping[str, Audience] | None = None, joined_year: int | None = None
) -> set[Entry]:
    """What the index holds of a person whose fields (the names of FIELDS) have these texts, and who has chosen these
    audiences."""
    found: set[Entry] = set()
    names: dict[str, list[int]] = {}
    for field, values in texts.items():
        whole_at = _place(field, chosen or {})
        places: dict[str, int] = {}
        for value in values:
            for term, whole in EXACT.get(field, of_text)(value).items():
                place = whole_at if whole else whole_at + PART
                places[term] = min(place, places.get(term, place))
        if FIELDS[field] in NAMES:
            for term, place in places.items():
                names.setdefault(term, []).append(place)
        else:
            found |= places.items()
    found |= {(term, place) for term, places in names.items() for place in _telling(places)}
    if joined_year is not None:
        found.add((of_year(joined_year), _place("joined_year", chosen or {})))
    return found


def _telling(places: list[int]) -> Iterator[int]:
    """Without those that whoever sees them sees a better one beside: サトウ who also writes Sato is found by either."""
    widest = AUDIENCES
    for place in sorted(places):
        if place % AUDIENCES < widest:
            widest = place % AUDIENCES
            yield place


def _place(field: str, chosen: Mapping[str, Audience]) -> int:
    level = LEVELS[Audience.EVERYONE if field == "name" else audience(field, chosen.get(field))]
    return FIELDS[field] * AUDIENCES + level


def of_year(year: int) -> str:
    """The term of a year: no word has it, and years are in order."""
    return f"={year:04d}"


def texts_of(person: Any, skills: Iterable[str] = (), departments: Iterable[str] = ()) -> dict[str, Iterable[str]]:
    """What the fields of a person say, for `entries`. 佐藤恵 is looked for as one word by her former surname too,
    behind which may stand in brackets how it was read."""
    given = _given(person.name)
    return {
        **{name: [getattr(person, name)] for name in _COLUMNS},
        "former_surname": [f"{surname} {given}" for surname in _PIECE.findall(person.former_surname)],
        "skills": skills,
        "departments": departments,
    }


def _given(name: str) -> str:
    """Behind the surname in Japanese, before it elsewhere."""
    parts = name.split()
    return "" if len(parts) < 2 else " ".join(parts[1:] if _JAPANESE.search(name) else parts[:-1])


def touch(session: CompanySession, person_id: int) -> None:
    """The person has changed by a statement that the session has not seen as a change of a row."""
    session.info.setdefault(_STALE, set()).add(person_id)


def settle(session: CompanySession) -> None:
    """Index what the transaction has changed so far. A commit does it by itself, and so does a search."""
    session.flush()
    stale: set[int] = session.info.pop(_STALE, set())
    if stale:
        reindex(session.core, stale)


def reindex(core: Connection, person_ids: Iterable[int]) -> None:
    """Make the index say what is stored of these people now.

    Rows are locked in one order, people by id and then terms by term: two that index a batch at the same time wait for
    each other and not in a circle.
    """
    ids = iter(sorted(person_ids))
    while some := list(islice(ids, _BATCH)):
        _write(core, some, *_wanted(core, some))


def _write(core: Connection, ids: Sequence[int], wanted: set[tuple[int, str, int]], company_of: dict[int, int]) -> None:
    there: dict[tuple[int, str, int], int] = {}
    had = columns(_T.c.person_id, _V.c.term, _T.c.place, _T.c.term_id, _T.c.company_id).join_from(_T, _V)
    for person_id, term, place, term_id, company_id in core.execute(had.where(_T.c.person_id.in_(ids))):
        there[person_id, term, place] = term_id
        company_of.setdefault(person_id, company_id)
    added, dropped = wanted - there.keys(), there.keys() - wanted
    if not added and not dropped:
        return
    changes = _changes(wanted, there, company_of)
    terms = _count(core, changes)
    known = {(company_of[person_id], term): term_id for (person_id, term, _), term_id in there.items()}
    known |= {key: term.id for key, term in terms.items()}
    if dropped:
        gone = [{"p": person_id, "t": there[person_id, term, place], "at": place} for person_id, term, place in dropped]
        core.execute(_DROP, gone)
    if added:
        core.execute(
            insert(_T),
            [
                {
                    "company_id": company_of[person_id],
                    "term_id": known[company_of[person_id], term],
                    "place": place,
                    "person_id": person_id,
                }
                for person_id, term, place in sorted(added)
            ],
        )
    bitmaps.keep(
        core,
        {
            terms[key].id: Change(key[0], terms[key].people, frozenset(got), frozenset(lost))
            for key, (got, lost) in changes.items()
        },
    )
    forgotten = sorted(term.id for term in terms.values() if term.people <= 0)
    core.execute(delete(_V).where(_V.c.term_id.in_(forgotten)))


_DROP = delete(_T).where(
    _T.c.term_id == bindparam("t"), _T.c.place == bindparam("at"), _T.c.person_id == bindparam("p")
)


def _wanted(core: Connection, ids: Sequence[int]) -> tuple[set[tuple[int, str, int]], dict[int, int]]:
    """Person, term and place; and everybody's company."""
    wanted: set[tuple[int, str, int]] = set()
    company_of: dict[int, int] = {}
    for company_id, person_id, held in holdings(core, ids):
        company_of[person_id] = company_id
        wanted |= {(person_id, term, place) for term, place in held}
    return wanted, company_of


def holdings(core: Connection, ids: Sequence[int]) -> Iterator[tuple[int, int, set[Entry]]]:
    """Company, id and entries of each of these people, locked; those who are not found have none."""
    rows = core.execute(_people(ids).with_for_update(key_share=True)).all()
    listed = _listed(core, ids)
    active = [row for row in rows if row.state is PersonState.ACTIVE and row.id in listed]
    chosen = {person_id: dict(own) for person_id, own in _lists(core, active, _W, _W.c.field, _W.c.audience).items()}
    texts = _texts(core, active)
    for row in rows:
        own = texts.get(row.id)
        yield row.company_id, row.id, set() if own is None else entries(own, chosen.get(row.id), row.joined_year)


def texts_of_all(session: CompanySession, ids: Sequence[int]) -> dict[int, dict[str, Iterable[str]]]:
    """`texts_of` each of these people."""
    said: dict[int, SimpleNamespace] = {}
    lists: tuple[dict[int, list[str]], ...] = {}, {}
    for person_id, *texts in _SAID.all(session, ids=ids):
        said[person_id] = SimpleNamespace(**dict(zip(_COLUMNS, texts, strict=True)))
    for found, query in zip(lists, (_SKILLS, _DEPARTMENTS), strict=True):
        for person_id, text in query.all(session, ids=ids):
            found.setdefault(person_id, []).append(text)
    skills, departments = lists
    return {id_: texts_of(one, skills.get(id_, ()), departments.get(id_, ())) for id_, one in said.items()}


_SAID = Prepared(
    lambda _: columns(_P.c.id, *(_P.c[name] for name in _COLUMNS)).where(
        one_of(_P.c.id, "ids"),
        aside(_P.c.company_id) == bindparam("company"),
    )
)


def _list(of: Any, value: Any) -> Prepared:
    own = of.c.company_id == bindparam("company"), one_of(of.c.person_id, "ids")
    return Prepared(lambda _: columns(of.c.person_id, value).where(*own))


_SKILLS, _DEPARTMENTS = _list(_S, _S.c.label), _list(_D, _D.c.name)


def _people(ids: Sequence[int]) -> Any:
    people = columns(_P.c.id, _P.c.company_id, _P.c.state, _P.c.joined_year, *(_P.c[name] for name in _COLUMNS))
    return people.where(_P.c.id.in_(ids)).order_by(_P.c.id)


def _texts(core: Connection, people: Sequence[Any]) -> dict[int, dict[str, Iterable[str]]]:
    skills = _lists(core, people, _S, _S.c.label)
    departments = _lists(core, people, _D, _D.c.name)
    return {row.id: texts_of(row, skills.get(row.id, ()), departments.get(row.id, ())) for row in people}


def _lists(core: Connection, people: Sequence[Any], of: Any, *values: Any) -> dict[int, list[Any]]:
    """What a table has of each of the people."""
    companies = {person.company_id for person in people}  # the key's first column
    own = of.c.company_id.in_(companies), of.c.person_id.in_([person.id for person in people])
    found: dict[int, list[Any]] = {}
    for person_id, *one in core.execute(columns(of.c.person_id, *values).where(*own)):
        found.setdefault(person_id, []).append(tuple(one) if len(one) > 1 else one[0])
    return found


def _listed(core: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Those of the people who agree to be found."""
    agree = agreeing(_P.c.company_id, _P.c.id, ConsentPurpose.DIRECTORY)
    return frozenset(core.execute(columns(_P.c.id).where(_P.c.id.in_(ids), agree)).scalars())


def _changes(
    wanted: set[tuple[int, str, int]], there: Mapping[tuple[int, str, int], int], company_of: Mapping[int, int]
) -> dict[tuple[int, str], tuple[set[int], set[int]]]:
    """Who gets and who loses each company's terms, where anybody does."""
    after = {(person_id, term) for person_id, term, _ in wanted}
    before = {(person_id, term) for person_id, term, _ in there}
    changes: dict[tuple[int, str], tuple[set[int], set[int]]] = {}
    for kind, those in enumerate((after - before, before - after)):
        for person_id, term in those:
            changes.setdefault((company_of[person_id], term), (set(), set()))[kind].add(person_id)
    return changes


def _count(
    core: Connection, changes: Mapping[tuple[int, str], tuple[set[int], set[int]]]
) -> dict[tuple[int, str], Term]:
    """Write the counts, with new terms where they are new; the terms as they are now."""
    terms: dict[tuple[int, str], Term] = {}
    new: Any = insert_of(core.dialect.name)(_V)
    more = {"people": _V.c.people + new.excluded.people}
    upsert = new.on_conflict_do_update(index_elements=["company_id", "term"], set_=more)
    upsert = upsert.returning(_V.c.company_id, _V.c.term, _V.c.term_id, _V.c.people)
    rows = iter(sorted((*key, len(got) - len(lost)) for key, (got, lost) in changes.items()))
    while some := list(islice(rows, _BATCH)):
        values = [{"company_id": company_id, "term": term, "people": people} for company_id, term, people in some]
        terms |= {(row.company_id, row.term): Term(row.term_id, row.people) for row in core.execute(upsert, values)}
    return terms


@event.listens_for(CompanySession, "before_flush")
def _forget_deleted(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """The database deletes a person's postings with the person, and counts nothing."""
    ids = sorted(row.id for row in session.deleted if isinstance(row, Person) and row.id is not None)
    if ids and isinstance(session, CompanySession):
        _write(session.core, ids, set(), {})


@event.listens_for(CompanySession, "after_flush")
def _note_changed(session: Session, _context: UOWTransaction) -> None:
    stale: set[int] = session.info.setdefault(_STALE, set())
    for row in (*session.new, *session.dirty, *session.deleted):
        match row:
            case Person(id=int(person_id)) if _has_changed(row):
                stale.add(person_id)
            case (
                Skill(person_id=person_id)
                | Department(person_id=person_id)
                | Visibility(person_id=person_id)
                | Consent(person_id=person_id)
            ):
                stale.add(person_id)
            case _:
                pass


def _has_changed(person: Person) -> bool:
    attributes = inspect(person).attrs
    return any(attributes[name].history.has_changes() for name in _INDEXED)


@event.listens_for(CompanySession, "before_commit")
def _index_changed(session: Session) -> None:
    if isinstance(session, CompanySession):
        settle(session)
