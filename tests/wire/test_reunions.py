"""A reunion on the wire: proposed in Teams, answered in a modal and in a card, and organised by one who was asked."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot import clock, housekeeping
from sandbox.slack import Message
from storage.tables import Person, Role
from tests.conftest import World, button
from tests.wire.acting import assert_all_arrived_once, hears, join_in_teams, messages, now, opened, rows

pytestmark = pytest.mark.usefixtures("unpaced")


def words(card: Any) -> str:
    """What a card says, without the seams between its runs."""
    match card:
        case {"text": str(text)}:
            return text
        case dict():
            return "".join(map(words, card.values()))
        case list():
            return "".join(map(words, card))
        case _:
            return ""


async def test_a_cohort_is_asked_and_one_of_them_publishes_the_event(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    abe = await world.enrol(hr, "U0ABE", "阿部 直")
    tanaka = await join_in_teams(world, hr, "alum2", "田中 誠")
    with world.database.company(1) as session:
        for person in session.exec(select(Person).where(Person.role == Role.ALUMNUS)):
            person.joined_year = 1998
            session.add(person)

    def day(later: int) -> str:
        return clock.today(world.now() + timedelta(days=later), "Asia/Tokyo").isoformat()

    said = await hr.say("同期会 1998")
    form = await hr.hears("Input.Date", after=hr.posted(said))
    asks = {
        "day_1": day(30),
        "day_2": day(37),
        "starts": "19:00",
        "places": "東京駅周辺\n品川 <!channel>",
        "words": "@everyone",
    }
    wrong = await hr.execute(form, "reunion", {**asks, "closes": day(31)})
    assert "候補日より前の日" in str(wrong.card) and "東京駅周辺" in str(wrong.card)
    assert (await hr.execute(form, "reunion", {**asks, "closes": day(14)})).ok
    card = await hr.hears("reunion.open", after=form)
    assert "現在 3名" in words(hr.card(card))
    assert (await hr.execute(card, "reunion.open")).ok

    to_sato, to_abe = await hears(world, sato, "同期会を開きませんか"), await hears(world, abe, "同期会を開きませんか")
    to_tanaka = await tanaka.hears("reunion.answer")
    await world.settled()
    await sato.press(to_sato, button(to_sato, "reunion.answer"))
    empty = await sato.submit(await opened(world, sato), values={"days": [], "places": [], "offers": "no"})
    assert "今回は見送る" in str(empty.errors or (empty.view and empty.view.blocks))
    done = await sato.submit(await opened(world, sato), values={"days": ["1", "2"], "places": ["1"], "offers": "yes"})
    assert done.ok and not done.errors, done
    assert (await tanaka.execute(to_tanaka, "reunion.answer")).ok
    answered = await tanaka.execute(to_tanaka, "reunion.answer", {"days": "2", "places": "2", "offers": "no"})
    assert answered.ok, answered
    await abe.press(to_abe, button(to_abe, "reunion.decline"))
    await world.settled()
    assert "今回は見送る" in now(world, to_abe).words and "ご回答を承りました" in words(tanaka.card(to_tanaka))
    assert "幹事：引き受けてもよい" in now(world, to_sato).words
    told = words(hr.card(card))
    assert "参加の意向 2名、見送り 1名、幹事の申し出 1名" in told and "佐藤 美咲" not in told

    assert (await hr.execute(card, "reunion.close")).ok
    await world.settled()
    assert "佐藤 美咲" in words(hr.card(card)) and "受付は終了" in now(world, to_sato).words
    assert (await hr.execute(card, "reunion.choose")).ok
    sato_id = next(row["id"] for row in rows(world.database, "person") if row["name"] == "佐藤 美咲")
    assert (await hr.execute(card, "reunion.choose", {"who": str(sato_id)})).ok
    await tanaka.hears("準備を進めることになりました")
    await hears(world, sato, "幹事をお願いすることになりました")

    def look(_: Any) -> Message | None:
        return next((m for m in messages(world, sato) if "event.publish" in str(m.blocks)), None)

    draft = await world.slack.until(look)
    assert draft is not None and "東京駅周辺" in draft.words and "1998年入社 同期会" in draft.words
    await world.settled()
    await sato.press(draft, button(draft, "event.publish"))
    await tanaka.hears("event.going")
    housekeeping.run(world.database, clock.now)
    await world.settled()
    assert "イベントを公開しました" in words(hr.card(card))
    assert not any("準備を進める" in m.words for m in messages(world, abe)), "who declined is told nothing more"
    assert_all_arrived_once(world)
