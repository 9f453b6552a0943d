"""Whose an address is, and what becomes of accounts that are nobody's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from adapters.slack.profiles import profile_of as in_slack
from adapters.teams.profiles import member_url
from adapters.teams.profiles import profile_of as in_teams
from bot import addresses, codes, eligibility, erasure, invitations, joining, retention
from bot.cards import Card, Link, inlines
from bot.dispatch import Dispatcher
from bot.ports import Inbound, Kind, Pace, Profile, Reply, Speaker
from storage.db import Database
from storage.tables import (
    Account,
    AuditEntry,
    Company,
    Delivery,
    Install,
    JoinRequest,
    JoinState,
    Person,
    PersonState,
    Purpose,
    Role,
)

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
TARO = "taro@example.com"
PACE = Pace(60, 60)
HERE = "https://alumni.example.com"
HOME, DM = "home:T1:U2", "user:T1:U2"


class Bot:
    """The core with a clock that is turned by hand, and one stranger: U2 of Slack's T1."""

    def __init__(self, database: Database) -> None:
        self.database, self.now, self._number = database, NOW, 0
        paces = {"slack": PACE, "mail": PACE}
        self._dispatcher = Dispatcher(database, paces=paces, clock=lambda: self.now, public_url=HERE)
        with database.installation() as session:
            session.add(Company(id=1, name="東都製作所"))
            session.flush()
            session.add(Install(platform="slack", workspace="T1", company_id=1))

    def hears(self, kind: Kind, text: str = "", *, key: str = "", account: str = "U2", **more: Any) -> Reply:
        self._number += 1
        speaker = Speaker("slack", more.pop("team", "T1"), account)
        place = f"user:T1:{account}"
        said = Inbound(key or f"k{self._number}", kind, speaker, place, place, text, **more)
        return self._dispatcher.receive(said)

    def introduces(self, profile: Profile | None = None, **more: Any) -> Reply:
        return self.hears(Kind.INTRODUCED, profile=profile or Profile(vouched=(TARO,)), **more)

    def asks(self) -> Reply:
        values = {"name": "太郎", "email": "t@example.org", "words": "はい"}
        return self.hears(Kind.SUBMITTED, verb="join.ask", values=values, immediate=True)

    def add(self, **more: Any) -> int:
        values: dict[str, Any] = {"name": "山田 太郎", "email": TARO, "email_confirmed_at": NOW}
        with self.database.company(1) as session:
            person = Person(**(values | {"role": Role.ALUMNUS, "state": PersonState.ACTIVE} | more))
            session.add(person)
            session.flush()
            return person.id or 0

    def add_hr(self, account: str = "U9", role: Role = Role.HR) -> int:
        person_id = self.add(name="HR", email=f"{account}@example.com", role=role)
        self.link(person_id, account)
        return person_id

    def link(self, person_id: int, account: str) -> None:
        with self.database.company(1) as session:
            address = f"user:T1:{account}"
            session.add(
                Account(platform="slack", workspace="T1", external_id=account, person_id=person_id, address=address)
            )

    def all(self, model: Any) -> list[Any]:
        with self.database.company(1) as session:
            return list(session.exec(select(model)))

    def linked(self) -> list[int]:
        return [account.person_id for account in self.all(Account) if account.external_id == "U2"]


@pytest.fixture
def bot(database: Database) -> Bot:
    return Bot(database)


@pytest.mark.parametrize(
    ("more", "vouched", "known"),
    [
        ({}, (TARO,), True),
        ({}, ("Taro@EXAMPLE.com",), True),
        ({"state": PersonState.PAUSED}, (TARO,), True),
        ({}, (), False),
        ({}, ("taro+x@example.com",), False),
        ({"email": "kato@example.com", "email_confirmed_at": NOW}, ("\u212aato@example.com",), False),
        ({"email_confirmed_at": None}, (TARO,), False),
        ({"email": "new@example.com"}, (TARO,), False),
        ({"state": PersonState.INVITED}, (TARO,), False),
        ({"state": PersonState.LEFT}, (TARO,), False),
        ({"state": PersonState.ERASED}, (TARO,), False),
    ],
)
def test_who_is_known_by_an_address(bot: Bot, more: dict[str, Any], vouched: tuple[str, ...], known: bool) -> None:
    person_id = bot.add(**more)
    assert bot.hears(Kind.JOINED).met
    reply = bot.introduces(Profile("X", TARO, vouched))
    assert bot.linked() == ([person_id] if known else [])
    assert reply.job is not None and reply.job.row.template == ("recognised" if known else "way_in")


def test_a_newcomer_is_told_where_to_read_whom_the_company_invites(bot: Bot) -> None:
    shown = bot.hears(Kind.TYPED, "はじめまして", immediate=True).content
    assert isinstance(shown, Card) and shown.title == "東都製作所 アルムナイへのご参加"
    (rules,) = (run.url for run in inlines(shown.blocks) if isinstance(run, Link))
    with bot.database.company(1) as session:
        assert rules == eligibility.url(session, HERE)


