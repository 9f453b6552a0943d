"""The life of a person in the network: the one table of states, what moves between them, and who may.

Whatever changes `Person.state` goes through `move`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from storage.tables import Person, PersonState


class Event(StrEnum):
    INVITE = "invite"
    CONFIRM = "confirm"
    JOIN = "join"
    """With a one-time code, which confirms and opens in one."""
    OPEN = "open"
    EXPIRE = "expire"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    WITHDRAW = "withdraw"
    """HR takes the offboarding back: the person stays, was rehired, or should not have been asked."""
    MERGE = "merge"
    """HR says that this is the same person as somebody else, who remains."""
    PART_INVITED = "part as invited"
    PART_CONFIRMED = "part as confirmed"
    PART_ACTIVE = "part as active"
    PART_PAUSED = "part as paused"
    PART_EXPIRED = "part as expired"
    PART_LEFT = "part as left"
    ERASE = "erase"


class Actor(StrEnum):
    PERSON = "person"
    HR = "HR"
    TIME = "time"


class Step(NamedTuple):
    to: PersonState
    who: frozenset[Actor]


_PERSON, _HR, _TIME = frozenset({Actor.PERSON}), frozenset({Actor.HR}), frozenset({Actor.TIME})
_ERASED = Step(PersonState.ERASED, frozenset(Actor))
"""By the person, by HR for them, and by time once a company's retention period is over."""
_MERGED = Step(PersonState.MERGED, _HR)

PARTING: Mapping[PersonState, Event] = MappingProxyType(
    {
        PersonState.INVITED: Event.PART_INVITED,
        PersonState.CONFIRMED: Event.PART_CONFIRMED,
        PersonState.ACTIVE: Event.PART_ACTIVE,
        PersonState.PAUSED: Event.PART_PAUSED,
        PersonState.EXPIRED: Event.PART_EXPIRED,
        PersonState.LEFT: Event.PART_LEFT,
    }
)
"""Undoing a merge gives somebody the state back in which they were merged."""

TABLE: Mapping[PersonState, Mapping[Event, Step]] = MappingProxyType(
    {
        PersonState.INVITED: {
            Event.CONFIRM: Step(PersonState.CONFIRMED, _PERSON),
            Event.JOIN: Step(PersonState.ACTIVE, _PERSON),
            Event.EXPIRE: Step(PersonState.EXPIRED, _TIME),
            Event.WITHDRAW: Step(PersonState.LEFT, _HR),
            Event.MERGE: _MERGED,
            Event.ERASE: _ERASED,
        },
        PersonState.CONFIRMED: {
            Event.OPEN: Step(PersonState.ACTIVE, _TIME),
            Event.JOIN: Step(PersonState.ACTIVE, _PERSON),
            Event.LEAVE: Step(PersonState.LEFT, _PERSON),
            Event.WITHDRAW: Step(PersonState.LEFT, _HR),
            Event.MERGE: _MERGED,
            Event.ERASE: _ERASED,
        },
        PersonState.ACTIVE: {
            Event.PAUSE: Step(PersonState.PAUSED, _PERSON),
            Event.LEAVE: Step(PersonState.LEFT, _PERSON),
            Event.WITHDRAW: Step(PersonState.LEFT, _HR),
            Event.MERGE: _MERGED,
            Event.ERASE: _ERASED,
        },
        PersonState.PAUSED: {
            Event.RESUME: Step(PersonState.ACTIVE, _PERSON),
            Event.LEAVE: Step(PersonState.LEFT, _PERSON),
            Event.WITHDRAW: Step(PersonState.LEFT, _HR),
            Event.MERGE: _MERGED,
            Event.ERASE: _ERASED,
        },
        PersonState.EXPIRED: {
            Event.INVITE: Step(PersonState.INVITED, _HR),
            Event.WITHDRAW: Step(PersonState.LEFT, _HR),
            Event.MERGE: _MERGED,
            Event.ERASE: _ERASED,
        },
        PersonState.LEFT: {
            Event.INVITE: Step(PersonState.INVITED, _HR),
            Event.MERGE: _MERGED,
            Event.ERASE: _ERASED,
        },
        PersonState.MERGED: {event: Step(state, _HR) for state, event in PARTING.items()},
        PersonState.ERASED: {},
    }
)

_STARTS = (PersonState.INVITED, PersonState.ACTIVE)
"""As what a person is added: to be invited, or at once (the first owner)."""


def step(state: PersonState, event: Event) -> Step | None:
    """Where the event leads from there and who may cause it; None where it leads nowhere."""
    return TABLE[state].get(event)


def move(person: Person, event: Event, by: Actor) -> bool:
    """Change the person's state as the table says; False, with nothing changed, where it has no such step for them."""
    found = step(person.state, event)
    if found is None or by not in found.who:
        return False
    person.state = found.to
    return True


def diagram() -> str:
    """The table as a Mermaid state diagram, as docs/people.md shows it."""
    lines = ["stateDiagram-v2", *(f"    [*] --> {state}" for state in _STARTS)]
    for state, steps in TABLE.items():
        for event, (to, who) in steps.items():
            lines.append(f"    {state} --> {to}: {event} ({', '.join(a for a in Actor if a in who)})")
    return "\n".join([*lines, f"    {PersonState.ERASED} --> [*]", ""])
