"""Finding people and showing who they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import col

from bot import texts
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import people
from storage.db import CompanySession
from storage.people import Member, Named
from storage.tables import Person, PersonState, Skill

SHOWN = 10
"""People in one answer to a look-up."""
SKILLS = 30
SKILL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class PersonView:
    id: int
    name: str
    skills: str
    own: bool


@dataclass(frozen=True, slots=True)
class FoundView:
    query: str
    people: tuple[PersonView, ...]
    more: bool


def person_view(scene: Scene, person_id: int) -> PersonView:
    """Raises LookupError when there is no such person in the company."""
    person = scene.session.get(Person, person_id)
    if person is None:
        raise LookupError(f"no person {person_id}")
    return _views(scene, [Named(person_id, person.name)])[0]


def _views(scene: Scene, named: Sequence[Named]) -> tuple[PersonView, ...]:
    skills = people.skills_of(scene.session, [person.id for person in named]) if named else {}
    own = scene.reader.id if scene.reader else None
    return tuple(
        PersonView(person.id, person.name, texts.joined(skills[person.id], scene.locale), person.id == own)
        for person in named
    )


def found_view(scene: Scene, query: str) -> FoundView:
    """Active people whose name or skills hold every word of `query`, in any width or kana."""
    terms = texts.folded(query).split()
    found = people.matching(scene.session, terms, SHOWN + 1)
    return FoundView(query, _views(scene, found[:SHOWN]), len(found) > SHOWN)


def find(turn: Turn) -> Answer:
    query = turn.args.get("text", "")
    if not query:
        return Say("find_what", notice=True)
    return Say("found", {"found": query})


def profile(turn: Turn) -> Answer:
    """One's own profile, a mentioned person's, or that of the only one a text finds."""
    pressed = texts.number(turn.args.get("person", ""))
    if pressed is not None:
        return _profile_of(turn.session.get(Person, pressed))
    asked = turn.args.get("text", "")
    if not asked:
        return Say("profile", {"person": turn.member.id})
    account = (turn.inbound.mentions or {}).get(asked)
    if account:
        speaker = turn.inbound.speaker
        return _profile_of(people.by_account(turn.session, speaker.platform, speaker.workspace, account))
    found = people.matching(turn.session, texts.folded(asked.lstrip("@")).split(), 2)
    return Say("profile", {"person": found[0].id}) if len(found) == 1 else Say("found", {"found": asked.lstrip("@")})


def _profile_of(person: Person | Member | None) -> Answer:
    if person is None or person.state is not PersonState.ACTIVE:
        return Say("nobody", notice=True)
    return Say("profile", {"person": person.id})


def edit_profile(turn: Turn) -> Answer:
    """Save the form; without one, ask with what is known now."""
    member = turn.member
    if not turn.values:
        skills = people.skills_of(turn.session, [member.id])[member.id]
        return Ask("profile.edit", filled={"name": member.name, "skills": texts.joined(skills, turn.locale)})
    labels = texts.listed(turn.values["skills"])
    if len(labels) > SKILLS or any(len(label) > SKILL_LENGTH for label in labels):
        return Ask("profile.edit", filled=turn.values, errors={"skills": "too_many_skills"})
    person = turn.own_row()
    person.name = turn.values["name"]
    keep_skills(turn.session, person, labels)
    return Say("profile_saved", {"person": member.id})


def keep_skills(session: CompanySession, person: Person, labels: Sequence[str]) -> None:
    """Replace the person's skills, and what look-ups compare."""
    session.exec(delete(Skill).where(col(Skill.person_id) == person.id))
    for place, label in enumerate(labels):
        session.add(Skill(person_id=_id(person), folded=texts.folded(label), label=label, place=place))
    person.folded = texts.folded(" ".join([person.name, *labels]))
    session.add(person)
    session.flush()


def _id(person: Person) -> int:
    if person.id is None:
        raise LookupError("the person is not stored yet")
    return person.id
