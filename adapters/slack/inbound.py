"""What Slack sends → bot.ports.Inbound. Pure: dictionaries in, data out, no I/O.

None means that the event is not for us and wants no answer. Each function raises `Malformed` where a verified
request lacks what Slack always sends.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from adapters.slack import ids
from adapters.slack.photos import photo_of
from bot.ports import Dropped, Inbound, Kind, Speaker

Json = Mapping[str, Any]

CHANNELS = ("channel", "group")
SPOKEN_SUBTYPES = {None, "file_share", "thread_broadcast"}

_TOKEN = re.compile(r"<([@#!][^<>\n]+|[A-Za-z][A-Za-z0-9+.-]*:[^<>\n]+)>")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Malformed(ValueError):
    """The request is signed but has no usable {part}."""

    def __init__(self, part: str) -> None:
        super().__init__(f"The request is signed but has no usable {part}.")


def from_command(body: Json, shortcuts: Mapping[str, str]) -> Inbound:
    """A slash command. `shortcuts` maps a command to the verb it stands for: /gigs new → gigs new."""
    team, user = _team_of_form(body), _need(body, "user_id")
    typed, mentions = decode(_maybe(body, "text"))
    verb = shortcuts.get(_need(body, "command"), "")
    # The direct conversation, not the channel: a command works in channels that the bot is not in.
    private = ids.pack(ids.User(team, user))
    return Inbound(
        key=f"slack:cmd:{_need(body, 'trigger_id')}",
        kind=Kind.TYPED,
        speaker=Speaker("slack", team, user, _clean(_maybe(body, "user_name"))),
        address=private,
        private_address=private,
        text=f"{verb} {typed}".strip(),
        mentions=mentions,
        immediate=True,
    )


def from_action(body: Json) -> Inbound | None:
    """A pressed button. Other elements report every change of theirs, which nobody asked for: None."""
    action = _first(body, "actions")
    if action.get("type") != "button":
        return None
    team, user, action_id = _team_of_payload(body), _need(body, "user", "id"), _need(action, "action_id")
    channel = _maybe(body, "channel", "id") or _maybe(body, "container", "channel_id")
    return Inbound(
        key=f"slack:act:{team}:{user}:{_need(action, 'action_ts')}:{action_id}",
        kind=Kind.PRESSED,
        speaker=_actor(body, team, user),
        address=_private(team, channel, user),
        private_address=ids.pack(ids.User(team, user)),
        verb=action_id.rpartition("#")[0] or action_id,
        args=_texts(_parsed(_maybe(action, "value") or "{}", "button value"), "button value"),
        thread=_thread(team, channel, _dict(body, "message")),
        pressed=_pressed(team, channel, body),
        private=not channel or channel.startswith("D") or _is_ephemeral(body),
        turns=bool(_maybe(body, "response_url")),
    )


def from_shortcut(body: Json) -> Inbound:
    """A shortcut, used on a message: the speaker says that message, with the name of the shortcut. `author` and
    `workspace` are who wrote it, empty where that was no person. The answer goes to the speaker's own conversation."""
    team, user, channel = _team_of_payload(body), _need(body, "user", "id"), _need(body, "channel", "id")
    message = _dict(body, "message")
    author, ts = _maybe(message, "user"), _need(message, "ts")
    text, mentions = decode(_maybe(message, "text"))
    private, verb = ids.pack(ids.User(team, user)), _need(body, "callback_id")
    return Inbound(
        key=f"slack:shortcut:{team}:{user}:{_need(body, 'action_ts')}:{verb}",
        kind=Kind.PRESSED,
        speaker=_actor(body, team, user),
        address=private,
        private_address=private,
        text=text,
        verb=verb,
        args={} if message.get("bot_id") else {"author": author, "workspace": _sender(message, team, author).workspace},
        mentions=mentions,
        files=_files(message),
        source=ids.pack(ids.Message(team, channel, ts)),
        typed_at=_instant(ts),
    )


def from_submission(body: Json) -> Inbound:
    """A submitted form. Slack leaves the hash alone when a form is sent back with errors, so the answers are
    part of the key: the corrected form is news, the same form again is not."""
    team, user, view = _team_of_payload(body), _need(body, "user", "id"), _dict(body, "view")
    told = _parsed(_need(view, "private_metadata"), "private_metadata")
    values = _values(_dict(_dict(view, "state"), "values"))
    answers = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    return Inbound(
        key=f"slack:view:{_need(view, 'id')}:{_maybe(view, 'hash')}:{answers}",
        kind=Kind.SUBMITTED,
        speaker=_actor(body, team, user),
        address=ids.pack(ids.User(team, user)),
        private_address=ids.pack(ids.User(team, user)),
        verb=_need(told, "verb"),
        args=_texts(_dict(told, "args"), "private_metadata"),
        values=values,
        immediate=True,
    )


