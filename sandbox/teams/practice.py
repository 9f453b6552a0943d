"""The practice Teams as a whole: a connector on loopback, a tenant behind it, and people to act as."""

from types import SimpleNamespace
from typing import Any, Self

from aiohttp import web

from sandbox.faults import Faults, under
from sandbox.outage import Listening

from .answered import Answered
from .checking import CAUTIOUS, SizeLimit
from .connector import Connector
from .door import Door
from .issuer import SCOPE, Issuer
from .issuer_server import IssuerServer
from .person import Person
from .postman import Postman
from .tenant import Tenant, practice_tenant

APP_ID = "5c1f7a52-0d6e-4b39-9a3f-2f1f6f0b7c11"
APP_PASSWORD = "practice-password"


class PracticeTeams:
    """`async with PracticeTeams() as teams`: set `teams.bot_url`, then act with `teams.as_person("hr1")`."""

    def __init__(
        self,
        *,
        tenant: Tenant | None = None,
        bot_url: str = "",
        auth: bool = False,
        limits: bool = False,
        validate: bool = True,
        size_limit: SizeLimit = CAUTIOUS,
        app_id: str = APP_ID,
        app_password: str = APP_PASSWORD,
        bot_name: str = "Motokai",
        port: int = 0,
        tls_login: bool = False,
        hears_all: bool = False,
    ) -> None:
        """`auth`: sign deliveries, want tokens. `limits`: enforce rates. `validate`: check cards and sizes.

        `tls_login` also serves the token endpoint over https, for MSAL. `hears_all`: the bot gets channel
        messages that do not mention it.
        """
        self.app_id = app_id
        self.app_password = app_password
        self.bot_name = bot_name
        self.auth = auth
        self.hears_all = hears_all
        self.faults = Faults()
        self.tenant = tenant or practice_tenant(f"28:{app_id}")
        self.tenant.bot_id = f"28:{app_id}"
        self.issuer = Issuer(app_id, app_password, self.tenant.tenant_id)
        self.connector = Connector(self.tenant, lambda: self.service_url)
        self.connector.limits = limits
        self.connector.validate = validate
        self.connector.size_limit = size_limit
        self.postman = Postman(self.tenant, self.faults, self.issuer if auth else None, bot_url)
        self.base_url = ""
        self.listening = Listening("127.0.0.1", port)
        self._tls_login = tls_login
        self._door = Door(self.connector, self.faults, self.issuer if auth else None)
        self._issuer_servers: list[IssuerServer] = []

    # life

    async def start(self) -> Self:
        """Listen on loopback; afterwards `service_url` and the other addresses are known."""
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_route("*", "/teams/{tail:.*}", self._door.serve)
        app.router.add_get("/files/{key}", self._file)
        app.router.add_route("*", "/{tail:.*}", self._issue)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await self.listening.start(runner)
        self.base_url = f"http://127.0.0.1:{self.listening.port}"
        if self.auth:
            self._issuer_servers.append(IssuerServer(self.issuer))
        if self.auth and self._tls_login:
            self._issuer_servers.append(IssuerServer(self.issuer, tls=True))
        await self.postman.open()
        return self

    async def stop(self) -> None:
        await self.postman.close()
        await self.listening.stop()
        for server in self._issuer_servers:
            server.close()
        self._issuer_servers.clear()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # addresses

    @property
    def service_url(self) -> str:
        """The connector's address as activities bear it, with a slash at the end."""
        return f"{self.base_url}/teams/"

    @property
    def bot_url(self) -> str:
        """Where activities go, such as http://127.0.0.1:3978/api/messages."""
        return self.postman.bot_url

    @bot_url.setter
    def bot_url(self, url: str) -> None:
        self.postman.bot_url = url

    @property
    def metadata_url(self) -> str:
        """OpenID metadata, with auth from a thread of its own: a bot in this loop may block on it."""
        base = self._issuer_servers[0].base if self._issuer_servers else self.base_url
        return f"{base}/openid/.well-known/openidconfiguration"

    @property
    def token_url(self) -> str:
        """The token endpoint, on which faults can be ordered as `oauth.token`."""
        return f"{self.base_url}/oauth/token"

    @property
    def login_url(self) -> str:
        """The https authority for MSAL; REQUESTS_CA_BUNDLE has to name `login_certificate`."""
        return f"{self._issuer_servers[1].base}/adfs" if len(self._issuer_servers) > 1 else f"{self.base_url}/adfs"

    @property
    def login_certificate(self) -> str:
        """The path of the certificate behind `login_url`; empty without `tls_login`."""
        return str(self._issuer_servers[1].certificate) if len(self._issuer_servers) > 1 else ""

    @property
    def bot_settings(self) -> SimpleNamespace:
        """The settings with which botbuilder's CloudAdapter trusts this issuer."""
        if not self.auth:
            return SimpleNamespace(APP_ID="", APP_PASSWORD="")
        return SimpleNamespace(
            APP_ID=self.app_id,
            APP_PASSWORD=self.app_password,
            CHANNEL_SERVICE="",
            TO_CHANNEL_FROM_BOT_LOGIN_URL=self.login_url,
            TO_CHANNEL_FROM_BOT_OAUTH_SCOPE=SCOPE,
            TO_BOT_FROM_CHANNEL_TOKEN_ISSUER=self.issuer.issuer,
            TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL=self.metadata_url,
            TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL=self.metadata_url,
            OAUTH_URL=self.base_url,
            VALIDATE_AUTHORITY=False,
        )

    # acting

    def as_person(self, key: str) -> Person:
        """The client of a person of the tenant. Raises KeyError for one who isn't there."""
        person = Person(self.tenant.person(key), self.tenant, self.postman, self.service_url, self.bot_name)
        person.heard_without_mention = self.hears_all
        return person

    async def deliver(self, activity: dict[str, Any]) -> Answered:
        """Deliver an activity made by hand, signed and under faults like any other."""
        return await self.postman.deliver(activity)

    async def resend(
        self, answered: Answered, *, times: int = 1, concurrently: bool = False, new_activity_id: bool = False
    ) -> list[Answered]:
        """See Postman.resend."""
        return await self.postman.resend(
            answered, times=times, concurrently=concurrently, new_activity_id=new_activity_id
        )

    async def post_raw(self, body: bytes | str | dict[str, Any] | list[Any] = b"", **how: Any) -> Answered:
        """See Postman.post_raw."""
        return await self.postman.post_raw(body, **how)

    def token(self, **overrides: Any) -> str:
        """A token as Teams would send it, with claims replaced; see Issuer.token."""
        return self.issuer.token(self.service_url, **overrides)

    def broken_tokens(self) -> dict[str, str]:
        """Tokens that the bot has to refuse, by what is wrong with them."""
        return self.issuer.broken_tokens(self.service_url)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """As SharePoint: who has the address may have the file. Faults are ordered on `files.download`."""
        kept = self.tenant.uploads.get(request.match_info["key"])

        async def handler(request: web.Request) -> web.StreamResponse:
            if kept is None or request.query.get("tempauth") != request.match_info["key"]:
                return web.Response(status=404)
            return web.Response(body=kept[1], content_type="application/octet-stream")

        return await under(self.faults.take("files.download"), request, handler)

    async def _issue(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}

        async def handler(request: web.Request) -> web.StreamResponse:
            reply = self.issuer.answer(request.method, request.path, form, self.base_url)
            if reply is None:
                return web.json_response({"error": "not_found"}, status=404)
            return web.json_response(reply.body, status=reply.status)

        name = "oauth.token" if request.path.endswith("/token") else "openid"
        return await under(self.faults.take(name), request, handler, error_body=lambda code: {"error": code})
