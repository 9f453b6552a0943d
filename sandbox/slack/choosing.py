"""Finding what a person can touch in a message or view, and the state that touching leaves."""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.records import Json
from sandbox.slack.words import words

# What a chosen value is called, by the kind of element.
_FIELD = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
}


class NotOnScreen(LookupError):
    """There is no such thing to touch where the person looks."""


class CannotSubmit(ValueError):
    """The client would not let this form be sent."""


def acting(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element that acts, with its block."""
    for block in blocks:
        elements = block.get("elements", []) if block["type"] == "actions" else []
        for element in [*elements, block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and element.get("action_id"):
                yield block, element


def find(blocks: list[Json], wanted: str) -> tuple[Json, Json]:
    """The element with this action_id, or else this text, value or block_id. Raises NotOnScreen."""
    everything = list(acting(blocks))
    for match in (_by_id, _by_text, _by_value, _by_block):
        for block, element in everything:
            if match(block, element) == wanted:
                return block, element
    there = ", ".join(f"{element['action_id']} ({_by_text(block, element)})" for block, element in everything)
    raise NotOnScreen(f"{wanted!r} is not there; there is: {there or 'nothing to touch'}\n{words(blocks)}")


def _by_id(block: Json, element: Json) -> str:
    return element["action_id"]


def _by_text(block: Json, element: Json) -> str:
    return (element.get("text") or element.get("placeholder") or block.get("label") or {}).get("text", "")


def _by_value(block: Json, element: Json) -> str:
    return element.get("value", "")


def _by_block(block: Json, element: Json) -> str:
    return block.get("block_id", "")


def options(element: Json) -> list[Json]:
    """The options of a menu, its groups flattened."""
    groups = element.get("option_groups") or [element]
    return [option for group in groups for option in group.get("options", [])]


def option(element: Json, wanted: str) -> Json:
    """The option with this value, or else this text. Raises NotOnScreen."""
    for key in (lambda o: o.get("value"), lambda o: o["text"]["text"]):
        for one in options(element):
            if key(one) == wanted:
                return one
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": wanted}, "value": wanted}
    there = ", ".join(f"{o.get('value')} ({o['text']['text']})" for o in options(element))
    raise NotOnScreen(f"no option {wanted!r}; there is: {there}")


def chosen(element: Json, value: Any) -> Json:
    """The state of an element after a person gave it this value (None leaves it empty)."""
    kind, field = element["type"], _FIELD[element["type"]]
    if field == "selected_option":
        value = None if value is None else option(element, value)
    elif field == "selected_options":
        value = [option(element, one) for one in ([value] if isinstance(value, str) else value or [])]
    elif field == "value" and value is not None:
        value = str(value)
    return {"type": kind, field: value}


def initial(element: Json) -> Json:
    """The state of an element nobody touched."""
    field = _FIELD[element["type"]]
    name = "initial_" + field.removeprefix("selected_").replace("rich_text_value", "value")
    return {"type": element["type"], field: element.get(name, [] if field.endswith("s") else None)}


def is_empty(state: Json) -> bool:
    """Whether a person left this blank."""
    return all(value in (None, "", []) for name, value in state.items() if name != "type")


def form_state(
    blocks: list[Json], values: dict[str, Any], held: dict[str, Json], *, sending: bool = True
) -> dict[str, Json]:
    """state.values of a form: what is given here, else what was chosen before, else what was preset.

    `values` is by action_id, block_id or label. Raises NotOnScreen for a field that is not there and
    (when `sending`) CannotSubmit where Slack's client would stop the person: a required field left
    blank, text too long.
    """
    left = dict(values)
    state: dict[str, Json] = {}
    for block, element in acting(blocks):
        if element["type"] not in _FIELD or element["type"] == "overflow":
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        names = (action_id, block_id, _by_text(block, element) if block["type"] == "input" else action_id)
        given = [name for name in dict.fromkeys(names) if name in left]
        if given:
            entry = chosen(element, left.pop(given[0]))
        else:
            entry = held.get(block_id, {}).get(action_id) or initial(element)
        if sending and block["type"] == "input":
            _permit(block, element, entry)
        state.setdefault(block_id, {})[action_id] = entry
    if left:
        there = [f"{b['block_id']}/{e['action_id']}" for b, e in acting(blocks)]
        raise NotOnScreen(f"no such fields: {', '.join(left)}; there is: {', '.join(there)}")
    return state


def _permit(block: Json, element: Json, entry: Json) -> None:
    label = block["label"]["text"]
    if is_empty(entry):
        if not block.get("optional"):
            raise CannotSubmit(f"{label}: this field is required")
        return
    text = entry.get("value")
    if isinstance(text, str):
        longest, shortest = element.get("max_length", 3_000), element.get("min_length", 0)
        if not shortest <= len(text) <= longest:
            raise CannotSubmit(f"{label}: {len(text)} characters, allowed are {shortest} to {longest}")
