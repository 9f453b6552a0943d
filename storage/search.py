"""Finding people by the index: the same on SQLite and PostgreSQL, and fast however many there are."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import chain
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlalchemy import select as columns

from storage import postings
from storage.db import CompanySession
from storage.index import AUDIENCES, EXACT, FIELDS, NAMES, PART, of_year, settle, texts_of_all
from storage.people import Named
from storage.postings import Asking, Check, Row
from storage.tables import Person, table
from storage.terms import LONGEST, Sought, close_terms, holds, spellings
from storage.visibility import Viewer, seen

MOST = 100
"""People that one search ranks. Of more, those are taken whose match with the rarest word is best."""
MARKS = range(FIELDS["email"], FIELDS["employee_number"] + 1)
"""Fields by which one person alone is found."""
ENOUGH = 4
"""Checks of one word, the rarest: who has these has most likely the others, which their text tells."""
CLOSE = 3
"""People that one misspelt name suggests."""
SUGGESTING = 300
"""People of a term, from whom on it is as common as any."""
COMPARED = 50
"""People of one term that are compared with it."""
ALIKE, ALIKE_IN_LATIN = 0.5, 0.7
"""How much of two words is the same where one may be a slip of the other: 田仲 and 田中, tanoka and tanaka."""

_P = table(Person)


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
    return Found((), missing=[word for word in words if alone or not _matching(session, [word], viewer, 1).people])


def nearest(session: CompanySession, word: Word, viewer: Viewer) -> Sequence[Named]:
    """Active people whose name or its reading, as far as the viewer may see it, is close to a word that nobody has, the
    closest first; CLOSE at most."""
    if word.fields.start not in NAMES:
        return ()
    terms = sorted(postings.known(session, close_terms(word.text)).items())
    # Rare is what few of those have whom the viewer finds by it: what is hidden must not decide who is suggested.
    lists = [postings.first_rows(session, Asking.of(Check((term,), NAMES)), viewer, SUGGESTING) for _, term in terms]
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


class _Part(NamedTuple):
    """A run of a word, and by which terms it is looked for."""

    sought: Sought
    fields: range
    checks: Sequence[Check]
    begun: Check | None

    @property
    def telling(self) -> Check | None:
        """What tells where it stands; None where only the text does."""
        return self.begun if self.sought.pieces else self.checks[0]

    @property
    def has_proof(self) -> bool:
        return max(map(len, self.sought.begun)) < LONGEST


def _matching(session: CompanySession, words: Sequence[Word], viewer: Viewer, most: int | None = None) -> Found:
    most = MOST if most is None else most
    parts = _parts(session, words)
    years = _years(words)
    if not parts:
        return _of_years(session, years, viewer) if years else Found(())
    if not all(check.terms for part in parts for check in part.checks):
        return Found(())
    rarest = [sorted(part.checks, key=_size)[:ENOUGH] for part in parts]
    asked = Asking(
        sorted((check for some in rarest for check in some), key=_size),
        sorted((some[0] for some in rarest), key=_size),
        [part.begun for part in parts if part.begun],
        years,
    )
    rows = postings.rows(session, asked, viewer, most)
    best: dict[Named, int] = {}
    for row, rank in zip(rows, _ranks(session, parts, rows, asked.told, viewer), strict=True):
        if rank is not None:
            person = Named(row[0], row[1])
            best[person] = min(rank, best.get(person, rank))
    people = sorted(best, key=lambda person: (best[person], person.name, person.id))
    return Found(people[:most], len({row[0] for row in rows}) > most)


def _parts(session: CompanySession, words: Sequence[Word]) -> Sequence[_Part]:
    wanted = [(sought, word.fields) for word in words for sought in word.sought]
    known = postings.known(session, (term for sought, _ in wanted for term in chain(*sought.checks, sought.begun)))

    def check(terms: Iterable[str], fields: range, *, tells: bool = True) -> Check:
        return Check(tuple(known[term] for term in terms if term in known), fields, tells)

    return [
        _Part(
            sought,
            fields,
            [check(terms, fields, tells=not sought.pieces) for terms in sought.checks],
            check(sought.begun, fields) if known.keys() & {*sought.begun} else None,
        )
        for sought, fields in wanted
    ]


def _ranks(
    session: CompanySession, parts: Sequence[_Part], rows: Sequence[Row], told: Sequence[Check], viewer: Viewer
) -> Sequence[int | None]:
    """How good a match each row is, the less the better: how many of the words are only parts, and then how far down
    their fields are. None for a person who has the pieces of a word, but not in one piece."""
    if len(parts) == 1 and not parts[0].sought.pieces:
        whole: list[int | None] = [_RANKS[row[2]] for row in rows]
        return whole
    columns: list[int | None] = [None if part.telling is None else 2 + told.index(part.telling) for part in parts]
    places: list[list[int | None]] = [[None if one is None else row[one] for one in columns] for row in rows]
    unproven = [
        (row[0], part, own, number)
        for number, part in enumerate(parts)
        if part.sought.pieces
        for row, own in zip(rows, places, strict=True)
        if own[number] is None or not part.has_proof
    ]
    if unproven:
        in_text = _InText(session, {person_id for person_id, *_ in unproven}, viewer)
        for person_id, part, own, number in unproven:
            found = in_text.place(person_id, part)
            own[number] = found if found is None or own[number] is None else own[number]
    return [_rank(own) for own in places]


def _rank(places: Sequence[int | None]) -> int | None:
    return None if None in places else sum(_RANKS[place] for place in places if place is not None)


_RANKS: list[int] = [place // PART << 16 | place % PART // AUDIENCES for place in range(2 * PART)]


class _InText:
    """What the viewer may read of several people."""

    def __init__(self, session: CompanySession, ids: Iterable[int], viewer: Viewer) -> None:
        self._texts = texts_of_all(session, sorted(ids))
        self._shown = seen(session, viewer, self._texts)

    def place(self, person_id: int, part: _Part) -> int | None:
        """The first field that has it in one piece."""
        there = (
            FIELDS[field] * AUDIENCES + PART
            for field, values in self._texts[person_id].items()
            if FIELDS[field] in part.fields
            and field not in EXACT
            and (field == "name" or self._shown.shows(person_id, field))
            if any(holds(text, part.sought) for text in values)
        )
        return min(there, default=None)


def _years(words: Sequence[Word]) -> range | None:
    """Those that every word allows which asks for years."""
    asked = [word.years for word in words if word.years is not None]
    return range(max(years.start for years in asked), min(years.stop for years in asked)) if asked else None


def _of_years(session: CompanySession, years: range, viewer: Viewer) -> Found:
    known = sorted(postings.known(session, map(of_year, years)).items())
    checks = [Check((term,), only("joined_year")) for _, term in known]
    rows = (row for check in checks for row in postings.first_rows(session, Asking.of(check), viewer, MOST))
    people = sorted((Named(*row[:2]) for row in rows), key=lambda person: (person.name, person.id))
    return Found(people[:MOST], len(people) > MOST)


def _size(check: Check) -> int:
    return check.people
