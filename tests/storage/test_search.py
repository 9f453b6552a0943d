"""The index of people: who is found by what, and that it always says what is stored."""

import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text, update
from sqlmodel import Session
from sqlmodel import select as rows

from bot import directory, queries
from storage import index, migrate, postings, search
from storage.db import CompanySession, Database
from storage.index import entries, texts_of
from storage.tables import (
    Audience,
    Company,
    Department,
    Person,
    PersonState,
    Posting,
    Role,
    Skill,
    Visibility,
    Vocab,
    table,
)
from storage.visibility import Viewer
from tests.storage.conftest import OURS, THEIRS
from tests.whole import whole

_V, _T = table(Vocab), table(Posting)
MEMBER = Viewer(0, Audience.ALUMNI)


def add(session: CompanySession, name: str, *skills: str, state: PersonState = PersonState.ACTIVE) -> Person:
    person = Person(name=name, role=Role.ALUMNUS, state=state)
    session.add(person)
    session.flush()
    directory.keep_skills(session, person, skills)
    return person


def found(session: CompanySession, text_: str) -> list[str]:
    return [person.name for person in search.find(session, queries.parsed(text_).words, MEMBER).people]


def missing(session: CompanySession, text_: str) -> list[str]:
    return [word.typed for word in search.find(session, queries.parsed(text_).words, MEMBER).missing]


def near(session: CompanySession, typed: str) -> list[str]:
    words = queries.parsed(typed).words
    return [person.name for word in words for person in search.nearest(session, word, MEMBER)]


def indexed(database: Database) -> dict[int, set[tuple[str, int]]]:
    """What the tables hold of each person."""
    held: dict[int, set[tuple[str, int]]] = {}
    with whole(database) as connection:
        kept = select(_T.c.person_id, _V.c.term, _T.c.place).join_from(_T, _V)
        for person_id, term, place in connection.execute(kept):
            held.setdefault(person_id, set()).add((term, place))
    return held


def assert_true_to_what_is_stored(database: Database) -> None:
    with database.installation() as session:
        wanted = {
            person.id: entries(
                texts_of(person, labels_of(session, person), departments_of(session, person)),
                chosen_by(session, person),
                person.joined_year,
            )
            for person in session.exec(rows(Person).where(Person.state == PersonState.ACTIVE)).all()
        }
    assert indexed(database) == {person_id: terms for person_id, terms in wanted.items() if terms}
    counted: dict[str, int] = {}
    for terms in wanted.values():
        for term in {term for term, _ in terms}:
            counted[term] = counted.get(term, 0) + 1
    with whole(database) as connection:
        kept = connection.execute(select(_V.c.company_id, _V.c.term, _V.c.people)).all()
    told: dict[str, int] = {}
    for _, term, people in kept:
        told[term] = told.get(term, 0) + people
    assert told == counted


def labels_of(session: Session, person: Person) -> Iterable[str]:
    return session.exec(rows(Skill.label).where(Skill.person_id == person.id)).all()


def departments_of(session: Session, person: Person) -> Iterable[str]:
    return session.exec(rows(Department.name).where(Department.person_id == person.id)).all()


def chosen_by(session: Session, person: Person) -> dict[str, Audience]:
    return {row.field: row.audience for row in session.exec(rows(Visibility).where(Visibility.person_id == person.id))}


def test_words_in_any_order_all_have_to_match(companies: Database) -> None:
    with companies.company(OURS) as session:
        add(session, "田中 恵", "経理", "UI設計")
        add(session, "田中 誠", "英語")
        add(session, "山田 経理子")
        assert found(session, "田中") == ["田中 恵", "田中 誠"]
        for text_ in ("田中 経理", "経理 田中", "ui 田中 経理", "めぐみ 田中", "田中　恵"):
            assert found(session, text_) == (["田中 恵"] if "めぐみ" not in text_ else [])
        assert found(session, "田中 営業") == []
        assert found(session, "") == []
    assert_true_to_what_is_stored(companies)


def test_whole_words_come_before_parts_and_names_before_skills_and_then_the_name_decides(companies: Database) -> None:
    with companies.company(OURS) as session:
        for name, *skills in (
            ("小林 健",),
            ("林 優",),
            ("青木 誠", "林"),
            ("井上 直", "林業"),
            ("林 愛",),
            ("長谷川 樹",),
            ("長谷 谷川",),
            ("Satomi Abe",),
            ("佐藤 サトウ",),
            ("Ken Satō",),
            ("上田 彩", "Sato"),
        ):
            add(session, name, *skills)
        assert found(session, "林") == ["林 優", "林 愛", "青木 誠", "小林 健", "井上 直"]
        assert found(session, "長谷川") == ["長谷川 樹"]
        assert found(session, "sato") == ["Ken Satō", "佐藤 サトウ", "上田 彩", "Satomi Abe"]
        assert found(session, "さとう") == ["Ken Satō", "佐藤 サトウ", "上田 彩", "Satomi Abe"]
        assert found(session, "skill:林") == ["青木 誠", "井上 直"]
        assert found(session, "name: 林") == ["林 優", "林 愛", "小林 健"]
        assert found(session, "スキル：sato 名前：上田") == ["上田 彩"]


