"""What goes back in the HTTP response of an invoke: of a card's button (Universal Actions for Adaptive Cards), or of
a search, a link or a form in the message extension."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from botbuilder.core import InvokeResponse

from adapters.teams.ids import nonces
from adapters.teams.literal import cut, one_line
from adapters.teams.render import CARD_TYPE, card, notice
from bot.cards import Card
from bot.ports import Reply

NOTICE_TYPE = "application/vnd.microsoft.activity.message"
ERROR_TYPE = "application/vnd.microsoft.error"
PREVIEW_TYPE = "application/vnd.microsoft.card.thumbnail"
PREVIEW_LIMIT = 120
DIALOG_TITLE_LIMIT = 100
CARD_ACTION = "adaptiveCard/action"


class Answering:
    """Turns replies into invoke responses. `done` is the word for "taken, with nothing to show": Teams shows
    it for a moment and, unlike an empty one, without an error."""

    def __init__(self, done: str = "✓", nonce: Callable[[], str] | None = None) -> None:
        self._done = done
        self._nonce = nonce or nonces()

    def answer(self, reply: Reply, locale: str) -> InvokeResponse:
        """The refreshed card, or a short notice that leaves the card as it is."""
        if reply.content is None:
            return _answer(NOTICE_TYPE, self._done)
        if reply.notice:
            return _answer(NOTICE_TYPE, notice(reply.content) or self._done)
        return _answer(CARD_TYPE, card(reply.content, self._nonce(), locale=locale))

    def found(self, reply: Reply, locale: str) -> InvokeResponse:
        """What a message extension shows below its box: the results, or why there are none."""
        if reply.content is not None:
            shown: dict[str, Any] = {"type": "message", "text": notice(reply.content) or self._done}
        else:
            shown = self._results(reply, locale)
        return InvokeResponse(status=200, body={"composeExtension": shown})

    def previewed(self, reply: Reply, locale: str) -> InvokeResponse:
        """What stands below a link; where nothing does, nobody is told why."""
        return InvokeResponse(status=200, body={"composeExtension": self._results(reply, locale)})

    def _results(self, reply: Reply, locale: str) -> dict[str, Any]:
        results = [self._result(result, locale) for result in reply.results]
        return {"type": "result", "attachmentLayout": "list", "attachments": results}

    def asked(self, reply: Reply, locale: str) -> InvokeResponse:
        """What the dialog of a message extension shows: its form, or a word at which it closes. A dialog knows
        Action.Submit alone."""
        if reply.content is None or isinstance(reply.content, Card):
            text = notice(reply.content) if reply.content else self._done
            return InvokeResponse(status=200, body={"task": {"type": "message", "value": text or self._done}})
        shown = card(reply.content, self._nonce(), locale=locale)
        shown["actions"] = [action["fallback"] for action in shown["actions"]]
        dialog = {
            "title": cut(one_line(reply.content.title), DIALOG_TITLE_LIMIT),
            "height": "large",
            "width": "medium",
            "card": {"contentType": CARD_TYPE, "content": shown},
        }
        return InvokeResponse(status=200, body={"task": {"type": "continue", "value": dialog}})

    def _result(self, result: Card, locale: str) -> dict[str, Any]:
        """In the list it has a name, which Teams shows as it is, and a line, which Teams takes for HTML."""
        name, about = cut(one_line(result.title), PREVIEW_LIMIT), cut(one_line(result.summary), PREVIEW_LIMIT)
        listed = {"title": name} | ({"text": escape(about, quote=False)} if about != name else {})
        return {
            "contentType": CARD_TYPE,
            "content": card(result, self._nonce(), locale=locale),
            "preview": {"contentType": PREVIEW_TYPE, "content": listed},
        }

    def not_understood(self, payload: Mapping[str, Any]) -> InvokeResponse:
        """400 in the card protocol for a card action without our data; 501, as botbuilder answers, for other
        invokes."""
        if payload.get("name") != CARD_ACTION:
            return InvokeResponse(status=501, body=None)
        error = {"code": "BadRequest", "message": "The action carries no data of this bot."}
        return InvokeResponse(status=200, body={"statusCode": 400, "type": ERROR_TYPE, "value": error})


def _answer(kind: str, value: Any) -> InvokeResponse:
    return InvokeResponse(status=200, body={"statusCode": 200, "type": kind, "value": value})
