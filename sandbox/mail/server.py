"""The practice mail server itself."""

import asyncio
import logging
import ssl
from dataclasses import dataclass
from typing import Any, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.faults import Dropped, Fault, Faults, RateLimited, RefusedWith, ServerError, Slow
from sandbox.mail.letters import Mailboxes


@dataclass(frozen=True)
class Command:
    """A command that the server was given: HELO, LOGIN, MAIL, RCPT or DATA, and for whom."""

    name: str
    about: str = ""


class PracticeMail:
    """A mail server on loopback. Use as `async with PracticeMail() as mail:`.

    With `user` it wants a login, with `tls` it offers STARTTLS, or speaks TLS from the first byte on (`implicit`).
    Faults are ordered on `LOGIN`, `MAIL`, `RCPT` or `DATA`, or for one recipient on `RCPT:address` and `DATA:address`.
    `RefusedWith(words, status)` answers `status words`, `ServerError(status)` and `RateLimited` (451) in words of the
    server's own.
    """

    def __init__(
        self,
        mailboxes: Mailboxes | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str = "",
        password: str = "",
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        domains: frozenset[str] | None = None,
    ) -> None:
        self.mailboxes = mailboxes or Mailboxes()
        self.faults = Faults()
        self.host, self.port = host, port
        self.user, self.password = user, password
        self.refused: dict[str, str] = {}
        self.journal: list[Command] = []
        self._tls, self._implicit = tls, implicit
        self._domains = domains
        self._server: asyncio.Server | None = None
        self._open: set[SMTP] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """What SMTP_URL has to be, without a login."""
        return f"{'smtps' if self._implicit else 'smtp'}://{self.host}:{self.port}"

    def refuse(self, address: str, answer: str = "550 5.1.1 The mailbox does not exist") -> None:
        """Every letter to this address is refused from now on."""
        self.refused[address.casefold()] = answer

    async def start(self) -> None:
        """Listen; with port 0 on a free port, which is then in `port`."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of what it does itself
        loop = asyncio.get_running_loop()
        context = self._tls if self._implicit else None
        self._server = await loop.create_server(self._connection, self.host, self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and hang up."""
        if self._server is None:
            return
        self._server.close()
        for connection in [*self._open]:
            _hang_up(connection)
        await self._server.wait_closed()
        self._server = None

    def commands(self, name: str) -> list[Command]:
        """The commands of one kind, oldest first."""
        return [command for command in self.journal if command.name == name]

    def _connection(self) -> SMTP:
        made = _Connection(
            self,
            hostname="practice.invalid",
            ident="practice mail",
            tls_context=None if self._implicit else self._tls,
            auth_require_tls=False,
            authenticator=self._knows,
            loop=asyncio.get_running_loop(),
        )
        self._open.add(made)
        return made

    def closed(self, connection: SMTP) -> None:
        """A connection is over."""
        self._open.discard(connection)

    def _knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.journal.append(Command("LOGIN"))
        fault = self.faults.take("LOGIN")
        if isinstance(fault, RefusedWith | ServerError | RateLimited):
            return AuthResult(success=False, handled=False, message=_words(fault))
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == (self.user, self.password), handled=False)

    # aiosmtpd's hooks

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.journal.append(Command("HELO", hostname))
        return responses if self.user else [line for line in responses if "AUTH" not in line]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.journal.append(Command("MAIL", address))
        if self.user and not session.authenticated:
            return "530 5.7.0 Log in first"
        answer = await self._under(server, self.faults.take("MAIL"))
        if answer is None:
            envelope.mail_from = address
        return answer or "250 2.1.0 Fine"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.journal.append(Command("RCPT", address))
        answer = self.refused.get(address.casefold())
        if answer is None and self._domains is not None and address.rpartition("@")[2] not in self._domains:
            answer = "550 5.1.2 There is no such domain"
        answer = answer or await self._under(server, self._take("RCPT", address))
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 Fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        to = envelope.rcpt_tos[0]
        self.journal.append(Command("DATA", to))
        fault = self._take("DATA", to)
        match fault:
            case None | Slow(late_effect=False) | Dropped(accepted=True) | ServerError(accepted=True):
                self._put(envelope)
            case _:
                pass
        answer = await self._under(server, fault)
        if isinstance(fault, Slow) and fault.late_effect:
            self._put(envelope)
        return answer or "250 2.0.0 Taken"

    def _take(self, name: str, address: str) -> Fault | None:
        return self.faults.take(f"{name}:{address}") or self.faults.take(name)

    def _put(self, envelope: Envelope) -> None:
        for address in envelope.rcpt_tos:
            self.mailboxes.put(bytes(envelope.content or b""), address)  # type: ignore[arg-type]

    async def _under(self, server: SMTP, fault: Fault | None) -> str | None:
        """The answer that a fault makes, if any."""
        match fault:
            case RefusedWith() | ServerError() | RateLimited():
                return _words(fault)
            case Slow(seconds):
                await asyncio.sleep(seconds)
            case Dropped():
                _hang_up(server)
                await asyncio.sleep(3600)  # until the lost connection ends this
            case _:
                pass
        return None


class _Connection(SMTP):
    """Tells its server when it is over."""

    def __init__(self, practice: PracticeMail, **options: Any) -> None:
        super().__init__(practice, **options)
        self._practice = practice

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._practice.closed(self)


def _hang_up(connection: SMTP) -> None:
    if connection.transport is not None:
        cast(asyncio.WriteTransport, connection.transport).abort()


def _words(fault: RefusedWith | ServerError | RateLimited) -> str:
    match fault:
        case RefusedWith(error, status):
            return f"{status} {error}"
        case ServerError(status):
            return f"{status} Trouble on order"
        case RateLimited():
            return "451 4.7.1 Too much at once, try again later"
