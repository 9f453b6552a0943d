"""Texts as the terms that the index keeps, and typed words as the terms that they ask for.

Latin words are kept as all their beginnings, twice where they can be read as Japanese: as written and in the one
spelling of `romaji`. Chinese characters are kept as pairs and one by one, kana as pairs of syllables and one by one,
so that 田中 finds 田中島 and ベース finds データベース, and kana and romaji find each other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import regex

from storage import romaji
from storage.folding import common_kanji, folded, large_kana, unaccented

LONGEST = 16
"""Characters of a word that are told apart."""
_REMEMBERED = 20_000
"""Texts and words whose terms are remembered: surnames, skills and firms come again and again."""

_RUN = regex.compile(
    r"(?V1)(?P<cjk>[\p{Han}\p{Katakana}ー]+)|(?P<word>[[\p{L}\p{M}\p{N}]--[\p{Han}\p{Katakana}ー]]+[+#]*)"
)
_KANA = regex.compile(r"[\p{Katakana}ー]+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")
_SYLLABLES = "~"
"""Terms that begin so are syllables of kana or romaji."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a typed word asks for: of each of `checks` one term, and, to be a whole word, `whole` (where no single
    check tells)."""

    checks: tuple[tuple[str, ...], ...]
    whole: str = ""


@lru_cache(maxsize=_REMEMBERED)
def of_text(text: str) -> Mapping[str, bool]:
    """The terms of a name, a skill …, each with whether it is a whole word of it."""
    terms: dict[str, bool] = {}
    joined = ""
    runs = [*_runs(text), ("", False)]
    for (run, is_cjk), (_, goes_on) in pairwise(runs):
        _add(terms, _of_cjk(run) if is_cjk else _of_word(run))
        joined = joined + run if is_cjk else ""
        if not goes_on and joined != run:  # 山田 太郎 is also typed as one word
            _add(terms, _of_cjk(joined))
            joined = ""
    return terms


@lru_cache(maxsize=4096)
def of_query(word: str) -> tuple[Sought, ...]:
    """What a typed word asks for, all of it: UI設計 asks for two. Nothing for punctuation and emoji."""
    sought = (_sought_cjk(run) if is_cjk else _sought_word(run) for run, is_cjk in _runs(word))
    return tuple(one for one in sought if one.checks)


def spellings(text: str) -> list[str]:
    """The words of a text as they compare whatever they are written in."""
    return [(romaji.of_kana(run) if is_cjk else romaji.spelt(run)) or run for run, is_cjk in _runs(text)] or [""]


def close_terms(word: str) -> list[str]:
    """Terms that a word and one much like it have in common: its characters, its syllables, how it begins."""
    terms = {term for run, is_cjk in _runs(word[:LONGEST]) for term, _ in (_of_cjk if is_cjk else _of_word)(run)}
    return sorted(term for term in terms if len(term) > 1 or not term.isascii())


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for run in _RUN.finditer(common_kanji(folded(text)).translate(_APOSTROPHES)):
        word = run[0] if run["cjk"] else unaccented(run[0])
        if word:
            yield word, bool(run["cjk"])


def _add(terms: dict[str, bool], more: Iterable[tuple[str, bool]]) -> None:
    for term, whole in more:
        terms[term] = whole or terms.get(term, False)


@lru_cache(maxsize=_REMEMBERED)
def _of_word(word: str) -> Sequence[tuple[str, bool]]:
    return tuple(_word_terms(word))


def _word_terms(word: str) -> Iterator[tuple[str, bool]]:
    yield from _beginnings(word)
    spelling = romaji.spelt(word)
    if spelling:
        yield from _beginnings(spelling)
        yield from _syllables(romaji.morae(spelling), whole=True)


def _beginnings(word: str) -> Iterator[tuple[str, bool]]:
    for length in range(1, min(len(word), LONGEST) + 1):
        yield word[:length], length in (len(word), LONGEST)


def _syllables(morae: list[str], *, whole: bool) -> Iterator[tuple[str, bool]]:
    for mora in morae:
        yield _SYLLABLES + mora, whole and len(morae) == 1
    for pair in pairwise(morae):
        yield _SYLLABLES + "".join(pair), whole and len(morae) == 2


@lru_cache(maxsize=_REMEMBERED)
def _of_cjk(run: str) -> Sequence[tuple[str, bool]]:
    return tuple(_cjk_terms(run))


def _cjk_terms(run: str) -> Iterator[tuple[str, bool]]:
    spelling = romaji.of_kana(run) if _KANA.fullmatch(run) else None
    if spelling:
        for way in {spelling, romaji.of_kana(large_kana(run)) or spelling}:  # キョウコ is also asked for as キヨウコ
            yield from _beginnings(way)
            yield from _syllables(romaji.morae(way), whole=True)
        yield from _syllables(_apart(run), whole=False)
        return
    for kana in _KANA.findall(run):
        yield from _syllables(romaji.morae(romaji.of_kana(kana) or ""), whole=False)
        yield from _syllables(_apart(kana), whole=False)
    yield from ((sign, len(run) == 1) for sign in large_kana(run))
    yield from ((pair, len(run) == 2) for pair in _pairs(run))
    if 3 <= len(run) <= LONGEST:
        yield large_kana(run), True


def _apart(kana: str) -> list[str]:
    """The syllables with ン by itself, which in romaji goes to the next vowel: シン begins シンイチ."""
    morae: list[str] = []
    for number, part in enumerate(kana.split("ン")):
        morae += ["n"] * (number > 0) + romaji.morae(romaji.of_kana(part) or "")
    return morae


def _pairs(run: str) -> Iterator[str]:
    """Neighbours that are not both kana: those are syllables."""
    for before, after in pairwise(run):
        if not (_KANA.fullmatch(before) and _KANA.fullmatch(after)):
            yield large_kana(before + after)


def _sought_word(word: str) -> Sought:
    begun = romaji.spelt_so_far(word) or word
    return Sought((tuple(dict.fromkeys((word[:LONGEST], begun[:LONGEST]))),))


def _sought_cjk(run: str) -> Sought:
    is_kana = _KANA.fullmatch(run)
    spelling = romaji.of_kana(run) if is_kana else None
    if spelling:
        morae = romaji.morae(spelling)
        return Sought(_all_of(_grams(morae)), spelling[:LONGEST] if len(morae) > 2 else "")
    if len(run) == 1:
        return Sought(_all_of([large_kana(run)]))
    grams = [gram for kana in _KANA.findall(run) for gram in _grams(romaji.morae(romaji.of_kana(kana) or ""))]
    return Sought(_all_of([*_pairs(run), *grams]), large_kana(run) if 3 <= len(run) <= LONGEST else "")


def _grams(morae: list[str]) -> list[str]:
    return [_SYLLABLES + "".join(gram) for gram in (pairwise(morae) if len(morae) > 1 else [morae] if morae else [])]


def _all_of(terms: list[str]) -> tuple[tuple[str, ...], ...]:
    return tuple((term,) for term in dict.fromkeys(terms))
