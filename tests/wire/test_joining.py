"""People who come without a code: known by a confirmed address, or let in by HR; and everybody else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from adapters.service import Service
from sandbox.faults import RateLimited, Redeliver, ServerError
from sandbox.slack import Person as SlackPerson
from sandbox.slack import PracticeSlack
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted, PracticeTeams
from storage.tables import Account, Person, PersonState, Role
from tests.conftest import World, authority_of, button, settings_for
from tests.whole import whole
from tests.wire.acting import assert_all_arrived_once, hears, messages, opened, rows, tripled

TARO = "taro@example.com"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
WRITTEN = {
    "name": "山田 <!channel> 太郎",
    "email": "t.yamada@example.org",
    "worked": "品質管理部",
    "words": "お願いします",
}


def known(world: World, name: str = "山田 太郎", email: str = TARO, **more: Any) -> int:
    """A person who has answered a letter at that address."""
    with world.database.installation() as session:
        hr = session.exec(select(Person).order_by(col(Person.id))).first()
        assert hr is not None
        values: dict[str, Any] = {"role": Role.ALUMNUS, "state": PersonState.ACTIVE, "email_confirmed_at": NOW} | more
        person = Person(company_id=hr.company_id, name=name, email=email, **values)
        session.add(person)
        session.flush()
        return person.id or 0


def newcomer(world: World, email: str = TARO, **more: Any) -> SlackPerson:
    world.slack.workspace.add_user("U0TARO", "太郎", email=email, **more)
    return world.slack.as_user("U0TARO")


def accounts(world: World, person_id: int) -> list[str]:
    return [row["platform"] for row in rows(world.database, "account") if row["person_id"] == person_id]


async def asks(world: World, person: SlackPerson, **changes: str) -> None:
    """The stranger presses the button of the way in and sends the form."""
    await person.join_team()
    way_in = await hears(world, person, "人事に参加を申し込む")
    await person.press(way_in, button(way_in, "join.ask"))
    sent = await person.submit(await opened(world, person), values={**WRITTEN, **changes})
    assert sent.ok and not sent.errors, sent
    async with asyncio.timeout(60):  # what Slack says of them edits HR's cards, and would close a form there
        while any(row["look_at"] for row in rows(world.database, "join_request")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await world.settled()


async def colleague(world: World) -> TeamsPerson:
    """A second one of HR, in Teams."""
    member = world.teams.tenant.add_person("hr9", name="鈴木 花")
    person_id = known(world, "鈴木 花", "hana@example.com", role=Role.HR, email_confirmed_at=None)
    with world.database.installation() as session:
        person = session.get_one(Person, person_id)
        tenant = world.teams.tenant.tenant_id
        account: dict[str, Any] = {"platform": "teams", "workspace": tenant, "external_id": member.aad_object_id}
        session.add(Account(company_id=person.company_id, person_id=person_id, address="", **account))
    hana = world.teams.as_person("hr9")
    await hana.say("help")
    await hana.hears("post gig")
    return hana


async def card(hr: TeamsPerson, words: str = "join.refuse") -> Posted:
    return await hr.hears(words)


async def test_who_turns_up_is_known_by_a_confirmed_address(world: World) -> None:
    await world.claim()
    person_id = known(world)
    taro = newcomer(world, "Taro@Example.com")
    await taro.open_home()  # any sign of life will do
    await hears(world, taro, "ご本人と確認いたしました")
    await world.settled()
    assert accounts(world, person_id) == ["slack"]
    world.slack.faults.order(Redeliver(2), on="event/team_join")
    await taro.join_team()
    assert "山田 太郎" in (await taro.command("/alumni", "profile")).shown.words  # type: ignore[union-attr]
    await world.slack.until(lambda w: "山田 太郎" in w.homes["U0TARO"].words)
    assert "募集中の仕事" in world.slack.workspace.homes["U0TARO"].words
    await world.settled()
    assert len(messages(world, taro)) == 1
    assert rows(world.database, "join_request") == [], "nothing is kept of somebody who asked for nothing"
    assert [row["action"] for row in rows(world.database, "audit") if row["subject_id"] == person_id] == [
        "join.recognised"
    ]


async def test_in_teams_the_directorys_address_counts_and_a_guests_does_not(world: World) -> None:
    await world.claim()
    person_id = known(world)
    world.teams.tenant.add_person("stranger", email=TARO, guest=True)
    guest = world.teams.as_person("stranger")
    await guest.install()
    await guest.say("こんばんは")
    await guest.hears("まだ確認できておりません")
    assert accounts(world, person_id) == []
    world.teams.tenant.people["stranger"].guest = False
    with whole(world.database) as connection:  # some hours later
        connection.exec_driver_sql("UPDATE join_request SET looked_at = '2020-01-01 00:00:00'")
    await guest.say("おはようございます")
    await guest.hears("ご本人と確認いたしました")
    assert accounts(world, person_id) == ["teams"]


async def test_hr_lets_a_stranger_in_from_teams(world: World) -> None:
    hr = await world.claim()
    hana = await colleague(world)
    taro = newcomer(world, "taro@private.example")
    person_id = known(world, email=WRITTEN["email"], state=PersonState.INVITED, email_confirmed_at=None)
    async with tripled(world) as heard:
        await asks(world, taro)
        asked = await card(hr, "taro@private.example")
        heard.assert_all_fine()
    await world.settled()
    assert [m for m in hr.messages() if "join.admit" in str(m.card)] == [asked], "one card for each of HR"
    shown = hr.reading(asked)
    assert WRITTEN["name"] in shown and WRITTEN["words"] in shown and "山田 太郎様として承認する" in shown
    assert "確認されたものではありません" in shown
    theirs = await card(hana)
    first, second = await asyncio.gather(hr.execute(asked, "join.admit"), hana.execute(theirs, "join.admit"))
    assert sorted("すでに" in answer.text for answer in (first, second)) == [False, True]
    await hears(world, taro, "ようこそ、山田 太郎様")
    await world.settled()
    for copy in (asked, theirs):
        assert "様として承認しました" in str(copy.card) and "join.admit" not in str(copy.card)
    assert accounts(world, person_id) == ["slack"]
    assert [m.words for m in messages(world, taro) if "ようこそ" in m.words] == [messages(world, taro)[-1].words]
    assert "<!channel>" not in str([m.text for m in messages(world, taro)])
    assert_all_arrived_once(world)


async def test_two_people_with_one_confirmed_address_are_for_hr_to_tell_apart(world: World) -> None:
    hr = await world.claim()
    both = [known(world, name) for name in ("山田 太郎", "山田 次郎")]
    taro = newcomer(world)
    await asks(world, taro)
    asked = await card(hr, "山田 次郎様として承認する")
    assert "Slack のメールアドレスが一致" in hr.reading(asked)
    assert [accounts(world, one) for one in both] == [[], []]
    await hr.execute(asked, "join.admit", data={"args": {"joining": _number(world), "person": str(both[1])}})
    await hears(world, taro, "ようこそ、山田 次郎様")
    assert [accounts(world, one) for one in both] == [[], ["slack"]]


async def test_somebody_whom_nobody_has_added_is_let_in_as_a_new_person(world: World) -> None:
    hr = await world.claim()
    known(world, email=WRITTEN["email"])
    taro = newcomer(world, "")
    await asks(world, taro, email="another@example.com")
    asked = await card(hr)
    form = await hr.execute(asked, "join.new")
    assert form.card is not None and WRITTEN["name"] in str(form.card)
    taken = await hr.execute(asked, "join.new", {"name": "山田 三郎", "email": WRITTEN["email"]})
    assert "すでに登録されている方" in str(taken.card)
    await hr.execute(asked, "join.new", {"name": "山田 三郎", "email": "another@example.com"})
    await hears(world, taro, "ようこそ、山田 三郎様")
    new = next(row for row in rows(world.database, "person") if row["name"] == "山田 三郎")
    assert (new["state"], new["email_confirmed_at"]) == ("active", None), "what somebody wrote is not confirmed"


async def test_who_is_refused_hears_it_politely_and_cannot_ask_again_at_once(world: World) -> None:
    hr = await world.claim()
    taro = newcomer(world, "")
    await asks(world, taro)
    asked = await card(hr)
    await hr.execute(asked, "join.refuse")
    await hr.execute(asked, "join.refuse", {"reason": "unknown"})
    told = await hears(world, taro, "お受けすることができませんでした")
    assert "在籍の記録を見つける" in told.words
    again = await taro.command("/alumni", "join ask")
    assert again.shown is not None and "以降に承ります" in again.shown.words
    assert "input" not in {block["type"] for block in taro.modal.blocks}  # type: ignore[union-attr]
    assert "join" in (await taro.command("/alumni", "gigs")).shown.words  # type: ignore[union-attr]
    await world.settled()
    assert len([m for m in hr.messages() if "参加の申し込み" in str(m.card)]) == 1
    assert "お断りしました" in str(asked.card)


async def test_a_request_can_be_taken_back(world: World) -> None:
    hr = await world.claim()
    taro = newcomer(world, "")
    await asks(world, taro)
    asked = await card(hr)
    await world.settled()
    waits = await hears(world, taro, "お取り次ぎしています")
    await taro.press(waits, button(waits, "join.withdraw"))
    await world.settled()
    assert "削除されました" in str(asked.card) and "太郎" not in str(asked.card)
    assert WRITTEN["words"] not in str(rows(world.database, "join_request"))
    late = await hr.say("help")
    await hr.hears("post gig", after=hr.posted(late))


async def test_a_platform_that_cannot_answer_now_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.introducing.AGAIN_AFTER", timedelta(seconds=0.1))
    await world.claim()
    person_id = known(world)
    taro = newcomer(world)
    world.slack.faults.order(RateLimited(1), on="users.info")
    world.slack.faults.order(ServerError(), on="users.info", times=2)
    await taro.join_team()
    await hears(world, taro, "ご本人と確認いたしました")
    assert accounts(world, person_id) == ["slack"]


@pytest.fixture
async def shy(postgres_url: str) -> AsyncIterator[World]:
    """A workspace whose administrators have not granted users:read.email."""
    scopes = ("commands", "chat:write", "im:write", "im:history", "users:read")
    async with PracticeSlack(scopes=scopes) as slack, PracticeTeams(auth=True) as teams:
        settings, authority = settings_for(slack, teams, postgres_url), authority_of(teams)
        running = World(slack, teams, settings, authority, Service(settings, authority=authority))
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


async def test_without_the_scope_everybody_is_shown_the_way_in(shy: World) -> None:
    await shy.claim()
    person_id = known(shy)
    taro = newcomer(shy)
    await taro.join_team()
    await hears(shy, taro, "人事に参加を申し込む")
    assert accounts(shy, person_id) == []


def _number(world: World) -> str:
    return str(rows(world.database, "join_request")[0]["id"])
