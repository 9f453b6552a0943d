"""What a request to the connector asks for, read from its method and path. Pure."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass(slots=True)
class Call:
    """One request of the bot. `operation` is the name that faults are ordered on."""

    operation: str
    method: str
    path: str
    target: str = ""
    detail: str = ""
    body: Any = None
    size: int = 0
    fault: str | None = None

    @property
    def conversation_id(self) -> str | None:
        return None if self.operation.startswith("teams.") else self.target or None

    @property
    def activity_id(self) -> str | None:
        return self.detail if self.detail and self.operation.startswith("activities.") else None


# (method, what follows the id, whether something follows that) → operation
CONVERSATION_CALLS = {
    ("POST", "activities", False): "activities.send",
    ("POST", "activities", True): "activities.reply",
    ("PUT", "activities", True): "activities.update",
    ("DELETE", "activities", True): "activities.delete",
    ("GET", "members", False): "members.list",
    ("GET", "members", True): "members.get",
    ("GET", "pagedmembers", False): "members.paged",
}


def read_call(method: str, raw_path: str) -> Call | None:
    """The call of a path below the service URL, such as `v3/teams/19%3Ax`; None if it is none."""
    match [unquote(part) for part in raw_path.strip("/").split("/")]:
        case ["v3", "conversations"] if method == "POST":
            return Call("conversations.create", method, raw_path)
        case ["v3", "conversations", target, "activities", detail, "members"] if method == "GET":
            return Call("activities.members", method, raw_path, target, detail)
        case ["v3", "conversations", target, what, *rest] if len(rest) < 2:
            operation = CONVERSATION_CALLS.get((method, what, bool(rest)))
            return Call(operation, method, raw_path, target, "".join(rest)) if operation else None
        case ["v3", "teams", target] if method == "GET":
            return Call("teams.get", method, raw_path, target)
        case ["v3", "teams", target, "conversations"] if method == "GET":
            return Call("teams.conversations", method, raw_path, target)
        case _:
            return None
