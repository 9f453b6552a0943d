"""Who is to be found, told by reading everybody's fields one after the other: without index and SQL."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import regex

from benchmarks._people import Drawn
from bot import queries
from storage import romaji, terms
from storage.folding import large_kana
from storage.index import EXACT, FIELDS, texts_of
from storage.tables import Audience, PersonState
from storage.visibility import LEVELS, Viewer, audience

_WORDS_THAT_ARE_PARTS = 1 << 16
_KANA = regex.compile(r"[\p{Katakana}ー]+")
Match = tuple[int, str, int]
"""How far down it stands, the less the better; name; id."""


class _Text(NamedTuple):
    """`pieces` are its runs as characters and syllables (`|ta|naka|`), `words` what can be begun (` tanaka ken `)."""

    level: int
    field: int
    pieces: Sequence[str]
    words: str


class _Read(NamedTuple):
    id: int
    name: str
    hides_from: int
    texts: Sequence[_Text]


class Oracle:
    """Has read these people, by their ids."""

    def __init__(self, people: Iterable[tuple[int, Drawn]]) -> None:
        there = ((number, one) for number, one in people if one.state is PersonState.ACTIVE and one.agrees)
        self._people = [_Read(number, one.name, one.hides_from, [*_texts(one)]) for number, one in there]

    def find(self, asked: str, viewer: Viewer) -> list[Match]:
        """Everybody who has all the words, best match first."""
        words = [
            (run, is_cjk, word.fields)
            for word in queries.parsed(asked).words
            for run, is_cjk in terms.runs_of(word.text)
        ]
        needles = [(_needles(run, is_cjk), is_cjk, fields) for run, is_cjk, fields in words]
        found: list[Match] = []
        for person in self._people:
            if person.hides_from == viewer.id:
                continue
            reach = LEVELS[Audience.HIDDEN if person.id == viewer.id else viewer.reach]
            ranks = [_rank(person.texts, *needle, reach) for needle in needles]
            told = [rank for rank in ranks if rank is not None]
            if len(told) == len(ranks):
                found.append((sum(told), person.name, person.id))
        return sorted(found)


def _texts(person: Drawn) -> Iterator[_Text]:
    for field, values in texts_of(person, person.skills, person.departments).items():
        level = LEVELS[Audience.EVERYONE if field == "name" else audience(field, person.chosen.get(field))]
        for text in values if field not in EXACT else ():
            pieces, words = _read(text)
            yield _Text(level, FIELDS[field], pieces, words)


def _read(text: str) -> tuple[Sequence[str], str]:
    pieces: list[str] = []
    words: list[str] = []
    for run, is_cjk in terms.written(text):
        if is_cjk:
            pieces += map(_joined, terms.pieces_of(run))
            # Latin letters find kana, and no Chinese characters: はやぶさ but not はやぶさ不動産.
            words += [romaji.of_kana(way) or "" for way in (run, large_kana(run)) if _KANA.fullmatch(run)]
        else:
            spelling = romaji.spelt(run) or ""
            pieces.append(_joined(romaji.morae(spelling)))
            words += [run, spelling]
    return pieces, " " + "".join(f"{word[: terms.LONGEST]} " for word in words)


def _joined(pieces: Sequence[str]) -> str:
    return f"|{'|'.join(pieces)}|"


def _needles(run: str, is_cjk: bool) -> Sequence[str]:
    if is_cjk:
        return [_joined(terms.pieces_of(run)[0])]
    return [run[: terms.LONGEST], (romaji.spelt_so_far(run) or run)[: terms.LONGEST]]


def _rank(texts: Iterable[_Text], needles: Sequence[str], is_cjk: bool, fields: range, reach: int) -> int | None:
    ranks: list[int] = []
    for text in texts:
        if text.level <= reach and text.field in fields:
            if is_cjk:
                there = [needle == pieces for needle in needles for pieces in text.pieces if needle in pieces]
            else:
                there = [f" {needle} " in text.words for needle in needles if f" {needle}" in text.words]
            ranks += [text.field + (0 if any(there) else _WORDS_THAT_ARE_PARTS)] if there else []
    return min(ranks, default=None)
