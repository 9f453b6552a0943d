"""From how an attempt ended to what the ledger says about it."""

from datetime import datetime, timedelta

from bot.outcomes import Outcome, Reason, Refused, Sent, Throttled, Unconfirmed
from storage.ledger import DeliveryRow, Settlement
from storage.tables import DeliveryState

LOOK_UP_AFTER = timedelta(seconds=3)
"""A request without an answer may still take effect; the platform is asked no earlier than this."""
LOOK_UPS = 6
MENDED_WITHIN = timedelta(minutes=1)
"""For what is not the message's fault (credentials, a missing permission): tried again this often."""


def of_send(row: DeliveryRow, outcome: Outcome, now: datetime, can_look_up: bool) -> Settlement:
    """After a request that may have sent the message."""
    match outcome:
        case Sent(ref):
            return Settlement(row.id, DeliveryState.SENT, ref=ref, shown=row.wanted, settled_at=now)
        case Throttled(until):
            return Settlement(row.id, DeliveryState.QUEUED, due_at=until)
        case Refused(reason, certain=True, detail=detail):
            return Settlement(row.id, DeliveryState.REFUSED, reason=reason, detail=detail, settled_at=now)
        case Refused(reason, detail=detail):
            again = now + MENDED_WITHIN
            return Settlement(row.id, DeliveryState.QUEUED, due_at=again, reason=reason, detail=detail)
        case Unconfirmed(detail):
            check_at = now + LOOK_UP_AFTER if can_look_up else None
            return Settlement(row.id, DeliveryState.UNCONFIRMED, check_at=check_at, detail=detail, settled_at=now)


def of_check(row: DeliveryRow, outcome: Outcome, now: datetime, can_look_up: bool) -> Settlement:
    """After the platform was asked whether it has the message. One that cannot be asked is not asked again: a
    person is told at once that it is unclear."""
    match outcome:
        case Unconfirmed(detail) if not can_look_up:
            return Settlement(row.id, DeliveryState.UNCONFIRMED, detail=detail, settled_at=now)
        case Sent(ref):
            return Settlement(row.id, DeliveryState.SENT, ref=ref, shown=0, settled_at=now)
        case Refused(Reason.GONE):
            return Settlement(row.id, DeliveryState.QUEUED, due_at=now)
        case Throttled(until):  # nothing was looked up yet, so this one does not count
            return Settlement(row.id, DeliveryState.UNCONFIRMED, check_at=until, settled_at=now)
        case Refused(detail=detail) | Unconfirmed(detail):
            return _unclear(row, now, now + LOOK_UP_AFTER * 2 ** min(row.attempts, LOOK_UPS), detail)


def _unclear(row: DeliveryRow, now: datetime, again: datetime, detail: str) -> Settlement:
    check_at = again if row.attempts < LOOK_UPS else None
    return Settlement(row.id, DeliveryState.UNCONFIRMED, check_at=check_at, detail=detail, settled_at=now)
