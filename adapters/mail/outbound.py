"""MailPlatform: bot.ports.Platform over SMTP. A connection a letter: letters are few, and servers close idle ones."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address

from aiosmtplib import SMTP, SMTPException

from adapters.loopback import is_loopback
from adapters.mail import errors, render
from adapters.mail.server import MailServer
from bot.errors import UnknownZone
from bot.outcomes import Outcome, Reason, Refused, Sent
from bot.ports import MAIL, Message, Pace

TIMEOUT = 10.0
"""Seconds for a letter as a whole: the ledger looks at a message again a little later."""
GOODBYE = 1.0
PACE = Pace(sends_per_minute=30, edits_per_minute=30, burst=4)
"""Microsoft 365 takes 30 letters a minute from a mailbox; others take more."""


class MailPlatform:
    """Hands letters of `sender` to `server`. `tls` replaces the system's certificates."""

    name = MAIL

    def __init__(
        self,
        server: MailServer,
        sender: Address,
        *,
        pace: Pace = PACE,
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.pace = pace
        self._server = server
        self._sender = sender
        self._tls = tls
        self._timeout = timeout
        self._now = now

    async def send(self, message: Message) -> Outcome:
        """Send once; never retries, raises nothing: the outcome says."""
        try:
            letter = render.letter(message, self._sender, self._now())
        except (ValueError, UnknownZone) as error:
            return Refused(Reason.INVALID, detail=str(error))
        return await self._converse(letter["To"].addresses[0].addr_spec, bytes(letter)) or Sent(letter["Message-ID"])

    async def edit(self, message: Message, ref: str) -> Outcome:
        """A letter that has left is its reader's."""
        return Refused(Reason.GONE, detail="letters cannot be changed")

    async def greet(self) -> Outcome | None:
        """Connect and sign in, as before a letter. None when that went well."""
        return await self._converse()

    async def _converse(self, recipient: str = "", letter: bytes = b"") -> Outcome | None:
        """None when the server took everything. From the DATA command on it may have taken the letter even where its
        answer is lost."""
        client = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.tls,
            start_tls=False if self._server.tls else None,
            tls_context=self._tls,
            local_hostname=self._sender.domain,
            timeout=self._timeout,
        )
        handed_over = False
        try:
            async with asyncio.timeout(self._timeout):
                await client.connect()
                await self._sign_in(client)
                if letter:
                    await client.mail(self._sender.addr_spec)
                    await client.rcpt(recipient)
                    handed_over = True
                    await client.data(letter)
        except (SMTPException, errors.LoginImpossible, OSError, TimeoutError, ValueError, RuntimeError) as error:
            return errors.outcome(error, handed_over=handed_over, now=self._now())
        else:
            await _say_goodbye(client)
            return None
        finally:
            client.close()

    async def _sign_in(self, client: SMTP) -> None:
        if not self._server.user:
            return
        if client.get_transport_info("sslcontext") is None and not is_loopback(self._server.host):
            raise errors.LoginImpossible("The mail server offers no encryption, without which no password is sent.")
        await client.ehlo()
        if not client.supported_auth_methods:
            raise errors.LoginImpossible("The mail server offers no way to log in: take the user out of SMTP_URL.")
        await client.login(self._server.user, self._server.password)


async def _say_goodbye(client: SMTP) -> None:
    """A courtesy: what was taken stays taken, whatever becomes of it."""
    with contextlib.suppress(SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(GOODBYE):
            await client.quit()
