"""What people type stays text on the page, wherever it stands."""

import json

import pytest

from tests.browser.stand_in import Json, StandIn
from tests.browser.watched import Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")


HOSTILE = (
    "<!channel>",
    "<@U1>",
    "*bold* _it_ ~no~ `code`",
    "[x](javascript:alert(1))",
    "<https://evil.example|click>",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "{{DATE(2026-01-01T00:00:00Z)}",
    '"><svg onload=alert(1)>',
    "\u202eevil\u202c \u2067rtl\u2069 שלום",
    "長" * 10_000,
)
FOREIGN = ".slack-list img, .slack-list script, .teams-list img, .teams-list script, svg[onload], .teams-list a"


def _rich(text: str) -> list[Json]:
    run = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    quote = {"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]}
    button = {"type": "button", "action_id": "x#0", "text": {"type": "plain_text", "text": text}, "value": text}
    return [
        {"type": "header", "block_id": "h", "text": {"type": "plain_text", "text": text}},
        {"type": "rich_text", "block_id": "r", "elements": [run, quote]},
        {"type": "actions", "block_id": "a", "elements": [button]},
    ]


def _form(text: str) -> list[Json]:
    plain = {"type": "plain_text", "text": text}
    element = {"type": "plain_text_input", "action_id": "t", "initial_value": text, "multiline": True}
    options = [{"text": plain, "value": text}]
    select = {"type": "static_select", "action_id": "s", "options": options, "initial_option": options[0]}
    return [
        {"type": "input", "block_id": "t", "label": plain, "hint": plain, "element": element},
        {"type": "input", "block_id": "s", "label": plain, "element": select},
    ]


def _card(text: str) -> Json:
    run = {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text}]}
    typed = {"type": "Input.Text", "id": "t", "label": text, "placeholder": text, "value": text, "isMultiline": True}
    choices = {"type": "Input.ChoiceSet", "id": "c", "label": text, "choices": [{"title": text, "value": text}]}
    action = {"type": "Action.Execute", "title": text, "verb": text, "data": {"verb": text}}
    body = [run, {"type": "Container", "style": "emphasis", "items": [run]}, typed, choices]
    body.append({**choices, "id": "e", "style": "expanded"})
    return {"type": "AdaptiveCard", "fallbackText": text, "body": body, "actions": [action]}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_words_are_shown_as_they_are(stand_in: StandIn, opener: Opener, text: str) -> None:
    """As a name, a title, a question, a button, a field, a message and a suggestion, on both sides."""
    stand_in.start["slack"]["people"][0]["name"] = text
    stand_in.start["teams"]["people"][0] |= {"name": text, "note": text}
    modal = {"id": "V1", "title": text, "submit": text, "close": text, "blocks": _form(text), "values": {}}
    said: Json = {"ts": "1794200001.000100", "user": "U1", "name": text, "bot": False, "blocks": _rich(text)[1:2]}
    stand_in.put_slack({"ts": "1794200000.000100", "blocks": _rich(text)}, said, modal={**modal, "errors": {"t": text}})
    spoken = {"id": "1794200000000", "from": "hr1", "name": text, "bot": False, "text": text}
    stand_in.put_teams(spoken, {"id": "1794200001000", "name": text, "cards": [_card(text)]})
    stand_in.answer = lambda act: {"ok": False, "error": text, "errors": {}}
    page = await opener.open(stand_in.url)

    for place in (
        ".block-header",
        ".rich-quote",
        ".slack-button",
        ".slack .message-name >> nth=1",
        ".modal label >> nth=0",
    ):
        assert text in (await page.locator(place).first.text_content() or ""), place
    for place in (".card-text >> nth=0", ".card-button", ".bubble-text", ".teams .bubble-name >> nth=0"):
        assert await page.locator(place).first.text_content() == text, place
    assert await page.locator('.modal [data-field="t"]').input_value() == text
    assert await page.locator('.card [data-input="t"]').input_value() == text
    await page.click(".card-button")
    await page.locator(".card-news", has_text=text[:40]).wait_for()
    await page.click('[data-hint="teams:person"]')
    assert text in (await page.locator(".teams .switcher-one").text_content() or "")
    assert await page.locator(FOREIGN).count() == 0


async def test_links_lead_only_to_harmless_schemes(stand_in: StandIn, opener: Opener) -> None:
    urls = (
        "javascript:alert(1)",
        "data:text/html,<b>x",
        "vbscript:x",
        "file:///etc/passwd",
        "https://example.com/",
        "mailto:a@example.com",
    )
    runs = [{"type": "link", "url": url, "text": url} for url in urls]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": runs}]}
    stand_in.put_slack({"ts": "1794200000.000100", "blocks": [rich]})
    opens = [{"type": "TextRun", "text": url, "selectAction": {"type": "Action.OpenUrl", "url": url}} for url in urls]
    actions = [{"type": "Action.OpenUrl", "title": url, "url": url} for url in urls]
    card = {"type": "AdaptiveCard", "body": [{"type": "RichTextBlock", "inlines": opens}], "actions": actions}
    stand_in.put_teams({"id": "1794200000000", "cards": [card]})
    page = await opener.open(stand_in.url)

    for place, times in ((".slack", 1), (".teams", 2)):
        links = await page.locator(f"{place} a").evaluate_all(
            "all => all.map(a => a.getAttribute('href') + ' ' + a.rel)"
        )
        assert links == [f"{url} noopener noreferrer" for url in urls[4:]] * times
        assert urls[0] in await page.locator(place).inner_text()


async def test_what_slack_would_read_into_a_text_is_seen(stand_in: StandIn, opener: Opener) -> None:
    """A text that went out unescaped would show as a mention here, as it would in Slack."""
    stand_in.put_slack(
        {"ts": "1794200000.000100", "text": "&lt;!channel&gt; &lt;@U1&gt;"},
        {"ts": "1794200900.000100", "text": "<@U1>"},
    )
    page = await opener.open(stand_in.url)
    assert await page.locator(".slack .message .block-text").first.inner_text() == "<!channel> <@U1>"
    assert await page.locator(".slack .mention").all_inner_texts() == ["@佐藤 彩"]


async def test_typed_words_travel_as_they_are(stand_in: StandIn, opener: Opener) -> None:
    stand_in.put_slack()
    stand_in.put_teams({"id": "1794200000000", "cards": [_card("card")]})
    page = await opener.open(stand_in.url)
    for text in HOSTILE[:-1]:
        stand_in.acts.clear()
        await page.fill('[data-hint="slack:composer"]', text)
        await page.keyboard.press("Enter")
        await page.fill('[data-hint="teams:field:t"]', text)
        async with page.expect_response("**/api/teams/act"):
            await page.click(".card-button")
        said, pressed = stand_in.acts
        assert (said["do"], said["text"]) == ("say", text), json.dumps(said)
        assert pressed["inputs"]["t"] == text
