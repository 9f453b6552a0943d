"""What an event says to others is claimed by its own transaction, and leaves once that is committed."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlmodel import col, select

from bot import prompts
from bot.cards import Card
from bot.dispatch import Dispatcher
from bot.ports import Job
from storage import ledger
from storage.db import Database
from storage.ledger import DeliveryRow
from storage.tables import Delivery, DeliveryState, Person, PersonState
from tests.bot.core import ALUMNA, PACE, WORKSPACES, Core


class Taking(Core):
    """A core whose jobs are taken over; each with what the database then knew of it, on another connection."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.jobs: list[Job] = []
        self.known: list[str] = []
        paces = dict.fromkeys(WORKSPACES, PACE)
        self.dispatcher = Dispatcher(database, paces=paces, clock=lambda: self.now, take_over=self.take)

    def take(self, jobs: Sequence[Job]) -> None:
        self.jobs += jobs
        self.known += [self.state(job.row) for job in jobs]

    def state(self, row: DeliveryRow | Delivery) -> str:
        with self.database.company(1) as session:
            return session.get_one(Delivery, row.id).state

    def waiting(self) -> list[str]:
        """What is left to couriers."""
        with self.database.company(1) as session:
            queued = select(Delivery.template).where(Delivery.state == DeliveryState.QUEUED)
            return list(session.exec(queued.order_by(col(Delivery.id))))

    def answers(self, text: str) -> str:
        """What HR is shown for that answer."""
        return str(self.send("case.answer", {"text": text}, {"case": "1"}).content)


@pytest.fixture
def core(database: Database) -> Taking:
    taking = Taking(database)
    taking.settle()
    return taking


def test_an_answer_leaves_when_it_is_committed_and_its_sender_reads_the_case_as_it_is_then(core: Taking) -> None:
    shown = core.answers("明日お電話します。")
    (job,) = core.jobs
    assert (job.row.template, job.row.person_id, core.known) == ("case_answer", ALUMNA, [DeliveryState.SENDING])
    assert "明日お電話します。" in str(job.message.content)
    assert "返信済み" in shown and "明日お電話します。" in shown


def test_the_second_waits_for_the_first_and_a_courier_takes_it(core: Taking) -> None:
    core.answers("一つ目")
    core.answers("二つ目")
    assert [str(job.message.content).count("目") > 0 for job in core.jobs] == [True]
    assert "一つ目" in str(core.jobs[0].message.content)
    with core.database.installation() as session:
        assert ledger.claim_sends(session, core.now, 9) == [], "the first may have left, or not"


def test_what_the_alumnus_writes_reaches_the_desk_the_same_way(core: Taking) -> None:
    core.send("case.reply", {"text": "よろしくお願いします。"}, {"case": "1"}, by=ALUMNA)
    assert [job.row.template for job in core.jobs] == ["case_desk"]
    card = core.jobs[0].message.content
    assert isinstance(card, Card) and "よろしくお願いします。" in str(card) and card.actions


def test_whoever_has_left_is_left_to_the_couriers(core: Taking) -> None:
    with core.database.company(1) as session:
        session.get_one(Person, ALUMNA).state = PersonState.LEFT
    core.answers("お元気ですか。")
    assert (core.jobs, core.waiting()) == ([], ["case_answer"])


def failing(monkeypatch: pytest.MonkeyPatch, template: str) -> None:
    """There are no words for that template."""
    whole = prompts.card

    def fails(name: str, *rest: Any) -> Card:
        if name == template:
            raise ValueError("no words")
        return whole(name, *rest)

    monkeypatch.setattr(prompts, "card", fails)


def test_what_cannot_be_put_into_words_is_left_to_the_couriers(core: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "case_answer")
    assert "届くまで" in core.answers("届くまで。")
    assert (core.jobs, core.waiting()) == ([], ["case_answer"])


def test_where_only_the_senders_words_fail_the_answer_has_left_all_the_same(
    core: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "case_desk")
    assert core.answers("届きます。") == "None"
    assert [job.row.template for job in core.jobs] == ["case_answer"]


def test_nothing_is_taken_over_where_nothing_was_committed(core: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("bot.dispatch.ledger.is_due", fails)
    with pytest.raises(OSError, match="disk full"):
        core.answers("これは届きません。")
    assert core.jobs == []


def test_the_card_of_what_goes_to_many_is_left_to_the_couriers(core: Taking) -> None:
    posted = core.send("gig.post", {"title": "監査", "work": "月次", "reward": "応相談", "place": "在宅", "skills": ""})
    assert posted.content is not None and core.jobs == []
    assert {*core.waiting()} == {"gig_desk", "gig_offer"}
