"""What reminding costs: a tick with nothing due, beside none and beside a million reminders that wait; and 100,000 that
are due at once: how long until the first leaves, how long until all are written, and how much memory that takes.

On SQLite, with the courier of the product and a platform that answers at once.
"""

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks._load import last_line
from bot import housekeeping
from bot.delivery import Courier
from bot.outcomes import Outcome, Sent
from bot.ports import Message, Pace
from storage import migrate
from storage.db import Database
from storage.tables import (
    Account,
    Company,
    Event,
    EventReminder,
    EventState,
    Person,
    PersonState,
    Role,
    Rsvp,
    RsvpAnswer,
    Seat,
    table,
)

NOW = datetime(2026, 12, 4, 3, tzinfo=UTC)
"""Noon in Tokyo, where it is not quiet."""
HOUR = 60
BATCH = 10_000


class Postbox:
    """A platform that takes everything, and notes when the first came."""

    name = "slack"
    pace = Pace(600_000, 600_000, burst=1000, conversation_per_minute=600, sustained_per_minute=600)

    def __init__(self) -> None:
        self.first: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def send(self, message: Message) -> Outcome:
        if not self.first.done():
            self.first.set_result(time.perf_counter())
        return Sent(str(message.delivery))

    async def edit(self, message: Message, ref: str | None) -> Outcome:
        return Sent(ref or "")


def filled(folder: Path, people: int) -> Database:
    """A company of so many people."""
    database = Database(f"sqlite:///{folder}/motokai.db")
    migrate.upgrade(database)
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所", timezone="Asia/Tokyo"))
        session.flush()
        person = {"company_id": 1, "name": "田中 恵", "role": Role.ALUMNUS, "state": PersonState.ACTIVE}
        account = {"company_id": 1, "platform": "slack", "workspace": "T"}
        numbers = range(1, people + 1)
        made = table(Person).c
        blank = {c.name: c.default.arg for c in made if c.default is not None and c.default.is_scalar}
        rows = ({**blank, **person, "id": n, "created_at": NOW} for n in numbers)
        _fill(session, Person, rows)
        _fill(
            session, Account, ({**account, "person_id": n, "external_id": f"U{n}", "address": f"D{n}"} for n in numbers)
        )
    return database


def _fill(session: Any, model: Any, rows: Any) -> None:
    batch: list[Mapping[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            session.core.execute(insert(table(model)), batch)
            batch = []
    if batch:
        session.core.execute(insert(table(model)), batch)


def gather(database: Database, events: int, guests: int, starts_at: datetime, minutes: int, each: int = 1) -> None:
    """So many events, each with so many guests and reminders."""
    with database.company(1) as session:
        made = [
            Event(
                title="交流会",
                zone="UTC",
                starts_wall=f"{starts_at:%Y-%m-%dT%H:%M}",
                starts_at=starts_at,
                ends_wall=f"{starts_at:%Y-%m-%dT%H:%M}",
                ends_at=starts_at + timedelta(hours=2),
                host_id=1,
                desk_platform="slack",
                desk_workspace="T",
                desk_address="D1",
                state=EventState.OPEN,
            )
            for _ in range(events)
        ]
        session.add_all(made)
        session.flush()
        going = {"company_id": 1, "answer": RsvpAnswer.GOING, "seat": Seat.TAKEN, "number": 0, "guests": 0}
        going |= {"answers": {}, "version": 1, "arrived_guests": 0, "at": NOW}
        ids = [one.id for one in made]
        _fill(session, Rsvp, ({**going, "event_id": e, "person_id": n} for e in ids for n in range(1, guests + 1)))
        due = starts_at - timedelta(minutes=minutes)
        row = {"company_id": 1, "minutes": minutes, "due_at": due, "look_at": due}
        _fill(session, EventReminder, ({**row, "event_id": e} for e in ids for _ in range(each)))


def idle(database: Database) -> float:
    """Milliseconds of a tick with nothing due, in the middle of many."""

    def one() -> float:
        begun = time.perf_counter()
        housekeeping.remind(database, lambda: NOW, {"slack": Postbox.pace})
        return (time.perf_counter() - begun) * 1000

    return statistics.median(one() for _ in range(50))


async def first_send(database: Database) -> tuple[float, float]:
    """Milliseconds from the tick's beginning until all are written, and until the first message leaves."""
    postbox, woken = Postbox(), asyncio.Event()
    with ThreadPoolExecutor(1) as threads:
        courier = Courier(database, {"slack": postbox}, lambda: NOW, threads=threads, woken=woken.set)
        begun = time.perf_counter()
        loop, paces = asyncio.get_running_loop(), {"slack": Postbox.pace}
        await loop.run_in_executor(threads, housekeeping.remind, database, lambda: NOW, paces)
        written = time.perf_counter()
        await courier.round()
        first = await asyncio.wait_for(postbox.first, 60)
        await courier.finish()
    return (written - begun) * 1000, (first - begun) * 1000


def measure(waiting: int, events: int, guests: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        database = filled(Path(name), guests)
        none = idle(database)
        # Half a year ahead, on few events: what counts is the rows.
        gather(database, 10, 1, NOW + timedelta(days=180), HOUR, each=waiting // 10)
        million = idle(database)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        gather(database, events, guests, NOW + timedelta(minutes=HOUR), HOUR)
        filled_up = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        written, first = asyncio.run(first_send(database))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        database.close()
    return {
        "benchmark": "reminders",
        "due": events * guests,
        "waiting": waiting,
        "tick_ms_idle_0": round(none, 3),
        "tick_ms_idle_1m": round(million, 3),
        "idle_ratio": round(million / none, 3),
        "all_written_ms": round(written),
        "first_send_ms": round(first),
        "added_rss_mb": round(peak - max(before, filled_up), 1),
        "peak_rss_mb": round(peak, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--quick", action="store_true", help="a tenth of it: for a rough look")
    chosen = parser.parse_args()
    found = measure(100_000, 10, 1000) if chosen.quick else measure(1_000_000, 50, 2000)
    if not chosen.json:
        print(f"  a tick costs {found['tick_ms_idle_0']} ms, and {found['tick_ms_idle_1m']} ms beside what waits")
        print(f"  of {found['due']:,} that are due the first leaves after {found['first_send_ms']:,} ms\n")
    print(last_line(found))


if __name__ == "__main__":
    main()
