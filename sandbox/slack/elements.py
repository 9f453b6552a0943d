"""Validation of block elements: buttons, menus, pickers, inputs, and the objects they hold."""

from collections.abc import Callable
from typing import Any

from sandbox.slack import limits
from sandbox.slack.checking import DATE, TIME, Problems

Json = dict[str, Any]

_OPTIONS = {"options", "option_groups"}
_ALWAYS = {"type", "action_id"}
_MENU = {"placeholder", "confirm", "focus_on_load"}
_TYPED = {
    "placeholder",
    "initial_value",
    "min_length",
    "max_length",
    "dispatch_action_config",
    "focus_on_load",
}
_NUMBER = _TYPED - {"min_length", "max_length"} | {"is_decimal_allowed", "min_value", "max_value"}
_FILTERED = {"filter", "default_to_current_conversation", "response_url_enabled"}

KEYS: dict[str, set[str]] = {
    "button": {"text", "url", "value", "style", "confirm", "accessibility_label"},
    "overflow": {"options", "confirm"},
    "static_select": _MENU | _OPTIONS | {"initial_option"},
    "multi_static_select": _MENU | _OPTIONS | {"initial_options", "max_selected_items"},
    "external_select": _MENU | {"initial_option", "min_query_length"},
    "multi_external_select": _MENU | {"initial_options", "min_query_length", "max_selected_items"},
    "users_select": _MENU | {"initial_user"},
    "multi_users_select": _MENU | {"initial_users", "max_selected_items"},
    "channels_select": _MENU | {"initial_channel", "response_url_enabled"},
    "multi_channels_select": _MENU | {"initial_channels", "max_selected_items"},
    "conversations_select": _MENU | _FILTERED | {"initial_conversation"},
    "multi_conversations_select": _MENU | _FILTERED | {"initial_conversations", "max_selected_items"},
    "datepicker": _MENU | {"initial_date"},
    "timepicker": _MENU | {"initial_time", "timezone"},
    "datetimepicker": {"initial_date_time", "confirm", "focus_on_load"},
    "checkboxes": {"options", "initial_options", "confirm", "focus_on_load"},
    "radio_buttons": {"options", "initial_option", "confirm", "focus_on_load"},
    "plain_text_input": _TYPED | {"multiline"},
    "email_text_input": _TYPED - {"min_length", "max_length"},
    "url_text_input": _TYPED - {"min_length", "max_length"},
    "number_input": _NUMBER,
    "rich_text_input": _TYPED - {"min_length", "max_length"},
    "file_input": {"filetypes", "max_files"},
    "image": {"image_url", "alt_text", "slack_file"},
}
TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
IN_INPUT = KEYS.keys() - {"button", "overflow", "image"}
IN_ACTIONS = KEYS.keys() - TYPED - {"image", "file_input"}
IN_SECTION = KEYS.keys() - TYPED - {"file_input"}


def check_element(element: Any, allowed: set[str], problems: Problems, at: str) -> None:
    """Note everything Slack would refuse in one element; `allowed` names the types this place takes."""
    if not isinstance(element, dict):
        problems.add("must be an object", at)
        return
    kind = element.get("type")
    if kind not in allowed:
        problems.add(f"unsupported type: {kind}", f"{at}/type")
        return
    problems.keys(element, KEYS[kind] | _ALWAYS if kind != "image" else KEYS[kind] | {"type"}, at)
    problems.string(element, "action_id", limits.ACTION_ID, at, shortest=1)
    if element.get("placeholder") is not None:
        problems.text(element, "placeholder", limits.PLACEHOLDER, at, plain=True)
    if element.get("confirm") is not None:
        _confirm(element["confirm"], problems, f"{at}/confirm")
    problems.boolean(element, "focus_on_load", at)
    if check := _CHECKS.get(kind):
        check(element, problems, at)


def _confirm(confirm: Any, problems: Problems, at: str) -> None:
    if not isinstance(confirm, dict):
        problems.add("must be an object", at)
        return
    problems.keys(confirm, ("title", "text", "confirm", "deny", "style"), at)
    problems.text(confirm, "title", limits.CONFIRM_TITLE, at, plain=True)
    problems.text(confirm, "text", limits.CONFIRM_TEXT, at)
    problems.text(confirm, "confirm", limits.CONFIRM_BUTTON, at, plain=True)
    problems.text(confirm, "deny", limits.CONFIRM_BUTTON, at, plain=True)


