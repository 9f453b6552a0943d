"""The practice world's lives: it begins, is watched, and with a reset ends and begins anew."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass

from sandbox.page.acts import NotDone
from sandbox.page.behind import Behind
from sandbox.page.changes import Changes
from sandbox.page.marks import Marks
from sandbox.page.slack_side import SlackSide
from sandbox.page.teams_side import TeamsSide
from sandbox.page.trouble import Trouble
from sandbox.page.world import World
from sandbox.story import Guide

BEGINS_WITHIN = 30
"""Seconds that whoever asks waits for a world to begin."""
LOOK_EVERY = 0.5
"""Seconds between two looks at how much waits to be sent."""

MakeWorld = Callable[[], AbstractAsyncContextManager[World]]


@dataclass(frozen=True, slots=True)
class Life:
    """A world, and what the page keeps of it until the next reset."""

    world: World
    slack: SlackSide
    teams: TeamsSide
    behind: Behind
    trouble: Trouble
    guide: Guide


class Lives:
    """One life at a time. What happens in it is told to `changes`."""

    def __init__(self, make_world: MakeWorld, changes: Changes) -> None:
        self._make_world = make_world
        self._changes = changes
        self._now: Life | None = None
        self._open = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._begun = asyncio.Event()
        self.is_waited_for = False
        """Set by whoever told a page that messages wait: it is to hear when they do not any more."""

    @property
    def now(self) -> Life:
        """The life of the moment. Raises NotDone between two."""
        if self._now is None:
            raise NotDone("resetting")
        return self._now

    async def wait(self) -> None:
        """Returns when there is one. Raises TimeoutError after BEGINS_WITHIN seconds."""
        async with asyncio.timeout(BEGINS_WITHIN):
            await self._begun.wait()

    async def begin(self) -> None:
        """End the one there is, and begin another."""
        async with self._turn:
            await self.end()
            async with AsyncExitStack() as stack:
                world = await stack.enter_async_context(self._make_world())
                self._now = self._around(world)
                watches = (self._watch_slack, self._watch_teams, self._watch_mail, self._watch_queue)
                for watch in watches:
                    stack.callback(asyncio.create_task(watch(world)).cancel)
                self._open = stack.pop_all()
            self._begun.set()
        self._changes.tell("reset")

    async def end(self) -> None:
        self._begun.clear()
        self._now = None
        await self._open.aclose()

    def _around(self, world: World) -> Life:
        slack, teams, marks = world.stage.slack, world.stage.teams, Marks()
        return Life(
            world,
            SlackSide(slack, marks, {one["command"] for one in world.slack_commands}),
            TeamsSide(teams, marks),
            Behind(slack, teams, world.backstage, marks),
            Trouble(slack, teams),
            Guide(world.stage),
        )

    async def _watch_slack(self, world: World) -> None:
        queue = world.stage.slack.workspace.subscribe()
        while True:
            change = await queue.get()
            self._changes.tell("calls" if change.kind == "call" else "slack")

    async def _watch_teams(self, world: World) -> None:
        with world.stage.teams.tenant.subscribe() as changes:
            async for change in changes:
                self._changes.tell("calls" if change.kind == "request" else "teams")

    async def _watch_mail(self, world: World) -> None:
        queue = world.stage.mail.mailboxes.subscribe()
        while True:
            await queue.get()
            self._changes.tell("mail")

    async def _watch_queue(self, world: World) -> None:
        """What waits in the product's own ledger rings no bell."""
        before = 0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            waiting = await world.backstage.waiting()
            if waiting != before or self.is_waited_for:
                self.is_waited_for = False
                self._changes.tell("faults")
            before = waiting
