"""A notice of terms behind its link: what the page and the PDF say, to whom, and what their buttons do."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest

from adapters.web import notice_pdf
from bot import account_links, companies, notice_links, notices
from bot.notice_links import NoticeLink
from storage.tables import Account, Case, Commission, CommissionNotice, Delivery, Gig, Person, PersonState, Role
from tests.web.conftest import Site

TERMS = {
    "legal_name": "東都製作所株式会社",
    "person_name": "髙橋 惠 & <b>𠮷田</b>",
    "commissioned_on": "2026-11-22",
    "work": "一行目の内容です。\n" + "決算に関する資料の作成をお願いします。" * 120 + "最後の文字",
    "starts_on": "2026-12-01",
    "ends_on": "2027-05-31",
    "place": "在宅",
    "reward": "月額300,000円",
    "tax": "excluded",
    "pays_on": "2027-01-20",
    "noncash": "電子マネー 1,000円",
    "subcontracted": "yes",
    "client_name": "みなと精機株式会社",
    "client_pays_on": "2026-12-31",
    "other": "知的財産権は、報酬の支払いとともに移転します。",
}
OPEN = [{"item": "inspection", "why": "検査の方法を確認しているため", "until": "2026-12-20"}]


def commissioned(site: Site) -> tuple[int, int, int]:
    """Somebody who was chosen, somebody of HR, and the commission."""
    with site.database.company(site.company_id) as session:
        at: dict[str, Any] = {"created_at": site.now(), "state": PersonState.ACTIVE, "locale": "ja"}
        taro = Person(name="髙橋 惠", role=Role.ALUMNUS, **at)
        boss = Person(name="人事 一郎", role=Role.HR, **at)
        session.add_all([taro, boss])
        session.flush()
        desk: dict[str, Any] = {"desk_platform": "teams", "desk_workspace": "t", "desk_address": "a:1"}
        gig = Gig(title="決算の支援", work="w", reward="r", place="p", author_id=boss.id or 0, **desk)
        session.add(gig)
        session.flush()
        session.add(Case(gig_id=gig.id or 0, person_id=taro.id or 0))
        session.add(Account(platform="teams", workspace="t", external_id="u", person_id=boss.id or 0, address="a:1"))
        commission = Commission(gig_id=gig.id or 0, person_id=taro.id or 0, by_id=boss.id or 0, at=site.now())
        session.add(commission)
        session.flush()
        notices.issue(session, commission, TERMS, OPEN, site.now())
        return taro.id or 0, boss.id or 0, commission.id or 0


def link(site: Site, reader: int, commission: int, lifetime: timedelta = notice_links.LIFETIME) -> str:
    with site.database.company(site.company_id) as session:
        told = NoticeLink(reader, commission, 1, site.now() + lifetime)
        return notice_links.path(notice_links.issue(session, told))


async def document(site: Site, path: str, query: str = "?pdf") -> bytes:
    async with site.session.get(site.url + path + query) as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        assert answer.headers["X-Robots-Tag"].startswith("noindex") and answer.headers["Cache-Control"] == "no-store"
        return await answer.read()


def read(body: bytes) -> str:
    """All its text, without page numbers and the line ends that come from its width."""
    pages = pypdf.PdfReader(BytesIO(body)).pages
    texts = ("".join(page.extract_text().split()).removeprefix(str(n)) for n, page in enumerate(pages, 1))
    return "".join(texts)


async def test_the_page_and_the_document_say_every_item(site: Site) -> None:
    taro, _, commission = commissioned(site)
    path = link(site, taro, commission)
    page = await site.get(path)
    assert page.status == 200 and page.form.scripts == 0 and "script" not in page.headers["Content-Security-Policy"]
    body = await document(site, path)
    text = read(body)
    digest = site.rows(CommissionNotice)[0].digest
    with site.database.company(site.company_id) as session:
        shown = notices.rows(session.get_one(CommissionNotice, (commission, 1)).content, "ja")
    assert len(shown) == 14
    for row in shown:
        assert row.label in page.words and row.text in page.words
        assert row.label in text and "".join(notice_pdf.drawable(row.text).split()) in text
    assert "未定（理由：検査の方法を確認しているため" in text and "最後の文字" in text
    assert digest in page.words and digest in text and "法的" not in text
    assert "<b>𠮷" not in page.text and "〓田" in text and "〓は、この文書の文字では表せない" in text


async def test_the_document_is_the_same_bytes_each_time_and_brings_its_font(site: Site) -> None:
    taro, boss, commission = commissioned(site)
    first = await document(site, link(site, taro, commission))
    notice_pdf.made.cache_clear()
    assert await document(site, link(site, boss, commission)) == first
    assert await document(site, link(site, taro, commission), "?pdf&lang=en") != first
    fonts = pypdf.PdfReader(BytesIO(first)).pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    described = [font.get_object()["/FontDescriptor"] for font in fonts if "/FontDescriptor" in font.get_object()]
    assert described and all("/FontFile2" in font for font in described)


async def test_both_languages_and_who_may_read(site: Site) -> None:
    taro, boss, commission = commissioned(site)
    own, hr, desk = (link(site, reader, commission) for reader in (taro, boss, 0))
    assert "Date of commissioning" in (await site.get(f"{own}?lang=en")).text
    assert "業務を委託した日" in (await site.get(f"{own}?lang=xx")).text
    for path in (hr, desk):
        page = await site.get(path)
        assert page.status == 200 and "<button" not in page.text, "the buttons are the person's"
    with site.database.company(site.company_id) as session:
        session.get_one(Person, boss).state = PersonState.LEFT
    stranger = link(site, site.member("佐藤 花子"), commission)
    assert {(await site.get(path)).status for path in (hr, stranger)} == {404}
    with site.database.company(site.company_id) as session:
        session.get_one(Person, taro).state = PersonState.LEFT
    assert (await site.get(own)).status == 200, "who leaves the network keeps what was agreed"
    with site.database.company(site.company_id) as session:
        session.get_one(Person, taro).state = PersonState.ERASED
    assert (await site.get(own)).status == 404


async def test_a_link_ends_and_cannot_be_forged(site: Site) -> None:
    taro, _, commission = commissioned(site)
    path = link(site, taro, commission)
    companies.create(site.database, "別会社", "ja", "Asia/Tokyo", site.now())
    token = path.rpartition("/")[2]
    parts = token.split(".")
    forged = [".".join([*parts[:place], value, *parts[place + 1 :]]) for place, value in enumerate("29929")]
    forged += [token[:-1], "1.x", "%00", (account_links.company_in(token) and f"{token}.pdf") or ""]
    answers = [await site.get(f"/notices/{one}{end}") for one in forged if one for end in ("", "?pdf")]
    site.clock.forward(notice_links.LIFETIME)
    answers.append(await site.get(path))
    assert {answer.status for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1 and "東都製作所株式会社" not in answers[0].text


async def press(site: Site, path: str, do: str, **headers: str) -> int:
    said = {"Origin": "null", "Sec-Fetch-Site": "same-origin"} | headers
    url = site.url + path
    async with site.session.post(url, data={"do": do}, headers=said, allow_redirects=False) as answer:
        return answer.status


async def test_the_buttons_of_the_page_count_once_and_come_from_no_other_site(site: Site) -> None:
    taro, boss, commission = commissioned(site)
    path = link(site, taro, commission)
    assert await press(site, path, "received", **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert await press(site, link(site, boss, commission), "received") == 404
    assert await press(site, path, "anything") == 303
    assert site.rows(Commission)[0].received_at is None
    first = site.now()
    for do in ("received", "paper", "received", "paper"):
        assert await press(site, path, do) == 303
        site.clock.forward(timedelta(minutes=1))
    (row,) = site.rows(Commission)
    assert row.received_at - first < timedelta(minutes=1) and row.paper_at is not None
    assert [due.args["due"] for due in site.rows(Delivery, template="commission_due")] == ["paper"]
    page = await site.get(path)
    assert "「受け取りました」とのご連絡がありました" in page.words and "<button" not in page.text


@pytest.mark.parametrize(
    "text", ["a" * 5000, "あ" * 5000, "👍\u200d한 国\n" * 300, "", "<para>&amp;</para>", "\ufeff\u3000"]
)
def test_any_text_can_be_printed(text: str) -> None:
    body = notice_pdf.made("t", text, (("l", text),), (text,), "?", "ja")
    assert body.startswith(b"%PDF") and len(pypdf.PdfReader(BytesIO(body)).pages) >= 1
