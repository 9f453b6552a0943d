"""Surveys: who is asked, who may answer until when, and what an anonymous one never tells."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot import asking, erasure, exports, housekeeping, result_files, survey_cards, surveys, tallies
from bot.asking import Asked, Kind
from bot.cards import Form
from bot.ports import Reply
from bot.scene import Scene
from storage import people
from storage.db import Database
from storage.tables import Ballot, PersonState, Survey, SurveyAnswer, SurveyState, table
from tests.bot.core import ALUMNA, NOW, OWNER, PACE, faulty
from tests.bot.test_broadcasts import ALUMNI, EVERYBODY, Office
from tests.whole import whole

QUESTIONS = {
    **{question.name: "" for question in asking.FORM},
    "label_1": "またご参加になりますか",
    "kind_1": "single",
    "options_1": "はい\nいいえ",
    "label_2": "よかったもの",
    "kind_2": "several",
    "options_2": "講演\n=SUM(A1)\n会場",
    "label_4": "ご意見",
    "kind_4": "text",
}
SAID = {"answer_1": "1", "answer_2": "1,3", "answer_3": "よい会でした。"}


class Desk(Office):
    """The office, with a survey that goes out when it is told so."""

    def ask(self, named: str = "anonymous") -> None:
        basics = {"title": "交流会について", "words": "", "named": named, "day": "2026-12-01", "time": "18:00"}
        self.core.send("survey", basics, {"survey": "1"})
        assert not faulty(self.core.send("survey.questions", QUESTIONS, {"survey": "1"}))
        self.survey_press("survey.open")

    def survey_press(self, verb: str, *, by: int = OWNER, **args: str) -> Reply:
        known = {"survey": "1", "revision": str(self.survey().revision)}
        return self.core.send(verb, args={**known, **args}, by=by)

    def answer(self, by: int, **said: str) -> Reply:
        return self.core.send("survey.answer", {**SAID, **said}, {"survey": "1"}, by=by)

    def survey(self) -> Survey:
        with self.core.database.company(1) as session:
            return session.get_one(Survey, 1)

    def card(self) -> survey_cards.SurveyCardView:
        with self.core.database.company(1) as session:
            return survey_cards.card_view(Scene(session, people.company(session), None, "ja", self.core.now), 1)

    def rows(self, model: Any) -> list[Any]:
        with self.core.database.company(1) as session:
            return list(session.exec(select(model)).all())

    def templates(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        with whole(self.core.database) as connection:
            sent = connection.exec_driver_sql(
                "SELECT template, person_id FROM delivery WHERE unasked AND state = 'sent' ORDER BY person_id"
            )
            for template, person_id in sent:
                found.setdefault(template, []).append(person_id)
        return found


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_an_anonymous_survey_keeps_nothing_that_tells_who_said_what(desk: Desk) -> None:
    desk.set(10, receives="surveys:never")
    desk.ask()
    desk.deliver()
    asked = [number for number in EVERYBODY if number != 10]
    assert desk.templates() == {"survey_offer": asked}
    before = desk.core.everything()
    assert desk.answer(10).notice and desk.core.everything().count("よい会") == before.count("よい会"), "was not asked"
    for number in asked[:6]:
        assert not faulty(desk.answer(number))
    desk.answer(asked[0], answer_1="2")
    ballots = desk.rows(Ballot)
    assert (len(ballots), len(desk.rows(SurveyAnswer))) == (6, 0), "who changes their mind has one ballot"
    assert {column.name for column in table(Ballot).columns} == {"company_id", "survey_id", "mark", "answers"}
    again = desk.core.send("survey.answer", args={"survey": "1"}, by=asked[0]).content
    assert isinstance(again, Form) and [field.value for field in again.fields] == ["2", "1,3", "よい会でした。"]
    view = desk.card()
    assert (view.given, view.results) == (5, ()), "counted in steps, and nothing told before the end"

    desk.survey_press("survey.close")
    closed = desk.rows(Ballot)
    assert desk.survey().key == "" and not {b.mark for b in ballots} & {b.mark for b in closed}
    assert sorted(b.answers for b in ballots) == sorted(b.answers for b in closed)
    view = desk.card()
    assert (view.given, [t.answered for t in view.results]) == (6, [6, 6, 6])
    assert [(line.label, line.number) for line in view.results[0].lines] == [("はい", 5), ("いいえ", 1)]
    assert desk.answer(asked[7]).notice and len(desk.rows(Ballot)) == 6


def test_answering_changes_no_message_of_an_anonymous_survey(desk: Desk) -> None:
    """Which copy was edited would say who has answered."""
    desk.ask()
    desk.deliver()

    def copies() -> list[Any]:
        with whole(desk.core.database) as connection:
            query = "SELECT id, wanted, edit_due_at FROM delivery WHERE template = 'survey_offer' ORDER BY id"
            return list(connection.exec_driver_sql(query))

    before = copies()
    desk.answer(ALUMNA)
    assert copies() == before


@pytest.mark.parametrize(("answered", "told"), [(4, 0), (5, 5)])
def test_fewer_than_five_answers_are_never_told(desk: Desk, answered: int, told: int) -> None:
    desk.ask()
    for number in EVERYBODY[:answered]:
        desk.answer(number, answer_3="" if number == ALUMNA else "x")
    desk.survey_press("survey.close")
    view = desk.card()
    assert (view.given, bool(view.results)) == (told, bool(told))
    if told:
        assert [tally.few for tally in view.results] == [False, False, True], "four wrote a text"


def test_an_anonymous_survey_goes_to_no_four_people(desk: Desk) -> None:
    for number in ALUMNI[3:]:
        desk.set(number, state=PersonState.LEFT)
    desk.ask()
    assert desk.survey().state is SurveyState.DRAFT and desk.card().few
    desk.ask("named")
    assert desk.survey().state is SurveyState.OPEN


def test_a_reminder_reaches_those_alone_who_have_not_answered(desk: Desk) -> None:
    desk.ask()
    desk.deliver()
    for number in EVERYBODY[:3]:
        desk.answer(number)
    desk.set(EVERYBODY[4], opted_out_at=NOW)
    desk.survey_press("survey.remind")
    desk.answer(EVERYBODY[3])
    assert desk.survey_press("survey.remind").notice, "once a day"
    desk.deliver()
    assert desk.templates()["survey_reminder"] == EVERYBODY[5:]
    desk.core.now += timedelta(days=1)
    desk.survey_press("survey.remind")
    desk.deliver()
    assert desk.templates()["survey_reminder"] == sorted([*EVERYBODY[5:]] * 2)


def test_it_ends_by_itself_and_whoever_was_erased_has_taken_their_ballot_along(desk: Desk) -> None:
    desk.ask()
    for number in EVERYBODY[:6]:
        desk.answer(number)
    with desk.core.database.company(1) as session:
        erasure.erase(session, EVERYBODY[1], desk.core.now, by=OWNER)
    assert len(desk.rows(Ballot)) == 5
    at = desk.survey().closes_at
    assert housekeeping.next_due(desk.core.database, at - timedelta(hours=1)) is not None
    desk.core.now = at
    housekeeping.run(desk.core.database, lambda: desk.core.now, paces={"slack": PACE})
    assert desk.survey().state is SurveyState.CLOSED and desk.card().given == 5


def test_with_names_hr_sees_who_answered_and_the_file_calculates_nothing(desk: Desk) -> None:
    desk.ask("named")
    desk.deliver()
    desk.answer(ALUMNA, answer_2="1,2", answer_3="=1+1")
    desk.answer(ALUMNA, answer_2="2", answer_3="=1+1")
    assert (len(desk.rows(SurveyAnswer)), desk.rows(Ballot), desk.card().given) == (1, [], 1)
    assert desk.card().results[0].answered == 1
    with desk.core.database.company(1) as session:
        survey, reader = session.get_one(Survey, 1), people.members(session, [OWNER])[OWNER]
        scene = Scene(
            session, people.company(session), reader, "ja", NOW, leaves=True, public_url="https://alumni.example.com"
        )
        link = result_files.result_view(scene, {"kind": "survey", "id": survey.id}).url
        token = link.rpartition("/")[2]
        file = result_files.redeem(session, token, NOW)
        assert file is not None and file.body.startswith(b"\xef\xbb\xbf")
        lines = file.body.decode("utf-8-sig").splitlines()
        assert lines[0] == "氏名,日時（UTC）,またご参加になりますか,よかったもの,ご意見"
        assert lines[1].startswith("田中 恵,") and lines[1].endswith(",はい,'=SUM(A1),'=1+1")
        assert result_files.redeem(session, token, NOW + result_files.LIFETIME) is None
        assert result_files.redeem(session, token.replace(".0.1.", ".1.1."), NOW) is None
        assert result_files.path("x") != exports.path("x")
    desk.set(OWNER, role="alumnus")
    with desk.core.database.company(1) as session:
        assert result_files.redeem(session, token, NOW) is None, "of HR no more"


def test_the_file_of_an_anonymous_survey_has_each_question_for_itself(desk: Desk) -> None:
    desk.ask()
    for number in EVERYBODY[:5]:
        desk.answer(number, answer_3=f"text {9 - number % 10}")
    desk.survey_press("survey.close")
    with desk.core.database.company(1) as session:
        numbers = (OWNER, 0, 1)
        token = result_files._LINKS.issue(session, numbers, NOW + timedelta(minutes=1))
        file = result_files.redeem(session, token, NOW)
    assert file is not None
    lines = file.body.decode("utf-8-sig").splitlines()
    assert lines[:3] == ["質問,回答,人数", "またご参加になりますか,はい,5", "またご参加になりますか,いいえ,0"]
    assert lines[6:] == sorted(lines[6:]) and len(lines) == 11


def test_the_file_of_a_broadcast_has_each_person_once(desk: Desk) -> None:
    desk.press("broadcast.send")
    desk.set(10, opted_out_at=NOW)
    desk.deliver()
    desk.core.send("news.read", args={"news": "1"}, by=11)
    with desk.core.database.company(1) as session:
        token = result_files._LINKS.issue(session, (OWNER, 1, 1), NOW + timedelta(minutes=1))
        file = result_files.redeem(session, token, NOW)
    assert file is not None
    lines = file.body.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(EVERYBODY)
    assert lines[1].startswith("Alum 10,送信しませんでした,ご本人がお知らせを停止されたため,")
    assert lines[2].startswith("Alum 11,送信済み,,") and not lines[2].endswith(",")


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"label_1": ""}, "label_1"),
        ({"kind_1": ""}, "kind_1"),
        ({"options_1": "はい"}, "options_1"),
        ({"options_1": "\n".join(map(str, range(11)))}, "options_1"),
        ({"options_1": "x" * 61 + "\ny"}, "options_1"),
    ],
)
def test_a_question_is_whole(desk: Desk, said: dict[str, str], at: str) -> None:
    assert list(faulty(desk.core.send("survey.questions", {**QUESTIONS, **said}, {"survey": "1"}))) == [at]
    assert desk.survey().questions == []


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"answer_1": "3"}, "answer_1"),
        ({"answer_2": "1,4"}, "answer_2"),
        ({"answer_3": "x" * (asking.LONGEST_ANSWER + 1)}, "answer_3"),
        ({"answer_1": "", "answer_2": "", "answer_3": " "}, "answer_1"),
    ],
)
def test_an_answer_is_one_of_those_that_there_are(desk: Desk, said: dict[str, str], at: str) -> None:
    desk.ask()
    assert list(faulty(desk.answer(ALUMNA, **said))) == [at]
    assert desk.rows(Ballot) == []


def test_what_was_not_seen_does_not_go_out(desk: Desk) -> None:
    desk.core.send("survey.questions", QUESTIONS, {"survey": "1"})
    desk.survey_press("survey.open", revision="1")
    assert desk.survey().state is SurveyState.DRAFT
    desk.survey_press("survey.open", by=ALUMNA)
    assert desk.survey().state is SurveyState.DRAFT


def test_numbers_come_to_an_average_and_a_score() -> None:
    asked = (Asked(Kind.SCALE, "s"), Asked(Kind.NPS, "n"))
    scale, score = tallies.of(asked, [("5", "10"), ("4", "9"), ("", "6"), ("3", "8")])
    assert (scale.answered, scale.mean, score.nps) == (3, "4.0", "+25")
    assert [line.bar for line in tallies.bars([("a", 1), ("b", 0)], 2)] == ["█████░░░░░", "░░░░░░░░░░"]
    assert tallies.of(asked, [("5", "")] * 4, 5)[0].few and surveys.in_steps(9) == 5
