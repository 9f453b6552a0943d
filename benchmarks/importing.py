"""How fast a file of people is imported, and how much memory that takes: as much for 100,000 rows as for 10,000.

`app.py import` in a process of its own, on SQLite, with mail configured, so that each row also writes an invitation.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._inbound_servers import SURNAMES
from benchmarks._load import last_line

ROOT = Path(__file__).resolve().parents[1]
HEAD = "社員番号,姓,名,セイ,メイ,部署,入社年,退職日,メール\r\n"


def written(folder: Path, rows: int) -> Path:
    """A file as Excel writes it in Japan."""
    path = folder / f"{rows}.csv"
    with path.open("w", encoding="cp932", newline="") as file:
        file.write(HEAD)
        for n in range(rows):
            surname = SURNAMES[n % len(SURNAMES)]
            file.write(
                f"A{n:06d},{surname},恵{n},タナカ,メグミ,経理部、人事部,2010/4/1,2026/12/31,p{n}@example.com\r\n"
            )
    return path


def app(folder: Path, *arguments: str) -> None:
    settings = {
        "DATABASE_URL": f"sqlite:///{folder}/motokai.db",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "MAIL_FROM": "Alumni <alumni@example.com>",
    }
    command = [sys.executable, str(ROOT / "app.py"), *arguments]
    subprocess.run(command, env={**os.environ, **settings}, check=True, stdout=subprocess.DEVNULL)


def measured(rows: int) -> dict[str, float]:
    """The peak is that of the largest process that this one has started so far."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app(folder, "company", "create", "東都製作所")
        path = str(written(folder, rows))
        begun = time.perf_counter()
        app(folder, "import", path)
        seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        app(folder, "import", path)
        again = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"rows_per_s": round(rows / seconds), "again_rows_per_s": round(rows / again), "peak_rss_mb": round(peak, 1)}


def measure(few: int, many: int) -> dict[str, Any]:
    less, more = measured(few), measured(many)  # the larger one last: a peak never falls
    return {
        "benchmark": "importing",
        "rows_per_s": more["rows_per_s"],
        "again_rows_per_s": more["again_rows_per_s"],
        f"peak_rss_{few // 1000}k_mb": less["peak_rss_mb"],
        f"peak_rss_{many // 1000}k_mb": more["peak_rss_mb"],
        "peak_rss_ratio": round(more["peak_rss_mb"] / less["peak_rss_mb"], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--quick", action="store_true", help="fewer rows: for a rough look")
    chosen = parser.parse_args()
    found = measure(1_000, 10_000) if chosen.quick else measure(10_000, 100_000)
    if not chosen.json:
        print(f"  {found['rows_per_s']:,} rows a second, {found['again_rows_per_s']:,} when all are stored already")
        print(f"  {found['peak_rss_ratio']} × the memory for ten times the rows\n")
    print(last_line(found))


if __name__ == "__main__":
    main()
