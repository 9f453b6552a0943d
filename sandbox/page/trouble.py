"""Trouble that lasts while its switch is on: a platform down, slow or full, and deliveries twice or out of order."""

from sandbox.faults import Fault, Order, RateLimited, Redeliver, Reorder, Slow
from sandbox.slack import PracticeSlack
from sandbox.teams import PracticeTeams

Json = dict[str, object]

RETRY_AFTER = 3
SLOW_SECONDS = 1.5
"""Less than the 3 s in which a button has to have its effect."""
_LASTING: dict[str, Fault] = {"429": RateLimited(RETRY_AFTER), "slow": Slow(SLOW_SECONDS)}
_BOTH = ("redeliver_everything", "reorder")
NAMES = {
    platform: (f"{platform}_down", *(f"{platform}_{kind}" for kind in _LASTING), *_BOTH)
    for platform in ("slack", "teams")
}


class Trouble:
    def __init__(self, slack: PracticeSlack, teams: PracticeTeams) -> None:
        self._platforms: dict[str, PracticeSlack | PracticeTeams] = {"slack": slack, "teams": teams}
        self._slack, self._teams = slack, teams
        self._orders: dict[str, list[tuple[str, Order]]] = {}
        self._on: set[str] = set()

    def switches(self) -> Json:
        """{slack, teams: [{name, on}]}."""
        return {
            platform: [{"name": name, "on": name in self._on} for name in names] for platform, names in NAMES.items()
        }

    def is_known(self, name: object) -> bool:
        return any(name in names for names in NAMES.values())

    def is_down(self, platform: str) -> bool:
        return f"{platform}_down" in self._on

    async def switch(self, name: str, on: bool) -> None:
        """Turn one on or off; what is so already stays so."""
        if on == (name in self._on):
            return
        (self._on.add if on else self._on.discard)(name)
        platform, _, kind = name.partition("_")
        match name:
            case "slack_down" | "teams_down":
                listening = self._platforms[platform].listening
                await (listening.go_down() if on else listening.come_back())
            case "redeliver_everything":
                self._order(name, tuple(NAMES), Redeliver(1), on)
            case "reorder":
                await self._release() if not on else None
            case _:
                self._order(name, (platform,), _LASTING[kind], on)

    def before_act(self, platform: str) -> None:
        """Somebody is about to do something: out of order means that every other delivery is overtaken."""
        if "reorder" not in self._on:
            return
        holding = self._slack.courier.is_holding if platform == "slack" else self._teams.postman.is_holding
        if not holding:
            self._platforms[platform].faults.order(Reorder())

    def _order(self, name: str, platforms: tuple[str, ...], fault: Fault, on: bool) -> None:
        if on:
            made = [(platform, self._platforms[platform].faults.order(fault, times=None)) for platform in platforms]
            self._orders[name] = made
            return
        for platform, order in self._orders.pop(name, ()):
            self._platforms[platform].faults.withdraw(order)

    async def _release(self) -> None:
        self._teams.postman.release()
        await self._slack.release_held()
