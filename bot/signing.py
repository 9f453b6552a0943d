"""Whether alumni read the name of whoever of HR writes to them, instead of the desk's."""

from bot import texts
from bot.turn import Answer, Say, Turn

_ON = frozenset(map(texts.folded, ("on", "yes", "する", "オン")))
_OFF = frozenset(map(texts.folded, ("off", "no", "しない", "オフ")))


def sign(turn: Turn) -> Answer:
    """With `on` or `off` it is so from now on, also for what was sent; without a word it says how it is."""
    word = texts.folded(turn.args.get("text", ""))
    row = turn.own_row()
    if word in _ON | _OFF:
        row.signs = word in _ON
        turn.session.add(row)
        turn.session.flush()
    return Say("signing", {"on": row.signs}, notice=True, done=True)
