"""A gig from its post to its terms, played in a browser: desks, the work on a case, a new version, a commission."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import pytest
from playwright.async_api import Locator, Page, expect

import demo
from sandbox.page import PracticePage
from sandbox.story.script import SCRIPTS, Script
from tests.browser.test_access import no_serious_violation
from tests.browser.watched import DESKTOP, PHONE, Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")
DESK = {"ja": "人事総務", "en": "HR general"}
OTHER_DESK = {"ja": "経理", "en": "Finance"}
REWARD = {"ja": "月30万円", "en": "£2,800 a month"}
MEMO = {"ja": "部署に確認済みです。", "en": "The department has been asked."}
WHY = {"ja": "見積もり中のため", "en": "It is being estimated."}
SAID = {
    "ja": {
        "promised": "8営業時間以内",
        "first": "第1版",
        "second": "第2版",
        "reward": "報酬：{}",
        "interested": "ご興味あり",
        "waits": "興味ありとのお返事です。返信をお待ちです。",
        "desk": "窓口：{}",
        "due": "返信の期限",
        "assigned": "担当：{}",
        "note": "社内メモ（{}）",
        "snoozed": "保留中：",
        "answered": "返信済みです",
        "answer": "{}からのお返事",
        "closed": "このやりとりは終了しています",
        "reopened": "再開しました",
        "handed": "「{}」に引き継がれました",
        "chosen": "この方に決定し、取引条件を明示しています。",
        "given": "取引条件を明示しました：{}",
        "told": "ご担当をお願いすることになりました",
        "terms": "取引条件の明示",
        "open": "報酬の額：未定（理由：{}",
        "received": "「受け取りました」とのご連絡をいただいています",
        "paper": "書面でのお届けを承りました",
        "paper_page": "書面でのお届けのご希望がありました",
        "paper_desk": "書面でのご希望",
        "paper_sent": "にお送りしました",
        "filled": "【募集終了】",
    },
    "en": {
        "promised": "8 working hours",
        "first": "Version 1",
        "second": "Version 2",
        "reward": "Reward: {}",
        "interested": "You said that you are interested",
        "waits": "Interested. Waiting for an answer.",
        "desk": "Desk: {}",
        "due": "Answer by",
        "assigned": "Assigned to: {}",
        "note": "Internal note ({})",
        "snoozed": "Snoozed: until",
        "answered": "Answered.",
        "answer": "An answer from Eastbridge Instruments, {}",
        "closed": "This conversation is closed.",
        "reopened": "reopened",
        "handed": "Handed over to {}",
        "chosen": "This person was chosen and has been given the terms.",
        "given": "Terms given: {}",
        "told": "You have been chosen",
        "terms": "Your terms",
        "open": "Reward: Not fixed yet (reason: {}",
        "received": "You have said that you received this",
        "paper": "You asked for it on paper",
        "paper_page": "Asked for on paper",
        "paper_desk": "On paper: asked for",
        "paper_sent": "It was sent to you on paper",
        "filled": "[Filled]",
    },
}


class Work(NamedTuple):
    """One page on which HR works in Teams and the person in Slack: side by side, or one at a time on a phone."""

    page: Page
    locale: str
    size: tuple[int, int]

    @property
    def script(self) -> Script:
        return SCRIPTS[self.locale]

    @property
    def said(self) -> Mapping[str, str]:
        return SAID[self.locale]

    def words(self, texts: Mapping[str, str]) -> str:
        return texts[self.locale]

    async def turn_to(self, pane: str) -> None:
        """Look at that platform; on a wide page both are there already."""
        if self.size == PHONE:
            await self.page.locator(f'[data-hint="pane:{pane}"]').click()

    async def opens(self, part: str, conversation: str) -> None:
        """One of HR's conversations in Teams."""
        await self.page.locator(f'[data-hint="teams:{part}"]').click()
        await self.page.locator(".teams .list-entry", has_text=conversation).click()

    async def nothing_hangs_out(self) -> None:
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("locale", "size"), [("ja", DESKTOP), ("en", PHONE)], ids=("ja", "en-phone"))
async def test_hr_works_on_a_case_until_the_terms_are_received(
    opener: Opener, locale: str, size: tuple[int, int]
) -> None:
    """Two desks; a question in the thread of a gig and an interest; the gig is changed, and whoever answered reads how;
    the case is taken, noted, assigned, put off, answered, closed, reopened and handed over; then its person is chosen,
    and has the terms as a message, a page and a PDF."""
    async with PracticePage(partial(demo.world, locale, 12)) as served:
        page = await opener.open(served.url, size=size)
        work = Work(page, locale, size)
        await two_desks(work)
        offer = await a_gig_that_is_answered(work)
        await a_new_version(work, offer)
        await work_on_the_case(work)
        await the_terms(work, offer, opener)


