"""What HR does with cases, on either database: alone, at the same moment, late, and where others must not read it."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import String, cast, update
from sqlmodel import col, select

from bot import cards, case_lists, case_views, erasure, exports, housekeeping, promises
from bot.cards import Card, Form
from bot.ports import Inbound, Kind, Reply, Speaker
from bot.scene import Scene
from storage import ledger, people
from storage.db import CompanySession, Database
from storage.ledger import Settlement
from storage.tables import (
    Account,
    AuditEntry,
    Case,
    CaseEvent,
    CaseMessage,
    CaseState,
    Delivery,
    DeliveryState,
    Desk,
    Person,
    PersonState,
    Role,
    Side,
)
from tests.bot.core import ALUMNA, OWNER, WORKSPACES, Core, faulty
from tests.whole import whole

SUZUKI = 4
MORNING = datetime(2026, 11, 24, 1, tzinfo=UTC)
"""Ten o'clock on a Tuesday in Tokyo."""
LEAVING = "<!channel> *給与* の件"


@pytest.fixture
def core(database: Database) -> Core:
    """A company with two of HR, a desk that promises an answer within two hours, and another for pay."""
    core = Core(database, MORNING).settle()
    with database.company(1) as session:
        made: dict[str, Any] = {"role": Role.HR, "state": PersonState.ACTIVE, "locale": "ja", "created_at": MORNING}
        session.add(Person(id=SUZUKI, name="鈴木 一郎", **made))
        session.flush()
        for platform, workspace in WORKSPACES.items():
            there: dict[str, Any] = {"platform": platform, "workspace": workspace, "address": f"{platform}:{SUZUKI}"}
            session.add(Account(external_id=f"U{SUZUKI}", person_id=SUZUKI, **there))
        session.get_one(Desk, 1).promised_minutes = 120
        session.add(
            Desk(
                id=2, name="給与担当", topics="給与,年末調整", platform="teams", workspace="tenant", address="channel:2"
            )
        )
    return core


def case_of(core: Core, case_id: int = 1) -> Case:
    with core.database.company(1) as session:
        return session.get_one(Case, case_id)


def messages(core: Core, template: str) -> list[Delivery]:
    with core.database.company(1) as session:
        rows = session.exec(select(Delivery).where(Delivery.template == template).order_by(col(Delivery.id)))
        return list(rows.all())


def said(core: Core, side: Side) -> list[str]:
    with core.database.company(1) as session:
        query = select(CaseMessage.text).where(CaseMessage.side == side).order_by(col(CaseMessage.id))
        return list(session.exec(query).all())


def viewed(core: Core, view: Callable[[Scene, Any], Any], asked: Any, reader: int | None = OWNER) -> Any:
    with core.database.company(1) as session:
        return view(scene(session, core, reader), asked)


def scene(session: CompanySession, core: Core, reader: int | None) -> Scene:
    member = people.members(session, [reader]).get(reader) if reader else None
    return Scene(session, people.company(session), member, "ja", core.now)


def at_once(*acts: Callable[[], Reply]) -> list[Reply]:
    replies: list[Reply | None] = [None] * len(acts)
    together = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], Reply]) -> None:
        together.wait()
        replies[number] = act()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [reply for reply in replies if reply is not None]


def shown(reply: Reply) -> str:
    assert reply.content is not None
    return str(reply.content)


# Two at once


def test_of_two_who_answer_at_once_one_is_sent_and_the_other_is_told_and_keeps_their_words(core: Core) -> None:
    args = {"case": "1", "revision": "1"}
    replies = at_once(
        lambda: core.send("case.answer", {"text": "佐藤です"}, args),
        lambda: core.send("case.answer", {"text": "鈴木です"}, args, by=SUZUKI, platform="teams"),
    )
    assert len(replies) == 2
    first = said(core, Side.DESK)
    assert len(first) == 1, "one is sent"
    kept = next(reply.content for reply in replies if isinstance(reply.content, Form))
    other = ({"佐藤です", "鈴木です"} - {*first}).pop()
    assert kept.fields[0].value == other and first[0] in str(kept.blocks)
    by = OWNER if other == "佐藤です" else SUZUKI
    core.send("case.answer", {"text": other}, kept.args, by=by)
    assert said(core, Side.DESK) == [*first, other], "all the same, once they have read it"
    assert len(messages(core, "case_answer")) == 2
    assert case_of(core).revision == 3


