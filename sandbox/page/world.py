"""What the page shows and moves: one life of the practice world, from a start or a reset to the next reset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sandbox.clock import PracticeClock
from sandbox.story import Stage

Json = dict[str, Any]


class Backstage(Protocol):
    """What the page asks of the product that is being tried, which this package does not know."""

    async def ledger_row(self, platform: str, place: str, message: str) -> Mapping[str, Any] | None:
        """The ledger's row of the message with this id in that channel or conversation, if it has one."""
        ...

    async def inbox_keys(self, marks: Sequence[str]) -> list[str]:
        """The keys of dealt-with events in which one of these ids occurs."""
        ...

    async def waiting(self) -> int:
        """How many messages are written and not yet sent."""
        ...

    async def next_due(self) -> datetime | None:
        """When something will happen by itself next."""
        ...

    async def catch_up(self) -> None:
        """Do now what time has made due, without waiting for the next tick."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """`slack_commands` are {command, usage, description, verbs}, `teams_commands` and these verbs {words, hint}: what
    the platforms' clients suggest while somebody types."""

    stage: Stage
    clock: PracticeClock
    backstage: Backstage
    slack_commands: Sequence[Json]
    teams_commands: Sequence[Json]
