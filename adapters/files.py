"""Fetching what people drop into a conversation: from hosts that are named in advance, and from no other.

Whoever can write to the bot chooses the url. Without the list they could have this server ask its own network for
something, or have the platform's token sent to a host of theirs; so an answer that leads elsewhere is not followed
either.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from yarl import URL

from bot.ports import NotFetched

TIMEOUT = aiohttp.ClientTimeout(total=60, connect=5, sock_read=15)
STREAM_TIMEOUT = aiohttp.ClientTimeout(total=600, connect=5, sock_read=30)
"""For what goes on at the pace of who takes it."""
_CHUNK = 64 * 1024

Allowed = Callable[[URL], bool]


def origin_of(url: str) -> str:
    """Scheme, host and port; empty for what has none."""
    try:
        return str(URL(url).origin())
    except ValueError:
        return ""


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    largest: int,
    *,
    allowed: Allowed,
    headers: Mapping[str, str] | None = None,
) -> bytes | NotFetched:
    """What stands at `url`, where `allowed` says that it may be asked for. Raises nothing."""
    try:
        asked = URL(url, encoded=True)
        if not allowed(asked):
            return NotFetched("elsewhere")
        async with session.get(asked, headers=headers, timeout=TIMEOUT, allow_redirects=False) as answer:
            return await _taken(answer, largest)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return NotFetched("unreachable", again=True)
    except (ValueError, RuntimeError):
        return NotFetched("elsewhere")


@asynccontextmanager
async def stream(
    session: aiohttp.ClientSession,
    url: str,
    largest: int,
    *,
    allowed: Allowed,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[AsyncIterator[bytes] | NotFetched]:
    """`fetch`, bit by bit. What turns out to be larger, or breaks off, raises OSError on the way."""
    async with AsyncExitStack() as stack:
        try:
            asked = URL(url, encoded=True)
            if not allowed(asked):
                raise ValueError(url)
            asking = session.get(asked, headers=headers, timeout=STREAM_TIMEOUT, allow_redirects=False)
            answer = await stack.enter_async_context(asking)
        except (aiohttp.ClientError, OSError, TimeoutError):
            yield NotFetched("unreachable", again=True)
            return
        except (ValueError, RuntimeError):
            yield NotFetched("elsewhere")
            return
        fault = _fault(answer)
        if fault is None and (answer.content_length or 0) > largest:
            fault = NotFetched("too_large")
        yield fault or _bits(answer, largest)


async def _bits(answer: aiohttp.ClientResponse, largest: int) -> AsyncIterator[bytes]:
    size = 0
    try:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > largest:
                raise OSError(f"more than {largest} bytes")
            yield chunk
    except (aiohttp.ClientError, TimeoutError) as error:
        raise OSError(str(error)) from error


async def _taken(answer: aiohttp.ClientResponse, largest: int) -> bytes | NotFetched:
    fault = _fault(answer)
    if fault is not None:
        return fault
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > largest:
            return NotFetched("too_large")
    return bytes(body)


def _fault(answer: aiohttp.ClientResponse) -> NotFetched | None:
    match answer.status:
        case 200:
            pass
        case 404 | 410:
            return NotFetched("gone")
        case 429:
            return NotFetched("unreachable", again=True)
        case status if status >= 500:
            return NotFetched("unreachable", again=True)
        case _:  # Slack leads whoever lacks the scope to a page for logging in
            return NotFetched("not_allowed")
    return NotFetched("not_allowed") if answer.content_type == "text/html" else None