@pytest.mark.parametrize(
    ("verb", "args", "state"),
    [("case.take", {}, CaseState.WAITING), ("case.close", {"seen": "0"}, CaseState.CLOSED)],
)
def test_of_two_who_take_or_close_it_at_once_one_is_first(
    core: Core, verb: str, args: Mapping[str, str], state: CaseState
) -> None:
    args = {"case": "1", "revision": "1", **args}
    replies = at_once(
        lambda: core.send(verb, None, args), lambda: core.send(verb, None, args, by=SUZUKI, platform="teams")
    )
    told = [reply for reply in replies if "先に更新されています" in shown(reply)]
    assert len(told) == 1
    case = case_of(core)
    assert (case.state, case.revision) == (state, 2)
    with core.database.company(1) as session:
        [event] = session.exec(select(CaseEvent)).all()
        entries = session.exec(select(AuditEntry).where(AuditEntry.action == verb)).all()
    assert len(entries) == 1 and entries[0].actor_id == event.actor_id and entries[0].subject_id == ALUMNA
    winner = "佐藤 花子" if event.actor_id == OWNER else "鈴木 一郎"
    assert winner in shown(told[0])
    assert isinstance(told[0].content, Card)
    again = next((a for a in told[0].content.actions if a.verb == "case.assign"), None)
    if again is None:
        return
    loser = SUZUKI if event.actor_id == OWNER else OWNER
    core.send("case.assign", None, again.args, by=loser)
    assert case_of(core).assignee_id == loser, "all the same"


def test_whoever_has_done_it_all_themselves_is_not_asked(core: Core) -> None:
    args = {"case": "1", "revision": "1"}
    for text in ("一つ目", "二つ目"):
        core.send("case.answer", {"text": text}, args)
    assert said(core, Side.DESK) == ["一つ目", "二つ目"]


def test_a_case_is_not_closed_over_words_that_are_not_on_the_card(core: Core) -> None:
    core.send("case.reply", {"text": "もう一点あります"}, {"case": "1"}, by=ALUMNA)
    told = core.send("case.close", None, {"case": "1", "revision": "1", "seen": "0"})
    assert "もう一点あります" in shown(told) and case_of(core).state is CaseState.WAITING
    assert isinstance(told.content, Card)
    core.send("case.close", None, told.content.actions[0].args)
    assert case_of(core).state is CaseState.CLOSED


# Its life


def test_what_the_alumnus_writes_reopens_a_closed_case_and_ends_a_snooze(core: Core) -> None:
    core.send("case.close", None, {"case": "1", "revision": "1"})
    assert case_of(core).closed_at == core.now
    core.send("case.reply", {"text": "もう一点"}, {"case": "1"}, by=ALUMNA)
    assert (case_of(core).state, case_of(core).closed_at) == (CaseState.WAITING, None)
    core.send("case.snooze", None, {"case": "1", "until": "tomorrow"})
    assert case_of(core).snoozed_until == MORNING + timedelta(hours=23), "nine o'clock on Wednesday"
    core.send("case.reply", {"text": "急ぎです"}, {"case": "1"}, by=ALUMNA)
    assert case_of(core).snoozed_until is None


def test_reopening_says_who_waits(core: Core) -> None:
    core.send("case.reply", {"text": "質問"}, {"case": "1"}, by=ALUMNA)
    core.send("case.close", None, {"case": "1"})
    core.send("case.reopen", None, {"case": "1"})
    assert case_of(core).state is CaseState.WAITING
    core.send("case.answer", {"text": "答え"}, {"case": "1"})
    core.send("case.note", {"text": "メモ"}, {"case": "1"})
    core.send("case.close", None, {"case": "1"})
    core.send("case.reopen", None, {"case": "1"})
    assert case_of(core).state is CaseState.ANSWERED, "a note is no answer, and takes none back"


