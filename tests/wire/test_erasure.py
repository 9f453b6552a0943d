"""Somebody is erased: from everything that is stored, from what was posted, and with a receipt."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlmodel import select

from bot import clock, exports, marks
from sandbox.faults import RateLimited, RefusedWith
from sandbox.slack import Message
from sandbox.slack import Person as SlackPerson
from sandbox.teams import Person as TeamsPerson
from storage import audit
from storage.tables import Company, Department, Person
from tests.conftest import World, button, code_in
from tests.wire.acting import ask, everything, fill_in_gig, hears, join_in_teams, messages, offered, rows

pytestmark = pytest.mark.usefixtures("unpaced")

NAME, READING, ROMAJI = "柊木 蒼一朗", "ひいらぎ そういちろう", "Hiiragi Soichiro"
FORMER, NUMBER, HELP = "鵜飼", "EMP-77301", "量子経理の相談"
TRACES = (NAME, "柊木", "蒼一朗", READING, ROMAJI, FORMER, NUMBER, HELP, "U0SOU", "u0sou", "D0SOU")


async def lived(world: World, hr: TeamsPerson) -> SlackPerson:
    """A person who has left traces everywhere: profile, gig, case, look-ups of others, audit."""
    person = await world.enrol(hr, "U0SOU", NAME)
    other = await world.enrol(hr, "U0HANA", "佐藤 華")
    with world.database.company(1) as session:
        row = session.exec(select(Person).where(Person.name == NAME)).one()
        row.reading, row.romaji, row.former_surname = READING, ROMAJI, FORMER
        row.employee_number, row.helps_with = NUMBER, HELP
        session.add(row)
        session.add(Department(person_id=row.id or 0, place=0, name=f"{FORMER}部"))
        boss = session.exec(select(Person).where(Person.role == "owner")).one()
        audit.note(session, "looked", clock.now(), actor_id=boss.id, subject_id=row.id, detail={"field": "email"})
    await person.open_home()
    await person.say("profile")
    await fill_in_gig(hr)
    offer = await offered(world, person)
    await ask(world, person, offer, f"{NAME}です。<!channel> リモートは可能ですか。" + "あ" * 2500)
    card = await hr.hears(NAME)
    await world.settled()
    answered = await hr.execute(hr.messages()[-1], "case.answer", {"text": f"{NAME}様、可能です。"})
    assert answered.ok, card
    await other.say("find 柊木")
    await hears(world, other, NAME)
    await hr.say(f"find {READING.split(maxsplit=1)[0]}")
    await hr.say(f"profile {NAME}")
    await world.settled()
    return person


async def press(person: SlackPerson, shown: Message, verb: str) -> None:
    answered = await person.press(shown, button(shown, verb))
    assert answered.ok, answered


async def confirm_card(world: World, person: SlackPerson) -> Message:
    await person.say("privacy")
    shown = await hears(world, person, "同意の状況")
    await world.settled()
    await press(person, shown, "privacy.erase")
    card = await hears(world, person, "元には戻せません")
    await world.settled()
    return card


async def finished(world: World) -> None:
    async with asyncio.timeout(90):
        await world.service.catch_up()
        while not all(row["finished_at"] for row in rows(world.database, "erasure")):
            await asyncio.sleep(0.05)
            await world.service.catch_up()
    await world.settled()


def seen(world: World) -> str:
    """What people can see on both platforms of what the bot said."""
    slack = [m.words + json.dumps(m.blocks, ensure_ascii=False) for m in world.slack.workspace.messages]
    own = world.slack.workspace.bot_user_id
    slack = [text for text, m in zip(slack, world.slack.workspace.messages, strict=True) if m.user == own]
    homes = [view.words for view in world.slack.workspace.homes.values()]
    teams = [json.dumps(m.body, ensure_ascii=False) for m in world.teams.tenant.messages(of_bot=True)]
    return "\n".join([*slack, *homes, *teams])


def stored(world: World) -> bytes:
    """The whole database: every row, and on SQLite every byte of its files."""
    rows_ = json.dumps(everything(world.database), ensure_ascii=False)
    files = b""
    if world.database.is_sqlite:
        path = Path(str(world.database.engine.url.database))
        files = b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))
    return rows_.encode() + files


def assert_forgotten(world: World, traces: tuple[str, ...] = TRACES) -> None:
    kept, shown = stored(world), seen(world)
    for trace in traces:
        for form in {trace, json.dumps(trace)[1:-1]}:
            assert form.encode() not in kept, f"{trace}: {_around(kept, form.encode())}"
            assert form not in shown, trace


def _around(stored: bytes, form: bytes) -> str:
    """Where it stands, for whoever has to find out why."""
    at = stored.index(form)
    return stored[max(0, at - 400) : at + 200].decode(errors="replace")


async def test_no_trace_is_left_but_the_mark(world: World) -> None:
    hr = await world.claim()
    person = await lived(world, hr)
    before = stored(world)
    assert all(trace.encode() in before for trace in TRACES[:-1])
    card = await confirm_card(world, person)
    with world.database.company(1) as session:
        mark = marks.of(session, "u0sou@example.com")
    await press(person, card, "privacy.erase.confirm")
    await finished(world)
    assert_forgotten(world)
    said = messages(world, person)
    assert len(said) == 1 and "削除の控え" in said[0].words
    number = rows(world.database, "erasure")[0]["number"]
    assert number in said[0].words
    noted = {(row["action"], row["subject_mark"], row["actor_mark"]) for row in rows(world.database, "audit")}
    assert ("erased", mark, mark) in noted and ("looked", mark, "") in noted
    assert "削除されました" in seen(world)
    with world.database.company(1) as session:
        log = exports.as_csv(
            exports.LOG_COLUMNS, [r.cells() for r in exports._log(session, audit.entries(session), "ja")]
        )
    assert mark.encode() in log and not [t for t in TRACES if t.encode() in log]


async def test_found_by_nothing_afterwards(world: World) -> None:
    hr = await world.claim()
    person = await lived(world, hr)
    await press(person, await confirm_card(world, person), "privacy.erase.confirm")
    await finished(world)
    other = world.slack.as_user("U0HANA")
    for words in ("柊木", "ひいらぎ", "hiiragi", "鵜飼"):
        answered = await other.command("/alumni", f"find {words}")
        assert answered.shown is not None and "蒼一朗" not in answered.shown.words
    await fill_in_gig(hr, title="次の仕事")
    await offered(world, other, "次の仕事")
    assert not [m for m in messages(world, person) if "次の仕事" in m.words]
    said = await hr.say(f"enrol {NAME} u0sou@example.com")
    form = await hr.hears("Input.ChoiceSet", after=hr.posted(said))
    assert "再参加" in str(form.card), "HR is asked whether this is the person's own wish"
    told = await hr.execute(form, "enrol", {"known": "returns"})
    again = await person.command("/alumni", f"join {code_in(str(told.card))}")
    assert again.ok
    people_ = [(row["name"], row["state"]) for row in rows(world.database, "person")]
    assert people_.count((NAME, "active")) == 1 and people_.count(("", "erased")) == 1


async def test_pressed_twice_at_once_and_once_more_later(world: World) -> None:
    hr = await world.claim()
    person = await lived(world, hr)
    card = await confirm_card(world, person)
    await asyncio.gather(*(press(person, card, "privacy.erase.confirm") for _ in range(3)))
    await finished(world)
    assert len(rows(world.database, "erasure")) == 1
    assert len([m for m in messages(world, person) if "削除の控え" in m.words]) == 1


async def test_what_a_platform_does_not_let_go_of_is_on_the_receipt(world: World) -> None:
    hr = await world.claim()
    person = await world.enrol(hr, "U0SOU", NAME)
    await person.say("gigs")
    card = await confirm_card(world, person)
    world.slack.faults.order(RefusedWith("cant_delete_message"), on="chat.delete")
    await press(person, card, "privacy.erase.confirm")
    await finished(world)
    receipt = messages(world, person)[-1]
    assert "サービス側の制限で取り消せなかったメッセージ 1件" in receipt.words, receipt.words


async def test_a_restart_in_the_middle_loses_nothing(world: World) -> None:
    hr = await world.claim()
    person = await lived(world, hr)
    card = await confirm_card(world, person)
    world.slack.faults.order(RateLimited(1), on="chat.delete", times=3)
    await press(person, card, "privacy.erase.confirm")
    await world.stop()
    assert NAME not in json.dumps(everything(world.database), ensure_ascii=False)
    world.database.close()
    await world.start()
    await finished(world)
    assert_forgotten(world)


async def test_an_owner_erases_somebody_on_request(world: World) -> None:
    hr = await world.claim()
    person = await lived(world, hr)
    said = await hr.say(f"erase {NAME}")
    card = await hr.hears("元には戻せません", after=hr.posted(said))
    assert NAME in str(card.card) and "ご依頼であること" in str(card.card)
    done = await hr.execute(card, "privacy.erase.confirm")
    assert done.ok
    await finished(world)
    assert_forgotten(world)
    assert "削除の控え" in messages(world, person)[-1].words
    erased = [row for row in rows(world.database, "audit") if row["action"] == "erased"]
    assert len(erased) == 1 and erased[0]["actor_id"] and erased[0]["subject_mark"]


async def test_only_owners_erase_others_and_never_the_last_owner(world: World) -> None:
    hr = await world.claim()
    person = await lived(world, hr)
    denied = await person.command("/alumni", "erase HR")
    assert denied.shown is not None and "管理者のみ" in denied.shown.words
    await hr.say("privacy")
    shown = await hr.hears("同意の状況")
    refused = await hr.execute(shown, "privacy.erase")
    assert "管理者がほかにいない" in str(refused.text) + str(refused.card)
    assert rows(world.database, "erasure") == []


async def test_a_nonce_of_another_company_or_a_made_up_one_does_nothing(world: World) -> None:
    hr = await world.claim()
    person = await lived(world, hr)
    with world.database.installation() as session:
        session.add(Company(id=99, name="Elsewhere"))
    card = await confirm_card(world, person)
    for block in card.blocks:
        for element in block.get("elements", ()):
            if element.get("action_id", "").startswith("privacy.erase.confirm"):
                element["value"] = json.dumps({"nonce": "99-AAAA-BBBB-CCCC"})
    await press(person, card, "privacy.erase.confirm")
    await world.settled()
    assert rows(world.database, "erasure") == []


async def test_somebody_in_teams_is_erased_there(world: World) -> None:
    hr = await world.claim()
    member = world.teams.tenant.person("alum1")
    sato = await join_in_teams(world, hr, "alum1", NAME)
    await sato.say("profile")
    await sato.say("privacy")
    shown = await sato.hears("同意の状況")
    await world.settled()
    asked = await sato.execute(shown, "privacy.erase")
    assert asked.ok
    await world.settled()
    card = next(m for m in sato.messages() if "元には戻せません" in str(sato.card(m)))
    begun = await sato.execute(card, "privacy.erase.confirm")
    assert begun.ok and "削除を始めました" in str(begun.card), begun
    await finished(world)
    assert_forgotten(world, (NAME, "蒼一朗", member.id, member.aad_object_id, "alum1@example.com"))
    assert len(sato.messages()) == 1 and "削除の控え" in str(sato.messages()[0].card)
