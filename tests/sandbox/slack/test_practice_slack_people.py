"""People acting: signed requests to a bare Bolt app, and what becomes of its answers."""
# slack_sdk types every field of an answer as possibly None.
# pyright: reportOptionalSubscript=false, reportOptionalIterable=false, reportOptionalMemberAccess=false
# pyright: reportArgumentType=false

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.faults import Redeliver, Reorder
from sandbox.slack import CannotSubmit, NotOnScreen, PracticeSlack


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def ask(block_id: str, kind: str = "plain_text_input", **more: Any) -> dict[str, Any]:
    optional = more.pop("optional", False)
    element = {"type": kind, "action_id": f"{block_id}_in", **more}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id.title()),
        "optional": optional,
        "element": element,
    }


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value.upper()), "value": value}


FORM = {
    "type": "modal",
    "callback_id": "gig",
    "title": plain("Post a gig"),
    "submit": plain("Post"),
    "private_metadata": "m",
    "notify_on_close": True,
    "blocks": [
        ask("name", max_length=10),
        ask("place", "static_select", options=[option("tokyo"), option("osaka")]),
        ask("skills", "multi_static_select", options=[option("go"), option("sql")], optional=True),
        ask("start", "datepicker", initial_date="2024-04-01"),
    ],
}
CARD = [
    {"type": "section", "text": plain("A gig")},
    {
        "type": "actions",
        "block_id": "act",
        "elements": [
            {"type": "button", "action_id": "want", "text": plain("Interested"), "value": "g1"},
            {"type": "static_select", "action_id": "when", "options": [option("now"), option("later")]},
        ],
    },
]


async def test_a_command_is_answered_in_place(slack: PracticeSlack, app: AsyncApp, bot: AsyncApp):
    seen: list[dict[str, Any]] = []

    @app.command("/alumni")
    async def alumni(ack, body):
        seen.append(body)
        await ack({"response_type": "in_channel", "text": "all"} if body["text"] == "loud" else "only you")

    answered = await slack.as_user("U1").command("/alumni", "find 田中", channel="C1")
    assert answered.ok and answered.shown is not None
    assert [e.text for e in slack.workspace.ephemerals_for("U1")] == ["only you"]
    assert seen[0]["text"] == "find 田中"
    assert seen[0]["channel_name"] == "gigs"
    await slack.as_user("U1").command("/alumni", "loud", channel="C1")
    assert [m.text for m in slack.workspace.messages_in("C1")] == ["all"]
    unknown = await slack.as_user("U1").command("/nothing")
    assert (unknown.status, unknown.error) == (404, "dispatch_failed")


async def test_a_message_reaches_the_bot_and_is_answered(slack: PracticeSlack, app: AsyncApp, bot: AsyncApp):
    events: list[dict[str, Any]] = []

    @app.event("message")
    async def message(event, say):
        events.append(event)
        await say(text=f"you said {event['text']}", thread_ts=event["ts"])

    answered = await slack.as_user("U1").say("hello <@U2>")
    assert answered.ok and answered.said
    (reply,) = slack.workspace.bot_messages_to("U1")
    assert (reply.text, reply.thread_ts) == ("you said hello <@U2>", answered.said.ts)
    assert events[0]["channel_type"] == "im"
    assert events[0]["blocks"][0]["elements"][0]["elements"][1] == {"type": "user", "user_id": "U2"}
    outside = await slack.as_user("U1").say("the bot is not here", "C2")
    assert outside.error == "not_sent"


async def test_pressing_and_the_response_url(slack: PracticeSlack, bot: AsyncApp, client: AsyncWebClient):
    seen: list[dict[str, Any]] = []

    @bot.action("want")
    async def want(ack, body):
        seen.append(body)
        await ack()

    @bot.action("when")
    async def when(ack, body):
        seen.append(body)
        await ack()

    await client.chat_postMessage(channel="U1", text="gig", blocks=CARD)
    (message,) = slack.workspace.bot_messages_to("U1")
    hanako = slack.as_user("U1")
    assert (await hanako.press(message, "Interested")).ok
    (action,) = seen[0]["actions"]
    assert (action["action_id"], action["value"], action["block_id"]) == ("want", "g1", "act")
    assert seen[0]["message"]["ts"] == seen[0]["container"]["message_ts"] == message.ts
    await hanako.select(message, "when", "later")
    assert seen[1]["actions"][0]["selected_option"]["value"] == "later"
    assert seen[1]["state"]["values"]["act"]["when"]["selected_option"]["value"] == "later"
    with pytest.raises(NotOnScreen, match="Interested"):
        await hanako.press(message, "Refuse")

    hook = AsyncWebhookClient(seen[0]["response_url"])
    assert (await hook.send(text="filled", replace_original=True)).status_code == 200
    assert (message.text, message.edits[0].text) == ("filled", "gig")
    for _ in range(3):
        await hook.send(text="for you")
    assert (await hook.send(delete_original=True)).status_code == 200
    assert message.deleted
    late = await hook.send(text="sixth")
    assert (late.status_code, json.loads(late.body)["error"]) == (404, "used_url")
    other = AsyncWebhookClient(seen[1]["response_url"])
    now = slack.workspace.clock
    slack.workspace.clock = lambda: now() + 1801
    assert json.loads((await other.send(text="late")).body)["error"] == "expired_url"


