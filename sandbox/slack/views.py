"""Validation of modal and Home views."""

from typing import Any

from sandbox.slack import limits
from sandbox.slack.blocks import check_blocks
from sandbox.slack.checking import Problems

_SHARED = ("type", "blocks", "private_metadata", "callback_id", "external_id")
_MODAL = ("title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled")


def check_view(view: Any, kind: str) -> list[str]:
    """Everything Slack would refuse in a view of this kind ("modal" or "home")."""
    problems, at = Problems(), "/view"
    if not isinstance(view, dict):
        problems.add("must be an object", at)
        return problems.found
    if view.get("type") != kind:
        problems.add(f"must be a {kind} view", f"{at}/type")
    problems.keys(view, _SHARED + _MODAL, at)
    problems.string(view, "private_metadata", limits.PRIVATE_METADATA, at)
    problems.string(view, "callback_id", limits.CALLBACK_ID, at)
    problems.string(view, "external_id", limits.CALLBACK_ID, at)
    if kind == "modal":
        problems.text(view, "title", limits.MODAL_TITLE, at, plain=True)
        problems.text(view, "submit", limits.MODAL_BUTTON, at, plain=True, need=_asks(view.get("blocks")))
        problems.text(view, "close", limits.MODAL_BUTTON, at, plain=True, need=False)
        for name in ("clear_on_close", "notify_on_close", "submit_disabled"):
            problems.boolean(view, name, at)
    return problems.found + check_blocks(view.get("blocks"), most=limits.VIEW_BLOCKS, at="/view/blocks")


def _asks(blocks: Any) -> bool:
    """A modal with an input block has to have a submit button."""
    return isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
