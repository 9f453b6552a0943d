"""The yearly evening, played in a browser: invitations, a rush for the seats, a waitlist that moves up, another time,
three reminders. `make chaos` plays it with 370 people and 120 seats."""

from functools import partial
from typing import NamedTuple

import pytest
from playwright.async_api import Page, expect

import demo
from sandbox.page import PracticePage
from sandbox.people import PracticePerson
from sandbox.story import Stage
from tests.browser.test_access import no_serious_violation
from tests.browser.test_case_work import newest, press, say
from tests.browser.watched import DESKTOP, PHONE, Opener
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
SAID = {
    "ja": {
        "invited": "イベントのご案内です",
        "taken": "ご参加を承りました",
        "waiting": "キャンセル待ち",
        "full": "ただいま満席です",
        "moved_up": "お席が空きました",
        "near": "ご参加予定のイベントが近づいてまいりました",
    },
    "en": {
        "invited": "An event for alumni of",
        "taken": "You have a seat",
        "waiting": "on the waiting list",
        "full": "All seats are taken",
        "moved_up": "a seat has become free",
        "near": "An event that you are going to is coming up",
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
        await self.page.locator('[data-hint="controls"]').click()
        for number in (1, 2, 3):
            for _ in range(60):
                await self.page.locator('[data-hint="tools.next"]').click()
                if await self.reminded() >= number * self.size.seats:
                    break
            await expect(near).to_have_count(number)
        await self.page.locator('[data-hint="controls"]').click()

    async def reminded(self) -> int:
        await self.served.world.backstage.catch_up()
        said = self.stage.slack.workspace.messages
        return len([m for m in said if self.said["near"] in m.words])

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
        await evening.page.close()  # before what it listens to is gone
