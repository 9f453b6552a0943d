"""The questions of a form as Adaptive Card inputs."""

import re

from adapters.teams.literal import Json, clean, lines, one_line
from bot.cards import Field, FieldKind, Text

EXPANDED_CHOICES = 4
RESERVED = frozenset({"verb", "args", "nonce", "form", "fields"})

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def inputs(fields: tuple[Field, ...]) -> list[Json]:
    """Each field's input, followed by its error. ValueError when a name would overwrite an action's data."""
    clash = RESERVED & {field.name for field in fields}
    if clash:
        raise ValueError(f"A field cannot be named {sorted(clash)[0]!r}: an action's data uses that name.")
    return [element for field in fields for element in _field(field)]


def _field(field: Field) -> list[Json]:
    shown: list[Json] = [_input(field)]
    for row in lines((Text(field.error),)) if field.error else ():
        colored = [{**run, "color": "attention"} for run in row]
        shown.append({"type": "RichTextBlock", "inlines": colored, "spacing": "none"})
    return shown


def _input(field: Field) -> Json:
    common: Json = {"id": field.name, "label": one_line(field.label)}
    if field.required:
        common |= {"isRequired": True, "errorMessage": one_line(field.error or field.hint or field.label)}
    if field.hint:
        common["placeholder"] = one_line(field.hint)
    match field.kind:
        case FieldKind.CHOICE:
            return {"type": "Input.ChoiceSet", **common, **_choices(field)}
        case FieldKind.DATE:
            return {
                "type": "Input.Date",
                **common,
                **({"value": field.value} if _DAY.fullmatch(field.value) else {}),
            }
        case FieldKind.TEXT:
            return {"type": "Input.Text", **common, "isMultiline": True, **_typed(field, clean(field.value))}
        case FieldKind.EMAIL:
            return {"type": "Input.Text", **common, "style": "email", **_typed(field, _flat(field.value))}
        case FieldKind.LINE:
            return {"type": "Input.Text", **common, **_typed(field, _flat(field.value))}


def _typed(field: Field, value: str) -> Json:
    return {"maxLength": field.max_length, **({"value": value} if value else {})}


def _flat(value: str) -> str:
    return clean(value).replace("\n", " ")


def _choices(field: Field) -> Json:
    style = "expanded" if len(field.choices) <= EXPANDED_CHOICES else "compact"
    listed = [{"title": one_line(choice.label), "value": choice.value} for choice in field.choices]
    chosen = {"value": field.value} if field.value in {choice.value for choice in field.choices} else {}
    return {"style": style, "wrap": True, "choices": listed, **chosen}
