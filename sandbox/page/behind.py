"""Behind the scenes of one message: what arrived, in how many requests, and what the product's database holds of it."""

from collections.abc import Mapping
from typing import Any

from sandbox.page.acts import Json, NotDone
from sandbox.page.marks import Marks
from sandbox.page.world import Backstage
from sandbox.slack import ApiCall, Ephemeral, Message, PracticeSlack
from sandbox.teams import PracticeTeams, Received

_SENT_BY_BOT = ("chat.postMessage", "chat.postEphemeral", "response_url")


class Behind:
    def __init__(self, slack: PracticeSlack, teams: PracticeTeams, backstage: Backstage, marks: Marks) -> None:
        self._slack = slack
        self._teams = teams
        self._backstage = backstage
        self._marks = marks

    async def look(self, platform: str, message: str, viewer: str) -> Json:
        """{json, requests, ledger, inbox} of a message, the JSON as `viewer` sees it. Raises NotDone."""
        if platform == "slack":
            place, json, requests = self._in_slack(message)
        else:
            place, json, requests = self._in_teams(message, viewer)
        row = await self._backstage.ledger_row(platform, place, message)
        marks = [*self._marks.of(platform, message), *_events(row)]
        return {
            "json": json,
            "requests": requests,
            "ledger": dict(row) if row else None,
            "inbox": await self._backstage.inbox_keys(marks) if marks else [],
        }

    def _in_slack(self, ts: str) -> tuple[str, Any, list[str]]:
        workspace = self._slack.workspace
        found: Message | Ephemeral | None = next(
            (place.messages[ts] for place in workspace.channels.values() if ts in place.messages), None
        ) or next((one for one in workspace.ephemerals if one.ts == ts), None)
        if found is None:
            raise NotDone("gone", ts)
        json = {"text": found.text, "blocks": found.blocks}
        if isinstance(found, Message) and found.metadata:
            json["metadata"] = found.metadata
        return found.channel, json, [_call(call) for call in _calls(workspace.journal, ts)]

    def _in_teams(self, name: str, viewer: str) -> tuple[str, Any, list[str]]:
        tenant = self._teams.tenant
        posted = tenant.posts.get(name)
        if posted is None:
            raise NotDone("gone", name)
        member = tenant.people.get(viewer)
        own = posted.views.get(member.id, {}) if member else {}
        json: Any = posted.body
        if own:
            json = posted.body | {"attachments": [card for _, card in posted.cards(member.id if member else None)]}
        about = [one for one in tenant.journal if name in (one.activity_id, one.answer_id)]
        return posted.conversation_id, json, [_received(one) for one in about]


def _events(row: Mapping[str, Any] | None) -> list[str]:
    """What caused the row, without the word for how: an answer's cause ends in the key of what it answers."""
    cause = str((row or {}).get("cause", "")).partition(":")[2]
    return [cause] if cause else []


def _calls(journal: list[ApiCall], ts: str) -> list[ApiCall]:
    """The requests that made or changed this message, and those for the same delivery that had no effect."""
    about = [call for call in journal if ts in (call.args.get("ts"), (call.result or {}).get("ts"))]
    carried = [call.args.get("metadata") for call in about if call.args.get("metadata")]
    return [
        call
        for call in journal
        if call in about or (call.method in _SENT_BY_BOT and call.args.get("metadata") in carried)
    ]


def _call(call: ApiCall) -> str:
    answer = "no effect" if call.result is None else "ok" if call.ok else str(call.result.get("error"))
    return _line(call.method, answer, type(call.fault).__name__ if call.fault else "")


def _received(one: Received) -> str:
    return _line(f"{one.method} {one.operation}", str(one.status or "no effect"), one.fault or "")


def _line(*parts: str) -> str:
    return "  ".join(part for part in parts if part)
