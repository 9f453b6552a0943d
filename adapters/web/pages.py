"""The pages that people open in a browser: their account, a new address, and what is said of privacy and terms."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import structlog
from aiohttp import web
from sqlalchemy.exc import OperationalError

from adapters.web import guard, html
from adapters.web.html import Words
from bot import account_links, account_page, addresses, consents, eligibility, hepburn, prompts, texts, visibility
from bot.account_page import Entered, Faulty, Kept, Opened
from bot.addresses import Confirming
from bot.cards import Card
from bot.clock import Clock
from bot.dispatch import DEADLOCKS
from bot.prompts import LOCALES
from storage.db import CompanySession, Database, Wait, was_deadlocked
from storage.tables import Company, ConsentPurpose

log = structlog.get_logger()

T = TypeVar("T")
LARGEST = 256 * 1024
"""Bytes of a form that is sent. The longest one that is right has less than half of that."""
MOST_FIELDS = 200
_SHARED = ("required", "too_long", "not_an_email", "too_many_skills")
"""Sentences that forms in conversations have too; those of the page alone are in web/account."""
_TEXTS = ("privacy", "terms")


@dataclass(frozen=True, slots=True)
class Pages:
    """`slack`, `teams`: which of them is configured; `letters`: mail is, and leads back here. `woken` is called when
    something may have become due."""

    database: Database
    threads: Executor
    clock: Clock
    woken: Callable[[], None]
    public_url: str = ""
    slack_join_url: str = ""
    slack: bool = True
    teams: bool = True
    letters: bool = False


def routes(pages: Pages) -> list[web.RouteDef]:
    account, address = _AccountPage(pages), _AddressPage(pages)
    guarded = partial(guard.guarded, https=urlsplit(pages.public_url).scheme == "https")
    return [
        web.get("/account/{token}", guarded(account.show)),
        web.post("/account/{token}", guarded(account.take)),
        web.get("/address/{token}", guarded(address.show)),
        web.post("/address/{token}", guarded(address.take)),
        *(web.get(f"/{name}", guarded(partial(_text, name))) for name in _TEXTS),
        web.get("/eligibility/{name}", guarded(_EligibilityPage(pages).show)),
        web.get(r"/gigs/{number:[1-9]\d{0,17}}", guarded(_gig)),
        web.get("/pages.css", guarded(_style)),
    ]


async def _style(_request: web.Request) -> web.Response:
    return web.Response(
        text=html.STYLE.read_text(encoding="utf-8"),
        content_type="text/css",
        headers={"Cache-Control": "public, max-age=3600"},
    )


async def _text(name: str, request: web.Request) -> web.Response:
    locale = _locale(request)
    card = prompts.card(f"web/{name}", locale, {}, lambda _: ())
    others = [other for other in _TEXTS if other != name]
    return _page("text", Words("web/site", locale), title=card.title, card=card, others=others)


async def _gig(request: web.Request) -> web.Response:
    """One and the same page for whatever number: it looks nothing up, and so tells nothing."""
    return _notice("gig", _locale(request), 200)


def _locale(request: web.BaseRequest) -> str:
    """The language of the switch, else the first of the browser's that is ours."""
    return prompts.locale_for(request.query.get("lang"), *html.wished(request))


def _page(
    template: str, say: Words, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> web.Response:
    text = html.page(template, say, **values)
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=headers)


