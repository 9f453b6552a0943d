"""To whom a post goes: everybody whom it suits, or one person, and into which channel."""

import unicodedata

from bot import audiences, drafts, gig_forms, queries, subjects, texts, versions, visibility
from bot.audiences import Segment
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people, search
from storage.tables import Company, Role


def audience(turn: Turn) -> Answer:
    """The third form. It changes drafts: an offer that is out is not taken back from those who have it."""
    gig = drafts.meant(turn)
    if isinstance(gig, Say) or gig is None:
        return gig or Say("gig_unknown", notice=True)
    if gig.state not in drafts.PENDING:
        return Refresh(Say("gig_draft", {"draft": gig.id}))
    if not turn.values:
        return Ask("gig.audience", gig_forms.carried(gig), gig_forms.filled_audience(turn.session, gig))
    was = turn.args.get("was", "")
    years = [_year(turn.values[name]) for name in ("joined_from", "joined_to")]
    for name, year in zip(("joined_from", "joined_to"), years, strict=True):
        if turn.values[name] and year is None:
            return Ask("gig.audience", turn.args, turn.values, errors={name: "not_joined_year"})
    if years[0] and years[1] and years[0] > years[1]:
        return Ask("gig.audience", turn.args, turn.values, errors={"joined_to": "years_turned"})
    channel = turn.session.get_one(Company, turn.session.company_id).gig_channel
    if turn.values["channel"] == "yes" and not channel:
        return Ask("gig.audience", turn.args, turn.values, errors={"channel": "no_channel"})
    found = _named(turn, turn.values["named"])
    if turn.values["named"] and found is None:
        return Ask("gig.audience", turn.args, turn.values, errors={"named": "nobody_named"})
    segment = Segment(
        turn.values["match"] or audiences.ANY,
        tuple(texts.listed(turn.values["cities"])),
        years[0],
        years[1],
        tuple(texts.listed(turn.values["departments"])),
    )
    new = (segment.stored(), found, dict(channel) if turn.values["channel"] == "yes" else {})
    if was and was != versions.mark(gig) and new != (gig.audience, gig.named_id, gig.channel):
        args = {**turn.args, "was": versions.mark(gig)}
        return Ask("gig.audience", args, turn.values, errors={"match": "changed_meanwhile"})
    gig.audience, gig.named_id, gig.channel = new
    turn.session.add(gig)
    turn.session.flush()
    ledger.mark_stale(turn.session, subjects.gig_draft(gig.id), turn.now)
    return drafts.previewed(turn, gig)


def _year(typed: str) -> int | None:
    number = texts.number(unicodedata.normalize("NFKC", typed).strip().removesuffix("年"))
    return number if number is not None and queries.EARLIEST <= number <= queries.LATEST else None


def _named(turn: Turn, asked: str) -> int | None:
    """The only alumnus whom these words find, as the speaker may find them; of several the one who is called so."""
    if not asked:
        return None
    found = search.find(turn.session, queries.parsed(asked).words, visibility.viewer(turn.person)).people
    exact = [one for one in found if texts.folded(one.name) == texts.folded(asked)] or found
    known = people.members(turn.session, [one.id for one in exact])
    alumni = [one for one in known.values() if one.role is Role.ALUMNUS]
    return alumni[0].id if len(alumni) == 1 else None
