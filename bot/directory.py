"""Finding people and showing who they are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from bot import looks, queries, texts, visibility
from bot.ports import Kind
from bot.prompts import phrase
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import consents, index, people, search
from storage.db import CompanySession
from storage.people import Named
from storage.search import Word
from storage.tables import ConsentPurpose, Department, Person, PersonState, Skill

SHOWN = 10
"""People on one page of a look-up."""
BUTTONS = 4
"""Of these, those with a button: with the pages' two a Teams card has the six that it may have."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as the reader may see them: what is hidden, or was not said, is empty. Lists go without what follows
    `own`."""

    id: int
    name: str
    skills: str
    own: bool
    reading: str = ""
    romaji: str = ""
    former_surname: str = ""
    joined_year: int | None = None
    last_day: date | None = None
    departments: str = ""
    works_at: str = ""
    works_as: str = ""
    city: str = ""
    helps_with: str = ""
    looks_for: str = ""
    availability: str = ""
    interests: str = ""
    photo: str = ""
    email: str = ""
    employee_number: str = ""
    shared: bool = False
    """Others read the conversation too."""

    @property
    def bare(self) -> bool:
        """Whether the reader sees the name alone."""
        return not any(getattr(self, field) for field in visibility.FIELDS)


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
    shared: bool = False

    @property
    def buttons(self) -> tuple[PersonView, ...]:
        return (self.people or self.close)[:BUTTONS]


def person_view(scene: Scene, asked: Mapping[str, Any] | int) -> PersonView:
    """The person `asked["id"]` as the reader sees them, or everybody if the conversation is `asked["shared"]`. Raises
    LookupError when the company has no such person for the reader. A number alone is what nobody else reads."""
    person_id, shared = (asked, False) if isinstance(asked, int) else (asked["id"], asked["shared"])
    session, person = scene.session, scene.session.get(Person, person_id)
    looking = visibility.viewer(scene.reader, shared=shared)
    own = scene.reader is not None and scene.reader.id == person_id
    if person is None or not (own or _is_there(session, looking, person)):
        raise LookupError(f"no person {person_id}")
    told = profile_fields(session, person, scene.locale)
    shown = visibility.seen(session, looking, [person_id])
    seen = {field: value for field, value in told.items() if shown.shows(person_id, field)}
    return PersonView(person_id, person.name, str(seen.pop("skills", "")), own, shared=shared, **seen)


def _is_there(session: CompanySession, looking: visibility.Viewer, person: Person) -> bool:
    listed = person.state is PersonState.ACTIVE and consents.agrees(session, _id(person), ConsentPurpose.DIRECTORY)
    return listed and not visibility.hiding(session, looking, [_id(person)])


def profile_fields(session: CompanySession, person: Person, locale: str) -> dict[str, Any]:
    """What the fields of bot.visibility say of the person, in words."""
    own = select(Department).where(Department.person_id == person.id).order_by(col(Department.place))
    lists = {
        "skills": texts.joined(people.skills_of(session, [_id(person)])[_id(person)], locale),
        "availability": texts.joined(
            (phrase("slots", locale, slot) for slot in texts.listed(person.availability)), locale
        ),
        "interests": texts.joined(texts.listed(person.interests), locale),
        "departments": texts.joined((_period(department, locale) for department in session.exec(own)), locale),
    }
    return {field: lists.get(field, getattr(person, field, "")) for field in visibility.FIELDS}


def _period(department: Department, locale: str) -> str:
    since, until = department.since, department.until
    if since is None and until is None:
        return department.name
    years = f"{since}" if since == until else f"{since or ''}–{until or ''}"
    return f"{department.name}（{years}）" if locale == "ja" else f"{department.name} ({years})"


def _views(scene: Scene, named: Sequence[Named]) -> tuple[PersonView, ...]:
    own = scene.reader.id if scene.reader else 0
    skills = people.listed_skills(scene.session, [person.id for person in named], own) if named else {}
    return tuple(
        PersonView(person.id, person.name, texts.joined(skills[person.id], scene.locale), person.id == own)
        for person in named
    )


def found_view(scene: Scene, asked: Mapping[str, Any] | str) -> FoundView:
    """Active people who have every word of `asked["text"]`, in any script, as far as the reader may see it (everybody,
    if the conversation is `asked["shared"]`); `asked["page"]` counts from 1, and a page that is not there (any more) is
    the nearest that is. A text alone is what the ledger has of earlier versions."""
    asked = {"text": asked, "page": 1} if isinstance(asked, str) else asked
    shared = asked.get("shared", False)
    looking = visibility.viewer(scene.reader, shared=shared)
    query = queries.parsed(asked["text"])
    found = search.find(scene.session, query.words, looking)
    pages = max(1, math.ceil(len(found.people) / SHOWN))
    page = min(max(asked["page"], 1), pages)
    shown = found.people[(page - 1) * SHOWN : page * SHOWN]
    missing = texts.joined((texts.quoted(word.typed, scene.locale) for word in found.missing), scene.locale)
    close = _close(scene, found.missing, looking)
    return FoundView(
        query.text,
        _views(scene, shown),
        len(found.people),
        found.more,
        page,
        pages,
        missing,
        _views(scene, close),
        shared,
    )


def _close(scene: Scene, missing: Sequence[Word], looking: visibility.Viewer) -> Sequence[Named]:
    """People whose name is like one of the words, each once."""
    near = (person for word in missing for person in search.nearest(scene.session, word, looking))
    return list(dict.fromkeys(near))[:BUTTONS]


def is_shared(turn: Turn) -> bool:
    """Whether others read the answer too: where it happened, or where the pressed card stands."""
    return not turn.inbound.private or bool(turn.args.get("shared"))


def find(turn: Turn) -> Answer:
    """People by their words. A page's button turns the card over to another page."""
    query = queries.parsed(turn.args.get("text", ""))
    if query.too_long:
        return Say("find_shorter", {"limit": queries.LONGEST}, notice=True)
    if query.not_years:
        return Say("find_years", {"word": query.not_years}, notice=True)
    if not query.words:
        return Say("find_what", notice=True)
    page = texts.number(turn.args.get("page", "")) or 1
    found = {"text": query.text, "page": page, "shared": is_shared(turn)}
    return Say("found", {"found": found}, in_place=turn.inbound.kind is Kind.PRESSED)