def test_a_snooze_ends_with_a_card_once(core: Core) -> None:
    core.send("case.snooze", None, {"case": "1", "until": "hour"})
    before = len(messages(core, "case_desk"))
    core.now += timedelta(minutes=59)
    housekeeping.run(core.database, lambda: core.now)
    assert len(messages(core, "case_desk")) == before
    core.now += timedelta(days=3)
    for _ in range(2):
        housekeeping.run(core.database, lambda: core.now)
    assert len(messages(core, "case_desk")) == before + 1
    assert case_of(core).snoozed_until is None


def test_only_the_newest_card_has_buttons(core: Core) -> None:
    for text in ("一つ目", "二つ目"):
        core.send("case.reply", {"text": text}, {"case": "1"}, by=ALUMNA)
    older, newest = (row.args["case"] for row in messages(core, "case_desk"))
    assert not viewed(core, case_views.case_view, older, None).live
    assert viewed(core, case_views.case_view, newest, None).live


def edits(core: Core) -> list[int | None]:
    """What was written is sent, and what is stale is edited: the cards that were, by number."""
    rows = update(Delivery).where(col(Delivery.company_id) == 1)
    queued, stale = col(Delivery.state) == DeliveryState.QUEUED, col(Delivery.edit_due_at).is_not(None)
    with whole(core.database) as connection:
        ref = "ref:" + cast(col(Delivery.id), String)
        connection.execute(rows.where(queued).values(state=DeliveryState.SENT, ref=ref, shown=col(Delivery.wanted)))
        edited = rows.where(stale).values(edit_due_at=None).returning(col(Delivery.id))
        return sorted(connection.execute(edited).scalars(), key=lambda number: number or 0)


def test_a_long_conversation_edits_only_its_newest_card_and_once_the_one_before(core: Core) -> None:
    """100 messages: of the 50 cards, each is edited once for the answer to it, and once to say that it is not the
    newest any more."""
    number, turns = 0, 50 if core.database.is_sqlite else 5
    for turn in range(turns):
        core.send("case.reply", {"text": f"質問{turn}"}, {"case": "1"}, by=ALUMNA)
        number += len(edits(core))
        core.send("case.answer", {"text": f"答え{turn}"}, {"case": "1"})
        number += len(edits(core))
    assert len(said(core, Side.ALUMNUS)) + len(said(core, Side.DESK)) == 2 * turns
    assert number == turns + turns - 1


def test_a_copy_that_was_asked_for_follows_until_another_card_comes(core: Core) -> None:
    core.send("case.reply", {"text": "一つ目"}, {"case": "1"}, by=ALUMNA)
    edits(core)
    hr, place = Speaker("slack", "T1", f"U{OWNER}"), f"slack:{OWNER}"
    core.dispatcher.receive(Inbound("show", Kind.PRESSED, hr, place, place, verb="case.show", args={"case": "1"}))
    copy = messages(core, "case_desk")[-1]
    with core.database.installation() as session:
        sent = Settlement(copy.id or 0, DeliveryState.SENT, ref="ref:copy", shown=1, settled_at=core.now)
        ledger.settle(session, [sent], core.now)
    assert edits(core) == [] and copy.subject == "case:1"
    core.send("case.note", {"text": "メモ"}, {"case": "1"})
    assert copy.id in edits(core)
    core.send("case.reply", {"text": "二つ目"}, {"case": "1"}, by=ALUMNA)
    assert copy.id in edits(core) and not viewed(core, case_views.case_view, copy.args["case"], None).live
    core.send("case.note", {"text": "メモ"}, {"case": "1"})
    assert edits(core) == [messages(core, "case_desk")[-1].id]


def test_every_card_says_at_which_desk_it_goes_on(core: Core) -> None:
    for text in ("一つ目", "二つ目"):
        core.send("case.reply", {"text": text}, {"case": "1"}, by=ALUMNA)
    edits(core)
    older = [row.id for row in messages(core, "case_desk")]
    core.send("case.hand_over", None, {"case": "1", "desk": "2"})
    assert edits(core) == older


