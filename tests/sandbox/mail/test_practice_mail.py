"""The practice mail server, spoken to as any mail program speaks."""

import asyncio
import smtplib
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from sandbox.faults import Dropped, RefusedWith, ServerError, Slow
from sandbox.mail import Letter, PracticeMail

TARO, HANAKO = "taro@example.com", "hanako@example.com"


def letter(*to: str, subject: str = "ご招待", text: str = "参加は https://example.com/join から。\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Alumni <alumni@example.jp>", ", ".join(to), subject
    made["Message-ID"] = "<1@example.jp>"
    made.set_content(text)
    made.add_alternative(f"<p>{text}</p>", subtype="html")
    return made


async def deliver(mail: PracticeMail, *to: str, login: tuple[str, str] | None = None) -> None:
    """In a thread, by Python's own client."""

    def speak() -> None:
        with smtplib.SMTP(mail.host, mail.port, timeout=5) as client:
            if login:
                client.login(*login)
            client.send_message(letter(*(to or (TARO,))))

    await asyncio.to_thread(speak)


async def test_a_letter_is_a_plain_object_in_its_readers_mailbox() -> None:
    async with PracticeMail() as mail:
        await deliver(mail, TARO, HANAKO)
        assert [one.to for one in mail.mailboxes.letters] == [TARO, HANAKO]
        (got,) = mail.mailboxes.to("Hanako@Example.com")
    assert (got.id, got.subject, got.sender, got.message_id) == (
        2,
        "ご招待",
        "Alumni <alumni@example.jp>",
        "<1@example.jp>",
    )
    assert got.text == "参加は https://example.com/join から。\n"
    assert got.html == f"<p>{got.text}</p>\n"
    assert got.links == ("https://example.com/join",)
    assert got.at.tzinfo is not None


async def test_watchers_hear_of_each_letter_until_they_leave() -> None:
    async with PracticeMail() as mail:
        queue = mail.mailboxes.subscribe()
        await deliver(mail)
        change = queue.get_nowait()
        assert change.kind == "letter" and isinstance(change.what, Letter)
        mail.mailboxes.unsubscribe(queue)
        await deliver(mail)
        assert queue.empty()


async def test_waiting_ends_when_the_letter_comes_or_says_what_there_is() -> None:
    async with PracticeMail() as mail:
        waiting = asyncio.create_task(mail.mailboxes.until(lambda boxes: boxes.to(TARO)))
        await deliver(mail)
        assert len(await waiting) == 1
        with pytest.raises(TimeoutError, match="1 letters"):
            await mail.mailboxes.until(lambda boxes: boxes.to(HANAKO), timeout=0.05)


async def test_a_login_is_wanted_where_there_is_one() -> None:
    async with PracticeMail(user="bot", password="right") as mail:
        with pytest.raises(smtplib.SMTPSenderRefused):
            await deliver(mail)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            await deliver(mail, login=("bot", "wrong"))
        await deliver(mail, login=("bot", "right"))
        assert len(mail.mailboxes.letters) == 1


async def test_an_address_or_a_domain_can_be_unknown() -> None:
    async with PracticeMail(domains=frozenset({"example.com"})) as mail:
        mail.refuse(TARO)
        for to in (TARO, "x@nowhere.example"):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                await deliver(mail, to)
            assert refused.value.recipients[to][0] == 550
        await deliver(mail, HANAKO)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (lambda m: m.faults.order(RefusedWith("4.7.1 Later", 451), on=f"RCPT:{TARO}"), 451),
        (lambda m: m.faults.order(RefusedWith("5.7.1 No", 554), on="DATA"), 554),
        (lambda m: m.faults.order(ServerError(452), on="MAIL"), 452),
    ],
)
async def test_an_ordered_answer_comes_once(order: Callable[[PracticeMail], None], code: int) -> None:
    async with PracticeMail() as mail:
        order(mail)
        with pytest.raises(smtplib.SMTPException) as refused:
            await deliver(mail)
        assert str(code) in str(refused.value)
        assert mail.mailboxes.letters == []
        await deliver(mail)
        assert len(mail.mailboxes.letters) == 1 and mail.faults.pending == []


@pytest.mark.parametrize(("accepted", "letters"), [(True, 1), (False, 0)])
async def test_a_connection_can_be_dropped_before_or_after_the_letter_counts(accepted: bool, letters: int) -> None:
    async with PracticeMail() as mail:
        mail.faults.order(Dropped(accepted=accepted), on="DATA")
        with pytest.raises((smtplib.SMTPException, OSError)):
            await deliver(mail)
        assert len(mail.mailboxes.letters) == letters


async def test_a_slow_server_takes_its_time() -> None:
    async with PracticeMail() as mail:
        mail.faults.order(Slow(0.2, late_effect=True), on="DATA")
        sending = asyncio.create_task(deliver(mail))
        await asyncio.sleep(0.1)
        assert mail.mailboxes.letters == []
        await sending
        assert len(mail.mailboxes.letters) == 1
