"""Requests to the platforms' APIs over one pool of connections, on the event loop's own thread.

To send a message again is right only where nothing of it has left. So whoever writes a request to its connection is
who says how it ended, and nothing below repeats one. It also has to cost little beside the words of a message: a
general client takes as long for a request as they do, and one with threads of its own waits for Python's lock at every
answer while words are made.
"""

import asyncio
import re
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

import aiohappyeyeballs
import httptools
import orjson
from yarl import URL

TIMEOUT = 10.0
"""Seconds for the whole of a request."""
AT_ONCE = 100
"""Requests."""
CONNECT_TIMEOUT = 5.0
POOL_TIMEOUT = 0.5
"""TIMEOUT begins when this has ended; a courier's claim has to outlast both."""
LARGEST = 16 * 2**20
"""Bytes of an answer; the largest that are asked for are pages of a conversation's history."""
_KEPT_ALIVE = 15.0
"""Seconds. Before most servers close a connection that nothing comes over: a request that meets the end is left without
an answer."""
_OTHER_FAMILY_AFTER = 0.25
"""Seconds before the next address of a host is tried beside the one that does not answer, as RFC 8305 recommends."""
_PLAIN = re.compile(r"(https?://[\w.\-:\[\]]+)(/[!-\"$-~]*)", re.ASCII)
"""An origin and what is asked there, which stands in a request as it is."""
_HEADER = re.compile(r"[\w-]+: [\t -~]*", re.ASCII)


class Answer(NamedTuple):
    """`body` is empty where it was no JSON object, `retry_after` where there was no such header."""

    status: int
    body: Mapping[str, Any]
    retry_after: str = ""


class NotAnAddress(ValueError):
    """Nothing can be asked there, or not in such words."""


class NotConnected(Exception):
    """No connection came about: nothing has left."""


class NoAnswer(Exception):
    """The request may have arrived, or not."""


