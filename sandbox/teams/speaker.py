"""A person of the practice Teams who writes, installs the app and takes it away again."""

import html
import json
from typing import Any
from urllib.parse import quote

from .answered import Answered, RawRequest
from .conversations import Conversation, Kind, Member, Posted
from .postman import Postman
from .shapes import Sender, invoke_id
from .tenant import Tenant

Message = Posted | Answered | str


class Speaker:
    """One person's client, without cards."""

    def __init__(self, member: Member, tenant: Tenant, postman: Postman, service_url: str, bot_name: str) -> None:
        self.member = member
        self.tenant = tenant
        self._postman = postman
        self._service_url = service_url
        self._bot_name = bot_name
        self.heard_without_mention = False

    @property
    def chat(self) -> Conversation:
        """The person's one-to-one chat with the bot."""
        return self.tenant.personal(self.member.key)

    # writing

    async def say(
        self,
        text: str,
        *,
        conversation: Conversation | str | None = None,
        reply_to: Message | None = None,
        mention: bool = True,
    ) -> Answered:
        """Write to the bot: in the personal chat, or in a channel or group chat (given by name or itself).

        Elsewhere than in the personal chat the bot is mentioned first; without a mention Teams lets it
        hear nothing (status 0) unless it was granted to hear everything. Who writes to the bot in person
        has it installed from then on.
        """
        replied = None if reply_to is None else self.posted(reply_to)
        place = self._place(conversation, replied)
        if place.kind is Kind.PERSONAL:
            place.installed = True
        name = self.tenant.next_id()
        root = _root(place, replied, name)
        sender = self._sender(place, root)
        mentioned = mention and place.kind is not Kind.PERSONAL
        activity = sender.message(name, text, mention=mentioned, reply_to=replied.id if replied else None)
        thread = root if root != name else None
        self.tenant.post(
            place, self.member.id, activity, id=name, thread_id=thread, reply_to_id=activity.get("replyToId")
        )
        if place.kind is not Kind.PERSONAL and not mentioned and not self.heard_without_mention:
            return _not_delivered(activity)
        return await self._postman.deliver(activity)

    async def drop(self, *files: tuple[str, bytes], text: str = "", reply_to: Message | None = None) -> Answered:
        """Attach files (name and bytes) to a message in the personal chat: Teams puts them into the person's OneDrive,
        and tells the bot an address that is good for some minutes."""
        place, name = self.chat, self.tenant.next_id()
        place.installed = True
        attached: list[dict[str, Any]] = [{"contentType": "text/html", "content": f"<p>{html.escape(text)}</p>"}]
        for file, body in files:
            key = self.tenant.upload(file, body)
            url = f"{self._service_url.removesuffix('teams/')}files/{key}"
            attached.append(
                {
                    "contentType": "application/vnd.microsoft.teams.file.download.info",
                    "contentUrl": f"https://contoso-my.sharepoint.com/personal/{self.member.key}/Documents/{quote(file)}",
                    "name": file,
                    "content": {
                        "downloadUrl": f"{url}?tempauth={key}",
                        "uniqueId": key,
                        "fileType": file.rpartition(".")[2],
                    },
                }
            )
        replied = None if reply_to is None else self.posted(reply_to).id
        activity = self._sender(place).message(name, text, mention=False, reply_to=replied)
        activity["attachments"] = attached
        self.tenant.post(place, self.member.id, activity, id=name)
        return await self._postman.deliver(activity)

    async def edit(self, message: Message, text: str) -> Answered:
        """Change one's own message."""
        posted = self.posted(message)
        posted.edit(posted.body | {"text": text})
        self.tenant.ring("updated", posted.conversation_id, posted.id)
        return await self._postman.deliver(self._at(posted).changed("messageUpdate", posted.id, "editMessage", text))

    async def delete(self, message: Message) -> Answered:
        """Take one's own message back."""
        posted = self.posted(message)
        posted.deleted = True
        self.tenant.ring("deleted", posted.conversation_id, posted.id)
        return await self._postman.deliver(self._at(posted).changed("messageDelete", posted.id, "softDeleteMessage"))

    # the app

    async def install(self, conversation: Conversation | str | None = None) -> Answered:
        """Add the bot here (a team: to all of its channels); the answer to the installationUpdate."""
        place = self._place(conversation, None)
        self._set_installed(place, True)
        sender = self._sender(place)
        await self._deliver_event(place, sender.bot_members("membersAdded", invoke_id()))
        return await self._deliver_event(place, sender.installation("add", invoke_id()))

    async def uninstall(self, conversation: Conversation | str | None = None) -> Answered:
        """Remove the bot from here; from now on it cannot write. The answer to the installationUpdate."""
        place = self._place(conversation, None)
        self._set_installed(place, False)
        sender = self._sender(place)
        if place.kind is not Kind.PERSONAL:
            await self._deliver_event(place, sender.bot_members("membersRemoved", invoke_id()))
        return await self._deliver_event(place, sender.installation("remove", invoke_id()))

    # reading

    def messages(self, conversation: Conversation | str | None = None) -> list[Posted]:
        """The bot's messages in the personal chat or another conversation, oldest first."""
        return self.tenant.messages(self._place(conversation, None), of_bot=True)

    async def hears(
        self,
        containing: str = "",
        *,
        conversation: Conversation | str | None = None,
        after: Posted | None = None,
        timeout: float = 30,  # noqa: ASYNC109
    ) -> Posted:
        """Wait for a message of the bot with these words in its text or card, as this person sees it.

        The newest fitting one is returned; `after` leaves out that message and everything older.
        """

        def look() -> Posted | None:
            fitting = (posted for posted in reversed(self.messages(conversation)) if containing in self.reading(posted))
            found = next(fitting, None)
            return found if found and (after is None or int(found.id) > int(after.id)) else None

        found = await self.tenant.until(look, timeout)
        assert found is not None
        return found

    def reading(self, posted: Posted) -> str:
        """The text and cards of a message as one string, for looking up words."""
        cards = [card for _, card in posted.cards(self.member.id)]
        return f"{posted.text}\n{json.dumps(cards, ensure_ascii=False)}" if cards else posted.text

    def posted(self, message: Message) -> Posted:
        """The message meant by itself, by its id, or by the answer that its writer got. Raises KeyError."""
        if isinstance(message, Posted):
            return message
        name = message.id if isinstance(message, Answered) else message
        if name not in self.tenant.posts:
            raise KeyError(f"no message {name!r} in this tenant")
        return self.tenant.posts[name]

    # inside

    async def _deliver_event(self, place: Conversation, activity: dict[str, Any]) -> Answered:
        place.seen_ids.add(activity["id"])
        return await self._postman.deliver(activity)

    def _set_installed(self, place: Conversation, installed: bool) -> None:
        together = [c for c in self.tenant.conversations.values() if place.team and c.team is place.team]
        for conversation in together or [place]:
            conversation.installed = installed
        self.tenant.ring("member", place.id)

    def _place(self, conversation: Conversation | str | None, replied: Posted | None) -> Conversation:
        if isinstance(conversation, Conversation):
            return conversation
        if isinstance(conversation, str):
            return self.tenant.conversations.get(conversation) or self.tenant.channel(conversation)
        return self.chat if replied is None else self.tenant.conversations[replied.conversation_id]

    def _sender(self, place: Conversation, thread_id: str | None = None) -> Sender:
        tenant = self.tenant
        return Sender(self.member, place, tenant.tenant_id, self._service_url, tenant.bot_id, self._bot_name, thread_id)

    def _at(self, posted: Posted) -> Sender:
        place = self.tenant.conversations[posted.conversation_id]
        return self._sender(place, _root(place, posted, posted.id))


def _root(place: Conversation, replied: Posted | None, own_id: str) -> str | None:
    if place.kind is not Kind.CHANNEL:
        return None
    return own_id if replied is None else replied.thread_id or replied.id


def _not_delivered(activity: dict[str, Any]) -> Answered:
    nothing = RawRequest("", "", {}, b"")
    return Answered(nothing, activity, 0, None, "", 0.0, attempts=0, failure="not delivered: the bot was not mentioned")
