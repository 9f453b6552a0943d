"""A link in somebody's copy of the news, as browsers meet it, and programs that look at links in advance."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot import clicks, erasure
from bot.signed_links import SignedLinks
from storage.tables import Broadcast, BroadcastState, Click, PersonState, Role
from tests.web.conftest import Site

pytestmark = pytest.mark.asyncio

ADDRESS = "https://example.com/a%20b?to=%2F&x=(1)'#%E3%81%82"
"""What a server that parses it would write otherwise."""
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)
OPENS = {"User-Agent": CHROME, "Sec-Fetch-Mode": "navigate"}


def out(site: Site) -> int:
    """A broadcast that has gone out; its number."""
    desk = {"desk_platform": "slack", "desk_workspace": "T1", "desk_address": "slack:1"}
    author = site.person(name="人事 一郎", role=Role.HR, state=PersonState.ACTIVE, email="hr@example.com")
    with site.database.company(site.company_id) as session:
        told = {"title_ja": "件名", "text_ja": f"こちら：{ADDRESS} です", "state": BroadcastState.OUT}
        broadcast = Broadcast(author_id=author, sent_at=site.now(), **told, **desk)  # type: ignore[arg-type]
        session.add(broadcast)
        session.flush()
        return broadcast.id or 0


def link(site: Site, reader: int, broadcast: int, place: int = 0) -> str:
    with site.database.company(site.company_id) as session:
        until = site.now() + clicks.LIFETIME
        kind = SignedLinks("click", r"\d{1,18}\.\d{1,18}")
        return clicks.path(kind.issue(session, (reader, broadcast), until), place)


async def test_it_leads_to_what_was_written_and_counts_once_even_at_once(site: Site) -> None:
    broadcast, taro = out(site), site.member("山田 太郎")
    path = link(site, taro, broadcast)
    answers = await asyncio.gather(*(site.get(f"{path}?to=https://evil.example/", **OPENS) for _ in range(4)))
    for answer in answers:
        assert (answer.status, answer.headers["Location"]) == (302, ADDRESS)
        assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert [(row.person_id, row.address) for row in site.rows(Click)] == [(taro, ADDRESS)]


PEOPLE = ({}, {"User-Agent": IPHONE})
PROGRAMS = (
    {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
    {"User-Agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com"},
    {"User-Agent": CHROME.replace("Chrome", "HeadlessChrome")},
    {"User-Agent": "curl/8.5.0"},
    {"User-Agent": "Slackbot " * 400},
    {"User-Agent": " "},
    {"Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Mode": ""},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Purpose": "preview"},
    {"X-Moz": "prefetch"},
)


async def test_programs_are_led_on_and_only_people_count(site: Site) -> None:
    broadcast, counted = out(site), list[dict[str, str]]()
    for said in (*PEOPLE, *PROGRAMS):
        reader = site.member("山田 太郎")
        answer = await site.get(link(site, reader, broadcast), **(OPENS | said))
        assert (answer.status, answer.headers["Location"]) == (302, ADDRESS), said
        counted += [said] if site.rows(Click, person_id=reader) else []
    assert counted == [*PEOPLE]


async def test_who_asks_for_the_head_or_says_nothing_of_themselves_is_not_counted(site: Site) -> None:
    path = link(site, site.member("山田 太郎"), out(site))
    assert (await site.get(path, "HEAD", **OPENS)).headers["Location"] == ADDRESS
    async with site.session.get(site.url + path, skip_auto_headers=["User-Agent"], allow_redirects=False) as bare:
        assert bare.status == 302
    assert (await site.get(path, "POST", **OPENS)).status == 405
    assert site.rows(Click) == []


async def test_what_is_wrong_with_a_link_is_said_in_the_readers_language(site: Site) -> None:
    broadcast, taro = out(site), site.member("山田 太郎")
    path = link(site, taro, broadcast)
    wrong = [path[:-1], path + "x", "/l/1.x", "/l/%00", link(site, taro, broadcast, 1), link(site, taro, 999)]
    answers = [await site.get(one, **OPENS, **{"Accept-Language": "ja,en;q=0.5"}) for one in wrong]
    site.clock.forward(clicks.LIFETIME)
    answers.append(await site.get(path, **OPENS, **{"Accept-Language": "ja"}))
    assert {answer.status for answer in answers} == {404} and len({answer.text for answer in answers}) == 1
    assert "このリンクは開けません" in answers[0].words and "Location" not in answers[0].headers
    assert "This link does not work" in (await site.get(path, **{"Accept-Language": "fr"})).words
    assert site.rows(Click) == []


async def test_who_was_erased_is_led_on_and_leaves_nothing(site: Site) -> None:
    broadcast, taro = out(site), site.member("山田 太郎")
    path = link(site, taro, broadcast)
    await site.get(path, **OPENS)
    assert len(site.rows(Click)) == 1
    with site.database.company(site.company_id) as session:
        assert erasure.erase(session, taro, site.now()) is not None
    answer: Any = await site.get(path, **OPENS)
    assert (answer.status, answer.headers["Location"], site.rows(Click)) == (302, ADDRESS, [])
    site.clock.forward(timedelta(days=1))
