"""An event from its form to its end on the wire. How many answer at once is told in test_rush.py."""

from datetime import timedelta
from typing import Any

import pytest

from bot import clock
from sandbox.slack import Message
from sandbox.slack import Person as SlackPerson
from tests.conftest import World, button
from tests.wire.acting import assert_nothing_refused, hears, messages, now, opened, rows

pytestmark = pytest.mark.usefixtures("unpaced")

EVENING = {
    "title": "アルムナイの夕べ <!channel>",
    "words": "食堂を貸し切ります。@everyone",
    "starts": "19:00",
    "ends": "21:00",
    "zone": "Asia/Tokyo",
    "place": "1階食堂",
    "capacity": "1",
}


def in_days(number: int) -> str:
    return (clock.now() + timedelta(days=number)).date().isoformat()


async def invited(world: World, person: SlackPerson, verb: str = "event.going") -> Message:
    def look(_: Any) -> Message | None:
        return next((m for m in messages(world, person) if verb in str(m.blocks)), None)

    found = await world.slack.until(look)
    assert found is not None
    await world.settled()
    return found


async def test_an_evening_from_its_form_to_its_end(world: World) -> None:
    hr = await world.claim()
    sato, tanaka = await world.enrol(hr, "U0SATO", "佐藤 美咲"), await world.enrol(hr, "U0TANAKA", "田中 健")
    said = await hr.say("create event")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    wrong = await hr.execute(form, "event.create", {**EVENING, "day": in_days(20), "ends": "18:00"})
    assert "開始より前です" in str(wrong.card) and "食堂を貸し切ります" in str(wrong.card)
    assert (await hr.execute(form, "event.create", {**EVENING, "day": in_days(20)})).ok
    draft = await hr.hears("event.publish", after=form)
    await world.settled()
    assert (await hr.execute(draft, "event.options")).ok
    asked = await hr.execute(draft, "event.options", {"guests": "1", "questions": "食事のご希望", "kept": "yes"})
    assert asked.ok and "食事のご希望" in str(asked.card)
    assert (await hr.execute(draft, "event.publish")).ok
    desk = await hr.hears("event.cancel", after=draft)

    to_sato, to_tanaka = await invited(world, sato), await invited(world, tanaka)
    assert "1階食堂" not in to_sato.words and "参加が確定した方にのみ" in to_sato.words
    await sato.press(to_sato, button(to_sato, "event.going"))
    view = await opened(world, sato)
    many = await sato.submit(view, values={"guests": "2", "answer_1": ""})
    assert "0から1まで" in str(many.errors or (many.view and many.view.blocks))
    assert (await sato.submit(view, values={"guests": "", "answer_1": "魚 <!here>"})).ok
    await world.settled()
    assert "ご参加を承りました" in now(world, to_sato).words and "1階食堂" in now(world, to_sato).words
    assert "ただいま満席です" in now(world, to_tanaka).words, "every copy counts"
    await tanaka.press(to_tanaka, button(now(world, to_tanaka), "event.going"))
    assert (await tanaka.submit(await opened(world, tanaka), values={"guests": "", "answer_1": ""})).ok
    await world.settled()
    assert "キャンセル待ち" in now(world, to_tanaka).words and "佐藤" not in now(world, to_tanaka).words
    await hr.hears("キャンセル待ち 1名")

    listed = await tanaka.command("/events", "mine")
    assert listed.ok and "キャンセル待ち" in str(listed.shown)
    await sato.press(now(world, to_sato), button(now(world, to_sato), "event.no"))
    offer = await hears(world, tanaka, "お席が空きました", under=to_tanaka)
    await tanaka.press(offer, button(offer, "event.confirm"))
    await world.settled()
    assert "ご参加を承りました" in now(world, to_tanaka).words and "確定しました" in now(world, offer).words

    assert (await hr.execute(desk, "event.create")).ok
    changed = await hr.execute(desk, "event.create", {**EVENING, "day": in_days(20), "starts": "18:30"})
    assert changed.ok
    notice = await hears(world, tanaka, "18:30", under=to_tanaka)
    assert "19:00 →" in notice.words and not any("→" in m.words for m in messages(world, sato))
    assert (await hr.execute(desk, "event.cancel")).ok
    assert (await hr.execute(desk, "event.cancel", {"reason": "台風のため"})).ok
    await hears(world, tanaka, "台風のため", under=to_tanaka)
    await world.settled()
    assert "開催中止" in now(world, to_sato).words and "event.going" not in str(now(world, to_sato).blocks)
    (event,) = rows(world.database, "event")
    assert (event["state"], event["sequence"], event["version"]) == ("cancelled", 2, 3)
    assert_nothing_refused(world)


async def test_the_home_tab_takes_an_answer(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    said = await hr.say("create event")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    await hr.execute(form, "event.create", {**EVENING, "day": in_days(20)})
    draft = await hr.hears("event.publish", after=form)
    assert (await hr.execute(draft, "event.publish")).ok
    to_sato = await invited(world, sato)
    await sato.open_home()
    await world.settled()
    home = sato.home
    assert home is not None and "アルムナイの夕べ" in home.words
    await sato.press_in_view(home, button(home, "event.going"))
    await hears(world, sato, "ご参加を承りました")
    await world.settled()
    assert "ご参加を承りました" in now(world, to_sato).words