class _EligibilityPage:
    """Whom a company invites, for everybody who has the link: it names nobody."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._misses = guard.Misses()

    async def show(self, request: web.Request) -> web.Response:
        locale, address = _locale(request), guard.address_of(request)
        if wait := self._misses.wait(address):
            return _notice("too_often", locale, 429, {"Retry-After": str(wait)})
        name = request.match_info["name"]
        asked = partial(self._card, name, locale)
        card = await asyncio.get_running_loop().run_in_executor(self._pages.threads, asked)
        if card is None:
            self._misses.add(address)
            return _notice("gone", locale, 404)
        return _page("eligibility", Words("web/site", locale), title=card.title, card=card)

    def _card(self, name: str, locale: str) -> Card | None:
        company_id = eligibility.company_in(name)
        if not company_id:
            return None
        with self._pages.database.company(company_id, wait=Wait.TURN) as session:
            there = session.get(Company, company_id) is not None
            return eligibility.page(session, name, locale) if there else None


class _Linked:
    """A page that a link with a token opens."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._proof = guard.Proof()
        self._misses = guard.Misses()

    def _asks_too_often(self, request: web.Request) -> web.Response | None:
        wait = self._misses.wait(guard.address_of(request))
        return _notice("too_often", _locale(request), 429, {"Retry-After": str(wait)}) if wait else None

    def _gone(self, request: web.Request, token: str) -> web.Response:
        """One and the same page for a link that never was, is over or was used: it tells nothing about people."""
        self._misses.add(guard.address_of(request))
        return _notice("gone", _locale(request), 404 if account_links.company_in(token) is None else 410)

    async def _ask(
        self, token: str, question: Callable[[CompanySession, str, Any], T], *, wait: Wait = Wait.DISK
    ) -> T | None:
        company_id = account_links.company_in(token)
        if company_id is None:
            return None

        def asked() -> T:
            for _ in range(DEADLOCKS):
                try:
                    return once()
                except OperationalError as error:
                    if not was_deadlocked(error):
                        raise
            return once()

        def once() -> T:
            with self._pages.database.company(company_id, wait=wait) as session:
                return question(session, token, self._pages.clock())

        return await asyncio.get_running_loop().run_in_executor(self._pages.threads, asked)

    async def _form_of(self, request: web.Request) -> dict[str, list[str]] | web.Response:
        """What was sent; or the answer to what is not taken: too often, from elsewhere, or too much."""
        if refused := self._asks_too_often(request):
            return refused
        if guard.is_from_elsewhere(request, self._pages.public_url):
            return _notice("elsewhere", _locale(request), 403)
        sent = await _sent(request)
        return _notice("too_large", _locale(request), sent) if isinstance(sent, int) else sent


class _AccountPage(_Linked):
    async def show(self, request: web.Request) -> web.Response:
        if refused := self._asks_too_often(request):
            return refused
        token = request.match_info["token"]
        opened = await self._ask(token, account_page.look, wait=Wait.TURN)
        if opened is None:
            return self._gone(request, token)
        locale = prompts.locale_for(request.query.get("lang"), opened.entered.locale)
        return self._form(token, opened, replace(opened.entered, locale=locale))

    async def take(self, request: web.Request) -> web.Response:
        sent = await self._form_of(request)
        if isinstance(sent, web.Response):
            return sent
        token = request.match_info["token"]
        entered = _entered(sent)
        do = sent.get("do", ["save"])[0]
        proven = self._proof.holds(sent.get("proof", [""])[0], token)
        if do != "save" or not proven:
            return await self._again(request, token, entered, do if proven else "prove")
        result = await self._ask(token, partial(_send, entered=entered, letters=self._pages.letters))
        match result:
            case Kept():
                self._pages.woken()
                return self._done(result)
            case Faulty(opened, faults):
                return self._form(token, opened, entered, faults, status=422)
            case None:
                return self._gone(request, token)

    async def _again(self, request: web.Request, token: str, entered: Entered, do: str) -> web.Response:
        """The form once more with what was typed, changed as the pressed button says."""
        opened = await self._ask(token, account_page.look, wait=Wait.TURN)
        if opened is None:
            return self._gone(request, token)
        if do == "prove":
            return self._form(token, opened, entered, notice="send_again", status=403)
        if do.startswith("lang:"):
            entered = replace(entered, locale=prompts.locale_for(do.removeprefix("lang:")))
            return self._form(token, opened, entered)
        if do == "romaji":
            proposed = hepburn.proposed(texts.cleaned(entered.texts.get("reading", "")))
            notice = "" if proposed else "no_romaji"
            typed = {**entered.texts, "romaji": proposed or entered.texts.get("romaji", "")}
            return self._form(token, opened, replace(entered, texts=typed), notice=notice, at="romaji")
        return self._form(token, opened, entered, room=account_page.ROOM * 2, at="skills")

    def _form(
        self,
        token: str,
        opened: Opened,
        entered: Entered,
        faults: Mapping[str, str] | None = None,
        *,
        notice: str = "",
        at: str = "",
        room: int = account_page.ROOM,
        status: int = 200,
    ) -> web.Response:
        say = Words("web/account", entered.locale, company=opened.company.name, name=opened.name)
        limits = {question.name: question.max_length for question in account_page.QUESTIONS}
        typed = [skill for skill in entered.skills if skill.strip()]
        audiences = {name: rule.usual.value for name, rule in visibility.FIELDS.items()}
        return _page(
            "account",
            say,
            status,
            title=say("title"),
            opened=opened,
            typed=dict.fromkeys(limits, "") | dict(entered.texts),
            limits=limits,
            faults={name: _fault(key, say, name, limits.get(name, 0)) for name, key in (faults or {}).items()},
            purposes=[(p, consents.text(p, entered.locale, opened.company.name)) for p in ConsentPurpose],
            agreed=entered.consents,
            audiences=audiences | dict(opened.entered.audiences) | dict(entered.audiences),
            choices={name: account_page.choices(name) for name in visibility.FIELDS},
            skills=[*typed, *[""] * room],
            last_day=html.day(opened.last_day, entered.locale) if opened.last_day else "",
            proof=self._proof.of(token),
            notice=notice,
            at=at,
        )

    def _done(self, kept: Kept) -> web.Response:
        pages = self._pages
        locale = kept.locale
        say = Words("web/done", locale, company=kept.company.name, name=kept.name)
        return _page(
            "done",
            say,
            409 if kept.again else 200,
            title=say("title_again" if kept.again else "title_joining" if kept.newcomer else "title_saved"),
            kept=kept,
            until=html.moment(kept.until, locale, kept.company.timezone) if kept.until else "",
            opens_on=html.day(kept.opens_on, locale) if kept.opens_on else "",
            slack=pages.slack,
            teams=pages.teams,
            slack_join_url=pages.slack_join_url,
        )


