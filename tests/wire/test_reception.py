"""The evening itself on the wire: a ticket in Slack, a desk, attendance in Teams, thanks, and what a guest says."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from adapters.service import Service
from sandbox.clock import PracticeClock
from sandbox.slack import PracticeSlack
from sandbox.teams import PracticeTeams
from tests.conftest import World, authority_of, button, settings_for
from tests.wire.acting import assert_nothing_refused, hears, now, opened, rows
from tests.wire.test_cards import images
from tests.wire.test_events import EVENING, in_days, invited
from tests.wire.test_exports import PUBLIC

pytestmark = pytest.mark.usefixtures("unpaced")


@pytest.fixture
async def turned(database_url: str) -> AsyncIterator[tuple[World, PracticeClock]]:
    """A world that browsers reach, and its clock."""
    clock = PracticeClock()
    async with PracticeSlack() as slack, PracticeTeams(auth=True) as teams:
        settings = settings_for(slack, teams, database_url, public_url=PUBLIC)
        authority = authority_of(teams)
        running = World(slack, teams, settings, authority, Service(settings, authority=authority), now=clock.now)
        await running.start()
        try:
            yield running, clock
        finally:
            await running.stop()


async def test_from_the_ticket_to_what_the_guest_says(turned: tuple[World, PracticeClock]) -> None:
    world, clock = turned

    async def forward_to(day: int) -> None:
        """Half past ten in the morning in Tokyo."""
        clock.forward_to(datetime.fromisoformat(f"{in_days(day)}T01:30+00:00"))
        await world.service.catch_up()
        await world.settled()

    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    said = await hr.say("create event")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    assert (await hr.execute(form, "event.create", {**EVENING, "day": in_days(20)})).ok
    draft = await hr.hears("event.publish", after=form)
    assert (await hr.execute(draft, "event.publish")).ok
    card = await hr.hears("event.reception", after=draft)
    to_sato = await invited(world, sato)
    await sato.press(to_sato, button(to_sato, "event.going"))
    await world.settled()
    (ticket,) = set(re.findall(r"/tickets/([\w.-]+)", str(now(world, to_sato).blocks)))

    reception = await hr.execute(card, "event.reception")
    desk = re.findall(rf"{PUBLIC}(/reception/1\.\d+\.\d+\.0\.1\.[\w.-]+)", str(reception.card))[0]
    here = f"http://127.0.0.1:{world.service.port}"
    act: dict[str, Any] = {"id": "a1", "do": "in", "ticket": ticket, "ago": 0}
    async with aiohttp.ClientSession() as session:
        for result in ("done", "again"):
            async with session.post(f"{here}{desk}/acts", json={"acts": [act]}) as answer:
                assert (await answer.json())["results"][0]["said"] == result
    await forward_to(21)

    thanks = await hears(world, sato, "ご参加いただき")
    await sato.press(thanks, button(thanks, "event.feedback"))
    words = "また参加します <!channel>"
    assert (await sato.submit(await opened(world, sato), values={"score": "5", "words": words})).ok
    assert [(row["score"], row["words"]) for row in rows(world.database, "feedback")] == [(5, words)]
    await forward_to(29)
    results = await hr.hears("参加された方のご感想", after=card)
    assert words in str(results.card) and "佐藤 美咲" in str(results.card) and "5.0" in str(results.card)
    attended = await hr.execute(results, "event.attendance")
    assert "入社年次別" in str(attended.card)
    picture = images(attended.card)[0]["url"].removeprefix(PUBLIC)
    async with aiohttp.ClientSession() as session, session.get(f"{here}{picture}") as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
    assert len([m for m in world.slack.workspace.bot_messages_to("U0SATO") if "ご参加いただき" in m.words]) == 1
    await world.settled()
    assert_nothing_refused(world)
