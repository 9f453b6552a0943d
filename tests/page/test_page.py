"""The practice page before the real product: what is seen, done, broken, turned and begun again."""

import asyncio
import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.story import HR
from sandbox.story.script import SCRIPTS
from sandbox.story.stage import LOUNGE
from storage.tables import Gig
from tests.conftest import PATIENCE
from tests.page.conftest import Client, Json

SCRIPT = SCRIPTS["ja"]
TOKYO = ZoneInfo("Asia/Tokyo")
ASKS, PASSES = "U0000SATO", "U0002SUZUKI"


async def until(look: Any, seconds: float = PATIENCE) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := await look()):  # noqa: ASYNC110 - it is asked over HTTP
            await asyncio.sleep(0.02)
    return found


def action(message: Json, verb: str) -> Json | None:
    """The button of a Slack message or a Teams card that says `verb`."""
    for block in message.get("blocks", ()):
        for element in block.get("elements", ()):
            if str(element.get("action_id", "")).startswith(f"{verb}#") or element.get("action_id") == verb:
                return element
    for card in message.get("cards", ()):
        for one in card.get("actions", ()):
            if one.get("verb") == verb:
                return one
    return None


async def newest(client: Client, platform: str, who: str, verb: str) -> Json:
    async def look() -> Json | None:
        return next((m for m in reversed(await client.chat(platform, who)) if action(m, verb)), None)

    return await until(look)


async def press_card(client: Client, verb: str, inputs: Json | None = None) -> Json:
    message = await newest(client, "teams", HR, verb)
    pressed = action(message, verb) or {}
    return await client.teams(
        HR, "execute", message=message["id"], title=pressed["title"], data=pressed["data"], inputs=inputs or {}
    )


async def press(client: Client, who: str, verb: str) -> Json:
    message = await newest(client, "slack", who, verb)
    where = {"channel": f"D{who[1:]}", "ts": message["ts"]}
    return await client.slack(who, "press", **where, action_id=(action(message, verb) or {})["action_id"])


async def post_gig(client: Client, **more: str) -> None:
    await client.teams(HR, "say", text=SCRIPT.post)

    async def form() -> bool:
        return "Input.Text" in words((await client.chat("teams", HR))[-1:])

    await until(form)
    assert (await press_card(client, "gig.post", {**SCRIPT.gig, **more}))["ok"]


async def settled(client: Client) -> None:
    """Returns when nothing waits to be sent any more."""

    async def nothing_waits() -> bool:
        return (await client.get("api/faults"))["waiting"] == 0

    await until(nothing_waits, 20)


async def is_offered(client: Client, *people: str) -> bool:
    """Whether one of these people can still take a gig."""
    chats = [await client.chat("slack", who) for who in people]
    return any(action(message, "gig.interested") for chat in chats for message in chat)


def words(messages: list[Json]) -> str:
    return json.dumps(messages, ensure_ascii=False)


async def test_the_start_says_who_there_is_and_what_can_be_typed(client: Client) -> None:
    start = await client.get("api/start")
    assert (start["company"], start["size"], start["locale"]) == (SCRIPT.company, 12, "ja")
    assert {"id": ASKS, "name": "佐藤 美咲", "kana": "サトウ ミサキ"}.items() <= start["slack"]["people"][0].items()
    assert "旧姓 中川" in start["slack"]["people"][0]["note"]
    assert [one["command"] for one in start["slack"]["commands"]] == ["/alumni", "/profile", "/gigs", "/events"]
    offered = [verb["words"][0] for verb in start["slack"]["commands"][0]["verbs"]]
    assert "検索" in offered and "仕事を募集" not in offered, "what alumni may not ask for is not suggested"
    assert "仕事を募集" in [verb["words"][0] for verb in start["teams"]["commands"]]


