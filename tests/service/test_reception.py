"""Which events are dealt with on the event loop, and which are left to the core's threads."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from adapters.reception import LOG_IS_COPIED_EVERY, CoreThreads, Reception
from bot import clock
from bot.dispatch import DEADLOCKS, Dispatcher
from bot.ports import Inbound, Kind, Pace, Reply, Speaker, Standing
from storage import search
from storage.db import Database
from storage.tables import Account, Company, InboxEntry, Install, Person, PersonState, Role

PACE = Pace(600, 600)


@pytest.fixture
def path(tmp_path: Path, migrated_file: Path) -> Path:
    copy = tmp_path / "motokai.db"
    copy.write_bytes(migrated_file.read_bytes())
    return copy


@pytest.fixture
def database(path: Path) -> Database:
    """One alumna in one Slack workspace."""
    opened = Database(f"sqlite:///{path}")
    with opened.installation() as session:
        session.add(Company(id=1, name="東都製作所"))
        session.flush()
        session.add(Install(platform="slack", workspace="T1", company_id=1))
    with opened.company(1) as session:
        person = Person(name="佐藤 健", role=Role.ALUMNUS, state=PersonState.ACTIVE, locale="ja")
        session.add(person)
        session.flush()
        session.add(
            Account(platform="slack", workspace="T1", external_id="U1", person_id=person.id or 0, address="user:T1:U1")
        )
    return opened


@dataclass
class Watched(Dispatcher):
    """A dispatcher that notes where it was asked."""

    database: Database
    looked_up: list[int] = field(default_factory=list[int])
    in_threads: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        super().__init__(self.database, paces={"slack": PACE}, clock=clock.now)

    def look_up(self, inbounds: Sequence[Inbound]) -> Sequence[Reply] | None:
        assert threading.current_thread() is threading.main_thread()
        replies = super().look_up(inbounds)
        if replies is not None:
            self.looked_up.append(len(inbounds))
        return replies

    def receive_together(self, inbounds: Sequence[Inbound]) -> list[Reply | Exception]:
        assert threading.current_thread() is not threading.main_thread()
        self.in_threads.append(len(inbounds))
        return super().receive_together(inbounds)


@pytest.fixture
def dispatcher(database: Database) -> Watched:
    return Watched(database)


@pytest.fixture
async def threads() -> AsyncIterator[CoreThreads]:
    pool = CoreThreads(1)
    yield pool
    pool.shutdown()


@pytest.fixture
def reception(dispatcher: Watched, threads: CoreThreads) -> Reception:
    return Reception(dispatcher, threads, together=32)


def typed(text: str, key: str, team: str = "T1") -> Inbound:
    return Inbound(key, Kind.TYPED, Speaker("slack", team, "U1"), f"user:{team}:U1", text=text, immediate=True)


async def warm(reception: Reception, dispatcher: Watched) -> None:
    """Which company a workspace belongs to is asked once, in a thread."""
    await reception.receive(typed("help", "warm"))
    assert dispatcher.in_threads.pop() == 1


async def test_look_ups_stay_on_the_event_loop_and_those_that_wait_share_a_transaction(
    reception: Reception, dispatcher: Watched
) -> None:
    await warm(reception, dispatcher)
    replies = await asyncio.gather(*(reception.receive(typed("find 佐藤", f"k{i}")) for i in range(5)))
    assert all(reply.content and "佐藤 健" in str(reply.content) for reply in replies)
    assert (dispatcher.looked_up, dispatcher.in_threads) == ([5], [])


async def test_the_same_look_up_again_is_a_duplicate(reception: Reception, dispatcher: Watched) -> None:
    await warm(reception, dispatcher)
    first = await reception.receive(typed("find 佐藤", "once"))
    again, together = await asyncio.gather(*(reception.receive(typed("find 佐藤", "once")) for _ in range(2)))
    assert first.content is not None
    assert [again, together] == [Reply(Standing.DUPLICATE), Reply(Standing.DUPLICATE)]


@pytest.mark.parametrize(
    "say", [lambda: typed("language en", "a"), lambda: typed("stop", "b"), lambda: typed("find 佐藤", "c", "T0ELSE")]
)
async def test_what_changes_something_or_is_not_known_goes_to_a_thread(
    reception: Reception, dispatcher: Watched, say: Callable[[], Inbound]
) -> None:
    await warm(reception, dispatcher)
    await asyncio.gather(reception.receive(say()), reception.receive(typed("find 佐藤", "d")))
    assert (dispatcher.looked_up, dispatcher.in_threads) == ([], [2])


async def test_a_look_up_behind_a_change_sees_the_change(reception: Reception, dispatcher: Watched) -> None:
    await warm(reception, dispatcher)
    _, found = await asyncio.gather(
        reception.receive(typed("language en", "a")), reception.receive(typed("find nobody-at-all", "b"))
    )
    assert "Nobody" in str(found.content) or "nobody" in str(found.content)


async def test_while_the_core_is_busy_look_ups_wait_for_it(
    reception: Reception, dispatcher: Watched, threads: CoreThreads
) -> None:
    await warm(reception, dispatcher)
    go_on = threading.Event()
    working = threads.submit(go_on.wait, 10)
    asked = asyncio.create_task(reception.receive(typed("find 佐藤", "k")))
    await asyncio.sleep(0.05)
    assert not asked.done()
    go_on.set()
    assert (await asked).content is not None
    assert working.result()
    assert (dispatcher.looked_up, dispatcher.in_threads) == ([], [1])
    while not threads.idle:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.001)


async def test_while_another_process_writes_the_loop_goes_on(
    reception: Reception, dispatcher: Watched, path: Path
) -> None:
    await warm(reception, dispatcher)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asked = asyncio.create_task(reception.receive(typed("find 佐藤", "k")))
    while not dispatcher.in_threads:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.001)
    assert dispatcher.in_threads == [1]
    assert not asked.done()
    other.execute("COMMIT")
    other.close()
    assert (await asked).content is not None


async def test_now_and_then_a_thread_copies_the_log_back(
    reception: Reception, dispatcher: Watched, database: Database, path: Path
) -> None:
    await warm(reception, dispatcher)
    for number in range(LOG_IS_COPIED_EVERY + 1):
        await reception.receive(typed("find 佐藤", f"k{number}"))
    assert (len(dispatcher.looked_up), dispatcher.in_threads) == (LOG_IS_COPIED_EVERY, [1])
    with database.company(1) as session:
        assert session.get(InboxEntry, (1, f"k{LOG_IS_COPIED_EVERY}"))


async def test_a_failing_look_up_is_told_by_the_thread_and_leaves_nothing(
    reception: Reception, dispatcher: Watched, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warm(reception, dispatcher)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.directory.search.find", fail)
    with pytest.raises(ZeroDivisionError):
        await reception.receive(typed("find 佐藤", "k"))
    with database.company(1) as session:
        assert session.get(InboxEntry, (1, "k")) is None


class Deadlocked(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize("times", [1, 3, 4])
def test_an_event_whose_transaction_was_ended_for_another_is_tried_again(
    dispatcher: Watched, database: Database, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    left = [Deadlocked()] * times
    find = search.find

    def sometimes(*asked: Any) -> Any:
        if left:
            raise OperationalError("SELECT", {}, left.pop())
        return find(*asked)

    monkeypatch.setattr(search, "find", sometimes)
    if times > DEADLOCKS:
        with pytest.raises(OperationalError):
            dispatcher.receive(typed("find 佐藤", "k"))
    else:
        assert "佐藤 健" in str(dispatcher.receive(typed("find 佐藤", "k")).content)
    with database.company(1) as session:
        assert (session.get(InboxEntry, (1, "k")) is None) == (times > DEADLOCKS)
