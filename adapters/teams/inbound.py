"""A verified activity as one thing a person did. Pure, and total: no JSON object makes it raise."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.teams.ids import Address, MessageRef, split_thread
from adapters.teams.typed import typed
from bot.ports import Dropped, Inbound, Kind, Speaker

REFRESH = "refresh"
QUERY = "composeExtension/query"
FIND, POST = "find", "post"
"""The commands of the message extension."""
LINKED = "composeExtension/queryLink"
OPENED, SENT = "composeExtension/fetchTask", "composeExtension/submitAction"
_OPENS = {POST: "gig.post"}
"""What the commands with a form ask."""
TYPED = "query"
"""Its parameter. An empty box comes as another one, `initialRun`."""
FILE = "application/vnd.microsoft.teams.file.download.info"
FILE_LASTS = timedelta(minutes=30)
"""Teams calls a downloadUrl short-lived, and says no more."""
LONGEST_ADDRESS = 400
LONGEST_MESSAGE_ID = 64
_ARRIVING = frozenset({"add", "add-upgrade"})
_LEAVING = frozenset({"remove", "remove-upgrade"})
_CHANGES = {
    "editMessage": Kind.EDITED,
    "undeleteMessage": Kind.RESTORED,
    "softDeleteMessage": Kind.DELETED,
}
_MILLISECONDS = range(10**12, 10**13)
"""Ids of messages are the moment at which they were sent."""

Json = Mapping[str, Any]


def parse(activity: Json) -> Inbound | None:
    """What `activity` means to the product; None when nothing: reactions, typing, other members' comings and
    goings, and whatever lacks the ids that an event needs."""
    if _text(_part(activity, "from"), "role") == "bot" or not _complete(activity):
        return None
    match activity.get("type"):
        case "message":
            return _pressed(activity, activity.get("value")) or _message(activity)
        case "invoke" if activity.get("name") == "adaptiveCard/action":
            return _pressed(activity, _part(_part(activity, "value"), "action").get("data"))
        case "invoke" if activity.get("name") == QUERY:
            return _searched(activity)
        case "invoke" if activity.get("name") == LINKED:
            return _linked(activity)
        case "messageUpdate" | "messageDelete":
            return _changed(activity)
        case "invoke" if activity.get("name") == OPENED:
            return _opened(activity)
        case "invoke" if activity.get("name") == SENT:
            sent = _pressed(activity, _part(activity, "value").get("data"))
            return _elsewhere(sent) if sent else None
        case "installationUpdate":
            return _installation(activity)
        case "conversationUpdate":
            return _members(activity)
        case _:
            return None


def tenant_of(activity: Json) -> str:
    """The tenant an activity says it comes from, or ""."""
    told = _text(_part(_part(activity, "channelData"), "tenant"), "id")
    return told or _text(_part(activity, "conversation"), "tenantId")


def reference_of(activity: Json) -> dict[str, Any]:
    """The whole ConversationReference, as the Bot Framework schema names its parts."""
    whole = {
        "activityId": activity.get("id"),
        "user": activity.get("from"),
        "bot": activity.get("recipient"),
        "conversation": activity.get("conversation"),
        "channelId": activity.get("channelId"),
        "locale": activity.get("locale"),
        "serviceUrl": activity.get("serviceUrl"),
    }
    return {name: value for name, value in whole.items() if value is not None}


def _message(activity: Json) -> Inbound | None:
    if not _text(activity, "id"):
        return None
    text, mentions = typed(activity, _text(_part(activity, "recipient"), "id"))
    thread = _root(activity) or _text(activity, "replyToId")
    return _inbound(
        activity,
        _key("msg", activity),
        Kind.TYPED,
        text=text,
        mentions=mentions,
        thread=_ref(activity, thread),
        files=_files(activity),
        source=_ref(activity, _text(activity, "id")) or "",
        typed_at=_typed_at(activity) or _moment(activity),
    )


def _changed(activity: Json) -> Inbound | None:
    """The activity bears the id of the message that is another one now; an event by itself it is by its moment. In a
    personal chat it need not name the message above."""
    kind, said = _CHANGES.get(_text(_part(activity, "channelData"), "eventType")), _message(activity)
    if kind is None or said is None or not said.source:
        return None
    key = f"{_key(kind, activity)}:{_text(activity, 'timestamp') or _digest(activity)}"
    said = replace(said, key=key, kind=kind, typed_at=_typed_at(activity), changed_at=_moment(activity))
    said = replace(said, unplaced=said.private and said.thread is None)
    return replace(said, text="", mentions={}, files=()) if kind is Kind.DELETED else said


def _typed_at(activity: Json) -> datetime | None:
    name = _text(activity, "id")
    number = int(name) if name.isascii() and name.isdecimal() and len(name) == len(str(_MILLISECONDS.start)) else 0
    return datetime.fromtimestamp(number / 1000, UTC) if number in _MILLISECONDS else None


def _moment(activity: Json) -> datetime | None:
    """When it happened, by Teams' clock."""
    try:
        told = datetime.fromisoformat(_text(activity, "timestamp"))
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _files(activity: Json) -> tuple[Dropped, ...]:
    """What was attached in a personal chat, the only place where Teams hands files to a bot."""
    told = activity.get("attachments")
    return tuple(
        Dropped(
            _text(file, "name"),
            _text(_part(file, "content"), "downloadUrl"),
            link=_text(file, "contentUrl"),
            lasts=FILE_LASTS,
        )
        for file in (told if isinstance(told, list) else [])
        if isinstance(file, Mapping) and file.get("contentType") == FILE
    )


