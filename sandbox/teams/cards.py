"""What Teams accepts as an Adaptive Card of schema 1.5. Pure: reads a card, says what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .limits import CARD_ACTIONS, CARD_SCHEMA_VERSION, REFRESH_USERS

CARD = "application/vnd.microsoft.card.adaptive"

# Element type → properties that hold further elements.
CHILDREN: dict[str, tuple[str, ...]] = {
    "TextBlock": (),
    "RichTextBlock": (),
    "Container": ("items",),
    "ColumnSet": ("columns",),
    "Column": ("items",),
    "FactSet": (),
    "Image": (),
    "ImageSet": ("images",),
    "ActionSet": (),
    "Table": ("rows",),
    "TableRow": ("cells",),
    "TableCell": ("items",),
    "Input.Text": (),
    "Input.Number": (),
    "Input.Date": (),
    "Input.Time": (),
    "Input.Toggle": (),
    "Input.ChoiceSet": (),
}

# Inside these the children's `type` may be left out.
IMPLIED = {"columns": "Column", "rows": "TableRow", "cells": "TableCell", "images": "Image"}

REQUIRED: dict[str, tuple[tuple[str, type], ...]] = {
    "TextBlock": (("text", str),),
    "RichTextBlock": (("inlines", list),),
    "FactSet": (("facts", list),),
    "Image": (("url", str),),
    "ActionSet": (("actions", list),),
    "Input.Text": (("id", str),),
    "Input.Number": (("id", str),),
    "Input.Date": (("id", str),),
    "Input.Time": (("id", str),),
    "Input.Toggle": (("id", str), ("title", str)),
    "Input.ChoiceSet": (("id", str),),
    "Action.OpenUrl": (("url", str),),
    "Action.ShowCard": (("card", dict),),
    "Action.ToggleVisibility": (("targetElements", list),),
}

ACTIONS = frozenset({"Action.Execute", "Action.Submit", "Action.OpenUrl", "Action.ShowCard", "Action.ToggleVisibility"})


@dataclass
class Verdict:
    """`errors` make Teams refuse the card; `warnings` break a store rule but are shown."""

    errors: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])


def check_card(card: object) -> Verdict:
    """Everything that is wrong with a card, each with the path to the place. Raises nothing."""
    verdict = Verdict()
    if not isinstance(card, dict):
        verdict.errors.append("card: content is not an object")
        return verdict
    _check_root(card, verdict)
    _Walk(verdict).card(card, "card")
    return verdict


def check_attachments(activity: dict[str, Any]) -> Verdict:
    """The verdicts of all Adaptive Cards attached to an activity, together."""
    together = Verdict()
    attachments = activity.get("attachments")
    if attachments is None:
        return together
    if not isinstance(attachments, list):
        return Verdict(errors=["attachments: not a list"])
    for attachment in attachments:
        if not isinstance(attachment, dict) or not isinstance(attachment.get("contentType"), str):
            together.errors.append("attachments: an attachment has no contentType")
        elif attachment["contentType"] == CARD:
            verdict = check_card(attachment.get("content"))
            together.errors += verdict.errors
            together.warnings += verdict.warnings
    return together


def _check_root(card: dict[str, Any], verdict: Verdict) -> None:
    if card.get("type") != "AdaptiveCard":
        verdict.errors.append(f"card: type is {card.get('type')!r}, not 'AdaptiveCard'")
    version = _version(card.get("version"))
    if version is None:
        verdict.errors.append(f"card: version {card.get('version')!r} is not like '1.5'")
    elif version > CARD_SCHEMA_VERSION:
        verdict.errors.append(f"card: version {card['version']} is newer than 1.5")
    refresh = card.get("refresh")
    if refresh is None:
        return
    if not isinstance(refresh, dict) or not _is_execute(refresh.get("action")):
        verdict.errors.append("card.refresh: needs an Action.Execute as its action")
    elif len(refresh.get("userIds") or ()) > REFRESH_USERS:
        verdict.warnings.append(f"card.refresh: more than {REFRESH_USERS} userIds")


def _is_execute(action: object) -> bool:
    return isinstance(action, dict) and action.get("type") == "Action.Execute"


def _version(text: object) -> tuple[int, int] | None:
    major, dot, minor = text.partition(".") if isinstance(text, str) else ("", "", "")
    if dot and major.isdecimal() and minor.isdecimal():
        return int(major), int(minor)
    return None


class _Walk:
    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.ids: set[str] = set()

    def wrong(self, path: str, what: str) -> None:
        self.verdict.errors.append(f"{path}: {what}")

    def card(self, card: dict[str, Any], path: str) -> None:
        for child, where in self.listed(card, "body", path):
            self.element(child, where, implied=None)
        self.actions(card, path)
        actions = card.get("actions")
        if isinstance(actions, list) and len(actions) > CARD_ACTIONS:
            self.verdict.warnings.append(f"{path}: {len(actions)} actions, the store allows {CARD_ACTIONS}")
        self.side_actions(card, path)

    def listed(self, holder: dict[str, Any], name: str, path: str) -> Iterator[tuple[Any, str]]:
        children = holder.get(name)
        if children is None:
            return
        if not isinstance(children, list):
            self.wrong(f"{path}.{name}", "not a list")
            return
        for index, child in enumerate(children):
            yield child, f"{path}.{name}[{index}]"

    def element(self, element: object, path: str, implied: str | None) -> None:
        if not isinstance(element, dict):
            self.wrong(path, "not an object")
            return
        kind = element.get("type", implied)
        if kind not in CHILDREN:
            self.wrong(path, f"unknown element type {kind!r}")
            return
        self.required(element, kind, path)
        self.unique(element, path)
        self.own_rules(element, kind, path)
        for name in CHILDREN[kind]:
            for child, where in self.listed(element, name, path):
                self.element(child, where, IMPLIED.get(name))
        self.side_actions(element, path)
        fallback = element.get("fallback")
        if isinstance(fallback, dict):
            # A fallback stands in for its element, so it may bear the same ids.
            _Walk(self.verdict).element(fallback, f"{path}.fallback", None)

    def required(self, thing: dict[str, Any], kind: str, path: str) -> None:
        for name, expected in REQUIRED.get(kind, ()):
            if not isinstance(thing.get(name), expected):
                self.wrong(path, f"{kind} needs {name} ({expected.__name__}), got {thing.get(name)!r}")

    def unique(self, thing: dict[str, Any], path: str) -> None:
        name = thing.get("id")
        if not isinstance(name, str):
            return
        if name in self.ids:
            self.wrong(path, f"id {name!r} is used twice")
        self.ids.add(name)

    def own_rules(self, element: dict[str, Any], kind: str, path: str) -> None:
        match kind:
            case "RichTextBlock":
                for run, where in self.listed(element, "inlines", path):
                    self.inline(run, where)
            case "FactSet":
                for fact, where in self.listed(element, "facts", path):
                    self.pair(fact, where, "value")
            case "Input.ChoiceSet":
                for choice, where in self.listed(element, "choices", path):
                    self.pair(choice, where, "value")
            case "ActionSet":
                self.actions(element, path)

    def inline(self, run: object, path: str) -> None:
        if isinstance(run, str):
            return
        if not isinstance(run, dict) or run.get("type") != "TextRun":
            self.wrong(path, "not a TextRun")
        elif not isinstance(run.get("text"), str):
            self.wrong(path, "TextRun needs text (str)")
        else:
            self.side_actions(run, path)

    def pair(self, thing: object, path: str, second: str) -> None:
        if not isinstance(thing, dict) or not all(isinstance(thing.get(n), str) for n in ("title", second)):
            self.wrong(path, f"needs title and {second} (str)")

    def side_actions(self, thing: dict[str, Any], path: str) -> None:
        for name in ("selectAction", "inlineAction"):
            if thing.get(name) is not None:
                self.action(thing[name], f"{path}.{name}")

    def actions(self, holder: dict[str, Any], path: str) -> None:
        for action, where in self.listed(holder, "actions", path):
            self.action(action, where)

    def action(self, action: object, path: str) -> None:
        if not isinstance(action, dict):
            self.wrong(path, "not an object")
            return
        kind = action.get("type")
        if kind not in ACTIONS:
            self.wrong(path, f"unknown action type {kind!r}")
            return
        self.required(action, kind, path)
        self.unique(action, path)
        if kind == "Action.OpenUrl" and ":" not in str(action.get("url")):
            self.wrong(path, "url is not absolute")
        if kind == "Action.ShowCard" and isinstance(action.get("card"), dict):
            self.card(action["card"], f"{path}.card")
        if isinstance(action.get("fallback"), dict):
            _Walk(self.verdict).action(action["fallback"], f"{path}.fallback")
