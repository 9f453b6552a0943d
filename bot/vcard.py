"""A person as a vCard 4.0 (RFC 6350), with the reading as phone books sort and show it."""

import re
from collections.abc import Iterator, Sequence

from bot.directory import PersonView

LINE = 75
"""Bytes after which a line is folded."""
_FRAME = len("BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n")
_SPECIAL = re.compile(r"([\\,;])")
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿豈-﫿]")


def text(person: PersonView, company: str) -> str:
    """What the reader of `person` may see, and nothing else. Lines end in CR LF."""
    return "".join(f"{_folded(line)}\r\n" for line in _lines(person, company))


def compact(person: PersonView, company: str, fits: int) -> str:
    """The same in at most `fits` bytes, for a QR code: what every reader of such codes knows (vCard 3.0), and of it
    what matters most. A name that is too long for that is cut."""
    name = person.name
    while len(_joined(_names(name))) > fits - _FRAME:
        name = name[:-1]
    lines = _names(name)
    contacts = sorted(_contacts(person), key=lambda line: not line.startswith("EMAIL:"))
    for line in (*_phonetic(person), *contacts, f"NOTE:{_escaped(company)}"):
        if len(_joined([*lines, line])) <= fits - _FRAME:
            lines.append(line)
    return _joined(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD"]).decode()


def _joined(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def _names(name: str) -> list[str]:
    family, given = _split(name)
    return [f"N:{_escaped(family)};{_escaped(given)};;;", f"FN:{_escaped(name)}"]


def _phonetic(person: PersonView) -> Iterator[str]:
    if person.reading:
        family, given = _split(person.reading)
        yield f"X-PHONETIC-LAST-NAME:{_escaped(family)}"
        yield f"X-PHONETIC-FIRST-NAME:{_escaped(given)}"


def _contacts(person: PersonView) -> Iterator[str]:
    if person.works_at:
        yield f"ORG:{_escaped(person.works_at)}"
    if person.works_as:
        yield f"TITLE:{_escaped(person.works_as)}"
    if person.email:
        yield f"EMAIL:{_escaped(person.email)}"
    if person.city:
        yield f"ADR:;;;{_escaped(person.city)};;;"


def _lines(person: PersonView, company: str) -> Iterator[str]:
    family, given = _split(person.name)
    read_family, read_given = _split(person.reading)
    sort = f';SORT-AS="{_quoted(read_family)},{_quoted(read_given)}"' if person.reading else ""
    yield from ("BEGIN:VCARD", "VERSION:4.0", f"FN:{_escaped(person.name)}")
    yield f"N{sort}:{_escaped(family)};{_escaped(given)};;;"
    yield from _phonetic(person)
    yield from _contacts(person)
    yield f"NOTE:{_escaped(company)}"
    yield "END:VCARD"


def _split(name: str) -> tuple[str, str]:
    """Family and given name: the family comes first in Japanese, last elsewhere."""
    parts = name.split()
    if len(parts) < 2:
        return name.strip(), ""
    if _JAPANESE.search(name):
        return parts[0], " ".join(parts[1:])
    return parts[-1], " ".join(parts[:-1])


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", value).replace("\n", "\\n")


def _quoted(value: str) -> str:
    """Within the quotes of a parameter nothing is escaped, and a quote cannot stand."""
    return re.sub(r'["\r\n,]', " ", value)


def _folded(line: str) -> str:
    """In pieces of LINE bytes, none of which splits a character."""
    pieces: list[str] = []
    piece, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + width
    return "\r\n".join([*pieces, piece])
