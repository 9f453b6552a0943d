"""Invitations by letter and SIGKILL: each person is invited once or HR is told, and the code that arrived works."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from sandbox.faults import Slow
from sandbox.mail import PracticeMail
from tests.chaos.product import Scene, scene
from tests.conftest import code_in

PEOPLE = 8
LIVES = 2


def address(number: int) -> str:
    return f"alum{number}@example.com"


async def joins(world: Scene, number: int, code: str) -> bool:
    world.slack.workspace.add_user(f"U0JOIN{number:02d}", f"Alum {number}")
    person = world.slack.as_user(f"U0JOIN{number:02d}")
    await person.command("/alumni", f"join {code}")
    me = person.user.id
    said = await world.slack.until(lambda w: [*w.bot_messages_to(me), *w.ephemerals_for(me)])
    return "Thank you for joining" in said[-1].words


@pytest.mark.timeout(300)
async def test_a_killed_courier_invites_nobody_twice_and_tells_hr_of_whom_it_cannot_know(
    database_url: str, tmp_path: Path
) -> None:
    async with PracticeMail() as mail, scene(tmp_path, database_url) as world:
        world.product.environment |= {
            "SMTP_URL": mail.url,
            "MAIL_FROM": "alumni@example.jp",
            "MAIL_SENDS_PER_MINUTE": "3600",
        }
        world.seed("slack", 0)
        await world.product.start()
        for life in range(LIVES):
            some = range(life * PEOPLE // LIVES, (life + 1) * PEOPLE // LIVES)
            for number in some:
                if number % 2:  # taken, and killed before the answer comes
                    mail.faults.order(Slow(9), on=f"DATA:{address(number)}")
                await world.hr.say(f"enrol Alum {number} {address(number)}")
            await mail.mailboxes.until(lambda boxes, last=some[-1]: boxes.to(address(last)), timeout=90)
            # So that HR has the card that is to follow.
            while world.states("invited") != {"sent": some.stop}:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)
            await world.product.kill()
            await world.product.start()
        mail.faults.clear()
        await world.settled()

        got = Counter(letter.to for letter in mail.mailboxes.letters)
        assert set(got.values()) == {1}, got
        states = world.states("invitation")
        assert set(states) == {"sent", "unconfirmed"} and sum(states.values()) == PEOPLE, states
        assert len(got) == PEOPLE
        unclear = [m for m in world.hr.messages() if "may not have been sent" in str(m.card)]
        assert len(unclear) == states["unconfirmed"]
        for letter in mail.mailboxes.letters:
            number = int(letter.to.removeprefix("alum").partition("@")[0])
            assert await joins(world, number, code_in(letter.text)), letter
        assert "Traceback" not in world.product.log.read_text()
