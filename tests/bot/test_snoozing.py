"""A break until a day: which words mean which day, and what does not come meanwhile."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot import delivery, snoozing
from bot.cards import Card
from storage import ledger, people
from storage.db import Database
from storage.ledger import Draft
from tests.bot.core import ALUMNA, NOW, Core, going_to, wanting

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("until 2026/12/31", date(2026, 12, 31)),
        ("２０２６年１２月３１日まで", date(2026, 12, 31)),
        ("12/31", date(2026, 12, 31)),
        ("1月5日", date(2027, 1, 5)),
        ("2 weeks", date(2026, 12, 5)),
        ("a week", date(2026, 11, 28)),
        ("for 3 days", date(2026, 11, 24)),
        ("2週間", date(2026, 12, 5)),
        ("3か月", date(2027, 2, 21)),
        ("1ヶ月", date(2026, 12, 21)),
        ("1年間", date(2027, 11, 21)),
        ("2026-02-30", None),
        ("13/40", None),
        ("soon", None),
        ("2 weeks <!channel>", None),
    ],
)
def test_words_mean_a_day(words: str, day: date | None) -> None:
    assert snoozing.last_day(words, TODAY) == day


def test_a_month_later_is_a_day_that_there_is() -> None:
    assert snoozing.last_day("1 month", date(2027, 1, 31)) == date(2027, 2, 28)
    assert snoozing.last_day("3 months", date(2026, 11, 30)) == date(2027, 2, 28)


def until(core: Core) -> datetime | None:
    person = core.person(id=ALUMNA)
    assert person is not None
    return person.snoozed_until


def test_the_day_ends_where_the_speaker_is_and_start_ends_it(database: Database) -> None:
    core = Core(database).settle()
    core.say("snooze 2026-11-25", by=ALUMNA)
    assert until(core) == datetime(2026, 11, 25, 15, tzinfo=UTC), "midnight in Tokyo"
    for wrong in ("snooze 2020-01-01", "snooze 5 years", "snooze soon", "snooze"):
        reply = core.say(wrong, by=ALUMNA)
        assert reply.notice and isinstance(reply.content, Card)
        assert until(core) == datetime(2026, 11, 25, 15, tzinfo=UTC)
    core.say("休止 2週間", by=ALUMNA)
    assert until(core) == datetime(2026, 12, 5, 15, tzinfo=UTC)
    core.say("start", by=ALUMNA)
    assert until(core) is None


def test_nothing_unasked_is_written_or_sent_meanwhile_and_answers_are(database: Database) -> None:
    core = Core(database).settle()
    core.say("snooze 3 days", by=ALUMNA)
    to: dict[str, object] = {"platform": "slack", "workspace": "T1", "address": "slack:2", "person_id": ALUMNA}
    with database.company(1) as session:
        assert going_to(session, wanting(), NOW) == []
        after = going_to(session, wanting(), NOW + timedelta(days=4))
        assert after == [ALUMNA]
        drafts = [
            Draft(cause=f"c{n}", recipient="p", template="gig_offer", args={"gig": 1}, unasked=n == 0, **to)  # type: ignore[arg-type]
            for n in (0, 1)
        ]
        ledger.enqueue(session, drafts, NOW)
    with database.installation() as session:
        offer, answer = sorted(ledger.claim_sends(session, NOW, 1) + ledger.claim_sends(session, NOW, 1))
    with database.company(1) as session:
        reader = people.members(session, [ALUMNA])[ALUMNA]
        assert delivery.why_not(session, offer, reader, NOW) == "snoozed"
        assert delivery.why_not(session, answer, reader, NOW) == ""
        assert delivery.why_not(session, offer, reader, NOW + timedelta(days=4)) == ""
