"""Attendance as a picture: bars drawn with Pillow in the font that is in the tree, so that Japanese needs none of the
machine's."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import lru_cache, partial
from io import BytesIO
from urllib.parse import urlsplit

from aiohttp import web
from PIL import Image, ImageDraw, ImageFont

from adapters.web import guard, html
from bot import attendance, prompts
from bot.attendance import Bar, Counted
from bot.clock import Clock
from storage.db import Database

FONT = html.ROOT / "fonts" / "BIZUDPGothic-Regular.ttf"
WIDTH, MARGIN, LABELS, NUMBERS, LINE = 960, 32, 300, 110, 44
"""Pixels."""
PAPER, INK, QUIET, CAME, EXPECTED = "#ffffff", "#25222b", "#5b5666", "#6b2d8c", "#d9cbe3"


class Charts:
    """Serves `/attendance/{token}.png` from `database`, in `threads`."""

    def __init__(self, database: Database, threads: Executor, now: Clock, *, public_url: str = "") -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._https = urlsplit(public_url).scheme == "https"

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/attendance/{token}.png", guard.guarded(self._serve, https=self._https))]

    async def _serve(self, request: web.Request) -> web.Response:
        drawing = partial(self._draw, request.match_info["token"])
        body = await asyncio.get_running_loop().run_in_executor(self._threads, drawing)
        if body is None:
            return web.Response(status=404)
        headers = {"Cross-Origin-Resource-Policy": "cross-origin"}  # it stands in messages
        return web.Response(body=body, content_type="image/png", headers=headers)

    def _draw(self, token: str) -> bytes | None:
        company_id = attendance.company_in(token)
        if company_id is None:
            return None
        with self._database.company(company_id) as session:
            found = attendance.opened(session, token, self._now())
        return png(*found) if found is not None else None


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def png(told: Counted, locale: str) -> bytes:
    """Both tables below each other: how many came, of how many who were expected."""
    tables = [("by_year", told.years), ("by_department", told.departments)]
    height = MARGIN * 2 + LINE + sum(LINE * (len(bars) + 2) for _, bars in tables)
    image = Image.new("RGB", (WIDTH, height), PAPER)
    draw, top = ImageDraw.Draw(image), MARGIN
    _legend(draw, top, locale)
    top += LINE
    for name, bars in tables:
        draw.text((MARGIN, top + LINE / 2), _say(locale, name), INK, _font(26), anchor="lm")
        top = _bars(draw, top + LINE, bars) + LINE
    drawn = BytesIO()
    image.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def _say(locale: str, block: str) -> str:
    return prompts.phrase("attendance_words", locale, block)


def _legend(draw: ImageDraw.ImageDraw, top: int, locale: str) -> None:
    left = MARGIN
    for colour, name in ((CAME, "came"), (EXPECTED, "expected")):
        draw.rectangle((left, top + 12, left + 20, top + 32), colour)
        words = _say(locale, name)
        draw.text((left + 30, top + 22), words, QUIET, _font(20), anchor="lm")
        left += 70 + int(draw.textlength(words, _font(20)))


def _bars(draw: ImageDraw.ImageDraw, top: int, bars: Sequence[Bar]) -> int:
    """Returns where the next thing may stand."""
    start, room = MARGIN + LABELS, WIDTH - 2 * MARGIN - LABELS - NUMBERS
    most = max((bar.expected for bar in bars), default=1)
    for bar in bars:
        middle = top + LINE // 2
        draw.text((start - 16, middle), _fitting(draw, bar.label), INK, _font(22), anchor="rm")
        for number, colour in ((bar.expected, EXPECTED), (bar.came, CAME)):
            if number:
                draw.rectangle((start, middle - 14, start + room * number / most, middle + 14), colour)
        at = start + room * bar.expected / most + 12
        draw.text((at, middle), f"{bar.came} / {bar.expected}", INK, _font(20), anchor="lm")
        top += LINE
    return top


def _fitting(draw: ImageDraw.ImageDraw, label: str) -> str:
    """As much of the label as there is room for."""
    font, room = _font(22), LABELS - 16
    if draw.textlength(label, font) <= room:
        return label
    while label and draw.textlength(f"{label}…", font) > room:
        label = label[:-1]
    return f"{label}…"
