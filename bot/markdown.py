"""Template text to blocks. The Markdown is the template author's alone: values stand in it as sealed slots and are
put in after parsing, so nothing that a person typed is ever parsed."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.cards import Block, Bullets, Divider, Inline, Link, Paragraph, Passage, Quote, Text, When

_OPEN, _SHUT = "\ue000", "\ue001"
_SLOT = re.compile(f"{_OPEN}([0-9]+){_SHUT}")

Value = str | When | Passage


@lru_cache(maxsize=8192)
def _parts(text: str) -> tuple[str, ...]:
    """Template text and the numbers of slots, in turn."""
    return tuple(_SLOT.split(text))


class Slots:
    """The values of one rendering, each behind a slot that Markdown passes through untouched."""

    def __init__(self) -> None:
        self._values: list[Value] = []

    def seal(self, value: object) -> str:
        """The slot for `value`. Text, passages, whole numbers and aware instants can be shown; None and the rest are a
        mistake of the template's."""
        match value:
            case When() | Passage() | str():
                self._values.append(value)
            case datetime():
                self._values.append(When(value))
            case int() if not isinstance(value, bool):
                self._values.append(str(value))
            case _:
                raise TypeError(f"{value!r} cannot be shown; give the template a text")
        return f"{_OPEN}{len(self._values) - 1}{_SHUT}"

    def plain(self, text: str) -> str:
        """`text` with its slots filled, for a place that only holds characters. An instant is not such a value."""
        if _OPEN not in text:
            return text
        return "".join(self._text(int(part)) if index % 2 else part for index, part in enumerate(_parts(text)))

    def _text(self, index: int) -> str:
        match self._values[index]:
            case When(instant):
                return instant.isoformat()
            case Passage(inlines):
                return "".join(one.text if isinstance(one, Text) else one.label for one in inlines)
            case text:
                return text

    def fill(self, inlines: Sequence[Inline]) -> tuple[Inline, ...]:
        return tuple(piece for inline in inlines for piece in self._pieces(inline))

    def _pieces(self, inline: Inline) -> Iterator[Inline]:
        match inline:
            case Text(text=text) if _OPEN not in text:
                yield inline
            case Text(text=text):
                for index, part in enumerate(_parts(text)):
                    value = self._values[int(part)] if index % 2 else part
                    if isinstance(value, When):
                        yield value
                    elif isinstance(value, Passage):
                        yield from value.inlines
                    elif value:
                        yield Text(value, inline.bold, inline.italic, inline.strike, inline.code)
            case Link(label, url):
                yield _safe_link(self.plain(label), self.plain(url))
            case When():
                yield inline


def _safe_link(label: str, url: str) -> Inline:
    return Link(label, url) if url.startswith(("https://", "http://")) else Text(label)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
    parser.disable(["image", "autolink", "html_inline", "html_block", "entity", "code", "fence", "heading", "lheading"])
    parser.normalizeLink = lambda url: url  # pyright: ignore[reportAttributeAccessIssue]
    parser.validateLink = lambda url: True  # pyright: ignore[reportAttributeAccessIssue]
    return parser


_PARSER = _parser()


def blocks(text: str, slots: Slots) -> tuple[Block, ...]:
    """Markdown paragraphs, bullets, quotes and rules, with the slots' values as literal text."""
    return tuple(_filled(block, slots.fill) for block in _skeleton(text))


def _filled(block: Block, fill: Callable[[Sequence[Inline]], tuple[Inline, ...]]) -> Block:
    match block:
        case Paragraph(inlines):
            return Paragraph(fill(inlines))
        case Quote(inlines):
            return Quote(fill(inlines))
        case Bullets(items):
            return Bullets(tuple(fill(item) for item in items))
        case Divider():
            return block


@lru_cache(maxsize=2048)
def _skeleton(text: str) -> tuple[Block, ...]:
    """The blocks with their slots still sealed: texts of the same shape are parsed once, whatever their values."""
    return tuple(_blocks(_PARSER.parse(text)))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    items: list[tuple[Inline, ...]] = []
    depth, quoted = 0, False
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                depth += 1
            case "bullet_list_close":
                depth -= 1
                if not depth:
                    yield Bullets(tuple(items))
                    items = []
            case "blockquote_open" | "blockquote_close":
                quoted = token.type == "blockquote_open"
            case "hr":
                yield Divider()
            case "inline":
                runs = tuple(_inlines(token.children or ()))
                if depth:
                    items.append(runs)
                else:
                    yield Quote(runs) if quoted else Paragraph(runs)
            case _:
                pass


def _inlines(tokens: Sequence[Token]) -> Iterator[Inline]:
    style = Text("")
    link: str | None = None
    label = ""
    for token in tokens:
        match token.type:
            case "text" | "softbreak" | "hardbreak" | "code_inline":
                content = token.content if token.type in ("text", "code_inline") else "\n"
                if link is not None:
                    label += content
                elif content:
                    yield replace(style, text=content, code=token.type == "code_inline")
            case "link_open":
                link, label = str(token.attrGet("href")), ""
            case "link_close":
                yield Link(label, link or "")
                link = None
            case "strong_open" | "strong_close":
                style = replace(style, bold=token.type == "strong_open")
            case "em_open" | "em_close":
                style = replace(style, italic=token.type == "em_open")
            case "s_open" | "s_close":
                style = replace(style, strike=token.type == "s_open")
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Item:
    """A link of a list, as templates write buttons and questions: `- [label](target "note")`, and the list below it."""

    label: str
    target: str
    note: str = ""
    below: tuple["Item", ...] = ()


@lru_cache(maxsize=2048)
def items(text: str) -> tuple[Item, ...]:
    """The links of the lists in `text`, slots sealed."""
    levels: list[list[Item]] = [[]]
    for token in _PARSER.parse(text):
        if token.type == "bullet_list_open":
            levels.append([])
        elif token.type == "bullet_list_close":
            below = tuple(levels.pop())
            if len(levels) > 1:
                levels[-1][-1] = replace(levels[-1][-1], below=below)
            else:
                levels[0].extend(below)
        elif token.type == "inline":
            levels[-1].append(_item(token.children or ()))
    return tuple(levels[0])


def _item(tokens: Sequence[Token]) -> Item:
    opening = next(token for token in tokens if token.type == "link_open")
    label = "".join(token.content for token in tokens if token.type == "text")
    return Item(label, str(opening.attrGet("href")), str(opening.attrGet("title") or ""))
