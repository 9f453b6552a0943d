"""Whether the connector takes an activity: its form, its size and its cards. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from .cards import check_attachments
from .errors import bad_argument, bad_syntax, too_big
from .limits import MESSAGE_BYTES, MESSAGE_UTF16_BYTES


@dataclass(frozen=True)
class SizeLimit:
    """The most bytes a message may have as compact JSON in this encoding."""

    bytes: int
    encoding: str

    def refuse_bigger(self, activity: dict[str, Any], wire_size: int) -> None:
        """Raise the connector's 413 when the activity is over the limit."""
        # What came over the wire is never smaller than compact UTF-8, nor half of UTF-16.
        if wire_size * (2 if self.encoding.startswith("utf-16") else 1) <= self.bytes:
            return
        compact = json.dumps(activity, ensure_ascii=False, separators=(",", ":"))
        size = len(compact.encode(self.encoding, "surrogatepass"))
        if size > self.bytes:
            raise too_big(size, self.bytes)


CAUTIOUS = SizeLimit(MESSAGE_BYTES, "utf-8")
CURRENT = SizeLimit(MESSAGE_UTF16_BYTES, "utf-16-le")


def check_activity(activity: object, wire_size: int, limit: SizeLimit) -> list[str]:
    """Raise what the connector answers to a bad activity; return store-rule warnings of a good one."""
    if not isinstance(activity, dict):
        raise bad_syntax("The body is not an activity.")
    kind = activity.get("type")
    if not isinstance(kind, str) or not kind:
        raise bad_syntax("Activity has no type.")
    text = activity.get("text")
    if text is not None and not isinstance(text, str):
        raise bad_syntax("Activity text is not a string.")
    limit.refuse_bigger(activity, wire_size)
    verdict = check_attachments(activity)
    if verdict.errors:
        raise bad_argument("; ".join(verdict.errors))
    if kind == "message" and not text and not activity.get("attachments"):
        raise bad_syntax("A message needs text or attachments.")
    return verdict.warnings
