"""What a person sees of what is stored of them, and what their word on it does at once."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from bot import clock, consents
from bot.cards import Card, Paragraph, Text, plain
from sandbox.slack import Message
from sandbox.slack import Person as SlackPerson
from storage import audit
from storage.tables import Consent, ConsentPurpose, Person
from tests.conftest import World, button
from tests.wire.acting import fill_in_gig, hears, messages, offered, rows


async def card_of(world: World, person: SlackPerson, typed: str, words: str) -> Message:
    await person.say(typed)
    found = await hears(world, person, words)
    await world.settled()
    return found


async def press(world: World, person: SlackPerson, shown: Message, verb: str, **args: str) -> None:
    answered = await person.press(shown, button(shown, verb, **args))
    assert answered.ok, answered
    await world.settled()


async def choices(world: World, person: SlackPerson) -> Message:
    shown = await card_of(world, person, "privacy", "お仕事のご案内")
    await press(world, person, shown, "privacy.consents")
    found = await hears(world, person, "すぐに反映されます")
    await world.settled()
    return found


async def test_the_card_shows_what_is_stored_and_who_looked(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    with world.database.company(1) as session:
        person = session.exec(select(Person).where(Person.name == "山田 太郎")).one()
        person.employee_number, person.helps_with = "A-1234", "<!channel> 経理 " + "あ" * 400
        boss = session.exec(select(Person).where(Person.role == "owner")).one()
        for days in range(12):
            at = clock.now() - timedelta(days=days)
            audit.note(session, "looked", at, actor_id=boss.id, subject_id=person.id, detail={"field": "email"})
    shown = await card_of(world, taro, "プライバシー", "人事のみが見られる項目")
    for words in ("u0taro@example.com", "A-1234", "<!channel> 経理", "メールアドレス", "これより前の記録", boss.name):
        assert words in shown.words, shown.words
    assert shown.words.count("（メールアドレス）") == 10
    assert [e for e in str(shown.blocks).split("'type': ") if e.startswith("'broadcast'")] == []


async def test_withdrawn_gigs_are_not_offered_and_given_again_they_are(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    hanako = await world.enrol(hr, "U0HANA", "佐藤 華")
    await press(world, taro, await choices(world, taro), "consent.withdraw", purpose="gigs")
    await fill_in_gig(hr, title="一つ目")
    await offered(world, hanako, "一つ目")
    assert not [m for m in messages(world, taro) if "一つ目" in m.words]
    shown = messages(world, taro)[-1]
    assert "撤回済み" in shown.words
    await press(world, taro, shown, "consent.give", purpose="gigs")
    await fill_in_gig(hr, title="二つ目")
    await offered(world, taro, "二つ目")
    kept = [(row["version"], row["withdrawn_at"] is None) for row in rows(world.database, "consent")]
    assert sorted(kept) == sorted([("1", True), ("enrolled", True), ("enrolled", True), ("enrolled", False)])


async def test_who_withdraws_from_the_directory_is_found_by_nobody(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    hanako = await world.enrol(hr, "U0HANA", "佐藤 華")
    found = await hanako.command("/alumni", "find 山田")
    assert found.shown is not None and "山田 太郎" in found.shown.words
    await press(world, taro, await choices(world, taro), "consent.withdraw", purpose="directory")
    for words in ("find 山田", "profile 山田", "profile <@U0TARO|taro>"):
        answered = await hanako.command("/alumni", words)
        assert answered.shown is not None and "太郎" not in answered.shown.words.replace(words, ""), words
    said = await hr.say("find 山田")
    assert "山田 太郎" not in str((await hr.hears("山田", after=hr.posted(said))).card)
    own = await taro.command("/alumni", "profile")
    assert own.shown is not None and "山田 太郎" in own.shown.words
    with world.database.company(1) as session:
        assert len(session.exec(select(Consent)).all()) == 3
    gone = next(row["id"] for row in rows(world.database, "person") if row["name"] == "山田 太郎")
    assert gone not in {row["person_id"] for row in rows(world.database, "posting")}


@pytest.mark.parametrize("purpose", ["", "everything", "gigs' OR 1=1"])
async def test_a_forged_purpose_changes_nothing(world: World, purpose: str) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    shown = await choices(world, taro)
    for block in shown.blocks:
        for element in block.get("elements", ()):
            if element.get("action_id", "").startswith("consent.withdraw"):
                element["value"] = json.dumps({"purpose": purpose})
    await taro.press(shown, button(shown, "consent.withdraw"))
    await world.settled()
    assert rows(world.database, "consent") == []


async def test_in_a_channel_the_answer_is_private(world: World) -> None:
    hr = await world.claim()
    before = len(hr.messages())
    channel = world.teams.tenant.channel("Gigs")
    said = await hr.say("privacy", conversation=channel)
    assert said.ok
    await world.settled()
    assert any("人事のみが見られる項目" in str(m.card) for m in hr.messages()[before:])
    assert not any("人事のみが見られる項目" in str(m.card) for m in world.teams.tenant.messages(channel))


async def test_what_is_agreed_to_stands_on_the_card_and_a_button_of_an_older_text_shows_the_new_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    shown = await choices(world, taro)
    for purpose in ConsentPurpose:
        text = plain(consents.text(purpose, "ja", "東都製作所"))
        assert text in shown.words.replace("\n", ""), (text, shown.words)
    monkeypatch.setattr("bot.privacy.CURRENT", {**consents.CURRENT, ConsentPurpose.LEADS: "2"})
    monkeypatch.setattr("bot.privacy.consent_text", lambda *_: Card("", "", (Paragraph((Text("新しい文面"),)),)))
    await press(world, taro, shown, "consent.give", purpose="leads")
    again = await hears(world, taro, "新しい文面")
    assert rows(world.database, "consent") == []
    await press(world, taro, again, "consent.give", purpose="leads")
    given = [row["version"] for row in rows(world.database, "consent") if row["purpose"] == "leads"]
    assert given == ["2"]
