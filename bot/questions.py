"""Checks a form's answers against its questions. What was typed is kept, each fault has its sentence's key."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot import texts
from bot.cards import FieldKind
from bot.prompts import Question

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_BREAK = re.compile(r"\s*[\n\t]\s*")
YEARS = range(1900, 2200)
"""Of a day that somebody can mean; far outside there are no instants either."""


def tidied(questions: Sequence[Question], values: Mapping[str, str]) -> dict[str, str]:
    """The answers by the questions' names: empty where nobody would see anything, and on one line where one is asked
    for."""
    return {question.name: _tidied(question, values.get(question.name, "")) for question in questions}


def _tidied(question: Question, value: str) -> str:
    if texts.is_blank(value):
        return ""
    return value if question.kind is FieldKind.TEXT else _BREAK.sub(" ", value)


def faults(questions: Sequence[Question], values: Mapping[str, str]) -> dict[str, str]:
    """For each field that is wrong, the key of a sentence in prompts/*/errors.md.j2."""
    found = ((question.name, _fault(question, values.get(question.name, ""))) for question in questions)
    return {name: fault for name, fault in found if fault}


def _fault(question: Question, value: str) -> str:
    if not value:
        return question.missing if question.required else ""
    match question.kind:
        case FieldKind.CHOICE:
            return "" if question.further or value in question.choices else "not_a_choice"
        case FieldKind.SEVERAL:
            return "" if question.further or {*value.split(",")} <= {*question.choices} else "not_a_choice"
        case FieldKind.DATE:
            return "" if is_day(value) else "not_a_day"
        case FieldKind.EMAIL if len(value.casefold()) <= question.max_length:  # as it is stored
            return "" if is_address(value) else "not_an_email"
        case FieldKind.EMAIL:
            return "too_long"
        case _:
            return "too_long" if len(value) > question.max_length else ""


def is_address(value: str) -> bool:
    return _EMAIL.fullmatch(value) is not None and not any(map(texts.is_blank, value))


def is_day(value: str) -> bool:
    try:
        return _DAY.fullmatch(value) is not None and date.fromisoformat(value).year in YEARS
    except ValueError:
        return False


def complete(questions: Sequence[Question], values: Mapping[str, str]) -> bool:
    """Whether every required question has some answer."""
    return all(values.get(question.name) for question in questions if question.required)