async def test_the_main_job_goes_both_ways(client: Client) -> None:
    await post_gig(client)
    assert (await press(client, ASKS, "gig.ask"))["ok"]
    modal = await until(lambda: _modal(client))
    refused = await client.slack(ASKS, "submit", view=modal["id"], values={"text": " "})
    assert refused["errors"].keys() == {"text"}
    sent = await client.slack(ASKS, "submit", view=modal["id"], values={"text": SCRIPT.question})
    assert sent["ok"]
    done = await until(lambda: _modal(client))
    assert not done["submit"], "the question has become the word that it was passed on"
    assert (await client.slack(ASKS, "close", view=done["id"]))["ok"]
    assert await _modal(client) is None, "and behind it there is no form any more"

    missing = await press_card(client, "case.answer", {"text": ""})
    assert missing["errors"].keys() == {"text"}
    assert (await press_card(client, "case.answer", {"text": SCRIPT.answer}))["ok"]

    async def answered() -> list[Json]:
        return [m for m in await client.chat("slack", ASKS) if SCRIPT.answer in words([m])]

    (answer,) = await until(answered)
    assert (await client.slack(ASKS, "say", text=SCRIPT.thanks, thread_ts=answer["thread_ts"]))["ok"]
    await until(lambda: _contains(client, "teams", HR, SCRIPT.thanks))
    assert (await press_card(client, "gig.filling"))["ok"]
    assert (await press_card(client, "gig.fill"))["ok"]

    async def closed() -> bool:
        return not await is_offered(client, ASKS, PASSES)

    await until(closed)


async def _modal(client: Client) -> Json | None:
    return (await client.get("api/slack", **{"as": ASKS}))["modal"]


async def _contains(client: Client, platform: str, who: str, text: str) -> bool:
    return text in words(await client.chat(platform, who))


async def test_commands_are_answered_where_they_are_typed_and_to_nobody_else(client: Client) -> None:
    view = await client.get("api/slack", **{"as": ASKS})
    lounge = next(c for c in view["conversations"] if c["kind"] == "channel")
    assert (await client.slack(ASKS, "command", command="/alumni", text="検索 佐藤", channel=lounge["id"]))["ok"]

    async def seen(who: str) -> list[Json]:
        conversations = (await client.get("api/slack", **{"as": who}))["conversations"]
        return next(c for c in conversations if c["id"] == lounge["id"])["messages"]

    (mine,) = await seen(ASKS)
    assert mine["ephemeral"] and "佐藤" in words([mine]) and await seen(PASSES) == []


async def test_a_command_that_the_app_has_not_is_refused_as_slack_does(client: Client) -> None:
    refused = await client.slack(ASKS, "command", command="/nope", text="")
    assert (refused["ok"], refused["error"], refused["about"]) == (False, "no_such_command", "/nope")
    assert await client.chat("slack", ASKS) == []


async def test_hr_s_channel_is_there_for_the_colleague_too(client: Client) -> None:
    view = await client.get("api/teams", **{"as": "hr2"})
    channel = next(c for c in view["conversations"] if c["name"] == SCRIPT.channel)
    assert (channel["name"], channel["team"]) == (SCRIPT.channel, SCRIPT.team)
    assert (await client.teams("hr2", "say", text="おはようございます", conversation=channel["id"]))["ok"]
    assert (await client.teams("hr2", "say", text="@Motokai 仕事", conversation=channel["id"]))["ok"]

    async def answered() -> list[Json]:
        there = (await client.get("api/teams", **{"as": HR}))["conversations"]
        return [m for c in there if c["id"] == channel["id"] for m in c["messages"] if m["bot"] and m["reply_to"]]

    assert len(await until(answered)) == 1, "the bot hears what mentions it, and nothing else"


async def test_one_edits_and_deletes_only_one_s_own(client: Client) -> None:
    await client.slack(ASKS, "say", text="はじめまして")
    mine = next(m for m in await client.chat("slack", ASKS) if m["user"] == ASKS)
    where = {"channel": "D0000SATO", "ts": mine["ts"]}
    assert (await client.slack(ASKS, "edit", **where, text="こんにちは"))["ok"]
    after = next(m for m in await client.chat("slack", ASKS) if m["ts"] == mine["ts"])
    assert (after["text"], after["edited"]) == ("こんにちは", True)
    bots = next(m for m in await client.chat("slack", ASKS) if m["bot"])
    refused = await client.slack(ASKS, "delete", channel="D0000SATO", ts=bots["ts"])
    assert refused["error"] == "not_yours"
    foreign = await client.slack(PASSES, "edit", **where, text="x")
    assert foreign["error"] == "gone", "somebody else's conversation is not there at all"
    assert (await client.slack(ASKS, "delete", **where))["ok"]
    assert mine["ts"] not in [m["ts"] for m in await client.chat("slack", ASKS)]


