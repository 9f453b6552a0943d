"""The words: `prompts/<locale>/<name>.md.j2` to a Card or Form.

A template has named blocks. A message: `title`, `body`, and if wanted `summary`, `actions`, `fields`, and `picture` or
`portrait`, an address with its words in `picture_alt`. A form:
`title`, `fields`, `submit`, `cancel`, and if wanted `body`. Buttons are a list of links,
`- [label](verb?arg={{ value }} "primary")`; questions too, `- [label](field "hint")`, with a choice's options as a
list below it.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    Undefined,
    nodes,
    pass_context,
)
from jinja2.runtime import Context

from bot import markdown
from bot.cards import Action, Card, Choice, Field, FieldKind, Form, Picture, Precision, Style, When
from bot.errors import TemplateBroken, UnknownLocale

LOCALES = ("ja", "en")
DEFAULT_LOCALE = "en"
ROOT = Path(__file__).parent.parent / "prompts"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """What a form asks for, without its words: those are in the verb's template. `max_length` counts characters;
    `choices` are the values that a CHOICE (or each of SEVERAL) may have; with `further` its template offers some that
    depend on what is stored, and the handler checks those."""

    name: str
    kind: FieldKind = FieldKind.LINE
    required: bool = True
    max_length: int = 300
    choices: tuple[str, ...] = ()
    further: bool = False

    @property
    def missing(self) -> str:
        """The key of the sentence for one that is required and has no answer."""
        return "not_chosen" if self.kind in (FieldKind.CHOICE, FieldKind.SEVERAL) else "required"


def locale_for(*wishes: str | None) -> str:
    """The first wish that is one of our languages (`ja-JP` counts as ja), else English."""
    for wish in wishes:
        short = (wish or "").replace("_", "-").split("-")[0].lower()
        if short in LOCALES:
            return short
    return DEFAULT_LOCALE


@pass_context
def _seal(context: Context, value: Any) -> str:
    if isinstance(value, Undefined):
        return str(value)
    return context["_slots"].seal(value)


def day(day: date, locale: str) -> str:
    """A calendar day in words, with its weekday: 2026年11月22日(日)."""
    return format_date(day, "y年M月d日(E)" if locale == "ja" else "EEE d MMM y", locale=locale)


@pass_context
def _day(context: Context, told: date | str) -> str:
    """A calendar day, or its ISO text, in the reader's language."""
    return day(date.fromisoformat(told) if isinstance(told, str) else told, context["locale"])


@pass_context
def _item(context: Context, key: str) -> str:
    """What an item of a post is called."""
    return phrase("items", context["locale"], key)


def _when(value: datetime | str, precision: Precision = Precision.MINUTE) -> When:
    """An instant, or its ISO text as the ledger keeps it."""
    return When(datetime.fromisoformat(value) if isinstance(value, str) else value, precision)


@pass_context
def _reason(context: Context, key: str) -> str:
    """Why a message was refused, in words."""
    return phrase("reasons", context["locale"], key)


@pass_context
def _mail_reason(context: Context, key: str) -> str:
    """Why a letter was refused, in words."""
    return phrase("mail_reasons", context["locale"], key)


@pass_context
def _purpose(context: Context, key: str) -> str:
    """What a consent is for, in words."""
    return phrase("purposes", context["locale"], key)


@pass_context
def _refused(context: Context, key: str) -> str:
    """Why two people cannot be merged, or parted, in words."""
    return phrase("merge_refusals", context["locale"], key)


@lru_cache
def _named(name: str, locale: str, block: str) -> str:
    """A phrase that is the same for every reader."""
    return phrase(name, locale, block)


def _words(name: str) -> Callable[[Context, str], str]:
    """A filter: what a key is called in that list of sentences."""

    @pass_context
    def in_words(context: Context, key: str) -> str:
        return _named(name, context["locale"], key)

    return in_words


_LISTS = {
    "slot": "slots",
    "leaving": "leaving",
    "gig_state": "gig_states",
    "event_word": "event_words",
    "topic": "topics",
    "cadence": "cadences",
    "skip": "skips",
    "broadcast_state": "broadcast_states",
    "survey_state": "survey_states",
    "reunion_word": "reunion_words",
}
"""Filters that say a key in the reader's words, and the lists in which these are."""


