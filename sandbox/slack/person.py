"""Acting as a person: everything they can do in Slack that reaches the bot."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.slack import responding, screens
from sandbox.slack.answered import Answered
from sandbox.slack.choosing import chosen, find, form_state
from sandbox.slack.courier import Courier
from sandbox.slack.events import Events
from sandbox.slack.methods.method import ApiError
from sandbox.slack.payloads import message_json, view_json
from sandbox.slack.records import Channel, Ephemeral, Json, Message, Upload, User, View
from sandbox.slack.workspace import Workspace

_MENTION = re.compile(r"(<@[UW][A-Z0-9]+>)")
Posted = Message | Ephemeral


@dataclass
class Person:
    """One person at their screen. Every method returns what the bot answered, see `Answered`."""

    workspace: Workspace
    courier: Courier
    events: Events
    user: User
    response_url: Callable[[str], str]

    @property
    def dm(self) -> Channel:
        """Their conversation with the bot."""
        return self.workspace.dm(self.user.id)

    @property
    def modal(self) -> View | None:
        """The modal on top of their screen."""
        return self.workspace.top_view(self.user.id)

    @property
    def home(self) -> View | None:
        """Their App Home, if the bot published one."""
        return self.workspace.homes.get(self.user.id)

    # writing

    async def command(self, command: str, text: str = "", *, channel: str | None = None) -> Answered:
        """Type a slash command; without `channel` in the DM with the bot. What it answers is in `shown`."""
        place = self._place(channel)
        key = self.workspace.response_url(place.id, self.user.id)
        payload = {
            "token": "practice-verification",
            "team_id": self.workspace.team_id,
            "team_domain": self.workspace.domain,
            "channel_id": place.id,
            "channel_name": place.name if place.kind == "channel" else _PRIVATE_NAMES[place.kind],
            "user_id": self.user.id,
            "user_name": self.user.name,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(key),
            "trigger_id": self.workspace.trigger(self.user.id),
        }
        name = f"command/{command.removeprefix('/')}"
        return await self.courier.deliver("command", name, payload, self._command_answer(key))

    def _command_answer(self, key: str) -> Callable[[Answered], None]:
        def then(answered: Answered) -> None:
            if not answered.ok:
                answered.error = "operation_timeout" if answered.error == "http_timeout" else "dispatch_failed"
            elif answered.body.strip():
                leave = self.workspace.response_urls[key]
                try:
                    body = responding.parsed(answered.body)
                    answered.shown = responding.show(self.workspace, leave, body, validate=True)
                except ApiError as error:
                    answered.error = error.body["error"]

        return then

    async def say(self, text: str, channel: str | None = None, *, thread_ts: str | None = None) -> Answered:
        """Write a message; without `channel` in the DM with the bot. The message is in `said`."""
        place = self._place(channel)
        ts = self.workspace.next_ts()
        message = Message(ts, place.id, self.user.id, text, _rich(text), thread_ts)
        message.client_msg_id = str(uuid.uuid4())
        self.workspace.put(message)
        return await self.events.message(message, place)

    async def drop(
        self, *files: tuple[str, bytes], text: str = "", channel: str | None = None, thread_ts: str | None = None
    ) -> Answered:
        """Drop files (name and bytes) into a conversation; without `channel` into the DM with the bot."""
        place = self._place(channel)
        ts = self.workspace.next_ts()
        message = Message(ts, place.id, self.user.id, text, _rich(text) if text else [], thread_ts)
        message.subtype = "file_share"
        for name, body in files:
            upload = Upload(f"F{uuid.uuid4().hex[:10].upper()}", name, self.user.id, body)
            self.workspace.uploads[upload.id] = upload
            message.files.append(upload.id)
        self.workspace.put(message)
        return await self.events.message(message, place)

    async def edit(self, message: Message, text: str) -> Answered:
        """Change what they wrote."""
        self.workspace.edit(message, text, _rich(text))
        return await self.events.changed(message, self.workspace.channels[message.channel])

    async def delete(self, message: Message) -> Answered:
        """Delete what they wrote."""
        self.workspace.delete(message)
        return await self.events.changed(message, self.workspace.channels[message.channel], deleted=True)

    # touching messages

    async def press(self, message: Posted, what: str, *, values: dict[str, Any] | None = None) -> Answered:
        """Press a button, named by action_id, text or value, after filling in `values`."""
        block, element = find(message.blocks, what)
        action = {"text": element.get("text"), **({"value": element["value"]} if "value" in element else {})}
        return await self._act(message, block, element, action, values or {})

    async def select(self, message: Posted, what: str, value: Any) -> Answered:
        """Choose from a menu, picker or overflow menu in a message."""
        block, element = find(message.blocks, what)
        return await self._act(message, block, element, _selection(element, value), {element["action_id"]: value})

    async def _act(self, message: Posted, block: Json, element: Json, action: Json, values: dict[str, Any]) -> Answered:
        if element["type"] == "overflow":
            values = {}
        place = self.workspace.channels[message.channel]
        held = self.workspace.touched.setdefault((message.ts, self.user.id), {})
        state = form_state(message.blocks, values, held, sending=False)
        held.update(state)
        ephemeral = isinstance(message, Ephemeral)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": place.id,
            "is_ephemeral": ephemeral,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        key = self.workspace.response_url(place.id, self.user.id, message)
        payload = self._interaction("block_actions") | {
            "container": container,
            "channel": {"id": place.id, "name": _PRIVATE_NAMES.get(place.kind, place.name)},
            "state": {"values": state},
            "response_url": self.response_url(key),
            "actions": [self._action(block, element, action)],
        }
        if isinstance(message, Message):
            payload["message"] = message_json(message, self.workspace)
        return await self._interact(f"action/{element['action_id']}", payload)

    async def shortcut(self, callback_id: str, message: Message | None = None) -> Answered:
        """Use a global shortcut, or a message shortcut on `message`."""
        payload = self._interaction("message_action" if message else "shortcut")
        payload |= {"callback_id": callback_id, "action_ts": self.workspace.next_ts()}
        if message:
            place = self.workspace.channels[message.channel]
            key = self.workspace.response_url(place.id, self.user.id, message)
            payload |= {
                "channel": {"id": place.id, "name": _PRIVATE_NAMES.get(place.kind, place.name)},
                "message": message_json(message, self.workspace),
                "message_ts": message.ts,
                "response_url": self.response_url(key),
            }
        return await self._interact(f"shortcut/{callback_id}", payload)

    # touching views

    async def press_in_view(self, view: View, what: str) -> Answered:
        """Press a button in a modal or Home."""
        block, element = find(view.blocks, what)
        action = {"text": element.get("text"), **({"value": element["value"]} if "value" in element else {})}
        return await self._act_in_view(view, block, element, action)

    async def select_in_view(self, view: View, what: str, value: Any) -> Answered:
        """Choose something in a modal or Home; an input tells the bot only with dispatch_action."""
        block, element = find(view.blocks, what)
        if element["type"] != "overflow":
            held = view.state.setdefault(block["block_id"], {})
            held[element["action_id"]] = chosen(element, value)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Answered(f"action/{element['action_id']}", error="not_sent")
        return await self._act_in_view(view, block, element, _selection(element, value))

    async def _act_in_view(self, view: View, block: Json, element: Json, action: Json) -> Answered:
        payload = self._interaction("block_actions") | {
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(view, self.workspace),
            "actions": [self._action(block, element, action)],
        }
        return await self._interact(f"action/{element['action_id']}", payload)

    async def submit(self, view: View | None = None, values: dict[str, Any] | None = None) -> Answered:
        """Fill in and send a modal (the top one by default).

        Field errors come back in `errors` and leave it open; a view put in its place is in `view`.
        """
        view = view or self._top()
        state = form_state(view.blocks, values or {}, view.state)
        view.state = state
        payload = self._interaction("view_submission") | {
            "view": view_json(view, self.workspace, state),
            "response_urls": [],
        }

        def then(answered: Answered) -> None:
            if not answered.ok:
                answered.error = "trouble_connecting"
                return
            try:
                self._after(view, answered)
            except (ApiError, ValueError, KeyError, TypeError) as error:
                answered.error = f"trouble_connecting ({error})"

        name = f"submission/{view.callback_id}"
        return await self.courier.deliver("interactive", name, payload, then)

    def _after(self, view: View, answered: Answered) -> None:
        asked = json.loads(answered.body) if answered.body.strip() else {}
        match asked.get("response_action"):
            case None:
                self._drop(view)
            case "clear":
                self._drop(view, whole=True)
            case "errors":
                fields = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                if not asked["errors"] or not asked["errors"].keys() <= fields:
                    raise ValueError(f"errors for blocks that are no inputs: {asked['errors']}")
                answered.errors = asked["errors"]
            case "update":
                body = screens.checked(asked["view"], "modal", validate=True)
                answered.view = screens.replace(self.workspace, view, body)
            case "push":
                body = screens.checked(asked["view"], "modal", validate=True)
                answered.view = screens.open_modal(self.workspace, self.user.id, body, push=True)
            case other:
                raise ValueError(f"unknown response_action {other}")

    async def close(self, view: View | None = None, *, all: bool = False) -> Answered:
        """Close a modal (`all`: the whole stack); the bot hears of it if it asked to."""
        view = view or self._top()
        self._drop(view, whole=all or bool(view.body.get("clear_on_close")))
        if not view.body.get("notify_on_close"):
            return Answered(f"closed/{view.callback_id}", error="not_sent")
        payload = self._interaction("view_closed") | {
            "view": view_json(view, self.workspace),
            "is_cleared": all,
        }
        payload.pop("trigger_id")
        return await self._interact(f"closed/{view.callback_id}", payload)

    async def open_home(self) -> Answered:
        """Open the bot's Home tab."""
        return await self.events.home_opened(self.user, "home")

    async def open_messages(self) -> Answered:
        """Open the bot's Messages tab."""
        return await self.events.home_opened(self.user, "messages")

    # coming and going

    async def join_team(self) -> Answered:
        """Join the workspace."""
        return await self.events.team_join(self.user)

    async def change(self, **fields: Any) -> Answered:
        """Change their profile or account: `deleted=True` is a deactivation."""
        for name, value in fields.items():
            if not hasattr(self.user, name):
                raise AttributeError(f"a user has no {name}")
            setattr(self.user, name, value)
        self.workspace.changed("user", self.user)
        return await self.events.user_change(self.user)

    # parts

    def _place(self, channel: str | None) -> Channel:
        return self.workspace.channels[channel] if channel else self.dm

    def _top(self) -> View:
        if self.modal is None:
            raise LookupError(f"{self.user.id} has no modal open\n{self.workspace.dump()}")
        return self.modal

    def _drop(self, view: View, *, whole: bool = False) -> None:
        stack = self.workspace.views[self.user.id]
        self.workspace.views[self.user.id] = [] if whole else [v for v in stack if v.id != view.id]
        self.workspace.changed("view", view)

    def _interaction(self, kind: str) -> Json:
        return {
            "type": kind,
            "user": {
                "id": self.user.id,
                "username": self.user.name,
                "name": self.user.name,
                "team_id": self.user.team_id,
            },
            "api_app_id": self.workspace.app_id,
            "token": "practice-verification",
            "trigger_id": self.workspace.trigger(self.user.id),
            "team": {"id": self.workspace.team_id, "domain": self.workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _action(self, block: Json, element: Json, action: Json) -> Json:
        return {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            **action,
            "action_ts": self.workspace.next_ts(),
        }

    async def _interact(self, name: str, payload: Json) -> Answered:
        def then(answered: Answered) -> None:
            if not answered.ok:
                answered.error = "trouble_connecting"

        return await self.courier.deliver("interactive", name, payload, then)


_PRIVATE_NAMES = {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}


def _selection(element: Json, value: Any) -> Json:
    if element["type"] == "button":
        raise TypeError("a button is pressed, not selected")
    return {name: given for name, given in chosen(element, value).items() if name != "type"}


def _rich(text: str) -> list[Json]:
    """What Slack's client makes of typed text: one rich_text block."""
    runs: list[Json] = [
        {"type": "user", "user_id": part[2:-1]} if _MENTION.fullmatch(part) else {"type": "text", "text": part}
        for part in _MENTION.split(text)
        if part
    ]
    section = {"type": "rich_text_section", "elements": runs}
    return [{"type": "rich_text", "block_id": uuid.uuid4().hex[:5], "elements": [section]}]
