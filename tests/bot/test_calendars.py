"""Calendar files: golden, and read by the library that writes them and by another one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject

from bot import calendar_feeds, calendars, events, rsvps
from bot.calendars import Entry, Method
from bot.scene import Scene
from storage import people
from storage.db import Database
from storage.tables import Event, EventState, Rsvp, RsvpAnswer, Seat
from tests.bot.gatherings import answer, at, company, event

FILES = Path(__file__).parent.parent / "golden" / "files" / "calendar"
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
PLAIN = Entry(
    uid="4f1c@motokai",
    sequence=3,
    title="年次交流会 2026：元同僚のみなさまと語り合う夕べ、社員食堂の新メニューもお楽しみください",
    words="持ち物：なし\n会費；1,000円（当日）, \\ をそのまま\nEND:VEVENT\r\nBEGIN:VALARM",
    starts_at=datetime(2026, 12, 4, 10, tzinfo=UTC),
    ends_at=datetime(2026, 12, 4, 12, 30, tzinfo=UTC),
    place="本社1階 食堂, 東口; 受付",
    link="",
    guest=7,
)
ONLINE = replace(PLAIN, link="https://meet.example.com/a,b;c", place="", uid="5@motokai")
CANCELLED = replace(PLAIN, sequence=4, cancelled=True)
WITHDRAWN = replace(PLAIN, sequence=9, cancelled=True, undecided=True, place="")
UNDECIDED = replace(PLAIN, sequence=5, undecided=True, place="")
OFF = replace(CANCELLED, guest=None, words="", place="")
COMPANY = '東都製作所; "OB・OG", 会'
GOLDEN: dict[str, tuple[list[Entry], str, Method]] = {
    "event": ([PLAIN], "", Method.PUBLISH),
    "event.online": ([ONLINE], "", Method.PUBLISH),
    "event.undecided": ([UNDECIDED], "", Method.PUBLISH),
    "cancel": ([CANCELLED], "", Method.CANCEL),
    "cancel.withdrawn": ([WITHDRAWN], "", Method.CANCEL),
    "cancel.unanswered": ([OFF], "", Method.CANCEL),
    "feed": ([PLAIN, ONLINE], "東都製作所 OB・OG会", Method.PUBLISH),
    "feed.changed": ([CANCELLED, replace(ONLINE, sequence=2)], "東都製作所 OB・OG会", Method.PUBLISH),
    "feed.empty": ([], "東都製作所", Method.PUBLISH),
}


def parsed(body: bytes) -> Any:
    return vobject.readOne(body.decode())


def by_icalendar(body: bytes) -> Any:
    return icalendar.Calendar.from_ical(body)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_file_is_its_golden_one_and_two_parsers_read_the_same(name: str, request: pytest.FixtureRequest) -> None:
    entries, called, method = GOLDEN[name]
    body = calendars.file(entries, COMPANY, NOW, name=called, method=method)
    path = FILES / f"{name}.ics"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    assert path.read_bytes() == body
    lines = body.split(b"\r\n")
    assert lines[-1] == b"" and b"\n" not in b"".join(lines) and all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no character is folded apart
    read = parsed(body)
    assert (read.method.value, read.version.value) == (method.value, "2.0")
    found = getattr(read, "vevent_list", [])
    assert len(found) == len(entries)
    for one, entry in zip(found, entries, strict=True):
        assert (one.uid.value, int(one.sequence.value), one.summary.value) == (entry.uid, entry.sequence, entry.title)
        assert (one.dtstart.value, one.dtend.value, one.dtstamp.value) == (entry.starts_at, entry.ends_at, NOW)
        assert (one.location.value if hasattr(one, "location") else "") == (entry.place or entry.link)
        described = one.description.value if hasattr(one, "description") else ""
        assert entry.words.replace("\r\n", "\n") in described
        assert not hasattr(one, "valarm"), "what somebody typed is no component"
        assert one.status.value == _status(entry)
        # RFC 5546: an organizer always, whom it is cancelled for in CANCEL and nobody in PUBLISH
        assert one.organizer.value.endswith(".invalid") and _unquoted(one.organizer.params["CN"]) == COMPANY
        attending = [guest.value for guest in one.contents.get("attendee", ())]
        guest = f"guest-{entry.guest}" if entry.guest else "guests"
        assert attending == ([f"mailto:{guest}@{calendars.NOWHERE}"] if method is Method.CANCEL else [])
    again = by_icalendar(body)
    assert not again.errors
    for one, entry, other in zip(again.walk("VEVENT"), entries, found, strict=True):
        assert not one.errors and not one.walk("VALARM")
        assert (str(one["uid"]), one["sequence"], str(one["summary"])) == (entry.uid, entry.sequence, entry.title)
        assert (one.start, one.end, one["dtstamp"].dt) == (entry.starts_at, entry.ends_at, NOW)
        assert one["organizer"].params["CN"] == COMPANY
        assert (str(one["status"]), str(one["organizer"])) == (other.status.value, other.organizer.value)
        assert [str(one.get("attendee"))] == [guest.value for guest in other.contents.get("attendee", ())] or (
            method is Method.PUBLISH and "attendee" not in one
        )
    if called:
        assert read.contents["x-wr-calname"][0].value == called


def _unquoted(found: list[str]) -> str:
    """RFC 6868, which this parser does not know."""
    return found[0].replace("^'", '"')


def _status(entry: Entry) -> str:
    return "CANCELLED" if entry.cancelled else "TENTATIVE" if entry.undecided else "CONFIRMED"


def test_uid_stays_and_sequence_rises_over_edits_and_withdrawals(database: Database) -> None:
    company(database, people=1)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", place="本社", place_for_guests=True, uid="u" * 64)
        row = answer(session, made, 2, Seat.WAITING)
        first = calendars.entry(made, row)
        assert (first.place, first.undecided, first.cancelled) == ("", True, False)
        row.seat = Seat.TAKEN
        assert calendars.entry(made, row).place == "本社"
        at(session, made, "2026-12-11T19:00")
        moved = calendars.entry(made, row)
        assert (moved.uid, moved.starts_at) == (first.uid, made.starts_at) and moved.sequence > first.sequence
        row.answer, row.seat = RsvpAnswer.NO, Seat.NONE
        gone = calendars.entry(made, row)
        assert gone.cancelled and gone.place == "" and gone.uid == first.uid and gone.sequence > moved.sequence
        made.state = EventState.CANCELLED
        assert calendars.entry(made, None).cancelled


def test_both_parsers_see_every_answer_and_edit_as_newer(database: Database) -> None:
    """One event as one person's calendar gets it, change after change."""
    company(database, people=2)
    came, away, maybe = RsvpAnswer.GOING, RsvpAnswer.NO, RsvpAnswer.MAYBE
    steps = (maybe, away, maybe, came, away, "moved", came, "moved", "cancelled")
    seen: list[tuple[str, int, datetime, str]] = []
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", uid="u" * 32, capacity=1, published_at=NOW)
        rsvps.come(session, made, 3, NOW)
        for hour, step in enumerate(steps):
            now = NOW + timedelta(hours=hour)
            match step:
                case "moved":
                    at(session, made, f"2026-12-{hour + 5:02}T19:00")
                case "cancelled":
                    events.call_off(session, made, 1, now)
                case RsvpAnswer.GOING:
                    rsvps.come(session, made, 2, now)
                case said:
                    rsvps.stay_away(session, made, 2, RsvpAnswer(said), now)
            one = calendars.entry(made, session.get(Rsvp, (made.id, 2)))
            method = Method.CANCEL if one.cancelled else Method.PUBLISH
            body = calendars.file([one], "東都製作所", now, method=method)
            read, other = parsed(body).vevent, by_icalendar(body).walk("VEVENT")[0]
            told = (str(other["uid"]), int(other["sequence"]), other["dtstamp"].dt, str(other["status"]))
            assert told == (read.uid.value, int(read.sequence.value), read.dtstamp.value, read.status.value)
            seen.append(told)
    assert len({uid for uid, *_ in seen}) == 1
    for (_, before, earlier, was), (_, after, later, is_now) in pairwise(seen):
        assert after >= before and later > earlier
        assert after > before or "CANCELLED" not in (was, is_now), "a withdrawal, and a return, are newer"
    assert [status for *_, status in seen] == [
        *("TENTATIVE", "CANCELLED", "TENTATIVE", "TENTATIVE", "CANCELLED", "CANCELLED"),
        *("TENTATIVE", "TENTATIVE", "CANCELLED"),
    ]


