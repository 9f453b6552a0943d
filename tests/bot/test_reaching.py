"""To whom an open gig goes on, who finds it on the board, its channels, and the test that its author gets."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot import gigs, stances
from bot.cards import Card, Form
from bot.ports import Inbound, Kind, Speaker
from storage import ledger
from storage.db import Database
from storage.tables import (
    Account,
    Case,
    Company,
    Delivery,
    Department,
    Gig,
    GigState,
    GigVersion,
    Person,
    PersonState,
    Role,
)
from tests.bot.core import ALUMNA, DRAFT, NOW, OWNER, Core, faulty

OPEN = {"draft": str(DRAFT)}
GONE, STAYS, NEW = 10, 11, 12
"""Three alumni: in 大阪, in 大阪 and 京都, and in 京都."""


@pytest.fixture
def core(database: Database) -> Core:
    core = Core(database).settle()
    with core.database.company(1) as session:
        for number, city in ((GONE, "大阪"), (STAYS, "大阪・京都"), (NEW, "京都")):
            own: dict[str, Any] = {"role": Role.ALUMNUS, "state": PersonState.ACTIVE, "created_at": NOW}
            session.add(Person(id=number, name=f"P{number}", city=city, **own))
            session.flush()
            place: dict[str, Any] = {"platform": "slack", "workspace": "T1", "address": f"slack:{number}"}
            session.add(Account(person_id=number, external_id=f"U{number}", **place))
    core.send("gig.audience", {"cities": "大阪"}, OPEN)
    core.send("gig.publish", args=OPEN)
    return core


def offers(core: Core, template: str = "gig_offer") -> list[Delivery]:
    with core.database.company(1) as session:
        return list(session.exec(select(Delivery).where(Delivery.template == template).order_by(col(Delivery.id))))


def to(core: Core) -> list[int | None]:
    return [row.person_id for row in offers(core)]


def sent(core: Core) -> None:
    with core.database.company(1) as session:
        for row in session.exec(select(Delivery).where(Delivery.template == "gig_offer", Delivery.state == "queued")):
            row.state, row.ref, row.shown = "sent", f"slack:{row.id}", 1  # type: ignore[assignment]
            row.settled_at = NOW


def change(core: Core, **values: str) -> str:
    """HR changes the audience, and sends the form once more; how many it said would get it."""
    core.now += timedelta(minutes=1)
    asked = core.send("gig.audience", values, OPEN).content
    if not isinstance(asked, Form):
        return ""
    assert core.send("gig.audience", values, asked.args).content.__class__ is Card
    return asked.args["more"]


def on_board(core: Core, person: int, words: str = "gigs") -> bool:
    board = core.say(words, by=person).content
    assert isinstance(board, Card)
    return f"'gig': '{DRAFT}'" in str(board.actions)


def gig(core: Core) -> Gig:
    with core.database.company(1) as session:
        return session.get_one(Gig, DRAFT)


# An open gig for others


def test_newcomers_get_it_once_and_others_keep_what_they_have(core: Core) -> None:
    assert to(core) == [GONE, STAYS]
    sent(core)
    core.send("gig.interested", args={"gig": str(DRAFT)}, by=STAYS)
    assert change(core, cities="京都") == "1"
    assert to(core) == [GONE, STAYS, NEW] and gig(core).version == 2
    assert all(row.wanted > 1 for row in offers(core)[:2]), "their copies show the new version"
    assert offers(core, "gig_changed") == [], "nobody is told of an audience"
    sent(core)
    for cities, more in (("大阪", ""), ("", "1"), ("京都", ""), ("大阪", "")):  # everybody: the alumna too
        asked = core.send("gig.audience", {"cities": cities}, OPEN).content
        assert isinstance(asked, Form) and asked.args["more"] == (more or "0")
        core.send("gig.audience", {"cities": cities}, asked.args)
        sent(core)
    assert sorted(filter(None, to(core))) == [ALUMNA, GONE, STAYS, NEW], "never a second one"
    with core.database.company(1) as session:
        kept = session.exec(select(GigVersion).where(GigVersion.gig_id == DRAFT).order_by(col(GigVersion.version)))
        assert [row.audience.get("cities") for row in kept] == [["大阪"], ["京都"], ["大阪"], None, ["京都"], ["大阪"]]


def test_what_waits_for_somebody_who_is_out_does_not_leave(core: Core) -> None:
    change(core, cities="京都")
    assert to(core) == [STAYS, NEW]
    with core.database.company(1) as session:
        assert sum(ledger.counts(session, f"gig:{DRAFT}").values()) == 2, "as HR's card counts"
    change(core, cities="大阪")
    assert to(core) == [STAYS, GONE], "and who comes back gets it after all"


def test_the_number_is_said_first_and_said_anew_when_it_changes(core: Core) -> None:
    asked = core.send("gig.audience", {"cities": "京都"}, OPEN).content
    assert isinstance(asked, Form) and to(core) == [GONE, STAYS] and gig(core).version == 1
    other = core.send("gig.audience", {"cities": ""}, asked.args).content
    assert isinstance(other, Form) and other.args["more"] == "2" and gig(core).version == 1
    with core.database.company(1) as session:
        session.get_one(Person, NEW).opted_out_at = NOW
    again = core.send("gig.audience", {"cities": ""}, other.args).content
    assert isinstance(again, Form) and again.args["more"] == "1"
    core.send("gig.audience", {"cities": ""}, again.args)
    core.send("gig.audience", {"cities": ""}, again.args)
    assert sorted(filter(None, to(core))) == [ALUMNA, GONE, STAYS] and gig(core).version == 2


def test_of_two_who_change_it_at_once_the_second_is_told(core: Core) -> None:
    first, second = (core.send("gig.audience", args=OPEN).content for _ in range(2))
    assert isinstance(first, Form) and isinstance(second, Form)
    asked = core.send("gig.audience", {"cities": "京都"}, first.args).content
    assert isinstance(asked, Form)
    core.send("gig.audience", {"cities": "京都"}, asked.args)
    assert list(faulty(core.send("gig.audience", {"cities": "東京"}, second.args))) == ["match"]
    assert gig(core).audience == {"match": "any", "cities": ["京都"]}


def test_it_cannot_be_made_public_without_what_the_law_asks_for(core: Core) -> None:
    change(core, named="P10")
    with core.database.company(1) as session:
        row = session.get_one(Gig, DRAFT)
        assert row.named_id == GONE
        row.terms = {}
    assert list(faulty(core.send("gig.audience", {"cities": "京都"}, OPEN))) == ["named"]
    assert gig(core).named_id == GONE
    with core.database.company(1) as session:
        kept = session.exec(select(GigVersion).where(GigVersion.version == 2)).one()
        assert kept.audience == {"named": True}, "who it was is not kept"


def test_who_has_come_in_since_gets_it_without_a_new_version(core: Core) -> None:
    sent(core)
    with core.database.company(1) as session:
        session.get_one(Person, ALUMNA).city = "大阪"
    assert change(core, cities="大阪") == "1"
    assert to(core)[-1] == ALUMNA and gig(core).version == 1


# The board


def test_the_board_has_what_is_for_the_reader_and_what_they_answered(core: Core) -> None:
    sent(core)
    assert [on_board(core, one) for one in (GONE, STAYS, NEW, ALUMNA)] == [True, True, False, False]
    assert not on_board(core, NEW, "gigs for me")
    hidden = core.send("gig.show", args={"gig": str(DRAFT)}, by=NEW).content
    assert isinstance(hidden, Card) and "見つかりません" in hidden.title
    core.send("gig.interested", args={"gig": str(DRAFT)}, by=NEW)
    with core.database.company(1) as session:
        assert stances.counts(session, DRAFT) == {}
    core.send("gig.interested", args={"gig": str(DRAFT)}, by=GONE)
    change(core, cities="京都")
    assert on_board(core, GONE) and on_board(core, GONE, "gigs mine"), "they have answered"
    core.send("gig.pass", args={"gig": str(DRAFT)}, by=GONE)
    assert not on_board(core, GONE)
    shown = core.send("gig.show", args={"gig": str(DRAFT)}, by=GONE).content
    assert isinstance(shown, Card) and "経理" in shown.title, "but they keep what they have"
    core.send("gig.interested", args={"gig": str(DRAFT)}, by=GONE)
    with core.database.company(1) as session:
        assert stances.counts(session, DRAFT) == {"interested": 1}
    assert on_board(core, OWNER)


def test_who_takes_no_messages_finds_what_is_for_them_and_a_hidden_field_tells_nothing(core: Core) -> None:
    with core.database.company(1) as session:
        session.get_one(Person, GONE).opted_out_at = NOW
        session.add(Department(person_id=ALUMNA, place=0, name="経理部"))
    assert on_board(core, GONE)
    change(core, departments="経理")
    assert on_board(core, ALUMNA)
    core.send("profile.visibility", {"departments": "hidden"}, by=ALUMNA)
    assert not on_board(core, ALUMNA)


# Channels


def typed(core: Core, text: str, channel: str = "C1", **more: Any) -> Any:
    by = more.pop("by", OWNER)
    core.now += timedelta(seconds=1)
    said = Inbound(
        f"{text}:{channel}:{core.now}:{by}",
        Kind.TYPED,
        Speaker("slack", "T1", f"U{by}"),
        f"slack:{channel}",
        f"slack:{by}",
        text=text,
        private=False,
        **{"immediate": True, **more},
    )
    return core.dispatcher.receive(said).content


def names(core: Core) -> list[str]:
    with core.database.company(1) as session:
        return [one["name"] for one in session.get_one(Company, 1).gig_channels]


def test_channels_are_added_renamed_and_taken_away(core: Core) -> None:
    typed(core, "gig channel 掲示板")
    typed(core, "gig channel", "C2")
    typed(core, "gig channel", "C3")
    assert names(core) == ["掲示板", "Slack", "Slack 2"]
    assert "重ならない" in str(typed(core, "gig channel 掲示板", "C2")) and names(core)[1] == "Slack"
    typed(core, "gig channel 仕事", "C2")
    assert sorted(names(core)) == ["Slack 2", "仕事", "掲示板"]
    typed(core, "gig channel off", "C3")
    assert "入っていません" in str(typed(core, "gig channel off", "C3"))
    listed = core.say("gig channel").content
    assert isinstance(listed, Card) and len(listed.actions) == 2
    assert "見つかり" not in str(core.say("gig channel", by=ALUMNA).content) and "掲示板" not in str(
        core.say("gig channel", by=ALUMNA).content
    )
    for _ in range(2):
        core.send("gig.channel.remove", args=listed.actions[0].args)
    assert len(names(core)) == 1


def test_a_draft_goes_into_the_channels_that_were_chosen_and_are_still_there(core: Core) -> None:
    for channel in ("C1", "C2", "C3"):
        typed(core, f"gig channel {channel}", channel)
    core.send("gig.post", {"title": "翻訳", "work": "訳す", "reward": "応相談", "place": "在宅", "then": "preview"})
    with core.database.company(1) as session:
        draft = session.exec(select(Gig).where(Gig.title == "翻訳")).one()
    args = {"draft": str(draft.id)}
    form = core.send("gig.audience", args=args).content
    assert isinstance(form, Form)
    offered = {choice.label: choice.value for field in form.fields for choice in field.choices}
    core.send("gig.audience", {"channel": offered["C2"]}, args)
    assert "C2" in str(core.send("gig.show", args={"gig": str(draft.id)}).content)
    core.send("gig.audience", {"channel": "yes"}, args)
    typed(core, "gig channel off", "C3")
    assert list(faulty(core.send("gig.audience", {"channel": offered["C3"]}, args))) == ["channel"]
    core.send("gig.publish", args=args)
    copies = [row.address for row in offers(core) if row.person_id is None]
    assert copies == ["slack:C1", "slack:C2"]
    typed(core, "gig channel C4", "C4")
    asked = core.send("gig.audience", {"channel": "yes"}, args).content
    assert isinstance(asked, Form)
    core.send("gig.audience", {"channel": "yes"}, asked.args)
    core.send("gig.audience", {"channel": "no"}, args)
    copies = [row.address for row in offers(core) if row.person_id is None]
    assert copies == ["slack:C1", "slack:C2", "slack:C4"], "a copy stays, and there is one in each"


# Below a channel's copy


def in_channel(core: Core) -> str:
    """The gig is in a channel; the name of its copy there."""
    typed(core, "gig channel")
    asked = core.send("gig.audience", {"cities": "大阪", "channel": "yes"}, OPEN).content
    assert isinstance(asked, Form)
    core.send("gig.audience", {"cities": "大阪", "channel": "yes"}, asked.args)
    sent(core)
    return next(row.ref or "" for row in offers(core) if row.person_id is None)


def cases(core: Core) -> list[int]:
    with core.database.company(1) as session:
        return list(session.exec(select(Case.person_id).where(Case.gig_id == DRAFT)))


@pytest.mark.parametrize("overheard", [False, True])
def test_what_alumni_write_below_it_is_a_question_and_answered_in_private(core: Core, overheard: bool) -> None:
    below: dict[str, Any] = {"thread": in_channel(core), "immediate": False, "overheard": overheard}
    said = {"by": NEW, "source": "slack:m1", **below}
    typed(core, "在宅でもよいですか", **said)
    typed(core, "在宅でもよいですか", **said)
    assert cases(core) == [NEW]
    (told,) = offers(core, "question_passed_on")
    assert (told.address, told.thread) == (f"slack:{NEW}", None), "not into the channel"
    with core.database.company(1) as session:
        (case,) = session.exec(select(Case).where(Case.gig_id == DRAFT)).all()
    core.send("case.answer", {"text": "はい"}, {"case": str(case.id)})
    assert [row.address for row in offers(core, "case_answer")] == [f"slack:{NEW}"]


def test_of_what_is_overheard_nothing_else_counts(core: Core) -> None:
    root = in_channel(core)
    answers = ("question_passed_on", "help", "not_understood")
    before = [len(offers(core, name)) for name in answers]
    heard: dict[str, Any] = {"immediate": False, "overheard": True, "source": "slack:m2"}
    for by, thread in ((ALUMNA, "slack:elsewhere"), (99, root), (3, root), (OWNER, "slack:elsewhere")):
        assert typed(core, "help", by=by, thread=thread, **heard) is None
    assert cases(core) == []
    assert [len(offers(core, name)) for name in answers] == before
    with core.database.company(1) as session:
        gigs.close(session, session.get_one(Gig, DRAFT), GigState.FILLED, core.now)
    typed(core, "まだ間に合いますか", by=ALUMNA, thread=root, **{**heard, "source": "slack:m3"})
    assert cases(core) == [] and [row.address for row in offers(core, "gig_closed")] == [f"slack:{ALUMNA}"]


def test_an_overheard_edit_of_hrs_own_words_goes_to_nobody(core: Core) -> None:
    with core.database.company(1) as session:
        row = session.exec(select(Delivery).where(Delivery.template == "gig_desk")).one()
        row.state, row.ref = "sent", "slack:desk"  # type: ignore[assignment]
    core.send("gig.ask", {"text": "何時からですか"}, {"gig": str(DRAFT)}, by=GONE)
    hr = Speaker("slack", "T1", f"U{OWNER}")
    edited = Inbound("e1", Kind.EDITED, hr, "slack:C9", "slack:1", text="内々の話", private=False, overheard=True)
    core.dispatcher.receive(replace(edited, thread="slack:desk", source="slack:m4", typed_at=core.now))
    assert offers(core, "case_answer") == []


# A test


def test_the_author_gets_what_alumni_will_and_its_buttons_do_nothing(core: Core) -> None:
    core.send(
        "gig.post",
        {"title": "翻訳", "work": "訳す", "reward": "応相談", "place": "在宅", "skills": "英語", "then": "preview"},
    )
    with core.database.company(1) as session:
        draft = session.exec(select(Gig).where(Gig.title == "翻訳")).one()
    before = len(offers(core))
    core.send("gig.test", args={"draft": str(draft.id), "locale": "en"})
    copies = offers(core)[before:]
    assert {(row.platform, row.address, row.locale, row.unasked) for row in copies} == {
        ("slack", "slack:1", "en", False),
        ("teams", "teams:1", "en", False),
    }
    assert [row.thread_of for row in offers(core, "gig_trial")] == [row.id for row in copies]
    card = core.written(copies[0])
    assert card.title == "[Test] 翻訳" and "英語" in str(card) and "Version" in str(card)
    assert len(card.actions) > 3 and {action.verb for action in card.actions} == {"gig.tested"}
    said = core.send("gig.tested", args=card.actions[0].args).content
    assert isinstance(said, Card) and "テスト" in said.title
    assert offers(core, "gig_desk")[1:] == [] and core.send("gig.test", args={"draft": str(draft.id)}, by=ALUMNA)
    assert len(offers(core)) == before + 2
    with core.database.company(1) as session:
        session.get_one(Gig, draft.id).state = GigState.OPEN
    core.send("gig.test", args={"draft": str(draft.id)})
    assert len([row for row in offers(core) if row.args.get("trial")]) == 2, "what is out is no test"
