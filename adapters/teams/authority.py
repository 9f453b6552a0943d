"""Who vouches for Teams to us and for us to Teams, as data."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.loopback import is_loopback

_LOGIN = "https://login.microsoftonline.com"


@dataclass(frozen=True, slots=True)
class Authority:
    """`issuer` signs what comes in, with keys listed under `metadata_url`; `token_url` grants what goes out
    its token for `scope`. `files_at` is the origin of what people attach, empty for SharePoint."""

    issuer: str
    metadata_url: str
    token_url: str
    scope: str
    files_at: str = ""


def public(app_type: str = "MultiTenant", tenant_id: str = "") -> Authority:
    """Microsoft's public cloud. A single-tenant app fetches its tokens in its own tenant, a multi-tenant one
    in Bot Framework's. ValueError when a single-tenant app names no tenant."""
    if app_type == "MultiTenant":
        tenant = "botframework.com"
    elif tenant_id:
        tenant = tenant_id
    else:
        raise ValueError(f"TEAMS_APP_TYPE={app_type} needs TEAMS_TENANT_ID: set it to the tenant's id.")
    return Authority(
        issuer="https://api.botframework.com",
        metadata_url="https://login.botframework.com/v1/.well-known/openidconfiguration",
        token_url=f"{_LOGIN}/{tenant}/oauth2/v2.0/token",
        scope="https://api.botframework.com/.default",
    )


PUBLIC = public()


def may_hold_token(url: str) -> bool:
    """Whether a bearer token may be sent to `url`: https anywhere, plain http on this machine alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
