"""The state of a practice Teams: one tenant, everything in it, and everything the bot asked of it."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

from .conversations import Conversation, Kind, Member, Posted, Team, split_thread
from .journal import Bell, Change, Received, Subscription

T = TypeVar("T")
TENANT_ID = "9a3c1d52-5b0f-4f0e-8a54-3c2b7f1d6e90"


class Tenant:
    """People, conversations, messages and the journal. Lives in one event loop."""

    def __init__(
        self, tenant_id: str = TENANT_ID, bot_id: str = "28:bot", *, clock: Callable[[], float] = time.time
    ) -> None:
        self.tenant_id = tenant_id
        self.bot_id = bot_id
        self.clock = clock
        self.people: dict[str, Member] = {}
        self.conversations: dict[str, Conversation] = {}
        self.teams: dict[str, Team] = {}
        self.posts: dict[str, Posted] = {}
        self.journal: list[Received] = []
        self.uploads: dict[str, tuple[str, bytes]] = {}
        self.warnings: list[str] = []
        self.counts: Counter[str] = Counter()
        self._by_id: dict[str, Member] = {}
        self._personal: dict[str, Conversation] = {}
        self._bell = Bell()
        self._last_id = 0

    # people and places

    def add_person(self, key: str, *, name: str | None = None, email: str | None = None, **details: Any) -> Member:
        """A new person with the ids Teams would give; the same key always gets the same ids."""
        if key in self.people:
            raise ValueError(f"there is already a {key!r} in this tenant")
        member = Member(
            key=key,
            id=details.pop("id", f"29:1{_digest(self.tenant_id, key)}"),
            aad_object_id=details.pop("aad_object_id", str(uuid.uuid5(uuid.NAMESPACE_URL, f"person:{key}"))),
            name=name or key,
            email=email or f"{key}@example.com",
            **details,
        )
        self.people[key] = member
        for name_of_member in (member.id, member.aad_object_id, member.email):
            self._by_id[name_of_member] = member
        self.ring("member")
        return member

    def add_team(self, name: str, channels: list[str], members: list[str] | None = None) -> Team:
        """A team with a General channel and these; everybody belongs to it unless `members` says who."""
        team = Team(self._place(name, "General", "tacv2"), name, str(uuid.uuid5(uuid.NAMESPACE_URL, name)))
        self.teams[team.id] = team
        for channel in ["General", *channels]:
            place = self._place(name, channel, "tacv2")
            keys = list(members if members is not None else self.people)
            self.conversations[place] = Conversation(place, Kind.CHANNEL, channel, keys, team=team)
        return team

    def add_group_chat(self, name: str, members: list[str]) -> Conversation:
        place = self._place("chat", name, "v2")
        conversation = Conversation(place, Kind.GROUP, name, list(members))
        self.conversations[place] = conversation
        return conversation

    def personal(self, key: str) -> Conversation:
        """The person's one-to-one chat with the bot, made on first use and not yet installed."""
        if key not in self._personal:
            self.person(key)
            place = f"a:1{_digest(self.tenant_id, 'personal', key)}"
            self._personal[key] = Conversation(place, Kind.PERSONAL, key, [key])
            self.conversations[place] = self._personal[key]
        return self._personal[key]

    def channel(self, name: str) -> Conversation:
        """The channel or group chat of that name. Raises KeyError naming those there are."""
        named = {c.name: c for c in self.conversations.values() if c.kind is not Kind.PERSONAL}
        if name not in named:
            raise KeyError(f"no channel or chat {name!r}; there are {sorted(named)}")
        return named[name]

    def person(self, key: str) -> Member:
        """Raises KeyError naming the people there are."""
        if key not in self.people:
            raise KeyError(f"nobody is called {key!r}; add_person() first. There are {sorted(self.people)[:20]}")
        return self.people[key]

    def by_id(self, any_id: str) -> Member | None:
        """A person by 29: id, Entra object id or e-mail address."""
        return self._by_id.get(any_id)

    def find(self, conversation_id: str) -> tuple[Conversation | None, str | None]:
        """The conversation and, where the id names one, the thread's root."""
        base, root = split_thread(conversation_id)
        return self.conversations.get(base), root

    # messages

    def next_id(self) -> str:
        """A message id: milliseconds as Teams writes them, never the same twice."""
        self._last_id = max(self._last_id + 1, int(self.clock() * 1000))
        return str(self._last_id)

    def upload(self, name: str, body: bytes) -> str:
        """Keep a file; its key."""
        key = uuid.uuid4().hex
        self.uploads[key] = (name, body)
        return key

    def post(
        self,
        conversation: Conversation,
        sender_id: str,
        body: dict[str, Any],
        *,
        thread_id: str | None = None,
        reply_to_id: str | None = None,
        id: str | None = None,
    ) -> Posted:
        """Put a message into a conversation."""
        posted = Posted(id or self.next_id(), conversation.id, sender_id, body, thread_id, reply_to_id)
        conversation.activities[posted.id] = posted
        self.posts[posted.id] = posted
        self.ring("posted", conversation.id, posted.id)
        return posted

    def messages(self, conversation: Conversation | None = None, *, of_bot: bool | None = None) -> list[Posted]:
        """Messages not deleted, oldest first; `of_bot` None means those of the bot and of people."""
        places = self.conversations.values() if conversation is None else [conversation]
        return [
            posted
            for place in places
            for posted in place.activities.values()
            if not posted.deleted and (of_bot is None or of_bot == (posted.sender_id == self.bot_id))
        ]

    # watching

    def ring(self, kind: str, conversation_id: str | None = None, activity_id: str | None = None) -> None:
        self._bell.ring(Change(kind, conversation_id, activity_id))

    def subscribe(self) -> Subscription:
        """Every change from now on: `with tenant.subscribe() as changes: async for change in changes`."""
        return self._bell.subscribe()

    async def until(self, predicate: Callable[[], T], timeout: float = 30) -> T:  # noqa: ASYNC109
        """Wait until the predicate is truthy and return what it gave; looked at only when something changed.

        Raises NotYet with a readable dump of the tenant after `timeout` seconds.
        """
        return await self._bell.until(predicate, timeout, self.dump)

    def dump(self, last: int = 20) -> str:
        """How things stand, for a person reading a failed test."""
        lines = ["conversations:"]
        for place in self.conversations.values():
            if place.activities or place.installed:
                lines.append(f"  {place.kind} {place.name} installed={place.installed} {place.id}")
                lines += [f"    {self._line(posted)}" for posted in list(place.activities.values())[-last:]]
        lines.append(f"last requests of {len(self.journal)}:")
        lines += [f"  {r.operation} {r.status} {r.code or r.fault or ''} {r.path}" for r in self.journal[-last:]]
        lines += [f"warning: {warning}" for warning in self.warnings[-last:]]
        lines += [f"count: {name} {count}" for name, count in self.counts.items()]
        return "\n".join(lines)

    def _line(self, posted: Posted) -> str:
        who = "bot" if posted.sender_id == self.bot_id else getattr(self.by_id(posted.sender_id), "key", "?")
        marks = f"{' deleted' if posted.deleted else ''}{' edited' if posted.earlier else ''}"
        words = posted.text or json.dumps(posted.card or posted.body.get("value"), ensure_ascii=False)
        return f"{posted.id}{marks} {who}: {words[:160]}"

    def _place(self, team: str, name: str, version: str) -> str:
        return f"19:{_digest(self.tenant_id, team, name)[:32]}@thread.{version}"


def practice_tenant(bot_id: str) -> Tenant:
    """A small company to practise with: HR and alumni, a team with a Gigs channel, and a group chat."""
    tenant = Tenant(bot_id=bot_id)
    american = {"locale": "en-US", "country": "US", "timezone": "America/New_York"}
    tenant.add_person("hr1", name="田中 花子", email="hanako.tanaka@example.com")
    tenant.add_person("hr2", name="Grace Miller", email="grace.miller@example.com", **american)
    tenant.add_person("alum1", name="佐藤 健", email="ken.sato@example.net")
    tenant.add_person("alum2", name="Ana Lopez", email="ana.lopez@example.net", **american)
    tenant.add_team("HR", ["Gigs"], members=["hr1", "hr2"])
    tenant.add_group_chat("HR chat", ["hr1", "hr2"])
    return tenant


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:60]
