"""The words: complete, the same in both languages, and about things that exist."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from bot import (
    broadcast_templates,
    broadcasts,
    desks,
    eligibility,
    event_forms,
    gig_forms,
    importing,
    leavers,
    profiles,
    prompts,
    reunion_forms,
    saved_segments,
    survey_forms,
    verbs,
)
from bot.access import MEMBERS, OWNER, STAFF
from bot.cards import Card, Field, FieldKind, Form, Text, When, inlines
from bot.commissioning import FAULTS as TERMS
from bot.errors import TemplateBroken, UnknownLocale
from bot.notices import OPENABLE
from bot.outcomes import Reason
from bot.questions import faults
from storage import merging
from storage.forgetting import NOTICE
from tests.golden.samples import (
    ALUMNUS,
    ATTITUDES,
    DIFFERENT,
    FORMS,
    GIG,
    HR,
    LETTERS,
    MESSAGES,
    READERS,
    STATES,
    STOPPED,
    STRANGER,
    Sample,
)
from tests.golden.samples import OWNER as OWNING

BOT = Path(prompts.__file__).parent
LISTS_OF_SENTENCES = {
    "event_words",
    "parts/event",
    "gig_states",
    "topics",
    "cadences",
    "parts/segment",
    "parts/conditions",
    "parts/condition_fields",
    "skips",
    "broadcast_states",
    "survey_states",
    "reunion_words",
    "parts/reunion_counts",
    "attendance_words",
    "result_words",
    "parts/way_out",
    "parts/way_out_button",
    "slots",
    "why",
    "leaving",
    "merge_refusals",
    "notice_items",
    "signs",
    "unparted",
    "errors",
    "file_faults",
    "mail_reasons",
    "manifest",
    "reasons",
    "purposes",
    "stored",
    "export_page",
    "items",
    "parts/gig",
    "parts/ahead",
}
FAULTS = {"required", "not_chosen", "too_long", "not_an_email", "not_a_day", "not_a_choice"}
"""What bot/questions.py finds; the others are named where a handler asks again."""
HANDLERS_FAULTS = (
    leavers.FAULTS
    | importing.FAULTS
    | eligibility.FAULTS
    | gig_forms.FAULTS
    | desks.FAULTS
    | TERMS
    | event_forms.FAULTS
    | broadcasts.FAULTS
    | survey_forms.FAULTS
    | reunion_forms.FAULTS
    | saved_segments.FAULTS
    | broadcast_templates.FAULTS
)
ADAPTERS_FAULTS = {"too_late"}
PAGES = ("web/", "consents/")
"""Templates of web pages: tests/web tells what of them is used."""
MOST_ACTIONS, HOME_ACTIONS = 6, 25
"""Of a card in Teams, and of the Home tab, which Slack alone has."""
LABEL, FORM_TITLE = 60, 24
PARTIAL = {"merge.keep", "gig.choose", "commission.supplement", "event.join", "event.cancel"}

messages = pytest.mark.parametrize("sample", [pytest.param(s, id=s.name) for s in MESSAGES])
forms = pytest.mark.parametrize("sample", [pytest.param(s, id=s.name) for s in FORMS])
locales = pytest.mark.parametrize("locale", prompts.LOCALES)


def templates(locale: str) -> dict[str, Path]:
    root = prompts.ROOT / locale
    return {path.relative_to(root).as_posix().removesuffix(".md.j2"): path for path in root.rglob("*.md.j2")}


def blocks_of(path: Path) -> set[str]:
    tree = Environment(trim_blocks=True, lstrip_blocks=True).parse(path.read_text(encoding="utf-8"))
    return {block.name for block in tree.find_all(nodes.Block)}


@cache
def calls() -> tuple[ast.Call, ...]:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in BOT.glob("*.py"))
    return tuple(node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(name: str) -> Iterator[ast.Call]:
    return (call for call in calls() if isinstance(call.func, ast.Name) and call.func.id == name)


def literals(node: ast.expr) -> set[str]:
    """The texts that an expression such as `"a" if x else "b"` may be."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=body, orelse=orelse):
            return literals(body) | literals(orelse)
        case _:
            return set()


def written_to_desks() -> set[str]:
    """Templates of drafts: `template="…"`."""
    return {
        text
        for call in calls()
        for keyword in call.keywords
        if keyword.arg == "template"
        for text in literals(keyword.value)
    }


