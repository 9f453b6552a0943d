"""The words a person sees in a list of blocks."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def words(blocks: list[Json]) -> str:
    """All visible text, one block a line, without markup; buttons in brackets."""
    return "\n".join(line for block in blocks if (line := " ".join("".join(_of(block)).split(" ")).strip()))


def _of(thing: Any) -> Iterator[str]:
    match thing:
        case {"type": "button", "text": {"text": str(text)}}:
            yield f"[{text}] "
        case {"type": "link", **rest}:
            yield str(rest.get("text") or rest.get("url", ""))
        case {"type": "user", "user_id": user}:
            yield f"@{user}"
        case {"type": "channel", "channel_id": channel}:
            yield f"#{channel}"
        case {"type": "emoji", "name": name}:
            yield f":{name}:"
        case {"type": "date", **rest}:
            yield str(rest.get("fallback") or rest.get("timestamp", ""))
        case {"type": "broadcast", "range": whom}:
            yield f"@{whom}"
        case {"type": "rich_text_list", "elements": list(items)}:
            for item in items:
                yield "• "
                yield from _of(item)
                yield "\n"
        case {"text": str(text)}:
            yield text
        case dict():
            for key in (
                "label",
                "title",
                "text",
                "fields",
                "elements",
                "element",
                "placeholder",
                "accessory",
            ):
                if key in thing:
                    yield from _of(thing[key])
                    yield " " if thing.get("type") not in ("rich_text_section",) else ""
        case list():
            for item in thing:
                yield from _of(item)
                yield "" if isinstance(item, dict) and item.get("type") in _INLINE else " "
        case _:
            return


_INLINE = {"text", "link", "user", "channel", "emoji", "date", "broadcast", "usergroup", "rich_text_list"}
