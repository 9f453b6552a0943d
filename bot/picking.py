"""Finding people to introduce them in a message of one's own, which others read."""

from bot import queries, texts, visibility
from bot.turn import Answer, Results, Say, Turn
from storage import search

MOST = 25
"""Results at a time."""


def pick(turn: Turn) -> Answer:
    """Those whom the same words find for the speaker in `find`, without whoever hides from anybody: a card that is
    chosen goes before others, and shows what every member may see. `skip` and `count` turn the pages."""
    query = queries.parsed(turn.args.get("text", ""))
    if query.too_long:
        return Say("find_shorter", {"limit": queries.LONGEST}, notice=True)
    if query.not_years:
        return Say("find_years", {"word": query.not_years}, notice=True)
    if not query.words:
        return Say("pick_nobody", {"query": ""}, notice=True)
    people = search.find(turn.session, query.words, visibility.viewer(turn.person)).people
    others = visibility.viewer(turn.person, shared=True)
    hiding = visibility.hiding(turn.session, others, [person.id for person in people])
    shown = [person for person in people if person.id not in hiding]
    skip, count = (texts.number(turn.args.get(name, "")) for name in ("skip", "count"))
    if not shown:
        return Say("pick_nobody", {"query": query.text}, notice=True)
    page = shown[skip or 0 :][: min(count or MOST, MOST)]
    return Results([Say("picked", {"person": {"id": person.id, "shared": True}}) for person in page])
