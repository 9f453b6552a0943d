"""The practice Slack as one person sees it in the page, and what they do there."""

from collections.abc import Callable, Collection
from typing import Any

from sandbox.page.acts import Act, Json, NotDone, done, failed
from sandbox.page.marks import Marks
from sandbox.slack import Answered, CannotSubmit, Channel, Ephemeral, Message, NotOnScreen, Person, PracticeSlack, View
from sandbox.slack.workspace import Workspace

Posted = Message | Ephemeral
_UNSENT = "not_sent"
"""A thing that Slack keeps to itself, such as a field that was filled in, is done all the same."""


class SlackSide:
    """`marks` learns by which ids the product knows what was done, see `Marks`; `commands` are those there are."""

    def __init__(self, slack: PracticeSlack, marks: Marks, commands: Collection[str]) -> None:
        self._slack = slack
        self._commands = commands
        self._marks = marks
        self._opened_from: dict[str, str] = {}

    # what is seen

    def view(self, user_id: str) -> Json:
        """{conversations, home, modal} of this person. Raises NotDone for somebody who is not there."""
        person = self._person(user_id)
        workspace, dm = self._slack.workspace, person.dm
        places = [dm, *(c for c in workspace.channels.values() if c is not dm and user_id in c.members)]
        return {
            "conversations": [_conversation(place, workspace, user_id) for place in places],
            "home": _home(person.home),
            "modal": _modal(person.modal),
        }

    # what is done

    async def act(self, user_id: str, act: Act) -> Json:
        """Do it as this person. Raises NotDone."""
        person = self._person(user_id)
        name = act.text("do")
        if name not in self._acts:
            raise NotDone("unknown_act", name)
        try:
            answered = await self._acts[name](self, person, act)
        except (NotOnScreen, CannotSubmit, ValueError, TypeError) as error:
            raise NotDone("not_possible", error) from None
        return _outcome(answered)

    async def _command(self, person: Person, act: Act) -> Answered:
        if act.text("command") not in self._commands:
            raise NotDone("no_such_command", act.text("command"))
        answered = await person.command(act.text("command"), act.text("text", ""), channel=self._place(person, act).id)
        if answered.shown is not None:
            self._marks.note("slack", answered.shown.ts, answered.payload.get("trigger_id"))
        return answered

    async def _say(self, person: Person, act: Act) -> Answered:
        thread = act.text("thread_ts", "") or None
        answered = await person.say(act.text("text"), self._place(person, act).id, thread_ts=thread)
        if answered.said is not None:
            self._marks.note("slack", answered.said.ts, answered.payload.get("event_id"))
        return answered

    async def _press(self, person: Person, act: Act) -> Answered:
        what = act.text("action_id")
        if act.has("view"):
            return await person.press_in_view(self._view(person, act), what)
        message, before = self._message(person, act), person.modal
        answered = await person.press(message, what)
        if person.modal is not None and person.modal is not before:
            self._opened_from[person.modal.id] = message.ts
        self._touched(message, answered)
        return answered

    async def _select(self, person: Person, act: Act) -> Answered:
        what, value = act.text("action_id"), act.value("value")
        if act.has("view"):
            return await person.select_in_view(self._view(person, act), what, value)
        message = self._message(person, act)
        answered = await person.select(message, what, value)
        self._touched(message, answered)
        return answered

    async def _submit(self, person: Person, act: Act) -> Answered:
        view = self._view(person, act)
        answered = await person.submit(view, act.table("values"))
        if (ts := self._opened_from.get(view.id)) is not None:
            self._marks.note("slack", ts, view.id)
        return answered

    async def _close(self, person: Person, act: Act) -> Answered:
        return await person.close(self._view(person, act))

    async def _open_home(self, person: Person, act: Act) -> Answered:
        return await person.open_home()

    async def _edit(self, person: Person, act: Act) -> Answered:
        return await person.edit(self._own(person, act), act.text("text"))

    async def _delete(self, person: Person, act: Act) -> Answered:
        return await person.delete(self._own(person, act))

    async def _shortcut(self, person: Person, act: Act) -> Answered:
        message = self._message(person, act) if act.has("ts") else None
        return await person.shortcut(act.text("callback_id"), message if isinstance(message, Message) else None)

    _acts: dict[str, Callable[..., Any]] = {  # noqa: RUF012 - a table, never changed
        "command": _command,
        "say": _say,
        "press": _press,
        "select": _select,
        "submit": _submit,
        "close": _close,
        "open_home": _open_home,
        "edit": _edit,
        "delete": _delete,
        "shortcut": _shortcut,
    }

    # finding what is meant

    def _person(self, user_id: str) -> Person:
        if user_id not in self._slack.workspace.users:
            raise NotDone("nobody", user_id)
        return self._slack.as_user(user_id)

    def _place(self, person: Person, act: Act) -> Channel:
        name = act.text("channel", "")
        place = self._slack.workspace.channels.get(name) if name else person.dm
        if place is None or person.user.id not in place.members:
            raise NotDone("gone", name)
        return place

    def _message(self, person: Person, act: Act) -> Posted:
        place, ts = self._place(person, act), act.text("ts")
        found: Posted | None = place.messages.get(ts)
        if found is None:
            mine = self._slack.workspace.ephemerals_for(person.user.id)
            found = next((one for one in mine if one.ts == ts and one.channel == place.id), None)
        if found is None or found.deleted:
            raise NotDone("gone", ts)
        return found

    def _own(self, person: Person, act: Act) -> Message:
        found = self._message(person, act)
        if not isinstance(found, Message) or found.user != person.user.id:
            raise NotDone("not_yours", found.ts)
        return found

    def _view(self, person: Person, act: Act) -> View:
        name = act.text("view")
        on_screen = [person.home] if name == "home" else self._slack.workspace.views[person.user.id]
        found = next((view for view in on_screen if view is not None and name in ("home", view.id)), None)
        if found is None:
            raise NotDone("gone", name)
        return found

    def _touched(self, message: Posted, answered: Answered) -> None:
        stamps = [action.get("action_ts") for action in answered.payload.get("actions", ())]
        self._marks.note("slack", message.ts, *stamps)


