"""A CSV file of people, read a row at a time: in the encodings, headings and dates that spreadsheets in Japan write."""

import codecs
import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from bot import prompts
from bot.errors import MotokaiError
from storage.folding import folded

LARGEST_CELL = 20_000
"""Characters. Nobody's field is so long: a quote was opened and not closed."""
_CHUNK = 256 * 1024
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How .xlsx and .xls begin."""

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
    "left_for": ("left_for", "reason", "退職理由", "退職事由"),
    "exception": ("exception", "例外の理由"),
}
"""What stands in the first row, and which of our fields it is. Width, case and spaces make no difference."""

_FIELD_OF = {folded(name): column for column, names in COLUMNS.items() for name in names}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_ERA = re.compile(r"(令和|平成|昭和|[RHS])\s*\.?\s*(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.IGNORECASE)
_ERA_YEAR = re.compile(r"(令和|平成|昭和|[RHS])\s*\.?\s*(\d{1,2}|元)\s*年?", re.IGNORECASE)
_BEFORE = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}
_REASONS = {
    "自己都合": "voluntary",
    "自己都合退職": "voluntary",
    "会社都合": "company",
    "会社都合退職": "company",
    "定年": "retirement",
    "定年退職": "retirement",
    "契約満了": "contract_end",
    "契約期間満了": "contract_end",
    "契約期間の満了": "contract_end",
    "懲戒": "disciplinary",
    "懲戒解雇": "disciplinary",
    "その他": "other",
    "そのほか": "other",
}
_LANGUAGES = {"日本語": "ja", "japanese": "ja", "英語": "en", "english": "en"}


class Unreadable(MotokaiError):
    """The file cannot be read: {0}"""

    def __init__(self, key: str, **values: Any) -> None:
        """`key` names a sentence of prompts/*/file_faults.md.j2."""
        self.key, self.values = key, values
        super().__init__(sentence(key, values, "en"))


def sentence(key: str, values: Mapping[str, Any], locale: str) -> str:
    return prompts.phrase("file_faults", locale, key, values)


@dataclass(frozen=True, slots=True)
class Row:
    """A person of the file, by the fields of bot.leavers. `line` is the line of the text on which the row begins."""

    line: int
    values: Mapping[str, str]


class PeopleFile:
    """One file, which may be read as often as is wanted. Raises Unreadable when it is none.

    Nothing but one row is held in memory. `digest` is that of its bytes, `unread` its headings that mean nothing here.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.encoding, self.digest, self.size = _examined(file)
        with closing(self._table()) as cells:
            first = next(cells, None)
        if first is None:
            raise Unreadable("empty")
        self._headings = [_FIELD_OF.get(folded(cell)) for cell in first[1]]
        _check_headings(self._headings)
        named = zip(first[1], self._headings, strict=True)
        self.unread = tuple(cell.strip() for cell, name in named if name is None and cell.strip())

    @property
    def read(self) -> int:
        """Bytes of the pass under way, for showing how far it is."""
        return self._file.tell()

    def rows(self) -> Iterator[Row]:
        """From the first. Raises Unreadable where the text is no CSV any more, or has no row."""
        line = 0
        with closing(self._table()) as cells:
            next(cells)
            for line, row in cells:
                yield _row(line, self._headings, row)
        if not line:
            raise Unreadable("no_rows")

    def _table(self) -> Generator[tuple[int, list[str]]]:
        """Rows with anything in them, and the line on which each begins."""
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, self.encoding, newline="")
        try:
            delimiter = _delimiter(text.readline(LARGEST_CELL))
            text.seek(0)
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            before = 0
            while (cells := _next(reader)) is not None:
                if any(len(cell) > LARGEST_CELL for cell in cells):
                    raise Unreadable("no_csv", line=before + 1)
                if any(cell.strip() for cell in cells):
                    yield before + 1, cells
                before = reader.line_num
        finally:
            if not self._file.closed:
                text.detach()


def _next(reader: Any) -> list[str] | None:
    line = reader.line_num + 1
    try:
        return next(reader, None)
    except csv.Error:
        raise Unreadable("no_csv", line=line) from None


def _delimiter(line: str) -> str:
    return "\t" if "\t" in line and "," not in line else ","


def _examined(file: BinaryIO) -> tuple[str, str, int]:
    """The encoding, digest and size. UTF-8, with or without its mark, or else Shift_JIS as Excel writes it (CP932), or
    UTF-16 with its mark."""
    file.seek(0)
    head = file.read(8)
    if head.startswith(_WORKBOOKS):
        raise Unreadable("workbook")
    wishes = ("utf-16",) if head.startswith(_MARKS) else ("utf-8-sig", "cp932")
    decoders = {name: codecs.getincrementaldecoder(name)() for name in wishes}
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        decoders = {name: decoder for name, decoder in decoders.items() if _takes(decoder, chunk)}
    found = [name for name, decoder in decoders.items() if _takes(decoder, b"", final=True)]
    if not found:
        raise Unreadable("no_encoding")
    return found[0], digest.hexdigest(), size


def _takes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        text = decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    if "\0" in text:
        raise Unreadable("no_text")
    return True


def _check_headings(headings: Sequence[str | None]) -> None:
    known = [name for name in headings if name]
    twice = sorted({COLUMNS[name][-1] for name in known if known.count(name) > 1})
    if twice:
        raise Unreadable("two_columns", columns=", ".join(twice))
    lacking = [
        words
        for there, words in (
            ({"name"} & {*known} or {"surname", "given_name"} <= {*known}, "氏名"),
            ("email" in known, "メール"),
            ("last_day" in known, "退職日"),
        )
        if not there
    ]
    if lacking:
        raise Unreadable("lacks", columns=", ".join(lacking))


def _row(line: int, headings: Sequence[str | None], cells: Sequence[str]) -> Row:
    given = {
        name: " ".join(cell.split()) if name != "departments" else cell.strip()
        for name, cell in zip(headings, cells, strict=False)
        if name
    }
    values = {name: given.get(name, "") for name in ("romaji", "former_surname", "employee_number", "departments")}
    parts = f"{given.get('surname', '')} {given.get('given_name', '')}".strip()
    kana = f"{given.get('surname_kana', '')} {given.get('given_name_kana', '')}".strip()
    reason = unicodedata.normalize("NFKC", given.get("left_for", "")).casefold()
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
            "left_for": _REASONS.get(reason, reason),
            "exception": given.get("exception", ""),
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
