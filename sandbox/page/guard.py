"""Keeping the page to itself: no other site may read it, write to it, frame it, or put anything into it."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from yarl import URL

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
OWN_HEADER = "X-Practice"
"""A browser asks before it lets another site send a header of this kind, and is not answered."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse with 403 what another site, or a name that was made to point here, has sent."""
    if reason := refusal(request):
        return web.json_response({"error": reason}, status=403)
    return await handler(request)


async def mark(_: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on any response, errors included."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def refusal(request: web.BaseRequest) -> str:
    """Why this request may not be answered; empty when it may."""
    if not _is_here(request.host):
        return "this page answers on this machine's own address only"
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return "this page takes nothing from other sites"
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return "this page takes nothing from other sites"
    if request.method not in ("GET", "HEAD") and request.headers.get(OWN_HEADER) != "1":
        return f"the header {OWN_HEADER} is missing"
    return ""


def _is_here(host: str) -> bool:
    try:
        name = URL(f"http://{host}").host or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
