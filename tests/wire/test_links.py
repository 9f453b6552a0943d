"""Links to gigs, shared in Slack and in Teams, opened in a browser, and pasted into the talk with the bot."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.service import Service
from sandbox.faults import Redeliver
from sandbox.slack import Message, PracticeSlack
from sandbox.slack import Person as SlackPerson
from sandbox.slack.words import words
from sandbox.teams import PracticeTeams
from storage.tables import Gig, Person
from tests.conftest import World, authority_of, settings_for
from tests.wire.acting import GIG, assert_nothing_refused, fill, fill_in_gig, hears, rows

pytestmark = pytest.mark.usefixtures("unpaced")
HOST = "alumni.example.com"


@pytest.fixture
async def linked(database_url: str) -> AsyncIterator[World]:
    async with PracticeSlack(unfurl_domains=[HOST]) as slack, PracticeTeams(auth=True) as teams:
        settings = settings_for(slack, teams, database_url, public_url=f"https://{HOST}")
        authority = authority_of(teams)
        running = World(slack, teams, settings, authority, Service(settings, authority=authority))
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


def change(world: World, gig_id: int, *, public: bool, named: int | None = None) -> None:
    """The gig was posted in a channel for gigs, or was not; it goes to one person alone, or does not."""
    there = {"platform": "slack", "workspace": world.slack.workspace.team_id, "address": "channel:T0PRACTICE:CGIGS"}
    with world.database.company(1) as session:
        gig = session.get_one(Gig, gig_id)
        gig.channels, gig.named_id = [there] if public else [], named
        session.add(gig)


async def shared(world: World, person: SlackPerson, text: str, channel: str | None = "CTALK") -> Message:
    answered = await person.say(text, channel)
    assert answered.said is not None
    await world.settled()
    return answered.said


async def test_a_link_shows_what_everybody_may_read_and_nothing_else(linked: World) -> None:
    hr = await linked.claim()
    sato = await linked.enrol(hr, "U0SATO", "佐藤 美咲")
    stranger = linked.slack_person("U0STRANGER", "Stranger")
    linked.slack.workspace.add_channel("CTALK", members=["U0SATO", "U0STRANGER"])
    linked.slack.workspace.add_channel("CELSE", members=["U0SATO"], bot=False)
    card = await fill_in_gig(hr, title="設計 <!channel>")
    gig_id = rows(linked.database, "gig")[0]["id"]
    link = f"https://{HOST}/gigs/{gig_id}"
    sato_id = next(row["id"] for row in rows(linked.database, "person") if row["name"] == "佐藤 美咲")

    for public, named in ((False, None), (True, sato_id)):
        change(linked, gig_id, public=public, named=named)
        assert (await shared(linked, sato, f"どうぞ {link}")).unfurls == {}
        assert (await hr.share_link(link)).results == []
    change(linked, gig_id, public=True)
    assert (await shared(linked, stranger, link)).unfurls == {}
    assert (await shared(linked, sato, f"{link}0 https://{HOST}/gigs/999 {link}?x")).unfurls == {}
    assert linked.slack.workspace.calls("chat.unfurl") == []

    linked.slack.faults.order(Redeliver(2), on="event/link_shared")
    said = await shared(linked, sato, f"{link} と {link}")
    assert list(said.unfurls) == [link]
    shown = words(said.unfurls[link]["blocks"])
    assert "設計 <!channel>" in shown and GIG["reward"] in shown and "反応" not in shown
    assert "actions" not in {block["type"] for block in said.unfurls[link]["blocks"]}
    assert len(linked.slack.workspace.calls("chat.unfurl")) == 1
    assert list((await shared(linked, sato, link, "CELSE")).unfurls) == [link], "where the bot is not, too"

    (result,) = (await hr.share_link(link)).results
    assert "設計 <!channel>" in str(result) and result["content"]["actions"] == []
    before = len(rows(linked.database, "inbox"))
    for url in (f"{link}0", f"{link}/", "", f"https://{HOST}.evil.example/gigs/{gig_id}"):
        assert (await hr.share_link(url)).body["composeExtension"]["attachments"] == []
    assert (await linked.teams.as_person("hr2").share_link(link)).results == [], "a stranger"
    assert len(rows(linked.database, "inbox")) == before

    await fill(hr, card)
    await linked.settled()
    assert "募集終了" in words((await shared(linked, sato, link)).unfurls[link]["blocks"])
    assert "募集終了" in str((await hr.share_link(link)).results)
    assert "募集終了" not in words(said.unfurls[link]["blocks"])
    with linked.database.company(1) as session:  # whoever has left shares nothing
        person = session.get_one(Person, sato_id)
        person.state = "left"  # type: ignore[assignment]
        session.add(person)
    assert (await shared(linked, sato, link)).unfurls == {}
    assert_nothing_refused(linked)


async def test_a_link_alone_is_a_question_for_the_gig_and_its_page_tells_nothing(linked: World) -> None:
    hr = await linked.claim()
    sato = await linked.enrol(hr, "U0SATO", "佐藤 美咲")
    await fill_in_gig(hr)
    gig_id = rows(linked.database, "gig")[0]["id"]
    link = f"https://{HOST}/gigs/{gig_id}"
    await linked.settled()
    said = await shared(linked, sato, link, None)
    answer = await hears(linked, sato, GIG["title"])
    assert float(answer.ts) > float(said.ts) and "gig.ask" in str(answer.blocks) and said.unfurls == {}
    asked = await hr.say(link)
    await hr.hears("gig.withdraw", after=hr.posted(asked))
    await sato.say(f"https://{HOST}/gigs/999")
    await hears(linked, sato, "見つかりません")

    pages: dict[int, tuple[int, str]] = {}
    async with aiohttp.ClientSession() as browser:
        for number in (gig_id, 999):
            url = f"http://127.0.0.1:{linked.service.port}/gigs/{number}"
            async with browser.get(url, headers={"Accept-Language": "ja"}) as page:
                pages[number] = page.status, await page.text()
                assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        async with browser.get(f"http://127.0.0.1:{linked.service.port}/gigs/{gig_id}?lang=en") as page:
            assert "Slack or Teams" in await page.text()
        async with browser.get(f"http://127.0.0.1:{linked.service.port}/gigs/x") as page:
            assert page.status == 404
    assert pages[gig_id] == pages[999] and pages[999][0] == 200
    assert GIG["title"] not in pages[gig_id][1] and "Slack または Teams" in pages[gig_id][1]