@pass_context
def _fault(context: Context, key: str, label: str = "") -> str:
    return fault(key, context["locale"], label)


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT),
        undefined=StrictUndefined,
        finalize=_seal,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        autoescape=False,
    )
    environment.filters.update(day=_day, when=_when, reason=_reason, mail_reason=_mail_reason)  # pyright: ignore[reportUnknownMemberType]
    environment.filters.update(purpose=_purpose, refused=_refused, fault=_fault, item=_item)  # pyright: ignore[reportUnknownMemberType]
    environment.filters.update({name: _words(listed) for name, listed in _LISTS.items()})  # pyright: ignore[reportUnknownMemberType]
    return environment


@cache
def _template(locale: str, name: str) -> Template:
    if locale not in LOCALES:
        raise UnknownLocale(locale)
    try:
        return _environment().get_template(f"{locale}/{name}.md.j2")
    except TemplateNotFound as error:
        raise TemplateBroken(f"{locale}/{name}", "there is no such file") from error


class _Rendering:
    """One template with one set of values."""

    def __init__(self, name: str, locale: str, values: Mapping[str, Any]) -> None:
        self.name = f"{locale}/{name}"
        self.slots = markdown.Slots()
        self._template = _template(locale, name)
        self._context = self._template.new_context({**values, "locale": locale, "_slots": self.slots})

    def source(self, block: str) -> str:
        """The block's Markdown with sealed values; empty when the template has no such block."""
        render = self._template.blocks.get(block)
        return "".join(render(self._context)).strip() if render else ""

    def line(self, block: str) -> str:
        """The block as one line of plain text."""
        source = self.source(block)
        return " ".join(self.slots.plain(source).split()) if source else ""

    def needed(self, block: str) -> str:
        line = self.line(block)
        if not line:
            raise TemplateBroken(self.name, f"its block '{block}' is missing or empty")
        return line

    @cached_property
    def body(self) -> tuple[Any, ...]:
        return markdown.blocks(self.source("body"), self.slots)

    def picture(self) -> Picture | None:
        """None where its address is empty or none that a browser opens."""
        small = self.line("portrait")
        url = small or self.line("picture")
        there = url.startswith(("https://", "http://"))
        return Picture(url, self.needed("picture_alt"), small=bool(small)) if there else None

    def actions(self) -> tuple[Action, ...]:
        return tuple(self._action(item) for item in markdown.items(self.source("actions")))

    def _action(self, item: markdown.Item) -> Action:
        verb, _, query = item.target.partition("?")
        pairs = (pair.partition("=") for pair in query.split("&") if pair)
        args = {name: self.slots.plain(value) for name, _, value in pairs}
        return Action(self.slots.plain(item.label), verb, args, Style(item.note or Style.PLAIN))

    def fields(
        self, questions: Sequence[Question], values: Mapping[str, str], errors: Mapping[str, str]
    ) -> tuple[Field, ...]:
        words = {self.slots.plain(item.target): item for item in markdown.items(self.source("fields"))}
        return tuple(
            self._field(question, words[question.name], values, errors)
            for question in questions
            if question.name in words
        )

    def _field(
        self, question: Question, words: markdown.Item, values: Mapping[str, str], errors: Mapping[str, str]
    ) -> Field:
        label, locale = self.slots.plain(words.label), self._context["locale"]
        error = errors.get(question.name, "")
        return Field(
            name=question.name,
            label=label,
            kind=question.kind,
            required=question.required,
            max_length=question.max_length,
            hint=self.slots.plain(words.note),
            value=values.get(question.name, ""),
            choices=tuple(Choice(*map(self.slots.plain, (below.target, below.label))) for below in words.below),
            error=fault(error, locale, label, question.max_length) if error else "",
            missing=fault(question.missing, locale, label) if question.required else "",
        )


def card(name: str, locale: str, values: Mapping[str, Any], questions_of: Callable[[str], Sequence[Question]]) -> Card:
    """The message `name`. Every value stays literal; one that is missing or None is a TemplateBroken or a TypeError.

    A message with a `fields` block carries the form of the first of its actions that asks those questions.
    """
    rendering = _Rendering(name, locale, values)
    title = rendering.needed("title")
    actions = rendering.actions()
    return Card(
        title,
        rendering.line("summary") or title,
        rendering.body,
        actions,
        _inline_form(rendering, actions, questions_of) if rendering.source("fields") else None,
        rendering.picture(),
        rendering.line("link"),
    )


