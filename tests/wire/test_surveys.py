"""A survey on the wire: made in Teams, answered in a modal and in a card, and counted without a name."""

from datetime import timedelta

import pytest

from bot import clock
from tests.conftest import World, button
from tests.wire.acting import assert_nothing_refused, hears, join_in_teams, messages, now, opened, rows

pytestmark = pytest.mark.usefixtures("unpaced")

TITLE = "交流会について <!channel>"
QUESTIONS = {
    "label_1": "またご参加になりますか",
    "kind_1": "single",
    "options_1": "はい\nいいえ",
    "label_2": "よかったもの",
    "kind_2": "several",
    "options_2": "講演\n食事\n会場",
    "label_3": "ご意見",
    "kind_3": "text",
}


@pytest.mark.parametrize("named", ["named", "anonymous"])
async def test_alumni_answer_on_both_platforms_and_change_their_mind(world: World, named: str) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await join_in_teams(world, hr, "alum2", "田中 誠")
    if named == "anonymous":
        for key in ("U0MORI", "U0ONO", "U0ABE"):
            await world.enrol(hr, key, f"山田 {key}")
    said = await hr.say("survey")
    form = await hr.hears("Input.Date", after=hr.posted(said))
    day = clock.today(world.now() + timedelta(days=7), "Asia/Tokyo").isoformat()
    basics = {"title": TITLE, "named": named, "day": day, "time": "18:00"}
    asked = await hr.execute(form, "survey", basics)
    assert asked.ok and "label_1" in str(asked.card), asked
    saved = await hr.execute(form, "survey.questions", QUESTIONS)
    assert saved.ok, saved
    card = await hr.hears("survey.open", after=form)
    sent = await hr.execute(card, "survey.open")
    assert sent.ok, sent

    to_sato, to_tanaka = await hears(world, sato, TITLE), await tanaka.hears(TITLE)
    await world.settled()
    await sato.press(to_sato, button(to_sato, "survey.answer"))
    first = {"answer_1": "1", "answer_2": ["1", "3"], "answer_3": "<!channel> *x*"}
    done = await sato.submit(await opened(world, sato), values=first)
    assert done.ok and not done.errors, done
    opened_again = await tanaka.execute(to_tanaka, "survey.answer")
    assert opened_again.ok and "isMultiSelect" in str(opened_again.card), opened_again
    answered = await tanaka.execute(to_tanaka, "survey.answer", {"answer_1": "2", "answer_2": "1,2"})
    assert answered.ok, answered
    await sato.press(to_sato, button(to_sato, "survey.answer"))
    view = await opened(world, sato)
    assert "initial_options" in str(view.blocks)
    await sato.submit(view, values={"answer_1": "2", "answer_2": [], "answer_3": ""})
    await world.settled()

    answers = rows(world.database, "survey_answer" if named == "named" else "ballot")
    assert sorted(row["answers"] for row in answers) == [["2", "", ""], ["2", "1,2", ""]]
    assert ("回答を変更する" in str(now(world, to_sato).blocks)) is (named == "named")
    await hr.execute(card, "survey.close")
    await world.settled()
    assert "締め切りました" in now(world, to_sato).words
    told = str(hr.card(card))
    assert ("いいえ" in told and "5名未満" not in told) if named == "named" else "5名未満" in told
    assert len([m for m in messages(world, sato) if TITLE in m.words]) == 1
    assert_nothing_refused(world)
