from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.http import Answer, NoAnswer, NotAnAddress, NotConnected
from adapters.teams.errors import failure, refusal
from bot.outcomes import Reason, Refused, Scope, Throttled, Unconfirmed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def refused(status: int, code: str = "", editing: bool = False, retry_after: str = "") -> Any:
    body = {"error": {"code": code, "message": "why"}} if code else {}
    return refusal(Answer(status, body, retry_after), editing=editing, now=NOW)


@pytest.mark.parametrize(
    ("status", "code", "editing", "reason", "certain"),
    [
        (401, "Unauthorized", False, Reason.CREDENTIALS, False),
        (403, "MessageWritesBlocked", False, Reason.BLOCKED, True),
        (403, "BotNotInConversationRoster", False, Reason.NOT_INSTALLED, True),
        (403, "ForbiddenOperation", False, Reason.PERMISSION, True),
        (404, "ConversationNotFound", False, Reason.NOT_INSTALLED, True),
        (404, "", False, Reason.NOT_INSTALLED, True),
        (404, "ActivityNotFoundInConversation", True, Reason.GONE, True),
        (404, "ActivityNotFoundInConversation", False, Reason.GONE, True),
        (410, "", True, Reason.GONE, True),
        (410, "", False, Reason.NOT_INSTALLED, True),
        (413, "", False, Reason.TOO_LARGE, True),
        (400, "MessageSizeTooBig", False, Reason.TOO_LARGE, True),
        (400, "BadSyntax", False, Reason.INVALID, True),
        (302, "", False, Reason.INVALID, False),
    ],
)
def test_refusals(status: int, code: str, editing: bool, reason: Reason, certain: bool) -> None:
    outcome = refused(status, code, editing)
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.certain) == (reason, certain)
    assert str(status) in outcome.detail


@pytest.mark.parametrize("status", [408, 412, 500, 502, 503, 504])
def test_unanswered(status: int) -> None:
    assert isinstance(refused(status, "ServiceError"), Unconfirmed)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("", 5),
        ("soon", 5),
        ("-3", 5),
        ("nan", 5),
        ("0", 1),
        ("1e99", 3600),
        ("Mon, 23 Nov 2026 09:00:30 GMT", 30),
    ],
)
def test_throttling(header: str, seconds: int) -> None:
    outcome = refused(429, "TooManyRequests", retry_after=header)
    assert outcome == Throttled(NOW + timedelta(seconds=seconds), Scope.CONVERSATION)


def test_what_never_left_is_tried_again_and_what_left_is_not() -> None:
    assert isinstance(failure(NotConnected("refused"), NOW), Throttled)
    assert failure(NoAnswer("reset"), NOW) == Unconfirmed("reset")
    assert failure(NotAnAddress("x"), NOW) == Refused(Reason.INVALID, detail="x")


def test_the_code_is_found_in_every_shape() -> None:
    nested = {"error": {"innerHttpError": {"statusCode": 403, "body": {"error": {"code": "MessageWritesBlocked"}}}}}
    for body in ({"code": "MessageWritesBlocked"}, nested):
        outcome = refusal(Answer(403, body), editing=False, now=NOW)
        assert isinstance(outcome, Refused)
        assert outcome.reason is Reason.BLOCKED
