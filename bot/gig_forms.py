"""The forms of a post: what each asks, and what it starts with."""

import unicodedata
from collections.abc import Sequence

from bot import audiences, channels, conditions, gigs, lint, queries, texts, versions
from bot.cards import FieldKind
from bot.prompts import Question
from bot.turn import Turn
from storage.db import CompanySession
from storage.tables import Gig

SKILLS_LENGTH = 500
"""Characters, as they are stored: with their separators."""
MOST_PLACES = 999
NOW, PREVIEW = "publish", "preview"
THEN = (NOW, PREVIEW, "terms", "audience")
"""What comes after the first form."""
WORK = (
    Question("title", max_length=150),
    Question("work", FieldKind.TEXT, max_length=3000),
    Question("reward", max_length=300),
    Question("place", max_length=300),
    Question("skills", required=False, max_length=SKILLS_LENGTH),
    Question("period", required=False, max_length=300),
    Question("hours", required=False, max_length=300),
    Question("places", required=False, max_length=4),
    Question("deadline", FieldKind.DATE, required=False, max_length=10),
    Question("then", FieldKind.CHOICE, required=False, max_length=20, choices=THEN),
)
TERMS = (
    Question("legal_name", required=False, max_length=200),
    Question("legal_address", required=False, max_length=300),
    Question("contact", required=False, max_length=300),
    Question("tax", FieldKind.CHOICE, required=False, max_length=20, choices=lint.CHOICES["tax"]),
    Question("expenses", required=False, max_length=300),
    Question("received_on", FieldKind.DATE, required=False, max_length=10),
    Question("pays_on", FieldKind.DATE, required=False, max_length=10),
    Question("payment_rule", required=False, max_length=300),
    Question("inspection", required=False, max_length=300),
    Question("ip", FieldKind.TEXT, required=False, max_length=500),
    Question("renewal", FieldKind.TEXT, required=False, max_length=500),
    Question("subcontracted", FieldKind.CHOICE, required=False, max_length=20, choices=lint.CHOICES["subcontracted"]),
    Question("client_name", required=False, max_length=200),
    Question("client_pays_on", FieldKind.DATE, required=False, max_length=10),
)
AUDIENCE = (
    Question("match", FieldKind.CHOICE, required=False, max_length=20, choices=(audiences.ANY, audiences.ALL)),
    Question("cities", required=False, max_length=audiences.LONGEST),
    Question("joined_from", required=False, max_length=5),
    Question("joined_to", required=False, max_length=5),
    Question("departments", required=False, max_length=audiences.LONGEST),
    Question("named", required=False, max_length=queries.LONGEST),
    Question(
        "channel",
        FieldKind.CHOICE,
        required=False,
        max_length=20,
        choices=(channels.EVERY, channels.NONE),
        further=True,
    ),
    conditions.THEN,
)
SCHEDULE = (Question("day", FieldKind.DATE, max_length=10), Question("time", max_length=5))
DEFAULTS = tuple(question for question in TERMS if question.name in lint.DEFAULTED)
FAULTS = frozenset(
    {
        *("post_needs", "needed_for_payment", "needed_to_pay_later", "pays_late", "pays_late_after_client"),
        *("day_is_past", "reaches_nobody", "not_joined_year", "years_turned", "no_channel", "nobody_named"),
    }
)
"""Sentences of prompts/*/errors.md.j2 for what may be wrong with a post."""
STEPS = {"gig.post": WORK, "gig.terms": TERMS}


def filled(turn: Turn, gig: Gig | None, asked: Sequence[Question]) -> dict[str, str]:
    """What the form starts with: what is known, or for a new gig what was typed behind the verb."""
    known = versions.content_of(gig) if gig else {name: text for name, text in turn.args.items() if name != "text"}
    return {question.name: known.get(question.name, "") for question in asked}


def carried(gig: Gig | None, turn: Turn | None = None) -> dict[str, str]:
    if gig is None:
        return {}
    then = {"then": PREVIEW} if turn is not None and turn.args.get("then") == PREVIEW else {}
    return {"draft": str(gig.id), "was": versions.mark(gig), **then}


def places_in(typed: str) -> int | None:
    number = texts.number(unicodedata.normalize("NFKC", typed).strip().removesuffix("名").removesuffix("人").strip())
    return number if number is not None and 0 < number <= MOST_PLACES else None


def filled_audience(session: CompanySession, gig: Gig) -> dict[str, str]:
    segment = audiences.of(gig)
    return {
        **audiences.filled(segment),
        "then": conditions.then(segment),
        "named": gigs.name_of(session, gig.named_id),
        "channel": channels.answer_for(session, gig.channels),
    }
