"""The one who issues and vouches for tokens: OpenID metadata, signing keys and the token endpoint. No I/O."""

import base64
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

ISSUER = "https://api.botframework.com"
SCOPE = "https://api.botframework.com"
METADATA_PATHS = ("/.well-known/openidconfiguration", "/.well-known/openid-configuration")


@dataclass(frozen=True)
class Reply:
    """A JSON answer."""

    status: int
    body: dict[str, Any]


class Issuer:
    """Plays both sides of Bot Framework authentication: Teams towards the bot, and Entra for the bot.

    Safe to ask from several threads.
    """

    def __init__(self, app_id: str, app_password: str, tenant_id: str, *, token_lifetime: int = 3600) -> None:
        self.app_id = app_id
        self.app_password = app_password
        self.tenant_id = tenant_id
        self.issuer = ISSUER
        self.kid = f"practice-{uuid.uuid4().hex[:12]}"
        self.token_lifetime = token_lifetime
        self.issued = 0
        self._lock = threading.Lock()
        self._to_bot: dict[str, tuple[float, str]] = {}
        self._accepted: dict[str, float] = {}

    @cached_property
    def _key(self) -> RSAPrivateKey:
        return _key_of("the issuer")

    # towards the bot

    def token(
        self,
        service_url: str,
        *,
        kid: str | None = "",
        stranger: bool = False,
        alg: str = "RS256",
        **claims: Any,
    ) -> str:
        """A token as Teams sends it to the bot; claims given here replace the usual ones, None drops one.

        `kid=None` leaves the header out, `stranger` signs with a key that nobody vouches for.
        """
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "aud": self.app_id,
            "serviceurl": service_url,
            "nbf": now - 300,
            "exp": now + 3600,
        }
        said = {name: value for name, value in (usual | claims).items() if value is not None}
        headers = {} if kid is None else {"kid": kid or self.kid}
        key: Any = {"HS256": "a shared secret of thirty-two bytes", "none": None}.get(alg, self._signing_key(stranger))
        return jwt.encode(said, key, algorithm=alg, headers=headers)

    def broken_tokens(self, service_url: str) -> dict[str, str]:
        """Tokens that a bot has to refuse, by what is wrong with them."""
        now = int(time.time())
        return {
            "no exp": self.token(service_url, exp=None),
            "expired": self.token(service_url, exp=now - 3600, nbf=now - 7200),
            "not yet valid": self.token(service_url, nbf=now + 3600, exp=now + 7200),
            "wrong audience": self.token(service_url, aud=str(uuid.UUID(int=1))),
            "no audience": self.token(service_url, aud=None),
            "wrong issuer": self.token(service_url, iss="https://issuer.invalid"),
            "no issuer": self.token(service_url, iss=None),
            "wrong key": self.token(service_url, stranger=True),
            "unknown kid": self.token(service_url, kid="nobody-knows-this-key"),
            "missing kid": self.token(service_url, kid=None),
            "wrong serviceurl": self.token(service_url, serviceurl="https://smba.invalid/teams/"),
            "no serviceurl": self.token(service_url, serviceurl=None),
            "unsigned": self.token(service_url, alg="none"),
            "symmetric": self.token(service_url, alg="HS256"),
        }

    def header_for_bot(self, service_url: str) -> str:
        """An Authorization header for a delivery, minted anew a few minutes before the last one expires."""
        until, token = self._to_bot.get(service_url, (0.0, ""))
        if until < time.time():
            token = self.token(service_url)
            self._to_bot[service_url] = (time.time() + 3000, token)
        return f"Bearer {token}"

    # towards the connector

    def accepts(self, header: str | None) -> bool:
        """Whether an Authorization header carries a token issued here for the connector and still valid."""
        scheme, _, token = (header or "").partition(" ")
        if scheme != "Bearer" or not token:
            return False
        if token not in self._accepted:
            try:
                claims = jwt.decode(token, self._key.public_key(), ["RS256"], audience=SCOPE)
            except jwt.InvalidTokenError:
                return False
            self._accepted[token] = float(claims.get("exp", 0))
        return self._accepted[token] > time.time()

    def revoke(self) -> None:
        """From now on refuse every token issued so far, as after a rotation of keys."""
        self._key = generate_private_key(65537, 2048)
        self.kid = f"practice-{uuid.uuid4().hex[:12]}"
        self._to_bot.clear()
        self._accepted.clear()

    # over HTTP

    def answer(self, method: str, path: str, form: Mapping[str, str], base: str) -> Reply | None:
        """The reply to a request for metadata, keys or a token; None when the path is not the issuer's.

        `base` is the address under which the asker reached us, without a slash at the end.
        """
        if path.endswith(METADATA_PATHS):
            return Reply(200, self._metadata(base, adfs=path.startswith("/adfs")))
        if path.endswith("/keys"):
            return Reply(200, {"keys": [self._public_key()]})
        if path.endswith("/token") and method == "POST":
            return self._grant(form)
        return None

    def _metadata(self, base: str, *, adfs: bool) -> dict[str, Any]:
        return {
            "issuer": f"{base}/adfs" if adfs else self.issuer,
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "jwks_uri": f"{base}/openid/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"],
        }

    def _public_key(self) -> dict[str, Any]:
        numbers = self._key.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": _base64_int(numbers.n),
            "e": _base64_int(numbers.e),
            "endorsements": ["msteams"],
        }

    def _grant(self, form: Mapping[str, str]) -> Reply:
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "AADSTS70003: client_credentials only.")
        if form.get("client_id") != self.app_id:
            return _refused(400, "unauthorized_client", "AADSTS700016: Application was not found.")
        if form.get("client_secret") != self.app_password:
            return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if form.get("scope", "").removesuffix("/.default") != SCOPE:
            return _refused(400, "invalid_scope", "AADSTS70011: The provided scope is not valid.")
        with self._lock:
            self.issued += 1
        body = {
            "token_type": "Bearer",
            "expires_in": self.token_lifetime,
            "access_token": self._access_token(),
        }
        return Reply(200, body | {"ext_expires_in": self.token_lifetime})

    def _access_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": f"https://sts.windows.net/{self.tenant_id}/",
            "aud": SCOPE,
            "appid": self.app_id,
            "nbf": now,
            "exp": now + self.token_lifetime,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.kid})

    def _signing_key(self, stranger: bool) -> RSAPrivateKey:
        return _key_of("a stranger") if stranger else self._key


_keys_lock = threading.Lock()


def _key_of(_whose: str) -> RSAPrivateKey:
    """Made on first use and kept by the process: it takes a quarter of a second."""
    with _keys_lock:
        return _made(_whose)


@cache
def _made(_whose: str) -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def _refused(status: int, error: str, description: str) -> Reply:
    return Reply(status, {"error": error, "error_description": description})


def _base64_int(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
