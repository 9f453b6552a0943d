"""One contract, three platforms: each over its adapter, against its practice server."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from adapters.http import Http
from adapters.mail import ids as mail_ids
from adapters.mail import server as mail_server
from adapters.mail.outbound import MailPlatform
from adapters.slack import ids as slack_ids
from adapters.slack.outbound import SlackPlatform
from adapters.teams.ids import Address
from adapters.teams.outbound import TeamsPlatform
from adapters.teams.tokens import TokenSource
from bot.cards import Action, Card, Paragraph, Text
from bot.ports import Message, Platform
from sandbox.faults import Faults, Incoming
from sandbox.mail import PracticeMail
from sandbox.slack import PracticeSlack
from sandbox.teams import PracticeTeams
from tests.conftest import authority_of


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The product runs on both, by operating system."""
    if sys.platform == "win32":
        return {"asyncio": asyncio.new_event_loop}
    import uvloop

    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def card(words: str = "A gig for you") -> Card:
    return Card(words, words[:100], (Paragraph((Text(words),)),), (Action("Ask", "gig.ask", {"gig": "7"}),))


@dataclass
class Stand:
    """A platform under test, how to address a person on it, and what its practice server saw."""

    name: str
    platform: Platform
    faults: Faults
    server: PracticeSlack | PracticeTeams | PracticeMail
    sending: str
    editing: str
    numbers: int = field(default=0)

    def message(self, words: str = "A gig for you", *, to: str = "") -> Message:
        self.numbers += 1
        return Message(self.numbers, to or self.address(), card(words), "en", reference=self.reference())

    def address(self, person: str = "alum1") -> str:
        if isinstance(self.server, PracticeSlack):
            return slack_ids.pack(slack_ids.User(self.server.workspace.team_id, person.upper()))
        if isinstance(self.server, PracticeMail):
            return f"{person}@example.com"
        return Address(self.server.tenant.tenant_id, self.server.tenant.personal(person).id).pack()

    def nowhere(self) -> str:
        if isinstance(self.server, PracticeSlack):
            return slack_ids.pack(slack_ids.Channel(self.server.workspace.team_id, "C0NOWHERE"))
        if isinstance(self.server, PracticeMail):
            return "somebody@nowhere.example"
        return Address(self.server.tenant.tenant_id, "a:1nowhere").pack()

    def reference(self, url: str = "") -> dict[str, Any] | None:
        if not isinstance(self.server, PracticeTeams):
            return None
        return {
            "serviceUrl": url or self.server.service_url,
            "channelId": "msteams",
            "bot": {"id": self.server.tenant.bot_id},
            "conversation": {"conversationType": "personal"},
        }

    def requests(self) -> int:
        """How many requests to send or edit reached the server."""
        if isinstance(self.server, PracticeSlack):
            return len([c for c in self.server.workspace.journal if c.method in (self.sending, self.editing)])
        if isinstance(self.server, PracticeMail):
            return len(self.server.commands("DATA"))
        return len([r for r in self.server.tenant.journal if r.operation in (self.sending, self.editing)])

    def shown(self) -> list[str]:
        """What the person has before them, oldest first."""
        if isinstance(self.server, PracticeSlack):
            return [m.words for m in self.server.workspace.bot_messages_to("ALUM1")]
        if isinstance(self.server, PracticeMail):
            return [letter.text for letter in self.server.mailboxes.to(self.address())]
        chat = self.server.tenant.personal("alum1")
        return [str(m.card or m.text) for m in self.server.tenant.messages(chat, of_bot=True)]

    def block(self) -> None:
        if isinstance(self.server, PracticeSlack):
            self.server.workspace.users["ALUM1"].blocked = True
        elif isinstance(self.server, PracticeMail):
            self.server.refuse(self.address(), "550 5.7.1 Not from you")
        else:
            self.server.tenant.person("alum1").blocked = True

    def take_away(self) -> None:
        """Every message of the bot is deleted behind its back."""
        if isinstance(self.server, PracticeSlack):
            for message in self.server.workspace.bot_messages_to("ALUM1"):
                self.server.workspace.delete(message)
        elif isinstance(self.server, PracticeTeams):
            for posted in self.server.tenant.messages(of_bot=True):
                posted.deleted = True

    def refuse_credentials(self) -> None:
        if isinstance(self.server, PracticeSlack):
            self.server.api.token_error = "token_revoked"
        elif isinstance(self.server, PracticeMail):
            self.server.password = "rotated"
        else:
            self.server.issuer.app_password = "rotated"

    def trouble(self, fault: Incoming, times: int | None = 1) -> None:
        self.faults.order(fault, on=self.sending, times=times)
        self.faults.order(fault, on=self.editing, times=times)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened
    await asyncio.sleep(0)


@pytest.fixture
async def slack(http: Http, session: aiohttp.ClientSession) -> AsyncIterator[Stand]:
    async with PracticeSlack() as server:
        server.workspace.add_user("ALUM1", "佐藤 健")
        platform = SlackPlatform(token=server.token, http=http, session=session, api_url=server.url)
        yield Stand("slack", platform, server.faults, server, "chat.postMessage", "chat.update")


@pytest.fixture
async def teams(http: Http, session: aiohttp.ClientSession) -> AsyncIterator[Stand]:
    async with PracticeTeams(auth=True) as server:
        server.tenant.personal("alum1").installed = True
        tokens = TokenSource(authority_of(server), server.app_id, server.app_password, session)
        platform = TeamsPlatform(http, session, tokens)
        yield Stand("teams", platform, server.faults, server, "activities.send", "activities.update")


@pytest.fixture
async def mail() -> AsyncIterator[Stand]:
    async with PracticeMail(user="bot", password="right", domains=frozenset({"example.com"})) as server:
        place = mail_server.MailServer(server.host, server.port, "bot", "right")
        platform = MailPlatform(place, mail_ids.sender("Alumni <alumni@example.jp>"))
        yield Stand("mail", platform, server.faults, server, "DATA", "")


@pytest.fixture(params=["slack", "teams", "mail"])
def stand(request: pytest.FixtureRequest) -> Stand:
    """Each test that uses this runs on every platform."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["slack", "teams"])
def editable(request: pytest.FixtureRequest) -> Stand:
    """Each test that uses this runs on the platforms whose messages can be edited."""
    return request.getfixturevalue(request.param)


def seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()
