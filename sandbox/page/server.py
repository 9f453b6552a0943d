"""The page's server: what the page shows, and what is done in it, over the practice world of the moment."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Self

from aiohttp import web

from sandbox.mail import Letter
from sandbox.page import guard, pictures
from sandbox.page.acts import Act, Json, NotDone, failed
from sandbox.page.changes import Changes
from sandbox.page.life import Life, Lives, MakeWorld
from sandbox.page.starting import start_of
from sandbox.page.world import World

STATIC = Path(__file__).parent / "static"
LONGEST_BODY = 1024 * 1024
HOUR = timedelta(hours=1)
_NEEDS_NO_WORLD = ("/api/events", "/api/reset")


class PracticePage:
    """`async with PracticePage(make_world) as page`: open `page.url` in a browser.

    `make_world` brings a world to life and ends it; a reset ends one and begins another at the same address. It listens
    on loopback alone, and answers nobody who comes from another site.
    """

    def __init__(self, make_world: MakeWorld, *, port: int = 0) -> None:
        self._port = port
        self._changes = Changes()
        self._lives = Lives(make_world, self._changes)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    @property
    def world(self) -> World:
        """The world of the moment. Raises NotDone while there is none."""
        return self._now.world

    @property
    def _now(self) -> Life:
        return self._lives.now

    async def __aenter__(self) -> Self:
        await self._lives.begin()
        app = web.Application(client_max_size=LONGEST_BODY, middlewares=[guard.guarded, self._told])
        app.on_response_prepare.append(guard.mark)
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._changes.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self._lives.end()

    def _routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/", self._index),
            web.static("/static", STATIC),
            web.get("/picture", self._picture),
            web.get("/api/events", self._changes.stream),
            web.get("/api/start", self._start),
            web.get("/api/slack", self._slack),
            web.get("/api/teams", self._teams),
            web.get("/api/behind", self._behind),
            web.get("/api/mail", self._mail),
            web.get("/api/clock", self._clock),
            web.get("/api/faults", self._faults),
            web.get("/api/story", self._story),
            web.post("/api/slack/act", self._act_in_slack),
            web.post("/api/teams/act", self._act_in_teams),
            web.post("/api/clock", self._turn_clock),
            web.post("/api/faults", self._switch_fault),
            web.post("/api/story", self._go_on),
            web.post("/api/reset", self._reset),
        ]

    @web.middleware
    async def _told(self, request: web.Request, handler: guard.Handler) -> web.StreamResponse:
        """What cannot be done is answered with {ok: false, error, about} and a 4xx. Between two worlds one waits."""
        try:
            if request.path.startswith("/api/") and request.path not in _NEEDS_NO_WORLD:
                await self._lives.wait()
            return await handler(request)
        except NotDone as error:
            status = 400 if error.is_misuse else 409
            return _json({"ok": False, "error": error.code, "about": error.about}, status=status)
        except TimeoutError:
            return _json({"ok": False, "error": "resetting"}, status=503)

    # what is seen

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _picture(self, request: web.Request) -> web.Response:
        return await pictures.fetched(request.query.get("url", ""), self.world.stage.slack.bot_url)

    async def _start(self, _: web.Request) -> web.Response:
        return _json(start_of(self.world))

    async def _slack(self, request: web.Request) -> web.Response:
        return _json(self._now.slack.view(request.query.get("as", "")))

    async def _teams(self, request: web.Request) -> web.Response:
        return _json(self._now.teams.view(request.query.get("as", "")))

    async def _behind(self, request: web.Request) -> web.Response:
        kind, query = request.query.get("kind"), request.query
        if kind not in ("slack", "teams"):
            raise NotDone("malformed", "kind")
        return _json(await self._now.behind.look(kind, query.get("message", ""), query.get("as", "")))

    async def _mail(self, _: web.Request) -> web.Response:
        return _json([_letter(letter) for letter in self.world.stage.mail.mailboxes.letters])

    async def _clock(self, _: web.Request) -> web.Response:
        return _json({"now": self.world.clock.now().isoformat()})

    async def _faults(self, _: web.Request) -> web.Response:
        return _json(await self._told_faults())

    async def _told_faults(self) -> Json:
        life = self._now
        waiting = await life.world.backstage.waiting()
        self._lives.is_waited_for |= waiting > 0
        return life.trouble.switches() | {"waiting": waiting}

    async def _story(self, _: web.Request) -> web.Response:
        return _json(self._now.guide.told())

    # what is done

    async def _act_in_slack(self, request: web.Request) -> web.Response:
        return await self._act(request, "slack", self._now.slack.act)

    async def _act_in_teams(self, request: web.Request) -> web.Response:
        return await self._act(request, "teams", self._now.teams.act)

    async def _act(
        self, request: web.Request, platform: str, act: Callable[[str, Act], Awaitable[Json]]
    ) -> web.Response:
        asked, trouble = Act(await _body(request)), self._now.trouble
        who, down = asked.text("as"), trouble.is_down(platform)
        if not down:
            trouble.before_act(platform)
        try:
            came = failed(f"{platform}_down") if down else await act(who, asked)
        except NotDone as error:
            if error.is_misuse:
                raise
            came = failed(error.code, about=error.about)
        self._changes.tell("calls")
        return _json(came)

    async def _turn_clock(self, request: web.Request) -> web.Response:
        asked, world = Act(await _body(request)).text("do"), self.world
        due = None
        if asked == "hour":
            world.clock.forward(HOUR)
        elif asked == "next":
            due = await world.backstage.next_due()
            if due is not None:
                world.clock.forward_to(due)
        else:
            raise NotDone("unknown_act", asked)
        await world.backstage.catch_up()
        self._changes.tell("clock")
        return _json({"now": world.clock.now().isoformat(), "nothing_due": asked == "next" and due is None})

    async def _switch_fault(self, request: web.Request) -> web.Response:
        body, trouble = await _body(request), self._now.trouble
        name, on = body.get("name"), body.get("on")
        if not isinstance(name, str) or not trouble.is_known(name) or not isinstance(on, bool):
            raise NotDone("malformed", "name")
        await trouble.switch(name, on)
        self._changes.tell("faults")
        return _json(await self._told_faults())

    async def _go_on(self, request: web.Request) -> web.Response:
        asked, guide = Act(await _body(request)).text("do"), self._now.guide
        try:
            await guide.do(asked)
        except ValueError:
            raise NotDone("unknown_act", asked) from None
        except (LookupError, TimeoutError):
            raise NotDone("story_stuck") from None
        self._changes.tell("story")
        return _json(guide.told())

    async def _reset(self, _: web.Request) -> web.Response:
        await self._lives.begin()
        return _json({"ok": True})


def _letter(letter: Letter) -> Json:
    shown = {name: getattr(letter, name) for name in ("id", "to", "subject", "text")}
    return shown | {"at": letter.at.isoformat(), "links": list(letter.links)}


async def _body(request: web.Request) -> Json:
    if request.content_type != "application/json":
        raise NotDone("malformed", "content type")
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise NotDone("malformed", "JSON") from None
    if not isinstance(body, dict):
        raise NotDone("malformed", "JSON")
    return body


def _json(body: object, *, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status=status,
        content_type="application/json",
        charset="utf-8",
    )
