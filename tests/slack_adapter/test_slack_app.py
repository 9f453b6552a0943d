"""A signed request in → what the product heard, and what Slack got back."""

import asyncio
import json
import logging
import time
from dataclasses import replace
from typing import Any

import pytest
import structlog

from bot.cards import Action, Card, Field, Form, Paragraph, Text
from bot.ports import Kind, Reply, Standing

CARD = Card("Gigs", "Two gigs", (Paragraph((Text("<!channel> two gigs"),)),), (Action("Show", "gig.show"),))
FORM = Form("gig.ask", "Ask", (Field("text", "Question"),), "Send", "Cancel", {"gig": "7"})
WRONG = replace(FORM, fields=(Field("text", "Question", error="Please write a question."),))
OTHER = replace(WRONG, args={"gig": "8"})
FORM_TYPE = "application/x-www-form-urlencoded"

COMMAND = {
    "command": "/alumni",
    "text": "gigs",
    "trigger_id": "1.2.a",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "response_url": "http://127.0.0.1:1/never",
}
EVENT: dict[str, Any] = {
    "type": "event_callback",
    "team_id": "T1",
    "event_id": "Ev1",
    "event": {
        "type": "message",
        "channel_type": "im",
        "channel": "D1",
        "user": "U1",
        "text": "hi",
        "ts": "1.1",
    },
}
PRESS: dict[str, Any] = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "channel": {"id": "D1"},
    "container": {"type": "message", "message_ts": "1.1"},
    "trigger_id": "1.2.b",
    "actions": [{"type": "button", "action_id": "gig.ask#0", "value": '{"gig":"7"}', "action_ts": "2.1"}],
}
SUBMIT: dict[str, Any] = {
    "type": "view_submission",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "view": {
        "id": "V1",
        "type": "modal",
        "hash": "h",
        "callback_id": "gig.ask",
        "private_metadata": '{"verb":"gig.ask","args":{"gig":"7"}}',
        "state": {"values": {"text": {"text": {"type": "plain_text_input", "value": "Remote?"}}}},
    },
}


async def test_a_command_is_answered_to_its_speaker_in_the_response(caller, receiver, slack) -> None:
    receiver.reply = Reply(Standing.DONE, CARD)
    status, body = await caller.form(**COMMAND)
    answer = json.loads(body)
    assert (status, answer["response_type"], answer["text"]) == (200, "ephemeral", "Two gigs")
    assert answer["blocks"][1]["elements"][0]["elements"][0]["text"] == "<!channel> two gigs"
    assert receiver.heard[0].text == "gigs"
    assert slack.calls == []


async def test_a_command_may_contain_any_word(caller, receiver) -> None:
    await caller.form(**COMMAND | {"text": "find payload=1&payload {engineer}"})
    assert receiver.heard[0].text == "find payload=1&payload {engineer}"


async def test_an_event_is_heard_once_and_answered_empty(caller, receiver, slack) -> None:
    receiver.reply = Reply(Standing.DONE, CARD)
    assert [await caller.json(EVENT) for _ in range(2)] == [(200, ""), (200, "")]
    assert len(receiver.heard) == 1
    assert slack.calls == []


async def test_a_form_opens_before_the_acknowledgement(caller, receiver, slack) -> None:
    receiver.reply = Reply(Standing.DONE, FORM)
    assert await caller.interaction(PRESS) == (200, "")
    assert await caller.form(**COMMAND) == (200, "")
    assert [(method, call["trigger_id"]) for method, call in slack.calls] == [
        ("views.open", "1.2.b"),
        ("views.open", "1.2.a"),
    ]
    assert slack.calls[0][1]["view"]["callback_id"] == "gig.ask"
    assert receiver.heard[0].kind is Kind.PRESSED


async def test_a_form_that_comes_too_late_is_said_in_words(caller, receiver, slack) -> None:
    receiver.reply = Reply(Standing.DONE, FORM)
    slack.then({"ok": False, "error": "expired_trigger_id"})
    status, body = await caller.form(**COMMAND)
    assert status == 200
    assert json.loads(body)["text"] == "That took too long; please try again."

    slack.then({"ok": False, "error": "expired_trigger_id"})
    pressed = PRESS | {"response_url": slack.url.replace("/api/", "/actions/1")}
    assert await caller.interaction(pressed) == (200, "")
    await caller.edge.stop()
    said = slack.calls[-1][1]
    assert said["text"] == "That took too long; please try again."
    assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)
    assert said["_auth"] == ""


