"""Cards and forms as Adaptive Cards 1.5. Pure: the nonce is an argument, so that golden files are stable.

Literal text goes out in TextRuns alone (see literal.py). Every action is an Action.Execute that falls back to
an Action.Submit with the same data: {"verb", "args", "nonce", "form", "fields"}, read back by inbound.py.
"""

from typing import Any

import orjson

from adapters.teams.fields import inputs
from adapters.teams.fitting import fit
from adapters.teams.literal import Json, cut, lines, one_line
from bot.cards import (
    Action,
    Block,
    Bullets,
    Card,
    Content,
    Divider,
    Form,
    Inline,
    Paragraph,
    Picture,
    Quote,
    Style,
    Text,
)

ACTIONS_LIMIT = 6
ACTION_LABEL_LIMIT = 60
SUMMARY_LIMIT = 300
PICTURE_WIDTH = "240px"
ACTIVITY_LIMIT = 28 * 1024
ENVELOPE = 2 * 1024
CANCEL = "cancel"
CARD_TYPE = "application/vnd.microsoft.card.adaptive"

_STYLES = {Style.PRIMARY: "positive", Style.DANGER: "destructive"}
_BULLET = Text("• ")
_INDENT = Text("\u2003")
_BLANK: Json = {"type": "TextRun", "text": "\u00a0"}


def activity(content: Content, nonce: str, *, locale: str = "") -> Json:
    """The message activity that shows `content`: what is left to add are the sender and the conversation.
    Within ACTIVITY_LIMIT bytes of JSON, room for those included, whatever people typed."""
    return {
        "type": "message",
        "textFormat": "plain",
        "summary": notice(content),
        "attachments": [{"contentType": CARD_TYPE, "content": card(content, nonce, locale=locale)}],
    }


def card(content: Content, nonce: str, *, locale: str = "") -> Json:
    """The Adaptive Card of `content`, small enough for a message or an invoke's answer. `nonce` is to be
    fresh each time: pressing a button twice on one rendering is one event."""
    whole = _card(content, nonce, locale)
    if size(whole) <= _CARD_LIMIT:
        return whole
    return _card(fit(content, lambda tried: size(_card(tried, nonce, locale)), _CARD_LIMIT), nonce, locale)


def notice(content: Content) -> str:
    """`content` as one line of plain text, for notifications and for hosts without cards."""
    return cut(one_line(content.summary if isinstance(content, Card) else content.title), SUMMARY_LIMIT)


def size(value: Any) -> int:
    """Bytes of `value` as it goes over the wire."""
    return len(encode(value))


def encode(value: Any) -> bytes:
    """`value` as compact UTF-8 JSON."""
    return orjson.dumps(value)


_CARD_LIMIT = ACTIVITY_LIMIT - ENVELOPE - 4 * SUMMARY_LIMIT


def _card(content: Content, nonce: str, locale: str) -> Json:
    rendered: Json = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "fallbackText": notice(content),
        "body": _body(content),
        "actions": _actions(content, nonce),
    }
    return rendered | ({"lang": locale} if locale else {})


def _body(content: Content) -> list[Json]:
    picture = content.picture if isinstance(content, Card) else None
    body: list[Json | None] = [*_title(content.title, "large"), *_picture(picture), *_blocks(content.blocks)]
    form = content if isinstance(content, Form) else content.form
    if form and form is not content:
        repeats = form.title in (content.title, form.submit)
        body += [None, *([] if repeats else _title(form.title, "medium")), *_blocks(form.blocks)]
    if form:
        body += inputs(form.fields)
    return _separated(body)


def _title(title: str, font_size: str) -> list[Json | None]:
    rows = lines((Text(title, bold=True),)) if title else []
    sized = [[{**run, "size": font_size} for run in row] for row in rows]
    return [*_rich(sized)]


def _picture(picture: Picture | None) -> list[Json | None]:
    if picture is None:
        return []
    size = {"size": "medium"} if picture.small else {"width": PICTURE_WIDTH}
    return [{"type": "Image", "url": picture.url, "altText": one_line(picture.alt), **size}]


def _blocks(blocks: tuple[Block, ...]) -> list[Json | None]:
    return [element for block in blocks for element in _block(block)]


def _block(block: Block) -> list[Json | None]:
    match block:
        case Paragraph(runs):
            return [*_rich(lines(runs))]
        case Quote(runs):
            return [{"type": "Container", "style": "emphasis", "items": _rich(lines(runs))}]
        case Bullets(items):
            return [element for number, item in enumerate(items) for element in _bullet(item, number == 0)]
        case Divider():
            return [None]


def _bullet(item: tuple[Inline, ...], first: bool) -> list[Json]:
    sign, indent = lines((_BULLET,))[0], lines((_INDENT,))[0]
    top, *rest = lines(item)
    shown = _rich([sign + top, *(indent + row for row in rest)])
    return shown if first else [shown[0] | {"spacing": "small"}, *shown[1:]]


def _rich(rows: list[list[Json]]) -> list[Json]:
    if rows == [[]]:
        return []
    blocks = [{"type": "RichTextBlock", "inlines": row or [_BLANK]} for row in rows]
    return [block | ({"spacing": "none"} if number else {}) for number, block in enumerate(blocks)]


def _separated(elements: list[Json | None]) -> list[Json]:
    shown: list[Json] = []
    divided = False
    for element in elements:
        if element is None:
            divided = bool(shown)
            continue
        shown.append(element | {"separator": True, "spacing": "medium"} if divided else element)
        divided = False
    return shown


def _actions(content: Content, nonce: str) -> list[Json]:
    if isinstance(content, Form):
        submit = Action(content.submit, content.verb, content.args, Style.PRIMARY)
        cancel = Action(content.cancel, CANCEL, {"form": content.verb})
        return [_action(submit, nonce, content), _action(cancel, nonce, None)]
    form = content.form
    actions = content.actions[:ACTIONS_LIMIT]
    if form is None:
        return [_action(action, nonce, None) for action in actions]
    if all(action.verb != form.verb for action in actions):
        actions = (Action(form.submit, form.verb, style=Style.PRIMARY), *actions[: ACTIONS_LIMIT - 1])
    return [_action(action, nonce, form if action.verb == form.verb else None) for action in actions]


def _action(action: Action, nonce: str, form: Form | None) -> Json:
    args = {**(form.args if form else {}), **action.args}
    data: Json = {"verb": action.verb, "args": args, "nonce": nonce, "form": form is not None}
    if form:
        data["fields"] = [field.name for field in form.fields]
    shared: Json = {"title": cut(one_line(action.label), ACTION_LABEL_LIMIT), "data": data}
    if action.style in _STYLES:
        shared["style"] = _STYLES[action.style]
    shared["associatedInputs"] = "Auto" if form else "None"
    fallback = {"type": "Action.Submit", **shared}
    return {"type": "Action.Execute", "verb": action.verb, **shared, "fallback": fallback}
