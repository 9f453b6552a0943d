"""The reception of an event in a browser: the guest list, the page of a desk that checks people in, and tickets."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import orjson
import segno
from aiohttp import web
from markupsafe import Markup
from sqlalchemy.exc import OperationalError

from adapters.web import guard, html
from adapters.web.html import Words
from bot import clock, events, guest_lists, prompts, receptions, tickets
from bot.clock import Clock
from bot.dispatch import DEADLOCKS
from bot.receptions import Act, Opened, Result, Sheet
from bot.tickets import Ticket
from storage.db import CompanySession, Database, was_deadlocked

T = TypeVar("T")
SCRIPT = html.ROOT / "reception.js"
LARGEST = 64 * 1024
"""Bytes of what a desk sends at once."""
MOST_ACTS = 100
SCALE = 6
"""Pixels of a module of a ticket's QR code."""
_DESK_HEADERS = {
    "Content-Security-Policy": guard.POLICY + "; script-src 'self'; connect-src 'self'",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
_LONGEST_ID = 40
_WORDS = (
    *("check_in", "undo", "arrived_at", "guests", "fewer", "more", "waiting_seat", "offered_seat", "walked_in", "done"),
    *("double", "not_expected", "unknown", "admit", "leave", "waiting_acts", "offline", "over", "no_match"),
    *("scan", "scan_off", "no_camera", "search_walk_in", "walk_in", "nobody", "counts", "unnamed", "close", "queued"),
)
"""Sentences of prompts/*/web/reception.md.j2 that the script says. `{}` in them is what it fills in."""


class Receptions:
    """Serves `/reception/{token}` and `/tickets/{token}` from `database`, in `threads`."""

    def __init__(self, database: Database, threads: Executor, now: Clock, *, public_url: str = "") -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._public_url = public_url
        self._https = urlsplit(public_url).scheme == "https"

    def routes(self) -> list[web.RouteDef]:
        guarded = partial(guard.guarded, https=self._https)
        return [
            web.get("/reception.js", guarded(_script)),
            web.get("/reception/{token}", guarded(self._page)),
            web.get("/reception/{token}/guests.csv", guarded(self._csv)),
            web.get("/reception/{token}/state", guarded(self._state)),
            web.post("/reception/{token}/acts", guarded(self._acts)),
            web.post("/reception/{token}/find", guarded(self._find)),
            web.get("/tickets/{token}", guarded(partial(self._ticket, _ticket_page))),
            web.get(f"/tickets/{{token}}{tickets.PICTURE}", guarded(partial(self._ticket, _ticket_picture))),
        ]

    async def _ask(self, company_id: int | None, question: Callable[[CompanySession], T]) -> T | None:
        def run() -> T | None:
            if company_id is None:
                return None
            for _ in range(DEADLOCKS):
                try:
                    return once(company_id)
                except OperationalError as error:
                    if not was_deadlocked(error):
                        raise
            return once(company_id)

        def once(number: int) -> T:
            with self._database.company(number) as session:
                return question(session)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    async def _look(self, request: web.Request, show: Callable[[CompanySession, Opened], T]) -> T | None:
        """What `show` makes of what the link opens; None where it opens nothing."""
        token = request.match_info["token"]

        def question(session: CompanySession) -> T | None:
            found = receptions.opened(session, token, self._now())
            return show(session, found) if found is not None else None

        return await self._ask(receptions.company_in(token), question)

    async def _page(self, request: web.Request) -> web.Response:
        wished = request.query.get("lang")

        def show(session: CompanySession, found: Opened) -> web.Response:
            locale = prompts.locale_for(wished, found.reader.locale)
            made = _list_page if found.sheet is Sheet.LIST else _desk_page
            return made(session, found, locale, request.match_info["token"], self._now())

        return await self._look(request, show) or _gone(request)

    async def _csv(self, request: web.Request) -> web.Response:
        def show(session: CompanySession, found: Opened) -> web.Response | None:
            if found.sheet is not Sheet.LIST:
                return None
            listed = receptions.guests(session, found, self._now())
            body = guest_lists.as_csv(listed, found.event, found.company, found.reader.locale)
            title = quote(found.event.title, safe="")
            named = f"attachment; filename=\"guests.csv\"; filename*=UTF-8''{title}.csv"
            headers = {"Content-Disposition": named}
            return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)

        return await self._look(request, show) or _gone(request)

    async def _state(self, request: web.Request) -> web.Response:
        """The list as the desk shows it; 204 where it is what `known` says the desk has."""

        def show(session: CompanySession, found: Opened) -> dict[str, Any]:
            return _state(session, found, self._now())

        state = await self._look(request, show)
        if state is None:
            return web.Response(status=410)
        return web.Response(status=204) if state["mark"] == request.query.get("known") else _json(state)

    async def _acts(self, request: web.Request) -> web.Response:
        """What was done at the desk, in order; answers with what became of each, and the list as it is now."""
        told = await self._told(request)
        acts = _acts_of(told) if not isinstance(told, web.Response) else told
        if isinstance(acts, web.Response):
            return acts

        def show(session: CompanySession, found: Opened) -> dict[str, Any]:
            results = [receptions.act(session, found, one, self._now()) for one in acts]
            return {"results": [_result(one, found) for one in results], "state": _state(session, found, self._now())}

        answer = await self._look(request, show)
        return web.Response(status=410) if answer is None else _json(answer)

    async def _find(self, request: web.Request) -> web.Response:
        """Members who are not on the list, for who comes without having signed up."""
        told = await self._told(request)
        if isinstance(told, web.Response):
            return told
        text = told.get("text")
        if not isinstance(text, str):
            return web.Response(status=400)

        def show(session: CompanySession, found: Opened) -> dict[str, Any]:
            there = receptions.walk_ins(session, found, text)
            return {"people": [{"id": number, "name": name} for number, name in there]}

        answer = await self._look(request, show)
        return web.Response(status=410) if answer is None else _json(answer)

    async def _told(self, request: web.Request) -> Mapping[str, Any] | web.Response:
        """The JSON that a desk of ours has sent. The link is all that lets it in: no cookie goes with a request, and
        no form of another site can send JSON."""
        if guard.is_from_elsewhere(request, self._public_url):
            return web.Response(status=403)
        if request.content_type != "application/json":
            return web.Response(status=415)
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > LARGEST:
                return web.Response(status=413)
        try:
            told = orjson.loads(bytes(body))
        except orjson.JSONDecodeError:
            return web.Response(status=400)
        return told if isinstance(told, dict) else web.Response(status=400)

    async def _ticket(self, make: Callable[[Ticket], web.Response], request: web.Request) -> web.Response:
        token = request.match_info["token"]

        def show(session: CompanySession) -> web.Response | None:
            found = tickets.opened(session, token, self._public_url, self._now())
            return make(found) if found is not None else None

        return await self._ask(tickets.company_in(token), show) or _gone(request, "ticket")


