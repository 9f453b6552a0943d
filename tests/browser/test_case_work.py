"""A gig from its post to its terms, played in a browser: desks, the work on a case, a new version, a commission."""

from functools import partial

import pytest
from playwright.async_api import Locator, Page, expect

import demo
from sandbox.page import PracticePage
from sandbox.story.script import SCRIPTS
from tests.browser.test_access import no_serious_violation
from tests.browser.watched import Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCRIPT = SCRIPTS["ja"]
DESK, OTHER_DESK = "人事総務", "経理"
REWARD, MEMO, WHY = "月30万円", "部署に確認済みです。", "見積もり中のため"


async def test_hr_works_on_a_case_until_the_terms_are_received(opener: Opener) -> None:
    """Two desks; a question in the thread of a gig and an interest; the gig is changed, and whoever answered reads how;
    the case is taken, noted, assigned, put off, answered, closed, reopened and handed over; then its person is chosen,
    and has the terms as a message, a page and a PDF."""
    async with PracticePage(partial(demo.world, "ja", 12)) as served:
        page = await opener.open(served.url)
        await two_desks(page)
        offer = await a_gig_that_is_answered(page)
        await a_new_version(page, offer)
        await work_on_the_case(page, offer)
        await the_terms(page, offer, opener)


async def two_desks(page: Page) -> None:
    teams = page.locator(".teams")
    await say(page, f"desk add {DESK}")
    await press(page, "teams:desk.edit")
    await teams.locator('[data-input="hours"]').fill("8")
    await press(page, "teams:desk.edit")
    await expect(newest(page)).to_contain_text("8営業時間以内")
    await teams.locator('[data-hint="teams:teams"]').click()
    await teams.locator(".list-entry", has_text=SCRIPT.channel).click()
    await say(page, f"@Motokai desk add {OTHER_DESK}")
    await expect(newest(page)).to_contain_text(OTHER_DESK)
    await teams.locator('[data-hint="teams:chat"]').click()
    await say(page, "desk")
    await expect(newest(page)).to_contain_text(f"{OTHER_DESK}（Teams）")


async def a_gig_that_is_answered(page: Page) -> Locator:
    """The offer in Slack, of which its reader says to be interested."""
    await say(page, "post gig")
    await expect(newest(page).locator('[data-input="work"]')).to_be_visible()
    for name, text in SCRIPT.gig.items():
        await newest(page).locator(f'[data-input="{name}"]').fill(text)
    await press(page, "teams:gig.post")
    offer = page.locator(".slack-main .message", has_text=SCRIPT.gig["work"]).first
    await expect(offer).to_contain_text("第1版")
    await offer.locator('[data-hint="slack:gig.interested"]').click()
    await expect(offer).to_contain_text("ご興味あり")
    case = newest(page)
    await expect(case).to_contain_text("興味ありとのお返事です。返信をお待ちです。")
    await expect(case).to_contain_text(f"窓口：{DESK}")
    await expect(case).to_contain_text("返信の期限")
    return offer


async def a_new_version(page: Page, offer: Locator) -> None:
    gig = page.locator(".teams .bubble", has=page.locator('[data-hint="teams:gig.filling"]'))
    gig = page.locator(f'.teams .bubble[data-key="{await gig.get_attribute("data-key")}"]')
    await gig.locator('[data-hint="teams:gig.post"]').click()
    await gig.locator('[data-input="reward"]').fill(REWARD)
    await gig.locator('[data-hint="teams:gig.post"]').click()
    for copy in (gig, offer):
        await expect(copy).to_contain_text("第2版")
        await expect(copy).to_contain_text(f"報酬：{REWARD}")
    await offer.locator('[data-hint="slack:thread"]').click()
    await expect(page.locator(".slack-thread")).to_contain_text(f"報酬：{SCRIPT.gig['reward']} → {REWARD}")


