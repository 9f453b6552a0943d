"""Choosing somebody for a gig: the terms that HR fills in, and the notice that goes to that person alone, in one
transaction; later the supplements that fix what was open. A checklist, no legal advice."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import select

from bot import answers, case_cards, clock, commissions, lint, notices, questions, reminding, texts
from bot.cards import FieldKind
from bot.notices import OPENABLE
from bot.prompts import Question, phrase
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import commissions as stored
from storage.tables import (
    Case,
    Commission,
    Company,
    Gig,
    GigState,
    Person,
    PersonState,
)

_NEVER = (GigState.DRAFT, GigState.SCHEDULED, GigState.WITHDRAWN)
_UNDECIDED = ("未定", "tbd", "to be decided", "not fixed")
"""What an item that is not fixed yet starts with where somebody writes it out."""
WHY_LENGTH = 120
FAULTS = frozenset(
    {
        "day_before_start",
        "day_is_future",
        "day_is_past",
        "nothing_fixed",
        "pays_too_late",
        "places_taken",
        "required",
        "too_long_unlinked",
    }
)
"""Keys of sentences that this file puts at a field."""


def _day(name: str, *, required: bool = False) -> Question:
    return Question(name, FieldKind.DATE, required=required, max_length=10)


def _line(name: str, *, required: bool = False, max_length: int = 300) -> Question:
    return Question(name, required=required, max_length=max_length)


def _reasons(item: str) -> Iterator[Question]:
    yield _line(f"why_{item}", max_length=WHY_LENGTH)
    yield _day(f"until_{item}")


_OF: Mapping[str, tuple[Question, ...]] = {
    "work": (Question("work", FieldKind.TEXT, required=False, max_length=3000), *_reasons("work")),
    "period": (_day("starts_on"), _day("ends_on"), _day("received_on"), _line("period"), *_reasons("period")),
    "place": (_line("place"), *_reasons("place")),
    "inspection": (_line("inspection"), *_reasons("inspection")),
    "reward": (_line("reward"), *_reasons("reward")),
    "payment": (_day("pays_on"), _line("payment_rule"), *_reasons("payment")),
}
SUPPLEMENT = tuple(question for asked in _OF.values() for question in asked)
QUESTIONS = (
    _line("legal_name", required=True, max_length=200),
    _line("person_name", required=True, max_length=200),
    _day("commissioned_on", required=True),
    *_OF["work"],
    *_OF["period"],
    *_OF["place"],
    *_OF["inspection"],
    *_OF["reward"],
    Question("tax", FieldKind.CHOICE, required=False, max_length=20, choices=("included", "excluded")),
    _line("expenses"),
    *_OF["payment"],
    _line("noncash"),
    Question("subcontracted", FieldKind.CHOICE, required=False, max_length=20, choices=("no", "yes")),
    _line("client_name", max_length=200),
    _day("client_pays_on"),
    Question("other", FieldKind.TEXT, required=False, max_length=1500),
)


# Choosing


def choose(turn: Turn) -> Answer:
    """HR chooses the person of a case. Of several who choose for the last place at once one does, and the others are
    told who was chosen by whom, with the form as they have filled it in."""
    case = _case(turn)
    gig = stored.held_gig(turn.session, case.gig_id) if case and case.gig_id else None
    if case is None or gig is None:
        return Say("case_unknown", notice=True)
    person = turn.session.get_one(Person, case.person_id)
    there = stored.of(turn.session, gig.id, case.person_id)
    if there is not None:
        return Say("commission_known", {"commission": there.id}, notice=True, done=True)
    if gig.state in _NEVER:
        return Say("gig_closed", {"gig": gig.id}, notice=True)
    where = notices.reach(turn.session, person, letters=turn.letters)
    if person.state is not PersonState.ACTIVE or where is None:
        return Say("alumnus_unreachable", notice=True)
    args = {"case": str(case.id), "open": turn.args.get("open", "")}
    if not turn.values:
        return Ask("gig.choose", {**args, "open": ""}, _known(turn, gig, person))
    values = dict(turn.values)
    errors = _faults(turn, values)
    if stored.number_of(turn.session, gig.id or 0) >= gig.places:
        errors["person_name"] = f"places_taken:{_taken(turn, gig)}"
    asked, open_items = _still_open(values, OPENABLE, turn, errors, args["open"])
    if errors:
        return Ask("gig.choose", args, values, errors)
    if asked:
        return Ask("gig.choose", {**args, "open": ",".join(asked)}, values)
    content = notices.rows({**values, "open": open_items}, turn.locale)
    if not turn.public_url and not notices.fits(content):
        return Ask("gig.choose", args, values, errors={"work": "too_long_unlinked"})
    commission = _commission(turn, gig, case, values)
    notice = notices.issue(turn.session, commission, values, open_items, turn.now)
    notices.send(turn.session, commission, notice.number, where, turn.now)
    commissions.plan(turn.session, commission, turn.company.timezone, turn.now)
    commissions.to_desk(turn.session, commission, "made", turn.now)
    commissions.note(turn.session, "gig.choose", commission, turn.now, by=turn.member.id, notice=notice.number)
    _show(turn, gig, case, commission)
    return Refresh(Say("case_desk", {"case": case.id}))


def _case(turn: Turn) -> Case | None:
    number = texts.number(turn.args.get("case", ""))
    return None if number is None else turn.session.get(Case, number)


def _taken(turn: Turn, gig: Gig) -> str:
    chosen = stored.chosen(turn.session, gig.id or 0)
    told = (
        phrase("notice_items", turn.locale, "chosen_by", {"person": person or "—", "by": by or "—"})
        for person, by in chosen
    )
    return texts.joined(told, turn.locale)


def _known(turn: Turn, gig: Gig, person: Person) -> dict[str, str]:
    """What the gig and the company's defaults say already."""
    defaults = turn.session.get_one(Company, turn.session.company_id).gig_defaults
    terms = {**{name: str(value) for name, value in defaults.items()}, **gig.terms}
    also = (name for name in ("hours", "ip", "renewal") if terms.get(name))
    other = (phrase("notice_items", turn.locale, f"also_{name}", {"text": terms[name]}) for name in also)
    filled = {
        **{name: terms[name] for name in notices.FIELDS if name in terms},
        "legal_name": terms.get("legal_name") or turn.company.name,
        "person_name": person.name,
        "commissioned_on": clock.today(turn.now, turn.company.timezone).isoformat(),
        "work": gig.work,
        "place": gig.place,
        "reward": gig.reward,
        "other": "\n".join(other),
    }
    return {name: text for name, text in filled.items() if text}


