"""What Slack answered → how the attempt ended. Pure: no I/O, nothing raised.

A code that is in none of the tables means that Slack understood and said no: certain, and kept as `detail`.
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.http import Answer, NotAnAddress, NotConnected
from bot.outcomes import Outcome, Reason, Refused, Scope, Sent, Throttled, Unconfirmed

RETRY_AFTER_UNSAID = 30.0
NOT_CONNECTED = 5.0
MIGRATING = 60.0
LONGEST_WAIT = 3600.0

THROTTLED = {"ratelimited", "rate_limited", "message_limit_exceeded"}
UNSURE = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
CERTAIN: dict[str, Reason] = {
    "channel_not_found": Reason.UNREACHABLE,
    "user_not_found": Reason.UNREACHABLE,
    "users_not_found": Reason.UNREACHABLE,
    "user_not_visible": Reason.UNREACHABLE,
    "user_disabled": Reason.UNREACHABLE,
    "user_not_in_channel": Reason.UNREACHABLE,
    "cannot_dm_bot": Reason.UNREACHABLE,
    "messages_tab_disabled": Reason.BLOCKED,
    "restricted_action": Reason.BLOCKED,
    "restricted_action_read_only_channel": Reason.BLOCKED,
    "restricted_action_thread_only_channel": Reason.BLOCKED,
    "restricted_action_thread_locked": Reason.BLOCKED,
    "restricted_action_non_threadable_channel": Reason.BLOCKED,
    "not_in_channel": Reason.NOT_INSTALLED,
    "not_enabled": Reason.NOT_INSTALLED,
    "team_not_found": Reason.NOT_INSTALLED,
    "is_archived": Reason.GONE,
    "message_not_found": Reason.GONE,
    "cannot_find_message": Reason.GONE,
    "thread_not_found": Reason.GONE,
    "cannot_reply_to_message": Reason.GONE,
    "view_not_found": Reason.GONE,
    "not_found": Reason.GONE,
    "expired_trigger_id": Reason.GONE,
    "trigger_expired": Reason.GONE,
    "exchanged_trigger_id": Reason.GONE,
    "trigger_exchanged": Reason.GONE,
    "cant_update_message": Reason.PERMISSION,
    "cant_delete_message": Reason.PERMISSION,
    "edit_window_closed": Reason.PERMISSION,
    "msg_too_long": Reason.TOO_LARGE,
    "msg_blocks_too_long": Reason.TOO_LARGE,
    "too_many_attachments": Reason.TOO_LARGE,
    "metadata_too_large": Reason.TOO_LARGE,
    "view_too_large": Reason.TOO_LARGE,
    "invalid_blocks": Reason.INVALID,
    "invalid_blocks_format": Reason.INVALID,
    "invalid_arguments": Reason.INVALID,
    "no_text": Reason.INVALID,
}
MENDABLE: dict[str, Reason] = {
    "not_authed": Reason.CREDENTIALS,
    "invalid_auth": Reason.CREDENTIALS,
    "token_revoked": Reason.CREDENTIALS,
    "token_expired": Reason.CREDENTIALS,
    # Of the token, not of the reader: Slack takes messages to deactivated people (python-slack-sdk #1156).
    "account_inactive": Reason.CREDENTIALS,
    "two_factor_setup_required": Reason.CREDENTIALS,
    "org_login_required": Reason.CREDENTIALS,
    "missing_scope": Reason.PERMISSION,
    "no_permission": Reason.PERMISSION,
    "not_allowed_token_type": Reason.PERMISSION,
    "access_denied": Reason.PERMISSION,
    "accesslimited": Reason.PERMISSION,
    "ekm_access_denied": Reason.PERMISSION,
    "enterprise_is_restricted": Reason.PERMISSION,
    "team_access_not_granted": Reason.PERMISSION,
    "missing_post_type": Reason.INVALID,
    "unknown_method": Reason.INVALID,
    "method_deprecated": Reason.INVALID,
    "deprecated_endpoint": Reason.INVALID,
}


def outcome(answer: Answer, now: datetime, ref: Callable[[Mapping[str, Any]], str]) -> Outcome:
    """How the attempt ended; `ref` reads the new message's ref from the body of an ok."""
    body = answer.body
    if answer.status == 429:
        return Throttled(now + _wait(answer.retry_after), Scope.WORKSPACE)
    if answer.status >= 500:
        return Unconfirmed(f"HTTP {answer.status}")
    if body.get("ok") is True:
        return _sent(body, ref)
    if isinstance(code := body.get("error"), str):
        return _refusal(code, body, answer, now)
    return _unreadable(answer.status)


def raised(error: BaseException, now: datetime) -> Throttled | Unconfirmed:
    """How an attempt ended that brought no answer: where no connection came about, nothing left."""
    if isinstance(error, NotConnected | NotAnAddress):
        return Throttled(now + timedelta(seconds=NOT_CONNECTED), Scope.WORKSPACE)
    return Unconfirmed(str(error))


def _sent(body: Mapping[str, Any], ref: Callable[[Mapping[str, Any]], str]) -> Outcome:
    try:
        return Sent(ref(body))
    except (KeyError, TypeError, ValueError):
        return Unconfirmed("ok without a ref")


def _refusal(code: str, body: Mapping[str, Any], answer: Answer, now: datetime) -> Outcome:
    if code in THROTTLED:
        return Throttled(now + _wait(answer.retry_after), Scope.WORKSPACE)
    if code == "team_added_to_org":  # the workspace is being migrated; Slack takes nothing meanwhile
        return Throttled(now + timedelta(seconds=MIGRATING), Scope.WORKSPACE)
    if code in UNSURE:
        return Unconfirmed(code)
    if code in MENDABLE:
        return Refused(MENDABLE[code], certain=False, detail=_detail(code, body))
    return Refused(CERTAIN.get(code, Reason.INVALID), certain=True, detail=_detail(code, body))


def _unreadable(status: int) -> Outcome:
    """An answer that Slack itself does not give: something between here and there spoke."""
    if status == 413:
        return Refused(Reason.TOO_LARGE, detail="HTTP 413")
    if status in (401, 403, 407):
        return Refused(Reason.CREDENTIALS, certain=False, detail=f"HTTP {status}")
    if 300 <= status < 500:
        return Refused(Reason.INVALID, certain=False, detail=f"HTTP {status}")
    return Unconfirmed(f"HTTP {status} without a JSON answer")


def _detail(code: str, body: Mapping[str, Any]) -> str:
    """The code, and what Slack adds for the person who has to mend it."""
    told = [str(body[key]) for key in ("needed", "provided") if body.get(key)]
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, Mapping) else None
    told += [str(line) for line in messages[:3]] if isinstance(messages, list) else []
    return f"{code}: {'; '.join(told)}"[:500] if told else code[:500]


def _wait(retry_after: str) -> timedelta:
    try:
        seconds = float(retry_after or RETRY_AFTER_UNSAID)
    except ValueError:
        seconds = RETRY_AFTER_UNSAID
    if not math.isfinite(seconds) or seconds < 0:
        seconds = RETRY_AFTER_UNSAID
    return timedelta(seconds=min(seconds, LONGEST_WAIT))
