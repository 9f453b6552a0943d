"""The golden files, as they arrive on the two platforms, and the words in them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILES = Path(__file__).parents[1] / "golden" / "files"
LOCALES = ("ja", "en")
Json = dict[str, Any]

# Where words stand that a reader sees as they are.
_WORDS = ("text", "title", "label", "hint", "submit", "close", "placeholder")
_EXPRESSION = re.compile(r"\{\{(DATE|TIME)\(")


def golden(platform: str, locale: str) -> dict[str, Json]:
    """The platform's golden files in this language, by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((FILES / platform / locale).glob("*.json"))}


def words(shape: Any, inside: str = "") -> Iterator[str]:
    """Everything that a reader of `shape` has to see, in order."""
    if isinstance(shape, dict):
        for name, part in shape.items():
            if name not in ("fallback", "data"):
                yield from words(part, name)
    elif isinstance(shape, list):
        for part in shape:
            yield from words(part, inside)
    elif isinstance(shape, str) and inside in _WORDS and not _EXPRESSION.search(shape):
        yield shape
