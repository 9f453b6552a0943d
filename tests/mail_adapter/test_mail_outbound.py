"""Letters over SMTP, against the practice server: what each answer and each loss comes to."""

import asyncio
import ssl
from datetime import UTC, datetime

import pytest

from adapters.mail import ids
from adapters.mail.outbound import MailPlatform
from adapters.mail.server import MailServer
from bot.outcomes import Reason, Refused, Scope, Sent, Throttled, Unconfirmed
from sandbox.faults import Dropped, Incoming, RateLimited, RefusedWith, ServerError, Slow
from sandbox.mail import PracticeMail
from tests.mail_adapter.conftest import message

TARO = "taro@example.com"


def platform(mail: PracticeMail, **options: object) -> MailPlatform:
    tls = bool(options.pop("implicit", False))
    server = MailServer(mail.host, mail.port, mail.user, mail.password, tls)
    return MailPlatform(server, ids.sender("Alumni <alumni@example.jp>"), **options)  # type: ignore[arg-type]


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with PracticeMail() as mail:
        outcome = await platform(mail).send(message("ようこそ、佐藤様"))
        (letter,) = mail.mailboxes.to(TARO)
    assert outcome == Sent(letter.message_id)
    assert (letter.subject, letter.text, letter.sender) == (
        "An invitation",
        "ようこそ、佐藤様\n",
        "Alumni <alumni@example.jp>",
    )
    assert [command.about for command in mail.commands("MAIL")] == ["alumni@example.jp"]
    assert [command.about for command in mail.commands("HELO")] == ["example.jp"], "not this machine's own name"
    assert max(map(len, letter.raw.splitlines())) <= 998 and letter.raw.isascii()


async def test_the_same_delivery_has_the_same_message_id() -> None:
    async with PracticeMail() as mail:
        first, second = await platform(mail).send(message()), await platform(mail).send(message())
        other = await platform(mail).send(message(to="hanako@example.com"))
    assert isinstance(first, Sent) and first == second != other


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ("5.1.1 No such user", 550, Reason.UNREACHABLE),
        ("No such user", 550, Reason.UNREACHABLE),
        ("5.4.1 Recipient address rejected", 550, Reason.UNREACHABLE),
        ("5.2.1 Mailbox disabled", 550, Reason.UNREACHABLE),
        ("5.2.2 Mailbox full", 552, Reason.BLOCKED),
        ("5.7.1 Not from you", 554, Reason.BLOCKED),
        ("5.2.3 Too large for them", 552, Reason.TOO_LARGE),
        ("5.5.4 What?", 555, Reason.INVALID),
        ("Transaction failed", 554, Reason.INVALID),
    ],
)
async def test_a_recipient_who_is_refused_is_refused_for_certain(answer: str, status: int, reason: Reason) -> None:
    async with PracticeMail() as mail:
        mail.faults.order(RefusedWith(answer, status), on=f"RCPT:{TARO}")
        assert await platform(mail).send(message()) == Refused(reason, detail=f"{status} {answer}")
        assert isinstance(await platform(mail).send(message()), Sent)


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ("5.3.4 Message too big", 552, Reason.TOO_LARGE),
        ("Message too big", 552, Reason.TOO_LARGE),
        ("5.7.1 Looks like spam", 550, Reason.BLOCKED),
        ("Rejected", 554, Reason.INVALID),
    ],
)
async def test_a_letter_that_is_refused_at_its_end_is_refused_for_certain(
    answer: str, status: int, reason: Reason
) -> None:
    async with PracticeMail() as mail:
        mail.faults.order(RefusedWith(answer, status), on="DATA")
        assert await platform(mail).send(message()) == Refused(reason, detail=f"{status} {answer}")
        assert mail.mailboxes.letters == []


@pytest.mark.parametrize("on", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    "fault", [RefusedWith("4.7.1 Greylisted", 451), RateLimited(1), ServerError(421), ServerError(452)], ids=str
)
async def test_not_now_is_asked_again_later(fault: Incoming, on: str) -> None:
    async with PracticeMail() as mail:
        mail.faults.order(fault, on=on)
        before = datetime.now(UTC)
        outcome = await platform(mail).send(message())
        assert isinstance(outcome, Throttled), outcome
        assert outcome.until > before
        of_the_server = on == "MAIL" or fault == ServerError(421)
        assert outcome.scope is (Scope.WORKSPACE if of_the_server else Scope.CONVERSATION)
        assert mail.mailboxes.letters == [] and len(mail.commands("DATA")) == (on == "DATA")


@pytest.mark.parametrize("on", ["MAIL", "RCPT"])
async def test_a_connection_that_is_lost_before_the_letter_left_took_nothing(on: str) -> None:
    async with PracticeMail() as mail:
        mail.faults.order(Dropped(accepted=True), on=on)
        assert isinstance(await platform(mail).send(message()), Throttled)
        assert mail.commands("DATA") == []


@pytest.mark.parametrize("fault", [Dropped(), Dropped(accepted=True), Slow(5), Slow(5, late_effect=True)], ids=str)
async def test_a_letter_that_left_and_has_no_answer_is_unconfirmed(fault: Incoming) -> None:
    async with PracticeMail() as mail:
        mail.faults.order(fault, on="DATA")
        assert isinstance(await platform(mail, timeout=2).send(message()), Unconfirmed)
        assert len(mail.commands("DATA")) == 1


@pytest.mark.parametrize("on", ["MAIL", "RCPT"])
async def test_a_server_that_is_too_slow_before_the_letter_left_took_nothing(on: str) -> None:
    async with PracticeMail() as mail:
        mail.faults.order(Slow(5), on=on)
        assert isinstance(await platform(mail, timeout=2).send(message()), Throttled)
        assert mail.mailboxes.letters == []


