"""The yearly evening, played in a browser: invitations, a rush for the seats, a waitlist that moves up, another time,
three reminders, the reception on a phone, the morning after. `make chaos` plays it with 370 people and 120 seats."""

import asyncio
from functools import partial
from typing import NamedTuple

import pytest
from playwright.async_api import Locator, Page, expect

import demo
from sandbox.page import PracticePage
from sandbox.people import PracticePerson
from sandbox.story import Stage
from tests.browser.test_access import no_serious_violation
from tests.browser.test_case_work import newest, press, say
from tests.browser.watched import DESKTOP, PATIENCE, PHONE, Opener, look
from tests.conftest import button

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Size(NamedTuple):
    people: int
    seats: int
    wanted: int


SMALL, FULL = Size(14, 6, 9), Size(370, 120, 130)
TITLE = {"ja": "アルムナイの夕べ", "en": "Alumni evening"}
WORDS = {
    "ja": "年に一度の交流会です。本社1階の食堂にて、軽食とお飲み物をご用意してお待ちしております。",
    "en": "Our yearly evening, with food and drinks in the canteen on the ground floor.",
}
PLACE = {"ja": "本社1階 食堂", "en": "Head office, canteen"}
PRAISE = {
    "ja": ("久しぶりに懐かしい方々とお話しでき、とても楽しい時間でした。", "ぜひ来年も参加したいです。"),
    "en": ("So good to see everybody again.", "I would come again next year."),
}
SAID = {
    "ja": {
        "invited": "イベントのご案内です",
        "taken": "ご参加を承りました",
        "waiting": "キャンセル待ち",
        "full": "ただいま満席です",
        "moved_up": "お席が空きました",
        "near": "ご参加予定のイベントが近づいてまいりました",
        "check_in": "受付する",
        "checked_in": "様の受付が済みました",
        "offline": "通信できません",
        "thanks": "ご参加いただき、誠にありがとうございました",
        "given": "ご感想を承りました",
        "came": "来場：{came}名／参加予定 {seats}名",
        "average": "満足度の平均：5点満点中 4.5（回答 2件）",
    },
    "en": {
        "invited": "An event for alumni of",
        "taken": "You have a seat",
        "waiting": "on the waiting list",
        "full": "All seats are taken",
        "moved_up": "a seat has become free",
        "near": "An event that you are going to is coming up",
        "check_in": "Check in",
        "checked_in": "is checked in.",
        "offline": "No connection",
        "thanks": "Thank you for coming to",
        "given": "we have your answer",
        "came": "Came: {came} of {seats} expected",
        "average": "Average: 4.5 of 5 (answers: 2)",
    },
}


