"""Somebody's business card, as far as the reader may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import directory, looks, vcard
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage.tables import Person


@dataclass(frozen=True, slots=True)
class CardView:
    name: str
    text: str
    """A vCard, unfolded: what is copied from a message has no long lines to fear."""


def card_view(scene: Scene, asked: Mapping[str, Any] | int) -> CardView:
    """Raises LookupError when the company has no such person for the reader."""
    person = directory.person_view(scene, asked)
    return CardView(
        person.name, vcard.text(person, scene.company.name).replace("\r\n ", "").replace("\r\n", "\n").strip()
    )


def show(turn: Turn) -> Answer:
    """One's own card, or that of the person whom the button, the mention or the words mean."""
    shared = directory.is_shared(turn)
    if not turn.args.get("text") and not turn.args.get("person"):
        return Say("business_card", {"card_of": {"id": turn.member.id, "shared": shared}})
    person = directory.meant(turn)
    if not isinstance(person, Person):
        return Say("nobody", notice=True) if person is None else person
    fields = directory.profile_fields(turn.session, person, turn.locale)
    looks.note(turn, person.id or 0, fields, shared=shared)
    return Say("business_card", {"card_of": {"id": person.id, "shared": shared}})