def _conversation(place: Channel, workspace: Workspace, viewer: str) -> Json:
    hidden = [e for e in workspace.ephemerals_for(viewer) if e.channel == place.id]
    shown = sorted([*workspace.messages_in(place.id), *hidden], key=lambda message: float(message.ts))
    name = workspace.users[workspace.bot_user_id].display_name if place.kind == "im" else place.name
    messages = [_message(message, workspace) for message in shown]
    return {"id": place.id, "kind": place.kind, "name": name, "messages": messages}


def _message(message: Posted, workspace: Workspace) -> Json:
    ephemeral = isinstance(message, Ephemeral)
    author = workspace.bot_user_id if ephemeral else message.user
    user = workspace.users.get(author)
    return {
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "user": author,
        "name": user.display_name if user else author,
        "bot": author == workspace.bot_user_id,
        "text": message.text,
        "blocks": message.blocks,
        "unfurls": [] if isinstance(message, Ephemeral) else [one["blocks"] for one in message.unfurls.values()],
        "ephemeral": ephemeral,
        # Slack marks what a person has edited; what an app has put in its place bears no mark.
        "edited": bool(message.edits) and author != workspace.bot_user_id,
        "deleted": message.deleted,
    }


def _home(view: View | None) -> Json | None:
    return None if view is None else {"id": view.id, "blocks": view.blocks, "values": view.state}


def _modal(view: View | None) -> Json | None:
    if view is None:
        return None
    words = {name: (view.body.get(name) or {}).get("text", "") for name in ("title", "submit", "close")}
    return {"id": view.id, **words, "blocks": view.blocks, "values": view.state, "errors": {}}


def _outcome(answered: Answered) -> Json:
    if answered.errors:
        return failed(errors=answered.errors)
    if answered.held:
        return done(notice="held")
    if answered.error == _UNSENT:
        return done()
    if answered.error or not answered.ok:
        return failed(answered.error or "http_error")
    return done()
