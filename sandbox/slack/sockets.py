"""Socket Mode: envelopes over a WebSocket that the bot opens, acknowledged by envelope_id."""

import asyncio
import json
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.records import Json
from sandbox.slack.workspace import Workspace

TYPES = {"event": "events_api", "command": "slash_commands", "interactive": "interactive"}


class Sockets:
    """The bot's open sockets. While `deaf`, they stay connected and nothing is sent on them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.open: list[web.WebSocketResponse] = []
        self.deaf = False
        self._tickets: set[str] = set()
        self._acks: dict[str, list[asyncio.Future[bytes]]] = {}

    def ticket(self) -> str:
        """A leave to connect once."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One connection, from `hello` to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=None)
        await socket.prepare(request)  # pyright: ignore[reportArgumentType]
        self.open.append(socket)
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.open),
                "debug_info": {"host": "practice", "approximate_connection_time": 18_060},
                "connection_info": {"app_id": self.workspace.app_id},
            }
        )
        self.workspace.changed("socket", socket)
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self.open.remove(socket)
            self.workspace.changed("socket", socket)
        return socket

    def _acknowledge(self, text: str) -> None:
        try:
            ack: Any = json.loads(text)
        except ValueError:
            return
        waiting = self._acks.get(ack.get("envelope_id", ""), []) if isinstance(ack, dict) else []
        if waiting:
            payload = ack.get("payload")
            waiting.pop(0).set_result(b"" if payload is None else json.dumps(payload).encode())

    async def send(self, raw: bytes, seconds: float) -> bytes:
        """Send one envelope on the newest socket and return the payload of its acknowledgement.

        Raises ConnectionError without a socket and TimeoutError without an acknowledgement in time.
        """
        if not self.open:
            raise ConnectionError("no socket is open")
        envelope_id = json.loads(raw)["envelope_id"]
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._acks.setdefault(envelope_id, []).append(future)
        try:
            if not self.deaf:
                await self.open[-1].send_str(raw.decode())
            return await asyncio.wait_for(future, seconds)
        finally:
            waiting = self._acks.get(envelope_id, [])
            if future in waiting:
                waiting.remove(future)
            if not waiting:
                self._acks.pop(envelope_id, None)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell the bot to come back (or `link_disabled`: not to), then close every socket."""
        for socket in list(self.open):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "practice"}})
            await socket.close()


def envelope(kind: str, payload: Json, attempt: int, reason: str) -> bytes:
    """The envelope of one delivery."""
    shape: Json = {
        "envelope_id": str(uuid.uuid4()),
        "type": TYPES[kind],
        "payload": payload,
        "accepts_response_payload": kind != "event",
    }
    if kind == "event":
        shape |= {"retry_attempt": attempt, "retry_reason": reason}
    return json.dumps(shape, ensure_ascii=False).encode()
