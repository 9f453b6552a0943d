"""Which mail server letters are handed to."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

SUBMISSION = 587
SUBMISSION_OVER_TLS = 465
_PORTS = {"smtp": SUBMISSION, "smtps": SUBMISSION_OVER_TLS}


@dataclass(frozen=True, slots=True)
class MailServer:
    """`tls` from the first byte on; otherwise STARTTLS is used where the server offers it."""

    host: str
    port: int = SUBMISSION
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False


def parse(url: str) -> MailServer:
    """The server of `smtp://user:password@host:port` or `smtps://…`, user and password percent-encoded. ValueError,
    which does not repeat the password, where it is something else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("it has no port or host that could be used") from None
    if parts.scheme not in _PORTS:
        raise ValueError("it starts with neither smtp:// nor smtps://")
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("it is not of the form smtp://user:password@host:port")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isprintable():
        raise ValueError("its user or password has a control character")
    return MailServer(parts.hostname, port or _PORTS[parts.scheme], user, password, parts.scheme == "smtps")
