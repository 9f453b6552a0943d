"""An event from its form to its end on the wire, and five hundred who answer at once over both platforms."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from bot import clock, events, rsvps
from bot.ports import Inbound, Kind, Speaker
from sandbox.slack import Message
from sandbox.slack import Person as SlackPerson
from storage.db import CompanySession
from storage.tables import Account, Event, EventState, Person, PersonState, Role, Rsvp, Seat, table
from tests.conftest import World, button
from tests.wire.acting import assert_nothing_refused, hears, messages, now, opened, rows

pytestmark = pytest.mark.usefixtures("unpaced")

EVENING = {
    "title": "アルムナイの夕べ <!channel>",
    "words": "食堂を貸し切ります。@everyone",
    "starts": "19:00",
    "ends": "21:00",
    "zone": "Asia/Tokyo",
    "place": "1階食堂",
    "capacity": "1",
}


def in_days(number: int) -> str:
    return (clock.now() + timedelta(days=number)).date().isoformat()


async def invited(world: World, person: SlackPerson, verb: str = "event.going") -> Message:
    def look(_: Any) -> Message | None:
        return next((m for m in messages(world, person) if verb in str(m.blocks)), None)

    found = await world.slack.until(look)
    assert found is not None
    await world.settled()
    return found


async def test_an_evening_from_its_form_to_its_end(world: World) -> None:
    hr = await world.claim()
    sato, tanaka = await world.enrol(hr, "U0SATO", "佐藤 美咲"), await world.enrol(hr, "U0TANAKA", "田中 健")
    said = await hr.say("create event")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    wrong = await hr.execute(form, "event.create", {**EVENING, "day": in_days(20), "ends": "18:00"})
    assert "開始より前です" in str(wrong.card) and "食堂を貸し切ります" in str(wrong.card)
    assert (await hr.execute(form, "event.create", {**EVENING, "day": in_days(20)})).ok
    draft = await hr.hears("event.publish", after=form)
    await world.settled()
    assert (await hr.execute(draft, "event.options")).ok
    asked = await hr.execute(draft, "event.options", {"guests": "1", "questions": "食事のご希望", "kept": "yes"})
    assert asked.ok and "食事のご希望" in str(asked.card)
    assert (await hr.execute(draft, "event.publish")).ok
    desk = await hr.hears("event.cancel", after=draft)

    to_sato, to_tanaka = await invited(world, sato), await invited(world, tanaka)
    assert "1階食堂" not in to_sato.words and "参加が確定した方にのみ" in to_sato.words
    await sato.press(to_sato, button(to_sato, "event.going"))
    view = await opened(world, sato)
    many = await sato.submit(view, values={"guests": "2", "answer_1": ""})
    assert "0から1まで" in str(many.errors or (many.view and many.view.blocks))
    assert (await sato.submit(view, values={"guests": "", "answer_1": "魚 <!here>"})).ok
    await world.settled()
    assert "ご参加を承りました" in now(world, to_sato).words and "1階食堂" in now(world, to_sato).words
    assert "ただいま満席です" in now(world, to_tanaka).words, "every copy counts"
    await tanaka.press(to_tanaka, button(now(world, to_tanaka), "event.going"))
    assert (await tanaka.submit(await opened(world, tanaka), values={"guests": "", "answer_1": ""})).ok
    await world.settled()
    assert "キャンセル待ち" in now(world, to_tanaka).words and "佐藤" not in now(world, to_tanaka).words
    await hr.hears("キャンセル待ち 1名")

    listed = await tanaka.command("/events", "mine")
    assert listed.ok and "キャンセル待ち" in str(listed.shown)
    await sato.press(now(world, to_sato), button(now(world, to_sato), "event.no"))
    offer = await hears(world, tanaka, "お席が空きました", under=to_tanaka)
    await tanaka.press(offer, button(offer, "event.confirm"))
    await world.settled()
    assert "ご参加を承りました" in now(world, to_tanaka).words and "確定しました" in now(world, offer).words

    assert (await hr.execute(desk, "event.create")).ok
    changed = await hr.execute(desk, "event.create", {**EVENING, "day": in_days(20), "starts": "18:30"})
    assert changed.ok
    notice = await hears(world, tanaka, "18:30", under=to_tanaka)
    assert "19:00 →" in notice.words and not any("→" in m.words for m in messages(world, sato))
    assert (await hr.execute(desk, "event.cancel")).ok
    assert (await hr.execute(desk, "event.cancel", {"reason": "台風のため"})).ok
    await hears(world, tanaka, "台風のため", under=to_tanaka)
    await world.settled()
    assert "開催中止" in now(world, to_sato).words and "event.going" not in str(now(world, to_sato).blocks)
    (event,) = rows(world.database, "event")
    assert (event["state"], event["sequence"], event["version"]) == ("cancelled", 2, 3)
    assert_nothing_refused(world)


async def test_the_home_tab_takes_an_answer(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    said = await hr.say("create event")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    await hr.execute(form, "event.create", {**EVENING, "day": in_days(20)})
    draft = await hr.hears("event.publish", after=form)
    assert (await hr.execute(draft, "event.publish")).ok
    to_sato = await invited(world, sato)
    await sato.open_home()
    await world.settled()
    home = sato.home
    assert home is not None and "アルムナイの夕べ" in home.words
    await sato.press_in_view(home, button(home, "event.going"))
    await hears(world, sato, "ご参加を承りました")
    await world.settled()
    assert "ご参加を承りました" in now(world, to_sato).words


CROWD, SEATS = 500, 120


async def test_five_hundred_for_a_hundred_and_twenty_seats(world: World) -> None:
    """Half of them in Slack, half in Teams, all at once. Then as many change their minds, and the line moves up."""
    await world.claim()
    team, tenant = world.slack.workspace.team_id, world.teams.tenant.tenant_id
    with world.database.company(1) as session:
        people = _crowd(session, team, tenant)
        event_id = _evening(session)

    def press(person: int, verb: str, key: str) -> Inbound:
        slack = person % 2 == 0
        platform, workspace = ("slack", team) if slack else ("teams", tenant)
        speaker = Speaker(platform, workspace, f"X{person}")
        args = {"event": str(event_id)}
        return Inbound(f"{key}:{person}", Kind.PRESSED, speaker, f"x:{person}", f"x:{person}", verb=verb, args=args)

    receive = world.service._receive
    await asyncio.gather(*(receive(press(person, "event.going", "go")) for person in people))
    said = sorted(rows(world.database, "rsvp"), key=lambda row: row["number"])
    assert [row["number"] for row in said] == list(range(1, CROWD + 1))
    assert [row["seat"] for row in said] == ["taken"] * SEATS + ["waiting"] * (CROWD - SEATS)
    if world.database.is_sqlite:  # elsewhere several come in at the same moment
        came = {row["key"]: row["at"] for row in rows(world.database, "inbox")}
        moments = [came[f"go:{row['person_id']}"] for row in said]
        assert moments == sorted(moments), "in the order in which they came"

    leaving = [row["person_id"] for row in said[:SEATS:2]] + [row["person_id"] for row in said[SEATS::7]]
    await asyncio.gather(*(receive(press(person, "event.no", "leave")) for person in leaving))
    after = sorted(rows(world.database, "rsvp"), key=lambda row: row["number"])
    stayed = [row for row in after if row["person_id"] not in leaving]
    assert sum(row["seat"] in ("taken", "offered") for row in after) == SEATS
    assert [row["seat"] in ("taken", "offered") for row in stayed] == [True] * SEATS + [False] * (len(stayed) - SEATS)
    with world.database.company(1) as session:
        assert rsvps.free(session, session.get_one(Event, event_id)) == 0
        assert events.seats_of(session, event_id)[Seat.WAITING] == len(stayed) - SEATS


def _crowd(session: CompanySession, team: str, tenant: str) -> list[int]:
    made: dict[str, Any] = {"role": Role.ALUMNUS, "state": PersonState.ACTIVE, "locale": "ja"}
    crowd = [Person(name=f"名{n}", **made) for n in range(CROWD)]
    session.add_all(crowd)
    session.flush()
    ids = [person.id or 0 for person in crowd]
    for person in ids:
        platform, workspace = ("slack", team) if person % 2 == 0 else ("teams", tenant)
        session.add(
            Account(platform=platform, workspace=workspace, external_id=f"X{person}", person_id=person, address="")
        )
    session.flush()
    return ids


def _evening(session: CompanySession) -> int:
    host = session.core.execute(select(func.min(table(Person).c.id)).where(text("role = 'owner'"))).scalar_one()
    at = clock.now() + timedelta(days=20)
    event = Event(
        title="夕べ",
        zone="Asia/Tokyo",
        starts_wall="2026-12-11T19:00",
        starts_at=at,
        ends_wall="2026-12-11T21:00",
        ends_at=at + timedelta(hours=2),
        host_id=host,
        capacity=SEATS,
        state=EventState.OPEN,
        desk_platform="slack",
        desk_workspace="T",
        desk_address="",
    )
    session.add(event)
    session.flush()
    assert session.get(Rsvp, (event.id, host)) is None
    return event.id or 0
