"""A member asks for their account page in Slack or Teams, and changes on it what the others see."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import aiohttp
import pytest

from adapters.service import Service
from bot import account_links
from sandbox.mail import PracticeMail
from sandbox.slack import DEFAULT_SCOPES, PracticeSlack
from sandbox.teams import PracticeTeams
from storage.tables import Purpose
from tests.conftest import World, authority_of, settings_for
from tests.wire.acting import everything, hears, join_in_teams, rows

PUBLIC_URL = "https://alumni.example.com"
LINK = re.compile(re.escape(PUBLIC_URL) + r"(/account/[\w.-]+)")


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    scopes = (*DEFAULT_SCOPES, "app_mentions:read")
    async with PracticeSlack(scopes=scopes) as slack, PracticeTeams(auth=True) as teams:
        settings = settings_for(slack, teams, database_url, public_url=PUBLIC_URL)
        authority = authority_of(teams)
        running = World(slack, teams, settings, authority, Service(settings, authority=authority))
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


def path_in(shown: Any) -> str:
    found = LINK.search(str(shown))
    assert found, shown
    return found[1]


async def send(world: World, path: str, **changes: str) -> int:
    """Open the page and send its form with the needed consents and `changes`."""
    url = f"http://127.0.0.1:{world.service.port}{path}"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as opened:
            page = await opened.text()
            if opened.status != 200:
                return opened.status
        told = dict(re.findall(r'name="([\w.]+)"(?: type="\w+")? value="([^"]*)"', page))
        fields = {name: unescape(value) for name, value in told.items()} | changes | {"do": "save"}
        fields.pop("consent", None)
        both = [*fields.items(), ("consent", "contact"), ("consent", "directory")]
        async with session.post(url, data=both) as answered:
            return answered.status


async def test_a_member_gets_a_link_in_slack_and_is_found_by_what_they_changed(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    told = await taro.command("/alumni", "account")
    assert told.shown is not None
    path = path_in(told.shown.blocks)
    (code,) = [row for row in rows(world.database, "code") if row["purpose"] == Purpose.ACCOUNT]
    assert code["expires_at"] <= world.now() + timedelta(days=1)

    assert await send(world, path, name="川口 太郎", reading="かわぐち たろう") == 200
    assert await send(world, path, name="誰か") == 410
    found = await taro.command("/alumni", "find kawaguchi")
    assert found.shown is not None
    assert "川口 太郎" in found.shown.words
    given = {row["purpose"] for row in rows(world.database, "consent")}
    assert given == {"contact", "directory"}
    token = path.rpartition(".")[2]
    assert token not in everything(world.database)


async def test_a_new_link_makes_the_one_before_it_worthless(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    first = path_in((await taro.command("/alumni", "account")).shown.blocks)  # type: ignore[union-attr]
    second = path_in((await taro.command("/alumni", "アカウント")).shown.blocks)  # type: ignore[union-attr]
    assert await send(world, first) == 410
    assert await send(world, second) == 200


async def test_in_a_channel_of_teams_nobody_sees_the_link(world: World) -> None:
    hr = await world.claim()
    await hr.install("Gigs")
    said = await hr.say("account", conversation="Gigs")
    assert said.ok
    shown = await hr.hears("/account/")
    await world.settled()
    assert "ダイレクトメッセージ" in str([m.card for m in hr.messages("Gigs")])
    assert not LINK.search(str([m.card for m in hr.messages("Gigs")]))
    assert await send(world, path_in(shown.card), email="hr@example.com") == 200


async def test_a_stranger_gets_none(world: World) -> None:
    await world.claim()
    told = await world.slack_person("U0NEW", "誰か").command("/alumni", "account")
    assert not LINK.search(str(told.shown and told.shown.blocks))


async def test_in_teams_the_chat_with_the_bot_has_it(world: World) -> None:
    hr = await world.claim()
    jiro = await join_in_teams(world, hr, "hr2", "次郎")
    said = await jiro.say("account")
    shown = await jiro.hears("/account/", after=jiro.posted(said))
    assert await send(world, path_in(shown.card), name="次郎 三郎") == 200


async def test_asked_for_in_a_channel_of_slack_it_comes_in_private(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    place = world.slack.workspace.add_channel("C1", "general", members=["U0TARO"])
    await taro.say(f"<@{world.slack.workspace.bot_user_id}> account", place.id)
    shown = await hears(world, taro, "アカウントのページ")
    await world.settled()
    assert await send(world, path_in(shown.blocks)) == 200
    assert not any(LINK.search(str(message.blocks)) for message in place.messages.values())


async def test_without_an_address_it_says_so(database_url: str) -> None:
    async with PracticeSlack() as slack, PracticeTeams(auth=True) as teams:
        settings, authority = settings_for(slack, teams, database_url), authority_of(teams)
        world = World(slack, teams, settings, authority, Service(settings, authority=authority))
        await world.start()
        try:
            hr = await world.claim()
            taro = await world.enrol(hr, "U0TARO", "山田 太郎")
            told = await taro.command("/alumni", "account")
            assert told.shown is not None
            assert "PUBLIC_URL" in told.shown.words
        finally:
            await world.stop()


async def test_hrs_card_says_that_the_person_has_answered(database_url: str) -> None:
    async with PracticeSlack() as slack, PracticeTeams(auth=True) as teams, PracticeMail() as mail:
        address = {"smtp_url": mail.url, "mail_from": "東都製作所 <alumni@example.jp>", "mail_sends_per_minute": 60_000}
        settings, authority = settings_for(slack, teams, database_url, **address), authority_of(teams)
        world = World(slack, teams, settings, authority, Service(settings, authority=authority))
        await world.start()
        try:
            hr = await world.claim()
            await hr.say("enrol 山田 太郎 taro@example.com")
            card = await hr.hears("invitation.resend")
            await world.settled()
            (person,) = [row for row in rows(world.database, "person") if row["email"] == "taro@example.com"]
            with world.database.company(person["company_id"]) as session:
                token = account_links.issue(session, person["id"], world.now())
            assert await send(world, account_links.path(token)) == 200
            await world.settled()
            assert "invitation.resend" not in str(hr.posted(card).card)
            assert "参加" in str(hr.posted(card).card)
        finally:
            await world.stop()
