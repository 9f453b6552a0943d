"""Tokens in both directions, judged by stock botbuilder."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession
from botbuilder.core import TurnContext

from sandbox.faults import ServerError
from sandbox.teams import PracticeTeams
from sandbox.teams.issuer import SCOPE

# Stock validation lets a token without exp pass; the product's own check has to catch it.
LENIENT = {"no exp"}


async def grant(teams: PracticeTeams, **changes: str) -> tuple[int, dict[str, Any]]:
    form = {
        "grant_type": "client_credentials",
        "client_id": teams.app_id,
        "client_secret": teams.app_password,
        "scope": f"{SCOPE}/.default",
    }
    async with ClientSession() as http, http.post(teams.token_url, data=form | changes) as response:
        return response.status, await response.json()


async def test_stock_adapter_accepts_what_teams_signs(guarded: Any) -> None:
    teams, bot = guarded
    answered = await teams.as_person("hr1").say("hello")
    assert answered.status == 201, answered.text
    assert answered.request.headers["Authorization"].startswith("Bearer ")
    assert bot.heard[0].text == "hello"


async def test_stock_adapter_refuses_broken_tokens(guarded: Any) -> None:
    teams, _ = guarded
    activity = (await teams.as_person("hr1").say("hello")).activity
    results = {}
    for what, token in teams.broken_tokens().items():
        results[what] = (await teams.post_raw(activity, token=token)).status
    assert {what for what, status in results.items() if status != 401} == LENIENT
    assert (await teams.post_raw(activity)).status == 401
    assert (await teams.post_raw(activity, token=teams.token())).status == 201


async def test_token_endpoint(guarded: Any) -> None:
    teams, _ = guarded
    status, body = await grant(teams)
    assert status == 200 and body["token_type"] == "Bearer" and body["expires_in"] == 3600
    assert teams.issuer.issued == 1
    status, body = await grant(teams, client_secret="wrong")
    assert (status, body["error"]) == (401, "invalid_client")
    assert (await grant(teams, client_id="other"))[1]["error"] == "unauthorized_client"
    assert (await grant(teams, scope="x"))[1]["error"] == "invalid_scope"
    teams.faults.order(ServerError(503), on="oauth.token")
    assert (await grant(teams))[0] == 503
    assert teams.issuer.issued == 1


async def test_connector_wants_its_own_token(guarded: Any) -> None:
    teams, _ = guarded
    place = teams.tenant.personal("hr1")
    place.installed = True
    url = f"{teams.service_url}v3/conversations/{place.id}/activities"
    token = (await grant(teams))[1]["access_token"]

    async def send(header: dict[str, str]) -> int:
        async with (
            ClientSession() as http,
            http.post(url, json={"type": "message", "text": "x"}, headers=header) as r,
        ):
            return r.status

    assert await send({}) == 401
    assert await send({"Authorization": "Bearer nonsense"}) == 401
    assert await send({"Authorization": f"Bearer {teams.token()}"}) == 401
    assert await send({"Authorization": f"Bearer {token}"}) == 201
    teams.issuer.revoke()
    assert await send({"Authorization": f"Bearer {token}"}) == 401
    teams.issuer.token_lifetime = -1
    token = (await grant(teams))[1]["access_token"]
    assert await send({"Authorization": f"Bearer {token}"}) == 401


async def test_metadata_and_keys(guarded: Any) -> None:
    teams, _ = guarded
    async with ClientSession() as http:
        metadata = await (await http.get(teams.metadata_url)).json()
        keys = await (await http.get(metadata["jwks_uri"])).json()
        main = await (await http.get(f"{teams.base_url}/openid/.well-known/openidconfiguration")).json()
    assert metadata["issuer"] == "https://api.botframework.com" == main["issuer"]
    assert metadata["id_token_signing_alg_values_supported"] == ["RS256"]
    assert keys["keys"][0]["endorsements"] == ["msteams"] and keys["keys"][0]["kid"] == teams.issuer.kid


async def test_stock_adapter_replies_with_an_msal_token(monkeypatch: pytest.MonkeyPatch, make_bot: Any) -> None:
    async with PracticeTeams(auth=True, tls_login=True) as teams:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", teams.login_certificate)
        bot = await make_bot(teams)

        async def turn(context: TurnContext) -> None:
            await context.send_activity("pong")

        bot.turn = turn
        answered = await teams.as_person("hr1").say("ping")
        assert answered.ok, answered.text
        assert [posted.text for posted in teams.as_person("hr1").messages()] == ["pong"]
        assert teams.issuer.issued >= 1
        await asyncio.sleep(0)