READINGS = (
    *("ﾀｶﾊｼ", "たかはし", "takahashi", "takahasi", "takahash"),
    *("髙橋", "高橋 zyuniti", "junichi", "じゅん", "たかはしじゅんいち"),
)


def test_a_name_in_kanji_is_found_by_its_reading_in_any_script(companies: Database) -> None:
    with companies.company(OURS) as session:
        takahashi = add(session, "髙橋 順一", "経理")
        takahashi.reading = "たかはし じゅんいち"
        add(session, "高田 タカハ")
        for text_ in READINGS:
            assert found(session, text_) == ["髙橋 順一"], text_
        assert found(session, "たかは name:順一 経理") == ["髙橋 順一"]
        assert near(session, "takahosi") == ["髙橋 順一", "高田 タカハ"]
        takahashi.reading = ""
        assert found(session, "たかはし") == []
    assert_true_to_what_is_stored(companies)


def test_an_address_and_a_number_are_found_whole_and_by_hr_alone(companies: Database) -> None:
    with companies.company(OURS) as session:
        taro = add(session, "山田 太郎")
        taro.email, taro.employee_number = "Taro@Example.com", "E-12345"
        jiro = add(session, "山田 次郎")
        jiro.email, jiro.employee_number = "jiro@example.com", "E-1234"
        owners = {Viewer(0, Audience.HR): ["山田 太郎"], Viewer(taro.id or 0, Audience.ALUMNI): ["山田 太郎"]}
        for viewer, people in {**owners, MEMBER: [], Viewer(jiro.id or 0, Audience.ALUMNI): []}.items():
            for typed in ("taro@example.com", "ＴＡＲＯ@example.com 山田", "E-12345", "e12345", "社員番号：E12345"):
                words = queries.parsed(typed).words
                assert [one.name for one in search.find(session, words, viewer).people] == people, (typed, viewer)
        for typed in (
            "taro",
            "example.com",
            "example",
            "o@example.com",
            "E-123",
            "e123",
            "skill:e12345",
            "number:taro",
        ):
            assert search.find(session, queries.parsed(typed).words, Viewer(0, Audience.HR)).people == (), typed
        taro.email = "other@example.com"
        assert not search.find(session, queries.parsed("taro@example.com").words, Viewer(0, Audience.HR)).people
    assert_true_to_what_is_stored(companies)


def test_another_companys_people_are_neither_found_nor_counted_nor_suggested(companies: Database) -> None:
    with companies.company(THEIRS) as session:
        add(session, "秘密 花子", "極秘")
    with companies.company(OURS) as session:
        add(session, "田中 恵")
        assert found(session, "秘密") == found(session, "極秘") == []
        assert near(session, "秘蜜") == []
        assert missing(session, "秘密 田中") == ["秘密"]
    with companies.company(THEIRS) as session:
        assert found(session, "田中") == []
        assert found(session, "花子") == ["秘密 花子"]
    assert_true_to_what_is_stored(companies)


@pytest.mark.parametrize("state", [PersonState.LEFT, PersonState.ERASED, PersonState.INVITED])
def test_who_is_not_active_vanishes_at_once_and_leaves_no_word(companies: Database, state: PersonState) -> None:
    with companies.company(OURS) as session:
        leaver = add(session, "去川 恵", "稀少技能")
        add(session, "田中 恵")
        assert found(session, "恵") == ["去川 恵", "田中 恵"]
        leaver.state = state
        assert found(session, "恵") == ["田中 恵"]
        assert found(session, "稀少技能") == []
        assert near(session, "去山") == []
    assert_true_to_what_is_stored(companies)
    with whole(companies) as connection:
        assert connection.execute(select(_V.c.term).where(_V.c.term.in_(["去川", "稀少"]))).all() == []
    with companies.company(OURS) as session:
        session.get_one(Person, leaver.id).state = PersonState.ACTIVE
    with companies.company(OURS) as session:
        assert found(session, "稀少技能") == ["去川 恵"]


def test_even_behind_the_indexs_back_only_active_people_are_found(companies: Database) -> None:
    with companies.company(OURS) as session:
        add(session, "去川 恵")
        session.exec(update(Person).values(state=PersonState.ERASED))  # type: ignore[call-overload]
        assert found(session, "去川") == []
        assert near(session, "去山") == []