@pytest.mark.parametrize("platform", ["slack", "teams"])
async def test_nobody_and_nowhere_are_named(client: Client, platform: str) -> None:
    act = client.slack if platform == "slack" else client.teams
    nobody = await act("U9", "say", text="x")
    assert (nobody["error"], nobody["about"]) == ("nobody", "U9")
    nowhere = await act(ASKS if platform == "slack" else HR, "say", text="x", channel="C9", conversation="19:9")
    assert nowhere["error"] == "gone"


async def test_an_invitation_comes_by_mail_and_its_code_is_good(client: Client) -> None:
    newcomer = client.page.world.stage.leads.newcomer
    assert await client.get("api/mail") == []
    await client.teams(HR, "say", text=f"登録 {newcomer.name} {newcomer.email}")

    async def letters() -> Any:
        return await client.get("api/mail")

    (letter,) = await until(letters)
    assert letter["to"] == newcomer.email and SCRIPT.company in letter["subject"]
    code = re.search(r"/alumni join (\S+)", letter["text"])
    assert code and (await client.slack(newcomer.slack_id, "command", command="/alumni", text=f"join {code[1]}"))["ok"]
    assert "ようこそ" in words(await client.chat("slack", newcomer.slack_id))


# trouble


async def switch(client: Client, name: str, on: bool) -> Json:
    return await client.post("api/faults", name=name, on=on)


@pytest.mark.parametrize("fault", ["slack_down", "slack_429", "slack_slow", "redeliver_everything"])
async def test_a_gig_that_meets_trouble_in_slack_arrives_once(client: Client, fault: str) -> None:
    await switch(client, fault, True)
    await post_gig(client)
    if fault in ("slack_down", "slack_429"):
        assert (await client.get("api/faults"))["waiting"] > 0
        assert not await _contains(client, "slack", ASKS, SCRIPT.gig["title"])
    await switch(client, fault, False)
    await newest(client, "slack", ASKS, "gig.ask")
    await settled(client)
    offers = [m for m in await client.chat("slack", ASKS) if action(m, "gig.ask")]
    assert len(offers) == 1


@pytest.mark.parametrize("fault", ["teams_down", "teams_429", "teams_slow", "redeliver_everything"])
async def test_a_question_that_meets_trouble_in_teams_arrives_once(client: Client, fault: str) -> None:
    await post_gig(client)
    await newest(client, "slack", ASKS, "gig.ask")
    await switch(client, fault, True)
    await press(client, ASKS, "gig.ask")
    modal = await until(lambda: _modal(client))
    assert (await client.slack(ASKS, "submit", view=modal["id"], values={"text": SCRIPT.question}))["ok"]
    await switch(client, fault, False)
    await until(lambda: _contains(client, "teams", HR, SCRIPT.question))
    await asyncio.sleep(0.3)
    cases = [m for m in await client.chat("teams", HR) if SCRIPT.question in words([m])]
    assert len(cases) == 1


async def test_a_platform_that_is_down_can_be_used_by_nobody(client: Client) -> None:
    await switch(client, "slack_down", True)
    refused = await client.slack(ASKS, "say", text="x")
    assert refused["error"] == "slack_down"
    assert await client.chat("slack", ASKS) == []
    await switch(client, "slack_down", False)
    assert (await client.slack(ASKS, "command", command="/alumni", text="ヘルプ"))["ok"]


async def test_out_of_order_the_later_arrives_first_and_nothing_is_lost(client: Client) -> None:
    await switch(client, "reorder", True)
    assert (await client.slack(ASKS, "say", text="検索 佐藤"))["notice"] == "held"
    assert (await client.slack(ASKS, "say", text="検索 鈴木"))["notice"] == ""

    async def answers() -> list[str]:
        return [words([m]) for m in await client.chat("slack", ASKS) if m["bot"]]

    async def both() -> bool:
        return len(await answers()) == 2

    await until(both)
    assert "鈴木" in (await answers())[0] and "佐藤" in (await answers())[1]
    await client.slack(ASKS, "say", text="検索 田中")
    await switch(client, "reorder", False)
    await until(lambda: _contains(client, "slack", ASKS, "田中"))


