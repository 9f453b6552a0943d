"""Finding people and showing who they are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from bot import queries, texts
from bot.ports import Kind
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import consents, index, people, search
from storage.db import CompanySession
from storage.people import Member, Named
from storage.search import Word
from storage.tables import ConsentPurpose, Person, PersonState, Skill

SHOWN = 10
"""People on one page of a look-up."""
BUTTONS = 4
"""Of these, those with a button: with the pages' two a Teams card has the six that it may have."""
SKILLS = 30
SKILL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class PersonView:
    id: int
    name: str
    skills: str
    own: bool
    reading: str = ""
    """Shown on a profile; lists go without."""


@dataclass(frozen=True, slots=True)
class FoundView:
    """One page of those whom a look-up found. `more`: there are others than `total`, whom no page shows. `missing` are
    the words that nobody has, and `close` people of a similar name."""

    query: str
    people: tuple[PersonView, ...]
    total: int
    more: bool = False
    page: int = 1
    pages: int = 1
    missing: str = ""
    close: tuple[PersonView, ...] = ()

    @property
    def buttons(self) -> tuple[PersonView, ...]:
        return (self.people or self.close)[:BUTTONS]


def person_view(scene: Scene, person_id: int) -> PersonView:
    """Raises LookupError when there is no such person in the company."""
    person = scene.session.get(Person, person_id)
    if person is None:
        raise LookupError(f"no person {person_id}")
    return replace(_views(scene, [Named(person_id, person.name)])[0], reading=person.reading)


def _views(scene: Scene, named: Sequence[Named]) -> tuple[PersonView, ...]:
    skills = people.skills_of(scene.session, [person.id for person in named]) if named else {}
    own = scene.reader.id if scene.reader else None
    return tuple(
        PersonView(person.id, person.name, texts.joined(skills[person.id], scene.locale), person.id == own)
        for person in named
    )


def found_view(scene: Scene, asked: Mapping[str, Any] | str) -> FoundView:
    """Active people who have every word of `asked["text"]`, in any script; `asked["page"]` counts from 1, and a page
    that is not there (any more) is the nearest that is. A text alone is what the ledger has of earlier versions."""
    text, wanted = (asked, 1) if isinstance(asked, str) else (asked["text"], asked["page"])
    query = queries.parsed(text)
    found = search.find(scene.session, query.words)
    pages = max(1, math.ceil(len(found.people) / SHOWN))
    page = min(max(wanted, 1), pages)
    shown = found.people[(page - 1) * SHOWN : page * SHOWN]
    missing = texts.joined((texts.quoted(word.typed, scene.locale) for word in found.missing), scene.locale)
    close = _close(scene, found.missing)
    return FoundView(
        query.text, _views(scene, shown), len(found.people), found.more, page, pages, missing, _views(scene, close)
    )


def _close(scene: Scene, missing: Sequence[Word]) -> Sequence[Named]:
    """People whose name is like one of the words, each once."""
    return list(dict.fromkeys(person for word in missing for person in search.nearest(scene.session, word)))[:BUTTONS]


def find(turn: Turn) -> Answer:
    """People by their words. A page's button turns the card over to another page."""
    query = queries.parsed(turn.args.get("text", ""))
    if query.too_long:
        return Say("find_shorter", {"limit": queries.LONGEST}, notice=True)
    if not query.words:
        return Say("find_what", notice=True)
    page = texts.number(turn.args.get("page", "")) or 1
    found = {"text": query.text, "page": page}
    return Say("found", {"found": found}, in_place=turn.inbound.kind is Kind.PRESSED)


def profile(turn: Turn) -> Answer:
    """One's own profile, a mentioned person's, or that of the only one a text finds."""
    pressed = texts.number(turn.args.get("person", ""))
    if pressed is not None:
        return _profile_of(turn, turn.session.get(Person, pressed))
    asked = turn.args.get("text", "")
    if not asked:
        return Say("profile", {"person": turn.member.id})
    account = (turn.inbound.mentions or {}).get(asked)
    if account:
        speaker = turn.inbound.speaker
        return _profile_of(turn, people.by_account(turn.session, speaker.platform, speaker.workspace, account))
    found = search.find(turn.session, queries.parsed(asked).words).people
    return Say("profile", {"person": found[0].id}) if len(found) == 1 else find(turn)


def _profile_of(turn: Turn, person: Person | Member | None) -> Answer:
    if person is None or person.state is not PersonState.ACTIVE:
        return Say("nobody", notice=True)
    own = person.id == turn.member.id
    if not own and not consents.agrees(turn.session, person.id or 0, ConsentPurpose.DIRECTORY):
        return Say("nobody", notice=True)
    return Say("profile", {"person": person.id})


def edit_profile(turn: Turn) -> Answer:
    """Save the form; without one, ask with what is known now."""
    member = turn.member
    if not turn.values:
        skills = people.skills_of(turn.session, [member.id])[member.id]
        known = {"reading": turn.own_row().reading, "skills": texts.joined(skills, turn.locale)}
        return Ask("profile.edit", filled={"name": member.name, **known})
    labels = texts.listed(turn.values["skills"])
    if len(labels) > SKILLS or any(len(label) > SKILL_LENGTH for label in labels):
        return Ask("profile.edit", filled=turn.values, errors={"skills": "too_many_skills"})
    person = turn.own_row()
    person.name, person.reading = turn.values["name"], turn.values["reading"]
    keep_skills(turn.session, person, labels)
    return Say("profile_saved", {"person": member.id})


def keep_skills(session: CompanySession, person: Person, labels: Sequence[str]) -> None:
    """Replace the person's skills."""
    session.exec(delete(Skill).where(col(Skill.person_id) == person.id))
    for place, label in enumerate(labels):
        session.add(Skill(person_id=_id(person), folded=texts.folded(label), label=label, place=place))
    session.add(person)
    session.flush()
    index.touch(session, _id(person))


def _id(person: Person) -> int:
    if person.id is None:
        raise LookupError("the person is not stored yet")
    return person.id
