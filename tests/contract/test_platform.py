"""bot.ports.Platform: what every platform has to do, whichever it is. A replacement has to pass this."""

import socket
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from adapters.http import Http
from adapters.mail import ids as mail_ids
from adapters.mail import server as mail_server
from adapters.mail.outbound import MailPlatform
from adapters.slack.outbound import SlackPlatform
from bot.cards import Card, Link, Paragraph, Text
from bot.outcomes import Outcome, Reason, Refused, Sent, Throttled, Unconfirmed
from bot.ports import Deletes, Finds, Platform
from sandbox.faults import Dropped, Incoming, RateLimited, ServerError
from sandbox.slack import PracticeSlack
from tests.contract.conftest import Stand, seconds

OUTCOMES = (Sent, Throttled, Refused, Unconfirmed)


async def sent(stand: Stand, words: str = "A gig for you") -> Sent:
    outcome = await stand.platform.send(stand.message(words))
    assert isinstance(outcome, Sent), outcome
    return outcome


async def test_what_was_sent_can_be_edited_by_its_ref(editable: Stand) -> None:
    first = await sent(editable, "Open")
    assert len(editable.shown()) == 1 and "Open" in editable.shown()[0]
    assert await editable.platform.edit(editable.message("Filled"), first.ref) == first
    assert len(editable.shown()) == 1 and "Filled" in editable.shown()[0]
    assert await editable.platform.edit(editable.message("Filled"), first.ref) == first, "editing twice does no harm"


async def test_a_letter_that_has_left_cannot_be_changed(mail: Stand) -> None:
    first = await sent(mail, "Open")
    outcome = await mail.platform.edit(mail.message("Filled"), first.ref)
    assert isinstance(outcome, Refused) and outcome.reason is Reason.GONE
    assert len(mail.shown()) == 1 and "Open" in mail.shown()[0]


async def test_what_was_sent_can_be_taken_back_and_that_twice(editable: Stand) -> None:
    first, _ = await sent(editable, "First"), await sent(editable, "Second")
    assert isinstance(editable.platform, Deletes)
    assert await editable.platform.delete(editable.message(), first.ref) == first
    assert len(editable.shown()) == 1 and "Second" in editable.shown()[0]
    again = await editable.platform.delete(editable.message(), first.ref)
    assert isinstance(again, Refused) and again.reason is Reason.GONE
    assert isinstance(await editable.platform.delete(editable.message(), "no ref of ours"), Refused)


async def test_a_letter_cannot_be_taken_back(mail: Stand) -> None:
    assert not isinstance(mail.platform, Deletes)


async def test_each_message_has_a_ref_of_its_own(stand: Stand) -> None:
    assert (await sent(stand)).ref != (await sent(stand)).ref


async def test_what_is_one_readers_own_is_filled_into_what_all_share(stand: Stand) -> None:
    """The content is made once; each reader finds their own address in it, and nobody the mark."""
    address, mark = "https://example.com/autumn", "m4rk" * 12
    content = Card("News", "News", (Paragraph((Text("See "), Link(address, f"https://bot.example/l/{mark}"))),))
    made = dict[str, Any]()
    messages = [replace(stand.message(), content=content, made=made, own={mark: f"own-{one}"}) for one in "ab"]
    outcomes = [await stand.platform.send(message) for message in messages]
    edited = await stand.platform.edit(messages[1], outcomes[0].ref) if isinstance(outcomes[0], Sent) else None
    shown = raw(stand)
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert mark not in str(shown) and all(address in one for one in shown)
    owns = ["own-b", "own-b"] if isinstance(edited, Sent) else ["own-a", "own-b"]
    assert [own for one, own in zip(shown, owns, strict=True) if f"https://bot.example/l/{own}" in one] == owns


def raw(stand: Stand) -> list[str]:
    """What the person has before them, with the addresses that are not shown."""
    if isinstance(stand.server, PracticeSlack):
        return [str(message.blocks) for message in stand.server.workspace.bot_messages_to("ALUM1")]
    return stand.shown()


