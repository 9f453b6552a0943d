"""What a person's client does with a card before anything is sent: find the action, gather the inputs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NESTING = ("items", "columns", "rows", "cells")


class InputRefused(Exception):
    """The client does not send: it marks the input and shows the card's own error message."""

    def __init__(self, input_id: str, message: str) -> None:
        super().__init__(f"{input_id}: {message}")
        self.input_id = input_id
        self.message = message


class InputMissing(InputRefused):
    """A required input is empty."""


class InputTooLong(InputRefused):
    """More was typed than the input's maxLength lets in."""


class InputInvalid(InputRefused):
    """The value is not one that this input could hold."""


class NoSuchInput(Exception):
    """The card has no input of that id: the test presses something the person doesn't see."""


class NoSuchAction(Exception):
    """The card shows no such action to this person."""


@dataclass(frozen=True)
class Pressed:
    """An action on a card, with the cards it sits in, outermost first (more than one under a ShowCard)."""

    action: dict[str, Any]
    cards: tuple[dict[str, Any], ...]


def actions_of(card: dict[str, Any]) -> list[Pressed]:
    """Every action a person can reach on this card, in reading order."""
    return list(_actions(card, ()))


def find_action(card: dict[str, Any], name: str, data: Mapping[str, Any] | None = None) -> Pressed:
    """The action whose title, verb or id is `name`; with `data`, the one whose data holds these items.

    Raises NoSuchAction, which lists what the card offers.
    """
    offered = actions_of(card)
    for pressed in offered:
        action = pressed.action
        if name in (action.get("title"), action.get("verb"), action.get("id")) and _holds(action, data):
            return pressed
    names = ", ".join(f"{p.action.get('title')!r} ({p.action.get('verb') or p.action['type']})" for p in offered)
    raise NoSuchAction(f"{name!r} is not on this card; it offers: {names or 'nothing'}")


def gather(pressed: Pressed, given: Mapping[str, object] | None = None) -> dict[str, str]:
    """The inputs that go with a pressed action: the card's defaults under what the person gave.

    Raises InputMissing, InputTooLong or InputInvalid as the client would refuse, and NoSuchInput.
    """
    given = dict(given or {})
    if pressed.action.get("associatedInputs", "auto").lower() == "none":
        return {}
    gathered: dict[str, str] = {}
    for element in (element for card in pressed.cards for element in inputs_of(card)):
        value = _value(element, given.pop(element["id"], None))
        _refuse_wrong(element, value)
        if value is not None:
            gathered[element["id"]] = value
    if given:
        raise NoSuchInput(f"no input {sorted(given)} on this card; it has {sorted(gathered)}")
    return gathered


def inputs_of(card: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The card's own Input elements in reading order, those of its ShowCards left out."""
    for element in _elements(card.get("body") or ()):
        if str(element.get("type")).startswith("Input."):
            yield element


def _elements(elements: Any) -> Iterator[dict[str, Any]]:
    for element in elements:
        yield element
        for name in NESTING:
            yield from _elements(element.get(name) or ())


def _actions(card: dict[str, Any], above: tuple[dict[str, Any], ...]) -> Iterator[Pressed]:
    cards = (*above, card)
    held = [card, *_elements(card.get("body") or ())]
    for holder in held:
        runs = [run for run in holder.get("inlines") or () if isinstance(run, dict)]
        for thing in (holder, *runs):
            for side in ("selectAction", "inlineAction"):
                if thing.get(side):
                    yield Pressed(thing[side], cards)
        if holder is not card:
            yield from _listed(holder, cards)
    yield from _listed(card, cards)


def _listed(holder: dict[str, Any], cards: tuple[dict[str, Any], ...]) -> Iterator[Pressed]:
    for action in holder.get("actions") or ():
        yield Pressed(action, cards)
        if action.get("type") == "Action.ShowCard":
            yield from _actions(action["card"], cards)


def _holds(action: dict[str, Any], data: Mapping[str, Any] | None) -> bool:
    own = action.get("data") or {}
    return not data or (isinstance(own, dict) and all(own.get(key) == value for key, value in data.items()))


def _value(element: dict[str, Any], given: object) -> str | None:
    kind, default = element["type"], element.get("value")
    if kind == "Input.Toggle":
        on, off = element.get("valueOn", "true"), element.get("valueOff", "false")
        if isinstance(given, bool):
            return on if given else off
        return str(given if given is not None else default if default is not None else off)
    if isinstance(given, list | tuple):
        return ",".join(str(item) for item in given)
    value = given if given is not None else default
    if value is None:
        # A client sends an untouched text box as an empty string and leaves other empty inputs out.
        return "" if kind == "Input.Text" else None
    return str(value)


def _refuse_wrong(element: dict[str, Any], value: str | None) -> None:
    if element.get("isVisible") is False:
        return
    name, kind = element["id"], element["type"]
    words = element.get("errorMessage") or "This input is not valid."
    empty = not value or (kind == "Input.Toggle" and value == element.get("valueOff", "false"))
    if empty:
        if element.get("isRequired"):
            raise InputMissing(name, words)
        return
    assert value is not None
    longest = element.get("maxLength")
    if kind == "Input.Text" and longest and len(value) > longest:
        raise InputTooLong(name, f"{len(value)} characters typed, {longest} allowed")
    if kind == "Input.Number":
        _refuse_number(element, value, words)
    if kind == "Input.ChoiceSet" and "choices.data" not in element:
        known = {choice["value"] for choice in element.get("choices") or ()}
        picked = value.split(",") if element.get("isMultiSelect") else [value]
        if not known.issuperset(picked):
            raise InputInvalid(name, f"{value!r} is not one of {sorted(known)}")


def _refuse_number(element: dict[str, Any], value: str, words: str) -> None:
    try:
        number = float(value)
    except ValueError:
        raise InputInvalid(element["id"], f"{value!r} is not a number") from None
    if not element.get("min", number) <= number <= element.get("max", number):
        raise InputInvalid(element["id"], words)
