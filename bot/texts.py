"""Texts that people typed: cleaned once, on the way in, and folded for comparison."""

import re
from collections.abc import Iterable
from unicodedata import category

from storage.folding import folded

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by their category that are drawn as nothing."""
_HOUR = re.compile(r"([01]?\d|2[0-3])(?::00|時)?", re.ASCII)
_SEPARATOR = re.compile(r"[,、,;\n]+")


def cleaned(text: str) -> str:
    """`text` without what no database or platform carries (NUL, control characters, lone surrogates), and without
    what would turn around the words beside it (Unicode's bidirectional embeddings, overrides and isolates)."""
    if text.isprintable():
        return text
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_blank(text: str) -> bool:
    """Whether nobody would see anything of it: it is empty, or spaces and characters without a width alone."""
    return not any(character not in _UNSEEN and category(character)[0] in "LNPS" for character in text)


def number(text: str) -> int | None:
    """The id that a button or link carries; None for what no row can have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def hour(text: str) -> int | None:
    """The full hour that is meant: `9`, `09:00`, `9時`; None for anything else."""
    found = _HOUR.fullmatch(folded(text))
    return int(found[1]) if found else None


def listed(text: str) -> list[str]:
    """The items of a list typed with commas (、 too) or on lines, each once, in their order."""
    items: dict[str, str] = {}
    for part in _SEPARATOR.split(text):
        label = " ".join(part.split())
        if not is_blank(label):
            items.setdefault(folded(label), label)
    return list(items.values())


def joined(labels: Iterable[str], locale: str) -> str:
    return ("、" if locale == "ja" else ", ").join(labels)


def quoted(text: str, locale: str) -> str:
    return f"「{text}」" if locale == "ja" else f'"{text}"'


def listed_lines(text: str) -> list[str]:
    """The items of a list that was typed on lines, each once, in their order."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return list(dict.fromkeys(line for line in lines if not is_blank(line)))
