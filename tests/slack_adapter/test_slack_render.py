"""Cards and forms → Slack's JSON: literal words, within every limit."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import regex
from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.views import View

from adapters.slack import inbound, render
from bot.cards import (
    Action,
    Bullets,
    Card,
    Choice,
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

FAMILY = "👨‍👩‍👧‍👦"
NASTY = [
    "<!channel>",
    "<@U1>",
    "<!date^1^{date}^https://evil.example|x>",
    "*bold* _it_ ~no~ `code`",
    "[x](javascript:alert(1))",
    ":smile: :skull:",
    "&lt;!here&gt; & <https://evil.example|bank>",
    "\u202eright to left\u202c \u200f",
    "> quoted\n- listed\n```pre```",
]


def card(*blocks: Any, title: str = "Title", actions: tuple[Action, ...] = ()) -> Card:
    return Card(title, "Summary", tuple(blocks), actions)


def paragraph(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def texts(blocks: list[dict[str, Any]]) -> list[str]:
    return [run["text"] for block in blocks if block["type"] == "rich_text" for run in runs(block)]


def runs(shape: dict[str, Any]) -> list[dict[str, Any]]:
    return [run for part in shape["elements"] for run in (runs(part) if "elements" in part else [part])]


def valid(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`blocks`, once slack_sdk's models have read and checked them."""
    parsed = SlackBlock.parse_all(blocks)
    assert len(parsed) == len(blocks)
    for block in parsed:
        block.validate_json()
    return blocks


FORM = Form(
    verb="gig.post",
    title="Post a gig that wants a long title",
    submit="Post",
    cancel="Not now",
    args={"draft": "3"},
    blocks=(paragraph("Who should hear of it?"),),
    fields=(
        Field("title", "Title", value="Old title", max_length=5, hint="Short and plain"),
        Field("about", "About", FieldKind.TEXT, required=False, value="two\nlines"),
        Field("kind", "Kind", FieldKind.CHOICE, value="b", choices=(Choice("a", "A" * 90), Choice("b", "Bé"))),
        Field("day", "Day", FieldKind.DATE, value="2026-05-01"),
        Field("mail", "Mail", FieldKind.EMAIL, value="hr@example.com"),
    ),
)


def test_a_card_is_a_header_its_blocks_and_its_buttons() -> None:
    shown = render.message(
        card(
            Paragraph((Text("Plain "), Text("bold", bold=True), Text("code", code=True, italic=True, strike=True))),
            Bullets(((Text("one"),), (Text("two"), Link("site", "https://example.com/a?b=c")))),
            Divider(),
            Quote((Text("their words"),)),
            actions=(
                Action("Yes", "gig.yes", {"gig": "7"}, Style.PRIMARY),
                Action("No", "gig.no", {"gig": "7"}, Style.DANGER),
                Action("Later", "gig.later"),
            ),
        )
    )
    assert shown["text"] == "Summary"
    blocks = valid(shown["blocks"])
    assert [block["type"] for block in blocks] == [
        "header",
        "rich_text",
        "rich_text",
        "divider",
        "rich_text",
        "actions",
    ]
    assert blocks[0]["text"] == {"type": "plain_text", "text": "Title", "emoji": False}
    assert blocks[1]["elements"][0]["elements"][1] == {
        "type": "text",
        "text": "bold",
        "style": {"bold": True},
    }
    assert blocks[2]["elements"][0]["type"] == "rich_text_list"
    assert runs(blocks[2])[2] == {"type": "link", "url": "https://example.com/a?b=c", "text": "site"}
    assert blocks[4]["elements"][0]["type"] == "rich_text_quote"
    buttons = blocks[5]["elements"]
    assert [button.get("style") for button in buttons] == ["primary", "danger", None]


@pytest.mark.parametrize("nasty", NASTY)
def test_what_a_person_typed_stays_what_they_typed(nasty: str) -> None:
    shown = render.message(Card(nasty, nasty, (paragraph(nasty), Quote((Text(nasty),))), (Action(nasty, "v"),)))
    blocks = valid(shown["blocks"])
    assert texts(blocks) == [nasty, nasty]
    assert {run["type"] for block in blocks if block["type"] == "rich_text" for run in runs(block)} == {"text"}
    assert '"mrkdwn"' not in json.dumps(shown)
    assert "<" not in shown["text"]
    assert ">" not in shown["text"]
    assert all(part["text"]["emoji"] is False for part in (blocks[0], blocks[-1]["elements"][0]))


def test_the_fallback_cannot_mention_anybody() -> None:
    assert render.message(Card("t", "<!channel> & &lt;"))["text"] == "&lt;!channel&gt; &amp; &amp;lt;"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", "https://a|b", "https://a>b", "ftp://a", "https://a\n"]
)
def test_an_address_that_is_none_is_shown_as_text(url: str) -> None:
    (run,) = runs(valid(render.message(card(Paragraph((Link("here", url),))))["blocks"])[1])
    assert run == {"type": "text", "text": f"here ({url})"}