async def test_another_page_takes_the_place_of_the_pressed_card(caller, receiver, slack) -> None:
    receiver.reply = Reply(Standing.DONE, CARD, in_place=True)
    pressed = PRESS | {"response_url": slack.url.replace("/api/", "/actions/1")}
    assert await caller.interaction(pressed) == (200, "")
    await caller.edge.stop()
    assert receiver.heard[-1].turns
    said = slack.calls[-1][1]
    assert said["replace_original"] is True and "response_type" not in said


async def test_a_card_for_a_button_is_the_ledgers(caller, receiver, slack) -> None:
    receiver.reply = Reply(Standing.DONE, CARD, notice=True)
    assert await caller.interaction(PRESS) == (200, "")
    assert slack.calls == []


@pytest.mark.parametrize(
    ("reply", "action"),
    [
        (Reply(Standing.DONE, WRONG), "errors"),
        (Reply(Standing.DONE, FORM), "update"),
        (Reply(Standing.DONE, OTHER), "update"),
        (Reply(Standing.DONE, CARD), "update"),
        (Reply(Standing.DONE, CARD, notice=True), "push"),
        (Reply(Standing.DONE, CARD, notice=True, done=True), "update"),
        (Reply(Standing.DONE), "clear"),
    ],
)
async def test_a_submitted_form_becomes(caller, receiver, reply, action) -> None:
    receiver.reply = reply
    status, body = await caller.interaction(SUBMIT)
    answer = json.loads(body)
    assert (status, answer["response_action"]) == (200, action)
    assert receiver.heard[0].values == {"text": "Remote?"}
    if action == "errors":
        assert answer["errors"] == {"text": "Please write a question."}


async def test_what_is_wrong_in_another_form_stands_at_its_fields(caller, receiver) -> None:
    """Slack shows errors only at the fields of the form that was sent: the next one says them in its hints."""
    receiver.reply = Reply(Standing.DONE, OTHER)
    _, body = await caller.interaction(SUBMIT)
    view = json.loads(body)["view"]
    assert json.loads(view["private_metadata"])["args"] == {"gig": "8"}
    assert "Please write a question." in view["blocks"][-1]["hint"]["text"]


async def test_a_foreign_workspace_is_refused(caller, receiver) -> None:
    receiver.reply = Reply(Standing.FOREIGN)
    for status, _ in [
        await caller.json(EVENT),
        await caller.form(**COMMAND),
        await caller.interaction(PRESS),
    ]:
        assert status == 403


@pytest.mark.parametrize(
    "payload",
    [
        {
            "type": "view_closed",
            "view": {"id": "V1", "callback_id": "x"},
            "user": {"id": "U1"},
            "team": {"id": "T1"},
        },
        {"type": "shortcut", "callback_id": "x", "user": {"id": "U1"}, "team": {"id": "T1"}},
        {"type": "block_suggestion", "action_id": "x", "user": {"id": "U1"}, "team": {"id": "T1"}},
        {"type": "something_new"},
        PRESS | {"actions": [{"type": "static_select", "action_id": "x", "action_ts": "1"}]},
    ],
)
async def test_what_nobody_asked_for_is_acknowledged(caller, receiver, payload) -> None:
    assert await caller.interaction(payload) == (200, "")
    assert await caller.json(EVENT | {"event": {"type": "emoji_changed", "subtype": "add"}}) == (200, "")
    assert receiver.heard == []


async def test_slack_may_ask_whether_we_are_here(caller, receiver) -> None:
    status, body = await caller.json({"type": "url_verification", "challenge": "c123", "token": "t"})
    assert (status, json.loads(body)) == (200, {"challenge": "c123"})
    assert await caller.post(b"ssl_check=1&token=t", FORM_TYPE, headers={}) == (200, "")
    assert await caller.post(b"ssl_check=1&command=/alumni&text=x", FORM_TYPE, headers={}) == (200, "")
    assert receiver.heard == []