def test_handing_over_brings_the_card_to_the_other_desk_and_the_old_one_says_where_it_went(core: Core) -> None:
    core.send("case.reply", {"text": "給与の件です"}, {"case": "1"}, by=ALUMNA)
    core.send("case.note", {"text": "給与担当へ"}, {"case": "1"})
    core.send("case.take", None, {"case": "1"})
    core.send("case.hand_over", None, {"case": "1", "desk": "2"})
    here, there = messages(core, "case_desk")
    assert (here.address, there.address) == ("slack:1", "channel:2")
    old, new = (viewed(core, case_views.case_view, row.args["case"], None) for row in (here, there))
    assert old.moved and old.desk == "給与担当" and not new.moved and new.live
    assert [line.text for line in new.lines] == ["給与の件です", "給与担当へ"] and not new.assignee
    core.send("case.reply", {"text": "続きです"}, {"case": "1"}, by=ALUMNA)
    assert messages(core, "case_desk")[-1].address == "channel:2"


def test_a_colleague_is_told_and_only_one_of_hr_can_be_assigned(core: Core) -> None:
    core.send("case.assign", None, {"case": "1", "whom": str(SUZUKI)})
    [told] = messages(core, "case_assigned")
    assert told.person_id == SUZUKI
    refused = core.send("case.assign", None, {"case": "1", "whom": str(ALUMNA)})
    assert refused.notice and case_of(core).assignee_id == SUZUKI
    core.send("case.assign", None, {"case": "1", "whom": "0"})
    assert case_of(core).assignee_id is None


@pytest.mark.parametrize("verb", ["take", "assign", "hand_over", "snooze", "close", "reopen", "show", "more", "whom"])
def test_a_case_that_is_not_there_is_said_to_be_unknown_and_nobody_but_hr_may(core: Core, verb: str) -> None:
    before = worked(core)
    for number in ("999", "x", "-1", "1e3", "9" * 30):
        reply = core.send(f"case.{verb}", None, {"case": number, "whom": "4", "desk": "2", "until": "hour"})
        assert reply.notice, number
    assert core.send(f"case.{verb}", None, {"case": "1"}, by=ALUMNA).notice
    assert worked(core) == before


def worked(core: Core) -> list[Any]:
    with core.database.company(1) as session:
        return [row.model_dump() for model in (Case, CaseEvent, CaseMessage) for row in session.exec(select(model))]


# What was promised


def test_the_desk_is_reminded_before_and_after_once_each(core: Core) -> None:
    core.send("case.reply", {"text": "質問"}, {"case": "1"}, by=ALUMNA)
    assert case_of(core).answer_due_at == MORNING + timedelta(hours=2)
    seen: list[list[bool]] = []
    for minutes in (89, 2, 20, 10, 60, 600):
        core.now += timedelta(minutes=minutes)
        housekeeping.run(core.database, lambda: core.now)
        seen.append([row.args["late"] for row in messages(core, "case_nudge")])
    assert seen == [[], [False], [False], [False, True], [False, True], [False, True]]


def test_after_a_long_silence_only_the_second_reminder_is_written(core: Core) -> None:
    core.send("case.reply", {"text": "質問"}, {"case": "1"}, by=ALUMNA)
    core.now += timedelta(days=4)
    housekeeping.run(core.database, lambda: core.now)
    assert [row.args["late"] for row in messages(core, "case_nudge")] == [True]


def test_who_was_promised_something_first_keeps_that(core: Core) -> None:
    core.send("case.reply", {"text": "質問"}, {"case": "1"}, by=ALUMNA)
    core.now += timedelta(minutes=30)
    core.send("case.reply", {"text": "追伸"}, {"case": "1"}, by=ALUMNA)
    assert case_of(core).answer_due_at == MORNING + timedelta(hours=2)


