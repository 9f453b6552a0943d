"""botbuilder's part: who speaks and what an activity is. Its middleware runs; its serialisers do not.

A turn has no connector client. What the bot says leaves through the ledger and outbound.py, or, for an
invoke, in the HTTP response; so a turn that tries to send otherwise is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botbuilder.core import ActivityHandler, BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import (
    Activity,
    ChannelAccount,
    ConversationAccount,
    ConversationReference,
    ResourceResponse,
)
from botframework.connector.auth import ClaimsIdentity

from adapters.teams.inbound import LINKED, OPENED, QUERY, SENT, parse
from adapters.teams.invokes import Answering
from bot.ports import Receiver, Reply, Standing

_PAYLOAD = "motokai.payload"
_OUTCOME = "motokai.outcome"
_TOLD = {
    "type": "type",
    "id": "id",
    "name": "name",
    "channel_id": "channelId",
    "service_url": "serviceUrl",
    "locale": "locale",
    "text": "text",
    "value": "value",
    "reply_to_id": "replyToId",
}
_PLACE = {"id": "id", "is_group": "isGroup", "conversation_type": "conversationType", "tenant_id": "tenantId"}
_WHO = {"id": "id", "name": "name", "aad_object_id": "aadObjectId"}


@dataclass(frozen=True, slots=True)
class Turned:
    """What a turn came to: whether its sender is a stranger, and the answer of an invoke."""

    foreign: bool = False
    response: InvokeResponse | None = None


class Listener(ActivityHandler):
    """Hands every kind of activity that means something to the product's front door."""

    def __init__(self, receiver: Receiver, answering: Answering) -> None:
        self._receiver = receiver
        self._answering = answering

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        await self._receive(turn_context)

    async def on_message_update_activity(self, turn_context: TurnContext) -> None:
        await self._receive(turn_context)

    async def on_message_delete_activity(self, turn_context: TurnContext) -> None:
        await self._receive(turn_context)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        await self._receive(turn_context)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        await self._receive(turn_context)

    async def on_invoke_activity(self, turn_context: TurnContext) -> None:
        reply = await self._receive(turn_context)
        payload = _payload(turn_context)
        if reply is None:
            response = self._answering.not_understood(payload)
        else:
            own = self._answering
            answers = {QUERY: own.found, LINKED: own.previewed, OPENED: own.asked, SENT: own.asked}
            answer = answers.get(str(payload.get("name")), own.answer)
            response = answer(reply, str(payload.get("locale") or ""))
        turn_context.turn_state[_OUTCOME] = Turned(_is_foreign(reply), response)

    async def _receive(self, turn_context: TurnContext) -> Reply | None:
        inbound = parse(_payload(turn_context))
        reply = await self._receiver(inbound) if inbound else None
        turn_context.turn_state[_OUTCOME] = Turned(_is_foreign(reply))
        return reply


class TeamsAdapter(BotAdapter):
    """Runs verified activities through botbuilder's pipeline (`use()` adds middleware)."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener

    async def process_activity(self, payload: Mapping[str, Any], claims: Mapping[str, Any]) -> Turned:
        """One turn. Raises what the receiver raises."""
        context = TurnContext(self, modelled(payload))
        context.turn_state[_PAYLOAD] = payload
        context.turn_state[self.BOT_IDENTITY_KEY] = ClaimsIdentity(dict(claims), bool(claims))
        await self.run_pipeline(context, self._listener.on_turn)
        outcome = context.turn_state.get(_OUTCOME)
        return outcome if isinstance(outcome, Turned) else Turned()

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        raise NotImplementedError("Messages leave through the ledger.")

    async def update_activity(self, context: TurnContext, activity: Activity) -> None:
        raise NotImplementedError("Edits leave through the ledger.")

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        raise NotImplementedError("Deletions leave through the ledger.")


def modelled(payload: Mapping[str, Any]) -> Activity:
    """The parts of an activity that botbuilder and middleware look at, as its model. The model is filled by
    hand: msrest's deserialiser costs more than everything else in a turn."""
    where = _part(payload, "conversation")
    told: dict[str, Any] = {attribute: payload.get(name) for attribute, name in _TOLD.items()}
    place: dict[str, Any] = {attribute: where.get(name) for attribute, name in _PLACE.items()}
    return Activity(
        from_property=_account(_part(payload, "from")),
        recipient=_account(_part(payload, "recipient")),
        conversation=ConversationAccount(**place),
        **told,
    )


def _payload(context: TurnContext) -> Mapping[str, Any]:
    payload = context.turn_state[_PAYLOAD]
    return payload if isinstance(payload, Mapping) else {}


def _account(told: Mapping[str, Any]) -> ChannelAccount:
    who: dict[str, Any] = {attribute: told.get(name) for attribute, name in _WHO.items()}
    return ChannelAccount(**who)


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, Mapping) else {}


def _is_foreign(reply: Reply | None) -> bool:
    return reply is not None and reply.standing is Standing.FOREIGN
