"""Checks a form's answers against its questions. What was typed is kept, each fault has its sentence's key."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.cards import FieldKind
from bot.prompts import Question

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


def faults(questions: Sequence[Question], values: Mapping[str, str]) -> dict[str, str]:
    """For each field that is wrong, the key of a sentence in prompts/*/errors.md.j2."""
    found = ((question.name, _fault(question, values.get(question.name, ""))) for question in questions)
    return {name: fault for name, fault in found if fault}


def _fault(question: Question, value: str) -> str:
    if not value:
        return "required" if question.required else ""
    if len(value) > question.max_length:
        return "too_long"
    if question.kind is FieldKind.EMAIL and not _EMAIL.fullmatch(value):
        return "not_an_email"
    if question.kind is FieldKind.DATE and not is_day(value):
        return "not_a_day"
    return ""


def is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def complete(questions: Sequence[Question], values: Mapping[str, str]) -> bool:
    """Whether every required question has some answer."""
    return all(values.get(question.name) for question in questions if question.required)
