"""What is typed in a thread, as it is edited, deleted, and comes with files: on both sides of the conversation."""

import pytest

from sandbox.faults import Redeliver, Reorder
from tests.conftest import World
from tests.wire.acting import (
    assert_all_arrived_once,
    counts,
    fill_in_gig,
    hears,
    messages,
    now,
    offered,
    rows,
)

pytestmark = pytest.mark.usefixtures("unpaced")


async def test_edits_and_deletions_reach_the_copies_on_the_other_side(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    desk = await fill_in_gig(hr)
    to_sato = await offered(world, sato)

    asked = await sato.say("在宅は可能でしょうか。", thread_ts=to_sato.ts)
    card = await hr.hears("在宅は可能でしょうか。", after=desk)
    await world.settled()
    assert asked.said is not None
    world.slack.faults.order(Redeliver(2), on="event/message")
    await sato.edit(asked.said, "在宅と副業は可能でしょうか。")
    await hr.hears("在宅と副業は可能でしょうか。")
    await world.settled()
    reading = hr.reading(hr.posted(card.id))
    assert "編集済み" in reading and "在宅は可能" not in reading

    answered = await hr.say("在宅は可能です。", reply_to=card)
    copy = await hears(world, sato, "在宅は可能です。", under=to_sato)
    await world.settled()
    await hr.edit(answered, "どちらも可能です。")
    await world.settled()
    assert "どちらも可能です。" in now(world, copy).words and "編集済み" in now(world, copy).words
    assert "在宅は可能です。" not in now(world, copy).words

    await hr.delete(answered)
    await sato.delete(asked.said)
    await world.settled()
    assert "送信元で削除されました" in now(world, copy).words and "可能です" not in now(world, copy).words
    after = hr.reading(hr.posted(card.id))
    assert after.count("送信元で削除されました") == 2 and "可能" not in after
    assert [row["text"] for row in rows(world.database, "casemessage")] == ["", ""]
    assert_all_arrived_once(world)


async def test_an_edit_that_overtakes_its_message_brings_it_along_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    desk = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    world.slack.faults.order(Reorder(), on="event/message")
    typed = await sato.say("ひとつめ", thread_ts=to_sato.ts)
    assert typed.held and typed.said is not None
    await sato.edit(typed.said, "なおした")
    await hr.hears("なおした", after=desk)
    await world.settled()
    assert [row["text"] for row in rows(world.database, "casemessage")] == ["なおした"]
    await sato.edit(typed.said, "もういちど")
    await sato.edit((await sato.say("help")).said or typed.said, "gigs")
    await world.settled()
    assert [row["text"] for row in rows(world.database, "casemessage")] == ["もういちど"]
    assert counts(world.database)["case"] == 1
    assert_all_arrived_once(world)


async def test_an_edit_in_a_teams_chat_waits_for_the_message_that_it_overtook(world: World) -> None:
    """It does not say to what its message replies."""
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    desk = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    await sato.say("在宅は可能でしょうか。", thread_ts=to_sato.ts)
    card = await hr.hears("在宅は可能でしょうか。", after=desk)
    await world.settled()
    world.teams.faults.order(Reorder(), on="message")
    typed = await hr.say("ひとつめ", reply_to=card)
    assert (await hr.edit(typed, "なおした")).ok
    copy = await hears(world, sato, "なおした", under=to_sato)
    await world.settled()
    assert [row["text"] for row in rows(world.database, "casemessage")] == ["在宅は可能でしょうか。", "なおした"]
    assert "編集済み" in now(world, copy).words and rows(world.database, "early_edit") == []
    assert_all_arrived_once(world)


async def test_files_reach_the_other_side_as_links_and_the_writer_is_told_so(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    desk = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    await sato.drop(("職務経歴書 <!here>.pdf", b"%PDF"), text="ご覧ください。", thread_ts=to_sato.ts)
    card = await hr.hears("ご覧ください。", after=desk)
    told = await hears(world, sato, "閲覧の権限がない方には開けません", under=to_sato)
    assert "職務経歴書 <!here>.pdf" in told.words
    assert "職務経歴書 <!here>.pdf" in hr.reading(card) and "slack.com/files/U0SATO/" in hr.reading(card)
    await world.settled()
    await hr.drop(("契約書.docx", b"x"), reply_to=card)
    copy = await hears(world, sato, "契約書.docx", under=to_sato)
    assert "sharepoint.com" in str(copy.blocks)
    await hr.hears("閲覧の権限がない方には開けません")
    await world.settled()
    assert_all_arrived_once(world)


async def test_what_is_typed_while_the_other_platform_is_down_arrives_later_in_order_and_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    desk = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    await sato.say("質問です。", thread_ts=to_sato.ts)
    card = await hr.hears("質問です。", after=desk)
    await world.settled()
    await world.slack.listening.go_down()
    for number in range(5):
        assert (await hr.say(f"こたえ{number}です。", reply_to=card)).ok
    assert not any("こたえ" in m.words for m in messages(world, sato))
    await world.slack.listening.come_back()
    await hears(world, sato, "こたえ4です。", under=to_sato)
    await world.settled()
    got = [m.words for m in messages(world, sato, under=to_sato) if "こたえ" in m.words]
    assert [[f"こたえ{n}です。" in words for n in range(5)].index(True) for words in got] == [0, 1, 2, 3, 4]
    assert_all_arrived_once(world)
