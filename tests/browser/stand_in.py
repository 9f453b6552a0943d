"""A server for the page alone: it serves the page's files, and answers with whatever a test puts into it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

STATIC = Path(__file__).parents[2] / "sandbox" / "page" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Json = dict[str, Any]


def start_of(locale: str = "ja") -> Json:
    """What the page asks first."""
    people = [{"id": "U1", "name": "佐藤 彩", "kana": "サトウ アヤ", "note": "品質管理部"}]
    return {
        "locale": locale,
        "company": "東都製作所",
        "size": 1,
        "slack": {
            "team": "東都製作所",
            "me": "U1",
            "people": people,
            "bot": {"id": "UBOT", "name": "Motokai"},
            "commands": [
                {
                    "command": "/alumni",
                    "usage": "help | find NAME",
                    "description": "Everything Motokai can do",
                    "verbs": [{"words": ["help", "ヘルプ"], "hint": "使い方"}, {"words": ["gigs"], "hint": "募集一覧"}],
                }
            ],
        },
        "teams": {
            "me": "hr1",
            "people": [{"id": "hr1", "name": "小林 恵子", "note": "人事部"}],
            "bot": {"id": "bot", "name": "Motokai"},
            "commands": [{"title": "募集", "description": "仕事を募集する"}],
            "extensions": [],
        },
    }


@dataclass
class StandIn:
    """`slack` and `teams` are the views that the page gets; `acts` is what it posted; `answers` what it is told."""

    slack: Json = field(default_factory=lambda: {"conversations": [], "home": None, "modal": None})
    teams: Json = field(default_factory=lambda: {"conversations": []})
    start: Json = field(default_factory=start_of)
    story: Json = field(default_factory=lambda: {"steps": [], "at": None})
    acts: list[Json] = field(default_factory=list)
    answer: Callable[[Json], Json] = lambda act: {"ok": True}
    url: str = ""
    _streams: dict[web.StreamResponse, asyncio.Event] = field(default_factory=dict)

    def put_slack(self, *messages: Json, home: Json | None = None, modal: Json | None = None) -> None:
        """These messages of the bot, in the conversation with it."""
        told = [{"user": "UBOT", "name": "Motokai", "bot": True, "text": "", "thread_ts": None, **m} for m in messages]
        chat = {"id": "D1", "kind": "im", "name": "Motokai", "messages": told}
        self.slack = {"conversations": [chat], "home": home, "modal": modal}

    def put_teams(self, *messages: Json, kind: str = "personal") -> None:
        """These messages of the bot, in one conversation with it."""
        told = [{"from": "bot", "name": "Motokai", "bot": True, "text": "", "reply_to": None, **m} for m in messages]
        self.teams = {"conversations": [{"id": "a:1", "kind": kind, "name": "Motokai", "messages": told}]}

    async def changed(self, kind: str) -> None:
        """Tell every open page that this changed."""
        for stream in self._streams:
            await stream.write(f"data: {json.dumps({'kind': kind})}\n\n".encode())

    async def hang_up(self) -> None:
        """Break the line to every open page."""
        for over in self._streams.values():
            over.set()

    @asynccontextmanager
    async def served(self) -> AsyncIterator["StandIn"]:
        app = web.Application()
        app.on_response_prepare.append(self._strictly)
        app.router.add_get("/", self._index)
        app.router.add_static("/static/", STATIC)
        app.router.add_get("/api/events", self._events)
        app.router.add_get("/api/{what}", self._get)
        app.router.add_post("/api/{platform}/act", self._act)
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _strictly(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _get(self, request: web.Request) -> web.Response:
        answers = {
            "start": self.start,
            "slack": self.slack,
            "teams": self.teams,
            "story": self.story,
            "clock": {"now": "2026-11-09T05:32:00Z"},
            "faults": {"slack": [{"name": "slack_down", "on": False}], "teams": []},
            "mail": [],
            "behind": {"json": {"type": "practice"}, "ledger": None, "inbox": None, "requests": []},
        }
        return web.json_response(answers[request.match_info["what"]])

    async def _act(self, request: web.Request) -> web.Response:
        act = {"platform": request.match_info["platform"], **await request.json()}
        self.acts.append(act)
        return web.json_response(self.answer(act))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        await stream.write(b": here\n\n")
        over = asyncio.Event()
        self._streams[stream] = over
        try:
            await over.wait()
        finally:
            self._streams.pop(stream)
        return stream
