"""Calendar files behind their links, as a calendar program fetches them."""

from datetime import timedelta

import pytest
import vobject

from bot import calendar_feeds, calendars
from bot.scene import Scene
from storage import people
from storage.tables import Person, PersonState
from tests.bot.gatherings import answer, event
from tests.web.conftest import Site

pytestmark = pytest.mark.asyncio


def wall(site: Site, days: int) -> str:
    return f"{site.now() + timedelta(days=days):%Y-%m-%dT19:00}"


async def test_a_feed_and_a_file_are_fetched_until_their_links_end(site: Site) -> None:
    taro = site.member("山田 太郎")
    with site.database.company(site.company_id) as session:
        made = event(session, wall(site, 14), host_id=taro, place="本社", title="交流会, <b>夏</b>")
        answer(session, made, taro)
        feed = calendar_feeds.path(calendar_feeds.issue(session, taro, site.now()))
        member, company = people.members(session, [taro])[taro], people.company(session)
        scene = Scene(session, company, member, "ja", site.now(), public_url="https://alumni.example.com")
        file = calendars.link(scene, made).removeprefix("https://alumni.example.com")
    for path in (feed, file, feed):
        got = await site.get(path)
        assert got.status == 200 and got.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert got.headers["Cache-Control"] == "no-store" and "event.ics" in got.headers["Content-Disposition"]
        assert vobject.readOne(got.text).vevent.summary.value == "交流会, <b>夏</b>"
    wrong = [feed.replace("/1.", "/2."), feed[:-5] + "_.ics", file.replace("/1.", "/9."), "/calendar/x.ics"]
    wrong += ["/calendar/%00.ics", "/events/1.1.1.1.x/event.ics", f"/calendar/{'1' * 400}.ics"]
    assert {(await site.get(path)).status for path in wrong} == {404}
    with site.database.company(site.company_id) as session:
        session.get_one(Person, taro).state = PersonState.LEFT
    assert {(await site.get(path)).status for path in (feed, file)} == {404}