def test_an_answer_ends_what_was_promised_and_a_reminder_that_waits_is_not_sent(core: Core) -> None:
    core.send("case.reply", {"text": "質問"}, {"case": "1"}, by=ALUMNA)
    core.now += timedelta(minutes=95)
    housekeeping.run(core.database, lambda: core.now)
    [row] = messages(core, "case_nudge")
    with core.database.company(1) as session:
        assert promises.no_longer_needed(session, row.args) == ""
    core.send("case.answer", {"text": "答え"}, {"case": "1"})
    with core.database.company(1) as session:
        assert promises.no_longer_needed(session, row.args)
    core.send("case.reply", {"text": "もう一つ"}, {"case": "1"}, by=ALUMNA)
    with core.database.company(1) as session:
        assert promises.no_longer_needed(session, row.args), "it waits again, for another answer"


def test_whom_it_is_assigned_to_is_reminded_unless_they_are_none_of_hr_any_more(core: Core) -> None:
    core.send("case.assign", None, {"case": "1", "whom": str(SUZUKI)})
    core.send("case.reply", {"text": "質問"}, {"case": "1"}, by=ALUMNA)
    core.now += timedelta(minutes=95)
    housekeeping.run(core.database, lambda: core.now)
    with core.database.company(1) as session:
        session.get_one(Person, SUZUKI).role = Role.ALUMNUS
    core.now += timedelta(minutes=30)
    housekeeping.run(core.database, lambda: core.now)
    assert [row.recipient for row in messages(core, "case_nudge")] == [f"person:{SUZUKI}", "slack:1"]


# Notes, names and what is left of them


def test_a_note_reaches_no_alumnus(core: Core) -> None:
    core.send("case.note", {"text": "社外秘のメモ"}, {"case": "1"})
    assert said(core, Side.NOTE) == ["社外秘のメモ"]
    assert not messages(core, "case_answer")
    with core.database.company(1) as session:
        note = session.exec(select(CaseMessage.id).where(CaseMessage.side == Side.NOTE)).one()
        assert "社外秘" not in exports.as_json(session, ALUMNA)
        assert "社外秘" in exports.as_json(session, OWNER), "it is what its author wrote"
        with pytest.raises(LookupError):
            case_views.answer_view(scene(session, core, ALUMNA), note or 0)
    assert case_of(core).state is CaseState.WAITING


def test_alumni_read_the_desk_unless_whoever_answers_signs(core: Core) -> None:
    core.say("sign on", by=SUZUKI)
    for by in (OWNER, SUZUKI):
        core.send("case.answer", {"text": "答え"}, {"case": "1"}, by=by)
    plain, signed = (row.args["answer"] for row in messages(core, "case_answer"))
    assert viewed(core, case_views.answer_view, plain, ALUMNA).author == ""
    assert viewed(core, case_views.answer_view, plain, ALUMNA).desk == "人事"
    assert viewed(core, case_views.answer_view, signed, ALUMNA).author == "鈴木 一郎"
    core.say("署名 オフ", by=SUZUKI)
    assert viewed(core, case_views.answer_view, signed, ALUMNA).author == ""


def test_an_erasure_leaves_nothing_of_a_case_and_a_desk_goes_with_its_person(core: Core) -> None:
    core.say(f"ask {LEAVING}", by=ALUMNA)
    core.send("case.note", {"text": "社外秘のメモ"}, {"case": "1"})
    core.send("case.take", None, {"case": "1"})
    core.say("cases 田中")
    with core.database.company(1) as session:
        erasure.erase(session, ALUMNA, core.now)
        assert not session.exec(select(CaseMessage)).all() and not session.exec(select(CaseEvent)).all()
        for case in session.exec(select(Case)):
            assert (case.state, case.title, case.topic, case.assignee_id) == (CaseState.CLOSED, "", "", None)
        erasure.erase(session, OWNER, core.now)
        assert [desk.id for desk in session.exec(select(Desk))] == [2]


# Questions


def typed(core: Core, text: str, key: str, **more: Any) -> Reply:
    speaker, place = Speaker("slack", "T1", f"U{ALUMNA}"), f"slack:{ALUMNA}"
    return core.dispatcher.receive(Inbound(key, Kind.TYPED, speaker, place, place, text=text, **more))


