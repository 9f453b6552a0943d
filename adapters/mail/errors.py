"""What a mail server answered, as an outcome. Pure: the clock is an argument.

RFC 5321: a 4yz answer says "not now", a 5yz answer "no"; RFC 3463 numbers the reasons.
"""

import re
import ssl
from datetime import datetime, timedelta

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from bot.outcomes import Outcome, Reason, Refused, Scope, Throttled, Unconfirmed

SERVER_AGAIN = timedelta(minutes=1)
RECIPIENT_AGAIN = timedelta(minutes=5)
"""Greylisting servers take a letter when it comes again some minutes later (RFC 6647)."""
DETAIL_LIMIT = 300

_ENHANCED = re.compile(r"\b5\.([0-9]{1,3})\.([0-9]{1,3})\b")
_LOGIN_WANTED = frozenset({530, 534, 538})
_NO_SUCH_RECIPIENT = frozenset({550, 551, 553})
_ADDRESS, _MAILBOX, _SYSTEM, _ROUTING, _POLICY = 1, 2, 3, 4, 7
_TOO_LARGE = frozenset({(_MAILBOX, 3), (_SYSTEM, 4)})
_DISABLED = (_MAILBOX, 1)


class LoginImpossible(Exception):
    """Raised before a password would leave."""


def outcome(error: Exception, *, handed_over: bool, now: datetime) -> Outcome:
    """How an attempt ended that brought an error. `handed_over`: the letter may have left when it came about."""
    detail = f"{type(error).__name__}: {' '.join(str(error).split())}"[:DETAIL_LIMIT]
    match error:
        case SMTPResponseException() if 400 <= error.code < 600:
            return _answered(error, now)
        case LoginImpossible():
            return Refused(Reason.CREDENTIALS, certain=False, detail=str(error))
        case _ if handed_over:
            return Unconfirmed(detail)
        case _ if _is_about_tls(error):
            return Refused(Reason.CREDENTIALS, certain=False, detail=detail)
        case _:
            return Throttled(now + SERVER_AGAIN, Scope.WORKSPACE)


def _is_about_tls(error: BaseException) -> bool:
    """A certificate that does not hold stays so until somebody mends it."""
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in (error, error.__cause__))


def _answered(error: SMTPResponseException, now: datetime) -> Outcome:
    detail = f"{error.code} {' '.join(error.message.split())}"[:DETAIL_LIMIT]
    of_this_letter = isinstance(error, SMTPRecipientRefused | SMTPDataError) and error.code != 421
    if error.code < 500 and of_this_letter:
        return Throttled(now + RECIPIENT_AGAIN, Scope.CONVERSATION)
    if error.code < 500:
        return Throttled(now + SERVER_AGAIN, Scope.WORKSPACE)
    if isinstance(error, SMTPAuthenticationError) or error.code in _LOGIN_WANTED:
        return Refused(Reason.CREDENTIALS, certain=False, detail=detail)
    if not of_this_letter:  # the sender or this machine is not welcome
        return Refused(Reason.PERMISSION, certain=False, detail=detail)
    return Refused(_reason(error), detail=detail)


def _reason(error: SMTPResponseException) -> Reason:
    said = _ENHANCED.search(error.message)
    kind = (int(said[1]), int(said[2])) if said else None
    if kind in _TOO_LARGE or (kind is None and error.code == 552):
        return Reason.TOO_LARGE
    if kind is None:
        unknown = isinstance(error, SMTPRecipientRefused) and error.code in _NO_SUCH_RECIPIENT
        return Reason.UNREACHABLE if unknown else Reason.INVALID
    if kind[0] in (_ADDRESS, _ROUTING) or kind == _DISABLED:
        return Reason.UNREACHABLE
    return Reason.BLOCKED if kind[0] in (_MAILBOX, _POLICY) else Reason.INVALID
