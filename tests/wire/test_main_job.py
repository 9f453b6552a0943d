"""The main job on the wire: what is signed goes in, and what the platforms received comes out."""

from typing import Any

import pytest

from sandbox.slack import Message as SlackMessage
from sandbox.slack import Person as SlackPerson
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted
from tests.conftest import World, button
from tests.wire.acting import fill

GIG = {
    "title": "社内ポータルの画面設計",
    "work": "既存ポータルの画面を見直し、試作を作っていただきます。",
    "reward": "60万円(税別)",
    "place": "リモート、月1回大阪",
}


async def post_gig(hr: TeamsPerson, **changes: str) -> Posted:
    """HR types `post gig`, fills in the form that comes, and gets the gig's own card."""
    await hr.say("post gig")
    form = await hr.hears("Input.Text")
    answered = await hr.execute(form, "gig.post", {**GIG, **changes})
    assert answered.ok, answered
    assert answered.card is not None
    return await hr.hears("gig.fill", after=form)


async def offer(world: World, person: SlackPerson) -> SlackMessage:
    """The gig as it reached the person."""
    await world.slack.until(lambda w: any("gig.interested" in str(m.blocks) for m in person_messages(w, person)))
    return next(m for m in person_messages(world.slack.workspace, person) if "gig.interested" in str(m.blocks))


def person_messages(workspace: Any, person: SlackPerson) -> list[SlackMessage]:
    return workspace.bot_messages_to(person.user.id)


def under(world: World, person: SlackPerson, root: SlackMessage) -> list[SlackMessage]:
    return [m for m in person_messages(world.slack.workspace, person) if m.thread_ts == root.ts and m.ts != root.ts]


@pytest.mark.parametrize("locale", ["ja", "en"])
async def test_hr_posts_alumni_answer_hr_answers_and_fills(world: World, locale: str) -> None:
    hr = await world.claim(locale=locale)
    if locale == "en":
        await hr.say("language en")
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
    if locale == "en":
        for person in (sato, tanaka):
            await person.command("/alumni", "language en")

    card = await post_gig(hr)
    to_sato, to_tanaka = await offer(world, sato), await offer(world, tanaka)
    assert GIG["title"] in to_sato.words
    assert GIG["reward"] in to_tanaka.words

    await tanaka.press(to_tanaka, button(to_tanaka, "gig.interested"))
    case = await hr.hears("田中 健", after=card)
    assert "case.answer" in str(case.card)

    await sato.press(to_sato, button(to_sato, "gig.ask"))
    await world.slack.until(lambda w: w.top_view("U0SATO") is not None)
    asked = await sato.submit(values={"text": "週2日でも可能でしょうか。"})
    assert asked.ok and asked.view, asked
    await sato.close(asked.view)
    assert sato.modal is None, "no form comes up again from below what says that it was passed on"
    question = await hr.hears("週2日でも可能でしょうか。", after=case)

    answered = await hr.execute(question, "case.answer", {"text": "はい、週2日から歓迎です。"})
    assert answered.ok and "はい、週2日から歓迎です。" in str(answered.card)
    await world.slack.until(lambda _w: len(under(world, sato, to_sato)) == 1)
    assert "はい、週2日から歓迎です。" in under(world, sato, to_sato)[0].words

    await sato.say("ありがとうございます。応募します。", thread_ts=to_sato.ts)
    again = await hr.hears("ありがとうございます。応募します。", after=question)
    assert "佐藤 美咲" in str(again.card)

    filled = await fill(hr, card)
    assert filled.ok
    await world.settled()
    closed = "募集" if locale == "ja" else "filled"
    for person, root in ((sato, to_sato), (tanaka, to_tanaka)):
        now = next(m for m in person_messages(world.slack.workspace, person) if m.ts == root.ts)
        assert closed in now.words.lower()
        assert "gig.interested" not in str(now.blocks)
    assert "gig.fill" not in str(world.teams.tenant.posts[card.id].card if hasattr(card, "id") else "")
    assert_once(world)


def assert_once(world: World) -> None:
    """No delivery reached Slack twice."""
    ids = [m.metadata["event_payload"]["delivery"] for m in world.slack.workspace.messages if m.metadata]
    assert len(ids) == len(set(ids))
