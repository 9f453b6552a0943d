"""The grammar of a look-up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import queries
from storage.index import NAMES
from storage.postings import ANY
from storage.search import only


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("田中 経理", [("田中", ANY), ("経理", ANY)]),
        ("　田中　 経理\n", [("田中", ANY), ("経理", ANY)]),
        ("skill:経理 田中", [("skill:経理", only("skills")), ("田中", ANY)]),
        ("スキル：経理", [("スキル:経理", only("skills"))]),
        ("すきる: 経理 NAME:Sato", [("すきる:経理", only("skills")), ("NAME:Sato", NAMES)]),
        ("名前: 田中", [("名前:田中", NAMES)]),
        (
            "taro@example.com 社員番号:E1",
            [("taro@example.com", only("email")), ("社員番号:E1", only("employee_number"))],
        ),
        ("@田中 a@b @ city:x@y.jp", [("@田中", ANY), ("a@b", ANY), ("city:x@y.jp", only("email"))]),
        ("16:30 http://x", [("16:30", ANY), ("http://x", ANY)]),
        ("skill:", []),
        ("skill: ", []),
        ("。 🎉 ー 田中", [("ー", ANY), ("田中", ANY)]),
        ("", []),
    ],
)
def test_words_and_where_they_are_looked_for(text: str, words: list[tuple[str, range]]) -> None:
    assert [(word.typed, word.fields) for word in queries.parsed(text).words] == words


def test_a_text_that_is_too_long_has_no_words() -> None:
    assert queries.parsed("田" * queries.LONGEST).words
    beyond = queries.parsed("田" * (queries.LONGEST + 1))
    assert beyond.too_long and beyond.words == ()


@given(st.text(max_size=200))
def test_every_word_asks_for_something(text: str) -> None:
    for word in queries.parsed(text).words:
        assert word.typed.strip() == word.typed != ""
        assert word.sought and all(sought.checks for sought in word.sought)
        assert all(1 <= len(check) <= 2 for sought in word.sought for check in sought.checks)
