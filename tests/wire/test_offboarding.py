"""HR offboards in Teams; the leaver answers the letter before the last day; the account opens after it, once."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from adapters.service import Service
from bot import clock as clocks
from sandbox.clock import PracticeClock
from sandbox.mail import Mailboxes, PracticeMail
from sandbox.slack import PracticeSlack
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import PracticeTeams
from storage.tables import Person, PersonState
from tests.conftest import authority_of, code_in, settings_for
from tests.wire.acting import hears, rows
from tests.wire.test_invitations import TARO, Mailed

LEAVING = {
    "name": "山田 太郎",
    "reading": "やまだ たろう",
    "employee_number": "A1024",
    "departments": "経理部、経営企画室",
    "joined_year": "2015",
    "email": TARO,
}


class Offboarded(Mailed):
    turned: PracticeClock

    def last_day(self, days: int) -> date:
        return clocks.today(self.turned.now(), "Asia/Tokyo") + timedelta(days=days)

    def person(self) -> Person:
        with self.database.installation() as session:
            return session.exec(select(Person).where(col(Person.employee_number) == "A1024")).one()

    async def offboards(self, hr: TeamsPerson, **changes: str) -> str:
        """HR fills in the form; what stands there afterwards."""
        said = await hr.say("offboard")
        form = await hr.hears("Input.Text", after=hr.posted(said))
        values = {**LEAVING, "last_day": self.last_day(10).isoformat(), **changes}
        answered = await hr.execute(form, "offboard", values)
        assert answered.ok and answered.card is not None, answered
        await self.settled()
        return str(answered.card)

    async def forward(self, days: float) -> None:
        self.turned.forward(timedelta(days=days))
        await self.service.catch_up()
        await self.settled()


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[Offboarded]:
    turned = PracticeClock()
    async with PracticeSlack() as slack, PracticeTeams(auth=True) as teams, PracticeMail(Mailboxes(turned.now)) as mail:
        settings = settings_for(
            slack,
            teams,
            database_url,
            smtp_url=mail.url,
            mail_from="東都製作所 <alumni@example.jp>",
            mail_sends_per_minute=60_000,
            public_url="https://motokai.example.com",
        )
        authority = authority_of(teams)
        running = Offboarded(
            slack, teams, settings, authority, Service(settings, authority=authority), mail=mail, now=turned.now
        )
        running.turned = turned
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


async def test_from_hrs_form_to_an_account_that_opens_after_the_last_day(world: Offboarded) -> None:
    hr = await world.claim()
    assert TARO in await world.offboards(hr)
    letter = await world.letter()
    assert re.search(r"https://motokai\.example\.com/account/1\.[\w-]{40,}", letter.text), letter.text
    assert "最終日" in letter.text
    person = world.person()
    assert (person.romaji, person.joined_year, person.state) == ("Yamada Taro", 2015, PersonState.INVITED)
    assert "最終日の翌日" in await world.joins(code_in(letter.text))
    assert world.person().state is PersonState.CONFIRMED
    await world.card(hr, "済みました")
    taro = world.slack.as_user("U0TARO")
    refused = await taro.command("/alumni", "gigs")
    assert refused.ok and refused.shown is not None and "ご利用いただけません" in refused.shown.words
    await world.forward(9)
    assert world.person().state is PersonState.CONFIRMED
    await world.stop()
    world.turned.forward(timedelta(days=3))
    await world.start()
    await hears(world, taro, "本日から")
    await world.forward(1)
    welcomes = [m for m in world.slack.workspace.bot_messages_to("U0TARO") if "本日から" in m.words]
    assert len(welcomes) == 1
    assert world.person().state is PersonState.ACTIVE
    shown = await taro.command("/alumni", "gigs")
    assert shown.ok
    assert len(world.mail.mailboxes.letters) == 1


async def test_who_is_there_already_is_said_and_can_be_corrected(world: Offboarded) -> None:
    hr = await world.claim()
    await world.offboards(hr)
    old = code_in((await world.letter()).text)
    asked = await world.offboards(hr, name="山田 次郎")
    assert "すでに登録されています" in asked and "山田 次郎" in asked, "what was typed is kept"
    assert len(rows(world.database, "person")) == 2
    assert TARO in await world.offboards(hr, name="山田 次郎", known="correct")
    assert "山田 次郎様" in (await world.letter(2)).text
    assert world.person().name == "山田 次郎"
    assert len(rows(world.database, "person")) == 2
    assert "ようこそ" not in await world.joins(old)


async def test_the_form_sent_twice_at_once_makes_one_person(world: Offboarded) -> None:
    hr = await world.claim()
    said = await hr.say("offboard")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    values = {**LEAVING, "last_day": world.last_day(10).isoformat()}
    answers = await asyncio.gather(*(hr.execute(form, "offboard", values) for _ in range(3)))
    assert all(answer.ok for answer in answers)
    await world.letter()
    await world.settled()
    assert len(rows(world.database, "person")) == 2
    assert len(world.mail.mailboxes.letters) == 1


async def test_faults_are_named_and_nothing_is_lost(world: Offboarded) -> None:
    hr = await world.claim()
    malformed = await world.offboards(hr, email="taro@")
    impossible = await world.offboards(hr, joined_year="平成", last_day="2046-01-01")
    for said, sentences in ((malformed, ("「メールアドレス」の形式",)), (impossible, ("西暦4桁", "2年以上先"))):
        for words in (*sentences, "やまだ たろう"):
            assert words in said
    assert len(rows(world.database, "person")) == 1


async def test_hr_takes_an_offboarding_back_and_may_begin_again(world: Offboarded) -> None:
    hr = await world.claim()
    await world.offboards(hr)
    code = code_in((await world.letter()).text)
    card = await world.card(hr, "送りました")
    pressed = await hr.execute(card, "offboard.withdraw")
    assert pressed.ok
    asked = await hr.hears("rehired", after=card) if pressed.card is None else card
    done = await hr.execute(asked, "offboard.withdraw", {"reason": "rehired"})
    assert done.ok
    await world.settled()
    assert world.person().state is PersonState.LEFT
    assert "ようこそ" not in await world.joins(code)
    noted = [row for row in rows(world.database, "audit") if row["action"] == "offboard.withdraw"]
    assert [row["detail"] for row in noted] == [{"reason": "rehired"}]
    await hr.say("invitation A1024")
    shown = await world.card(hr, "参加されていません")
    await hr.execute(shown, "invitation.resend")
    new = code_in((await world.letter(2)).text)
    assert world.person().state is PersonState.INVITED
    assert "最終日の翌日" in await world.joins(new)


async def test_reminder_warning_and_end_come_by_themselves_and_hr_hears_once_a_day(world: Offboarded) -> None:
    hr = await world.claim()
    await world.offboards(hr, last_day=world.last_day(-1).isoformat())
    codes = [code_in((await world.letter()).text)]
    for days, number in ((7, 2), (16, 3)):
        await world.forward(days)
        codes.append(code_in((await world.letter(number)).text))
    assert len(set(codes)) == 3
    await world.forward(8)
    await world.card(hr, "期限が切れました")
    told = await world.card(hr, "ご返事のないまま")
    assert world.person().state is PersonState.EXPIRED
    await world.forward(1)
    assert len([row for row in rows(world.database, "delivery") if row["template"] == "expired"]) == 1
    assert len(world.mail.mailboxes.letters) == 3
    for code in codes:
        assert "ようこそ" not in await world.joins(code)
    pressed = next(m for m in reversed(hr.messages()) if "招待し直す" in str(m.card))
    await hr.execute(pressed, "invitation.resend")
    assert told.id == pressed.id
    assert "ようこそ" in await world.joins(code_in((await world.letter(4)).text))
