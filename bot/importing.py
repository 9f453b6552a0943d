"""People from a CSV file: every row checked first, then all of them stored or none."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot import clock, invitations, leavers, marks, prompts
from bot.errors import MotokaiError
from storage import people
from storage.db import CompanySession
from storage.folding import folded
from storage.tables import PersonState

FAULTS = frozenset({"twice_in_file", "was_erased_on"})
"""Sentences of prompts/*/errors.md.j2 for what is wrong between rows."""
MOST_ROWS = 20_000
LARGEST = 20 * 1024 * 1024
"""Bytes of a file."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "氏名", "名前"),
    "surname": ("surname", "last name", "last_name", "姓", "氏", "苗字"),
    "given_name": ("given_name", "given name", "first name", "first_name", "名"),
    "reading": ("reading", "kana", "フリガナ", "ふりがな", "氏名カナ", "氏名（カナ）", "氏名（ヨミガナ）"),
    "surname_kana": ("surname_kana", "last_name_yomi", "セイ", "姓カナ", "姓（カナ）", "姓（ヨミガナ）"),
    "given_name_kana": ("given_name_kana", "first_name_yomi", "メイ", "名カナ", "名（カナ）", "名（ヨミガナ）"),
    "romaji": ("romaji", "ローマ字", "氏名（ローマ字）"),
    "former_surname": ("former_surname", "旧姓"),
    "employee_number": ("employee_number", "emp_code", "社員番号", "従業員番号"),
    "departments": ("departments", "department", "部署", "所属", "部署名"),
    "joined_year": ("joined_year", "entered_at", "入社年", "入社日", "入社年月日"),
    "last_day": ("last_day", "resigned_at", "退職日", "退職年月日", "最終日", "最終在籍日"),
    "email": ("email", "e-mail", "メール", "メールアドレス", "個人メールアドレス"),
    "language": ("language", "言語"),
}
"""What stands in the first row, and which of our fields it is. Width, case and spaces make no difference."""

_FIELD_OF = {folded(name): column for column, names in COLUMNS.items() for name in names}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_ERA = re.compile(r"(令和|平成|昭和|[RHS])\s*\.?\s*(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.IGNORECASE)
_ERA_YEAR = re.compile(r"(令和|平成|昭和|[RHS])\s*\.?\s*(\d{1,2}|元)\s*年?", re.IGNORECASE)
_BEFORE = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}
_LANGUAGES = {"日本語": "ja", "japanese": "ja", "英語": "en", "english": "en"}


class Unreadable(MotokaiError):
    """The file cannot be read: {0}"""


class Outcome(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class RowReport:
    """What becomes of one row; `line` counts as a spreadsheet does, with the headings as 1. `faults` are sentences by
    column."""

    line: int
    name: str
    outcome: Outcome
    faults: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Report:
    """`stored` is False where any row was wrong, and nothing was changed."""

    rows: tuple[RowReport, ...]
    unknown_columns: tuple[str, ...]
    stored: bool

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome is outcome for row in self.rows)


class _Nothing(Exception):
    """Leaves the transaction, so that it is rolled back."""


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    values: Mapping[str, str]


def decoded(data: bytes) -> str:
    """UTF-8, with or without its mark, or else Shift_JIS as Excel writes it (CP932), or UTF-16 with its mark. Raises
    Unreadable for anything else."""
    if len(data) > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST // 1024 // 1024} MB. Split it into several files.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            return data.decode(encoding, "strict")
        except UnicodeDecodeError:
            continue
    raise Unreadable("it is neither UTF-8 nor Shift_JIS. Save it as 'CSV UTF-8' and try again.")


def rows_of(data: bytes) -> tuple[list[Row], tuple[str, ...]]:
    """The rows as the fields of bot.leavers, and the headings that mean nothing to us. Raises Unreadable."""
    text = decoded(data)
    if "\0" in text:
        raise Unreadable("it is no text. Save the sheet as CSV and try again.")
    first = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter="\t" if "\t" in first and "," not in first else ",", strict=True
    )
    try:
        table = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num} is no CSV ({error}).") from None
    if not table:
        raise Unreadable("it is empty.")
    if len(table) > MOST_ROWS + 1:
        raise Unreadable(f"it has more than {MOST_ROWS} rows. Split it into several files.")
    headings = [_FIELD_OF.get(folded(cell)) for cell in table[0][1]]
    _check_headings(headings)
    unknown = tuple(
        cell.strip() for cell, name in zip(table[0][1], headings, strict=True) if name is None and cell.strip()
    )
    return [_row(number, headings, cells) for number, (_, cells) in enumerate(table[1:], 2)], unknown


def _check_headings(headings: Sequence[str | None]) -> None:
    known = [name for name in headings if name]
    twice = sorted({COLUMNS[name][-1] for name in known if known.count(name) > 1})
    if twice:
        raise Unreadable(f"two columns mean the same ({', '.join(twice)}). Remove one of them.")
    lacking = [
        words
        for there, words in (
            ({"name"} & {*known} or {"surname", "given_name"} <= {*known}, "姓 and 名 (or 氏名)"),
            ("email" in known, "メール"),
            ("last_day" in known, "退職日"),
        )
        if not there
    ]
    if lacking:
        raise Unreadable(f"its first row lacks {', '.join(lacking)}. docs/people.md lists the columns.")


def _row(line: int, headings: Sequence[str | None], cells: Sequence[str]) -> Row:
    given = {
        name: " ".join(cell.split()) if name != "departments" else cell.strip()
        for name, cell in zip(headings, cells, strict=False)
        if name
    }
    values = {name: given.get(name, "") for name in ("romaji", "former_surname", "employee_number", "departments")}
    parts = f"{given.get('surname', '')} {given.get('given_name', '')}".strip()
    kana = f"{given.get('surname_kana', '')} {given.get('given_name_kana', '')}".strip()
    language = unicodedata.normalize("NFKC", given.get("language", "")).casefold()
    return Row(
        line,
        {
            **values,
            "name": given.get("name") or parts,
            "reading": given.get("reading") or kana,
            "joined_year": year(given.get("joined_year", "")),
            "last_day": day(given.get("last_day", "")),
            "email": unicodedata.normalize("NFKC", given.get("email", "")),
            "language": _LANGUAGES.get(language, language),
        },
    )


def day(text: str) -> str:
    """A day as people and spreadsheets write it, as 2026-03-31; unchanged where it is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    western = _DAY.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if western:
        year_, month, day_ = map(int, western.groups())
    elif era := _ERA.fullmatch(plain):
        year_ = _BEFORE[era[1].lower()] + (1 if era[2] == "元" else int(era[2]))
        month, day_ = int(era[3]), int(era[4])
    else:
        return text
    try:
        return date(year_, month, day_).isoformat()
    except ValueError:
        return text


def year(text: str) -> str:
    """A year, or the year of a day, as four digits; unchanged where it is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    era = _ERA_YEAR.fullmatch(plain)
    if era:
        return str(_BEFORE[era[1].lower()] + (1 if era[2] == "元" else int(era[2])))
    whole = day(plain)
    return whole[:4] if whole != plain or _DAY.fullmatch(plain) else plain


def run(
    session: CompanySession, data: bytes, now: datetime, *, letters: bool, locale: str = "en", dry_run: bool = False
) -> Report:
    """Store every row, in the session's transaction, and write the invitations (where mail is configured). Where any
    row is wrong, or with `dry_run`, nothing is changed and the report says what would be. Raises Unreadable."""
    rows, unknown = rows_of(data)
    reports: list[RowReport] = []
    stored = True
    try:
        with session.begin_nested():
            reports = _take(session, rows, now, letters=letters, locale=locale)
            if dry_run or any(report.outcome is Outcome.WRONG for report in reports):
                raise _Nothing
    except _Nothing:
        session.expire_all()
        stored = False
    return Report(tuple(reports), unknown, stored)


def _take(
    session: CompanySession, rows: Sequence[Row], now: datetime, *, letters: bool, locale: str
) -> list[RowReport]:
    company = people.company(session)
    today = clock.today(now, company.timezone)
    people.hold_company(session)
    seen: dict[tuple[str, str], int] = {}
    return [_take_row(session, row, seen, company, today, now, letters=letters, locale=locale) for row in rows]


def _take_row(
    session: CompanySession,
    row: Row,
    seen: dict[tuple[str, str], int],
    company: people.CompanyFacts,
    today: date,
    now: datetime,
    *,
    letters: bool,
    locale: str,
) -> RowReport:
    def wrong(faults: Mapping[str, str]) -> RowReport:
        return RowReport(row.line, name, Outcome.WRONG, faults)

    name = row.values["name"]
    faults = leavers.sentences(leavers.faults(row.values, today), locale)
    if faults:
        return wrong(faults)
    leaver = leavers.read(row.values, today)
    for column, value in (("employee_number", leaver.employee_number), ("email", leaver.email)):
        earlier = seen.setdefault((column, value), row.line) if value else row.line
        if earlier != row.line:
            return wrong({column: prompts.phrase("errors", locale, "twice_in_file", {"limit": earlier})})
    person, clash = leavers.known(session, leaver)
    if clash:
        return wrong(leavers.sentences(clash, locale))
    erased = marks.kept(session, leaver.employee_number, leaver.email) if person is None else None
    if erased is not None:
        day = clock.today(erased.at, company.timezone)
        column = "employee_number" if leaver.employee_number else "email"
        return wrong({column: prompts.phrase("errors", locale, "was_erased_on", {"day": day})})
    taken = (
        leavers.add(session, leaver, company, now)
        if person is None
        else leavers.correct(session, person, leaver, company, now)
    )
    if taken.invite and letters:
        invitations.write_letter(session, taken.person, now, template="invitation")
    elif taken.changed and taken.person.state is not PersonState.INVITED:
        invitations.show_changes(session, taken.person.id, now)
    outcome = Outcome.ADDED if taken.added else Outcome.CHANGED if taken.changed else Outcome.SAME
    return RowReport(row.line, name, outcome)
