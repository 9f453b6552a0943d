"""Texts as the terms that the index keeps, and typed words as the terms that they ask for.

Latin words are kept as all their beginnings, twice where they can be read as Japanese: as written and in the one
spelling of `romaji`. Chinese characters and the syllables of kana and romaji are kept one by one, in pairs and in
threes, so that 田中 finds 田中島 and ベース finds データベース, and kana and romaji find each other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice, pairwise

import regex

from storage import romaji
from storage.folding import common_kanji, folded, large_kana, unaccented

LONGEST = 16
"""Characters of a word that are told apart."""
_REMEMBERED = 4096
"""Texts and words whose terms are remembered: surnames, skills and firms come again and again."""

_DIGEST = 16
"""Bytes."""
_RUN = regex.compile(
    r"(?V1)(?P<cjk>[\p{Han}\p{Katakana}ー]+)|(?P<word>[[\p{L}\p{M}\p{N}]--[\p{Han}\p{Katakana}ー]]+[+#]*)"
)
_KANA = regex.compile(r"[\p{Katakana}ー]+")
_HAN = regex.compile(r"\p{Han}")
_PART = regex.compile(r"[\p{Katakana}ー]+|\p{Han}")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")
PIECES = 3
"""Chinese characters and syllables that make one term; more are looked for as several terms."""
_PIECES = "~"
"""Terms that begin so are made of them; others are beginnings of words, or long words of Chinese characters."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a typed word asks for: one of the terms of each of `checks`.

    Where that tells no more than that all `pieces` of the word are there, who has one of the terms `begun` has them in
    one piece, as a word or its beginning (if it is shorter than LONGEST); of others `holds` tells. Without `pieces`
    there is one check, which tells all.
    """

    checks: tuple[tuple[str, ...], ...]
    begun: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()


@lru_cache(maxsize=_REMEMBERED)
def of_text(text: str) -> Mapping[str, bool]:
    """The terms of a name, a skill …, each with whether it is a whole word of it."""
    return _whole_or_not(term for run in written(text) for term in _of_run(*run).items())


def written(text: str) -> Iterator[tuple[str, bool]]:
    """The runs of a text, and those of Japanese that follow each other as one: 山田 太郎 is also typed so."""
    joined = ""
    for (run, is_cjk), (_, goes_on) in pairwise([*runs_of(text), ("", False)]):
        yield run, is_cjk
        joined = joined + run if is_cjk else ""
        if not goes_on and joined not in ("", run):
            yield joined, True
            joined = ""


def holds(text: str, sought: Sought) -> bool:
    """Whether the text has it in one piece, where the terms say only that it has all the pieces."""
    if not sought.pieces:
        return True
    if not set(_HAN.findall("".join(sought.pieces))) <= set(common_kanji(folded(text))):
        return False
    return any(_follow(sought.pieces, pieces) for pieces in _all_pieces(text))


@lru_cache(maxsize=_REMEMBERED)
def _all_pieces(text: str) -> Sequence[Sequence[str]]:
    return [
        pieces
        for run, is_cjk in written(text)
        for pieces in (pieces_of(run) if is_cjk else [romaji.morae(romaji.spelt(run) or "")])
    ]


def _follow(sought: Sequence[str], pieces: Sequence[str]) -> bool:
    length = len(sought)
    return any(tuple(pieces[at : at + length]) == sought for at in range(len(pieces) - length + 1))


@lru_cache(maxsize=4096)
def of_query(word: str) -> tuple[Sought, ...]:
    """What a typed word asks for, all of it: UI設計 asks for two. Nothing for punctuation and emoji."""
    sought = (_sought_cjk(run) if is_cjk else _sought_word(run) for run, is_cjk in runs_of(word))
    return tuple(one for one in sought if one.checks)


def of_address(text: str) -> Mapping[str, bool]:
    """The one term of an e-mail address: it is found whole or not at all, and no part of it is a word."""
    return {exact(text): True} if text else {}


def exact(address: str) -> str:
    """The term of an e-mail address, which no word has."""
    return "@" + blake2b(folded(address).encode("utf-8", "replace"), digest_size=_DIGEST).hexdigest()


def of_number(text: str) -> Mapping[str, bool]:
    """The terms of an employee number: the whole one, as E-12345 and E12345 ask for it, and none of its beginnings."""
    ways = [text, "".join(run for run, _ in runs_of(text))]
    return {term: True for way in ways for sought in of_query(way) for check in sought.checks for term in check}


def spellings(text: str) -> list[str]:
    """The words of a text as they compare whatever they are written in."""
    return [(romaji.of_kana(run) if is_cjk else romaji.spelt(run)) or run for run, is_cjk in runs_of(text)] or [""]


def close_terms(word: str) -> list[str]:
    """Terms that a word and one much like it have in common: its characters, its syllables, how it begins."""
    terms = {term for run in runs_of(word[:LONGEST]) for term in _of_run(*run)}
    return sorted(term for term in terms if len(term) > 1 or not term.isascii())


def runs_of(text: str) -> Iterator[tuple[str, bool]]:
    for run in _RUN.finditer(common_kanji(folded(text)).translate(_APOSTROPHES)):
        word = run[0] if run["cjk"] else unaccented(run[0])
        if word:
            yield word, bool(run["cjk"])


@lru_cache(maxsize=_REMEMBERED)
def _of_run(run: str, is_cjk: bool) -> Mapping[str, bool]:
    return _whole_or_not(_of_cjk(run) if is_cjk else _of_word(run))


def _whole_or_not(terms: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    """A term that is there several times is a whole word if it is one once."""
    found: dict[str, bool] = {}
    for term, whole in terms:
        found[term] = whole or found.get(term, False)
    return found


def _of_word(word: str) -> Iterator[tuple[str, bool]]:
    yield from _beginnings(word)
    spelling = romaji.spelt(word)
    if spelling:
        yield from _beginnings(spelling)
        yield from _grams(romaji.morae(spelling))


def _of_cjk(run: str) -> Iterator[tuple[str, bool]]:
    for pieces in pieces_of(run):
        yield from _grams(pieces)
    if _KANA.fullmatch(run):
        for way in {run, large_kana(run)}:  # キョウコ is also asked for as キヨウコ
            yield from _beginnings(romaji.of_kana(way) or "")
    elif len(run) > PIECES:
        yield from islice(_beginnings(large_kana(run)), PIECES, None)


def _beginnings(word: str) -> Iterator[tuple[str, bool]]:
    for length in range(1, min(len(word), LONGEST) + 1):
        yield word[:length], length in (len(word), LONGEST)


def _grams(pieces: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """One, two and three that follow each other."""
    for length in range(1, min(len(pieces), PIECES) + 1):
        for start in range(len(pieces) - length + 1):
            yield _PIECES + "".join(pieces[start : start + length]), length == len(pieces)


def pieces_of(run: str) -> Sequence[tuple[str, ...]]:
    """Its Chinese characters and syllables in order, in each of the ways in which its kana are told apart."""
    ways = (_pieces_by(told, way) for way in (run, large_kana(run)) for told in (_morae, _apart))
    return list(dict.fromkeys(ways))


def _pieces_by(told: Callable[[str], Sequence[str]], run: str) -> tuple[str, ...]:
    return tuple(piece for part in _PART.findall(run) for piece in (told(part) if _KANA.fullmatch(part) else part))


def _morae(kana: str) -> Sequence[str]:
    spelling = romaji.of_kana(kana)
    return romaji.morae(spelling) if spelling else kana


def _apart(kana: str) -> Sequence[str]:
    """The syllables with ン by itself, which in romaji goes to the next vowel: シン begins シンイチ."""
    morae: list[str] = []
    for number, part in enumerate(kana.split("ン")):
        morae += ["n"] * (number > 0) + [*_morae(part)]
    return morae


def _sought_word(word: str) -> Sought:
    begun = romaji.spelt_so_far(word) or word
    return Sought((tuple(dict.fromkeys((word[:LONGEST], begun[:LONGEST]))),))


def _sought_cjk(run: str) -> Sought:
    pieces = pieces_of(run)[0]
    if len(pieces) <= PIECES:
        return Sought(((_PIECES + "".join(pieces),),))
    grams = {_PIECES + "".join(pieces[at : at + PIECES]): None for at in range(len(pieces) - PIECES + 1)}
    spelling = (romaji.of_kana(run) or "") if _KANA.fullmatch(run) else ""
    begun = tuple(way[:LONGEST] for way in (spelling, large_kana(run)) if way)
    return Sought(tuple((gram,) for gram in grams), begun, pieces)
