"""Whatever is not a sound, signed request of our own platforms gets the right 4xx, changes nothing and is no crash."""

import asyncio
import copy
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from sandbox.slack import Answered as SlackAnswered
from sandbox.teams import Answered as TeamsAnswered
from sandbox.teams import RawRequest
from tests.conftest import World, button
from tests.wire.acting import ask, everything, fill_in_gig, join_in_teams, now, offered

pytestmark = [
    pytest.mark.usefixtures("unpaced"),
    pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning"),  # that is what it is for
]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def quiet(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No request may leave a traceback or an error in the log."""
    yield
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert "[error" not in said.out
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


@pytest.fixture
async def settled(world: World) -> AsyncIterator[World]:
    """A world with a company in it; whatever the test does, the database is the same afterwards."""
    await world.claim()
    await world.settled()
    before = everything(world.database)
    yield world
    await world.settled()
    assert everything(world.database) == before


def event(world: World, **changes: Any) -> bytes:
    workspace = world.slack.workspace
    said = {
        "type": "message",
        "channel_type": "im",
        "channel": workspace.dm("U0HR").id,
        "user": "U0HR",
        "text": "enrol 山田 太郎 taro@example.com",
        "ts": "1700000000.000100",
        "event_ts": "1700000000.000100",
    }
    whole = {
        "type": "event_callback",
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "event_id": "EvBAD",
        "event": said,
    }
    return json.dumps(whole | changes).encode()


async def test_slack_requests_that_slack_did_not_sign_are_refused(settled: World) -> None:
    slack, body, stamp = settled.slack, event(settled), str(int(time.time()))
    good = slack.sign(body, stamp)
    stale = str(int(time.time()) - 301)
    headers = {
        "unsigned": {},
        "no timestamp": {"X-Slack-Signature": good},
        "no signature": {"X-Slack-Request-Timestamp": stamp},
        "wrong signature": {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + "0" * 64},
        "signature of another body": {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": slack.sign(body + b" ", stamp),
        },
        "signature beyond ASCII": {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=é"},
        "stale": {"X-Slack-Request-Timestamp": stale, "X-Slack-Signature": slack.sign(body, stale)},
        "from the future": {
            "X-Slack-Request-Timestamp": (later := str(int(time.time()) + 400)),
            "X-Slack-Signature": slack.sign(body, later),
        },
        "timestamp no number": {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": slack.sign(body, "now")},
        "timestamp too great": {
            "X-Slack-Request-Timestamp": "9" * 40,
            "X-Slack-Signature": slack.sign(body, "9" * 40),
        },
        "negative timestamp": {"X-Slack-Request-Timestamp": "-5", "X-Slack-Signature": slack.sign(body, "-5")},
    }
    found = {
        what: (await slack.post_raw(body, {"Content-Type": JSON, **some})).status for what, some in headers.items()
    }
    assert found == dict.fromkeys(headers, 401)


async def test_slack_requests_that_cannot_be_read_are_refused(settled: World) -> None:
    slack = settled.slack
    bodies = {
        "malformed JSON": (b'{"type": ', JSON, 400),
        "not UTF-8": (b'{"type": "\xff\xfe"}', JSON, 400),
        "a list": (b"[]", JSON, 400),
        "a number": (b"1", JSON, 400),
        "nothing": (b"", JSON, 400),
        "deep": (b"[" * 200_000, JSON, 400),
        "a form of nothing": (b"", FORM, 400),
        "a payload that is no JSON": (b"payload=%7B", FORM, 400),
        "a payload that is a list": (b"payload=%5B%5D", FORM, 400),
        "a payload not UTF-8": (b"payload=\xff", FORM, 400),
        "a command without its parts": (b"command=%2Falumni&text=help", FORM, 400),
        "plain text": (event(settled), "text/plain", 415),
        "no content type": (event(settled), "", 415),
        "XML": (b"<x/>", "application/xml", 415),
        "huge": (b'{"type":"' + b"x" * 2 * 1024 * 1024 + b'"}', JSON, 413),
        "a huge form": (b"payload=" + b"x" * 2 * 1024 * 1024, FORM, 413),
    }
    found = {}
    for what, (body, kind, _) in bodies.items():
        found[what] = (await slack.courier.send("raw", slack.courier.signed("/slack/events", body, kind))).status
    assert found == {what: status for what, (_, _, status) in bodies.items()}


async def test_what_slack_signed_and_nobody_here_knows_is_acknowledged_and_ignored(settled: World) -> None:
    """Slack repeats what is not acknowledged, and switches off who refuses too much."""
    for body in (b"{}", b'{"type":"event_callback"}', event(settled, event={"type": "brand_new"})):
        raw = settled.slack.courier.signed("/slack/events", body, JSON)
        assert (await settled.slack.courier.send("raw", raw)).status == 200, body


async def test_other_methods_and_other_paths_are_refused(settled: World) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        assert (await settled.slack.post_raw(b"", {}, method=method)).status == 405, method
        assert (await settled.teams.post_raw(b"", method=method)).status == 405, method
    assert (await settled.slack.post_raw(event(settled), {"Content-Type": JSON}, path="/slack/other")).status == 404


async def test_a_workspace_that_is_not_ours_is_refused(settled: World) -> None:
    for foreign in (
        event(settled, team_id="T0FOREIGN"),
        event(settled, team_id="T0FOREIGN", authorizations=[{"team_id": "T0FOREIGN", "is_bot": True, "user_id": "U1"}]),
    ):
        raw = settled.slack.courier.signed("/slack/events", foreign, JSON)
        assert (await settled.slack.courier.send("raw", raw)).status == 403
    form = urlencode({"command": "/alumni", "text": "help", "team_id": "T0X", "user_id": "U0HR", "trigger_id": "1.2.3"})
    raw = settled.slack.courier.signed("/slack/events", form.encode(), FORM)
    assert (await settled.slack.courier.send("raw", raw)).status == 403


async def test_a_replay_inside_the_window_is_answered_and_does_nothing(world: World) -> None:
    await world.claim()
    raw = world.slack.courier.signed("/slack/events", event(world), JSON)
    assert (await world.slack.courier.send("raw", raw)).status == 200
    await world.settled()
    before = everything(world.database)
    assert [(await world.slack.courier.send("raw", raw)).status for _ in range(3)] == [200, 200, 200]
    await world.settled()
    assert everything(world.database) == before


async def test_slacks_question_to_a_new_address_is_answered(settled: World) -> None:
    assert (await settled.slack.url_verification()).ok


def activity(world: World, **changes: Any) -> dict[str, Any]:
    """What hr1 would say in Teams, with parts replaced; None leaves one out."""
    tenant = world.teams.tenant
    hr = tenant.person("hr1")
    whole: dict[str, Any] = {
        "type": "message",
        "id": "1700000000000",
        "channelId": "msteams",
        "serviceUrl": world.teams.service_url,
        "from": {"id": hr.id, "aadObjectId": hr.aad_object_id, "name": hr.name},
        "recipient": {"id": tenant.bot_id, "name": "Motokai"},
        "conversation": {
            "id": tenant.personal("hr1").id,
            "conversationType": "personal",
            "tenantId": tenant.tenant_id,
        },
        "channelData": {"tenant": {"id": tenant.tenant_id}},
        "text": "enrol 山田 太郎 taro@example.com",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


async def test_teams_requests_with_a_token_that_does_not_hold_are_refused(settled: World) -> None:
    teams = settled.teams
    found = {
        what: (await teams.post_raw(activity(settled), token=token)).status
        for what, token in teams.broken_tokens().items()
    }
    assert found == dict.fromkeys(found, 401)


async def test_teams_requests_with_another_kind_of_authorization_are_refused(settled: World) -> None:
    token = settled.teams.token()
    headers = {
        "none": None,
        "empty": "",
        "no scheme": token,
        "another scheme": f"Basic {token}",
        "no token": "Bearer",
        "blank": "Bearer  ",
        "garbage": "Bearer garbage",
        "dots": "Bearer ..",
        "cut": f"Bearer {token[:-20]}",
        "binary": "Bearer \xff\xfe",
        "long": f"Bearer {'x' * 6_000}",
    }
    found = {}
    for what, value in headers.items():
        more = {} if value is None else {"Authorization": value}
        found[what] = (await settled.teams.post_raw(activity(settled), headers={"Content-Type": JSON} | more)).status
    assert found == dict.fromkeys(headers, 401)


async def test_a_good_token_is_good_only_for_its_own_service_in_teams(settled: World) -> None:
    bad: dict[str, dict[str, Any]] = {
        "no serviceUrl": {"serviceUrl": None},
        "empty serviceUrl": {"serviceUrl": ""},
        "another serviceUrl": {"serviceUrl": "https://smba.invalid/teams/"},
        "serviceUrl a number": {"serviceUrl": 5},
        "serviceUrl a list": {"serviceUrl": [settled.teams.service_url]},
        "another channel": {"channelId": "directline"},
        "no channel": {"channelId": None},
    }
    token = settled.teams.token()
    found = {
        what: (await settled.teams.post_raw(activity(settled, **changes), token=token)).status
        for what, changes in bad.items()
    }
    assert found == dict.fromkeys(bad, 401)


async def test_a_tenant_that_is_not_ours_is_refused(settled: World) -> None:
    other = "11111111-2222-3333-4444-555555555555"
    for foreign in (
        activity(settled, channelData={"tenant": {"id": other}}),
        activity(settled, channelData=None, conversation={"id": "a:1x", "tenantId": other}),
        activity(settled, channelData=None, conversation={"id": "a:1x"}),
        activity(settled, channelData=None, conversation=None),
    ):
        assert (await settled.teams.post_raw(foreign, token=settled.teams.token())).status == 403


async def test_teams_requests_that_cannot_be_read_are_refused(settled: World) -> None:
    bodies = {
        "malformed JSON": (b'{"type": ', JSON, 400),
        "not UTF-8": (b'{"type": "\xff\xfe"}', JSON, 400),
        "a list": (b"[]", JSON, 400),
        "a text": (b'"message"', JSON, 400),
        "nothing": (b"", JSON, 400),
        "deep": (b"[" * 200_000, JSON, 400),
        "an empty object": (b"{}", JSON, 400),
        "type a number": (b'{"type": 5}', JSON, 400),
        "a form": (b"type=message", FORM, 415),
        "plain text": (json.dumps(activity(settled)).encode(), "text/plain", 415),
        "huge": (b'{"type":"' + b"x" * 2 * 1024 * 1024 + b'"}', JSON, 413),
    }
    found = {}
    for what, (body, kind, _) in bodies.items():
        headers = {"Content-Type": kind}
        headers["Authorization"] = f"Bearer {settled.teams.token()}"
        request = RawRequest("POST", settled.teams.bot_url, headers, body)
        found[what] = (await settled.teams.postman.send(request, {})).status
    assert found == {what: status for what, (_, _, status) in bodies.items()}


async def test_a_teams_replay_is_answered_and_does_nothing(world: World) -> None:
    hr = await world.claim()
    said = await hr.say("enrol 山田 太郎 taro@example.com")
    await world.settled()
    before = everything(world.database)
    assert [one.status for one in await world.teams.resend(said, times=3)] == [200, 200, 200]
    await world.settled()
    after = everything(world.database)
    assert {name for name in after if after[name] != before[name]} <= {"conversation"}


# Sound signatures on payloads that lack something, or have something else in its place


ODD: tuple[Any, ...] = (None, 5, True, "", "x" * 600, "\x00\ud800", "9" * 40, [], [None], {}, {"a": {}})


def mutations(value: Any) -> Iterator[Any]:
    """`value` with each single part left out, and with each replaced by each of ODD."""
    for path in paths(value):
        for odd in (..., *ODD):
            mutated = copy.deepcopy(value)
            holder = mutated
            for step in path[:-1]:
                holder = holder[step]
            if odd is ...:
                del holder[path[-1]]
            else:
                holder[path[-1]] = odd
            yield path, odd, mutated


def paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield (*above, name)
        yield from paths(part, (*above, name))


IGNORED = {"blocks", "message", "entities"}
"""Large parts that nobody looks into: one mutation of the whole is enough."""


def worthwhile(path: tuple[Any, ...]) -> bool:
    return not any(step in IGNORED for step in path[:-1]) or path[-1] in ("thread_ts", "ts", "mentioned", "text")


async def survives(send: Callable[[Any], Awaitable[int | None]], valid: Any) -> dict[str, int | None]:
    """The mutations that were not answered with a 2xx or a 4xx (or a 501, as the protocol has it for an invoke of
    another name)."""
    found: dict[str, int | None] = {}
    gate = asyncio.Semaphore(4)

    async def one(path: tuple[Any, ...], odd: Any, mutated: Any) -> None:
        async with gate:
            status = await send(mutated)
        if status is None or not (200 <= status < 300 or 400 <= status < 500 or status == 501):
            found[f"{path} {str(odd)[:20]!r}"] = status

    await asyncio.gather(*(one(*some) for some in mutations(valid) if worthwhile(some[0])))
    return found


def interaction(answered: SlackAnswered) -> dict[str, Any]:
    assert answered.ok and answered.request is not None
    return json.loads(parse_qs(answered.request.body.decode())["payload"][0])


async def test_no_signed_slack_payload_without_its_parts_is_a_crash(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    said = await sato.say("質問です。<@U0HR>", thread_ts=to_sato.ts)
    typed = await sato.command("/alumni", "profile")
    pressed = await sato.press(to_sato, button(to_sato, "gig.interested"))
    asked = await ask(world, sato, now(world, to_sato), "週2日でも可能でしょうか。")
    await world.settled()
    courier = world.slack.courier

    async def send_json(payload: Any) -> int | None:
        raw = courier.signed("/slack/events", json.dumps(payload).encode(), JSON)
        return (await courier.send("raw", raw)).status

    async def send_form(payload: Any) -> int | None:
        fields = {name: value for name, value in payload.items() if isinstance(value, str)}
        body = urlencode(fields, errors="surrogatepass").encode()
        return (await courier.send("raw", courier.signed("/slack/events", body, FORM))).status

    async def send_payload(payload: Any) -> int | None:
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return (await courier.send("raw", courier.signed("/slack/events", body, FORM))).status

    assert typed.request is not None and said.request is not None
    fields = {name: value[0] for name, value in parse_qs(typed.request.body.decode()).items()}
    event = json.loads(said.request.body)
    assert await survives(send_json, event) == {}
    assert await survives(send_form, fields) == {}
    assert await survives(send_payload, interaction(pressed)) == {}
    assert await survives(send_payload, interaction(asked)) == {}


async def test_no_signed_teams_activity_without_its_parts_is_a_crash(world: World) -> None:
    hr = await world.claim()
    alumnus = await join_in_teams(world, hr, "alum1", "佐藤 健")
    card = await fill_in_gig(hr)
    offer = await alumnus.hears("gig.interested")
    await alumnus.execute(offer, "gig.interested")
    case = await hr.hears("佐藤 健", after=card)
    answered = await hr.execute(case, "case.answer", {"text": "はい、歓迎です。"})
    said = await hr.say("find 佐藤")
    mentioned = await hr.say("gigs", conversation="Gigs")
    installed = await hr.install()
    await world.settled()
    token = world.teams.token()

    async def send(payload: Any) -> int | None:
        return (await world.teams.post_raw(json.dumps(payload).encode(), token=token)).status

    for one in (answered, said, mentioned, installed):
        assert isinstance(one, TeamsAnswered)
        assert await survives(send, one.activity) == {}


async def test_a_button_with_a_forged_number_is_answered_and_does_nothing(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    listed = await world.slack.as_user("U0HR").command("/alumni", "help")
    assert listed.shown is not None
    pressed = await world.slack.as_user("U0HR").press(listed.shown, button(listed.shown, "gigs"))
    payload = interaction(pressed)
    await world.settled()
    before = everything(world.database)
    buttons = (
        ("gig.show", "gig"),
        ("gig.interested", "gig"),
        ("gig.pass", "gig"),
        ("gig.fill", "gig"),
        ("gig.withdraw", "gig"),
        ("gig.resend", "gig"),
        ("profile", "person"),
    )
    numbers = ("0", "-1", "9" * 30, "٣", "1.5", "1 OR 1=1", "", "x")
    for (verb, name), number in itertools.product(buttons, numbers):
        action = payload["actions"][0]
        action |= {"action_id": f"{verb}#0", "value": json.dumps({name: number}), "action_ts": f"{time.time():.6f}"}
        body = urlencode({"payload": json.dumps(payload)}).encode()
        raw = world.slack.courier.signed("/slack/events", body, FORM)
        assert (await world.slack.courier.send("raw", raw)).status == 200, (verb, number)
    await world.settled()
    after = everything(world.database)
    assert {name for name in after if after[name] != before[name]} <= {"inbox", "delivery"}
    assert sato.user.id in world.slack.workspace.users
    assert await opened_nothing(world)


async def opened_nothing(world: World) -> bool:
    return all(not views for views in world.slack.workspace.views.values())