def from_event(body: Json, api_url: str = "") -> Inbound | None:
    """A message to the bot, a mention of it, its opened Home, a newcomer, a link of ours in a message, or somebody's
    changed profile. Slack repeats what is refused: an envelope without an event is none of ours."""
    if "event" not in body:
        return None
    event = _dict(body, "event")
    key = f"slack:event:{_need(body, 'event_id')}"
    match _need(event, "type"):
        case "message":
            return _message(key, body, event)
        case "app_mention":
            return _mention(key, body, event)
        case "app_home_opened" if event.get("tab") == "home":
            team, user = _team_of_event(body), _need(event, "user")
            home, private = ids.pack(ids.Home(team, user)), ids.pack(ids.User(team, user))
            return Inbound(key, Kind.OPENED_HOME, Speaker("slack", team, user), home, private)
        case "user_change":
            return _profile(key, body, _dict(event, "user"), api_url)
        case "team_join":
            return _joined(key, body, event)
        case "link_shared":
            return _shared(key, body, event)
        case _:
            return None


def _profile(key: str, body: Json, user: Json, api_url: str) -> Inbound | None:
    """Whatever has changed of it, all that is taken from it is the photo."""
    if user.get("is_bot") or user.get("deleted"):
        return None
    team, account = _team_of_event(body), _need(user, "id")
    speaker = Speaker("slack", _own(team, _maybe(user, "team_id")), account)
    private = ids.pack(ids.User(team, account))
    return Inbound(key, Kind.PICTURED, speaker, private, args={"photo": photo_of(user, api_url)})


def decode(raw: str, silent: frozenset[str] = frozenset()) -> tuple[str, dict[str, str]]:
    """Slack's escaped text as the person typed it, and the accounts that its mentions stand for.

    Mentions of `silent` accounts (the bot's own) are left out of both.
    """
    mentions: dict[str, str] = {}
    parts = _TOKEN.split(raw)
    for i in range(0, len(parts), 2):
        parts[i] = _unescape(parts[i])
    for i in range(1, len(parts), 2):
        parts[i] = _token(parts[i], mentions, silent)
    return _clean("".join(parts)).strip(), mentions


def _token(token: str, mentions: dict[str, str], silent: frozenset[str]) -> str:
    target, _, label = token.partition("|")
    label = _unescape(label)
    match target[:1]:
        case "@":
            return _mentioned(target[1:], label, mentions, silent)
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            word = target[1:].partition("^")[0]
            return label or f"@{word}"
        case _:
            return _link(_unescape(target), label)


def _mentioned(account: str, label: str, mentions: dict[str, str], silent: frozenset[str]) -> str:
    if account in silent:
        return ""
    text = "@" + (_clean(label).lstrip("@") or account)
    if mentions.setdefault(text, account) != account:  # two people of one name
        text = f"@{account}"
        mentions[text] = account
    return text


def _link(target: str, label: str) -> str:
    """Slack links what looks like an address by itself; what was typed is then the label."""
    if not label:
        return target
    return label if target.endswith((label, f"{label}/")) else f"{label} ({target})"


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _clean(text: str) -> str:
    """Without what no database stores: NUL and halves of surrogate pairs."""
    return _UNSTORABLE.sub("", text)


def _joined(key: str, body: Json, event: Json) -> Inbound | None:
    """Somebody new in the workspace. Apps are not welcomed, nor people whose home is another workspace."""
    team, user = _team_of_event(body), _need(event, "user", "id")
    told = _dict(event, "user")
    if told.get("is_bot") or told.get("deleted") or _own(team, _maybe(told, "team_id")) != team:
        return None
    private = ids.pack(ids.User(team, user))
    return Inbound(key, Kind.JOINED, Speaker("slack", team, user), private, private)


