"""Content → HTML pages. Structure is in templates/, every word in prompts/, and whatever a person typed stays text."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiohttp import web
from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot import clock, prompts
from bot.cards import Block, Bullets, Card, Divider, Inline, Link, Paragraph, Quote, Text, When

ROOT = Path(__file__).parent
STYLE = ROOT / "style.css"
OTHER = {"ja": "en", "en": "ja"}


def wished(request: web.BaseRequest) -> list[str]:
    """The languages that a browser asks for, in its order."""
    return [part.partition(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")]


class Words:
    """The sentences of one template in one language, each asked for by the name of its block. What a sentence needs
    beyond `values` is given with it."""

    def __init__(self, template: str, locale: str, **values: Any) -> None:
        self._template = template
        self.locale = locale
        self._values = values

    def __call__(self, block: str, **values: Any) -> str:
        return prompts.phrase(self._template, self.locale, block, {**self._values, **values})


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["blocks"] = blocks
    return environment


def page(template: str, say: Words, **values: Any) -> str:
    """The page `templates/NAME.html.j2` with its words."""
    made = _environment().get_template(f"{template}.html.j2")
    return made.render(say=say, locale=say.locale, other=OTHER[say.locale], **values)


def blocks(card: Card, heading: str = "h2") -> Markup:
    """The card's body. A paragraph that is bold from end to end is a heading."""
    return Markup("\n").join(_block(block, heading) for block in card.blocks)


def _block(block: Block, heading: str) -> Markup:
    match block:
        case Paragraph((Text(text=text, bold=True),)):
            return Markup(f"<{heading}>{{}}</{heading}>").format(text)
        case Paragraph(inlines):
            return Markup("<p>{}</p>").format(_line(inlines))
        case Quote(inlines):
            return Markup("<blockquote>{}</blockquote>").format(_line(inlines))
        case Bullets(items):
            return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(_line(i)) for i in items))
        case Divider():
            return Markup("<hr>")


def _line(inlines: Sequence[Inline]) -> Markup:
    return Markup("").join(map(_inline, inlines))


def _inline(inline: Inline) -> Markup:
    match inline:
        case Text(text, bold, _, _, code):
            tag = "strong" if bold else "code" if code else ""
            return Markup(f"<{tag}>{{}}</{tag}>" if tag else "{}").format(text)
        case Link(label, url):
            return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, label)
        case When():
            return Markup('<time datetime="{}">{}</time>').format(
                inline.instant.isoformat(), inline.instant.isoformat()
            )


def day(value: date, locale: str) -> str:
    return format_date(value, "y年M月d日(E)" if locale == "ja" else "EEE d MMM y", locale=locale)


def moment(value: datetime, locale: str, zone: str) -> str:
    """The instant as clocks in that zone show it."""
    pattern = "y年M月d日(E) H:mm" if locale == "ja" else "EEE d MMM y, HH:mm"
    return format_datetime(value, pattern, tzinfo=clock.zone(zone), locale=locale)