def profile(turn: Turn) -> Answer:
    """One's own profile, a mentioned person's, or that of the only one a text finds. That HR looks at what only HR sees
    is written down."""
    asked = turn.args.get("text", "")
    if not asked and "person" not in turn.args:
        return Say("profile", {"person": {"id": turn.member.id, "shared": is_shared(turn)}})
    person = meant(turn)
    if isinstance(person, Person):
        fields = profile_fields(turn.session, person, turn.locale)
        looks.note(turn, _id(person), fields, shared=is_shared(turn))
        return Say("profile", {"person": {"id": person.id, "shared": is_shared(turn)}})
    return Say("nobody", notice=True) if person is None else person


def meant(turn: Turn) -> Person | Answer:
    """The person whom a button, a mention or the typed words mean, and whom the speaker may see; None for nobody; and
    for words that mean several, or nobody, the list of those whom they find."""
    looking = visibility.viewer(turn.person, shared=is_shared(turn))
    pressed, asked = texts.number(turn.args.get("person", "")), turn.args.get("text", "")
    account = (turn.inbound.mentions or {}).get(asked)
    if pressed is None and not account:
        found = search.find(turn.session, queries.parsed(asked).words, looking).people
        return turn.session.get(Person, found[0].id) if len(found) == 1 else find(turn)
    if pressed is None:
        speaker = turn.inbound.speaker
        member = people.by_account(turn.session, speaker.platform, speaker.workspace, account or "")
        pressed = member.id if member else 0
    person = turn.session.get(Person, pressed)
    own = turn.person is not None and pressed == turn.person.id
    return person if person is not None and (own or _is_there(turn.session, looking, person)) else None


def keep_skills(session: CompanySession, person: Person, labels: Sequence[str]) -> None:
    """Replace the person's skills."""
    session.exec(delete(Skill).where(col(Skill.person_id) == person.id))
    session.add_all(skill_rows(person, labels))
    session.add(person)
    session.flush()
    index.touch(session, _id(person))


def skill_rows(person: Person, labels: Sequence[str]) -> list[Skill]:
    """The skills of a person who has none yet."""
    return [
        Skill(person_id=_id(person), folded=texts.folded(label), label=label, place=place)
        for place, label in enumerate(labels)
    ]


def _id(person: Person) -> int:
    if person.id is None:
        raise LookupError("the person is not stored yet")
    return person.id
