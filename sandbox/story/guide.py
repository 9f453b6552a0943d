"""The main job for somebody to play by hand: what to do next, and whether it has been done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox import slack, teams
from sandbox.people import PracticePerson
from sandbox.story import reading
from sandbox.story.script import SCRIPTS
from sandbox.story.stage import HR, Stage
from sandbox.teams.inputs import inputs_of

PATIENCE = 30.0
"""Seconds until something that should have happened counts as not happened."""
_LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the person of `seat` does. `target` names what they use, the nearest first, and `fill` what they
    could type into it."""

    name: str
    platform: Literal["slack", "teams"]
    target: tuple[str, ...]
    fill: Mapping[str, str]
    is_done: Callable[[], bool]
    play: Callable[[], Awaitable[object]]


class Guide:
    """Walks through the main job, step by step. Whoever does a step by another way has done it as well; what happened
    before `start` counts for nothing."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._hr = stage.teams.as_person(HR)
        self._at: int | None = None
        self._begin()

    def _begin(self) -> None:
        self._since_slack = float(self._stage.slack.workspace.next_ts())
        self._since_teams = int(self._stage.teams.tenant.next_id())
        self._offer: slack.Message | None = None
        self._alumnus = self._stage.leads.asks
        self._steps = self._made()

    # what the page asks

    def told(self) -> dict[str, Any]:
        """{steps, at}: `at` is the step to do next, the number of steps when all is done, None before the start."""
        self._move_on()
        return {
            "at": self._at,
            "steps": [
                {
                    "pane": step.platform,
                    "as": HR if step.platform == "teams" else self._alumnus.slack_id,
                    "title": {locale: script.steps[step.name][0] for locale, script in SCRIPTS.items()},
                    "say": {
                        locale: script.steps[step.name][1].format(name=self._alumnus.name)
                        for locale, script in SCRIPTS.items()
                    },
                    "target": step.target,
                    "fill": step.fill or None,
                    "done": self._at is not None and number < self._at,
                }
                for number, step in enumerate(self._steps)
            ],
        }

    async def do(self, what: str) -> None:
        """start · next (does the step for the one who plays, unless they have done it) · skip (leave) · restart.

        Raises ValueError for anything else.
        """
        match what:
            case "start" | "restart":
                self._begin()
                self._at = 0
            case "skip":
                self._at = None
            case "next":
                await self._next()
            case _:
                raise ValueError(what)

    async def _next(self) -> None:
        self._move_on()
        if self._at is None or self._at >= len(self._steps):
            return
        step, at = self._steps[self._at], self._at
        await step.play()
        await _until(step.is_done)
        self._at = max(self._at or 0, at + 1)

    def _move_on(self) -> None:
        """Past every step that is done, also by one who went ahead."""
        if self._at is None:
            return
        for number in range(self._at, len(self._steps)):
            if self._steps[number].is_done():
                self._at = number + 1

    # the steps

    def _made(self) -> tuple[Step, ...]:
        script = self._stage.script
        gig = dict(script.gig)
        return (
            Step(
                "form",
                "teams",
                ("teams:gig.post", "teams:composer"),
                {"composer": script.post},
                self._form_is_open,
                self._open_form,
            ),
            Step("post", "teams", ("teams:gig.post",), gig, self._has_offer, self._post),
            Step("ask", "slack", ("slack:gig.ask",), {}, self._asks, self._ask),
            Step("send", "slack", ("slack:submit",), {"text": script.question}, self._has_asked, self._send),
            Step("answer", "teams", ("teams:case.answer",), {"text": script.answer}, self._is_answered, self._answer),
            Step(
                "reply",
                "slack",
                ("slack:done", "slack:reply-composer", "slack:thread"),
                {"reply": script.thanks},
                self._has_replied,
                self._reply,
            ),
            Step("fill", "teams", ("teams:gig.fill", "teams:gig.filling"), {}, self._is_filled, self._fill),
        )

    def _form_is_open(self) -> bool:
        return self._form() is not None

    def _form(self) -> teams.Posted | None:
        """HR's newest form for a gig; a button elsewhere may have become one, whenever its card came."""
        return self._card(lambda card: reading.has_action(card, "gig.post") and any(inputs_of(card)))

    async def _open_form(self) -> None:
        await self._hr.say(self._stage.script.post)

    def _has_offer(self) -> bool:
        if self._offer is None:
            leads = [self._stage.leads.asks, *self._stage.people]
            self._alumnus, self._offer = next(
                ((person, offer) for person in leads if (offer := self._offer_to(person))), (self._alumnus, None)
            )
        return self._offer is not None

    async def _post(self) -> None:
        await self._hr.execute(_needed(self._form()), "gig.post", self._stage.script.gig)

    def _asks(self) -> bool:
        return self._has_offer() and (self._person.modal is not None or self._has_asked())

    async def _ask(self) -> None:
        if self._offer is not None:
            await self._person.press(self._offer, _button(self._offer, "gig.ask"))

    def _has_asked(self) -> bool:
        return self._has_offer() and self._newest("case.answer") is not None

    async def _send(self) -> None:
        if self._person.modal is None:
            await self._ask()
        await _until(lambda: self._person.modal is not None)
        answered = await self._person.submit(values={"text": self._stage.script.question})
        if answered.view is not None:
            await self._person.close(answered.view)

    def _is_answered(self) -> bool:
        return self._answer_in_thread() is not None

    async def _answer(self) -> None:
        await self._hr.execute(_needed(self._newest("case.answer")), "case.answer", {"text": self._stage.script.answer})

    def _has_replied(self) -> bool:
        answer = self._answer_in_thread()
        return answer is not None and any(
            one.user == self._alumnus.slack_id and float(one.ts) > float(answer.ts) for one in self._thread()
        )

    async def _reply(self) -> None:
        if self._offer is not None:
            await self._person.say(self._stage.script.thanks, thread_ts=self._offer.ts)

    def _is_filled(self) -> bool:
        return self._offer is not None and not any(_button(self._offer, verb) for verb in ("gig.ask", "gig.interested"))

    async def _fill(self) -> None:
        if self._newest("gig.fill") is None:
            await self._hr.execute(_needed(self._newest("gig.filling")), "gig.filling")
        await self._hr.execute(_needed(self._newest("gig.fill")), "gig.fill")

    # looking

    @property
    def _person(self) -> slack.Person:
        return self._stage.slack.as_user(self._alumnus.slack_id)

    def _offer_to(self, person: PracticePerson) -> slack.Message | None:
        sent = self._stage.slack.workspace.bot_messages_to(person.slack_id)
        return next((m for m in sent if float(m.ts) > self._since_slack and _button(m, "gig.interested")), None)

    def _thread(self) -> list[slack.Message]:
        offer = self._offer
        everything = self._stage.slack.workspace.messages_in(self._alumnus.slack_id)
        return [one for one in everything if offer is not None and one.thread_ts == offer.ts and one.ts != offer.ts]

    def _answer_in_thread(self) -> slack.Message | None:
        bot = self._stage.slack.workspace.bot_user_id
        return next((one for one in self._thread() if one.user == bot), None)

    def _newest(self, verb: str) -> teams.Posted | None:
        """HR's newest message since the start that has this button."""
        posted = self._card(lambda card: reading.has_action(card, verb))
        return posted if posted is not None and int(posted.id) > self._since_teams else None

    def _card(self, fits: Callable[[dict[str, Any]], bool]) -> teams.Posted | None:
        """The newest message of the bot with a card that fits, as HR sees it."""
        viewer = self._hr.member.id
        for posted in reversed(self._stage.teams.tenant.messages(of_bot=True)):
            if any(fits(card) for _, card in posted.cards(viewer)):
                return posted
        return None


def _needed(card: teams.Posted | None) -> teams.Posted:
    if card is None:
        raise LookupError("HR has no such card")
    return card


async def _until(held: Callable[[], bool]) -> None:
    """Raises TimeoutError. What is waited for may come about on either platform, and neither rings for the other."""
    async with asyncio.timeout(PATIENCE):
        while not held():  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY)


def _button(message: slack.Message, verb: str) -> str:
    """The action_id of the button that says `verb`, empty when there is none."""
    button = reading.button(message.blocks, verb)
    return button["action_id"] if button else ""
