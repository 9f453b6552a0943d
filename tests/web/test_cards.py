"""A business card behind its link: what it shows, to whom, and for how long."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot import business_cards, card_links, companies
from bot.card_links import CardLink
from storage import visibility
from storage.tables import Audience, AuditEntry, Person, PersonState, Role
from tests.web.conftest import Site
from tests.web.scanned import scanned

pytestmark = pytest.mark.asyncio


def cast(site: Site) -> tuple[int, int]:
    """Somebody whose card is looked at, and a member who looks."""
    taro = site.person(
        name="山田 太郎", state=PersonState.ACTIVE, reading="やまだ たろう", works_at="A&B <b>", city="大阪"
    )
    return taro, site.member("佐藤 花子")


def link(site: Site, reader: int, person: int, *, shared: bool = False) -> str:
    with site.database.company(site.company_id) as session:
        until = site.now() + card_links.LIFETIME
        return card_links.path(card_links.issue(session, CardLink(reader, person, shared, until)))


def choose(site: Site, person: int, **fields: Audience) -> None:
    with site.database.company(site.company_id) as session:
        visibility.choose(session, person, fields)


async def picture(site: Site, path: str) -> tuple[str, int]:
    async with site.session.get(site.url + path + business_cards.PICTURE) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        return scanned(await answer.read())


async def test_the_page_the_code_and_the_file_say_the_same(site: Site) -> None:
    taro, hanako = cast(site)
    path = link(site, hanako, taro)
    await site.get(path)  # a link preview uses nothing up
    page = await site.get(path)
    assert page.status == 200 and page.form.scripts == 0 and "<svg" in page.text
    assert "山田 太郎様の名刺" in page.words and "やまだ たろう" in page.words and "A&amp;B &lt;b&gt;" in page.text
    assert "taro@example.com" not in page.text  # for HR alone, unless he says otherwise
    assert "script" not in page.headers["Content-Security-Policy"] and page.headers["Cache-Control"] == "no-store"
    text, version = await picture(site, path)
    assert version <= 15
    assert text.startswith(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:山田;太郎;;;\r\nFN:山田 太郎\r\nX-PHONETIC-LAST-NAME:やまだ\r\n"
    )
    file = await site.get(path + business_cards.FILE)
    assert file.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="card.vcf"')
    for shown in (text, file.text):
        assert "ORG:A&B <b>" in shown and "大阪" in shown and "EMAIL" not in shown


async def test_what_may_be_seen_is_asked_when_the_link_is_opened(site: Site) -> None:
    taro, hanako = cast(site)
    path, own, public = link(site, hanako, taro), link(site, taro, taro), link(site, hanako, taro, shared=True)
    choose(site, taro, email=Audience.ALUMNI, city=Audience.HR)
    assert "EMAIL:taro@example.com" in (await picture(site, path))[0]
    assert "大阪" not in (await site.get(path)).text
    assert "大阪" in (await site.get(own)).text and "読み取った方には" in (await site.get(own)).words
    with site.database.company(site.company_id) as session:
        visibility.hide(session, taro, hanako, site.now())
    assert {(await site.get(one)).status for one in (path, public)} == {404}
    assert (await site.get(own)).status == 200
    with site.database.company(site.company_id) as session:
        visibility.show_again(session, taro, hanako)
        session.get_one(Person, hanako).state = PersonState.LEFT
    assert (await site.get(path)).status == 404
    with site.database.company(site.company_id) as session:
        session.get_one(Person, hanako).state = PersonState.ACTIVE
        session.get_one(Person, taro).state = PersonState.PAUSED
    assert (await site.get(path + business_cards.FILE)).status == 404


async def test_a_link_ends_and_cannot_be_forged(site: Site) -> None:
    taro, hanako = cast(site)
    path = link(site, hanako, taro)
    token = path.rpartition("/")[2]
    companies.create(site.database, "別会社", "ja", "Asia/Tokyo", site.now())
    parts = token.split(".")
    forged = [".".join([*parts[:place], value, *parts[place + 1 :]]) for place, value in enumerate("29919")]
    forged += [
        token[:-1],
        token + "x",
        "1.x",
        "99999999." + token.partition(".")[2],
        "%00",
        token.replace(".", "%2E%2E"),
    ]
    site.clock.forward(card_links.LIFETIME - timedelta(minutes=10))
    assert (await site.get(path)).status == 200
    answers = [await site.get(f"/cards/{one}{end}") for one in forged for end in ("", "/qr.png", "/card.vcf")]
    site.clock.forward(timedelta(minutes=10))
    answers.append(await site.get(path))
    assert {answer.status for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1 and "太郎" not in answers[0].text


async def test_that_hr_looks_is_written_down_once_a_day(site: Site) -> None:
    taro, _ = cast(site)
    with site.database.company(site.company_id) as session:
        boss = Person(name="人事 一郎", role=Role.HR, state=PersonState.ACTIVE, created_at=site.now())
        session.add(boss)
        session.flush()
        boss_id = boss.id or 0
    path = link(site, boss_id, taro)
    for _ in range(2):
        assert "taro@example.com" in (await site.get(path)).text
    with site.database.company(site.company_id) as session:
        looks = session.exec(select(AuditEntry).where(AuditEntry.action == "looked")).all()
        assert [(look.actor_id, look.subject_id, look.detail["field"]) for look in looks] == [(boss_id, taro, "email")]
