"""What Slack answers → how the attempt ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.http import Answer, NoAnswer, NotAnAddress, NotConnected
from adapters.slack import errors
from bot.outcomes import Outcome, Reason, Refused, Scope, Sent, Throttled, Unconfirmed

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


def judge(status: int, body: dict[str, Any], retry_after: str = "") -> Outcome:
    return errors.outcome(Answer(status, body, retry_after), NOW, lambda body: body["ts"])


def no(code: str) -> Outcome:
    return judge(200, {"ok": False, "error": code})


def test_ok_is_sent() -> None:
    assert judge(200, {"ok": True, "ts": "1.2"}) == Sent("1.2")


def test_ok_without_a_ref_has_to_be_looked_up() -> None:
    assert isinstance(judge(200, {"ok": True}), Unconfirmed)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7), ("0", 0), ("", 30), ("soon", 30), ("-1", 30), ("nan", 30), ("inf", 30), ("1e9", 3600)],
)
def test_429_parks_the_workspace_for_as_long_as_slack_says(retry_after: str, seconds: int) -> None:
    expected = Throttled(NOW + timedelta(seconds=seconds), Scope.WORKSPACE)
    assert judge(429, {"ok": False, "error": "ratelimited"}, retry_after) == expected
    assert judge(429, {}, retry_after) == expected


def test_a_limit_told_with_200_is_a_limit() -> None:
    assert judge(200, {"ok": False, "error": "ratelimited"}, "7") == Throttled(NOW + timedelta(seconds=7))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("channel_not_found", Reason.UNREACHABLE),
        ("user_not_found", Reason.UNREACHABLE),
        ("cannot_dm_bot", Reason.UNREACHABLE),
        ("messages_tab_disabled", Reason.BLOCKED),
        ("not_in_channel", Reason.NOT_INSTALLED),
        ("is_archived", Reason.GONE),
        ("message_not_found", Reason.GONE),
        ("cant_update_message", Reason.PERMISSION),
        ("edit_window_closed", Reason.PERMISSION),
        ("msg_too_long", Reason.TOO_LARGE),
        ("msg_blocks_too_long", Reason.TOO_LARGE),
        ("invalid_blocks", Reason.INVALID),
        ("something_slack_thought_of_later", Reason.INVALID),
    ],
)
def test_a_certain_no(code: str, reason: Reason) -> None:
    assert no(code) == Refused(reason, certain=True, detail=code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("invalid_auth", Reason.CREDENTIALS),
        ("not_authed", Reason.CREDENTIALS),
        ("token_revoked", Reason.CREDENTIALS),
        ("token_expired", Reason.CREDENTIALS),
        ("account_inactive", Reason.CREDENTIALS),
        ("missing_scope", Reason.PERMISSION),
    ],
)
def test_trouble_with_the_token_can_be_mended(code: str, reason: Reason) -> None:
    assert no(code) == Refused(reason, certain=False, detail=code)


def test_the_detail_says_which_scope_is_missing() -> None:
    outcome = judge(200, {"ok": False, "error": "missing_scope", "needed": "im:history", "provided": "chat:write"})
    assert isinstance(outcome, Refused)
    assert outcome.detail == "missing_scope: im:history; chat:write"


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"])
def test_slack_does_not_know_itself(code: str) -> None:
    assert no(code) == Unconfirmed(code)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_5xx_is_unconfirmed_whatever_its_body(status: int) -> None:
    assert isinstance(judge(status, {"ok": False, "error": "invalid_blocks"}), Unconfirmed)
    assert isinstance(judge(status, {}), Unconfirmed)


def test_what_a_proxy_answers_is_not_slacks_no() -> None:
    assert judge(403, {}) == Refused(Reason.CREDENTIALS, certain=False, detail="HTTP 403")
    assert judge(404, {}) == Refused(Reason.INVALID, certain=False, detail="HTTP 404")
    assert judge(302, {}) == Refused(Reason.INVALID, certain=False, detail="HTTP 302")
    assert isinstance(judge(200, {}), Unconfirmed)


@pytest.mark.parametrize("error", [NotConnected("refused"), NotAnAddress("/")])
def test_nothing_left_where_no_connection_came_about(error: Exception) -> None:
    assert errors.raised(error, NOW) == Throttled(NOW + timedelta(seconds=5), Scope.WORKSPACE)


def test_what_left_and_was_not_answered_is_unconfirmed() -> None:
    assert errors.raised(NoAnswer("reset"), NOW) == Unconfirmed("reset")


@pytest.mark.parametrize("code", sorted(errors.MENDABLE))
def test_what_can_be_mended_is_never_certain(code: str) -> None:
    assert no(code) == Refused(errors.MENDABLE[code], certain=False, detail=code)


def test_no_code_stands_in_two_tables() -> None:
    tables = [errors.THROTTLED, errors.UNSURE, set(errors.CERTAIN), set(errors.MENDABLE)]
    assert sum(map(len, tables)) == len(set().union(*tables))
