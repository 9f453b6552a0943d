"""The reception: who is on the list and in which order, and that each act of a desk counts once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from bot import attendance, guest_lists, receptions, tickets
from bot.receptions import Act, Opened, Sheet
from bot.scene import Scene
from storage import people
from storage.db import CompanySession, Database
from storage.tables import (
    Audience,
    AuditEntry,
    Department,
    Event,
    EventState,
    InboxEntry,
    Person,
    PersonState,
    Role,
    Rsvp,
    RsvpAnswer,
    Seat,
)
from storage.visibility import choose, hide
from tests.bot import gatherings
from tests.bot.gatherings import HOST

NOW = datetime(2026, 12, 11, 10, tzinfo=UTC)
"""Seven in the evening in Tokyo, when the event begins."""
URL = "https://alumni.example.com"
TAKEN = Seat.TAKEN


@pytest.fixture
def evening(database: Database) -> Iterator[CompanySession]:
    gatherings.company(database, people=8)
    with database.company(1) as session:
        gatherings.event(session, "2026-12-11T19:00", id=1, questions=["食事"], guests_each=3)
        yield session
        session.rollback()


def scene(session: CompanySession, reader: int = HOST) -> Scene:
    member = people.members(session, [reader])[reader]
    return Scene(session, people.company(session), member, "ja", NOW, public_url=URL)


def link(session: CompanySession, sheet: Sheet = Sheet.DESK, reader: int = HOST) -> str:
    view = receptions.reception_view(scene(session, reader), 1)
    return (view.list_url, view.desk_url)[sheet].rpartition("/")[2]


def desk(session: CompanySession, sheet: Sheet = Sheet.DESK) -> Opened:
    found = receptions.opened(session, link(session, sheet), NOW)
    assert found is not None
    return found


def event(session: CompanySession) -> Event:
    return session.get_one(Event, 1)


def named(session: CompanySession, *people: tuple[str, str]) -> None:
    """Guests from 2 on, with names and readings."""
    for number, (name, reading) in enumerate(people, 2):
        person = session.get_one(Person, number)
        person.name, person.reading = name, reading
        gatherings.answer(session, event(session), number)


def came(session: CompanySession, person: int) -> datetime | None:
    rsvp = session.get(Rsvp, (1, person), populate_existing=True)
    return rsvp.arrived_at if rsvp else None


def test_the_list_is_in_the_order_of_the_kana_however_it_is_written(evening: CompanySession) -> None:
    named(
        evening,
        ("渡辺 直", "わたなべ なお"),
        ("Smith John", ""),
        ("髙橋 蓮", ""),
        ("がとう まり", ""),
        ("加藤 恵", "カトウ メグミ"),
        ("阿部 一", "ｱﾍﾞ ﾊｼﾞﾒ"),
    )
    listed = receptions.guests(evening, desk(evening), NOW)
    assert [(guest.name, guest.row) for guest in listed.guests] == [
        ("阿部 一", "ア"),
        ("がとう まり", "カ"),
        ("加藤 恵", "カ"),
        ("渡辺 直", "ワ"),
        ("Smith John", "S"),
        ("髙橋 蓮", guest_lists.OTHER),
    ]


def test_the_desk_shows_what_members_may_see_and_hrs_own_list_is_written_down(evening: CompanySession) -> None:
    named(evening, ("阿部 一", "あべ はじめ"), ("伊藤 二", "いとう"), ("上田 三", "うえだ"))
    choose(evening, 3, {"reading": Audience.HR})
    hide(evening, 4, HOST, NOW)
    at_desk, on_list = (receptions.guests(evening, desk(evening, sheet), NOW) for sheet in (Sheet.DESK, Sheet.LIST))
    assert [(one.name, one.reading) for one in at_desk.guests] == [("阿部 一", "あべ はじめ"), ("伊藤 二", "")]
    assert [(one.name, one.reading) for one in on_list.guests] == [("阿部 一", "あべ はじめ"), ("伊藤 二", "いとう")]
    assert at_desk.unnamed == on_list.unnamed == 1
    (look,) = evening.exec(select(AuditEntry)).all()
    assert (look.action, look.actor_id, look.subject_id, look.detail) == ("looked", HOST, 3, {"field": "reading"})


def test_a_spreadsheet_calculates_nothing_of_a_guests_words(evening: CompanySession) -> None:
    person = evening.get_one(Person, 2)
    person.name = "=HYPERLINK(1)"
    gatherings.answer(evening, event(evening), 2, guests=1, answers={"食事": "@魚"}, arrived_at=NOW, arrived_guests=1)
    found = desk(evening, Sheet.LIST)
    body = guest_lists.as_csv(receptions.guests(evening, found, NOW), found.event, found.company, "ja")
    heading, line, rest = body.decode("utf-8").split("\r\n")
    assert heading == "\ufeff読み方,お名前,お席,同伴者,受付,来場した同伴者,食事" and not rest
    assert line == ",'=HYPERLINK(1),参加,1,19:00,1,'@魚"


def test_an_act_counts_once_and_a_second_desk_is_told(evening: CompanySession) -> None:
    gatherings.answer(evening, event(evening), 2, guests=2)
    found, first = desk(evening), Act("a1", "in", 2, ago=timedelta(minutes=5))
    later = NOW + timedelta(minutes=1)
    assert receptions.act(evening, found, first, NOW).said == "done"
    assert receptions.act(evening, found, first, later).said == "again"
    double = receptions.act(evening, found, Act("b1", "in", 2), later)
    assert (double.said, double.name, double.at) == ("double", "名前 2", NOW - timedelta(minutes=5))
    assert receptions.act(evening, found, Act("b2", "guests", 2, guests=1), later).said == "done"
    rsvp = evening.get_one(Rsvp, (1, 2))
    assert (rsvp.arrived_at, rsvp.arrived_guests) == (NOW - timedelta(minutes=5), 1)
    assert receptions.act(evening, found, Act("a2", "out", 2), later).said == "done"
    assert receptions.act(evening, found, first, later).said == "again" and came(evening, 2) is None
    assert receptions.act(evening, found, Act("a3", "in", 2, ago=timedelta(days=9)), NOW).said == "done"
    assert came(evening, 2) == NOW - receptions.LATE


@pytest.mark.parametrize("seat", [None, Seat.NONE, Seat.WAITING, Seat.OFFERED])
def test_who_has_no_seat_is_let_in_on_the_desks_word_alone(evening: CompanySession, seat: Seat | None) -> None:
    if seat is not None:
        answer = RsvpAnswer.NO if seat is Seat.NONE else RsvpAnswer.GOING
        gatherings.answer(evening, event(evening), 2, seat, answer=answer)
    found = desk(evening)
    assert receptions.act(evening, found, Act("a1", "in", 2), NOW).said == "not_expected" and came(evening, 2) is None
    assert receptions.act(evening, found, Act("a1", "in", 2, walk_in=True), NOW).said == "done"
    assert came(evening, 2) == NOW
    assert [guest.seat for guest in receptions.guests(evening, found, NOW).guests] == [seat or Seat.NONE]
    assert receptions.act(evening, found, Act("a2", "out", 2), NOW).said == "done"
    rsvp = evening.get(Rsvp, (1, 2))
    assert (rsvp and (rsvp.seat, rsvp.arrived_at)) == (None if seat is None else (seat, None))


def test_a_ticket_lets_in_whoever_has_it_and_nobody_else(evening: CompanySession) -> None:
    other = gatherings.event(evening, "2026-12-11T19:00", id=2)
    for number in (2, 3):
        gatherings.answer(evening, event(evening), number)
    gatherings.answer(evening, other, 2)
    hide(evening, 2, HOST, NOW)
    urls = [tickets.link(scene(evening, 2), one, TAKEN) for one in (event(evening), other)]
    right, wrong = (url.rpartition("/")[2] for url in urls)
    found = desk(evening)
    forged = right.replace("1.2.1.", "1.3.1.")
    for ticket in (wrong, forged, "", "x"):
        assert receptions.act(evening, found, Act("a", "in", 0, ticket), NOW).said == "unknown"
    assert receptions.act(evening, found, Act("b", "in", 2), NOW).said == "unknown", "they hide from the host"
    assert receptions.act(evening, found, Act("c", "in", 0, right), NOW + timedelta(days=2)).said == "unknown"
    assert receptions.act(evening, found, Act("d", "in", 0, right), NOW).said == "done"
    assert came(evening, 2) == NOW and came(evening, 3) is None
    assert tickets.link(scene(evening, 2), event(evening), Seat.WAITING) == ""
    evening.get_one(Person, 3).state = PersonState.LEFT
    assert receptions.act(evening, found, Act("e", "in", 3), NOW).said == "unknown"


def test_a_link_opens_what_its_reader_runs_until_it_is_ended(evening: CompanySession) -> None:
    token, event_ = link(evening), event(evening)
    assert receptions.opened(evening, token, NOW) is not None
    for state in (EventState.CANCELLED, EventState.DRAFT):
        event_.state = state
        assert receptions.opened(evening, token, NOW) is None
    event_.state = EventState.OVER
    assert receptions.opened(evening, token, event_.ends_at + receptions.AFTERWARDS) is None
    assert receptions.opened(evening, token, NOW) is not None
    parts = token.split(".")
    parts[4] = "0"
    assert receptions.opened(evening, ".".join(parts), NOW) is None, "a desk's link is no list's"
    event_.reception_links += 1
    assert receptions.opened(evening, token, NOW) is None and receptions.opened(evening, link(evening), NOW) is not None
    event_.host_id = 2
    own = link(evening, reader=2)
    evening.get_one(Person, HOST).role = Role.ALUMNUS
    assert receptions.opened(evening, own, NOW) is not None
    assert receptions.opened(evening, link_of(evening, HOST), NOW) is None
    with pytest.raises(LookupError):
        receptions.reception_view(scene(evening, 3), 1)


def link_of(session: CompanySession, reader: int) -> str:
    """One that was made before its reader lost the event."""
    event(session).host_id, told = reader, event(session).host_id
    token = link(session, reader=reader)
    event(session).host_id = told
    return token


def test_of_two_desks_at_once_one_checks_in(database: Database) -> None:
    gatherings.company(database)
    with database.company(1) as session:
        gatherings.answer(session, gatherings.event(session, "2026-12-11T19:00", id=1), 2)
        token = link(session)
    together, said = Barrier(2), list[str]()

    def tap(name: str) -> None:
        together.wait()
        with database.company(1) as session:
            found = receptions.opened(session, token, NOW)
            assert found is not None
            said.append(receptions.act(session, found, Act(name, "in", 2), NOW).said)

    desks = [Thread(target=tap, args=(name,)) for name in ("one", "two")]
    for thread in desks:
        thread.start()
    for thread in desks:
        thread.join()
    assert sorted(said) == ["done", "double"]
    with database.company(1) as session:
        assert len(session.exec(select(InboxEntry)).all()) == 2


def test_attendance_counts_what_the_reader_may_see(evening: CompanySession) -> None:
    for number in range(2, 8):
        person = evening.get_one(Person, number)
        person.joined_year = 2000 + number // 2
        evening.add(Department(person_id=number, place=0, name="総務部"))
        evening.add(Department(person_id=number, place=1, name="経理部" if number < 5 else "営業部"))
        arrived = NOW if number % 2 else None
        gatherings.answer(evening, event(evening), number, arrived_at=arrived, arrived_guests=number % 2)
    gatherings.answer(evening, event(evening), 8, Seat.WAITING)
    choose(evening, 7, {"joined_year": Audience.HR, "departments": Audience.HIDDEN})
    hr = attendance.attendance_view(scene(evening), 1)
    assert (hr.came, hr.expected, hr.guests) == (3, 6, 3)
    assert [(bar.label, bar.came, bar.expected) for bar in hr.years] == [
        *(("2001年入社", 1, 2), ("2002年入社", 1, 2), ("2003年入社", 1, 2)),
    ]
    assert [(bar.label, bar.came, bar.expected) for bar in hr.departments] == [
        *(("経理部", 1, 3), ("営業部", 1, 2), ("不明", 1, 1)),
    ]
    evening.get_one(Event, 1).host_id = 2
    alumnus = attendance.attendance_view(scene(evening, 2), 1)
    assert [(bar.label, bar.expected) for bar in alumnus.years][-2:] == [("2003年入社", 1), ("不明", 1)]
    assert attendance.opened(evening, hr.chart.rpartition("/")[2].removesuffix(".png"), NOW) is not None


def test_many_years_and_departments_stand_together(evening: CompanySession) -> None:
    years = [(1980 + number, True) for number in range(40)] + [(None, False)]
    labels = [bar.label for bar in attendance._by_year(years, "ja")]  # pyright: ignore[reportPrivateUsage]
    assert labels[:2] == ["1980〜1984年入社", "1985〜1989年入社"] and labels[-1] == "不明" and len(labels) == 9
    names = [(f"第{number}部", True) for number in range(30) for _ in range(30 - number)]
    bars = attendance._by_department(names, "ja")  # pyright: ignore[reportPrivateUsage]
    assert len(bars) == attendance.LINES and bars[-1].label == "その他の部署"
    assert sum(bar.came for bar in bars) == len(names)
