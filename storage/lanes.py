"""The lanes on which messages leave: a workspace's sends, edits and look-ups, and each conversation. Each has a pace.

Who writes to many takes a lane until some moment; a platform that says "slow down" has it parked. Lanes are kept by
name, and are the installation's.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, select, update

from storage.db import CompanySession
from storage.prepared import Prepared, insert_of
from storage.tables import Lane, table
from storage.types import UTCDateTime

_LANE = table(Lane)


def sends(platform: str, workspace: str) -> str:
    return f"send:{platform}:{workspace}"


def edits(platform: str, workspace: str) -> str:
    return f"edit:{platform}:{workspace}"


def checks(platform: str, workspace: str) -> str:
    return f"check:{platform}:{workspace}"


def conversation(address: str) -> str:
    return f"at:{address}"


def sustained(address: str) -> str:
    """The same conversation in the long run."""
    return f"{conversation(address)}{_SUSTAINED}"


_SUSTAINED = " sustained"


def workspaces_in(closed: Iterable[str], kind: str) -> frozenset[tuple[str, str]]:
    """Platform and workspace of those of these lanes that are for "send", "edit" or "check", whichever `kind` is."""
    parts = (name.split(":", 2) for name in closed if name.startswith(f"{kind}:"))
    return frozenset((platform, workspace) for _, platform, workspace in parts)


def conversations_in(closed: Iterable[str]) -> set[str]:
    """The addresses of the conversations among these lanes."""
    return {name.removeprefix("at:").removesuffix(_SUSTAINED) for name in closed if name.startswith("at:")}


def reserve(
    session: CompanySession, platform: str, workspace: str, messages: int, now: datetime, per_minute: float
) -> list[datetime]:
    """When each of so many messages may leave, for `ledger.enqueue_at`, so that the lane is never asked for more than
    `per_minute`: the lane is theirs until then. Single messages don't wait for it."""
    lane = sends(platform, workspace)
    step = timedelta(minutes=1) / per_minute
    start = max(now, free_at(session, lane, now))
    take_until(session, lane, start + step * messages)
    return [start + step * place for place in range(messages)]


def take_until(session: CompanySession, lane: str, moment: datetime) -> None:
    """Who asks from now on when the lane is free is told that moment. Ask yourself first, in the same transaction."""
    session.core.execute(update(_LANE).where(_LANE.c.name == lane).values(free_at=moment))


def _insert_lane(session: CompanySession) -> Any:
    return insert_of(session.core.dialect.name)(_LANE)


def free_at(session: CompanySession, lane: str, now: datetime) -> datetime:
    """When the lane is free, and nobody else's fan-out gets onto it before this transaction ends."""
    session.core.execute(_insert_lane(session).on_conflict_do_nothing(), {"name": lane})
    query = select(_LANE.c.free_at).where(_LANE.c.name == lane).with_for_update()
    return session.core.execute(query).scalar() or now


def park(session: CompanySession, lane: str, until: datetime) -> None:
    """Nobody sends on `lane` before `until`: the platform said so. Of several such words the latest moment counts."""
    insert = _insert_lane(session)
    told = insert.excluded.parked_until
    later = case((_LANE.c.parked_until > told, _LANE.c.parked_until), else_=told)
    statement = insert.on_conflict_do_update(index_elements=["name"], set_={"parked_until": later})
    session.core.execute(statement, {"name": lane, "parked_until": until})


_NOW = bindparam("now", type_=UTCDateTime())
_PARKED = Prepared(
    lambda _: select(_LANE.c.name, _LANE.c.parked_until).where(_LANE.c.parked_until > _NOW), installation=True
)


def parked(session: CompanySession, now: datetime) -> dict[str, datetime]:
    """The lanes that are parked now, and until when; an installation's question."""
    return dict(_PARKED.all(session, now=now))
