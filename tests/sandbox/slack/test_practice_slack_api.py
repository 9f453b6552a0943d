"""The Web API of the practice Slack, through Slack's own client."""
# slack_sdk types every field of an answer as possibly None.
# pyright: reportOptionalSubscript=false, reportOptionalIterable=false, reportOptionalMemberAccess=false
# pyright: reportArgumentType=false, reportCallIssue=false

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import DEFAULT_SCOPES, PracticeSlack


async def refused(call) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value


async def error(call) -> str:
    return (await refused(call)).response["error"]


async def test_the_token_says_who_is_asking(slack: PracticeSlack, client: AsyncWebClient):
    who = await client.auth_test()
    assert (who["user_id"], who["bot_id"]) == (slack.workspace.bot_user_id, slack.workspace.bot_id)
    assert await error(AsyncWebClient("xoxb-other", base_url=slack.url).auth_test()) == "invalid_auth"
    assert await error(AsyncWebClient(base_url=slack.url).auth_test()) == "not_authed"
    slack.api.token_error = "token_revoked"
    assert await error(client.auth_test()) == "token_revoked"


async def test_a_missing_scope_is_named(slack: PracticeSlack, client: AsyncWebClient):
    slack.api.scopes = frozenset({"commands", "users:read"})
    caught = await refused(client.chat_postMessage(channel="U1", text="hi"))
    assert caught.response["error"] == "missing_scope"
    assert caught.response["needed"] == "chat:write"
    assert caught.response["provided"] == "commands,users:read"
    assert "email" not in (await client.users_info(user="U1"))["user"]["profile"]


async def test_unknown_methods_and_places(client: AsyncWebClient):
    assert await error(client.api_call("chat.shout")) == "unknown_method"
    assert await error(client.chat_postMessage(channel="C404", text="hi")) == "channel_not_found"
    assert await error(client.chat_postMessage(channel="C2", text="hi")) == "not_in_channel"
    assert await error(client.api_call("chat.postMessage", json={"channel": "C1", "text": " "})) == "no_text"
    assert await error(client.chat_postMessage(channel="U0MOTOKAI", text="hi")) == "cannot_dm_bot"
    assert await error(client.users_info(user="U404")) == "user_not_found"
    assert await error(client.users_lookupByEmail(email="no@example.com")) == "users_not_found"


async def test_a_message_to_a_person_opens_their_dm(slack: PracticeSlack, client: AsyncWebClient):
    first = await client.chat_postMessage(channel="U1", text="one")
    second = await client.chat_postMessage(channel="U1", text="two")
    opened = await client.conversations_open(users="U1")
    assert first["channel"] == second["channel"] == opened["channel"]["id"]
    assert first["channel"].startswith("D")
    assert str(first["ts"]) < str(second["ts"])
    assert [m.text for m in slack.workspace.bot_messages_to("U1")] == ["one", "two"]


async def test_people_who_cannot_be_reached(slack: PracticeSlack, client: AsyncWebClient):
    slack.workspace.users["U1"].blocked = True
    assert await error(client.chat_postMessage(channel="U1", text="hi")) == "messages_tab_disabled"
    slack.workspace.users["U1"].refusal = "is_archived"
    assert await error(client.chat_postMessage(channel="U1", text="hi")) == "is_archived"
    slack.workspace.users["U2"].deleted = True
    assert await error(client.conversations_open(users="U2")) == "user_disabled"


async def test_metadata_is_shown_only_when_asked_for(slack: PracticeSlack, client: AsyncWebClient):
    metadata = {"event_type": "delivery", "event_payload": {"id": "d-1"}}
    posted = await client.chat_postMessage(channel="U1", text="hi", metadata=metadata)
    assert "metadata" not in dict(posted["message"])
    channel = posted["channel"]
    plain = await client.conversations_history(channel=channel)
    assert "metadata" not in plain["messages"][0]
    asked = await client.conversations_history(
        channel=channel, include_all_metadata=True, oldest=posted["ts"], latest=posted["ts"], inclusive=True
    )
    assert [m["metadata"] for m in asked["messages"]] == [metadata]


async def test_history_and_threads_come_in_pages(client: AsyncWebClient):
    for i in range(4):
        await client.chat_postMessage(channel="C1", text=str(i))
    last = await client.chat_postMessage(channel="C1", text="4")
    for i in range(3):
        await client.chat_postMessage(channel="C1", text=f"r{i}", thread_ts=last["ts"])
    first = await client.conversations_history(channel="C1", limit=3)
    assert [m["text"] for m in first["messages"]] == ["4", "3", "2"]
    assert first["messages"][0]["reply_count"] == 3
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel="C1", limit=3, cursor=cursor)
    assert [m["text"] for m in rest["messages"]] == ["1", "0"]
    replies = await client.conversations_replies(channel="C1", ts=last["ts"])
    assert [m["text"] for m in replies["messages"]] == ["4", "r0", "r1", "r2"]
    assert await error(client.conversations_replies(channel="C1", ts="1.000000")) == "thread_not_found"
    after = await client.conversations_history(channel="C1", oldest=last["ts"])
    assert after["messages"] == []


