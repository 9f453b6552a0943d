"""What a look-up costs among very many people, on SQLite and PostgreSQL, beside LIKE and FTS5; and whether it finds
whom it should.

Every query is asked once, by somebody for whom visibility counts, in a process as the service's, after others, and with
the database in the machine's memory as far as that goes: as with a service that has run for a while. The answers of the
two databases are compared with each other, and with those of reading everybody's fields: of all people in the small
directory, and of a part of them in the large one.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from adapters import process
from benchmarks._load import last_line
from benchmarks._oracle import Match, Oracle
from benchmarks._people import CITIES, DEPARTMENTS, FAMILIES, FIRMS, GIVEN, SKILLS, drawn, fill
from benchmarks._postgres import postgres
from bot import directory, queries
from storage import building, index, migrate, search
from storage.db import Database, Wait
from storage.folding import folded
from storage.tables import Audience, Person
from storage.visibility import Viewer

SMALL = 10_000
EACH = 100
"""Queries of each kind."""
WARMING = 5 * EACH
"""Others of each kind that are asked before, whose times do not count."""
SAMPLE = 20_000
"""People of the large directory whose fields are read."""
COMPARED = 3
"""Queries of each kind that LIKE and FTS5 are asked too."""
SAVES = 200
KINDS = ("one kanji", "surname", "kana", "romaji", "skill", "company", "several words", "nobody")


class Query(NamedTuple):
    kind: str
    text: str
    viewer: Viewer


Answers = list[tuple[list[int], bool]]
"""Of each query, the ids in order, and whether there are more."""


def queries_of(seed: str, each: int, people: int) -> list[Query]:
    chance = random.Random(seed)
    asked = [
        Query(kind, _text(kind, chance), Viewer(chance.randrange(1, people), chance.choice(_REACHES)))
        for kind in KINDS
        for _ in range(each)
    ]
    chance.shuffle(asked)
    return asked


_REACHES = (Audience.ALUMNI,) * 4 + (Audience.HR,)


def _text(kind: str, chance: random.Random) -> str:
    family = FAMILIES.draw(chance)
    match kind:
        case "one kanji":
            return family.written[0]
        case "surname":
            return family.written
        case "kana":
            return family.kana[: chance.choice((2, 3, 4))]
        case "romaji":
            return family.romaji.lower()[: chance.choice((2, 3, 4, 5))]
        case "skill":
            return SKILLS.draw(chance)
        case "company":
            return FIRMS.draw(chance)
        case "several words":
            second = chance.choice((GIVEN.draw(chance).written, CITIES.draw(chance), DEPARTMENTS.draw(chance)))
            return f"{family.written} {chance.choice((second, SKILLS.draw(chance), f'{SKILLS.draw(chance)} {second}'))}"
        case _:
            nonsense = (f"{family.written} 宇宙飛行士", f"zzyx{family.romaji.lower()}", f"鑫{family.written}", "鑫")
            return chance.choice(nonsense)


def ask(database: Database, asked: Sequence[Query]) -> tuple[Answers, list[float]]:
    """The answers, and how many milliseconds each took."""
    answers: Answers = []
    taken: list[float] = []
    with database.company(1, wait=Wait.TURN) as session:
        for query in asked:
            begun = time.perf_counter()
            found = search.find(session, queries.parsed(query.text).words, query.viewer)
            taken.append((time.perf_counter() - begun) * 1000)
            answers.append(([person.id for person in found.people], found.more))
    return answers, taken


def figures(taken: Sequence[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3) for name, share in _SHARES}


_SHARES = (("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99), ("max_ms", 1.0))


# Whether they are right


def check(asked: Sequence[Query], answers: Answers, oracle: Oracle, read: set[int] | None) -> dict[str, float]:
    """Recall and precision among those whose fields were `read`, everybody where it is None, and the share of answers
    in the right order. An answer that there are more of is the best ones of all, by its first word."""
    hits = right = wanted = in_order = 0
    for query, (ids, more) in zip(asked, answers, strict=True):
        truth = oracle.find(query.text, query.viewer)
        known = {number: match for match in truth for number in match[2:]}
        told = [number for number in ids if read is None or number in read]
        hits += len(told)
        right += sum(number in known for number in told)
        wanted += len(told) if more else len(truth)
        in_order += _is_in_order([known[number] for number in told if number in known], truth, more=more)
    return {
        "recall": round(right / wanted, 6) if wanted else 1.0,
        "precision": round(right / hits, 6) if hits else 1.0,
        "in_order": round(in_order / len(asked), 6),
    }


def _is_in_order(told: list[Match], truth: list[Match], *, more: bool) -> bool:
    return told == sorted(told) if more else told == truth


# Beside others


def others(core: Connection, asked: Sequence[Query]) -> dict[str, dict[str, float]]:
    """LIKE over everybody's text, and FTS5 with its trigrams over the same, which finds nothing shorter than three
    characters; neither knows scripts, ranks or who may see what."""
    core.execute(text("DROP TABLE IF EXISTS told_fts"))
    core.execute(text("DROP TABLE IF EXISTS told"))
    core.execute(text("CREATE TABLE told (id INTEGER PRIMARY KEY, words TEXT)"))
    core.execute(text(_TOLD))
    core.execute(text("CREATE VIRTUAL TABLE told_fts USING fts5 (words, content='told', tokenize='trigram')"))
    core.execute(text("INSERT INTO told_fts (rowid, words) SELECT id, words FROM told"))
    like, fts = [], []
    for query in asked:
        words = folded(query.text).split()
        terms = {f"w{number}": f"%{word}%" for number, word in enumerate(words)}
        where = " AND ".join(f"words LIKE :w{number}" for number in range(len(words)))
        like.append(_milliseconds(core, f"SELECT id FROM told WHERE {where} LIMIT 11", terms))
        if min(map(len, words)) >= 3:
            quoted = " ".join(f'"{word}"' for word in words)
            fts.append(
                _milliseconds(
                    core, "SELECT rowid FROM told_fts WHERE told_fts MATCH :q ORDER BY rank LIMIT 11", {"q": quoted}
                )
            )
    return {"like": figures(like), "fts5": figures(fts)}


_TOLD = """
    INSERT INTO told SELECT id, lower(
        name || ' ' || reading || ' ' || romaji || ' ' || former_surname || ' ' || works_at || ' ' || city || ' ' ||
        coalesce((SELECT group_concat(label, ' ') FROM skill s WHERE s.company_id = 1 AND s.person_id = person.id), '')
        || ' ' ||
        coalesce((SELECT group_concat(d.name, ' ') FROM department d
                  WHERE d.company_id = 1 AND d.person_id = person.id), '')
    ) FROM person WHERE state = 'active'
