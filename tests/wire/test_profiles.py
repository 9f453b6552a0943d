"""Profiles on the wire: what people say of themselves, to whom, and from whom they hide."""

import pytest
from sqlmodel import select

from storage.tables import AuditEntry
from tests.conftest import World, button
from tests.wire.acting import assert_nothing_refused, opened, rows

pytestmark = pytest.mark.usefixtures("unpaced")


async def test_a_profile_is_filled_in_shown_to_whom_it_is_for_and_hidden_from_one(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANA", "田中 恵")

    async def hears(text: str) -> str:
        shown = (await tanaka.command("/alumni", text)).shown
        assert shown is not None
        return shown.words

    await sato.command("/alumni", "profile work")
    work = {
        "works_at": "みなと精機 <!channel>",
        "works_as": "課長",
        "city": "大阪",
        "departments": "品質管理部 2005-2010",
    }
    assert (await sato.submit(await opened(world, sato), values=work)).ok
    assert "みなと精機" in await hears("profile 佐藤") and "品質管理部（2005–2010）" in await hears("profile 佐藤")
    assert "佐藤 美咲" in await hears("find dept:品質 city:大阪")

    await sato.command("/alumni", "profile visibility")
    assert (await sato.submit(await opened(world, sato), values={"city": "hr", "works_at": "hidden"})).ok
    assert "大阪" not in await hears("profile 佐藤") and "みなと" not in await hears("profile 佐藤")
    assert "「大阪」に当てはまる方が見つかりません" in await hears("find 大阪")
    for _ in range(2):
        said = await hr.say("profile 佐藤")
        assert "大阪" in str((await hr.hears("佐藤 美咲", after=hr.posted(said))).card)
    await world.settled()
    with world.database.company(1) as session:
        looks = session.exec(select(AuditEntry).where(AuditEntry.action == "looked")).all()
        assert sorted(look.detail["field"] for look in looks) == ["city", "email"]

    shown = (await sato.command("/alumni", "profile 田中 恵")).shown
    assert shown is not None
    await sato.press(shown, button(shown, "hide"))
    await sato.press(shown, button(shown, "hide"))
    await world.settled()
    assert len(rows(world.database, "hiding")) == 1
    for text in ("find 佐藤", "profile 佐藤", "find 品質管理部"):
        words = await hears(text)
        assert "佐藤 美咲" not in words and "見つかりません" in words
    back = (await sato.command("/alumni", "unhide 田中")).shown
    assert back is not None and "再び" in back.words
    assert "佐藤 美咲" in await hears("find 佐藤")
    assert_nothing_refused(world)
