"""What a person chose about being written to: everything or nothing; of each topic at once, in a digest or never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import digest_times, texts
from bot.prompts import LOCALES, phrase
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import ledger, people, topics
from storage.ledger import DeliveryRow
from storage.tables import Cadence, Person, Topic


@dataclass(frozen=True, slots=True)
class TopicView:
    topic: str
    cadence: str


@dataclass(frozen=True, slots=True)
class PreferencesView:
    """`topic` is the one that is being changed, or has just been; empty for none."""

    topics: tuple[TopicView, ...]
    stopped: bool
    snoozed_until: datetime | None
    digest_at: datetime
    """When the next digest leaves."""
    topic: str
    cadence: str


def preferences_view(scene: Scene, asked: Mapping[str, Any]) -> PreferencesView:
    """The reader's own. Raises LookupError for a desk and for strangers."""
    person = scene.session.get(Person, scene.reader.id) if scene.reader else None
    if person is None:
        raise LookupError("these are somebody's own")
    cadences = topics.chosen(person.receives)
    chosen = _topic(asked["topic"])
    until = person.snoozed_until
    return PreferencesView(
        tuple(TopicView(topic, how) for topic, how in cadences.items()),
        person.opted_out_at is not None,
        until if until is not None and until > scene.now else None,
        digest_times.next_at(scene.session, scene.now),
        chosen or "",
        cadences[chosen] if chosen else "",
    )


def in_words(receives: str, locale: str) -> str:
    """What somebody chose, where that is not at once."""
    said = [(topic, how) for topic, how in topics.chosen(receives).items() if how is not Cadence.AT_ONCE]
    pairs = (f"{phrase('topics', locale, topic)}: {phrase('cadences', locale, how)}" for topic, how in said)
    return texts.joined(pairs, locale)


def show(turn: Turn) -> Answer:
    """`preferences`, or `preferences gigs digest`; a button with a topic asks how that one is to come."""
    words = texts.folded(turn.args.get("text", "")).split()
    topic = _topic(turn.args.get("topic", "")) or next((_TOPICS[word] for word in words if word in _TOPICS), None)
    how = next((_CADENCES[word] for word in words if word in _CADENCES), None)
    if topic is not None and how is not None:
        _keep(turn, topic, how)
    return _shown(turn, topic)


def choose(turn: Turn) -> Answer:
    """A button. What is on its way asks again when it leaves; the message that was pressed says so from then on."""
    topic, how = _topic(turn.args.get("topic", "")), turn.args.get("cadence", "")
    if topic is None or how not in list(Cadence):
        return Say("button_old", notice=True)
    _keep(turn, topic, Cadence(how))
    pressed = _pressed(turn)
    if pressed is not None and pressed.subject:
        ledger.mark_stale(turn.session, pressed.subject, turn.now, person_id=turn.member.id)
    return _shown(turn, topic)


def _shown(turn: Turn, topic: Topic | None) -> Say:
    """In the place of such a card, where that was pressed."""
    pressed = _pressed(turn)
    turned = pressed is not None and pressed.template == "preferences"
    return Say("preferences", {"preferences": {"topic": topic or ""}}, in_place=turned)


def _keep(turn: Turn, topic: Topic, how: Cadence) -> None:
    """Of two words at once neither is lost."""
    person = people.held(turn.session, turn.member.id)
    if person is not None:
        person.receives = topics.stored({**topics.chosen(person.receives), topic: how})
        turn.session.add(person)
        turn.session.flush()


def _pressed(turn: Turn) -> DeliveryRow | None:
    return ledger.by_ref(turn.session, turn.inbound.pressed) if turn.inbound.pressed else None


def _topic(word: str) -> Topic | None:
    return Topic(word) if word in list(Topic) else None


_TOPICS: Mapping[str, Topic] = {
    texts.folded(word): topic
    for topic, words in {
        Topic.GIGS: ("gigs", "gig", "仕事", "お仕事"),
        Topic.EVENTS: ("events", "event", "イベント"),
        Topic.NEWS: ("news", "ニュース"),
        Topic.INTRODUCTIONS: ("introductions", "introduction", "紹介", "ご紹介"),
        Topic.SURVEYS: ("surveys", "survey", "アンケート"),
    }.items()
    for word in words
}
_CADENCES: Mapping[str, Cadence] = {
    texts.folded(word): how
    for how, words in {
        Cadence.AT_ONCE: ("once", "now", "on", "そのつど", "すぐに"),
        Cadence.DIGEST: ("digest", "weekly", "まとめて"),
        Cadence.NEVER: ("never", "off", "停止", "受け取らない"),
    }.items()
    for word in words
}


def stop(turn: Turn) -> Answer:
    """From now on only answers, nothing that was not asked for."""
    if turn.member.opted_out_at is None:
        turn.own_row().opted_out_at = turn.now
    row = _pressed(turn)
    if row is not None and row.subject:
        ledger.mark_stale(turn.session, row.subject, turn.now, person_id=turn.member.id)
    return Say("stopped")


def start(turn: Turn) -> Answer:
    """Everything again: what was stopped, and what only took a break. What was said of a topic stays."""
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
