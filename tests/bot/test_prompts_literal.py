"""Whatever people type comes out as what they typed."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import prompts
from bot.cards import Action, Card, Form, Link, Text, inlines
from bot.directory import FoundView
from tests.golden.samples import (
    ASKED_CASE,
    ASKED_LINE,
    BARE_GIG,
    CHANGED_LINES,
    FORMS,
    FULL_BOARD,
    GIG,
    LETTERS,
    LINES,
    LINKED,
    MESSAGES,
    OTHER,
    SENDING,
    SERVED_LINES,
    UNCLEAR,
    Sample,
)

HOSTILE = (
    "<!channel>",
    "<@U1>",
    "*bold* _it_ ~no~ `code` **strong**",
    "[x](javascript:alert(1))",
    "[x](https://evil.example)",
    "<https://evil.example|bank>",
    "https://evil.example/?a=1&b=2",
    "{{ 7*7 }} {% raw %} {# no #}",
    "one\ntwo\n\nthree\r\nfour",
    "\ue0001\ue001",
    "\ue000\ue0010\ue001\ue000",
    "- item\n- item\n\n---\n\n> quote\n# title",
    "1. first\n2. second",
    "&lt;b&gt; &amp; \\* \\[",
    " \"quoted\" 'too' )(][ ?a=b&c=d",
    "```\nfence\n```\n    code",
    "\u202eabc\u202c",
    "|a|b|\n|-|-|",
)
locales = pytest.mark.parametrize("locale", prompts.LOCALES)
PLACES = {
    "gig_offer": {"gig": replace(GIG, work="X", attitude="asked")},
    "gig_offer.bare": {"gig": replace(BARE_GIG, work="X", state="filled", attitude="interested")},
    "gig_desk": {"gig": replace(SENDING, work="X", unclear=1, unclear_names="X")},
    "case_desk": {"case": replace(ASKED_CASE, lines=(replace(ASKED_LINE, author="A", text="X"),))},
}


def text_of(content: Card | Form) -> str:
    """All the literal text of the blocks, joined as it stands."""
    links = {run.url for run in inlines(content.blocks) if isinstance(run, Link)}
    known = {LINKED.link, *(file.url for line in CHANGED_LINES for file in line.files)}
    known |= {file.source for line in SERVED_LINES for file in line.files}
    assert all(link in known or link.startswith("https://motokai.example.com/") for link in links)
    return "".join(run.text if isinstance(run, Text) else "\0" for run in inlines(content.blocks))


def filled(value: Any, text: str) -> Any:
    """`value` with `text` in place of every text that a person may have typed."""
    kept = (
        "state",
        "gig_state",
        "attitude",
        "reason",
        "refusals",
        "link",
        "item",
        "purpose",
        "url",
        "source",
        "pdf",
        "delivery",
        "fate",
        "rules",
        "pair",
        "slots",
        "left_for",
        "tab",
        "by_state",
        "progress",
        "repeats",
        "seat",
        "calendar",
        "ticket",
        "list_url",
        "desk_url",
        "never",
        "digest",
        "topic",
        "cadence",
        "skipped",
    )
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(filled(item, text) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: filled(getattr(value, f.name), text) for f in fields(value) if f.name not in kept}
        return replace(value, **changes)
    return value


def hostile(sample: Sample, text: str) -> Sample:
    codes = ("reason", "at", "until", "day", "last", "due", "done", "rules_page")
    args = {name: value if name in codes else filled(value, text) for name, value in sample.args.items()}
    reader = sample.reader._replace(name=text) if sample.reader else None
    return replace(sample, args=args, reader=reader, company=text)


@locales
@pytest.mark.parametrize("text", HOSTILE)
def test_every_message_stays_in_shape_around_hostile_values(text: str, locale: str) -> None:
    for sample in (*MESSAGES, *LETTERS):
        if not sample.company:
            continue
        plain, around = hostile(sample, "X").card(locale), hostile(sample, text).card(locale)
        assert text_of(around) == text_of(plain).replace("X", text)
        assert [type(block) for block in around.blocks] == [type(block) for block in plain.blocks]
        assert pressed(around.actions) == pressed(plain.actions, X=text)
        assert styles(around) == styles(plain)
        assert "\n" not in around.title + around.summary


def pressed(actions: tuple[Action, ...], X: str = "X") -> list[object]:
    """What the buttons say, where a page's button carries what was looked for."""
    said = [{name: X if value == "X" else value for name, value in action.args.items()} for action in actions]
    return [(action.verb, args, action.style) for action, args in zip(actions, said, strict=True)]


def styles(content: Card | Form) -> list[tuple[bool, bool, bool, bool]]:
    return [(run.bold, run.italic, run.strike, run.code) for run in inlines(content.blocks) if isinstance(run, Text)]


@locales
@pytest.mark.parametrize("text", HOSTILE)
def test_every_form_keeps_what_was_typed(text: str, locale: str) -> None:
    for sample in FORMS:
        typed = replace(sample, company=text, filled=dict.fromkeys(sample.filled, text), form_args={"gig": "12"})
        form, plain = typed.form(locale), replace(typed, company="X").form(locale)
        assert text_of(form) == text_of(plain).replace("X", text)
        assert {field.name: field.value for field in form.fields if field.value} == typed.filled
        assert [field.choices for field in form.fields] == [field.choices for field in plain.fields]


ANY_TEXT = st.text(min_size=1, max_size=80) | st.text("*_~`[]()<>!{}%#|-+>\\&;\n\ue000\ue0010 ", min_size=1)


@settings(max_examples=25, deadline=None)
@given(text=ANY_TEXT)
def test_any_text_comes_out_exactly(text: str) -> None:
    for locale in prompts.LOCALES:
        for name, args in PLACES.items():
            template = name.partition(".")[0]
            around = Sample(name, template, typed_into(args, text)).card(locale)
            plain = Sample(name, template, args).card(locale)
            assert text_of(around) == text_of(plain).replace("X", text)


def typed_into(args: dict[str, Any], text: str) -> dict[str, Any]:
    """The same view with `text` wherever it says X."""

    def put(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(put(item) for item in value)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{f.name: put(getattr(value, f.name)) for f in fields(value)})
        return text if value == "X" else value

    return {name: put(value) for name, value in args.items()}


@settings(max_examples=60, deadline=None)
@given(text=ANY_TEXT)
def test_any_title_and_name_stays_on_its_button(text: str) -> None:
    board = replace(FULL_BOARD, gigs=(replace(LINES[0], title=text),))
    button = Sample("board", "board", {"board": board}).card("en").actions[0]
    assert (button.label, button.verb, dict(button.args)) == (text, "gig.show", {"gig": "15"})
    found = {"found": FoundView("X", (replace(OTHER, name=text),), 1)}
    button = Sample("found", "found", found).card("en").actions[0]
    assert (button.label, dict(button.args)) == (text, {"person": "42"})


@settings(max_examples=60, deadline=None)
@given(text=ANY_TEXT)
def test_any_title_is_one_line_of_the_same_words(text: str) -> None:
    title = Sample("gig_desk", "gig_desk", {"gig": replace(UNCLEAR, title="・" + text)}).card("ja").title
    assert title == " ".join(("・" + text).split())
