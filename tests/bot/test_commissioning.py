"""Choosing somebody: what the form asks for, who gets the notice, and that it is never changed."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from bot import commissions, erasure, housekeeping, notices, retention
from bot.cards import Card, Form, plain
from bot.ports import Reply
from storage import ledger, personal
from storage.db import Database
from storage.tables import (
    Account,
    AuditEntry,
    Case,
    Commission,
    CommissionNotice,
    Company,
    Delivery,
    DeliveryState,
    Gig,
    GigState,
    Person,
    PersonState,
    Progress,
    Role,
    Stance,
)
from tests.bot.core import ALUMNA, INVITED, NOW, OWNER, Core, faulty
from tests.whole import whole

CASE = {"case": "1"}
FULL = {
    "legal_name": "東都製作所株式会社",
    "person_name": "田中 恵",
    "commissioned_on": "2026-11-21",
    "work": "月次の締め",
    "period": "毎月末",
    "place": "在宅",
    "reward": "月額30万円",
    "pays_on": "2027-01-13",
    "received_on": "2026-11-30",
}


@pytest.fixture
def core(database: Database) -> Core:
    return Core(database).settle()


def choose(core: Core, values: Mapping[str, str] | None = None, *, open_: str = "", case: str = "1") -> Reply:
    return core.send("gig.choose", {**FULL, **(values or {})}, {"case": case, "open": open_})


def rows(core: Core, model: Any) -> list[Any]:
    with core.database.company(1) as session:
        found = list(session.exec(select(model)).all())
        session.expunge_all()
        return found


def told(core: Core, template: str) -> list[Any]:
    return [row for row in rows(core, Delivery) if row.template == template]


def form(reply: Reply) -> Form:
    assert isinstance(reply.content, Form), reply
    return reply.content


def asked(reply: Reply) -> dict[str, str]:
    return {field.name: field.value for field in form(reply).fields}


def test_the_form_starts_with_what_the_gig_and_the_company_say(core: Core) -> None:
    with core.database.company(1) as session:
        session.get_one(Company, 1).gig_defaults = {"legal_name": "東都製作所株式会社", "payment_rule": "翌月末払い"}
        session.get_one(Gig, 1).terms = {"ip": "当社に移転", "tax": "excluded", "pays_on": "2027-01-31"}
    values = asked(core.send("gig.choose", args=CASE))
    assert values["legal_name"] == "東都製作所株式会社" and values["person_name"] == "田中 恵"
    assert values["commissioned_on"] == "2026-11-21", "today where the company is"
    assert (values["payment_rule"], values["tax"], values["pays_on"]) == ("翌月末払い", "excluded", "2027-01-31")
    assert values["work"] == "月次" and "知的財産権：当社に移転" in values["other"]
    assert not [name for name in values if name.startswith("why_")], "reasons are asked for what stays empty"
    assert rows(core, Commission) == []


def test_the_notice_goes_to_that_person_alone_with_its_hash(core: Core) -> None:
    assert isinstance(choose(core).content, Card)
    (commission,), (notice,) = rows(core, Commission), rows(core, CommissionNotice)
    assert (commission.person_id, commission.by_id, commission.at) == (ALUMNA, OWNER, NOW)
    (message,) = told(core, "terms_notice")
    assert (message.person_id, message.address, message.unasked) == (ALUMNA, f"slack:{ALUMNA}", False)
    assert len(told(core, "commission_desk")) == 1
    canonical = json.dumps(notice.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert notice.digest == hashlib.sha256(canonical.encode()).hexdigest()
    assert notice.content["at"] == "2026-11-20T16:00:00+00:00" and notice.content["reward"] == "月額30万円"
    (stance,) = rows(core, Stance)
    assert stance.progress is Progress.CHOSEN
    (noted,) = [entry for entry in rows(core, AuditEntry) if entry.action == "gig.choose"]
    assert (noted.actor_id, noted.subject_id, noted.detail["notice"]) == (OWNER, ALUMNA, 1)


def test_nothing_changes_a_notice(core: Core) -> None:
    choose(core)
    for statement in ("digest = 'x'", "content = '{}'", "open_items = '[]'"):
        with pytest.raises(DBAPIError, match="never changed"), whole(core.database) as connection:
            connection.execute(text(f"UPDATE commission_notice SET {statement}"))


_PASSED_ON = {"subcontracted": "yes", "client_name": "丙社", "client_pays_on": "2027-01-01"}
_UNTIL = {"received_on": "", "period": "", "ends_on": "2027-01-31"}
WRONG: tuple[tuple[dict[str, str], set[str]], ...] = (
    ({"pays_on": "2027-01-29"}, {"pays_on"}),  # day 61
    ({"pays_on": "2027-04-01", **_UNTIL}, {"pays_on"}),  # from the end of the contract
    ({"subcontracted": "yes"}, {"client_name", "client_pays_on"}),
    ({"pays_on": "2027-01-31", **_PASSED_ON}, {"pays_on"}),
    ({"commissioned_on": "2026-11-22"}, {"commissioned_on"}),
    ({"starts_on": "2027-01-01", "ends_on": "2026-12-31", "received_on": "", "pays_on": ""}, {"ends_on"}),
    ({"legal_name": "", "person_name": "\u3000"}, {"legal_name", "person_name"}),
    ({"work": "あ" * 3001}, {"work"}),
)


def test_what_the_law_does_not_allow_comes_back(core: Core) -> None:
    for values, faults in WRONG:
        answer = choose(core, values)
        assert faulty(answer).keys() == faults, values
        kept = asked(answer)
        assert all(kept[name] == {**FULL, **values}[name].strip("\u3000") for name in ("reward", *values))
    assert rows(core, Commission) == []


@pytest.mark.parametrize(
    "values", [{"pays_on": "2027-01-28"}, {"pays_on": "2027-03-31", **_UNTIL}, {"pays_on": "2027-01-30", **_PASSED_ON}]
)
def test_the_last_lawful_day_is_taken(core: Core, values: dict[str, str]) -> None:
    assert isinstance(choose(core, values).content, Card)
    assert len(rows(core, Commission)) == 1


def test_what_is_not_fixed_says_why_and_by_when(core: Core) -> None:
    empty = {"reward": "", "inspection": "未定：検査の方法を確認中", "pays_on": ""}
    first = choose(core, empty)
    names = asked(first)
    assert not faulty(first) and "why_work" not in names and names["why_inspection"] == "検査の方法を確認中"
    assert form(first).args["open"] == "inspection,reward,payment"
    reasons = {"why_reward": "見積もり中", "until_reward": "2026-11-19", "why_inspection": names["why_inspection"]}
    second = choose(core, {**empty, "inspection": "", **reasons, "payment_rule": "翌月末"}, open_="inspection,reward")
    assert faulty(second).keys() == {"until_reward"} and rows(core, Commission) == []
    reasons |= {"until_reward": "2026-12-20"}
    assert isinstance(choose(core, {**empty, "inspection": "", "payment_rule": "翌月末", **reasons}).content, Card)
    (notice,) = rows(core, CommissionNotice)
    assert notice.open_items == [{"item": "reward", "why": "見積もり中", "until": "2026-12-20"}]
    shown = {row.label: row.text for row in notices.rows(notice.content, "ja")}
    assert shown["報酬の額"] == "未定（理由：見積もり中／決まる予定日：2026年12月20日(日)）"
    assert "検査を完了する期日" not in shown and shown["報酬の支払期日"] == "翌月末"


def opened(core: Core) -> None:
    """Somebody is chosen whose reward and payment are open."""
    later = {f"{name}_{item}": told for item in ("reward", "payment") for name, told in _LATER.items()}
    assert isinstance(choose(core, {"reward": "", "pays_on": "", **later}).content, Card)


_LATER = {"why": "見積もり中", "until": "2026-12-20"}


def test_a_supplement_is_a_further_notice_and_the_first_stays(core: Core) -> None:
    opened(core)
    args = {"commission": str(rows(core, Commission)[0].id)}
    before = rows(core, CommissionNotice)[0]
    filled = asked(core.send("commission.supplement", args=args))
    assert filled["why_reward"] == "見積もり中" and "work" not in filled and "person_name" not in filled
    reasons = {f"{name}_{item}": text_ for item in ("reward", "payment") for name, text_ in _LATER.items()}
    assert faulty(core.send("commission.supplement", reasons, args)).keys() == {"reward"}, "nothing has changed"
    late = core.send("commission.supplement", {"reward": "40万円", "pays_on": "2027-02-01"}, args)
    assert faulty(late).keys() == {"pays_on"}
    forged = {"reward": "40万円", "work": "別の仕事", "legal_name": "丙社", **reasons}
    assert isinstance(core.send("commission.supplement", forged, args).content, Card)
    first, second = rows(core, CommissionNotice)
    assert (first.content, first.digest) == (before.content, before.digest)
    assert second.content["supplements"] == {"number": 1, "digest": first.digest}
    assert second.content["fixed"] == ["reward"] and [item["item"] for item in second.open_items] == ["payment"]
    assert (second.content["work"], second.content["legal_name"]) == (FULL["work"], FULL["legal_name"])
    assert [row.args["notice"]["number"] for row in told(core, "terms_notice")] == [1, 2]
    core.send("commission.supplement", {"pays_on": "2027-01-13"}, args)
    assert rows(core, CommissionNotice)[-1].open_items == []
    again = core.send("commission.supplement", {"pays_on": "2027-01-14"}, args)
    assert isinstance(again.content, Card) and len(rows(core, CommissionNotice)) == 3, "nothing is open any more"


def another_case(core: Core) -> None:
    with core.database.company(1) as session:
        session.add(Person(id=50, name="<!channel> 健", role=Role.ALUMNUS, state=PersonState.ACTIVE, created_at=NOW))
        session.flush()
        session.add(Account(platform="slack", workspace="T1", external_id="U50", person_id=50, address="slack:50"))
        session.add(Case(id=50, gig_id=1, person_id=50))


def test_places_that_are_taken_are_told_with_who_chose_whom_and_nothing_is_lost(core: Core) -> None:
    another_case(core)
    assert isinstance(choose(core, case="50").content, Card)
    refused = choose(core, {"work": "長い説明"})
    assert "<!channel> 健様（決定した担当者：佐藤 花子）" in faulty(refused)["person_name"]
    assert asked(refused)["work"] == "長い説明" and len(rows(core, Commission)) == 1
    assert len(told(core, "terms_notice")) == 1
    known = choose(core, case="50")
    assert isinstance(known.content, Card) and "佐藤 花子が<!channel> 健様" in known.content.summary
    with core.database.company(1) as session:
        session.get_one(Gig, 1).places = 2
    assert isinstance(choose(core).content, Card)
    assert len(rows(core, Commission)) == 2
    with core.database.company(1) as session:
        assert session.get_one(Gig, 1).state is GigState.OPEN, "HR closes it, and nobody else"


def test_who_cannot_be_told_is_not_chosen(core: Core) -> None:
    with core.database.company(1) as session:
        session.add(Case(id=51, gig_id=1, person_id=INVITED))
        session.add(Case(id=52, person_id=ALUMNA))
    for case in ("51", "52", "999", "x"):
        answer = choose(core, case=case)
        assert answer.notice and isinstance(answer.content, Card)
    assert rows(core, Commission) == [] and told(core, "terms_notice") == []


def test_who_has_no_account_gets_a_letter_to_the_address_they_confirmed(database: Database) -> None:
    core = Core(database, letters=True).settle()
    with database.company(1) as session:
        for account in session.exec(select(Account).where(Account.person_id == ALUMNA)):
            session.delete(account)
        person = session.get_one(Person, ALUMNA)
        person.email = "Megumi@example.com"
    assert choose(core).notice, "an address that nobody confirmed may be somebody else's"
    with database.company(1) as session:
        session.get_one(Person, ALUMNA).email_confirmed_at = NOW
    choose(core)
    (message,) = told(core, "terms_notice")
    assert (message.platform, message.address) == ("mail", "megumi@example.com")


def test_only_hr_chooses_and_only_the_person_says_that_they_have_it(core: Core) -> None:
    assert core.send("gig.choose", {**FULL}, CASE, by=ALUMNA).notice
    assert rows(core, Commission) == []
    choose(core)
    args = {"commission": str(rows(core, Commission)[0].id), "number": "1"}
    for verb in ("commission.received", "commission.paper"):
        core.send(verb, args=args, by=OWNER)
    (commission,) = rows(core, Commission)
    assert (commission.received_at, commission.paper_at) == (None, None)
    core.send("commission.received", args={**args, "number": "2"}, by=ALUMNA)
    assert rows(core, Commission)[0].received_at is None, "there is no second notice"
    core.send("commission.paper.sent", args=args, by=ALUMNA)
    assert rows(core, Commission)[0].paper_sent_at is None


def test_received_and_on_paper_count_once(core: Core) -> None:
    choose(core)
    args = {"commission": str(rows(core, Commission)[0].id), "number": "1"}
    for minutes in range(3):
        core.now = NOW + timedelta(minutes=minutes)
        core.send("commission.received", args=args, by=ALUMNA)
        core.send("commission.paper", args=args, by=ALUMNA)
    (commission,) = rows(core, Commission)
    assert (commission.received_at, commission.received_number, commission.paper_at) == (NOW, 1, NOW)
    assert [row.args["due"] for row in told(core, "commission_due")] == ["paper"]
    sent = NOW + timedelta(hours=1)
    for hours in (1, 2):
        core.now = NOW + timedelta(hours=hours)
        core.send("commission.paper.sent", args=args)
    assert rows(core, Commission)[0].paper_sent_at == sent
    actions = [entry.action for entry in rows(core, AuditEntry)]
    assert [actions.count(f"commission.{what}") for what in ("received", "paper", "paper.sent")] == [1, 1, 1]


def tick(core: Core, **later: float) -> list[str]:
    """What HR is told of that much later."""
    core.now = NOW + timedelta(**later)
    before = len(told(core, "commission_due"))
    for _ in range(2):
        housekeeping.run(core.database, lambda: core.now)
    return [row.args["due"] for row in told(core, "commission_due")[before:]]


def arrived(core: Core) -> None:
    with core.database.company(1) as session:
        for row in session.exec(select(Delivery).where(Delivery.template == "terms_notice")):
            row.state = DeliveryState.SENT


def test_hr_is_reminded_of_what_is_due_and_of_nothing_else(core: Core) -> None:
    opened(core)
    assert tick(core, minutes=9) == [] and tick(core, minutes=11) == ["undelivered"]
    arrived(core)
    assert tick(core, days=2) == []
    assert tick(core, days=29, hours=7) == [] and tick(core, days=29, hours=9) == ["open"], "nine in Tokyo"
    assert tick(core, days=30) == [] and tick(core, days=36, hours=9) == ["open"]
    args = {"commission": str(rows(core, Commission)[0].id)}
    core.send("commission.supplement", {"reward": "30万円", "pays_on": "2027-01-13"}, args)
    arrived(core)
    assert tick(core, days=60) == []
    assert rows(core, Commission)[0].remind_at is None


def test_the_end_of_a_long_contract_is_announced_and_a_short_one_is_not(core: Core) -> None:
    choose(core, {"starts_on": "2026-12-01", "ends_on": "2027-05-31", "received_on": "", "pays_on": ""} | _RULE)
    arrived(core)
    (commission,) = rows(core, Commission)
    assert commission.long_term
    assert tick(core, days=150) == [] and tick(core, days=157) == ["ends"] and tick(core, days=162) == ["ends"]
    assert tick(core, days=300) == []


@pytest.mark.parametrize("ended", [DeliveryState.REFUSED, DeliveryState.UNCONFIRMED, DeliveryState.CANCELLED])
def test_a_notice_that_did_not_arrive_is_sent_again_to_where_the_person_is_now(
    core: Core, ended: DeliveryState
) -> None:
    choose(core)
    (commission,), (message,) = rows(core, Commission), told(core, "terms_notice")
    args, change = {"commission": str(commission.id)}, {"state": ended, "reason": "gone"}
    before = told(core, "commission_desk")[0].wanted
    with core.database.company(1) as session:
        session.core.execute(ledger.update(ledger._T).where(ledger._T.c.id == message.id).values(**change))
        gone = select(Account).where(Account.person_id == ALUMNA, Account.platform == "slack")
        session.exec(gone).one().address = ""
        row = ledger.caused(session, message.cause)
        assert row is not None
        notices.did_not_arrive(session, row, NOW)
    assert told(core, "commission_desk")[0].wanted == before + 1
    assert "commission.resend" in str(core.send("commission.show", args=args).content)
    for _ in range(2):
        assert "commission.resend" not in str(core.send("commission.resend", args=args).content)
    (again,) = told(core, "terms_notice")
    assert (again.state, again.platform, again.address) == (DeliveryState.QUEUED, "teams", f"teams:{ALUMNA}")
    assert [row.action for row in rows(core, AuditEntry)].count("commission.resend") == 1
    assert core.send("commission.resend", args=args, by=ALUMNA).notice, "nobody but HR may"


def test_a_notice_that_is_there_is_not_sent_again(core: Core) -> None:
    choose(core)
    (commission,), (message,) = rows(core, Commission), told(core, "terms_notice")
    with core.database.company(1) as session:
        sent = {"state": DeliveryState.SENT, "ref": "r"}
        session.core.execute(ledger.update(ledger._T).where(ledger._T.c.id == message.id).values(**sent))
    core.send("commission.resend", args={"commission": str(commission.id)})
    assert [row.state for row in told(core, "terms_notice")] == [DeliveryState.SENT]


_RULE = {"payment_rule": "毎月末日締め、翌月末日払い"}


def test_the_lists_are_hrs_and_ones_own(core: Core) -> None:
    another_case(core)
    with core.database.company(1) as session:
        session.get_one(Gig, 1).places = 9
    choose(core)
    for reply, line in ((core.say("発注一覧"), "田中 恵様"), (core.say("commissions", by=ALUMNA), "受領のご連絡待ち")):
        assert isinstance(reply.content, Card) and line in plain(reply.content)
    other = core.say("commissions", by=50)
    assert other.content is None or "お引き受けいただいた仕事はありません" in str(other.content)
    args = {"commission": str(rows(core, Commission)[0].id)}
    theirs = core.send("commission.show", args=args, by=50)
    assert theirs.notice and isinstance(theirs.content, Card) and "月次" not in str(theirs.content)
    own = core.send("commission.show", args=args, by=ALUMNA)
    assert isinstance(own.content, Card) and "commission.received" in str(own.content.actions)


def test_what_no_message_takes_is_shown_to_where_it_says_so(core: Core) -> None:
    long = {"work": "あ" * 3000, "other": "行\n" * 100}
    refused = choose(core, long)
    assert faulty(refused).keys() == {"work"}, "without a page there is nowhere to read the rest"
    core.dispatcher._public_url = "https://alumni.example.com"
    choose(core, long)
    args = {"commission": str(rows(core, Commission)[0].id)}
    own = core.send("commission.show", args=args, by=ALUMNA)
    assert "（続きは全文のページにあります）" in str(own.content) and "/notices/1." in str(own.content)


def test_an_erasure_keeps_the_notice_for_ten_years_and_reminds_nobody(core: Core) -> None:
    opened(core)
    with core.database.company(1) as session:
        assert "月次の締め" in json.dumps(personal.of(session, ALUMNA)["commission_notice"], ensure_ascii=False)
        gone = erasure.erase(session, ALUMNA, NOW, by=ALUMNA)
        assert gone is not None and gone.left["commissions"] == 1
    assert len(rows(core, CommissionNotice)) == 1 and told(core, "terms_notice") == []
    assert told(core, "commission_desk") == [], "HR's card of it says that somebody was erased"
    assert tick(core, days=40) == []
    with core.database.company(1) as session:
        assert retention.forget_commissions(session, NOW + timedelta(days=3652)) == 0
        assert retention.forget_commissions(session, NOW + timedelta(days=3654)) == 1
    assert rows(core, Commission) == [] and rows(core, CommissionNotice) == []


def test_a_reminder_finds_somebody_of_hr_where_the_desk_is_gone(core: Core) -> None:
    choose(core)
    with core.database.company(1) as session:
        session.get_one(Gig, 1).desk_address = ""
        commission = session.exec(select(Commission)).one()
        commissions.want_paper(session, commission, NOW)
        row = session.exec(select(Delivery).where(col(Delivery.template) == "commission_due")).one()
        assert (row.person_id, row.address) == (OWNER, f"slack:{OWNER}")
