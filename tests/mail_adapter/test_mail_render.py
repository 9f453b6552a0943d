"""Content → a letter. What a person typed stays what they typed, in the headers as in the words."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mail import ids, render
from bot.cards import Action, Bullets, Card, Divider, Field, Form, Link, Paragraph, Precision, Quote, Text, When
from bot.ports import Message
from tests.mail_adapter.conftest import message

AT = datetime(2026, 11, 9, 5, 32, tzinfo=UTC)
SENDER = ids.sender("東都製作所 <alumni@example.jp>")


def arrived(sent: Message, sender: str = "Alumni <alumni@example.jp>") -> EmailMessage:
    """The letter as a mail program reads it from the wire."""
    raw = bytes(render.letter(sent, ids.sender(sender), AT))
    return message_from_bytes(raw, _class=EmailMessage, policy=default)  # type: ignore[arg-type]


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_every_kind_of_block_is_written_in_both_ways() -> None:
    blocks = (
        Paragraph((Text("Dear "), Text("Taro", bold=True), Text("\nhello"))),
        Bullets(((Text("one"),), (Text("two", code=True), Text("!", code=True)))),
        Quote((Text("first\nsecond", italic=True),)),
        Divider(),
        Paragraph((Link("the page", "https://example.com/?a=1&b=2"), Text(" gone", strike=True))),
        Paragraph((Link("https://example.com", "https://example.com"),)),
    )
    sent = replace(message(), content=Card("Title", "Summary", blocks, (Action("Press", "gigs"),)))
    letter = arrived(sent)
    assert body(letter, "plain") == (
        "Dear Taro\nhello\n\n- one\n- two!\n\n> first\n> second\n\n--------------------\n\n"
        "the page <https://example.com/?a=1&b=2> gone\n\nhttps://example.com\n"
    )
    html = body(letter, "html")
    for shown in (
        "<h1>Title</h1>",
        "<p>Dear <strong>Taro</strong><br>\nhello</p>",
        "<ul><li>one</li><li><code>two!</code></li></ul>",
        "<blockquote><em>first<br>\nsecond</em></blockquote>",
        "<hr>",
        '<a href="https://example.com/?a=1&amp;b=2">the page</a><s> gone</s>',
    ):
        assert shown in html
    assert "Press" not in html, "a letter has no buttons"


@pytest.mark.parametrize(
    ("locale", "precision", "shown"),
    [
        ("ja", Precision.MINUTE, "2026年11月10日(火) 0:30（日本標準時）"),
        ("ja", Precision.DATE, "2026年11月10日(火)"),
        ("ja", Precision.TIME, "0:30（日本標準時）"),
        ("en", Precision.MINUTE, "Tue 10 Nov 2026, 00:30 (Japan Standard Time)"),
        ("en", Precision.DATE, "Tue 10 Nov 2026"),
        ("en", Precision.TIME, "00:30 (Japan Standard Time)"),
    ],
)
def test_times_are_the_companys_and_say_so(locale: str, precision: Precision, shown: str) -> None:
    when = When(datetime(2026, 11, 9, 15, 30, tzinfo=UTC), precision)
    content = Card("T", "S", (Paragraph((when,)),))
    letter = arrived(Message(1, "taro@example.com", content, locale, timezone="Asia/Tokyo"))
    assert body(letter, "plain") == shown + "\n"


def test_a_zone_with_summer_time_says_which_it_is() -> None:
    summer = When(datetime(2026, 7, 1, 12, tzinfo=UTC))
    letter = arrived(
        Message(1, "t@example.com", Card("T", "S", (Paragraph((summer,)),)), "en", timezone="Europe/Berlin")
    )
    assert body(letter, "plain") == "Wed 1 Jul 2026, 14:00 (Central European Summer Time)\n"


def test_a_form_is_its_words() -> None:
    form = Form("gig.ask", "Ask", (Field("text", "Question"),), "Send", "Cancel", blocks=(Paragraph((Text("Hi"),)),))
    letter = arrived(replace(message(), content=form))
    assert (letter["Subject"], body(letter, "plain")) == ("Ask", "Hi\n")


def test_the_envelope_says_that_nobody_need_answer_and_which_letter_it_is() -> None:
    letter = arrived(message())
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == ids.ref(7, "taro@example.com", "example.jp")
    assert letter["Date"] == "Mon, 09 Nov 2026 05:32:00 +0000"
    assert letter["Content-Language"] == "en"
    assert letter.get_content_type() == "multipart/alternative"


def test_a_reply_names_the_letter_before_it() -> None:
    first = ids.ref(1, "taro@example.com", "example.jp")
    letter = arrived(replace(message(), thread=first))
    assert letter["In-Reply-To"] == letter["References"] == first
    with pytest.raises(ValueError, match="not the ref"):
        render.letter(replace(message(), thread="message:T1:D1:1.2"), SENDER, AT)


HOSTILE = [
    "太郎\r\nBcc: everybody@example.com",
    "a\nSubject: other\n\nbody",
    "=?utf-8?b?QmNjOiB4?= <x@example.com>",
    "<script>alert(1)</script> & \"quoted\" 'too'",
    "山" * 3000,
    "x" * 3000,
    "\u2028\u2029\x0b\x85",
    "，".join(["名前"] * 100),
    "🏯 👩‍👩‍👧‍👦",
    "\u202eabc",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_gets_out_of_its_header(text: str) -> None:
    plain = arrived(message())
    letter = arrived(message(text, title=text), sender=f"{text.replace('<', '').replace('>', '')} <alumni@example.jp>")
    assert [*letter.keys()] == [*plain.keys()]
    assert letter["Bcc"] is None
    assert letter["Subject"] == render.subject(text)
    assert len(letter["Subject"]) <= render.SUBJECT_LIMIT
    assert [a.addr_spec for a in letter["From"].addresses] == ["alumni@example.jp"]
    assert [a.addr_spec for a in letter["To"].addresses] == ["taro@example.com"]


@settings(max_examples=80, deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=300))
def test_any_title_is_the_subject_and_any_text_the_words(text: str) -> None:
    letter = arrived(message(text, title=f"T {text}"))
    assert letter["Subject"] == render.subject(f"T {text}")
    assert body(letter, "plain") == text + "\n"
    assert "<script" not in body(letter, "html")


def test_every_line_fits_every_server() -> None:
    for text in HOSTILE:
        raw = bytes(render.letter(message(text, title=text), SENDER, AT))
        assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_is_markup(text: str) -> None:
    around, plain = body(arrived(message(text)), "html"), body(arrived(message("X")), "html")
    for mark in ("<script", "<a ", "<b>", "<img"):
        assert mark not in around
    assert around.count("<p>") == plain.count("<p>") == 1
