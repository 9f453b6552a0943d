"""What alumni answer to a gig: minds change, ends are told, and no pass is ever named to HR."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot import answers, compose, exports, gigs, joining, referrals
from bot.cards import Card, Form, plain
from bot.scene import Scene
from storage import audit, consents, people, visibility
from storage.db import CompanySession, Database
from storage.people import CompanyFacts
from storage.tables import (
    Account,
    Attitude,
    ConsentPurpose,
    Delivery,
    Gig,
    GigState,
    Person,
    PersonState,
    Progress,
    Referral,
    Role,
    Stance,
)
from tests.bot.core import ALUMNA, NOW, OWNER, Core, faulty

COMPANY = CompanyFacts("東都製作所", "ja", "Asia/Tokyo")
NAMES = {11: "木村 蓮", 12: "高橋 葵", 13: "伊藤 湊", 14: "渡辺 凛"}
GIG = {"gig": "1"}


@pytest.fixture
def core(database: Database) -> Core:
    """The company, and four more alumni."""
    core = Core(database).settle()
    with database.company(1) as session:
        active: dict[str, Any] = {"role": Role.ALUMNUS, "state": PersonState.ACTIVE, "created_at": NOW, "locale": "ja"}
        session.add_all(Person(id=number, name=name, **active) for number, name in NAMES.items())
        session.flush()
        session.add_all(
            Account(platform="slack", workspace="T1", external_id=f"U{n}", person_id=n, address=f"slack:{n}")
            for n in NAMES
        )
    return core


def words(content: Any) -> str:
    assert isinstance(content, Card | Form)
    card = content if isinstance(content, Card) else Card(content.title, "", content.blocks)
    return f"{card.title}\n{card.summary}\n{plain(card)}"


def stance(core: Core, person: int) -> Stance | None:
    with core.database.company(1) as session:
        return session.get(Stance, (1, person))


def sent(core: Core, template: str) -> list[Delivery]:
    with core.database.company(1) as session:
        return list(session.exec(select(Delivery).where(Delivery.template == template).order_by(Delivery.id)))  # type: ignore[arg-type]


def seen_by_hr(session: CompanySession, owner: int) -> Iterator[str]:
    """Every card that HR has or can ask for about gigs and cases, in both languages, and the log."""
    reader = people.members(session, [owner])[owner]
    rows = session.exec(select(Delivery).where(Delivery.person_id.is_(None) | (Delivery.person_id == owner))).all()  # type: ignore[union-attr]
    asked = [(row.template, row.args) for row in rows]
    asked += [("board", {"board": {"tab": tab, "page": 1}}) for tab in ("open", "ended", "draft")]
    asked += [("gig_desk", {"gig": 1}), ("home", joining.home(owner).args), ("audit", {"audit": owner})]
    for template, args in asked:
        for locale in ("ja", "en"):
            for who in (reader, None):
                scene = Scene(session, COMPANY, who, locale, NOW)
                try:
                    yield words(compose.content(scene, compose.from_row(template, args)))
                except LookupError:
                    continue  # not for this reader
    yield exports.as_json(session, owner)
    yield str(exports._log(session, audit.entries(session), "ja"))  # pyright: ignore[reportPrivateUsage]


def test_who_passed_is_named_to_hr_nowhere(core: Core) -> None:
    for person in (11, 12):
        core.send("gig.pass", args=GIG, by=person)
    core.send("gig.refer", {"who": "伊藤 湊", "email": "", "words": "", "agreed": ""}, GIG, by=14)
    core.send("gig.pass", args=GIG, by=13)
    core.send("gig.interested", args=GIG, by=14)
    for state in ("open", "filled"):
        with core.database.company(1) as session:
            told = "\n".join(seen_by_hr(session, OWNER))
        assert NAMES[14] in told
        assert not [name for number, name in NAMES.items() if number != 14 and name in told], state
        assert "見送り 3名" in told
        core.send("gig.fill", args=GIG)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("pass",), None),
        (("interested",), "興味あり"),
        (("interested", "pass"), "取り下げ"),
        (("interested", "pass", "interested"), "興味あり"),
        (("ask",), "質問"),
        (("ask", "pass"), "質問"),
        (("pass", "ask", "pass", "ask", "interested"), "興味あり"),
    ],
)
def test_minds_change_and_hr_reads_no_more_than_it_was_told(
    core: Core, said: tuple[str, ...], told: str | None
) -> None:
    for word in said:
        values = {"text": "在宅でもよいですか"} if word == "ask" else None
        core.send(f"gig.{word}", values, GIG, by=11)
    cards = sent(core, "case_desk")
    if told is None:
        assert cards == []
        return
    with core.database.company(1) as session:
        scene = Scene(session, COMPANY, None, "ja", NOW)
        shown = words(compose.content(scene, compose.from_row("case_desk", cards[-1].args)))
    assert told in shown and "見送" not in shown
    last = stance(core, 11)
    assert last is not None and last.attitude == {"ask": "asked", "pass": "passed"}.get(said[-1], said[-1])


def test_a_note_goes_to_the_case_and_away_with_the_interest(core: Core) -> None:
    with core.database.company(1) as session:
        session.get_one(Person, 11).availability = "weekday_evenings"
    form = core.send("gig.note", args=GIG, by=11).content
    assert isinstance(form, Form) and [field.value for field in form.fields] == ["", "平日の夜"]
    core.send("gig.note", {"note": "3年担当 <!channel>", "when": "平日の夜"}, GIG, by=11)
    (card,) = sent(core, "case_desk")
    with core.database.company(1) as session:
        scene = Scene(session, COMPANY, None, "ja", NOW)
        shown = words(compose.content(scene, compose.from_row("case_desk", card.args)))
    assert "3年担当 <!channel>" in shown and "平日の夜" in shown
    core.send("gig.pass", args=GIG, by=11)
    last = stance(core, 11)
    assert last is not None and (last.note, last.availability) == ("", "")


@pytest.mark.parametrize("end", ["fill", "withdraw", "expire"])
def test_nobody_is_left_without_an_answer_when_a_gig_ends(core: Core, end: str) -> None:
    core.send("gig.interested", args=GIG, by=11)
    core.send("gig.ask", {"text": "期間は？"}, GIG, by=12)
    core.send("gig.pass", args=GIG, by=13)
    core.send("gig.interested", args=GIG, by=14)
    with core.database.company(1) as session:
        gig = session.get_one(Gig, 1)
        gig.places, gig.deadline_at = 2, NOW - timedelta(days=1)
        answers.chosen(session, gig, 14, NOW)
    core.send("gig.pass", args=GIG, by=14)
    chosen = stance(core, 14)
    assert chosen is not None and chosen.attitude is Attitude.INTERESTED, "a contract is not left by a button"
    for _ in range(2):
        if end == "expire":
            with core.database.company(1) as session:
                gigs.expire(session, NOW)
        else:
            core.send(f"gig.{end}", args=GIG)
    assert [row.person_id for row in sent(core, "gig_thanks")] == [11, 12]
    assert not any(row.unasked for row in sent(core, "gig_thanks"))
    progress = {person: found.progress for person in NAMES if (found := stance(core, person))}
    assert progress == {
        11: Progress.THANKED,
        12: Progress.THANKED,
        13: Progress.RECEIVED,
        14: Progress.CHOSEN,
    }
    core.send("gig.interested", args=GIG, by=13)
    last = stance(core, 13)
    assert last is not None and last.attitude is Attitude.PASSED, "it is closed"


def test_an_answer_of_hr_moves_what_the_person_reads(core: Core) -> None:
    core.send("gig.interested", args=GIG, by=11)
    (card,) = sent(core, "case_desk")
    core.send("case.answer", {"text": "お話ししましょう"}, {"case": str(card.args["case"]["id"])})
    found = stance(core, 11)
    assert found is not None and found.progress is Progress.IN_TALK
    shown = core.send("gig.show", args=GIG, by=11).content
    assert "担当者からお返事をお届けしました" in words(shown)


# Referring


def refer(core: Core, who: str = "高橋 葵", by: int = 11, **more: str) -> Any:
    return core.send("gig.refer", {"who": who, "email": "", "words": "ぜひ", "agreed": "", **more}, GIG, by=by)


def _nothing(_: CompanySession) -> None: ...


def _opted_out(session: CompanySession) -> None:
    session.get_one(Person, 12).opted_out_at = NOW


def _snoozed(session: CompanySession) -> None:
    session.get_one(Person, 12).snoozed_until = NOW + timedelta(days=1)


def _no_consent(session: CompanySession) -> None:
    consents.withdraw(session, 12, ConsentPurpose.GIGS, NOW)


def _hides_from_the_author(session: CompanySession) -> None:
    visibility.hide(session, 12, OWNER, NOW)


def _referrer_hides(session: CompanySession) -> None:
    visibility.hide(session, 11, 12, NOW)


@pytest.mark.parametrize(
    "why_not", [_nothing, _opted_out, _snoozed, _no_consent, _hides_from_the_author, _referrer_hides]
)
def test_the_referrer_reads_the_same_whatever_comes_of_it(core: Core, why_not: Any) -> None:
    with core.database.company(1) as session:
        why_not(session)
    told = [words(refer(core).content) for _ in range(2)]
    assert len({*told}) == 1 and "高橋 葵様がこうしたご案内を受け取られている場合" in told[0]
    invitations = sent(core, "gig_referred")
    assert [row.person_id for row in invitations] == ([12] if why_not is _nothing else [])
    assert all(row.unasked for row in invitations)


def test_the_invitation_says_who_thought_of_them_and_not_what_others_said(core: Core) -> None:
    refer(core)
    refer(core, by=14)
    (first, _) = sent(core, "gig_referred")
    with core.database.company(1) as session:
        reader = people.members(session, [12, 13])
        shown = compose.content(
            Scene(session, COMPANY, reader[12], "ja", NOW), compose.from_row(first.template, first.args)
        )
        assert "木村 蓮様" in words(shown) and "渡辺" not in words(shown)
        with pytest.raises(LookupError):
            compose.content(
                Scene(session, COMPANY, reader[13], "ja", NOW), compose.from_row(first.template, first.args)
            )
    core.send("gig.ask", {"text": "お話を聞きたいです"}, GIG, by=12)
    assert len(sent(core, "case_desk")) == 1


def test_who_cannot_be_meant_is_said_at_the_field(core: Core) -> None:
    with core.database.company(1) as session:
        session.add(Person(id=15, name="高橋 蒼", role=Role.ALUMNUS, state=PersonState.ACTIVE, created_at=NOW))
        visibility.hide(session, 13, 11, NOW)
    asked = ("高橋", "どなたか", "木村 蓮", "伊藤 湊")
    assert all(faulty(refer(core, who)).keys() == {"who"} for who in asked)
    assert faulty(refer(core, "どなたか")) == faulty(refer(core, "伊藤 湊")), "who hides is nobody"
    assert sent(core, "gig_referred") == []


def test_of_somebody_outside_hr_is_told_once_they_agree_and_it_is_forgotten_in_time(core: Core) -> None:
    who, email = "外山 一", "Hajime@example.com"
    assert faulty(refer(core, who, email=email)).keys() == {"agreed"}
    for _ in range(2):
        assert faulty(refer(core, who, email=email, agreed="yes")) == {}
    (card,) = sent(core, "referral_desk")
    with core.database.company(1) as session:
        row = compose.from_row(card.template, card.args)
        shown = words(compose.content(Scene(session, COMPANY, None, "ja", NOW), row))
        assert "外山 一" in shown and "hajime@example.com" in shown and "木村 蓮" in shown
        with pytest.raises(LookupError):
            other = people.members(session, [14])[14]
            compose.content(Scene(session, COMPANY, other, "ja", NOW), row)
        gigs.close(session, session.get_one(Gig, 1), GigState.FILLED, NOW)
        referrals.forget_old(session, NOW + referrals.KEPT - timedelta(days=1))
        assert session.exec(select(Referral.email)).one() == "hajime@example.com"
        referrals.forget_old(session, NOW + referrals.KEPT)
        assert session.exec(select(Referral.email, Referral.name)).one() == ("", "")


# The board


def test_a_gig_for_one_person_or_not_out_yet_is_nobody_elses(core: Core) -> None:
    where: dict[str, Any] = {"desk_platform": "slack", "desk_workspace": "T1", "desk_address": "slack:1"}
    told: dict[str, Any] = {"work": "w", "reward": "r", "place": "p", "author_id": OWNER, **where}
    with core.database.company(1) as session:
        session.add(Gig(id=21, title="ご指名", named_id=11, **told))
        session.add(Gig(id=22, title="下書きの募集", state=GigState.DRAFT, **told))
    assert "ご指名" in words(core.say("gigs", by=11).content)
    assert "ご指名" in words(core.say("gigs 自分向け", by=11).content)
    assert "ご指名" not in words(core.say("gigs", by=12).content)
    assert "下書きの募集" in words(core.say("gigs 下書き").content)
    assert "下書きの募集" not in words(core.say("gigs 下書き", by=11).content)
    for verb, values in (("gig.show", None), ("gig.interested", None), ("gig.ask", {"text": "x"}), ("gig.pass", None)):
        for gig in ("21", "22", "999", "x"):
            reply = core.send(verb, values, {"gig": gig}, by=12)
            assert "ご指名" not in words(reply.content) and "下書き" not in words(reply.content)
    assert stance(core, 12) is None and sent(core, "case_desk") == []


def test_the_boards_tabs_show_ones_own_and_hr_counts(core: Core) -> None:
    core.send("gig.interested", args=GIG, by=11)
    assert "お返事待ち" in words(core.say("gigs mine", by=11).content)
    assert "まだありません" in words(core.say("gigs mine", by=ALUMNA).content)
    assert "募集中：1件" in words(core.say("gigs").content)
    assert "興味あり 1名" in words(core.say("gigs").content)
    assert "興味あり" not in words(core.say("gigs", by=12).content)
    core.send("gig.fill", args=GIG)
    assert "募集終了" in words(core.say("gigs mine", by=11).content)
    assert "担当者決定：1件" in words(core.send("gigs", args={"tab": "ended"}).content)
