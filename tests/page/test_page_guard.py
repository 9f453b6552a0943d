"""Who may ask the practice page, and what its answers allow a browser."""

import io
import json

import pytest

from sandbox.page.guard import POLICY
from tests.page.conftest import Client

JSON = {"Content-Type": "application/json"}
OWN = {"X-Practice": "1"}


@pytest.mark.parametrize("path", ["", "static/main.js", "api/start", "static/nothing.js", "api/nothing"])
async def test_every_answer_carries_the_policy(client: Client, path: str) -> None:
    async with client.http.get(f"{client.page.url}{path}") as response:
        assert response.headers["Content-Security-Policy"] == POLICY
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_modules_and_pages_have_their_types(client: Client) -> None:
    for path, kind in {"": "/html", "static/main.js": "/javascript", "static/css/base.css": "/css"}.items():
        async with client.http.get(f"{client.page.url}{path}") as response:
            assert response.status == 200 and response.content_type.endswith(kind)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": "192.168.1.2"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_another_site_gets_nothing(client: Client, method: str, headers: dict[str, str]) -> None:
    path = "api/start" if method == "GET" else "api/reset"
    world = client.page.world
    async with client.http.request(
        method, f"{client.page.url}{path}", headers={**JSON, **OWN, **headers}, data="{}"
    ) as response:
        assert response.status == 403
        assert "company" not in await response.text()
    assert client.page.world is world, "nothing was reset"


async def test_its_own_page_is_answered(client: Client) -> None:
    origin = client.page.url.rstrip("/")
    for headers in ({"Origin": origin, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}):
        async with client.http.get(f"{client.page.url}api/start", headers=headers) as response:
            assert response.status == 200


async def test_a_form_of_another_site_cannot_act(client: Client) -> None:
    """What a browser sends for a form, without asking first, lacks the header."""
    async with client.http.post(f"{client.page.url}api/reset", data={"a": "b"}) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", JSON),
        (b"[]", JSON),
        (b"{", JSON),
        (b"\xff\xfe", JSON),
        (b"{}", {"Content-Type": "text/plain"}),
        (json.dumps({"as": 7, "do": "say"}).encode(), JSON),
        (json.dumps({"as": "hr1", "do": ["say"]}).encode(), JSON),
        (json.dumps({"as": "hr1", "do": "fly"}).encode(), JSON),
        (json.dumps({"as": "hr1", "do": "say", "text": None}).encode(), JSON),
        (json.dumps({"as": "hr1", "do": "execute", "message": 1, "title": "x"}).encode(), JSON),
    ],
)
async def test_a_malformed_act_is_a_400(client: Client, body: bytes, headers: dict[str, str]) -> None:
    url = f"{client.page.url}api/teams/act"
    async with client.http.post(url, data=body, headers={**headers, **OWN}) as response:
        assert response.status == 400
        assert (await response.json())["ok"] is False


async def test_too_much_is_refused(client: Client) -> None:
    body = json.dumps({"as": "hr1", "do": "say", "text": "x" * 2_000_000}).encode()
    url = f"{client.page.url}api/teams/act"
    async with client.http.post(url, data=io.BytesIO(body), headers={**JSON, **OWN}) as response:
        assert response.status == 413
    assert (await client.get("api/start"))["size"] == 12


async def test_files_outside_its_folder_are_not_served(client: Client) -> None:
    for path in ("static/../server.py", "static/%2e%2e/server.py", "static//etc/passwd", "static/..%2f..%2fclock.py"):
        async with client.http.get(f"{client.page.url}{path}") as response:
            assert response.status in (403, 404)