def pressed(core: Core, ref: str, key: str, args: Mapping[str, str]) -> Reply:
    speaker, place = Speaker("slack", "T1", f"U{ALUMNA}"), f"slack:{ALUMNA}"
    said = Inbound(key, Kind.PRESSED, speaker, place, place, verb="ask.send", args=args, pressed=ref)
    return core.dispatcher.receive(said)


def test_a_question_goes_to_the_desk_of_its_topic(core: Core) -> None:
    core.say("ask 源泉徴収票はいつ届きますか", by=ALUMNA)
    core.say("相談 年末調整 書類を失くしました", by=ALUMNA)
    core.say("ask 給与", by=ALUMNA)
    assert [row.address for row in messages(core, "case_desk")] == ["slack:1", "channel:2", "slack:1"]
    with core.database.company(1) as session:
        cases = session.exec(select(Case).where(col(Case.gig_id).is_(None)).order_by(col(Case.id))).all()
    assert [case.topic for case in cases] == ["", "年末調整", ""]
    assert [case.title for case in cases][1] == "書類を失くしました"
    assert len(messages(core, "case_opened")) == 3


def test_the_same_question_twice_at_once_is_one(core: Core) -> None:
    at_once(*(lambda: core.say("ask 源泉徴収票はいつ届きますか", by=ALUMNA) for _ in range(3)))
    assert len(said(core, Side.ALUMNUS)) == 1 and len(messages(core, "case_opened")) == 1


def test_what_was_not_understood_is_no_case_until_its_button_is_pressed(core: Core) -> None:
    core.say("ask 最初の質問", by=ALUMNA)
    typed(core, "証明書を再発行してください" + "あ" * 300, "t1")
    assert said(core, Side.ALUMNUS) == ["最初の質問"]
    with core.database.company(1) as session:
        row = session.exec(select(Delivery).where(Delivery.template == "not_understood")).one()
        row.state, row.ref = DeliveryState.SENT, "slack:message:1"
        session.add(row)
        first = session.exec(select(Case.id).where(col(Case.gig_id).is_(None))).one()
    for number in range(2):
        pressed(core, "slack:message:1", f"p{number}", {"topic": "給与"})
    assert len(said(core, Side.ALUMNUS)) == 2 and len(said(core, Side.ALUMNUS)[1]) == 313, "whole, and once"
    assert messages(core, "case_desk")[-1].address == "channel:2"
    pressed(core, "slack:message:1", "p3", {"case": str(first)})
    with core.database.company(1) as session:
        words = session.exec(select(CaseMessage.text).where(CaseMessage.case_id == first)).all()
    assert len(words) == 2
    before = core.everything().count("証明書")
    pressed(core, "slack:message:9", "p4", {"case": str(first)})
    assert core.everything().count("証明書") == before, "from a message that is not theirs nothing is sent"


def test_nobody_writes_on_somebody_elses_case(core: Core) -> None:
    assert core.send("case.reply", {"text": "私です"}, {"case": "1"}, by=SUZUKI).notice
    assert not said(core, Side.ALUMNUS)


# The list


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", {1, 2, 3}),
        ("mine", {2}),
        ("自分 未対応", {2}),
        ("unassigned", {1, 3}),
        ("answered", {3}),
        ("closed", {4}),
        ("all", {1, 2, 3, 4}),
        ("gigs", {1}),
        ("質問", {2, 3}),
        ("給与担当", {3}),
        ("年末調整", {3}),
        ("田中", {1, 2, 3}),
        ("たなか 仕事", set()),
        ("late", {2}),
        ("snoozed", {1}),
        ("open", {2}),
        ("山本", set()),
        ("<!channel> %_", set()),
    ],
)
def test_the_list_is_narrowed_in_both_languages(core: Core, words: str, found: set[int]) -> None:
    now, own = core.now, {"person_id": ALUMNA, "created_at": core.now}
    with core.database.company(1) as session:
        session.get_one(Case, 1).snoozed_until = now + timedelta(hours=1)
        late = now - timedelta(hours=1)
        session.add(Case(id=2, title="二", desk_id=1, assignee_id=OWNER, answer_due_at=late, **own))
        session.add(Case(id=3, title="三", desk_id=2, topic="年末調整", state=CaseState.ANSWERED, **own))
        session.add(Case(id=4, title="四", desk_id=1, state=CaseState.CLOSED, **own))
    view = viewed(core, case_lists.cases_view, {"text": words, "page": 1, "by": OWNER})
    assert {line.id for line in view.cases} == found and view.total == len(found)