"""


def _milliseconds(core: Connection, statement: str, values: dict[str, str]) -> float:
    begun = time.perf_counter()
    core.execute(text(statement), values).all()
    return (time.perf_counter() - begun) * 1000


# What keeping it costs


class _TakenBack(Exception):
    """Ends a transaction that is not to be committed."""


def saves(database: Database, people: int) -> dict[str, float]:
    """Saving a profile with another city and another skill, and the same unindexed. Taken back each time, so that the
    directory stays as it was."""
    chance = random.Random("saves")

    def save(_: int) -> None:
        with suppress(_TakenBack), database.company(1, wait=Wait.TURN) as session:
            person = session.get_one(Person, chance.randrange(1, people))
            person.city = CITIES.draw(chance)
            directory.keep_skills(session, person, [SKILLS.draw(chance), f"新技能{chance.random()}"])
            index.settle(session)
            raise _TakenBack

    with_index = _median(save)
    reindex = index.reindex
    index.reindex = lambda core, person_ids: None
    try:
        without = _median(save)
    finally:
        index.reindex = reindex
    return {"indexed_ms": with_index, "unindexed_ms": without, "ratio": round(with_index / without, 2)}


def _median(work: Callable[[int], None]) -> float:
    taken: list[float] = []
    for number in range(SAVES):
        begun = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - begun) * 1000)
    return figures(taken)["p50_ms"]


# The databases


def made(url: str, people: int, noted: Path) -> tuple[Database, dict[str, float]]:
    """A database of that many people, and how many seconds its index took; as it was `noted` when it was made."""
    database = Database(url)
    migrate.upgrade(database)
    if noted.exists():
        return database, json.loads(noted.read_text())
    fill(database, people)
    begun = time.perf_counter()
    postings = building.build(database.engine)
    seconds = time.perf_counter() - begun
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    built = {"build_seconds": round(seconds, 1), "postings_per_person": round(postings / people, 1)}
    noted.write_text(json.dumps(built))
    return database, built


def measure(people: int, each: int, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"benchmark": "search", "people": people}
    with postgres(folder / "pg") as new:
        for size in sorted({SMALL, people}):
            asked = queries_of("asked", each, size)
            urls = {"sqlite": f"sqlite:///{folder}/{size}.db", "postgres": new(f"people{size}")}
            built = {name: made(url, size, folder / f"{name}{size}.json") for name, url in urls.items()}
            files = {"sqlite": [folder / f"{size}.db"], "postgres": [*(folder / "pg" / "base").glob("*/*")]}
            answers = {name: _measured(found, name, *made, size, asked, files[name]) for name, made in built.items()}
            found[f"same_{size}"] = sum(map(_same, answers["sqlite"], answers["postgres"])) / len(asked)
            read = None if size == SMALL else set(random.Random(size).sample(range(1, size + 1), min(SAMPLE, size)))
            several = enumerate(islice(drawn(size), size), 1)
            oracle = Oracle((number, one) for number, one in several if read is None or number in read)
            found[f"checked_{size}"] = check(asked, answers["sqlite"], oracle, read)
    small, large = found[f"sqlite_{SMALL}"], found[f"sqlite_{people}"]
    found |= {"sqlite_p50_ms": large["p50_ms"], "sqlite_p99_ms": large["p99_ms"]}
    found |= {"postgres_p50_ms": found[f"postgres_{people}"]["p50_ms"]}
    found |= {"postgres_p99_ms": found[f"postgres_{people}"]["p99_ms"]}
    found["growth_10k_to_1m"] = round(large["p50_ms"] / small["p50_ms"], 2)
    return found


def _same(one: tuple[list[int], bool], other: tuple[list[int], bool]) -> bool:
    return one == other


def read_through(files: Iterable[Path]) -> None:
    """Have the machine's memory hold them, as far as it can: measured is what a look-up costs, and not this disk."""
    for file in files:
        with suppress(FileNotFoundError), file.open("rb", buffering=0) as content:
            while content.read(1 << 24):
                pass


