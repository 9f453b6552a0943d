"""What a person chose about being written to."""

from bot.prompts import LOCALES
from bot.turn import Answer, Say, Turn
from storage import ledger


def stop(turn: Turn) -> Answer:
    """From now on only answers, nothing that was not asked for."""
    if turn.member.opted_out_at is None:
        turn.own_row().opted_out_at = turn.now
    row = ledger.by_ref(turn.session, turn.inbound.pressed) if turn.inbound.pressed else None
    if row is not None and row.subject:
        ledger.mark_stale(turn.session, row.subject, turn.now, person_id=turn.member.id)
    return Say("stopped")


def start(turn: Turn) -> Answer:
    """Everything again: what was stopped, and what only took a break."""
    person = turn.own_row()
    person.opted_out_at = person.snoozed_until = None
    return Say("started")


_NAMES = {"ja": "ja", "japanese": "ja", "日本語": "ja", "en": "en", "english": "en", "英語": "en"}


def language(turn: Turn) -> Answer:
    choice = _NAMES.get(turn.args.get("text", "").strip().casefold())
    if choice not in LOCALES:
        return Say("language_which", notice=True)
    turn.own_row().locale = choice
    return Say("language_set", locale=choice)
