"""The channels in which a company's gigs may be posted too.

Each is kept as a dict: `key`, which is the place's own for good, the `name` that HR gave it, and `platform`,
`workspace` and `address`.
"""

import hashlib
from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from bot import subjects, texts
from bot.turn import Answer, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.tables import Company, Gig, GigState

Channel = Mapping[str, str]
NAME_LENGTH = 40
MOST = 20
LISTED = 4
"""With a button each in one list."""
NONE, EVERY = "no", "yes"
"""What the form of the audience has besides the channels' keys."""
_OFF = ("off", "解除")


def of_company(session: CompanySession) -> list[dict[str, str]]:
    return session.get_one(Company, session.company_id).gig_channels


def chosen(session: CompanySession, answer: str, before: Sequence[Channel]) -> list[dict[str, str]] | None:
    """The channels that the form's answer means; without an answer those of `before`. None where there is no such
    channel (any more)."""
    known = of_company(session)
    match answer:
        case "":
            return [dict(one) for one in before]
        case "no":
            return []
        case "yes":
            return known or None
        case _:
            return [one for one in known if one["key"] == answer] or None


def answer_for(session: CompanySession, posted_in: Sequence[Channel]) -> str:
    """The form's answer that means these channels; empty where none does."""
    keys = {one["key"] for one in posted_in}
    if not keys:
        return NONE
    if keys == {one["key"] for one in of_company(session)}:
        return EVERY
    return keys.pop() if len(keys) == 1 else ""


def channel(turn: Turn) -> Answer:
    """Typed in a channel, that is one for gigs from now on, or has another name; `off` takes it back. In private, what
    channels there are."""
    typed = " ".join(turn.args.get("text", "").split())
    if turn.inbound.private:
        return _list(turn)
    speaker = turn.inbound.speaker
    place = {"platform": speaker.platform, "workspace": speaker.workspace, "address": turn.inbound.address}
    key = hashlib.sha256("\n".join(place.values()).encode()).hexdigest()[:12]
    if texts.folded(typed) in _OFF:
        return _removed(turn, key) or Say("channel_none_here", notice=True)
    company = _held(turn)
    others = [one for one in company.gig_channels if one["key"] != key]
    there = next((one for one in company.gig_channels if one["key"] == key), None)
    name = typed or (there["name"] if there else _free(speaker.platform.capitalize(), others))
    if len(name) > NAME_LENGTH or any(texts.folded(one["name"]) == texts.folded(name) for one in others):
        return Say("channel_name", {"limit": NAME_LENGTH}, notice=True)
    if there is None and len(others) >= MOST:
        return Say("channel_many", {"limit": MOST}, notice=True)
    company.gig_channels = [*others, {"key": key, "name": name, **place}]
    turn.session.add(company)
    return Say("channel_set", {"name": name})


def _free(platform: str, others: Sequence[Channel]) -> str:
    taken = {one["name"] for one in others}
    names = (platform, *(f"{platform} {number}" for number in range(2, MOST + 2)))
    return next(name for name in names if name not in taken)


def _held(turn: Turn) -> Company:
    """The company, whose channels nobody else changes until the transaction ends."""
    people.hold_company(turn.session)
    company = turn.session.get_one(Company, turn.session.company_id)
    turn.session.refresh(company)
    return company


def remove(turn: Turn) -> Answer:
    """By the button of a list."""
    return _removed(turn, turn.args.get("key", "")) or _list(turn)


def _removed(turn: Turn, key: str) -> Say | None:
    """Nothing is posted there any more, not even what was to be. What is there already is kept up to date. None where
    it is no channel for gigs."""
    company = _held(turn)
    gone = next((one for one in company.gig_channels if one["key"] == key), None)
    if gone is None:
        return None
    company.gig_channels = [one for one in company.gig_channels if one["key"] != key]
    turn.session.add(company)
    to_come = col(Gig.state).in_((GigState.DRAFT, GigState.SCHEDULED))
    for gig in turn.session.exec(select(Gig).where(to_come).order_by(col(Gig.id)).with_for_update(key_share=True)):
        left = [one for one in gig.channels if one["key"] != key]
        if left != gig.channels:
            gig.channels = left
            turn.session.add(gig)
            ledger.mark_stale(turn.session, subjects.gig_draft(gig.id), turn.now)
    turn.session.flush()
    return Say("channel_off", {"name": gone["name"]})


def _list(turn: Turn) -> Say:
    page = texts.number(turn.args.get("page", "")) or 1
    known = of_company(turn.session)
    shown = known[(page - 1) * LISTED : page * LISTED]
    left = max(0, len(known) - page * LISTED)
    lines = [{"key": one["key"], "name": one["name"], "platform": one["platform"].capitalize()} for one in shown]
    return Say("channels", {"lines": lines, "left": left, "next": page + 1}, in_place=True)