async def _script(_request: web.Request) -> web.Response:
    return web.Response(
        text=SCRIPT.read_text(encoding="utf-8"),
        content_type="text/javascript",
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=3600"},
    )


def _json(content: Mapping[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(content), content_type="application/json")


def _html(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=headers)


def _acts_of(told: Mapping[str, Any]) -> list[Act] | web.Response:
    match told:
        case {"acts": [*many]} if len(many) <= MOST_ACTS:
            acts = [_act_of(one) for one in many]
            return web.Response(status=400) if None in acts else [one for one in acts if one is not None]
        case _:
            return web.Response(status=400)


def _act_of(told: Any) -> Act | None:
    match told:
        case {"id": str(key), "do": "in" | "out" | "guests" as do, "ago": int(ago)} if 0 < len(key) <= _LONGEST_ID:
            person, ticket, guests = told.get("person", 0), told.get("ticket", ""), told.get("guests")
        case _:
            return None
    right = type(person) is int and 0 <= person < 2**62 and isinstance(ticket, str) and key.isascii()
    if not right or not (guests is None or (type(guests) is int and 0 <= guests <= receptions.MOST_GUESTS)):
        return None
    since = timedelta(seconds=min(max(ago, 0), int(receptions.LATE.total_seconds())))
    return Act(key, do, person, ticket, guests, since, told.get("walk_in") is True)


def _result(result: Result, found: Opened) -> dict[str, Any]:
    at = _clock(result.at, found) if result.at else ""
    return {"id": result.id, "said": result.said, "person": result.person, "name": result.name, "at": at}


def _clock(moment: datetime, found: Opened) -> str:
    return f"{moment.astimezone(clock.zone(found.event.zone)):%H:%M}"


def _state(session: CompanySession, found: Opened, now: datetime) -> dict[str, Any]:
    listed = receptions.guests(session, found, now)
    told = {
        "guests": [
            {
                "id": guest.id,
                "name": guest.name,
                "reading": guest.reading,
                "sound": guest_lists.sound(guest),
                "seat": guest.seat,
                "guests": guest.guests,
                "at": _clock(guest.arrived_at, found) if guest.arrived_at else "",
                "came": guest.arrived_guests,
            }
            for guest in listed.guests
        ],
        "unnamed": listed.unnamed,
    }
    return {**told, "mark": hashlib.sha256(orjson.dumps(told)).hexdigest()[:16]}


def _desk_page(session: CompanySession, found: Opened, locale: str, token: str, now: datetime) -> web.Response:
    say = Words("web/reception", locale)
    text = html.page(
        "desk",
        say,
        title=found.event.title,
        when=events.when(found.event, locale),
        until=html.moment(found.until, locale, found.event.zone),
        state=orjson.dumps(_state(session, found, now)).decode(),
        words=orjson.dumps({name: say(name) for name in _WORDS}).decode(),
        key=f"{session.company_id}.{found.event.id}",
        here=token,
    )
    return _html(text, headers=_DESK_HEADERS)


def _list_page(session: CompanySession, found: Opened, locale: str, token: str, now: datetime) -> web.Response:
    listed = receptions.guests(session, found, now)
    text = html.page(
        "guests",
        Words("web/reception", locale),
        title=found.event.title,
        when=events.when(found.event, locale),
        listed=listed,
        questions=found.event.questions,
        clock=lambda moment: _clock(moment, found),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        printed=html.moment(now, locale, found.event.zone),
        until=html.moment(found.until, locale, found.event.zone),
        here=token,
    )
    return _html(text)


def _code(ticket: Ticket) -> segno.QRCode:
    return segno.make_qr(ticket.url, error="m", boost_error=False)


def _ticket_page(ticket: Ticket) -> web.Response:
    drawn = _code(ticket).svg_inline(scale=SCALE, dark="#000", light="#fff", omitsize=True)
    text = html.page(
        "ticket",
        Words("web/reception", ticket.locale, name=ticket.name, guests=ticket.guests),
        title=ticket.event.title,
        when=events.when(ticket.event, ticket.locale),
        ticket=ticket,
        qr=Markup(drawn),  # made of the code's modules alone
    )
    return _html(text)


def _ticket_picture(ticket: Ticket) -> web.Response:
    drawn = BytesIO()
    _code(ticket).save(drawn, kind="png", scale=SCALE)
    headers = {"Cross-Origin-Resource-Policy": "cross-origin"}  # it stands in messages
    return web.Response(body=drawn.getvalue(), content_type="image/png", headers=headers)


def _gone(request: web.Request, what: str = "gone") -> web.Response:
    """The same page for whatever is wrong with a link."""
    say = Words("web/reception", prompts.locale_for(*html.wished(request)))
    return _html(html.page("notice", say, title=say(f"{what}_title"), name=what), 404)
