"""Who came to an event, by year of joining and by department, as far as whoever runs it may see either."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, or_, select

from bot import events, privacy, prompts, visibility
from bot.access import MEMBERS, check
from bot.scene import Scene
from bot.signed_links import SignedLinks
from bot.turn import Answer, Say, Turn
from bot.visibility import Viewer
from storage import merging, people
from storage.db import CompanySession
from storage.tables import Department, Event, Person, Rsvp, Seat

LINES = 12
"""Bars of one table; years beyond that are put together in fives, and the smallest departments into one."""
LIFETIME = timedelta(days=30)
"""Of the link behind which the chart is."""
_LINKS = SignedLinks("attendance", r"\d{1,18}\.\d{1,18}")


@dataclass(frozen=True, slots=True)
class Bar:
    """People: members, without the guests that they brought."""

    label: str
    came: int
    expected: int


@dataclass(frozen=True, slots=True)
class AttendanceView:
    """`expected` had a seat, or came without one. `guests` came with others. `chart` is a picture of both tables, empty
    where browsers reach no page of ours, or nobody was expected."""

    id: int
    title: str
    when: str
    came: int
    expected: int
    guests: int
    years: tuple[Bar, ...]
    departments: tuple[Bar, ...]
    chart: str


@dataclass(frozen=True, slots=True)
class Counted:
    came: int
    expected: int
    guests: int
    years: tuple[Bar, ...]
    departments: tuple[Bar, ...]


def attendance_view(scene: Scene, event_id: int) -> AttendanceView:
    """Raises LookupError for whoever does not run the event."""
    event = events.event_of(scene.session, event_id)
    if event is None or scene.reader is None or not events.runs(event, scene.reader):
        raise LookupError(f"no attendance of {event_id}")
    told = counted(scene.session, event, visibility.viewer(scene.reader), scene.locale)
    chart = ""
    if scene.public_url and told.expected:
        token = _LINKS.issue(scene.session, (scene.reader.id, event.id or 0), scene.now + LIFETIME)
        chart = f"{scene.public_url.rstrip('/')}{path(token)}"
    title, when = event.title, events.when(event, scene.locale)
    return AttendanceView(
        event.id or 0, title, when, told.came, told.expected, told.guests, told.years, told.departments, chart
    )


def show(turn: Turn) -> Answer:
    event = events.run_by(turn)
    if isinstance(event, Say):
        return event
    return privacy.privately(turn, Say("event_attendance", {"attendance": event.id}))


def path(token: str) -> str:
    """Where the chart is, below PUBLIC_URL."""
    return f"/attendance/{token}.png"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    return _LINKS.company_in(token)


def opened(session: CompanySession, token: str, now: datetime) -> tuple[Counted, str] | None:
    """What the chart shows, and in which language; None for a link that is forged or over, and for who does not run the
    event any more."""
    told = _LINKS.read(session, token, now)
    if told is None:
        return None
    (first, event_id), _ = told
    reader_id = merging.remaining(session, first)
    reader, event = people.members(session, [reader_id]).get(reader_id), session.get(Event, event_id)
    if reader is None or check(reader, MEMBERS) is not None or event is None or not events.runs(event, reader):
        return None
    return counted(session, event, visibility.viewer(reader), reader.locale), reader.locale


def counted(session: CompanySession, event: Event, looking: Viewer, locale: str) -> Counted:
    """Somebody counts in the department in which they were last. What they do not show counts as not known."""
    concerned = Rsvp.event_id == event.id, or_(Rsvp.seat == Seat.TAKEN, col(Rsvp.arrived_at).is_not(None))
    joined = select(Rsvp, Person.joined_year).join(Person, col(Person.id) == col(Rsvp.person_id))
    rows = session.exec(joined.where(*concerned)).all()
    ids = [rsvp.person_id for rsvp, _ in rows]
    hiding, seen = visibility.hiding(session, looking, ids), visibility.seen(session, looking, ids)
    worked = select(Department).where(col(Department.person_id).in_(ids)).order_by(col(Department.place))
    last = {one.person_id: one.name for one in session.exec(worked)}

    def shown(person_id: int, field: str) -> bool:
        return person_id not in hiding and seen.shows(person_id, field)

    years = [
        (year if year and shown(rsvp.person_id, "joined_year") else None, rsvp.arrived_at is not None)
        for rsvp, year in rows
    ]
    departments = [
        (last.get(rsvp.person_id) if shown(rsvp.person_id, "departments") else None, rsvp.arrived_at is not None)
        for rsvp, _ in rows
    ]
    return Counted(
        came=sum(rsvp.arrived_at is not None for rsvp, _ in rows),
        expected=len(rows),
        guests=sum(rsvp.arrived_guests for rsvp, _ in rows if rsvp.arrived_at),
        years=_by_year(years, locale),
        departments=_by_department(departments, locale),
    )


def _say(locale: str, block: str, **values: object) -> str:
    return prompts.phrase("attendance_words", locale, block, values)


def _by_year(told: Sequence[tuple[int | None, bool]], locale: str) -> tuple[Bar, ...]:
    known = {year for year, _ in told if year is not None}
    step = 1
    while len({year // step for year in known}) > LINES:
        step = 5 if step == 1 else step * 2

    def label(year: int) -> str:
        first = year // step * step
        return (
            _say(locale, "year", year=first) if step == 1 else _say(locale, "years", first=first, last=first + step - 1)
        )

    bars = _bars(((label(year), came) for year, came in sorted(one for one in told if one[0] is not None)), _in_order)  # pyright: ignore[reportArgumentType]
    return (*bars, *_unknown(told, locale))


def _by_department(told: Sequence[tuple[str | None, bool]], locale: str) -> tuple[Bar, ...]:
    bars = _bars(((name, came) for name, came in told if name is not None), _largest_first)
    if len(bars) > LINES:
        rest = bars[LINES - 1 :]
        others = Bar(_say(locale, "others"), sum(bar.came for bar in rest), sum(bar.expected for bar in rest))
        bars = [*bars[: LINES - 1], others]
    return (*bars, *_unknown(told, locale))


def _unknown(told: Iterable[tuple[object, bool]], locale: str) -> Sequence[Bar]:
    return _bars(((_say(locale, "unknown"), came) for what, came in told if what is None), _in_order)


def _bars(told: Iterable[tuple[str, bool]], order: Callable[[Mapping[str, int]], Sequence[str]]) -> list[Bar]:
    expected, came = Counter[str](), Counter[str]()
    for label, has_come in told:
        expected[label] += 1
        came[label] += has_come
    return [Bar(label, came[label], expected[label]) for label in order(expected)]


def _in_order(expected: Mapping[str, int]) -> Sequence[str]:
    return list(expected)


def _largest_first(expected: Mapping[str, int]) -> Sequence[str]:
    return sorted(expected, key=lambda label: (-expected[label], label))
