"""Pictures in messages. Both platforms fetch them and show copies of their own, and so does the page: its browser asks
nobody else for anything."""

import aiohttp
from aiohttp import web
from yarl import URL

LARGEST = 5 * 1024 * 1024
SECONDS = 10


async def fetched(url: str, product: str) -> web.Response:
    """The picture at `url`, which is served at `product`; 404 for whatever else is asked for."""
    try:
        wanted = URL(url)
    except ValueError:
        return web.Response(status=404)
    if not wanted.absolute or wanted.origin() != URL(product).origin():
        return web.Response(status=404)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(wanted, allow_redirects=False) as found:
        if found.status != 200 or found.content_type != "image/png" or (found.content_length or 0) > LARGEST:
            return web.Response(status=404)
        return web.Response(body=await found.read(), content_type=found.content_type)
