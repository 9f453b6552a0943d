"""Messages to many, spread over the lanes that they take."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from bot.ports import Pace
from storage import circulars, lanes, ledger
from storage.circulars import Circular, Recipients
from storage.db import CompanySession
from storage.ledger import Draft

SLOW = 60.0
"""Messages a minute for a platform that cannot be spoken to at the moment."""


def rate(paces: Mapping[str, Pace], platform: str) -> float:
    """Messages a minute."""
    return paces[platform].sends_per_minute if platform in paces else SLOW


def write(session: CompanySession, drafts: Sequence[Draft], paces: Mapping[str, Pace], now: datetime) -> None:
    """Those that were chosen one by one: each leaves when its lane has room for it."""
    for (platform, workspace), lane in groupby(sorted(drafts, key=_lane), key=_lane):
        written = list(lane)
        moments = lanes.reserve(session, platform, workspace, len(written), now, rate(paces, platform))
        ledger.enqueue_at(session, list(zip(written, moments, strict=True)), now)


def circulate(
    session: CompanySession, to: Recipients, circular: Circular, paces: Mapping[str, Pace], now: datetime
) -> int:
    """One message to whomever a query finds, as `circulars.fan_out`; to how many is what it returns."""
    rates = {platform: pace.sends_per_minute for platform, pace in paces.items()}
    return circulars.fan_out(session, to, circular, now, rates)


def _lane(draft: Draft) -> tuple[str, str]:
    return draft.platform, draft.workspace
