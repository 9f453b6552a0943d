"""Card and Form → Slack's JSON. Pure; the same content gives the same JSON.

What a person typed goes into rich_text elements and plain_text alone, which Slack shows as they are: there
is no markup in them to escape. Where a limit demands it, a text is cut between two graphemes and ends in "…".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

import orjson
import regex

from bot.cards import (
    Action,
    Block,
    Bullets,
    Card,
    Content,
    Divider,
    Field,
    FieldKind,
    Form,
    Inline,
    Link,
    Paragraph,
    Picture,
    Precision,
    Quote,
    Style,
    Text,
    When,
)

Json = dict[str, Any]

# https://docs.slack.dev/reference/block-kit, in characters or in elements.
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
HEADER = 150
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
ACTION_ID = 255
ACTIONS = 25
MODAL_TITLE = 24
MODAL_BUTTON = 24
PRIVATE_METADATA = 3_000
LABEL = 2_000
HINT = 2_000
INPUT = 3_000
OPTIONS = 100
BOXES = 10
OPTION_TEXT = 75
URL = 3_000
ALT_TEXT = 2_000
# Not documented: Slack refuses a message of some 13,200 characters in its blocks (msg_blocks_too_long).
BLOCKS_CHARACTERS = 12_900
# chat.update takes 4,000 bytes of text after escaping; a character makes at most five.
FALLBACK = 700
ERROR = 500

ACTIONS_A_ROW = 5
ELLIPSIS = "…"

_FORMATS = {
    Precision.DATE: "{date_long}",
    Precision.TIME: "{time}",
    Precision.MINUTE: "{date_long} {time}",
}
_WEIGHTY = {"text", "url", "value", "fallback", "elements", "label", "hint", "image_url", "alt_text", "accessory"}
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SAFE_URL = re.compile(r"(?:https?://|mailto:)[^\s<>|]+", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def message(content: Content) -> Json:
    """`text` and `blocks` of a message. A form becomes the button that opens it. Raises ValueError where the
    args of a button are too long to travel in it."""
    if isinstance(content, Form):
        content = _opener(content)
    head = [*_header(content.title), *_picture(content.picture)]
    blocks = _fit(head, _body(content.blocks), _buttons(content.actions), MESSAGE_BLOCKS)
    text = escape(cut(line(content.summary or content.title), FALLBACK)) or ELLIPSIS
    return {"text": text, "blocks": blocks} if blocks else {"text": text}


def home(card: Card) -> Json:
    """The App Home tab that shows `card`. Raises ValueError as `message` does."""
    blocks = _fit(_header(card.title), _body(card.blocks), _buttons(card.actions), VIEW_BLOCKS)
    return {"type": "home", "blocks": blocks}


def modal(form: Form) -> Json:
    """The modal that asks `form`. Raises ValueError where its args are too long to travel in it."""
    inputs = [_input(field) for field in form.fields]
    return {
        "type": "modal",
        "callback_id": form.verb,
        "private_metadata": _packed({"verb": form.verb, "args": dict(form.args)}, PRIVATE_METADATA),
        "title": _plain(form.title, MODAL_TITLE),
        "submit": _plain(form.submit, MODAL_BUTTON),
        "close": _plain(form.cancel, MODAL_BUTTON),
        "blocks": _fit(_long_title(form.title), _body(form.blocks), inputs, VIEW_BLOCKS),
    }


def closing(card: Card) -> Json:
    """The modal that a submitted form turns into: it says what became of it and can only be closed."""
    said = card.blocks or (Paragraph((Text(card.summary or card.title),)),)
    return {
        "type": "modal",
        "title": _plain(card.title, MODAL_TITLE),
        "blocks": _fit(_long_title(card.title), _body(said), [], VIEW_BLOCKS),
    }


def errors(form: Form) -> dict[str, str]:
    """What is wrong, by the field it is wrong in; empty when nothing is."""
    return {field.name: cut(line(field.error), ERROR) for field in form.fields if field.error}


def encode(shape: Json) -> str:
    """`shape` as it goes over the wire."""
    return orjson.dumps(shape).decode()


def escape(text: str) -> str:
    """`text` such that Slack's markup finds no mention, link or command in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> str:
    """`text` without the control characters that Slack refuses; line ends, tabs and direction marks stay."""
    return text if text.isprintable() else _CONTROLS.sub("", text.replace("\r\n", "\n"))


def line(text: str) -> str:
    """`text` as one line."""
    return " ".join(literal(text).split())


