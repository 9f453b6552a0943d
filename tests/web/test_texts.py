"""What the pages say: /privacy and /terms, the consents' texts, and that no word is missing or left over."""

import hashlib
import re

import pytest
from jinja2 import Environment, nodes

from adapters.web import html
from bot import account_page, companies, consents, prompts, visibility
from bot.prompts import LOCALES
from storage.tables import Audience, ConsentPurpose
from tests.web.conftest import Site

RELEASED = {
    "ja": {
        "contact.1": "d12e4c120971d7b3",
        "directory.1": "7a04a55a5af25d44",
        "gigs.1": "519f143fc2e51ef8",
        "leads.1": "17a46bc8811b9968",
        "rehire.1": "55402ba594e3f453",
        "statistics.1": "ad12150487db279a",
    },
    "en": {
        "contact.1": "1607459aa498f241",
        "directory.1": "a0c9abfc57d8c252",
        "gigs.1": "5f576740608e2e28",
        "leads.1": "19fbe60fba310d1c",
        "rehire.1": "a8bfeefaf4b110a7",
        "statistics.1": "f2c25c3df4aebb0a",
    },
}
TEMPLATES = "\n".join(path.read_text(encoding="utf-8") for path in (html.ROOT / "templates").glob("*.j2"))
PAGES = (html.ROOT / "pages.py").read_text(encoding="utf-8")


def blocks_of(name: str) -> set[str]:
    text = (prompts.ROOT / "en" / f"{name}.md.j2").read_text(encoding="utf-8")
    return {block.name for block in Environment().parse(text).find_all(nodes.Block)}


@pytest.mark.parametrize("name", ["web/account", "web/address", "web/done", "web/site"])
def test_every_sentence_is_said_somewhere(name: str) -> None:
    composed = {f"field_{field}" for field in visibility.FIELDS}
    composed |= {f"audience_{audience}" for audience in Audience}
    composed |= {f"purpose_{purpose}" for purpose in ConsentPurpose}
    composed |= {f"{kind}_{question.name}" for question in account_page.QUESTIONS for kind in ("label", "hint")}
    composed |= {f"{part}{what}{after}" for what in ("asked", "confirmed", "taken") for part, after in SAID}
    composed |= {f"{notice}{part}" for notice in NOTICES for part in ("", "_title", "_remedy")}
    core = (prompts.ROOT.parent / "bot" / "account_page.py").read_text(encoding="utf-8")
    for block in blocks_of(name) - composed:
        assert re.search(f'"{block}"', TEMPLATES + PAGES + core) or re.search(f'"{block[:3]}_" ~', TEMPLATES), block


SAID = (("", ""), ("title_", ""), ("", "_next"))
NOTICES = ("gone", "too_often", "elsewhere", "too_large", "gig")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("purpose", ConsentPurpose)
def test_each_purpose_has_its_text_and_name(purpose: ConsentPurpose, locale: str) -> None:
    card = consents.text(purpose, locale, "東都製作所")
    assert card.title == prompts.phrase("web/account", locale, f"purpose_{purpose}")
    assert "東都製作所" in html.blocks(card)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_that_somebody_may_have_agreed_to_never_changes(locale: str) -> None:
    """To change one, write the next version beside it and add its digest here."""
    found = {
        path.name.removesuffix(".md.j2"): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in (prompts.ROOT / locale / "consents").iterdir()
    }
    assert found == RELEASED[locale]
    assert {f"{purpose}.{version}" for purpose, version in consents.CURRENT.items()} <= found.keys()


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["privacy", "terms"])
async def test_the_pages_of_the_teams_manifest_are_there(site: Site, name: str) -> None:
    english = await site.get(f"/{name}", **{"Accept-Language": "en-GB,ja;q=0.5"})
    japanese = await site.get(f"/{name}", **{"Accept-Language": "ja"})
    switched = await site.get(f"/{name}?lang=ja", **{"Accept-Language": "en"})
    assert (english.status, japanese.status) == (200, 200)
    assert '<html lang="en">' in english.text
    assert "no legal advice" in english.text
    assert "template" in english.text
    assert "法律上の助言ではありません" in japanese.text
    assert "ひな形" in japanese.text
    assert switched.text == japanese.text
    assert "<h2>" in english.text
    assert english.text.count("<h2>") == japanese.text.count("<h2>")
    assert english.text.count("<li>") == japanese.text.count("<li>")


@pytest.mark.asyncio
async def test_what_privacy_says_of_this_site_is_so(site: Site) -> None:
    page = await site.get("/privacy?lang=en")
    assert "no cookies and no scripts" in page.text
    assert "Set-Cookie" not in page.headers
    style = await site.get("/pages.css")
    assert style.status == 200
    assert style.headers["Content-Type"].startswith("text/css")
    assert "url(" not in style.text


async def test_a_companys_rules_are_public_and_linked_from_the_account_page(site: Site) -> None:
    companies.set_rules(site.database, site.company_id, 3, "disciplinary", "人事部 <b>内線</b>")
    page = await site.open(site.token(site.person()))
    (path,) = re.findall(r'href="\.\.(/eligibility/[\w-]+)\?lang=', page.text)
    read = await site.get(path, **{"Accept-Language": "ja"})
    assert read.status == 200 and "勤続3年以上" in read.text and "懲戒" in read.text
    assert "&lt;b&gt;内線" in read.text and "資格がなくなることはありません" in read.text
    assert "3 years of service" in (await site.get(f"{path}?lang=en")).text
    for wrong in (f"{path[:-1]}!", "/eligibility/99-" + "0" * 20, "/eligibility/x", "/eligibility/0-" + "0" * 20):
        assert (await site.get(wrong)).status == 404