@pytest.mark.parametrize("greeting", [b"", b"\xff\xfe\r\n", b"hello\r\n", b"220 hi\r\n250 \xff\r\n", b"2" * 100_000])
async def test_a_server_that_speaks_something_else_took_nothing(greeting: bytes) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        talking = MailPlatform(MailServer("127.0.0.1", port), ids.sender("a@example.jp"), timeout=1)
        outcome = await talking.send(message())
    assert isinstance(outcome, Throttled), outcome


async def test_a_sender_who_is_not_welcome_is_no_fault_of_the_letters() -> None:
    async with PracticeMail() as mail:
        mail.faults.order(RefusedWith("5.7.1 Not your address", 550), on="MAIL")
        assert await platform(mail).send(message()) == Refused(
            Reason.PERMISSION, certain=False, detail="550 5.7.1 Not your address"
        )


async def test_a_wrong_password_is_no_fault_of_the_letters() -> None:
    async with PracticeMail(user="bot", password="right") as mail:
        working = platform(mail)
        mail.password = "rotated"
        outcome = await working.send(message())
        assert isinstance(outcome, Refused) and (outcome.reason, outcome.certain) == (Reason.CREDENTIALS, False)
        assert "right" not in outcome.detail
        assert isinstance(await platform(mail).send(message()), Sent)


async def test_a_server_that_wants_a_login_says_so() -> None:
    async with PracticeMail(user="bot", password="right") as mail:
        server = MailServer(mail.host, mail.port)
        outcome = await MailPlatform(server, ids.sender("a@example.jp")).send(message())
        assert isinstance(outcome, Refused) and (outcome.reason, outcome.certain) == (Reason.CREDENTIALS, False)


async def test_a_login_that_the_server_does_not_offer_is_said() -> None:
    async with PracticeMail() as mail:
        server = MailServer(mail.host, mail.port, "bot", "right")
        outcome = await MailPlatform(server, ids.sender("a@example.jp")).send(message())
        assert isinstance(outcome, Refused) and outcome.reason is Reason.CREDENTIALS
        assert "SMTP_URL" in outcome.detail


async def test_a_password_does_not_leave_this_machine_in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.mail.outbound.is_loopback", lambda host: False)
    async with PracticeMail(user="bot", password="right") as mail:
        outcome = await platform(mail).send(message())
        assert isinstance(outcome, Refused) and (outcome.reason, outcome.certain) == (Reason.CREDENTIALS, False)
        assert mail.commands("LOGIN") == []


async def test_starttls_is_used_where_it_is_offered(
    serving: ssl.SSLContext, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mail.outbound.is_loopback", lambda host: False)
    async with PracticeMail(user="bot", password="right", tls=serving) as mail:
        assert isinstance(await platform(mail, tls=trusting).send(message()), Sent)
        assert len(mail.commands("LOGIN")) == 1 and len(mail.mailboxes.letters) == 1


async def test_smtps_is_tls_from_the_first_byte_on(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async with PracticeMail(user="bot", password="right", tls=serving, implicit=True) as mail:
        assert isinstance(await platform(mail, tls=trusting, implicit=True).send(message()), Sent)
        assert len(mail.mailboxes.letters) == 1


@pytest.mark.parametrize("implicit", [True, False])
async def test_a_certificate_that_does_not_hold_stops_everything(serving: ssl.SSLContext, implicit: bool) -> None:
    async with PracticeMail(user="bot", password="right", tls=serving, implicit=implicit) as mail:
        outcome = await platform(mail, implicit=implicit).send(message())
        assert isinstance(outcome, Refused) and (outcome.reason, outcome.certain) == (Reason.CREDENTIALS, False)
        assert "certificate" in outcome.detail
        assert mail.commands("LOGIN") == [] and mail.mailboxes.letters == []


@pytest.mark.parametrize(
    "to",
    ["a\nb@x.y", "x@y.z\r\nRCPT TO:<q@q.q>", "x@y>.z", "太郎@example.com", "x" * 65 + "@y.z", "x@" + "y." * 130 + "z"],
)
async def test_an_address_that_is_none_never_reaches_the_server(to: str) -> None:
    async with PracticeMail() as mail:
        outcome = await platform(mail).send(message(to=to))
        assert isinstance(outcome, Refused) and (outcome.reason, outcome.certain) == (Reason.INVALID, True)
        assert mail.journal == []


async def test_an_old_phone_address_with_dots_in_a_row_is_reached() -> None:
    async with PracticeMail() as mail:
        assert isinstance(await platform(mail).send(message(to="taro..ya.@docomo.ne.jp")), Sent)
        (letter,) = mail.mailboxes.letters
        assert letter.to == "taro..ya.@docomo.ne.jp" == letter.headers["To"]


async def test_a_domain_in_another_script_is_reached() -> None:
    async with PracticeMail() as mail:
        assert isinstance(await platform(mail).send(message(to="taro@例え.jp")), Sent)
        assert [letter.to for letter in mail.mailboxes.letters] == ["taro@xn--r8jz45g.jp"]


async def test_greeting_says_whether_letters_could_go_out() -> None:
    async with PracticeMail(user="bot", password="right") as mail:
        talking = platform(mail)
        assert await talking.greet() is None
        mail.password = "rotated"
        refused = await talking.greet()
        assert isinstance(refused, Refused) and refused.reason is Reason.CREDENTIALS
    assert isinstance(await talking.greet(), Throttled)
    assert mail.commands("MAIL") == []
