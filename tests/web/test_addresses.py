"""A new address counts once whoever reads what is sent there has said so: until then the old one does."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from adapters.service import Service
from adapters.settings import Settings
from bot import account_links, addresses, codes, companies
from sandbox.clock import PracticeClock
from sandbox.mail import PracticeMail
from storage import people
from storage.tables import AddressChange, Code, PersonState, Purpose
from tests.web.conftest import COMPANY, PUBLIC_URL, Answer, Site

pytestmark = pytest.mark.asyncio

OLD, NEW = "taro@example.com", "taro@new.example.com"
LINK = re.compile(re.escape(PUBLIC_URL) + r"(/(?:address|account)/[\w.-]+)")


class Mailed(Site):
    mail: PracticeMail

    async def letter(self, to: str, count: int = 1) -> str:
        """What the newest letter says, once there are so many."""
        letters = await self.mail.mailboxes.until(lambda boxes: boxes.to(to) if len(boxes.to(to)) >= count else None)
        assert letters is not None
        return letters[-1].text

    async def link(self, to: str, count: int = 1) -> str:
        found = LINK.search(await self.letter(to, count))
        assert found
        return found[1]

    async def change(self, person: int, email: str, *, sent_to: str = "") -> Answer:
        """The person opens a link to their page and gives that address."""
        with self.database.company(self.company_id) as session:
            token = account_links.issue(session, person, self.now(), sent_to=sent_to)
        return await self.post(token, await self.filled(token, email=email))

    async def press(self, path: str, **headers: str) -> Answer:
        """The page's one button."""
        page = await self.get(path)
        if page.status != 200:
            return page
        said = {"Origin": "null", "Sec-Fetch-Site": "same-origin"} | headers
        async with self.session.post(self.url + path, data=dict(page.form.fields), headers=said) as response:
            return Answer(response.status, await response.text(), response.headers)


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Mailed]:
    clock = PracticeClock()
    async with PracticeMail() as mail:
        settings = Settings(
            database_url=database_url,
            port=0,
            teams_auth="disabled",
            public_url=PUBLIC_URL,
            smtp_url=mail.url,
            mail_from="東都製作所 <alumni@example.jp>",
            mail_sends_per_minute=60_000,
        )
        service = Service(settings, now=clock.now)
        code = companies.create(service.database, COMPANY, "ja", "Asia/Tokyo", clock.now())
        await service.start()
        try:
            async with aiohttp.ClientSession() as session:
                site = Mailed(service, clock, session, codes.company_in(code) or 0)
                site.mail = mail
                yield site
        finally:
            await service.stop()


async def test_an_address_is_in_force_once_its_letter_is_answered(site: Mailed) -> None:
    taro = site.person()
    done = await site.change(taro, NEW, sent_to=OLD)
    assert done.status == 200 and f"{NEW} に確認のメールをお送りしました" in done.text
    person = site.stored(taro)
    assert (person.email, person.state) == (OLD, PersonState.ACTIVE)
    assert people.confirmed_address(person) == OLD, "the letter that led to the page was sent there"

    told = await site.letter(OLD)
    assert "お心当たりのない場合" in told and NEW not in told and not LINK.search(told)
    path = await site.link(NEW)
    assert "山田" not in await site.letter(NEW), "whoever reads this may be somebody else"
    for _ in range(3):
        page = await site.get(path)
        assert page.status == 200 and NEW in page.text and not page.form.scripts
    await site.get(path, method="HEAD")
    assert site.stored(taro).email == OLD, "looking confirms nothing"
    (code,) = site.rows(Code, purpose=Purpose.ADDRESS)
    assert code.digest not in path and path.rpartition(".")[2] not in str(code)

    assert "Use this address" in (await site.get(path + "?lang=en")).text
    confirmed = await site.press(path)
    assert confirmed.status == 200 and "確認しました" in confirmed.text
    person = site.stored(taro)
    assert (person.email, people.confirmed_address(person)) == (NEW, NEW)
    assert site.rows(AddressChange) == []
    assert (await site.press(path)).status == 410


