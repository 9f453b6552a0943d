"""What the connector answered, as an outcome. Pure: the clock is an argument."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from adapters.http import Answer, NotAnAddress, NotConnected
from bot.outcomes import Outcome, Reason, Refused, Scope, Throttled, Unconfirmed

RETRY_AFTER_DEFAULT = timedelta(seconds=5)
RETRY_AFTER_MAX = timedelta(hours=1)
DETAIL_LIMIT = 300

_BY_CODE = {
    "MessageWritesBlocked": Reason.BLOCKED,
    "ConversationBlockedByUser": Reason.BLOCKED,
    "BotNotInConversationRoster": Reason.NOT_INSTALLED,
    "BotDisabledByAdmin": Reason.NOT_INSTALLED,
    "ConversationNotFound": Reason.NOT_INSTALLED,
    "MessageSizeTooBig": Reason.TOO_LARGE,
}
_UNANSWERED = frozenset({408, 412})


def refusal(answer: Answer, *, editing: bool, now: datetime) -> Outcome:
    """The outcome of an answer that is not a success.

    412 and every 5xx are Unconfirmed: Teams answers them for messages it has taken as well.
    """
    status = answer.status
    code, text = error_of(answer.body)
    detail = f"{status} {code} {text}".strip()[:DETAIL_LIMIT]
    if status == 429:
        return Throttled(now + _wait(answer.retry_after, now), Scope.CONVERSATION)
    if status >= 500 or status in _UNANSWERED:
        return Unconfirmed(detail)
    if status == 401:
        return Refused(Reason.CREDENTIALS, certain=False, detail=detail)
    if status < 400:
        return Refused(Reason.INVALID, certain=False, detail=detail)
    return Refused(_reason(status, code, editing), detail=detail)


def failure(error: Exception, now: datetime) -> Outcome:
    """The outcome of a request without an answer: Throttled when it never left, else Unconfirmed."""
    match error:
        case NotConnected():
            return Throttled(now + RETRY_AFTER_DEFAULT, Scope.CONVERSATION)
        case NotAnAddress():
            return Refused(Reason.INVALID, detail=str(error))
        case _:
            return Unconfirmed(str(error))


def _wait(retry_after: str, now: datetime) -> timedelta:
    """How long a 429 asks to wait (RFC 9110: seconds or a date), between one second and RETRY_AFTER_MAX."""
    return min(max(_asked(retry_after, now), timedelta(seconds=1)), RETRY_AFTER_MAX)


def error_of(body: Any) -> tuple[str, str]:
    """The connector's error code and message, where the body carries them in any of its shapes."""
    error = body.get("error", body) if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return "", ""
    inner = error.get("innerHttpError")
    nested = error_of(inner.get("body")) if isinstance(inner, Mapping) else ("", "")
    return str(error.get("code") or nested[0]), str(error.get("message") or nested[1])


def _asked(value: str, now: datetime) -> timedelta:
    try:
        seconds = float(value)
    except ValueError:
        try:
            return parsedate_to_datetime(value) - now
        except (ValueError, TypeError):
            return RETRY_AFTER_DEFAULT
    if not math.isfinite(seconds) or seconds < 0:
        return RETRY_AFTER_DEFAULT
    return timedelta(seconds=min(seconds, RETRY_AFTER_MAX.total_seconds()))


def _reason(status: int, code: str, editing: bool) -> Reason:
    if code.startswith("ActivityNotFound"):
        return Reason.GONE
    if status in (404, 410):
        return Reason.GONE if editing else Reason.NOT_INSTALLED
    if code in _BY_CODE:
        return _BY_CODE[code]
    return {403: Reason.PERMISSION, 413: Reason.TOO_LARGE}.get(status, Reason.INVALID)
