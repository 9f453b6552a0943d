"""Activities in the shape in which Teams sends them to a bot. Pure but for the clock and random ids."""

import html
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .conversations import Conversation, Kind, Member


@dataclass(frozen=True)
class Sender:
    """Who speaks, where, and to which bot: what all activities of one delivery have in common."""

    member: Member
    conversation: Conversation
    tenant_id: str
    service_url: str
    bot_id: str
    bot_name: str
    thread_id: str | None = None

    def activity(self, kind: str, id: str, **more: Any) -> dict[str, Any]:
        """An activity of that type with the envelope that every activity has; None values are left out."""
        member, now = self.member, datetime.now(UTC)
        envelope = {
            "type": kind,
            "id": id,
            "timestamp": _iso(now).replace("+00:00", "Z"),
            "localTimestamp": _iso(now.astimezone(ZoneInfo(member.timezone))),
            "localTimezone": member.timezone,
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": {"id": member.id, "name": member.name, "aadObjectId": member.aad_object_id},
            "conversation": self.place(),
            "recipient": self.bot(),
            "locale": member.locale,
            "entities": [self.client_info()],
            "channelData": self.channel_data(),
        }
        return envelope | {name: value for name, value in more.items() if value is not None}

    def bot(self) -> dict[str, str]:
        return {"id": self.bot_id, "name": self.bot_name}

    def place(self) -> dict[str, Any]:
        conversation = self.conversation
        thread = f";messageid={self.thread_id}" if self.thread_id else ""
        place = {
            "conversationType": str(conversation.kind),
            "tenantId": self.tenant_id,
            "id": f"{conversation.id}{thread}",
        }
        return place if conversation.kind is Kind.PERSONAL else {"isGroup": True, **place}

    def channel_data(self, **more: Any) -> dict[str, Any]:
        data: dict[str, Any] = {"tenant": {"id": self.tenant_id}}
        team = self.conversation.team
        if team is not None:
            place = self.conversation.id
            data = {"teamsChannelId": place, "teamsTeamId": team.id, "channel": {"id": place}, **data}
            data["team"] = {"id": team.id}
        return data | more

    def client_info(self) -> dict[str, str]:
        member = self.member
        return {
            "locale": member.locale,
            "country": member.country,
            "platform": member.platform,
            "timezone": member.timezone,
            "type": "clientInfo",
        }

    # messages

    def message(self, id: str, text: str, *, mention: bool, reply_to: str | None = None) -> dict[str, Any]:
        """Typed words. Where Teams wants a mention, the bot's name comes before them."""
        if not mention:
            return self.activity("message", id, text=text, textFormat="plain", replyToId=reply_to)
        at = f"<at>{self.bot_name}</at>"
        spoken = {"type": "mention", "mentioned": self.bot(), "text": at}
        name = f'<span itemtype="http://schema.skype.com/Mention">{self.bot_name}</span>'
        page = f"<p>{name} {html.escape(text)}</p>"
        return self.activity(
            "message",
            id,
            text=f"{at} {text}",
            textFormat="plain",
            replyToId=reply_to,
            attachments=[{"contentType": "text/html", "content": page}],
            entities=[spoken, self.client_info()],
        )

    def changed(self, kind: str, id: str, event: str, text: str | None = None) -> dict[str, Any]:
        """messageUpdate or messageDelete of a message of that id."""
        fmt = None if text is None else "plain"
        return self.activity(kind, id, text=text, textFormat=fmt, channelData=self.channel_data(eventType=event))

    # the app coming and going

    def installation(self, action: str, id: str) -> dict[str, Any]:
        data = self.channel_data(settings={"selectedChannel": {"id": self.conversation.id}})
        return self.activity("installationUpdate", id, action=action, channelData=self._with_team_name(data))

    def bot_members(self, change: str, id: str) -> dict[str, Any]:
        """conversationUpdate about the bot: `change` is membersAdded or membersRemoved."""
        data = self.channel_data()
        if self.conversation.team is not None:
            data["eventType"] = "teamMemberAdded" if change == "membersAdded" else "teamMemberRemoved"
        return self.activity(
            "conversationUpdate",
            id,
            channelData=self._with_team_name(data),
            **{change: [{"id": self.bot_id}]},
        )

    def _with_team_name(self, data: dict[str, Any]) -> dict[str, Any]:
        team = self.conversation.team
        if team is not None:
            data["team"] = {"id": team.id, "name": team.name, "aadGroupId": team.aad_group_id}
        return data

    # invokes

    def invoke(self, name: str, value: dict[str, Any], *, reply_to: str | None = None) -> dict[str, Any]:
        """An invoke; `source` in its channel data as Teams sets it for cards and extensions."""
        source = "compose" if name.startswith("composeExtension") else "message"
        data = self.channel_data(source={"name": source})
        return self.activity("invoke", invoke_id(), name=name, value=value, replyToId=reply_to, channelData=data)


def invoke_id() -> str:
    """An id as invokes and events bear it."""
    return f"f:{uuid.uuid4()}"


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
