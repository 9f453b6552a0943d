"""200 messages both ways, platforms that fail, repeat and overtake, and three SIGKILLs: what either side wrote is there
on the other, in order and once, and what nobody can know is said."""

import asyncio
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from sandbox.faults import Dropped, Fault, RateLimited, Redeliver, Reorder, ServerError, Slow
from sandbox.slack import Answered as SlackAnswered
from sandbox.slack import Message
from sandbox.slack import Person as SlackPerson
from sandbox.teams import Answered as TeamsAnswered
from sandbox.teams import Posted
from tests.chaos.product import Scene, scene
from tests.whole import whole

EACH = 100
KILLS = 3
SEED = 20261126
ALUMNUS = "U0ALUM000"
CERTAIN: Sequence[Fault] = (RateLimited(1), Slow(0.3))
UNCLEAR: Sequence[Fault] = (
    ServerError(500),
    ServerError(503, accepted=True),
    Dropped(),
    Dropped(accepted=True),
    Slow(0.5, late_effect=True),
)
WORD = re.compile(r"[ah]\d{3}(?: v2)?")
LATE = "it comes after what was written later"


def hurried() -> None:
    """How fast a conversation may be spoken to is the subject of other tests: this one would take minutes. No request
    takes longer here than a second, so that a dead courier's may be looked up sooner."""
    from bot.pacing import Pacer
    from storage import ledger

    Pacer.reserve = lambda _self, _lanes, now: now  # type: ignore[method-assign]
    ledger.LEASE = timedelta(seconds=5)


@dataclass
class Talk:
    """What both sides have written so far, each its own words in order."""

    world: Scene
    chance: random.Random
    alumnus: SlackPerson
    offer: Message
    card: Posted
    typed: dict[str, list[str]] = field(default_factory=lambda: {"a": [], "h": []})
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def alumnus_writes(self) -> None:
        for number in range(1, EACH):
            self._trouble(self.world.slack.faults, "event/message")
            await self._soon(self._in_slack(f"a{number:03d}"))

    async def hr_writes(self) -> None:
        for number in range(EACH):
            self._trouble(self.world.teams.faults, "bot.message*")
            await self._soon(self._in_teams(f"h{number:03d}"))

    def _trouble(self, faults: Any, on: str) -> None:
        fault = self.chance.choice([Redeliver(2), Reorder(), *[None] * 8])
        if fault is not None:
            faults.order(fault, on=on)

    async def _soon(self, writing: Any) -> None:
        """People write on while what they wrote is still on its way."""
        task = asyncio.create_task(writing)
        self.tasks.add(task)
        await asyncio.wait({task}, timeout=0.2)
        await asyncio.sleep(self.chance.uniform(0, 0.03))

    async def _in_slack(self, word: str) -> None:
        number = self._note("a", word)
        said = await self.alumnus.say(word, thread_ts=self.offer.ts)
        self._arrived(said)
        if self.chance.random() < 0.1 and said.said is not None:
            self.typed["a"][number] += " v2"
            self._arrived(await self.alumnus.edit(said.said, f"{word} v2"))

    async def _in_teams(self, word: str) -> None:
        number = self._note("h", word)
        said = await self._arrives(await self.world.hr.say(word, reply_to=self.card))
        if self.chance.random() < 0.1:
            self.typed["h"][number] += " v2"
            await self._arrives(await self.world.hr.edit(said.id, f"{word} v2"))

    def _note(self, side: str, word: str) -> int:
        self.typed[side].append(word)
        return len(self.typed[side]) - 1

    def _arrived(self, answered: SlackAnswered) -> None:
        assert answered.held or answered.ok, answered

    async def _arrives(self, answered: TeamsAnswered) -> TeamsAnswered:
        """Teams repeats what nobody took."""
        while not answered.ok:
            await asyncio.sleep(0.2)
            (answered,) = await self.world.teams.resend(answered)
        return answered

    @property
    def written(self) -> int:
        return sum(map(len, self.typed.values()))


async def kill_at_thirds(talk: Talk) -> None:
    """Each life gets trouble with both platforms, and ends at a moment of its own."""
    world, chance = talk.world, talk.chance
    for life in range(KILLS):
        for faults, on in ((world.slack.faults, "chat.postMessage"), (world.teams.faults, "activities.send")):
            faults.order(chance.choice(CERTAIN), on=on)
        # Slack is asked 3 s later, and the conversation waits for what it says: so one of these a life.
        world.slack.faults.order(chance.choice(UNCLEAR), on="chat.postMessage")
        for fault in chance.sample(UNCLEAR, 2):
            world.teams.faults.order(fault, on="activities.send")
        while talk.written < 2 * EACH * (life + 1) / (KILLS + 1):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        await asyncio.sleep(chance.uniform(0, 0.2))
        await world.product.kill()
        await world.product.start()


