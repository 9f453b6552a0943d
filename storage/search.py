"""The index of people: which of them have a term, the same on SQLite and PostgreSQL.

It holds active people alone who agree to be found, and follows every change of theirs within the transaction that
makes it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, and_, bindparam, delete, event, func, insert, inspect
from sqlalchemy import select as columns
from sqlalchemy.orm import Session, UOWTransaction

from storage.consents import agreeing
from storage.db import CompanySession
from storage.people import Named
from storage.prepared import Prepared, insert_of
from storage.tables import Consent, ConsentPurpose, Person, PersonState, Posting, Skill, Vocab, table
from storage.terms import Sought, close_terms, of_text, spellings

FIELDS: Mapping[str, int] = {"name": 0, "reading": 1, "skill": 8}
"""What is indexed of a person, and how far down a match in it ranks. A further field is a line here and one in
`_wanted`; those below 8 are names."""
PART = 64
"""Added to the field's number in a posting's place where the term is only a part of a word."""
MOST = 300
"""People that one search ranks. Of more, those are taken whose match with the rarest word is best."""
ANY, NAMES, SKILLS = range(PART), range(8), range(FIELDS["skill"], FIELDS["skill"] + 1)
"""Fields in which a word is looked for."""
CLOSE = 3
"""People that one misspelt name suggests."""
COMPARED = 50
"""People of one term that are compared with it."""
ALIKE = 0.5
"""How much of two words is the same where one may be a slip of the other: 田仲 and 田中."""

_P, _S, _V, _T = table(Person), table(Skill), table(Vocab), table(Posting)
_STALE = "people_to_index"
_BATCH = 500
_INDEXED = ("name", "reading", "state")

Entry = tuple[str, int]
"""A term, and its place."""


def entries(texts: Mapping[str, Iterable[str]]) -> set[Entry]:
    """What the index holds of a person whose fields (the names of FIELDS) have these texts."""
    found: set[Entry] = set()
    for field, values in texts.items():
        terms: dict[str, bool] = {}
        for value in values:
            for term, whole in of_text(value).items():
                terms[term] = whole or terms.get(term, False)
        found |= {(term, FIELDS[field] + (0 if whole else PART)) for term, whole in terms.items()}
    return found


# Keeping it


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

    Rows are locked in one order, people by id and then terms by term: transactions that index at the same time wait
    for each other and never in a circle.
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
    known = {(company_of[person_id], term): term_id for (person_id, term, _), term_id in there.items()}
    known |= _count(core, _changes(wanted, there, company_of))
    if dropped:
        gone = [{"p": person_id, "t": there[person_id, term, place], "at": place} for person_id, term, place in dropped]
        core.execute(_DROP, gone)
        forgotten = sorted({row["t"] for row in gone})
        core.execute(delete(_V).where(_V.c.term_id.in_(forgotten), _V.c.people <= 0))
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


_DROP = delete(_T).where(
    _T.c.term_id == bindparam("t"), _T.c.place == bindparam("at"), _T.c.person_id == bindparam("p")
)


def _wanted(core: Connection, ids: Sequence[int]) -> tuple[set[tuple[int, str, int]], dict[int, int]]:
    """Person, term and place, of those who are active; and everybody's company."""
    people = (
        columns(_P.c.id, _P.c.company_id, _P.c.name, _P.c.reading, _P.c.state).where(_P.c.id.in_(ids)).order_by(_P.c.id)
    )
    rows = core.execute(people.with_for_update(key_share=True)).all()
    listed = _listed(core, ids)
    active = [row.id for row in rows if row.state is PersonState.ACTIVE and row.id in listed]
    skills: dict[int, list[str]] = {}
    own = _S.c.company_id.in_({row.company_id for row in rows}), _S.c.person_id.in_(active)  # the key's first columns
    for person_id, label in core.execute(columns(_S.c.person_id, _S.c.label).where(*own)):
        skills.setdefault(person_id, []).append(label)
    texts = {row.id: {"name": [row.name], "reading": [row.reading], "skill": skills.get(row.id, [])} for row in rows}
    wanted = {(person_id, term, place) for person_id in active for term, place in entries(texts[person_id])}
    return wanted, {row.id: row.company_id for row in rows}


