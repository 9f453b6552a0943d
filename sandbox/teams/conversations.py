"""People, conversations and posted activities, as Teams keeps them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .cards import CARD


@dataclass
class Member:
    """A person of the tenant, or with `guest` of another one who was let in. `blocked` people have blocked the bot:
    writing to them is refused."""

    key: str
    id: str
    aad_object_id: str
    name: str
    email: str
    locale: str = "ja-JP"
    country: str = "JP"
    timezone: str = "Asia/Tokyo"
    platform: str = "Windows"
    blocked: bool = False
    supports_execute: bool = True
    guest: bool = False


@dataclass(frozen=True)
class Team:
    """A team; its id is also its General channel's."""

    id: str
    name: str
    aad_group_id: str


class Kind(StrEnum):
    PERSONAL = "personal"
    GROUP = "groupChat"
    CHANNEL = "channel"


@dataclass
class Posted:
    """A message in a conversation: how it reads now, how it read before, and how it looks to each viewer."""

    id: str
    conversation_id: str
    sender_id: str
    body: dict[str, Any]
    thread_id: str | None = None
    reply_to_id: str | None = None
    earlier: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    deleted: bool = False
    views: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict[str, dict[int, dict[str, Any]]])

    @property
    def text(self) -> str:
        return self.body.get("text") or ""

    @property
    def card(self) -> dict[str, Any] | None:
        """The first Adaptive Card as the bot posted it."""
        return next((card for _, card in self.cards()), None)

    def cards(self, viewer: str | None = None) -> list[tuple[int, dict[str, Any]]]:
        """The Adaptive Cards with their attachment's index, as this viewer (a member id) sees them."""
        own: dict[int, Any] = self.views.get(viewer or "", {})
        return [
            (index, own.get(index) or attachment["content"])
            for index, attachment in enumerate(self.body.get("attachments") or ())
            if attachment.get("contentType") == CARD
        ]

    def card_for(self, viewer: str) -> dict[str, Any] | None:
        """The first card as this member sees it: an invoke's answer replaces it for one person only."""
        return next((card for _, card in self.cards(viewer)), None)

    def edit(self, body: dict[str, Any]) -> None:
        """Replace the body for everybody; what single viewers saw is gone with it."""
        self.earlier.append(self.body)
        self.body = body
        self.views.clear()


@dataclass
class Conversation:
    """A personal chat, group chat or channel. The bot can write only where it is installed."""

    id: str
    kind: Kind
    name: str
    members: list[str]
    installed: bool = False
    team: Team | None = None
    activities: dict[str, Posted] = field(default_factory=dict[str, Posted])
    seen_ids: set[str] = field(default_factory=set[str])

    def knows(self, activity_id: str) -> bool:
        """Whether an activity of that id, an invoke included, ever took place here."""
        return activity_id in self.activities or activity_id in self.seen_ids

    def thread(self, root_id: str) -> list[Posted]:
        """A channel thread in order, its first message included."""
        return [posted for posted in self.activities.values() if root_id in (posted.id, posted.thread_id)]


def split_thread(conversation_id: str) -> tuple[str, str | None]:
    """`19:…@thread.tacv2;messageid=1700` → the channel's id and the thread's root."""
    base, _, root = conversation_id.partition(";messageid=")
    return base, root or None
