"""Web addresses in what somebody typed: where one begins, and where it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.weblinks import parted


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.com", "https://example.com"),
        ("詳しくはhttps://example.com/a?b=1&c=%E3%81%82#dをご覧ください。", "https://example.com/a?b=1&c=%E3%81%82#d"),
        ("「http://example.com/a」", "http://example.com/a"),
        ("(see https://en.example.org/wiki/A_(b)).", "https://en.example.org/wiki/A_(b)"),
        ("[https://example.com/a]", "https://example.com/a"),
        ("Is it https://example.com/?", "https://example.com/"),
        ("HTTPS://EXAMPLE.com/A,", "HTTPS://EXAMPLE.com/A"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ('"https://example.com/<!channel>"', "https://example.com/"),
        ("ftp://example.com", ""),
        ("javascript://example.com/%0aalert(1)", ""),
        ("mailto:hr@example.com", ""),
        ("xhttps://example.com", ""),
        ("https:///nowhere", ""),
        ("https://", ""),
        ("http://[1", ""),
        ("example.com", ""),
    ],
)
def test_an_address_ends_where_its_sentence_goes_on(text: str, address: str) -> None:
    assert parted(text)[1::2] == ([address] if address else [])


parts = st.sampled_from(
    ["https://a.example/", "http://", "://", "b", "(", ")", "]", ".", " ", "\n", "あ", "\r\n", "%0d"]
)


@given(st.lists(parts).map("".join))
def test_nothing_is_lost_and_an_address_is_safe_in_a_header(text: str) -> None:
    pieces = parted(text)
    assert "".join(pieces) == text and len(pieces) % 2
    assert all(one.isascii() and one.isprintable() and " " not in one for one in pieces[1::2])
