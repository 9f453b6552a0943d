"""Files of people, checked and then stored as the command line and the chat do it."""

import io
from datetime import UTC, datetime

from bot import importing
from bot.importing import RowReport
from bot.people_files import PeopleFile
from storage import tables
from storage.db import Database

NOW = datetime(2026, 3, 20, 1, tzinfo=UTC)


def load(
    database: Database, company_id: int, text: str | bytes, *, dry_run: bool = False, now: datetime = NOW
) -> list[RowReport]:
    """The check's report of every row; where none is wrong they are stored afterwards."""
    file = PeopleFile(io.BytesIO(text if isinstance(text, bytes) else text.encode()))
    found = [row for batch in importing.checking(database, company_id, file, now) for row in batch]
    if not dry_run and not any(row.faults for row in found):
        store(database, company_id, file, now)
    return found


def store(database: Database, company_id: int, file: PeopleFile, now: datetime = NOW) -> tables.PeopleFile:
    run_id, _ = importing.begin(database, company_id, file, now)
    for _ in importing.storing(database, company_id, file, run_id, lambda: now, 30):
        pass
    return importing.finish(database, company_id, run_id, now)
