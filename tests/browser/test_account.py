"""The account page on a phone: without JavaScript, with the keyboard, under the eyes of axe-core."""

import os
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from adapters.service import Service
from adapters.settings import Settings
from bot import account_links, codes, companies, directory, enrolment
from sandbox.clock import PracticeClock
from storage import migrate
from storage.tables import ConsentPurpose, Person, PersonState, Role
from tests.browser.test_access import no_serious_violation
from tests.browser.watched import PHONE, Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = '山田 太郎 <img src=x onerror="alert(1)">'


class Leaver:
    """The running product, and one person with a link."""

    def __init__(self, service: Service, clock: PracticeClock, company_id: int) -> None:
        self.service, self.clock, self.company_id = service, clock, company_id
        self.person_id = 0

    def link(self, **given: object) -> str:
        with self.service.database.company(self.company_id) as session:
            values = {"name": NAME, "email": "taro@example.com", "role": Role.ALUMNUS, "locale": "ja", **given}
            person = Person(**values)
            session.add(person)
            session.flush()
            self.person_id = person.id or 0
            token = account_links.issue(session, self.person_id, self.clock.now())
        return f"http://127.0.0.1:{self.service.port}{account_links.path(token)}"

    @property
    def person(self) -> Person:
        with self.service.database.company(self.company_id) as session:
            return session.get_one(Person, self.person_id)


@pytest_asyncio.fixture(loop_scope="session")
async def leaver(tmp_path: Path) -> AsyncIterator[Leaver]:
    clock = PracticeClock()
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/motokai.db",
        port=0,
        slack_bot_token="xoxb-none",
        slack_signing_secret="none",
        slack_api_url="http://127.0.0.1:9/",
        slack_join_url="https://join.slack.com/t/example/shared_invite/abc",
        teams_auth="disabled",
    )
    service = Service(settings, now=clock.now)
    migrate.upgrade(service.database)
    company = companies.create(service.database, "東都製作所", "ja", "Asia/Tokyo", clock.now())
    await service.start()
    made = Leaver(service, clock, codes.company_in(company) or 0)
    with service.database.company(made.company_id) as session:
        other = enrolment.admit(session, "佐藤 花子", Role.ALUMNUS, "ja", clock.now(), email="hanako@example.com")
        directory.keep_skills(session, other, ["経理", "品質管理"])
    try:
        yield made
    finally:
        await service.stop()


async def _picture(page: Page, name: str) -> None:
    """Where somebody wants to look at the pages: PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


async def test_a_leaver_fills_the_page_in_on_a_phone_without_javascript(leaver: Leaver, opener: Opener) -> None:
    last_day = leaver.clock.now().date() + timedelta(days=20)
    url = leaver.link(last_day=last_day)
    page = await opener.open(url, size=PHONE, ready="main", java_script_enabled=False)
    await expect(page.get_by_text("様のページです")).to_contain_text(NAME)
    await _picture(page, "empty")

    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("your alumni account")
    await page.get_by_role("button", name="日本語").click()

    await page.get_by_label("お名前の読み方", exact=True).first.fill("やまだ たろう")
    await page.get_by_role("button", name="読み方からローマ字を入れる").click()
    await expect(page.locator("#romaji")).to_have_value("Yamada Taro")
    await page.locator("#name").fill("山田 太郎")
    await page.locator("#former_surname").fill("川口")
    await page.locator("#email").fill("hanako@example.com")
    await page.get_by_label("スキル 1", exact=True).fill("経理、英語")
    await page.get_by_label("スキル 3", exact=True).fill("品質管理")
    for purpose in ConsentPurpose:
        await expect(page.locator(f'[id="consent.{purpose}"]')).not_to_be_checked()
    for purpose in ("contact", "directory", "gigs"):
        await page.locator(f'[id="consent.{purpose}"]').check()
    await page.locator('[id="see.city"]').select_option("hr")
    await page.get_by_role("button", name="確認して送信する").last.click()

    problems = page.locator("#problems")
    await expect(problems).to_contain_text("このメールアドレスはご登録いただけません")
    await expect(page.locator("#email")).to_have_value("hanako@example.com")
    await expect(page.locator('[id="see.city"]')).to_have_value("hr")
    await expect(page.locator('[id="consent.gigs"]')).to_be_checked()
    await _picture(page, "fault")
    await page.locator("#email").fill("taro@new.example.com")
    await page.locator("#email").press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_have_text("ご登録が完了しました")
    await expect(page.locator("code.say")).to_have_text(re.compile(r"/alumni join \d+(-[A-Z0-9]{4}){3}"))
    await expect(page.get_by_role("link", name="Slack ワークスペースに参加する")).to_have_attribute(
        "href", "https://join.slack.com/t/example/shared_invite/abc"
    )
    await _picture(page, "done")
    person = leaver.person
    assert (person.name, person.romaji, person.email) == ("山田 太郎", "Yamada Taro", "taro@new.example.com")
    assert person.state is PersonState.CONFIRMED

    opener.forgiven += ["422", "410"]
    await page.goto(url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("このリンクはお使いいただけません")
    await _picture(page, "gone")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_any_page(leaver: Leaver, opener: Opener, theme) -> None:
    opener.forgiven += ["status of 4"]
    url = leaver.link(last_day=leaver.clock.now().date())
    page = await opener.open(url, size=PHONE, theme=theme, ready="main")
    await no_serious_violation(page, "the form")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await _picture(page, f"form-{theme}")
    await page.evaluate("document.getElementById('account').noValidate = true")
    await page.locator("#email").fill("taro@")
    await page.get_by_role("button", name="確認して送信する").last.click()
    await expect(page.locator("#problems")).to_be_focused()
    await no_serious_violation(page, "the form with faults")
    await _picture(page, f"faults-{theme}")
    await page.locator("#email").fill("taro@example.com")
    for purpose in ("contact", "directory"):
        await page.locator(f'[id="consent.{purpose}"]').check()
    await page.get_by_role("button", name="確認して送信する").last.click()
    await page.locator("code.say").wait_for()
    await no_serious_violation(page, "what happens next")
    await page.goto(url)
    await no_serious_violation(page, "a link that does not work")
    base = url.partition("/account")[0]
    for path in ("/privacy?lang=ja", "/terms?lang=en"):
        await page.goto(base + path)
        await no_serious_violation(page, path)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await _picture(page, f"{path[1:6]}-{theme}")


async def test_the_page_is_filled_in_with_the_keyboard(leaver: Leaver, opener: Opener) -> None:
    page = await opener.open(leaver.link(), size=PHONE, ready="main", java_script_enabled=True)
    for purpose in ("contact", "directory"):
        await _tab_to(page, f"consent.{purpose}")
        await page.keyboard.press("Space")
    await _tab_to(page, "see.city")
    await page.keyboard.press("ArrowDown")
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.className") == "primary":
            break
    await page.keyboard.press("Enter")
    await page.locator("code.say").wait_for()
    assert leaver.person.state is PersonState.ACTIVE


async def _tab_to(page: Page, element: str) -> None:
    for _ in range(80):
        if await page.evaluate("document.activeElement.id") == element:
            return
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") != "unseen"
    raise AssertionError(f"{element} is not reached with the keyboard")
