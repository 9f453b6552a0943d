"""People from a file: as spreadsheets in Japan write it, all or nothing, and the same twice."""

import io
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from bot import importing, invitations, people_files
from bot.importing import Outcome, RowReport
from bot.people_files import PeopleFile, Unreadable
from storage import ledger
from storage.db import CompanySession, Database
from storage.tables import Company, Delivery, Department, Offboarding, Person, PersonState
from tests.bot.loading import NOW, load, store

HEAD = "社員番号,姓,名,セイ,メイ,旧姓,部署,入社年,退職日,メール,備考"
ROWS = (
    'A001,髙橋,健,ﾀｶﾊｼ,ｹﾝ,,"経理部、経営企画室",平成27年,2026/3/31,ken@example.com,x',
    "A002,田中,恵,タナカ,メグミ,佐藤,生産管理部,2010/4/1,令和8年3月31日,megumi@example.com,",
)
FILE = "\r\n".join((HEAD, *ROWS, ""))


@pytest.fixture
def company_id(database: Database) -> int:
    with database.installation() as session:
        company = Company(name="東都製作所", created_at=NOW)
        session.add(company)
        session.flush()
        return company.id or 0


def outcomes(report: list[RowReport]) -> list[str]:
    return [str(row.outcome) for row in report]


def persons(session: CompanySession) -> Sequence[Person]:
    return session.exec(select(Person).order_by(col(Person.id))).all()


