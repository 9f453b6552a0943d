"""The issuer on ports and threads of its own.

botbuilder fetches signing keys, and MSAL tokens, with blocking calls inside the event loop. A bot that
shares the sandbox's loop would wait for itself if the sandbox answered those from the same loop.
MSAL wants https, so the same answers are given over TLS too when asked for.
"""

import json
import ssl
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from sandbox.certificates import self_signed

from .issuer import Issuer, Reply


class IssuerServer:
    """Serves one issuer on loopback from a daemon thread until `close()`."""

    def __init__(self, issuer: Issuer, *, tls: bool = False) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(issuer, "https" if tls else "http"))
        self._server.daemon_threads = True
        self._folder = tempfile.TemporaryDirectory() if tls else None
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self.certificate: Path | None = None
        if self._folder is not None:
            self.certificate = Path(self._folder.name) / "practice.pem"
            self._wrap(self.certificate)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._folder is not None:
            self._folder.cleanup()

    def _wrap(self, path: Path) -> None:
        path.write_bytes(self_signed())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)


def _handler(issuer: Issuer, scheme: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._reply(dict(parse_qsl(raw.decode())))

        def _reply(self, form: dict[str, str]) -> None:
            base = f"{scheme}://{self.headers.get('Host')}"
            reply = issuer.answer(self.command, urlsplit(self.path).path, form, base)
            reply = reply or Reply(404, {"error": "not_found"})
            body = json.dumps(reply.body).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    return Handler
