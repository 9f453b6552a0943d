"""The last lawful day of payment."""

from datetime import date

import pytest

from bot import payment

APRIL = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (APRIL, date(2026, 5, 30)),
        (date(2026, 2, 1), date(2026, 4, 1)),
        (date(2028, 1, 31), date(2028, 3, 30)),  # over a leap day
        (date(2026, 11, 15), date(2027, 1, 13)),
    ],
)
def test_the_day_of_receipt_is_day_one_of_sixty(received: date, last: date) -> None:
    assert payment.latest(received) == last


@pytest.mark.parametrize(("client_pays", "last"), [(APRIL, date(2026, 4, 30)), (date(2028, 2, 1), date(2028, 3, 1))])
def test_the_clients_day_is_day_one_of_thirty(client_pays: date, last: date) -> None:
    assert payment.latest_subcontracted(client_pays) == last


@pytest.mark.parametrize(
    ("received", "pays", "client_pays", "last"),
    [
        (APRIL, date(2026, 5, 30), None, None),
        (APRIL, date(2026, 5, 31), None, date(2026, 5, 30)),
        (APRIL, date(2026, 6, 30), date(2026, 6, 15), None),  # passed on work: the client's day counts alone
        (APRIL, date(2026, 5, 1), APRIL, date(2026, 4, 30)),
        (None, date(2030, 1, 1), None, None),
    ],
)
def test_a_day_after_the_last_is_late(
    received: date | None, pays: date, client_pays: date | None, last: date | None
) -> None:
    assert payment.late(received, pays, client_pays) == last
