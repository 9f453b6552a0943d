"""The ledger: written once, claimed once, edited until it shows what is wanted."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from storage import circulars, lanes, ledger, open_forms
from storage.circulars import Circular
from storage.db import CompanySession, Database
from storage.ledger import Draft, Settlement
from storage.tables import Account, DeliveryState, Person, PersonState, Role, table
from tests.storage.conftest import OURS, THEIRS
from tests.whole import whole

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
S = timedelta(seconds=1)
_A, _P = table(Account), table(Person)


def draft(number: int = 1, **fields: Any) -> Draft:
    told: dict[str, Any] = {
        "cause": "gig:1",
        "recipient": f"person:{number}",
        "platform": "slack",
        "workspace": "T1",
        "address": f"user:T1:U{number}",
        "template": "gig_offer",
        "subject": "gig:1",
        "unasked": True,
    }
    return Draft(**{**told, **fields})


def enqueue(database: Database, *drafts: Draft, at: datetime = NOW, company: int = OURS) -> None:
    with database.company(company) as session:
        ledger.enqueue(session, drafts, at)


def rows(database: Database) -> list[Any]:
    with whole(database) as connection:
        return list(connection.execute(ledger.select(ledger._T).order_by(ledger._T.c.id)))


def claim(database: Database, at: datetime = NOW, limit: int = 16, **how: Any) -> list[int]:
    with database.installation() as session:
        return [row.id for row in ledger.claim_sends(session, at, limit, **how)]


def settle(database: Database, *settlements: Settlement, at: datetime = NOW) -> None:
    with database.installation() as session:
        ledger.settle(session, settlements, at)


def sent(database: Database, delivery: int, shown: int = 1) -> None:
    settle(database, Settlement(delivery, DeliveryState.SENT, ref=f"ref{delivery}", shown=shown, settled_at=NOW))


def test_one_row_for_a_cause_and_a_recipient_and_the_first_one_stays(companies: Database) -> None:
    enqueue(companies, draft(template="first"))
    enqueue(companies, draft(template="second"), draft(2))
    enqueue(companies, draft(), company=THEIRS)
    assert [(row.company_id, row.template) for row in rows(companies)] == [
        (OURS, "first"),
        (OURS, "gig_offer"),
        (THEIRS, "gig_offer"),
    ]


def test_what_a_session_has_written_it_may_claim_where_nothing_has_to_leave_before_it(companies: Database) -> None:
    def begun(*drafts: Draft, at: datetime = NOW) -> list[bool]:
        with companies.company(OURS) as session:
            for one in drafts:
                ledger.enqueue(session, [one], at)
            return [ledger.begin_written(session, row, NOW) for row in ledger.written(session)]

    said = {"subject": "case:1:alumnus", "unasked": False}
    assert begun(draft(cause="a", **said), draft(cause="b", **said)) == [True, False], "b waits for a"
    assert begun(draft(cause="c", **said)) == [False]
    assert begun(draft(cause="d", address="user:T1:U9", **said)) == [True], "to somebody else"
    assert begun(draft(cause="e", subject=None, thread_of=2)) == [False], "a reply waits for what it replies to"
    assert begun(draft(cause="f"), at=NOW + S) == [False], "not due yet"
    assert begun(draft(cause="a", **said)) == [], "written before"
    sent(companies, 1)
    assert claim(companies) == [2], "the couriers go on where it was left"
    ours = rows(companies)
    with companies.company(THEIRS) as session:
        assert not any(ledger.begin_written(session, row, NOW + S) for row in ours)


def paced(session: CompanySession, drafts: list[Draft], now: datetime) -> datetime:
    """Letters to many, one a second; when the last of them is due."""
    moments = lanes.reserve(session, drafts[0].platform, drafts[0].workspace, len(drafts), now, 60)
    ledger.enqueue_at(session, list(zip(drafts, moments, strict=True)), now)
    return moments[-1]


def test_a_fan_out_is_spread_and_waits_for_the_one_before(companies: Database) -> None:
    with companies.company(OURS) as session:
        first = paced(session, [draft(n) for n in range(4)], NOW)
        second = paced(session, [draft(n, cause="gig:2") for n in range(2)], NOW)
        other = paced(session, [draft(9, workspace="T2")], NOW)
        ledger.enqueue(session, [draft(8, cause="answer")], NOW)
    assert (first, second, other) == (NOW + 3 * S, NOW + 5 * S, NOW)
    assert [(row.due_at - NOW) / S for row in rows(companies)] == [0, 1, 2, 3, 4, 5, 0, 0]
    with companies.company(OURS) as session:
        later = paced(session, [draft(7)], NOW + 60 * S)
    assert later == NOW + 60 * S, "a lane that has been idle owes nothing"


def test_simultaneous_fan_outs_share_a_lane(companies: Database) -> None:
    together = threading.Barrier(2)

    def fan_out(cause: str) -> None:
        together.wait(10)
        with companies.company(OURS) as session:
            paced(session, [draft(n, cause=cause) for n in range(5)], NOW)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(fan_out, ["gig:1", "gig:2"]))
    assert sorted((row.due_at - NOW) / S for row in rows(companies)) == list(range(10))


def test_the_oldest_due_go_first_and_none_before_its_time(companies: Database) -> None:
    enqueue(companies, draft(1), at=NOW + 2 * S)
    enqueue(companies, draft(2), at=NOW + S)
    enqueue(companies, draft(3), at=NOW + 9 * S)
    assert claim(companies, NOW) == []
    assert claim(companies, NOW + 5 * S) == [2, 1]
    assert claim(companies, NOW + 5 * S) == [], "what is claimed is claimed"


def test_a_conversation_with_many_due_messages_takes_one_place_only(companies: Database) -> None:
    enqueue(companies, *(draft(1, recipient=f"again:{n}") for n in range(40)))
    enqueue(companies, *(draft(n) for n in range(2, 8)), at=NOW + S)
    assert len(claim(companies, NOW + S, limit=5)) == 5
    assert sorted(row.address for row in rows(companies) if row.state == "sending") == [
        f"user:T1:U{n}" for n in range(1, 6)
    ]


def test_busy_conversations_spent_lanes_parked_lanes_and_absent_platforms_are_passed_over(companies: Database) -> None:
    enqueue(
        companies,
        draft(1),
        draft(2),
        draft(3, workspace="T2"),
        draft(4, workspace="T3"),
        draft(5, platform="teams"),
        draft(6),
    )
    with companies.installation() as session:
        lanes.park(session, lanes.sends("slack", "T3"), NOW + 30 * S)
        parked = lanes.parked(session, NOW)
    enqueue(companies, draft(7))
    used_up = lanes.conversation("user:T1:U2"), lanes.sustained("user:T1:U7")
    closed = [*parked, lanes.sends("slack", "T2"), *used_up]
    assert claim(companies, NOW, busy=["user:T1:U1"], closed=closed, platforms=["slack"]) == [6]
    assert claim(companies, NOW, platforms=[]) == []
    assert claim(companies, NOW + 31 * S) == [1, 2, 3, 4, 5, 7]


def test_one_persons_copies_are_found_without_reading_everybodys(companies: Database) -> None:
    """A hundred thousand have one, and each of them presses its buttons."""
    statements = [
        ledger._OFFERED,
        *(
            ledger._mark_stale(frozenset(("person_id",)), waits=waits, rests=False, spares=False)
            for waits in (False, True)
        ),
    ]
    given: dict[str, Any] = {"subject": "gig:1", "person": 1, "person_id": 1, "soon": NOW, "leased": NOW}
    with companies.company(OURS) as session:
        driver: Any = session.core.connection.driver_connection
        if not companies.is_sqlite:
            driver.execute("SET LOCAL enable_seqscan = off")
        for statement in statements:
            sql = statement.sql(session)
            if companies.is_sqlite:
                plan = driver.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?")).fetchall()
            else:
                plan = driver.execute(f"EXPLAIN {sql}", given | {"company": OURS}).fetchall()
            assert "ix_delivery_person_id_subject" in " ".join(str(step) for step in plan)
            assert "ix_delivery_company_id_subject" not in " ".join(str(step) for step in plan)


def test_a_shorter_wait_does_not_shorten_a_longer_one(companies: Database) -> None:
    lane = lanes.sends("slack", "T1")
    with companies.installation() as session:
        lanes.park(session, lane, NOW + 30 * S)
        lanes.park(session, lane, NOW + S)
        assert lanes.parked(session, NOW) == {lane: NOW + 30 * S}
        lanes.park(session, lane, NOW + 60 * S)
        assert lanes.parked(session, NOW) == {lane: NOW + 60 * S}
        assert lanes.parked(session, NOW + 60 * S) == {}


def test_two_couriers_at_once_never_claim_the_same_row(companies: Database) -> None:
    enqueue(companies, *(draft(n) for n in range(60)))
    together = threading.Barrier(2)

    def courier(_: int) -> list[int]:
        together.wait(10)
        taken: list[int] = []
        for _ in range(20):
            taken += claim(companies, limit=5)
        return taken

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(courier, range(2))
    assert len(one) + len(other) == 60
    assert set(one).isdisjoint(other)


def test_a_row_whose_courier_died_is_looked_up_after_its_lease(companies: Database) -> None:
    enqueue(companies, draft())
    claim(companies)
    with companies.installation() as session:
        assert ledger.claim_checks(session, NOW + ledger.LEASE - S, 5) == []
        assert [row.id for row in ledger.claim_checks(session, NOW + ledger.LEASE, 5)] == [1]
        assert ledger.claim_checks(session, NOW + ledger.LEASE, 5) == []
    assert rows(companies)[0].state == "unconfirmed"


def test_what_something_else_has_settled_stays_settled(companies: Database) -> None:
    enqueue(companies, draft())
    claim(companies)
    sent(companies, 1)
    settle(companies, Settlement(1, DeliveryState.QUEUED, due_at=NOW))
    assert rows(companies)[0].state == "sent"


def test_a_detail_that_no_database_takes_spoils_nothing(companies: Database) -> None:
    enqueue(companies, draft())
    claim(companies)
    settle(companies, Settlement(1, DeliveryState.REFUSED, reason="invalid", detail="a\0b\ud800" + "x" * 5000))
    assert rows(companies)[0].detail.startswith("ab?xxx")


def stale(database: Database, **how: Any) -> None:
    with database.company(OURS) as session:
        ledger.mark_stale(session, "gig:1", NOW, **how)


def claim_edits(database: Database, at: datetime) -> list[Any]:
    with database.installation() as session:
        return ledger.claim_edits(session, at, 16)


def test_several_changes_make_one_edit_and_the_newest_version_wins(companies: Database) -> None:
    enqueue(companies, draft(), draft(2))
    claim(companies)
    sent(companies, 1)
    stale(companies, within=S)
    with companies.company(OURS) as session:
        ledger.mark_stale(session, "gig:1", NOW + 0.5 * S, within=S)
    assert claim_edits(companies, NOW + 0.9 * S) == []
    (row,) = claim_edits(companies, NOW + S)
    assert (row.id, row.wanted) == (1, 3)
    stale(companies)  # it changes once more while the edit is under way
    with companies.installation() as session:
        ledger.settle_edits(session, [(1, row.wanted)], NOW + 2 * S)
    (again,) = claim_edits(companies, NOW + 2 * S)
    assert again.wanted == 4
    with companies.installation() as session:
        ledger.settle_edits(session, [(1, again.wanted)], NOW + 3 * S)
    assert claim_edits(companies, NOW + 600 * S) == []


def test_what_changes_while_it_is_being_sent_is_edited_afterwards(companies: Database) -> None:
    enqueue(companies, draft())
    claim(companies)
    stale(companies)
    assert claim_edits(companies, NOW + 60 * S) == []
    sent(companies, 1, shown=1)
    assert [row.id for row in claim_edits(companies, NOW)] == [1]


def test_a_change_reaches_one_persons_copy_or_everybodys_but_never_another_companys(companies: Database) -> None:
    enqueue(companies, draft(1), draft(2))
    enqueue(companies, draft(1), company=THEIRS)
    claim(companies)
    for number in (1, 2, 3):
        sent(companies, number)
    stale(companies)
    assert [row.id for row in claim_edits(companies, NOW)] == [1, 2] or sorted(
        row.id for row in rows(companies) if row.wanted == 2
    ) == [1, 2]


def test_a_copy_that_is_gone_is_let_go(companies: Database) -> None:
    enqueue(companies, draft())
    claim(companies)
    sent(companies, 1)
    stale(companies)
    with companies.installation() as session:
        ledger.let_go(session, 1)
    stale(companies)
    assert claim_edits(companies, NOW + 60 * S) == []


def test_only_what_still_waits_is_cancelled(companies: Database) -> None:
    enqueue(companies, draft(1), draft(2), draft(3))
    claim(companies, limit=1)
    with companies.company(THEIRS) as session:
        assert ledger.cancel_queued(session, "gig:1", "gig_filled", NOW) == 0
    with companies.company(OURS) as session:
        assert ledger.cancel_queued(session, "gig:1", "gig_filled", NOW) == 2
        assert ledger.counts(session, "gig:1") == {DeliveryState.SENDING: 1, DeliveryState.CANCELLED: 2}


def test_what_is_unclear_is_counted_as_under_way_while_it_is_looked_up_and_sent_again_on_request_only(
    companies: Database,
) -> None:
    enqueue(companies, draft(1), draft(2), draft(3))
    claim(companies)
    sent(companies, 1)
    settle(
        companies,
        Settlement(2, DeliveryState.UNCONFIRMED, check_at=NOW + S),
        Settlement(3, DeliveryState.UNCONFIRMED, settled_at=NOW),
    )
    with companies.company(OURS) as session:
        assert ledger.counts(session, "gig:1") == {
            DeliveryState.SENT: 1,
            DeliveryState.SENDING: 1,
            DeliveryState.UNCONFIRMED: 1,
        }
        assert [row.id for row in ledger.unclear(session, "gig:1")] == [3]
        assert ledger.send_again(session, "gig:1", NOW) == 1
        assert ledger.send_again(session, "gig:1", NOW) == 0
        assert ledger.last_due(session, "gig:1") == NOW
    assert claim(companies) == [3]


@pytest.mark.parametrize("function", ["by_ref", "offered_to", "caused", "ref_of"])
def test_look_ups_stay_within_the_company(companies: Database, function: str) -> None:
    enqueue(companies, draft(1), company=THEIRS)
    with companies.installation() as session:
        session.core.execute(text("UPDATE delivery SET ref = 'r', state = 'sent'"))
    arguments: dict[str, tuple[Any, ...]] = {
        "by_ref": ("r",),
        "offered_to": ("gig:1", 1),
        "caused": ("gig:1",),
        "ref_of": (1,),
    }
    with companies.company(OURS) as session:
        assert getattr(ledger, function)(session, *arguments[function]) is None


def test_the_next_moment_with_something_to_do(companies: Database) -> None:
    with companies.installation() as session:
        assert ledger.next_due(session) is None
    enqueue(companies, draft(), at=NOW + 7 * S)
    with companies.installation() as session:
        assert ledger.next_due(session) == NOW + 7 * S


# Forms that stand on messages


def opened(database: Database, delivery: int, holder: str = "", at: datetime = NOW) -> None:
    with database.company(OURS) as session:
        open_forms.open_one(session, delivery, holder, at)


def changed(database: Database, at: datetime) -> None:
    with database.company(OURS) as session:
        ledger.mark_stale(session, "gig:1", at)


def edited(database: Database, at: datetime) -> list[int]:
    with database.installation() as session:
        due = bool(ledger.due(session, at)), ledger.waited_for(session, at, ["user:T1:U1", "user:T1:U2"])
        rows = ledger.claim_edits(session, at, 16)
        assert due == (bool(rows), {row.address for row in rows}), "the three agree"
        return [row.wanted for row in rows]


def test_an_edit_waits_for_each_form_that_stands_on_its_message_and_shows_the_newest_then(companies: Database) -> None:
    enqueue(companies, draft())
    sent(companies, *claim(companies))
    opened(companies, 1, "a")
    opened(companies, 1, "b", NOW + 5 * S)
    opened(companies, 1, "b", NOW + 60 * S)
    changed(companies, NOW + 61 * S)
    changed(companies, NOW + 62 * S)
    assert edited(companies, NOW + 70 * S) == []
    with companies.company(OURS) as session:
        assert open_forms.close(session, 1, "a") and not open_forms.close(session, 1, "a")
    assert edited(companies, NOW + 70 * S) == []
    with companies.installation() as session:
        until = NOW + 60 * S + open_forms.LASTS
        assert ledger.next_due(session) == until
    assert edited(companies, until - S) == []
    assert edited(companies, until) == [3], "who forgot the form is not waited for"


def test_forms_that_were_left_are_forgotten(companies: Database) -> None:
    opened(companies, 1)
    opened(companies, 2, at=NOW + 60 * S)
    with companies.company(OURS) as session:
        open_forms.prune(session, NOW + open_forms.LASTS)
    with companies.installation() as session:
        assert [session.core.execute(select(open_forms.stands_on(number, NOW))).scalar() for number in (1, 2)] == [
            False,
            True,
        ]


# The order of a conversation


def line(number: int, **fields: Any) -> Draft:
    """A message of a case, to one conversation."""
    return draft(1, cause=f"case:7:message:{number}", subject="case:7", unasked=False, **fields)


THROTTLED = {"state": DeliveryState.QUEUED, "due_at": NOW + 30 * S}
MENDABLE = {"state": DeliveryState.QUEUED, "due_at": NOW + 60 * S}
LOOKED_UP = {"state": DeliveryState.UNCONFIRMED, "check_at": NOW + 3 * S}
UNCLEAR = {"state": DeliveryState.UNCONFIRMED}
REFUSED = {"state": DeliveryState.REFUSED}
DIED: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("ending", "holds"),
    [(THROTTLED, True), (MENDABLE, True), (LOOKED_UP, True), (DIED, True), (UNCLEAR, False), (REFUSED, False)],
)
def test_nothing_of_a_case_overtakes_what_is_still_on_its_way(
    companies: Database, ending: dict[str, Any], holds: bool
) -> None:
    enqueue(companies, line(1))
    assert claim(companies) == [1]
    enqueue(companies, line(2), line(3))
    if ending:
        settle(companies, Settlement(1, **ending))
    assert claim(companies, NOW + 2 * S) == ([] if holds else [2])


def test_after_a_wait_the_first_goes_first_and_the_others_follow(companies: Database) -> None:
    enqueue(companies, line(1), line(2), line(3))
    assert claim(companies) == [1]
    settle(companies, Settlement(1, DeliveryState.QUEUED, due_at=NOW + 30 * S))
    for number in (1, 2, 3):
        assert claim(companies, NOW + 30 * S) == [number]
        sent(companies, number)
    assert claim(companies, NOW + 30 * S) == []


def test_other_conversations_and_cases_do_not_wait(companies: Database) -> None:
    enqueue(companies, line(1))
    assert claim(companies) == [1]
    settle(companies, Settlement(1, DeliveryState.QUEUED, due_at=NOW + 30 * S))
    enqueue(
        companies, line(2), line(3, address="user:T1:U9"), draft(4, cause="c", subject="case:8", address="user:T1:U1")
    )
    enqueue(companies, draft(5, address="user:T1:U5"), draft(6, cause="x", subject=None, address="user:T1:U6"))
    enqueue(companies, draft(7, cause="case:7:message:2", subject="case:7", address="user:T1:U1"), company=THEIRS)
    assert claim(companies) == [3, 4, 5, 6], "a conversation has one message under way, whosever it is"


def test_a_message_for_later_holds_up_nobody(companies: Database) -> None:
    with companies.company(OURS) as session:
        ledger.enqueue_at(session, [(line(1), NOW + 60 * S), (line(2), NOW)], NOW)
    assert claim(companies) == [2]


def test_a_reply_leaves_after_what_it_replies_to(companies: Database) -> None:
    enqueue(companies, draft(1, address="channel:T1:C1", subject="gig:1:desk"))
    assert claim(companies) == [1]
    enqueue(companies, line(1, address="channel:T1:C1", thread_of=1))
    assert claim(companies) == []
    sent(companies, 1)
    assert claim(companies) == [2]


# Fan-out


CIRCULAR = Circular("gig:1", "gig_offer", {"gig": 1}, "gig:1")
RATES = {"slack": 60.0, "teams": 600.0}


@pytest.fixture
def crowd(companies: Database) -> Database:
    """Seven people of ours in three lanes, the last on a platform that is not configured; and one of theirs."""
    places = ["slack:T1", "slack:T1", "teams:T9", "slack:T1", "teams:T9", "slack:T2", "fax:1"]
    for company, own in ((OURS, places), (THEIRS, ["slack:T1"])):
        with companies.company(company) as session:
            for number, place in enumerate(own, 1 if company == OURS else 100):
                platform, workspace = place.split(":")
                session.add(Person(id=number, name="x", role=Role.ALUMNUS, state=PersonState.ACTIVE))
                session.flush()
                session.add(
                    Account(
                        platform=platform,
                        workspace=workspace,
                        external_id=f"U{number}",
                        address=f"at {number}",
                        person_id=number,
                    )
                )
    return companies


def fan_out(database: Database, circular: Circular = CIRCULAR, *people_ids: int) -> int:
    with database.company(OURS) as session:
        everybody = select(_P.c.id, _A.c.platform, _A.c.workspace, _A.c.address).join_from(_A, _P)
        everybody = everybody.where(_P.c.company_id == session.company_id).order_by(_P.c.id)
        to = everybody.where(_P.c.id.in_(people_ids)) if people_ids else everybody
        return circulars.fan_out(session, to, circular, NOW, RATES)


def test_a_circular_writes_the_rows_that_drafts_would(crowd: Database) -> None:
    assert fan_out(crowd) == 7
    circulated = rows(crowd)
    assert [(row.recipient, (row.due_at - NOW) / S) for row in sorted(circulated, key=lambda row: row.person_id)] == [
        ("person:1", 0),
        ("person:2", 1),
        ("person:3", 0),
        ("person:4", 2),
        ("person:5", 0.1),
        ("person:6", 0),
        ("person:7", 0),
    ]
    with crowd.company(OURS) as session:
        drafts = [CIRCULAR.to(r.person_id, r.platform, r.workspace, r.address) for r in circulated]
        ledger.enqueue(session, [replace(one, cause="by hand") for one in drafts], NOW)
    by_hand = [row._replace(cause="gig:1", id=0) for row in map(_named, rows(crowd)[7:])]
    assert [row._replace(id=0, due_at=NOW) for row in map(_named, circulated)] == by_hand


def _named(row: Any) -> ledger.DeliveryRow:
    return ledger.DeliveryRow(*(getattr(row, name) for name in ledger.DeliveryRow._fields))


def test_who_got_a_circular_gets_it_once_and_the_next_one_waits_for_it(crowd: Database) -> None:
    fan_out(crowd, CIRCULAR, 1, 3)
    assert fan_out(crowd, CIRCULAR, 1, 2, 3) == 1
    assert fan_out(crowd, CIRCULAR) == 4
    before = max(row.due_at for row in rows(crowd) if row.workspace == "T1")
    fan_out(crowd, replace(CIRCULAR, cause="gig:2"))
    again = [row.due_at for row in rows(crowd) if (row.cause, row.workspace) == ("gig:2", "T1")]
    assert again[0] > before
    assert [(moment - again[0]) / S for moment in again] == [0, 1, 2]


def test_a_lane_that_others_wait_for_is_never_given_free_earlier(crowd: Database) -> None:
    """A channel's copy is of the same cause, waits for nobody, and may be where nobody has an account."""
    fan_out(crowd)
    before = max(row.due_at for row in rows(crowd) if row.workspace == "T1")
    with crowd.company(OURS) as session:
        for workspace in ("T1", "T9"):
            channel = Draft("gig:2", f"channel:{workspace}", "slack", workspace, f"channel:{workspace}:C1", "gig_offer")
            ledger.enqueue(session, [channel], NOW)
    assert fan_out(crowd, replace(CIRCULAR, cause="gig:2"), 100) == 0
    assert fan_out(crowd, replace(CIRCULAR, cause="gig:2"), 5) == 1
    fan_out(crowd, replace(CIRCULAR, cause="gig:3"))
    assert min(row.due_at for row in rows(crowd) if (row.cause, row.workspace) == ("gig:3", "T1")) > before


