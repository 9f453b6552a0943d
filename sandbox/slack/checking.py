"""The small tools of block validation: a list of problems, each with the pointer to its place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass
class Problems:
    """What is wrong with a set of blocks, in the words of `response_metadata.messages`."""

    found: list[str] = field(default_factory=list)

    def add(self, words: str, at: str) -> None:
        self.found.append(f"[ERROR] {words} [json-pointer:{at}]")

    def keys(self, thing: dict[str, Any], allowed: Iterable[str], at: str) -> None:
        for key in thing.keys() - set(allowed):
            self.add(f"invalid additional property: {key}", at)

    def required(self, thing: dict[str, Any], names: Iterable[str], at: str) -> None:
        for name in names:
            if thing.get(name) is None:
                self.add(f"missing required field: {name}", at)

    def string(self, thing: dict[str, Any], name: str, longest: int, at: str, *, shortest: int = 0) -> None:
        """A field that may be absent, but if present is a string of a permitted length."""
        value = thing.get(name)
        if value is None:
            return
        if not isinstance(value, str):
            self.add("must be a string", f"{at}/{name}")
        elif len(value) > longest:
            self.add(f"must be less than {longest + 1} characters", f"{at}/{name}")
        elif len(value) < shortest:
            self.add(f"must be more than {shortest - 1} characters", f"{at}/{name}")

    def matching(self, thing: dict[str, Any], name: str, pattern: re.Pattern[str], at: str) -> None:
        value = thing.get(name)
        if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
            self.add("must match the expected format", f"{at}/{name}")

    def boolean(self, thing: dict[str, Any], name: str, at: str) -> None:
        if thing.get(name) is not None and not isinstance(thing[name], bool):
            self.add("must be a boolean", f"{at}/{name}")

    def listing(self, thing: dict[str, Any], name: str, fewest: int, most: int, at: str) -> list[Any]:
        """The list under `name`; an empty one, with the problem noted, when it is no list."""
        value = thing.get(name)
        if not isinstance(value, list):
            self.add("must be an array", f"{at}/{name}")
            return []
        if len(value) > most:
            self.add(f"no more than {most} items allowed", f"{at}/{name}")
        if len(value) < fewest:
            self.add(f"must provide at least {fewest} items", f"{at}/{name}")
        return value

    def text(
        self,
        thing: dict[str, Any],
        name: str,
        longest: int,
        at: str,
        *,
        plain: bool = False,
        need: bool = True,
    ) -> None:
        """A text object: plain_text or mrkdwn, never empty."""
        value, at = thing.get(name), f"{at}/{name}"
        if value is None:
            if need:
                self.add(f"missing required field: {name}", at.rpartition("/")[0])
            return
        if not isinstance(value, dict):
            self.add("must be an object", at)
            return
        kind = value.get("type")
        if kind not in ("plain_text", "mrkdwn") or (plain and kind != "plain_text"):
            self.add(f"unsupported text type: {kind}", at)
        self.keys(value, ("type", "text", "emoji" if kind == "plain_text" else "verbatim"), at)
        self.required(value, ("text",), at)
        self.string(value, "text", longest, at, shortest=1)
