"""Messages that nobody asked for: of which topic each is, and whether its reader wants it."""

from collections.abc import Mapping
from datetime import datetime

from storage import topics
from storage.ledger import DeliveryRow
from storage.people import Member
from storage.tables import Cadence, Topic

TOPICS: Mapping[str, Topic | None] = {
    "gig_offer": Topic.GIGS,
    "gig_referred": Topic.GIGS,
    "event_offer": Topic.EVENTS,
    "reunion_offer": Topic.EVENTS,
    "event_reminder": None,
    "event_thanks": None,
    "news": Topic.NEWS,
    "survey_offer": Topic.SURVEYS,
    "survey_reminder": Topic.SURVEYS,
    "digest": None,
    "still_there": None,
    "invitation": None,
    "invitation_reminder": None,
    "invitation_ends": None,
}
"""By template, each that is written unasked. What is of no topic comes until everything is stopped."""


def unwanted(row: DeliveryRow, reader: Member, now: datetime) -> str:
    """Why the reader is not to get it, or '': asked when it leaves, so that what they said a moment ago counts."""
    if reader.opted_out_at is not None:
        return "opted_out"
    if reader.snoozed_until is not None and reader.snoozed_until > now:
        return "snoozed"
    return "topic_stopped" if _cadence(row, reader) is Cadence.NEVER else ""


def is_for_digest(row: DeliveryRow, reader: Member | None) -> bool:
    return row.unasked and reader is not None and _cadence(row, reader) is Cadence.DIGEST


def _cadence(row: DeliveryRow, reader: Member) -> Cadence:
    return topics.cadence(reader.receives, TOPICS.get(row.template)) if reader.receives else Cadence.AT_ONCE
