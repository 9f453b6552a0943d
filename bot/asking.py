"""The questions of a survey: as HR types them, as they are stored, and as a form asks them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot import texts
from bot.cards import FieldKind
from bot.prompts import Question


class Kind(StrEnum):
    SINGLE = "single"
    SEVERAL = "several"
    SCALE = "scale"
    NPS = "nps"
    TEXT = "text"


MOST = 6
MOST_OPTIONS = 10
"""As many as Slack shows to tick."""
LONGEST_OPTION = 60
LONGEST_ANSWER = 1000
_CHOSEN = (Kind.SINGLE, Kind.SEVERAL)
_NUMBERS: Mapping[Kind, range] = {Kind.SCALE: range(1, 6), Kind.NPS: range(11)}
_FIELDS = {Kind.SEVERAL: FieldKind.SEVERAL, Kind.TEXT: FieldKind.TEXT}
FORM = tuple(
    question
    for number in range(1, MOST + 1)
    for question in (
        Question(f"label_{number}", required=False, max_length=150),
        Question(f"kind_{number}", FieldKind.CHOICE, required=False, max_length=20, choices=tuple(Kind)),
        Question(f"options_{number}", FieldKind.TEXT, required=False, max_length=700),
    )
)
"""What HR is asked for them."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Asked:
    kind: Kind
    label: str
    options: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Values are numbers: one has no comma in it, and an option may be worded anyhow."""
        named = (Choice(str(number), option) for number, option in enumerate(self.options, 1))
        numbers = (Choice(str(number), str(number)) for number in _NUMBERS.get(self.kind, ()))
        return (*named, *numbers)

    def stored(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "label": self.label, "options": [*self.options]}


def read(stored: Iterable[Mapping[str, Any]]) -> tuple[Asked, ...]:
    return tuple(Asked(Kind(one["kind"]), one["label"], tuple(one["options"])) for one in stored)


def typed(said: Mapping[str, str]) -> tuple[tuple[Asked, ...], dict[str, str]]:
    """What HR's form says; and for each field that is wrong the key of a sentence."""
    found: list[Asked] = []
    faults: dict[str, str] = {}
    for number in range(1, MOST + 1):
        label, kind, typed_options = (said[f"{name}_{number}"] for name in ("label", "kind", "options"))
        if not label and not kind and not typed_options:
            continue
        options = texts.listed_lines(typed_options)
        if not label:
            faults[f"label_{number}"] = "required"
        elif not kind:
            faults[f"kind_{number}"] = "not_chosen"
        elif kind in _CHOSEN and not _are_options(options):
            faults[f"options_{number}"] = "not_options"
        else:
            found.append(Asked(Kind(kind), label, tuple(options) if kind in _CHOSEN else ()))
    if not found and not faults:
        faults["label_1"] = "required"
    return tuple(found), faults


def _are_options(options: Sequence[str]) -> bool:
    return 2 <= len(options) <= MOST_OPTIONS and all(len(option) <= LONGEST_OPTION for option in options)


def filled(asked: Sequence[Asked]) -> dict[str, str]:
    """What HR's form starts with."""
    return {
        f"{name}_{number}": text
        for number, one in enumerate(asked, 1)
        for name, text in (("label", one.label), ("kind", one.kind.value), ("options", "\n".join(one.options)))
    }


def questions(asked: Sequence[Asked]) -> tuple[Question, ...]:
    """What somebody is asked. Each may be passed over."""
    return tuple(
        Question(
            f"answer_{number}",
            _FIELDS.get(one.kind, FieldKind.CHOICE),
            required=False,
            max_length=LONGEST_ANSWER,
            choices=tuple(choice.value for choice in one.choices),
        )
        for number, one in enumerate(asked, 1)
    )


def answers(asked: Sequence[Asked], said: Mapping[str, str]) -> list[str]:
    """A text a question, in their order."""
    return [said.get(question.name, "") for question in questions(asked)]


def known(answered: Sequence[str]) -> dict[str, str]:
    """What the form starts with for somebody who has answered before."""
    return {f"answer_{number}": text for number, text in enumerate(answered, 1)}