async def two_desks(work: Work) -> None:
    page, script = work.page, work.script
    desk, other_desk = work.words(DESK), work.words(OTHER_DESK)
    teams = page.locator(".teams")
    await say(page, f"desk add {desk}")
    await press(page, "teams:desk.edit")
    await teams.locator('[data-input="hours"]').fill("8")
    await press(page, "teams:desk.edit")
    await expect(newest(page)).to_contain_text(work.said["promised"])
    await work.opens("teams", script.channel)
    await say(page, f"@Motokai desk add {other_desk}")
    await expect(newest(page)).to_contain_text(other_desk)
    await work.opens("chat", "Motokai")
    await say(page, "desk")
    await expect(newest(page)).to_contain_text(other_desk)


async def a_gig_that_is_answered(work: Work) -> Locator:
    """The offer in Slack, of which its reader says to be interested."""
    page, script, said = work.page, work.script, work.said
    await say(page, "post gig")
    await expect(newest(page).locator('[data-input="work"]')).to_be_visible()
    for name, text in script.gig.items():
        await newest(page).locator(f'[data-input="{name}"]').fill(text)
    await press(page, "teams:gig.post")
    offer = page.locator(".slack-main .message", has_text=script.gig["work"]).first
    await expect(offer).to_contain_text(said["first"])
    await work.turn_to("slack")
    await offer.locator('[data-hint="slack:gig.interested"]').click()
    await expect(offer).to_contain_text(said["interested"])
    await work.turn_to("teams")
    case = newest(page)
    await expect(case).to_contain_text(said["waits"])
    await expect(case).to_contain_text(said["desk"].format(work.words(DESK)))
    await expect(case).to_contain_text(said["due"])
    return offer


async def a_new_version(work: Work, offer: Locator) -> None:
    page, script, said, reward = work.page, work.script, work.said, work.words(REWARD)
    gig = page.locator(".teams .bubble", has=page.locator('[data-hint="teams:gig.filling"]'))
    gig = page.locator(f'.teams .bubble[data-key="{await gig.get_attribute("data-key")}"]')
    await gig.locator('[data-hint="teams:gig.post"]').click()
    await gig.locator('[data-input="reward"]').fill(reward)
    await gig.locator('[data-hint="teams:gig.post"]').click()
    for copy in (gig, offer):
        await expect(copy).to_contain_text(said["second"])
        await expect(copy).to_contain_text(said["reward"].format(reward))
    await work.turn_to("slack")
    await offer.locator('[data-hint="slack:thread"]').click()
    changed = said["reward"].format(f"{script.gig['reward']} → {reward}")
    await expect(page.locator(".slack-thread")).to_contain_text(changed)
    await work.nothing_hangs_out()
    await work.turn_to("teams")


