"""How the messages of each topic reach a person: `Person.receives` has a word, `news:digest`, for each of which they
said something else than at once."""

from collections.abc import Mapping
from typing import Any

from storage.tables import Cadence, Topic

_STRICTEST = (Cadence.NEVER, Cadence.DIGEST, Cadence.AT_ONCE)


def chosen(receives: str) -> Mapping[Topic, Cadence]:
    """Every topic with its cadence. What a later version stored is read as far as it is understood."""
    said = receives.split()
    return {topic: next((how for how in Cadence if f"{topic}:{how}" in said), Cadence.AT_ONCE) for topic in Topic}


def stored(cadences: Mapping[Topic, Cadence]) -> str:
    return " ".join(f"{topic}:{how}" for topic, how in sorted(cadences.items()) if how is not Cadence.AT_ONCE)


def cadence(receives: str, topic: Topic | None) -> Cadence:
    """What is of no topic comes at once."""
    return chosen(receives)[topic] if topic else Cadence.AT_ONCE


def strictest(one: str, other: str) -> str:
    """What both of them want, where two turn out to be one person."""
    ours, theirs = chosen(one), chosen(other)
    return stored({topic: min(ours[topic], theirs[topic], key=_STRICTEST.index) for topic in Topic})


def wanted(receives: Any, topic: Topic) -> Any:
    """The condition that the person of a statement's row wants to hear of the topic, at once or in the digest."""
    return receives.not_like(f"%{topic}:{Cadence.NEVER}%")
