"""Questions without a gig, and what HR does with cases, over both practice platforms."""

import asyncio

from sqlmodel import select

from storage.tables import Person, Role, Side
from tests.conftest import World, button
from tests.wire.acting import assert_all_arrived_once, hears, messages, opened, rows


async def test_a_question_to_the_bot_becomes_a_case_and_goes_on_in_its_thread(world: World) -> None:
    hr = await world.claim()
    await hr.say("desk add 人事総務")
    desk = await hr.hears("desk.edit")
    settings = {"name": "人事総務", "topics": "証明書", "hours": "8", "opens": "9:00", "closes": "18:00"}
    await hr.execute(desk, "desk.edit")
    saved = await hr.execute(desk, "desk.edit", {**settings, "is_default": "yes"})
    assert saved.ok and "'8'}, {'type': 'TextRun', 'text': '営業時間以内'" in str(saved.card)
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")

    await sato.say("退職証明書の再発行をお願いできますか <!channel>")
    offered = await hears(world, sato, "まだ送信されていません")
    assert not rows(world.database, "case"), "what was not understood is no case by itself"
    await world.settled()
    await sato.press(offered, button(offered, "ask.send", topic="証明書"))
    opened_by = await hears(world, sato, "おおむね8営業時間以内")
    case = await hr.hears("退職証明書の再発行", after=desk)
    assert "証明書" in str(case.card) and "case.answer" in str(case.card)

    await world.settled()
    await hr.execute(case, "case.note")
    await hr.execute(case, "case.note", {"text": "社外秘のメモ"})
    answered = await hr.execute(case, "case.answer", {"text": "承りました。来週お送りします。"})
    assert answered.ok and "社外秘のメモ" in str(answered.card)
    answer = await hears(world, sato, "承りました", under=opened_by)
    assert "人事総務" in answer.words

    await sato.say("ありがとうございます。", thread_ts=opened_by.ts)
    again = await hr.hears("ありがとうございます。", after=case)
    await world.settled()
    assert "case.answer" not in str(hr.card(case)), "only the newest card has the buttons"
    assert "case.answer" in str(hr.card(again))
    assert not any("社外秘" in m.words for m in messages(world, sato))
    assert len(rows(world.database, "case")) == 1
    assert_all_arrived_once(world)


async def test_two_of_hr_take_and_answer_it_at_once_from_teams_and_slack(world: World) -> None:
    hr = await world.claim()
    await hr.say("desk add 人事総務")
    desk = await hr.hears("desk.edit")
    suzuki = await world.enrol(hr, "U0SUZUKI", "鈴木 一郎")
    with world.database.company(1) as session:
        session.exec(select(Person).where(Person.name == "鈴木 一郎")).one().role = Role.HR
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    await sato.command("/alumni", "ask 源泉徴収票はいつ届きますか")
    case = await hr.hears("源泉徴収票", after=desk)
    await world.settled()
    await suzuki.say("cases 佐藤")
    listed = await hears(world, suzuki, "佐藤 美咲様")
    await suzuki.press(listed, button(listed, "case.show"))
    shown = await hears(world, suzuki, "返信をお待ちです")
    await world.settled()

    await suzuki.press(shown, button(shown, "case.answer"))
    view = await opened(world, suzuki)

    in_teams, in_slack = await asyncio.gather(
        hr.execute(case, "case.answer", {"text": "Teams からお答えします。"}),
        suzuki.submit(view, values={"text": "Slack からお答えします。"}),
    )
    await world.settled()
    told = "まだ送信されていません" in str(in_teams.card)
    top = world.slack.workspace.top_view("U0SUZUKI")
    assert in_slack.ok and told != (top is not None and "まだ送信されていません" in str(top.body))
    said = [row["text"] for row in rows(world.database, "casemessage") if row["side"] == Side.DESK]
    assert len(said) == len(rows(world.database, "case_event")) == 1
    assert next(m.words for m in messages(world, sato) if "お答えします" in m.words).count(said[0]) == 1

    assert_all_arrived_once(world)
