"""What a company calls its skills: HR says which words mean the same."""

import re
import unicodedata
from dataclasses import dataclass

from bot import texts
from bot.ports import Kind
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import people
from storage import synonyms as words

QUESTIONS = (Question("word", max_length=60), Question("means", max_length=60))
SHOWN = 20
"""Meanings on one page."""
MOST = 1000
"""Spellings that a company may add."""
_SAYS = re.compile(r"\s*=\s*")
_REMOVES = re.compile(r"(?:remove|delete|削除)\s+(.+)|(.+?)\s*(?:を削除)")


@dataclass(frozen=True, slots=True)
class SynonymsView:
    """Each of `meanings` is the words that mean the same."""

    meanings: tuple[str, ...]
    total: int
    page: int
    next: int
    """The page after it, 0 where this is the last."""


def synonyms_view(scene: Scene, page: int) -> SynonymsView:
    """What the company itself has said first; the common table after it."""
    groups: dict[str, set[str]] = {}
    for word, sense in words.known(scene.session).items():
        groups.setdefault(sense, {sense}).add(word)
    own = {*words.own(scene.session)}
    ordered = sorted(groups.values(), key=lambda group: (not group & own, min(group)))
    pages = max(1, -(-len(ordered) // SHOWN))
    page = min(max(page, 1), pages)
    shown = ordered[(page - 1) * SHOWN : page * SHOWN]
    meanings = tuple(" = ".join(sorted(group)) for group in shown)
    return SynonymsView(meanings, len(ordered), page, page + 1 if page < pages else 0)


def synonyms(turn: Turn) -> Answer:
    """The list; with `k8s = Kubernetes` two words mean the same from now on, with `remove k8s` one stands alone."""
    asked = unicodedata.normalize("NFKC", turn.args.get("text", ""))
    removed = _REMOVES.fullmatch(asked)
    if removed:
        return _remove(turn, (removed[1] or removed[2]).strip())
    sides = [side.strip() for side in _SAYS.split(asked)] if "=" in asked else []
    if len(sides) == 2:
        return _add(turn, *sides)
    if asked:
        return Say("synonyms_how", notice=True)
    page = texts.number(turn.args.get("page", "")) or 1
    return Say("synonyms", {"synonyms": min(page, 10_000)}, in_place=turn.inbound.kind is Kind.PRESSED)


def add(turn: Turn) -> Answer:
    return _add(turn, turn.values["word"], turn.values["means"])


def _fits(text: str) -> bool:
    """Folding lengthens some characters."""
    return 0 < len(text) <= 60 and 0 < len(texts.folded(text)) <= 100


def _add(turn: Turn, word: str, means: str) -> Answer:
    typed, same = {"word": word, "means": means}, texts.folded(word) == texts.folded(means)
    if not _fits(word):
        return Ask("synonym.add", filled=typed, errors={"word": "bad_skill_word"})
    if same or not _fits(means):
        return Ask("synonym.add", filled=typed, errors={"means": "same_word" if same else "bad_skill_word"})
    people.hold_company(turn.session)
    if len(words.own(turn.session)) >= MOST:
        return Say("synonyms_full", {"most": MOST}, notice=True)
    words.join(turn.session, texts.folded(word), texts.folded(means))
    return Say("synonym_added", {"word": word, "means": means})


def _remove(turn: Turn, word: str) -> Answer:
    people.hold_company(turn.session)
    parted = words.part(turn.session, texts.folded(word)[:100])
    return Say("synonym_removed", {"word": word, "parted": parted}, notice=True)
