"""What readers of the same moment share, and what they must not."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot import prompts
from bot.prompts import LOCALES
from bot.scene import ReaderView, Together
from storage.people import Member
from storage.tables import PersonState, Role

MEMBER = ReaderView(Member(1, "田中 恵", Role.ALUMNUS, PersonState.ACTIVE, "ja", None))
OTHER = ReaderView(Member(2, "山田 太郎", Role.ALUMNUS, PersonState.ACTIVE, "ja", None))


@dataclass(frozen=True, slots=True)
class Frozen:
    title: str


@dataclass(slots=True)
class Changing:
    title: str


@dataclass(frozen=True, slots=True)
class Holding:
    titles: list[str] = field(default_factory=list[str])


def says(template: str = "gig_offer", locale: str = "ja", **values: Any) -> Any:
    told = {"company": "東都製作所", "reader": MEMBER, "letters": False, "gig": Frozen("設計"), **values}
    return prompts.says(template, locale, told)


def test_what_reads_the_same_is_equal_and_found_again() -> None:
    assert says() is not None
    assert says() == says() and hash(says()) == hash(says())


@pytest.mark.parametrize("change", [{"gig": Frozen("経理")}, {"company": "別の会社"}, {"letters": True}, {"more": 1}])
def test_what_reads_differently_is_not(change: dict[str, Any]) -> None:
    assert says(**change) not in (None, says())


def test_another_language_or_template_says_something_else() -> None:
    assert len({says(), says(locale="en"), says("gig_closed")}) == 3


def test_values_of_different_kinds_are_different_words() -> None:
    assert says(number=1) != says(number=True)
    assert says(number=1) != says(number="1")


@pytest.mark.parametrize("value", [Changing("設計"), Holding(), ["設計"], {"title": "設計"}, 1.5])
def test_what_could_change_meanwhile_is_never_shared(value: Any) -> None:
    assert says(gig=value) is None


@pytest.mark.parametrize("locale", LOCALES)
def test_a_reader_counts_where_the_words_ask_for_them(locale: str) -> None:
    for path in sorted((prompts.ROOT / locale).glob("*.md.j2")):
        name = path.name.removesuffix(".md.j2")
        key, other = says(name, locale), says(name, locale, reader=OTHER)
        if "reader.name" in path.read_text(encoding="utf-8"):
            assert key is None or key != other, f"{name} says its reader's name"
    assert says("gig_offer", locale) == says("gig_offer", locale, reader=OTHER)


def test_what_was_found_once_is_the_same_for_everybody_of_the_moment_and_nobody_later() -> None:
    found: list[int] = []

    def find() -> int:
        found.append(len(found))
        return found[-1]

    together = Together(frozenset({1, 2}))
    assert [together.once("a", find), together.once("a", find), together.once(("a", 1), find)] == [0, 0, 1]
    assert Together().once("a", find) == 2
