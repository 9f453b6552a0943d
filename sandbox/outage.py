"""A platform that is down: nobody listens at its address, and whoever was connected is cut off."""

import asyncio

from aiohttp import web

_AT_MOST = 0.1
"""Seconds in which a request that is being answered may end."""
_NOTICED = 0.02
"""Seconds until whoever was connected knows: what they send before that is lost with the connection."""


class Listening:
    """Where a practice server listens; it can go down, and come back to the same address."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._runner: web.BaseRunner | None = None

    async def start(self, runner: web.BaseRunner) -> None:
        """Listen for a runner that is set up; port 0 becomes the one that the system chose."""
        self._runner = runner
        await web.TCPSite(runner, self.host, self.port, backlog=1024).start()
        self.port = runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def is_down(self) -> bool:
        return self._runner is not None and not self._runner.sites

    async def go_down(self) -> None:
        """Refuse every connection from now on, and cut those there are."""
        if self._runner is None or self.is_down:
            return
        for site in self._runner.sites:
            await site.stop()
        if self._runner.server is not None:
            await self._runner.server.shutdown(_AT_MOST)
        await asyncio.sleep(_NOTICED)

    async def come_back(self) -> None:
        """Be there again, at the same address."""
        if self._runner is not None and self.is_down:
            await self.start(self._runner)
