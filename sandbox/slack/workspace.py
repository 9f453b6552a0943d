"""The state of a practice Slack workspace, and ways to look at it, change it and wait for it."""

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from sandbox.slack.records import (
    ApiCall,
    Channel,
    Edit,
    Ephemeral,
    Json,
    Message,
    ResponseUrl,
    Trigger,
    Upload,
    User,
    View,
)
from sandbox.watching import Watched

T = TypeVar("T")
Clock = Callable[[], float]


class Workspace(Watched):
    """One Slack workspace with one bot in it. Everything is a plain object and may be read or changed.

    A test that changes records by hand calls `changed()` if somebody may be waiting in `until`.
    """

    def __init__(
        self,
        team_id: str = "T0PRACTICE",
        name: str = "Practice",
        *,
        domain: str = "practice",
        app_id: str = "A0MOTOKAI",
        bot_id: str = "B0MOTOKAI",
        bot_user_id: str = "U0MOTOKAI",
        clock: Clock = time.time,
    ) -> None:
        super().__init__()
        self.team_id, self.name, self.domain = team_id, name, domain
        self.app_id, self.bot_id, self.bot_user_id = app_id, bot_id, bot_user_id
        self.clock = clock
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.views: defaultdict[str, list[View]] = defaultdict(list)
        self.homes: dict[str, View] = {}
        self.uploads: dict[str, Upload] = {}
        self.files_url = "https://files.slack.com/"
        self.ephemerals: list[Ephemeral] = []
        self.journal: list[ApiCall] = []
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.touched: dict[tuple[str, str], dict[str, Json]] = {}
        self._dms: dict[str, str] = {}
        self._last_ts = 0
        self.add_user(bot_user_id, name="motokai", real_name="Motokai", is_bot=True)

    # people and places

    def add_user(self, id: str, real_name: str = "", *, name: str = "", email: str = "", **more: object) -> User:
        """Put a person into the workspace; `more` is any other field of `User`."""
        user = User(id, name or id.lower(), real_name or name or id, email=email, **more)  # type: ignore[arg-type]
        user.display_name = user.display_name or user.real_name
        user.team_id = user.team_id or self.team_id
        self.users[id] = user
        self.changed("user", user)
        return user

    def add_channel(
        self,
        id: str,
        name: str = "",
        *,
        members: list[str] | None = None,
        private: bool = False,
        bot: bool = True,
    ) -> Channel:
        """Make a channel; the bot is in it unless `bot` is False."""
        present = [*(members or []), *([self.bot_user_id] if bot else [])]
        channel = Channel(id, name or id.lower(), "group" if private else "channel", present)
        self.channels[id] = channel
        self.changed("channel", channel)
        return channel

    def dm(self, user_id: str) -> Channel:
        """The direct conversation between this person and the bot, opened when there is none yet."""
        if user_id not in self._dms:
            channel_id = f"D{user_id[1:]}"
            self._dms[user_id] = channel_id
            self.channels[channel_id] = Channel(
                channel_id, "directmessage", "im", [user_id, self.bot_user_id], user=user_id
            )
        return self.channels[self._dms[user_id]]

    def group_dm(self, user_ids: list[str]) -> Channel:
        """The group conversation of these people and the bot, opened when there is none yet."""
        channel_id = "G" + "".join(user[1:] for user in sorted(user_ids))
        members = [*sorted(user_ids), self.bot_user_id]
        return self.channels.setdefault(channel_id, Channel(channel_id, f"mpdm-{channel_id}", "mpim", members))

    # messages

    @property
    def messages(self) -> list[Message]:
        """Every message that is still there, oldest first."""
        return sorted(
            (m for c in self.channels.values() for m in c.messages.values() if not m.deleted),
            key=lambda m: m.ts,
        )

    def messages_in(self, channel_id: str) -> list[Message]:
        """The messages of a channel (or of a person's DM, given a user id), replies too, oldest first."""
        if channel_id in self.users:
            channel_id = self._dms.get(channel_id, "")
        channel = self.channels.get(channel_id)
        return [m for m in channel.messages.values() if not m.deleted] if channel else []

    def bot_messages_to(self, user_id: str) -> list[Message]:
        """What the bot said in this person's DM, oldest first."""
        return [m for m in self.messages_in(user_id) if m.user == self.bot_user_id]

    def ephemerals_for(self, user_id: str) -> list[Ephemeral]:
        """What only this person sees, oldest first."""
        return [e for e in self.ephemerals if e.user == user_id and not e.deleted]

    def top_view(self, user_id: str) -> View | None:
        """The modal on top of this person's screen."""
        return self.views[user_id][-1] if self.views[user_id] else None

    def calls(self, method: str) -> list[ApiCall]:
        """The bot's requests of one method, oldest first."""
        return [call for call in self.journal if call.method == method]

    def next_ts(self) -> str:
        """A timestamp later than all before it, in Slack's form "1700000000.000123"."""
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def put(self, message: Message) -> Message:
        """Add a message to its channel."""
        channel = self.channels[message.channel]
        channel.messages[message.ts] = message
        if message.thread_ts and message.thread_ts != message.ts:
            channel.threads.setdefault(message.thread_ts, []).append(message.ts)
        self.changed("message", message)
        return message

    def show(self, ephemeral: Ephemeral) -> Ephemeral:
        """Show a message to one person."""
        self.ephemerals.append(ephemeral)
        self.changed("ephemeral", ephemeral)
        return ephemeral

    def edit(self, message: Message | Ephemeral, text: str, blocks: list[Json]) -> None:
        """Change what a message says and keep what it said."""
        message.edits.append(Edit(self.next_ts(), message.text, message.blocks))
        message.text, message.blocks = text, blocks
        if isinstance(message, Message):
            message.edited_ts = message.edits[-1].ts
        self.changed("edited", message)

    def delete(self, message: Message | Ephemeral) -> None:
        """Take a message off the screen; the record stays."""
        message.deleted = True
        self.changed("deleted", message)

    # leaves to act

    def trigger(self, user_id: str) -> str:
        """A new trigger_id for this person."""
        key = f"{int(self.clock() * 1000)}.{self.team_id[1:]}.{uuid.uuid4().hex}"
        self.triggers[key] = Trigger(key, user_id, self.clock())
        return key

    def response_url(self, channel_id: str, user_id: str, source: Message | Ephemeral | None = None) -> str:
        """The key of a new response_url; the server knows its address."""
        key = uuid.uuid4().hex
        self.response_urls[key] = ResponseUrl(key, channel_id, user_id, self.clock(), source)
        return key

    # watching

    async def until(self, predicate: "Callable[[Workspace], T]", timeout: float = 30) -> T:  # noqa: ASYNC109
        """Wait until `predicate(workspace)` is true and return what it gave.

        Raises TimeoutError with a dump of the workspace when it is not within `timeout` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            began = loop.time()
            if held := predicate(self):
                return held
            cost = loop.time() - began
            if not await self._next_change(deadline - loop.time()):
                raise TimeoutError(f"not within {timeout} s: {_name(predicate)}\n{self.dump()}")
            # A slow predicate over a busy workspace must not eat the loop it is watching.
            await asyncio.sleep(min(0.1, 4 * cost))

    def dump(self, last: int = 12) -> str:
        """The workspace in a few readable lines: recent messages, open modals, recent calls."""
        lines = [f"workspace {self.team_id} ({len(self.users)} users, {len(self.messages)} messages)"]
        lines += [f"  {m.channel} {m.ts} {m.user}: {m.words[:160]!r}" for m in self.messages[-last:]]
        lines += [f"  only {e.user} in {e.channel}: {e.words[:160]!r}" for e in self.ephemerals[-last:]]
        lines += [f"  modal of {u}: {v.callback_id} {v.title!r}" for u, s in self.views.items() for v in s]
        lines += [f"  home of {u}: {v.words[:160]!r}" for u, v in self.homes.items()]
        lines += [f"  call {c.method} {_short(c)}" for c in self.journal[-last:]]
        return "\n".join(lines)


def _name(predicate: Callable[..., object]) -> str:
    code = getattr(predicate, "__code__", None)
    return f"{predicate!r} at line {code.co_firstlineno}" if code else repr(predicate)


def _short(call: ApiCall) -> str:
    answer = "no effect" if call.result is None else "ok" if call.ok else str(call.result.get("error"))
    return f"→ {answer}{f' ({call.fault})' if call.fault else ''}"
