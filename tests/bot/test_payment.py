"""The last lawful day of payment."""

from datetime import date

import pytest

from bot import lint

APRIL = date(2026, 4, 1)


def latest(received: date | None, client_pays: date | None = None) -> date | None:
    rule = lint.rules("jp").payment
    assert rule is not None
    return rule.latest(received, client_pays)


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
    assert latest(received) == last


@pytest.mark.parametrize(("client_pays", "last"), [(APRIL, date(2026, 4, 30)), (date(2028, 2, 1), date(2028, 3, 1))])
def test_the_clients_day_is_day_one_of_thirty(client_pays: date, last: date) -> None:
    assert latest(APRIL, client_pays) == last


def test_without_any_day_there_is_no_last_one() -> None:
    assert latest(None) is None


def test_other_countries_have_no_such_rule() -> None:
    assert lint.rules("de").payment is None