def _measured(
    found: dict[str, Any],
    name: str,
    database: Database,
    built: dict[str, float],
    size: int,
    asked: Sequence[Query],
    files: Iterable[Path],
) -> Answers:
    read_through(files)
    ask(database, queries_of("warming", WARMING, size))
    answers, taken = ask(database, asked)
    result: dict[str, Any] = built | figures(taken)
    result["kinds"] = {
        kind: figures([ms for query, ms in zip(asked, taken, strict=True) if query.kind == kind]) for kind in KINDS
    }
    result["save"] = saves(database, size)
    if database.is_sqlite:
        some = [query for kind in KINDS for query in [one for one in asked if one.kind == kind][:COMPARED]]
        with database.engine.begin() as core:
            result["others"] = others(core, some)
    database.close()
    found[f"{name}_{size}"] = result
    return answers


def show(found: dict[str, Any]) -> None:
    for size in sorted({SMALL, found["people"]}):
        for name in ("sqlite", "postgres"):
            row = found[f"{name}_{size}"]
            print(f"{name}, {size:,} people: index built in {row['build_seconds']} s, ", end="")
            print(f"{row['postings_per_person']} postings a person")
            for kind, taken in {**row["kinds"], "all": row}.items():
                print(f"  {kind:<16}" + "".join(f"{key[:-3]:>6}{taken[key]:>9.3f} ms" for key, _ in _SHARES))
            save = row["save"]
            print(f"  saving a profile: {save['indexed_ms']:.2f} ms, {save['ratio']} × as long as without an index")
            for other, taken in row.get("others", {}).items():
                print(f"  {other:<16}" + "".join(f"{key[:-3]:>6}{taken[key]:>9.1f} ms" for key, _ in _SHARES))
        checked = ", ".join(f"{key} {value:.2%}" for key, value in found[f"checked_{size}"].items())
        print(f"  beside reading the fields: {checked}; the same on both databases: {found[f'same_{size}']:.2%}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="in the large directory (default: 100,000)")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--keep", type=Path, help="a folder for the databases, which are used again if they are there")
    parser.add_argument("--quick", action="store_true", help="fewer people and queries: for a rough look")
    chosen = parser.parse_args()
    people, each = (2 * SMALL, EACH // 4) if chosen.quick else (chosen.people, EACH)
    process.spare_startup_objects()
    with tempfile.TemporaryDirectory() as passing:
        folder = chosen.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        found = measure(people, each, folder)
    if not chosen.json:
        show(found)
    print(last_line(found))


if __name__ == "__main__":
    main()