def test_simultaneous_circulars_share_a_lane(crowd: Database) -> None:
    together = threading.Barrier(2)

    def circulate(cause: str) -> None:
        together.wait(10)
        fan_out(crowd, replace(CIRCULAR, cause=cause))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(circulate, ["gig:1", "gig:2"]))
    own = [row for row in rows(crowd) if row.workspace == "T1"]
    assert sorted((row.due_at - NOW) / S for row in own) == list(range(6))


def test_who_is_written_to_singly_while_a_circular_goes_out_has_one_message(
    crowd: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, begins = threading.Event(), threading.Event()
    write_first = circulars._write_first

    def seen(session: CompanySession, copies: Any) -> int | None:
        begins.set()
        return write_first(session, copies)

    def circulate() -> int:
        assert written.wait(10)
        return fan_out(crowd)

    monkeypatch.setattr(circulars, "_write_first", seen)
    with ThreadPoolExecutor(1) as threads:
        circulating = threads.submit(circulate)
        with crowd.company(OURS) as session:
            ledger.enqueue(session, [CIRCULAR.to(1, "slack", "T1", "at 1")], NOW)
            written.set()
            # PostgreSQL's circular comes as far as this row, and waits for it; SQLite's waits before it begins.
            begins.wait(0.3)
        assert circulating.result(10) == 6
    everybody = rows(crowd)
    assert sorted(row.person_id for row in everybody) == [1, 2, 3, 4, 5, 6, 7]
    fan_out(crowd, replace(CIRCULAR, cause="gig:2"))
    first, second = ([r.due_at for r in rows(crowd) if (r.cause, r.workspace) == (c, "T1")] for c in ("gig:1", "gig:2"))
    assert min(second) > max(first)


def test_a_circular_to_nobody_writes_nothing(crowd: Database) -> None:
    assert fan_out(crowd, CIRCULAR, 100) == 0
    assert rows(crowd) == []