class Http:
    """Asks each request once. It follows no redirect, keeps no cookie and uses no proxy of the environment."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._open: set[_Connection] = set()
        self._kept: defaultdict[_Server, deque[_Connection]] = defaultdict(deque)
        self._closed = False

    async def ask(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float = TIMEOUT
    ) -> Answer:
        """The answer, whatever its status. Raises NotAnAddress, NotConnected or NoAnswer."""
        if self._closed:
            raise NotConnected("closed")
        server, target = _parted(url)
        request = _request(method, server, target, body, headers)
        if self._free.locked():
            await self._one_to_be_free()
        else:
            await self._free.acquire()
        try:
            return await self._ask(server, request, seconds)
        finally:
            self._free.release()

    async def close(self) -> None:
        """What is under way gets no answer."""
        self._closed = True
        for connection in list(self._open):
            connection.fail(NoAnswer("closed"))
        await asyncio.sleep(0)

    async def _one_to_be_free(self) -> None:
        try:
            async with asyncio.timeout(POOL_TIMEOUT):
                await self._free.acquire()
        except TimeoutError as error:
            raise NotConnected("too many requests at once") from error

    async def _ask(self, server: "_Server", request: bytes, seconds: float) -> Answer:
        loop = asyncio.get_running_loop()
        now = loop.time()
        connection = self._take(server, now) or await self._connect(server, now + seconds)
        try:
            return await connection.ask(request, now + seconds)
        finally:
            if connection.is_free:
                self._keep(server, connection, loop.time())
            else:
                connection.abort()

    def _take(self, server: "_Server", now: float) -> "_Connection | None":
        """The one that was used last, so that as many are kept as are needed."""
        kept = self._kept.get(server)
        while kept:
            connection = kept.pop()
            if connection.is_free and now < connection.kept_since + _KEPT_ALIVE:
                return connection
            connection.abort()
        return None

    def _keep(self, server: "_Server", connection: "_Connection", now: float) -> None:
        connection.kept_since = now
        kept = self._kept[server]
        kept.append(connection)
        while now >= kept[0].kept_since + _KEPT_ALIVE:
            kept.popleft().abort()

    async def _connect(self, server: "_Server", until: float) -> "_Connection":
        loop = asyncio.get_running_loop()
        tls = {"ssl": _tls(), "server_hostname": server.host} if server.is_tls else {}
        connection = _Connection(self._open)
        try:
            async with asyncio.timeout_at(min(until, loop.time() + CONNECT_TIMEOUT)):
                found = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
                sock = await aiohappyeyeballs.start_connection(
                    found, happy_eyeballs_delay=_OTHER_FAMILY_AFTER, interleave=1
                )
                await loop.create_connection(lambda: connection, sock=sock, **tls)
        except (OSError, UnicodeError, RuntimeError) as error:  # the last is uvloop's, for some sockets
            raise NotConnected(str(error) or type(error).__name__) from error
        except asyncio.CancelledError:
            if connection in self._open:  # it is told of no end any more
                self._open.discard(connection)
                connection.abort()
            raise
        if self._closed or not connection.is_free:
            connection.abort()
            raise NotConnected("closed")
        return connection


class _Server(NamedTuple):
    host: str
    port: int
    is_tls: bool
    named: str
    """As a request names it."""


class _Connection(asyncio.Protocol):
    """One request at a time. Adds itself to `open_ones`, and leaves it when it ends."""

    kept_since = 0.0

    def __init__(self, open_ones: "set[_Connection]") -> None:
        self._open_ones = open_ones
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[Answer] | None = None
        self._until = self._looks_at = 0.0
        self._timer: asyncio.Handle | None = None
        self._body = bytearray()
        self._retry_after = ""
        self._has_length = False
        self._ends_with_the_connection = False
        self._goes_on = True

    @property
    def is_free(self) -> bool:
        return self._answer is None and self._goes_on and not self._transport.is_closing()

    def ask(self, request: bytes, until: float) -> "asyncio.Future[Answer]":
        """Its answer, or NoAnswer, which comes at that moment of the loop's clock if nothing else has; the connection
        must be free."""
        self._answer = answer = self._loop.create_future()
        self._until = until
        if self._timer is None or until < self._looks_at:
            self._look_then()
        self._transport.write(request)
        return answer

    def _look_then(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._looks_at = self._until
        self._timer = self._loop.call_at(self._looks_at, self._look)

    def _look(self) -> None:
        """Nearly every answer comes long before its time: the timer of one runs on for the next."""
        self._timer = None
        if self._answer is None:
            return
        if self._loop.time() < self._until:
            self._look_then()
        else:
            self.fail(NoAnswer("it took too long"))

    def fail(self, error: NoAnswer) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.abort()

    def abort(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._goes_on = False
        self._transport.abort()

    # What the event loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = cast(asyncio.Transport, transport)
        self._open_ones.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.fail(NoAnswer(f"no HTTP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_ones.discard(self)
        if exc is None and self._ends_with_the_connection:
            self.on_message_complete()
        self.fail(NoAnswer(str(exc or "the connection has ended")))

    # What the parser tells

    def on_message_begin(self) -> None:
        self._body.clear()
        self._retry_after, self._has_length = "", False
        if self._answer is None:  # nobody has asked: not even whoever asks before it is whole
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in (b"content-length", b"transfer-encoding"):
            self._has_length = True
        elif name == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._ends_with_the_connection = not self._has_length

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > LARGEST:
            self.fail(NoAnswer(f"more than {LARGEST} bytes"))

    def on_message_complete(self) -> None:
        self._ends_with_the_connection = False
        status = self._parser.get_status_code()
        if status < 200:  # the answer is still to come
            return
        has_left = not self._transport.get_write_buffer_size()  # and was not answered while it had not
        self._goes_on = self._goes_on and has_left and self._parser.should_keep_alive()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(Answer(status, _object(bytes(self._body)), self._retry_after))


@lru_cache
def _server(origin: str) -> _Server:
    try:
        url = URL(origin)
    except ValueError as error:
        raise NotAnAddress(origin) from error
    if url.scheme not in ("http", "https") or not url.raw_host or not url.port:
        raise NotAnAddress(origin)
    return _Server(url.raw_host, url.port, url.scheme == "https", url.host_port_subcomponent or "")


def _parted(url: str) -> tuple[_Server, str]:
    """Whom to ask, and for what."""
    if plain := _PLAIN.fullmatch(url):
        return _server(plain[1]), plain[2]
    try:
        whole = URL(url)
        origin = str(whole.origin())
    except ValueError as error:
        raise NotAnAddress(url) from error
    if whole.raw_user is not None:
        raise NotAnAddress("a name and a password stand in it")
    return _server(origin), whole.raw_path_qs


def _request(method: str, server: _Server, target: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body or method != "GET" else ""
    told = f"Host: {server.named}\r\nUser-Agent: motokai\r\nAccept: */*\r\n{length}{_lines(tuple(headers.items()))}"
    return f"{method} {target} HTTP/1.1\r\n{told}\r\n".encode("ascii") + body


@lru_cache(16)
def _lines(headers: tuple[tuple[str, str], ...]) -> str:
    lines = [f"{name}: {value}" for name, value in headers]
    if not all(map(_HEADER.fullmatch, lines)):
        raise NotAnAddress("a header holds what none may hold")
    return "".join([f"{line}\r\n" for line in lines])


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _object(read: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(read)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
