"""How an attempt to send ended. Exactly one of four; nothing else is ever assumed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """Which lane a platform's "slow down" is for."""

    CONVERSATION = "conversation"
    WORKSPACE = "workspace"


class Reason(StrEnum):
    """Why a platform said no, in the product's words; prompts/*/reasons.md.j2 has a sentence for each."""

    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    NOT_INSTALLED = "not_installed"
    GONE = "gone"
    TOO_LARGE = "too_large"
    CREDENTIALS = "credentials"
    PERMISSION = "permission"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it; `ref` finds it again."""

    ref: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """The platform did not take it and says when to try again (aware UTC)."""

    until: datetime
    scope: Scope = Scope.WORKSPACE


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform did not take it. `certain` is False where it may yet take the same request later, as for
    wrong credentials: such a message is kept and tried again once that is mended."""

    reason: Reason
    certain: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The request left and no usable answer came: it may or may not have been taken."""

    detail: str = ""


Outcome = Sent | Throttled | Refused | Unconfirmed
