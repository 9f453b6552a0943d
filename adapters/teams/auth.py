"""Whether a request comes from Teams.

The connector package's own check fetches keys with a blocking client, takes tokens without `exp` and
activities without `serviceUrl`, and fails as a 500; this one is small enough to read whole.
Rules: learn.microsoft.com, "Authenticate requests from the Bot Connector service to your bot".
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from adapters.teams.authority import Authority, may_hold_token
from adapters.teams.keys import SigningKeys

CHANNEL = "msteams"
LEEWAY = 300
REMEMBER_SECONDS = 300.0
REMEMBER_TOKENS = 1_000


class Unauthorized(Exception):
    """The request is not signed by Teams for this bot."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What a verified token says: its claims, and the channels its key may speak for (empty: any)."""

    claims: Mapping[str, Any]
    endorsements: frozenset[str]

    def check(self, activity: Mapping[str, Any]) -> None:
        """Raises Unauthorized unless the token was issued for this activity's service, in Teams. On other
        channels (Direct Line, web chat) a person's own client writes the tenant and the user id."""
        if activity.get("channelId") != CHANNEL:
            raise Unauthorized("The activity does not come from Teams.")
        service = activity.get("serviceUrl")
        if not isinstance(service, str) or not may_hold_token(service):
            raise Unauthorized("The activity has no https serviceUrl.")
        claimed = self.claims.get("serviceurl")
        if not isinstance(claimed, str) or claimed.rstrip("/") != service.rstrip("/"):
            raise Unauthorized("The token was issued for another serviceUrl.")
        if self.endorsements and CHANNEL not in self.endorsements:
            raise Unauthorized("The signing key does not speak for Teams.")


class Verifier:
    """Checks bearer tokens. A verified one is remembered for minutes, so that RSA runs once a token and not
    once a message."""

    def __init__(
        self, authority: Authority, app_id: str, keys: SigningKeys, clock: Callable[[], float] = time.time
    ) -> None:
        self._issuer = authority.issuer
        self._app_id = app_id
        self._keys = keys
        self._clock = clock
        self._known: dict[bytes, tuple[float, Caller]] = {}

    async def caller(self, header: str) -> Caller:
        """Who sent `header` (an Authorization value). Raises Unauthorized, and nothing else."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("There is no bearer token.")
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        now = self._clock()
        until, caller = self._known.get(digest, (0.0, None))
        if caller is None or until <= now:
            caller = await self._verified(token)
            self._remember(digest, now, caller)
        return caller

    async def _verified(self, token: str) -> Caller:
        try:
            key = await self._keys.find(str(jwt.get_unverified_header(token).get("kid", "")))
            if key is None:
                raise Unauthorized("The token's signing key is unknown.")
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Unauthorized(str(error)) from error
        return Caller(claims, key.endorsements)

    def _remember(self, digest: bytes, now: float, caller: Caller) -> None:
        while len(self._known) >= REMEMBER_TOKENS:
            del self._known[next(iter(self._known))]
        self._known[digest] = (min(now + REMEMBER_SECONDS, float(caller.claims["exp"]) + LEEWAY), caller)
