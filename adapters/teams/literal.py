"""What people typed, as Adaptive Card text that no client reads anything into.

Only TextRun shows text without Markdown, and even there clients format `{{DATE(…)}}` and fold line breaks.
Labels, titles and placeholders have no runs; there a word joiner parts the same sequences.
"""

import re
from collections.abc import Iterable
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

import regex

from bot.cards import Inline, Link, Precision, Text, When

PARAGRAPH_LINES = 100
LINK_SCHEMES = frozenset({"http", "https", "mailto"})
ELLIPSIS = "…"

_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BRACES = re.compile(r"(?<=\{)(?=\{)")
_MARKUP = re.compile(r"(?<=\{)(?=\{)|(?<=\])(?=\()")
_GRAPHEME = regex.compile(r"\X")

Json = dict[str, Any]


def clean(text: str) -> str:
    """`text` with one kind of line break and no control characters; marks of direction and joiners stay."""
    return _DROPPED.sub("", _BREAKS.sub("\n", text)).replace("\t", " ")


def one_line(text: str) -> str:
    """`text` for a place without runs and lines: a label, a title, a placeholder, the fallback."""
    return _MARKUP.sub("\u2060", clean(text).replace("\n", " "))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, ending between two graphemes and with an ellipsis when cut."""
    if len(text) <= limit:
        return text
    end = 0
    for match in _GRAPHEME.finditer(text):
        if match.end() > limit - len(ELLIPSIS):
            break
        end = match.end()
    return text[:end] + ELLIPSIS


def lines(inlines: Iterable[Inline]) -> list[list[Json]]:
    """The TextRuns of `inlines`, a list for each line people typed; at most PARAGRAPH_LINES of them."""
    rows: list[list[Json]] = [[]]
    for inline in inlines:
        match inline:
            case Text(text):
                first, *rest = clean(text).split("\n")
                rows[-1] += _runs(first, _emphasis(inline))
                rows += [_runs(line, _emphasis(inline)) for line in rest]
            case Link(label, url):
                rows[-1] += _runs(clean(label or url).replace("\n", " "), _opening(url))
            case When():
                rows[-1].append({"type": "TextRun", "text": moment(inline)})
    return rows if len(rows) <= PARAGRAPH_LINES else [*rows[: PARAGRAPH_LINES - 1], _runs(ELLIPSIS, {})]


def moment(when: When) -> str:
    """The expression that a client shows in its reader's zone. ValueError for a naive instant."""
    if when.instant.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    instant = when.instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    date, time = f"{{{{DATE({instant},SHORT)}}}}", f"{{{{TIME({instant})}}}}"
    return {Precision.DATE: date, Precision.TIME: time, Precision.MINUTE: f"{date} {time}"}[when.precision]


def _runs(text: str, properties: Json) -> list[Json]:
    return [{"type": "TextRun", "text": part, **properties} for part in _BRACES.split(text) if part]


def _emphasis(text: Text) -> Json:
    marks = {
        "weight": "bolder" if text.bold else None,
        "italic": text.italic or None,
        "strikethrough": text.strike or None,
        "fontType": "monospace" if text.code else None,
    }
    return {name: value for name, value in marks.items() if value is not None}


def _opening(url: str) -> Json:
    try:
        known = urlsplit(url).scheme in LINK_SCHEMES and clean(url) == url and "\n" not in url
    except ValueError:
        known = False
    return {"selectAction": {"type": "Action.OpenUrl", "url": url}} if known else {}