def test_times_are_left_to_the_readers_client() -> None:
    instant = datetime(2026, 5, 1, 18, 30, tzinfo=timezone(timedelta(hours=9)))
    times = Paragraph(tuple(When(instant, precision) for precision in Precision))
    shown = runs(valid(render.message(card(times))["blocks"])[1])
    assert {run["timestamp"] for run in shown} == {int(instant.timestamp())}
    assert [run["format"] for run in shown] == ["{date_long}", "{time}", "{date_long} {time}"]
    assert shown[0]["fallback"] == "2026-05-01T09:30+00:00"
    assert instant.astimezone(UTC) == datetime.fromisoformat(shown[0]["fallback"])


def test_control_characters_are_dropped_and_direction_marks_kept() -> None:
    shown = render.message(card(paragraph("a\x00b\x1b[0mc\r\nd\te\x85\ud800\u200f"), title="x\x00\ny"))
    assert texts(shown["blocks"]) == ["ab[0mc\nd\te\u200f"]
    assert shown["blocks"][0]["text"]["text"] == "x y"
    json.dumps(shown, ensure_ascii=False).encode()


def test_nothing_empty_is_sent() -> None:
    shown = render.message(Card("", "", (paragraph(""), Paragraph(()), Bullets(()), Bullets(((Text("\x00"),),)))))
    assert shown == {"text": "…"}
    assert render.message(card(actions=(Action("\x00", "v"),)))["blocks"][1]["elements"][0]["text"]["text"] == "…"


@pytest.mark.parametrize("unit", ["x", "田", "é", "e\u0301\u0323", FAMILY, "🇯🇵", "👍🏽", "क्षि"])
@pytest.mark.parametrize("most", [24, 75, 150])
def test_a_cut_is_between_graphemes(unit: str, most: int) -> None:
    short = render.cut(unit * 500, most)
    assert len(short) <= most
    assert short.endswith("…")
    assert set(regex.findall(r"\X", short[:-1])) <= {unit}
    assert len(short) > most - len(unit) - 1
    assert render.cut(unit, most) == unit


def test_one_endless_grapheme_is_cut_away() -> None:
    assert render.cut("a" + "\u0301" * 10_000, 24) == "…"


def test_10_000_characters_fit_and_100_000_are_cut_longest_first() -> None:
    (text,) = texts(render.message(card(paragraph("x" * 10_000)))["blocks"])
    assert len(text) == 10_000
    blocks = valid(
        render.message(card(paragraph("short"), paragraph("y" * 100_000), Quote((Text(FAMILY * 9_000),))))["blocks"]
    )
    short, *long = texts(blocks)
    assert short == "short"
    assert all(text.endswith("…") for text in long)
    assert abs(len(long[0]) - len(long[1])) <= len(FAMILY)
    assert 12_000 < sum(map(len, texts(blocks))) < 13_000


def test_the_characters_of_everything_shown_are_kept_below_13_000() -> None:
    many = tuple(paragraph(f"{i} " + "z" * 400) for i in range(200))
    links = Paragraph(tuple(Link("l" * 50, f"https://example.com/{'p' * 100}{i}") for i in range(300)))
    buttons = tuple(Action("b" * 200, "v", {"id": "9" * 60}) for _ in range(40))
    for content in (card(*many, actions=buttons), card(paragraph("kept"), links, actions=buttons)):
        blocks = valid(render.message(content)["blocks"])
        assert render.weight(blocks) < 13_000
        assert len(blocks) <= render.MESSAGE_BLOCKS
        assert sum(len(block["elements"]) for block in blocks if block["type"] == "actions") == 40


def test_too_many_blocks_lose_their_space_before_their_words() -> None:
    content = card(
        *(paragraph(f"p{i}") for i in range(300)), Divider(), paragraph("last"), actions=(Action("Go", "go"),)
    )
    shown = valid(render.message(content)["blocks"])
    assert len(shown) == 5
    assert len(texts(shown)) == 301
    divided = card(*(block for i in range(150) for block in (paragraph(f"p{i}"), Divider())))
    for blocks, most in ((render.message(divided)["blocks"], 50), (render.home(divided)["blocks"], 100)):
        assert len(valid(blocks)) <= most
        assert len(texts(blocks)) == 150


@pytest.mark.parametrize("number", [1, 5, 6, 40, 41, 300])
def test_every_button_has_an_id_of_its_own(number: int) -> None:
    blocks = valid(render.message(card(actions=tuple(Action(f"b{i}", "same") for i in range(number))))["blocks"])
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    ids = [button["action_id"] for row in rows for button in row]
    assert len(ids) == len(set(ids)) == number
    assert max(map(len, rows)) <= (5 if number <= 40 else 25)


