"""The client on real sockets: asked once, and what came of it named for certain or not."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adapters import http as client
from adapters.http import Http, NoAnswer, NotAnAddress, NotConnected
from tests.tls import certificate, serving, trusting

__all__ = ["certificate", "serving", "trusting"]

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serving: Serving, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    connections: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serving(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.create_task(serve(reader, writer)))

    async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls) as running:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{running.sockets[0].getsockname()[1]}/x"
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def request(reader: asyncio.StreamReader) -> bytes:
    """One whole request; empty at the end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


class Answers:
    """Answers `said`, over and over; None is an end without any. `closes` after each."""

    def __init__(self, said: bytes | None, *, closes: bool = False) -> None:
        self.said = said
        self.closes = closes
        self.asked: list[bytes] = []
        self.connections = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while asked := await request(reader):
            self.asked.append(asked)
            if self.said is None:
                break
            writer.write(self.said)
            if self.closes:
                break


async def test_an_answer(http: Http) -> None:
    answers = Answers(OK)
    async with server(answers) as url:
        for _ in range(3):
            answer = await http.ask("POST", url, b"{}", {"Authorization": "Bearer x"})
            assert (answer.status, answer.body, answer.retry_after) == (200, {"ok": True}, "")
    assert answers.connections == 1
    assert b"authorization: bearer x\r\n" in answers.asked[0].lower() and answers.asked[0].endswith(b"{}")


SAID = {
    "in pieces": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"ok"\r\n6\r\n:true}\r\n0\r\n\r\n',
    "until the end": b'HTTP/1.0 200 OK\r\n\r\n{"ok":true}',
    "after others": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK,
    "with another after it": OK + OK,
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
async def test_answers_of_other_shapes(http: Http, said: bytes) -> None:
    answers = Answers(said, closes=said.startswith(b"HTTP/1.0"))
    async with server(answers) as url:
        for _ in range(3):
            assert await http.ask("POST", url, b"{}", {}) == (200, {"ok": True}, "")
            await asyncio.sleep(0.02)
    assert len(answers.asked) == 3


async def test_bit_by_bit(http: Http) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await request(reader):
            for byte in OK:
                writer.write(bytes([byte]))
                await asyncio.sleep(0)

    async with server(slow) as url:
        for _ in range(2):
            assert (await http.ask("POST", url, b"{}", {})).body == {"ok": True}


async def test_an_answer_without_a_body(http: Http) -> None:
    answers = Answers(b"HTTP/1.1 204 No Content\r\nRetry-After: 7\r\n\r\n")
    async with server(answers) as url:
        for _ in range(2):
            assert await http.ask("DELETE", url, b"", {}) == (204, {}, "7")
        answers.said = OK
        assert (await http.ask("DELETE", url, b"", {})).retry_after == ""
    assert answers.connections == 1


