"""Addresses and refs: what is packed comes back, and nothing else does."""

import pytest

from adapters.slack import ids

PLACES = [
    ids.User("T1", "U1"),
    ids.Channel("T1", "C1"),
    ids.Ephemeral("T1", "C1", "U1"),
    ids.Home("E9", "W1"),
    ids.Unfurl("T1", "C1", "1700000000.000100"),
    ids.Message("T1", "D1", "1700000000.000100"),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: type(place).__name__)
def test_what_is_packed_comes_back(place: ids.Place) -> None:
    assert ids.unpack(ids.pack(place)) == place


def test_every_kind_has_its_own_text() -> None:
    assert len({ids.pack(place) for place in PLACES}) == len(PLACES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "user",
        "user:T1",
        "user:T1:U1:X",
        "channel:T1:",
        "person:T1:U1",
        "user:T1:U 1",
        "user:T1:U1\n",
        "user::U1",
    ],
)
def test_malformed_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="not a place in Slack"):
        ids.unpack(text)


@pytest.mark.parametrize("part", ["", "U:1", "U/1", "Ü1", "U" * 65, "\x00"])
def test_what_is_no_id_is_not_packed(part: str) -> None:
    with pytest.raises(ValueError, match="no Slack id"):
        ids.pack(ids.User("T1", part))


def test_a_message_is_no_address_and_an_address_no_message() -> None:
    with pytest.raises(ValueError, match="not an address"):
        ids.unpack_address("message:T1:C1:1.2")
    with pytest.raises(ValueError, match="not the ref"):
        ids.unpack_message("channel:T1:C1")
    assert ids.unpack_address("home:T1:U1") == ids.Home("T1", "U1")
    assert ids.unpack_message("message:T1:C1:1.2") == ids.Message("T1", "C1", "1.2")