def contents(database: Database, company_id: int) -> list[str]:
    with database.company(company_id) as session:
        tables = (Person, Department, Offboarding, Delivery)
        return [repr(row.model_dump()) for table in tables for row in session.exec(select(table)).all()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_are_met(database: Database, company_id: int, encoding: str) -> None:
    report = load(database, company_id, FILE.encode(encoding))
    assert outcomes(report) == ["added", "added"]
    assert PeopleFile(io.BytesIO(FILE.encode(encoding))).unread == ("備考",)
    with database.company(company_id) as session:
        ken, megumi = persons(session)
        assert (ken.name, ken.reading, ken.romaji) == ("髙橋 健", "ﾀｶﾊｼ ｹﾝ", "Takahashi Ken")
        assert (ken.joined_year, ken.last_day, ken.state) == (2015, date(2026, 3, 31), PersonState.INVITED)
        assert (megumi.former_surname, megumi.joined_year, megumi.last_day) == ("佐藤", 2010, date(2026, 3, 31))
        assert [d.name for d in session.exec(select(Department).where(Department.person_id == ken.id))] == [
            "経理部",
            "経営企画室",
        ]
        letters = session.exec(select(Delivery.address).order_by(col(Delivery.id))).all()
        assert list(letters) == ["ken@example.com", "megumi@example.com"]


def test_the_same_file_again_changes_nothing(database: Database, company_id: int) -> None:
    load(database, company_id, FILE)
    before = contents(database, company_id)
    assert outcomes(load(database, company_id, FILE.encode("cp932"))) == ["same", "same"]
    assert contents(database, company_id) == before


def test_one_wrong_row_and_nothing_is_stored_and_every_fault_is_named(database: Database, company_id: int) -> None:
    wrong = (
        "A003,山田,太郎,,,,,,2026-02-30,taro@example.com,",
        "A004,,,,,,,むかし,,taro,",
        "A001,鈴木,一,,,,,,2026-03-31,hajime@example.com,",
    )
    report = load(database, company_id, "\n".join((HEAD, *ROWS, *wrong)))
    assert outcomes(report) == ["added", "added", "wrong", "wrong", "wrong"]
    assert [sorted(row.faults) for row in report[2:]] == [
        ["last_day"],
        ["email", "joined_year", "last_day", "name"],
        ["employee_number"],
    ]
    assert report[4].faults["employee_number"] == ("twice_in_file", 2)
    assert [row.line for row in report] == [2, 3, 4, 5, 6]
    assert contents(database, company_id) == []


def test_a_dry_run_says_what_would_be_and_stores_nothing(database: Database, company_id: int) -> None:
    report = load(database, company_id, FILE, dry_run=True)
    assert outcomes(report) == ["added", "added"]
    assert contents(database, company_id) == []


def test_a_corrected_row_corrects_and_an_empty_cell_keeps(database: Database, company_id: int) -> None:
    load(database, company_id, FILE)
    corrected = f"{HEAD}\nA001,高橋,健,,,,,,2026/3/31,ken@example.com,\nA002,田中,恵,,,,,,2026/4/30,megumi@example.com,"
    assert outcomes(load(database, company_id, corrected)) == ["changed", "changed"]
    with database.company(company_id) as session:
        ken, megumi = persons(session)
        assert (ken.name, ken.reading, ken.joined_year) == ("高橋 健", "ﾀｶﾊｼ ｹﾝ", 2015)
        assert megumi.last_day == date(2026, 4, 30)
        invited = session.exec(select(Delivery.person_id).where(Delivery.template == "invitation")).all()
        assert sorted(map(str, invited)) == sorted(map(str, (ken.id, megumi.id, megumi.id)))


def test_another_company_has_nothing_to_do_with_it(database: Database, company_id: int) -> None:
    load(database, company_id, FILE)
    with database.installation() as session:
        other = Company(name="西都商会", created_at=NOW)
        session.add(other)
        session.flush()
    assert outcomes(load(database, other.id or 0, FILE)) == ["added", "added"]


HOSTILE = ("<!channel>", '"a\nBcc: x@example.com"', "=cmd|' /C calc'!A0", "{{ 7*7 }}")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_one_line_of_text(database: Database, company_id: int, name: str) -> None:
    report = load(database, company_id, f"氏名,退職日,メール\n{name},2026-03-31,x@example.com")
    assert outcomes(report) == [Outcome.ADDED]
    with database.company(company_id) as session:
        assert persons(session)[0].name == " ".join(name.strip('"').split())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (b"\xff\xff\x81", "neither UTF-8 nor Shift_JIS"),
        (b"PK\x03\x04\0\0", "an Excel workbook"),
        (b"a\0b", "it is no text"),
        ("氏名,メール\nx,y".encode(), "lacks 退職日"),
        ("氏名,退職日\nx,y".encode(), "lacks メール"),
        ("姓,退職日,メール\nx,y,z".encode(), "lacks 氏名"),
        ("氏名,名前,退職日,メール\na,b,c,d".encode(), "two columns mean the same"),
        ('氏名,退職日,メール\nx,y,z\n"a,b,c'.encode(), "line 3 is no CSV"),
        ('氏名,退職日,メール\n"a'.encode() + b"\nx,y,z" * 40_000, "line 2 is no CSV"),
        ("氏名,退職日,メール\n".encode(), "there is nobody in it"),
    ],
)
def test_what_is_no_such_file_is_said(database: Database, company_id: int, data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        load(database, company_id, data)
    assert contents(database, company_id) == []


HARD = (
    '社員番号\t氏名\t退職日\tメール\t備考\r\n\r\nA1\t髙﨑 ①\t2026/3/31\tone@example.com\t"二行の\r\n""備考"""\r\n'
    "A2\t田中 恵\tいつか\ttwo@example.com\t\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_row_is_named_by_the_line_on_which_it_begins(
    database: Database, company_id: int, encoding: str, end: str
) -> None:
    report = load(database, company_id, HARD.replace("\r\n", end).encode(encoding))
    assert [(row.line, row.name, str(row.outcome)) for row in report] == [
        (3, "髙﨑 ①", "added"),
        (5, "田中 恵", "wrong"),
    ]


def test_one_person_twice_is_found_by_whatever_they_are_known(database: Database, company_id: int) -> None:
    load(database, company_id, FILE)
    moved = f"{HEAD}\nA001,髙橋,健,,,,,,2026/3/31,new@example.com,\n,髙橋,健,,,,,,2026/3/31,ken@example.com,"
    report = load(database, company_id, moved)
    assert outcomes(report) == ["changed", "wrong"]
    assert report[1].faults == {"email": ("twice_in_file", 2)}


def many(rows: int) -> str:
    people = (f"N{n:04d},名{n},2026-03-31,p{n}@example.com" for n in range(rows))
    return "\n".join(("社員番号,氏名,退職日,メール", *people))


def test_a_file_that_was_broken_off_goes_on_where_it_was(database: Database, company_id: int) -> None:
    file = PeopleFile(io.BytesIO(many(1200).encode()))
    run_id, line = importing.begin(database, company_id, file, NOW)
    assert line == 0
    next(importing.storing(database, company_id, file, run_id, lambda: NOW, 30))
    assert importing.begin(database, company_id, file, NOW) == (run_id, importing.BATCH + 1)
    done = store(database, company_id, file)
    assert (done.id, done.counts, done.letters) == (run_id, {"added": 1200}, 1200)
    with database.company(company_id) as session:
        assert len({p.email for p in persons(session)}) == len(persons(session)) == 1200
    assert importing.begin(database, company_id, file, NOW)[0] != run_id, "what is done is not gone on with"


def test_what_has_come_to_clash_since_the_check_is_left_out_and_said(database: Database, company_id: int) -> None:
    file = PeopleFile(io.BytesIO(FILE.encode()))
    assert outcomes(load(database, company_id, FILE, dry_run=True)) == ["added", "added"]
    load(database, company_id, f"{HEAD}\nB9,別人,一,,,,,,2026/3/31,ken@example.com,")
    done = store(database, company_id, file)
    assert done.counts == {"wrong": 1, "added": 1}


def test_invitations_leave_at_the_mail_servers_pace_and_each_has_its_whole_time(
    database: Database, company_id: int
) -> None:
    file = PeopleFile(io.BytesIO(many(501).encode()))
    done = store(database, company_id, file)
    assert done.last_letter_at == NOW + timedelta(minutes=500 / 30)
    with database.company(company_id) as session:
        letters = session.exec(select(Delivery).order_by(col(Delivery.due_at))).all()
        assert [letter.due_at for letter in letters[:3]] == [NOW + timedelta(seconds=2 * n) for n in range(3)]
        last = letters[-1]
        schedule = session.get_one(Offboarding, (company_id, last.person_id))
        assert schedule.remind_at == last.due_at + timedelta(days=7)
        row = ledger.last_about(session, last.subject or "")[1]
        assert row is not None
        patience = last.due_at + invitations.WAITS_AT_MOST
        assert invitations.no_longer_needed(session, row, patience) == "", "those before it take days, and it waits"
        assert invitations.no_longer_needed(session, row, patience + timedelta(seconds=1)) == "waited_too_long"


def test_nothing_new_is_what_correcting_would_leave(database: Database, company_id: int) -> None:
    load(database, company_id, FILE)
    kept = f"{HEAD}\nA001,髙橋,健,,,,,,2026/3/31,KEN@example.com,"
    assert outcomes(load(database, company_id, kept)) == ["same"], "empty cells keep"
    for cell, changed in (("健", "剛"), ("2026/3/31", "2026/4/1"), ("KEN", "ken2")):
        assert outcomes(load(database, company_id, kept.replace(cell, changed), dry_run=True)) == ["changed"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026/3/31", "2026-03-31"),
        ("２０２６年３月３１日", "2026-03-31"),
        ("20260331", "2026-03-31"),
        ("2026/03/31 0:00", "2026-03-31"),
        ("令和元年5月1日", "2019-05-01"),
        ("R8.3.31", "2026-03-31"),
        ("H27/4/1", "2015-04-01"),
        ("2026/2/30", "2026/2/30"),
        ("来月末", "来月末"),
        ("", ""),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, read: str) -> None:
    assert people_files.day(typed) == read