@pytest.mark.parametrize("wait", [1, 30])
async def test_slow_down_says_until_when(editable: Stand, wait: int) -> None:
    first = await sent(editable)
    editable.trouble(RateLimited(wait))
    before = datetime.now(UTC)
    for outcome in (
        await editable.platform.send(editable.message()),
        await editable.platform.edit(editable.message(), first.ref),
    ):
        assert isinstance(outcome, Throttled), outcome
        assert wait <= seconds(before, outcome.until) < wait + 5
    assert len(editable.shown()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        ServerError(500),
        ServerError(500, accepted=True),
        ServerError(502),
        ServerError(503, accepted=True),
        ServerError(504),
        Dropped(),
        Dropped(accepted=True),
    ],
    ids=str,
)
async def test_a_request_without_a_usable_answer_is_unconfirmed_and_is_never_repeated(
    editable: Stand, fault: Incoming
) -> None:
    first = await sent(editable)
    editable.trouble(fault, times=None)
    requests = editable.requests()
    assert isinstance(await editable.platform.send(editable.message()), Unconfirmed)
    assert editable.requests() == requests + 1
    assert isinstance(await editable.platform.edit(editable.message(), first.ref), Unconfirmed)
    # aiohttp itself repeats a PUT on a kept connection that was closed; editing twice does no harm.
    assert editable.requests() - requests in ((2, 3) if isinstance(fault, Dropped) else (2,))


@pytest.mark.parametrize("fault", [Dropped(), Dropped(accepted=True)], ids=str)
async def test_a_letter_whose_answer_got_lost_is_unconfirmed_and_is_never_repeated(
    mail: Stand, fault: Incoming
) -> None:
    mail.faults.order(fault, on="DATA", times=None)
    assert isinstance(await mail.platform.send(mail.message()), Unconfirmed)
    assert mail.requests() == 1


async def test_a_letter_is_carried_whole_whatever_its_length(mail: Stand) -> None:
    words = "長" * 60_000
    await sent(mail, words)
    assert mail.shown() == [words + "\n"]


