"""HR drops a CSV file into the chat: it is checked, shown, and imported when HR says so; on both platforms."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot import dropping, intake
from sandbox.faults import Dropped, RefusedWith, ServerError
from sandbox.slack import Message
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted
from tests.conftest import button, code_in
from tests.wire.acting import assert_nothing_refused, hears, now, rows
from tests.wire.test_invitations import TARO, Mailed, world

__all__ = ["world"]

HEAD = "社員番号,氏名,退職日,メール\n"
ROWS = "A1,髙﨑 ① <!channel>,2026/3/31,one@example.com\nA2,田中 恵,令和8年3月31日,two@example.com\n"
PEOPLE = (HEAD + ROWS).encode("cp932")
WRONG = (HEAD + ROWS + "A3,鈴木 花,いつか,three@example.com\n").encode()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "AGAIN", tuple(wait / 100 for wait in intake.AGAIN))


async def in_teams(world: Mailed, hr: TeamsPerson, words: str) -> Posted:
    """HR's newest card in Teams, once it says so."""

    def look() -> Posted | None:
        return next((m for m in reversed(hr.messages()) if words in hr.reading(m)), None)

    found = await world.teams.tenant.until(look)
    assert found is not None
    return found


async def in_slack(world: Mailed, message: Message, words: str) -> Message:
    await world.slack.until(lambda _: words in now(world, message).words)
    return now(world, message)


def stored(world: Mailed) -> list[str]:
    return sorted(row["email"] for row in rows(world.database, "person") if row["email"])


async def test_in_teams_from_the_file_to_the_letters(world: Mailed) -> None:
    hr = await world.claim()
    await hr.drop(("people.csv", PEOPLE))
    checked = await in_teams(world, hr, "まだ何も登録していません")
    assert "people.csv" in hr.reading(checked) and stored(world) == []
    pressed = await asyncio.gather(*(hr.execute(checked, "file.import") for _ in range(3)))
    assert all(answer.ok for answer in pressed)
    done = await in_teams(world, hr, "取り込みが完了しました")
    assert done.id == checked.id, "the card has become the report"
    assert stored(world) == ["one@example.com", "two@example.com"]
    assert rows(world.database, "people_file_body") == []
    await world.letter(to="two@example.com")
    assert "髙﨑 ① <!channel>様" in (await world.letter(to="one@example.com")).text
    assert len(world.mail.mailboxes.letters) == 2
    noted = {row["action"] for row in rows(world.database, "audit")}
    assert {"file.drop", "file.import"} <= noted
    await hr.drop(("again.csv", PEOPLE))
    again = await in_teams(world, hr, "取り込むものはありません")
    assert "file.import" not in hr.reading(again)
    assert rows(world.database, "people_file_body") == []
    assert_nothing_refused(world)


async def test_in_slack_wrong_rows_are_named_and_nothing_is_kept(world: Mailed) -> None:
    await world.claim()
    hr = world.slack.as_user("U0HR")
    said = await hr.drop(("退職者.csv", WRONG))
    card = await hears(world, hr, "1行に誤りがあります")
    assert "4行目" in card.words and "file.import" not in str(card.blocks)
    assert stored(world) == [] and rows(world.database, "people_file_body") == []
    await asyncio.gather(*(world.slack.resend(said, 2, concurrently=True) for _ in range(2)))
    await world.settled()
    assert len(rows(world.database, "people_file")) == 1, "a redelivered event is one file"
    await hr.drop(("退職者.csv", PEOPLE), ("other.csv", PEOPLE.replace(b"two@", b"duo@").replace(b"A2", b"A9")))
    first = await hears(world, hr, "other.csv")
    other = await in_slack(world, first, "まだ何も登録していません")
    before = replace(other)
    await hr.press(other, button(other, "file.cancel"))
    assert "取りやめました" in (await in_slack(world, other, "取りやめました")).words
    assert (await hr.press(before, button(before, "file.import"))).ok, "pressed on a screen that is behind"
    good = await hears(world, hr, "まだ何も登録していません")
    await hr.press(good, button(good, "file.import"))
    await in_slack(world, good, "取り込みが完了しました")
    assert stored(world) == ["one@example.com", "two@example.com"]


