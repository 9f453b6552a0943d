"""How deliveries go wrong on order: again, out of order, late, to nobody."""

import asyncio
import json
from typing import Any

from botbuilder.core import TurnContext

from sandbox.faults import Redeliver, Reorder
from sandbox.teams import PracticeTeams


async def test_redeliver_sends_the_same_bytes_again(teams: PracticeTeams, bot: Any) -> None:
    teams.faults.order(Redeliver(2), on="bot.message")
    answered = await teams.as_person("hr1").say("once")
    assert len(answered.repeats) == 2 and [raw["id"] for raw in bot.raw] == [answered.id] * 3


async def test_reorder_lets_the_next_one_pass(teams: PracticeTeams, bot: Any) -> None:
    teams.faults.order(Reorder())
    hr = teams.as_person("hr1")
    first = asyncio.create_task(hr.say("first"))
    await asyncio.sleep(0.01)
    await hr.say("second")
    await first
    assert [raw["text"] for raw in bot.raw] == ["second", "first"]


async def test_reorder_gives_up_when_nothing_follows(teams: PracticeTeams, bot: Any) -> None:
    teams.faults.order(Reorder())
    teams.postman.reorder_patience = 0.05
    assert (await teams.as_person("hr1").say("alone")).ok
    assert "overtake" in teams.tenant.warnings[0]


async def test_resend_the_same_or_with_a_new_id(teams: PracticeTeams, bot: Any) -> None:
    answered = await teams.as_person("hr1").task_fetch({"a": 1})
    again = await teams.resend(answered, times=2, concurrently=True)
    assert [a.request.body for a in again] == [answered.request.body] * 2
    (new,) = await teams.resend(answered, new_activity_id=True)
    before, after = json.loads(answered.request.body), json.loads(new.request.body)
    assert before.pop("id") != after.pop("id") and before == after
    assert len(bot.raw) == 4


async def test_slow_invoke_is_sent_again(teams: PracticeTeams, bot: Any) -> None:
    again = asyncio.Event()

    async def turn(context: TurnContext) -> None:
        if len(bot.heard) == 1:
            await again.wait()
        again.set()

    bot.turn = turn
    bot.answers["task/fetch"] = {"task": {"type": "message", "value": "ok"}}
    teams.postman.invoke_timeout, teams.postman.retry_with_new_id = 0.5, True
    answered = await teams.as_person("hr1").task_fetch({})
    assert answered.attempts == 2 and answered.task_message == "ok"
    assert bot.raw[0]["id"] != bot.raw[1]["id"]
    teams.postman.invoke_timeout, teams.postman.retry_with_new_id = 0.0001, False
    answered = await teams.as_person("hr1").task_fetch({})
    assert answered.error is not None and answered.error.code == "NoAnswer"


async def test_dead_bot_raises_nothing(teams: PracticeTeams) -> None:
    teams.bot_url = "http://127.0.0.1:9/api/messages"
    answered = await teams.as_person("hr1").say("anybody?")
    assert answered.status == 0 and answered.error is not None and not answered.ok


async def test_post_raw_sends_anything(teams: PracticeTeams, bot: Any) -> None:
    assert (await teams.post_raw(b"\xff{")).status == 500
    assert (await teams.post_raw(method="GET")).status == 405
    assert (await teams.post_raw({"type": "message"}, headers={"X-Odd": "é"})).request.headers == {"X-Odd": "é"}
