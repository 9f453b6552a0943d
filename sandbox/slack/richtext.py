"""Validation of rich_text blocks."""

from typing import Any

from sandbox.slack.checking import Problems

Json = dict[str, Any]

_REQUIRED: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "link": ("url",),
    "emoji": ("name",),
    "user": ("user_id",),
    "channel": ("channel_id",),
    "usergroup": ("usergroup_id",),
    "date": ("timestamp", "format"),
    "broadcast": ("range",),
    "color": ("value",),
}
_OPTIONAL: dict[str, tuple[str, ...]] = {
    "text": ("style",),
    "link": ("text", "unsafe", "style"),
    "emoji": ("unicode", "skin_tone", "url", "display_name"),
    "user": ("style",),
    "channel": ("style",),
    "usergroup": ("style",),
    "date": ("url", "fallback", "style"),
}
_STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}
_CONTAINERS: dict[str, tuple[str, ...]] = {
    "rich_text_section": (),
    "rich_text_list": ("style", "indent", "offset", "border"),
    "rich_text_quote": ("border",),
    "rich_text_preformatted": ("border", "language"),
}


def check_rich_text(block: Json, problems: Problems, at: str) -> None:
    """Note everything Slack would refuse in a rich_text block."""
    for i, container in enumerate(problems.listing(block, "elements", 1, 1_000, at)):
        _container(container, problems, f"{at}/elements/{i}")


def _container(container: Any, problems: Problems, at: str) -> None:
    kind = container.get("type") if isinstance(container, dict) else None
    if kind not in _CONTAINERS:
        problems.add(f"unsupported type: {kind}", at)
        return
    problems.keys(container, ("type", "elements", *_CONTAINERS[kind]), at)
    elements = problems.listing(container, "elements", 0, 10_000, at)
    if kind == "rich_text_list":
        if container.get("style") not in ("bullet", "ordered"):
            problems.add("must be one of: bullet, ordered", f"{at}/style")
        for i, item in enumerate(elements):
            if not isinstance(item, dict) or item.get("type") != "rich_text_section":
                problems.add("must be a rich_text_section", f"{at}/elements/{i}")
            else:
                _container(item, problems, f"{at}/elements/{i}")
        return
    for i, run in enumerate(elements):
        _run(run, problems, f"{at}/elements/{i}")


def _run(run: Any, problems: Problems, at: str) -> None:
    kind = run.get("type") if isinstance(run, dict) else None
    if kind not in _REQUIRED:
        problems.add(f"unsupported type: {kind}", at)
        return
    problems.required(run, _REQUIRED[kind], at)
    problems.keys(run, ("type", *_REQUIRED[kind], *_OPTIONAL.get(kind, ())), at)
    if kind == "text" and run.get("text") == "":
        problems.add("must be more than 0 characters", f"{at}/text")
    if kind == "date" and not isinstance(run.get("timestamp"), int):
        problems.add("must be a number", f"{at}/timestamp")
    if kind == "broadcast" and run.get("range") not in ("here", "channel", "everyone"):
        problems.add("must be one of: here, channel, everyone", f"{at}/range")
    style = run.get("style")
    if style is not None and not (isinstance(style, dict) and style.keys() <= _STYLES):
        problems.add("invalid style", f"{at}/style")
