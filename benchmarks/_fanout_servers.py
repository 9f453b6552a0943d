"""The servers of fanout.py: the product with a company of that many, and a platform that takes whatever is posted."""

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.slack.pacing import Pacing
from sandbox.teams.limits import CONVERSATION_RATES, TENANT_RATES, Windows, retry_after

TEAM = "T0BENCH"
TENANT = "bench-tenant"
SECRET = "bench-signing-secret"
POSTER = "U0POSTER"
OFFERED_BY = {"legal_name": "株式会社東都製作所", "legal_address": "愛知県刈谷市", "contact": "人事部"}
"""What a post may not lack: without it, it stays a draft."""
UNLIMITED = 10_000_000
"""A minute."""
SLACK_A_MINUTE = 600
"""What the practice Slack's limits allow a workspace."""
TEAMS_A_MINUTE = 3000
"""What Teams allows an app in a tenant: 50 a second."""


def slack_user(number: int) -> str:
    return f"U{number:07}"


def conversation_of(number: int) -> str:
    """The personal conversation of somebody in Teams."""
    return f"a:bench-{number}"


class Platform:
    """Both platforms' own servers in one: takes every request at once, or by the limits of the practice servers."""

    def __init__(self, *, limits: bool) -> None:
        self.counts: Counter[str] = Counter()
        self.last: dict[str, str] = {}
        self._expected: dict[str, asyncio.Future[float]] = {}
        self._limits = limits
        self._slack = Pacing(workspace_a_minute=SLACK_A_MINUTE)
        self._tenant, self._conversations = Windows(TENANT_RATES), Windows(CONVERSATION_RATES)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        path = request.path
        if path == "/seen":
            return _answer({"counts": self.counts, "last": self.last, "at": time.monotonic()})
        if path == "/arrival":
            return _answer({"at": await self._arrival(body.decode())})
        if path.startswith("/api/"):
            return self._in_slack(path.removeprefix("/api/"), body)
        return self._in_teams(request.method, path, body)

    async def _arrival(self, words: str) -> float | None:
        """When a message with these words has arrived, as soon as it has."""
        arriving = self._expected[words] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(arriving, 5)
        except TimeoutError:
            return None
        finally:
            del self._expected[words]

    def _in_slack(self, method: str, body: bytes) -> web.Response:
        told = json.loads(body) if body.startswith(b"{") else {}
        wait = self._slack.retry_after(method, str(told.get("channel"))) if self._limits else 0
        self._note("slack", {"chat.postMessage": "sent", "chat.update": "edited"}.get(method, method), body, wait)
        if wait:
            return _answer({"ok": False, "error": "ratelimited"}, 429, wait)
        channel, ts = told.get("channel", ""), told.get("ts") or f"{time.time():.6f}"
        return _answer({"ok": True, "team_id": TEAM, "channel": f"D{channel[1:]}", "ts": ts})

    def _in_teams(self, method: str, path: str, body: bytes) -> web.Response:
        wait = self._teams_wait(path) if self._limits else 0.0
        self._note("teams", "edited" if method == "PUT" else "sent", body, wait)
        if wait:
            return _answer({}, 429, retry_after(wait))
        return _answer({"id": f"{time.monotonic_ns()}"}, 200 if method == "PUT" else 201)

    def _teams_wait(self, path: str) -> float:
        now = time.monotonic()
        return self._tenant.refused_for(TENANT, now) or self._conversations.refused_for(path, now)

    def _note(self, platform: str, what: str, body: bytes, wait: float) -> None:
        name = f"{platform}.{'refused' if wait else what}"
        self.counts[name] += 1
        self.last[name] = body.decode()
        for words, arriving in self._expected.items():
            if words in self.last[name] and not arriving.done():
                arriving.set_result(time.monotonic())


def _answer(body: Mapping[str, Any], status: int = 200, wait: int = 0) -> web.Response:
    headers = {"Retry-After": str(wait)} if wait else None
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json", headers=headers)


async def serve(name: str, folder: Path, platform_url: str, people: int) -> None:
    """Run the server of that name until SIGTERM; print its port when it listens."""
    port, stop = await {
        "platform": lambda: _platform(limits=False),
        "limited-platform": lambda: _platform(limits=True),
        "slack": lambda: _motokai(folder, platform_url, {"slack": people}),
        "teams": lambda: _motokai(folder, platform_url, {"teams": people}),
        "limited": lambda: _motokai(folder, platform_url, {"slack": people, "teams": 5 * people}, limits=True),
    }[name]()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print(port, flush=True)
    await stopped.wait()
    await stop()


