"""Links that say who reads what, until when: signed with the company's key, so that nothing is stored."""

import base64
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from storage.db import CompanySession
from storage.tables import Company

_BYTES = 18


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """Links of one `kind`, whose signatures are good for no other. `says` is what numbers one has, as a pattern."""

    kind: str
    says: str
    _token: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = rf"(\d{{1,9}})\.({self.says})\.(\d{{1,12}})\.([\w-]{{24}})"
        object.__setattr__(self, "_token", re.compile(pattern, re.ASCII))

    def issue(self, session: CompanySession, numbers: tuple[int, ...], until: datetime) -> str:
        """The token, which names its company."""
        return self.issuer(session)(numbers, until)

    def issuer(self, session: CompanySession) -> Callable[[tuple[int, ...], datetime], str]:
        """`issue` for many tokens, which asks for the company's key once."""
        company_id, key = session.company_id, self._key(session)

        def issue(numbers: tuple[int, ...], until: datetime) -> str:
            told = ".".join(map(str, (company_id, *numbers, int(until.timestamp()))))
            return f"{told}.{self._signature(key, told)}"

        return issue

    def company_in(self, token: str) -> int | None:
        """Which company a token says it belongs to, if it looks like one."""
        found = self._token.fullmatch(token)
        return int(found[1]) if found else None

    def read(self, session: CompanySession, token: str, now: datetime) -> tuple[tuple[int, ...], datetime] | None:
        """What the company's token says, and until when; None when it is forged, another company's, or over."""
        found = self._token.fullmatch(token)
        if found is None or int(found[1]) != session.company_id or not session.get(Company, session.company_id):
            return None
        told, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(self._key(session), told), signature):
            return None
        until = datetime.fromtimestamp(int(found[3]), UTC)
        return (tuple(map(int, found[2].split("."))), until) if until > now else None

    @staticmethod
    def _key(session: CompanySession) -> bytes:
        return session.get_one(Company, session.company_id).mark_key.encode()

    def _signature(self, key: bytes, told: str) -> str:
        signed = hmac.digest(key, f"{self.kind}:{told}".encode(), "sha256")
        return base64.urlsafe_b64encode(signed[:_BYTES]).decode()
