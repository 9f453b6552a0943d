"""Who has a common term, as a bitmap: two words that many have each, but few both, are found without asking all of one
word's people for the other.

A term of more than MANY people has its bitmap, in blocks of SPAN people; a rarer one has none. `storage.index` keeps
them in the transaction that changes the postings, under the lock of the term's row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, type_coerce
from sqlalchemy import select as columns
from sqlalchemy.types import NullType

from storage.db import CompanySession
from storage.prepared import Prepared, insert_of
from storage.tables import Bitmap, Posting, table

MANY = 2048
"""More people than that are not asked one by one."""
SPAN = 8192
"""People of one block, by their ids: a kilobyte."""
_BATCH = 500

_B, _T = table(Bitmap), table(Posting)


class Term(NamedTuple):
    id: int
    people: int


class Change(NamedTuple):
    """A term after people got or lost it; `people` is how many have it now."""

    company_id: int
    people: int
    got: frozenset[int]
    lost: frozenset[int]

    @property
    def before(self) -> int:
        return self.people - len(self.got) + len(self.lost)


People = Mapping[int, int]
"""By block, its people as the bits of a number; no block that has none."""


def common(session: CompanySession, checks: Iterable[Iterable[Term]]) -> People:
    """Who has a term of each of the checks. Asked rarest first it stops early."""
    everybody: People | None = None
    for terms in checks:
        these: dict[int, int] = {}
        for term in terms:
            for block, bits in _people(session, term).items():
                these[block] = these.get(block, 0) | bits
        both = {
            block: bits & these.get(block, 0) for block, bits in (these if everybody is None else everybody).items()
        }
        everybody = {block: bits for block, bits in both.items() if bits}
        if not everybody:
            break
    return everybody or {}


def among(people: People, rows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those rows that begin with one of the people."""
    octets, nobody = {block: _octets(bits) for block, bits in people.items()}, bytes(SPAN // 8)
    return [row for row in rows if octets.get(row[0] // SPAN, nobody)[row[0] % SPAN >> 3] >> (row[0] & 7) & 1]


def count(people: People) -> int:
    return sum(bits.bit_count() for bits in people.values())


def ids(people: People) -> Iterator[int]:
    """In order."""
    return (block * SPAN + bit for block, bits in sorted(people.items()) for bit in _set_bits(bits))


def _set_bits(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


_BITS = type_coerce(_B.c.bits, NullType()).label("bits")  # bytes come from either driver
_OWN = columns(_B.c.block, _BITS).where(_B.c.company_id == bindparam("company"))
_BLOCKS = Prepared(lambda _: _OWN.where(_B.c.term_id == bindparam("term", type_=BigInteger())))
_HOLDERS = Prepared(
    lambda _: columns(_T.c.person_id).where(
        _T.c.company_id == bindparam("company"), _T.c.term_id == bindparam("term", type_=BigInteger())
    )
)


def _people(session: CompanySession, term: Term) -> People:
    if term.people <= MANY:
        return _in_blocks(person_id for (person_id,) in _HOLDERS.all(session, term=term.id))
    return {block: int.from_bytes(bits, "little") for block, bits in _BLOCKS.all(session, term=term.id)}


def _in_blocks(people: Iterable[int]) -> People:
    blocks: dict[int, bytearray] = {}
    for person_id in people:
        block, bit = divmod(person_id, SPAN)
        octets = blocks.get(block) or blocks.setdefault(block, bytearray(SPAN // 8))
        octets[bit >> 3] |= 1 << (bit & 7)
    return {block: int.from_bytes(octets, "little") for block, octets in blocks.items()}


# Keeping them


def keep(core: Connection, changes: Mapping[int, Change]) -> None:
    """Follow what has become of these terms, by their ids; their postings and counts are written already."""
    rare = sorted(term_id for term_id, change in changes.items() if change.people <= MANY < change.before)
    if rare:
        core.execute(delete(_B).where(_B.c.term_id.in_(rare)))
    common = {term_id: change for term_id, change in changes.items() if change.people > MANY}
    for term_id, change in sorted(common.items()):
        if change.before <= MANY:
            holders = core.execute(columns(_T.c.person_id).where(_T.c.term_id == term_id)).scalars()
            write(core, change.company_id, term_id, holders)
    _toggle(core, {term_id: change for term_id, change in common.items() if change.before > MANY})


def write(core: Connection, company_id: int, term_id: int, people: Iterable[int]) -> None:
    """The bitmap of a term that had none."""
    rows = [
        {"company_id": company_id, "term_id": term_id, "block": block, "bits": _octets(bits)}
        for block, bits in sorted(_in_blocks(people).items())
    ]
    core.execute(insert(_B), rows)


def _toggle(core: Connection, changes: Mapping[int, Change]) -> None:
    wanted = [
        (term_id, block, bits)
        for term_id, change in sorted(changes.items())
        for block, bits in sorted(_in_blocks(change.got ^ change.lost).items())
    ]
    several = iter(wanted)
    upsert: Any = insert_of(core.dialect.name)(_B)
    upsert = upsert.on_conflict_do_update(index_elements=["term_id", "block"], set_={"bits": upsert.excluded.bits})
    while some := list(islice(several, _BATCH)):
        there = _there(core, some)
        rows = [
            {
                "company_id": changes[term_id].company_id,
                "term_id": term_id,
                "block": block,
                "bits": _octets(there.get((term_id, block), 0) ^ bits),
            }
            for term_id, block, bits in some
        ]
        core.execute(upsert, rows)


def _there(core: Connection, some: Sequence[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
    terms, blocks = {term_id for term_id, _, _ in some}, {block for _, block, _ in some}
    query = columns(_B.c.term_id, _B.c.block, _B.c.bits).where(_B.c.term_id.in_(terms), _B.c.block.in_(blocks))
    return {(row.term_id, row.block): int.from_bytes(row.bits, "little") for row in core.execute(query)}


def _octets(bits: int) -> bytes:
    return bits.to_bytes(SPAN // 8, "little")
