"""The page draws whatever the renderers emit, word for word, and says so where it cannot draw something."""

import asyncio
from collections.abc import Sequence

import pytest
from playwright.async_api import Locator

from tests.browser.golden import LOCALES, Json, golden, words
from tests.browser.stand_in import StandIn, start_of
from tests.browser.watched import Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")


SEEN = """node => [
    node.textContent,
    ...[...node.querySelectorAll("input, textarea")].map(field => field.placeholder),
    ...[...node.querySelectorAll("[aria-label]")].map(one => one.getAttribute("aria-label")),
].join("\\n")"""
FORMS = "modal"
HOMES = "home"


def _with_ids(blocks: list[Json]) -> list[Json]:
    return [{"block_id": f"b{number}", **block} for number, block in enumerate(blocks)]


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_message_of_slack_is_drawn(stand_in: StandIn, opener: Opener, locale: str) -> None:
    messages = {name: file for name, file in golden("slack", locale).items() if "type" not in file}
    stand_in.start = start_of(locale)
    stand_in.put_slack(*({"ts": f"179420{number:04d}.000100", **file} for number, file in enumerate(messages.values())))
    page = await opener.open(stand_in.url)

    assert await page.locator("[data-not-drawn]").count() == 0
    for number, (name, file) in enumerate(messages.items()):
        article = page.locator(f'.slack-list [data-ts="179420{number:04d}.000100"]')
        seen = await article.evaluate(SEEN)
        missing = [text for text in words(file["blocks"]) if text not in seen]
        assert not missing, f"{name}: {missing}"


async def lacking(place: Locator, wanted: Sequence[str]) -> list[str]:
    """Those of the words that are not seen there, once there has been time to draw them: homes may begin alike."""
    absent = [*wanted]
    for _ in range(300):
        seen = await place.evaluate(SEEN)
        absent = [text for text in wanted if text not in seen]
        if not absent:
            break
        await asyncio.sleep(0.1)
    return absent


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_modal_and_home_of_slack_is_drawn(stand_in: StandIn, opener: Opener, locale: str) -> None:
    files = golden("slack", locale)
    stand_in.start = start_of(locale)
    page = await opener.open(stand_in.url)
    for number, (name, file) in enumerate((n, f) for n, f in files.items() if f.get("type") == FORMS):
        view = {**file, "id": f"V{number}", "blocks": _with_ids(file["blocks"]), "values": {}, "errors": None}
        stand_in.put_slack(modal=view)
        await stand_in.changed("slack")
        modal = page.locator(f'.modal[data-key="V{number}"]')
        seen = await modal.evaluate(SEEN)
        assert await page.locator("[data-not-drawn]").count() == 0, name
        shown = {key: file[key] for key in ("title", "submit", "close", "blocks") if key in file}
        assert not [text for text in words(shown) if text not in seen], name
        for block in file["blocks"]:
            if value := block.get("element", {}).get("initial_value") or block.get("element", {}).get("initial_date"):
                assert await modal.locator(f'[data-field="{block["block_id"]}"]').input_value() == value
    await page.click(".modal-foot button")
    stand_in.put_slack()
    await stand_in.changed("slack")
    await page.click('[data-hint="slack:home"]')
    for number, (name, file) in enumerate((n, f) for n, f in files.items() if f.get("type") == HOMES):
        stand_in.put_slack(home={"id": f"H{number}", "blocks": file["blocks"]})
        await stand_in.changed("slack")
        assert not await lacking(page.locator(".home"), [*words(file["blocks"])]), name
        assert await page.locator("[data-not-drawn]").count() == 0, name


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_card_of_teams_is_drawn(stand_in: StandIn, opener: Opener, locale: str) -> None:
    cards = golden("teams", locale)
    stand_in.start = start_of(locale)
    stand_in.put_teams(*({"id": f"179420{n:07d}", "cards": [card]} for n, card in enumerate(cards.values())))
    page = await opener.open(stand_in.url)

    assert await page.locator("[data-not-drawn]").count() == 0
    for number, (name, card) in enumerate(cards.items()):
        article = page.locator(f'.teams-list [data-message="179420{number:07d}"]')
        seen = await article.evaluate(SEEN)
        shown = {"body": card["body"], "actions": [action["title"] for action in card["actions"]]}
        missing = [text for text in [*words(shown["body"]), *shown["actions"]] if text not in seen]
        assert not missing, f"{name}: {missing}"
        assert "{{" not in seen, name