async def test_a_connection_that_never_came_about_left_nothing(
    stand: Stand, http: Http, session: aiohttp.ClientSession
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        platform: Platform = stand.platform
        message = stand.message()
        if stand.name == "slack":
            platform = SlackPlatform(token="xoxb-1", http=http, session=session, api_url=gone)
        elif stand.name == "mail":
            platform = MailPlatform(mail_server.parse(gone.replace("http", "smtp")), mail_ids.sender("a@example.jp"))
        else:
            message = replace(message, reference=stand.reference(gone))
        before = datetime.now(UTC)
        outcome = await platform.send(message)
    assert isinstance(outcome, Throttled), outcome
    assert outcome.until > before


async def test_an_unknown_recipient_is_refused_for_certain(stand: Stand) -> None:
    outcome = await stand.platform.send(stand.message(to=stand.nowhere()))
    assert isinstance(outcome, Refused) and outcome.certain, outcome
    assert outcome.reason in (Reason.UNREACHABLE, Reason.NOT_INSTALLED)


async def test_somebody_who_blocks_the_bot_is_refused_for_certain(stand: Stand) -> None:
    stand.block()
    outcome = await stand.platform.send(stand.message())
    assert isinstance(outcome, Refused) and outcome.certain, outcome
    assert outcome.reason is Reason.BLOCKED
    assert outcome.detail


@pytest.mark.parametrize(
    "words", ["長" * 60_000, "w " * 60_000, "👩‍👩‍👧‍👦" * 9_000], ids=["kanji", "words", "families"]
)
async def test_what_is_too_large_is_cut_and_not_refused(editable: Stand, words: str) -> None:
    first = await sent(editable, words)
    assert "…" in editable.shown()[0]
    assert await editable.platform.edit(editable.message(words), first.ref) == first


async def test_editing_what_is_gone_says_so(stand: Stand) -> None:
    first = await sent(stand)
    stand.take_away()
    outcome = await stand.platform.edit(stand.message(), first.ref)
    assert isinstance(outcome, Refused) and outcome.reason is Reason.GONE, outcome


async def test_wrong_credentials_are_not_the_messages_fault(stand: Stand) -> None:
    stand.refuse_credentials()
    outcome = await stand.platform.send(stand.message())
    assert isinstance(outcome, Refused), outcome
    assert outcome.reason is Reason.CREDENTIALS and not outcome.certain


@pytest.mark.parametrize("address", ["", "nonsense", "user:", "a/b/c/d", "%ff", "user:T1:U1:extra"])
async def test_an_address_that_is_none_is_refused_and_not_raised(stand: Stand, address: str) -> None:
    message = replace(stand.message(), address=address)
    outcome = await stand.platform.send(message)
    assert isinstance(outcome, Refused) and outcome.certain, outcome
    assert isinstance(await stand.platform.edit(message, address), Refused)
    assert isinstance(await stand.platform.send(replace(stand.message(), thread=address or "x")), Refused)


async def test_a_closed_client_is_an_outcome_too(editable: Stand, http: Http) -> None:
    await http.close()
    outcome: Outcome = await editable.platform.send(editable.message())
    assert isinstance(outcome, OUTCOMES) and not isinstance(outcome, Sent)


# Finds: a platform that can be asked. Slack can.


async def test_slack_finds_what_arrived_although_the_answer_got_lost(slack: Stand) -> None:
    assert isinstance(slack.platform, Finds)
    since = datetime.now(UTC)
    message = slack.message("Open")
    slack.trouble(Dropped(accepted=True))
    assert isinstance(await slack.platform.send(message), Unconfirmed)
    slack.faults.clear()
    found = await slack.platform.find(message, since)
    assert isinstance(found, Sent), found
    assert await slack.platform.edit(slack.message("Filled"), found.ref) == found
    assert "Filled" in slack.shown()[0]


async def test_slack_says_for_certain_what_did_not_arrive(slack: Stand) -> None:
    assert isinstance(slack.platform, Finds)
    since = datetime.now(UTC)
    await sent(slack)
    message = slack.message()
    slack.trouble(ServerError(500))
    assert isinstance(await slack.platform.send(message), Unconfirmed)
    gone = await slack.platform.find(message, since)
    assert isinstance(gone, Refused) and gone.reason is Reason.GONE, gone


async def test_slack_finds_one_among_many_over_several_pages_and_in_its_thread(slack: Stand) -> None:
    assert isinstance(slack.platform, Finds) and isinstance(slack.server, PracticeSlack)
    since = datetime.now(UTC)
    wanted = slack.message("the one")
    first = await slack.platform.send(wanted)
    assert isinstance(first, Sent)
    answer = replace(slack.message("the answer"), thread=first.ref)
    in_thread = await slack.platform.send(answer)
    for _ in range(150):
        await sent(slack)
    assert await slack.platform.find(wanted, since) == first
    assert await slack.platform.find(answer, since) == in_thread


@pytest.mark.parametrize("fault", [ServerError(500), Dropped()], ids=str)
async def test_a_look_up_that_fails_proves_nothing(slack: Stand, fault: Incoming) -> None:
    assert isinstance(slack.platform, Finds)
    slack.faults.order(fault, on="conversations.history")
    assert isinstance(await slack.platform.find(slack.message(), datetime.now(UTC)), Unconfirmed)


async def test_a_look_up_may_be_told_to_slow_down(slack: Stand) -> None:
    assert isinstance(slack.platform, Finds)
    slack.faults.order(RateLimited(7), on="conversations.history")
    before = datetime.now(UTC)
    outcome = await slack.platform.find(slack.message(), before)
    assert isinstance(outcome, Throttled) and seconds(before, outcome.until) >= 7


async def test_teams_cannot_be_asked(teams: Stand) -> None:
    assert not isinstance(teams.platform, Finds)
