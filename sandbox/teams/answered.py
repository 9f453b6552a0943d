"""What the bot answered to one delivery, and how a Teams client reads that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .cards import CARD

TOAST = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"
LOGIN = "application/vnd.microsoft.activity.loginRequest"


@dataclass(frozen=True)
class RawRequest:
    """A request exactly as it was sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class InvokeError:
    """What a client shows as an error: the bot's own code and message, or why there was none."""

    code: str
    message: str


@dataclass(frozen=True)
class Answered:
    """A delivery and its answer. `status` 0 means none came; `failure` then says why.

    `elapsed` is in seconds over all attempts; `repeats` are the answers to faults' redeliveries.
    """

    request: RawRequest
    activity: dict[str, Any]
    status: int
    body: Any
    text: str
    elapsed: float
    attempts: int = 1
    failure: str | None = None
    repeats: tuple["Answered", ...] = ()

    @property
    def id(self) -> str:
        """The delivered activity's id."""
        return self.activity.get("id", "")

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300 and self.error is None

    @property
    def card(self) -> dict[str, Any] | None:
        """The card with which an adaptiveCard/action was answered."""
        return self._invoke_value(CARD)

    @property
    def toast(self) -> str | None:
        """The short text with which an adaptiveCard/action was answered."""
        return self._invoke_value(TOAST)

    @property
    def error(self) -> InvokeError | None:
        """What the client shows as an error; None when all went well."""
        if self.failure:
            return InvokeError("NoAnswer" if self.status == 0 else "BadAnswer", self.failure)
        body = self.body if isinstance(self.body, dict) else {}
        if str(body.get("type")).startswith(ERROR):
            value = body.get("value")
            value = value if isinstance(value, dict) else {"message": str(value)}
            return InvokeError(str(value.get("code", body.get("statusCode"))), str(value.get("message", "")))
        if body.get("type") == LOGIN:
            return InvokeError("LoginRequired", "The bot asks to sign in.")
        if not 200 <= self.status < 300:
            return InvokeError(str(self.status), self.text[:200])
        return None

    @property
    def task(self) -> dict[str, Any] | None:
        """The value of a task module that goes on: title, size, and card or url."""
        task = self._task()
        return task.get("value") if task.get("type") == "continue" else None

    @property
    def task_message(self) -> str | None:
        """The closing words of a task module."""
        task = self._task()
        return task.get("value") if task.get("type") == "message" else None

    @property
    def results(self) -> list[dict[str, Any]]:
        """The attachments that a message extension found."""
        body = self.body if isinstance(self.body, dict) else {}
        return (body.get("composeExtension") or {}).get("attachments") or []

    def _task(self) -> dict[str, Any]:
        body = self.body if isinstance(self.body, dict) else {}
        return body.get("task") or {}

    def _invoke_value(self, kind: str) -> Any:
        body = self.body if isinstance(self.body, dict) else {}
        fits = self.status == 200 and body.get("type") == kind and body.get("statusCode", 200) == 200
        return body.get("value") if fits else None
