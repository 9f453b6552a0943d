"""POST /hooks/hris: events that the company's HR system has signed. docs/hris.md is what its makers read."""

import asyncio
import hmac
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy.exc import OperationalError

from bot import companies, hris, texts
from bot.clock import Clock
from bot.dispatch import DEADLOCKS
from bot.errors import UnknownCompany
from bot.hris import HrisEvent, Standing, Unfit
from storage import ledger
from storage.db import Database, was_deadlocked

log = structlog.get_logger()

PATH = "/hooks/hris"
TOLERANCE = timedelta(minutes=5)
LARGEST_BODY = 256 * 1024
TIMESTAMP, SIGNATURE = "X-Motokai-Timestamp", "X-Motokai-Signature"

_SECONDS = re.compile(r"[0-9]{1,12}")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the sender puts into X-Motokai-Signature: HMAC-SHA256 over the timestamp, a dot and the body."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, "sha256").hexdigest()


def secrets_of(setting: str) -> list[str]:
    """HRIS_SECRET is one secret, or the new and the old one while they are changed."""
    return [part.strip() for part in setting.split(",") if part.strip()]


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class HrisHook:
    """One company's. `woken` is called when the ledger has something to deliver."""

    def __init__(
        self,
        database: Database,
        *,
        secret: str,
        company: str,
        letters: bool,
        now: Clock,
        threads: Executor,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._secrets = secrets_of(secret)
        self._company = company
        self._letters = letters
        self._now = now
        self._threads = threads
        self._woken = woken

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            event = hris.parsed(self._read(request, await _body_of(request)))
            standing, due = await asyncio.get_running_loop().run_in_executor(
                self._threads, partial(self._receive, event)
            )
        except _Refused as refused:
            log.info("hris.refused", status=refused.status, why=str(refused))
            return web.json_response({"error": str(refused)}, status=refused.status)
        except Unfit as unfit:
            log.info("hris.refused", status=422, parts=sorted(unfit.faults))
            return web.json_response({"errors": dict(unfit.faults)}, status=422)
        if due:
            self._woken()
        return web.json_response({"status": str(standing)})

    def _read(self, request: web.Request, body: bytes) -> Any:
        if request.content_type != "application/json":
            raise _Refused(415, "The event is to be application/json.")
        self._verify(request.headers, body)
        try:
            return _cleaned(json.loads(body.decode()))
        except (ValueError, RecursionError):
            raise _Refused(400, "The body is not JSON in UTF-8.") from None

    def _verify(self, headers: Mapping[str, str], body: bytes) -> None:
        timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        if not _SECONDS.fullmatch(timestamp) or not given:
            raise _Refused(401, f"{TIMESTAMP} (seconds since 1970) and {SIGNATURE} are needed.")
        said = given.encode("utf-8", "replace")
        if not any(hmac.compare_digest(signature(one, timestamp, body).encode(), said) for one in self._secrets):
            raise _Refused(401, "The signature is wrong.")
        if abs(self._now().timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
            raise _Refused(401, "The timestamp is more than five minutes off.")

    def _receive(self, event: HrisEvent) -> tuple[Standing, bool]:
        try:
            company_id = companies.named(self._database, self._company)
        except UnknownCompany:
            raise _Refused(503, "Set HRIS_COMPANY to the company's name or id.") from None
        for _ in range(DEADLOCKS):
            try:
                return self._in_company(company_id, event)
            except OperationalError as error:
                if not was_deadlocked(error):
                    log.exception("hris.database")
                    break
        raise _Refused(503, "The database is busy. Send the event again.")

    def _in_company(self, company_id: int, event: HrisEvent) -> tuple[Standing, bool]:
        with self._database.company(company_id) as session:
            standing = hris.receive(session, event, self._now(), letters=self._letters)
            return standing, ledger.is_due(session)


async def _body_of(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST_BODY:
        raise _Refused(413, "The event is too large.")
    body = b""
    async for chunk in request.content.iter_chunked(LARGEST_BODY):
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _Refused(413, "The event is too large.")
    return body


def _cleaned(value: Any) -> Any:
    """Without what no database carries, in every text."""
    match value:
        case str():
            return texts.cleaned(value)
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {texts.cleaned(str(name)): _cleaned(item) for name, item in value.items()}
        case _:
            return value