def _pressed(activity: Json, data: Any) -> Inbound | None:
    """A button's data comes back with the inputs merged in. The activity's id plays no part in the key: a
    reissued invoke has a new one, while the nonce, the person, what they say and its values stay."""
    if not isinstance(data, Mapping):
        return None
    immediate = activity.get("type") == "invoke"
    value = _part(activity, "value") if immediate else {}
    automatic = value.get("trigger") == "automatic"
    verb = _text(data, "verb") or _text(_part(value, "action"), "verb") or (REFRESH if automatic else "")
    if not verb:
        return None
    args = _texts(_part(data, "args"))
    fields = data.get("fields")
    names = [name for name in fields if isinstance(name, str)] if isinstance(fields, list) else []
    values = {name: _value(data.get(name)) for name in names}
    submitted = data.get("form") is True
    key = _key("refresh", activity) if automatic else _press_key(activity, _text(data, "nonce"), verb, args, values)
    return _inbound(
        activity,
        key,
        Kind.SUBMITTED if submitted else Kind.PRESSED,
        verb=verb,
        args=args,
        values=values if submitted else None,
        thread=_ref(activity, _root(activity)),
        pressed=_ref(activity, _text(activity, "replyToId")),
        immediate=immediate,
    )


def _searched(activity: Json) -> Inbound | None:
    """A search in the message extension."""
    value = _part(activity, "value")
    if _text(value, "commandId") != FIND:
        return None
    given = value.get("parameters")
    asked = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    text = next((_text(one, "value") for one in asked if _text(one, "name") == TYPED), "")
    options = _part(value, "queryOptions")
    args = {name: _value(options.get(name)) for name in ("skip", "count")}
    return _elsewhere(_inbound(activity, _key("query", activity), Kind.SEARCHED, text=text, args=args, immediate=True))


def _linked(activity: Json) -> Inbound:
    """A link of ours in a message that is being written."""
    url = _text(_part(activity, "value"), "url")
    key = _key("link", activity)
    return _elsewhere(_inbound(activity, key, Kind.SEARCHED, verb="gig.preview", text=url, immediate=True))


def _opened(activity: Json) -> Inbound | None:
    """A form of the message extension."""
    verb = _OPENS.get(_text(_part(activity, "value"), "commandId"))
    if verb is None:
        return None
    return _elsewhere(_inbound(activity, _key("opened", activity), Kind.PRESSED, verb=verb, immediate=True))


