"""A file of four batches, and two SIGKILLs: the same command goes on, and everybody is there once and invited once."""

import os
import random
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bot import clock, companies, importing
from storage.db import Database
from tests import forked

ROWS = 4 * importing.BATCH
KILLS = 2
SEED = 20261125


def import_(folder: Path, database_url: str) -> BaseProcess:
    settings = {"DATABASE_URL": database_url, "SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": "A <a@example.com>"}
    stdout = folder / "said"
    stdout.unlink(missing_ok=True)
    environment = {"PATH": os.environ["PATH"], **settings}
    return forked.start("import", "people.csv", folder=folder, environment=environment, stdout=stdout)


def imported(folder: Path, database_url: str) -> str:
    """What it says when nobody kills it."""
    process = import_(folder, database_url)
    process.join(120)
    said = (folder / "said").read_text(encoding="utf-8")
    assert process.exitcode == 0, said
    return said


def count(database: Database, table: str) -> int:
    """Past the engine, whose transactions on SQLite would wait for the import's."""
    with closing(database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        if not database.is_sqlite:
            cursor.execute("SELECT set_config('motokai.company', '-1', true)")
        cursor.execute(f"SELECT count(*) FROM {table}")
        return next(iter(cursor.fetchone() or ()))


@pytest.mark.timeout(300)
def test_an_import_goes_on_after_each_kill(
    database: Database, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(SEED)
    companies.create(database, "東都製作所", "ja", "Asia/Tokyo", clock.now())
    rows = (f"N{n:05d},名{n},経理部、人事部,2026/3/31,p{n}@example.com" for n in range(ROWS))
    people = "社員番号,氏名,部署,退職日,メール\r\n" + "\r\n".join(rows)
    (tmp_path / "people.csv").write_bytes(people.encode("cp932"))
    url = database.engine.url.render_as_string(hide_password=False)
    reached = [0]
    for _ in range(KILLS):
        running = import_(tmp_path, url)
        while running.exitcode is None and count(database, "person") == reached[-1]:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        running.kill()
        running.join()
        reached.append(count(database, "person"))
    told = f"seed {SEED}, reached {reached}"
    record_property("reached", reached)
    assert 0 < reached[1] < ROWS, told
    said = imported(tmp_path, url)
    if reached[-1] < ROWS:
        assert "going on behind line" in said and f"{ROWS} added" in said, told
    assert count(database, "person") == count(database, "delivery") == count(database, "offboarding") == ROWS, told
    assert count(database, "department") == 2 * ROWS, told
    for distinct in ("email FROM person", "person_id FROM delivery", "due_at FROM delivery"):
        assert count(database, f"(SELECT DISTINCT {distinct}) AS found") == ROWS, (distinct, told)
    assert f"{ROWS} same" in imported(tmp_path, url), told
    assert count(database, "delivery") == ROWS, told
