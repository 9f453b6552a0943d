"""The Teams edge between a practice Teams and a front door that only remembers."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.http import Http
from adapters.teams.app import BODY_LIMIT, PATH, TeamsEdge, build_teams
from adapters.teams.authority import PUBLIC, Authority
from bot.cards import Action, Card, Content, Field, Form, Paragraph, Text
from bot.outcomes import Outcome, Reason, Refused, Sent, Throttled, Unconfirmed
from bot.ports import Inbound, Kind, Message, Platform, Reply, Standing
from sandbox.faults import Dropped, Incoming, RateLimited, RefusedWith, ServerError
from sandbox.teams.practice import APP_ID, APP_PASSWORD, PracticeTeams

ASK = Form("ask", "Ask", (Field("text", "Question"),), "Send", "Back", {"gig": "7"})
GIG = Card("Gig", "A gig", (Paragraph((Text("Pay <at>all</at>"),)),), (Action("Yes", "yes", {"gig": "7"}),))
ASKING = Card("Gig", "A gig", form=ASK)


class Door:
    """A Receiver that remembers what it heard and answers what it was told to."""

    def __init__(self) -> None:
        self.heard: list[Inbound] = []
        self.reply = Reply(Standing.DONE)
        self.broken = False

    async def __call__(self, inbound: Inbound) -> Reply:
        self.heard.append(inbound)
        if self.broken:
            raise RuntimeError("broken")
        return self.reply


class Place:
    """A practice Teams, the edge that serves it, and the door behind."""

    def __init__(self, teams: PracticeTeams, edge: TeamsEdge, door: Door) -> None:
        self.teams, self.edge, self.door = teams, edge, door

    async def reference(self, conversation: str | None = None) -> Inbound:
        """What the door hears when HR says hi, with where to answer in it."""
        await self.teams.as_person("hr1").say("hi", conversation=conversation)
        return self.door.heard[-1]

    async def message(self, content: Content, conversation: str | None = None, thread: bool = True) -> Message:
        heard = await self.reference(conversation)
        return Message(1, heard.address, content, "en", heard.thread if thread else None, heard.reference)


@asynccontextmanager
async def served(auth: bool, tenant_id: str = "") -> AsyncIterator[Place]:
    door = Door()
    http = Http()
    async with PracticeTeams(auth=auth) as teams, aiohttp.ClientSession() as session:
        edge = build_teams(
            app_id=APP_ID,
            password=APP_PASSWORD,
            receiver=door,
            http=http,
            session=session,
            authority=Authority(teams.issuer.issuer, teams.metadata_url, teams.token_url, PUBLIC.scope),
            auth_required=auth,
            tenant_id=tenant_id,
        )
        app = web.Application()
        app.add_routes(edge.routes)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        teams.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
        try:
            yield Place(teams, edge, door)
        finally:
            await runner.cleanup()
            await http.close()


@pytest.fixture
async def signed() -> AsyncIterator[Place]:
    async with served(auth=True) as place:
        yield place


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with served(auth=False) as open_place:
        yield open_place


async def test_a_message_comes_in_and_a_card_goes_out(signed: Place) -> None:
    person = signed.teams.as_person("hr1")
    answered = await person.say("post gig")
    assert (answered.status, answered.text) == (200, "")
    heard = signed.door.heard[-1]
    assert (heard.kind, heard.text, heard.private) == (Kind.TYPED, "post gig", True)
    message = Message(1, heard.address, GIG, "en", None, heard.reference)
    sent = await signed.edge.platform.send(message)
    assert isinstance(sent, Sent)
    shown = await person.hears("Pay <at>all</at>")
    edited = await signed.edge.platform.edit(Message(2, heard.address, ASK, "en", None, heard.reference), sent.ref)
    assert edited == sent
    assert "Question" in person.reading(shown)
    assert signed.teams.issuer.issued == 1


async def test_a_button_is_answered_with_the_next_card(signed: Place) -> None:
    person = signed.teams.as_person("hr1")
    sent = await signed.edge.platform.send(await signed.message(GIG))
    shown = await person.hears("Gig")
    signed.door.reply = Reply(Standing.DONE, ASK)
    answered = await person.execute(shown, "yes")
    assert answered.card is not None
    heard = signed.door.heard[-1]
    assert (heard.kind, heard.verb, heard.args, heard.immediate) == (Kind.PRESSED, "yes", {"gig": "7"}, True)
    assert sent == Sent(heard.pressed or "")
    signed.door.reply = Reply(Standing.DUPLICATE, GIG)
    answered = await person.execute(shown, "Send", {"text": "いつから？"})
    assert answered.card is not None
    heard = signed.door.heard[-1]
    assert (heard.kind, heard.verb, heard.values) == (Kind.SUBMITTED, "ask", {"text": "いつから？"})
    assert heard.args == {"gig": "7"}


async def test_a_reissued_invoke_has_the_same_key(place: Place) -> None:
    person = place.teams.as_person("hr1")
    await place.edge.platform.send(await place.message(ASKING))
    shown = await person.hears("Gig")
    answered = await person.execute(shown, "ask", {"text": "a"})
    await place.teams.resend(answered, new_activity_id=True)
    first, again = place.door.heard[-2:]
    assert first.key == again.key


async def test_words_do_not_replace_the_card(place: Place) -> None:
    person = place.teams.as_person("hr1")
    await place.edge.platform.send(await place.message(GIG))
    shown = await person.hears("Gig")
    place.door.reply = Reply(Standing.DONE, Card("No", "Only HR may do this."), notice=True)
    assert (await person.execute(shown, "yes")).toast == "Only HR may do this."
    place.door.reply = Reply(Standing.DONE)
    assert (await person.execute(shown, "yes")).toast == "✓"
    assert "Gig" in person.reading(shown)


async def test_a_host_without_execute_submits_a_message(place: Place) -> None:
    await place.edge.platform.send(await place.message(ASKING))
    person = place.teams.as_person("hr1")
    shown = await person.hears("Gig")
    person.member.supports_execute = False
    answered = await person.execute(shown, "ask", {"text": "a"})
    heard = place.door.heard[-1]
    assert (answered.status, answered.text) == (200, "")
    assert (heard.kind, heard.values, heard.immediate) == (Kind.SUBMITTED, {"text": "a"}, False)


async def test_a_channel_thread_is_answered_in_the_thread(place: Place) -> None:
    name = next(c.name for c in place.teams.tenant.conversations.values() if c.team and c.name)
    await place.teams.as_person("hr1").install(name)
    message = await place.message(GIG, name)
    assert isinstance(await place.edge.platform.send(message), Sent)
    posted = place.teams.as_person("hr1").messages(name)[-1]
    assert posted.thread_id is not None
    top = Message(2, message.address, ASK, "en", None, message.reference)
    assert isinstance(await place.edge.platform.send(top), Sent)
    assert place.teams.as_person("hr1").messages(name)[-1].thread_id is None


async def test_installing_and_removing(place: Place) -> None:
    person = place.teams.as_person("hr1")
    assert (await person.install()).status == 200
    assert {inbound.kind for inbound in place.door.heard} == {Kind.ARRIVED}
    await person.uninstall()
    assert place.door.heard[-1].kind is Kind.REMOVED
    keys = [inbound.key for inbound in place.door.heard]
    assert len(set(keys)) == len(keys)


async def test_a_strangers_workspace_is_403(place: Place) -> None:
    place.door.reply = Reply(Standing.FOREIGN)
    assert (await place.teams.as_person("hr1").say("hi")).status == 403


async def test_another_tenant_is_403() -> None:
    async with served(auth=False, tenant_id="00000000-0000-0000-0000-000000000009") as place:
        assert (await place.teams.as_person("hr1").say("hi")).status == 403
        assert place.door.heard == []


async def test_our_own_failure_is_500_so_that_teams_tries_again(place: Place) -> None:
    place.door.broken = True
    assert (await place.teams.as_person("hr1").say("hi")).status == 500


async def test_unsigned_and_badly_signed_requests_are_401(signed: Place) -> None:
    answered = await signed.teams.as_person("hr1").say("hi")
    raw = answered.request.body
    count = len(signed.door.heard)
    assert (await signed.teams.post_raw(raw)).status == 401
    for name, token in signed.teams.broken_tokens().items():
        assert ((await signed.teams.post_raw(raw, token=token)).status, name) == (401, name)
    for header in ("", "Bearer", "Bearer é", "Basic eDp4"):
        headers = {"Content-Type": "application/json", "Authorization": header}
        assert (await signed.teams.post_raw(raw, headers=headers)).status == 401
    activity = json.loads(raw)
    del activity["serviceUrl"]
    assert (await signed.teams.post_raw(activity, token=signed.teams.token())).status == 401
    assert len(signed.door.heard) == count


BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b"null", 400),
    (b'"x"', 400),
    (b"{}", 400),
    (b'{"type": 5}', 400),
    (b"\xff\xfe\xfd", 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 100_000, 400),
    (b'{"type": "message"}', 200),
    (b'{"type": "invoke", "name": "adaptiveCard/action", "value": 5}', 200),
    (b'{"type": "invoke", "name": "task/fetch"}', 501),
    (b'{"type": "message", "conversation": 5, "from": [], "recipient": "x"}', 200),
    (b" " * (BODY_LIMIT - 1), 400),
    (b" " * (BODY_LIMIT + 1), 413),
]


@pytest.mark.parametrize(("body", "status"), BODIES)
async def test_malformed_requests(place: Place, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(place.teams.bot_url, data=io.BytesIO(body), headers=headers) as answer,
    ):
        assert answer.status == status
    assert place.door.heard == []


async def test_a_card_action_that_is_not_ours_is_an_error_in_the_card_protocol(place: Place) -> None:
    raw = {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": {"verb": "x"}}}
    answered = await place.teams.post_raw(raw)
    assert answered.error is not None
    assert answered.error.code == "BadRequest"


async def test_wrong_methods_and_types(place: Place) -> None:
    assert (await place.teams.post_raw(b"", method="GET")).status == 405
    assert (await place.teams.post_raw(b"{}", headers={"Content-Type": "text/plain"})).status == 415
    zipped = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert (await place.teams.post_raw(b"not gzip", headers=zipped)).status == 400


async def test_a_body_without_a_length_is_cut_off_too(place: Place) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65536

    async with aiohttp.ClientSession() as session:
        headers = {"Content-Type": "application/json"}
        with contextlib.suppress(aiohttp.ClientOSError):
            async with session.post(place.teams.bot_url, data=endless(), headers=headers) as answer:
                assert answer.status == 413
    assert place.door.heard == []


async def test_characters_no_database_takes_are_gone(place: Place) -> None:
    answered = await place.teams.as_person("hr1").say("hi")
    activity = json.loads(answered.request.body) | {"id": "9", "text": "a\0b\ud800c"}
    await place.teams.post_raw(json.dumps(activity))
    heard = place.door.heard[-1]
    assert heard.text == "abc"
    json.dumps(heard.reference, ensure_ascii=False).encode()


FAULTS: list[tuple[Incoming, type[Any], Reason | None]] = [
    (RateLimited(3), Throttled, None),
    (ServerError(502), Unconfirmed, None),
    (ServerError(412, accepted=True), Unconfirmed, None),
    (Dropped(), Unconfirmed, None),
    (Dropped(accepted=True), Unconfirmed, None),
    (RefusedWith("MessageWritesBlocked", 403), Refused, Reason.BLOCKED),
    (RefusedWith("BotNotInConversationRoster", 403), Refused, Reason.NOT_INSTALLED),
    (RefusedWith("ConversationNotFound", 404), Refused, Reason.NOT_INSTALLED),
    (RefusedWith("MessageSizeTooBig", 413), Refused, Reason.TOO_LARGE),
]


@pytest.mark.parametrize(("fault", "kind", "reason"), FAULTS)
async def test_one_request_a_send_whatever_happens(
    place: Place, fault: Incoming, kind: type[Any], reason: Reason | None
) -> None:
    message = await place.message(GIG)
    place.teams.faults.order(fault, on="activities.*")
    outcome: Outcome = await place.edge.platform.send(message)
    assert isinstance(outcome, kind)
    assert (outcome.reason if isinstance(outcome, Refused) else None) == reason
    taken = getattr(fault, "accepted", False)
    assert len(place.teams.as_person("hr1").messages()) == (1 if taken else 0)


async def test_an_edit_of_what_is_gone(place: Place) -> None:
    message = await place.message(GIG)
    sent = await place.edge.platform.send(message)
    assert isinstance(sent, Sent)
    place.teams.faults.order(RefusedWith("ActivityNotFoundInConversation", 404), on="activities.update")
    outcome = await place.edge.platform.edit(message, sent.ref)
    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.GONE


async def test_messages_that_cannot_be_sent_say_so(place: Place, signed: Place) -> None:
    heard = await place.reference()
    unknown = Message(1, heard.address, GIG, "en")
    odd = Message(1, "nowhere", GIG, "en", None, heard.reference)
    elsewhere = Message(1, heard.address, GIG, "en", None, {"serviceUrl": "http://smba.example/"})
    away = Message(1, heard.address, GIG, "en", None, {"serviceUrl": "http://127.0.0.1:9/"})
    platform = place.edge.platform
    assert await _reason(platform, unknown) is Reason.NOT_INSTALLED
    assert await _reason(platform, odd) is Reason.INVALID
    assert await _reason(signed.edge.platform, elsewhere) is Reason.INVALID
    assert isinstance(await platform.send(away), Throttled)
    assert isinstance(await platform.edit(unknown, "x"), Refused)


async def test_a_revoked_token_is_replaced_for_the_next_message(signed: Place) -> None:
    message = await signed.message(GIG)
    assert isinstance(await signed.edge.platform.send(message), Sent)
    signed.teams.issuer.revoke()
    refused = await signed.edge.platform.send(message)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.certain) == (Reason.CREDENTIALS, False)
    assert isinstance(await signed.edge.platform.send(message), Sent)


async def test_many_at_once_share_one_token(signed: Place) -> None:
    message = await signed.message(GIG)
    outcomes = await asyncio.gather(*(signed.edge.platform.send(message) for _ in range(20)))
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert signed.teams.issuer.issued == 1


async def _reason(platform: Platform, message: Message) -> Reason | None:
    outcome = await platform.send(message)
    return outcome.reason if isinstance(outcome, Refused) else None
