"""Nothing is taken from under the fingers of somebody who types while the page changes around them."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.golden import golden
from tests.browser.stand_in import Json, StandIn
from tests.browser.watched import Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")


CARET = "() => [document.activeElement.dataset.hint, document.activeElement.selectionStart]"


def _desk(*questions: str) -> Json:
    """HR's card of a case, with these questions above the field for the answer."""
    card = golden("teams", "ja")["case_desk.asked"]
    said = [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": one}]} for one in questions]
    return {**card, "body": [*card["body"][:3], *said, *card["body"][-1:]]}


async def _sees(page: Page, words: str) -> None:
    await page.locator(".pane", has_text=words).first.wait_for()


async def test_an_answer_half_written_survives_new_questions(stand_in: StandIn, opener: Opener) -> None:
    stand_in.put_teams({"id": "1794200000000", "cards": [_desk("一つ目")]})
    page = await opener.open(stand_in.url)
    field = page.locator('[data-hint="teams:field:text"]')
    await field.fill("はい、平日の夜で")
    await field.evaluate("field => field.setSelectionRange(3, 3)")

    for number in range(2, 5):
        stand_in.put_teams(
            {"id": "1794200000000", "cards": [_desk(*("問" * n for n in range(1, number)))]},
            {"id": f"179420{number:07d}", "text": f"新しい {number}"},
        )
        await stand_in.changed("teams")
        await _sees(page, f"新しい {number}")
    assert await field.input_value() == "はい、平日の夜で"
    assert await page.evaluate(CARET) == ["teams:field:text", 3]

    stand_in.answer = lambda act: {"ok": True}
    await page.click('[data-hint="teams:case.answer"]')
    await expect(field).to_have_value("")
    assert stand_in.acts[0]["inputs"] == {"text": "はい、平日の夜で"}


async def test_a_modal_half_filled_survives_messages_behind_it(stand_in: StandIn, opener: Opener) -> None:
    form = golden("slack", "ja")["form.gig.ask"]
    modal = {**form, "id": "V1", "values": {}, "errors": None}
    stand_in.put_slack(modal=modal)
    page = await opener.open(stand_in.url)
    await page.keyboard.type("平日の夜だけ")
    stand_in.put_slack({"ts": "1794200000.000100", "text": "新しいお知らせ"}, modal=modal)
    await stand_in.changed("slack")
    await _sees(page, "新しいお知らせ")
    await page.keyboard.type("でも")

    stand_in.answer = lambda act: {"ok": True, "errors": {"text": "もう少し詳しくお書きください。"}}
    await page.click('[data-hint="slack:submit"]')
    await page.locator(".field-error", has_text="もう少し詳しく").wait_for()
    assert await page.locator('[data-hint="slack:field:text"]').input_value() == "平日の夜だけでも"
    assert stand_in.acts[0]["values"] == {"text": "平日の夜だけでも"}


async def test_a_composition_is_not_cut_short(stand_in: StandIn, opener: Opener) -> None:
    """Japanese is composed: a field that is redrawn meanwhile would throw the half-made word away."""
    stand_in.put_teams({"id": "1794200000000", "cards": [_desk("一つ目")]})
    page = await opener.open(stand_in.url)
    await page.click('[data-hint="teams:field:text"]')
    keyboard = await page.context.new_cdp_session(page)
    await keyboard.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    stand_in.put_teams({"id": "1794200000000", "cards": [_desk("一つ目", "二つ目")]})
    await stand_in.changed("teams")
    await _sees(page, "二つ目")
    await keyboard.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    await keyboard.send("Input.insertText", {"text": "日本"})
    assert await page.locator('[data-hint="teams:field:text"]').input_value() == "日本"


async def test_drafts_stay_with_their_conversation(stand_in: StandIn, opener: Opener) -> None:
    stand_in.put_slack({"ts": "1794200000.000100", "text": "お知らせ"})
    stand_in.slack["conversations"].append({"id": "C1", "kind": "channel", "name": "random", "messages": []})
    page = await opener.open(stand_in.url)
    composer = page.locator('[data-hint="slack:composer"]')
    await composer.fill("書きかけ")
    await page.click(".side-entry >> text=random")
    assert await composer.input_value() == ""
    await page.click(".side-entry >> text=Motokai")
    assert await composer.input_value() == "書きかけ"
    stand_in.answer = lambda act: {"ok": False, "error": "届きませんでした"}
    await composer.press("Enter")
    await page.locator(".slack .notice", has_text="届きませんでした").wait_for()
    assert await composer.input_value() == "書きかけ"


async def test_required_inputs_are_asked_for_and_nothing_is_sent(stand_in: StandIn, opener: Opener) -> None:
    modal = {**golden("slack", "ja")["form.enrol"], "id": "V1", "values": {}, "errors": None}
    stand_in.put_slack(modal=modal)
    stand_in.put_teams({"id": "1794200000000", "cards": [golden("teams", "ja")["form.enrol"]]})
    page = await opener.open(stand_in.url)
    await page.click('[data-hint="teams:enrol"]')
    assert await page.locator(".card-error").all_inner_texts() == [
        "「お名前」をご入力ください。",
        "「メールアドレス」をご入力ください。",
    ]
    assert await page.evaluate(CARET) == ["teams:field:name", 0]
    await page.click('[data-hint="slack:submit"]')
    assert await page.locator(".field-error").all_inner_texts() == ["この項目は必須です。"] * 2
    assert await page.evaluate(CARET) == ["slack:field:name", 0]
    assert stand_in.acts == []
    await page.click('[data-hint="teams:cancel"]')
    assert [(act["title"], act["inputs"]) for act in stand_in.acts] == [("やめる", {})]


async def test_enter_sends_what_is_typed_and_not_what_is_suggested(stand_in: StandIn, opener: Opener) -> None:
    """募集 is a word of its own and the beginning of another; 募 is only a beginning."""
    stand_in.start["teams"]["commands"] = [{"words": ["募集"], "hint": "post"}, {"words": ["募集一覧"], "hint": "list"}]
    stand_in.put_teams({"id": "1794200000000", "text": "こんにちは"})
    page = await opener.open(stand_in.url)
    composer = page.locator('[data-hint="teams:composer"]')
    await composer.fill("募集")
    await composer.press("Enter")
    await composer.fill("募集")
    await composer.press("ArrowDown")
    await composer.press("Enter")
    assert await composer.input_value() == "募集一覧"
    await composer.fill("募")
    await composer.press("Tab")
    assert await composer.input_value() == "募集"
    await composer.press("Enter")
    await page.locator(".teams-foot").wait_for()
    assert [act["text"] for act in stand_in.acts] == ["募集", "募集"]


async def test_one_s_own_words_are_changed_in_their_place(stand_in: StandIn, opener: Opener) -> None:
    stand_in.put_slack({"ts": "1794200000.000100", "user": "U1", "name": "佐藤 彩", "bot": False, "text": "はじめ"})
    stand_in.put_teams({"id": "1794200000000", "from": "hr1", "name": "小林 恵子", "bot": False, "text": "はじめ"})
    page = await opener.open(stand_in.url)
    for platform in ("slack", "teams"):
        await page.locator(f".{platform} [data-message], .{platform} [data-ts]").first.hover()
        await page.click(f".{platform} .message-tools button[title=編集]")
        area = page.locator(f".{platform} .message-editor textarea")
        await area.fill("一行目")
        await area.press("Shift+Enter")
        await area.type("二行目")
        async with page.expect_response(f"**/api/{platform}/act"):
            await area.press("Enter")
        assert stand_in.acts[-1] | {"do": "edit", "text": "一行目\n二行目"} == stand_in.acts[-1]
        await page.click(f".{platform} .message-tools button[title=編集]")
        await area.press("Escape")
        assert await area.count() == 0
    assert len(stand_in.acts) == 2
