"""A leaver's path through the practice page and the account page: invited in Teams, confirmed on a phone, joined and
found in Slack, and erased again."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

import demo
from sandbox.page import PracticePage
from sandbox.people import PracticePerson
from tests.browser.watched import PHONE, Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")
TOKYO = ZoneInfo("Asia/Tokyo")
FORMER = "三条"
RECEIPT = re.compile(r"E-[A-Z0-9]{4}-[A-Z0-9]{4}")
WAYS = ("渡辺 千夏", "わたなべ", "ﾜﾀﾅﾍﾞ ﾁﾅﾂ", "watanabe", "渡邊 千夏", "三条 千夏", "千夏 部署:品質保証")


@pytest_asyncio.fixture(loop_scope="session")
async def served() -> AsyncIterator[PracticePage]:
    async with PracticePage(partial(demo.world, "ja", 12)) as page:
        yield page


async def test_a_leaver_is_invited_confirms_joins_is_found_and_is_erased(served: PracticePage, opener: Opener) -> None:
    stage, page = served.world.stage, await opener.open(served.url)
    leaver, finder = stage.leads.newcomer, stage.leads.asks
    yesterday = served.world.clock.now().astimezone(TOKYO) - timedelta(days=1)
    await offboard(page, leaver, f"{yesterday:%Y-%m-%d}")

    await page.locator('[data-hint="mail"]').click()
    letter = page.locator("#drawer .letter").first
    await letter.locator("summary").click()
    link = await letter.locator("a").first.get_attribute("href")
    assert link is not None
    await page.locator('[data-hint="mail"]').click()
    code = await confirm(opener, link)

    await become(page, leaver)
    await write(page, f"/alumni join {code}")
    await expect(page.locator(".slack .message", has_text="ようこそ")).to_be_visible()

    await become(page, finder)
    for words in WAYS:
        await expect(await found(page, words)).to_contain_text(leaver.name)

    await become(page, leaver)
    await write(page, "プライバシー")
    await page.locator('.slack [data-hint="slack:privacy.erase"]').last.click()
    await page.locator('.slack [data-hint="slack:privacy.erase.confirm"]').last.click()
    await expect(page.locator(".slack .message", has_text=RECEIPT)).to_be_visible()
    kept = page.locator(".slack .message:not(.is-ephemeral)", has_text=leaver.email)
    await expect(kept).to_have_count(0)

    await become(page, finder)
    for words in WAYS:
        await expect(await found(page, words)).not_to_contain_text(f"{leaver.name}様")


async def offboard(page: Page, leaver: PracticePerson, last_day: str) -> None:
    await page.locator('[data-hint="teams:composer"]').fill("退職手続き")
    await page.keyboard.press("Enter")
    given = {
        "name": leaver.name,
        "reading": leaver.kana,
        "former_surname": FORMER,
        "employee_number": "A1024",
        "departments": "品質保証部",
        "joined_year": "2017",
        "last_day": last_day,
        "email": leaver.email,
    }
    for name, value in given.items():
        await page.locator(f'.teams [data-input="{name}"]').last.fill(value)
    await page.locator('.teams [data-hint="teams:offboard"]').last.click()
    await expect(page.locator('[data-hint="mail"] .badge')).to_be_visible()


async def confirm(opener: Opener, link: str) -> str:
    """What the leaver does on a phone without scripts; the code that the page shows at the end."""
    width, height = PHONE
    context = await opener.browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=False, locale="ja-JP"
    )
    try:
        phone = await context.new_page()
        await phone.goto(link)
        assert await phone.locator("#romaji").input_value() != "", "proposed from the kana"
        for purpose in ("contact", "directory", "gigs"):
            await phone.check(f'input[name="consent"][value="{purpose}"]')
        await phone.click('.send button[value="save"]')
        shown = await phone.inner_text("main")
    finally:
        await context.close()
    code = re.search(r"/alumni join (\S+)", shown)
    assert code, shown
    return code[1]


async def become(page: Page, person: PracticePerson) -> None:
    await page.locator('[data-hint="slack:person"]').click()
    await page.locator(".slack .switcher-search").fill(person.name)
    await page.keyboard.press("Enter")
    # The name changes at once, what they see when it has come.
    await expect(page.locator('[data-hint="slack:person"]')).to_contain_text(person.name)
    await expect(page.locator('.slack[aria-busy="true"]')).to_have_count(0)


async def write(page: Page, text: str) -> None:
    await page.locator('[data-hint="slack:composer"]').fill(text)
    await page.keyboard.press("Enter")


async def found(page: Page, words: str) -> Locator:
    """The answer to this look-up."""
    answers = page.locator(".slack .message.is-ephemeral")
    before = await answers.count()
    await write(page, f"/alumni 検索 {words}")
    await expect(answers).to_have_count(before + 1)
    return answers.last
