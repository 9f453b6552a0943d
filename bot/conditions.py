"""The second form of an audience: conditions that are seldom asked for, which the first form leaves as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import audiences, eligibility, prompts, texts
from bot.audiences import Segment
from bot.cards import FieldKind
from bot.matching import SLOTS
from bot.prompts import Question
from bot.turn import Ask, Turn

USE, MORE = "use", "more"
THEN = Question("then", FieldKind.CHOICE, required=False, max_length=20, choices=(USE, MORE))
"""Of the first form: whether the second one follows."""
ANY = "any"
_LISTS = ("works_at", "works_as", "helps_with", "looks_for", "interests")
EVENT = (
    *(Question(name, required=False, max_length=audiences.LONGEST) for name in _LISTS),
    Question("left_from", required=False, max_length=5),
    Question("left_to", required=False, max_length=5),
)
"""Hosts who are not of HR may use these: each counts only where the host may see it."""
GIG = (
    *EVENT,
    Question("slots", FieldKind.SEVERAL, required=False, max_length=100, choices=SLOTS),
    Question("language", FieldKind.CHOICE, required=False, max_length=20, choices=(ANY, *prompts.LOCALES)),
)
"""Why somebody left is not among them: it has no say in who is offered work."""
NEWS = (
    *GIG,
    Question("left_for", FieldKind.CHOICE, required=False, max_length=20, choices=(ANY, *eligibility.REASONS)),
)


def then(before: Segment) -> str:
    """What the first form starts with: whoever has asked for more conditions gets to see them again."""
    return MORE if _told(before) else USE


def ask(verb: str, carried: Mapping[str, str], before: Segment, **further: str) -> Ask:
    """The form of `verb`, filled with the conditions as they are."""
    return Ask(verb, carried, {**filled(before), **further})


def asked(turn: Turn, verb: str, questions: Sequence[Question], before: Segment) -> Segment | Ask:
    """What the form of `verb` asks for, and of the rest what was asked for before; or the form itself with what is
    wrong."""
    said = turn.values
    names = {question.name for question in questions}
    years, faults = audiences.years_typed(said, "left")
    if faults:
        return Ask(verb, turn.args, said, errors=faults)
    lists = {name: tuple(texts.listed(said[name])) for name in (*_LISTS, "slots") if name in names}
    one = {name: _chosen(said[name]) for name in ("language", "left_for") if name in names}
    return replace(before, **years, **lists, **one)


def _chosen(answer: str) -> str:
    return "" if answer == ANY else answer


def filled(segment: Segment) -> dict[str, str]:
    """What the form starts with."""
    return {
        **{name: ", ".join(getattr(segment, name)) for name in _LISTS},
        "slots": ",".join(segment.slots),
        "left_from": str(segment.left_from or ""),
        "left_to": str(segment.left_to or ""),
        "left_for": segment.left_for or ANY,
        "language": segment.language or ANY,
    }


def _told(segment: Segment) -> bool:
    return filled(segment) != filled(Segment())
