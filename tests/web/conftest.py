"""The pages as a browser meets them: the running product on a port, and a person who got a link."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest
from sqlmodel import select

from adapters.service import Service
from adapters.settings import Settings
from bot import account_links, codes, companies, directory, enrolment
from sandbox.clock import PracticeClock
from storage.db import Database
from storage.tables import Person, PersonState, Role

COMPANY = "東都製作所"
PUBLIC_URL = "https://alumni.example.com"


class _Form(HTMLParser):
    """What a browser would send of the page's form, untouched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.checked: list[str] = []
        self.faulty: list[str] = []
        self._select = ""
        self.options: dict[str, list[str]] = {}
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" or any(name.startswith("on") for name in given) or "style" in given:
            self.scripts += 1
        if given.get("aria-invalid") == "true":
            self.faulty.append(given.get("id") or given["name"])
        if tag == "input":
            ticked = given.get("type") != "checkbox" or "checked" in given
            if given.get("type") == "checkbox" and ticked:
                self.checked.append(given["value"])
            if ticked:
                self.fields.append((given["name"], given["value"]))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select:
            self.options.setdefault(self._select, []).append(given["value"])
            if "selected" in given:
                self.fields.append((self._select, given["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


@dataclass
class Answer:
    status: int
    text: str
    headers: Any

    @property
    def form(self) -> _Form:
        return _Form(self.text)

    @property
    def words(self) -> str:
        return unescape(self.text)

    def value(self, name: str) -> str:
        return next(value for field, value in self.form.fields if field == name)

    def values(self, name: str) -> list[str]:
        return [value for field, value in self.form.fields if field == name]


@dataclass
class Site:
    service: Service
    clock: PracticeClock
    session: aiohttp.ClientSession
    company_id: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.service.port}"

    @property
    def database(self) -> Database:
        return self.service.database

    def now(self) -> datetime:
        return self.clock.now()

    def person(self, **given: Any) -> int:
        """Somebody whom HR has invited."""
        values: dict[str, Any] = {
            "name": "山田 太郎",
            "email": "taro@example.com",
            "role": Role.ALUMNUS,
            "state": PersonState.INVITED,
            "locale": "ja",
        }
        with self.database.company(self.company_id) as session:
            person = Person(**{**values, **given})
            session.add(person)
            session.flush()
            return person.id or 0

    def member(self, name: str, *skills: str, email: str = "") -> int:
        with self.database.company(self.company_id) as session:
            person = enrolment.admit(session, name, Role.ALUMNUS, "ja", self.now(), email=email)
            directory.keep_skills(session, person, skills)
            return person.id or 0

    def token(self, person_id: int, lifetime: timedelta = account_links.LIFETIME) -> str:
        with self.database.company(self.company_id) as session:
            return account_links.issue(session, person_id, self.now(), lifetime)

    def stored(self, person_id: int) -> Person:
        with self.database.company(self.company_id) as session:
            return session.get_one(Person, person_id)

    def rows(self, model: Any, **where: Any) -> list[Any]:
        with self.database.company(self.company_id) as session:
            query = select(model).where(*(getattr(model, name) == value for name, value in where.items()))
            return list(session.exec(query).all())

    async def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        async with self.session.request(method, self.url + path, headers=headers, allow_redirects=False) as response:
            return Answer(response.status, await response.text(), response.headers)

    async def open(self, token: str, **headers: str) -> Answer:
        return await self.get(f"/account/{token}", **headers)

    async def post(self, token: str, fields: Any, **headers: str) -> Answer:
        said = {"Origin": "null", "Sec-Fetch-Site": "same-origin"} | headers
        url = f"{self.url}/account/{token}"
        async with self.session.post(url, data=fields, headers={k: v for k, v in said.items() if v}) as response:
            return Answer(response.status, await response.text(), response.headers)

    async def filled(self, token: str, **changes: str | list[str]) -> list[tuple[str, str]]:
        """The page's form with the two needed consents and `changes`; a list takes the place of all of a name."""
        opened = await self.open(token)
        assert opened.status == 200, opened.text
        return changed(opened, **{"consent": ["contact", "directory"], **changes})


def changed(page: Answer, **changes: str | list[str]) -> list[tuple[str, str]]:
    names = {name.replace("__", "."): value for name, value in changes.items()}
    kept = [(name, value) for name, value in page.form.fields if name not in names]
    for name, value in names.items():
        kept += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    return [*kept, *([] if "do" in names else [("do", "save")])]


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        port=0,
        teams_auth="disabled",
        public_url=PUBLIC_URL,
        slack_join_url="https://join.slack.com/t/example/shared_invite/abc",
    )


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    clock = PracticeClock()
    service = Service(settings, now=clock.now)
    code = companies.create(service.database, COMPANY, "ja", "Asia/Tokyo", clock.now())
    await service.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Site(service, clock, session, codes.company_in(code) or 0)
    finally:
        await service.stop()