async def test_times_are_shown_in_the_reader_s_zone(stand_in: StandIn, opener: Opener) -> None:
    asked = golden("teams", "en")["case_desk.asked"]
    stand_in.put_teams({"id": "1794200000000", "cards": [asked]})
    when = {"type": "date", "timestamp": 1_794_201_120, "format": "{date_long} {time}", "fallback": "later"}
    section = {"type": "rich_text_section", "elements": [when]}
    stand_in.put_slack({"ts": "1794200000.000100", "blocks": [{"type": "rich_text", "elements": [section]}]})
    for zone, card_time, slack_time in (("Asia/Tokyo", "2:32 PM", "14:12"), ("America/New_York", "12:32 AM", "0:12")):
        page = await opener.open(stand_in.url, zone=zone)
        assert card_time in await page.locator(".card").inner_text()
        assert slack_time in await page.locator(".slack time", has_text="2026").inner_text()


async def test_what_cannot_be_drawn_is_said(stand_in: StandIn, opener: Opener) -> None:
    run = {"type": "emoji", "name": "wave"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [run]}]}
    blocks = [{"type": "video", "block_id": "v"}, rich, {"type": "actions", "elements": [{"type": "overflow"}]}]
    stand_in.put_slack({"ts": "1794200000.000100", "blocks": blocks})
    body = [{"type": "Media"}, {"type": "Input.Toggle", "id": "x", "title": "x"}]
    card = {"type": "AdaptiveCard", "body": body, "actions": [{"type": "Action.ToggleVisibility"}]}
    stand_in.put_teams({"id": "1794200000000", "cards": [card]})
    page = await opener.open(stand_in.url)

    said = await page.locator("[data-not-drawn]").all_inner_texts()
    wanted = ("video", "emoji", "overflow", "Media", "Input.Toggle", "Action.ToggleVisibility")
    assert said == [f"表示できません（not drawn: {kind}）" for kind in wanted]
    await page.click('[data-hint="language"]')
    assert await page.locator("[data-not-drawn]").first.inner_text() == "not drawn: video"


async def test_what_a_link_shows_stands_below_the_message(stand_in: StandIn, opener: Opener) -> None:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": "<b>designer</b>"}]}
    below = [[{"type": "rich_text", "elements": [section]}], [{"type": "divider"}]]
    message = {"text": "see https://alumni.example.com/gigs/1", "blocks": [], "unfurls": below}
    stand_in.put_slack({"ts": "1794200000.000100", **message, "user": "U1", "name": "佐藤 彩", "bot": False})
    page = await opener.open(stand_in.url)

    assert await page.locator(".message .unfurl").count() == 2
    assert await page.locator(".unfurl").first.inner_text() == "<b>designer</b>"
    assert await page.locator("[data-not-drawn]").count() == 0


async def test_what_the_platforms_can_do_besides_is_drawn_too(stand_in: StandIn, opener: Opener) -> None:
    """Sections, context lines, cards that unfold and links: not emitted by today's templates, allowed in tomorrow's."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "*bold* &amp; <https://example.com|a link> <@U1>"}}
    context = {"type": "context", "elements": [{"type": "plain_text", "text": "small print"}]}
    stand_in.put_slack({"ts": "1794200000.000100", "blocks": [section, context]})
    inner = {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "inside", "wrap": True}], "actions": []}
    opens = {"type": "Action.OpenUrl", "title": "read on", "url": "https://example.com/more"}
    unfolds = {"type": "Action.ShowCard", "title": "more", "card": inner}
    body = [{"type": "TextBlock", "text": "outside"}, {"type": "ActionSet", "actions": [opens]}]
    stand_in.put_teams({"id": "1794200000000", "cards": [{"type": "AdaptiveCard", "body": body, "actions": [unfolds]}]})
    page = await opener.open(stand_in.url)

    assert await page.locator(".block-section").inner_text() == "bold & a link @佐藤 彩"
    assert await page.locator(".slack a").get_attribute("href") == "https://example.com"
    assert await page.locator(".block-context").inner_text() == "small print"
    assert await page.locator(".teams a").get_attribute("rel") == "noopener noreferrer"
    assert await page.locator("text=inside").count() == 0
    await page.click(".card-button >> text=more")
    assert await page.locator("text=inside").is_visible()
    assert await page.locator("[data-not-drawn]").count() == 0