def _listed(core: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Those of the people who agree to be found."""
    agree = agreeing(_P.c.company_id, _P.c.id, ConsentPurpose.DIRECTORY)
    return frozenset(core.execute(columns(_P.c.id).where(_P.c.id.in_(ids), agree)).scalars())


def _changes(
    wanted: set[tuple[int, str, int]], there: Mapping[tuple[int, str, int], int], company_of: Mapping[int, int]
) -> Counter[tuple[int, str]]:
    """By how many people each company's terms have more or fewer."""
    after = {(person_id, term) for person_id, term, _ in wanted}
    before = {(person_id, term) for person_id, term, _ in there}
    changes: Counter[tuple[int, str]] = Counter((company_of[person_id], term) for person_id, term in after - before)
    changes.subtract((company_of[person_id], term) for person_id, term in before - after)
    return changes


def _count(core: Connection, changes: Counter[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Write the counts, with new terms where they are new; the ids of all that were to change."""
    ids: dict[tuple[int, str], int] = {}
    new: Any = insert_of(core.dialect.name)(_V)
    more = {"people": _V.c.people + new.excluded.people}
    upsert = new.on_conflict_do_update(index_elements=["company_id", "term"], set_=more)
    upsert = upsert.returning(_V.c.company_id, _V.c.term, _V.c.term_id)
    rows = iter(sorted(changes.items()))
    while some := list(islice(rows, _BATCH)):
        values = [{"company_id": company_id, "term": term, "people": people} for (company_id, term), people in some]
        ids |= {(row.company_id, row.term): row.term_id for row in core.execute(upsert, values)}
    return ids


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
            case Skill(person_id=person_id) | Consent(person_id=person_id):
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


# Asking it


class Word(NamedTuple):
    """A typed word, what it asks for, and the fields in which it does."""

    typed: str
    sought: tuple[Sought, ...]
    fields: range = ANY


class Found(NamedTuple):
    """Who has every word, best match first. `more`: there are others. `missing`: the words that nobody has."""

    people: Sequence[Named]
    more: bool = False
    missing: Sequence[str] = ()


class _Check(NamedTuple):
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
    return Found((), missing=[word.typed for word in words if len(words) == 1 or not _matching(session, [word]).people])


def nearest(session: CompanySession, typed: str) -> Sequence[Named]:
    """Active people whose name or its reading is close to a word that nobody has, the closest first; CLOSE at most."""
    known = _known(session, close_terms(typed))
    rarest = sorted(known.values(), key=lambda term: term[1])[:CLOSE]
    ids = [row[0] for term_id, _ in rarest for row in _rows(session, term_id, NAMES, [], [])[:COMPARED]]
    people = session.core.execute(_READINGS, {"company": session.company_id, "ids": ids}) if ids else ()
    close = {Named(row.id, row.name): _closeness(typed, f"{row.name} {row.reading}") for row in people}
    likely = [person for person in close if close[person] >= ALIKE]
    return sorted(likely, key=lambda person: (-close[person], person.name, person.id))[:CLOSE]


_READINGS = columns(_P.c.id, _P.c.name, _P.c.reading).where(
    _P.c.company_id == bindparam("company"), _P.c.id.in_(bindparam("ids", expanding=True))
)


def _closeness(typed: str, text: str) -> float:
    """Of the two words that are most alike, how much is the same."""
    return max(
        SequenceMatcher(None, one, other, autojunk=False).ratio()
        for one in spellings(typed)
        for other in spellings(text)
    )


def _matching(session: CompanySession, words: Sequence[Word]) -> Found:
    asked = [(sought, word.fields) for word in words for sought in word.sought]
    known = _known(session, [term for sought, _ in asked for term in _terms(sought)])
    checks: list[_Check] = []
    for sought, fields in asked:
        for alternatives in sought.checks:
            there = [known[term] for term in alternatives if term in known]
            if not there:
                return Found(())
            checks.append(_Check(tuple(term_id for term_id, _ in there), sum(people for _, people in there), fields))
    if not checks:
        return Found(())
    first = min(range(len(checks)), key=lambda number: checks[number].people)
    others = sorted((n for n in range(len(checks)) if n != first), key=lambda number: checks[number].people)
    wholes = [_Check((known[s.whole][0],), 0, fields) for s, fields in asked if s.whole in known]
    best: dict[Named, tuple[int, int]] = {}
    more = False
    for term_id in checks[first].ids:
        rows = _rows(session, term_id, checks[first].fields, [checks[n] for n in others], wholes)
        more = more or len(rows) > MOST
        for person_id, name, *places in rows:
            at = dict(zip((first, *others), places, strict=False))
            whole = iter(places[len(checks) :])
            ranked = _rank([sought for sought, _ in asked], at, whole, known)
            person = Named(person_id, name)
            best[person] = min(ranked, best.get(person, ranked))
    people = sorted(best, key=lambda person: (best[person], person.name, person.id))
    return Found(people[:MOST], more or len(people) > MOST)


def _rank(
    asked: Sequence[Sought], at: Mapping[int, int], wholes: Iterator[int | None], known: Mapping[str, Any]
) -> tuple[int, int]:
    """How many of the words are only parts, and how far down their fields are."""
    parts = depth = first = 0
    for sought in asked:
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


def _known(session: CompanySession, terms: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Id and number of people of those terms that the company's people have."""
    asked = [*dict.fromkeys(terms)]
    if not asked:
        return {}
    asked += asked[-1:] * (-len(asked) % 4)  # few statements of different length
    values = {f"term{number}": term for number, term in enumerate(asked)}
    return {term: (term_id, people) for term, term_id, people in _vocabulary(len(asked)).all(session, **values)}


@lru_cache
def _statement(checks: int, wholes: int) -> Prepared:
    """One row for each of the driving term's postings whose person is active and has the checks: id, name, and the
    place of every term. Scalar subqueries, since a join may be planned from the wrong end: with the long list."""
    driver = _T.alias("driver")
    name = (
        columns(_P.c.name)
        .where(_P.c.id == driver.c.person_id, _P.c.company_id == bindparam("company"))
        .where(_P.c.state == PersonState.ACTIVE)
        .scalar_subquery()
    )

    def place(number: int) -> Any:
        term = _T.alias(f"term{number}")
        ids: list[Any] = [bindparam(f"id{number}a", type_=BigInteger()), bindparam(f"id{number}b", type_=BigInteger())]
        return (
            columns(func.min(term.c.place))
            .where(term.c.person_id == driver.c.person_id, term.c.term_id.in_(ids), _within(term, f"{number}"))
            .scalar_subquery()
            .label(f"place{number}")
        )

    inner = (
        columns(driver.c.person_id, name.label("name"), driver.c.place, *(place(n) for n in range(checks + wholes)))
        .where(driver.c.term_id == bindparam("driver", type_=BigInteger()))
        .where(driver.c.company_id == bindparam("company"), _within(driver, ""))
        .subquery()
    )
    needed = [inner.c[f"place{number}"].is_not(None) for number in range(checks)]
    told = (inner.c[f"place{number}"] for number in range(checks + wholes))
    rows = columns(inner.c.person_id, inner.c.name, inner.c.place, *told).where(*needed, inner.c.name.is_not(None))
    rows = rows.order_by(inner.c.place, inner.c.person_id)
    return Prepared(lambda _: rows.limit(bindparam("most", type_=Integer())))


def _within(posting: Any, number: str) -> Any:
    field = posting.c.place % PART
    return and_(field >= bindparam(f"from{number}", type_=Integer()), field < bindparam(f"to{number}", type_=Integer()))


def _rows(
    session: CompanySession, term_id: int, fields: range, checks: Sequence[_Check], wholes: Sequence[_Check]
) -> Sequence[tuple[Any, ...]]:
    values: dict[str, int] = {"driver": term_id, "from": fields.start, "to": fields.stop, "most": MOST + 1}
    for number, check in enumerate((*checks, *wholes)):
        values[f"id{number}a"], values[f"id{number}b"] = check.ids[0], check.ids[-1]
        values[f"from{number}"], values[f"to{number}"] = check.fields.start, check.fields.stop
    return _statement(len(checks), len(wholes)).all(session, **values)
