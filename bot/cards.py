"""What the product says, as data: no limits and no platform words. A renderer per platform turns it into JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """Literal characters. Whatever a person typed stays what they typed: never markup, mention or link."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


class Precision(StrEnum):
    DATE = "date"
    TIME = "time"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True)
class When:
    """An aware instant, shown in the reader's own zone by the reader's client."""

    instant: datetime
    precision: Precision = Precision.MINUTE


Inline = Text | Link | When


@dataclass(frozen=True, slots=True)
class Passage:
    """What somebody typed, with links in it: a value of a template like a text, and as literal."""

    inlines: tuple[Text | Link, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words."""

    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Divider:
    pass


Block = Paragraph | Bullets | Quote | Divider


class Style(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Action:
    """A button: pressing it says `verb` with `args`. Values of `args` are short texts, ids mostly."""

    label: str
    verb: str
    args: Mapping[str, str] = field(default_factory=dict[str, str])
    style: Style = Style.PLAIN


class FieldKind(StrEnum):
    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    SEVERAL = "several"
    """Any number of the choices: their values, which have no comma in them, with commas between."""
    DATE = "date"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form. `max_length` counts characters; `value` is what is filled in now; `error`
    is the sentence shown at the field, `missing` the one for a client that sends nothing while it is empty."""

    name: str
    label: str
    kind: FieldKind = FieldKind.LINE
    required: bool = True
    max_length: int = 300
    hint: str = ""
    value: str = ""
    choices: tuple[Choice, ...] = ()
    error: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Questions whose answers are sent back as `verb` with `args` and one text a field."""

    verb: str
    title: str
    fields: tuple[Field, ...]
    submit: str
    cancel: str
    args: Mapping[str, str] = field(default_factory=dict[str, str])
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """An image at an address, and the words for whoever does not see it. A `small` one stands beside text; the others
    have to be seen in full."""

    url: str
    alt: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A message. `summary` is its one-line plain text for notifications and for hosts without cards.

    `link` is the web address that the card is the preview of, where it is one.

    With `form`, the questions stand in the card itself where the platform can show them there; elsewhere
    the action whose verb is the form's opens them.
    """

    title: str
    summary: str
    blocks: tuple[Block, ...] = ()
    actions: tuple[Action, ...] = ()
    form: Form | None = None
    picture: Picture | None = None
    link: str = ""


Content = Card | Form


def plain(card: Card) -> str:
    """The card's body as text, a paragraph or bullet a line; an instant is left to those who can show it."""
    return "\n".join(filter(None, ("".join(map(_words, line)) for block in card.blocks for line in _lines(block))))


def _lines(block: Block) -> tuple[tuple[Inline, ...], ...]:
    match block:
        case Paragraph(runs) | Quote(runs):
            return (runs,)
        case Bullets(items):
            return items
        case Divider():
            return ()


def _words(inline: Inline) -> str:
    match inline:
        case Text(text=text):
            return text
        case Link(label, url):
            return f"{label} ({url})"
        case When():
            return ""


def inlines(blocks: tuple[Block, ...]) -> Iterator[Inline]:
    """Every inline of `blocks`, in reading order."""
    for block in blocks:
        match block:
            case Paragraph(runs) | Quote(runs):
                yield from runs
            case Bullets(items):
                for item in items:
                    yield from item
            case Divider():
                pass
