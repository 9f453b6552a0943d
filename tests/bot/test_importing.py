"""People from a file: as spreadsheets in Japan write it, all or nothing, and the same twice."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from sqlmodel import col, select

from bot import importing
from bot.importing import Outcome, Report, Unreadable
from storage.db import CompanySession, Database
from storage.tables import Company, Delivery, Department, Offboarding, Person, PersonState

NOW = datetime(2026, 3, 20, 1, tzinfo=UTC)
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


def load(database: Database, company_id: int, text: str | bytes, *, dry_run: bool = False) -> Report:
    data = text if isinstance(text, bytes) else text.encode()
    with database.company(company_id) as session:
        return importing.run(session, data, NOW, letters=True, dry_run=dry_run)


def outcomes(report: Report) -> list[str]:
    return [str(row.outcome) for row in report.rows]


def persons(session: CompanySession) -> Sequence[Person]:
    return session.exec(select(Person).order_by(col(Person.id))).all()


def contents(database: Database, company_id: int) -> list[str]:
    with database.company(company_id) as session:
        tables = (Person, Department, Offboarding, Delivery)
        return [repr(row.model_dump()) for table in tables for row in session.exec(select(table)).all()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_are_met(database: Database, company_id: int, encoding: str) -> None:
    report = load(database, company_id, FILE.encode(encoding))
    assert (outcomes(report), report.stored, report.unknown_columns) == (["added", "added"], True, ("備考",))
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
    assert not report.stored
    assert outcomes(report) == ["added", "added", "wrong", "wrong", "wrong"]
    assert [sorted(row.faults) for row in report.rows[2:]] == [
        ["last_day"],
        ["email", "joined_year", "last_day", "name"],
        ["employee_number"],
    ]
    assert "line 2" in report.rows[4].faults["employee_number"]
    assert [row.line for row in report.rows] == [2, 3, 4, 5, 6]
    assert contents(database, company_id) == []


def test_a_dry_run_says_what_would_be_and_stores_nothing(database: Database, company_id: int) -> None:
    report = load(database, company_id, FILE, dry_run=True)
    assert (outcomes(report), report.stored) == (["added", "added"], False)
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
        (b"\xff\xff\x81", "neither UTF-8 nor Shift_JIS"),
        (b"PK\x03\x04\0\0", "it is no text"),
        ("氏名,メール\nx,y".encode(), "lacks 退職日"),
        ("氏名,退職日\nx,y".encode(), "lacks メール"),
        ("姓,退職日,メール\nx,y,z".encode(), "lacks 姓 and 名"),
        ("氏名,名前,退職日,メール\na,b,c,d".encode(), "two columns mean the same"),
        ('氏名,退職日,メール\n"a,b,c'.encode(), "is no CSV"),
        ("氏名,退職日,メール\n".encode() + b"a,b,c\n" * (importing.MOST_ROWS + 1), "more than 20000 rows"),
        (b"x" * (importing.LARGEST + 1), "larger than 20 MB"),
    ],
)
def test_what_is_no_such_file_is_said(database: Database, company_id: int, data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        load(database, company_id, data)


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
    assert importing.day(typed) == read
