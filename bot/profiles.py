"""What people say of themselves, and who may see it: each changes their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import delete
from sqlmodel import col, select

from bot import departments, directory, matching, subjects, texts, visibility
from bot.cards import FieldKind
from bot.prompts import Question
from bot.turn import Answer, Ask, Say, Turn
from storage import index, ledger, people
from storage import skills as known_skills
from storage import visibility as stored
from storage.db import CompanySession
from storage.tables import Audience, Department, Person

SKILLS = 30
SKILL_LENGTH = 60
SUGGESTED = 3
ALIKE = 0.75
"""How much of two skills is the same where one may be the other, written in another way."""

_ABOUT = ("name", "reading", "romaji", "former_surname", "helps_with", "looks_for")
WISHES = (
    *(
        Question(slot, FieldKind.CHOICE, required=False, max_length=20, choices=("yes", "no"))
        for slot in matching.TIMES
    ),
    Question("where", FieldKind.CHOICE, required=False, max_length=20, choices=("remote", "on_site", "either")),
    Question("interests", required=False, max_length=500),
)
_WORK = ("works_at", "works_as", "city")


@dataclass(frozen=True, slots=True)
class SuggestionView:
    typed: str
    known: str


def edit(turn: Turn) -> Answer:
    """Save the form; without one, ask with what is known now."""
    member = turn.member
    if not turn.values:
        row = turn.own_row()
        skills = people.skills_of(turn.session, [member.id])[member.id]
        return Ask(
            "profile.edit",
            filled={**{name: getattr(row, name) for name in _ABOUT}, "skills": texts.joined(skills, turn.locale)},
        )
    labels = texts.listed(turn.values["skills"])
    if too_many(labels):
        return Ask("profile.edit", filled=turn.values, errors={"skills": "too_many_skills"})
    person = _held(turn)
    had = set(people.skills_of(turn.session, [member.id])[member.id])
    _set(person, turn, _ABOUT)
    directory.keep_skills(turn.session, person, labels)
    return saved(turn, [label for label in labels if label not in had])


def too_many(labels: Sequence[str]) -> bool:
    """Whether these are more skills, or longer ones, than a person may have. Folding lengthens some characters."""
    return len(labels) > SKILLS or any(len(label) > SKILL_LENGTH or len(texts.folded(label)) > 100 for label in labels)


def edit_work(turn: Turn) -> Answer:
    """The same for what a person does now, and did in the company. Saving it says that it is so."""
    own = select(Department).where(Department.person_id == turn.member.id).order_by(col(Department.place))
    if not turn.values:
        row = turn.own_row()
        known = {name: getattr(row, name) for name in _WORK}
        return Ask("profile.work", filled={**known, "departments": departments.typed(turn.session.exec(own))})
    periods = departments.parsed(turn.values["departments"])
    if periods is None:
        return Ask("profile.work", filled=turn.values, errors={"departments": "bad_departments"})
    person = _held(turn)
    _set(person, turn, _WORK)
    person.checked_at = turn.now
    ledger.mark_stale(turn.session, subjects.freshness(person.id), turn.now)
    keep_departments(turn.session, person, periods)
    return saved(turn)


def edit_wishes(turn: Turn) -> Answer:
    """When and where the person has time for contract work, and what they would like to do. What is not answered
    counts against nobody."""
    if not turn.values:
        return Ask("profile.gigs", filled=_wishes(turn.own_row()))
    labels = texts.listed(turn.values["interests"])
    if too_many(labels):
        return Ask("profile.gigs", filled=turn.values, errors={"interests": "too_many_interests"})
    times = [slot for slot in matching.TIMES if turn.values[slot] == "yes"]
    where = turn.values["where"]
    places = matching.PLACES if where == "either" else [where] if where else []
    person = _held(turn)
    person.availability = ",".join((*times, *places))
    person.interests = ",".join(labels)
    return saved(turn)


def _wishes(person: Person) -> dict[str, str]:
    slots = texts.listed(person.availability)
    times = {slot: "yes" for slot in matching.TIMES if slot in slots}
    places = [place for place in matching.PLACES if place in slots]
    where = "either" if len(places) > 1 else "".join(places)
    return {**times, "where": where, "interests": person.interests}


def keep_departments(session: CompanySession, person: Person, periods: Sequence[departments.Period]) -> None:
    """Replace the person's departments."""
    person_id = person.id or 0
    session.exec(delete(Department).where(col(Department.person_id) == person_id))
    for place, (name, since, until) in enumerate(periods):
        session.add(Department(person_id=person_id, place=place, name=name, since=since, until=until))
    session.flush()
    index.touch(session, person_id)


def _held(turn: Turn) -> Person:
    """The speaker's row, which no second form of theirs changes meanwhile."""
    person = people.held(turn.session, turn.member.id)
    if person is None:
        raise LookupError(f"no person {turn.member.id}")
    return person


def _set(person: Person, turn: Turn, names: Sequence[str]) -> None:
    for name in names:
        setattr(person, name, turn.values[name])


def saved(turn: Turn, new_skills: Sequence[str] = ()) -> Answer:
    suggestions = [{"typed": typed, "known": known} for typed, known in _suggestions(turn, new_skills)]
    return Say("profile_saved", {"person": turn.member.id, "suggestions": suggestions})


# Skills that others call something else


def _suggestions(turn: Turn, labels: Sequence[str]) -> list[tuple[str, str]]:
    """For a skill that nobody else has, the one of others that is most like it. Nothing is forced on anybody."""
    looking = visibility.viewer(turn.person)
    found: list[tuple[str, str]] = []
    for label in labels:
        others = known_skills.like(turn.session, label, looking)
        if others and texts.folded(label) not in map(texts.folded, others):
            best = max(others, key=lambda other: _alike(label, other))
            if _alike(label, best) >= ALIKE:
                found.append((label, best))
    return found[:SUGGESTED]


def _alike(one: str, other: str) -> float:
    first, second = known_skills.spelt(one), known_skills.spelt(other)
    return 1.0 if first == second else SequenceMatcher(None, first, second, autojunk=False).ratio()


def take_skill(turn: Turn) -> Answer:
    """Call a skill as others do. One that is not there any more is left alone."""
    person = _held(turn)
    labels = people.skills_of(turn.session, [turn.member.id])[turn.member.id]
    typed, known = turn.args.get("typed", ""), turn.args.get("known", "")[:SKILL_LENGTH]
    if typed in labels and known:
        renamed = texts.listed("\n".join(known if label == typed else label for label in labels))
        directory.keep_skills(turn.session, person, renamed)
    return saved(turn)


# Who may see it


def edit_visibility(turn: Turn) -> Answer:
    """Save who sees each field; without a form, ask with what is so now. A field that is left out stays as it is."""
    person_id = turn.member.id
    if not turn.values:
        chosen = stored.chosen(turn.session, [person_id]).get(person_id, {})
        return Ask(
            "profile.visibility",
            filled={field: visibility.audience(field, chosen.get(field)).value for field in visibility.FIELDS},
        )
    wanted = {field: value for field, value in turn.values.items() if value}
    _held(turn)
    stored.choose(turn.session, person_id, {field: Audience(value) for field, value in wanted.items()})
    return Say("visibility_saved", {"person": person_id})
