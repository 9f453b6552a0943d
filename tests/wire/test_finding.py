"""Looking people up: in both clients, page by page, and what an answer without anybody tells."""

from typing import Any

import pytest
from sqlmodel import col, select

from bot import directory, queries
from sandbox.slack import Ephemeral
from storage.tables import Person, PersonState, Role
from tests.conftest import World, button
from tests.wire.acting import assert_nothing_refused, hears, messages, now, opened, rows

pytestmark = pytest.mark.usefixtures("unpaced")

CLAN = [f"岡田 {name}" for name in "愛彩一恵花健樹剛純誠沙直典春陽文雅優幸流玲和亮"]


def settle_in(world: World, names: list[str], *skills: str) -> None:
    with world.database.company(1) as session:
        for name in names:
            person = Person(name=name, role=Role.ALUMNUS, state=PersonState.ACTIVE, locale="ja")
            session.add(person)
            session.flush()
            directory.keep_skills(session, person, skills)


def listed(words: str) -> list[str]:
    return [name for name in sorted(CLAN) if words.count(f"{name}様") > 0]


def words(card: dict[str, Any]) -> str:
    """What an Adaptive Card of paragraphs says."""
    return "\n".join("".join(run["text"] for run in block.get("inlines", ())) for block in card["body"])


async def test_a_list_in_slack_is_turned_over_in_its_place(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    settle_in(world, CLAN)
    await world.settled()
    before = len(rows(world.database, "delivery"))
    shown = (await sato.command("/alumni", "find 岡田")).shown
    assert isinstance(shown, Ephemeral) and "23名（1／3ページ）" in shown.words
    assert listed(shown.words) == sorted(CLAN)[:10]
    seen = [*listed(shown.words)]
    for page in (2, 3):
        await sato.press(shown, button(shown, "find", page=str(page)))
        assert await world.slack.until(lambda _, page=page: f"（{page}／3ページ）" in shown.words)
        seen += listed(shown.words)
    assert seen == sorted(CLAN)
    assert "次のページ" not in shown.words
    await sato.press(shown, button(shown, "find", page="2"))
    assert await world.slack.until(lambda _: "（2／3ページ）" in shown.words)
    await world.settled()
    assert len(rows(world.database, "delivery")) == before, "a page is no message of its own"
    assert not any("ページ" in message.words for message in messages(world, sato))
    assert_nothing_refused(world)


async def test_a_list_that_the_bot_posted_is_turned_over_in_its_place_too(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    settle_in(world, CLAN)
    await sato.say("find 岡田")
    posted = await hears(world, sato, "（1／3ページ）")
    sent = len(messages(world, sato))
    await sato.press(posted, button(posted, "find", page="2"))
    assert await world.slack.until(lambda _: "（2／3ページ）" in now(world, posted).words)
    assert len(messages(world, sato)) == sent


async def test_a_list_in_teams_is_turned_over_in_its_place(world: World) -> None:
    hr = await world.claim()
    settle_in(world, CLAN, "経理")
    await hr.say("検索 skill：経理 岡田")
    card = await hr.hears("次のページ")
    heard = len(hr.messages())
    seen = listed(words(hr.card(card)))
    for page in (2, 3):
        turned = await hr.execute(card, "次のページ")
        assert turned.ok and f"23名（{page}／3ページ）" in words(hr.card(card))
        seen += listed(words(hr.card(card)))
    assert seen == sorted(CLAN)
    await hr.execute(card, "前のページ")
    await hr.execute(card, "次のページ")
    assert "（3／3ページ）" in words(hr.card(card)), "the same button on another rendering is another press"
    assert len(hr.messages()) == heard


async def test_nobody_found_says_why_and_suggests(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    settle_in(world, ["田中 恵"], "経理")
    settle_in(world, ["山田 誠"], "英語")

    async def answer(text: str) -> str:
        shown = (await sato.command("/alumni", text)).shown
        assert shown is not None
        return shown.words

    assert "「宇宙工学」に当てはまる方が見つかりませんでした" in await answer("find 田中 宇宙工学")
    assert "すべてに当てはまる方は見つかりませんでした" in await answer("find 田中 英語")
    close = await answer("find 田仲")
    assert "お名前の似た方" in close and "田中 恵" in close
    assert f"{queries.LONGEST}文字以内" in await answer("find " + "田中 " * 1000)
    assert "「find 田中」" in await answer("find 。。。🎉")
    assert "田中 恵" in await answer("profile 田中")
    assert "見つかりませんでした" in await answer("profile 高橋")
    assert "「@channel」に当てはまる方" in await answer("find 田中 <!channel>")
    assert_nothing_refused(world)


async def test_who_leaves_is_not_on_the_next_page_any_more(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    settle_in(world, CLAN[:11])
    shown = (await sato.command("/alumni", "find 岡田")).shown
    assert shown is not None and "11名（1／2ページ）" in shown.words
    with world.database.company(1) as session:
        for person in session.exec(select(Person).where(col(Person.name).in_(CLAN[2:11]))):
            person.state = PersonState.LEFT
    await sato.press(shown, button(shown, "find", page="2"))
    assert await world.slack.until(lambda _: "ページ" not in shown.words)
    assert listed(shown.words) == sorted(CLAN[:2]), "the nearest page that there is"


async def test_who_tells_how_their_name_is_read_is_found_by_it_at_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    takahashi = await world.enrol(hr, "U0TAKA", "高橋 順一")
    shown = (await sato.command("/alumni", "find takahashi")).shown
    assert shown is not None and "高橋 順一" not in shown.words
    await takahashi.command("/alumni", "profile edit")
    view = await opened(world, takahashi)
    values = {"name": "髙橋 順一", "reading": "たかはし じゅんいち", "skills": "経理"}
    assert (await takahashi.submit(view, values=values)).ok
    for text in ("find takahashi", "find ﾀｶﾊｼ 経理", "find 高橋", "find junichi name:takahasi"):
        shown = (await sato.command("/alumni", text)).shown
        assert shown is not None and "髙橋 順一" in shown.words, text
    await hr.say("profile takahashi")
    await hr.hears("たかはし じゅんいち")
    await takahashi.command("/alumni", "profile edit")
    assert "たかはし じゅんいち" in str((await opened(world, takahashi)).blocks)
