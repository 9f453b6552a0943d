"""What a page asks to be done, and what came of it."""

from typing import Any

Json = dict[str, Any]


class NotDone(Exception):
    """It cannot be done: the person, the place or the thing is not there, or there is no such act. `code` is a word
    that the page has a sentence for, `about` what it was about."""

    def __init__(self, code: str, about: object = "") -> None:
        super().__init__(code)
        self.code = code
        self.about = str(about)

    @property
    def is_misuse(self) -> bool:
        """Whether the page itself would never ask for it."""
        return self.code in ("malformed", "unknown_act")


class Act:
    """The body of an act, read field by field. Raises NotDone("malformed") for what has the wrong shape."""

    def __init__(self, body: Json) -> None:
        self._body = body

    def text(self, name: str, default: str | None = None) -> str:
        """The text of that name; without `default` it has to be there."""
        value = self._body.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise NotDone("malformed", name)
        return value

    def has(self, name: str) -> bool:
        return self._body.get(name) is not None

    def value(self, name: str) -> Any:
        """A single value as a form gives it: a text, a number, a truth value, or None."""
        value = self._body.get(name)
        if value is not None and not isinstance(value, str | int | float | bool):
            raise NotDone("malformed", name)
        return value

    def table(self, name: str) -> Json:
        """The object of that name; an empty one where there is none."""
        value = self._body.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise NotDone("malformed", name)
        return value


def done(*, notice: str = "") -> Json:
    return {"ok": True, "notice": notice}


def failed(error: str = "", errors: Json | None = None, about: str = "") -> Json:
    """`error` is a word that the page has a sentence for, or a sentence; `errors` says what is wrong by field."""
    return {"ok": False, "error": error, "about": about, "errors": errors or {}}
