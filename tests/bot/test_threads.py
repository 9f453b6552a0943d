"""What is typed in a thread, edited and deleted, in whatever order the platforms tell of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import case
from sqlmodel import col, select

from bot import erasure, file_links, housekeeping, lines, subjects, threads
from bot.file_links import LARGEST
from bot.ports import Dropped, Inbound, Kind, Reply, Speaker
from bot.scene import Scene
from storage import ledger, people, personal
from storage.db import CompanySession, Database
from storage.ledger import Draft, Settlement
from storage.tables import CaseMessage, Delivery, DeliveryState, EarlyEdit
from tests.bot.core import ALUMNA, INVITED, NOW, OWNER, WORKSPACES, Core

S = timedelta(seconds=1)
OFFER, CARD = "ref:offer", "ref:card"
PDF = Dropped("cv.pdf", "https://files.slack.com/1", 1000, "https://alumni.slack.com/files/U1/F1/cv.pdf")


def message(text: str, source: str = "m1", *, by: int = ALUMNA, at: int = 0, **more: Any) -> Inbound:
    """A reply typed `at` seconds after NOW - 60."""
    where = {ALUMNA: ("slack", OFFER), OWNER: ("teams", CARD)}[by]
    platform, thread = where
    place = f"{platform}:{by}"
    told: dict[str, Any] = {"thread": thread, "source": source, "typed_at": NOW + (at - 60) * S, **more}
    speaker = Speaker(platform, WORKSPACES[platform], f"U{by}")
    return Inbound(f"{source}:typed", Kind.TYPED, speaker, place, place, text=text, **told)


def changed(original: Inbound, kind: Kind, after: int, text: str = "") -> Inbound:
    """The same message another way, `after` seconds after NOW - 60."""
    key = f"{original.source}:{kind}:{after}"
    return replace(original, key=key, kind=kind, text=text, changed_at=NOW + (after - 60) * S)


@pytest.fixture
def core(database: Database) -> Core:
    """The alumna has the gig in Slack, and HR her case in Teams."""
    core = Core(database).settle()
    where = {ALUMNA: ("slack", OFFER, "gig:1", "gig_offer"), OWNER: ("teams", CARD, "case:1", "case_desk")}
    with database.company(1) as session:
        for number, (platform, ref, subject, template) in where.items():
            draft = Draft(
                cause=f"{subject}:first",
                recipient=f"person:{number}",
                person_id=number,
                platform=platform,
                workspace=WORKSPACES[platform],
                address=f"{platform}:{number}",
                template=template,
                args={"gig" if template == "gig_offer" else "case": 1},
                subject=subject,
                unasked=template == "gig_offer",
            )
            ledger.enqueue(session, [draft], NOW)
            row = ledger.caused(session, draft.cause)
            assert row is not None
            session.core.execute(
                ledger.update(ledger._T)
                .where(ledger._T.c.id == row.id)
                .values(state=DeliveryState.SENT, ref=ref, shown=1)
            )
    return core


def said(core: Core) -> list[CaseMessage]:
    """The lines of the case, in the order in which they were said."""
    with core.database.company(1) as session:
        return list(session.exec(select(CaseMessage).order_by(col(CaseMessage.at), col(CaseMessage.id))))


def sent(core: Core, subject: str) -> list[Delivery]:
    with core.database.company(1) as session:
        return list(session.exec(select(Delivery).where(Delivery.subject == subject).order_by(col(Delivery.id))))


def tell(core: Core, *events: Inbound) -> list[Reply]:
    return [core.dispatcher.receive(event) for event in events]


@pytest.mark.parametrize("by", [ALUMNA, OWNER])
def test_whatever_the_order_the_newest_edit_stands_once(core: Core, by: int) -> None:
    typed = message("one", by=by)
    events = [typed, changed(typed, Kind.EDITED, 5, "two"), changed(typed, Kind.EDITED, 9, "three")]
    for number, order in enumerate(permutations(events)):
        renamed = [replace(e, key=f"{number}:{e.key}", source=f"m{number}") for e in order]
        tell(core, *renamed, *renamed)
    assert [(line.text, line.author_id) for line in said(core)] == [("three", by)] * 6


@pytest.mark.parametrize("by", [ALUMNA, OWNER])
def test_what_is_deleted_stays_so_and_what_comes_after_its_deletion_goes_nowhere(core: Core, by: int) -> None:
    typed = message("secret", by=by)
    events = [typed, changed(typed, Kind.EDITED, 5, "still secret"), changed(typed, Kind.DELETED, 9)]
    for number, order in enumerate(permutations(events)):
        tell(core, *(replace(e, key=f"{number}:{e.key}", source=f"m{number}") for e in order))
    assert {line.text for line in said(core)} <= {""}, "nothing is kept of it"
    assert all(line.removed_at for line in said(core))
    assert len(said(core)) == 4, "where the deletion came first there is no line"


def unplaced(typed: Inbound, after: int, text: str, kind: Kind = Kind.EDITED) -> Inbound:
    """Told without the thread."""
    return replace(changed(typed, kind, after, text), thread=None, unplaced=True)


@pytest.mark.parametrize("by", [ALUMNA, OWNER])
def test_edits_that_do_not_say_where_the_message_stands_wait_for_it(core: Core, by: int) -> None:
    typed = message("one", by=by)
    events = [typed, unplaced(typed, 5, "two"), unplaced(typed, 9, "three")]
    for number, order in enumerate(permutations(events)):
        tell(core, *(replace(e, key=f"{number}:{e.key}", source=f"m{number}") for e in order))
    assert [(line.text, line.edited_at) for line in said(core)] == [("three", NOW - 51 * S)] * 6
    assert kept(core) == []


def test_what_is_deleted_before_it_comes_leaves_nothing_of_its_edit(core: Core) -> None:
    typed = message("secret")
    edit, gone = unplaced(typed, 5, "still secret"), unplaced(typed, 9, "", Kind.DELETED)
    tell(core, edit, gone, typed)
    other = replace(typed, key="o", source="m2")
    tell(core, *(replace(e, key=f"o{e.key}", source="m2") for e in (gone, edit)), other)
    assert said(core) == [] and kept(core) == []


def test_edits_of_what_goes_nowhere_are_forgotten_within_the_hour_and_with_their_writer(core: Core) -> None:
    tell(core, unplaced(message("x", "m1", typed_at=NOW - timedelta(hours=2)), 5, "old"))
    tell(core, unplaced(replace(message("x"), speaker=Speaker("slack", "T1", "U99")), 5, "a stranger's"))
    assert kept(core) == []
    tell(core, unplaced(message("x", "m2"), 5, "hers"), unplaced(message("x", "m3", by=OWNER), 5, "HR's"))
    with core.database.company(1) as session:
        assert personal.of(session, ALUMNA)["early_edit"][0]["text"] == "hers"
        assert erasure.erase(session, ALUMNA, NOW, by=OWNER) is not None
    assert kept(core) == ["HR's"]
    housekeeping.run(core.database, lambda: NOW + timedelta(minutes=59))
    assert kept(core) == ["HR's"]
    housekeeping.run(core.database, lambda: NOW + timedelta(hours=1))
    assert kept(core) == []


def kept(core: Core) -> list[str]:
    with core.database.company(1) as session:
        return list(session.exec(select(EarlyEdit.text).order_by(col(EarlyEdit.id))))


def test_a_message_that_was_deleted_and_is_there_again_is_shown_again(core: Core) -> None:
    typed = message("one")
    gone, back = changed(typed, Kind.DELETED, 5), changed(typed, Kind.RESTORED, 9, "one")
    tell(core, typed, gone, back, gone)
    other = replace(typed, key="o", source="m2")
    tell(core, other, replace(back, key="ob", source="m2"), replace(gone, key="og", source="m2"))
    assert [(line.text, line.removed_at) for line in said(core)] == [("one", None)] * 2


def test_only_the_copy_of_the_edited_answer_and_hrs_cards_are_edited(core: Core) -> None:
    tell(core, *(message(text, text, by=OWNER, at=n) for n, text in enumerate(("a", "b"))))
    before = {row.cause: row.wanted for row in sent(core, "case:1:alumnus")}
    cards = sent(core, "case:1")[0].wanted
    tell(core, changed(message("a", "a", by=OWNER), Kind.EDITED, 9, "A"))
    after = {row.cause: row.wanted for row in sent(core, "case:1:alumnus")}
    first, second = sorted(before)
    assert after == {first: before[first] + 1, second: before[second]}
    assert sent(core, "case:1")[0].wanted == cards + 1
    ids = [line.id or 0 for line in said(core)]
    tell(core, changed(message("a", "a", by=OWNER), Kind.DELETED, 12))
    with core.database.company(1) as session:
        assert [lines.no_longer_said(session, number) for number in ids] == ["deleted", ""], "nor is it sent any more"


def test_an_edit_of_what_was_carried_nowhere_is_ignored(core: Core) -> None:
    elsewhere = message("help", thread="ref:unknown")
    old = message("long ago", "old", typed_at=NOW - timedelta(hours=2))
    unthreaded = message("profile", "m3", thread=None)
    stranger = replace(message("x", "m4"), speaker=Speaker("slack", "T1", "U99"))
    tell(core, elsewhere, *(changed(one, Kind.EDITED, 9, "x") for one in (elsewhere, old, unthreaded, stranger)))
    assert said(core) == []


def test_an_edit_does_nothing_when_the_case_was_erased(core: Core) -> None:
    typed = message("one")
    tell(core, typed, message("hr's", "m2", by=OWNER))
    with core.database.company(1) as session:
        assert erasure.erase(session, ALUMNA, NOW, by=OWNER) is not None
    assert said(core) == []
    for by, source in ((ALUMNA, "m1"), (OWNER, "m2")):
        tell(core, *(changed(message("", source, by=by), kind, 9, "again") for kind in (Kind.EDITED, Kind.DELETED)))
    assert said(core) == []


def test_an_erased_member_of_hr_leaves_no_address_behind(core: Core) -> None:
    tell(core, message("hr's", "tenant/chat-of-U1/1700", by=OWNER, files=(PDF,)))
    with core.database.company(1) as session:
        line = session.exec(select(CaseMessage)).one()
        assert line.source and line.files
        erasure._forget_rows(session, OWNER, [])
        session.refresh(line)
        assert (line.source, line.files, line.text) == ("", [], "hr's")


def test_replies_that_come_in_the_wrong_order_stand_in_the_right_one_and_the_late_one_says_so(core: Core) -> None:
    tell(core, message("second", "m2", by=OWNER, at=5), message("first", "m1", by=OWNER, at=2))
    tell(core, message("third", "m3", by=OWNER, at=7), message("ahead", "m4", by=OWNER, at=3600))
    assert [line.text for line in said(core)] == ["first", "second", "third", "ahead"]
    with core.database.company(1) as session:
        at = case((lines.LATE, col(CaseMessage.at)), else_=None)
        late = dict(session.exec(select(CaseMessage.text, at)).all())
        assert late == {"second": None, "first": NOW - 58 * S, "third": None, "ahead": None}
        assert max(m.at for m in session.exec(select(CaseMessage))) == NOW, "no clock is ahead of ours"


FILES: Sequence[tuple[Dropped, str]] = [
    (PDF, ""),
    (replace(PDF, size=LARGEST + 1), "too_large"),
    (replace(PDF, link=""), "no_link"),
    (replace(PDF, link="http://alumni.slack.com/x"), "no_link"),
    (replace(PDF, link="https://x/" + "y" * lines.LONGEST_LINK), "no_link"),
    (replace(PDF, name="", size=0), ""),
]


@pytest.mark.parametrize(("file", "why"), FILES)
def test_which_files_are_passed_on(file: Dropped, why: str) -> None:
    assert lines.why_not(file, LARGEST, served=False) == why
    kept = why if why == "too_large" else ""
    assert lines.why_not(file, LARGEST, served=True) == kept, "no link of theirs is needed to open one of ours"


def test_files_go_on_as_links_and_the_writer_is_told(core: Core) -> None:
    large = replace(PDF, name="film.mp4", size=LARGEST + 1)
    (some,) = tell(core, message("look", "m1", files=(PDF, large)))
    (none,) = tell(core, message("", "m2", files=(large,)))
    (many,) = tell(core, message("", "m3", files=(PDF,) * (lines.AT_ONCE + 2)))
    assert next(line.files for line in said(core)) == [
        {"name": "cv.pdf", "url": PDF.link, "size": "1 KB", "at": PDF.url, "platform": "slack"}
    ]
    assert [len(line.files) for line in said(core)] == [1, lines.AT_ONCE], "nothing is carried where nothing can be"
    answers = [reply.job.row.args for reply in (some, none, many) if reply.job]
    assert [(len(a["passed"]), [one["why"] for one in a["left"]]) for a in answers] == [
        (1, ["too_large"]),
        (0, ["too_large"]),
        (lines.AT_ONCE, ["too_many"] * 2),
    ]


def unsettled(core: Core, subject: str, change: Callable[[Delivery], Settlement]) -> None:
    """The newest message about the subject was sent, and that is how it ended."""
    row = sent(core, subject)[-1]
    settlement = change(row)
    with core.database.installation() as session:
        ledger.claim_sends(session, NOW, 9)
        ledger.settle(session, [settlement], NOW)
    with core.database.company(1) as session:
        newest = ledger.caused(session, row.cause)
        assert newest is not None and newest.state is settlement.state
        threads.did_not_arrive(session, newest, settlement.state, NOW)


def scene(session: CompanySession, public_url: str = "") -> Scene:
    """HR's desk."""
    return Scene(session, people.company(session), None, "ja", NOW, public_url=public_url)