async def work_on_the_case(work: Work) -> None:
    page, script, said = work.page, work.script, work.said
    desk, other_desk, memo = work.words(DESK), work.words(OTHER_DESK), work.words(MEMO)
    case = newest(page)
    await press(page, "teams:case.take")
    await expect(case).to_contain_text(said["assigned"].format(script.hr))
    await press(page, "teams:case.note")
    await case.locator('[data-input="text"]').fill(memo)
    await press(page, "teams:case.note")
    await expect(case).to_contain_text(said["note"].format(script.hr))
    await more(page, "teams:case.whom")
    await case.locator('[data-hint="teams:case.assign"]', has_text=script.colleague).click()
    await expect(case).to_contain_text(said["assigned"].format(script.colleague))
    await more(page, "teams:case.snooze")
    await expect(case).to_contain_text(said["snoozed"])
    await case.locator('[data-input="text"]').fill(script.answer)
    await press(page, "teams:case.answer")
    await expect(case).to_contain_text(said["answered"])
    thread = page.locator(".slack-thread")
    await expect(thread).to_contain_text(said["answer"].format(desk))
    await expect(thread).to_contain_text(script.answer)
    await expect(thread).not_to_contain_text(memo)
    await press(page, "teams:case.close")
    await expect(case).to_contain_text(said["closed"])
    await press(page, "teams:case.reopen")
    await expect(case).to_contain_text(said["reopened"])
    await work.nothing_hangs_out()
    await no_serious_violation(page, "a case with its thread")
    await more(page, "teams:case.where")
    await case.locator('[data-hint="teams:case.hand_over"]', has_text=other_desk).click()
    await expect(case).to_contain_text(said["handed"].format(other_desk))
    await work.opens("teams", script.channel)
    await expect(newest(page)).to_contain_text(said["desk"].format(other_desk))
    await expect(newest(page)).to_contain_text(memo)


async def the_terms(work: Work, offer: Locator, opener: Opener) -> None:
    page, script, said = work.page, work.script, work.said
    reward, why = work.words(REWARD), work.words(WHY)
    await press(page, "teams:gig.choose")
    form = newest(page)
    await expect(form.locator('[data-input="reward"]')).to_have_value(reward)
    await form.locator('[data-input="reward"]').fill("")
    await press(page, "teams:gig.choose")
    await form.locator('[data-input="why_reward"]').fill(why)
    await form.locator('[data-input="until_reward"]').fill("2099-01-31")
    await press(page, "teams:gig.choose")
    await expect(form).to_contain_text(said["chosen"])
    await work.opens("chat", "Motokai")
    await expect(newest(page)).to_contain_text(said["given"].format(script.gig["title"]))
    await expect(offer).to_contain_text(said["told"])

    await work.turn_to("slack")
    await page.locator(".slack-thread .slack-head button").click()
    notice = page.locator(".slack-main .message", has_text=said["terms"])
    await expect(notice).to_contain_text(said["open"].format(why))
    await notice.locator('[data-hint="slack:commission.received"]').click()
    await expect(notice).to_contain_text(said["received"])
    await notice.locator('[data-hint="slack:commission.paper"]').click()
    await expect(notice).to_contain_text(said["paper"])

    await work.nothing_hangs_out()
    address, pdf = [str(await link.get_attribute("href")) for link in await notice.locator("a").all()]
    terms = await opener.open(address, size=work.size, ready="main")
    await expect(terms.locator("main")).to_contain_text(why)
    await expect(terms.locator("main")).to_contain_text(said["paper_page"])
    await work._replace(page=terms).nothing_hangs_out()
    await no_serious_violation(terms, "the page with the terms")
    printed = await terms.request.get(pdf)
    assert (await printed.body()).startswith(b"%PDF-") and "terms-1-1.pdf" in printed.headers["content-disposition"]

    await expect(newest(page)).to_contain_text(said["paper_desk"])
    await work.turn_to("teams")
    await press(page, "teams:commission.paper.sent")
    await expect(notice).to_contain_text(said["paper_sent"])
    await press(page, "teams:gig.filling")
    await press(page, "teams:gig.fill")
    await expect(offer).to_contain_text(said["filled"])


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