def cut(text: str, most: int) -> str:
    """At most `most` characters of `text`, cut between graphemes: no emoji or accented letter is halved."""
    if len(text) <= most:
        return text
    end = 0
    for grapheme in regex.finditer(r"\X", text[:most]):
        if grapheme.end() >= most:
            break
        end = grapheme.end()
    return text[:end] + ELLIPSIS


def _opener(form: Form) -> Card:
    button = Action(form.title, form.verb, form.args, Style.PRIMARY)
    return Card(form.title, form.title, form.blocks, (button,))


def _plain(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": cut(line(text), most) or ELLIPSIS, "emoji": False}


def _header(title: str) -> list[Json]:
    return [{"type": "header", "text": _plain(title, HEADER)}] if line(title) else []


def _picture(picture: Picture | None) -> list[Json]:
    """Slack refuses a message whose image block it cannot download, and shows one whose accessory it cannot
    (java-slack-sdk #1396): only what has to be seen in full is a block."""
    if picture is None or not _SAFE_URL.fullmatch(picture.url) or len(picture.url) > URL:
        return []
    image = {"type": "image", "image_url": picture.url, "alt_text": cut(line(picture.alt), ALT_TEXT) or ELLIPSIS}
    if not picture.small:
        return [image]
    return [{"type": "section", "text": _plain(picture.alt, LABEL), "accessory": image}]


def _long_title(title: str) -> list[Json]:
    """A modal's title bar is short; what does not fit there stands above the rest."""
    return _header(title) if len(line(title)) > MODAL_TITLE else []


def _body(blocks: Sequence[Block]) -> list[Json]:
    return [shape for block in blocks for shape in _block(block)]


def _block(block: Block) -> list[Json]:
    match block:
        case Paragraph(inlines):
            return _rich(_container("rich_text_section", inlines))
        case Quote(inlines):
            return _rich(_container("rich_text_quote", inlines))
        case Bullets(items):
            sections = [part for item in items for part in _container("rich_text_section", item)]
            return _rich([{"type": "rich_text_list", "style": "bullet", "elements": sections}] if sections else [])
        case Divider():
            return [{"type": "divider"}]


def _rich(elements: list[Json]) -> list[Json]:
    return [{"type": "rich_text", "elements": elements}] if elements else []


def _container(kind: str, inlines: Sequence[Inline]) -> list[Json]:
    elements = [shape for inline in inlines if (shape := _inline(inline))]
    return [{"type": kind, "elements": elements}] if elements else []


def _inline(inline: Inline) -> Json | None:
    match inline:
        case Text():
            return _text(inline)
        case Link(label, url):
            return _link(literal(label), url)
        case When(instant, precision):
            return {
                "type": "date",
                "timestamp": int(instant.timestamp()),
                "format": _FORMATS[precision],
                "fallback": instant.astimezone(UTC).isoformat(timespec="minutes"),
            }


def _text(run: Text) -> Json | None:
    if not (text := literal(run.text)):
        return None
    shape = {"type": "text", "text": text}
    if run.bold or run.italic or run.strike or run.code:
        marks = {"bold": run.bold, "italic": run.italic, "strike": run.strike, "code": run.code}
        return shape | {"style": {name: True for name, has in marks.items() if has}}
    return shape


def _link(label: str, url: str) -> Json | None:
    if _SAFE_URL.fullmatch(url) and literal(url) == url and len(url) <= URL:
        return {"type": "link", "url": url, "text": label} if label else {"type": "link", "url": url}
    return _text(Text(f"{label} ({url})" if label else url))


def _buttons(actions: Sequence[Action]) -> list[Json]:
    buttons = [_button(action, i) for i, action in enumerate(actions)]
    size = ACTIONS_A_ROW if len(buttons) <= 8 * ACTIONS_A_ROW else ACTIONS
    return [{"type": "actions", "elements": buttons[i : i + size]} for i in range(0, len(buttons), size)]


def _button(action: Action, number: int) -> Json:
    """The number makes the id unique in its message; the verb is what stands before it."""
    action_id = f"{action.verb}#{number}"
    if len(action_id) > ACTION_ID:
        raise ValueError(f"The verb {action.verb[:40]!r}… is too long for a Slack button.")
    button: Json = {
        "type": "button",
        "action_id": action_id,
        "text": _plain(action.label, BUTTON_TEXT),
        "value": _packed(action.args, BUTTON_VALUE),
    }
    return button if action.style is Style.PLAIN else button | {"style": action.style.value}


def _packed(args: Mapping[str, Any], most: int) -> str:
    text = encode(dict(args))
    if len(text) > most:
        raise ValueError(f"Args of {len(text)} characters do not travel in Slack, which takes {most}.")
    return text


def _input(field: Field) -> Json:
    shape: Json = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, LABEL),
        "element": {"action_id": field.name, **_element(field)},
        "optional": not field.required,
    }
    # A modal opens without errors: Slack shows those of the one that was sent alone.
    hint = line(f"⚠ {field.error} {field.hint}" if field.error else field.hint)
    return shape | {"hint": _plain(hint, HINT)} if hint else shape


