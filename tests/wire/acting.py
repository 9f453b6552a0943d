"""What the stories on the wire have in common: steps that people take, and looks at what came of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, select
from sqlmodel import SQLModel

from sandbox.slack import Answered as SlackAnswered
from sandbox.slack import Message, View
from sandbox.slack import Person as SlackPerson
from sandbox.slack import RawRequest as SlackRequest
from sandbox.teams import Answered as TeamsAnswered
from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted
from sandbox.teams import RawRequest as TeamsRequest
from storage.db import Database
from tests.conftest import World, button, code_in
from tests.whole import whole

GIG = {
    "title": "社内ポータルの画面設計",
    "work": "既存ポータルの画面を見直し、試作を作っていただきます。",
    "reward": "60万円(税別)",
    "place": "リモート、月1回大阪",
}


# Steps


async def fill_in_gig(hr: TeamsPerson, **changes: str) -> Posted:
    """HR types `post gig` in Teams and fills in the form that comes; the gig's own card."""
    said = await hr.say("post gig")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    answered = await hr.execute(form, "gig.post", {**GIG, **changes})
    assert answered.ok and answered.card is not None, answered
    return await hr.hears("gig.fill", after=form)


async def offered(world: World, person: SlackPerson, title: str = GIG["title"]) -> Message:
    """The gig as it reached the person in Slack, and as the ledger knows it by then."""

    def look(_: Any) -> Message | None:
        return next((m for m in messages(world, person) if "gig.pass" in str(m.blocks) and title in m.words), None)

    found = await world.slack.until(look)
    assert found is not None
    await world.settled()
    return found


async def fill(hr: TeamsPerson, card: Posted) -> TeamsAnswered:
    """HR says that somebody was found, and says so again when asked."""
    asked = await hr.execute(card, "gig.filling")
    assert asked.ok and asked.card is not None, asked
    return await hr.execute(card, "gig.fill")


async def opened(world: World, person: SlackPerson) -> View:
    """The modal on the person's screen."""
    view = await world.slack.until(lambda w: w.top_view(person.user.id))
    assert view is not None
    return view


async def ask(world: World, person: SlackPerson, offer: Message, text: str) -> SlackAnswered:
    """The person presses "Ask a question" and sends the form."""
    await person.press(offer, button(offer, "gig.ask"))
    asked = await person.submit(await opened(world, person), values={"text": text})
    assert asked.ok and asked.error is None and not asked.errors, asked
    return asked


async def hears(world: World, person: SlackPerson, words: str, *, under: Message | None = None) -> Message:
    """Wait for a message of the bot with these words in the person's talk with it (or in a thread there)."""

    def look(_: Any) -> Message | None:
        return next((m for m in reversed(messages(world, person, under=under)) if words in m.words), None)

    found = await world.slack.until(look)
    assert found is not None
    return found


async def join_in_teams(world: World, hr: TeamsPerson, key: str, name: str) -> TeamsPerson:
    """HR enrols the person, who joins by typing the code in Teams."""
    said = await hr.say(f"enrol {name} {key}@example.com")
    told = await hr.hears("join", after=hr.posted(said))
    person = world.teams.as_person(key)
    joined = await person.say(f"join {code_in(str(told.card))}")
    assert joined.ok, joined
    await person.hears(name)
    return person


# Looks


def messages(world: World, person: SlackPerson, *, under: Message | None = None) -> list[Message]:
    said = world.slack.workspace.bot_messages_to(person.user.id)
    return [m for m in said if under is None or (m.thread_ts == under.ts and m.ts != under.ts)]


def now(world: World, message: Message) -> Message:
    """The Slack message as it reads now."""
    return world.slack.workspace.channels[message.channel].messages[message.ts]


def rows(database: Database, table: str) -> Sequence[RowMapping]:
    with whole(database) as connection:
        return connection.execute(select(SQLModel.metadata.tables[table])).mappings().all()


def counts(database: Database) -> dict[str, int]:
    """How many rows each table of people's doings has."""
    return {
        table: len(rows(database, table)) for table in ("person", "account", "gig", "stance", "case", "casemessage")
    }


def everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table, in a form that can be compared."""
    return {
        table: sorted(repr(sorted(dict(row).items(), key=str)) for row in rows(database, table))
        for table in SQLModel.metadata.tables
    }


def assert_all_arrived_once(world: World) -> None:
    """What the ledger says was sent is what the platforms have, no more and no less; nothing was refused."""
    sent = rows(world.database, "delivery")
    assert {row["state"] for row in sent} <= {"sent", "cancelled"}, [dict(row) for row in sent]
    refs = [row["ref"] for row in sent if row["state"] == "sent" and not row["address"].startswith("home:")]
    assert len(refs) == len(set(refs))
    in_slack = [m for m in world.slack.workspace.messages if m.metadata]
    ids = [m.metadata["event_payload"]["delivery"] for m in in_slack if m.metadata]
    assert len(ids) == len(set(ids))
    assert len(in_slack) + len(world.teams.tenant.messages(of_bot=True)) == len(refs)
    assert_nothing_refused(world)


def assert_nothing_refused(world: World) -> None:
    """Both platforms took everything that the product sent."""
    assert [call for call in world.slack.workspace.journal if call.result and not call.result.get("ok")] == []
    assert [call for call in world.teams.tenant.journal if call.status >= 400] == []


# Repetition


@dataclass
class Tripled:
    """Every answer that came, for every request."""

    answers: list[SlackAnswered | TeamsAnswered] = field(default_factory=list[SlackAnswered | TeamsAnswered])

    def assert_all_fine(self) -> None:
        assert self.answers
        assert [answer for answer in self.answers if answer.status != 200] == []


@asynccontextmanager
async def tripled(world: World) -> AsyncIterator[Tripled]:
    """From here on everything that either platform sends comes twice at once, and once more afterwards.

    A client goes by the first answer; here it is the fullest, since which of two comes first is chance.
    """
    courier, postman, heard = world.slack.courier, world.teams.postman, Tripled()
    to_slack, to_teams = courier.send, postman.send

    async def slack(name: str, raw: SlackRequest) -> SlackAnswered:
        answers = [*await asyncio.gather(to_slack(name, raw), to_slack(name, raw)), await to_slack(name, raw)]
        heard.answers += answers
        return max(answers, key=lambda answer: len(answer.body))

    async def teams(request: TeamsRequest, activity: dict[str, Any]) -> TeamsAnswered:
        answers = [
            *await asyncio.gather(to_teams(request, activity), to_teams(request, activity)),
            await to_teams(request, activity),
        ]
        heard.answers += answers
        return max(answers, key=lambda answer: len(answer.text))

    courier.send, postman.send = slack, teams  # type: ignore[method-assign]
    try:
        yield heard
    finally:
        courier.send, postman.send = to_slack, to_teams  # type: ignore[method-assign]
