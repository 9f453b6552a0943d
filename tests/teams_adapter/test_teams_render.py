"""Cards as Teams gets them: valid, literal, small enough."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import regex

from adapters.teams import render
from adapters.teams.literal import PARAGRAPH_LINES, cut
from adapters.teams.render import activity, card, notice, size
from bot.cards import (
    Action,
    Bullets,
    Card,
    Choice,
    Content,
    Divider,
    Field,
    FieldKind,
    Form,
    Link,
    Paragraph,
    Precision,
    Quote,
    Style,
    Text,
    When,
)

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "adaptive-card-1.5.schema.json"
INSTANT = datetime(2026, 11, 22, 19, 0, tzinfo=timezone(timedelta(hours=9)))
ASK = Form(
    verb="ask",
    title="Ask",
    fields=(
        Field("text", "質問", FieldKind.TEXT, max_length=900, hint="何でも", value="a\nb", error="長すぎます"),
        Field("mail", "Mail", FieldKind.EMAIL, required=False, value="a@b.example"),
        Field("day", "Day", FieldKind.DATE, value="2026-11-22"),
        Field("kind", "Kind", FieldKind.CHOICE, value="b", choices=(Choice("a", "A"), Choice("b", "B"))),
        Field("city", "City", FieldKind.CHOICE, choices=tuple(Choice(str(n), f"C{n}") for n in range(5))),
        Field("name", "Name", missing="Please say who."),
    ),
    submit="Send",
    cancel="Back",
    args={"gig": "7"},
)
FULL = Card(
    title="Gig: 経理",
    summary="A gig for you",
    blocks=(
        Paragraph((Text("Hello "), Text("bold", bold=True), Text("i", italic=True), Text("s", strike=True))),
        Divider(),
        Paragraph((Text("code", code=True), Link("site", "https://a.example/x"), When(INSTANT))),
        Bullets(((Text("one\nmore"),), (Text("two"),))),
        Quote((Text("their\n\nwords"),)),
        Divider(),
    ),
    actions=(
        Action("Yes", "interested", {"gig": "7"}, Style.PRIMARY),
        Action("No", "decline", {"gig": "7"}, Style.DANGER),
    ),
)


@cache
def validator() -> Any:
    if not SCHEMA.exists():
        pytest.skip("The Adaptive Card schema is not here: ../shared/schemas is no part of the project.")
    schema = json.loads(SCHEMA.read_text())
    schema["$id"] = schema.pop("id")
    return jsonschema.Draft6Validator(schema)


def runs(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "TextRun":
            yield node
        for value in node.values():
            yield from runs(value)
    elif isinstance(node, list):
        for value in node:
            yield from runs(value)


def texts(content: Content) -> list[str]:
    return [run["text"] for run in runs(card(content, "n"))]


def said(text: str) -> Card:
    return Card("T", "S", (Paragraph((Text(text),)),))


@pytest.mark.parametrize("content", [FULL, ASK, Card("T", "S", form=ASK), Card("", ""), said("x")])
def test_cards_are_valid(content: Content) -> None:
    validator().validate(card(content, "n", locale="ja"))


def test_blocks_become_literal_runs() -> None:
    body = card(FULL, "n")["body"]
    title, hello, second, one, more, two, quote = body
    assert title["inlines"] == [{"type": "TextRun", "text": "Gig: 経理", "weight": "bolder", "size": "large"}]
    assert [run.get("italic", run.get("strikethrough", run.get("weight"))) for run in hello["inlines"]] == [
        None,
        "bolder",
        True,
        True,
    ]
    assert second["separator"] is True
    code, link, when = second["inlines"]
    assert code["fontType"] == "monospace"
    assert link["selectAction"] == {"type": "Action.OpenUrl", "url": "https://a.example/x"}
    assert when["text"] == "{{DATE(2026-11-22T10:00:00Z,SHORT)}} {{TIME(2026-11-22T10:00:00Z)}}"
    assert [run["text"] for run in one["inlines"]] == ["• ", "one"]
    assert (more["inlines"][1]["text"], more["spacing"], two["spacing"]) == ("more", "none", "small")
    assert quote["style"] == "emphasis"
    assert [item["inlines"][0]["text"] for item in quote["items"]] == ["their", "\u00a0", "words"]
    assert 'TextBlock"' not in json.dumps(body).replace('RichTextBlock"', "")


@pytest.mark.parametrize(
    ("precision", "shown"),
    [
        (Precision.DATE, "{{DATE(2026-11-22T10:00:00Z,SHORT)}}"),
        (Precision.TIME, "{{TIME(2026-11-22T10:00:00Z)}}"),
    ],
)
def test_times_are_for_the_readers_client(precision: Precision, shown: str) -> None:
    assert texts(Card("", "", (Paragraph((When(INSTANT, precision),)),))) == [shown]


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        card(Card("", "", (Paragraph((When(datetime(2026, 1, 1)),)),)), "n")  # noqa: DTZ001


def test_every_action_falls_back_to_submit_with_the_same_data() -> None:
    yes, no = card(FULL, "nonce-1")["actions"]
    assert yes["type"] == "Action.Execute"
    assert (yes["verb"], yes["style"], no["style"]) == ("interested", "positive", "destructive")
    assert yes["data"] == {"verb": "interested", "args": {"gig": "7"}, "nonce": "nonce-1", "form": False}
    assert yes["associatedInputs"] == "None"
    assert yes["fallback"]["type"] == "Action.Submit"
    assert yes["fallback"]["data"] == yes["data"]


def test_a_form_keeps_what_was_typed_and_shows_errors_at_the_field() -> None:
    rendered = card(ASK, "n")
    by_id = {element["id"]: element for element in rendered["body"] if "id" in element}
    assert by_id["text"] == {
        "type": "Input.Text",
        "id": "text",
        "label": "質問",
        "isRequired": True,
        "errorMessage": "質問",
        "placeholder": "何でも",
        "isMultiline": True,
        "maxLength": 900,
        "value": "a\nb",
    }
    error = rendered["body"][rendered["body"].index(by_id["text"]) + 1]
    assert error["inlines"][0] == {"type": "TextRun", "text": "長すぎます", "color": "attention"}
    assert "isRequired" not in by_id["mail"]
    assert by_id["mail"]["style"] == "email"
    assert (by_id["day"]["type"], by_id["day"]["value"]) == ("Input.Date", "2026-11-22")
    assert (by_id["kind"]["style"], by_id["kind"]["value"], by_id["city"]["style"]) == (
        "expanded",
        "b",
        "compact",
    )
    assert by_id["name"]["errorMessage"] == "Please say who."
    submit, cancel = rendered["actions"]
    assert submit["data"]["fields"] == ["text", "mail", "day", "kind", "city", "name"]
    assert (submit["data"]["form"], submit["associatedInputs"]) == (True, "Auto")
    assert (cancel["verb"], cancel["data"]["args"], cancel["associatedInputs"]) == (
        "cancel",
        {"form": "ask"},
        "None",
    )


def test_a_hint_stands_inside_the_input_where_it_fits_and_below_it_where_it_would_be_cut() -> None:
    long = "会社のアドレスではなく、退職後も使えるものをご入力ください。"
    two = tuple(Choice(value, value) for value in "ab")
    body = card(
        Form(
            "v",
            "T",
            (
                Field("name", "n", hint="例：山田 太郎"),
                Field("work", "w", FieldKind.TEXT, hint=long),
                Field("mail", "m", FieldKind.EMAIL, hint=long),
                Field("role", "r", FieldKind.CHOICE, hint="a", choices=two),
                Field("day", "d", FieldKind.DATE, hint="2026-11-22", error="past"),
            ),
            "ok",
            "no",
        ),
        "n",
    )["body"]
    assert [(element["id"], element["placeholder"]) for element in body if "placeholder" in element] == [
        ("name", "例：山田 太郎"),
        ("work", long),
    ]
    after = {element["id"]: body[n + 1 : n + 2] for n, element in enumerate(body) if "id" in element}
    assert after["mail"][0]["inlines"] == [{"type": "TextRun", "text": long, "isSubtle": True, "size": "small"}]
    assert after["role"][0]["inlines"][0]["text"] == "a"
    assert [run["text"] for element in body[-2:] for run in element["inlines"]] == ["past", "2026-11-22"]


def test_a_form_in_a_card_is_set_off_and_has_a_heading_unless_its_button_says_the_same() -> None:
    def below(title: str) -> list[dict[str, Any]]:
        form = Form("ask", title, (Field("text", "Reply"),), "Answer", "")
        body: list[dict[str, Any]] = card(Card("T", "S", (Paragraph((Text("p"),)),), form=form), "n")["body"]
        return body[2:]

    (alone,) = below("Answer")
    assert (alone["type"], alone["separator"]) == ("Input.Text", True)
    heading, question = below("Your answer")
    assert (heading["inlines"][0]["text"], heading["separator"]) == ("Your answer", True)
    assert "separator" not in question


def test_a_form_in_a_card_is_submitted_by_the_action_of_its_verb() -> None:
    reply = Action("Answer", "ask", {"case": "3"})
    answer, other = card(Card("T", "S", actions=(reply, Action("Close", "close")), form=ASK), "n")["actions"]
    assert answer["data"]["args"] == {"gig": "7", "case": "3"}
    assert (answer["data"]["form"], answer["associatedInputs"]) == (True, "Auto")
    assert (other["data"]["form"], other["associatedInputs"]) == (False, "None")
    (alone,) = card(Card("T", "S", form=ASK), "n")["actions"]
    assert (alone["title"], alone["verb"]) == ("Send", "ask")


def test_a_field_name_that_would_overwrite_the_data_is_refused() -> None:
    with pytest.raises(ValueError, match="'verb'"):
        card(Form("v", "T", (Field("verb", "x"),), "ok", "no"), "n")


def test_six_actions_at_most() -> None:
    many = tuple(Action(str(number), f"v{number}") for number in range(9))
    assert [a["title"] for a in card(Card("T", "S", actions=many), "n")["actions"]] == list("012345")
    assert render.ACTIONS_LIMIT == 6
    assert card(Card("T", "S", actions=many, form=ASK), "n")["actions"][0]["verb"] == "ask"


def test_long_labels_and_summaries_are_cut() -> None:
    rendered = activity(Card("T", "s" * 999, actions=(Action("a" * 99, "v"),)), "n")
    assert len(rendered["summary"]) == render.SUMMARY_LIMIT
    assert len(rendered["attachments"][0]["content"]["actions"][0]["title"]) == render.ACTION_LABEL_LIMIT


INJECTIONS = [
    "<!channel>",
    "<at>x</at>",
    "*bold* _i_ ~s~ `c`",
    "[x](javascript:alert(1))",
    "<b>&amp;</b>",
    "# h",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_people_typed_is_shown_as_typed(text: str) -> None:
    assert texts(said(text))[-1] == text
    assert "entities" not in activity(said(text), "n")


@pytest.mark.parametrize("text", ["{{DATE(2020-01-01T00:00:00Z)}}", "{{{TIME(2020-01-01T00:00:00Z)}}", "{{date(x)}}"])
def test_typed_dates_are_not_formatted(text: str) -> None:
    shown = texts(said(text))[1:]
    assert "".join(shown) == text
    assert not any("{{" in run for run in shown)
    labels = Card(
        text, text, actions=(Action(text, "v"),), form=Form("f", "", (Field("a", text, hint=text),), "s", "c")
    )
    assert "{{" not in json.dumps(card(labels, "n"))


def test_labels_and_fallback_open_no_links() -> None:
    text = "[x](javascript:alert(1))"
    rendered = card(Card(text, text, actions=(Action(text, "v"),)), "n")
    assert "](" not in rendered["fallbackText"] + rendered["actions"][0]["title"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "http://[", "/x", "https://a\n.example"])
def test_only_web_and_mail_links_open(url: str) -> None:
    (run,) = runs(card(Card("", "", (Paragraph((Link("label", url),)),)), "n"))
    assert run == {"type": "TextRun", "text": "label"}


def test_control_characters_go_and_marks_of_direction_stay() -> None:
    text = "a\x00b\x07\ud83d\u200f\u202bשלום\u202c\u2067é\u200d"
    assert texts(said(text))[-1] == "ab\u200f\u202bשלום\u202c\u2067é\u200d"
    assert texts(said("a\tb\r\nc\u2028d"))[1:] == ["a b", "c", "d"]


@pytest.mark.parametrize("unit", ["x", "字", "👨‍👩‍👧‍👦", "e\u0301", "\u200fש", "\n", "x\n", '"\\'])
def test_ten_thousand_of_anything_fit(unit: str) -> None:
    text = unit * 10_000
    long = Card(text, text, (Paragraph((Text(text),)), Quote((Text(text),)), Bullets(((Text(text),),) * 3)), form=ASK)
    rendered = activity(long, "n")
    assert size(rendered) <= render.ACTIVITY_LIMIT - render.ENVELOPE
    validator().validate(rendered["attachments"][0]["content"])
    for run in runs(rendered):
        if run["text"].endswith("…") and unit not in ("\n", "x\n"):
            clusters = regex.findall(r"\X", run["text"][:-1])
            assert set(clusters) <= set(regex.findall(r"\X", unit * 2))


def test_the_longest_text_gives_way_and_short_ones_stay() -> None:
    shown = texts(Card("Title", "S", (Paragraph((Text("short"), Text("長" * 20_000))),)))
    assert shown[:2] == ["Title", "short"]
    assert shown[2].endswith("…")
    assert size(activity(said("長" * 20_000), "n")) > render.ACTIVITY_LIMIT * 0.8


def test_too_many_blocks_end_in_an_ellipsis() -> None:
    many = Card("T", "S", tuple(Paragraph((Text(f"{number} " + "x" * 50),)) for number in range(2000)))
    assert texts(many)[-1] == "…"
    assert size(activity(many, "n")) <= render.ACTIVITY_LIMIT - render.ENVELOPE


def test_a_text_of_many_lines_ends_in_an_ellipsis() -> None:
    shown = texts(said("\n".join(map(str, range(500)))))[1:]
    assert (len(shown), shown[-1]) == (PARAGRAPH_LINES, "…")


def test_a_long_form_fits() -> None:
    fields = tuple(Field(f"f{n}", "L", FieldKind.TEXT, max_length=3000, value="長" * 3000) for n in range(8))
    assert size(activity(Form("v", "T", fields, "ok", "no"), "n")) <= render.ACTIVITY_LIMIT


def test_cutting_keeps_graphemes_whole() -> None:
    family = "👨‍👩‍👧‍👦"
    assert cut(family * 2, 10) == family + "…"
    assert cut("a" + "\u0301" * 50, 10) == "…"
    assert cut("short", 5) == "short"


def test_a_card_that_fits_is_rendered_as_it_is() -> None:
    assert notice(FULL) == "A gig for you"
    assert notice(ASK) == "Ask"
    rendered = activity(FULL, "n", locale="en")
    assert (rendered["type"], rendered["textFormat"], rendered["summary"]) == (
        "message",
        "plain",
        "A gig for you",
    )
    assert rendered["attachments"][0]["content"]["lang"] == "en"
    assert INSTANT.astimezone(UTC).hour == 10