GOOD = json.dumps(EVENT).encode()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda signed: {}, 401),
        (lambda signed: {"X-Slack-Signature": signed(GOOD)["X-Slack-Signature"]}, 401),
        (lambda signed: {"X-Slack-Request-Timestamp": str(int(time.time()))}, 401),
        (lambda signed: signed(GOOD) | {"X-Slack-Request-Timestamp": "soon"}, 401),
        (lambda signed: signed(GOOD) | {"X-Slack-Request-Timestamp": "1e9"}, 401),
        (lambda signed: signed(GOOD) | {"X-Slack-Request-Timestamp": "٣"}, 401),
        (lambda signed: signed(GOOD) | {"X-Slack-Request-Timestamp": "9" * 5_000}, 401),
        (lambda signed: signed(GOOD) | {"X-Slack-Signature": "v0=é"}, 401),
        (lambda signed: signed(GOOD) | {"X-Slack-Signature": "v0=00"}, 401),
        (lambda signed: signed(GOOD + b" "), 401),
        (lambda signed: signed(GOOD, secret="another"), 401),
        (lambda signed: signed(GOOD, at=int(time.time()) - 301), 401),
        (lambda signed: signed(GOOD, at=int(time.time()) + 390), 401),
        (lambda signed: signed(GOOD, at=int(time.time()) - 210), 200),
    ],
)
async def test_only_what_slack_signed_just_now_is_heard(caller, receiver, signed, change, status) -> None:
    found, _ = await caller.post(GOOD, headers=change(signed))
    assert found == status
    assert len(receiver.heard) == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"no json", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"event": "text", "type": "event_callback"}', "application/json", 400),
        (b'{"type":"event_callback","event":{"type":"app_mention"}}', "application/json", 400),
        (b'{"type":"event_callback","event_id":"Ev","team_id":"T/1","event":{"type":"message","user":"U",'
         b'"channel":"D1","channel_type":"im"}}', "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b"payload=no+json", FORM_TYPE, 400),
        (b"payload=[]", FORM_TYPE, 400),
        (b"payload=", FORM_TYPE, 400),
        (b"text=hello", FORM_TYPE, 400),
        (b"", FORM_TYPE, 400),
        (b"command=/alumni&text=x", FORM_TYPE, 400),
        (b'payload={"type":"block_actions","actions":[]}', FORM_TYPE, 400),
        (b'payload={"type":"block_actions","actions":[{"type":"button"}]}', FORM_TYPE, 400),
        (b'payload={"type":"view_submission","view":{"callback_id":"x"}}', FORM_TYPE, 400),
        (b"{}", "text/plain", 415),
        (b"{}", "multipart/form-data", 415),
        (b"x" * (1024 * 1024 + 1), "application/json", 413),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_told_so_without_a_traceback(
    caller, receiver, body, content_type, status, caplog
) -> None:
    with structlog.testing.capture_logs() as logged, caplog.at_level(logging.DEBUG):
        found, said = await caller.post(body, content_type)
    assert found == status
    assert said
    assert receiver.heard == []
    assert [one["log_level"] for one in logged] == ["info"]
    assert not [record for record in caplog.records if record.exc_info]


async def test_only_posts_are_taken(caller) -> None:
    for method in ("GET", "PUT", "DELETE"):
        async with caller.client.request(method, "/slack/events") as response:
            assert response.status == 405


async def test_a_failure_of_ours_is_a_500_and_one_line_in_the_log(caller, receiver) -> None:
    receiver.error = RuntimeError("the database is away")
    with structlog.testing.capture_logs() as logged:
        assert await caller.json(EVENT) == (500, "")
    assert [(one["event"], one["log_level"]) for one in logged] == [("slack_request_failed", "error")]


async def test_client_credentials_in_the_environment_change_nothing(
    monkeypatch, slack, session, platform, receiver, signed
) -> None:
    from adapters.slack.app import build_slack

    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-2")
    edge = build_slack(
        signing_secret="s",
        token="xoxb-1",
        api_url=slack.url,
        receiver=receiver,
        shortcuts={},
        platform=platform,
        session=session,
        too_late=lambda locale: "",
    )
    assert [route.path for route in edge.routes()] == ["/slack/events"]
    assert slack.calls == []


async def test_forty_at_once_are_forty(caller, receiver) -> None:
    answers = await asyncio.gather(*(caller.json(EVENT | {"event_id": f"Ev{i}"}) for i in range(40)))
    assert set(answers) == {(200, "")}
    assert len({one.key for one in receiver.heard}) == 40