def test_a_confirmed_persons_account_opens_after_the_last_day(bot: Bot) -> None:
    person_id = bot.add(state=PersonState.CONFIRMED, opens_at=NOW + timedelta(days=3))
    bot.hears(Kind.JOINED)
    reply = bot.introduces()
    assert bot.linked() == [person_id]
    assert reply.job is not None and reply.job.row.template == "recognised_early"
    assert [person.state for person in bot.all(Person)] == [PersonState.CONFIRMED]


def test_a_second_account_of_one_workspace_is_not_linked_by_itself(bot: Bot) -> None:
    person_id = bot.add()
    bot.link(person_id, "U1")
    bot.hears(Kind.JOINED)
    bot.introduces()
    assert bot.linked() == []


def test_two_of_one_address_are_nobody(bot: Bot) -> None:
    bot.add()
    bot.add(name="山田 次郎")
    bot.hears(Kind.JOINED)
    bot.introduces()
    assert bot.linked() == []


def test_who_is_known_already_is_not_met(bot: Bot) -> None:
    bot.link(bot.add(), "U2")
    other = bot.add(name="佐藤", email="s@example.com", email_confirmed_at=NOW)
    assert not bot.hears(Kind.JOINED).met
    bot.introduces(Profile(vouched=("s@example.com",)))
    assert other not in bot.linked() and bot.all(JoinRequest) == []


def test_an_answer_that_nobody_waits_for_changes_nothing(bot: Bot) -> None:
    bot.add()
    bot.introduces()
    assert bot.linked() == []
    bot.hears(Kind.JOINED, key="joined")
    assert bot.introduces(key="answer").job is not None
    before = len(bot.all(Delivery))
    bot.hears(Kind.JOINED, key="joined")
    bot.introduces(key="answer")
    bot.introduces()
    assert len(bot.all(Delivery)) == before and len(bot.linked()) == 1


def test_an_account_that_nobody_is_behind_is_forgotten(bot: Bot) -> None:
    bot.hears(Kind.JOINED)
    assert bot.introduces(Profile(gone=True)).job is None
    assert bot.all(JoinRequest) == []


def test_no_row_is_made_for_a_workspace_that_is_not_the_companys(bot: Bot) -> None:
    bot.hears(Kind.TYPED, "claim 1-AAAA-BBBB-CCCC", team="T666")
    assert bot.all(JoinRequest) == []


def test_nothing_of_the_profile_is_kept_of_somebody_who_asks_for_nothing(bot: Bot) -> None:
    bot.hears(Kind.TYPED, "こんにちは")
    bot.introduces(Profile("Hanako", "hanako@example.com", ("hanako@example.com",)))
    [row] = bot.all(JoinRequest)
    assert (row.told_name, row.told_email, row.look_at) == ("", "", None)
    assert not bot.hears(Kind.TYPED, "もしもし").met
    bot.now += joining.LOOK_AGAIN
    assert bot.hears(Kind.TYPED, "もしもし").met


def test_who_joins_with_a_code_leaves_no_row(bot: Bot) -> None:
    person_id = bot.add(state=PersonState.INVITED)
    code = _letter(bot, person_id)
    bot.hears(Kind.TYPED, f"join {code}")
    assert bot.linked() == [person_id] and bot.all(JoinRequest) == []


@pytest.mark.parametrize("by_mail", [True, False])
def test_a_code_from_a_letter_confirms_the_address_it_went_to(bot: Bot, by_mail: bool) -> None:
    person_id = bot.add(state=PersonState.INVITED, email_confirmed_at=None)
    code = _letter(bot, person_id, by_mail=by_mail)
    bot.hears(Kind.TYPED, f"join {code}")
    with bot.database.company(1) as session:
        assert (session.get_one(Person, person_id).email_confirmed_at is not None) == by_mail
        if by_mail:
            assert [person.id for person in addresses.owners(session, [TARO.upper()])] == [person_id]


def _letter(bot: Bot, person_id: int, *, by_mail: bool = True) -> str:
    with bot.database.company(1) as session:
        person = session.get_one(Person, person_id)
        if by_mail:
            invitations.write_letter(session, person, NOW, template="invitation")
        return codes.issue(session, Purpose.JOIN, NOW, person_id, sent_to=person.email if by_mail else "")


def test_hr_without_an_owners_rights_makes_nobody_hr(bot: Bot) -> None:
    bot.add_hr()
    boss = bot.add(name="社長", email="t@example.org", role=Role.OWNER)
    bot.hears(Kind.JOINED)
    bot.asks()
    [row] = bot.all(JoinRequest)
    args = {"joining": str(row.id), "person": str(boss)}
    pressed = bot.hears(Kind.PRESSED, verb="join.admit", args=args, account="U9", immediate=True)
    assert pressed.notice and bot.linked() == []
    bot.add_hr("U8", Role.OWNER)
    bot.hears(Kind.PRESSED, verb="join.admit", args=args, account="U8", immediate=True)
    assert bot.linked() == [boss]


def test_too_many_requests_wait(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "WAITING_AT_MOST", 0)
    bot.add_hr()
    bot.hears(Kind.JOINED)
    assert bot.asks().notice
    assert [row.state for row in bot.all(JoinRequest)] == [JoinState.MET]


