"""The grammar of a look-up: words, of which some say where they are looked for (`skill:経理`)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot import texts
from storage.index import NAMES
from storage.postings import ANY
from storage.search import Word, only
from storage.terms import Sought, exact, of_query

LONGEST = 100
"""Characters of a look-up."""

FILTERS: Mapping[str, range] = {
    texts.folded(name): fields
    for names, fields in (
        (("name", "名前", "氏名"), NAMES),
        (("skill", "スキル"), only("skills")),
        (("dept", "department", "部署"), only("departments")),
        (("company", "会社", "勤務先"), only("works_at")),
        (("city", "都市", "地域"), only("city")),
        (("number", "社員番号"), only("employee_number")),
    )
    for name in names
}
"""What stands before a colon, and the fields that the word behind it is looked for in."""

YEARS = frozenset(map(texts.folded, ("joined", "入社")))
"""What stands before a colon and years: 2005, 2005-2010, 2005-, -1999."""
EARLIEST, LATEST = 1900, 2100

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_GAP = re.compile(r":\s+")
_SPAN = re.compile(r"(\d{4})?年?(?:(?P<to>[-~〜–])(\d{4})?年?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """A look-up as it was typed, and its words; none where there is nothing that could be looked for."""

    text: str
    words: tuple[Word, ...]
    not_years: str = ""
    """A word that asks for years and names none."""

    @property
    def too_long(self) -> bool:
        return len(self.text) > LONGEST


def parsed(text: str) -> Query:
    """Raises nothing. A text that is too long has no words."""
    if len(text) > LONGEST:
        return Query(text, ())
    tokens = _GAP.sub(":", unicodedata.normalize("NFKC", text)).split()
    words = [_word(token) for token in tokens]
    not_years = next((word.typed for word in words if word.years is not None and not word.years), "")
    return Query(text, tuple(word for word in words if word.sought or word.years), not_years)


def _word(token: str) -> Word:
    if _ADDRESS.fullmatch(token):
        return Word(token, token, only("email"), (Sought(((exact(token),),)),))
    name, colon, rest = token.partition(":")
    if colon and texts.folded(name) in YEARS:
        return Word(token, rest, only("joined_year"), (), _years(rest))
    fields = FILTERS.get(texts.folded(name)) if colon else None
    text = token if fields is None else rest
    return Word(token, text, ANY if fields is None else fields, of_query(text))


def _years(text: str) -> range:
    """Empty where the text is no span of years."""
    span = _SPAN.fullmatch(text)
    first, to, last = span.groups() if span else (None, None, None)
    if not (first or last):
        return range(0)
    begin = int(first) if first else EARLIEST
    end = int(last) if last else LATEST if to else begin
    return range(max(begin, EARLIEST), min(end, LATEST) + 1)


def year(typed: str) -> int | None:
    """The calendar year that was typed, `2005年` too; None for what is none."""
    number = texts.number(unicodedata.normalize("NFKC", typed).strip().removesuffix("年"))
    return number if number is not None and EARLIEST <= number <= LATEST else None
