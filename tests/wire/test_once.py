"""Whatever comes twice, at once or late, or in the other order, has one effect."""

import asyncio
from typing import Any

import pytest

from sandbox.faults import Redeliver, Reorder
from sandbox.slack import Answered as SlackAnswered
from sandbox.teams import Answered as TeamsAnswered
from tests.conftest import World, button
from tests.wire.acting import (
    GIG,
    ask,
    assert_all_arrived_once,
    counts,
    everything,
    fill,
    fill_in_gig,
    hears,
    join_in_teams,
    messages,
    now,
    offered,
    opened,
    rows,
    tripled,
)

pytestmark = pytest.mark.usefixtures("unpaced")


async def test_the_main_job_with_every_request_tripled_leaves_one_of_each(world: World) -> None:
    async with tripled(world) as heard:
        hr = await world.claim()
        sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
        tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
        assert counts(world.database) | {"person": 3, "account": 4} == counts(world.database)

        card = await fill_in_gig(hr)
        to_sato, to_tanaka = await offered(world, sato), await offered(world, tanaka)
        await tanaka.press(to_tanaka, button(to_tanaka, "gig.interested"))
        case = await hr.hears("田中 健", after=card)
        await ask(world, sato, to_sato, "週2日でも可能でしょうか。")
        question = await hr.hears("週2日でも可能でしょうか。", after=case)
        answered = await hr.execute(question, "case.answer", {"text": "はい、歓迎です。"})
        assert "はい、歓迎です。" in str(answered.card)
        await hears(world, sato, "はい、歓迎です。", under=to_sato)
        await sato.say("応募します。", thread_ts=to_sato.ts)
        await hr.hears("応募します。", after=question)
        await fill(hr, card)
        await world.settled()

    heard.assert_all_fine()
    assert counts(world.database) == {
        "person": 3,
        "account": 4,
        "gig": 1,
        "stance": 2,
        "case": 2,
        "casemessage": 3,
    }
    assert len(messages(world, sato, under=to_sato)) == 3, "HR's answer, that the reply was passed on, and thanks"
    assert len(messages(world, tanaka, under=to_tanaka)) == 1, "thanks"
    assert "募集" in now(world, to_tanaka).words and "gig.interested" not in str(now(world, to_tanaka).blocks)
    assert_all_arrived_once(world)


async def again(world: World, answered: SlackAnswered | TeamsAnswered) -> None:
    """The very same request once more, and then twice at once: 200 each time, and the database stays as it is."""
    await world.settled()
    before = everything(world.database)
    repeats: list[Any]
    if isinstance(answered, SlackAnswered):
        assert answered.ok, answered
        repeats = [*await world.slack.resend(answered)]
        repeats += await world.slack.resend(answered, times=2, concurrently=True)
    else:
        assert answered.ok, answered
        repeats = [*await world.teams.resend(answered)]
        repeats += await world.teams.resend(answered, times=2, concurrently=True)
    assert [repeat.status for repeat in repeats] == [200, 200, 200]
    await world.settled()
    assert without_references(everything(world.database)) == without_references(before)


def without_references(dump: dict[str, list[str]]) -> dict[str, list[str]]:
    """A repeated activity may refresh what is known of its conversation; that is no effect anybody sees."""
    return {table: found for table, found in dump.items() if table != "conversation"}


async def test_slash_commands_work_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    staff = world.slack.as_user("U0HR")
    for person, text in (
        (sato, "stop"),
        (sato, "start"),
        (sato, "language en"),
        (staff, "enrol 鈴木 一郎 ichiro@example.com"),
        (staff, "link"),
    ):
        answered = await person.command("/alumni", text)
        assert answered.shown is not None
        await again(world, answered)
    assert counts(world.database)["person"] == 3
    assert len(rows(world.database, "code")) == 5, "used: to claim, link and join; unused: 鈴木's and a link"


async def test_what_is_typed_and_pressed_in_slack_works_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    for verb in ("gig.interested", "gig.pass", "gig.interested"):
        await world.settled()
        message = now(world, to_sato)
        await again(world, await sato.press(message, button(message, verb)))
    await again(world, await ask(world, sato, now(world, to_sato), "週2日でも可能でしょうか。"))
    await again(world, await sato.say("追記です。", thread_ts=to_sato.ts))
    await again(world, await sato.say("gigs"))
    await again(world, await sato.open_home())
    assert counts(world.database) | {"case": 1, "casemessage": 2, "stance": 1} == counts(world.database)
    assert_all_arrived_once(world)


async def test_a_gig_posted_from_slack_is_posted_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    staff = world.slack.as_user("U0HR")
    await again(world, await staff.command("/alumni", "post gig"))
    posted = await staff.submit(await opened(world, staff), values=GIG)
    assert posted.ok and not posted.errors
    await again(world, posted)
    assert counts(world.database)["gig"] == 1
    assert len([m for m in messages(world, sato) if GIG["title"] in m.words]) == 1


