"""3,000 rows and three SIGKILLs: the same command goes on, nobody is lost or there twice, each is invited once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot import clock, companies
from storage.db import Database

ROOT = Path(__file__).resolve().parents[2]
ROWS = 3000
KILLS = 3
SEED = 20261125


def import_(folder: Path, database_url: str) -> subprocess.Popen[str]:
    settings = {"DATABASE_URL": database_url, "SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": "A <a@example.com>"}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "import", "people.csv"],
        cwd=folder,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def count(database: Database, table: str) -> int:
    """Past the engine, whose transactions on SQLite would wait for the import's."""
    with closing(database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT count(*) FROM {table}")
        return next(iter(cursor.fetchone() or ()))


@pytest.mark.timeout(180)
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
        while running.poll() is None and count(database, "person") == reached[-1]:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        running.send_signal(signal.SIGKILL)
        running.communicate()
        reached.append(count(database, "person"))
    told = f"seed {SEED}, reached {reached}"
    record_property("reached", reached)
    assert 0 < reached[1] < ROWS, told
    done = import_(tmp_path, url)
    said, failed = done.communicate(timeout=120)
    assert done.returncode == 0, failed
    if reached[-1] < ROWS:
        assert "going on behind line" in said and f"{ROWS} added" in said, told
    assert count(database, "person") == count(database, "delivery") == count(database, "offboarding") == ROWS, told
    assert count(database, "department") == 2 * ROWS, told
    for distinct in ("email FROM person", "person_id FROM delivery", "due_at FROM delivery"):
        assert count(database, f"(SELECT DISTINCT {distinct}) AS found") == ROWS, (distinct, told)
    again = import_(tmp_path, url)
    assert f"{ROWS} same" in again.communicate(timeout=120)[0], told
    assert count(database, "delivery") == ROWS, told