def _elsewhere(inbound: Inbound) -> Inbound:
    """What happens in a message extension may come from a conversation that the bot is no part of, so nothing is learnt
    from it of how to write to anybody."""
    return replace(inbound, private_address="", reference=None)


def _installation(activity: Json) -> Inbound | None:
    action = _text(activity, "action")
    if action in _ARRIVING or action in _LEAVING:
        kind = Kind.ARRIVED if action in _ARRIVING else Kind.REMOVED
        return _inbound(activity, _key(f"install:{action}", activity), kind)
    return None


def _members(activity: Json) -> Inbound | None:
    bot = _text(_part(activity, "recipient"), "id")
    if bot and bot in _ids(activity.get("membersAdded")):
        return _inbound(activity, _key("arrived", activity), Kind.ARRIVED)
    if bot and bot in _ids(activity.get("membersRemoved")):
        return _inbound(activity, _key("removed", activity), Kind.REMOVED)
    return None


def _inbound(activity: Json, key: str, kind: Kind, **more: Any) -> Inbound:
    address = Address(tenant_of(activity), _plain(activity)).pack()
    private = _text(_part(activity, "conversation"), "conversationType") == "personal"
    return Inbound(
        key=key,
        kind=kind,
        speaker=_speaker(activity),
        address=address,
        private_address=address if private else "",
        private=private,
        reference=reference_of(activity),
        **more,
    )


def _speaker(activity: Json) -> Speaker:
    who, client = _part(activity, "from"), _client_info(activity)
    return Speaker(
        platform="teams",
        workspace=tenant_of(activity),
        account=_account(who),
        name=_text(who, "name"),
        locale=_text(client, "locale") or _text(activity, "locale"),
        timezone=_text(client, "timezone") or _text(activity, "localTimezone"),
    )


def _client_info(activity: Json) -> Json:
    entities = activity.get("entities")
    for entity in entities if isinstance(entities, list) else ():
        if isinstance(entity, Mapping) and entity.get("type") == "clientInfo":
            return entity
    return {}


def _complete(activity: Json) -> bool:
    """Whether it says who, where and in which tenant, in ids as long as Teams makes them."""
    tenant, account = tenant_of(activity), _account(_part(activity, "from"))
    if not (tenant and account and _plain(activity)):
        return False
    address = Address(tenant, _plain(activity)).pack()
    return len(tenant) <= 100 and len(account) <= 200 and len(address) <= LONGEST_ADDRESS


def _account(who: Json) -> str:
    return _text(who, "aadObjectId") or _text(who, "id")


def _plain(activity: Json) -> str:
    return split_thread(_text(_part(activity, "conversation"), "id"))[0]


def _root(activity: Json) -> str:
    return split_thread(_text(_part(activity, "conversation"), "id"))[1]


def _ref(activity: Json, message: str) -> str | None:
    if not message or len(message) > LONGEST_MESSAGE_ID:
        return None
    return MessageRef(tenant_of(activity), _plain(activity), message).pack()


def _key(kind: str, activity: Json) -> str:
    conversation = _text(_part(activity, "conversation"), "id")
    return f"teams:{kind}:{conversation}:{_text(activity, 'id') or _digest(activity)}"


def _press_key(activity: Json, nonce: str, verb: str, args: Json, values: Json) -> str:
    """Without a nonce the card is none of ours, and the activity's own id has to do."""
    user = _account(_part(activity, "from"))
    return f"teams:card:{nonce or _text(activity, 'id')}:{user}:{verb}:{_digest([args, values])}"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _part(value: Json, name: str) -> Json:
    part = value.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Json, name: str) -> str:
    text = value.get(name)
    return text if isinstance(text, str) else ""


def _value(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _texts(value: Json) -> dict[str, str]:
    return {name: _value(text) for name, text in value.items()}


def _ids(members: Any) -> set[str]:
    return (
        {_text(member, "id") for member in members if isinstance(member, Mapping)}
        if isinstance(members, list)
        else set()
    )