async def test_a_form_from_opening_to_sending(slack: PracticeSlack, bot: AsyncApp):
    sent: list[dict[str, Any]] = []

    @bot.command("/gigs")
    async def gigs(ack, body, client):
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)
        await ack()

    @bot.view("gig")
    async def gig(ack, body, view):
        sent.append(view)
        if view["state"]["values"]["name"]["name_in"]["value"] == "bad":
            return await ack(response_action="errors", errors={"name": "Choose another"})
        if view["state"]["values"]["name"]["name_in"]["value"] == "more":
            return await ack(response_action="push", view=FORM | {"title": plain("More")})
        return await ack()

    closed: list[dict[str, Any]] = []

    @bot.view_closed("gig")
    async def gone(ack, body):
        closed.append(body)
        await ack()

    hanako = slack.as_user("U1")
    assert (await hanako.command("/gigs")).ok
    assert hanako.modal and hanako.modal.title == "Post a gig"
    with pytest.raises(CannotSubmit, match="Name: this field is required"):
        await hanako.submit(values={"place": "tokyo"})
    with pytest.raises(CannotSubmit, match="11 characters"):
        await hanako.submit(values={"name": "x" * 11, "place": "tokyo"})
    with pytest.raises(NotOnScreen, match="colour"):
        await hanako.submit(values={"name": "x", "place": "tokyo", "colour": "red"})

    wrong = await hanako.submit(values={"name": "bad", "place": "tokyo", "skills": ["go", "sql"]})
    assert wrong.errors == {"name": "Choose another"}
    assert hanako.modal is not None
    values = sent[0]["state"]["values"]
    assert values["place"]["place_in"]["selected_option"]["value"] == "tokyo"
    assert [o["value"] for o in values["skills"]["skills_in"]["selected_options"]] == ["go", "sql"]
    assert values["start"]["start_in"] == {"type": "datepicker", "selected_date": "2024-04-01"}

    pushed = await hanako.submit(values={"name": "more"})
    assert pushed.view and pushed.view.title == "More" and pushed.view.previous_view_id == sent[0]["id"]
    assert (await hanako.close()).ok
    assert closed[0]["view"]["id"] == pushed.view.id
    right = await hanako.submit(values={"name": "good"})
    assert right.ok and hanako.modal is None


async def test_triggers_and_hashes_go_stale(slack: PracticeSlack, client: AsyncWebClient):
    async def error(call) -> str:
        with pytest.raises(SlackApiError) as caught:
            await call
        return caught.value.response["error"]

    workspace = slack.workspace
    trigger = workspace.trigger("U1")
    view = (await client.views_open(trigger_id=trigger, view=FORM))["view"]
    assert await error(client.views_open(trigger_id=trigger, view=FORM)) == "exchanged_trigger_id"
    assert await error(client.views_open(trigger_id="1.2.3", view=FORM)) == "invalid_trigger_id"
    late, now = workspace.trigger("U1"), workspace.clock
    workspace.clock = lambda: now() + 3.1
    assert await error(client.views_open(trigger_id=late, view=FORM)) == "expired_trigger_id"
    workspace.clock = now

    fresh = (await client.views_update(view_id=view["id"], view=FORM, hash=view["hash"]))["view"]
    assert fresh["hash"] != view["hash"]
    stale = client.views_update(view_id=view["id"], view=FORM, hash=view["hash"])
    assert await error(stale) == "hash_conflict"
    assert await error(client.views_update(view_id="V404", view=FORM)) == "not_found"
    for _ in range(2):
        await client.views_push(trigger_id=workspace.trigger("U1"), view=FORM)
    assert await error(client.views_push(trigger_id=workspace.trigger("U1"), view=FORM)) == "push_limit_reached"
    long = FORM | {"title": plain("x" * 25)}
    assert await error(client.views_open(trigger_id=workspace.trigger("U1"), view=long)) == "invalid_arguments"


