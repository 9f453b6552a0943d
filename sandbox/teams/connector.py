"""The Bot Framework Connector towards one bot: what each call does to the tenant, or why it is refused."""

import time
from collections.abc import Callable
from typing import Any

from . import errors
from .calls import Call
from .checking import CAUTIOUS, SizeLimit, check_activity
from .conversations import Conversation, Kind, Member, Posted
from .limits import CONVERSATION_RATES, TENANT_RATES, Windows, retry_after
from .tenant import Tenant

PACED = frozenset({"activities.send", "activities.reply", "conversations.create"})
Answer = tuple[int, Any]


class Connector:
    """Runs calls against a tenant. Raises Refusal for everything it does not do."""

    def __init__(self, tenant: Tenant, service_url: Callable[[], str]) -> None:
        self.tenant = tenant
        self.limits = False
        self.validate = True
        self.size_limit: SizeLimit = CAUTIOUS
        self.clock: Callable[[], float] = time.monotonic
        self._service_url = service_url
        self._per_conversation = Windows(CONVERSATION_RATES)
        self._per_tenant = Windows(TENANT_RATES)
        self._operations: dict[str, Callable[[Call], Answer]] = {
            "conversations.create": self._create,
            "activities.send": self._send,
            "activities.reply": self._reply,
            "activities.update": self._update,
            "activities.delete": self._delete,
            "activities.members": self._members,
            "members.list": self._members,
            "members.get": self._member,
            "members.paged": self._paged_members,
            "teams.get": self._team,
            "teams.conversations": self._team_conversations,
        }

    def run(self, call: Call) -> Answer:
        """Status and JSON of the answer (None: no body), after the call took effect. Raises Refusal."""
        if self.limits:
            self._pace(call)
        return self._operations[call.operation](call)

    def _pace(self, call: Call) -> None:
        now = self.clock()
        wait = self._per_tenant.refused_for(self.tenant.tenant_id, now)
        if wait:
            self.tenant.counts["throttled.tenant"] += 1
        elif call.operation in PACED:
            wait = self._per_conversation.refused_for(_lane(call), now)
            if wait:
                self.tenant.counts["throttled.conversation"] += 1
        if wait:
            raise errors.throttled(retry_after(wait))

    # conversations

    def _create(self, call: Call) -> Answer:
        body = call.body
        if not isinstance(body, dict):
            raise errors.bad_syntax("Incorrect conversation creation parameters.")
        data = _object(body.get("channelData"))
        asked = body.get("tenantId") or _object(data.get("tenant")).get("id")
        if not asked:
            raise errors.bad_syntax("Incorrect conversation creation parameters: no tenant id.")
        if asked != self.tenant.tenant_id:
            raise errors.not_in_roster()
        channel_id = _object(data.get("channel")).get("id") or data.get("teamsChannelId")
        if channel_id:
            return self._create_thread(channel_id, call)
        return self._create_personal(call)

    def _create_personal(self, call: Call) -> Answer:
        members = call.body.get("members")
        if call.body.get("isGroup") or not isinstance(members, list) or len(members) != 1:
            raise errors.bad_syntax("A bot may create a conversation with exactly one member.")
        member = self.tenant.by_id(str(_object(members[0]).get("id")))
        if member is None:
            raise errors.bad_argument("Failed to decrypt pairwise id.")
        conversation = self.tenant.personal(member.key)
        if not conversation.installed:
            raise errors.not_in_roster()
        answer = {"id": conversation.id, "serviceUrl": self._service_url()}
        if call.body.get("activity"):
            answer["activityId"] = self._post(conversation, None, call.body["activity"], call.size).id
        return 201, answer

    def _create_thread(self, channel_id: str, call: Call) -> Answer:
        conversation, _ = self._place(str(channel_id))
        posted = self._post(conversation, None, call.body.get("activity"), call.size)
        return 201, {"id": f"{conversation.id};messageid={posted.id}", "activityId": posted.id}

    # activities

    def _send(self, call: Call) -> Answer:
        conversation, root = self._place(call.target)
        return 201, {"id": self._arrive(conversation, root, call, None)}

    def _reply(self, call: Call) -> Answer:
        conversation, root = self._place(call.target)
        if not conversation.knows(call.detail):
            raise errors.activity_not_found(call.detail)
        if conversation.kind is Kind.CHANNEL and root is None:
            answered = conversation.activities.get(call.detail)
            root = (answered.thread_id or answered.id) if answered else None
        return 201, {"id": self._arrive(conversation, root, call, call.detail)}

    def _update(self, call: Call) -> Answer:
        posted = self._own(call)
        self._check(call.body, call.size)
        posted.edit(call.body)
        self.tenant.ring("updated", posted.conversation_id, posted.id)
        return 200, {"id": posted.id}

    def _delete(self, call: Call) -> Answer:
        posted = self._own(call)
        posted.deleted = True
        self.tenant.ring("deleted", posted.conversation_id, posted.id)
        return 200, None

    def _own(self, call: Call) -> Posted:
        conversation, _ = self._place(call.target)
        posted = conversation.activities.get(call.detail)
        if posted is None or posted.deleted:
            raise errors.activity_not_found(call.detail)
        if posted.sender_id != self.tenant.bot_id:
            raise errors.not_the_bots_own(call.detail)
        return posted

    def _arrive(self, conversation: Conversation, root: str | None, call: Call, reply_to: str | None) -> str:
        if isinstance(call.body, dict) and call.body.get("type") == "typing":
            self._refuse_unwritable(conversation)
            return self.tenant.next_id()
        return self._post(conversation, root, call.body, call.size, reply_to).id

    def _post(
        self,
        conversation: Conversation,
        root: str | None,
        activity: Any,
        size: int,
        reply_to: str | None = None,
    ) -> Posted:
        self._refuse_unwritable(conversation)
        self._check(activity, size)
        return self.tenant.post(
            conversation,
            self.tenant.bot_id,
            activity,
            thread_id=root,
            reply_to_id=reply_to or activity.get("replyToId"),
        )

    def _check(self, activity: Any, size: int) -> None:
        if self.validate:
            self.tenant.warnings += check_activity(activity, size, self.size_limit)
        elif not isinstance(activity, dict):
            raise errors.bad_syntax("The body is not an activity.")

    def _refuse_unwritable(self, conversation: Conversation) -> None:
        if conversation.kind is Kind.PERSONAL and self.tenant.person(conversation.members[0]).blocked:
            raise errors.writes_blocked()

    def _place(self, conversation_id: str) -> tuple[Conversation, str | None]:
        conversation, root = self.tenant.find(conversation_id)
        if conversation is None or (root is not None and root not in conversation.activities):
            raise errors.conversation_not_found(conversation_id)
        if not conversation.installed:
            raise errors.not_in_roster()
        return conversation, root

    # rosters

    def _members(self, call: Call) -> Answer:
        conversation, _ = self._place(call.target)
        return 200, [self._account(self.tenant.person(key)) for key in conversation.members]

    def _paged_members(self, call: Call) -> Answer:
        conversation, _ = self._place(call.target)
        query = call.body or {}
        size = min(500, max(1, _number(query.get("pageSize"), 200)))
        start = max(0, _number(query.get("continuationToken"), 0))
        page = conversation.members[start : start + size]
        answer: dict[str, Any] = {"members": [self._account(self.tenant.person(key)) for key in page]}
        if start + size < len(conversation.members):
            answer["continuationToken"] = str(start + size)
        return 200, answer

    def _member(self, call: Call) -> Answer:
        conversation, _ = self._place(call.target)
        member = self.tenant.by_id(call.detail)
        if member is None or member.key not in conversation.members:
            raise errors.member_not_found(call.detail)
        return 200, self._account(member)

    def _account(self, member: Member) -> dict[str, Any]:
        given, _, family = member.name.partition(" ")
        return {
            "id": member.id,
            "name": member.name,
            "aadObjectId": member.aad_object_id,
            "objectId": member.aad_object_id,
            "givenName": given,
            "surname": family,
            "email": member.email,
            "userPrincipalName": _principal(member),
            "tenantId": self.tenant.tenant_id,
            "userRole": "guest" if member.guest else "user",
        }

    # teams

    def _team(self, call: Call) -> Answer:
        team = self.tenant.teams.get(call.target)
        if team is None:
            raise errors.team_not_found(call.target)
        self._place(team.id)
        return 200, {"id": team.id, "name": team.name, "aadGroupId": team.aad_group_id}

    def _team_conversations(self, call: Call) -> Answer:
        team = self.tenant.teams.get(call.target)
        if team is None:
            raise errors.team_not_found(call.target)
        self._place(team.id)
        channels = [place for place in self.tenant.conversations.values() if place.team is team]
        # Teams leaves out the General channel's name, so that each client can translate it.
        named = [{"id": c.id} if c.id == team.id else {"id": c.id, "name": c.name} for c in channels]
        return 200, {"conversations": named}


def _principal(member: Member) -> str:
    """A guest's is made of the address that was invited."""
    return f"{member.email.replace('@', '_')}#EXT#@practice.onmicrosoft.com" if member.guest else member.email


def _lane(call: Call) -> str:
    if call.target:
        return call.target.partition(";")[0]
    body = _object(call.body)
    return f"create:{body.get('members') or body.get('channelData')}"


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(text: str | None, default: int) -> int:
    if text and not text.isdecimal():
        raise errors.bad_argument(f"{text!r} is not a number.")
    return int(text or default)
