"""From a draft to a published gig and its versions: what is asked for, who is reached, and what happens at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from adapters.slack.outbound import SlackPlatform
from bot import audiences, delivery, housekeeping, versions
from bot.cards import Card, Form
from bot.outcomes import Reason, Refused
from storage import consents, ledger, visibility
from storage.db import Database
from storage.tables import (
    Account,
    Audience,
    Company,
    ConsentPurpose,
    Delivery,
    Department,
    Gig,
    GigState,
    GigVersion,
    Person,
    PersonState,
    Role,
    Skill,
)
from tests.bot.core import ALUMNA, DRAFT, NOW, OFFERED_BY, OWNER, Core, faulty, going_to, wanting

CHANNEL = {"key": "c1", "name": "掲示板", "platform": "slack", "workspace": "T1", "address": "slack:C1"}
WORK = {"title": "決算", "work": "月次の締め", "reward": "時給3,500円", "place": "在宅"}
THEN = {"draft": str(DRAFT), "then": "preview"}


@pytest.fixture
def core(database: Database) -> Core:
    return Core(database).settle()


def gig(core: Core, gig_id: int | None = None) -> Gig:
    """The gig of that number, or the newest."""
    with core.database.company(1) as session:
        query = select(Gig).order_by(col(Gig.id).desc())
        return session.exec(query.where(Gig.id == gig_id) if gig_id else query).first() or pytest.fail("no gig")


def offers(core: Core, template: str = "gig_offer") -> list[Delivery]:
    with core.database.company(1) as session:
        return list(session.exec(select(Delivery).where(Delivery.template == template).order_by(col(Delivery.id))))


def kept(core: Core) -> list[GigVersion]:
    with core.database.company(1) as session:
        return list(session.exec(select(GigVersion).order_by(col(GigVersion.gig_id), col(GigVersion.version))))


def forget_defaults(core: Core) -> None:
    with core.database.company(1) as session:
        session.get_one(Company, 1).gig_defaults = {}


def told(core: Core, gig_id: int = DRAFT) -> str:
    reply = core.send("gig.show", args={"gig": str(gig_id)})
    assert isinstance(reply.content, Card)
    return str(reply.content)


# What is missing


def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(core: Core) -> None:
    forget_defaults(core)
    asked = core.send("gig.post", WORK).content
    assert isinstance(asked, Form) and asked.verb == "gig.terms"
    assert {f.name for f in asked.fields if f.error} == {"legal_name", "legal_address", "contact"}
    draft = gig(core)
    assert (draft.state, draft.work, offers(core)) == (GigState.DRAFT, WORK["work"], [])
    lacking = core.send("gig.terms", {**OFFERED_BY, "contact": ""}, asked.args)
    assert list(faulty(lacking)) == ["contact"]
    assert isinstance(lacking.content, Form)
    said = core.send("gig.terms", OFFERED_BY, lacking.content.args).content
    assert isinstance(said, Card) and "1名" in str(said)
    assert gig(core).state is GigState.OPEN and [row.person_id for row in offers(core)] == [ALUMNA]
    assert [(row.version, row.changed, row.content["contact"]) for row in kept(core)] == [(1, [], "人事部")]


def test_it_can_be_looked_at_first_and_then_published_once(core: Core) -> None:
    core.send("gig.post", {**WORK, "then": "preview"})
    draft = gig(core)
    assert draft.state is GigState.DRAFT and draft.terms == OFFERED_BY
    assert WORK["work"] in told(core, draft.id or 0)
    for _ in range(2):
        core.send("gig.publish", args={"draft": str(draft.id)})
        core.send("gig.publish", args={"draft": str(draft.id)}, platform="teams")
    assert len(offers(core)) == 1 and len(kept(core)) == 1 and len(offers(core, "gig_desk")) == 1


def test_a_payment_that_is_too_late_is_named_with_the_last_day(core: Core) -> None:
    late = {**OFFERED_BY, "received_on": "2027-04-01", "pays_on": "2027-05-31"}
    reply = core.send("gig.terms", late, {"draft": str(DRAFT)})
    assert "2027年5月30日" in faulty(reply)["pays_on"]
    assert gig(core, DRAFT).terms["pays_on"] == "2027-05-31", "a draft keeps what is wrong too"
    assert not faulty(core.send("gig.terms", late, THEN)), "looking at it is no publishing"
    assert "2027年5月30日" in told(core)
    assert core.send("gig.publish", args={"draft": str(DRAFT)}).content is not None
    assert gig(core, DRAFT).state is GigState.DRAFT


def test_of_two_who_edit_at_once_the_second_is_told_and_keeps_what_was_typed(core: Core) -> None:
    first, second = (core.send("gig.post", args={"draft": str(DRAFT)}).content for _ in range(2))
    assert isinstance(first, Form) and isinstance(second, Form)
    core.send("gig.post", {**WORK, "title": "一人目", "then": "preview"}, first.args)
    refused = core.send("gig.post", {**WORK, "title": "二人目", "then": "preview"}, second.args)
    assert list(faulty(refused)) == ["title"] and gig(core, DRAFT).title == "一人目"
    assert isinstance(refused.content, Form) and refused.content.fields[0].value == "二人目"
    core.send("gig.post", {**WORK, "title": "二人目", "then": "preview"}, refused.content.args)
    assert gig(core, DRAFT).title == "二人目"
    core.send("gig.post", {**WORK, "title": "二人目", "then": "preview"}, first.args)  # the same again is no quarrel
    assert gig(core, DRAFT).title == "二人目"


def test_alumni_learn_nothing_of_drafts(core: Core) -> None:
    for verb in ("gig.show", "gig.interested", "gig.pass"):
        said = core.send(verb, args={"gig": str(DRAFT)}, by=ALUMNA).content
        assert isinstance(said, Card) and "見つかりません" in said.title, verb
    for verb in ("gig.drafts", "gig.publish", "gig.discard", "gig.terms"):
        said = core.send(verb, args={"draft": str(DRAFT)}, by=ALUMNA).content
        assert isinstance(said, Card) and "経理" not in str(said), verb
    assert gig(core, DRAFT).state is GigState.DRAFT


def test_a_discarded_draft_goes_to_nobody(core: Core) -> None:
    core.send("gig.discard", args={"draft": str(DRAFT)})
    core.send("gig.publish", args={"draft": str(DRAFT)})
    assert (gig(core, DRAFT).state, offers(core)) == (GigState.DISCARDED, [])
    said = core.send("gig.post", WORK, {"draft": str(DRAFT)}).content
    assert isinstance(said, Card)


# To whom


PEOPLE: dict[int, dict[str, Any]] = {
    10: {"city": "大阪市", "joined_year": 2010, "skills": ("経理", "英語"), "department": "経理部"},
    11: {"city": "大阪府堺市", "joined_year": 2015, "skills": ("経理",), "department": "営業部"},
    12: {"city": "東京", "joined_year": 2010, "skills": ("英語",), "department": "経理部"},
    13: {"city": "大阪市", "joined_year": 2010, "skills": ("経理", "英語"), "department": "経理部", "hides": True},
    14: {"city": "大阪市", "joined_year": 2010, "skills": ("経理",), "opted_out_at": NOW},
    15: {"city": "大阪市", "joined_year": 2010, "skills": ("経理", "英語"), "department": "経理部", "narrow": True},
    16: {"city": "大阪市", "joined_year": 2010, "skills": ("経理",), "snoozed_until": NOW + timedelta(days=1)},
    17: {"city": "大阪市", "joined_year": 2010, "skills": ("経理",), "withdrawn": True},
    18: {"city": "大阪市", "joined_year": 2010, "skills": ("経理",), "state": PersonState.LEFT},
}


OWN = ("city", "joined_year", "opted_out_at", "snoozed_until")


@pytest.mark.parametrize(
    ("wanted", "segment", "reached"),
    [
        ("", {}, {2, 10, 11, 12, 15}),
        ("経理、英語", {}, {10, 11, 12}),
        ("経理、英語", {"match": "all"}, {10}),
        ("", {"cities": ["大阪"]}, {10, 11}),
        ("", {"cities": ["大阪", "東京"]}, {10, 11, 12}),
        ("", {"cities": ["100%"]}, set()),
        ("", {"joined_from": 2012}, {11}),
        ("", {"joined_to": 2012}, {10, 12}),
        ("", {"joined_from": 2010, "joined_to": 2010}, {10, 12}),
        ("", {"departments": ["経理"]}, {10, 12}),
        ("英語", {"departments": ["経理"], "cities": ["大阪"], "joined_from": 2009}, {10}),
    ],
)
def test_a_segment_reaches_whom_hr_may_see_in_it(
    core: Core, wanted: str, segment: dict[str, Any], reached: set[int]
) -> None:
    with core.database.company(1) as session:
        for number, said in PEOPLE.items():
            own = {name: value for name, value in said.items() if name in OWN}
            state = said.get("state", PersonState.ACTIVE)
            session.add(Person(id=number, name=f"P{number}", role=Role.ALUMNUS, state=state, created_at=NOW, **own))
            session.flush()
            place: dict[str, Any] = {"platform": "slack", "workspace": "T1", "address": f"slack:{number}"}
            session.add_all(Account(person_id=number, external_id=f"U{number}{n}", **place) for n in "ab")
            for place_, one in enumerate(said["skills"]):
                session.add(Skill(person_id=number, folded=one, label=one, place=place_))
            if "department" in said:
                session.add(Department(person_id=number, place=0, name=said["department"]))
            session.flush()
            if "hides" in said:
                visibility.hide(session, number, OWNER, NOW)
            if "narrow" in said:
                fields = ("city", "joined_year", "skills", "departments")
                visibility.choose(session, number, dict.fromkeys(fields, Audience.HIDDEN))
            if "withdrawn" in said:
                consents.give(session, number, ConsentPurpose.GIGS, "1", "slack", NOW)
                consents.withdraw(session, number, ConsentPurpose.GIGS, NOW)
        row = wanting(wanted, audience=segment)
        found = going_to(session, row, NOW)
        assert set(found) == reached and len(found) == len(reached) == audiences.count(session, row, NOW)
        row.id = 999
        meant = {one for one in (ALUMNA, *PEOPLE) if audiences.meant_for(session, [row], one, NOW)}
        assert meant & (reached | {15}) == reached, "who is written to finds it on their board as well"
        assert meant - reached <= {13, 14, 16, 17, 18}, "and who would be, but takes no messages"


def test_one_named_person_gets_it_alone_and_needs_no_public_items(core: Core) -> None:
    core.send("gig.post", {**WORK, "then": "preview"})
    forget_defaults(core)
    draft = gig(core)
    args = {"draft": str(draft.id)}
    assert list(faulty(core.send("gig.audience", {"named": "だれか"}, args))) == ["named"]
    core.send("gig.audience", {"named": "田中 恵"}, args)
    core.send("gig.terms", dict.fromkeys(OFFERED_BY, ""), {**args, "then": "preview"})
    core.send("gig.publish", args=args)
    assert gig(core).state is GigState.OPEN and [row.person_id for row in offers(core)] == [ALUMNA]
    with core.database.company(1) as session:
        session.get_one(Gig, draft.id).named_id = 3
        for row in session.exec(select(Delivery).where(Delivery.template == "gig_offer")):
            session.delete(row)  # who has it keeps it
    said = core.send("gig.show", args={"gig": str(draft.id)}, by=ALUMNA).content
    assert isinstance(said, Card) and WORK["title"] not in str(said), "it is somebody else's"
    board = core.send("gigs", by=ALUMNA).content
    assert isinstance(board, Card) and WORK["title"] not in str(board)


def test_a_channel_makes_it_public_and_has_one_copy(core: Core) -> None:
    args = {"draft": str(DRAFT)}
    assert list(faulty(core.send("gig.audience", {"channel": "yes"}, args))) == ["channel"]
    with core.database.company(1) as session:
        session.get_one(Company, 1).gig_channels = [CHANNEL]
    core.send("gig.audience", {"channel": "yes", "cities": "火星"}, args)
    core.send("gig.publish", args=args)
    (copy,) = offers(core)
    assert (copy.address, copy.person_id, copy.subject) == ("slack:C1", None, f"gig:{DRAFT}")
    core.send("gig.fill", args={"gig": str(DRAFT)})
    assert offers(core)[0].state == "cancelled", "it had not left yet"


# When


def test_it_goes_out_at_the_wall_time_of_the_company(core: Core) -> None:
    args = {"draft": str(DRAFT)}
    assert list(faulty(core.send("gig.schedule", {"day": "2026-11-21", "time": "00:30"}, args))) == ["day"]
    core.send("gig.schedule", {"day": "2026-11-21", "time": "９:30"}, args)
    planned = gig(core, DRAFT)
    assert (planned.state, planned.publish_at) == (GigState.SCHEDULED, datetime(2026, 11, 21, 0, 30, tzinfo=UTC))
    for late, state in ((timedelta(seconds=-1), GigState.SCHEDULED), (timedelta(0), GigState.OPEN)):
        core.now = datetime(2026, 11, 21, 0, 30, tzinfo=UTC) + late
        for _ in range(2):
            housekeeping.run(core.database, lambda: core.now)
        assert gig(core, DRAFT).state is state
    assert len(offers(core)) == 1 and len(kept(core)) == 1


def test_what_has_become_wrong_by_then_stays_a_draft_and_hr_is_told(core: Core) -> None:
    core.send("gig.schedule", {"day": "2026-11-21", "time": "09:30"}, {"draft": str(DRAFT)})
    with core.database.company(1) as session:
        session.get_one(Gig, DRAFT).terms = {}
    before = len(offers(core, "gig_draft"))
    core.now = datetime(2026, 11, 21, 1, tzinfo=UTC)
    for _ in range(2):
        housekeeping.run(core.database, lambda: core.now)
    assert gig(core, DRAFT).state is GigState.DRAFT and offers(core) == []
    assert len(offers(core, "gig_draft")) == before + 1
    assert "公開できませんでした" in told(core)


def test_a_plan_can_be_cancelled(core: Core) -> None:
    core.send("gig.schedule", {"day": "2026-11-21", "time": "09:30"}, {"draft": str(DRAFT)})
    core.send("gig.unschedule", args={"draft": str(DRAFT)})
    housekeeping.run(core.database, lambda: NOW + timedelta(days=2))
    assert gig(core, DRAFT).state is GigState.DRAFT and offers(core) == []


# Versions


def publish(core: Core) -> None:
    core.send("gig.publish", args={"draft": str(DRAFT)})
    with core.database.company(1) as session:
        for row in session.exec(select(Delivery).where(Delivery.template == "gig_offer")):
            row.state, row.ref, row.shown = "sent", "slack:1", 1  # type: ignore[assignment]


def change(core: Core, **said: str) -> None:
    form = core.send("gig.post", args={"draft": str(DRAFT)}).content
    assert isinstance(form, Form)
    typed = {field.name: field.value for field in form.fields}
    assert "then" not in typed, "what is out is not published once more"
    assert not faulty(core.send("gig.post", {**typed, **said}, form.args))


@pytest.mark.parametrize(("answer", "is_told"), [("gig.interested", True), ("gig.pass", False), ("", False)])
def test_a_change_makes_a_version_and_tells_who_answered(core: Core, answer: str, is_told: bool) -> None:
    publish(core)
    if answer:
        core.send(answer, args={"gig": str(DRAFT)}, by=ALUMNA)
    change(core, reward="時給4,000円")
    assert [(row.version, row.changed, row.content["reward"]) for row in kept(core)] == [
        (1, [], "応相談"),
        (2, ["reward"], "時給4,000円"),
    ]
    assert offers(core)[0].wanted > 1, "every copy is edited"
    notices = offers(core, "gig_changed")
    assert [row.person_id for row in notices] == ([ALUMNA] if is_told else [])
    change(core)  # nothing
    assert gig(core, DRAFT).version == 2


def test_what_is_out_is_not_changed_into_what_could_not_be(core: Core) -> None:
    publish(core)
    reply = core.send("gig.terms", {**OFFERED_BY, "contact": ""}, {"draft": str(DRAFT)})
    assert list(faulty(reply)) == ["contact"] and gig(core, DRAFT).version == 1


@pytest.mark.parametrize(
    ("reason", "certain", "followed"),
    [(Reason.PERMISSION, True, 1), (Reason.GONE, True, 0), (Reason.CREDENTIALS, False, 0)],
)
def test_a_copy_that_cannot_be_edited_is_followed_by_a_notice_once(
    core: Core, reason: Reason, certain: bool, followed: int
) -> None:
    publish(core)
    slack = SlackPlatform(token="x", http=None, session=None)  # type: ignore[arg-type]
    courier = delivery.Courier(core.database, {"slack": slack}, lambda: NOW, threads=None, woken=lambda: None)  # type: ignore[arg-type]

    def refuse() -> None:
        with core.database.company(1) as session:
            row = ledger.offered_to(session, f"gig:{DRAFT}", ALUMNA)
        assert row is not None
        courier._write([(delivery.Work.EDIT, row, Refused(reason, certain=certain))])  # pyright: ignore[reportPrivateUsage]

    refuse()
    assert offers(core, "gig_changed") == [], "the copy shows version 1"
    change(core, reward="時給4,000円")
    for _ in range(2):
        refuse()
    assert len(offers(core, "gig_changed")) == followed
    core.send("gig.fill", args={"gig": str(DRAFT)})
    for _ in range(2):
        refuse()
    assert len(offers(core, "gig_closed")) == followed


def test_a_person_who_is_erased_takes_their_own_gig_along(core: Core) -> None:
    from bot import erasure

    core.send("gig.audience", {"named": "田中 恵"}, {"draft": str(DRAFT)})
    with core.database.company(1) as session:
        erasure.erase(session, ALUMNA, NOW, by=OWNER)
    assert gig(core, DRAFT).state is GigState.DISCARDED
    assert "田中" not in told(core)


def test_defaults_are_what_new_posts_start_with(core: Core) -> None:
    core.send("gig.defaults", {"legal_name": "新社名", "tax": "included"})
    core.send("gig.post", {**WORK, "then": "preview"})
    assert gig(core).terms == {"legal_name": "新社名", "tax": "included"}
    assert versions.content_of(gig(core))["places"] == "1"