def test_renaming_and_other_skills_are_indexed_with_the_change_and_rolled_back_with_it(companies: Database) -> None:
    with companies.company(OURS) as session:
        person = add(session, "田中 恵", "経理", "英語")
    with pytest.raises(ZeroDivisionError), companies.company(OURS) as session:
        row = session.get_one(Person, person.id)
        row.name = "鈴木 恵"
        directory.keep_skills(session, row, ["営業"])
        assert found(session, "鈴木 営業") == ["鈴木 恵"]
        assert found(session, "田中") == found(session, "経理") == []
        raise ZeroDivisionError
    assert_true_to_what_is_stored(companies)
    with companies.company(OURS) as session:
        assert found(session, "田中 経理 英語") == ["田中 恵"]
        assert found(session, "鈴木") == []
        row = session.get_one(Person, person.id)
        row.name = "鈴木 恵"
        directory.keep_skills(session, row, ["英語", "経理士"])
    assert_true_to_what_is_stored(companies)
    with companies.company(OURS) as session:
        assert found(session, "鈴木 英語 経理士") == ["鈴木 恵"]
        assert found(session, "田中") == []


def test_a_deleted_person_is_uncounted(companies: Database) -> None:
    with companies.company(OURS) as session:
        person = add(session, "田中 恵", "経理")
        add(session, "田中 誠")
    with companies.company(OURS) as session:
        session.delete(session.get_one(Person, person.id))
    assert_true_to_what_is_stored(companies)
    with companies.company(OURS) as session:
        assert found(session, "田中") == ["田中 誠"]


def test_a_change_that_the_index_does_not_show_writes_nothing(companies: Database) -> None:
    with companies.company(OURS) as session:
        person = add(session, "田中 恵")
    with companies.company(OURS) as session:
        session.get_one(Person, person.id).locale = "en"
        session.flush()
        assert session.info["people_to_index"] == set()


