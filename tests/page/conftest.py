"""The practice page before the real product, with few people in it."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import pytest

import demo
from sandbox.page import PracticePage

Json = dict[str, Any]


class Client:
    """Asks the page as its own JavaScript does."""

    def __init__(self, page: PracticePage, http: aiohttp.ClientSession) -> None:
        self.page = page
        self.http = http

    async def get(self, path: str, **query: str) -> Json:
        async with self.http.get(f"{self.page.url}{path}", params=query) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def post(self, path: str, *, status: int = 200, **body: Any) -> Json:
        async with self.http.post(f"{self.page.url}{path}", json=body, headers={"X-Practice": "1"}) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def slack(self, who: str, do: str, **more: Any) -> Json:
        return await self.post("api/slack/act", **{"as": who, "do": do, **more})

    async def teams(self, who: str, do: str, **more: Any) -> Json:
        return await self.post("api/teams/act", **{"as": who, "do": do, **more})

    async def chat(self, platform: str, who: str) -> list[Json]:
        """The messages of the person's conversation with the bot."""
        return (await self.get(f"api/{platform}", **{"as": who}))["conversations"][0]["messages"]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with (
        PracticePage(partial(demo.world, "ja", 12)) as page,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        yield Client(page, http)