async def test_home(slack: PracticeSlack, bot: AsyncApp):
    @bot.event("app_home_opened")
    async def opened(event, client):
        blocks = [{"type": "section", "text": plain("Welcome back")}, *CARD[1:]]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    pressed: list[dict[str, Any]] = []

    @bot.action("want")
    async def want(ack, body):
        pressed.append(body)
        await ack()

    hanako = slack.as_user("U1")
    await hanako.open_home()
    assert hanako.home and "Welcome back" in hanako.home.words
    await hanako.press_in_view(hanako.home, "Interested")
    assert pressed[0]["container"] == {"type": "view", "view_id": hanako.home.id}


async def test_an_unanswered_event_comes_again(slack: PracticeSlack, app: AsyncApp, bot: AsyncApp):
    seen: list[tuple[str, str]] = []

    @app.event("team_join")
    async def joined(body, request):
        number = request.headers.get("x-slack-retry-num", ["0"])[0]
        seen.append((body["event_id"], number))
        if len(seen) < 3:
            raise RuntimeError("not yet")

    answered = await slack.as_user("U2").join_team()
    assert answered.ok and len(answered.attempts) == 3
    assert [number for _, number in seen] == ["0", "1", "2"]
    assert len({event_id for event_id, _ in seen}) == 1
    reasons = [a.request.headers.get("X-Slack-Retry-Reason") for a in answered.attempts if a.request]
    assert reasons == [None, "http_error", "http_error"]


async def test_a_bot_that_is_away(slack: PracticeSlack):
    slack.bot_url = "http://127.0.0.1:1"
    event = await slack.as_user("U1").say("anyone?")
    assert (event.error, len(event.attempts), event.status) == ("connection_failed", 4, None)
    command = await slack.as_user("U1").command("/alumni")
    assert (command.error, len(command.attempts)) == ("dispatch_failed", 1)


async def test_a_bot_that_is_slow(slack: PracticeSlack, bot: AsyncApp):
    @bot.command("/alumni")
    async def alumni(ack):
        await asyncio.sleep(0.3)
        await ack()

    slack.courier.ack_within = 0.05
    assert (await slack.as_user("U1").command("/alumni")).error == "operation_timeout"


async def test_redelivery_reordering_and_resending(slack: PracticeSlack, bot: AsyncApp):
    texts: list[str] = []

    @bot.event("message")
    async def message(event):
        texts.append(event["text"])

    hanako = slack.as_user("U1")
    slack.faults.order(Redeliver(2), on="event/message")
    once = await hanako.say("a")
    assert texts == ["a"] * 3
    texts.clear()
    slack.faults.order(Reorder(), on="event/*")
    assert (await hanako.say("b")).held
    await hanako.say("c")
    assert texts == ["c", "b"]
    texts.clear()
    again = await slack.resend(once, times=2, concurrently=True)
    assert texts == ["a", "a"] and all(answer.ok for answer in again)
    assert {a.request.body for a in again if a.request} == {once.request.body if once.request else b""}


async def test_hostile_requests(slack: PracticeSlack, bot: AsyncApp):
    body = b'{"type":"url_verification","challenge":"c","token":"t"}'
    stamp = int(time.time())

    async def knock(timestamp: int, signature: str) -> int | None:
        headers = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": signature,
        }
        return (await slack.post_raw(body, headers)).status

    assert await knock(stamp, slack.sign(body, stamp)) == 200
    assert await knock(stamp, slack.sign(body + b" ", stamp)) == 401
    assert await knock(stamp - 301, slack.sign(body, stamp - 301)) == 401
    verified = await slack.url_verification()
    assert verified.json["challenge"] == verified.payload["challenge"]


async def test_shortcuts_and_edits(slack: PracticeSlack, bot: AsyncApp):
    seen: list[str] = []

    @bot.shortcut("make_case")
    async def case(ack, body):
        seen.append(body["message"]["text"])
        await ack()

    @bot.event({"type": "message", "subtype": "message_changed"})
    async def changed(event):
        seen.append(f"{event['previous_message']['text']} → {event['message']['text']}")

    @bot.event("message")
    async def message():
        pass

    hanako = slack.as_user("U1")
    said = (await hanako.say("Please help")).said
    assert said
    assert (await hanako.shortcut("make_case", said)).ok
    assert (await hanako.edit(said, "Solved")).ok
    assert seen == ["Please help", "Please help → Solved"]


async def test_something_else_on_the_same_port(slack: PracticeSlack):
    async def page(_):
        return web.Response(text="both sides")

    slack.mount("/page", page)
    async with (
        aiohttp.ClientSession() as session,
        session.get(slack.url.replace("/api/", "/page/1")) as answer,
    ):
        assert await answer.text() == "both sides"