class _AddressPage(_Linked):
    """What a letter to a new address leads to. Looking at it, as link previews do, uses nothing up."""

    async def show(self, request: web.Request) -> web.Response:
        if refused := self._asks_too_often(request):
            return refused
        token = request.match_info["token"]
        found = await self._ask(token, addresses.look, wait=Wait.TURN)
        return self._shown(request, token, found, "asked") if found is not None else self._gone(request, token)

    async def take(self, request: web.Request) -> web.Response:
        sent = await self._form_of(request)
        if isinstance(sent, web.Response):
            return sent
        token = request.match_info["token"]
        if not self._proof.holds(sent.get("proof", [""])[0], token):
            return await self.show(request)
        found = await self._ask(token, addresses.confirm)
        if found is None:
            return self._gone(request, token)
        return self._shown(request, token, found, "taken" if found.taken else "confirmed", 409 if found.taken else 200)

    def _shown(self, request: web.Request, token: str, found: Confirming, what: str, status: int = 200) -> web.Response:
        locale = prompts.locale_for(request.query.get("lang"), found.locale)
        say = Words("web/address", locale, company=found.company.name, email=found.email)
        proof = self._proof.of(token) if what == "asked" else ""
        return _page("address", say, status, title=say(f"title_{what}"), what=what, proof=proof)


def _send(
    session: CompanySession, token: str, now: datetime, *, entered: Entered, letters: bool
) -> Kept | Faulty | None:
    return account_page.send(session, token, entered, now, letters=letters)


def _notice(name: str, locale: str, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    say = Words("web/site", locale)
    return _page("notice", say, status, headers, title=say(f"{name}_title"), name=name)


def _fault(key: str, say: Words, name: str, limit: int) -> str:
    return prompts.fault(key, say.locale, say(f"label_{name}"), limit) if key in _SHARED else say(key)


async def _sent(request: web.Request) -> dict[str, list[str]] | int:
    """The form's fields, or the status with which it is refused."""
    if request.content_type != "application/x-www-form-urlencoded":
        return 415
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST:
            return 413
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return 413
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _entered(sent: Mapping[str, list[str]]) -> Entered:
    locale = sent.get("locale", [""])[0]
    return Entered(
        texts={question.name: sent.get(question.name, [""])[0] for question in account_page.QUESTIONS},
        consents=frozenset(sent.get("consent", ())),
        audiences={name: sent[f"see.{name}"][0] for name in visibility.FIELDS if f"see.{name}" in sent},
        skills=tuple(sent.get("skill", ())),
        locale=locale if locale in LOCALES else prompts.DEFAULT_LOCALE,
    )