def said() -> set[str]:
    return {text for call in called("Say") for text in literals(call.args[0])} | written_to_desks() | {NOTICE}


def fault_keys() -> set[str]:
    asked = (keyword.value for call in called("Ask") for keyword in call.keywords if keyword.arg == "errors")
    dicts = (node for node in asked if isinstance(node, ast.Dict))
    return {text for node in dicts for value in node.values for text in literals(value)}


def shown(content: Card | Form) -> str:
    """What a person reads, instants left out."""
    lines = [content.title, *(run.text for run in inlines(content.blocks) if isinstance(run, Text))]
    if isinstance(content, Card):
        return "\n".join([*lines, content.summary, *(action.label for action in content.actions)])
    labels = [text for field in content.fields for text in (field.label, field.hint, field.error)]
    return "\n".join([*lines, content.submit, content.cancel, *labels])


def test_both_languages_have_the_same_templates() -> None:
    assert templates("ja").keys() == templates("en").keys()


@pytest.mark.parametrize("name", sorted(templates("en")))
def test_both_languages_have_the_same_blocks(name: str) -> None:
    assert blocks_of(templates("ja")[name]) == blocks_of(templates("en")[name])


def test_what_is_said_has_a_template_and_each_template_is_said() -> None:
    asked = {f"forms/{verb.name}" for verb in verbs.VERBS if verb.questions or verb.asks}
    in_conversations = {name for name in templates("en") if not name.startswith(PAGES)}
    assert said() | asked | LISTS_OF_SENTENCES == in_conversations


def test_each_template_has_a_sample() -> None:
    assert {sample.template for sample in (*MESSAGES, *LETTERS)} == said()
    assert {sample.verb for sample in FORMS} == {verb.name for verb in verbs.VERBS if verb.questions or verb.asks}


@locales
def test_every_fault_of_a_form_has_its_sentence(locale: str) -> None:
    every = fault_keys() | HANDLERS_FAULTS | FAULTS | ADAPTERS_FAULTS
    assert blocks_of(templates(locale)["errors"]) == every
    for key in every:
        assert prompts.phrase("errors", locale, key, {"limit": 40, "label": "x", "day": date(2026, 3, 31), "told": "y"})


def test_the_faults_are_those_that_questions_finds() -> None:
    asked = [question for verb in verbs.VERBS for question in verb.questions]
    typed = ("", "x" * 4000, "2026-13-01")
    found = {key for value in typed for q in asked for key in faults([q], {q.name: value}).values()}
    assert found == FAULTS


@locales
@pytest.mark.parametrize("verb", [verb for verb in verbs.VERBS if verb.questions], ids=lambda verb: verb.name)
def test_what_can_be_chosen_is_what_is_taken(locale: str, verb: verbs.Verb) -> None:
    values = {"letters": True, "company": "x", "pair": DIFFERENT, "open": ",".join(OPENABLE)}
    form = prompts.form(f"forms/{verb.name}", locale, values, verb=verb.name, questions=verb.questions, args={})
    shown = {field.name: tuple(choice.value for choice in field.choices) for field in form.fields}
    assert shown == {question.name: question.choices for question in verb.questions}
    chosen = FieldKind.CHOICE, FieldKind.SEVERAL
    assert all(bool(question.choices) is (question.kind in chosen) for question in verb.questions)


@locales
def test_the_sentence_on_skills_names_the_limits(locale: str) -> None:
    numbers = re.findall(r"\d+", prompts.phrase("errors", locale, "too_many_skills"))
    assert numbers == [str(profiles.SKILLS), str(profiles.SKILL_LENGTH)]


@locales
@pytest.mark.parametrize("name", ["reasons", "mail_reasons"])
def test_every_reason_of_a_platform_has_its_sentence(locale: str, name: str) -> None:
    assert blocks_of(templates(locale)[name]) == set(Reason)


