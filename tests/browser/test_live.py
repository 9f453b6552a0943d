"""The page stays live: it shows what changed, finds its way back, and marks what nobody has read."""

import pytest

from tests.browser.stand_in import StandIn
from tests.browser.watched import PHONE, Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_lost_line_is_said_and_found_again(stand_in: StandIn, opener: Opener) -> None:
    page = await opener.open(stand_in.url)
    opener.forgiven += ["net::ERR"]
    await stand_in.hang_up()
    await page.locator("#line", has_text="再接続").wait_for()
    stand_in.put_slack({"ts": "1794200000.000100", "text": "切れている間に届いた"})
    await page.locator(".slack-list", has_text="切れている間に届いた").wait_for()
    await page.locator("#line").wait_for(state="hidden")
    stand_in.put_teams({"id": "1794200000000", "text": "つながってから届いた"})
    await stand_in.changed("teams")
    await page.locator(".teams-list", has_text="つながってから届いた").wait_for()


async def test_messages_elsewhere_are_marked_until_they_are_looked_at(stand_in: StandIn, opener: Opener) -> None:
    channel = {"id": "C1", "kind": "channel", "name": "random", "messages": []}
    stand_in.put_slack({"ts": "1794200000.000100", "text": "お知らせ"})
    stand_in.slack["conversations"].append(channel)
    page = await opener.open(stand_in.url)
    assert await page.locator(".slack-side .badge").count() == 0
    said = {
        "ts": "1794200100.000100",
        "user": "U2",
        "name": "鈴木",
        "bot": False,
        "text": "こんにちは",
        "thread_ts": None,
    }
    channel["messages"] = [said]
    await stand_in.changed("slack")
    await page.locator(".side-entry.is-unread", has_text="random").wait_for()
    await page.click(".side-entry >> text=random")
    assert await page.locator(".slack-side .badge").count() == 0


async def test_on_a_phone_one_pane_is_shown_and_the_other_marked(stand_in: StandIn, opener: Opener) -> None:
    page = await opener.open(stand_in.url, size=PHONE)
    assert await page.locator(".teams").is_visible()
    assert not await page.locator(".slack").is_visible()
    stand_in.put_slack({"ts": "1794200000.000100", "text": "最初のお知らせ"})
    await stand_in.changed("slack")
    await page.locator('[data-hint="pane:slack"] .badge').wait_for()
    await page.click('[data-hint="pane:slack"]')
    assert await page.locator(".slack").is_visible()
    assert await page.locator('[data-hint="pane:slack"] .badge').count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_people_are_found_by_name_kana_and_note(stand_in: StandIn, opener: Opener) -> None:
    people = [{"id": f"U{n}", "name": f"山田 {n}", "kana": f"ヤマダ {n}", "note": "経理部"} for n in range(368)]
    sought = {"id": "USATO", "name": "佐藤 彩", "kana": "サトウ アヤ", "note": "品質管理部 旧姓 高橋"}
    stand_in.start["slack"] |= {"people": [*people, sought], "me": "U0"}
    page = await opener.open(stand_in.url)
    for words in ("佐藤", "さとう", "ｻﾄｳ", "高橋", "品質 彩"):
        await page.click('[data-hint="slack:person"]')
        await page.fill(".slack .switcher-search", words)
        assert await page.locator(".slack .switcher-one b").all_inner_texts() == ["佐藤 彩"], words
        await page.keyboard.press("Escape")
    await page.click('[data-hint="slack:person"]')
    await page.fill(".slack .switcher-search", "さとう")
    async with page.expect_request("**/api/slack?as=USATO"):
        await page.keyboard.press("Enter")
    assert "佐藤 彩" in await page.locator('[data-hint="slack:person"]').inner_text()


async def test_the_theme_follows_the_system_until_somebody_chooses(stand_in: StandIn, opener: Opener) -> None:
    page = await opener.open(stand_in.url, theme="dark")
    await page.wait_for_selector("[data-theme=dark]")
    await page.emulate_media(color_scheme="light")
    await page.wait_for_selector("[data-theme=light]")
    await page.click('[data-hint="theme"]')
    await page.reload()
    await page.wait_for_selector("body[data-ready]")
    await page.wait_for_selector("[data-theme=dark]")


async def test_the_page_remembers_who_one_was_and_the_language(stand_in: StandIn, opener: Opener) -> None:
    stand_in.start["slack"]["people"].append({"id": "U2", "name": "鈴木 匠", "kana": "スズキ タクミ", "note": ""})
    page = await opener.open(stand_in.url)
    await page.click('[data-hint="slack:person"]')
    await page.fill(".slack .switcher-search", "鈴木")
    await page.keyboard.press("Enter")
    await page.click('[data-hint="language"]')
    await page.reload()
    await page.wait_for_selector("body[data-ready]")
    assert "鈴木 匠" in await page.locator('[data-hint="slack:person"]').inner_text()
    assert await page.evaluate("document.documentElement.lang") == "en"
    stand_in.start["slack"]["people"].pop()
    await page.reload()
    await page.wait_for_selector("body[data-ready]")
    assert "佐藤 彩" in await page.locator('[data-hint="slack:person"]').inner_text(), "who is gone is not remembered"
