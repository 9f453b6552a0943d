"""chat.*: posting, changing and deleting messages."""

from sandbox.slack import limits
from sandbox.slack.blocks import check_blocks
from sandbox.slack.methods.method import ApiError, Method, Request
from sandbox.slack.payloads import message_json
from sandbox.slack.records import Channel, Ephemeral, Json, Message


def _post(request: Request) -> Json:
    workspace = request.workspace
    channel = _destination(request)
    text, blocks = _content(request)
    thread_ts = request.args.get("thread_ts") or None
    if thread_ts is not None:
        parent = channel.messages.get(str(thread_ts))
        if parent is None or parent.deleted:
            raise ApiError("thread_not_found")
        thread_ts = parent.thread_ts or parent.ts
    metadata = request.structure("metadata", "invalid_metadata_format")
    if metadata is not None and not (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    ):
        raise ApiError("invalid_metadata_format")
    message = workspace.put(
        Message(
            workspace.next_ts(),
            channel.id,
            workspace.bot_user_id,
            text[: limits.MESSAGE_TEXT],
            blocks,
            thread_ts,
            workspace.bot_id,
            workspace.app_id,
            metadata,
        )
    )
    answer = {
        "ok": True,
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(message, workspace),
    }
    if len(text) > limits.MESSAGE_TEXT:
        answer |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    return answer


def _destination(request: Request) -> Channel:
    """The conversation to post into; a user id means that person's DM."""
    workspace = request.workspace
    name = request.need("channel", "channel_not_found")
    if name in workspace.users:
        if workspace.users[name].is_bot:
            raise ApiError("cannot_dm_bot")
        channel = workspace.dm(name)
    else:
        channel = request.channel()
    if channel.kind == "im":
        # A deactivated person's DM still takes messages: slackapi/python-slack-sdk issue 1156.
        user = workspace.users.get(channel.user)
        if user and user.blocked:
            raise ApiError(user.refusal)
    elif workspace.bot_user_id not in channel.members and "chat:write.public" not in request.scopes:
        raise ApiError("not_in_channel")
    if channel.is_archived:
        raise ApiError("is_archived")
    return channel


def _content(request: Request) -> tuple[str, list[Json]]:
    text = request.args.get("text") or ""
    if not isinstance(text, str):
        raise ApiError("invalid_arguments")
    blocks = request.blocks()
    if not text.strip() and not blocks:
        raise ApiError("no_text")
    return text, blocks


def _own(request: Request, refusal: str) -> Message:
    message = request.channel().messages.get(request.need("ts", "message_not_found"))
    if message is None or message.deleted:
        raise ApiError("message_not_found")
    if message.user != request.workspace.bot_user_id:
        raise ApiError(refusal)
    return message


def _update(request: Request) -> Json:
    message = _own(request, "cant_update_message")
    text, blocks = str(request.args.get("text") or ""), request.structure("blocks", "invalid_blocks_format")
    if not text.strip() and not blocks:
        raise ApiError("no_text")
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if request.validate and len(escaped.encode()) > limits.UPDATE_TEXT_BYTES:
        raise ApiError("msg_too_long")
    # Slack's documentation: blocks that are not given stay, an empty array removes them.
    kept = request.blocks() if blocks is not None else message.blocks
    request.workspace.edit(message, text, kept)
    metadata = request.structure("metadata", "invalid_metadata_format")
    message.metadata = metadata or message.metadata
    shown = message_json(message, request.workspace)
    return {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def _delete(request: Request) -> Json:
    message = _own(request, "cant_delete_message")
    request.workspace.delete(message)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def _post_ephemeral(request: Request) -> Json:
    workspace = request.workspace
    channel = request.channel()
    user = request.need("user", "user_not_found")
    if user not in workspace.users:
        raise ApiError("user_not_found")
    if workspace.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    text, blocks = _content(request)
    thread_ts = request.args.get("thread_ts")
    shown = workspace.show(Ephemeral(workspace.next_ts(), channel.id, user, text, blocks, thread_ts))
    return {"ok": True, "message_ts": shown.ts}


def _permalink(request: Request) -> Json:
    channel, ts = request.channel(), request.need("message_ts", "message_not_found")
    if ts not in channel.messages:
        raise ApiError("message_not_found")
    domain = request.workspace.domain
    link = f"https://{domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def _unfurl(request: Request) -> Json:
    message = request.channel().messages.get(request.need("ts", "cannot_find_message"))
    unfurls = request.structure("unfurls", "invalid_unfurls_format")
    if message is None:
        raise ApiError("cannot_find_message")
    if not isinstance(unfurls, dict) or not unfurls:
        raise ApiError("missing_unfurls")
    if not all(url in message.text for url in unfurls):
        raise ApiError("cannot_unfurl_url")
    if request.validate and (found := [one for unfurl in unfurls.values() for one in check_blocks(unfurl["blocks"])]):
        raise ApiError("invalid_blocks", errors=found, response_metadata={"messages": found})
    message.unfurls |= unfurls
    request.workspace.changed("unfurled", message)
    return {"ok": True}


METHODS = {
    "chat.postMessage": Method(_post, ("chat:write",)),
    "chat.update": Method(_update, ("chat:write",)),
    "chat.delete": Method(_delete, ("chat:write",)),
    "chat.postEphemeral": Method(_post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Method(_permalink),
    "chat.unfurl": Method(_unfurl, ("links:write",)),
}