@messages
def test_a_message_is_whole_and_offers_the_same_in_both_languages(sample: Sample) -> None:
    cards = {locale: sample.card(locale) for locale in prompts.LOCALES}
    offers = {
        locale: [(action.verb, dict(action.args), action.style) for action in card.actions]
        for locale, card in cards.items()
    }
    assert offers["ja"] == offers["en"]
    assert len(offers["ja"]) <= (HOME_ACTIONS if sample.template == "home" else MOST_ACTIONS)
    for locale, card in cards.items():
        assert card.blocks, locale
        assert not re.search("[\ue000\ue001]|None|Undefined|\\*\\*|\\]\\(|`", shown(card)), locale
        for action in card.actions:
            assert verbs.named(action.verb), locale
            assert action.label, locale
        # Some hosts show nothing but the summary, in a notification: one plain line.
        assert "\n" not in card.summary, locale
        assert not re.search(r"[*`]|\d{4}-\d\d-\d\dT", card.summary), locale


@locales
def test_what_a_merge_may_not_part_has_its_word(locale: str) -> None:
    assert blocks_of(templates(locale)["unparted"]) == {"person", *merging.parted()}


@locales
@forms
def test_a_form_is_whole(sample: Sample, locale: str) -> None:
    form = sample.form(locale)
    assert not re.search("[\ue000\ue001]|None|\\*\\*|\\]\\(|`", shown(form))
    assert all(len(text) <= FORM_TITLE for text in (form.title, form.submit, form.cancel))
    asked = [field.name for field in form.fields]
    every = [q.name for q in (sample.asked or verbs.named(sample.verb).questions)]
    # Two people are asked about only where they differ, reasons only for what is open, and what is out is not published
    # once more.
    assert asked == [name for name in every if name in asked or (sample.verb not in PARTIAL and name != "then")]
    assert all(field.hint and 0 < len(field.label) <= LABEL for field in form.fields)
    assert {field.name for field in form.fields if field.error} == sample.errors.keys()


@forms
def test_a_form_asks_the_same_in_both_languages(sample: Sample) -> None:
    def without_words(field: Field) -> Field:
        choices = tuple(replace(choice, label="") for choice in field.choices)
        return replace(field, label="", hint="", error="", missing="", choices=choices)

    japanese, english = ([without_words(f) for f in sample.form(locale).fields] for locale in ("ja", "en"))
    assert japanese == english


@locales
def test_an_answer_can_be_written_in_the_card_of_its_case(locale: str) -> None:
    for sample in MESSAGES:
        form = sample.card(locale).form
        newest = sample.template == "case_desk" and sample.args["case"].live
        assert (form is not None) == newest
        if form is not None:
            assert (form.verb, form.args["case"]) == ("case.answer", "31")
            assert [field.name for field in form.fields] == ["text"]


def help_for(reader: str, locale: str) -> str:
    return shown(Sample("help", "help", reader=READERS[reader]).card(locale))


@locales
@pytest.mark.parametrize("verb", [verb for verb in verbs.VERBS if verb.typed], ids=lambda verb: verb.name)
def test_help_tells_everybody_what_they_may_type(verb: verbs.Verb, locale: str) -> None:
    if verb.who is None:
        told = {"stranger"}
    else:
        told = {MEMBERS: {"alumnus", "stopped", "hr", "owner"}, STAFF: {"hr", "owner"}, OWNER: {"owner"}}[verb.who]
    for reader in READERS:
        mentioned = re.search(rf"(?<!\w){re.escape(verb.typed[0])}(?![a-z])", help_for(reader, locale))
        if reader in told:
            assert mentioned, f"the help of {reader} does not mention {verb.typed[0]}"
        elif verb.who in (STAFF, OWNER):
            assert not mentioned


@locales
@pytest.mark.parametrize("reader", READERS)
def test_help_offers_only_what_the_reader_may_do(reader: str, locale: str) -> None:
    may = {
        "stranger": (None,),
        "alumnus": (None, MEMBERS),
        "stopped": (None, MEMBERS),
        "hr": (None, MEMBERS, STAFF),
        "owner": (None, MEMBERS, STAFF, OWNER),
    }[reader]
    actions = Sample("help", "help", reader=READERS[reader]).card(locale).actions
    assert all(verbs.named(action.verb).who in may for action in actions)


def offer(locale: str, reader: object = ALUMNUS, **changes: object) -> Card:
    gig = replace(GIG, **changes)  # type: ignore[arg-type]
    sample = Sample("gig_offer", "gig_offer", {"gig": gig}, reader)  # type: ignore[arg-type]
    return sample.card(locale)