async def test_switches_say_how_they_stand(client: Client) -> None:
    told = await switch(client, "teams_slow", True)
    assert {"name": "teams_slow", "on": True} in told["teams"]
    await switch(client, "teams_slow", True)
    told = await switch(client, "teams_slow", False)
    assert not any(one["on"] for one in (*told["slack"], *told["teams"]))
    for body in ({"name": "earthquake", "on": True}, {"name": "slack_down"}, {"name": 7, "on": True}):
        assert (await client.post("api/faults", status=400, **body))["error"] == "malformed"


# behind the scenes, time, and beginning again


async def test_behind_a_message_are_its_json_its_requests_and_its_row(client: Client) -> None:
    await switch(client, "slack_429", True)
    await post_gig(client)

    async def tried() -> bool:
        return any(call.fault for call in client.page.world.stage.slack.workspace.calls("chat.postMessage"))

    await until(tried)
    await switch(client, "slack_429", False)
    await settled(client)
    offer = await newest(client, "slack", ASKS, "gig.ask")
    behind = await client.get("api/behind", kind="slack", message=offer["ts"])
    assert behind["json"]["blocks"] == offer["blocks"]
    assert behind["requests"][-1].startswith("chat.postMessage  ok")
    await press(client, ASKS, "gig.interested")
    behind = await client.get("api/behind", kind="slack", message=offer["ts"])
    assert (behind["ledger"]["state"], behind["ledger"]["template"]) == ("sent", "gig_offer")
    assert [key for key in behind["inbox"] if key.startswith("slack:act:")]

    case = await newest(client, "teams", HR, "case.answer")
    await settled(client)
    behind = await client.get("api/behind", kind="teams", message=case["id"], **{"as": HR})
    assert behind["ledger"]["template"] == "case_desk" and behind["requests"]
    said = next(m for m in await client.chat("teams", HR) if m["text"] == SCRIPT.post)
    assert (await client.get("api/behind", kind="teams", message=said["id"]))["inbox"] != []
    async with client.http.get(f"{client.page.url}api/behind", params={"kind": "slack", "message": "1.1"}) as response:
        assert (response.status, (await response.json())["error"]) == (409, "gone")


async def test_time_goes_on_to_a_gig_s_deadline_and_to_the_question_of_a_year_later(client: Client) -> None:
    await settled(client)
    before = datetime.fromisoformat((await client.get("api/clock"))["now"])
    hour = datetime.fromisoformat((await client.post("api/clock", do="hour"))["now"])
    assert 3600 <= (hour - before).total_seconds() < 3660
    await post_gig(client, deadline=f"{hour.astimezone(TOKYO):%Y-%m-%d}")
    await newest(client, "slack", ASKS, "gig.ask")
    await settled(client)

    async def expired() -> bool:
        await client.post("api/clock", do="next")
        return not await is_offered(client, ASKS)

    async def asked() -> bool:
        assert (await client.post("api/clock", do="next"))["nothing_due"] is False
        return any(action(message, "profile.fresh") for message in await client.chat("slack", ASKS))

    await until(expired)
    await until(asked)
    year = datetime.fromisoformat((await client.get("api/clock"))["now"]) - before
    assert 365 <= year.days < 370
    assert (await client.post("api/clock", status=400, do="yesterday"))["error"] == "unknown_act"


