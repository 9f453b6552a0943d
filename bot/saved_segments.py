"""Segments that HR has saved by name for broadcasts and surveys: conditions, and never people.

A draft takes over what a segment says at the moment in which it is chosen. Whoever saves it anew changes no draft: what
has been approved is what was looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot import conditions, named, segments, texts
from bot.cards import FieldKind
from bot.named import PageView
from bot.ports import Kind
from bot.prompts import Question
from bot.scene import Scene
from bot.segments import Chosen, Planned
from bot.turn import Answer, Ask, Say, Turn
from storage.db import CompanySession
from storage.tables import Role, SavedSegment

NONE = "none"
PICKED = Question("saved", FieldKind.CHOICE, required=False, max_length=20, choices=(NONE,), further=True)
NAMED = Question("save_as", required=False, max_length=named.LENGTH)
FURTHER = (*conditions.NEWS, NAMED)
FAULTS = frozenset({"saved_or_named", "too_many_segments"})


# In a form


def chosen(turn: Turn, verb: str, carried: Mapping[str, str], before: Mapping[str, Any]) -> Chosen | Ask:
    """What the first audience form, that of `verb`, asks for, saved if it is given a name and no second form follows;
    or the form itself, filled with `before` or with what was typed and is wrong."""
    known = segments.read(before)
    if not turn.values:
        filled = {"saved": NONE, **segments.filled(known), "then": conditions.then(known.segment)}
        return Ask(verb, {**carried, "saved": "all"}, filled)
    asked = _asked(turn.session, turn.values, known)
    return asked if isinstance(asked, Chosen) else Ask(verb, turn.args, turn.values, errors=asked)


def _asked(session: CompanySession, said: Mapping[str, str], before: Chosen) -> Chosen | Mapping[str, str]:
    if said["saved"] not in ("", NONE):
        picked = named.of(session, SavedSegment, said["saved"])
        if picked is None:
            return {"saved": "not_a_choice"}
        return {"save_as": "saved_or_named"} if said["save_as"] else segments.read(picked.audience)
    asked = segments.typed(said, before)
    if isinstance(asked, Chosen) and said["then"] != conditions.MORE:
        return _named(session, said["save_as"], asked)
    return asked


def more(turn: Turn, verb: str, carried: Mapping[str, str], asked: Chosen) -> Ask | None:
    """The second form, that of `verb`, where the first one asks for it. A name that was typed is asked for there."""
    if turn.values["then"] != conditions.MORE:
        return None
    return conditions.ask(verb, carried, asked.segment, save_as=turn.values["save_as"])


def narrowed(turn: Turn, verb: str, carried: Mapping[str, str], before: Mapping[str, Any]) -> Chosen | Ask:
    """What the second form asks for besides what was asked for before, saved if it is given a name; or the form itself
    as `chosen` has it."""
    known = segments.read(before)
    if not turn.values:
        return conditions.ask(verb, carried, known.segment)
    segment = conditions.asked(turn, verb, FURTHER, known.segment)
    if isinstance(segment, Ask):
        return segment
    asked = _named(turn.session, turn.values["save_as"], replace(known, segment=segment))
    return asked if isinstance(asked, Chosen) else Ask(verb, turn.args, turn.values, errors=asked)


def _named(session: CompanySession, typed: str, asked: Chosen) -> Chosen | Mapping[str, str]:
    """The same, saved where it is given a name."""
    name = named.tidied(typed)
    if name and not named.has_room(session, SavedSegment, name):
        return {"save_as": f"too_many_segments:{named.MOST}"}
    if name:
        named.save(session, SavedSegment, name, {"audience": asked.stored()}, anew=True)
    return asked


def name_of(session: CompanySession, audience: Mapping[str, Any]) -> str:
    """What HR calls exactly these conditions; empty where it has no name for them."""
    meant = segments.read(audience)
    return next((one.name for one in named.everyone(session, SavedSegment) if segments.read(one.audience) == meant), "")


# By themselves


@dataclass(frozen=True, slots=True)
class SegmentView:
    """`people` of those who take news it would reach now, some of them by name in `sample`."""

    id: int
    name: str
    chosen: Chosen
    people: int
    sample: str

    @property
    def everybody(self) -> bool:
        return not {*self.chosen.stored()} - {"match"}


def segment_view(scene: Scene, segment_id: int) -> SegmentView:
    """Raises LookupError when there is no such segment (any more), and for whoever is not of HR."""
    found = named.of(scene.session, SavedSegment, segment_id)
    if found is None or scene.reader is None or scene.reader.role is Role.ALUMNUS:
        raise LookupError(f"no segment {segment_id}")
    news = Planned(scene.reader.id, found.audience)
    people = segments.count(scene.session, news, scene.now)
    names = texts.joined(segments.sample(scene.session, news, scene.now), scene.locale)
    return SegmentView(found.id or 0, found.name, segments.read(found.audience), people, names)


def segments_view(scene: Scene, page: int) -> PageView:
    """Raises LookupError for whoever is not of HR."""
    return named.page_view(scene, SavedSegment, page)


def offered_view(scene: Scene, _which: str = "all") -> tuple[tuple[int, str], ...]:
    """Id and name of each, by name. Raises LookupError for whoever is not of HR."""
    return named.lines(scene, SavedSegment)


def list_(turn: Turn) -> Answer:
    """All of them; with a name, that one."""
    asked = turn.args.get("text", "")
    found = named.called(turn.session, SavedSegment, asked) if asked else None
    return _shown(turn, found) if found else _page(turn)


def show(turn: Turn) -> Answer:
    found = named.of(turn.session, SavedSegment, turn.args.get("segment", ""))
    return _shown(turn, found) if found else Say("segment_unknown", notice=True)


def remove(turn: Turn) -> Answer:
    """Asks first. Drafts to which it was given keep their audience."""
    found = named.of(turn.session, SavedSegment, turn.args.get("segment", ""))
    if found is None:
        return Say("segment_unknown", notice=True)
    if turn.args.get("sure") != "yes":
        return Say("segment_removing", {"segment": found.id}, in_place=True)
    named.remove(turn.session, SavedSegment, found.id)
    return _page(turn)


def _shown(turn: Turn, segment: SavedSegment) -> Say:
    return Say("segment", {"segment": segment.id}, in_place=turn.inbound.kind is Kind.PRESSED)


def _page(turn: Turn) -> Say:
    page = texts.number(turn.args.get("page", "")) or 1
    return Say("segments", {"segments": min(page, 1000)}, in_place=turn.inbound.kind is Kind.PRESSED)
