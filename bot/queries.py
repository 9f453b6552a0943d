"""The grammar of a look-up: words, of which some say where they are looked for (`skill:経理`)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot import texts
from storage.search import ANY, NAMES, SKILLS, Word
from storage.terms import of_query

LONGEST = 100
"""Characters of a look-up."""

FILTERS: Mapping[str, range] = {
    texts.folded(name): fields
    for names, fields in (
        (("name", "名前", "氏名"), NAMES),
        (("skill", "スキル"), SKILLS),
    )
    for name in names
}
"""What stands before a colon, and the fields that the word behind it is looked for in."""

_GAP = re.compile(r":\s+")


@dataclass(frozen=True, slots=True)
class Query:
    """A look-up as it was typed, and its words; none where there is nothing that could be looked for."""

    text: str
    words: tuple[Word, ...]

    @property
    def too_long(self) -> bool:
        return len(self.text) > LONGEST


def parsed(text: str) -> Query:
    """Raises nothing. A text that is too long has no words."""
    if len(text) > LONGEST:
        return Query(text, ())
    tokens = _GAP.sub(":", unicodedata.normalize("NFKC", text)).split()
    return Query(text, tuple(word for word in map(_word, tokens) if word.sought))


def _word(token: str) -> Word:
    name, colon, rest = token.partition(":")
    fields = FILTERS.get(texts.folded(name)) if colon else None
    text = token if fields is None else rest
    return Word(token, text, ANY if fields is None else fields, of_query(text))
