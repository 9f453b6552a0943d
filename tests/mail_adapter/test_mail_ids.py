"""Addresses, refs, and where the mail server is."""

import pytest

from adapters.mail import ids, server
from adapters.mail.server import MailServer


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("alumni@example.com", "", "alumni@example.com"),
        ("Example Alumni <alumni@example.com>", "Example Alumni", "alumni@example.com"),
        ('"Example, Inc." <alumni@example.com>', "Example, Inc.", "alumni@example.com"),
        ("Example, Inc. <alumni@example.com>", "Example, Inc.", "alumni@example.com"),
        (" 東都製作所 人事 <alumni@例え.jp> ", "東都製作所 人事", "alumni@xn--r8jz45g.jp"),
        ("first.last+tag@sub.example.co.jp", "", "first.last+tag@sub.example.co.jp"),
    ],
)
def test_a_sender_is_a_name_and_an_address(text: str, name: str, address: str) -> None:
    made = ids.sender(text)
    assert (made.display_name, made.addr_spec) == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alumni",
        "@example.com",
        "a@",
        "a@b@",
        "Name <>",
        "<a@b.c",
        "a@b.c>",
        "a <b@c.d> e",
        "a@-b.c",
        "a@b..c",
        "é@b.c",
    ],
)
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        ids.sender(text)


def test_a_ref_is_the_deliverys_and_the_addresses_for_good() -> None:
    ref = ids.ref(7, "taro@example.com", "example.jp")
    assert ref == ids.ref(7, "taro@example.com", "example.jp") == ids.checked_ref(ref)
    others = {ids.ref(8, "taro@example.com", "example.jp"), ids.ref(7, "jiro@example.com", "example.jp")}
    assert ref not in others and len(others) == 2


@pytest.mark.parametrize("text", ["", "x", "<x@y>", "<motokai.1.aa@y>", "<motokai.1.0123456789abcdef@y>\nBcc: x"])
def test_what_is_no_ref_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the ref"):
        ids.checked_ref(text)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 587)),
        ("smtp://mail.example.com:25/", MailServer("mail.example.com", 25)),
        ("smtps://mail.example.com", MailServer("mail.example.com", 465, tls=True)),
        ("smtp://bot:p%40ss%2Fw%25rd@mail.example.com", MailServer("mail.example.com", 587, "bot", "p@ss/w%rd")),
        ("smtp://bot%40example.com:x@[::1]:2525", MailServer("::1", 2525, "bot@example.com", "x")),
    ],
)
def test_a_mail_server_has_an_address(url: str, place: MailServer) -> None:
    assert server.parse(url) == place
    assert "password" not in repr(place)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "http://x",
        "smtp://",
        "smtp://h:99999",
        "smtp://h:x",
        "smtp://u:p/w@h",
        "smtp://h/?a",
        "smtp://u:%00@h",
        "smtp://[h",
    ],
)
def test_what_is_no_mail_server_is_refused_in_words_without_the_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"^its? ") as refused:
        server.parse(url)
    assert "p/w" not in str(refused.value)
