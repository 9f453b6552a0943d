"""The edge and the practice Slack, over HTTP and over a socket: one conversation from end to end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack import socket as socket_module
from adapters.slack.app import SlackEdge, build_slack
from adapters.slack.outbound import SlackPlatform
from bot.cards import (
    Action,
    Bullets,
    Card,
    Choice,
    Divider,
    Field,
    FieldKind,
    Form,
    Link,
    Paragraph,
    Quote,
    Text,
    When,
)
from bot.outcomes import Reason, Refused, Sent
from bot.ports import Kind, Message, Reply, Standing
from sandbox.slack.server import PracticeSlack

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
CARD = Card(
    "A gig <!channel>",
    "A gig for you",
    (
        Paragraph((Text("<!channel> from "), Link("us", "https://example.com"), When(NOW))),
        Bullets(((Text("remote"),),)),
        Divider(),
        Quote((Text("come back"),)),
    ),
    (Action("Ask", "gig.ask", {"gig": "7"}),),
)
FORM = Form(
    "gig.ask",
    "Ask about this gig, whatever it is",
    (
        Field("text", "Question"),
        Field("kind", "Kind", FieldKind.CHOICE, choices=(Choice("a", "A"), Choice("b", "B"))),
        Field("day", "Day", FieldKind.DATE, required=False),
    ),
    "Send",
    "Cancel",
    {"gig": "7"},
)
WRONG = replace(FORM, fields=(replace(FORM.fields[0], error="Too short."), *FORM.fields[1:]))


@pytest.fixture(params=["http", "socket"])
async def practice(request, http, receiver) -> AsyncIterator[tuple[PracticeSlack, SlackPlatform, SlackEdge]]:
    socket = request.param == "socket"
    async with aiohttp.ClientSession() as session, PracticeSlack(socket_mode=socket) as slack:
        platform = SlackPlatform(token="xoxb-practice-bot", http=http, session=session, api_url=slack.url)
        edge = build_slack(
            signing_secret="practice-signing-secret",
            token="xoxb-practice-bot",
            api_url=slack.url,
            receiver=receiver,
            shortcuts={"/gigs": "gigs"},
            platform=platform,
            session=session,
            too_late=lambda locale: "Too late.",
        )
        served = web.Application()
        served.add_routes(edge.routes())
        async with TestServer(served) as server:
            if socket:
                await edge.start_socket_mode("xapp-practice-app")
                await slack.until(lambda workspace: workspace.calls("apps.connections.open"))
                await asyncio.sleep(0.1)
            else:
                slack.bot_url = str(server.make_url("")).rstrip("/")
            yield slack, platform, edge
            await edge.stop()


async def test_one_conversation(practice, receiver) -> None:
    slack, platform, _ = practice
    team = slack.workspace.team_id
    user = slack.workspace.add_user("UAIKO").id
    person = slack.as_user(user)

    gig = Message(41, f"user:{team}:{user}", CARD, "ja")
    sent = await platform.send(gig)
    assert isinstance(sent, Sent)
    since = datetime.now(UTC) - timedelta(hours=1)
    assert await platform.find(gig, since) == sent
    assert await platform.find(Message(42, gig.address, CARD, "ja"), since) == Refused(
        Reason.GONE, detail="not in the history"
    )
    assert await platform.edit(gig, sent.ref) == sent

    receiver.reply = Reply(Standing.DONE, FORM)
    await person.press(slack.workspace.bot_messages_to(user)[-1], "Ask")
    assert person.modal is not None
    assert (receiver.heard[-1].kind, receiver.heard[-1].pressed) == (Kind.PRESSED, sent.ref)

    receiver.reply = Reply(Standing.DONE, WRONG)
    await person.submit(values={"text": "?", "kind": "a"})
    receiver.reply = Reply(Standing.DONE, Card("Thank you", "It was sent"))
    await person.submit(values={"text": "Remote?", "kind": "a"})
    assert receiver.heard[-1].values == {"text": "Remote?", "kind": "a", "day": ""}
    assert person.modal is not None
    assert person.modal.body["title"]["text"] == "Thank you"

    receiver.reply = Reply(Standing.DONE, CARD)
    await person.command("/gigs", "new")
    assert receiver.heard[-1].text == "gigs new"
    await person.say("and *the* pay?", thread_ts=sent.ref.rpartition(":")[2])
    assert (receiver.heard[-1].text, receiver.heard[-1].thread) == ("and *the* pay?", sent.ref)

    home = f"home:{team}:{user}"
    assert await platform.send(Message(2, home, CARD, "ja")) == Sent(home)
    await person.open_home()
    assert receiver.heard[-1].address == home


async def test_a_silent_socket_is_renewed(practice, monkeypatch) -> None:
    slack, _, edge = practice
    if not slack.workspace.calls("apps.connections.open"):
        pytest.skip("there is no socket over HTTP")
    await edge.stop()
    monkeypatch.setattr(socket_module, "SOCKET_CHECK", 0.05)
    monkeypatch.setattr(socket_module, "SOCKET_SILENCE", 0.1)
    await edge.start_socket_mode("xapp-practice-app")
    await slack.until(lambda workspace: len(workspace.calls("apps.connections.open")) >= 4)
