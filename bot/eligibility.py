"""Whom a company invites: its rules, what they say of somebody, and where they can be read.

A rule is asked when somebody is invited and never afterwards: changing one takes nobody's membership away.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot import texts
from bot.cards import Card, FieldKind
from bot.prompts import Question, card, phrase
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import audit
from storage.db import CompanySession
from storage.tables import NOBODY, Company, Person

REASONS = ("voluntary", "company", "retirement", "contract_end", "disciplinary", "other")
"""Why people leave; the words are in prompts/*/leaving.md.j2."""
FAULTS = frozenset({"too_few_years", "years_unknown", "reason_unknown", "reason_not_invited"})
"""Sentences of prompts/*/errors.md.j2 for what the rules say."""
MOST_YEARS = 50
QUESTIONS = (
    Question("least_years", required=False, max_length=4),
    *(Question(reason, FieldKind.CHOICE, required=False, max_length=10, choices=("yes", "no")) for reason in REASONS),
    Question("asks", required=False, max_length=300),
)
_MARK = b"eligibility"
_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Rules:
    """`not_invited` are of REASONS; `asks` says with whom to talk about them."""

    least_years: int = 0
    not_invited: tuple[str, ...] = ()
    asks: str = ""

    @property
    def any(self) -> bool:
        return bool(self.least_years or self.not_invited)


def rules(session: CompanySession) -> Rules:
    company = session.get_one(Company, session.company_id)
    return Rules(company.least_years, tuple(r for r in REASONS if r in company.not_invited), company.asks)


def years(joined_year: int | None, last_day: date | None) -> int | None:
    """Years of service as the rules count them: from the year of joining to the year of the last day. None where
    either is not known: nobody guesses."""
    return None if joined_year is None or last_day is None else last_day.year - joined_year


def faults(rules: Rules, joined_year: int | None, last_day: date | None, left_for: str) -> dict[str, str]:
    """By field the key of the sentence that says which rule is not met, or what has to be told first."""
    found: dict[str, str] = {}
    served = years(joined_year, last_day)
    if rules.least_years and served is None:
        found["joined_year"] = f"years_unknown:{rules.least_years}"
    elif served is not None and served < rules.least_years:
        found["joined_year"] = f"too_few_years:{rules.least_years}"
    if rules.not_invited and not left_for:
        found["left_for"] = "reason_unknown"
    elif left_for in rules.not_invited:
        found["left_for"] = "reason_not_invited"
    return found


def of(session: CompanySession, person: Person) -> dict[str, str]:
    """The same of somebody who is there; nothing where HR has made an exception for them."""
    if person.exempt_for:
        return {}
    return faults(rules(session), person.joined_year, person.last_day, person.left_for)


def exempt(
    session: CompanySession, person: Person, why: str, broken: Mapping[str, str], now: datetime, by: int | None
) -> None:
    """HR invites the person although rules say otherwise, and says why. The log holds which rules; the words are the
    person's row's, which an erasure empties."""
    if not broken:
        return
    person.exempt_for = why
    session.add(person)
    met = ", ".join(sorted(key.partition(":")[0] for key in broken.values()))
    audit.note(session, "eligibility.exception", now, actor_id=by, subject_id=person.id, detail={"rules": met})


# Changing them


def edit(turn: Turn) -> Answer:
    """An owner says whom the company invites."""
    if not turn.values:
        return Ask("rules", filled=_filled(rules(turn.session)))
    number = least(turn.values["least_years"])
    if number is None:
        return Ask("rules", filled=turn.values, errors={"least_years": "not_years"})
    keep(turn.session, Rules(number, tuple(r for r in REASONS if turn.values[r] == "no"), turn.values["asks"]))
    return Say("rules_saved", {"rules": turn.session.company_id})


def _filled(now: Rules) -> dict[str, str]:
    answers = {reason: "no" if reason in now.not_invited else "yes" for reason in REASONS}
    return {"least_years": str(now.least_years or ""), **answers, "asks": now.asks}


def least(text: str) -> int | None:
    """The years that somebody typed; 0 for nothing, None for what is no such number."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("年").strip()
    number = texts.number(plain) if plain else 0
    return number if number is not None and number <= MOST_YEARS else None


def keep(session: CompanySession, new: Rules) -> None:
    company = session.get_one(Company, session.company_id)
    company.least_years, company.not_invited, company.asks = new.least_years, list(new.not_invited), new.asks
    session.add(company)
    session.flush()


# Reading them


@dataclass(frozen=True, slots=True)
class RulesView:
    """`url` is empty where browsers do not reach this server."""

    least_years: int
    not_invited: str
    asks: str
    url: str = ""


def rules_view(scene: Scene, _company: int) -> RulesView:
    return _view(scene.session, scene.locale, scene.public_url)


def _view(session: CompanySession, locale: str, public_url: str = "") -> RulesView:
    now = rules(session)
    words: Sequence[str] = [phrase("leaving", locale, reason) for reason in now.not_invited]
    return RulesView(now.least_years, texts.joined(words, locale), now.asks, url(session, public_url))


def page(session: CompanySession, name: str, locale: str) -> Card | None:
    """What the page of that name says; None where it is no page of the session's company."""
    if not hmac.compare_digest(page_name(session).encode(), name.encode("utf-8", "replace")):
        return None
    company = session.get_one(Company, session.company_id)
    values = {"company": company.name, "rules": _view(session, locale)}
    return card("web/eligibility", locale, values, lambda _: ())


def page_name(session: CompanySession) -> str:
    """A name that nobody guesses from another company's: who uses the product is not for everybody to list."""
    key = session.get_one(Company, session.company_id).mark_key
    mark = hmac.new(key.encode(), _MARK, hashlib.sha256).hexdigest()[:_LENGTH]
    return f"{session.company_id}-{mark}"


def company_in(name: str) -> int | None:
    """Which company a page's name says it is of, if it looks like one."""
    number, _, mark = name.partition("-")
    return texts.number(number) if len(mark) == _LENGTH and len(number) < 10 else None


def path(session: CompanySession) -> str:
    return f"/eligibility/{page_name(session)}"


def url(session: CompanySession, public_url: str) -> str:
    """Where the company's rules can be read; empty where nowhere."""
    if not public_url or session.company_id == NOBODY:
        return ""
    return public_url.rstrip("/") + path(session)
