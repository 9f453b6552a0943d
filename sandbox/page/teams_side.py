"""The practice Teams as one person sees it in the page, and what they do there."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.page.acts import Act, Json, NotDone, done, failed
from sandbox.page.marks import Marks
from sandbox.teams import (
    ActionUnavailable,
    Answered,
    Conversation,
    Kind,
    NoSuchAction,
    NoSuchInput,
    Person,
    Posted,
    PracticeTeams,
)
from sandbox.teams.inputs import InputRefused


class TeamsSide:
    """`marks` learns by which ids the product knows what was done, see `Marks`."""

    def __init__(self, teams: PracticeTeams, marks: Marks) -> None:
        self._teams = teams
        self._marks = marks

    # what is seen

    def view(self, key: str) -> Json:
        """{conversations} of this person. Raises NotDone for somebody who is not there."""
        person = self._person(key)
        chat = person.chat
        places = [chat, *(c for c in self._teams.tenant.conversations.values() if c is not chat and key in c.members)]
        return {"conversations": [self._conversation(place, person) for place in places]}

    def _conversation(self, place: Conversation, person: Person) -> Json:
        name = self._teams.bot_name if place.kind is Kind.PERSONAL else place.name
        team = place.team.name if place.team else None
        messages = [self._message(posted, person) for posted in place.activities.values()]
        return {"id": place.id, "kind": str(place.kind), "name": name, "team": team, "messages": messages}

    def _message(self, posted: Posted, person: Person) -> Json:
        tenant = self._teams.tenant
        bot = posted.sender_id == tenant.bot_id
        author = None if bot else tenant.by_id(posted.sender_id)
        return {
            "id": posted.id,
            "reply_to": posted.thread_id,
            "from": author.key if author else "bot",
            "name": author.name if author else self._teams.bot_name,
            "bot": bot,
            "text": _said(posted),
            "cards": [card for _, card in posted.cards(person.member.id)],
            "edited": bool(posted.earlier) and not bot,
            "deleted": posted.deleted,
        }

    # what is done

    async def act(self, key: str, act: Act) -> Json:
        """Do it as this person. Raises NotDone."""
        person = self._person(key)
        name = act.text("do")
        if name not in self._acts:
            raise NotDone("unknown_act", name)
        try:
            answered = await self._acts[name](self, person, act)
        except InputRefused as refused:
            return failed(errors={refused.input_id: refused.message})
        except (ActionUnavailable, NoSuchAction, NoSuchInput) as error:
            raise NotDone("not_possible", error) from None
        return _outcome(answered)

    async def _say(self, person: Person, act: Act) -> Answered:
        reply_to = self._posted(act, "reply_to") if act.has("reply_to") else None
        place, text, mention = self._place(person, act), act.text("text"), f"@{self._teams.bot_name}"
        mentioned = text.startswith(mention)
        if mentioned and place.kind is not Kind.PERSONAL:
            text = text.removeprefix(mention).strip()
        answered = await person.say(text, conversation=place, reply_to=reply_to, mention=mentioned)
        if not mentioned and answered.status == 0 and place.kind is not Kind.PERSONAL:
            return replace(answered, status=200, failure=None)  # said among people
        self._marks.note("teams", answered.id, answered.id)
        return answered

    async def _execute(self, person: Person, act: Act) -> Answered:
        return await self._pressed(person.execute, act)

    async def _submit(self, person: Person, act: Act) -> Answered:
        return await self._pressed(person.submit, act)

    async def _pressed(self, press: Callable[..., Any], act: Act) -> Answered:
        """Data tells actions of one title apart, without the nonce: that may be of a card replaced meanwhile."""
        posted, data = self._posted(act, "message"), act.table("data")
        nonce = data.pop("nonce", None)
        answered = await press(posted, act.text("title"), act.table("inputs"), data=data)
        self._marks.note("teams", posted.id, answered.id, nonce)
        return answered

    async def _refresh(self, person: Person, act: Act) -> Answered:
        return await person.refresh(self._posted(act, "message"))

    async def _edit(self, person: Person, act: Act) -> Answered:
        return await person.edit(self._own(person, act), act.text("text"))

    async def _delete(self, person: Person, act: Act) -> Answered:
        return await person.delete(self._own(person, act))

    _acts: dict[str, Callable[..., Any]] = {  # noqa: RUF012 - a table, never changed
        "say": _say,
        "execute": _execute,
        "submit": _submit,
        "refresh": _refresh,
        "edit": _edit,
        "delete": _delete,
    }

    # finding what is meant

    def _person(self, key: str) -> Person:
        if key not in self._teams.tenant.people:
            raise NotDone("nobody", key)
        return self._teams.as_person(key)

    def _place(self, person: Person, act: Act) -> Conversation:
        name = act.text("conversation", "")
        place = self._teams.tenant.conversations.get(name) if name else person.chat
        if place is None or person.member.key not in place.members:
            raise NotDone("gone", name)
        return place

    def _posted(self, act: Act, name: str) -> Posted:
        found = self._teams.tenant.posts.get(act.text(name))
        if found is None or found.deleted:
            raise NotDone("gone", act.text(name))
        return found

    def _own(self, person: Person, act: Act) -> Posted:
        found = self._posted(act, "message")
        if found.sender_id != person.member.id:
            raise NotDone("not_yours", found.id)
        return found


def _said(posted: Posted) -> str:
    """The text as the client shows it: a mention without its markup."""
    text = posted.text
    for entity in posted.body.get("entities") or ():
        if entity.get("type") == "mention":
            text = text.replace(entity["text"], f"@{entity['mentioned']['name']}", 1)
    return text


def _outcome(answered: Answered) -> Json:
    if answered.error is not None:
        return failed(answered.error.message or answered.error.code)
    return done(notice=answered.toast or "")
