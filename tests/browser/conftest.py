"""A browser for the tests of the practice page, in which nothing that should not happen goes unnoticed."""

import importlib.util
import shutil
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.browser.stand_in import StandIn

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.browser.watched import Opener

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator["Browser"]:
    """One Chromium for all tests of a worker: starting it takes longer than most of them."""
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed: make setup brings it")
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine: bash .ci/run installs it, or apt-get install chromium")
    from tests.browser.watched import launched

    async with launched(CHROMIUM) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def opener(browser: "Browser") -> AsyncIterator["Opener"]:
    """Opens pages, and fails the test when one of them did something that it must not."""
    from tests.browser.watched import Opener

    opened = Opener(browser)
    try:
        yield opened
    finally:
        await opened.close()
    opened.nothing_went_wrong()


@pytest_asyncio.fixture(loop_scope="session")
async def stand_in() -> AsyncIterator[StandIn]:
    async with StandIn().served() as served:
        yield served
