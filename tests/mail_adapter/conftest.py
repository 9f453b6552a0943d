"""Letters to send."""

from bot.cards import Card, Paragraph, Text
from bot.ports import Message
from tests.tls import certificate, serving, trusting

__all__ = ["certificate", "message", "serving", "trusting"]


def message(words: str = "Welcome", *, to: str = "taro@example.com", title: str = "An invitation") -> Message:
    return Message(7, to, Card(title, title, (Paragraph((Text(words),)),)), "en")