def test_the_list_has_pages(core: Core) -> None:
    with core.database.company(1) as session:
        session.add_all(Case(title=f"{n}", person_id=ALUMNA, created_at=core.now) for n in range(8))
    pages = [viewed(core, case_lists.cases_view, {"text": "", "page": page, "by": OWNER}) for page in (1, 2, 3, 4)]
    assert [len(page.cases) for page in pages] == [4, 4, 1, 1] and pages[3].page == 3


# Desks


def test_there_is_one_default_desk_whoever_says_so_at_once(core: Core) -> None:
    form = {"name": "給与担当", "opens": "9:00", "closes": "18:00", "is_default": "yes"}
    at_once(
        lambda: core.send("desk.edit", form, {"desk": "2"}),
        lambda: core.send("desk.edit", {**form, "name": "人事"}, {"desk": "1"}, by=SUZUKI),
    )
    with core.database.company(1) as session:
        assert len(session.exec(select(Desk).where(Desk.is_default)).all()) == 1


def test_a_desk_is_set_up_where_it_is_typed_and_given_up_when_nothing_is_open(core: Core) -> None:
    core.say("desk add 採用", by=SUZUKI, platform="teams")
    core.say("desk add 採用担当", by=SUZUKI, platform="teams")
    with core.database.company(1) as session:
        desk = session.exec(select(Desk).where(Desk.address == f"teams:{SUZUKI}")).one()
    assert (desk.name, desk.is_default) == ("採用担当", False)
    assert core.say("desk add", by=SUZUKI).notice and core.say(f"desk add {'あ' * 101}", by=SUZUKI).notice
    core.send("case.hand_over", None, {"case": "1", "desk": str(desk.id)})
    assert "1件" in shown(core.say("desk remove", by=SUZUKI, platform="teams"))
    core.send("case.close", None, {"case": "1"})
    core.say("desk remove", by=SUZUKI, platform="teams")
    with core.database.company(1) as session:
        assert session.get(Desk, desk.id) is None
    assert core.send("desk.remove", None, {"desk": "1"}).notice, "the default one stays"
    core.send("case.reply", {"text": "続き"}, {"case": "1"}, by=ALUMNA)
    assert messages(core, "case_desk")[-1].address == "slack:1", "a case whose desk has gone is not lost"


@pytest.mark.parametrize(
    ("typed_in", "field"),
    [
        ({"hours": "0.2"}, "hours"),
        ({"hours": "401"}, "hours"),
        ({"hours": "八"}, "hours"),
        ({"opens": "24:00"}, "opens"),
        ({"closes": "08:59"}, "closes"),
        ({"topics": "あ" * 41}, "topics"),
        ({"is_default": ""}, "is_default"),
    ],
)
def test_what_a_desk_cannot_be_is_said_at_its_field(core: Core, typed_in: dict[str, str], field: str) -> None:
    form = {"name": "人事", "topics": "", "hours": "８", "opens": "9:00", "closes": "18:00", "is_default": "yes"}
    assert set(faulty(core.send("desk.edit", {**form, **typed_in}, {"desk": "1"}))) == {field}
    assert not faulty(core.send("desk.edit", form, {"desk": "1"}))
    with core.database.company(1) as session:
        assert session.get_one(Desk, 1).promised_minutes == 480


def test_the_plain_text_of_a_case_has_no_markup_of_theirs(core: Core) -> None:
    core.say(f"ask {LEAVING}", by=ALUMNA)
    card = core.send("case.show", None, {"case": str(case_id_of(core))}).content
    assert isinstance(card, Card) and LEAVING in cards.plain(card)


def case_id_of(core: Core) -> int:
    with core.database.company(1) as session:
        return session.exec(select(Case.id).where(col(Case.gig_id).is_(None))).one() or 0
