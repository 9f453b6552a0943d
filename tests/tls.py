"""A practice server's certificate, for its own loopback address."""

import ssl
from pathlib import Path

import pytest

from sandbox.certificates import self_signed


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "practice.pem"
    path.write_bytes(self_signed())
    return path


@pytest.fixture
def serving(certificate: Path) -> ssl.SSLContext:
    """What the server has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    """What a client has that trusts the server."""
    return ssl.create_default_context(cafile=str(certificate))
