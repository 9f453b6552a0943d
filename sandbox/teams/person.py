"""A person of the practice Teams who also presses buttons, fills in forms and uses message extensions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .answered import Answered
from .cards import CARD, check_card
from .conversations import Conversation, Posted
from .inputs import NoSuchAction, Pressed, find_action, gather
from .speaker import Message, Speaker

Inputs = Mapping[str, object] | None


class ActionUnavailable(Exception):
    """This person's client does not show the action: it knows no Action.Execute and there is no fallback."""


class Person(Speaker):
    """One person's client. Every method returns the bot's answer and changes what this person sees."""

    # cards in messages

    def card(self, message: Message) -> dict[str, Any]:
        """The first card of a message as this person sees it now. Raises NoSuchAction without a card."""
        card = self.posted(message).card_for(self.member.id)
        if card is None:
            raise NoSuchAction("there is no card in this message")
        return card

    async def execute(
        self, message: Message, action: str, inputs: Inputs = None, *, data: Mapping[str, Any] | None = None
    ) -> Answered:
        """Press an Action.Execute by title, verb or id; `data` tells actions of the same name apart.

        A card in the answer replaces this one for this person alone. On a client without
        Action.Execute its fallback is pressed. Raises what `gather` and `find_action` raise.
        """
        posted, index, pressed = self._find(message, action, data)
        kind = pressed.action["type"]
        if kind == "Action.Submit":
            return await self.submit(message, action, inputs, data=data)
        if kind != "Action.Execute":
            raise NoSuchAction(f"{action!r} is an {kind}, nothing that a bot hears of")
        if not self.member.supports_execute:
            return await self._press_fallback(posted, pressed, inputs)
        said = _merged(pressed, inputs)
        return await self._invoke_card(posted, index, pressed.action, said, "manual")

    async def refresh(self, message: Message) -> Answered:
        """Let the card refresh itself as it does when it comes into this person's view."""
        posted = self.posted(message)
        for index, card in posted.cards(self.member.id):
            action = (card.get("refresh") or {}).get("action")
            if action:
                return await self._invoke_card(posted, index, action, dict(action.get("data") or {}), "automatic")
        raise NoSuchAction("no card of this message has a refresh")

    async def submit(
        self, message: Message, action: str, inputs: Inputs = None, *, data: Mapping[str, Any] | None = None
    ) -> Answered:
        """Press an Action.Submit: a message with a value and no text, or what its `msteams` asks for."""
        posted, _, pressed = self._find(message, action, data)
        if pressed.action["type"] != "Action.Submit":
            raise NoSuchAction(f"{action!r} is an {pressed.action['type']}, not an Action.Submit")
        return await self._submit(posted, _merged(pressed, inputs))

    # task modules

    async def task_fetch(self, data: Mapping[str, Any], *, message: Message | None = None) -> Answered:
        """Open a task module with this data."""
        return await self._task("task/fetch", dict(data), message)

    async def task_submit(
        self, opened: Answered, action: str, inputs: Inputs = None, *, message: Message | None = None
    ) -> Answered:
        """Press an action on the card of an opened task module."""
        return await self._task("task/submit", _merged(find_action(_task_card(opened), action), inputs), message)

    # message extensions

    async def query_extension(
        self,
        command_id: str,
        text: str = "",
        *,
        parameter: str = "query",
        conversation: Conversation | str | None = None,
        skip: int = 0,
    ) -> Answered:
        """Search in a message extension; without text the first, empty search that opening it makes."""
        said = {"name": parameter, "value": text} if text else {"name": "initialRun", "value": "true"}
        options = {"skip": skip, "count": 25}
        value = {"commandId": command_id, "parameters": [said], "queryOptions": options}
        return await self._invoke("composeExtension/query", value, conversation)

    async def fetch_extension(self, command_id: str, *, conversation: Conversation | str | None = None) -> Answered:
        """Open an action command of a message extension."""
        value = {"commandId": command_id, "commandContext": "compose", "context": {"theme": "default"}}
        return await self._invoke("composeExtension/fetchTask", value, conversation)

    async def submit_extension(
        self,
        opened: Answered,
        action: str,
        inputs: Inputs = None,
        *,
        conversation: Conversation | str | None = None,
    ) -> Answered:
        """Press an action on the card of an opened action command."""
        value = {
            "commandId": opened.activity["value"]["commandId"],
            "commandContext": "compose",
            "data": _merged(find_action(_task_card(opened), action), inputs),
            "context": {"theme": "default"},
        }
        return await self._invoke("composeExtension/submitAction", value, conversation)

    async def share_link(self, url: str, *, conversation: Conversation | str | None = None) -> Answered:
        """Put a link into a message that is being written: what may stand below it is in `results`."""
        return await self._invoke("composeExtension/queryLink", {"url": url}, conversation)

    # inside

    def _find(self, message: Message, name: str, data: Mapping[str, Any] | None) -> tuple[Posted, int, Pressed]:
        posted = self.posted(message)
        refused = NoSuchAction("there is no card in this message")
        for index, card in [] if posted.deleted else posted.cards(self.member.id):
            try:
                pressed = find_action(card, name, data)
            except NoSuchAction as missing:
                refused = missing
                continue
            if pressed.action.get("isEnabled") is False:
                raise ActionUnavailable(f"{name!r} is greyed out")
            return posted, index, pressed
        raise refused

    async def _press_fallback(self, posted: Posted, pressed: Pressed, inputs: Inputs) -> Answered:
        fallback = pressed.action.get("fallback")
        if not isinstance(fallback, dict) or fallback.get("type") != "Action.Submit":
            raise ActionUnavailable(f"{pressed.action.get('title')!r} has no Action.Submit to fall back on")
        return await self._submit(posted, _merged(replace(pressed, action=fallback), inputs))

    async def _submit(self, posted: Posted, said: dict[str, Any]) -> Answered:
        wish = said.get("msteams") if isinstance(said.get("msteams"), dict) else {}
        match (wish or {}).get("type"):
            case "task/fetch":
                return await self._task("task/fetch", said, posted)
            case "imBack":
                return await self.say(str((wish or {}).get("value", "")), reply_to=posted)
            case "messageBack":
                text = (wish or {}).get("text")
                said = {name: value for name, value in said.items() if name != "msteams"}
            case _:
                text = None
        activity = self._at(posted).activity(
            "message", self.tenant.next_id(), value=said, text=text, replyToId=posted.id
        )
        return await self._deliver_event(self.tenant.conversations[posted.conversation_id], activity)

    async def _invoke_card(
        self, posted: Posted, index: int, action: dict[str, Any], data: dict[str, Any], trigger: str
    ) -> Answered:
        pressed = {"type": "Action.Execute", "id": action.get("id"), "verb": action.get("verb"), "data": data}
        pressed = {name: value for name, value in pressed.items() if value is not None}
        value = {"action": pressed, "trigger": trigger}
        invoke = self._at(posted).invoke("adaptiveCard/action", value, reply_to=posted.id)
        answered = await self._deliver_event(self.tenant.conversations[posted.conversation_id], invoke)
        return self._show(posted, index, answered)

    def _show(self, posted: Posted, index: int, answered: Answered) -> Answered:
        if answered.card is None:
            return answered
        verdict = check_card(answered.card)
        self.tenant.warnings += verdict.warnings
        if verdict.errors:
            return replace(answered, failure="; ".join(verdict.errors))
        posted.views.setdefault(self.member.id, {})[index] = answered.card
        self.tenant.ring("viewed", posted.conversation_id, posted.id)
        return answered

    async def _task(self, name: str, data: dict[str, Any], message: Message | None) -> Answered:
        value = {"data": data, "context": {"theme": "default"}}
        if message is None:
            return await self._invoke(name, value, None)
        posted = self.posted(message)
        invoke = self._at(posted).invoke(name, value, reply_to=posted.id)
        return await self._deliver_event(self.tenant.conversations[posted.conversation_id], invoke)

    async def _invoke(self, name: str, value: dict[str, Any], where: Conversation | str | None) -> Answered:
        place = self._place(where, None)
        return await self._deliver_event(place, self._sender(place).invoke(name, value))


def _merged(pressed: Pressed, inputs: Inputs) -> dict[str, Any]:
    """What the client sends: the action's own data, with the inputs over it."""
    data = pressed.action.get("data")
    return {**(data if isinstance(data, dict) else {}), **gather(pressed, inputs)}


def _task_card(opened: Answered) -> dict[str, Any]:
    card = (opened.task or {}).get("card") or {}
    if card.get("contentType") != CARD:
        raise NoSuchAction(f"no card was opened: {opened.text[:200]}")
    return card["content"]