def _commission(turn: Turn, gig: Gig, case: Case, values: Mapping[str, str]) -> Commission:
    starts = _date(values, "starts_on") or _date(values, "commissioned_on") or turn.now.date()
    ends = _date(values, "ends_on")
    commission = Commission(
        gig_id=gig.id or 0,
        person_id=case.person_id,
        by_id=turn.member.id,
        at=turn.now,
        ends_on=ends,
        long_term=reminding.is_long(starts, ends),
    )
    turn.session.add(commission)
    turn.session.flush()
    return commission


def _show(turn: Turn, gig: Gig, case: Case, commission: Commission) -> None:
    """Every card that tells how it stands with the gig and the person."""
    answers.chosen(turn.session, gig, case.person_id, turn.now)
    for case_id in turn.session.exec(select(Case.id).where(Case.gig_id == gig.id)):
        case_cards.show(turn.session, case_id, turn.now)


# What the law wants of the answers


def _date(values: Mapping[str, str], name: str) -> date | None:
    text = values.get(name, "")
    return date.fromisoformat(text) if questions.is_day(text) else None


def _faults(turn: Turn, values: Mapping[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    commissioned, starts, ends = (_date(values, name) for name in ("commissioned_on", "starts_on", "ends_on"))
    if commissioned and commissioned > clock.today(turn.now, turn.company.timezone):
        errors["commissioned_on"] = "day_is_future"
    if ends and ends < (starts or commissioned or ends):
        errors["ends_on"] = "day_before_start"
    sub = values.get("subcontracted") == "yes"
    if sub:
        errors |= {name: "required" for name in ("client_name", "client_pays_on") if not values.get(name)}
    pays, received = _date(values, "pays_on"), _date(values, "received_on") or ends
    rule = lint.rules(turn.session.get_one(Company, turn.session.company_id).country).payment
    last = rule.latest(received, _date(values, "client_pays_on") if sub else None) if rule else None
    if pays and last and pays > last:
        errors["pays_on"] = f"pays_too_late:{last.isoformat()}"
    return errors


def _undecided(text: str) -> bool:
    return texts.is_blank(text) or text.strip().casefold().startswith(_UNDECIDED)


def _reason_in(values: Mapping[str, str], item: str) -> str:
    """`未定：見積もり中` says why already."""
    for name in OPENABLE[item]:
        text = values.get(name, "").strip()
        word = next((word for word in _UNDECIDED if text.casefold().startswith(word)), "")
        if word:
            return text[len(word) :].strip(" 　:：,、。（）()")[:WHY_LENGTH]
    return ""


def _is_open(values: Mapping[str, str], item: str) -> bool:
    """Whether nothing fixes the item. Without a day for it there is no inspection, and nothing to be fixed."""
    given = [values.get(name, "") for name in OPENABLE[item]]
    if item == "inspection":
        return bool(given[0]) and _undecided(given[0])
    return all(map(_undecided, given))


def _still_open(
    values: dict[str, str], items: Sequence[str] | Mapping[str, Any], turn: Turn, errors: dict[str, str], asked: str
) -> tuple[list[str], list[dict[str, str]]]:
    """The items whose reason and day have still to be asked for, and those that are open, with both. What was asked for
    and not given is an error; "undecided" written into a field goes from `values` to the item's reason."""
    already = asked.split(",")
    today = clock.today(turn.now, turn.company.timezone)
    missing: list[str] = []
    still: list[dict[str, str]] = []
    for item in items:
        if not _is_open(values, item):
            continue
        why, until = values.get(f"why_{item}", "") or _reason_in(values, item), values.get(f"until_{item}", "")
        values[f"why_{item}"] = why
        day = _date(values, f"until_{item}")
        if item in already:
            errors |= {f"{name}_{item}": "required" for name, text in (("why", why), ("until", until)) if not text}
            if day and day < today:
                errors[f"until_{item}"] = "day_is_past"
        if not (why and until) or (day and day < today and item not in already):
            missing.append(item)
        still.append({"item": item, "why": why, "until": until})
        for name in OPENABLE[item]:
            values[name] = ""
    return [item for item in OPENABLE if item in missing or item in already] if missing else [], still


# Supplements


def supplement(turn: Turn) -> Answer:
    """HR fixes what was open, or says by when it will be: a further notice to the person. The ones before stay."""
    number = texts.number(turn.args.get("commission", ""))
    commission = None if number is None else stored.held(turn.session, number)
    if commission is None:
        return Say("commission_unknown", notice=True)
    before = stored.newest(turn.session, commission.id or 0)
    items = [item["item"] for item in before.open_items]
    if not items:
        return Say("commission_known", {"commission": commission.id}, notice=True, done=True)
    args = {"commission": str(commission.id), "open": ",".join(items)}
    if not turn.values:
        return Ask("commission.supplement", args, _open_before(before.open_items))
    person = turn.session.get_one(Person, commission.person_id)
    where = notices.reach(turn.session, person, letters=turn.letters)
    if person.state is PersonState.ERASED or where is None:
        return Say("alumnus_unreachable", notice=True)
    allowed = {question.name for item in items for question in _OF[item]}
    given = {name: text for name, text in turn.values.items() if name in allowed}
    values = {**{name: str(before.content.get(name, "")) for name in notices.FIELDS}, **given}
    errors = _faults(turn, values)
    _, still = _still_open(values, items, turn, errors, args["open"])
    if not errors and still == before.open_items:
        errors[_OF[items[0]][0].name] = "nothing_fixed"
    if not errors and not turn.public_url and not notices.fits(notices.rows({**values, "open": still}, turn.locale)):
        errors[_OF[items[0]][0].name] = "too_long_unlinked"
    if errors:
        return Ask("commission.supplement", args, dict(turn.values), errors)
    notice = notices.issue(turn.session, commission, values, still, turn.now, before=before)
    _take_over(commission, values)
    turn.session.add(commission)
    notices.send(turn.session, commission, notice.number, where, turn.now)
    commissions.plan(turn.session, commission, turn.company.timezone, turn.now)
    commissions.show_again(turn.session, commission, turn.now)
    commissions.note(
        turn.session, "commission.supplement", commission, turn.now, by=turn.member.id, notice=notice.number
    )
    return Refresh(Say("commission_desk", {"commission": commission.id}))


def _open_before(items: Sequence[Mapping[str, str]]) -> dict[str, str]:
    told = ((item["item"], item["why"], item["until"]) for item in items)
    return {name: text for item, why, until in told for name, text in ((f"why_{item}", why), (f"until_{item}", until))}


def _take_over(commission: Commission, values: Mapping[str, str]) -> None:
    """The end of the contract may be what was open."""
    commission.ends_on = _date(values, "ends_on")
    starts = _date(values, "starts_on") or _date(values, "commissioned_on")
    commission.long_term = starts is not None and reminding.is_long(starts, commission.ends_on)
