"""The connector's answers, refusals, limits and faults."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from sandbox.faults import Dropped, RateLimited, RefusedWith, ServerError, Slow
from sandbox.teams import CURRENT, NotYet, PracticeTeams
from sandbox.teams.cards import check_card
from sandbox.teams.limits import CONVERSATION_RATES, Windows

CARD = "application/vnd.microsoft.card.adaptive"
HELLO = {"type": "message", "text": "hello"}


def at(place: str, *more: str) -> str:
    return "/".join(["v3/conversations", quote(place, safe=""), *more])


def chat_of(teams: PracticeTeams, key: str = "hr1") -> str:
    place = teams.tenant.personal(key)
    place.installed = True
    return place.id


def card(**changes: Any) -> dict[str, Any]:
    content = {"type": "AdaptiveCard", "version": "1.5", "body": []} | changes
    return {"type": "message", "attachments": [{"contentType": CARD, "content": content}]}


def code_of(answer: Any) -> str:
    assert answer["error"]["message"]
    return answer["error"]["code"]


async def test_sending_updating_and_deleting(teams: PracticeTeams, api: Any) -> None:
    place = chat_of(teams)
    status, answer, _ = await api("POST", at(place, "activities"), HELLO)
    assert status == 201
    name = answer["id"]
    status, _, _ = await api("POST", at(place, "activities", name), HELLO)
    assert status == 201
    status, again, _ = await api("PUT", at(place, "activities", name), HELLO | {"text": "bye"})
    assert (status, again) == (200, {"id": name})
    assert teams.tenant.posts[name].text == "bye" and teams.tenant.posts[name].earlier == [HELLO]
    status, nothing, _ = await api("DELETE", at(place, "activities", name))
    assert (status, nothing) == (200, None)
    status, answer, _ = await api("PUT", at(place, "activities", name), HELLO)
    assert (status, code_of(answer)) == (404, "ActivityNotFoundInConversation")
    assert [r.operation for r in teams.tenant.journal] == [
        "activities.send",
        "activities.reply",
        "activities.update",
        "activities.delete",
        "activities.update",
    ]


async def test_creating_conversations(teams: PracticeTeams, api: Any) -> None:
    member, tenant = teams.tenant.person("hr1"), {"tenant": {"id": teams.tenant.tenant_id}}
    body = {"members": [{"id": member.id}], "channelData": tenant}
    status, answer, _ = await api("POST", "v3/conversations", body)
    assert (status, code_of(answer)) == (403, "BotNotInConversationRoster")
    chat = chat_of(teams)
    status, answer, _ = await api("POST", "v3/conversations", body | {"activity": HELLO})
    assert status == 201 and answer["id"] == chat and answer["activityId"] in teams.tenant.posts
    status, answer, _ = await api("POST", "v3/conversations", {"members": [{"id": member.id}]})
    assert (status, code_of(answer)) == (400, "BadSyntax")
    status, answer, _ = await api("POST", "v3/conversations", body | {"members": [{"id": "29:nobody"}]})
    assert (status, code_of(answer)) == (400, "BadArgument")
    for hostile in (
        [],
        {"tenantId": 3, "members": [7]},
        {"channelData": "x"},
        {"channelData": {"tenant": "x"}},
    ):
        status, _, _ = await api("POST", "v3/conversations", hostile)
        assert status in (400, 403)


async def test_channel_threads(teams: PracticeTeams, api: Any) -> None:
    channel = teams.tenant.channel("Gigs")
    channel.installed = True
    where = {"tenant": {"id": teams.tenant.tenant_id}, "channel": {"id": channel.id}}
    body = {"isGroup": True, "channelData": where, "activity": HELLO}
    status, answer, _ = await api("POST", "v3/conversations", body)
    assert status == 201 and answer["id"] == f"{channel.id};messageid={answer['activityId']}"
    status, reply, _ = await api("POST", at(answer["id"], "activities"), HELLO)
    assert status == 201 and teams.tenant.posts[reply["id"]].thread_id == answer["activityId"]
    status, error, _ = await api("POST", at(f"{channel.id};messageid=1", "activities"), HELLO)
    assert (status, code_of(error)) == (404, "ConversationNotFound")


async def test_rosters_and_teams(teams: PracticeTeams, api: Any) -> None:
    channel, hr = teams.tenant.channel("Gigs"), teams.tenant.person("hr1")
    for place in teams.tenant.conversations.values():
        place.installed = True
    team_id = channel.team.id if channel.team else ""
    _, members, _ = await api("GET", at(channel.id, "members"))
    assert [m["email"] for m in members] == ["hanako.tanaka@example.com", "grace.miller@example.com"]
    for name in (hr.id, hr.aad_object_id, hr.email):
        _, member, _ = await api("GET", at(channel.id, "members", quote(name, safe="")))
        assert member["aadObjectId"] == hr.aad_object_id and member["tenantId"] == teams.tenant.tenant_id
    status, _, _ = await api("GET", at(channel.id, "members", "29:nobody"))
    assert status == 404
    _, page, _ = await api("GET", at(channel.id, "pagedmembers"), params={"pageSize": "1"})
    _, rest, _ = await api(
        "GET", at(channel.id, "pagedmembers"), params={"continuationToken": page["continuationToken"]}
    )
    assert [m["name"] for m in page["members"] + rest["members"]] == ["田中 花子", "Grace Miller"]
    assert "continuationToken" not in rest
    status, _, _ = await api("GET", at(channel.id, "pagedmembers"), params={"pageSize": "x"})
    assert status == 400
    _, team, _ = await api("GET", f"v3/teams/{quote(team_id)}")
    assert team["name"] == "HR"
    _, listed, _ = await api("GET", f"v3/teams/{quote(team_id)}/conversations")
    assert listed["conversations"] == [{"id": team_id}, {"id": channel.id, "name": "Gigs"}]


async def test_refusals(teams: PracticeTeams, api: Any, bot: Any) -> None:
    place = chat_of(teams)
    asked = [
        (at("a:1nowhere", "activities"), HELLO, 404, "ConversationNotFound"),
        (at(place, "activities", "170"), HELLO, 404, "ActivityNotFoundInConversation"),
        (at(place, "activities"), {"text": "no type"}, 400, "BadSyntax"),
        (at(place, "activities"), {"type": "message"}, 400, "BadSyntax"),
        (at(place, "activities"), [], 400, "BadSyntax"),
        (at(teams.tenant.channel("Gigs").id, "activities"), HELLO, 403, "BotNotInConversationRoster"),
        (at(place, "nonsense"), HELLO, 404, "NotFound"),
    ]
    for path, body, status, code in asked:
        got, answer, _ = await api("POST", path, body)
        assert (got, code_of(answer)) == (status, code), path
    said = await teams.as_person("hr1").say("mine")
    status, answer, _ = await api("PUT", at(place, "activities", said.id), HELLO)
    assert (status, code_of(answer)) == (403, "Forbidden")
    teams.tenant.person("hr1").blocked = True
    status, answer, _ = await api("POST", at(place, "activities"), HELLO)
    assert (status, code_of(answer)) == (403, "MessageWritesBlocked")
    status, answer, _ = await api("POST", at(place, "activities"), data=b"{")
    assert (status, code_of(answer)) == (400, "BadSyntax")


async def test_size_limits(teams: PracticeTeams, api: Any) -> None:
    path = at(chat_of(teams), "activities")
    status, answer, _ = await api("POST", path, HELLO | {"text": "x" * 28_700})
    assert (status, code_of(answer)) == (413, "MessageSizeTooBig")
    # On the wire as \u escapes over the limit, as compact UTF-8 under it.
    assert (await api("POST", path, HELLO | {"text": "会" * 9_000}))[0] == 201
    teams.connector.size_limit = CURRENT
    assert (await api("POST", path, HELLO | {"text": "x" * 51_000}))[0] == 201
    assert (await api("POST", path, HELLO | {"text": "x" * 51_300}))[0] == 413
    teams.connector.validate = False
    assert (await api("POST", path, HELLO | {"text": "x" * 60_000}))[0] == 201


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"version": "1.6"}, "newer than 1.5"),
        ({"version": None}, "version"),
        ({"type": "Card"}, "AdaptiveCard"),
        ({"body": [{"type": "Carousel"}]}, "unknown element type 'Carousel'"),
        ({"body": [{"type": "TextBlock"}]}, "TextBlock needs text"),
        ({"body": [{"type": "Container", "items": [{"type": "Input.Text"}]}]}, "Input.Text needs id"),
        ({"body": [{"type": "RichTextBlock", "inlines": [{"type": "Run"}]}]}, "not a TextRun"),
        ({"body": [{"type": "FactSet", "facts": [{"title": "x"}]}]}, "needs title and value"),
        ({"body": [{"type": "Input.Text", "id": "a"}] * 2}, "used twice"),
        ({"actions": [{"type": "Action.Http"}]}, "unknown action type"),
        ({"actions": [{"type": "Action.OpenUrl", "url": "here"}]}, "not absolute"),
        ({"refresh": {"action": {"type": "Action.Submit"}}}, "refresh"),
        ({"body": "text"}, "not a list"),
    ],
)
async def test_bad_cards(teams: PracticeTeams, api: Any, changes: dict[str, Any], complaint: str) -> None:
    status, answer, _ = await api("POST", at(chat_of(teams), "activities"), card(**changes))
    assert (status, code_of(answer)) == (400, "BadArgument")
    assert complaint in answer["error"]["message"]


async def test_seven_actions_are_shown_but_warned_of(teams: PracticeTeams, api: Any) -> None:
    actions = [{"type": "Action.Submit", "title": str(number)} for number in range(7)]
    assert (await api("POST", at(chat_of(teams), "activities"), card(actions=actions)))[0] == 201
    assert teams.tenant.warnings == ["card: 7 actions, the store allows 6"]


def test_a_card_of_every_element_is_fine() -> None:
    cell = {"type": "TableCell", "items": [{"type": "TextBlock", "text": "c"}]}
    body = [
        {"type": "RichTextBlock", "inlines": ["a", {"type": "TextRun", "text": "b"}]},
        {"type": "Container", "items": [{"type": "FactSet", "facts": [{"title": "a", "value": "b"}]}]},
        {"type": "ColumnSet", "columns": [{"items": [{"type": "Image", "url": "https://x"}]}]},
        {"type": "ImageSet", "images": [{"type": "Image", "url": "https://x"}]},
        {"type": "Table", "columns": [{"width": 1}], "rows": [{"type": "TableRow", "cells": [cell]}]},
        {"type": "Input.ChoiceSet", "id": "k", "choices": [{"title": "A", "value": "a"}]},
        {"type": "ActionSet", "actions": [{"type": "Action.ToggleVisibility", "targetElements": ["k"]}]},
    ]
    verdict = check_card({"type": "AdaptiveCard", "version": "1.5", "body": body})
    assert not verdict.errors and not verdict.warnings


def test_windows_follow_the_documented_rates() -> None:
    windows, now, passed = Windows(CONVERSATION_RATES), 0.0, []
    while now < 30:
        if not windows.refused_for("c", now):
            passed.append(now)
        now += 0.01
    for rate in CONVERSATION_RATES[:3]:
        busiest = max(sum(start <= t < start + rate.seconds - 1e-6 for t in passed) for start in passed)
        assert busiest <= rate.count
    assert len([t for t in passed if t < 1]) == 7 and len([t for t in passed if t < 1.99]) == 8


async def test_rates_are_enforced_per_conversation_and_tenant(teams: PracticeTeams, api: Any) -> None:
    moment = [0.0]
    teams.connector.limits, teams.connector.clock = True, lambda: moment[0]
    path = at(chat_of(teams), "activities")
    answers = [await api("POST", path, HELLO) for _ in range(8)]
    assert [status for status, _, _ in answers] == [201] * 7 + [429]
    assert answers[-1][2]["Retry-After"] == "1" and teams.tenant.counts["throttled.conversation"] == 1
    assert (await api("POST", at(chat_of(teams, "hr2"), "activities"), HELLO))[0] == 201
    rosters = [(await api("GET", at(chat_of(teams), "members")))[0] for _ in range(50)]
    assert rosters == [200] * 41 + [429] * 9
    moment[0] = 2.5
    assert (await api("POST", path, HELLO))[0] == 201


async def test_faults_on_order(teams: PracticeTeams, api: Any) -> None:
    path = at(chat_of(teams), "activities")
    order = teams.faults.order
    order(RateLimited(7), on="activities.send")
    status, answer, headers = await api("POST", path, HELLO)
    assert (status, code_of(answer), headers["Retry-After"]) == (429, "TooManyRequests", "7")
    order(RefusedWith("MessageWritesBlocked"))
    status, answer, _ = await api("POST", path, HELLO)
    assert (status, code_of(answer)) == (403, "MessageWritesBlocked")
    order(ServerError(502))
    assert (await api("POST", path, HELLO))[0] == 502
    order(Dropped())
    with pytest.raises(aiohttp.ClientError):
        await api("POST", path, HELLO)
    assert not teams.tenant.posts
    order(ServerError(accepted=True))
    assert (await api("POST", path, HELLO))[0] == 500
    order(Dropped(accepted=True))
    with pytest.raises(aiohttp.ClientError):
        await api("POST", path, HELLO)
    order(Slow(0.05))
    assert (await api("POST", path, HELLO))[0] == 201
    assert len(teams.tenant.posts) == 3
    told = [(r.status, r.fault) for r in teams.tenant.journal]
    assert told[3:6] == [(0, "Dropped"), (201, "ServerError"), (201, "Dropped")]


async def test_waiting_is_woken_by_what_happens(teams: PracticeTeams, api: Any) -> None:
    tenant, path = teams.tenant, at(chat_of(teams), "activities")
    with tenant.subscribe() as changes:
        waiting = asyncio.create_task(tenant.until(lambda: len(tenant.posts) == 2, 5))
        for _ in range(2):
            await api("POST", path, HELLO)
        await waiting
    kinds = [change.kind async for change in changes]
    assert kinds == ["posted", "request", "posted", "request"]
    with pytest.raises(NotYet, match=r"activities\.send 201"):
        await tenant.until(lambda: False, 0.01)


async def test_the_journal_keeps_the_body(teams: PracticeTeams, api: Any) -> None:
    await api("POST", at(chat_of(teams), "activities"), HELLO)
    (received,) = teams.tenant.journal
    assert received.body == HELLO and received.status == 201 and received.answer_id in teams.tenant.posts
    assert json.dumps(received.body)