async def test_messages_change_and_go_and_keep_their_past(slack: PracticeSlack, client: AsyncWebClient):
    posted = await client.chat_postMessage(channel="C1", text="before")
    await client.chat_update(channel="C1", ts=posted["ts"], text="after")
    message = slack.workspace.channels["C1"].messages[posted["ts"]]
    assert (message.text, [e.text for e in message.edits]) == ("after", ["before"])
    too_long = client.chat_update(channel="C1", ts=posted["ts"], text="田" * 1_400)
    assert await error(too_long) == "msg_too_long"
    said = await slack.as_user("U1").say("mine", "C1")
    assert said.said is not None
    theirs = client.chat_update(channel="C1", ts=said.said.ts, text="no")
    assert await error(theirs) == "cant_update_message"
    nothing = client.api_call("chat.update", json={"channel": "C1", "ts": posted["ts"]})
    assert await error(nothing) == "no_text"
    await client.chat_delete(channel="C1", ts=posted["ts"])
    assert await error(client.chat_delete(channel="C1", ts=posted["ts"])) == "message_not_found"


async def test_people_and_team(slack: PracticeSlack, client: AsyncWebClient):
    user = (await client.users_info(user="U1", include_locale=True))["user"]
    assert (user["profile"]["email"], user["locale"], user["tz"]) == (
        "hanako@example.com",
        "ja-JP",
        "Asia/Tokyo",
    )
    assert (await client.users_lookupByEmail(email="KEN@example.com"))["user"]["id"] == "U2"
    listed = await client.users_list(limit=2)
    rest = await client.users_list(limit=2, cursor=listed["response_metadata"]["next_cursor"])
    assert [u["id"] for u in [*listed["members"], *rest["members"]]] == ["U0MOTOKAI", "U1", "U2"]
    assert (await client.team_info())["team"]["id"] == slack.workspace.team_id
    assert (await client.conversations_members(channel="C1"))["members"] == ["U1", "U2", "U0MOTOKAI"]
    assert (await client.conversations_info(channel="C1"))["channel"]["name"] == "gigs"


async def test_only_one_person_sees_an_ephemeral(slack: PracticeSlack, client: AsyncWebClient):
    await client.chat_postEphemeral(channel="C1", user="U1", text="psst")
    assert [e.text for e in slack.workspace.ephemerals_for("U1")] == ["psst"]
    assert slack.workspace.ephemerals_for("U2") == []


async def test_too_fast_is_told_how_long_to_wait():
    workspace_of = {"U1": "A", "U2": "B"}
    async with PracticeSlack(limits=True) as slack:
        for user, name in workspace_of.items():
            slack.workspace.add_user(user, name)
        client = AsyncWebClient(slack.token, base_url=slack.url, retry_handlers=[])
        for _ in range(4):
            await client.chat_postMessage(channel="U1", text="hi")
        caught = await refused(client.chat_postMessage(channel="U1", text="hi"))
        assert caught.response.status_code == 429
        assert caught.response.headers["Retry-After"] == "1"
        assert caught.response["error"] == "ratelimited"
        await client.chat_postMessage(channel="U2", text="another channel")
        assert slack.pacing is not None and slack.pacing.violations["chat.postMessage"] == 1


async def test_the_journal_and_waiting(slack: PracticeSlack, client: AsyncWebClient):
    queue = slack.workspace.subscribe()
    await client.chat_postMessage(channel="U1", text="hi")
    call = await slack.until(lambda w: w.calls("chat.postMessage"))
    assert (call[0].ok, call[0].args["text"]) == (True, "hi")
    assert {queue.get_nowait().kind for _ in range(queue.qsize())} == {"message", "call"}
    with pytest.raises(TimeoutError, match=r"call chat\.postMessage → ok"):
        await slack.until(lambda w: w.calls("chat.delete"), timeout=0.05)


async def test_an_edit_without_blocks_keeps_them(slack: PracticeSlack, client: AsyncWebClient):
    blocks = [{"type": "divider"}]
    posted = await client.chat_postMessage(channel="C1", text="before", blocks=blocks)
    message = slack.workspace.channels["C1"].messages[posted["ts"]]
    await client.chat_update(channel="C1", ts=posted["ts"], text="after")
    assert [block["type"] for block in message.blocks] == ["divider"]
    await client.chat_update(channel="C1", ts=posted["ts"], text="after", blocks=[])
    assert message.blocks == []


async def test_a_form_body_will_do_too(slack: PracticeSlack):
    body = {"channel": "U1", "text": "hi", "blocks": '[{"type": "divider"}]', "token": slack.token}
    async with aiohttp.ClientSession() as session:
        async with session.post(slack.url + "chat.postMessage", data=body) as answer:
            assert (await answer.json())["ok"]
        async with session.post(slack.url + "chat.postMessage", data=body | {"blocks": "[{"}) as answer:
            assert (await answer.json())["error"] == "invalid_blocks_format"
    assert slack.workspace.bot_messages_to("U1")[0].blocks[0]["type"] == "divider"


async def test_links_are_told_of_and_unfurled():
    scopes = (*DEFAULT_SCOPES, "links:read", "links:write")
    async with PracticeSlack(scopes=scopes, unfurl_domains=["alumni.example.com"], retry_delays=()) as slack:
        slack.workspace.add_user("U1", "A")
        said = (await slack.as_user("U1").say("see https://alumni.example.com/g/1")).said
        assert said
        client = AsyncWebClient(slack.token, base_url=slack.url)
        link = "https://alumni.example.com/g/1"
        await client.chat_unfurl(channel=said.channel, ts=said.ts, unfurls={link: {"blocks": []}})
        assert list(said.unfurls) == [link]