@locales
@pytest.mark.parametrize("attitude", ATTITUDES)
def test_an_open_offer_can_be_answered_anew_and_stopped(attitude: str, locale: str) -> None:
    offered = {action.verb for action in offer(locale, attitude=attitude).actions}
    taken = {"interested": {"gig.interested"}, "passed": {"gig.pass", "gig.note"}}.get(attitude, {"gig.note"})
    assert offered == {"gig.interested", "gig.note", "gig.ask", "gig.refer", "gig.pass", "preferences.set"} - taken


@locales
@pytest.mark.parametrize("state", STATES[1:])
@pytest.mark.parametrize("attitude", ATTITUDES)
def test_a_closed_offer_says_so_and_offers_nothing(state: str, attitude: str, locale: str) -> None:
    card = offer(locale, state=state, attitude=attitude)
    assert not card.actions
    assert card.title != GIG.title
    assert card.title.endswith(GIG.title)
    assert ("ありがとう" in shown(card) or "Thank you" in shown(card)) == (attitude in ("interested", "asked"))


@locales
def test_an_offer_says_from_whom_why_and_how_to_stop(locale: str) -> None:
    words = shown(offer(locale))
    assert "東都製作所" in words
    assert {"ja": "お届けしています", "en": "This goes to"}[locale] in words
    assert "stop" in words
    assert "preferences.set" not in {action.verb for action in offer(locale, STOPPED).actions}


@locales
def test_the_desk_sends_again_only_what_is_unclear(locale: str) -> None:
    def offered(**changes: object) -> list[str]:
        gig = replace(GIG, **changes)  # type: ignore[arg-type]
        card = Sample("gig_desk", "gig_desk", {"gig": gig}, STRANGER).card(locale)
        return [action.verb for action in card.actions]

    changes = ["gig.post", "gig.terms", "gig.audience"]
    assert offered() == ["gig.filling", *changes, "gig.withdraw"]
    assert offered(unclear=2, unclear_names="A, B") == ["gig.filling", "gig.resend", *changes, "gig.withdraw"]
    assert offered(unclear=2, unclear_names="A, B", state="filled") == []


@locales
def test_only_hr_sees_how_many_are_interested(locale: str) -> None:
    board = next(sample for sample in MESSAGES if sample.name == "board.hr")
    words = {"ja": "興味あり", "en": "interested"}[locale]
    assert words in shown(board.card(locale))
    assert words not in shown(replace(board, reader=ALUMNUS).card(locale))


@locales
def test_the_case_of_somebody_who_took_their_interest_back_does_not_say_that_they_passed(locale: str) -> None:
    case = next(sample for sample in MESSAGES if sample.name == "case_desk.withdrawn")
    assert not re.search("見送|passed|Not for me", shown(case.card(locale)))


def test_an_instant_stays_an_instant() -> None:
    desk = next(sample for sample in MESSAGES if sample.name == "gig_desk.sending")
    gig = desk.args["gig"]
    assert [run for run in inlines(desk.card("ja").blocks) if isinstance(run, When)] == [
        When(gig.at),
        When(gig.done_at),
    ]


@pytest.mark.parametrize(("locale", "day"), [("ja", "2026年11月22日(日)"), ("en", "Sun 22 Nov 2026")])
def test_a_day_is_written_in_the_readers_language(locale: str, day: str) -> None:
    assert day in shown(offer(locale))


@pytest.mark.parametrize(
    ("wishes", "locale"),
    [(("ja-JP",), "ja"), (("EN_us",), "en"), (("fr", "ja"), "ja"), ((None, ""), "en"), ((), "en")],
)
def test_the_first_wish_that_is_a_language_of_ours_counts(wishes: tuple[str | None, ...], locale: str) -> None:
    assert prompts.locale_for(*wishes) == locale


def test_a_message_that_does_not_exist_is_named() -> None:
    with pytest.raises(TemplateBroken, match="en/no_such"):
        prompts.card("no_such", "en", {}, lambda _: ())
    with pytest.raises(UnknownLocale, match="'fr'"):
        prompts.card("help", "fr", {}, lambda _: ())
    with pytest.raises(TemplateBroken, match="'no_such'"):
        prompts.phrase("errors", "en", "no_such")


def test_nothing_is_shown_for_what_is_missing() -> None:
    with pytest.raises(TypeError, match="None cannot be shown"):
        Sample("claimed", "claimed", {"name": None}, OWNING).card("en")
    with pytest.raises(Exception, match="'name' is undefined"):
        Sample("claimed", "claimed", {}, HR).card("en")
