"""The main job: a gig goes out from HR in Teams to alumni in Slack, and what they say goes back and forth."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sandbox import slack, teams
from sandbox.mail import Letter
from sandbox.people import PracticePerson
from sandbox.story import reading
from sandbox.story.narrator import Act, Chapter, Narrator, Remark, Seat, Sight
from sandbox.story.reading import Kind, Line
from sandbox.story.stage import HR, HR_IN_SLACK, Stage
from sandbox.teams.inputs import InputRefused, find_action

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds until something that should have happened counts as not happened."""
_CODE = re.compile(r"\d+-(?:[A-Z0-9]{4}-){2}[A-Z0-9]{4}")
_ALL = tuple(Kind)
_EVERY = 99
SlackShown = slack.Message | slack.Ephemeral


class StoryBroken(Exception):
    """Something that the story tells of did not happen; the text says what."""


class MainJob:
    """Everything is done as the people of the stage would do it, and every step waits for what it should bring about.

    `open` has to come before `play`, and both are good once.
    """

    def __init__(self, stage: Stage, narrator: Narrator, *, patience: float = PATIENCE) -> None:
        self.stage = stage
        self.script = stage.script
        self.leads = stage.leads
        self.hr = stage.teams.as_person(HR)
        self._narrator = narrator
        self._patience = patience
        self._chapters = iter(stage.script.chapters)
        self._desk = Seat("teams", self.script.hr_desk)

    async def open(self, code: str) -> None:
        """HR makes the company of the claim `code` theirs in both workspaces. Raises StoryBroken."""
        with _seen_as_story():
            await self._claim_both(code)

    async def play(self) -> None:
        """From the newcomer's enrolment to the filled gig. Raises StoryBroken at the first step that fails."""
        with _seen_as_story():
            await self._enrol_newcomer()
            desk = await self._post_gig()
            offers = await self._offers(desk)
            question = await self._reactions(offers, desk)
            await self._answer(offers, question)
            await self._reply(offers, question)
            await self._search()
            await self._fill(offers, desk)
        await self._narrator.tell(Remark(self.script.done))

    # the chapters

    async def _claim_both(self, code: str) -> None:
        await self._chapter()
        claimed = await self._hr_types(f"claim {code}", "HR's claim was not answered in Teams", answer="")
        self._expect(self.script.company in self.hr.reading(claimed), "The claim code was not accepted in Teams")
        await self._hr_sees(claimed, Kind.TITLE)
        linking = await self._hr_types("link", "HR got no code to link Slack with", answer="claim")
        await self._hr_sees(linking, Kind.TITLE)
        await self._command(HR_IN_SLACK, f"claim {self._code_in(self._text(linking))}", self.script.hr_desk, Kind.TITLE)

    async def _enrol_newcomer(self) -> None:
        await self._chapter()
        newcomer = self.leads.newcomer
        enrolled = await self._hr_types(
            f"{self.script.enrol} {newcomer.name} {newcomer.email}",
            "HR's enrolment was not answered in Teams",
            answer=newcomer.email,
        )
        await self._hr_sees(enrolled, Kind.TITLE)
        letter = await self._letter(newcomer)
        joined = await self._command(newcomer.slack_id, f"join {self._code_in(letter.text)}", self._called(newcomer))
        person = self._slack_person(newcomer)
        seat = self._seat(newcomer, self.script.modal)
        await self._press(newcomer, joined, "profile.edit")
        await self._fill_in(newcomer, {"skills": self._listed(newcomer.skills)}, seat)
        saved = await person.command("/alumni", "profile")
        self._expect(
            saved.shown is not None and newcomer.skills[0] in saved.shown.words,
            f"{newcomer.name}'s skills were not saved",
        )

    async def _post_gig(self) -> teams.Posted:
        await self._chapter()
        form = await self._hr_types(self.script.post, "HR got no form to post a gig with", answer="gig.post")
        await self._hr_sees(form, Kind.TITLE, Kind.FIELD, Kind.BUTTONS)
        await self._narrator.tell(Act(self._desk, self.script.fills_in, self.script.gig["title"]))
        answered = await self.hr.execute(form, "gig.post", self.script.gig)
        self._expect(answered.ok and answered.card is not None, "The gig was not accepted", answered.error)
        await self._hr_sees(form, Kind.TITLE, Kind.TEXT, texts=1)
        return await self._heard("gig.fill", form, "The gig's own card did not reach HR in Teams")

    async def _offers(self, desk: teams.Posted) -> dict[str, slack.Message]:
        wanted = [person for person in self.stage.people if set(person.skills) & set(self.script.gig_skills)]
        for person in wanted:
            await self._in_slack(
                lambda _, person=person: self._offers_to(person), f"The offer did not reach {person.name} in Slack"
            )
        offers: dict[str, slack.Message] = {}
        for person in self.stage.people:
            got = self._offers_to(person)
            self._expect(len(got) == (person in wanted), f"{person.name} got the offer {len(got)} times")
            if got:
                offers[person.slack_id] = got[0]
        await self._dm(self.leads.asks, offers[self.leads.asks.slack_id])
        others = [person.name for person in wanted if person != self.leads.asks]
        rest = len(self.stage.people) - len(wanted)
        names = self._listed(others)
        await self._narrator.tell(Remark(self.script.others_got.format(count=len(others), names=names)))
        await self._narrator.tell(Remark(self.script.nobody_else.format(count=rest)))
        complete = re.compile(rf"(?<!\d){len(wanted)}(?!\d)")
        await self._in_teams(
            lambda: len(complete.findall(self._text(desk))) >= 2, "HR's card does not say how many got the offer"
        )
        return offers

    async def _reactions(self, offers: dict[str, slack.Message], desk: teams.Posted) -> teams.Posted:
        await self._chapter()
        interested, passes, asks = self.leads.interested, self.leads.passes, self.leads.asks
        await self._press(interested, offers[interested.slack_id], "gig.interested")
        case = await self._heard(interested.name, desk, f"{interested.name}'s interest did not reach HR in Teams")
        await self._hr_sees(case, Kind.TITLE, Kind.TEXT, Kind.BUTTONS, texts=2)

        await self._press(passes, offers[passes.slack_id], "gig.pass")

        await self._press(asks, offers[asks.slack_id], "gig.ask")
        await self._fill_in(asks, {"text": self.script.question}, self._seat(asks, self.script.modal))
        question = await self._heard(self.script.question, case, f"{asks.name}'s question did not reach HR in Teams")
        await self._hr_sees(question, Kind.TITLE, Kind.QUOTE, Kind.BUTTONS)

        one_each = re.compile(r"(?<!\d)1[^\d\n]+1[^\d\n]+1(?!\d)")
        await self._in_teams(
            lambda: one_each.search(self._text(desk)), "HR's card does not count one interest, one question, one pass"
        )
        seen = "".join(self.hr.reading(posted) for posted in self.hr.messages())
        self._expect(passes.name not in seen, f"HR can read that it was {passes.name} who passed")
        await self._narrator.tell(Remark(self.script.passed))
        return question

    async def _answer(self, offers: dict[str, slack.Message], question: teams.Posted) -> None:
        await self._chapter()
        asks = self.leads.asks
        await self._narrator.tell(Act(self._desk, self.script.fills_in, self.script.answer))
        answered = await self.hr.execute(question, "case.answer", {"text": self.script.answer})
        self._expect(answered.ok and answered.card is not None, "HR's answer was not accepted", answered.error)
        await self._hr_sees(question, Kind.TITLE, Kind.TEXT, Kind.QUOTE, texts=1)
        root = offers[asks.slack_id]
        arrived = await self._in_slack(
            lambda w: [m for m in w.bot_messages_to(asks.slack_id) if self.script.answer in m.words],
            f"HR's answer did not reach {asks.name} in Slack",
        )
        self._expect(arrived[0].thread_ts == root.ts, "HR's answer is not in the thread of the offer")
        self._expect(len(arrived) == 1, f"HR's answer arrived {len(arrived)} times")
        await self._dm(asks, arrived[0], place=self.script.thread)

    async def _reply(self, offers: dict[str, slack.Message], question: teams.Posted) -> None:
        await self._chapter()
        asks = self.leads.asks
        await self._narrator.tell(Act(self._seat(asks, self.script.thread), self.script.types, self.script.thanks))
        await self._slack_person(asks).say(self.script.thanks, thread_ts=offers[asks.slack_id].ts)
        reply = await self._heard(self.script.thanks, question, f"{asks.name}'s reply did not reach HR in Teams")
        await self._hr_sees(reply, Kind.TITLE, Kind.QUOTE)

    async def _search(self) -> None:
        await self._chapter()
        newcomer = self.leads.newcomer
        found = await self._command(newcomer.slack_id, self.script.find, self._called(newcomer))
        self._expect(self.leads.asks.name in found.words, f"{newcomer.name} did not find {self.leads.asks.name}")

    async def _fill(self, offers: dict[str, slack.Message], desk: teams.Posted) -> None:
        await self._chapter()
        for verb in ("gig.filling", "gig.fill"):
            label = find_action(self.hr.card(desk), verb).action["title"]
            await self._narrator.tell(Act(self._desk, self.script.presses.format(button=label)))
            filled = await self.hr.execute(desk, verb)
            self._expect(filled.ok and filled.card is not None, "HR could not fill the gig", filled.error)
        await self._hr_sees(desk, Kind.TITLE, Kind.TEXT, Kind.BUTTONS, texts=2)
        for person in self.stage.people:
            if message := offers.get(person.slack_id):
                await self._in_slack(
                    lambda _, message=message: self._says_filled(message),
                    f"The copy of {person.name} does not say that the gig is filled",
                )
        for lead in (self.leads.asks, self.leads.newcomer):
            await self._dm(lead, offers[lead.slack_id], Kind.TITLE, Kind.TEXT, texts=1)
        self._nobody_got_it_twice(offers)
        await self._narrator.tell(Remark(self.script.all_closed.format(count=len(offers))))

    def _nobody_got_it_twice(self, offers: dict[str, slack.Message]) -> None:
        for person in self.stage.people:
            sent = self.stage.slack.workspace.bot_messages_to(person.slack_id)
            copies = [m for m in sent if m.thread_ts is None and self.script.gig["title"] in m.words]
            self._expect(
                len(copies) == (person.slack_id in offers), f"{person.name} got {len(copies)} copies of the gig"
            )

    def _says_filled(self, message: slack.Message) -> bool:
        closed = any(word in message.words.lower() for word in self.script.closed_words)
        return closed and not any(_has(message, verb) for verb in ("gig.interested", "gig.ask", "gig.pass"))

    # what HR does and sees in Teams

    async def _hr_types(self, text: str, missing: str, *, answer: str) -> teams.Posted:
        """What comes with the words `answer`: a message that something earlier brings about may come in between."""
        await self._narrator.tell(Act(self._desk, self.script.types, text))
        said = self.hr.posted(await self.hr.say(text))
        return await self._heard(answer, said, missing)

    async def _heard(self, words: str, after: teams.Posted, missing: str) -> teams.Posted:
        try:
            return await self.hr.hears(words, after=after, timeout=self._patience)
        except teams.NotYet:
            raise StoryBroken(self._sentence(missing)) from None

    async def _hr_sees(self, posted: teams.Posted, *kinds: Kind, texts: int = _EVERY) -> None:
        await self._tell(self._desk, reading.card(self.hr.card(posted)), kinds, texts, posted.id)

    async def _in_teams(self, look: Callable[[], T], missing: str) -> T:
        try:
            return await self.stage.teams.tenant.until(look, self._patience)
        except teams.NotYet:
            raise StoryBroken(self._sentence(missing)) from None

    def _text(self, posted: teams.Posted) -> str:
        return "\n".join(line.text for line in reading.card(self.hr.card(posted)))

    # what people do and see in Slack

    async def _command(self, slack_id: str, text: str, name: str, *kinds: Kind) -> SlackShown:
        seat = Seat("slack", name, self.script.dm)
        await self._narrator.tell(Act(seat, self.script.types, f"/alumni {text}"))
        answered = await self.stage.slack.as_user(slack_id).command("/alumni", text)
        if answered.shown is None:
            raise StoryBroken(
                self._sentence(f"/alumni {text.split(maxsplit=1)[0]} was not answered in Slack", answered.error)
            )
        await self._tell(seat, reading.blocks(answered.shown.blocks), kinds, _EVERY, answered.shown.ts)
        return answered.shown

    async def _press(self, person: PracticePerson, message: SlackShown, verb: str) -> None:
        button = reading.button(message.blocks, verb)
        if button is None:
            raise StoryBroken(self._sentence(f"There is no button {verb} for {person.name}"))
        what = self.script.presses.format(button=button["text"]["text"])
        await self._narrator.tell(Act(self._seat(person, self.script.dm), what))
        answered = await self._slack_person(person).press(message, button["action_id"])
        self._expect(answered.ok, f"{person.name}'s press on {verb} was not answered", answered.error)

    async def _fill_in(self, person: PracticePerson, values: dict[str, Any], seat: Seat) -> None:
        view = await self._in_slack(lambda w: w.top_view(person.slack_id), f"No form opened for {person.name}")
        await self._tell(seat, _view(view), (Kind.TITLE, Kind.FIELD), _EVERY)
        await self._narrator.tell(Act(seat, self.script.fills_in, " ".join(values.values())))
        answered = await self._slack_person(person).submit(view, values)
        self._expect(answered.ok and not answered.errors, f"{person.name}'s form was not accepted", answered.error)
        if answered.view is not None:
            await self._tell(seat, _view(answered.view), (), _EVERY)
            await self._slack_person(person).close(answered.view)

    async def _dm(
        self, person: PracticePerson, message: slack.Message, *kinds: Kind, texts: int = _EVERY, place: str = ""
    ) -> None:
        seat = self._seat(person, place or self.script.dm)
        await self._tell(seat, reading.blocks(message.blocks), kinds, texts, message.ts)

    async def _in_slack(self, look: Callable[[slack.Workspace], T | None], missing: str) -> T:
        try:
            found = await self.stage.slack.until(look, self._patience)
        except TimeoutError:
            raise StoryBroken(self._sentence(missing)) from None
        assert found is not None
        return found

    def _offers_to(self, person: PracticePerson) -> list[slack.Message]:
        sent = self.stage.slack.workspace.bot_messages_to(person.slack_id)
        return [message for message in sent if _has(message, "gig.interested")]

    def _slack_person(self, person: PracticePerson) -> slack.Person:
        return self.stage.slack.as_user(person.slack_id)

    async def _letter(self, person: PracticePerson) -> Letter:
        """The letter that invites them, shown by what it is about and where its code stands."""
        try:
            letter = (await self.stage.mail.mailboxes.until(lambda m: m.to(person.email), self._patience))[-1]
        except TimeoutError:
            raise StoryBroken(self._sentence(f"The invitation did not reach {person.name} by mail")) from None
        lines = [line for line in reading.letter(letter.text) if _CODE.search(line.text)]
        shown = (Line(Kind.TITLE, letter.subject), *lines[:2])
        await self._narrator.tell(Sight(Seat("mail", self._called(person)), shown))
        return letter

    # telling

    async def _chapter(self) -> None:
        await self._narrator.tell(Chapter(next(self._chapters)))

    async def _tell(
        self, seat: Seat, lines: Sequence[Line], kinds: Iterable[Kind], texts: int, message: str = ""
    ) -> None:
        """The lines of these kinds (all without any), with at most so many of plain text; the others are counted."""
        wanted = tuple(kinds) or _ALL
        plain = [line for line in lines if line.kind is Kind.TEXT][:texts]
        shown = tuple(line for line in lines if line.kind in wanted and (line.kind is not Kind.TEXT or line in plain))
        self._expect(shown, f"{seat.name} got a message without words")
        await self._narrator.tell(Sight(seat, shown, len(lines) - len(shown), message))

    def _seat(self, person: PracticePerson, place: str) -> Seat:
        return Seat("slack", self._called(person), place)

    def _called(self, person: PracticePerson) -> str:
        return self.script.person.format(name=person.name)

    def _listed(self, labels: Iterable[str]) -> str:
        return ("、" if self.stage.locale == "ja" else ", ").join(labels)

    def _code_in(self, text: str) -> str:
        found = _CODE.search(text)
        if found is None:
            raise StoryBroken(self._sentence("There is no code in what should bring one"))
        return found[0]

    def _expect(self, held: object, missing: str, why: object = None) -> None:
        if not held:
            raise StoryBroken(self._sentence(missing, why))

    def _sentence(self, missing: str, why: object = None) -> str:
        return f"{missing}: {why}." if why else f"{missing}."


_NOT_THERE = (
    slack.CannotSubmit,
    slack.NotOnScreen,
    teams.ActionUnavailable,
    teams.NoSuchAction,
    teams.NoSuchInput,
    InputRefused,
)


@contextmanager
def _seen_as_story() -> Iterator[None]:
    """Whoever cannot find what they want to press or fill in breaks the story."""
    try:
        yield
    except _NOT_THERE as error:
        raise StoryBroken(f"Somebody does not see what they should: {error}") from None


def _view(view: slack.View) -> tuple[Line, ...]:
    """A modal's lines; a title that its bar has no room for stands above the rest as well."""
    lines = reading.blocks(view.blocks)
    whole = bool(lines) and lines[0].kind is Kind.TITLE
    return lines if whole else (Line(Kind.TITLE, view.title), *lines)


def _has(message: SlackShown, verb: str) -> bool:
    return reading.button(message.blocks, verb) is not None
