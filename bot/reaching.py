"""To whom a post goes: everybody whom it suits, or one person, and into which channel."""

from typing import Any, NamedTuple

from bot import (
    audiences,
    channels,
    conditions,
    drafts,
    gig_forms,
    publishing,
    queries,
    subjects,
    texts,
    versions,
    visibility,
)
from bot.audiences import Segment
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people, search
from storage.tables import Gig, GigState, Role


def audience(turn: Turn) -> Answer:
    """The third form. Of an open gig it says first how many would get it now, and does it when it is sent once more."""
    gig = drafts.meant(turn)
    if isinstance(gig, Say) or gig is None:
        return gig or Say("gig_unknown", notice=True)
    if not turn.values:
        return Ask("gig.audience", gig_forms.carried(gig), gig_forms.filled_audience(turn.session, gig))
    asked = _asked(turn, gig)
    if isinstance(asked, Ask):
        return asked
    before = Reach(gig.audience, gig.named_id, gig.channels)
    was = turn.args.get("was", "")
    if was and was != versions.mark(gig) and asked != before:
        args = {**turn.args, "was": versions.mark(gig)}
        return Ask("gig.audience", args, turn.values, errors={"match": "changed_meanwhile"})
    if gig.state is GigState.OPEN:
        return _others(turn, gig, before, asked)
    answer = _drafted(turn, gig, asked)
    if turn.values["then"] == conditions.MORE and asked.named_id is None:
        return conditions.ask("gig.conditions", gig_forms.carried(gig), audiences.of(gig))
    return answer


def _drafted(turn: Turn, gig: Gig, reach: "Reach") -> Answer:
    _set(turn, gig, reach)
    ledger.mark_stale(turn.session, subjects.gig_draft(gig.id), turn.now)
    return drafts.previewed(turn, gig)


def narrow(turn: Turn) -> Answer:
    """What the first form leaves out. It changes what is not published yet."""
    gig = drafts.meant(turn)
    if isinstance(gig, Say) or gig is None:
        return gig or Say("gig_unknown", notice=True)
    if gig.state is GigState.OPEN:
        return Refresh(Say("gig_desk", {"gig": gig.id}))
    before = audiences.of(gig)
    if not turn.values:
        return conditions.ask("gig.conditions", gig_forms.carried(gig), before)
    segment = conditions.asked(turn, "gig.conditions", conditions.GIG, before)
    if isinstance(segment, Ask):
        return segment
    was = turn.args.get("was", "")
    if was and was != versions.mark(gig) and segment != before:
        args = {**turn.args, "was": versions.mark(gig)}
        return Ask("gig.conditions", args, turn.values, errors={"works_at": "changed_meanwhile"})
    return _drafted(turn, gig, Reach(segment.stored(), gig.named_id, gig.channels))


class Reach(NamedTuple):
    """A gig's segment as it is stored, the one person to whom it goes, and its channels."""

    segment: dict[str, Any]
    named_id: int | None
    channels: list[dict[str, str]]


def _set(turn: Turn, gig: Gig, reach: Reach) -> None:
    gig.audience, gig.named_id, gig.channels = reach
    turn.session.add(gig)
    turn.session.flush()


def _others(turn: Turn, gig: Gig, before: Reach, asked: Reach) -> Answer:
    """An open gig is for others: a new version; or as before, and whoever has come in or fits since gets it too. A copy
    in a channel stays, as what people have does."""
    there = [one["key"] for one in before.channels]
    new = asked._replace(channels=[*before.channels, *(one for one in asked.channels if one["key"] not in there)])
    _set(turn, gig, new)
    more = audiences.count_new(turn.session, gig, turn.now)
    if new == before and not more:
        return Refresh(Say("gig_desk", {"gig": gig.id}))
    sure = f"{versions.mark(gig)}-{more}"
    faults = drafts.faults_of(turn.session, gig, turn.now)
    if faults or turn.args.get("sure") != sure:
        _set(turn, gig, before)
        args = {**gig_forms.carried(gig), "sure": sure, "more": str(more)}
        return Ask("gig.audience", args, turn.values, errors={"named": "terms_first"} if faults else {})
    if new != before:
        versions.next_one(turn.session, gig, [], turn.member.id, turn.now)
    ledger.mark_stale(turn.session, subjects.gig_desk(gig.id), turn.now)
    publishing.go_on(turn.session, gig, turn.paces, turn.now)
    return Refresh(Say("gig_desk", {"gig": gig.id}))


def _asked(turn: Turn, gig: Gig) -> Reach | Ask:
    """What the form asks for, or the form with what is wrong."""
    said = turn.values

    def wrong(field: str, fault: str) -> Ask:
        return Ask("gig.audience", turn.args, said, errors={field: fault})

    segment = audiences.typed(said, audiences.of(gig))
    if not isinstance(segment, Segment):
        return Ask("gig.audience", turn.args, said, errors=segment)
    posted_in = channels.chosen(turn.session, said["channel"], gig.channels)
    if posted_in is None:
        return wrong("channel", "no_channel" if said["channel"] == channels.EVERY else "not_a_choice")
    found = _named(turn, said["named"])
    if said["named"] and found is None:
        return wrong("named", "nobody_named")
    return Reach(segment.stored(), found, posted_in)


def _named(turn: Turn, asked: str) -> int | None:
    """The only alumnus whom these words find, as the speaker may find them; of several the one who is called so."""
    if not asked:
        return None
    found = search.find(turn.session, queries.parsed(asked).words, visibility.viewer(turn.person)).people
    exact = [one for one in found if texts.folded(one.name) == texts.folded(asked)] or found
    known = people.members(turn.session, [one.id for one in exact])
    alumni = [one for one in known.values() if one.role is Role.ALUMNUS]
    return alumni[0].id if len(alumni) == 1 else None