def _button(element: Json, problems: Problems, at: str) -> None:
    problems.text(element, "text", limits.BUTTON_TEXT, at, plain=True)
    problems.string(element, "value", limits.BUTTON_VALUE, at)
    problems.string(element, "url", limits.URL, at, shortest=1)
    problems.string(element, "accessibility_label", limits.BUTTON_TEXT, at)
    if element.get("style") not in (None, "primary", "danger"):
        problems.add("must be one of: primary, danger", f"{at}/style")


def _option(option: Any, problems: Problems, at: str) -> None:
    if not isinstance(option, dict):
        problems.add("must be an object", at)
        return
    problems.keys(option, ("text", "value", "description", "url"), at)
    problems.text(option, "text", limits.OPTION_TEXT, at)
    problems.required(option, ("value",), at)
    problems.string(option, "value", limits.OPTION_VALUE, at)
    problems.text(option, "description", limits.OPTION_TEXT, at, need=False)


def _options(element: Json, problems: Problems, at: str, most: int = limits.OPTIONS) -> list[Any]:
    options = problems.listing(element, "options", 1, most, at)
    for i, option in enumerate(options):
        _option(option, problems, f"{at}/options/{i}")
    return options


def _menu(element: Json, problems: Problems, at: str) -> None:
    if ("options" in element) == ("option_groups" in element):
        problems.add("must provide exactly one of options, option_groups", at)
        return
    if "options" in element:
        options = _options(element, problems, at)
    else:
        options = []
        for i, group in enumerate(problems.listing(element, "option_groups", 1, limits.OPTIONS, at)):
            if not isinstance(group, dict):
                problems.add("must be an object", f"{at}/option_groups/{i}")
                continue
            problems.text(group, "label", limits.OPTION_TEXT, f"{at}/option_groups/{i}", plain=True)
            options += _options(group, problems, f"{at}/option_groups/{i}")
    _initial(element, options, problems, at)


def _initial(element: Json, options: list[Any], problems: Problems, at: str) -> None:
    chosen = element.get("initial_options") or []
    if "initial_options" in element and not chosen:
        problems.add("must provide at least 1 items", f"{at}/initial_options")
    if element.get("initial_option") is not None:
        chosen = [element["initial_option"]]
    if not all(option in options for option in chosen):
        problems.add("initial option must be one of the options", at)


def _boxes(element: Json, problems: Problems, at: str) -> None:
    _initial(element, _options(element, problems, at, limits.BOX_OPTIONS), problems, at)


def _overflow(element: Json, problems: Problems, at: str) -> None:
    _options(element, problems, at, limits.OVERFLOW_OPTIONS)


def _typed(element: Json, problems: Problems, at: str) -> None:
    problems.string(element, "initial_value", limits.INPUT_TEXT, at)
    for name in ("min_length", "max_length"):
        value = element.get(name)
        if value is not None and not (isinstance(value, int) and 0 <= value <= limits.INPUT_TEXT):
            problems.add(f"must be a number from 0 to {limits.INPUT_TEXT}", f"{at}/{name}")


def _number(element: Json, problems: Problems, at: str) -> None:
    problems.required(element, ("is_decimal_allowed",), at)
    for name in ("initial_value", "min_value", "max_value"):
        if element.get(name) is not None and not isinstance(element[name], str):
            problems.add("must be a string", f"{at}/{name}")


def _date(element: Json, problems: Problems, at: str) -> None:
    problems.matching(element, "initial_date", DATE, at)


def _time(element: Json, problems: Problems, at: str) -> None:
    problems.matching(element, "initial_time", TIME, at)


def _image(element: Json, problems: Problems, at: str) -> None:
    problems.required(element, ("alt_text",), at)
    problems.string(element, "alt_text", limits.ALT_TEXT, at)
    problems.string(element, "image_url", limits.IMAGE_URL, at, shortest=1)
    if ("image_url" in element) == ("slack_file" in element):
        problems.add("must provide exactly one of image_url, slack_file", at)


_CHECKS: dict[str, Callable[[Json, Problems, str], None]] = {
    "button": _button,
    "overflow": _overflow,
    "static_select": _menu,
    "multi_static_select": _menu,
    "checkboxes": _boxes,
    "radio_buttons": _boxes,
    "plain_text_input": _typed,
    "email_text_input": _typed,
    "url_text_input": _typed,
    "number_input": _number,
    "datepicker": _date,
    "timepicker": _time,
    "image": _image,
}
