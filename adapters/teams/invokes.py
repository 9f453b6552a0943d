"""What goes back in the HTTP response of an invoke (Universal Actions for Adaptive Cards)."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from botbuilder.core import InvokeResponse

from adapters.teams.render import CARD_TYPE, card, notice
from bot.ports import Reply

NOTICE_TYPE = "application/vnd.microsoft.activity.message"
ERROR_TYPE = "application/vnd.microsoft.error"
CARD_ACTION = "adaptiveCard/action"


class Answering:
    """Turns replies into invoke responses. `done` is the word for "taken, with nothing to show": Teams shows
    it for a moment and, unlike an empty one, without an error."""

    def __init__(self, done: str = "✓", nonce: Callable[[], str] = lambda: secrets.token_urlsafe(9)) -> None:
        self._done = done
        self._nonce = nonce

    def answer(self, reply: Reply, locale: str) -> InvokeResponse:
        """The refreshed card, or a short notice that leaves the card as it is."""
        if reply.content is None:
            return _answer(NOTICE_TYPE, self._done)
        if reply.notice:
            return _answer(NOTICE_TYPE, notice(reply.content) or self._done)
        return _answer(CARD_TYPE, card(reply.content, self._nonce(), locale=locale))

    def not_understood(self, payload: Mapping[str, Any]) -> InvokeResponse:
        """400 in the card protocol for a card action without our data; 501, as botbuilder answers, for other
        invokes."""
        if payload.get("name") != CARD_ACTION:
            return InvokeResponse(status=501, body=None)
        error = {"code": "BadRequest", "message": "The action carries no data of this bot."}
        return InvokeResponse(status=200, body={"statusCode": 400, "type": ERROR_TYPE, "value": error})


def _answer(kind: str, value: Any) -> InvokeResponse:
    return InvokeResponse(status=200, body={"statusCode": 200, "type": kind, "value": value})
