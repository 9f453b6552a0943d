"""Who may speak to the bot, and with what token it speaks."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from adapters.teams.auth import REMEMBER_SECONDS, Unauthorized, Verifier
from adapters.teams.authority import PUBLIC, Authority, may_hold_token, public
from adapters.teams.keys import UNKNOWN_KEY_WAIT, SigningKeys
from adapters.teams.tokens import FAILURE_WAIT, TokenSource
from bot.outcomes import Reason, Refused, Throttled
from sandbox.faults import Dropped, ServerError
from sandbox.teams.practice import APP_ID, APP_PASSWORD, PracticeTeams


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def teams() -> AsyncIterator[PracticeTeams]:
    async with PracticeTeams(auth=True) as practice:
        yield practice


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as shared:
        yield shared


def authority(teams: PracticeTeams) -> Authority:
    return Authority(teams.issuer.issuer, teams.metadata_url, teams.token_url, PUBLIC.scope)


def verifier(teams: PracticeTeams, session: aiohttp.ClientSession) -> Verifier:
    return Verifier(authority(teams), APP_ID, SigningKeys(teams.metadata_url, session))


def activity(teams: PracticeTeams, **changes: str) -> dict[str, str]:
    return {"channelId": "msteams", "serviceUrl": teams.service_url, **changes}


async def test_a_token_of_teams_is_taken(teams: PracticeTeams, session: aiohttp.ClientSession) -> None:
    caller = await verifier(teams, session).caller(f"Bearer {teams.token()}")
    caller.check(activity(teams))
    assert caller.claims["aud"] == APP_ID


async def test_broken_tokens_are_refused(teams: PracticeTeams, session: aiohttp.ClientSession) -> None:
    checking = verifier(teams, session)
    for name, token in teams.broken_tokens().items():
        with pytest.raises(Unauthorized):
            (await checking.caller(f"Bearer {token}")).check(activity(teams))
            pytest.fail(f"taken: {name}")


HEADERS = [
    "",
    "Bearer",
    "Bearer ",
    "Basic x",
    "Bearer a.b.c",
    "Bearer é",
    "Bearer \udc80",
    "Bearer x y",
    "Bearer e30.e30.",
]


@pytest.mark.parametrize("header", HEADERS)
async def test_garbage_is_refused(teams: PracticeTeams, session: aiohttp.ClientSession, header: str) -> None:
    with pytest.raises(Unauthorized):
        await verifier(teams, session).caller(header)


@pytest.mark.parametrize("changes", [{"exp": "never"}, {"exp": -1}, {"nbf": "x"}, {"aud": 5}, {"exp": 1e999}])
async def test_odd_claims_are_refused(
    teams: PracticeTeams, session: aiohttp.ClientSession, changes: dict[str, object]
) -> None:
    with pytest.raises(Unauthorized):
        await verifier(teams, session).caller(f"Bearer {teams.token(**changes)}")


async def test_a_token_is_for_one_service_and_its_channels(
    teams: PracticeTeams, session: aiohttp.ClientSession
) -> None:
    caller = await verifier(teams, session).caller(f"Bearer {teams.token()}")
    elsewhere: list[dict[str, object]] = [
        {"channelId": "msteams"},
        {"channelId": "msteams", "serviceUrl": None},
        dict(activity(teams, serviceUrl="https://smba.invalid/")),
        dict(activity(teams, serviceUrl="http://smba.example/")),
    ]
    for told in elsewhere:
        with pytest.raises(Unauthorized):
            caller.check(told)
    replace(caller, endorsements=frozenset()).check(activity(teams))
    with pytest.raises(Unauthorized):
        replace(caller, endorsements=frozenset({"directline"})).check(activity(teams))


async def test_a_channel_where_clients_write_their_own_ids_is_refused(
    teams: PracticeTeams, session: aiohttp.ClientSession
) -> None:
    caller = await verifier(teams, session).caller(f"Bearer {teams.token()}")
    endorsed = replace(caller, endorsements=frozenset({"msteams", "directline"}))
    with pytest.raises(Unauthorized):
        endorsed.check(activity(teams, channelId="directline"))


async def test_a_verified_token_is_remembered_for_minutes(teams: PracticeTeams, session: aiohttp.ClientSession) -> None:
    clock = Clock(time.time())
    checking = Verifier(authority(teams), APP_ID, SigningKeys(teams.metadata_url, session), clock)
    header = f"Bearer {teams.token()}"
    first = await checking.caller(header)
    assert await checking.caller(header) is first
    clock.now += REMEMBER_SECONDS
    assert await checking.caller(header) is not first


async def test_rotated_keys_are_fetched_but_not_at_every_unknown_id(
    teams: PracticeTeams, session: aiohttp.ClientSession
) -> None:
    clock = Clock(1000.0)
    keys = SigningKeys(teams.metadata_url, session, clock)
    old = teams.issuer.kid
    assert await keys.find(old)
    teams.issuer.revoke()
    assert await keys.find(teams.issuer.kid) is None
    clock.now += UNKNOWN_KEY_WAIT
    assert await keys.find(teams.issuer.kid)
    assert await keys.find(old) is None


async def test_old_keys_serve_while_the_issuer_is_away(session: aiohttp.ClientSession) -> None:
    clock = Clock(1000.0)
    async with PracticeTeams(auth=True) as teams:
        keys = SigningKeys(teams.metadata_url, session, clock)
        kid = teams.issuer.kid
        assert await keys.find(kid)
    clock.now += 2 * 24 * 3600
    assert await keys.find(kid)
    nowhere = SigningKeys("https://127.0.0.1:9/x", session, clock)
    assert await nowhere.find(kid) is None
    assert await SigningKeys("http://keys.example/x", session, clock).find(kid) is None


async def test_one_token_serves_everybody_until_five_minutes_before_its_end(
    teams: PracticeTeams, session: aiohttp.ClientSession
) -> None:
    clock = Clock(0.0)
    source = TokenSource(authority(teams), APP_ID, APP_PASSWORD, session, clock)
    tokens = await asyncio.gather(*(source.token() for _ in range(20)))
    assert len(set(tokens)) == 1
    assert teams.issuer.issued == 1
    clock.now = 3290.0
    await source.token()
    assert teams.issuer.issued == 1
    clock.now = 3310.0
    assert isinstance(await source.token(), str)
    assert teams.issuer.issued == 2


async def test_a_token_the_connector_refused_is_fetched_anew(
    teams: PracticeTeams, session: aiohttp.ClientSession
) -> None:
    source = TokenSource(authority(teams), APP_ID, APP_PASSWORD, session)
    token = await source.token()
    assert isinstance(token, str)
    source.forget("another")
    await source.token()
    assert teams.issuer.issued == 1
    source.forget(token)
    await source.token()
    assert teams.issuer.issued == 2


async def test_a_wrong_password_is_a_refusal_that_may_pass(
    teams: PracticeTeams, session: aiohttp.ClientSession
) -> None:
    refused = await TokenSource(authority(teams), APP_ID, "wrong", session).token()
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.certain) == (Reason.CREDENTIALS, False)
    assert "wrong" not in refused.detail


@pytest.mark.parametrize("fault", [ServerError(503), Dropped()])
async def test_a_login_that_is_away_holds_messages_back(
    teams: PracticeTeams, session: aiohttp.ClientSession, fault: ServerError | Dropped
) -> None:
    clock = Clock(0.0)
    teams.faults.order(fault, on="oauth.token")
    source = TokenSource(authority(teams), APP_ID, APP_PASSWORD, session, clock)
    assert isinstance(await source.token(), Throttled)
    assert isinstance(await source.token(), Throttled)
    clock.now += FAILURE_WAIT
    assert isinstance(await source.token(), str)


def test_the_public_cloud() -> None:
    assert public("SingleTenant", "t1").token_url == "https://login.microsoftonline.com/t1/oauth2/v2.0/token"
    assert "/botframework.com/" in PUBLIC.token_url
    with pytest.raises(ValueError, match="TEAMS_TENANT_ID"):
        public("SingleTenant")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("http://127.0.0.1:1/x", True),
        ("http://[::1]/x", True),
        ("http://localhost/x", True),
        ("http://smba.example/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://127.0.0.1@evil.example/", False),
        ("ftp://127.0.0.1/", False),
        ("https://", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_where_a_token_may_go(url: str, allowed: bool) -> None:
    assert may_hold_token(url) is allowed