@pytest.mark.parametrize("verb", ["gig.yes", "gig#yes", "応募"])
def test_a_button_comes_back_as_it_went(verb: str) -> None:
    args = {"gig": "7", "note": 'quotes " and <b> 田'}
    button = render.message(card(actions=(Action("Yes", verb, args),)))["blocks"][1]["elements"][0]
    payload = {"team": {"id": "T1"}, "user": {"id": "U1"}, "actions": [button | {"action_ts": "1.1"}]}
    found = inbound.from_action(payload)
    assert found is not None
    assert (found.verb, found.args) == (verb, args)


def test_args_that_do_not_fit_are_an_error_and_not_half_an_id() -> None:
    with pytest.raises(ValueError, match="do not travel"):
        render.message(card(actions=(Action("Yes", "v", {"a": "x" * 2_000}),)))
    with pytest.raises(ValueError, match="too long"):
        render.message(card(actions=(Action("Yes", "v" * 255),)))


def test_a_form_is_a_modal() -> None:
    view = render.modal(FORM)
    valid(view["blocks"])
    View(**view).validate_json()
    assert view["title"] == {"type": "plain_text", "text": "Post a gig that wants a…", "emoji": False}
    assert view["blocks"][0]["text"]["text"] == FORM.title
    assert (view["submit"]["text"], view["close"]["text"]) == ("Post", "Not now")
    inputs = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
    assert inputs["title"]["element"]["initial_value"] == "Old …"
    assert inputs["title"]["element"]["max_length"] == 5
    assert inputs["title"]["hint"]["text"] == "Short and plain"
    assert "hint" not in inputs["day"]
    assert [inputs[name]["optional"] for name in ("title", "about")] == [False, True]
    assert inputs["about"]["element"]["multiline"]
    assert inputs["kind"]["element"]["initial_option"]["value"] == "b"
    assert len(inputs["kind"]["element"]["options"][0]["text"]["text"]) == 75
    assert inputs["day"]["element"] == {
        "action_id": "day",
        "type": "datepicker",
        "initial_date": "2026-05-01",
    }
    assert inputs["mail"]["element"]["type"] == "email_text_input"


def test_a_form_comes_back_with_its_verb_and_args() -> None:
    view = {
        "id": "V1",
        "hash": "h",
        "private_metadata": render.modal(FORM)["private_metadata"],
        "state": {"values": {}},
    }
    found = inbound.from_submission({"team": {"id": "T1"}, "user": {"id": "U1"}, "view": view})
    assert (found.verb, found.args) == ("gig.post", {"draft": "3"})


def test_a_form_in_a_message_is_the_button_that_opens_it() -> None:
    shown = render.message(FORM)
    button = valid(shown["blocks"])[-1]["elements"][0]
    assert texts(shown["blocks"]) == ["Who should hear of it?"]
    assert (button["text"]["text"], button["action_id"]) == (FORM.title, "gig.post#0")
    assert json.loads(button["value"]) == {"draft": "3"}


def test_the_fields_of_a_card_are_left_to_its_button() -> None:
    plain = card(paragraph("x"), actions=(Action("Ask", "gig.post"),))
    assert render.message(Card(plain.title, plain.summary, plain.blocks, plain.actions, FORM)) == render.message(plain)


def test_odd_fields_still_make_a_modal_that_slack_takes() -> None:
    fields = (
        Field("a", "", max_length=0, value="xy"),
        Field("b", "l" * 3_000, max_length=9_999, value="z" * 9_999, hint="h" * 3_000),
        Field(
            "c",
            "Choice",
            FieldKind.CHOICE,
            value="gone",
            choices=tuple(Choice(str(i), f"{i}") for i in range(300)),
        ),
        Field("d", "No choice", FieldKind.CHOICE),
        Field("e", "Day", FieldKind.DATE, value="tomorrow"),
    )
    view = render.modal(Form("v", "", fields, "", ""))
    valid(view["blocks"])
    a, b, c, d, e = (block["element"] for block in view["blocks"])
    assert (a["max_length"], a["initial_value"]) == (1, "…")
    assert (b["max_length"], len(b["initial_value"])) == (3_000, 3_000)
    assert len(c["options"]) == 100
    assert "initial_option" not in c
    assert d["type"] == "plain_text_input"
    assert "initial_date" not in e


def test_errors_stand_at_their_fields() -> None:
    wrong = Form("v", "t", (Field("a", "A", error="Too <b>short"), Field("b", "B")), "ok", "no")
    assert render.errors(wrong) == {"a": "Too <b>short"}


def test_home_and_the_last_word_are_views() -> None:
    home = render.home(card(paragraph("Welcome"), actions=(Action("Go", "go"),)))
    View(**home).validate_json()
    assert [block["type"] for block in valid(home["blocks"])] == ["header", "rich_text", "actions"]
    last = render.closing(Card("Done", "All is well", actions=(Action("Go", "go"),)))
    View(**last).validate_json()
    assert "submit" not in last
    assert texts(valid(last["blocks"])) == ["All is well"]
