"""Somebody is chosen for a gig: the terms reach them alone, and of two who choose for the last place one does."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from sandbox.slack import Message
from sandbox.slack import Person as SlackPerson
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted
from storage.tables import Case, Person, Role
from tests.conftest import World, button
from tests.wire.acting import assert_all_arrived_once, fill_in_gig, messages, now, offered, opened, rows, tripled

pytestmark = pytest.mark.usefixtures("unpaced")

TERMS = {
    "legal_name": "東都製作所株式会社",
    "person_name": "田中 健",
    "commissioned_on": "2026-11-01",
    "work": "画面の設計と試作 <!channel>",
    "place": "在宅",
    "reward": "60万円",
    "period": "2026年12月末",
    "payment_rule": "納品の翌月末",
}
NAMES = {"U0TANAKA": "田中 健", "U0SATO": "佐藤 美咲"}


async def interested(world: World, hr: TeamsPerson, *people: SlackPerson) -> list[Posted]:
    """HR posts a gig; these people are interested. Returns the cards of their cases."""
    card = await fill_in_gig(hr)
    cases: list[Posted] = []
    for person in people:
        offer = await offered(world, person)
        await person.press(offer, button(offer, "gig.interested"))
        cases.append(await hr.hears(NAMES[person.user.id], after=cases[-1] if cases else card))
    await world.settled()
    return cases


async def notice_of(world: World, person: SlackPerson) -> Message:
    def look(_: Any) -> Message | None:
        return next((m for m in messages(world, person) if "commission.paper" in str(m.blocks)), None)

    found = await world.slack.until(look)
    assert found is not None
    await world.settled()
    return found


async def test_the_terms_go_to_the_chosen_alone_and_everything_counts_once(world: World) -> None:
    hr = await world.claim()
    tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    case, _ = await interested(world, hr, tanaka, sato)
    async with tripled(world) as heard:
        form = await hr.execute(case, "gig.choose")
        assert form.ok and "田中 健" in str(form.card) and "why_reward" not in str(form.card)
        open_ = await hr.execute(case, "gig.choose", {**TERMS, "reward": ""})
        assert open_.ok and "why_reward" in str(open_.card) and TERMS["work"] in str(open_.card)
        reasons = {"why_reward": "見積もり中", "until_reward": "2099-01-31"}
        made = await hr.execute(case, "gig.choose", {**TERMS, "reward": "", **reasons})
        assert made.ok and "この方に決定し" in str(made.card), made
        notice = await notice_of(world, tanaka)
        assert "見積もり中" in notice.words and "東都製作所株式会社" in notice.words
        assert TERMS["work"] in notice.words and "&lt;" not in notice.words
        desk = await hr.hears("取引条件を明示しました", after=case)
        assert "すべての枠が埋まりました" in str(desk.card) and "募集を終了する" in str(desk.card)
        await tanaka.press(notice, button(notice, "commission.received"))
        await tanaka.press(notice, button(notice, "commission.paper"))
        due = await hr.hears("書面でのご希望", after=desk)
        await world.settled()
        assert "書面でのお届けを承りました" in now(world, notice).words
        sent = await hr.execute(due, "commission.paper.sent")
        assert sent.ok and "送付済み" in str(sent.card)
        filled = await hr.execute(due, "commission.supplement")
        assert filled.ok and "until_reward" in str(filled.card) and "why_work" not in str(filled.card)
        fixed = await hr.execute(due, "commission.supplement", {"reward": "60万円", **reasons})
        assert fixed.ok, fixed
        await world.slack.until(lambda _: any("取引条件の補充" in m.words for m in messages(world, tanaka)) or None)
        await world.settled()
    heard.assert_all_fine()
    assert [row["number"] for row in rows(world.database, "commission_notice")] == [1, 2]
    assert len(rows(world.database, "commission")) == 1
    assert not [m for m in messages(world, sato) if "取引条件" in m.words]
    in_channels = [m for m in world.slack.workspace.messages if not m.channel.startswith("D")]
    assert not [m for m in in_channels if "取引条件" in m.words]
    assert_all_arrived_once(world)


async def test_two_choose_different_people_for_the_last_place_and_one_wins(world: World) -> None:
    hr = await world.claim()
    tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanakas, _ = await interested(world, hr, tanaka, sato)
    in_slack = await world.enrol(hr, "U0SUZUKI", "鈴木 一郎")
    with world.database.company(1) as session:
        session.exec(select(Person).where(Person.name == "鈴木 一郎")).one().role = Role.HR
        of_sato = select(Case.id).join(Person, col(Person.id) == Case.person_id).where(Person.name == "佐藤 美咲")
        case = session.exec(of_sato).one()
    await in_slack.say("gigs")
    board = await in_slack_sees(world, in_slack, "gig.show")
    # Somebody else of HR, in Slack, opens the form of the other case.
    for block in board.blocks:
        for element in block.get("elements", ()):
            if str(element.get("action_id", "")).startswith("gig.show"):
                element |= {"action_id": "gig.choose#0", "value": f'{{"case":"{case}"}}'}
    await in_slack.press(board, "gig.choose#0")
    await opened(world, in_slack)
    await hr.execute(tanakas, "gig.choose")
    from_teams, from_slack = await asyncio.gather(
        hr.execute(tanakas, "gig.choose", TERMS),
        in_slack.submit(values={**TERMS, "person_name": "佐藤 美咲", "work": "長く書いた内容"}),
    )
    await world.settled()
    (won,) = rows(world.database, "commission")
    (notice,) = rows(world.database, "commission_notice")
    names = {row["id"]: row["name"] for row in rows(world.database, "person")}
    winner = names[won["person_id"]]
    assert notice["content"]["person_name"] == winner
    told = {
        NAMES[person.user.id]: len([m for m in messages(world, person) if "取引条件の明示" in m.words])
        for person in (tanaka, sato)
    }
    assert told == {name: int(name == winner) for name in NAMES.values()}
    if winner == "田中 健":
        assert "田中 健様（決定した担当者：田中 花子）" in str(from_slack.errors) and in_slack.modal is not None
    else:
        assert "佐藤 美咲様（決定した担当者：鈴木 一郎）" in str(from_teams.card) and TERMS["work"] in str(
            from_teams.card
        )
    assert [row["state"] for row in rows(world.database, "gig")] == ["open"]


async def in_slack_sees(world: World, person: SlackPerson, verb: str) -> Message:
    def look(_: Any) -> Message | None:
        return next((m for m in reversed(messages(world, person)) if verb in str(m.blocks)), None)

    found = await world.slack.until(look)
    assert found is not None
    await world.settled()
    return found
