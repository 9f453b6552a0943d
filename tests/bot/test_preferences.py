"""What people choose of each topic: the words and buttons for it, and that it counts when people are chosen and when a
message leaves."""

import pytest

from bot import delivery, unasked
from bot.cards import Card
from bot.prompts import LOCALES
from storage import ledger, people, topics
from storage.db import Database
from storage.tables import Cadence, Topic
from tests.bot.core import ALUMNA, NOW, OWNER, Core, going_to, wanting
from tests.bot.test_digests import draft
from tests.golden.samples import ALUMNUS, MESSAGES


def receives(core: Core, person: int = ALUMNA) -> str:
    found = core.person(id=person)
    assert found is not None
    return found.receives


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ("preferences gigs digest", "gigs:digest"),
        ("お知らせ設定 お仕事 まとめて", "gigs:digest"),
        ("配信設定 ニュース 停止", "news:never"),
        ("PREFERENCES Ｎｅｗｓ off", "news:never"),
        ("preferences", ""),
        ("preferences gigs", ""),
        ("preferences never", ""),
        ("preferences <!channel> digest", ""),
    ],
)
def test_what_was_typed_is_kept(database: Database, words: str, stored: str) -> None:
    core = Core(database).settle()
    shown = core.say(words, by=ALUMNA).content
    assert isinstance(shown, Card) and any(action.verb.startswith("preferences") for action in shown.actions)
    assert receives(core) == stored


def test_buttons_change_one_topic_and_no_other(database: Database) -> None:
    core = Core(database).settle()
    for topic, how in (("gigs", "never"), ("news", "digest"), ("gigs", "at_once"), ("events", "never")):
        core.send("preferences.set", args={"topic": topic, "cadence": how}, by=ALUMNA)
    assert receives(core) == "events:never news:digest"
    assert receives(core, OWNER) == ""
    for wrong in ({"topic": "gigs"}, {"topic": "x", "cadence": "never"}, {"topic": "gigs", "cadence": "often"}, {}):
        assert core.send("preferences.set", args=wrong, by=ALUMNA).notice
    assert receives(core) == "events:never news:digest"


def test_the_topic_is_asked_when_people_are_chosen_and_when_it_leaves(database: Database) -> None:
    core = Core(database).settle()
    with database.company(1) as session:
        ledger.enqueue(session, [draft(1)], NOW)
        assert going_to(session, wanting(), NOW) == [ALUMNA]
    core.say("preferences gigs digest", by=ALUMNA)
    with database.company(1) as session:
        assert going_to(session, wanting(), NOW) == [ALUMNA]
    core.say("preferences gigs never", by=ALUMNA)
    with database.installation() as session:
        [row] = ledger.claim_sends(session, NOW, 1)
    with database.company(1) as session:
        assert going_to(session, wanting(), NOW) == []
        reader = people.members(session, [ALUMNA])[ALUMNA]
        assert delivery.why_not(session, row, reader, NOW) == "topic_stopped"
        assert delivery.why_not(session, row._replace(unasked=False), reader, NOW) == ""
    core.say("preferences gigs once", by=ALUMNA)
    with database.company(1) as session:
        reader = people.members(session, [ALUMNA])[ALUMNA]
        assert delivery.why_not(session, row, reader, NOW) == ""


def test_starting_again_keeps_what_was_said_of_topics(database: Database) -> None:
    core = Core(database).settle()
    for words in ("preferences news never", "stop", "start"):
        core.say(words, by=ALUMNA)
    assert receives(core) == "news:never"


def test_of_two_who_are_one_the_stricter_word_counts() -> None:
    assert topics.strictest("gigs:digest news:never", "gigs:never events:digest") == (
        "events:digest gigs:never news:never"
    )
    assert topics.strictest("", "") == ""


def test_what_is_not_understood_comes_at_once() -> None:
    assert set(topics.chosen("gigs:hourly tea:never").values()) == {Cadence.AT_ONCE}
    everything = dict.fromkeys(Topic, Cadence.DIGEST)
    stored = topics.stored(everything)
    assert topics.chosen(stored) == everything
    assert len(stored) <= 200


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", [name for name in unasked.TOPICS if not name.startswith("invitation")])
def test_each_unasked_message_has_a_way_out_in_one_tap(template: str, locale: str) -> None:
    topic = unasked.TOPICS[template]
    sample = next(each for each in MESSAGES if each.template == template and each.reader == ALUMNUS)
    out = [
        action
        for action in sample.card(locale).actions
        if action.verb in ("stop", "event.mute") or action.args == {"topic": topic, "cadence": "never"}
    ]
    assert len(out) == 1
