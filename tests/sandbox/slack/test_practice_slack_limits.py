"""Slack's limits on blocks and views, each at its edge and one past it."""
# slack_sdk types every field of an answer as possibly None.
# pyright: reportOptionalSubscript=false, reportOptionalIterable=false, reportOptionalMemberAccess=false
# pyright: reportArgumentType=false

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.blocks import check_blocks, weight
from sandbox.slack.views import check_view


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(n: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": f"a{n}", "text": plain("Go"), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def option(text: str = "o", value: str = "v") -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def menu(*options: dict[str, Any], kind: str = "static_select", **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": "m", "options": list(options), **more}


def asking(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "input", "label": plain("Label"), "element": element}


def rich(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(runs)}]}


EDGES = [
    ("blocks", [section()] * 50, [section()] * 51),
    ("section text", [section("x" * 3000)], [section("x" * 3001)]),
    ("section empty", [section("x")], [section("")]),
    (
        "header",
        [{"type": "header", "text": plain("x" * 150)}],
        [{"type": "header", "text": plain("x" * 151)}],
    ),
    (
        "header plain",
        [{"type": "header", "text": plain("x")}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    ),
    ("button text", [actions(button(text=plain("x" * 75)))], [actions(button(text=plain("x" * 76)))]),
    ("button value", [actions(button(value="x" * 2000))], [actions(button(value="x" * 2001))]),
    ("action_id", [actions(button(action_id="x" * 255))], [actions(button(action_id="x" * 256))]),
    ("elements", [actions(*map(button, range(25)))], [actions(*map(button, range(26)))]),
    ("same action_id", [actions(button(1)), actions(button(1))], [actions(button(1), button(1))]),
    ("same block_id", [section(block_id="b"), section()], [section(block_id="b"), section(block_id="b")]),
    ("option text", [actions(menu(option("x" * 75)))], [actions(menu(option("x" * 76)))]),
    ("option value", [actions(menu(option(value="x" * 150)))], [actions(menu(option(value="x" * 151)))]),
    ("options", [actions(menu(*[option()] * 100))], [actions(menu(*[option()] * 101))]),
    (
        "overflow",
        [actions(menu(*[option()] * 5, kind="overflow"))],
        [actions(menu(*[option()] * 6, kind="overflow"))],
    ),
    (
        "preset",
        [actions(menu(option(), initial_option=option()))],
        [actions(menu(option(), initial_option=option("p")))],
    ),
    (
        "fields",
        [{"type": "section", "fields": [plain("f")] * 10}],
        [{"type": "section", "fields": [plain("f")] * 11}],
    ),
    ("block type", [{"type": "divider"}], [{"type": "carousel"}]),
    ("element type", [actions(button())], [actions({"type": "knob", "action_id": "k"})]),
    ("typed in actions", [asking({"type": "plain_text_input"})], [actions({"type": "plain_text_input"})]),
    ("button in input", [asking({"type": "datepicker"})], [asking(button())]),
    ("property", [section()], [section(colour="red")]),
    (
        "date",
        [actions({"type": "datepicker", "initial_date": "2024-01-31"})],
        [actions({"type": "datepicker", "initial_date": "31.1."})],
    ),
    (
        "number",
        [asking({"type": "number_input", "is_decimal_allowed": False})],
        [asking({"type": "number_input"})],
    ),
    ("style", [actions(button(style="primary"))], [actions(button(style="loud"))]),
    ("rich text run", [rich({"type": "text", "text": "x"})], [rich({"type": "text", "text": ""})]),
    (
        "rich text type",
        [rich({"type": "user", "user_id": "U1"})],
        [rich({"type": "person", "user_id": "U1"})],
    ),
    (
        "rich text date",
        [rich({"type": "date", "timestamp": 1_700_000_000, "format": "{date}", "fallback": "f"})],
        [rich({"type": "date", "timestamp": "soon", "format": "{date}"})],
    ),
    (
        "alt text",
        [{"type": "image", "image_url": "https://x", "alt_text": "a"}],
        [{"type": "image", "image_url": "https://x"}],
    ),
    (
        "context",
        [{"type": "context", "elements": [plain("c")] * 10}],
        [{"type": "context", "elements": [plain("c")] * 11}],
    ),
]


@pytest.mark.parametrize(("what", "fits", "breaks"), EDGES, ids=[edge[0] for edge in EDGES])
def test_a_block_limit(what: str, fits: list[Any], breaks: list[Any]):
    assert check_blocks(fits) == []
    found = check_blocks(breaks)
    assert found and all("[json-pointer:/blocks" in problem for problem in found)


def test_rich_text_containers():
    item = {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://x", "text": "x"}]}
    block = {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_list", "style": "bullet", "elements": [item]},
            {"type": "rich_text_quote", "elements": [{"type": "emoji", "name": "tada"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
        ],
    }
    assert check_blocks([block]) == []
    block["elements"][0]["style"] = "stars"
    assert len(check_blocks([block])) == 1


def modal(**more: Any) -> dict[str, Any]:
    shape = {"type": "modal", "title": plain("Title"), "blocks": [section()], "submit": plain("Send")}
    return {name: value for name, value in (shape | more).items() if value is not None}


VIEW_EDGES = [
    ("title", {"title": plain("x" * 24)}, {"title": plain("x" * 25)}),
    ("submit", {"submit": plain("x" * 24)}, {"submit": plain("x" * 25)}),
    ("close", {"close": plain("x" * 24)}, {"close": plain("x" * 25)}),
    ("metadata", {"private_metadata": "x" * 3000}, {"private_metadata": "x" * 3001}),
    ("callback_id", {"callback_id": "x" * 255}, {"callback_id": "x" * 256}),
    ("blocks", {"blocks": [section()] * 100}, {"blocks": [section()] * 101}),
    ("no submit", {"submit": None}, {"submit": None, "blocks": [asking({"type": "plain_text_input"})]}),
]


@pytest.mark.parametrize(("what", "fits", "breaks"), VIEW_EDGES, ids=[edge[0] for edge in VIEW_EDGES])
def test_a_view_limit(what: str, fits: dict[str, Any], breaks: dict[str, Any]):
    assert check_view(modal(**fits), "modal") == []
    assert check_view(modal(**breaks), "modal") != []


async def test_refused_blocks_say_where(client: AsyncWebClient):
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="U1", text="t", blocks=[section("x" * 3001)])
    assert caught.value.response["error"] == "invalid_blocks"
    (message,) = caught.value.response["response_metadata"]["messages"]
    assert message == "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"


async def test_a_message_has_a_limit_over_all_its_blocks(client: AsyncWebClient):
    fits = [section("x" * 2640)] * 5
    assert weight(fits) == 13_200
    await client.chat_postMessage(channel="U1", text="t", blocks=fits)
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        await client.chat_postMessage(channel="U1", text="t", blocks=[*fits, section("x")])


async def test_long_text_is_cut(client: AsyncWebClient):
    posted = await client.chat_postMessage(channel="U1", text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000
    assert posted["response_metadata"]["warnings"] == ["message_truncated"]
