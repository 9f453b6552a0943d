"""From how an attempt ended to what the ledger says: one table."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot import settling
from bot.outcomes import Outcome, Reason, Refused, Sent, Throttled, Unconfirmed
from storage.tables import DeliveryState

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(seconds=42)


def row(attempts: int = 1) -> Any:
    return SimpleNamespace(id=7, wanted=3, attempts=attempts)


@pytest.mark.parametrize(
    ("outcome", "can_look_up", "state", "told"),
    [
        (Sent("ref"), True, "sent", {"ref": "ref", "shown": 3, "settled_at": NOW}),
        (Throttled(LATER), True, "queued", {"due_at": LATER, "settled_at": None}),
        (Refused(Reason.BLOCKED, detail="x"), True, "refused", {"reason": "blocked", "detail": "x", "settled_at": NOW}),
        (Refused(Reason.CREDENTIALS, certain=False), True, "queued", {"due_at": NOW + settling.MENDED_WITHIN}),
        (Unconfirmed("cut"), True, "unconfirmed", {"check_at": NOW + settling.LOOK_UP_AFTER, "detail": "cut"}),
        (Unconfirmed("cut"), False, "unconfirmed", {"check_at": None, "detail": "cut"}),
    ],
    ids=str,
)
def test_after_sending(outcome: Outcome, can_look_up: bool, state: str, told: dict[str, Any]) -> None:
    settled = settling.of_send(row(), outcome, NOW, can_look_up)
    assert (settled.delivery, settled.state) == (7, DeliveryState(state))
    assert {name: getattr(settled, name) for name in told} == told


@pytest.mark.parametrize(
    ("outcome", "can_look_up", "state", "told"),
    [
        (Sent("ref"), True, "sent", {"ref": "ref", "shown": 0, "check_at": None}),
        (Refused(Reason.GONE), True, "queued", {"due_at": NOW, "check_at": None}),
        (Throttled(LATER), True, "unconfirmed", {"check_at": LATER}),
        (Unconfirmed("?"), True, "unconfirmed", {"check_at": NOW + settling.LOOK_UP_AFTER * 2, "detail": "?"}),
        (Refused(Reason.PERMISSION, detail="no"), True, "unconfirmed", {"detail": "no"}),
        (Unconfirmed("its courier stopped"), False, "unconfirmed", {"check_at": None}),
    ],
    ids=str,
)
def test_after_looking_up(outcome: Outcome, can_look_up: bool, state: str, told: dict[str, Any]) -> None:
    settled = settling.of_check(row(), outcome, NOW, can_look_up)
    assert (settled.delivery, settled.state) == (7, DeliveryState(state))
    assert {name: getattr(settled, name) for name in told} == told


def test_looking_up_ends_and_a_person_is_told() -> None:
    waits = [settling.of_check(row(n), Unconfirmed(), NOW, True).check_at for n in range(1, settling.LOOK_UPS + 1)]
    moments = [moment for moment in waits if moment is not None]
    assert waits[-1] is None and len(moments) == settling.LOOK_UPS - 1
    assert moments == sorted(moments)


def test_being_told_to_wait_is_no_look_up_and_uses_none_up() -> None:
    assert settling.of_check(row(settling.LOOK_UPS), Throttled(LATER), NOW, True).check_at == LATER
