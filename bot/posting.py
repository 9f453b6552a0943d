"""What a post says: the work, the terms, and what a company's posts start with."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot import audiences, clock, drafts, gig_forms, lint, publishing, subjects, texts, versions, wording
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger
from storage.db import CompanySession
from storage.tables import Company, Gig, GigState


def post(turn: Turn) -> Answer:
    """The first form: of a new gig, a draft, or an open one. A new one is published at once where nothing is missing
    and nothing else was asked for; otherwise it is kept as a draft, and what is missing is asked for."""
    gig = drafts.meant(turn)
    if isinstance(gig, Say):
        return gig
    if not turn.values:
        return Ask("gig.post", gig_forms.carried(gig), gig_forms.filled(turn, gig, gig_forms.WORK))
    labels = texts.listed(turn.values["skills"])
    skills = texts.joined(labels, turn.company.locale)
    if len(skills) > gig_forms.SKILLS_LENGTH:
        return Ask("gig.post", turn.args, turn.values, errors={"skills": "too_long"})
    if _is_past(turn.values["deadline"], turn):
        return Ask("gig.post", turn.args, turn.values, errors={"deadline": "day_is_past"})
    if turn.values["places"] and not gig_forms.places_in(turn.values["places"]):
        return Ask("gig.post", turn.args, turn.values, errors={"places": "not_places"})
    said = {**turn.values, "skills": skills, "places": str(gig_forms.places_in(turn.values["places"]) or 1)}
    then = said.pop("then")
    if gig is None:
        gig = _new(turn, said)
        if then in ("", gig_forms.NOW) and not audiences.anybody(turn.session, gig, turn.now):
            return Ask("gig.post", turn.args, turn.values, errors={"skills": "nobody_matches"})
        turn.session.add(gig)
        turn.session.flush()
        return _go_on(turn, gig, then, new=True)
    return _changed(turn, gig, "gig.post", said, then)


def terms(turn: Turn) -> Answer:
    """The second form: conditions, and who offers the work."""
    gig = drafts.meant(turn)
    if isinstance(gig, Say) or gig is None:
        return gig or Say("gig_unknown", notice=True)
    if not turn.values:
        return Ask("gig.terms", gig_forms.carried(gig, turn), gig_forms.filled(turn, gig, gig_forms.TERMS))
    return _changed(turn, gig, "gig.terms", turn.values, turn.args.get("then", ""))


def _changed(turn: Turn, gig: Gig, step: str, said: Mapping[str, str], then: str) -> Answer:
    """A draft or an open gig says something else from now on, unless somebody else has just changed it."""
    before = versions.content_of(gig)
    after = {item: text for item, text in {**before, **said}.items() if text}
    changed = lint.changed(before, after)
    was = turn.args.get("was", "")
    if was and was != versions.mark(gig) and changed:
        args = {**turn.args, "was": versions.mark(gig)}
        return Ask(step, args, turn.values, errors={gig_forms.STEPS[step][0].name: "changed_meanwhile"})
    if gig.state is GigState.OPEN:
        return _edited(turn, gig, step, after, changed)
    if gig.state is GigState.DRAFT:
        gig.publish_at = None  # nothing that failed is told any more
    _write(turn, gig, after)
    return _go_on(turn, gig, then)


def _edited(turn: Turn, gig: Gig, step: str, after: Mapping[str, str], changed: Sequence[str]) -> Answer:
    """A published gig is only changed into one that could be published."""
    if not changed:
        return Refresh(Say("gig_desk", {"gig": gig.id}))
    after = {**defaults_of(turn.session), **after} if step == "gig.post" else after
    asked = gig_forms.STEPS[step]
    faults = lint.faults(after, drafts.rules_of(turn.session), public=drafts.is_public(gig))
    here = {question.name: faults[question.name] for question in asked if question.name in faults}
    if here:
        return Ask(step, turn.args, turn.values, here)
    if faults:
        return Ask(step, turn.args, turn.values, errors={asked[0].name: "terms_first"})
    changed = lint.changed(versions.content_of(gig), after)
    _write(turn, gig, after)
    versions.next_one(turn.session, gig, changed, turn.member.id, turn.now)
    return Refresh(Say("gig_desk", {"gig": gig.id}))


def _write(turn: Turn, gig: Gig, said: Mapping[str, str]) -> None:
    for name, value in _columns(said, turn.company.timezone).items():
        setattr(gig, name, value)
    turn.session.add(gig)
    turn.session.flush()
    ledger.mark_stale(turn.session, subjects.gig_draft(gig.id), turn.now)


def _columns(said: Mapping[str, str], zone: str) -> dict[str, Any]:
    day = date.fromisoformat(said["deadline"]) if said.get("deadline") else None
    return {
        **{name: said.get(name, "") for name in ("title", "work", "reward", "place", "skills")},
        "places": gig_forms.places_in(said.get("places", "")) or 1,
        "deadline_on": day,
        "deadline_zone": zone if day else "",
        "deadline_at": clock.end_of_day(day, zone) if day else None,
        "terms": {item: said[item] for item in lint.TERMS if said.get(item)},
    }


def _new(turn: Turn, said: Mapping[str, str]) -> Gig:
    """What was typed, with the company's defaults, and not stored yet."""
    speaker = turn.inbound.speaker
    own = turn.account.address if turn.account else ""
    given = {item: text for item, text in said.items() if text}
    return Gig(
        **_columns({**defaults_of(turn.session), **given}, turn.company.timezone),
        state=GigState.DRAFT,
        author_id=turn.member.id,
        desk_platform=speaker.platform,
        desk_workspace=speaker.workspace,
        desk_address=turn.inbound.address if turn.inbound.reference is not None else own,
        created_at=turn.now,
    )


def defaults_of(session: CompanySession) -> dict[str, str]:
    """What the company's new posts start with, by item."""
    told = session.get_one(Company, session.company_id).gig_defaults
    return {item: str(told[item]) for item in lint.DEFAULTED if told.get(item)}


def _is_past(day: str, turn: Turn) -> bool:
    return bool(day) and date.fromisoformat(day) < clock.today(turn.now, turn.company.timezone)


def _go_on(turn: Turn, gig: Gig, then: str, *, new: bool = False) -> Answer:
    """What comes after a form of a draft."""
    if then in ("", gig_forms.NOW) and gig.state is GigState.DRAFT:
        lacking = drafts.lacking(turn, gig)
        return lacking or publishing.posted(turn, gig)
    match then:
        case "terms":
            return Ask(
                "gig.terms",
                {**gig_forms.carried(gig), "then": gig_forms.PREVIEW},
                gig_forms.filled(turn, gig, gig_forms.TERMS),
            )
        case "audience":
            return Ask("gig.audience", gig_forms.carried(gig), gig_forms.filled_audience(turn.session, gig))
        case _:
            return drafts.previewed(turn, gig)


# What a company's posts start with


def defaults(turn: Turn) -> Answer:
    if not turn.values:
        return Ask("gig.defaults", filled=defaults_of(turn.session))
    keep_defaults(turn.session, turn.values)
    return Say("defaults_saved", {"terms": _worded(turn.session, turn.locale)})


def keep_defaults(session: CompanySession, given: Mapping[str, str]) -> None:
    """New posts start with these; an empty one is forgotten."""
    company = session.get_one(Company, session.company_id)
    company.gig_defaults = {item: given[item] for item in lint.DEFAULTED if given.get(item)}
    session.add(company)
    session.flush()


def _worded(session: CompanySession, locale: str) -> list[list[str]]:
    known = defaults_of(session)
    return [[item, wording.value(item, text, locale)] for item, text in known.items()]
