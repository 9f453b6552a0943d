"""What people typed, cleaned once on the way in."""

import pytest

from bot import texts


@pytest.mark.parametrize(
    "character", ["\0", "\x1b", "\x7f", "\ud800", "\ufffe", *"\u202a\u202d\u202e\u202c\u2066\u2069"]
)
def test_what_nothing_carries_or_what_turns_words_around_is_left_out(character: str) -> None:
    assert texts.cleaned(f"山田{character} 太郎") == "山田 太郎"


@pytest.mark.parametrize("text", ["שלום \u200fעולם", "👨\u200d👩\u200d👧", "a\nb\tc", "ガﾞ", "<!channel> *x*"])
def test_what_people_mean_stays(text: str) -> None:
    assert texts.cleaned(text) == text