class Evening:
    """One page in which HR and the alumni are played in turn."""

    def __init__(self, served: PracticePage, page: Page, locale: str, size: Size) -> None:
        self.served, self.page, self.size = served, page, size
        self.locale, self.said = locale, SAID[locale]
        self.offers = page.locator(".slack-main .message", has_text=WORDS[locale])

    @property
    def stage(self) -> Stage:
        return self.served.world.stage

    @property
    def guests(self) -> list[PracticePerson]:
        return [person for person in self.stage.people if person != self.stage.leads.newcomer]

    async def is_announced(self) -> None:
        page, day = self.page, self.served.world.clock.now().replace(day=1)
        day = day.replace(year=day.year + 1, month=6, day=12)
        await say(page, "create event")
        given = {"title": TITLE, "words": WORDS, "place": PLACE}
        for name, texts in given.items():
            await newest(page).locator(f'[data-input="{name}"]').fill(texts[self.locale])
        more = {"day": f"{day:%Y-%m-%d}", "starts": "19:00", "ends": "21:00", "capacity": str(self.size.seats)}
        for name, text in more.items():
            await newest(page).locator(f'[data-input="{name}"]').fill(text)
        await press(page, "teams:event.create")
        await expect(newest(page).locator('[data-hint="teams:event.publish"]')).to_be_visible()
        await press(page, "teams:event.publish")
        await expect(newest(page).locator('[data-hint="teams:event.cancel"]')).to_be_visible()
        await expect(self.offers.first).to_contain_text(self.said["invited"])

    async def fills_up(self) -> None:
        """Two sign up by hand, one as the last of all; the others over the practice Slack."""
        first, *others, last = self.guests[: self.size.wanted]
        assert first == self.stage.leads.asks
        await self.offers.first.locator('[data-hint="slack:event.going"]').click()
        await expect(self.offers.first).to_contain_text(self.said["taken"])
        for person in others:
            await self.answers(person, "event.going")
        await self.becomes(last)
        await expect(self.offers.first).to_contain_text(self.said["full"])
        await self.offers.first.locator('[data-hint="slack:event.going"]').click()
        await expect(self.offers.first).to_contain_text(self.said["waiting"])
        await expect(newest(self.page)).to_contain_text(str(self.size.wanted - self.size.seats))

    async def answers(self, person: PracticePerson, verb: str) -> None:
        alumnus = self.stage.slack.as_user(person.slack_id)
        offer = await self.stage.slack.until(
            lambda w: next((m for m in w.bot_messages_to(person.slack_id) if verb in str(m.blocks)), None)
        )
        assert offer is not None
        assert (await alumnus.press(offer, button(offer, verb))).ok

    async def moves_up(self) -> None:
        """Somebody with a seat takes it back, and the first who waits confirms."""
        await self.becomes(self.guests[1])
        await self.offers.first.locator('[data-hint="slack:event.no"]').click()
        await self.becomes(self.guests[self.size.seats])
        notice = self.page.locator(".slack .message", has_text=self.said["moved_up"])
        await self.opens_thread()
        await notice.locator('[data-hint="slack:event.confirm"]').last.click()
        await expect(self.offers.first).to_contain_text(self.said["taken"])

    async def begins_earlier(self) -> None:
        desk = newest(self.page)
        await desk.locator('[data-hint="teams:event.create"]').click()
        await desk.locator('[data-input="starts"]').fill("18:30")
        await desk.locator('[data-hint="teams:event.create"]').click()
        await expect(desk).to_contain_text("18:30")
        await expect(self.offers.first).to_contain_text("18:30")
        await expect(self.page.locator(".slack-thread")).to_contain_text("19:00 → ")

    async def is_near(self) -> None:
        """The clock goes on from one thing that is due to the next: everybody with a seat is reminded three times."""
        near = self.page.locator(".slack-main .message", has_text=self.said["near"])
        for number in (1, 2, 3):
            await self.goes_on_until(self.said["near"], number * self.size.seats)
            await expect(near).to_have_count(number)

    async def goes_on_until(self, words: str, many: int) -> None:
        """Until so many messages have these words."""
        await self.page.locator('[data-hint="controls"]').click()
        for _ in range(5 * self.size.people):
            if await self.told(words) >= many:
                break
            async with self.page.expect_response("**/api/clock"):
                await self.page.locator('[data-hint="tools.next"]').click()
            await self.is_sent()
        await self.page.locator('[data-hint="controls"]').click()

    async def is_sent(self) -> None:
        """Returns when nothing waits to be sent, and the page says so."""
        async with asyncio.timeout(PATIENCE / 1000):
            while await self.served.world.backstage.waiting():  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)
        await expect(self.page.locator("#top .waiting")).to_have_count(0)

    async def told(self, words: str) -> int:
        """How many have a message with these words."""
        await self.served.world.backstage.catch_up()
        return len([m for m in self.stage.slack.workspace.messages if words in m.words])

    async def is_received(self, opener: Opener) -> None:
        """The desk's page on a phone: two by name, one by the code on their phone, the others without a network. The
        one who signed up as the last does not come."""
        desk = await self.opens_desk(opener)
        first = self.guests[0]
        await self.becomes(first)
        reminder = self.page.locator(".slack-main .message", has_text=self.said["near"]).last
        ticket = str(await reminder.locator('a[href*="/tickets/"]').get_attribute("href"))
        await look(await opener.open(f"{ticket}?lang={self.locale}", size=PHONE, ready="main"), f"ticket-{self.locale}")

        for person in (self.guests[2], self.guests[3]):
            await desk.locator("#search").fill(person.name)
            await desk.get_by_role("button", name=f"{self.said['check_in']} {person.name}").click()
        await desk.evaluate("url => scanned(url)", ticket)
        await expect(desk.locator("#told")).to_contain_text(self.said["checked_in"])
        await expect(desk.locator(".came")).to_have_count(3)

        opener.forgiven.append("ERR_INTERNET_DISCONNECTED")
        await desk.context.set_offline(True)
        expected = desk.locator("#guests li:not(.came):not(:has(.hint)) button")
        for _ in range(self.size.seats - 4):
            await expected.first.click()
        await expect(desk.locator("#queue")).to_contain_text(self.said["offline"])
        await look(desk, f"desk-offline-{self.locale}")
        await desk.context.set_offline(False)
        await expect(desk.locator("#queue")).to_be_hidden()
        await expect(desk.locator(".came")).to_have_count(self.size.seats - 1)
        assert await desk.evaluate("localStorage.length") == 0
        await look(desk, f"desk-{self.locale}")
        await desk.close()

    async def opens_desk(self, opener: Opener) -> Page:
        """By the link on the card that HR has for the event."""
        await newest(self.page).locator('[data-hint="teams:event.reception"]').click()
        links = newest(self.page).locator('a[href*="/reception/"]')
        await expect(links).to_have_count(2)
        guests, desk = [str(await link.get_attribute("href")) for link in await links.all()]
        listed = await opener.open(guests, size=PHONE, ready="main")
        await expect(listed.locator("tbody tr:not(.row)")).to_have_count(self.size.wanted - 1)
        await look(listed, f"list-{self.locale}")
        page = await opener.open(desk, size=PHONE, ready="#desk[data-ready]")
        await no_serious_violation(page, "the desk")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        return page

    async def is_over(self) -> None:
        """On the next morning everybody who came is thanked, and two say how it was."""
        await self.goes_on_until(self.said["thanks"], self.size.seats - 1)
        assert await self.told(self.said["thanks"]) == self.size.seats - 1
        for person, score, words in zip((self.guests[0], self.guests[2]), "54", PRAISE[self.locale], strict=True):
            await self.praises(person, score, words)

    async def praises(self, person: PracticePerson, score: str, words: str) -> None:
        await self.becomes(person)
        thanks = self.page.locator(".slack-main .message", has_text=self.said["thanks"])
        await thanks.locator('[data-hint="slack:event.feedback"]').click()
        modal = self.page.locator(".slack .modal")
        await modal.locator("select").select_option(score)
        await modal.locator("textarea").fill(words)
        await look(self.page, f"feedback-form-{self.locale}", whole=False)
        await modal.locator('[data-hint="slack:submit"]').click()
        await expect(modal).to_contain_text(self.said["given"])
        await modal.locator('[data-hint="slack:done"]').click()

    async def is_looked_back_on(self) -> None:
        """HR looks at who came, with its picture, and at what they say."""
        await self.asks("event.reception")
        card = await self.asks("event.attendance")
        chart = card.locator("img.card-image")
        await expect(chart).to_be_visible()
        await self.page.wait_for_function("document.querySelector('img.card-image').naturalWidth > 0")
        counts = self.said["came"].format(came=self.size.seats - 1, seats=self.size.seats)
        await expect(card).to_contain_text(counts)
        await self.fits_a_phone("attendance")
        await self.asks("event.reception")
        card = await self.asks("event.results")
        for words in (self.said["average"], *PRAISE[self.locale]):
            await expect(card).to_contain_text(words)
        await look(self.page, f"feedback-{self.locale}-1280", whole=False)

    async def asks(self, verb: str) -> Locator:
        """HR presses it on the newest card; returns what comes."""
        card = newest(self.page)
        await card.locator(f'[data-hint="teams:{verb}"]').click()
        return card

    async def becomes(self, person: PracticePerson) -> None:
        await self.page.locator('[data-hint="slack:person"]').click()
        await self.page.locator(".slack .switcher-search").fill(person.name)
        await self.page.keyboard.press("Enter")
        await expect(self.offers.first).to_be_visible()

    async def opens_thread(self) -> None:
        await self.offers.first.locator('[data-hint="slack:thread"]').click()
        await expect(self.page.locator(".slack-thread")).to_be_visible()

    async def fits_a_phone(self, what: str) -> None:
        """Nothing hangs out of the page, and nobody is shut out of it."""
        for width, height in (PHONE, DESKTOP):
            await self.page.set_viewport_size({"width": width, "height": height})
            await look(self.page, f"{what}-{self.locale}-{width}", whole=False)
            assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{what} at {width}"
            await no_serious_violation(self.page, f"{what} at {width}")


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.timeout(900)
async def test_the_yearly_evening(opener: Opener, request: pytest.FixtureRequest, locale: str) -> None:
    size = FULL if request.config.getoption("--full") else SMALL
    async with PracticePage(partial(demo.world, locale, size.people)) as served:
        evening = Evening(served, await opener.open(served.url), locale, size)
        await evening.is_announced()
        await evening.fills_up()
        await evening.moves_up()
        await evening.begins_earlier()
        await evening.fits_a_phone("a moved event, with its thread")
        await evening.is_near()
        await evening.fits_a_phone("reminders")
        await evening.is_received(opener)
        await evening.is_over()
        await evening.is_looked_back_on()
        await evening.page.close()  # before what it listens to is gone
