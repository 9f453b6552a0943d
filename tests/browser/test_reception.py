"""The reception's page on a phone: two desks, and the network gone for a while."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from adapters.service import Service
from adapters.settings import Settings
from bot import clock, codes, companies, receptions, tickets
from bot.scene import Scene
from storage import migrate, people
from storage.tables import Person, PersonState, Role, Rsvp, Seat
from tests.bot.gatherings import answer, event
from tests.browser.test_access import no_serious_violation
from tests.browser.watched import PHONE, Opener, look

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = (
    ("阿部 一", "あべ はじめ"),
    ("伊藤 二葉", "いとう ふたば"),
    ("佐藤 美咲", "さとう みさき"),
    ('山田 太郎 <img src=x onerror="alert(1)">', "やまだ たろう"),
    ("Smith John", ""),
)
PUBLIC_URL = "https://alumni.example.com"


class Evening:
    """The running product, and an event to which NAMES have signed up."""

    def __init__(self, service: Service, company_id: int) -> None:
        self.service, self.company_id = service, company_id
        now = clock.now()
        with service.database.company(company_id) as session:
            host = Person(name="人事 一郎", role=Role.HR, state=PersonState.ACTIVE, locale="ja")
            session.add(host)
            session.flush()
            day = f"{now + timedelta(days=1):%Y-%m-%dT19:00}"
            told = event(
                session, day, host_id=host.id, title="アルムナイの夕べ", questions=["食事のご希望"], guests_each=3
            )
            self.event_id = told.id or 0
            for number, (name, reading) in enumerate(NAMES):
                person = Person(name=name, reading=reading, role=Role.ALUMNUS, state=PersonState.ACTIVE, locale="ja")
                session.add(person)
                session.flush()
                seat = Seat.WAITING if number == len(NAMES) - 1 else Seat.TAKEN
                answer(session, told, person.id or 0, seat, guests=number % 3, answers={"食事のご希望": "魚料理"})
            self.guest_id = host.id or 0
            member = people.members(session, [host.id or 0])[host.id or 0]
            scene = Scene(session, people.company(session), member, "ja", now, public_url=PUBLIC_URL)
            view = receptions.reception_view(scene, self.event_id)
            first = people.members(session, [(host.id or 0) + 1])[(host.id or 0) + 1]
            theirs = Scene(session, people.company(session), first, "ja", now, public_url=PUBLIC_URL)
            ticket = tickets.link(theirs, told, Seat.TAKEN)
        here = f"http://127.0.0.1:{service.port}"
        self.desk, self.list, self.ticket = (
            url.replace(PUBLIC_URL, here) for url in (view.desk_url, view.list_url, ticket)
        )

    def here(self) -> int:
        with self.service.database.company(self.company_id) as session:
            found = [session.get(Rsvp, (self.event_id, self.guest_id + n)) for n in range(1, len(NAMES) + 1)]
            return sum(rsvp is not None and rsvp.arrived_at is not None for rsvp in found)


@pytest_asyncio.fixture(loop_scope="session")
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/motokai.db", port=0, teams_auth="disabled")
    service = Service(settings)
    migrate.upgrade(service.database)
    company = companies.create(service.database, "東都製作所", "ja", "Asia/Tokyo", clock.now())
    await service.start()
    try:
        yield Evening(service, codes.company_in(company) or 0)
    finally:
        await service.stop()


async def test_two_desks_check_in_while_the_network_comes_and_goes(evening: Evening, opener: Opener) -> None:
    opener.forgiven.append("ERR_INTERNET_DISCONNECTED")
    one = await opener.open(evening.desk, size=PHONE, ready="#desk[data-ready]")
    two = await opener.open(evening.desk, size=PHONE, ready="#desk[data-ready]")
    await expect(one.locator("#counts")).to_have_text("来場 0名／参加予定 7名")
    await expect(one.locator("#guests li").first).to_contain_text("阿部 一")
    await look(one, "desk-ja")
    await no_serious_violation(one, "the desk")
    assert await one.evaluate("document.documentElement.scrollWidth") <= PHONE[0]

    await one.locator("#search").fill("ヤマダ")
    await expect(one.locator("#guests li")).to_have_count(1)
    await one.get_by_role("button", name="受付する 山田").click()
    await expect(one.locator("#search")).to_have_value("")
    await expect(one.locator(".came")).to_contain_text("受付済み")
    await expect(one.locator("#desk")).to_have_attribute("data-waiting", "0")
    assert evening.here() == 1

    await one.context.set_offline(True)
    for name in ("阿部", "伊藤"):
        await one.get_by_role("button", name=f"受付する {name}").click()
    await expect(one.locator("#queue")).to_contain_text("未送信の受付が2件")
    await expect(one.locator("#queue")).to_contain_text("通信できません")
    kept = await one.evaluate("JSON.stringify(localStorage)")
    assert "person" in kept and not any(name[:2] in kept or reading[:3] in kept for name, reading in NAMES if reading)
    await expect(one.locator(".came")).to_have_count(3)
    await look(one, "desk-ja-offline")
    await two.get_by_role("button", name="受付する 阿部").click()
    await expect(two.locator(".came").first).to_contain_text("阿部 一")
    await expect(two.locator("#desk")).to_have_attribute("data-waiting", "0")

    await one.context.set_offline(False)
    await expect(one.locator("#told")).to_contain_text("阿部 一様は、すでに")
    await expect(one.locator("#queue")).to_be_hidden()
    assert await one.evaluate("localStorage.length") == 0
    assert evening.here() == 3
    await look(one, "desk-ja-double")
    await expect(two.locator(".came")).to_have_count(3)

    await two.get_by_role("button", name="取り消す 伊藤").click()
    await expect(two.locator(".came")).to_have_count(2)
    await two.get_by_role("button", name="受付する Smith").click()
    await expect(two.locator("#told")).to_contain_text("お席がありません")
    await two.get_by_role("button", name="当日参加で受け付ける").click()
    await expect(two.locator(".came")).to_have_count(3)


async def test_a_scanned_ticket_checks_in_and_nothing_else_does(evening: Evening, opener: Opener) -> None:
    page = await opener.open(f"{evening.desk}?lang=en", size=PHONE, ready="#desk[data-ready]")
    await look(page, "desk-en")
    await page.evaluate("scanned('https://example.com/tickets/1.2.3')")
    await expect(page.locator("#told")).to_contain_text("no such guest")
    await page.evaluate("url => { scanned(url); scanned(url); }", evening.ticket)
    await expect(page.locator("#told")).to_contain_text("阿部 一 is checked in.")
    await expect(page.locator(".came")).to_have_count(1)
    assert evening.here() == 1


async def test_the_list_and_a_ticket_fit_their_paper(evening: Evening, opener: Opener) -> None:
    for name, url in (("list", evening.list), ("ticket", evening.ticket)):
        page = await opener.open(url, size=PHONE, ready="main")
        await no_serious_violation(page, name)
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        await look(page, f"{name}-ja")
    page = await opener.open(f"{evening.list}?lang=en", size=PHONE, ready="main")
    await look(page, "list-en")
    await page.set_viewport_size({"width": 794, "height": 1123})
    await page.emulate_media(media="print")
    await expect(page.get_by_role("link", name="Save the list")).to_be_hidden()
    await look(page, "list-en-print")
