"""Hiding from a named person, who finds nothing of one anywhere and is not told."""

from collections.abc import Collection
from dataclasses import dataclass

from bot import directory, texts
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import people, visibility
from storage.db import CompanySession
from storage.tables import Audience, Person, PersonState

LISTED = 5
"""Of those whom one hides from, the ones with a button."""


@dataclass(frozen=True, slots=True)
class Whom:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class HiddenView:
    people: tuple[Whom, ...]

    @property
    def buttons(self) -> tuple[Whom, ...]:
        return self.people[:LISTED]


def hidden_view(scene: Scene, person_id: int) -> HiddenView:
    """From whom the person hides. Only the person is told."""
    if scene.reader is None or scene.reader.id != person_id:
        raise LookupError("somebody else's list")
    return HiddenView(tuple(_hidden_from(scene, person_id)))


def whom_view(scene: Scene, person_id: int) -> Whom:
    """LookupError when there is no such person any more."""
    known = people.members(scene.session, [person_id])
    return Whom(person_id, known[person_id].name)


def _hidden_from(scene: Scene, person_id: int) -> list[Whom]:
    ids = visibility.hidden_from(scene.session, person_id)
    known = people.members(scene.session, ids)
    there = [known[one] for one in ids if one in known and known[one].state is not PersonState.ERASED]
    return [Whom(one.id, one.name) for one in there]


def apart(session: CompanySession, person_id: int, others: Collection[int]) -> set[int]:
    """Those of the others who hide from the person, or from whom the person hides."""
    hiding = visibility.hiding(session, visibility.Viewer(person_id, Audience.HR), others)
    return hiding | ({*visibility.hidden_from(session, person_id)} & {*others})


def hide(turn: Turn) -> Answer:
    """The one whom the button, the mention or the words mean sees nothing of the speaker any more."""
    if not turn.args.get("text") and not turn.args.get("person"):
        return Say("hidden_list", {"hidden_from": turn.member.id})
    whom = directory.meant(turn)
    if not isinstance(whom, Person):
        return Say("nobody", notice=True) if whom is None else whom
    if whom.id == turn.member.id:
        return Say("hide_self", notice=True)
    visibility.hide(turn.session, turn.member.id, whom.id or 0, turn.now)
    return Say("hidden", {"whom": whom.id})


def unhide(turn: Turn) -> Answer:
    """The other way round. Who hides from the speaker can be named here all the same: it was the speaker who hid
    first, and nothing else of them is told."""
    scene = Scene(turn.session, turn.company, turn.person, turn.locale, turn.now)
    listed = _hidden_from(scene, turn.member.id)
    pressed, typed = texts.number(turn.args.get("person", "")), texts.folded(turn.args.get("text", ""))
    meant = [one for one in listed if one.id == pressed or (typed and typed in texts.folded(one.name))]
    if len(meant) != 1:
        return Say("hidden_list", {"hidden_from": turn.member.id})
    visibility.show_again(turn.session, turn.member.id, meant[0].id)
    return Say("unhidden", {"whom": meant[0].id})
