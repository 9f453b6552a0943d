"""A notice of terms behind its link: the page, the same as a PDF, and the two buttons of who was commissioned."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from adapters.web import guard, html, notice_pdf
from adapters.web.html import Words
from bot import commissions, notice_links, notices, prompts
from bot.clock import Clock
from bot.notices import OpenedNotice
from storage import commissions as stored
from storage.db import CompanySession, Database

T = TypeVar("T")


class Notices:
    """Serves `/notices/{token}` from `database`, in `threads`. `woken` is called when there is something to send."""

    def __init__(
        self, database: Database, threads: Executor, now: Clock, woken: Callable[[], None], *, public_url: str = ""
    ) -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._woken = woken
        self._public_url = public_url

    def routes(self) -> list[web.RouteDef]:
        guarded = partial(guard.guarded, https=urlsplit(self._public_url).scheme == "https")
        path = "/notices/{token}"
        return [web.get(path, guarded(self._show)), web.post(path, guarded(self._press))]

    async def _show(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        notice = await self._within(token, lambda session: notices.opened(session, token, self._now()))
        if notice is None:
            return _gone(request)
        locale = prompts.locale_for(request.query.get("lang"), notice.locale)
        if "pdf" not in request.query:
            return _page(token, notice, locale)
        body = await asyncio.to_thread(pdf, notice, locale)
        headers = {"Content-Disposition": f'inline; filename="terms-{notice.commission}-{notice.number}.pdf"'}
        return web.Response(body=body, content_type="application/pdf", headers=headers)

    async def _press(self, request: web.Request) -> web.Response:
        """Pressed twice, the first time counts; what the reader sees afterwards is the page again."""
        if guard.is_from_elsewhere(request, self._public_url):
            return _gone(request, status=403)
        token = request.match_info["token"]
        do = str((await request.post()).get("do", ""))
        if not await self._within(token, lambda session: self._take(session, token, do)):
            return _gone(request)
        self._woken()
        lang = f"?lang={request.query['lang']}" if request.query.get("lang") in prompts.LOCALES else ""
        return web.Response(status=303, headers={"Location": f"{token}{lang}"})

    def _take(self, session: CompanySession, token: str, do: str) -> bool:
        notice = notices.opened(session, token, self._now())
        commission = stored.held(session, notice.commission) if notice and notice.own else None
        if notice is None or commission is None:
            return False
        if do == "received":
            commissions.receive(session, commission, notice.number, self._now())
        elif do == "paper":
            commissions.want_paper(session, commission, self._now())
        return True

    async def _within(self, token: str, ask: Callable[[CompanySession], T]) -> T | None:
        """What the token's company says; None where it names none."""
        company_id = notice_links.company_in(token)

        def run() -> T | None:
            if company_id is None:
                return None
            with self._database.company(company_id) as session:
                return ask(session)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)


def _words(notice: OpenedNotice, locale: str) -> Words:
    at = html.moment(notice.at, locale, notice.company.timezone)
    told = {"company": notice.company.name, "gig": notice.content["gig"], "number": notice.number}
    return Words("web/commission", locale, **told, at=f"{at} ({notice.company.timezone})", digest=notice.digest)


def _opening(say: Words, notice: OpenedNotice) -> str:
    before = notice.content.get("supplements")
    return say("supplement", before=before["number"]) if before else say("opening")


def pdf(notice: OpenedNotice, locale: str) -> bytes:
    """The notice as a document."""
    say = _words(notice, locale)
    return notice_pdf.made(
        say("title"),
        _opening(say, notice),
        tuple((row.label, row.text) for row in notices.rows(notice.content, locale)),
        (say("given"), say("digest"), say("kept")),
        say("unknown", sign=notice_pdf.UNKNOWN),
        locale,
    )


def _page(token: str, notice: OpenedNotice, locale: str) -> web.Response:
    say = _words(notice, locale)

    def moment(name: str) -> str:
        at = getattr(notice, name)
        return say(name, when=html.moment(at, locale, notice.company.timezone)) if at else ""

    text = html.page(
        "commission",
        say,
        title=say("title"),
        opening=_opening(say, notice),
        rows=notices.rows(notice.content, locale),
        notice=notice,
        token=token,
        received=moment("received_at"),
        paper=moment("paper_at"),
        until=html.moment(notice.until, locale, notice.company.timezone),
    )
    return web.Response(text=text, content_type="text/html", charset="utf-8")


def _gone(request: web.Request, status: int = 404) -> web.Response:
    """The same page for whatever is wrong with a link."""
    say = Words("web/commission", prompts.locale_for(*html.wished(request)))
    text = html.page("notice", say, title=say("gone_title"), name="gone")
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status)
