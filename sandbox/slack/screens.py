"""Putting views on people's screens: the stack of modals and the published Home."""

import uuid
from typing import Any

from sandbox.slack.limits import MODAL_STACK
from sandbox.slack.methods.method import ApiError, with_ids
from sandbox.slack.records import Json, View
from sandbox.slack.views import check_view
from sandbox.slack.workspace import Workspace


def checked(view: Any, kind: str, *, validate: bool) -> Json:
    """The view as Slack keeps it; raises ApiError when Slack would refuse it."""
    found = check_view(view, kind) if validate or not isinstance(view, dict) else []
    if found:
        raise ApiError("invalid_arguments", response_metadata={"messages": found})
    return {**view, "blocks": with_ids(view.get("blocks", []))}


def open_modal(workspace: Workspace, user: str, body: Json, *, push: bool = False) -> View:
    """Show a modal: alone, or with `push` on top of those that are there."""
    _external(workspace, body)
    stack = workspace.views[user] if push else []
    if len(stack) >= MODAL_STACK:
        raise ApiError("push_limit_reached")
    name = f"V{uuid.uuid4().hex[:10].upper()}"
    below = stack[-1] if stack else None
    view = View(name, user, body, _hash(workspace), below.root_view_id if below else name, below and below.id)
    workspace.views[user] = [*stack, view]
    workspace.changed("view", view)
    return view


def publish(workspace: Workspace, user: str, body: Json, stale: str | None = None) -> View:
    """Show a Home tab; `stale` is the hash the bot believes is current, if it said one."""
    old = workspace.homes.get(user)
    if old and stale and stale != old.hash:
        raise ApiError("hash_conflict")
    name = old.id if old else f"V{uuid.uuid4().hex[:10].upper()}"
    view = workspace.homes[user] = View(name, user, body, _hash(workspace), name)
    workspace.changed("home", view)
    return view


def replace(workspace: Workspace, view: View, body: Json, stale: str | None = None) -> View:
    """Change a view that is on a screen; what was typed into blocks that stay is kept."""
    if stale and stale != view.hash:
        raise ApiError("hash_conflict")
    if body.get("external_id") != view.external_id:
        _external(workspace, body)
    view.body, view.hash = body, _hash(workspace)
    present = {block["block_id"] for block in view.blocks}
    view.state = {block_id: values for block_id, values in view.state.items() if block_id in present}
    workspace.changed("view", view)
    return view


def find(workspace: Workspace, view_id: str | None, external_id: str | None) -> View:
    """The view with this id that is on a screen; raises ApiError(not_found)."""
    everywhere = [*(v for stack in workspace.views.values() for v in stack), *workspace.homes.values()]
    for view in everywhere:
        if (view_id and view.id == view_id) or (external_id and view.external_id == external_id):
            return view
    raise ApiError("not_found")


def _external(workspace: Workspace, body: Json) -> None:
    wanted = body.get("external_id")
    if wanted and any(v.external_id == wanted for stack in workspace.views.values() for v in stack):
        raise ApiError("duplicate_external_id")


def _hash(workspace: Workspace) -> str:
    return f"{int(workspace.clock())}.{uuid.uuid4().hex[:8]}"
