"""The issuer's signing keys, fetched from its OpenID metadata and kept."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt

from adapters.teams.authority import may_hold_token

KEYS_LAST = 24 * 3600.0
UNKNOWN_KEY_WAIT = 300.0
FAILURE_WAIT = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key and the channels it may speak for (empty: any)."""

    key: jwt.PyJWK
    endorsements: frozenset[str]


class SigningKeys:
    """Keys by id. Refreshed daily, and for an unknown id at most once in UNKNOWN_KEY_WAIT seconds, so that
    forged ids cannot make us hammer the issuer. Old keys go on serving while the issuer is away."""

    def __init__(
        self, metadata_url: str, session: aiohttp.ClientSession, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._metadata_url = metadata_url
        self._session = session
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: dict[str, SigningKey] = {}
        self._stale_at = self._next_try = float("-inf")

    async def find(self, key_id: str) -> SigningKey | None:
        """The key named `key_id`; None when the issuer has none such or cannot be asked now. While somebody else
        is asking, it waits for the answer: of the first requests after a start none is turned away."""
        if self._wanted(key_id) or (key_id not in self._keys and self._lock.locked()):
            async with self._lock:
                if self._wanted(key_id):
                    await self._refresh()
        return self._keys.get(key_id)

    def _wanted(self, key_id: str) -> bool:
        now = self._clock()
        return now >= self._next_try and (key_id not in self._keys or now >= self._stale_at)

    async def _refresh(self) -> None:
        self._next_try = self._clock() + FAILURE_WAIT
        try:
            metadata = await self._get(self._metadata_url)
            listed = await self._get(metadata["jwks_uri"])
            keys = dict(filter(None, map(_read, listed["keys"])))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
            return
        self._keys = keys
        self._next_try = self._clock() + UNKNOWN_KEY_WAIT
        self._stale_at = self._clock() + KEYS_LAST

    async def _get(self, url: str) -> Any:
        if not may_hold_token(url):
            raise ValueError(f"{url!r} is not an https address.")
        async with self._session.get(url, timeout=_TIMEOUT) as answer:
            answer.raise_for_status()
            return await answer.json(content_type=None)


def _read(listed: dict[str, Any]) -> tuple[str, SigningKey] | None:
    try:
        key = jwt.PyJWK(listed, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return str(listed.get("kid", "")), SigningKey(key, frozenset(map(str, listed.get("endorsements") or ())))