def test_a_request_is_one_card_and_can_be_made_again_after_a_time(bot: Bot) -> None:
    bot.add_hr()
    bot.hears(Kind.JOINED)
    for _ in range(3):
        bot.asks()
    assert _cards(bot) == 1
    [row] = bot.all(JoinRequest)
    refuse: dict[str, Any] = {"verb": "join.refuse", "args": {"joining": str(row.id)}, "values": {"reason": "rules"}}
    bot.hears(Kind.SUBMITTED, account="U9", immediate=True, **refuse)
    bot.now += joining.ASK_AGAIN - timedelta(minutes=1)
    bot.asks()
    assert _cards(bot) == 1
    bot.now += timedelta(minutes=1)
    bot.asks()
    assert _cards(bot) == 2
    actions = [entry.action for entry in bot.all(AuditEntry)]
    assert actions == ["join.ask", "join.refuse", "join.ask"]


def _cards(bot: Bot) -> int:
    return sum(row.template == "join_request" for row in bot.all(Delivery))


def test_what_is_not_answered_or_not_asked_is_forgotten(bot: Bot) -> None:
    bot.add_hr()
    bot.hears(Kind.JOINED)
    bot.asks()
    bot.introduces(Profile("Hanako", "hanako@example.com"))
    assert _forgotten(bot, retention.UNANSWERED - timedelta(days=1)) == 0
    assert _forgotten(bot, timedelta(days=1)) == 1
    [row] = bot.all(JoinRequest)
    assert (row.state, row.name, row.words, row.told_email) == (JoinState.MET, "", "", "")
    assert [d.template for d in bot.all(Delivery) if d.address == DM][-1] == "join_lapsed"
    assert _forgotten(bot, retention.PASSED_BY) == 1
    assert bot.all(JoinRequest) == []


def _forgotten(bot: Bot, later: timedelta) -> int:
    bot.now += later
    with bot.database.company(1) as session:
        return retention.forget_requests(session, bot.now)


def test_an_erasure_takes_the_request_and_hrs_cards_along(bot: Bot) -> None:
    hr = bot.add_hr()
    person_id = bot.add(state=PersonState.INVITED, email="t@example.org")
    bot.hears(Kind.JOINED)
    bot.asks()
    [row] = bot.all(JoinRequest)
    args = {"joining": str(row.id), "person": str(person_id)}
    bot.hears(Kind.PRESSED, verb="join.admit", args=args, account="U9", immediate=True)
    assert [(r.state, r.person_id, r.decided_by) for r in bot.all(JoinRequest)] == [("admitted", person_id, hr)]
    with bot.database.company(1) as session:
        erasure.erase(session, person_id, bot.now)
    assert bot.all(JoinRequest) == [] and _cards(bot) == 0


def _user(**more: Any) -> dict[str, Any]:
    user: dict[str, Any] = {"id": "U2", "team_id": "T1", "is_email_confirmed": True, "profile": {"email": TARO}}
    return {"user": user | more}


@pytest.mark.parametrize(
    ("more", "vouched"),
    [
        ({}, True),
        ({"is_email_confirmed": False}, False),
        ({"is_email_confirmed": None}, False),
        ({"is_restricted": True}, False),
        ({"is_ultra_restricted": True}, False),
        ({"is_stranger": True}, False),
        ({"team_id": "T9"}, False),
        ({"profile": {}}, False),
        ({"profile": None}, False),
    ],
)
def test_for_whose_address_slack_answers(more: dict[str, Any], vouched: bool) -> None:
    assert in_slack(_user(**more), "T1").vouched == ((TARO,) if vouched else ())
    assert in_slack(_user(is_bot=True), "T1").gone and in_slack(_user(deleted=True), "T1").gone
    assert in_slack({}, "T1") == Profile()


@pytest.mark.parametrize(
    ("more", "vouched"),
    [
        ({}, (TARO, "t@corp.example")),
        ({"userPrincipalName": TARO}, (TARO,)),
        ({"email": None}, ("t@corp.example",)),
        ({"userRole": "guest"}, ()),
        ({"userPrincipalName": "t_x.example#EXT#@corp.example"}, ()),
        ({"tenantId": "other"}, ()),
        ({"tenantId": None}, ()),
    ],
)
def test_for_whose_address_a_tenant_answers(more: dict[str, Any], vouched: tuple[str, ...]) -> None:
    member = {"name": "X", "email": TARO, "userPrincipalName": "t@corp.example", "userRole": "user", "tenantId": "N"}
    assert in_teams(member | more, "n").vouched == vouched


def test_a_member_is_asked_for_where_teams_said_and_nowhere_else() -> None:
    told = {"serviceUrl": "https://smba.example/jp/", "conversation": {"id": "a:1/x"}}
    assert member_url("id", told) == "https://smba.example/jp/v3/conversations/a%3A1%2Fx/members/id"
    for reference in (None, {}, {"serviceUrl": "https://x"}, {"conversation": {"id": "a"}}):
        assert member_url("id", reference) == ""
