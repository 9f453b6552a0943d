"""The Events API: what the bot is told of by itself, as far as its scopes let it know."""

import re
import uuid
from typing import Any
from urllib.parse import urlsplit

from sandbox.slack.answered import Answered
from sandbox.slack.courier import Courier
from sandbox.slack.payloads import message_json, user_json, view_json
from sandbox.slack.records import Channel, Json, Message, User
from sandbox.slack.workspace import Workspace

_HISTORY = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_LINK = re.compile(r"https?://[^\s<>|]+")


class Events:
    """Sends event_callback deliveries. An event the app's scopes do not cover is not sent (`not_sent`)."""

    def __init__(
        self, workspace: Workspace, courier: Courier, scopes: frozenset[str], unfurl_domains: frozenset[str]
    ) -> None:
        self.workspace, self.courier = workspace, courier
        self.scopes, self.unfurl_domains = scopes, unfurl_domains

    async def send(self, event: Json, scope: str = "") -> Answered:
        """Deliver any event, if the app has `scope`."""
        name = f"event/{event['type']}"
        if scope and scope not in self.scopes:
            return Answered(name, error="not_sent")
        return await self.courier.deliver("event", name, self._callback(event))

    def _callback(self, event: Json) -> Json:
        workspace = self.workspace
        return {
            "token": "practice-verification",
            "team_id": workspace.team_id,
            "context_team_id": workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": "Ev" + uuid.uuid4().hex[:12].upper(),
            "event_time": int(workspace.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team_id,
                    "user_id": workspace.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": "4-" + uuid.uuid4().hex,
        }

    async def message(self, message: Message, channel: Channel) -> Answered:
        """Tell of a message somebody wrote; of a mention and of links too, where the bot may know."""
        shape = message_json(message, self.workspace)
        event = shape | {"channel": channel.id, "channel_type": channel.kind, "event_ts": message.ts}
        is_member = self.workspace.bot_user_id in channel.members
        if not is_member:
            await self._links(message, is_member)
            return Answered("event/message", error="not_sent", said=message)
        answered = await self.send(event, f"{_HISTORY[channel.kind]}:history")
        if channel.kind != "im" and f"<@{self.workspace.bot_user_id}>" in message.text:
            mention = event | {"type": "app_mention"}
            mention.pop("channel_type")
            heard = await self.send(mention, "app_mentions:read")
            answered = answered if answered.status is not None else heard
        await self._links(message, is_member)
        answered.said = message
        return answered

    async def _links(self, message: Message, is_member: bool) -> None:
        """Slack tells of links wherever they are shared, with the bot there or not."""
        links = [{"url": url, "domain": urlsplit(url).hostname} for url in _LINK.findall(message.text)]
        known = [link for link in links if link["domain"] in self.unfurl_domains]
        if known:
            event: dict[str, Any] = {
                "type": "link_shared",
                "user": message.user,
                "channel": message.channel,
                "message_ts": message.ts,
                "links": known,
                "source": "conversations_history",
                "unfurl_id": f"{message.channel}.{message.ts}",
                "is_bot_user_member": is_member,
                "event_ts": message.ts,
            }
            await self.send(event, "links:read")

    async def changed(self, message: Message, channel: Channel, *, deleted: bool = False) -> Answered:
        """Tell that somebody edited, or deleted, what they wrote."""
        ts = self.workspace.next_ts()
        event: Json = {
            "type": "message",
            "subtype": "message_deleted" if deleted else "message_changed",
            "channel": channel.id,
            "channel_type": channel.kind,
            "ts": ts,
            "event_ts": ts,
            "hidden": True,
            "previous_message": message_json(message, self.workspace),
        }
        if deleted:
            event["deleted_ts"] = message.ts
        else:
            event["message"] = message_json(message, self.workspace)
            before = message.edits[-1]
            event["previous_message"] |= {"text": before.text, "blocks": before.blocks}
        return await self.send(event, f"{_HISTORY[channel.kind]}:history")

    async def home_opened(self, user: User, tab: str) -> Answered:
        """Tell that somebody opened the App Home, with the view they see."""
        event: Json = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": self.workspace.dm(user.id).id,
            "tab": tab,
            "event_ts": self.workspace.next_ts(),
        }
        if tab == "home" and (view := self.workspace.homes.get(user.id)):
            event["view"] = view_json(view, self.workspace)
        return await self.send(event)

    async def team_join(self, user: User) -> Answered:
        """Tell that somebody joined."""
        return await self._user("team_join", user)

    async def user_change(self, user: User) -> Answered:
        """Tell that somebody's profile or account changed."""
        return await self._user("user_change", user)

    async def _user(self, kind: str, user: User) -> Answered:
        shape = user_json(user, email="users:read.email" in self.scopes)
        ts = self.workspace.next_ts()
        return await self.send({"type": kind, "user": shape, "cache_ts": int(float(ts)), "event_ts": ts}, "users:read")

    async def url_verification(self) -> Answered:
        """Ask the request URL to repeat a challenge."""
        asked: Json = {
            "token": "practice-verification",
            "challenge": uuid.uuid4().hex,
            "type": "url_verification",
        }
        return await self.courier.deliver("event", "event/url_verification", asked)
