"""The business card's text."""

from dataclasses import replace

import pytest

from bot import vcard
from bot.business_cards import QR_BYTES
from bot.directory import PersonView

FULL = PersonView(1, "髙橋 順一", "", own=False, reading="たかはし じゅんいち", works_at="A;B, C", works_as="課長")


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_card_has_the_name_its_reading_and_the_work() -> None:
    lines = unfolded(vcard.text(FULL, "東都製作所"))
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:4.0"] and lines[-2:] == ["END:VCARD", ""]
    assert "FN:髙橋 順一" in lines
    assert 'N;SORT-AS="たかはし,じゅんいち":髙橋;順一;;;' in lines
    assert "X-PHONETIC-LAST-NAME:たかはし" in lines and "X-PHONETIC-FIRST-NAME:じゅんいち" in lines
    assert "ORG:A\\;B\\, C" in lines and "TITLE:課長" in lines
    assert not any(line.startswith(("EMAIL", "ADR")) for line in lines)


def test_a_name_elsewhere_has_its_family_last() -> None:
    assert "N:Smith;Mary Ann;;;" in unfolded(vcard.text(PersonView(1, "Mary Ann Smith", "", own=False), "X"))


def test_nothing_typed_begins_a_line_and_lines_are_short() -> None:
    odd = PersonView(1, "a\nEND:VCARD", "", own=False, reading='x"\n:y', works_at="東" * 200, email="e\nEMAIL:z")
    text = vcard.text(odd, "c\nNOTE:d")
    assert all(len(line.encode()) <= vcard.LINE for line in text.split("\r\n"))
    lines = unfolded(text)
    assert lines.count("END:VCARD") == 1 and not any(line.startswith(("EMAIL:z", "NOTE:d")) for line in lines)
    assert "\n" not in text.replace("\r\n", "")


LONG = PersonView(
    1,
    "髙橋 順一",
    "",
    own=False,
    reading="たかはし じゅんいち",
    works_at="東" * 100,
    works_as="課長",
    email="taka@example.com",
    city="大阪",
)


def test_a_code_has_all_that_fits_and_the_address_before_the_work() -> None:
    lines = vcard.compact(FULL, "東都製作所", QR_BYTES).split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"] and lines[-2:] == ["END:VCARD", ""]
    assert "ORG:A\\;B\\, C" in lines and "X-PHONETIC-FIRST-NAME:じゅんいち" in lines and "NOTE:東都製作所" in lines
    text = vcard.compact(LONG, "東都製作所", QR_BYTES)
    assert "ORG" not in text and "EMAIL:taka@example.com" in text and "TITLE:課長" in text and "大阪" in text


@pytest.mark.parametrize("name", ["髙" * 200, "a " * 100, "𠮷野 " + "👨‍👩‍👧" * 60, ";" * 200, "a\nEND:VCARD\r\nX:"])
def test_whatever_a_name_is_the_code_holds_it(name: str) -> None:
    text = vcard.compact(replace(LONG, name=name), "c", QR_BYTES)
    assert len(text.encode()) <= QR_BYTES
    assert text.split("\r\n").count("END:VCARD") == 1 and "FN:" + name[:1].replace(";", "\\;") in text
