"""Broadcasts on the wire: written and looked at in Teams, read on both platforms in both languages."""

import re
from typing import Any

import aiohttp
import pytest

from tests import crowds
from tests.conftest import World, button
from tests.wire.acting import assert_nothing_refused, hears, join_in_teams, messages, now, opened, rows
from tests.wire.test_exports import PUBLIC, reached

__all__ = ["reached"]
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
    await hr.execute(card, "broadcast.audience")
    more = await hr.execute(card, "broadcast.audience", {"cities": "大阪", "then": "more"})
    assert more.ok and "退職年" in str(more.card), more
    narrowed = await hr.execute(card, "broadcast.conditions", {"slots": "weekends,remote", "works_at": "みなと"})
    assert narrowed.ok and all(word in str(narrowed.card) for word in ("週末", "リモート", "大阪")), narrowed

    said = await hr.say("segments")
    listed = await hr.hears("segment.show", after=hr.posted(said))
    for verb in ("segment.show", "segment.remove", "segment.remove"):
        assert (await hr.execute(listed, verb)).ok
    await world.settled()
    assert not rows(world.database, "saved_segment")
    assert_nothing_refused(world)


async def test_links_lead_over_us_and_hr_sees_how_many_followed_them(reached: World) -> None:
    hr = await reached.claim()
    with reached.database.company(1) as session:
        alumni = crowds.joined(session, reached.slack, reached.teams, "both", 6)
    said = await hr.say("broadcast")
    album = "https://example.com/album?page=1&autumn=2026#photos"
    asked = {**NEWS, "text_en": f"Photos: {album}. <!channel>"}
    await hr.execute(await hr.hears("Input.Text", after=hr.posted(said)), "broadcast", asked)
    card = await hr.hears("broadcast.send", after=hr.posted(said))
    assert album in str(card.card)
    assert (await hr.execute(card, "broadcast.send")).ok
    in_slack = await hears(reached, reached.slack.as_user("U0ALUM000"), "<!channel>")
    in_teams = await reached.teams.as_person("U0ALUM001").hears("<!channel>")
    await reached.settled()
    assert all(album in str(shown) for shown in (in_slack.blocks, in_teams.card)), "as it was written"
    assert in_slack.words.count("It is counted") == 1 and "It is counted" in str(in_teams.card)
    (one,), (other,) = (set(re.findall(rf"{PUBLIC}(/l/[\w.-]+)", str(s))) for s in (in_slack.blocks, in_teams.card))
    assert one != other
    opens = {"User-Agent": "Mozilla/5.0 Firefox/140.0", "Sec-Fetch-Mode": "navigate"}
    for path, headers in ((one, opens), (one, opens), (other, opens), (other, {"User-Agent": "Slackbot"})):
        url = f"http://127.0.0.1:{reached.service.port}{path}"
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers, allow_redirects=False) as led:
            assert (led.status, led.headers["Location"]) == (302, album)
    await reached.settled()
    assert len(rows(reached.database, "click")) == 2 < len(alumni)
    shown = "".join(re.findall(r"'text': '([^']*)'", str(hr.card(card))))
    assert f"2名：{album}" in shown
    assert_nothing_refused(reached)


async def test_hr_in_slack_begins_the_next_one_with_a_template(world: World) -> None:
    await world.claim()
    staff = world.slack.as_user("U0HR")
    await staff.command("/alumni", "broadcast")
    first = await staff.submit(await opened(world, staff), values={**NEWS, "save_as": "月例"})
    assert first.ok and first.view is not None and "月例" in str(first.view.blocks)
    card = await hears(world, staff, "まだどなたにも届いていません")
    await staff.press(card, button(card, "broadcast"))
    asked = await staff.submit(await opened(world, staff), values={"text_ja": "改めました。", "save_as": "月例"})
    assert asked.view is not None and "すでにあります" in str(asked.view.blocks), asked
    await world.settled()
    assert [row["text_ja"] for row in rows(world.database, "broadcast_template")] == [NEWS["text_ja"]]
    assert (await staff.submit(asked.view, values={})).ok
    await staff.press(now(world, card), button(now(world, card), "broadcast.audience"))
    more = await staff.submit(await opened(world, staff), values={"then": "more"})
    assert more.view is not None and "weekends" in str(more.view.blocks), more
    assert (await staff.submit(more.view, values={"slots": ["weekends", "remote"], "left_to": "2020"})).ok
    await world.settled()
    assert "週末、リモート" in now(world, card).words and "改めました。" in now(world, card).words

    await staff.command("/alumni", "templates 月例")
    shown = await world.slack.until(
        lambda w: next((one for one in w.ephemerals_for("U0HR") if "で作る" in one.words), None)
    )
    assert shown is not None
    await staff.press(shown, button(shown, "broadcast"))
    assert (await staff.submit(await opened(world, staff), values={})).ok
    await world.settled()
    begun = rows(world.database, "broadcast")
    assert [(row["text_ja"], row["audience"]) for row in begun][1:] == [("改めました。", {})]
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
