"""Refusals of the connector, in its own words and form."""

from typing import Any


class Refusal(Exception):
    """The connector refuses a request: HTTP status, code and message as they go over the wire."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


def error_body(code: str, message: str = "") -> dict[str, Any]:
    """The JSON in which the connector names an error."""
    return {"error": {"code": code, "message": message or code}}


def unauthorized() -> Refusal:
    return Refusal(401, "Unauthorized", "Authorization has been denied for this request.")


def bad_syntax(message: str) -> Refusal:
    return Refusal(400, "BadSyntax", message)


def bad_argument(message: str) -> Refusal:
    return Refusal(400, "BadArgument", message)


def conversation_not_found(conversation_id: str) -> Refusal:
    return Refusal(404, "ConversationNotFound", f"Conversation not found: {conversation_id}")


def activity_not_found(activity_id: str) -> Refusal:
    return Refusal(404, "ActivityNotFoundInConversation", f"Activity not found in conversation: {activity_id}")


def member_not_found(member_id: str) -> Refusal:
    return Refusal(404, "MemberNotFoundInConversation", f"Member not found in conversation: {member_id}")


def team_not_found(team_id: str) -> Refusal:
    return Refusal(404, "NotFound", f"Team not found: {team_id}")


def not_in_roster() -> Refusal:
    return Refusal(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


def writes_blocked() -> Refusal:
    return Refusal(403, "MessageWritesBlocked", "Thread does not allow messages from the bot.")


def not_the_bots_own(activity_id: str) -> Refusal:
    return Refusal(403, "Forbidden", f"The bot may change only its own messages: {activity_id}")


def too_big(size: int, limit: int) -> Refusal:
    return Refusal(413, "MessageSizeTooBig", f"Message size {size} is over the limit of {limit} bytes.")


def throttled(seconds: int) -> Refusal:
    return Refusal(429, "TooManyRequests", "API calls quota exceeded! Retry later.", retry_after=seconds)


def no_such_operation(method: str, path: str) -> Refusal:
    return Refusal(404, "NotFound", f"No HTTP resource matches {method} {path}.")
