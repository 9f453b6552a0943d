"""What every load benchmark needs: servers in processes of their own, a light HTTP client, and figures."""

import asyncio
import contextlib
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Exchange = Callable[["Client", int], Awaitable[None]]
"""One request by its number, and all that has to happen until it counts as answered. Raises when it was not."""


class Unanswered(Exception):
    """A request that did not get its proper answer: the figures would mean nothing."""


class Client:
    """One kept-alive connection; requests are ready bytes. Lighter than any client library, so that what is
    measured is the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        return int(head[9:12]), await self._reader.readexactly(length_in(head))

    def close(self) -> None:
        self._writer.close()


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole POST request."""
    lines = {"Host": "127.0.0.1", **headers, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def length_in(head: bytes) -> int:
    """The Content-Length of a request's or response's head; 0 without one."""
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


@contextlib.asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[int]:
    """Runs this benchmark's file with `arguments` in a process of its own; gives the port that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, sys.argv[0], *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = await asyncio.wait_for(process.stdout.readline(), 60)
        if not said:
            raise RuntimeError(f"`{' '.join(arguments)}` ended before it listened")
        yield int(said)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


@dataclass
class Contender:
    """One server under test, and what each of its rounds measured. `seconds` are latencies."""

    name: str
    port: int
    exchange: Exchange
    alone: list[list[float]] = field(default_factory=list[list[float]])
    together: list[list[float]] = field(default_factory=list[list[float]])
    rates: list[float] = field(default_factory=list[float])
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(sys.maxsize)))

    async def load(self, connections: int, seconds: float) -> tuple[list[float], float]:
        """Latencies of every exchange on that many connections, each asking again once it is answered; and
        exchanges a second."""
        clients = [await Client.connect(self.port) for _ in range(connections)]
        latencies: list[float] = []
        begun = time.perf_counter()

        async def keep_asking(client: Client) -> None:
            while (asked := time.perf_counter()) < begun + seconds:
                await self.exchange(client, next(self._numbers))
                latencies.append(time.perf_counter() - asked)

        await asyncio.gather(*(keep_asking(client) for client in clients))
        elapsed = time.perf_counter() - begun
        for client in clients:
            client.close()
        return latencies, len(latencies) / elapsed

    async def round(self, connections: int, seconds: float) -> None:
        """At one connection, then at `connections`."""
        latencies, _ = await self.load(1, seconds)
        self.alone.append(latencies)
        latencies, rate = await self.load(connections, seconds)
        self.together.append(latencies)
        self.rates.append(rate)

    def figures(self) -> dict[str, float]:
        """Medians over the rounds: rate at many connections, and milliseconds at one and at many."""
        return {
            "per_second": round(statistics.median(self.rates), 1),
            "p50_ms": _milliseconds(self.alone, 0.5),
            "p99_ms": _milliseconds(self.alone, 0.99),
            "p50_ms_loaded": _milliseconds(self.together, 0.5),
            "p99_ms_loaded": _milliseconds(self.together, 0.99),
        }


def _milliseconds(rounds: list[list[float]], share: float) -> float:
    found = [sorted(latencies)[int(len(latencies) * share)] for latencies in rounds]
    return round(statistics.median(found) * 1000, 3)


async def compete(contenders: list[Contender], *, rounds: int, connections: int, seconds: float) -> None:
    """Rounds in turn, so that what else the machine does meets them all; a first short one is not counted."""
    for contender in contenders:
        await contender.load(connections, seconds / 2)
    for _ in range(rounds):
        for contender in contenders:
            await contender.round(connections, seconds)


def table(heading: str, figures: dict[str, dict[str, float]], connections: int) -> str:
    """The figures of several contenders, to read."""
    columns = f"{'a second':>10} {'p50':>9} {'p99':>9} {'p50':>9} {'p99':>9}"
    lines = [heading, f"{'':<34}{f'{connections} conn.':>10} {'1 conn.':>19} {f'{connections} conn.':>19}"]
    lines.append(f"{'':<34}{columns}")
    for name, row in figures.items():
        rate, *times = row.values()
        lines.append(f"  {name:<32}{rate:>10.0f} " + " ".join(f"{ms:>6.2f} ms" for ms in times))
    return "\n".join(lines)


def last_line(result: dict[str, Any]) -> str:
    """What programs read."""
    return json.dumps(result, ensure_ascii=False)
