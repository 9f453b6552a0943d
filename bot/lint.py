"""The checklist of a post: what it says, what may not be missing, and whether it is paid in time. Pure; the rules of a
country are data (bot/rules). It is a checklist and no legal advice."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

COLUMNS = ("title", "work", "reward", "place", "skills", "places", "deadline")
"""Items that are columns of a gig."""
TERMS = (
    *("period", "hours", "expenses", "tax", "received_on", "pays_on", "payment_rule", "inspection", "ip", "renewal"),
    *("subcontracted", "client_name", "client_pays_on", "legal_name", "legal_address", "contact"),
)
"""Those that are kept in `Gig.terms`."""
ITEMS = (*COLUMNS, *TERMS)
DAYS = frozenset({"deadline", "received_on", "pays_on", "client_pays_on"})
"""Items that are days, as ISO text."""
CHOICES: Mapping[str, tuple[str, ...]] = {"tax": ("excluded", "included"), "subcontracted": ("no", "yes")}
DEFAULTED = ("legal_name", "legal_address", "contact", "tax", "payment_rule", "expenses", "ip", "renewal")
"""Those with which a company's posts may start."""
NO_RULES = "none"
_FILES = Path(__file__).parent / "rules"

Content = Mapping[str, str]
"""What a post says, by item; an item that is missing or empty was not given."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Both count their first day as day 1."""

    days: int
    subcontracted: int
    stated: tuple[str, ...]
    """What has to be given for the second to count."""

    def latest(self, received_on: date | None, client_pays_on: date | None = None) -> date | None:
        """The last lawful day: for work that is passed on, of which all is stated, from the day on which the client
        pays; else from the day of receipt. None where nothing tells."""
        first, days = (client_pays_on, self.subcontracted) if client_pays_on else (received_on, self.days)
        return first + timedelta(days=days - 1) if first else None


@dataclass(frozen=True, slots=True)
class Rules:
    required: tuple[str, ...]
    payment: Payment | None
    law: Mapping[str, str]
    """What the law is called, by locale; nothing where there are no rules."""
    in_force: date | None
    checked: date | None
    """When somebody last compared the rules with their sources."""
    sources: tuple[str, ...]


@cache
def countries() -> tuple[str, ...]:
    """Those that have rules here."""
    return tuple(sorted(file.stem for file in _FILES.glob("*.toml")))


@cache
def rules(country: str) -> Rules:
    """The rules of that country; none for one that has none here."""
    name = country if country in countries() else NO_RULES
    told = tomllib.loads((_FILES / f"{name}.toml").read_text(encoding="utf-8"))
    payment = told.get("payment")
    return Rules(
        tuple(told["required"]),
        Payment(payment["days"], payment["subcontracted"], tuple(payment["stated"])) if payment else None,
        told.get("law", {}),
        told.get("in_force"),
        told.get("checked"),
        tuple(told.get("sources", ())),
    )


def faults(content: Content, rules: Rules, *, public: bool) -> dict[str, str]:
    """By item the key of a sentence of prompts/*/errors.md.j2. `public`: it goes to two people or more, or into a
    channel (art. 12); a post to one named person is no public recruitment, but is paid in time all the same."""
    found = {item: "post_needs" for item in rules.required if public and not content.get(item)}
    return found | (_payment(content, rules.payment) if rules.payment else {})


def _payment(content: Content, payment: Payment) -> dict[str, str]:
    """Whether it is paid in time (art. 4). Without a payment date there is nothing to compare."""
    received, pays = _day(content, "received_on"), _day(content, "pays_on")
    missing = [item for item in payment.stated if content.get("subcontracted") == "yes" and not content.get(item)]
    if pays is None:
        return {}
    if content.get("subcontracted") == "yes" and not missing:
        return _late(pays, payment.latest(received, _day(content, "client_pays_on")), "pays_late_after_client")
    if received is None:
        return {"received_on": "needed_for_payment"}
    late = _late(pays, payment.latest(received), "pays_late")
    return late | dict.fromkeys(missing if late else (), "needed_to_pay_later")


def pays_unchecked(content: Content, rules: Rules) -> bool:
    """Whether the law says by when to pay, and the post says it in words alone, which nothing compares with that."""
    return rules.payment is not None and bool(content.get("payment_rule")) and not content.get("pays_on")


def _late(pays: date, last: date | None, fault: str) -> dict[str, str]:
    return {"pays_on": f"{fault}:{last.isoformat()}"} if last and pays > last else {}


def _day(content: Content, item: str) -> date | None:
    return date.fromisoformat(content[item]) if content.get(item) else None


def changed(before: Content, after: Content) -> list[str]:
    """The items that differ, in the order of the checklist."""
    return [item for item in ITEMS if (before.get(item) or "") != (after.get(item) or "")]