async def _platform(*, limits: bool) -> tuple[int, Any]:
    runner = web.ServerRunner(web.Server(Platform(limits=limits).serve, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner.addresses[0][1], runner.cleanup


async def _motokai(
    folder: Path, platform_url: str, people: Mapping[str, int], *, limits: bool = False
) -> tuple[int, Any]:
    import logging

    import structlog

    from adapters import process
    from adapters.service import Service
    from adapters.settings import Settings
    from storage import migrate

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    service = Service(
        Settings(
            database_url=f"sqlite:///{folder}/{'-'.join(people)}.db",
            port=0,
            slack_bot_token="xoxb-bench",
            slack_signing_secret=SECRET,
            slack_api_url=f"{platform_url}/api/",
            slack_sends_per_minute=SLACK_A_MINUTE if limits else UNLIMITED,
            slack_edits_per_minute=45 if limits else UNLIMITED,
            teams_auth="disabled",
            teams_tenant_id=TENANT,
            teams_sends_per_minute=0.99 * TEAMS_A_MINUTE if limits else UNLIMITED,
        )
    )
    migrate.upgrade(service.database)
    fill(service.database, people, platform_url)
    await service.start()
    process.spare_startup_objects()
    return service.port, service.stop


def fill(database: Any, people: Mapping[str, int], platform_url: str = "http://127.0.0.1") -> None:
    """A company in a workspace and a tenant, with that many alumni on each platform and one of HR in Slack; the
    database is migrated and empty."""
    from sqlalchemy import insert

    from adapters.slack import ids
    from storage.tables import Account, Company, Conversation, Install, Person, PersonState, Role, table

    with database.installation() as session:
        core = session.core
        core.execute(
            insert(table(Company)), [{"id": 1, "name": "東都製作所", "locale": "ja", "gig_defaults": OFFERED_BY}]
        )
        installs = [{"platform": "slack", "workspace": TEAM}, {"platform": "teams", "workspace": TENANT}]
        core.execute(insert(table(Install)), [{"company_id": 1, **install} for install in installs])
        poster = {"company_id": 1, "id": 1, "name": "人事 花子", "role": Role.HR, "state": PersonState.ACTIVE}
        core.execute(insert(table(Person)), [poster])
        at = ids.pack(ids.User(TEAM, POSTER))
        account = {"platform": "slack", "workspace": TEAM, "external_id": POSTER, "address": at}
        core.execute(insert(table(Account)), [{"company_id": 1, "person_id": 1, **account}])
        number = 1
        for platform, several in people.items():
            for first in range(number + 1, number + several + 1, 5000):
                some = range(first, min(first + 5000, number + several + 1))
                core.execute(insert(table(Person)), [_alumnus(one) for one in some])
                core.execute(insert(table(Account)), [_account(platform, one) for one in some])
                if platform == "teams":
                    core.execute(insert(table(Conversation)), _conversations(some, platform_url))
            number += several


def _alumnus(number: int) -> dict[str, Any]:
    from storage.tables import PersonState, Role

    own = {"company_id": 1, "id": number, "name": f"佐藤 {number}", "locale": "ja"}
    return {**own, "role": Role.ALUMNUS, "state": PersonState.ACTIVE}


def _account(platform: str, number: int) -> dict[str, Any]:
    from adapters.slack import ids
    from adapters.teams.ids import Address

    own: dict[str, Any] = {"company_id": 1, "person_id": number, "platform": platform}
    if platform == "slack":
        user = slack_user(number)
        return {**own, "workspace": TEAM, "external_id": user, "address": ids.pack(ids.User(TEAM, user))}
    address = Address(TENANT, conversation_of(number)).pack()
    return {**own, "workspace": TENANT, "external_id": f"bench-{number}", "address": address}


def _conversations(some: Sequence[int], service_url: str) -> list[dict[str, Any]]:
    from adapters.teams.ids import Address

    return [
        {
            "company_id": 1,
            "address": Address(TENANT, conversation_of(number)).pack(),
            "installed": True,
            "reference": {
                "user": {"id": f"29:bench-{number}", "aadObjectId": f"bench-{number}"},
                "bot": {"id": "28:bench-bot", "name": "bench"},
                "conversation": {"id": conversation_of(number), "conversationType": "personal", "tenantId": TENANT},
                "channelId": "msteams",
                "locale": "ja-JP",
                "serviceUrl": service_url,
            },
        }
        for number in some
    ]
