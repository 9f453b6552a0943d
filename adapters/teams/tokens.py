"""The token that lets the bot speak: a client-credentials grant, fetched once and kept."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from adapters.teams.authority import Authority
from adapters.teams.errors import DETAIL_LIMIT
from bot.outcomes import Reason, Refused, Scope, Throttled

RENEW_BEFORE = 300.0
FAILURE_WAIT = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=10)


class TokenSource:
    """Gives the current token. One request at a time whatever the load, none until five minutes before the
    token ends; a failure is kept for some seconds, so that a queue does not become a storm at the login."""

    def __init__(
        self,
        authority: Authority,
        app_id: str,
        password: str,
        session: aiohttp.ClientSession,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = authority.token_url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": password,
            "scope": authority.scope,
        }
        self._session = session
        self._clock = clock
        self._lock = asyncio.Lock()
        self._answer: str | Refused | Throttled = ""
        self._until = float("-inf")

    async def token(self) -> str | Refused | Throttled:
        """A token; Refused(CREDENTIALS) when the login says no, Throttled when it cannot be reached. Raises
        nothing."""
        if self._clock() >= self._until:
            async with self._lock:
                if self._clock() >= self._until:
                    self._answer, lasts = await self._fetch()
                    self._until = self._clock() + lasts
        return self._answer

    def forget(self, token: str) -> None:
        """Fetch anew next time, if `token` is still the current one: the connector has refused it."""
        if self._answer == token:
            self._until = min(self._until, self._clock())

    async def _fetch(self) -> tuple[str | Refused | Throttled, float]:
        try:
            async with self._session.post(
                self._url, data=self._form, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                return _read(answer.status, await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, RuntimeError):
            return _later()
        except ValueError:
            return Refused(Reason.CREDENTIALS, certain=False, detail="The login's answer is no JSON."), FAILURE_WAIT


def _read(status: int, body: Any) -> tuple[str | Refused | Throttled, float]:
    fields = body if isinstance(body, dict) else {}
    token = fields.get("access_token")
    if status == 200 and isinstance(token, str) and token:
        return token, max(_seconds(fields.get("expires_in")) - RENEW_BEFORE, FAILURE_WAIT)
    if status == 429 or status >= 500:
        return _later()
    detail = f"{status} {fields.get('error', '')} {fields.get('error_description', '')}".strip()[:DETAIL_LIMIT]
    return Refused(Reason.CREDENTIALS, certain=False, detail=detail), FAILURE_WAIT


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _later() -> tuple[Throttled, float]:
    return Throttled(datetime.now(UTC) + timedelta(seconds=FAILURE_WAIT), Scope.WORKSPACE), FAILURE_WAIT
