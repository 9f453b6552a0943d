"""Requests to the platforms' APIs over one pool of connections.

The client works in threads of its own, outside Python's lock: what a message costs this process is its words, and no
longer mostly its request.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import orjson
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PoolTimeoutError, RequestError

TIMEOUT = 10.0
"""Seconds for the whole of a request."""
CONNECTIONS = 100
CONNECT_TIMEOUT = timedelta(seconds=5)
POOL_TIMEOUT = timedelta(seconds=0.5)
"""TIMEOUT begins when this has ended; a courier's claim has to outlast both."""
_CONNECTING = "client error (Connect)"
LETTING_GO = 0.02
"""Seconds. A thread of the client that still holds an error when Python ends would end the process with SIGABRT."""
_KEPT_ALIVE = timedelta(seconds=15)
"""Before most servers close a connection that nothing comes over: a request that meets the end is left without an
answer."""


class Answer(NamedTuple):
    """`body` is empty where it was no JSON object, `retry_after` where there was no such header."""

    status: int
    body: Mapping[str, Any]
    retry_after: str = ""


class NotAnAddress(ValueError):
    """Nothing can be asked there."""


class NotConnected(Exception):
    """No connection came about: nothing has left."""


class NoAnswer(Exception):
    """The request may have arrived, or not."""


class Http:
    """Asks each request once. It follows no redirect, keeps no cookie and uses no proxy of the environment."""

    def __init__(self) -> None:
        self._client = (
            ClientBuilder()
            .user_agent("motokai")
            .http1_only()
            .no_proxy()
            .follow_redirects(False)
            .referer(False)
            .timeout(timedelta(seconds=TIMEOUT))
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_timeout(POOL_TIMEOUT)
            .pool_idle_timeout(_KEPT_ALIVE)
            .max_connections(CONNECTIONS)
            .build()
        )
        self._closed = False

    async def ask(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float = TIMEOUT
    ) -> Answer:
        """The answer, whatever its status. Raises NotAnAddress, NotConnected or NoAnswer."""
        if self._closed:
            raise NotConnected("closed")
        try:
            request = self._client.request(method, url).headers(headers).body_bytes(body)
            if seconds != TIMEOUT:
                request = request.timeout(timedelta(seconds=seconds))
            response = await request.build().send()
            read = bytes(await response.bytes())
        except ValueError as error:
            raise NotAnAddress(type(error).__name__) from error
        except RequestError as error:
            raise _failure(error) from error
        return Answer(response.status, _object(read), response.get_header("Retry-After") or "")

    async def close(self) -> None:
        self._closed = True
        await self._client.close()
        await asyncio.sleep(LETTING_GO)


def _object(read: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(read)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _failure(error: RequestError) -> NotConnected | NoAnswer:
    """The client calls what breaks off a ConnectError as well, and every timeout one of connecting: only its causes
    tell. Should they come to be worded otherwise, nothing is taken to have not left that may have."""
    causes = [cause["message"] for cause in error.details["causes"] or ()]
    never_left = isinstance(error, PoolTimeoutError) or _CONNECTING in causes
    return (NotConnected if never_left else NoAnswer)(causes[-1] if causes else type(error).__name__)