def says(name: str, locale: str, values: Mapping[str, Any]) -> Hashable | None:
    """Equal for what `card` makes the same message of: of the reader only what the template asks for counts. None
    where that cannot be told."""
    asked = asks_of_reader(locale, name)
    told = [(each, value.__class__.__name__, value) for each, value in sorted(values.items()) if each != "reader"]
    if asked is None or not all(_is_plain(value) for _, _, value in told):
        return None
    key = (name, locale, *(getattr(values.get("reader"), each, None) for each in asked), *told)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _is_plain(value: Any) -> bool:
    """Equal values of its kind read the same, and stay as they are."""
    parameters = getattr(value, "__dataclass_params__", None)
    return parameters.frozen if parameters else value is None or isinstance(value, str | int | date)


@cache
def asks_of_reader(locale: str, name: str) -> tuple[str, ...] | None:
    """Which attributes of `reader` a template reads; None where another one might."""
    if not name:
        return None
    environment = _environment()
    source, _, _ = environment.loader.get_source(environment, f"{locale}/{name}.md.j2")  # pyright: ignore[reportOptionalMemberAccess]
    tree = environment.parse(source)
    parts = [asks_of_reader(locale, part) for part in _parts(tree, locale)]
    if None in parts or next(tree.find_all((nodes.Import, nodes.FromImport, nodes.Extends)), None):
        return None
    attributes = [each for each in tree.find_all(nodes.Getattr) if _is_reader(each.node)]
    if len(attributes) != sum(map(_is_reader, tree.find_all(nodes.Name))):
        return None
    return tuple(sorted({each.attr for each in attributes}.union(*(part for part in parts if part))))


def _parts(tree: nodes.Template, locale: str) -> Iterator[str]:
    """The templates that one includes; an empty name for one that cannot be told."""
    for include in tree.find_all(nodes.Include):
        match include.template:
            case nodes.Const(value=str(name)):
                yield name.removeprefix(f"{locale}/").removesuffix(".md.j2")
            case nodes.Concat(nodes=[nodes.Name(name="locale"), nodes.Const(value=str(name))]):
                yield name.removeprefix("/").removesuffix(".md.j2")
            case _:
                yield ""


def _is_reader(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "reader"


def _inline_form(
    rendering: _Rendering, actions: Sequence[Action], questions_of: Callable[[str], Sequence[Question]]
) -> Form:
    for action in actions:
        fields = rendering.fields(questions_of(action.verb), {}, {})
        if fields:
            return Form(action.verb, action.label, fields, action.label, "", action.args)
    raise TemplateBroken(rendering.name, "none of its actions asks what its block 'fields' has words for")


def form(
    name: str,
    locale: str,
    values: Mapping[str, Any],
    *,
    verb: str,
    questions: Sequence[Question],
    args: Mapping[str, str],
    filled: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Form:
    """The form `name`, with what was typed before kept in `filled`, and in `errors` the key of a sentence for each
    field that is wrong (see `fault`)."""
    rendering = _Rendering(name, locale, values)
    return Form(
        verb=verb,
        title=rendering.needed("title"),
        fields=rendering.fields(questions, filled or {}, errors or {}),
        submit=rendering.needed("submit"),
        cancel=rendering.needed("cancel"),
        args=args,
        blocks=rendering.body,
    )


def phrase(name: str, locale: str, block: str, values: Mapping[str, Any] | None = None) -> str:
    """One sentence of a template that is a list of them (`errors`, `reasons`)."""
    return _Rendering(name, locale, values or {}).needed(block)


def fault(key: str, locale: str, label: str, limit: int = 0) -> str:
    """What is wrong with a field, and what to do: a sentence of prompts/*/errors.md.j2 that names the field where the
    key does not. `too_few_years:3`, `was_erased_on:2026-03-31` and `places_taken:…` bring along what they name."""
    key, _, told = key.partition(":")
    day = date.fromisoformat(told) if _DAY.fullmatch(told) else None
    number = int(told) if told.isascii() and told.isdecimal() else limit
    return phrase("errors", locale, key, {"label": label, "limit": number, "day": day, "told": told})
