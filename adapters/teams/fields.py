"""The questions of a form as Adaptive Card inputs."""

import re
from unicodedata import east_asian_width

from adapters.teams.literal import Json, clean, lines, one_line
from bot.cards import Field, FieldKind, Text

EXPANDED_CHOICES = 4
PLACEHOLDER_COLUMNS = {FieldKind.LINE: 40, FieldKind.EMAIL: 40, FieldKind.CHOICE: 40, FieldKind.TEXT: 120}
"""How wide a hint may be to stand inside an empty input of each kind, on a phone too; an ideograph is 2 wide."""
RESERVED = frozenset({"verb", "args", "nonce", "form", "fields"})

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def inputs(fields: tuple[Field, ...]) -> list[Json]:
    """Each field's input, followed by its error and by a hint that would be cut inside the input. ValueError
    when a name would overwrite an action's data."""
    clash = RESERVED & {field.name for field in fields}
    if clash:
        raise ValueError(f"A field cannot be named {sorted(clash)[0]!r}: an action's data uses that name.")
    return [element for field in fields for element in _field(field)]


def _field(field: Field) -> list[Json]:
    shown = [_input(field), *_below(field.error, {"color": "attention"})]
    return shown if _fits_inside(field) else [*shown, *_below(field.hint, {"isSubtle": True, "size": "small"})]


def _below(text: str, look: Json) -> list[Json]:
    rows = lines((Text(text),)) if text else []
    looked = [[{**run, **look} for run in row] for row in rows if row]
    return [{"type": "RichTextBlock", "inlines": row, "spacing": "none"} for row in looked]


def _fits_inside(field: Field) -> bool:
    """Radio buttons have no placeholder, and a date picker shows a placeholder on some clients alone."""
    if field.kind is FieldKind.SEVERAL or (field.kind is FieldKind.CHOICE and _is_expanded(field)):
        return False
    columns = sum(2 if east_asian_width(character) in "WFA" else 1 for character in field.hint)
    return columns <= PLACEHOLDER_COLUMNS.get(field.kind, 0)


def _is_expanded(field: Field) -> bool:
    return len(field.choices) <= EXPANDED_CHOICES


def _input(field: Field) -> Json:
    common: Json = {"id": field.name, "label": one_line(field.label)}
    if field.required:
        common |= {"isRequired": True, "errorMessage": one_line(field.missing or field.label)}
    if field.hint and _fits_inside(field):
        common["placeholder"] = one_line(field.hint)
    match field.kind:
        case FieldKind.CHOICE:
            return {"type": "Input.ChoiceSet", **common, **_choices(field)}
        case FieldKind.SEVERAL:
            return {"type": "Input.ChoiceSet", **common, **_several(field)}
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
    style = "expanded" if _is_expanded(field) else "compact"
    listed = [{"title": one_line(choice.label), "value": choice.value} for choice in field.choices]
    chosen = {"value": field.value} if field.value in {choice.value for choice in field.choices} else {}
    return {"style": style, "wrap": True, "choices": listed, **chosen}


def _several(field: Field) -> Json:
    known = [value for value in field.value.split(",") if value in {choice.value for choice in field.choices}]
    return {
        **_choices(field),
        "style": "expanded",
        "isMultiSelect": True,
        **({"value": ",".join(known)} if known else {}),
    }