def test_a_feed_has_what_one_goes_to_and_its_link_can_be_ended(database: Database) -> None:
    company(database, people=2)
    with database.company(1) as session:
        for day, seat, said in (
            ("04", Seat.TAKEN, RsvpAnswer.GOING),
            ("05", Seat.NONE, RsvpAnswer.NO),
            ("06", Seat.NONE, RsvpAnswer.MAYBE),
        ):
            made = event(session, f"2026-12-{day}T19:00", title=f"Day {day}", link="https://x.example/1")
            made.place_for_guests = True
            answer(session, made, 2, seat, answer=said)
        draft = event(session, "2026-12-07T19:00", title="Draft", state=EventState.DRAFT)
        answer(session, draft, 2)
        answer(session, event(session, "2026-12-08T19:00", title="Somebody else's"), 3)
        token = calendar_feeds.issue(session, 2, NOW)
    assert calendar_feeds.company_in(token) == 1 and calendar_feeds.company_in(token + "x") is None
    with database.company(1) as session:
        body = calendar_feeds.opened(session, token, NOW)
        assert body is not None
        read = parsed(body).vevent_list
        assert [(one.summary.value, one.status.value) for one in read] == [
            ("Day 04", "CONFIRMED"),
            ("Day 06", "TENTATIVE"),
        ]
        assert read[0].url.value == "https://x.example/1" and not hasattr(read[1], "url")
        assert calendar_feeds.opened(session, token[:-1] + "_", NOW) is None
        late = calendar_feeds.opened(session, token, NOW + timedelta(days=60))
        assert late is not None and b"VEVENT" not in late
        newer = calendar_feeds.issue(session, 2, NOW)
        assert calendar_feeds.opened(session, token, NOW) is None
        assert calendar_feeds.opened(session, newer, NOW) == body
        calendar_feeds.revoke(session, 2)
        assert calendar_feeds.opened(session, newer, NOW) is None


