"""Templates of broadcasts: saved from a form and from a card, begun with, replaced by who was told, and removed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import col, select

from bot import broadcast_templates, broadcasts, named
from bot.cards import Card, Content, Form
from storage.db import Database
from storage.tables import AuditEntry, Broadcast, BroadcastState, BroadcastTemplate, table
from tests.bot.core import ALUMNA, OWNER, faulty
from tests.bot.test_broadcasts import SECOND, Office
from tests.whole import whole

TEXT = {
    "title_ja": "月例ニュース <!channel>",
    "text_ja": "今月のご報告です。",
    "title_en": "",
    "text_en": "",
    "picture": "https://example.com/monthly.png",
    "picture_alt": "社屋の写真",
    "save_as": "",
}
MONTHLY = {**TEXT, "save_as": "月例　ﾆｭｰｽ"}


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def stored(office: Office) -> list[dict[str, object]]:
    with office.core.database.company(1) as session:
        rows = session.exec(select(BroadcastTemplate).order_by(col(BroadcastTemplate.id))).all()
        return [{"id": str(row.id), "name": row.name, "text_ja": row.text_ja, "picture": row.picture} for row in rows]


def card(content: Content | None) -> Card:
    assert isinstance(content, Card), content
    return content


def form(content: Content | None) -> Form:
    assert isinstance(content, Form), content
    return content


def filled(content: Content | None) -> dict[str, str]:
    return {field.name: field.value for field in form(content).fields}


def test_a_template_has_what_a_broadcast_says() -> None:
    assert tuple(question.name for question in broadcasts.TEXT) == broadcast_templates.SAYS


def test_what_is_saved_begins_another_broadcast_and_changes_none(office: Office) -> None:
    said = office.core.send("broadcast", MONTHLY)
    assert said.notice and "月例 ﾆｭｰｽ" in card(said.content).summary
    [template] = stored(office)
    assert template["name"] == "月例 ﾆｭｰｽ" and template["picture"] == TEXT["picture"]
    shown = card(office.core.say("templates 月例 ニュース").content)
    assert "今月のご報告です。" in str(shown.blocks) and "月例 ﾆｭｰｽ" in shown.title
    begun = form(office.core.send("broadcast", args={"template": str(template["id"])}, by=SECOND).content)
    assert filled(begun) == TEXT and begun.args == {}
    office.core.send("broadcast", {**filled(begun), "text_ja": "来月のご報告です。"}, begun.args, by=SECOND)
    with office.core.database.company(1) as session:
        rows = session.exec(select(Broadcast).order_by(col(Broadcast.id))).all()
        told = [(row.author_id, row.text_ja, row.state, row.audience) for row in rows[1:]]
    assert told == [
        (OWNER, "今月のご報告です。", BroadcastState.DRAFT, {}),
        (SECOND, "来月のご報告です。", BroadcastState.DRAFT, {}),
    ]
    assert stored(office) == [template], "it was only read"


def test_a_name_that_is_taken_is_replaced_by_who_was_told(office: Office) -> None:
    office.core.send("broadcast", MONTHLY)
    again = {**MONTHLY, "text_ja": "別の内容", "save_as": "月例 ニュース"}
    asked = office.core.send("broadcast", again, {"broadcast": "1"}, by=SECOND)
    assert "月例 ニュース" in faulty(asked)["save_as"] and filled(asked.content) == again
    assert [one["text_ja"] for one in stored(office)] == ["今月のご報告です。"]
    assert office.row().text_ja == "本文", "nothing has happened yet"
    args = form(asked.content).args
    other = office.core.send("broadcast", {**again, "save_as": "四季報"}, args, by=SECOND)
    assert not faulty(other) and len(stored(office)) == 2, "another name needs no word"
    assert list(faulty(office.core.send("broadcast", {**again, "save_as": "四季報"}, args))) == ["save_as"]
    assert not faulty(office.core.send("broadcast", again, args, by=SECOND))
    assert [(one["name"], one["text_ja"]) for one in stored(office)] == [
        ("月例 ニュース", "別の内容"),
        ("四季報", "別の内容"),
    ]


def test_one_that_is_out_is_saved_from_its_card(office: Office) -> None:
    office.press("broadcast.send")
    asked = office.press("broadcast.template", by=SECOND)
    assert filled(asked.content) == {"save_as": "ご報告"}
    args = form(asked.content).args
    assert office.core.send("broadcast.template", {"save_as": "ご報告"}, args, by=SECOND).notice
    once_more = office.core.send("broadcast.template", {"save_as": "ご報告"}, args, by=SECOND)
    assert list(faulty(once_more)) == ["save_as"]
    sure = form(once_more.content).args
    assert card(office.core.send("broadcast.template", {"save_as": "ご報告"}, sure, by=SECOND).content)
    assert [one["text_ja"] for one in stored(office)] == ["本文"] and office.row().state is BroadcastState.OUT
    assert office.core.send("broadcast.template", {"save_as": "x"}, {"broadcast": "999"}).notice
    with office.core.database.company(1) as session:
        done = session.exec(select(AuditEntry).where(AuditEntry.action == "broadcast.template")).all()
        assert [(entry.actor_id, entry.detail) for entry in done] == [(SECOND, {"broadcast": 1})] * 2


def test_two_who_save_a_new_name_at_once_and_one_is_told(office: Office) -> None:
    def save(words: str, by: int) -> bool:
        said = {**MONTHLY, "text_ja": words}
        return not faulty(office.core.send("broadcast", said, by=by))

    with ThreadPoolExecutor(2) as threads:
        saves = [threads.submit(save, "甲", OWNER), threads.submit(save, "乙", SECOND)]
        first, second = (each.result() for each in saves)
    assert first != second
    assert [one["text_ja"] for one in stored(office)] == ["甲" if first else "乙"]


def test_it_is_removed_after_a_question_and_is_hrs_and_the_companys_alone(office: Office) -> None:
    assert "まだありません" in str(office.core.say("templates").content)
    office.core.send("broadcast", MONTHLY)
    number = str(stored(office)[0]["id"])
    one = {"template": number}
    for verb in ("templates", "template.show", "template.remove", "broadcast"):
        assert office.core.send(verb, args={**one, "sure": "yes"}, by=ALUMNA).notice
    assert card(office.core.send("template.remove", args=one).content).actions[0].args["sure"] == "yes"
    assert len(stored(office)) == 1, "only asked"
    with whole(office.core.database) as connection:
        connection.execute(table(BroadcastTemplate).update().values(company_id=2))
    for verb in ("template.show", "template.remove", "broadcast"):
        assert office.core.send(verb, args={**one, "sure": "yes"}).notice, "another company's"
        assert office.core.send(verb, args={"template": "x" * 30}).notice
    with whole(office.core.database) as connection:
        connection.execute(table(BroadcastTemplate).update().values(company_id=1))
    office.core.send("template.remove", args={**one, "sure": "yes"})
    assert not stored(office) and office.core.send("template.remove", args={**one, "sure": "yes"}).notice, "twice"
    with office.core.database.company(1) as session:
        [entry] = session.exec(select(AuditEntry).where(AuditEntry.action == "template.remove")).all()
        assert entry.detail == {"template": int(number)}


def test_there_are_no_more_than_somebody_looks_through(office: Office) -> None:
    with office.core.database.company(1) as session:
        for number in range(named.MOST):
            session.add(BroadcastTemplate(folded=f"{number:02}", name=f"{number:02}"))
    assert list(faulty(office.core.send("broadcast", MONTHLY))) == ["save_as"]
    assert len(stored(office)) == named.MOST
    asked = office.core.send("broadcast", {**MONTHLY, "save_as": "07"})
    assert not faulty(office.core.send("broadcast", {**MONTHLY, "save_as": "07"}, form(asked.content).args))
    last = card(office.core.send("templates", args={"page": "99"}).content)
    assert [action.label for action in last.actions] == ["48", "49", "前のページ"]
