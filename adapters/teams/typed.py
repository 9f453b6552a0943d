"""What a person typed, out of the text that Teams sends: entities and mention tags undone."""

import html
import re
from collections.abc import Mapping
from typing import Any

from adapters.teams.literal import clean

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_BREAK_TAG = re.compile(r"<br\s*/?>|</(?:p|div|li)>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_AT = re.compile(r"</?at\b[^<>]*>", re.IGNORECASE)


def typed(activity: Mapping[str, Any], bot_id: str) -> tuple[str, dict[str, str]]:
    """The text without the bot's own mention, and the other mentions as name → account id. A second person of
    the same name appears in both as "name (2)". Raises nothing."""
    raw = activity.get("text")
    text = raw if isinstance(raw, str) else ""
    people: dict[str, str] = {}
    for tag, account in _mentions(activity.get("entities")):
        if tag not in text:
            continue
        name = "" if account[0] == bot_id else _unescape(_AT.sub("", tag)).strip()
        shown = _named(name, account[1], people)
        if shown:
            people[shown] = account[1]
        text = text.replace(tag, html.escape(shown, quote=False), 1)
    if activity.get("textFormat") in ("xml", "html"):
        text = _TAG.sub("", _BREAK_TAG.sub("\n", text))
    return clean(_unescape(text)).strip(), people


def _mentions(entities: Any) -> list[tuple[str, tuple[str, str]]]:
    """Each mention's tag, and who it is: their Teams id and the id we know people by."""
    found: list[tuple[str, tuple[str, str]]] = []
    for entity in entities if isinstance(entities, list) else ():
        if not isinstance(entity, Mapping) or entity.get("type") != "mention":
            continue
        who, tag = entity.get("mentioned"), entity.get("text")
        if not isinstance(who, Mapping) or not isinstance(tag, str) or not tag:
            continue
        teams_id = who.get("id")
        account = who.get("aadObjectId") or teams_id
        if isinstance(teams_id, str) and isinstance(account, str):
            found.append((tag, (teams_id, account)))
    return found


def _named(name: str, account: str, people: Mapping[str, str]) -> str:
    shown, count = name, 1
    while shown and people.get(shown, account) != account:
        count += 1
        shown = f"{name} ({count})"
    return shown


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text).replace("\u00a0", " ")
