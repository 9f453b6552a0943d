"""What a look-up costs, by the index and by reading everybody's text, as the product did before it had one; and what
keeping the index adds to saving a profile.

SQLite, in this process. Surnames and skills are as unevenly common as such things are; each person has a name, in
Latin letters for one in ten, and three skills. The index is filled by the migration that brought it.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import String, bindparam, literal_column, text
from sqlalchemy import select as columns

from benchmarks._inbound_servers import SKILLS, SURNAMES
from benchmarks._load import last_line
from bot import directory, queries, texts
from storage import index, migrate, search
from storage.db import CompanySession, Database, Wait
from storage.people import Named
from storage.prepared import Prepared
from storage.tables import Audience, Person, PersonState, table
from storage.visibility import Viewer

GIVEN = "健 美咲 大輔 さくら 翔太 陽子 拓也 直美 一郎 恵子 誠 花子 太郎 由美 浩 真理 学 京子 隆 明美".split()  # noqa: SIM905
LATIN = "Sato Suzuki Takahashi Tanaka Ito Watanabe Yamamoto Nakamura Kobayashi Kato Nguyen Smith Müller".split()  # noqa: SIM905
LOOKED_FOR = {
    "a rare word": "原子力規制",
    "a common word": "佐藤",
    "two words": "京子 原子力規制",
    "two common words": "佐藤 経理",
    "a beginning": "takaha",
    "nobody": "宇宙飛行士",
}
RARE = 7
"""People who have the rare skill."""
MEMBER = Viewer(1, Audience.ALUMNI)
ROUNDS = 30
SAVES = 200

_P = table(Person)
# In words, since they fill the tables as they were before the index.
_COMPANY = text(
    "INSERT INTO company (id, name, locale, timezone, created_at) "
    "VALUES (1, '東都製作所', 'ja', 'Asia/Tokyo', '2026-04-01')"
)
_PERSONS = text(
    "INSERT INTO person (id, company_id, name, email, role, state, locale, folded, created_at) "
    "VALUES (:id, 1, :name, '', 'alumnus', 'active', 'ja', '', '2026-04-01')"
)
_SKILLS = text(
    "INSERT INTO skill (company_id, person_id, folded, label, place) VALUES (1, :person_id, :folded, :label, :place)"
)


# What was read then: everybody's name and skills in one column of the person's row.
_ADD_SCANNED = text("ALTER TABLE person ADD COLUMN scanned VARCHAR NOT NULL DEFAULT ''")
_SCANNED = text("UPDATE person SET scanned = :scanned WHERE id = :id")


def rows_of(people: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    chance = random.Random(people)
    weights = [1 / (rank + 2) for rank in range(len(SURNAMES))]
    surnames = chance.choices(SURNAMES, weights, k=people)
    every = max(1, people // RARE)
    persons, skills = [], []
    for number, surname in enumerate(surnames, 1):
        given = chance.choice(GIVEN)
        name = f"Ken {chance.choice(LATIN)}" if number % 10 == 0 else f"{surname} {given}"
        labels = {
            chance.choice(SKILLS),
            f"技能{chance.randrange(people // 20)}",
            f"skill{chance.randrange(people // 20)}",
        }
        if number % every == 0 and number // every <= RARE:
            name, labels = f"{surname} 京子", {*labels, "原子力規制"}
        persons.append(
            {
                "id": number,
                "name": name,
                "scanned": texts.folded(" ".join([name, *sorted(labels)])),
            }
        )
        skills += [
            {"person_id": number, "folded": texts.folded(label), "label": label, "place": place}
            for place, label in enumerate(sorted(labels))
        ]
    return persons, skills


def filled(folder: Path, people: int) -> tuple[Database, float]:
    """A database of that many people, and how long the index took."""
    database = Database(f"sqlite:///{folder}/{people}.db")
    migrate.upgrade(database, "0001")
    persons, skills = rows_of(people)
    with database.engine.begin() as connection:
        connection.execute(_COMPANY)
        connection.execute(_PERSONS, persons)
        connection.execute(_SKILLS, skills)
    begun = time.perf_counter()
    migrate.upgrade(database)
    seconds = time.perf_counter() - begun
    with database.engine.begin() as connection:
        connection.execute(_ADD_SCANNED)
        connection.execute(_SCANNED, persons)
    return database, seconds


def scan(session: CompanySession, words: str) -> Sequence[Named]:
    """The look-up as it was: the first people by name whose text holds the words."""
    terms = texts.folded(words).split()
    rows = _SCANS[len(terms)].all(session, **{f"term{number}": term for number, term in enumerate(terms)})
    return [Named(*row) for row in rows]


_TEXT = literal_column("person.scanned", String())


def _scan(terms: int) -> Prepared:
    query = columns(_P.c.id, _P.c.name).where(_P.c.company_id == bindparam("company"))
    query = query.where(_P.c.state == PersonState.ACTIVE)
    for number in range(terms):
        query = query.where(_TEXT.contains(bindparam(f"term{number}")))
    return Prepared(lambda _: query.order_by(_P.c.name, _P.c.id).limit(11))


_SCANS = {terms: _scan(terms) for terms in (1, 2)}


def indexed(session: CompanySession, words: str) -> Sequence[Named]:
    return search.find(session, queries.parsed(words).words, MEMBER).people


def milliseconds(ask: Callable[[], object], rounds: int) -> float:
    """The median."""
    ask()
    taken: list[float] = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begun)
    return round(statistics.median(taken) * 1000, 4)


def look_ups(database: Database, rounds: int) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    with database.company(1) as session:
        for name, words in LOOKED_FOR.items():
            ours = milliseconds(lambda words=words: indexed(session, words), rounds)
            scanned = milliseconds(lambda words=words: scan(session, words), max(3, rounds // 10))
            hits = len(indexed(session, words))
            found[name] = {"hits": hits, "index_ms": ours, "scan_ms": scanned, "ratio": round(scanned / ours, 1)}
    return found


def saves(database: Database, times: int) -> dict[str, float]:
    """Saving a profile with another name and another skill, in a transaction of its own that does not wait for the
    disk; and the same unindexed."""

    def save(number: int) -> None:
        with database.company(1, wait=Wait.TURN) as session:
            person = session.get_one(Person, number + 1)
            person.name = f"{SURNAMES[number % 100]} {GIVEN[(number + int(time.time_ns())) % 20]}"
            directory.keep_skills(session, person, [SKILLS[number % 8], f"新技能{time.time_ns()}"])

    kept, unkept = iter(range(times)), iter(range(times, 2 * times))
    with_index = milliseconds(lambda: save(next(kept)), times - 1)
    reindex = index.reindex
    index.reindex = lambda core, person_ids: None
    try:
        without = milliseconds(lambda: save(next(unkept)), times - 1)
    finally:
        index.reindex = reindex
    return {"indexed_ms": with_index, "unindexed_ms": without, "ratio": round(with_index / without, 2)}


def measure(sizes: Sequence[int], rounds: int) -> dict[str, Any]:
    result: dict[str, Any] = {"benchmark": "search"}
    with tempfile.TemporaryDirectory() as folder:
        for people in sizes:
            database, seconds = filled(Path(folder), people)
            result[str(people)] = {
                "look_ups": look_ups(database, rounds),
                "save": saves(database, SAVES),
                "indexing_seconds": round(seconds, 1),
            }
            database.close()
    return result


def show(people: int, found: dict[str, Any]) -> None:
    print(f"{people:,} people (indexed in {found['indexing_seconds']} s)")
    print(f"  {'':<20}{'found':>7}{'index':>12}{'scan':>13}{'scan ÷ index':>15}")
    for name, row in found["look_ups"].items():
        times = f"{row['index_ms']:>9.3f} ms{row['scan_ms']:>10.2f} ms{row['ratio']:>15,.0f}"
        print(f"  {name:<20}{row['hits']:>7.0f}{times}")
    save = found["save"]
    print(f"  saving a profile: {save['indexed_ms']:.2f} ms, {save['ratio']} × as long as without an index\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--quick", action="store_true", help="fewer people: for a rough look")
    chosen = parser.parse_args()
    sizes = (1_000, 10_000) if chosen.quick else (10_000, 200_000)
    found = measure(sizes, ROUNDS)
    if not chosen.json:
        for people in sizes:
            show(people, found[str(people)])
    print(last_line(found))


if __name__ == "__main__":
    main()
