"""What words are written for: one reader, at one moment, in one language."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from storage import topics
from storage.db import CompanySession
from storage.people import CompanyFacts, Member
from storage.tables import Cadence, Role

T = TypeVar("T")


_UNKNOWN: Any = object()


class Together:
    """What the scenes of one company and one transaction share: who reads, and what is the same for all of them."""

    def __init__(self, readers: frozenset[int] = frozenset()) -> None:
        self.readers = readers
        self._known: dict[Hashable, Any] = {}

    def including(self, person_id: int) -> frozenset[int]:
        """The readers, and that person if they are not one of them."""
        return self.readers if person_id in self.readers else self.readers | {person_id}

    def once(self, key: Hashable, find: Callable[[], T]) -> T:
        """What `find` has found the first time."""
        found = self._known.get(key, _UNKNOWN)
        if found is _UNKNOWN:
            found = self._known[key] = find()
        return found


@dataclass(slots=True)
class Scene:
    """Not to be changed; one that cannot be takes three times as long to make, and each message has its own.

    `reader` is None for a desk (a conversation that several of HR read) and for strangers. `letters`: mail is
    configured. `leaves`: these words are about to be sent, and not only looked at, so that one-time codes are made for
    them. `public_url` is where people's browsers reach this server, empty where they do not. `mailed_to` is the address
    that they are mailed to, empty where they go to a conversation. `together` is shared with scenes of the same
    moment."""

    session: CompanySession
    company: CompanyFacts
    reader: Member | None
    locale: str
    now: datetime
    letters: bool = False
    leaves: bool = False
    public_url: str = ""
    mailed_to: str = ""
    together: Together = field(default_factory=Together)


class ReaderView:
    """What templates ask of a scene's reader; found when they do, as most ask for little."""

    __slots__ = ("_person",)

    def __init__(self, person: Member | None) -> None:
        self._person = person

    @property
    def known(self) -> bool:
        return self._person is not None

    @property
    def name(self) -> str:
        return self._person.name if self._person else ""

    @property
    def staff(self) -> bool:
        return self._person is not None and self._person.role in (Role.OWNER, Role.HR)

    @property
    def owner(self) -> bool:
        return self._person is not None and self._person.role is Role.OWNER

    @property
    def stopped(self) -> bool:
        return self._person is not None and self._person.opted_out_at is not None

    @property
    def never(self) -> tuple[str, ...]:
        """Topics of which they want to hear nothing."""
        return self._whose_cadence_is(Cadence.NEVER)

    @property
    def digest(self) -> tuple[str, ...]:
        """Topics that come in their digest."""
        return self._whose_cadence_is(Cadence.DIGEST)

    def _whose_cadence_is(self, cadence: Cadence) -> tuple[str, ...]:
        if self._person is None or not self._person.receives:
            return ()
        return tuple(topic for topic, how in topics.chosen(self._person.receives).items() if how is cadence)
