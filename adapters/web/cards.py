"""A business card behind its link: the page with its QR code, the code as a picture, and the file for address books."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from io import BytesIO
from urllib.parse import quote, urlsplit

import segno
from aiohttp import web
from markupsafe import Markup

from adapters.web import guard, html
from adapters.web.html import Words
from bot import business_cards, card_links, prompts
from bot.business_cards import OpenedCard
from bot.clock import Clock
from storage.db import Database

SCALE = 6
"""Pixels of a QR code's module."""
SHOWN = ("reading", "works_at", "works_as", "email", "city")

Answer = Callable[[str, OpenedCard], web.Response]


class Cards:
    """Serves `/cards/{token}` from `database`, in `threads`."""

    def __init__(self, database: Database, threads: Executor, now: Clock, *, public_url: str = "") -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._https = urlsplit(public_url).scheme == "https"

    def routes(self) -> list[web.RouteDef]:
        below = {"": _page, business_cards.PICTURE: _picture, business_cards.FILE: _file}
        guarded = partial(guard.guarded, https=self._https)
        return [web.get(f"/cards/{{token}}{end}", guarded(partial(self._serve, make))) for end, make in below.items()]

    async def _serve(self, make: Answer, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        card = await asyncio.get_running_loop().run_in_executor(self._threads, self._open, token)
        return _gone(request) if card is None else make(token, card)

    def _open(self, token: str) -> OpenedCard | None:
        company_id = card_links.company_in(token)
        if company_id is None:
            return None
        with self._database.company(company_id) as session:
            return business_cards.opened(session, token, self._now())


def code(card: OpenedCard) -> segno.QRCode:
    """Bytes of UTF-8 without a mark of that, which not every reader knows; in kana and kanji they all guess it."""
    return segno.make_qr(card.scanned, mode="byte", encoding="utf-8", error="m", boost_error=False)


def _page(token: str, card: OpenedCard) -> web.Response:
    say = Words("web/card", card.locale, name=card.person.name)
    drawn = code(card).svg_inline(scale=SCALE, dark="#000", light="#fff", omitsize=True)
    text = html.page(
        "card",
        say,
        title=say("title"),
        lines=[(say(field), getattr(card.person, field)) for field in SHOWN if getattr(card.person, field)],
        qr=Markup(drawn),  # made of the code's modules alone
        own=card.person.own,
        file=f"{token}{business_cards.FILE}",
        until=html.moment(card.until, card.locale, card.company.timezone),
    )
    return web.Response(text=text, content_type="text/html", charset="utf-8")


def _picture(_token: str, card: OpenedCard) -> web.Response:
    drawn = BytesIO()
    code(card).save(drawn, kind="png", scale=SCALE)
    headers = {"Cross-Origin-Resource-Policy": "cross-origin"}  # it stands in messages
    return web.Response(body=drawn.getvalue(), content_type="image/png", headers=headers)


def _file(_token: str, card: OpenedCard) -> web.Response:
    named = f"attachment; filename=\"card.vcf\"; filename*=UTF-8''{quote(card.person.name, safe='')}.vcf"
    body = card.file.encode()
    return web.Response(body=body, content_type="text/vcard", charset="utf-8", headers={"Content-Disposition": named})


def _gone(request: web.Request) -> web.Response:
    """The same page for whatever is wrong with a link."""
    say = Words("web/card", prompts.locale_for(*html.wished(request)))
    text = html.page("notice", say, title=say("gone_title"), name="gone")
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=404)
