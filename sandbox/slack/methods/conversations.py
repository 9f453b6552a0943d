"""conversations.*: opening, describing and reading conversations."""

from sandbox.slack.limits import PAGE
from sandbox.slack.methods.method import ApiError, Method, Request, page
from sandbox.slack.payloads import channel_json, message_json
from sandbox.slack.records import Channel, Json, Message

_FAMILY = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


def _open(request: Request) -> Json:
    workspace = request.workspace
    if request.args.get("channel"):
        request.scope("im:write", "mpim:write")
        return _opened(request.channel(), request, already=True)
    listed = request.args.get("users")
    users = listed if isinstance(listed, list) else str(listed or "").split(",")
    users = [user for user in users if user]
    if not users:
        raise ApiError("users_list_not_supplied")
    request.scope("im:write" if len(users) == 1 else "mpim:write")
    for user in users:
        if user not in workspace.users:
            raise ApiError("user_not_found")
        if workspace.users[user].deleted:
            raise ApiError("user_disabled")
        if workspace.users[user].is_bot:
            raise ApiError("cannot_dm_bot")
    if len(users) > 8:
        raise ApiError("too_many_users")
    known = set(workspace.channels)
    channel = workspace.dm(users[0]) if len(users) == 1 else workspace.group_dm(users)
    return _opened(channel, request, already=channel.id in known)


def _opened(channel: Channel, request: Request, *, already: bool) -> Json:
    whole = channel_json(channel, request.workspace) if request.flag("return_im") else {"id": channel.id}
    return {"ok": True, "channel": whole, **({"no_op": True, "already_open": True} if already else {})}


def _readable(request: Request) -> Channel:
    channel = request.channel()
    request.scope(f"{_FAMILY[channel.kind]}:history")
    if request.workspace.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def _between(messages: list[Message], args: Json) -> list[Message]:
    """Those after `oldest` and before `latest`; the ends themselves only when `inclusive`."""
    inclusive = args.get("inclusive") in (True, 1, "1", "true", "True")
    if oldest := str(args.get("oldest") or ""):
        messages = [m for m in messages if _key(m.ts) > _key(oldest) or (inclusive and m.ts == oldest)]
    if latest := str(args.get("latest") or ""):
        messages = [m for m in messages if _key(m.ts) < _key(latest) or (inclusive and m.ts == latest)]
    return messages


def _key(ts: str) -> tuple[int, int]:
    seconds, _, rest = ts.partition(".")
    try:
        return int(seconds), int(rest.ljust(6, "0")[:6])
    except ValueError:
        raise ApiError("invalid_ts_oldest") from None


def _page_of(messages: list[Message], request: Request, default: int) -> Json:
    shown, cursor = page(messages, request.args, default, PAGE - 1)
    metadata = request.flag("include_all_metadata")
    answer: Json = {
        "ok": True,
        "messages": [message_json(m, request.workspace, metadata=metadata) for m in shown],
        "has_more": bool(cursor),
    }
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _history(request: Request) -> Json:
    channel = _readable(request)
    top = [m for m in channel.messages.values() if not m.deleted and m.thread_ts in (None, m.ts)]
    newest_first = sorted(_between(top, request.args), key=lambda m: m.ts, reverse=True)
    return _page_of(newest_first, request, 100) | {"pin_count": 0}


def _replies(request: Request) -> Json:
    channel = _readable(request)
    ts = request.need("ts", "thread_not_found")
    parent = channel.messages.get(ts)
    if parent is None or parent.deleted:
        raise ApiError("thread_not_found")
    said = [channel.messages[reply] for reply in channel.threads.get(ts, [])]
    left = _between([reply for reply in said if not reply.deleted], request.args)
    return _page_of([parent, *left], request, PAGE - 1)


def _info(request: Request) -> Json:
    channel = request.channel()
    request.scope(f"{_FAMILY[channel.kind]}:read")
    return {"ok": True, "channel": channel_json(channel, request.workspace)}


def _members(request: Request) -> Json:
    channel = request.channel()
    request.scope(f"{_FAMILY[channel.kind]}:read")
    members, cursor = page(channel.members, request.args, 100, PAGE)
    return {"ok": True, "members": members, "response_metadata": {"next_cursor": cursor}}


METHODS = {
    "conversations.open": Method(_open),
    "conversations.history": Method(_history),
    "conversations.replies": Method(_replies),
    "conversations.info": Method(_info),
    "conversations.members": Method(_members),
}