def _element(field: Field) -> Json:
    match field.kind:
        case FieldKind.CHOICE if field.choices:
            return _select(field)
        case FieldKind.SEVERAL if field.choices:
            return _boxes(field)
        case FieldKind.DATE:
            known = {"initial_date": field.value} if _DATE.fullmatch(field.value) else {}
            return {"type": "datepicker", **known}
        case FieldKind.EMAIL:
            return {"type": "email_text_input", **_initial(line(field.value), INPUT)}
        case kind:
            longest = min(max(field.max_length, 1), INPUT)
            known = literal(field.value) if kind is FieldKind.TEXT else line(field.value)
            element = {"type": "plain_text_input", "multiline": kind is FieldKind.TEXT, "max_length": longest}
            return element | _initial(known, longest)


def _initial(value: str, longest: int) -> Json:
    return {"initial_value": cut(value, longest)} if value else {}


def _select(field: Field) -> Json:
    options = [{"text": _plain(choice.label, OPTION_TEXT), "value": choice.value} for choice in field.choices[:OPTIONS]]
    chosen = next((option for option in options if option["value"] == field.value), None)
    return {"type": "static_select", "options": options, **({"initial_option": chosen} if chosen else {})}


def _boxes(field: Field) -> Json:
    options = [{"text": _plain(choice.label, OPTION_TEXT), "value": choice.value} for choice in field.choices[:BOXES]]
    chosen = [option for option in options if option["value"] in field.value.split(",")]
    return {"type": "checkboxes", "options": options, **({"initial_options": chosen} if chosen else {})}


def _fit(head: list[Json], body: list[Json], foot: list[Json], most: int) -> list[Json]:
    """All of it in at most `most` blocks and BLOCKS_CHARACTERS: texts are cut before anything is left out."""
    whole = [*head, *body, *foot]
    if len(whole) <= most and len(orjson.dumps(whole)) <= BLOCKS_CHARACTERS:
        return whole
    room = most - len(head) - len(foot)
    if len(body) > room:
        body = _merged(body)
    if len(body) > room:
        body = _merged([block for block in body if block["type"] != "divider"])[: max(room, 0)]
    spare = BLOCKS_CHARACTERS - weight(head) - weight(foot)
    _shorten(body, spare)
    while body and weight(body) > spare:
        body.pop()
    return [*head, *body, *foot][:most]


def _merged(body: list[Json]) -> list[Json]:
    """The same with neighbouring rich_text blocks as one, which costs only the space between them."""
    merged: list[Json] = []
    for block in body:
        if merged and block["type"] == merged[-1]["type"] == "rich_text":
            merged[-1] = {"type": "rich_text", "elements": [*merged[-1]["elements"], *block["elements"]]}
        else:
            merged.append(block)
    return merged


def _shorten(body: list[Json], spare: int) -> None:
    """Cut the longest texts of `body`, in place, until it weighs `spare`."""
    over = weight(body) - spare
    if over <= 0:
        return
    runs = list(_texts(body))
    lengths = sorted(len(run["text"]) for run in runs)
    longest = _level(lengths, sum(lengths) - over)
    for run in runs:
        run["text"] = cut(run["text"], longest)


def _level(lengths: list[int], spare: int) -> int:
    """The length to cut all to such that together they are no more than `spare`; at least 1."""
    for i, length in enumerate(lengths):
        rest = len(lengths) - i
        if length * rest > spare:
            return max(spare // rest, 1)
        spare -= length
    return lengths[-1] if lengths else 1


def weight(shape: Any) -> int:
    """Characters that count towards BLOCKS_CHARACTERS: what is shown, and the addresses and values."""
    if isinstance(shape, list):
        return sum(weight(part) for part in shape)
    if not isinstance(shape, dict):
        return 0
    return sum(
        len(value) if isinstance(value, str) else weight(value) for key, value in shape.items() if key in _WEIGHTY
    )


def _texts(shape: Any) -> Iterator[Json]:
    """Every run of `shape` that has a text to cut."""
    for part in shape:
        if "elements" in part:
            yield from _texts(part["elements"])
        elif part.get("text"):
            yield part