def unclear(row: Delivery) -> Settlement:
    return Settlement(row.id or 0, DeliveryState.UNCONFIRMED, settled_at=NOW)


def refused(row: Delivery) -> Settlement:
    return Settlement(row.id or 0, DeliveryState.REFUSED, reason="gone", settled_at=NOW)


def test_a_file_opens_by_our_link_as_long_as_its_platform_gives_it_and_then_where_it_was_put(core: Core) -> None:
    short = replace(PDF, name="a.docx", lasts=timedelta(minutes=30))
    nowhere = replace(PDF, name="b.png", link="")
    core.dispatcher._public_url = "https://x.example"
    (told,) = tell(core, message("look", files=(PDF, short, nowhere)))
    assert told.job and (told.job.row.args["days"], told.job.row.args["minutes"]) == (0, 30)
    with core.database.company(1) as session:
        now = scene(session, "https://x.example/")
        (line,), _ = lines.last(now, 1, 6)
        assert [(f.until, f.source) for f in line.files] == [
            (NOW + file_links.LIFETIME, PDF.link),
            (NOW + timedelta(minutes=30), PDF.link),
            (NOW + file_links.LIFETIME, ""),
        ]
        (later,), _ = lines.last(replace(now, now=NOW + timedelta(hours=1)), 1, 6)
        assert [(f.name, f.url == PDF.link) for f in later.files] == [
            ("cv.pdf", False),
            ("a.docx", True),
            ("b.png", False),
        ]
        (without,), _ = lines.last(scene(session), 1, 6)
        assert [f.url for f in without.files] == [PDF.link] * 2, "where browsers do not reach us"
        token = line.files[0].url.rpartition("/")[2]
        opened = file_links.opened(session, token, NOW)
        assert opened == file_links.OpenedFile("slack", PDF.url, "cv.pdf")
        number = session.exec(select(CaseMessage.id)).one() or 0
        access = file_links.FileAccess(ALUMNA, number, 0, NOW + timedelta(days=1))
        own, hrs, strangers, ninth = (
            file_links.issue(session, each)
            for each in (
                access,
                replace(access, reader=OWNER),
                replace(access, reader=INVITED),
                replace(access, place=9),
            )
        )
        assert file_links.opened(session, own, NOW) == file_links.opened(session, hrs, NOW) == opened
        for bad in (strangers, ninth, f"{own[:-1]}-", token.replace(".0.", ".1.", 1), "1"):
            assert file_links.opened(session, bad, NOW) is None
        assert file_links.opened(session, own, NOW + timedelta(days=2)) is None
        exported = personal.of(session, ALUMNA)["casemessage"][0]["files"]
        assert [file.keys() for file in exported] == [{"name", "url", "size"}] * 3
        erasure.erase(session, ALUMNA, NOW, by=OWNER)
        assert [file_links.opened(session, each, NOW) for each in (token, own, hrs)] == [None] * 3


