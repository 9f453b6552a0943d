"""Broadcasts on the wire: written and looked at in Teams, read on both platforms in both languages."""

from typing import Any

import pytest

from tests.conftest import World, button
from tests.wire.acting import assert_nothing_refused, hears, join_in_teams, messages, now, rows

pytestmark = pytest.mark.usefixtures("unpaced")

NEWS = {
    "title_ja": "秋の交流会のご報告",
    "text_ja": "ご参加ありがとうございました。<!channel>",
    "title_en": "Our autumn meeting",
    "text_en": "Thank you for coming.",
}


async def test_hr_writes_looks_at_it_sends_it_and_sees_who_read_it(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    mori = await world.enrol(hr, "U0MORI", "森 健")
    tanaka = await join_in_teams(world, hr, "alum2", "田中 誠")
    await mori.command("/alumni", "language en")
    await sato.command("/alumni", "preferences news digest")
    await hr.say("broadcast approval on")
    said = await hr.say("broadcast")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    saved = await hr.execute(form, "broadcast", NEWS)
    assert saved.ok, saved
    card = await hr.hears("broadcast.send", after=form)
    await hr.execute(card, "broadcast.test")
    await hr.hears("確認用です", after=card)
    await hr.hears("This is a test", after=card)
    asked = await hr.execute(card, "broadcast.send")
    assert asked.ok and "承認待ち" in str(asked.card)
    await world.settled()
    assert not any(NEWS["title_en"] in m.words for m in messages(world, mori))

    await hr.execute(card, "broadcast.back")
    await hr.say("broadcast approval off")
    await world.settled()
    sent = await hr.execute(card, "broadcast.send")
    assert sent.ok, sent
    to_mori = await hears(world, mori, NEWS["text_en"])
    to_tanaka = await tanaka.hears("ご参加ありがとうございました。<!channel>")
    await world.settled()
    assert not any(NEWS["title_ja"] in m.words for m in messages(world, sato))
    await mori.press(to_mori, button(to_mori, "news.read"))
    await tanaka.execute(to_tanaka, "news.read")
    await world.settled()
    assert "news.read" not in str(now(world, to_mori).blocks)
    assert len(rows(world.database, "acknowledgement")) == 2
    states = [row["state"] for row in rows(world.database, "delivery") if row["template"] == "news" and row["unasked"]]
    assert sorted(states) == ["held", "sent", "sent"]
    assert "週に一度のまとめでお届け" in str(hr.card(card))
    assert_nothing_refused(world)


async def test_a_saved_audience_is_chosen_the_next_time(world: World) -> None:
    hr = await world.claim()
    said = await hr.say("broadcast")
    await hr.execute(await hr.hears("Input.Text", after=hr.posted(said)), "broadcast", NEWS)
    card = await hr.hears("broadcast.audience")
    await hr.execute(card, "broadcast.audience")
    saved = await hr.execute(card, "broadcast.audience", {"cities": "大阪", "save_as": "関西 <!channel>"})
    assert saved.ok and "関西 <!channel>" in str(saved.card), saved
    await hr.execute(card, "broadcast.audience")
    await hr.execute(card, "broadcast.audience", {"cities": "京都"})
    form = await hr.execute(card, "broadcast.audience")
    [segment] = rows(world.database, "saved_segment")
    assert form.ok and {"title": segment["name"], "value": str(segment["id"])} in choices(form.card, "saved")
    chosen = await hr.execute(card, "broadcast.audience", {"saved": str(segment["id"])})
    assert chosen.ok and "大阪" in str(chosen.card) and "京都" not in str(chosen.card)

    said = await hr.say("segments")
    listed = await hr.hears("segment.show", after=hr.posted(said))
    for verb in ("segment.show", "segment.remove", "segment.remove"):
        assert (await hr.execute(listed, verb)).ok
    await world.settled()
    assert not rows(world.database, "saved_segment")
    assert_nothing_refused(world)


def choices(shown: Any, name: str) -> Any:
    """Of the question of that name on a card."""
    found = [shown]
    while found:
        match found.pop():
            case {"id": str(own), "choices": list() as offered} if own == name:
                return offered
            case dict() as inner:
                found += inner.values()
            case list() as inner:
                found += inner
            case _:
                pass
    return []
