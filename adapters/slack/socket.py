"""Socket Mode: Slack's events without an address of our own."""

import asyncio
import time
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

# Slack sends something over a living socket far more often, if only its notice to reconnect.
SOCKET_SILENCE = 30 * 60.0
SOCKET_CHECK = 30.0

log = structlog.get_logger(__name__)


class Socket:
    """A Socket Mode connection, renewed after a long silence: one can stay open and deliver nothing."""

    def __init__(self, bolt: AsyncApp, app_token: str) -> None:
        client = AsyncWebClient(base_url=bolt.client.base_url, timeout=10, retry_handlers=[])
        self._handler = AsyncSocketModeHandler(bolt, app_token, logger=bolt.logger, web_client=client)
        self._handler.client.on_message_listeners.append(self._heard)
        self._last = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    @property
    def silent_for(self) -> float:
        """Seconds since Slack last sent anything."""
        return time.monotonic() - self._last

    def start(self) -> None:
        self._task = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._handler.close_async()

    async def _stay(self) -> None:
        await self._handler.connect_async()
        while True:
            await asyncio.sleep(SOCKET_CHECK)
            if self.silent_for > SOCKET_SILENCE:
                log.warning("slack_socket_silent", seconds=round(self.silent_for))
                self._last = time.monotonic()
                await self._handler.client.connect_to_new_endpoint(force=True)

    async def _heard(self, _: Any) -> None:
        self._last = time.monotonic()
