"""Files attached in a personal chat: what is read of them, and from where they may be fetched."""

from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters import files
from adapters.http import Http
from adapters.slack.outbound import SlackPlatform
from adapters.teams.inbound import FILE, FILE_LASTS, parse
from adapters.teams.outbound import TeamsPlatform
from bot.ports import Dropped, NotFetched

URL = "https://contoso-my.sharepoint.com/x?tempauth=1"


def told(attachments: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "id": "1",
        "from": {"id": "29:a", "aadObjectId": "a"},
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": "t"},
        "attachments": attachments,
    }


@pytest.mark.parametrize(
    ("attachments", "found"),
    [
        (
            [{"contentType": FILE, "name": "p.csv", "content": {"downloadUrl": URL}}],
            (Dropped("p.csv", URL, lasts=FILE_LASTS),),
        ),
        (
            [{"contentType": FILE, "name": "p.csv", "contentUrl": "https://x.sharepoint.com/p.csv"}],
            (Dropped("p.csv", "", link="https://x.sharepoint.com/p.csv", lasts=FILE_LASTS),),
        ),
        ([{"contentType": FILE, "name": 1, "content": "x"}], (Dropped("", "", lasts=FILE_LASTS),)),
        ([{"contentType": "text/html", "content": "<p>"}, None, 3], ()),
        ({"0": 1}, ()),
        (None, ()),
    ],
)
def test_what_is_read_of_attachments(attachments: Any, found: tuple[Dropped, ...]) -> None:
    inbound = parse(told(attachments))
    assert inbound is not None and inbound.files == found


ELSEWHERE = (
    "http://contoso.sharepoint.com/x",
    "https://contoso.sharepoint.com:8443/x",
    "https://sharepoint.com.example.com/x",
    "https://evilsharepoint.com/x",
    "https://example.com/?.sharepoint.com",
    "https://a.sharepoint.com@example.com/x",
    "https://127.0.0.1/x",
    "http://files.slack.com/x",
    "https://files.slack.com.example.com/x",
    "https://files.slack.com@example.com/x",
    "file:///etc/passwd",
    "/x",
    "",
    "https://[",
)


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_nothing_is_asked_for_elsewhere(http: Http, url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for platform in (
            TeamsPlatform(http, session, None),
            SlackPlatform(token="xoxb-secret", http=http, session=session),
        ):
            assert await platform.fetch(url, 10) == NotFetched("elsewhere")
            async with platform.stream(url, 10) as found:
                assert found == NotFetched("elsewhere")


async def test_what_answers_mean() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        status, kind = int(request.match_info["status"]), request.query.get("as", "text/csv")
        headers = {"Location": "/200"} if status == 302 else {}
        if "chunked" in request.query:
            response = web.StreamResponse()
            response.enable_chunked_encoding()
            await response.prepare(request)
            await response.write(b"12345")
            return response
        return web.Response(status=status, body=b"12345", headers=headers, content_type=kind)

    app = web.Application()
    app.router.add_get("/{status}", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:

        async def fetched(path: str, largest: int = 5) -> bytes | NotFetched:
            return await files.fetch(session, str(server.make_url(path)), largest, allowed=lambda _: True)

        async def streamed(path: str, largest: int = 5) -> bytes | NotFetched:
            url = str(server.make_url(path))
            async with files.stream(session, url, largest, allowed=lambda _: True) as found:
                return found if isinstance(found, NotFetched) else b"".join([bit async for bit in found])

        for path in ("/200", "/200?as=text/html", "/302", "/401", "/404", "/429", "/503"):
            assert await streamed(path) == await fetched(path), path
        assert await streamed("/200", 4) == NotFetched("too_large"), "as it says itself, before a byte goes on"
        with pytest.raises(OSError, match="4 bytes"):
            await streamed("/200?chunked", 4)
        assert await fetched("/200") == b"12345"
        assert await fetched("/200", 4) == NotFetched("too_large")
        assert await fetched("/200?as=text/html") == NotFetched("not_allowed"), "a page for logging in"
        assert await fetched("/302") == NotFetched("not_allowed"), "no redirect is followed"
        assert await fetched("/401") == NotFetched("not_allowed")
        assert await fetched("/404") == await fetched("/410") == NotFetched("gone")
        assert await fetched("/429") == await fetched("/503") == NotFetched("unreachable", again=True)
