"""A form on a card stays open under one's hands, whatever happens to the card; and nothing of that is lost."""

from typing import Any

import pytest

from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted
from tests.conftest import World, button
from tests.wire.acting import (
    GIG,
    assert_all_arrived_once,
    fill_in_gig,
    hears,
    now,
    offered,
    opened,
    rows,
)

pytestmark = pytest.mark.usefixtures("unpaced")
REWARD = "80万円(税別)"


def seen(hr: TeamsPerson, card: Posted) -> str:
    return hr.reading(hr.posted(card.id))


def wants_edit(world: World, template: str) -> bool:
    """Whether an edit of such a card waits."""
    found: list[Any] = [row for row in rows(world.database, "delivery") if row["template"] == template and row["ref"]]
    return any(row["edit_due_at"] is not None and row["wanted"] > row["shown"] for row in found)


async def test_a_form_on_hrs_card_outlives_answers_and_the_card_says_them_when_it_is_sent(world: World) -> None:
    """Sent, left, and asked once more before something is done: each time the newest state follows."""
    hr = await world.claim()
    sato, tanaka = await world.enrol(hr, "U0SATO", "佐藤 美咲"), await world.enrol(hr, "U0TANAKA", "田中 健")
    desk = await fill_in_gig(hr)
    to_sato, to_tanaka = await offered(world, sato), await offered(world, tanaka)

    assert "Input.Text" in str((await hr.execute(desk, "gig.post")).card)
    for person, offer, name in ((sato, to_sato, "佐藤 美咲"), (tanaka, to_tanaka, "田中 健")):
        await person.press(offer, button(offer, "gig.interested"))
        await hr.hears(name, after=desk)
    await world.settled()
    assert "Input.Text" in seen(hr, desk) and wants_edit(world, "gig_desk")
    assert (await hr.execute(desk, "gig.post", {**GIG, "reward": REWARD})).ok
    await world.settled()
    assert "興味あり 2名" in seen(hr, desk) and REWARD in seen(hr, desk)
    assert not wants_edit(world, "gig_desk") and rows(world.database, "open_form") == []

    await hr.execute(desk, "gig.post")
    to_sato = now(world, to_sato)
    await sato.press(to_sato, button(to_sato, "gig.pass"))
    await world.settled()
    assert "Input.Text" in seen(hr, desk)
    await world.stop()
    await world.start()
    await world.settled()
    assert "Input.Text" in seen(hr, desk) and wants_edit(world, "gig_desk"), "nor does a restart close or lose anything"
    await hr.execute(desk, "cancel")
    await world.settled()
    assert "興味あり 1名" in seen(hr, desk)

    assert "よろしいですか" in str((await hr.execute(desk, "gig.filling")).card)
    to_tanaka = now(world, to_tanaka)
    await tanaka.press(to_tanaka, button(to_tanaka, "gig.pass"))
    await world.settled()
    assert "よろしいですか" in seen(hr, desk) and wants_edit(world, "gig_desk")
    assert (await hr.execute(desk, "gig.fill")).ok
    await world.settled()
    assert "よろしいですか" not in seen(hr, desk) and not wants_edit(world, "gig_desk")
    assert_all_arrived_once(world)


async def test_a_question_in_place_of_hrs_card_in_slack_stands_until_it_is_answered(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    staff = world.slack.as_user("U0HR")
    await staff.command("/alumni", "post gig")
    await staff.submit(await opened(world, staff), values=GIG)
    to_sato, desk = await offered(world, sato), await hears(world, staff, GIG["title"])
    await world.settled()

    async def ask() -> None:
        await staff.press(now(world, desk), button(now(world, desk), "gig.filling"))
        await world.slack.until(lambda _: "gig.fill#" in str(now(world, desk).blocks))

    await ask()
    await sato.press(to_sato, button(to_sato, "gig.interested"))
    await world.settled()
    assert "gig.fill#" in str(now(world, desk).blocks) and wants_edit(world, "gig_desk")
    await staff.press(now(world, desk), button(now(world, desk), "gig.show"))
    await world.settled()
    assert "gig.fill#" not in str(now(world, desk).blocks) and "興味あり 1名" in now(world, desk).words

    await ask()
    to_sato = now(world, to_sato)
    await sato.press(to_sato, button(to_sato, "gig.pass"))
    await world.settled()
    await staff.press(now(world, desk), button(now(world, desk), "gig.fill"))
    await world.settled()
    assert "gig.fill" not in str(now(world, desk).blocks) and "gig.reopen" in str(now(world, desk).blocks)
    assert_all_arrived_once(world)