async def test_time_stands_still_where_nothing_is_due(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> None:
        return None

    monkeypatch.setattr(client.page.world.backstage, "next_due", never)
    turned = await client.post("api/clock", do="next")
    later = datetime.fromisoformat(turned["now"]) - datetime.fromisoformat((await client.get("api/clock"))["now"])
    assert turned["nothing_due"] is True and abs(later.total_seconds()) < 60


async def test_a_reset_begins_anew_at_the_same_address(client: Client) -> None:
    await post_gig(client)
    await newest(client, "slack", ASKS, "gig.ask")
    await switch(client, "teams_down", True)
    assert (await client.post("api/reset"))["ok"]
    assert await client.chat("slack", ASKS) == []
    assert not any(one["on"] for one in (await client.get("api/faults"))["teams"])
    await post_gig(client)
    await newest(client, "slack", ASKS, "gig.ask")


async def test_two_resets_at_once_are_two_worlds_one_after_the_other(client: Client) -> None:
    both = await asyncio.gather(client.post("api/reset"), client.post("api/reset"))
    assert [one["ok"] for one in both] == [True, True]
    assert (await client.slack(ASKS, "command", command="/alumni", text="ヘルプ"))["ok"]


async def test_open_pages_are_told_of_every_kind_of_change(client: Client) -> None:
    async with client.http.get(f"{client.page.url}api/events") as stream:
        assert stream.content_type == "text/event-stream"

        async def told(kind: str) -> None:
            async with asyncio.timeout(PATIENCE):
                async for line in stream.content:
                    if line.startswith(b"data: ") and json.loads(line[6:])["kind"] == kind:
                        return

        await client.slack(ASKS, "say", text="ヘルプ")
        await told("slack")
        await client.teams(HR, "say", text="ヘルプ")
        await told("teams")
        await client.teams(HR, "say", text="登録 山田 太郎 taro@example.com")
        await told("mail")
        await switch(client, "slack_slow", True)
        await told("faults")
        await client.post("api/clock", do="hour")
        await told("clock")
        await client.post("api/story", do="start")
        await told("story")
        await client.post("api/reset")
        await told("reset")
        await client.slack(ASKS, "say", text="ヘルプ")
        await told("slack")


# the guide


async def test_the_story_plays_itself_step_by_step(client: Client) -> None:
    assert (await client.get("api/story"))["at"] is None
    told = await client.post("api/story", do="start")
    for at in range(len(told["steps"])):
        assert told["at"] == at
        told = await client.post("api/story", do="next")
    assert told["at"] == len(told["steps"])
    assert (await client.post("api/story", do="next"))["at"] == len(told["steps"]), "and stays at the end"
    for text in (SCRIPT.question, SCRIPT.answer, SCRIPT.thanks):
        await until(lambda text=text: _contains(client, "teams", HR, text))
    assert (await client.post("api/story", do="restart"))["at"] == 0


async def test_the_story_notices_what_is_done_by_hand(client: Client) -> None:
    await post_gig(client)
    told = await client.post("api/story", do="start")
    assert told["at"] == 0, "what was there before counts for nothing"
    await post_gig(client, skills="英語", title="通訳")

    async def moved() -> Json | None:
        now = await client.get("api/story")
        return now if now["at"] == 2 else None

    told = await until(moved)
    asked = told["steps"][2]["as"]
    people = {person.slack_id: person for person in client.page.world.stage.people}
    assert "英語" in people[asked].skills, "it goes on as somebody who got the gig"
    assert (await client.post("api/story", do="skip"))["at"] is None
    assert (await client.post("api/story", status=400, do="dance"))["error"] == "unknown_act"


async def test_a_story_that_cannot_go_on_says_so(client: Client) -> None:
    await client.post("api/story", do="start")
    client.page.world.stage.teams.bot_url = "http://127.0.0.1:9/api/messages"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.story.guide.PATIENCE", 0.3)
        stuck = await client.post("api/story", status=409, do="next")
    assert stuck["error"] == "story_stuck"
    assert (await client.get("api/story"))["at"] == 0


async def test_a_link_to_a_gig_shows_it_below_the_message(client: Client) -> None:
    await press_card(client, "gig.post")
    await press_card(client, "gig.post", dict(SCRIPT.gig))
    await newest(client, "teams", HR, "gig.filling")
    product: Any = client.page.world.backstage
    with product._service.database.company(1) as session:  # as if it had been posted in the channel for gigs
        gig = session.get_one(Gig, 1)
        gig.channels = [{"platform": "slack", "workspace": "T", "address": "channel:T:C"}]
        session.add(gig)
    link = f"{product._service.settings.public_url}/gigs/1"
    assert (await client.slack(ASKS, "say", channel=LOUNGE, text=f"どうぞ {link}"))["ok"]

    async def below() -> list[Json]:
        places = (await client.get("api/slack", **{"as": PASSES}))["conversations"]
        (message,) = next(place["messages"] for place in places if place["id"] == LOUNGE)
        return message["unfurls"]

    (blocks,) = await until(below)
    assert SCRIPT.gig["reward"] in json.dumps(blocks, ensure_ascii=False)


async def test_only_the_product_s_pictures_are_fetched(client: Client) -> None:
    product = client.page.world.stage.slack.bot_url
    elsewhere = ("", "x", "http://[", "/etc/passwd", "file:///etc/passwd", client.page.url, "https://example.com/a.png")
    for url in (*elsewhere, f"{product}@example.com/a.png", f"{product}/pages.css", f"{product}/attendance/1.png"):
        async with client.http.get(f"{client.page.url}picture", params={"url": url}) as response:
            assert response.status == 404, url