async def work_on_the_case(page: Page, offer: Locator) -> None:
    case = newest(page)
    await press(page, "teams:case.take")
    await expect(case).to_contain_text(f"担当：{SCRIPT.hr}")
    await press(page, "teams:case.note")
    await case.locator('[data-input="text"]').fill(MEMO)
    await press(page, "teams:case.note")
    await expect(case).to_contain_text(f"社内メモ（{SCRIPT.hr}）")
    await more(page, "teams:case.whom")
    await case.locator('[data-hint="teams:case.assign"]', has_text=SCRIPT.colleague).click()
    await expect(case).to_contain_text(f"担当：{SCRIPT.colleague}")
    await more(page, "teams:case.snooze")
    await expect(case).to_contain_text("保留中：")
    await case.locator('[data-input="text"]').fill(SCRIPT.answer)
    await press(page, "teams:case.answer")
    await expect(case).to_contain_text("返信済みです")
    thread = page.locator(".slack-thread")
    await expect(thread).to_contain_text(f"{DESK}からのお返事")
    await expect(thread).to_contain_text(SCRIPT.answer)
    await expect(thread).not_to_contain_text(MEMO)
    await press(page, "teams:case.close")
    await expect(case).to_contain_text("このやりとりは終了しています")
    await press(page, "teams:case.reopen")
    await expect(case).to_contain_text("再開しました")
    await no_serious_violation(page, "a case with its thread")
    await more(page, "teams:case.where")
    await case.locator('[data-hint="teams:case.hand_over"]', has_text=OTHER_DESK).click()
    await expect(case).to_contain_text(f"「{OTHER_DESK}」に引き継がれました")
    await page.locator('[data-hint="teams:teams"]').click()
    await page.locator(".teams .list-entry", has_text=SCRIPT.channel).click()
    await expect(newest(page)).to_contain_text(f"窓口：{OTHER_DESK}")
    await expect(newest(page)).to_contain_text(MEMO)


async def the_terms(page: Page, offer: Locator, opener: Opener) -> None:
    await press(page, "teams:gig.choose")
    form = newest(page)
    await expect(form.locator('[data-input="reward"]')).to_have_value(REWARD)
    await form.locator('[data-input="reward"]').fill("")
    await press(page, "teams:gig.choose")
    await form.locator('[data-input="why_reward"]').fill(WHY)
    await form.locator('[data-input="until_reward"]').fill("2099-01-31")
    await press(page, "teams:gig.choose")
    await expect(form).to_contain_text("この方に決定し、取引条件を明示しています。")
    await page.locator('[data-hint="teams:chat"]').click()
    await expect(newest(page)).to_contain_text(f"取引条件を明示しました：{SCRIPT.gig['title']}")
    await expect(offer).to_contain_text("ご担当をお願いすることになりました")

    await page.locator(".slack-thread .slack-head button").click()
    notice = page.locator(".slack-main .message", has_text="取引条件の明示")
    await expect(notice).to_contain_text(f"報酬の額：未定（理由：{WHY}")
    await notice.locator('[data-hint="slack:commission.received"]').click()
    await expect(notice).to_contain_text("「受け取りました」とのご連絡をいただいています")
    await notice.locator('[data-hint="slack:commission.paper"]').click()
    await expect(notice).to_contain_text("書面でのお届けを承りました")

    address, pdf = [str(await link.get_attribute("href")) for link in await notice.locator("a").all()]
    terms = await opener.open(address, ready="main")
    await expect(terms.locator("main")).to_contain_text(WHY)
    await expect(terms.locator("main")).to_contain_text("書面でのお届けのご希望がありました")
    await no_serious_violation(terms, "the page with the terms")
    printed = await terms.request.get(pdf)
    assert (await printed.body()).startswith(b"%PDF-") and "terms-1-1.pdf" in printed.headers["content-disposition"]

    await expect(newest(page)).to_contain_text("書面でのご希望")
    await press(page, "teams:commission.paper.sent")
    await expect(notice).to_contain_text("にお送りしました")
    await press(page, "teams:gig.filling")
    await press(page, "teams:gig.fill")
    await expect(offer).to_contain_text("【募集終了】")


def newest(page: Page) -> Locator:
    """The last card that HR has there, whatever it shows by now."""
    return page.locator(".teams .bubble.has-card").last


async def say(page: Page, text: str) -> None:
    """HR types it; returns when its answer is there."""
    cards = page.locator(".teams .bubble.has-card")
    await page.locator('[data-hint="teams:composer"]').fill(text)
    before = await cards.count()
    await page.keyboard.press("Enter")
    await expect(cards).to_have_count(before + 1)


async def press(page: Page, hint: str) -> None:
    await newest(page).locator(f'[data-hint="{hint}"]').last.click()


async def more(page: Page, hint: str) -> None:
    """What stands behind the card's "others"."""
    await press(page, "teams:case.more")
    await newest(page).locator(f'[data-hint="{hint}"]').first.click()
