"""Validation of block lists, as Slack answers for them: a list of messages, empty when all is well."""

from collections.abc import Callable
from typing import Any

from sandbox.slack import limits
from sandbox.slack.checking import Problems
from sandbox.slack.elements import IN_ACTIONS, IN_INPUT, IN_SECTION, check_element
from sandbox.slack.richtext import check_rich_text

Json = dict[str, Any]

_KEYS: dict[str, tuple[str, ...]] = {
    "section": ("text", "fields", "accessory", "expand"),
    "header": ("text", "level"),
    "divider": (),
    "context": ("elements",),
    "actions": ("elements",),
    "input": ("label", "element", "hint", "optional", "dispatch_action"),
    "image": ("image_url", "slack_file", "alt_text", "title"),
    "rich_text": ("elements",),
    "markdown": ("text",),
}


def check_blocks(blocks: Any, *, most: int = limits.MESSAGE_BLOCKS, at: str = "/blocks") -> list[str]:
    """Everything Slack would refuse in these blocks, as `response_metadata.messages` has it."""
    problems = Problems()
    if not isinstance(blocks, list):
        problems.add("must be an array", at)
        return problems.found
    if len(blocks) > most:
        problems.add(f"no more than {most} items allowed", at)
    seen: set[str] = set()
    for i, block in enumerate(blocks):
        _block(block, problems, f"{at}/{i}")
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if isinstance(block_id, str):
            if block_id in seen:
                problems.add(f"block_id already exists: {block_id}", f"{at}/{i}/block_id")
            seen.add(block_id)
    return problems.found


def weight(blocks: list[Json]) -> int:
    """Characters of text over all blocks."""
    return sum(_weight(block) for block in blocks)


def _weight(thing: Any) -> int:
    if isinstance(thing, dict):
        own = thing.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(
            _weight(value) for value in thing.values() if isinstance(value, dict | list)
        )
    return sum(_weight(value) for value in thing) if isinstance(thing, list) else 0


def _block(block: Any, problems: Problems, at: str) -> None:
    if not isinstance(block, dict):
        problems.add("must be an object", at)
        return
    kind = block.get("type")
    if kind not in _KEYS:
        problems.add(f"unsupported type: {kind}", f"{at}/type")
        return
    problems.keys(block, ("type", "block_id", *_KEYS[kind]), at)
    problems.string(block, "block_id", limits.BLOCK_ID, at)
    if check := _CHECKS.get(kind):
        check(block, problems, at)


def _section(block: Json, problems: Problems, at: str) -> None:
    fields = block.get("fields")
    problems.text(block, "text", limits.SECTION_TEXT, at, need=fields is None)
    if fields is not None:
        fields = problems.listing(block, "fields", 1, limits.SECTION_FIELDS, at)
        named = {str(i): field for i, field in enumerate(fields)}
        for i in named:
            problems.text(named, i, limits.SECTION_FIELD, f"{at}/fields")
    if block.get("accessory") is not None:
        check_element(block["accessory"], IN_SECTION, problems, f"{at}/accessory")


def _header(block: Json, problems: Problems, at: str) -> None:
    problems.text(block, "text", limits.HEADER_TEXT, at, plain=True)


def _context(block: Json, problems: Problems, at: str) -> None:
    elements = problems.listing(block, "elements", 1, limits.CONTEXT_ELEMENTS, at)
    named = {str(i): element for i, element in enumerate(elements)}
    for i, element in named.items():
        if isinstance(element, dict) and element.get("type") == "image":
            check_element(element, {"image"}, problems, f"{at}/elements/{i}")
        else:
            problems.text(named, i, limits.SECTION_TEXT, f"{at}/elements")


def _actions(block: Json, problems: Problems, at: str) -> None:
    seen: set[str] = set()
    for i, element in enumerate(problems.listing(block, "elements", 1, limits.ACTIONS_ELEMENTS, at)):
        check_element(element, IN_ACTIONS, problems, f"{at}/elements/{i}")
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str):
            if action_id in seen:
                problems.add(f"action_id already exists: {action_id}", f"{at}/elements/{i}/action_id")
            seen.add(action_id)


def _input(block: Json, problems: Problems, at: str) -> None:
    problems.text(block, "label", limits.LABEL, at, plain=True)
    problems.text(block, "hint", limits.LABEL, at, plain=True, need=False)
    problems.boolean(block, "optional", at)
    problems.boolean(block, "dispatch_action", at)
    check_element(block.get("element"), IN_INPUT, problems, f"{at}/element")


def _image(block: Json, problems: Problems, at: str) -> None:
    check_element({k: v for k, v in block.items() if k not in ("title", "block_id")}, {"image"}, problems, at)
    problems.text(block, "title", limits.LABEL, at, plain=True, need=False)


def _markdown(block: Json, problems: Problems, at: str) -> None:
    problems.required(block, ("text",), at)
    problems.string(block, "text", limits.MARKDOWN, at, shortest=1)


_CHECKS: dict[str, Callable[[Json, Problems, str], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "rich_text": check_rich_text,
    "markdown": _markdown,
}
