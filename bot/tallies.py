"""What a survey's answers come to, question by question: counts, and words for them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot import texts
from bot.asking import Asked, Kind

_WIDTH = 10
_PROMOTERS, _DETRACTORS = range(9, 11), range(7)


@dataclass(frozen=True, slots=True)
class Line:
    """How many chose one thing, of all who answered the question."""

    label: str
    number: int
    share: int
    bar: str


@dataclass(frozen=True, slots=True)
class Tally:
    """`answered` to the question, 0 where that is not told since too few did (`few`). `mean` is of a scale, `nps` from
    -100 to 100; `said` are the texts, in an order that is their own and nobody's."""

    label: str
    kind: str
    answered: int
    few: bool
    lines: tuple[Line, ...] = ()
    mean: str = ""
    nps: str = ""
    said: tuple[str, ...] = ()


def of(asked: Sequence[Asked], answers: Sequence[Sequence[str]], least: int = 1) -> tuple[Tally, ...]:
    """Of each question to which at least so many gave an answer."""
    return tuple(_tally(one, [row[place] for row in answers if row[place]], least) for place, one in enumerate(asked))


def _tally(asked: Asked, said: Sequence[str], least: int) -> Tally:
    if len(said) < least:
        return Tally(asked.label, asked.kind, 0, few=least > 1)
    if asked.kind is Kind.TEXT:
        ordered = tuple(sorted(said, key=lambda text: (texts.folded(text), text)))
        return Tally(asked.label, asked.kind, len(said), few=False, said=ordered)
    chosen = Counter(value for answer in said for value in answer.split(","))
    counts = [(choice.label, chosen[choice.value]) for choice in asked.choices]
    numbers = [int(answer) for answer in said] if asked.kind in (Kind.SCALE, Kind.NPS) else []
    return Tally(
        asked.label,
        asked.kind,
        len(said),
        few=False,
        lines=bars(counts, len(said)),
        mean=f"{sum(numbers) / len(numbers):.1f}" if asked.kind is Kind.SCALE and numbers else "",
        nps=_nps(numbers) if asked.kind is Kind.NPS and numbers else "",
    )


def _nps(numbers: Sequence[int]) -> str:
    """Of a hundred so many more would recommend it (9 or 10) than would not (up to 6)."""
    more = sum(n in _PROMOTERS for n in numbers) - sum(n in _DETRACTORS for n in numbers)
    return f"{round(100 * more / len(numbers)):+d}"


def bars(counts: Sequence[tuple[str, int]], of_all: int) -> tuple[Line, ...]:
    """Labels and how many each has, drawn with characters."""
    return tuple(
        Line(label, number, round(100 * number / of_all) if of_all else 0, _bar(number, of_all))
        for label, number in counts
    )


def _bar(number: int, of_all: int) -> str:
    full = round(_WIDTH * number / of_all) if of_all else 0
    return "█" * full + "░" * (_WIDTH - full)