def test_of_very_many_the_best_are_taken_and_it_is_said(companies: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST", 5)
    with companies.company(OURS) as session:
        for number in range(6):
            add(session, f"小林 {number}", "経理")
        add(session, "林 一")
        result = search.find(session, queries.parsed("林").words, MEMBER)
        assert (result.people[0].name, len(result.people), result.more) == ("林 一", 5, True)
        result = search.find(session, queries.parsed("経理 小林 3").words, MEMBER)
        assert ([person.name for person in result.people], result.more) == (["小林 3"], False)


def test_a_long_word_is_found_in_one_piece_alone_and_where_it_may_be_seen(companies: Database) -> None:
    with companies.company(OURS) as session:
        add(session, "一 一", "品質管理")
        add(session, "二 二", "品質管", "質管理")
        add(session, "三 三", "工程品質管理法")
        hides = add(session, "四 四", "品質管", "質管理")
        hides.helps_with = "工程品質管理法"
        session.add(Visibility(person_id=hides.id or 0, field="helps_with", audience=Audience.HIDDEN))
        assert found(session, "品質管理") == ["一 一", "三 三"]
        session.delete(session.get_one(Visibility, (OURS, hides.id, "helps_with")))
        assert found(session, "品質管理") == ["一 一", "三 三", "四 四"]


SLIPS = {
    "田仲": "田中 恵",
    "name:田仲": "田中 恵",
    "skill:田仲": None,
    "tanoka": "Ken Tanaka",
    "タナガ": "Ken Tanaka",
    "qqq": None,
    "宇宙": None,
}


@pytest.mark.parametrize(("typed", "close"), SLIPS.items())
def test_a_slip_finds_names_that_are_close(companies: Database, typed: str, close: str | None) -> None:
    with companies.company(OURS) as session:
        add(session, "田中 恵")
        add(session, "Ken Tanaka", "宇食")
        add(session, "高橋 健")
        assert found(session, typed) == []
        assert near(session, typed) == ([close] if close else [])


def test_it_is_said_which_words_nobody_has(companies: Database) -> None:
    with companies.company(OURS) as session:
        add(session, "田中 恵", "経理")
        add(session, "山田 誠", "田中工務店")
        for text_, nobody_has in (
            ("田中 宇宙", ["宇宙"]),
            ("宇宙 skill:恵 田中", ["宇宙", "skill:恵"]),
            ("恵 誠", []),
            ("skill:田中 経理", []),
        ):
            assert found(session, text_) == []
            assert missing(session, text_) == nobody_has, text_


HOSTILE = (
    "%",
    "_",
    "' OR 1=1 --",
    "🎉",
    "。。。",
    "あ" * 10_000,
    "x " * 5_000,
    "\ud800",
    "ー",
    "<!channel>",
    "a" * 100,
)


@pytest.mark.parametrize("text_", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_or_stored_is_taken(companies: Database, text_: str) -> None:
    with companies.company(OURS) as session:
        add(session, "田中 恵")
        assert found(session, text_) == []
        near(session, text_)
        storable = text_.encode("utf-8", "replace").decode()[:200]
        person = add(session, storable, storable[:60])
        index.settle(session)
        assert all(name == person.name for name in found(session, storable[:100]))
    assert_true_to_what_is_stored(companies)


def test_the_longest_query_of_one_letter_words_is_answered(companies: Database) -> None:
    with companies.company(OURS) as session:
        add(session, " ".join("abcdefghijklmnopqrstuvwxyz"), "田中山本" * 15)
        assert len(found(session, " ".join("abcdefghijklmnopqrstuvwxyz"))) == 1
        assert len(found(session, ("田中山本" * 15)[:60])) == 1
        kanji = "".join(chr(0x4E00 + number) for number in range(queries.LONGEST))
        assert found(session, kanji) == []


def test_the_migration_indexes_who_is_there_already(companies: Database) -> None:
    with companies.company(THEIRS) as session:
        add(session, "Ken Satō", "経理")
    with companies.company(OURS) as session:
        marked = add(session, "田中 恵", "経理", "C++")
        marked.email = "megumi@example.com"
        add(session, "無名")
        add(session, "去川 恵", state=PersonState.LEFT)
    before = indexed(companies)
    config = migrate._config()  # pyright: ignore[reportPrivateUsage]
    with whole(companies) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    migrate.upgrade(companies)
    assert indexed(companies) == before
    assert_true_to_what_is_stored(companies)
    with companies.company(OURS) as session:
        assert found(session, "経理") == ["田中 恵"]


def test_sqlite_drives_by_the_rarest_word_and_reads_its_list_in_order(migrated_file: Path) -> None:
    """No search may walk a long list for a rare word, nor sort one to show its beginning."""
    database = Database(f"sqlite:///{migrated_file}")
    with database.company(OURS) as session:
        shape = postings._Shape((True, True), 1, two=False, filters=False, of_years=False, anybody=False)  # pyright: ignore[reportPrivateUsage]
        sql = postings._statement(shape).sql(session)  # pyright: ignore[reportPrivateUsage]
        plan = [row[3] for row in session.core.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?"))]
    database.close()
    assert plan[:2] == ["CO-ROUTINE anon_1", "SEARCH driver USING PRIMARY KEY (term_id=?)"], plan
    assert not any("SCAN" in step.replace("SCAN anon_1", "") or "TEMP B-TREE" in step for step in plan), plan


def test_two_who_save_the_same_new_words_at_once_wait_for_each_other(postgres_url: str) -> None:
    database = Database(postgres_url)
    companies_of(database)
    together, failed = threading.Barrier(4), []

    def save(number: int) -> None:
        try:
            for turn in range(10):
                together.wait(30)
                with database.company(OURS) as session:
                    skills = [f"技能{turn}", f"言語{turn}", "経理", "英語"]
                    person = add(session, f"新田 {number}", *(skills if number % 2 else reversed(skills)))
                together.wait(30)
                with database.company(OURS) as session:
                    row = session.get_one(Person, person.id)
                    row.name = f"旧田 {number}"
                    directory.keep_skills(session, row, [f"技能{turn}"] if number % 2 else [f"言語{turn}"])
        except Exception as error:
            failed.append(error)
            together.abort()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert_true_to_what_is_stored(database)
    database.close()


def test_two_saves_of_one_person_at_once_leave_one_of_both(postgres_url: str) -> None:
    database = Database(postgres_url)
    companies_of(database)
    with database.company(OURS) as session:
        person_id = add(session, "田中 恵").id
    together, failed = threading.Barrier(2), []

    def rename(to: str) -> None:
        try:
            for turn in range(10):
                together.wait(30)
                with database.company(OURS) as session:
                    session.get_one(Person, person_id).name = f"{to} {turn}"
        except Exception as error:
            failed.append(error)
            together.abort()

    threads = [threading.Thread(target=rename, args=(name,)) for name in ("鈴木", "佐藤")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert_true_to_what_is_stored(database)
    database.close()


def companies_of(database: Database) -> None:
    with database.installation() as session:
        session.add(Company(id=OURS, name="東都製作所"))


def test_people_of_a_whole_batch_are_indexed_together(companies: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_BATCH", 3)
    with companies.company(OURS) as session:
        for number in range(10):
            add(session, f"田中 {number}", "経理", f"技能{number}")
    assert_true_to_what_is_stored(companies)
    with companies.company(OURS) as session:
        assert len(found(session, "経理 田中")) == 10


def test_postgresql_compares_terms_byte_by_byte(postgres_url: str) -> None:
    database = Database(postgres_url)
    with whole(database) as connection:
        collation = connection.execute(
            text(
                "SELECT collation_name FROM information_schema.columns WHERE table_name='vocab' AND column_name='term'"
            )
        ).scalar()
    database.close()
    assert collation == "C"
