"""The record of one delivery to the bot."""

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.records import Ephemeral, Json, Message, View


@dataclass(frozen=True)
class RawRequest:
    """The very bytes that were sent, so that they can be sent again. Method SOCKET means Socket Mode."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answered:
    """What the bot made of a delivery, and what Slack made of that.

    `status` is None when there was no answer (`error` says why: http_timeout, connection_failed), when it
    was held back by `Reorder` (`held`), or when Slack would not have sent it at all (`error` not_sent).
    Over a socket an acknowledgement counts as 200. `error` also holds what the person is shown when
    something went wrong: operation_timeout, dispatch_failed, trouble_connecting.
    """

    name: str
    request: RawRequest | None = None
    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    elapsed: float = 0.0
    error: str | None = None
    held: bool = False
    attempts: list["Answered"] = field(default_factory=list)
    shown: Message | Ephemeral | None = None
    said: Message | None = None
    view: View | None = None
    errors: dict[str, str] = field(default_factory=dict)
    payload: Json = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Acknowledged in time with a 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """The answer's body as JSON; raises ValueError when it is none."""
        return json.loads(self.body)