def _shared(key: str, body: Json, event: Json) -> Inbound | None:
    """Links of ours in a message that was sent. Not where people of other workspaces read along, and not in the
    conversation with us, where a link is answered."""
    team, user, channel = _team_of_event(body), _need(event, "user"), _need(event, "channel")
    is_ours = channel.startswith("D") and event.get("is_bot_user_member") is not False
    if event.get("source") == "composer" or body.get("is_ext_shared_channel") or is_ours or user in _bots(body):
        return None
    told = event.get("links")
    links = [_maybe(link, "url") for link in (told if isinstance(told, list) else [])]
    return Inbound(
        key,
        Kind.SHARED,
        Speaker("slack", team, user),
        ids.pack(ids.Unfurl(team, channel, _need(event, "message_ts"))),
        ids.pack(ids.User(team, user)),
        text="\n".join(links),
        private=False,
    )


def _message(key: str, body: Json, event: Json) -> Inbound | None:
    kind = event.get("channel_type")
    if kind not in ("im", *CHANNELS):
        return None
    said = _said(key, body, event, private=kind == "im")
    return said if kind == "im" else _overheard(body, event, said)


def _said(key: str, body: Json, event: Json, *, private: bool) -> Inbound | None:
    match event.get("subtype"):
        case "message_changed":
            return _changed(key, body, event, private=private)
        case "message_deleted":
            return _deleted(key, body, event, _maybe(event, "deleted_ts"), private=private)
        case _:
            return _typed(key, body, event, private=private)


def _overheard(body: Json, event: Json, said: Inbound | None) -> Inbound | None:
    """Of channels Slack tells only an app that may read them. What is in no thread is none of ours, nor what is in the
    thread of somebody else; of what mentions the bot Slack tells twice."""
    message = _dict(event, "message") or _dict(event, "previous_message") or event
    above = _maybe(message, "parent_user_id")
    if said is None or said.thread is None or (above and above not in _bots(body)):
        return None
    mentioned = said.kind is not Kind.DELETED and any(f"<@{bot}" in _maybe(message, "text") for bot in _bots(body))
    return None if mentioned else replace(said, overheard=True)


def _mention(key: str, body: Json, event: Json) -> Inbound | None:
    """Of an edited message that mentions the bot Slack tells as if it were new."""
    said = _typed(key, body, event, private=False)
    edited = _instant(_maybe(event, "edited", "ts"))
    return replace(said, kind=Kind.EDITED, changed_at=edited) if said and said.thread and edited else said


def _changed(key: str, body: Json, event: Json, *, private: bool) -> Inbound | None:
    """Slack tells of every change: of an edit, but also of previews and of replies below. Of the root of a thread that
    was deleted it leaves a stone."""
    message = _dict(event, "message")
    if message.get("subtype") == "tombstone":
        return _deleted(key, body, event, _maybe(message, "ts"), private=private)
    edited = _instant(_maybe(message, "edited", "ts"))
    if edited is None:
        return None
    said = _typed(key, body, {**message, "channel": event.get("channel")}, private=private)
    return replace(said, kind=Kind.EDITED, changed_at=edited) if said else None


def _deleted(key: str, body: Json, event: Json, ts: str, *, private: bool) -> Inbound | None:
    before = {**_dict(event, "previous_message"), "channel": event.get("channel"), "ts": ts}
    said = _typed(key, body, before, private=private) if ts else None
    gone = _instant(_maybe(event, "event_ts"))
    return replace(said, kind=Kind.DELETED, text="", mentions={}, files=(), changed_at=gone) if said else None


def _instant(ts: str) -> datetime | None:
    """Slack's name for a message is the second at which it was written."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _typed(key: str, body: Json, event: Json, *, private: bool) -> Inbound | None:
    if event.get("subtype") not in SPOKEN_SUBTYPES or _is_own(body, event):
        return None
    team, user, channel = _team_of_event(body), _need(event, "user"), _need(event, "channel")
    text, mentions = decode(_maybe(event, "text"), _bots(body))
    alone = ids.pack(ids.User(team, user))
    return Inbound(
        key=key,
        kind=Kind.TYPED,
        speaker=_sender(event, team, user),
        address=alone if private else ids.pack(ids.Channel(team, channel)),
        private_address=alone,
        text=text,
        mentions=mentions,
        thread=_thread(team, channel, event),
        private=private,
        files=_files(event),
        source=ids.pack(ids.Message(team, channel, ts)) if (ts := _maybe(event, "ts")) else "",
        typed_at=_instant(ts),
    )


def _files(event: Json) -> tuple[Dropped, ...]:
    """What was uploaded with a message. Of one that is another organisation's, or hidden, Slack tells no url."""
    told = event.get("files")
    return tuple(
        Dropped(
            _clean(_maybe(file, "name") or _maybe(file, "title")),
            _clean(_maybe(file, "url_private_download") or _maybe(file, "url_private")),
            size if isinstance(size := file.get("size"), int) else 0,
            _clean(_maybe(file, "permalink")),
        )
        for file in (told if isinstance(told, list) else [])
        if isinstance(file, Mapping)
    )


