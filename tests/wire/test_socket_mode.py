"""With SLACK_APP_TOKEN set, the same Slack comes over a socket that the product opens itself."""

from collections.abc import AsyncIterator

import pytest

from adapters.service import Service
from sandbox.slack import PracticeSlack
from sandbox.teams import PracticeTeams
from tests.conftest import World, authority_of, button, settings_for
from tests.wire.acting import (
    GIG,
    ask,
    assert_all_arrived_once,
    counts,
    fill_in_gig,
    hears,
    messages,
    now,
    offered,
    opened,
)

pytestmark = pytest.mark.usefixtures("unpaced")


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with PracticeSlack(socket_mode=True) as slack, PracticeTeams(auth=True) as teams:
        settings = settings_for(slack, teams, database_url, slack_app_token=slack.app_token, slack_signing_secret="")
        authority = authority_of(teams)
        running = World(slack, teams, settings, authority, Service(settings, authority=authority))
        await running.start()
        await slack.until(lambda _: slack.sockets.open)
        try:
            yield running
        finally:
            await running.stop()


async def test_commands_buttons_and_modals_work_over_a_socket_and_each_once(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    helped = await sato.command("/alumni", "help")
    assert helped.shown is not None and "佐藤 美咲" in helped.shown.words

    card = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    pressed = await sato.press(to_sato, button(to_sato, "gig.interested"))
    assert pressed.ok
    assert [again.ok for again in await world.slack.resend(pressed, times=2)] == [True, True]
    case = await hr.hears("佐藤 美咲", after=card)

    asked = await ask(world, sato, now(world, to_sato), "週2日でも可能でしょうか。")
    assert asked.view is not None and asked.view.title == "お伝えしました"
    assert [again.ok for again in await world.slack.resend(asked, times=2)] == [True, True]
    question = await hr.hears("週2日でも可能でしょうか。", after=case)
    await hr.execute(question, "case.answer", {"text": "はい、歓迎です。"})
    await hears(world, sato, "はい、歓迎です。", under=to_sato)
    assert counts(world.database) | {"case": 1, "casemessage": 2, "stance": 1} == counts(world.database)
    await world.settled()
    assert_all_arrived_once(world)


async def test_what_is_wrong_in_a_form_comes_back_over_the_socket(world: World) -> None:
    hr = await world.claim()
    staff = world.slack.as_user("U0HR")
    await staff.command("/alumni", "post gig")
    refused = await staff.submit(await opened(world, staff), values={**GIG, "deadline": "2020-01-01"})
    assert "deadline" in refused.errors
    await world.enrol(hr, "U0SATO", "佐藤 美咲")
    mended = await staff.submit(values={**GIG, "deadline": None})
    assert mended.ok and not mended.errors
    await offered(world, world.slack.as_user("U0SATO"))
    assert counts(world.database)["gig"] == 1


async def test_after_a_disconnect_the_product_comes_back_by_itself(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    before = list(world.slack.sockets.open)
    await world.slack.sockets.disconnect()
    await world.slack.until(lambda _: [one for one in world.slack.sockets.open if one not in before], timeout=90)
    answered = await sato.command("/alumni", "gigs")
    assert answered.shown is not None
    await sato.say("help")
    await hears(world, sato, "佐藤 美咲")
    assert len(messages(world, sato)) == 1


async def test_signed_requests_over_http_are_not_taken_with_a_guessed_or_empty_secret(world: World) -> None:
    """Whoever runs on the socket alone has no signing secret; its door must not open to an empty one."""
    for secret in ("", "guessed"):
        world.slack.courier.signing_secret = secret
        raw = world.slack.courier.signed("/slack/events", b'{"type":"event_callback"}', "application/json")
        answered = await world.slack.courier.send("raw", raw)
        assert answered.status == 401, secret
