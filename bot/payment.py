"""By when contract work has to be paid: フリーランス・事業者間取引適正化等法, art. 4. A checklist, no legal advice.

Both periods are counted 「起算して」, so that the day from which they run is day 1.
"""

from datetime import date, timedelta

DAYS = 60
SUBCONTRACTED_DAYS = 30


def latest(received_on: date) -> date:
    """The last day on which work that is received on that day may be paid."""
    return received_on + timedelta(days=DAYS - 1)


def latest_subcontracted(client_pays_on: date) -> date:
    """The same for work that is passed on, whose three items are stated: from the day on which the client pays."""
    return client_pays_on + timedelta(days=SUBCONTRACTED_DAYS - 1)


def late(received_on: date | None, pays_on: date, client_pays_on: date | None = None) -> date | None:
    """The last lawful day, where `pays_on` is after it; None where it is not, or where nothing tells."""
    if client_pays_on is not None:
        last = latest_subcontracted(client_pays_on)
    elif received_on is not None:
        last = latest(received_on)
    else:
        return None
    return last if pays_on > last else None
