"""A message in Slack becomes a case, by the shortcut in its menu."""

import asyncio

import pytest

from sandbox.faults import Redeliver
from tests.conftest import World
from tests.wire.acting import assert_nothing_refused, counts, fill_in_gig, hears, messages, rows

pytestmark = pytest.mark.usefixtures("unpaced")
SHORTCUT = "case.make"


async def test_hr_makes_a_case_of_what_an_alumnus_wrote_and_answers_it(world: World) -> None:
    hr = await world.claim()
    sato, tanaka = await world.enrol(hr, "U0SATO", "佐藤 美咲"), await world.enrol(hr, "U0TANAKA", "田中 健")
    staff, stranger = world.slack.as_user("U0HR"), world.slack_person("U0STRANGER", "Stranger")
    world.slack.workspace.add_channel("CTALK", members=["U0SATO", "U0TANAKA", "U0HR", "U0STRANGER"], bot=False)
    desk = await fill_in_gig(hr)
    said = (await sato.say("源泉徴収票は <!channel> いつですか。", "CTALK")).said
    foreign = (await stranger.say("私も。", "CTALK")).said
    assert said is not None and foreign is not None

    assert (await tanaka.shortcut(SHORTCUT, said)).ok
    await hears(world, tanaka, "人事の担当者だけです")
    assert (await staff.shortcut(SHORTCUT, foreign)).ok
    await hears(world, staff, "登録されていない")
    await staff.shortcut(SHORTCUT, messages(world, staff)[-1])
    await world.settled()
    assert counts(world.database)["case"] == 0

    world.slack.faults.order(Redeliver(2), on=f"shortcut/{SHORTCUT}")
    await asyncio.gather(staff.shortcut(SHORTCUT, said), staff.shortcut(SHORTCUT, said))
    case = await hr.hears("源泉徴収票は @channel いつですか。", after=desk)
    await world.settled()
    told = [m.words for m in messages(world, staff)]
    assert sum("ケースにしました" in one for one in told) == 1 and sum("すでに" in one for one in told) == 1
    taken_up = await hears(world, sato, "人事の担当者が、お問い合わせとして承りました")
    assert [row["text"] for row in rows(world.database, "casemessage")] == ["源泉徴収票は @channel いつですか。"]
    assert [row["action"] for row in rows(world.database, "audit")].count("case.make") == 1

    assert (await hr.execute(case, "case.answer", {"text": "来週お送りします。"})).ok
    await hears(world, sato, "来週お送りします。", under=taken_up)
    await sato.say("ありがとうございます。", thread_ts=taken_up.ts)
    await hr.hears("ありがとうございます。", after=case)
    assert counts(world.database)["case"] == 1
    assert_nothing_refused(world)


async def test_an_alumnus_hands_over_their_own_message_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    desk = await fill_in_gig(hr)
    said = (await sato.say("住所が変わりました。" + "あ" * 3500)).said
    empty = (await sato.drop(("a.pdf", b"x"))).said
    assert said is not None and empty is not None
    await sato.shortcut(SHORTCUT, empty)
    await hears(world, sato, "文章がない")
    await sato.shortcut(SHORTCUT, said)
    await hr.hears("住所が変わりました。", after=desk)
    opened = await hears(world, sato, "人事の担当者にお伝えしました")
    await sato.shortcut(SHORTCUT, said)
    await hears(world, sato, "いただいた内容を")
    await sato.edit(said, "住所が変わりました。")
    await world.settled()
    assert [row["text"] for row in rows(world.database, "casemessage")] == ["住所が変わりました。"]
    assert "書き足す" in opened.words
    assert (await sato.shortcut("case.unknown", said)).ok
    assert_nothing_refused(world)