def test_an_answer_that_may_not_have_arrived_is_sent_again_once_a_press(core: Core) -> None:
    tell(core, message("hr's", by=OWNER))
    unsettled(core, subjects.case_alumnus(1), unclear)
    assert "case.resend" in str(core.send("case.show", None, {"case": "1"}).content)
    for _ in range(2):
        shown = core.send("case.resend", None, {"case": "1"})
        assert "case.resend" not in str(shown.content)
        assert [row.state for row in sent(core, subjects.case_alumnus(1))] == [DeliveryState.QUEUED]
    unsettled(core, subjects.case_alumnus(1), refused)
    core.send("case.resend", None, {"case": "1"})
    assert [row.state for row in sent(core, subjects.case_alumnus(1))] == [DeliveryState.REFUSED]


@pytest.mark.parametrize(("ending", "fate"), [(unclear, "unclear"), (refused, "refused")])
def test_hrs_cards_mark_an_answer_that_may_not_have_arrived(
    core: Core, ending: Callable[[Delivery], Settlement], fate: str
) -> None:
    tell(core, message("hr's", by=OWNER))
    cards = sent(core, "case:1")[0].wanted
    unsettled(core, subjects.case_alumnus(1), ending)
    with core.database.company(1) as session:
        assert [line.fate for line in lines.last(scene(session), 1, 6)[0]] == [fate]
    assert sent(core, "case:1")[0].wanted == cards + 1


def test_hr_gets_a_second_word_of_a_card_that_may_not_have_arrived_and_no_third(core: Core) -> None:
    tell(core, message("hello"))
    for _ in range(2):
        unsettled(core, "case:1", unclear)
    rows = sent(core, "case:1")
    assert [row.template for row in rows] == ["case_desk", "case_desk", "case_unclear"]