async def test_what_comes_unasked_answers_nobody(http: Http) -> None:
    """A late or a forged answer is not taken for that of the next request."""
    other = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{" + b'"forged":true}'
    connections = 0

    async def talks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await request(reader):
            writer.write(OK)
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(other)

    async with server(talks) as url:
        for _ in range(3):
            assert (await http.ask("POST", url, b"{}", {})).body == {"ok": True}
            await asyncio.sleep(0.1)
    assert connections == 3


async def test_a_connection_that_ends_at_once_is_not_asked(http: Http) -> None:
    async def ends(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        pass

    async with server(ends) as url:
        for _ in range(20):
            with pytest.raises((NotConnected, NoAnswer)):
                await http.ask("POST", url, b"{}", {})
    assert not http._open  # pyright: ignore[reportPrivateUsage]


class Wire(asyncio.Transport):
    aborted = False

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True

    def get_write_buffer_size(self) -> int:
        return 0


async def test_what_has_begun_before_anybody_asks_answers_nobody() -> None:
    connection, wire = client._Connection(set()), Wire()  # pyright: ignore[reportPrivateUsage]
    connection.connection_made(wire)
    assert connection.is_free
    connection.data_received(b'HTTP/1.1 503 Full\r\nContent-Length: 15\r\n\r\n{"forged":')
    assert not connection.is_free and wire.aborted


async def test_more_than_any_answer_is_none(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 1000)
    answers = Answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b" " * 2000)
    async with server(answers) as url:
        with pytest.raises(NoAnswer):
            await http.ask("POST", url, b"{}", {})
        answers.said = OK
        assert (await http.ask("POST", url, b"{}", {})).status == 200


async def test_whoever_stops_waiting_leaves_no_answer_to_others(http: Http) -> None:
    asked = asyncio.Event()
    held = asyncio.Event()

    async def holds(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await request(reader):
            if b"first" in said:
                asked.set()
                await held.wait()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            else:
                writer.write(OK)

    async with server(holds) as url:
        first = asyncio.create_task(http.ask("POST", url, b"first", {}))
        await asked.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        held.set()
        assert (await http.ask("POST", url, b"second", {})).body == {"ok": True}


async def test_many_at_once_each_with_its_own_answer(http: Http) -> None:
    async def echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await request(reader):
            await asyncio.sleep(0.001)
            body = said.split(b"\r\n\r\n")[1]
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async with server(echoes) as url:
        answers = await asyncio.gather(*(http.ask("POST", url, b'{"n":%d}' % n, {}) for n in range(300)))
    assert [answer.body["n"] for answer in answers] == list(range(300))


async def test_one_too_many_is_not_connected(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "POOL_TIMEOUT", 0.05)

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server(silent) as url:
        under_way = [asyncio.create_task(http.ask("POST", url, b"{}", {})) for _ in range(client.AT_ONCE)]
        await asyncio.sleep(0.2)
        with pytest.raises(NotConnected):
            await http.ask("POST", url, b"{}", {})
        await http.close()
        assert all(isinstance(one, NoAnswer) for one in await asyncio.gather(*under_way, return_exceptions=True))


async def test_a_connection_that_was_kept_too_long_is_not_used_again(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_KEPT_ALIVE", 0.05)
    answers = Answers(OK)
    async with server(answers) as url:
        for wait in (0, 0.1):
            await asyncio.sleep(wait)
            assert (await http.ask("POST", url, b"{}", {})).status == 200
    assert answers.connections == 2


async def test_over_tls(
    http: Http, serving: ssl.SSLContext, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Answers(OK)
    async with server(answers, serving) as url:
        with pytest.raises(NotConnected, match="certificate"):
            await http.ask("POST", url, b"{}", {})
        monkeypatch.setattr(client, "_tls", lambda: trusting)
        with pytest.raises(NotConnected):  # the certificate names the address alone
            await http.ask("POST", url.replace("127.0.0.1", "localhost"), b"{}", {})
        for _ in range(3):
            assert (await http.ask("POST", url, b"x" * 500_000, {})).body == {"ok": True}
        answers.said = None
        with pytest.raises(NoAnswer):
            await http.ask("POST", url, b"{}", {})
    assert (len(answers.asked), answers.connections) == (4, 1)


async def test_a_handshake_that_does_not_end_is_not_connected(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_TIMEOUT", 0.1)

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server(silent) as url:
        with pytest.raises(NotConnected):
            await http.ask("POST", url.replace("http:", "https:"), b"{}", {})


@pytest.mark.parametrize("header", [("X", "a\r\nY: b"), ("X", "é"), ("X:\r\nY", "b"), ("X", "\0"), ("", "b")])
async def test_a_header_that_is_none_does_not_leave(http: Http, header: tuple[str, str]) -> None:
    answers = Answers(OK)
    async with server(answers) as url:
        with pytest.raises(NotAnAddress):
            await http.ask("POST", url, b"{}", dict([header]))
    assert not answers.asked


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("", b"/"),
        ("?a=b", b"/?a=b"),
        ("/a%2Fb/19%3Ax%40thread?c=d&e=%E6", b"/a%2Fb/19%3Ax%40thread?c=d&e=%E6"),
        ("/日本 語#above", b"/%E6%97%A5%E6%9C%AC%20%E8%AA%9E"),
        ("/a\r\nX: y", b"/aX:%20y"),
    ],
)
async def test_what_is_asked_for_stays_within_its_line(http: Http, path: str, asked: bytes) -> None:
    answers = Answers(OK)
    async with server(answers) as url:
        await http.ask("POST", url.removesuffix("/x") + path, b"{}", {})
    assert answers.asked[0].split(b"\r\n")[0] == b"POST " + asked + b" HTTP/1.1"
    assert answers.asked[0].count(b"\r\n\r\n") == 1


async def test_a_connection_that_was_closed_after_its_answer_is_not_used_again(http: Http) -> None:
    answers = Answers(OK, closes=True)
    async with server(answers) as url:
        for _ in range(5):
            assert (await http.ask("POST", url, b"{}", {})).status == 200
            await asyncio.sleep(0.05)
    assert len(answers.asked) == answers.connections == 5


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    "said", [None, b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{", b"HTTP/1.1 20", b"hello\r\n\r\n"], ids=repr
)
async def test_what_was_asked_and_not_answered_is_not_asked_again(http: Http, method: str, said: bytes | None) -> None:
    answers = Answers(OK)
    async with server(answers) as url:
        await http.ask(method, url, b"{}", {})  # over a connection that is kept too
        answers.said, answers.closes = said, True
        with pytest.raises(NoAnswer):
            await http.ask(method, url, b"{}", {})
    assert len(answers.asked) == 2


async def test_silence_is_no_answer(http: Http) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server(silent) as url:
        with pytest.raises(NoAnswer):
            await http.ask("POST", url, b"{}", {}, 0.2)


async def test_nobody_there_is_not_connected(http: Http) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(NotConnected):
            await http.ask("POST", f"http://127.0.0.1:{closed.getsockname()[1]}/", b"{}", {})


async def test_a_server_without_tls_is_not_connected(http: Http) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)

    async with server(plain) as url:
        with pytest.raises(NotConnected):
            await http.ask("POST", url.replace("http:", "https:"), b"{}", {})


async def test_a_closed_client_is_not_connected(http: Http) -> None:
    await http.close()
    with pytest.raises(NotConnected):
        await http.ask("POST", "http://127.0.0.1:1/", b"{}", {})


@pytest.mark.parametrize(
    "url", ["", "/x", "http://", "http://[", "ftp://127.0.0.1/", "mailto:a@example.jp", "http://a:b@127.0.0.1/"]
)
async def test_no_address(http: Http, url: str) -> None:
    with pytest.raises(NotAnAddress):
        await http.ask("POST", url, b"{}", {})


async def test_it_goes_where_it_was_sent_and_remembers_nothing(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    led_away = b"HTTP/1.1 307 Away\r\nLocation: http://127.0.0.1:1/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    answers = Answers(led_away)
    async with server(answers) as url:
        other = Http()
        try:
            for one in (http, other, other):
                assert (await one.ask("POST", url, b"{}", {})).status == 307
        finally:
            await other.close()
    assert not any(b"cookie" in asked.lower() for asked in answers.asked)
