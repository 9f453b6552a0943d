"""Requests to the connector: copies of one card differ in their nonce and their conversation, and in nothing else."""

import json
from typing import Any

import pytest

from adapters.teams.ids import Address, MessageRef
from adapters.teams.outbound import PACE, pace, posting, putting
from bot.cards import Action, Card, Paragraph, Text
from bot.ports import Message

CARD = Card("Title", "Title", (Paragraph((Text("nonce nonce"),)),), (Action("Ask", "gig.ask", {"gig": "7"}),) * 2)
FIRST, SECOND = "n-first-0001", "n-second-002"


def message(number: int, made: dict[str, Any], content: Card = CARD) -> Message:
    place = f"a:{number}"
    reference = {"serviceUrl": "https://smba.example/emea/", "conversation": {"id": place}}
    return Message(number, Address("t", place).pack(), content, "en", reference=reference, made=made)


def nonces(body: Any) -> list[str]:
    if isinstance(body, dict):
        own = [value for name, value in body.items() if name == "nonce"]
        return own + [nonce for value in body.values() for nonce in nonces(value)]
    return [nonce for value in body for nonce in nonces(value)] if isinstance(body, list) else []


def posted(one: Message, nonce: str) -> Any:
    request = posting(one, Address.unpack(one.address), nonce)
    assert request is not None
    return json.loads(request.body)


def test_copies_of_one_card_have_nonces_of_their_own() -> None:
    made: dict[str, Any] = {}
    bodies = [posted(message(1, made), FIRST), posted(message(2, made), SECOND)]
    assert [set(nonces(body)) for body in bodies] == [{FIRST}, {SECOND}]
    assert bodies[0]["conversation"] == {"id": "a:1"} and bodies[1]["conversation"] == {"id": "a:2"}
    alike = json.dumps(bodies[1]).replace(SECOND, FIRST).replace("a:2", "a:1")
    assert json.loads(alike) == bodies[0]


def test_an_edit_has_another_nonce_than_the_message_had() -> None:
    made: dict[str, Any] = {}
    posted(message(1, made), FIRST)
    request = putting(message(1, made), MessageRef("t", "a:1", "m1"), SECOND)
    assert request is not None and set(nonces(json.loads(request.body))) == {SECOND}


def test_words_that_look_like_a_nonce_stay_as_they_are() -> None:
    typed = Card("T", "T", (Paragraph((Text(f"{FIRST} {SECOND}"),)),), CARD.actions)
    made: dict[str, Any] = {}
    posted(message(1, made, typed), FIRST)
    assert f"{FIRST} {SECOND}" in json.dumps(posted(message(2, made, typed), SECOND))


def test_another_card_is_made_anew_although_the_same_was_lent() -> None:
    made: dict[str, Any] = {}
    posted(message(1, made), FIRST)
    other = Card("Other", "Other", (), CARD.actions)
    assert "Other" in json.dumps(posted(message(2, made, other), SECOND))


@pytest.mark.parametrize(("a_minute", "window"), [(1200, PACE.window), (3000, PACE.window), (60_000, None)])
def test_a_rate_above_what_teams_allows_was_allowed_by_somebody(a_minute: float, window: Any) -> None:
    assert pace(a_minute).window == window
