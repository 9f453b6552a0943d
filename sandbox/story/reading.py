"""The lines that a reader sees in a Slack message or an Adaptive Card. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.teams.inputs import actions_of

Json = dict[str, Any]

HERE = ZoneInfo("Asia/Tokyo")
"""Clients show times in their reader's zone; everybody in the story reads in this one."""
_DATE = re.compile(r"\{\{DATE\(([^,)]+)(?:,\s*\w+)?\)\}\}")
_TIME = re.compile(r"\{\{TIME\(([^)]+)\)\}\}")


class Kind(StrEnum):
    TITLE = "title"
    TEXT = "text"
    BULLET = "bullet"
    QUOTE = "quote"
    FIELD = "field"
    BUTTONS = "buttons"


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    text: str


def blocks(shown: Sequence[Json]) -> tuple[Line, ...]:
    """The lines of Slack blocks."""
    return tuple(line for block in shown for line in _block(block) if line.text.strip())


def letter(text: str) -> tuple[Line, ...]:
    """The lines of a letter's plain text."""
    lines = (line.strip() for line in text.splitlines())
    bullet = re.compile(r"(?:- |・)(?=\S)")
    return tuple(
        Line(Kind.BULLET if bullet.match(line) else Kind.TEXT, bullet.sub("", line, count=1)) for line in lines if line
    )


def button(shown: Sequence[Json], verb: str) -> Json | None:
    """The first button of Slack blocks that says `verb` to the product."""
    elements = (element for block in shown for element in block.get("elements", ()))
    return next((e for e in elements if str(e.get("action_id", "")).partition("#")[0] == verb), None)


def has_action(shown: Json, verb: str) -> bool:
    """Whether an Adaptive Card offers an action that says `verb` to the product."""
    return any(pressed.action.get("verb") == verb for pressed in actions_of(shown))


def _block(block: Json) -> Iterator[Line]:
    match block:
        case {"type": "header", "text": {"text": str(text)}}:
            yield Line(Kind.TITLE, text)
        case {"type": "rich_text", "elements": list(parts)}:
            for part in parts:
                yield from _rich(part)
        case {"type": "actions", "elements": list(elements)}:
            yield Line(Kind.BUTTONS, " ".join(f"[{element.get('text', {}).get('text', '')}]" for element in elements))
        case {"type": "input", "label": {"text": str(label)}}:
            yield Line(Kind.FIELD, label)
        case {"type": "section" | "context"}:
            texts = [block.get("text"), *block.get("elements", ())]
            yield Line(Kind.TEXT, " ".join(str(text["text"]) for text in texts if text and "text" in text))


def _rich(part: Json) -> Iterator[Line]:
    match part["type"]:
        case "rich_text_list":
            for item in part["elements"]:
                yield Line(Kind.BULLET, _runs(item))
        case "rich_text_quote":
            yield from (Line(Kind.QUOTE, text) for text in _runs(part).split("\n"))
        case _:
            yield from (Line(Kind.TEXT, text) for text in _runs(part).split("\n"))


def _runs(part: Json) -> str:
    return "".join(_run(run) for run in part.get("elements", ()))


def _run(run: Json) -> str:
    if run["type"] == "date":
        return f"{datetime.fromtimestamp(run['timestamp'], HERE):%Y-%m-%d %H:%M}"
    return str(run.get("text") or run.get("url") or run.get("user_id") or "")


def card(shown: Json) -> tuple[Line, ...]:
    """The lines of an Adaptive Card."""
    lines = [line for element in shown.get("body") or () for line in _element(element)]
    if titles := [str(action.get("title", "")) for action in shown.get("actions") or ()]:
        lines.append(Line(Kind.BUTTONS, " ".join(f"[{title}]" for title in titles)))
    return tuple(line for line in lines if line.text.strip())


def _element(element: Json, kind: Kind = Kind.TEXT) -> Iterator[Line]:
    match element:
        case {"type": "RichTextBlock", "inlines": list(inlines)}:
            yield _text_line("".join(map(_inline, inlines)), kind, inlines)
        case {"type": "TextBlock", "text": str(text)}:
            yield _text_line(_localized(text), kind, [element])
        case {"type": "Container", "items": list(items)}:
            for item in items:
                yield from _element(item, Kind.QUOTE)
        case {"type": "ActionSet", "actions": list(actions)}:
            yield Line(Kind.BUTTONS, " ".join(f"[{action.get('title', '')}]" for action in actions))
        case {"label": str(label)}:
            yield Line(Kind.FIELD, label)


def _text_line(text: str, kind: Kind, inlines: Sequence[Any]) -> Line:
    if isinstance(inlines[0], dict) and inlines[0].get("size") == "large":
        return Line(Kind.TITLE, text)
    if text.startswith("• "):
        return Line(Kind.BULLET, text.removeprefix("• "))
    return Line(kind, text)


def _inline(run: Any) -> str:
    return _localized(run if isinstance(run, str) else str(run.get("text", "")))


def _localized(text: str) -> str:
    text = _DATE.sub(lambda found: f"{_here(found[1]):%Y-%m-%d}", text)
    return _TIME.sub(lambda found: f"{_here(found[1]):%H:%M}", text)


def _here(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(HERE)
