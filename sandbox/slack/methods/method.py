"""What a Web API method is, and what it is given."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.slack.blocks import check_blocks, weight
from sandbox.slack.limits import MESSAGE_CHARACTERS
from sandbox.slack.records import Channel, Json
from sandbox.slack.workspace import Workspace

TRUE = (True, 1, "1", "true", "True")


class ApiError(Exception):
    """Refused by Slack with this error code."""

    def __init__(self, error: str, **fields: Any) -> None:
        super().__init__(error)
        self.body: Json = {"ok": False, "error": error, **fields}


@dataclass
class Request:
    """One call of a method: its arguments, and the workspace as it is now."""

    args: Json
    workspace: Workspace
    scopes: frozenset[str]
    validate: bool

    def need(self, name: str, error: str = "invalid_arguments") -> str:
        """A string argument that has to be there."""
        value = self.args.get(name)
        if not isinstance(value, str) or not value:
            raise ApiError(error, response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
        return value

    def scope(self, *wanted: str) -> None:
        """Refuse unless the app has one of these scopes."""
        if not self.scopes.intersection(wanted):
            provided = ",".join(sorted(self.scopes))
            raise ApiError("missing_scope", needed=",".join(wanted), provided=provided)

    def flag(self, name: str) -> bool:
        """A boolean argument in any of the forms clients send."""
        return self.args.get(name) in TRUE

    def structure(self, name: str, error: str) -> Any:
        """An argument that is JSON, or JSON in a string."""
        value = self.args.get(name)
        if isinstance(value, str):
            try:
                return json.loads(value) if value else None
            except ValueError:
                raise ApiError(error) from None
        return value

    def channel(self, name: str = "channel") -> Channel:
        """The conversation an argument names; a private one without the bot does not exist for it."""
        channel = self.workspace.channels.get(self.need(name, "channel_not_found"))
        if channel is None:
            raise ApiError("channel_not_found")
        if channel.kind != "channel" and self.workspace.bot_user_id not in channel.members:
            raise ApiError("channel_not_found")
        return channel

    def blocks(self) -> list[Json]:
        """The blocks of a message, checked, each with a block_id."""
        blocks = self.structure("blocks", "invalid_blocks_format")
        if not blocks:
            return []
        if self.validate:
            if found := check_blocks(blocks):
                raise ApiError("invalid_blocks", errors=found, response_metadata={"messages": found})
            if weight(blocks) > MESSAGE_CHARACTERS:
                raise ApiError("msg_blocks_too_long")
        return with_ids(blocks)


@dataclass(frozen=True)
class Method:
    """A handler and the scopes it needs, any one of which will do."""

    handle: Callable[[Request], Json]
    scopes: tuple[str, ...] = ()


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks as Slack keeps them: a block_id on each, an action_id on each element that acts."""
    kept = []
    for i, block in enumerate(blocks):
        block = block if "block_id" in block else {**block, "block_id": f"b{i}"}
        if block["type"] == "actions":
            elements = block["elements"]
            block = {**block, "elements": [_acting(element, f"a{j}") for j, element in enumerate(elements)]}
        elif block["type"] == "input":
            block = {**block, "element": _acting(block["element"], "a0")}
        elif block["type"] == "section" and block.get("accessory", {}).get("type", "image") != "image":
            block = {**block, "accessory": _acting(block["accessory"], "a0")}
        kept.append(block)
    return kept


def _acting(element: Json, name: str) -> Json:
    return element if "action_id" in element else {**element, "action_id": name}


def page(rows: list[Any], args: Json, default: int, most: int) -> tuple[list[Any], str]:
    """The rows an answer carries, and the cursor of the next page ("" at the end)."""
    try:
        limit = int(args.get("limit") or default)
        start = int(str(args.get("cursor") or "next:0").removeprefix("next:"))
    except ValueError:
        raise ApiError("invalid_cursor" if args.get("cursor") else "invalid_limit") from None
    if limit < 1 or start < 0 or start > len(rows):
        raise ApiError("invalid_limit" if limit < 1 else "invalid_cursor")
    end = start + min(limit, most)
    return rows[start:end], f"next:{end}" if end < len(rows) else ""
