"""Who is expected at an event, in the order of the kana, as far as whoever looks may see them."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, or_, select

from bot import clock, exports, looks, prompts, visibility
from bot.visibility import Viewer
from storage import folding
from storage.db import CompanySession
from storage.people import CompanyFacts, Member
from storage.tables import Event, Person, PersonState, Rsvp, Seat

_ROWS = (
    *(
        "アァイィウゥエェオォヴ",
        "カキクケコガギグゲゴヵヶ",
        "サシスセソザジズゼゾ",
        "タチツッテトダヂヅデド",
        "ナニヌネノ",
    ),
    *("ハヒフヘホバビブベボパピプペポ", "マミムメモ", "ヤャユュヨョ", "ラリルレロ", "ワヮヰヱヲン"),
)
_LETTERS = {letter: row[0] for row in _ROWS for letter in row}
_MARKS: Mapping[int, None] = dict.fromkeys((0x3099, 0x309A))
OTHER = ""
"""The row of names of which nobody here knows how they are read."""


@dataclass(frozen=True, slots=True)
class Guest:
    """`reading` is empty where it is not known, or not for the reader to see. `seat` is "none" for who came without
    having signed up."""

    id: int
    name: str
    reading: str
    seat: str
    guests: int
    arrived_at: datetime | None
    arrived_guests: int
    answers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def row(self) -> str:
        """The row of the kana table that the name begins with, a Latin letter, or OTHER."""
        first = sound(self)[:1]
        return _LETTERS.get(first) or (first.upper() if "a" <= first <= "z" else OTHER)


@dataclass(frozen=True, slots=True)
class GuestList:
    """`unnamed` are people with a seat who hide from whoever looks: they are counted and not named."""

    guests: tuple[Guest, ...]
    unnamed: int

    @property
    def expected(self) -> int:
        """People, guests of guests included."""
        return sum(1 + guest.guests for guest in self.guests if guest.seat == Seat.TAKEN)

    @property
    def arrived(self) -> int:
        return sum(1 + guest.arrived_guests for guest in self.guests if guest.arrived_at)


def sound(guest: Guest) -> str:
    return folding.unaccented(folding.folded(guest.reading or guest.name))


def _order(guest: Guest) -> tuple[int, str, str, int]:
    """Kana first, then Latin letters, then what has no reading, as it is written."""
    text, row = sound(guest), guest.row
    rank = 0 if row in _LETTERS else 1 if row else 2
    return rank, folding.large_kana(_unvoiced(text)), text, guest.id


def _unvoiced(text: str) -> str:
    """Without the marks of が and ぱ, which count only between names that are the same otherwise."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_MARKS))


def of(session: CompanySession, event: Event, looking: Viewer) -> GuestList:
    """Those who have a seat or wait for one, and those who came."""
    session.flush()
    concerned = Rsvp.event_id == event.id, or_(Rsvp.seat != Seat.NONE, col(Rsvp.arrived_at).is_not(None))
    joined = select(Rsvp, Person.name, Person.reading).join(Person, col(Person.id) == col(Rsvp.person_id))
    rows = session.exec(
        joined.where(*concerned, Person.state == PersonState.ACTIVE), execution_options={"populate_existing": True}
    ).all()
    ids = [rsvp.person_id for rsvp, _, _ in rows]
    hiding, seen = visibility.hiding(session, looking, ids), visibility.seen(session, looking, ids)
    found = [
        Guest(
            rsvp.person_id,
            name,
            reading if reading and seen.shows(rsvp.person_id, "reading") else "",
            rsvp.seat.value,
            rsvp.guests,
            rsvp.arrived_at,
            rsvp.arrived_guests,
            dict(rsvp.answers),
        )
        for rsvp, name, reading in rows
        if rsvp.person_id not in hiding
    ]
    return GuestList(tuple(sorted(found, key=_order)), len(rows) - len(found))


def note_looks(session: CompanySession, reader: Member, listed: GuestList, timezone: str, now: datetime) -> None:
    """Whose reading HR alone may see, and HR sees now, is written down."""
    shown = [guest for guest in listed.guests if guest.reading]
    chosen = visibility.seen(session, visibility.viewer(reader), [guest.id for guest in shown])
    for guest in shown:
        if chosen.audience(guest.id, "reading") is visibility.Audience.HR:
            looks.note_for(session, reader, now, timezone, guest.id, {"reading": guest.reading}, shared=False)


def as_csv(listed: GuestList, event: Event, company: CompanyFacts, locale: str) -> bytes:
    """For spreadsheets (bot.exports): one line a person, in the order of the list."""

    def say(block: str) -> str:
        return prompts.phrase("web/reception", locale, block)

    def at(moment: datetime | None) -> str:
        return f"{moment.astimezone(clock.zone(event.zone)):%H:%M}" if moment else ""

    columns = [say(f"column_{name}") for name in ("reading", "name", "seat", "guests", "arrived", "arrived_guests")]
    rows: Sequence[Sequence[object]] = [
        [
            guest.reading,
            guest.name,
            say(f"seat_{guest.seat}"),
            guest.guests,
            at(guest.arrived_at),
            guest.arrived_guests if guest.arrived_at else "",
            *(guest.answers.get(question, "") for question in event.questions),
        ]
        for guest in listed.guests
    ]
    return exports.as_csv([*columns, *event.questions], rows)
