"""HR adds a person in Teams; the letter reaches a mailbox; its code lets the person in. And everything between."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from adapters.mail.outbound import PACE
from adapters.service import Service
from bot import clock
from bot.dispatch import Dispatcher
from bot.ports import Inbound, Kind, Speaker
from sandbox.faults import Dropped, RefusedWith
from sandbox.mail import Letter, PracticeMail
from sandbox.slack import PracticeSlack
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted, PracticeTeams
from storage import people
from storage.tables import Person, PersonState, Role
from tests.conftest import World, authority_of, button, code_in, settings_for
from tests.whole import whole
from tests.wire.acting import everything, hears, rows

TARO = "taro@example.com"


@dataclass
class Mailed(World):
    mail: PracticeMail = None  # type: ignore[assignment]

    async def letter(self, number: int = 1, to: str = TARO) -> Letter:
        """The letter of that number in the mailbox, when it is there."""
        found = await self.mail.mailboxes.until(lambda boxes: boxes.to(to)[number - 1 : number])
        await self.settled()
        return found[0]

    def letters(self) -> list[Any]:
        """The ledger's rows of letters, oldest first."""
        return sorted((r for r in rows(self.database, "delivery") if r["platform"] == "mail"), key=lambda r: r["id"])

    async def card(self, hr: TeamsPerson, words: str) -> Posted:
        """HR's card of the invitation, once it says so to everybody."""

        def look() -> Posted | None:
            return next((m for m in reversed(hr.messages()) if words in str(m.card)), None)

        found = await self.teams.tenant.until(look)
        assert found is not None
        return found

    async def joins(self, code: str, user_id: str = "U0TARO", name: str = "山田 太郎") -> str:
        """What the person sees after typing the code in Slack."""
        person = self.slack_person(user_id, name)
        before = len(self.slack.workspace.bot_messages_to(user_id))
        answered = await person.command("/alumni", f"join {code}")
        assert answered.ok, answered
        if answered.shown is not None:
            return answered.shown.words
        await self.slack.until(lambda w: len(w.bot_messages_to(user_id)) > before)
        return self.slack.workspace.bot_messages_to(user_id)[-1].words


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[Mailed]:
    async with PracticeSlack() as slack, PracticeTeams(auth=True) as teams, PracticeMail() as mail:
        settings = settings_for(
            slack,
            teams,
            database_url,
            smtp_url=mail.url,
            mail_from="東都製作所 <alumni@example.jp>",
            mail_sends_per_minute=60_000,
        )
        authority = authority_of(teams)
        running = Mailed(slack, teams, settings, authority, Service(settings, authority=authority), mail=mail)
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that say "not now" are asked again at once."""
    for name in ("SERVER_AGAIN", "RECIPIENT_AGAIN"):
        monkeypatch.setattr(f"adapters.mail.errors.{name}", timedelta(seconds=0.3))


async def test_the_letters_code_lets_the_person_in_and_hrs_card_follows(world: Mailed) -> None:
    hr = await world.claim()
    await hr.say(f"enrol 山田 太郎 {TARO}")
    letter = await world.letter()
    code = code_in(letter.text)
    assert f"/alumni join {code}" in letter.text and f"join {code}" in letter.html
    assert "東都製作所" in letter.subject and "山田 太郎様" in letter.text
    assert letter.sender == "東都製作所 <alumni@example.jp>"
    card = await world.card(hr, "送りました")
    assert TARO in str(card.card) and code not in str(card.card)
    assert "ようこそ" in await world.joins(code)
    await world.card(hr, "参加されました")
    assert len(world.mail.mailboxes.letters) == 1


async def test_no_code_stands_in_the_database(world: Mailed) -> None:
    hr = await world.claim()
    await hr.say(f"enrol 山田 太郎 {TARO}")
    by_letter = code_in((await world.letter()).text)
    shown = await world.card(hr, "送りました")
    await hr.execute(shown, "invitation.code")
    by_hand = code_in(str((await hr.hears("/alumni join", after=shown)).card))
    await world.settled()
    stored = str(everything(world.database))
    for code in (by_letter, by_hand):
        assert code not in stored
        assert code.partition("-")[2].replace("-", "") not in stored


async def test_the_form_says_where_the_invitation_goes_and_sends_one_letter(world: Mailed) -> None:
    hr = await world.claim()
    said = await hr.say("enrol")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    assert "招待状" in str(form.card)
    values = {"name": "山田 太郎", "email": TARO}
    first, second = await asyncio.gather(hr.execute(form, "enrol", values), hr.execute(form, "enrol", values))
    assert first.ok and second.ok
    assert TARO in str(first.card) + str(second.card)
    await world.letter()
    await world.card(hr, "送りました")
    assert len(world.letters()) == len(world.mail.mailboxes.letters) == 1


async def test_the_same_address_again_gets_a_new_letter_and_the_old_code_stops_working(world: Mailed) -> None:
    hr = await world.claim()
    await hr.say(f"enrol 山田 太郎 {TARO}")
    old = code_in((await world.letter(1)).text)
    await hr.say(f"enrol 山田 太郎 {TARO.upper()}")
    new = code_in((await world.letter(2)).text)
    assert old != new
    assert "ようこそ" not in await world.joins(old)
    assert "ようこそ" in await world.joins(new)
    assert len(rows(world.database, "person")) == 2, "HR and one alumnus"
    assert len({letter.message_id for letter in world.mail.mailboxes.letters}) == 2


async def test_two_of_hr_who_add_the_same_address_at_once_add_one_person(world: Mailed) -> None:
    hr = await world.claim()
    in_slack = world.slack_person("U0HR", "HR")
    await asyncio.gather(
        hr.say(f"enrol 山田 太郎 {TARO}"), *(in_slack.command("/alumni", f"enrol 山田 太郎 {TARO}") for _ in range(3))
    )
    await world.letter()
    await world.settled()
    assert len(rows(world.database, "person")) == 2
    newest = code_in(world.mail.mailboxes.letters[-1].text)
    assert "ようこそ" in await world.joins(newest)


async def test_a_code_handed_over_in_person_replaces_the_letters(world: Mailed) -> None:
    hr = await world.claim()
    await hr.say(f"enrol 山田 太郎 {TARO}")
    in_letter = code_in((await world.letter()).text)
    card = await world.card(hr, "送りました")
    await asyncio.gather(hr.execute(card, "invitation.code"), hr.execute(card, "invitation.code"))
    by_hand = code_in(str((await hr.hears("/alumni join", after=card)).card))
    await world.settled()
    await world.card(hr, "直接お渡しいただくコード")
    assert len([m for m in hr.messages() if "/alumni join" in str(m.card)]) == 1
    assert "ようこそ" not in await world.joins(in_letter)
    assert "ようこそ" in await world.joins(by_hand)


async def test_a_letter_that_waits_does_not_overtake_a_code_handed_over_meanwhile(world: Mailed) -> None:
    hr = await world.claim()
    world.mail.faults.order(RefusedWith("4.7.1 Greylisted", 451), on="RCPT", times=None)
    await hr.say(f"enrol 山田 太郎 {TARO}")
    card = await world.card(hr, "送信待ち")
    await hr.execute(card, "invitation.code")
    by_hand = code_in(str((await hr.hears("/alumni join", after=card)).card))
    world.mail.faults.clear()
    await world.settled()
    await asyncio.sleep(0.5)
    assert world.mail.mailboxes.letters == []
    assert [(row["state"], row["reason"]) for row in world.letters()] == [("cancelled", "superseded")]
    assert "ようこそ" in await world.joins(by_hand)


async def test_an_address_that_does_not_exist_is_said_and_can_be_tried_again(world: Mailed) -> None:
    hr = await world.claim()
    world.mail.refuse(TARO)
    await hr.say(f"enrol 山田 太郎 {TARO}")
    card = await world.card(hr, "このメールアドレスは存在しません")
    assert "送られていません" in str(card.card)
    world.mail.refused.clear()
    await hr.execute(card, "invitation.resend")
    assert "ようこそ" in await world.joins(code_in((await world.letter()).text))


async def test_a_server_that_says_later_is_asked_later(world: Mailed) -> None:
    hr = await world.claim()
    world.mail.faults.order(RefusedWith("4.7.1 Greylisted", 451), on=f"RCPT:{TARO}", times=2)
    await hr.say(f"enrol 山田 太郎 {TARO}")
    letter = await world.letter()
    assert len(world.mail.commands("RCPT")) == 3
    await world.card(hr, "送りました")
    assert "ようこそ" in await world.joins(code_in(letter.text))


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_lost_answer_is_said_and_never_repeated_by_itself(world: Mailed, arrived: bool) -> None:
    hr = await world.claim()
    world.mail.faults.order(Dropped(accepted=arrived), on="DATA")
    await hr.say(f"enrol 山田 太郎 {TARO}")
    card = await world.card(hr, "届いていない可能性があります")
    assert len(world.mail.commands("DATA")) == 1
    if arrived:
        assert "ようこそ" in await world.joins(code_in((await world.letter()).text)), "its code works all the same"
        return
    await hr.execute(card, "invitation.resend")
    assert "ようこそ" in await world.joins(code_in((await world.letter()).text))


async def test_a_server_that_is_down_keeps_nobody_from_joining_later(world: Mailed) -> None:
    hr = await world.claim()
    await world.mail.stop()
    await hr.say(f"enrol 山田 太郎 {TARO}")
    await world.card(hr, "送信待ち")
    await world.stop()
    await world.mail.start()
    await world.start()
    assert "ようこそ" in await world.joins(code_in((await world.letter()).text))


async def test_a_courier_that_died_while_sending_leaves_the_letters_code_alone(world: Mailed) -> None:
    """The look-up after its death renders the letter once more, and must not make another code."""
    hr = await world.claim()
    world.mail.faults.order(Dropped(accepted=True), on="DATA")
    await hr.say(f"enrol 山田 太郎 {TARO}")
    letter = await world.letter()
    await world.card(hr, "届いていない可能性があります")
    with whole(world.database) as connection:  # as a process leaves it that is killed at this moment
        connection.exec_driver_sql(
            "UPDATE delivery SET state = 'sending', check_at = '2020-01-01 00:00:00' WHERE platform = 'mail'"
        )
    looked_up = [("unconfirmed", "its courier stopped while sending")]
    async with asyncio.timeout(60):
        while [(row["state"], row["detail"]) for row in world.letters()] != looked_up:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.1)
    assert len(world.mail.mailboxes.letters) == 1
    assert "ようこそ" in await world.joins(code_in(letter.text))


HOSTILE = [
    "<!channel> <b>太郎</b> & co",
    "=?utf-8?q?Bcc?= x: y",
    "山" * 190,
    "{{ 7*7 }} `code` [x](https://evil.example)",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_a_name(world: Mailed, name: str) -> None:
    hr = await world.claim()
    said = await hr.say("enrol")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    await hr.execute(form, "enrol", {"name": name, "email": TARO})
    letter = await world.letter()
    assert f"{name}様" in letter.text
    assert re.findall(r"<b>|<a ", letter.html) == []
    assert set(letter.headers) >= {"From", "To", "Subject", "Message-ID", "Auto-Submitted"}
    assert "Bcc" not in letter.headers
    assert letter.to == TARO
    assert "ようこそ" in await world.joins(code_in(letter.text))


async def test_in_slack_the_card_and_the_code_come_in_private(world: Mailed) -> None:
    await world.claim()
    in_slack = world.slack_person("U0HR", "HR")
    await in_slack.command("/alumni", f"enrol 山田 太郎 {TARO}")
    await world.letter()
    card = await hears(world, in_slack, "送りました")
    pressed = button(card, "invitation.code")
    await asyncio.gather(*(in_slack.press(card, pressed) for _ in range(3)))
    shown = await hears(world, in_slack, "/alumni join")
    await hears(world, in_slack, "直接お渡しいただくコード")
    await world.settled()
    codes = [m for m in world.slack.workspace.bot_messages_to("U0HR") if "/alumni join" in m.words]
    assert len(codes) == 1, "pressing thrice at once is pressing once"
    assert "ようこそ" in await world.joins(code_in(shown.words))


@pytest.mark.parametrize("verb", ["invitation.code", "invitation.resend"])
async def test_hr_that_may_not_add_hr_gets_no_code_for_hr_either(world: Mailed, verb: str) -> None:
    owner = await world.claim()
    await owner.say(f"enrol 山田 太郎 {TARO}")
    await world.joins(code_in((await world.letter()).text))
    with world.database.installation() as session:
        colleague = session.exec(select(Person).where(col(Person.email) == TARO)).one()
        colleague.role = Role.HR
        invited = Person(
            company_id=colleague.company_id,
            name="鈴木 花",
            email="hana@example.com",
            role=Role.HR,
            state=PersonState.INVITED,
        )
        session.add(invited)
        session.flush()
        args = {"person": str(invited.id), "number": "0"}
    team = world.slack.workspace.team_id
    dispatcher = Dispatcher(world.database, paces={"mail": PACE, "slack": PACE}, clock=clock.now)
    by_colleague = Inbound(
        "k1", Kind.PRESSED, Speaker("slack", team, "U0TARO"), "a", verb=verb, args=args, immediate=True
    )
    reply = dispatcher.receive(by_colleague)
    assert reply.notice and not reply.due
    by_owner = replace(by_colleague, key="k2", speaker=Speaker("slack", team, "U0HR"))
    assert dispatcher.receive(by_owner).due


async def test_somebody_elses_invitation_is_no_business_of_another_company(world: Mailed) -> None:
    hr = await world.claim()
    await hr.say(f"enrol 山田 太郎 {TARO}")
    await world.letter()
    other = world.create_company("西都商会")
    assert other
    with world.database.installation() as session:
        person = session.exec(select(Person).where(col(Person.email) == TARO)).one()
    with world.database.company(person.company_id + 1) as session:
        assert people.held(session, person.id or 0) is None
    with world.database.company(person.company_id) as session:
        assert people.held(session, person.id or 0) is not None
