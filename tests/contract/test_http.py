"""The client on real sockets: asked once, and what came of it named for certain or not."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.http import Http, NoAnswer, NotAnAddress, NotConnected

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serving: Serving) -> AsyncIterator[str]:
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

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}/x"
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


@pytest.mark.parametrize("url", ["", "/x", "http://", "http://[", "ftp://127.0.0.1/", "mailto:a@example.jp"])
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