def _is_own(body: Json, event: Json) -> bool:
    return bool(event.get("bot_id")) or event.get("user") in (None, "USLACKBOT", *_bots(body))


def _bots(body: Json) -> frozenset[str]:
    """The accounts under which the app itself was told: it needs no request to know its own name."""
    told = body.get("authorizations")
    seen = told if isinstance(told, list) else []
    return frozenset(_maybe(one, "user_id") for one in seen if isinstance(one, Mapping) and one.get("is_bot"))


def _private(team: str, channel: str, user: str) -> str:
    """Where only that person sees an answer: the talk with the bot, or their own view of a channel."""
    if not channel or channel.startswith("D"):
        return ids.pack(ids.User(team, user))
    return ids.pack(ids.Ephemeral(team, channel, user))


def _thread(team: str, channel: str, message: Json) -> str | None:
    root = _maybe(message, "thread_ts")
    if not channel or not root or root == message.get("ts"):
        return None
    return ids.pack(ids.Message(team, channel, root))


def _pressed(team: str, channel: str, body: Json) -> str | None:
    container = _dict(body, "container")
    ts = _maybe(container, "message_ts")
    if not channel or not ts or _is_ephemeral(body):  # an ephemeral message cannot be edited
        return None
    return ids.pack(ids.Message(team, channel, ts))


def _is_ephemeral(body: Json) -> bool:
    return bool(_dict(body, "container").get("is_ephemeral"))


def _values(state: Json) -> dict[str, str]:
    return {_clean(name): _value(element) for name, element in state.items()}


def _value(block: Any) -> str:
    element = next(iter(block.values()), None) if isinstance(block, Mapping) else None
    if not isinstance(element, Mapping):
        raise Malformed("view.state.values")
    if isinstance(several := element.get("selected_options"), list):
        return _clean(",".join(_maybe(option, "value") for option in several if isinstance(option, Mapping)))
    said = _maybe(element, "selected_option", "value") or _maybe(element, "selected_date")
    return _clean(said or _maybe(element, "value"))


def _actor(body: Json, team: str, user: str) -> Speaker:
    name = _maybe(body, "user", "name") or _maybe(body, "user", "username")
    return Speaker("slack", _own(team, _maybe(body, "user", "team_id")), user, _clean(name))


def _sender(event: Json, team: str, user: str) -> Speaker:
    return Speaker("slack", _own(team, _maybe(event, "user_team") or _maybe(event, "team")), user)


def _own(team: str, theirs: str) -> str:
    """A stranger's own workspace where theirs is another (Slack Connect). An organisation's id is none."""
    return theirs if theirs.startswith("T") and team.startswith("T") else team


def _team_of_form(body: Json) -> str:
    return _maybe(body, "team_id") or _need(body, "enterprise_id")


def _team_of_payload(body: Json) -> str:
    return _maybe(body, "team", "id") or _need(body, "enterprise", "id")


def _team_of_event(body: Json) -> str:
    """The workspace that installed us; in a shared channel it need not be where it happened."""
    told = body.get("authorizations")
    first = told[0] if isinstance(told, list) and told and isinstance(told[0], Mapping) else {}
    return _maybe(first, "team_id") or _maybe(body, "team_id") or _maybe(first, "enterprise_id") or _team_of_form(body)


def _need(value: Json, *path: str) -> str:
    found = _maybe(value, *path)
    if not found:
        raise Malformed(".".join(path))
    return found


def _maybe(value: Any, *path: str) -> str:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def _dict(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _first(value: Json, name: str) -> Json:
    found = value.get(name)
    if not isinstance(found, list) or not found or not isinstance(found[0], Mapping):
        raise Malformed(name)
    return found[0]


def _parsed(text: str, part: str) -> Json:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(part) from None
    if not isinstance(found, Mapping):
        raise Malformed(part)
    return found


def _texts(args: Json, part: str) -> dict[str, str]:
    if not all(isinstance(value, str) for value in args.values()):
        raise Malformed(part)
    return dict(args)
