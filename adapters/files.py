"""Fetching what people drop into a conversation: from hosts that are named in advance, and from no other.

Whoever can write to the bot chooses the url. Without the list they could have this server ask its own network for
something, or have the platform's token sent to a host of theirs; so an answer that leads elsewhere is not followed
either.
"""

from collections.abc import Callable, Mapping

import aiohttp
from yarl import URL

from bot.ports import NotFetched

TIMEOUT = aiohttp.ClientTimeout(total=60, connect=5, sock_read=15)
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


async def _taken(answer: aiohttp.ClientResponse, largest: int) -> bytes | NotFetched:
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
    if answer.content_type == "text/html":
        return NotFetched("not_allowed")
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > largest:
            return NotFetched("too_large")
    return bytes(body)
