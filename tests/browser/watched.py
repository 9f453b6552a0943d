"""Pages under watch: every request, every word on the console, every dialog and every refusal of the policy."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    async_playwright,
    expect,
)

PATIENCE = 30_000
"""Milliseconds for what is to be seen: a busy machine is no slow page."""
DESKTOP = (1280, 800)
PHONE = (390, 844)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REFUSALS = "addEventListener('securitypolicyviolation', e => console.error('refused by the policy: ' + e.blockedURI))"


@dataclass
class Opener:
    """Opens pages in one browser and notes what goes wrong in them. `forgiven` are parts of console messages that a
    test brings about itself, such as a connection it cuts."""

    browser: Browser
    troubles: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def open(
        self,
        url: str,
        *,
        size: tuple[int, int] = DESKTOP,
        theme: Literal["light", "dark"] = "light",
        zone: str = "Asia/Tokyo",
        ready: str = "body[data-ready]",
        **more: Any,
    ) -> Page:
        """The page at `url`, once it is usable: `ready` is there."""
        self.origins.add(_origin(url))
        width, height = size
        context = await self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, timezone_id=zone, locale="ja-JP", **more
        )
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        self.contexts.append(context)
        await context.add_init_script(REFUSALS)
        page = await context.new_page()
        self._watch(page)
        await page.goto(url)
        await page.wait_for_selector(ready)
        return page

    async def close(self) -> None:
        for context in self.contexts:
            await context.close()

    def nothing_went_wrong(self) -> None:
        """Fails the test with everything that happened and must not."""
        found = [one for one in self.troubles if not any(part in one for part in self.forgiven)]
        assert not found, "\n".join(found)

    def _watch(self, page: Page) -> None:
        def requested(request: Request) -> None:
            if _origin(request.url) not in self.origins and not request.url.startswith("data:"):
                self.troubles.append(f"left the page: {request.url}")

        def spoke(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.troubles.append(f"console: {message.text}")

        async def asked(dialog: Dialog) -> None:
            self.troubles.append(f"dialog: {dialog.message}")
            await dialog.dismiss()

        page.on("request", requested)
        page.on("console", spoke)
        page.on("dialog", asked)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error.message}\n{error.stack}"))
        page.on("popup", lambda popup: self.troubles.append(f"popup: {popup.url}"))


@asynccontextmanager
async def launched(chromium: str) -> AsyncIterator[Browser]:
    """A Chromium that does nothing of its own accord."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()


async def look(page: Page, name: str, *, whole: bool = True) -> None:
    """Where somebody wants to look at the pages: PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=whole)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
