"""What every page of ours does to keep to itself, and who asks too often."""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp import web

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}
"""Said where PUBLIC_URL is https."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarded(handler: Handler, *, https: bool = False) -> Handler:
    """The handler, with the headers on whatever it answers."""
    headers = HEADERS | (HSTS if https else {})

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await handler(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def is_from_elsewhere(request: web.BaseRequest, public_url: str) -> bool:
    """Whether another site has sent this form. Browsers that send no referrer say "null" for the origin of any form,
    and Sec-Fetch-Site tells them apart; where neither speaks, the form's own proof decides."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc not in (request.host, urlsplit(public_url).netloc)


class Proof:
    """What only a page of this process can have put into its form. It holds for one token, and until a restart."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def of(self, token: str) -> str:
        return hmac.new(self._key, token.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def holds(self, proof: str, token: str) -> bool:
        return hmac.compare_digest(self.of(token).encode(), proof.encode("utf-8", "replace"))


class Misses:
    """Counts wrong links by the address that they came from, in memory: MOST within WINDOW seconds, then no more are
    looked up until that is over."""

    MOST = 20
    WINDOW = 600.0
    ADDRESSES = 10_000

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._missed: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def add(self, address: str) -> None:
        began, count = self._missed.get(address, (0.0, 0))
        if not count or self._now() - began >= self.WINDOW:
            began, count = self._now(), 0
        self._missed[address] = began, count + 1
        self._missed.move_to_end(address)
        if len(self._missed) > self.ADDRESSES:
            self._missed.popitem(last=False)

    def wait(self, address: str) -> int:
        """Seconds for which the address has to wait; 0 where it need not."""
        began, count = self._missed.get(address, (0.0, 0))
        left = began + self.WINDOW - self._now()
        return int(left) + 1 if count >= self.MOST and left > 0 else 0


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def address_of(request: web.BaseRequest) -> str:
    """Who asks: the peer, or where that is a proxy of ours (on this machine or its network), whom it names last. Of
    IPv6 the network of 64 bits that one household has."""
    peer = request.remote or ""
    address = _address(peer)
    if address is not None and address.is_private:
        address = _address(request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()) or address
    if address is None:
        return peer
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ip_network((address, 64), strict=False))
    return str(address)
