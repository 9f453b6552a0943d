"""What time alone makes due, once a minute: for every company, in a transaction of its own."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlmodel import col, select

from bot import (
    addresses,
    broadcasts,
    case_work,
    clicks,
    commissions,
    digests,
    dropping,
    erasure,
    event_forms,
    events,
    feedback,
    freshness,
    gigs,
    merging,
    offboarding,
    promises,
    publishing,
    referrals,
    reminders,
    retention,
    reunion_forms,
    rsvps,
    survey_forms,
)
from bot.clock import Clock
from bot.ports import Pace
from storage import early_edits, inbox, ledger, open_forms
from storage.db import Database
from storage.tables import Company

log = structlog.get_logger()


def run(database: Database, clock: Clock, *, letters: bool = False, paces: Mapping[str, Pace] | None = None) -> None:
    """Publish the gigs and send the broadcasts that were planned for now, at `paces`, close gigs, surveys and the polls
    of reunions whose time is over, write the digests that are due, pass on the seats of events that were not taken in
    time, end events, thank those who came, tell hosts what guests said, and send out the next of a row of events, bring
    back snoozed cases and remind of those that wait, open accounts whose day has come, write the letters that are due
    (where mail is configured: `letters`), ask whose profile is a year old, remind HR of commissions, forget old inbox
    keys, forms that were left open, edits of what was never carried, people and addresses that were never confirmed,
    accounts that are nobody's, outsiders who were referred, who followed links that have ended and how old mergers
    could be undone, and finish erasing. One company's failure is logged and stops no other. Reminders come first."""
    remind(database, clock, paces or {})
    with database.installation() as session:
        companies = session.exec(select(Company.id).order_by(col(Company.id))).all()
    for company_id in companies:
        try:
            with database.company(company_id or 0) as session:
                now = clock()
                publishing.publish_due(session, paces or {}, now)
                broadcasts.send_due(session, paces or {}, now)
                survey_forms.close_due(session, now)
                reunion_forms.run(session, paces or {}, now)
                gigs.expire(session, now)
                rsvps.expire(session, now)
                events.end(session, now)
                feedback.run(session, paces or {}, now)
                event_forms.repeat(session, paces or {}, now)
                digests.run(session, paces or {}, now)
                case_work.wake(session, now)
                referrals.forget_old(session, now)
                promises.nudge(session, now)
                offboarding.run(session, now, letters=letters)
                inbox.prune(session, now)
                open_forms.prune(session, now)
                early_edits.prune(session, now)
                commissions.remind(session, now)
                dropping.expire(session, now)
                freshness.ask(session, now)
                addresses.forget_old(session, now)
                retention.forget_unconfirmed(session, now)
                retention.forget_requests(session, now)
                retention.forget_commissions(session, now)
                clicks.forget_old(session, now)
                merging.settle(session, now)
                erased = erasure.finish(session, now)
            if erased:
                database.copy_log_back()
        except Exception:
            log.exception("housekeeping.failed", company=company_id)


def remind(database: Database, clock: Clock, paces: Mapping[str, Pace]) -> None:
    """Write the reminders of events that are due, some in each transaction."""
    with database.installation() as session:
        companies = reminders.companies_due(session, clock())
    for company_id in companies:
        try:
            looked = reminders.AT_ONCE
            while looked == reminders.AT_ONCE:
                with database.company(company_id) as session:
                    looked = reminders.send(session, paces, clock())
        except Exception:
            log.exception("housekeeping.not_reminded", company=company_id)


def next_due(database: Database, now: datetime) -> datetime | None:
    """When something happens by itself next, if ever: a message leaves, a reminder is due, a gig's deadline passes, a
    case's time is nearly over, an account opens, an invitation is due or ends, a profile is asked about, HR is reminded
    of a commission, an offered seat is over, sign-up for an event closes, one ends, or its guests are thanked."""
    with database.installation() as session:
        moments = (
            ledger.next_due(session),
            ledger.next_digest(session),
            gigs.next_deadline(session),
            promises.next_due(session),
            publishing.next_due(session),
            broadcasts.next_due(session),
            survey_forms.next_due(session),
            reunion_forms.next_due(session),
            offboarding.next_due(session),
            freshness.next_due(session, now),
            commissions.next_due(session),
            rsvps.next_due(session),
            events.next_due(session),
            feedback.next_due(session),
            reminders.next_due(session),
        )
    return min((moment for moment in moments if moment is not None), default=None)
