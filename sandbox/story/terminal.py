"""The story as a transcript in a terminal."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from sandbox.story.narrator import Act, Chapter, Moment, Remark, Seat, Sight
from sandbox.story.reading import Kind, Line

WIDEST = 110
_COLORS = {"slack": "magenta", "teams": "blue", "mail": "yellow"}
_NAMES = {"slack": "Slack", "teams": "Teams", "mail": "Mail"}
_STYLES = {Kind.TITLE: "bold", Kind.FIELD: "dim", Kind.BUTTONS: "cyan"}
_SIGNS = {Kind.BULLET: "• ", Kind.QUOTE: "│ "}


class Terminal:
    """Prints each moment as it comes; what came from the platforms stands behind a bar in the platform's colour."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, markup=False, emoji=False)
        self._width = min(self._console.width, WIDEST)
        self._chapters = 0
        self._seat: Seat | None = None

    async def tell(self, moment: Moment) -> None:
        match moment:
            case Chapter(title):
                self._chapter(title)
            case Act(seat, what, typed):
                self._act(seat, what, typed)
            case Sight(seat, lines, left_out):
                self._sight(seat, lines, left_out)
            case Remark(text):
                self._wrapped(Text(text, style="green"), Text("  ✓ ", style="green"), "    ")

    def _chapter(self, title: str) -> None:
        self._chapters += 1
        self._seat = None
        self._console.print()
        self._wrapped(Text(title, style="bold"), Text(f"{self._chapters}  ", style="bold green"), "   ")

    def _act(self, seat: Seat, what: str, typed: str) -> None:
        said = Text(f"{what}: " if typed else what).append(typed, style="italic")
        self._wrapped(_heading(seat).append("  ▸ ").append_text(said), Text("  "), "    ")
        self._seat = seat

    def _sight(self, seat: Seat, lines: tuple[Line, ...], left_out: int) -> None:
        if seat != self._seat:
            self._wrapped(_heading(seat), Text("  "), "    ")
        self._seat = seat
        bar = Text("  ┃ ", style=_COLORS[seat.platform])
        rows = list(_with_fields_in_a_row(lines))
        for number, line in enumerate(rows, start=1):
            text = Text(line.text, style=_STYLES.get(line.kind, ""))
            if number == len(rows) and left_out:
                text.append(f"  … +{left_out}", style="not bold dim")
            sign = _SIGNS.get(line.kind, "")
            self._wrapped(text, bar + Text(sign), bar + Text("│ " if line.kind is Kind.QUOTE else " " * len(sign)))

    def _wrapped(self, text: Text, first: Text, rest: Text | str) -> None:
        """`text` folded to the width, behind `first` on its first row and `rest` on the others."""
        rest = Text(rest) if isinstance(rest, str) else rest
        room = max(self._width - max(first.cell_len, rest.cell_len), 20)
        for number, row in enumerate(text.wrap(self._console, room)):
            row.rstrip()
            self._console.print((first if number == 0 else rest) + row, no_wrap=True, overflow="ignore", crop=False)


def _heading(seat: Seat) -> Text:
    color = _COLORS[seat.platform]
    where = " · ".join(filter(None, (seat.name, seat.place)))
    return Text(_NAMES[seat.platform], style=f"bold {color}").append(f" · {where}", style=color)


def _with_fields_in_a_row(lines: Iterable[Line]) -> Iterator[Line]:
    """A form's questions take one line together."""
    for kind, some in groupby(lines, key=lambda line: line.kind):
        if kind is Kind.FIELD:
            yield Line(kind, "  ".join(f"▢ {line.text}" for line in some))
        else:
            yield from some