def test_a_link_is_its_readers_alone_and_shows_what_they_may_know(database: Database) -> None:
    company(database, people=2)
    with database.company(1) as session:
        made = event(session, "2026-12-04T19:00", place="秘密の場所", place_for_guests=True)
        answer(session, made, 2)
        answer(session, made, 3, Seat.WAITING)
        read: dict[int, str] = {}
        for number, member in people.members(session, [2, 3]).items():
            scene = Scene(session, people.company(session), member, "ja", NOW, public_url="https://x.example/")
            url = calendars.link(scene, made)
            assert url.startswith("https://x.example/events/1.") and url.endswith("/event.ics")
            token = url.split("/")[-2]
            body = calendars.opened(session, token, NOW)
            read[number] = (body or b"").decode()
            assert calendars.opened(session, token[:-1] + ("A" if token[-1] != "A" else "B"), NOW) is None
            assert calendars.opened(session, token, made.ends_at + calendars.AFTERWARDS) is None
        assert "秘密の場所" in read[2] and "秘密の場所" not in read[3]
        mine = session.get_one(Rsvp, (made.id, 2))
        mine.answer, mine.seat = RsvpAnswer.NO, Seat.NONE
        session.add(mine)
        session.flush()
        member = people.members(session, [2])[2]
        scene = Scene(session, people.company(session), member, "ja", NOW, public_url="https://x.example")
        token = calendars.link(scene, session.get_one(Event, made.id)).split("/")[-2]
        assert parsed(calendars.opened(session, token, NOW) or b"").method.value == "CANCEL"