async def test_who_may_not_and_where_not(world: Mailed) -> None:
    hr = await world.claim()
    await hr.say(f"enrol 山田 太郎 {TARO}")
    await world.joins(code_in((await world.letter()).text))
    taro = world.slack.as_user("U0TARO")
    await taro.drop(("people.csv", PEOPLE))
    await hears(world, taro, "人事の担当者のみ")
    stranger = world.slack_person("U0WHO", "Who")
    await stranger.drop(("people.csv", PEOPLE))
    await hears(world, stranger, "まだ確認できておりません")
    await taro.drop(("me.png", b"\x89PNG"), text="gigs")
    await hears(world, taro, "募集")
    assert rows(world.database, "people_file") == []
    assert [call for call in world.slack.workspace.journal if call.method == "files.download"] == []


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("people.xlsx", b"PK\x03\x04", "CSV UTF-8（コンマ区切り）"),
        ("people.csv", b"PK\x03\x04", "CSV UTF-8（コンマ区切り）"),
        ("me.png", b"\x89PNG", "CSV ファイルではありません"),
        ("people.csv", b"", "ファイルが空です"),
        ("people.csv", HEAD.encode(), "どなたの情報も入っていません"),
        ("people.csv", HEAD.encode() + b"x" * dropping.LARGEST, "20MBを超えています"),
    ],
)
async def test_what_is_no_such_file_is_said_with_a_remedy(world: Mailed, name: str, body: bytes, sentence: str) -> None:
    hr = await world.claim()
    await hr.drop((name, body))
    card = await in_teams(world, hr, sentence)
    assert "file.import" not in hr.reading(card)
    assert rows(world.database, "people_file_body") == []


async def test_a_download_is_tried_again_and_then_given_up(world: Mailed) -> None:
    hr = await world.claim()
    for fault in (ServerError(503), Dropped()):
        world.teams.faults.order(fault, on="files.download")
    await hr.drop(("people.csv", PEOPLE))
    await in_teams(world, hr, "まだ何も登録していません")
    world.teams.faults.order(ServerError(500), on="files.download", times=None)
    await hr.drop(("late.csv", PEOPLE))
    await in_teams(world, hr, "しばらくしてからもう一度")
    slack = world.slack.as_user("U0HR")
    world.slack.faults.order(RefusedWith("not_found", 404), on="files.download")
    await slack.drop(("gone.csv", PEOPLE))
    await hears(world, slack, "すでに削除されています")
    world.slack.api.scopes -= {"files:read"}
    await slack.drop(("secret.csv", PEOPLE))
    await hears(world, slack, "files:read")


async def test_nothing_is_fetched_from_elsewhere(world: Mailed) -> None:
    """Whoever writes an address into a message gets neither the token nor this server to ask for it."""
    await world.claim()
    hr = world.slack.as_user("U0HR")
    asked: list[Any] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(1000))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    world.slack.workspace.files_url = f"http://127.0.0.1:{port}/"
    await hr.drop(("people.csv", PEOPLE))
    await hears(world, hr, "取得しませんでした")
    server.close()
    assert asked == []


async def test_a_restart_goes_on_with_what_was_dropped_and_what_was_pressed(world: Mailed) -> None:
    hr = await world.claim()
    intakes = world.service._intake
    assert intakes is not None
    intakes.wake = lambda: None  # type: ignore[method-assign]
    await hr.drop(("people.csv", PEOPLE))
    await in_teams(world, hr, "確認が済むまで")
    await world.stop()
    await world.start()
    card = await in_teams(world, hr, "まだ何も登録していません")
    intakes = world.service._intake
    assert intakes is not None
    intakes.wake = lambda: None  # type: ignore[method-assign]
    await hr.execute(card, "file.import")
    await world.stop()
    assert stored(world) == []
    world.database.close()
    await world.start()
    await in_teams(world, hr, "取り込みが完了しました")
    assert stored(world) == ["one@example.com", "two@example.com"]