def lines_of(world: Scene) -> dict[str, list[str]]:
    """What the case says, by side, in its order."""
    query = text("SELECT side, text FROM casemessage ORDER BY at, id")
    with whole(world.database) as connection:
        rows = [(str(side), str(said)) for side, said in connection.execute(query)]
    return {"a": [said for side, said in rows if side == "alumnus"], "h": [s for side, s in rows if side == "desk"]}


def deliveries(world: Scene, template: str) -> list[tuple[str, str | None]]:
    """State and ref of each, in the order in which they were written."""
    query = text("SELECT state, ref FROM delivery WHERE template = :template ORDER BY id")
    with whole(world.database) as connection:
        return [(str(state), ref) for state, ref in connection.execute(query, {"template": template})]


def in_order(numbers: Sequence[str]) -> bool:
    return list(numbers) == sorted(numbers)


@pytest.mark.timeout(300)
async def test_a_conversation_keeps_its_order_and_every_word_of_it_once(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    told, chance = f"seed {SEED}", random.Random(SEED)
    async with scene(tmp_path, f"sqlite:///{tmp_path}/motokai.db") as world:
        world.product.before = hurried
        world.slack.courier.retry_delays = (0.1, 0.2, 0.4, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
        world.teams.postman.reorder_patience = 0.5
        world.seed("slack", 1)
        await world.product.start()
        await world.offer_gig()
        await world.settled()
        (offer,) = world.offers_in_slack()[ALUMNUS]
        alumnus = world.slack.as_user(ALUMNUS)
        assert (await alumnus.say("a000", thread_ts=offer.ts)).ok
        card = await world.hr.hears("a000")
        await world.settled()

        talk = Talk(world, chance, alumnus, offer, card)
        talk.typed["a"].append("a000")
        await asyncio.gather(talk.alumnus_writes(), talk.hr_writes(), kill_at_thirds(talk))
        await world.slack.courier.release()
        world.teams.postman.release()
        await asyncio.gather(*talk.tasks)
        world.slack.faults.clear()
        world.teams.faults.clear()
        await world.settled()

        # What was said, as it stands in the case.
        assert lines_of(world) == talk.typed, told

        # HR's answers in the alumnus's thread: all of them, each once, in order but where one says that it is late.
        got = [m for m in world.offers_in_slack()[ALUMNUS] if m.thread_ts == offer.ts and WORD.search(m.words)]
        answers = [m for m in got if "has answered you" in m.words]
        words = [(WORD.findall(m.words) or [""])[0] for m in answers]
        assert sorted(words) == talk.typed["h"], told
        assert in_order([word for word, m in zip(words, answers, strict=True) if LATE not in m.words]), told
        late = sum(LATE in m.words for m in answers)

        # The alumnus's words at HR's desk: a card for each, in the order of the ledger, the newest of which can be
        # answered from; of those that are unclear HR has a second word.
        cards = deliveries(world, "case_desk")
        assert len(cards) == EACH and {state for state, _ in cards} <= {"sent", "unconfirmed"}, told
        refs = [ref for _, ref in cards if ref]
        posted = [ref.rpartition("/")[2] for ref in refs]
        assert in_order(posted) and len(set(posted)) == len(posted), told
        unclear = [state for state, _ in cards].count("unconfirmed")
        second = deliveries(world, "case_unclear")
        assert len(second) == unclear, told
        of_bot = [world.hr.reading(m) for m in world.hr.messages()]
        shown = sum("case.answer" in reading or "case.show" in reading for reading in of_bot)
        assert EACH <= shown <= EACH + len(second) + unclear, told
        open_to_answers = ["case.answer" in world.hr.reading(world.teams.tenant.posts[ref]) for ref in posted]
        assert open_to_answers == [False] * (len(posted) - 1) + [True], told
        newest = WORD.findall(world.hr.reading(world.teams.tenant.posts[posted[-1]]))
        assert newest and in_order([word for word in newest if word.startswith("a")]), told

        for name, number in (("late", late), ("unclear", unclear), ("starts", world.product.starts)):
            record_property(name, number)
        assert world.product.starts == KILLS + 1
        assert set(world.states("case_answer")) == {"sent"}, told
        assert "Traceback" not in world.product.log.read_text(), told
