"""Messages out → what Slack was asked, and how it ended."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from adapters.slack.outbound import SlackPlatform
from bot.cards import Card, Field, Form, Paragraph, Picture, Text
from bot.outcomes import Reason, Refused, Sent, Throttled, Unconfirmed
from bot.ports import Finds, Message, Platform

CARD = Card("Gigs", "<!channel> & co", (Paragraph((Text("two"),)),))
FORM = Form("v", "Ask", (Field("a", "A"),), "Send", "Cancel")
SINCE = datetime(2026, 5, 1, 9, tzinfo=UTC)
TO_USER = Message(41, "user:T1:U1", CARD, "en")
REF = "message:T1:D1:1700000000.000100"


def asked(slack):
    return slack.calls[-1]


def test_the_platform_keeps_its_ports(platform) -> None:
    kept: Platform = platform
    assert kept.name == "slack"
    assert (kept.pace.sends_per_minute, kept.pace.edits_per_minute) == (231, 36), "and a burst of 8, and one more"
    assert isinstance(kept, Finds)


async def test_a_message_to_a_person_carries_its_delivery_and_is_read_literally(platform, slack) -> None:
    slack.then({"ok": True, "channel": "D1", "ts": "1700000000.000100"})
    assert await platform.send(TO_USER) == Sent(REF)
    method, said = asked(slack)
    assert method == "chat.postMessage"
    assert said["channel"] == "U1"
    assert said["metadata"] == {"event_type": "motokai_delivery", "event_payload": {"delivery": 41}}
    assert said["text"] == "&lt;!channel&gt; &amp; co"
    assert (said["parse"], said["link_names"], said["mrkdwn"]) == ("none", False, False)
    assert said["_auth"] == "Bearer xoxb-1"
    assert "thread_ts" not in said


async def test_a_reply_goes_where_its_thread_is(platform, slack) -> None:
    await platform.send(replace(TO_USER, thread="message:T1:D7:5.1"))
    assert (asked(slack)[1]["channel"], asked(slack)[1]["thread_ts"]) == ("D7", "5.1")
    await platform.send(Message(1, "channel:T1:C1", CARD, "en"))
    assert asked(slack)[1]["channel"] == "C1"


async def test_a_preview_stands_below_the_link_that_it_is_of(platform, slack) -> None:
    address, link = "unfurl:T1:C1:1700000000.000100", "https://alumni.example.com/gigs/7"
    preview = Message(1, address, replace(CARD, link=link), "en")
    assert await platform.send(preview) == Sent(address)
    method, said = asked(slack)
    assert (method, said["channel"], said["ts"]) == ("chat.unfurl", "C1", "1700000000.000100")
    assert [[block["type"] for block in shown["blocks"]] for shown in said["unfurls"].values()] == [
        ["header", "rich_text"]
    ]
    assert list(said["unfurls"]) == [link] and "text" not in said and "metadata" not in said
    assert isinstance(await platform.find(preview, SINCE), Refused), "doing it again shows the same"
    slack.then({"ok": False, "error": "cannot_find_message"})
    gone = await platform.send(preview)
    assert isinstance(gone, Refused) and gone.reason is Reason.GONE
    for refused in (await platform.edit(preview, address), await platform.delete(preview, address)):
        assert isinstance(refused, Refused) and refused.reason is Reason.GONE
    nothing = await platform.send(Message(1, address, CARD, "en"))
    assert isinstance(nothing, Refused) and nothing.reason is Reason.INVALID


async def test_what_one_person_sees_in_a_channel_is_ephemeral(platform, slack) -> None:
    address = "ephemeral:T1:C1:U1"
    assert await platform.send(Message(1, address, CARD, "en")) == Sent(address)
    method, said = asked(slack)
    assert (method, said["channel"], said["user"]) == ("chat.postEphemeral", "C1", "U1")
    assert await platform.edit(TO_USER, address) == Refused(Reason.GONE, detail="it is shown once")
    assert isinstance(await platform.find(Message(1, address, CARD, "en"), SINCE), Unconfirmed)
    assert len(slack.calls) == 1


async def test_what_is_refused_for_its_picture_is_sent_without(platform, slack) -> None:
    pictured = replace(TO_USER, content=replace(CARD, picture=Picture("https://x.example/qr.png", "QR code")))
    undone = {"ok": False, "error": "invalid_blocks", "errors": ["downloading image failed"]}
    for act in (platform.send, lambda message: platform.edit(message, REF)):
        slack.then(undone)
        assert isinstance(await act(pictured), Sent)
        (_, first), (_, second) = slack.calls[-2:]
        kinds = [[block["type"] for block in said["blocks"]] for said in (first, second)]
        assert kinds == [["header", "image", "rich_text"], ["header", "rich_text"]]
    before = len(slack.calls)
    for body in (undone, undone):
        slack.then(body)
    assert isinstance(await platform.send(pictured), Refused)
    slack.then({"ok": False, "error": "channel_not_found"})
    await platform.send(pictured)
    assert len(slack.calls) == before + 3


async def test_home_is_published(platform, slack) -> None:
    message = Message(1, "home:T1:U1", CARD, "en")
    assert await platform.send(message) == Sent("home:T1:U1")
    assert asked(slack)[0] == "views.publish"
    assert asked(slack)[1]["view"]["type"] == "home"
    assert await platform.edit(message, "home:T1:U1") == Sent("home:T1:U1")
    refused = await platform.send(replace(message, content=FORM))
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.INVALID


async def test_an_edit_shows_the_new_card_in_the_old_place(platform, slack) -> None:
    assert await platform.edit(TO_USER, REF) == Sent(REF)
    method, said = asked(slack)
    assert (method, said["channel"], said["ts"], said["parse"]) == (
        "chat.update",
        "D1",
        "1700000000.000100",
        "none",
    )
    slack.then({"ok": False, "error": "message_not_found"})
    assert await platform.edit(TO_USER, REF) == Refused(Reason.GONE, detail="message_not_found")


async def test_a_view_is_opened_for_a_trigger(platform, slack) -> None:
    assert await platform.open_view("1.2.a", {"type": "modal"}) == Sent("V1")
    assert asked(slack)[0] == "views.open"


@pytest.mark.parametrize("address", ["", "nobody", "user:T1", REF])
async def test_a_malformed_address_is_refused_and_not_raised(platform, slack, address) -> None:
    message = replace(TO_USER, address=address)
    outcome = await platform.send(message)
    assert isinstance(outcome, Refused)
    assert outcome.certain
    assert isinstance(await platform.edit(message, "user:T1:U1"), Refused)
    assert isinstance(await platform.find(message, SINCE), Unconfirmed)
    assert slack.calls == []


async def test_a_limit_says_until_when(slack, http, session) -> None:
    platform = SlackPlatform(token="t", http=http, session=session, api_url=slack.url, now=lambda: SINCE)
    slack.then({"ok": False, "error": "ratelimited"}, 429, **{"Retry-After": "7"})
    assert await platform.send(TO_USER) == Throttled(SINCE + timedelta(seconds=7))


async def test_a_dropped_connection_is_unconfirmed_and_asked_once(platform, slack) -> None:
    async def drop(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    slack.answers.append(drop)
    assert isinstance(await platform.send(TO_USER), Unconfirmed)
    assert len(slack.calls) == 1


async def test_silence_is_unconfirmed(slack, http, session) -> None:
    over = asyncio.Event()

    async def sleep(request: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    slack.answers.append(sleep)
    platform = SlackPlatform(token="t", http=http, session=session, api_url=slack.url, timeout=0.5)
    assert isinstance(await platform.send(TO_USER), Unconfirmed)
    assert len(slack.calls) == 1
    over.set()


async def test_nobody_there_is_later(http, session) -> None:
    platform = SlackPlatform(token="t", http=http, session=session, api_url="http://127.0.0.1:1/api/")
    assert isinstance(await platform.send(TO_USER), Throttled)


async def test_a_closed_client_is_later(http, session) -> None:
    await http.close()
    platform = SlackPlatform(token="t", http=http, session=session, api_url="http://127.0.0.1:1/api/")
    assert isinstance(await platform.send(TO_USER), Throttled)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"\xff"])
async def test_an_answer_that_is_not_slacks_is_unconfirmed(platform, slack, body) -> None:
    async def odd(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    slack.answers.append(odd)
    assert isinstance(await platform.send(TO_USER), Unconfirmed)


def carrying(delivery: int, ts: str) -> dict:
    return {"ts": ts, "metadata": {"event_type": "motokai_delivery", "event_payload": {"delivery": delivery}}}


async def test_a_delivery_is_found_by_what_it_carries(platform, slack) -> None:
    slack.then({"ok": True, "channel": {"id": "D1"}})
    slack.then({"ok": True, "messages": [{"ts": "1.1"}, carrying(40, "1.2"), carrying(41, "1700000000.000100")]})
    assert await platform.find(TO_USER, SINCE) == Sent(REF)
    (opened, who), (method, said) = slack.calls
    assert (opened, who["users"]) == ("conversations.open", "U1")
    assert (method, said["channel"], said["include_all_metadata"]) == ("conversations.history", "D1", "true")
    assert float(said["oldest"]) == SINCE.timestamp() - 60


async def test_a_delivery_that_is_not_there_is_gone_after_the_last_page(platform, slack) -> None:
    slack.then({"ok": True, "messages": [], "response_metadata": {"next_cursor": "c2"}})
    slack.then({"ok": True, "messages": [carrying(40, "1.2")], "response_metadata": {"next_cursor": ""}})
    message = replace(TO_USER, thread="message:T1:D7:5.1")
    assert await platform.find(message, SINCE) == Refused(Reason.GONE, detail="not in the history")
    assert [method for method, _ in slack.calls] == ["conversations.replies"] * 2
    assert slack.calls[1][1]["cursor"] == "c2"
    assert slack.calls[1][1]["ts"] == "5.1"


async def test_a_look_up_that_fails_proves_nothing(platform, slack) -> None:
    message = Message(41, "channel:T1:C1", CARD, "en")
    slack.then({"ok": False, "error": "missing_scope"})
    assert await platform.find(message, SINCE) == Unconfirmed("missing_scope")
    slack.then({"ok": False, "error": "ratelimited"}, 429, **{"Retry-After": "7"})
    assert isinstance(await platform.find(message, SINCE), Throttled)
    slack.calls.clear()
    for _ in range(9):
        slack.then({"ok": True, "messages": [], "response_metadata": {"next_cursor": "more"}})
    assert isinstance(await platform.find(message, SINCE), Unconfirmed)
    assert len(slack.calls) == 5


async def test_slack_says_whose_token_it_is(platform, slack) -> None:
    slack.then({"ok": True, "team_id": "T1"})
    assert await platform.own_team() == "T1"
    slack.then({"ok": False, "error": "invalid_auth"})
    assert await platform.own_team() == ""
