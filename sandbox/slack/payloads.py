"""The shapes in which Slack hands out its records."""

from typing import Any
from urllib.parse import quote

from sandbox.slack.records import Channel, Json, Message, Upload, User, View
from sandbox.slack.workspace import Workspace


def user_json(user: User, *, email: bool) -> Json:
    """A user object; the address only for those who may see it (users:read.email)."""
    first, _, last = user.real_name.partition(" ")
    profile: Json = {
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "first_name": first,
        "last_name": last,
        "team": user.team_id,
        "title": "",
        "phone": "",
        "status_text": "",
        "status_emoji": "",
    }
    if user.image:
        profile |= {"image_192": user.image, "image_original": user.image, "is_custom_image": True}
    else:
        profile["image_192"] = "https://secure.gravatar.com/avatar/0?s=192&d=https%3A%2F%2Fa.slack-edge.com%2F0.png"
    if email and user.email and not user.is_bot:
        profile["email"] = user.email
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": user.deleted,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": user.tz_offset,
        "profile": profile,
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_email_confirmed": user.email_confirmed,
        "updated": 1_700_000_000,
        **({"is_stranger": True} if user.is_stranger else {}),
    }


def channel_json(channel: Channel, workspace: Workspace) -> Json:
    """A conversation object."""
    shape: Json = {
        "id": channel.id,
        "created": 1_700_000_000,
        "is_archived": channel.is_archived,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "is_org_shared": False,
        "context_team_id": workspace.team_id,
    }
    if channel.kind == "im":
        user = workspace.users.get(channel.user)
        return shape | {"user": channel.user, "is_user_deleted": bool(user and user.deleted)}
    return shape | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_member": workspace.bot_user_id in channel.members,
        "num_members": len(channel.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def message_json(message: Message, workspace: Workspace, *, metadata: bool = False) -> Json:
    """A message object; its metadata only when asked for."""
    shape: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team_id,
    }
    if message.blocks:
        shape["blocks"] = message.blocks
    for name in ("bot_id", "app_id", "subtype", "client_msg_id", "thread_ts"):
        if value := getattr(message, name):
            shape[name] = value
    if message.files:
        shape["files"] = [file_json(workspace.uploads[name], workspace) for name in message.files]
        shape["upload"] = False
    if message.edited_ts:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    replies = workspace.channels[message.channel].threads.get(message.ts)
    if replies:
        shape |= _thread(message, replies, workspace)
    if message.thread_ts and message.thread_ts != message.ts:
        parent = workspace.channels[message.channel].messages.get(message.thread_ts)
        shape["parent_user_id"] = parent.user if parent else ""
    if metadata and message.metadata:
        shape["metadata"] = message.metadata
    return shape


def file_json(upload: Upload, workspace: Workspace) -> Json:
    """A file object, with the addresses that want the bot's token."""
    below = f"{workspace.files_url}files-pri/{workspace.team_id}-{upload.id}"
    name = quote(upload.name)
    return {
        "id": upload.id,
        "name": upload.name,
        "title": upload.name,
        "filetype": upload.name.rpartition(".")[2],
        "mode": "hosted",
        "size": len(upload.body),
        "user": upload.user,
        "user_team": workspace.team_id,
        "is_external": False,
        "is_public": False,
        "url_private": f"{below}/{name}",
        "url_private_download": f"{below}/download/{name}",
        "file_access": "visible",
        "permalink": f"https://{workspace.domain}.slack.com/files/{upload.user}/{upload.id}/{name}",
    }


def _thread(message: Message, replies: list[str], workspace: Workspace) -> Json:
    said = [workspace.channels[message.channel].messages[ts] for ts in replies]
    left = [reply for reply in said if not reply.deleted]
    if not left:
        return {}
    users = list(dict.fromkeys(reply.user for reply in left))
    return {
        "thread_ts": message.ts,
        "reply_count": len(left),
        "reply_users_count": len(users),
        "reply_users": users,
        "latest_reply": left[-1].ts,
        "subscribed": False,
    }


def view_json(view: View, workspace: Workspace, state: dict[str, Any] | None = None) -> Json:
    """A view object as answers and interaction payloads carry it."""
    body = view.body
    return {
        "id": view.id,
        "team_id": workspace.team_id,
        "type": body["type"],
        "title": body.get("title"),
        "submit": body.get("submit"),
        "close": body.get("close"),
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "external_id": view.external_id,
        "state": {"values": view.state if state is None else state},
        "hash": view.hash,
        "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")),
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
    }
