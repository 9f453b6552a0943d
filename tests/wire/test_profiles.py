"""Profiles on the wire: what people say of themselves, to whom, and from whom they hide."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import freshness
from storage.tables import AuditEntry, Person
from tests.conftest import World, button
from tests.wire.acting import assert_nothing_refused, messages, now, opened, rows

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


async def test_a_business_card_shows_no_more_than_the_profile_does(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANA", "田中 恵 <!channel>")
    await sato.command("/alumni", "profile work")
    await sato.submit(await opened(world, sato), values={"works_at": "みなと精機", "city": "大阪"})
    await sato.command("/alumni", "profile visibility")
    await sato.submit(await opened(world, sato), values={"city": "hidden"})

    own = (await sato.command("/alumni", "profile card")).shown
    of_sato = (await tanaka.command("/alumni", "profile card 佐藤 美咲")).shown
    assert own is not None and of_sato is not None
    assert "BEGIN:VCARD" in own.words and "大阪" in own.words
    assert "FN:佐藤 美咲" in of_sato.words and "みなと精機" in of_sato.words
    assert "大阪" not in of_sato.words and "u0sato@example.com" not in of_sato.words
    of_tanaka = (await sato.command("/alumni", "名刺 田中")).shown
    assert of_tanaka is not None and "<!channel>" in of_tanaka.words and "'broadcast'" not in str(of_tanaka.blocks)

    said = await hr.say("profile card 佐藤")
    assert "u0sato@example.com" in str((await hr.hears("VCARD", after=hr.posted(said))).card)
    stranger = (await world.slack_person("U0NEW", "誰か").command("/alumni", "profile card 佐藤")).shown
    assert stranger is not None and "VCARD" not in stranger.words
    assert_nothing_refused(world)


async def test_the_yearly_question_is_answered_with_its_buttons(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANA", "田中 恵")
    year_ago = world.now() - freshness.AFTER
    with world.database.company(1) as session:
        for person in session.exec(select(Person).where(Person.role == "alumnus")):
            person.works_at, person.works_as = "みなと精機 <!channel>", "課長"
            person.checked_at = person.created_at = year_ago - timedelta(days=20)
    monday = world.now().date() - timedelta(days=world.now().weekday() + 7)
    asked_at = datetime.combine(monday, time(freshness.ASKED_FROM + 1), ZoneInfo("Asia/Tokyo"))
    for _ in range(2):
        with world.database.company(1) as session:
            freshness.ask(session, asked_at)
    world.service._wake()  # pyright: ignore[reportPrivateUsage]
    await world.settled()
    (of_sato,) = [m for m in messages(world, sato) if "みなと精機" in m.words]
    (of_tanaka,) = [m for m in messages(world, tanaka) if "みなと精機" in m.words]

    for _ in range(2):
        await sato.press(of_sato, button(of_sato, "profile.fresh"))
    await tanaka.press(of_tanaka, button(of_tanaka, "profile.work"))
    assert (await tanaka.submit(await opened(world, tanaka), values={"works_at": "北海商会"})).ok
    await world.settled()
    for person, message in ((sato, of_sato), (tanaka, of_tanaka)):
        assert "profile.fresh" not in str(now(world, message).blocks), person
    kept = {row["name"]: (row["works_at"], row["checked_at"]) for row in rows(world.database, "person")}
    assert kept["佐藤 美咲"][0] == "みなと精機 <!channel>" and kept["田中 恵"][0] == "北海商会"
    assert_nothing_refused(world)