async def test_a_button_that_is_pressed_twice_says_so_twice_and_of_another_site_never(site: Mailed) -> None:
    taro = site.person()
    await site.change(taro, NEW, sent_to=OLD)
    path = await site.link(NEW)
    fields = dict((await site.get(path)).form.fields)
    elsewhere = await site.press(path, **{"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status == 403 and site.stored(taro).email == OLD
    for sent in ({}, {"proof": "x"}):
        async with site.session.post(site.url + path, data=sent) as response:
            assert response.status == 200 and "ボタンを押してください" in await response.text()
    assert site.stored(taro).email == OLD
    for _ in range(2):
        async with site.session.post(site.url + path, data=fields) as response:
            assert response.status == 200 and "確認しました" in await response.text()


async def test_changed_again_or_too_late_the_link_is_void(site: Mailed) -> None:
    taro = site.person()
    await site.change(taro, "typo@example.com", sent_to=OLD)
    first = await site.link("typo@example.com")
    await site.change(taro, NEW)
    assert (await site.press(first)).status == 410
    second = await site.link(NEW)
    page = await site.get(f"/account/{site.token(taro)}")
    assert f"{NEW} は、まだ確認が済んでいません" in page.text and page.value("email") == OLD
    site.clock.forward(addresses.LIFETIME - timedelta(minutes=1))
    assert (await site.get(second)).status == 200
    site.clock.forward(timedelta(minutes=2))
    gone = await site.press(second)
    assert gone.status == 410 and "taro" not in gone.text
    assert site.stored(taro).email == OLD
    await site.service.catch_up()
    assert site.rows(AddressChange) == []


async def test_letters_can_be_asked_for_again_but_not_without_end(site: Mailed) -> None:
    taro = site.person()
    for number in range(1, addresses.LETTERS + 1):
        assert (await site.change(taro, NEW, sent_to=OLD)).status == 200
        await site.link(NEW, number)
    refused = await site.change(taro, "another@example.com")
    assert refused.status == 422 and refused.form.faulty == ["email"] and "今日はこれ以上" in refused.text
    kept = await site.change(taro, OLD)
    assert kept.status == 200, "everything else can still be changed"
    assert (await site.press(await site.link(NEW, addresses.LETTERS))).status == 200
    assert site.stored(taro).email == NEW
    assert len(site.mail.mailboxes.to(NEW)) == addresses.LETTERS


async def test_nobody_learns_whose_an_address_is_and_its_owner_keeps_it(site: Mailed) -> None:
    taro, hanako = site.person(), site.member("佐藤 花子", email="hanako@example.com")
    done = await site.change(taro, "Hanako@example.com", sent_to=OLD)
    other = await site.change(site.person(email="jiro@example.com"), NEW, sent_to="jiro@example.com")
    assert done.status == other.status == 200
    assert "hanako@example.com に確認のメールをお送りしました" in done.text
    told = await site.letter("hanako@example.com")
    assert "何も変更しておりません" in told and not LINK.search(told) and "山田" not in told
    assert site.stored(taro).email == OLD and site.stored(hanako).email == "hanako@example.com"

    path = await site.link(NEW)
    site.member("先の人", email=NEW)
    refused = await site.press(path)
    assert refused.status == 409 and "変更できませんでした" in refused.text
    assert {row.email for row in site.rows(type(site.stored(taro)))} >= {"jiro@example.com", NEW}


async def test_an_address_that_nobody_has_confirmed_yet_is_asked_about_once(site: Mailed) -> None:
    hanako = site.member("佐藤 花子", email="hanako@example.com")
    for _ in range(3):
        assert (await site.change(hanako, "hanako@example.com")).status == 200
    path = await site.link("hanako@example.com")
    assert people.confirmed_address(site.stored(hanako)) == ""
    assert (await site.press(path)).status == 200
    assert people.confirmed_address(site.stored(hanako)) == "hanako@example.com"
    assert len(site.mail.mailboxes.to("hanako@example.com")) == 1
    assert (await site.change(hanako, "hanako@example.com")).status == 200
    assert len(site.mail.mailboxes.to("hanako@example.com")) == 1


async def test_a_link_that_hr_handed_over_proves_no_address(site: Mailed) -> None:
    taro = site.person()
    assert (await site.change(taro, OLD)).status == 200
    assert people.confirmed_address(site.stored(taro)) == ""
    assert (await site.press(await site.link(OLD))).status == 200
    assert people.confirmed_address(site.stored(taro)) == OLD