async def test_what_is_typed_in_teams_works_once(world: World) -> None:
    hr = world.teams.as_person("hr1")
    installed = await hr.install()
    await again(world, installed)
    assert len(hr.messages()) == 1, "one greeting for the two events of one installation"
    claimed = await hr.say(f"claim {world.create_company()}")
    await hr.hears("東都製作所")
    await again(world, claimed)
    for text in ("enrol 佐藤 健 alum1@example.com", "link", "post gig", "stop", "start", "language en", "what?"):
        await again(world, await hr.say(text))
    assert counts(world.database) | {"person": 2, "account": 1} == counts(world.database)
    assert len(rows(world.database, "company")) == 2, "the company, and the one that stands for nobody"
    assert_all_arrived_once(world)


async def test_card_buttons_work_once_even_when_teams_reissues_them_under_a_new_id(world: World) -> None:
    hr = await world.claim()
    alumnus = await join_in_teams(world, hr, "alum1", "佐藤 健")
    said = await hr.say("post gig")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    posted = await hr.execute(form, "gig.post", GIG)
    await reissued(world, posted)
    offer = await alumnus.hears("gig.interested")
    await reissued(world, await alumnus.execute(offer, "gig.interested"))
    case = await hr.hears("佐藤 健", after=form)
    await reissued(world, await hr.execute(case, "case.answer", {"text": "はい、歓迎です。"}))
    await alumnus.hears("はい、歓迎です。")
    await world.settled()
    await reissued(world, await alumnus.execute(offer, "gig.pass"))
    card = await hr.hears("gig.withdraw", after=form)
    await reissued(world, await hr.execute(card, "gig.withdraw"))
    assert counts(world.database) | {"gig": 1, "case": 1, "casemessage": 1, "stance": 1} == counts(world.database)
    assert_all_arrived_once(world)


async def reissued(world: World, answered: TeamsAnswered) -> None:
    await again(world, answered)
    before = everything(world.database)
    repeats = await world.teams.resend(answered, times=2, concurrently=True, new_activity_id=True)
    assert [repeat.status for repeat in repeats] == [200, 200]
    assert all(repeat.ok for repeat in repeats)
    await world.settled()
    assert without_references(everything(world.database)) == without_references(before)


async def test_two_replies_that_overtake_each_other_both_arrive_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    card = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    world.slack.faults.order(Reorder(), on="event/message")
    held = await sato.say("ひとつめ", thread_ts=to_sato.ts)
    assert held.held
    assert (await sato.say("ふたつめ", thread_ts=to_sato.ts)).ok
    shown = await hr.hears("ひとつめ", after=card)
    await world.settled()
    assert "ふたつめ" in hr.reading(hr.posted(shown.id))
    assert counts(world.database) | {"case": 1, "casemessage": 2} == counts(world.database)
    assert_all_arrived_once(world)


async def test_an_answer_stands_when_the_question_is_delivered_again_after_it(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    card = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    asked = await sato.say("いつからですか。", thread_ts=to_sato.ts)
    question = await hr.hears("いつからですか。", after=card)
    await hr.execute(question, "case.answer", {"text": "来月からです。"})
    await hears(world, sato, "来月からです。", under=to_sato)
    await again(world, asked)
    assert [row["state"] for row in rows(world.database, "case")] == ["answered"]


async def test_a_word_that_was_held_back_counts_when_it_comes(world: World) -> None:
    """Pressed first, delivered last: nobody can know, and nothing breaks."""
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    world.slack.faults.order(Reorder(), on="action/*")
    world.slack.faults.order(Redeliver(2), on="action/*")
    assert (await sato.press(to_sato, button(to_sato, "gig.pass"))).held
    pressed = await sato.press(to_sato, button(to_sato, "gig.interested"))
    assert [one.status for one in pressed.attempts] == [200, 200, 200]
    await world.settled()
    assert [row["attitude"] for row in rows(world.database, "stance")] == ["passed"]
    assert counts(world.database)["case"] == 1
    assert_all_arrived_once(world)


async def test_two_of_hr_who_fill_a_gig_at_once_or_after_each_other_fill_it_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    card = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    await sato.press(to_sato, button(to_sato, "gig.interested"))
    case = await hr.hears("佐藤 美咲", after=card)
    await hr.say("gigs")
    board = await hr.hears("gig.show", after=case)
    await hr.execute(board, "gig.show")
    await world.settled()  # an edit of the card's counts would take the question back
    for shown in (card, board):
        await hr.execute(shown, "gig.filling")
    world.teams.faults.order(Reorder(), on="bot.invoke")
    late, first = await asyncio.gather(hr.execute(card, "gig.fill"), hr.execute(board, "gig.fill"))
    assert (late.status, first.status) == (200, 200)
    assert first.card is not None and late.toast is not None
    await world.settled()
    assert [row["state"] for row in rows(world.database, "gig")] == ["filled"]
    assert_all_arrived_once(world)


async def test_a_form_that_was_sent_back_can_be_mended_and_then_works_once(world: World) -> None:
    hr = await world.claim()
    said = await hr.say("post gig")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    refused = await hr.execute(form, "gig.post", GIG)
    assert refused.ok and counts(world.database)["gig"] == 0, "nobody has joined yet"
    await world.enrol(hr, "U0SATO", "佐藤 美咲")
    posted = await hr.execute(form, "gig.post", GIG)
    await reissued(world, posted)
    assert counts(world.database)["gig"] == 1
    assert_all_arrived_once(world)
