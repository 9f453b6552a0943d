"""Look-ups where many people have a term: the same people in the same order as reading everybody's fields tells, and
bitmaps that follow every change."""

import random
from itertools import islice

import pytest
from sqlalchemy import delete, select

from benchmarks._oracle import Oracle
from benchmarks._people import CITIES, SKILLS, drawn, fill
from benchmarks.search import KINDS, Query, ask, check, queries_of
from bot import directory
from storage import bitmaps, building, index, postings, search
from storage.db import Database
from storage.tables import (
    Audience,
    Bitmap,
    Consent,
    Hiding,
    Person,
    PersonState,
    Posting,
    Visibility,
    Vocab,
    table,
)
from storage.visibility import Viewer
from tests.whole import whole

PEOPLE = 300
_B, _T, _V = table(Bitmap), table(Posting), table(Vocab)


@pytest.fixture
def many(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A directory in which a term of more than a few people is common, and what is read at once is little."""
    monkeypatch.setattr(bitmaps, "MANY", 12)
    for name, value in {"ONE_BY_ONE": 4, "LISTED": 8, "FEW": 8}.items():
        monkeypatch.setattr(postings, name, value)
    monkeypatch.setattr(search, "MOST", 30)
    fill(database, PEOPLE)
    building.build(database.engine)
    return database


def assert_bitmaps_say_what_postings_do(database: Database) -> None:
    with whole(database) as core:
        having: dict[int, set[int]] = {}
        for term_id, person_id in core.execute(select(_T.c.term_id, _T.c.person_id)):
            having.setdefault(term_id, set()).add(person_id)
        counted = {row.term_id: row.people for row in core.execute(select(_V.c.term_id, _V.c.people))}
        kept: dict[int, dict[int, int]] = {}
        for term_id, block, bits in core.execute(select(_B.c.term_id, _B.c.block, _B.c.bits)):
            kept.setdefault(term_id, {})[block] = int.from_bytes(bits, "little")
    assert counted == {term_id: len(people) for term_id, people in having.items()}
    common = {term_id: people for term_id, people in having.items() if len(people) > bitmaps.MANY}
    assert {term_id: set(bitmaps.ids(blocks)) for term_id, blocks in kept.items()} == common


def test_those_are_found_whom_reading_everybody_finds(many: Database) -> None:
    asked = queries_of("test", 10, PEOPLE)
    answers, _ = ask(many, asked)
    right = check(asked, answers, Oracle(enumerate(islice(drawn(PEOPLE), PEOPLE), 1)), None)
    assert right == {"recall": 1.0, "precision": 1.0, "in_order": 1.0}
    assert {query.kind for query in asked} == {*KINDS}
    assert any(more for _, more in answers) and any(not ids for ids, _ in answers)


def test_a_few_of_many_are_found_whichever_field_they_are_found_in(many: Database) -> None:
    """Five of fifty by their name, and after them five of fifty by a former surname."""
    with many.company(1) as session:
        for number in range(1, PEOPLE + 1):
            person = session.get_one(Person, number)
            person.state, person.reading, person.romaji = PersonState.ACTIVE, "", ""
            person.name = f"{'鷲津' if number <= 50 else '斑目'} {number:03d}"
            person.former_surname = "鷲津" if 50 < number <= 100 else ""
            directory.keep_skills(session, person, ["鷹匠"] if number % 10 == 0 or number > 100 else [])
        session.execute(delete(Visibility))
        session.execute(delete(Hiding))
        session.execute(delete(Consent))
        index.reindex(session.core, range(1, PEOPLE + 1))
    asked = [Query("", text, Viewer(1, Audience.ALUMNI)) for text in ("鷲津 鷹匠", "鷹匠 鷲津")]
    answers, _ = ask(many, asked)
    assert answers == [([*range(10, 101, 10)], False)] * 2


def test_bitmaps_follow_what_is_saved(many: Database) -> None:
    assert_bitmaps_say_what_postings_do(many)
    chance = random.Random(1)
    for _ in range(3):
        with many.company(1) as session:
            for number in chance.sample(range(1, PEOPLE), 40):
                person = session.get_one(Person, number)
                person.city, person.state = CITIES.draw(chance), chance.choice((PersonState.ACTIVE, PersonState.LEFT))
                directory.keep_skills(session, person, sorted({SKILLS.draw(chance), "英語"}))
        assert_bitmaps_say_what_postings_do(many)
    with many.company(1) as session:  # from common to nobody's
        for number in range(1, PEOPLE + 1):
            directory.keep_skills(session, session.get_one(Person, number), [])
    assert_bitmaps_say_what_postings_do(many)
    with many.company(1) as session:
        for number in range(1, 40):
            session.delete(session.get_one(Person, number))
    assert_bitmaps_say_what_postings_do(many)


def test_building_anew_changes_nothing(many: Database) -> None:
    def kept() -> tuple[object, ...]:
        with whole(many) as core:
            terms = select(_V.c.term, _T.c.place, _T.c.person_id).join_from(_T, _V).order_by(*(_V.c.term, *_T.c))
            return tuple(core.execute(terms).all())

    before = kept()
    read: list[int] = []
    assert building.build(many.engine, read.append) == len(before)
    assert kept() == before and read == [PEOPLE]
