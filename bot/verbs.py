"""The one table of everything a person can ask for."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot import (
    account_page,
    admitting,
    answers,
    boards,
    cases,
    directory,
    dropping,
    eligibility,
    enrolment,
    erasure,
    exports,
    freshness,
    gigs,
    hiding,
    invitations,
    joining,
    leavers,
    merging,
    offboarding,
    picking,
    preferences,
    privacy,
    profiles,
    referrals,
    snoozing,
    synonyms,
    texts,
    welcome,
)
from bot import business_cards as cards_of
from bot.access import MEMBERS, OWNER, STAFF
from bot.cards import FieldKind
from bot.errors import UnknownVerb
from bot.prompts import Question
from bot.turn import Answer, Turn
from bot.visibility import FIELDS, choices
from storage.tables import Role

Parser = Callable[[str], Mapping[str, str]]


def _rest(text: str) -> Mapping[str, str]:
    return {"text": text}


def _name_and_email(text: str) -> Mapping[str, str]:
    """`山田 太郎 taro@example.com`: the word with the @ is the address, the others are the name."""
    words = text.split()
    email = next((word for word in words if "@" in word), "")
    return {"name": " ".join(word for word in words if word != email), "email": email}


@dataclass(frozen=True, slots=True)
class Verb:
    """A thing to ask for. `typed` are the words that say it (none: buttons only), `who` the roles that may (None:
    everybody), `questions` what its form asks; a verb with questions runs once they are answered.

    `asks_first` runs the handler before the form is shown, for forms that start with what is known. `reads` only: it
    changes nothing, so that a power cut may forget that it was asked.
    """

    name: str
    handler: Callable[[Turn], Answer]
    who: frozenset[Role] | None = MEMBERS
    typed: tuple[str, ...] = ()
    parse: Parser = _rest
    questions: tuple[Question, ...] = ()
    asks_first: bool = False
    reads: bool = False


_ANSWER = (Question("text", FieldKind.TEXT, max_length=3000),)

VERBS: tuple[Verb, ...] = (
    Verb("help", welcome.help_, None, ("help", "hi", "hello", "ヘルプ", "こんにちは", "使い方"), reads=True),
    Verb("claim", enrolment.claim, None, ("claim",)),
    Verb("join", enrolment.join, None, ("join", "参加")),
    Verb(
        "join.ask",
        joining.ask,
        None,
        ("join ask", "参加申込"),
        lambda _: {},
        joining.QUESTIONS,
        asks_first=True,
    ),
    Verb("join.withdraw", joining.withdraw, None),
    Verb("join.admit", admitting.admit, STAFF),
    Verb("join.new", admitting.admit_new, STAFF, questions=admitting.NEW, asks_first=True),
    Verb("join.refuse", admitting.refuse, STAFF, questions=admitting.REFUSAL),
    Verb("link", enrolment.link, OWNER, ("link",)),
    Verb(
        "enrol",
        enrolment.enrol,
        STAFF,
        ("enrol", "enroll", "登録"),
        _name_and_email,
        (
            Question("name", max_length=200),
            Question("email", FieldKind.EMAIL, max_length=320),
            Question("role", FieldKind.CHOICE, required=False, max_length=20, choices=("alumnus", "hr")),
            Question("known", FieldKind.CHOICE, required=False, max_length=20, choices=("returns",)),
        ),
    ),
    Verb(
        "offboard",
        offboarding.offboard,
        STAFF,
        ("offboard", "退職手続き"),
        _name_and_email,
        (
            *leavers.QUESTIONS,
            Question("known", FieldKind.CHOICE, required=False, max_length=20, choices=offboarding.KNOWN),
        ),
    ),
    Verb(
        "offboard.withdraw",
        offboarding.withdraw,
        STAFF,
        questions=(Question("reason", FieldKind.CHOICE, max_length=20, choices=offboarding.REASONS),),
    ),
    Verb("invitation.resend", invitations.send_again, STAFF),
    Verb("invitation.code", invitations.hand_over, STAFF),
    Verb("merge", merging.merge, STAFF, ("merge", "統合")),
    Verb("merge.compare", merging.compare, STAFF),
    Verb("merge.keep", merging.keep, STAFF, questions=merging.QUESTIONS, asks_first=True),
    Verb("merge.undo", merging.undo, STAFF),
    Verb("unmerge", merging.recent, STAFF, ("unmerge", "統合の取り消し")),
    Verb("rules", eligibility.edit, OWNER, ("rules", "参加条件"), questions=eligibility.QUESTIONS, asks_first=True),
    Verb("find", directory.find, MEMBERS, ("find", "search", "検索", "探す"), reads=True),
    Verb("find.pick", picking.pick, MEMBERS, reads=True),
    Verb("profile", directory.profile, MEMBERS, ("profile", "プロフィール")),
    Verb(
        "profile.edit",
        profiles.edit,
        MEMBERS,
        ("profile edit", "プロフィール編集"),
        questions=(
            Question("name", max_length=200),
            Question("reading", required=False, max_length=200),
            Question("romaji", required=False, max_length=200),
            Question("former_surname", required=False, max_length=100),
            Question("skills", FieldKind.TEXT, required=False, max_length=2000),
            Question("helps_with", FieldKind.TEXT, required=False, max_length=500),
            Question("looks_for", FieldKind.TEXT, required=False, max_length=500),
        ),
        asks_first=True,
    ),
    Verb(
        "profile.work",
        profiles.edit_work,
        MEMBERS,
        ("profile work", "勤務先"),
        questions=(
            Question("works_at", required=False, max_length=200),
            Question("works_as", required=False, max_length=200),
            Question("city", required=False, max_length=100),
            Question("departments", FieldKind.TEXT, required=False, max_length=2000),
        ),
        asks_first=True,
    ),
    Verb(
        "profile.gigs",
        profiles.edit_wishes,
        MEMBERS,
        ("profile gigs", "仕事の希望"),
        questions=profiles.WISHES,
        asks_first=True,
    ),
    Verb("profile.card", cards_of.show, MEMBERS, ("profile card", "名刺")),
    Verb("profile.skill", profiles.take_skill),
    Verb(
        "profile.visibility",
        profiles.edit_visibility,
        MEMBERS,
        ("profile visibility", "公開範囲"),
        questions=tuple(
            Question(field, FieldKind.CHOICE, required=False, max_length=20, choices=tuple(choices(field)))
            for field in FIELDS
        ),
        asks_first=True,
    ),
    Verb("profile.fresh", freshness.confirm),
    Verb("hide", hiding.hide, MEMBERS, ("hide", "非表示")),
    Verb("unhide", hiding.unhide, MEMBERS, ("unhide", "再表示")),
    Verb(
        "gig.post",
        gigs.post,
        STAFF,
        ("post gig", "仕事を募集", "募集"),
        questions=(
            Question("title", max_length=150),
            Question("work", FieldKind.TEXT, max_length=3000),
            Question("reward", max_length=300),
            Question("place", max_length=300),
            Question("skills", required=False, max_length=gigs.SKILLS_LENGTH),
            Question("deadline", FieldKind.DATE, required=False, max_length=10),
        ),
    ),
    Verb("gigs", boards.board, MEMBERS, ("gigs", "仕事", "募集一覧"), reads=True),
    Verb("gig.show", gigs.show, reads=True),
    Verb("gig.interested", answers.interested),
    Verb("gig.note", answers.note, questions=answers.NOTE, asks_first=True),
    Verb("gig.ask", answers.ask, questions=_ANSWER),
    Verb("gig.refer", referrals.refer, questions=referrals.QUESTIONS),
    Verb("gig.pass", answers.pass_),
    Verb("gig.fill", gigs.fill, STAFF),
    Verb("gig.withdraw", gigs.withdraw, STAFF),
    Verb("gig.resend", gigs.send_again, STAFF),
    Verb("case.answer", cases.answer, STAFF, questions=_ANSWER),
    Verb("synonyms", synonyms.synonyms, STAFF, ("synonyms", "同義語")),
    Verb("synonym.add", synonyms.add, STAFF, questions=synonyms.QUESTIONS),
    Verb("snooze", snoozing.snooze, MEMBERS, ("snooze", "休止")),
    Verb("stop", preferences.stop, MEMBERS, ("stop", "停止", "配信停止")),
    Verb("start", preferences.start, MEMBERS, ("start", "再開", "配信再開")),
    Verb("language", preferences.language, MEMBERS, ("language", "言語")),
    Verb("account", account_page.account, MEMBERS, ("account", "アカウント")),
    Verb("privacy", privacy.show, MEMBERS, ("privacy", "プライバシー")),
    Verb("privacy.consents", privacy.choices),
    Verb("privacy.export", exports.own, MEMBERS, ("export", "データの書き出し")),
    Verb("privacy.erase", erasure.ask),
    Verb("privacy.erase.confirm", erasure.confirm),
    Verb("erase", erasure.ask_for, OWNER, ("erase", "削除")),
    Verb("audit", exports.log, OWNER, ("audit", "監査")),
    Verb("consent.withdraw", privacy.withdraw),
    Verb("consent.give", privacy.give),
    Verb("invitation", offboarding.show, STAFF, ("invitation", "招待状況")),
    Verb("file.drop", dropping.drop, STAFF),
    Verb("file.import", dropping.import_, STAFF),
    Verb("file.cancel", dropping.cancel, STAFF),
    Verb("cancel", welcome.cancel, None),
    Verb("home", welcome.home, None, reads=True),
    Verb("arrived", welcome.arrived, None),
)

SLASH_COMMANDS: Mapping[str, str] = {"/alumni": "", "/profile": "profile", "/gigs": "gigs"}
"""Slack's slash commands, and the words that each stands for."""

_BY_NAME = {verb.name: verb for verb in VERBS}
_BY_WORDS = {texts.folded(words): verb for verb in VERBS for words in verb.typed}
_LONGEST = max(len(words.split()) for words in _BY_WORDS)


def named(name: str) -> Verb:
    """The verb of that name; UnknownVerb otherwise."""
    verb = find(name)
    if verb is None:
        raise UnknownVerb(name)
    return verb


def find(name: str) -> Verb | None:
    """The verb that a button says; None for one of an older version, or a forged one."""
    return _BY_NAME.get(name)


def spoken(text: str) -> tuple[Verb, str] | None:
    """The verb that a typed text starts with, and the rest of the text as it was typed."""
    words = unicodedata.normalize("NFKC", text).split()
    for count in range(min(_LONGEST, len(words)), 0, -1):
        verb = _BY_WORDS.get(texts.folded(" ".join(words[:count])))
        if verb is not None:
            return verb, _after(text, count)
    return None


def _after(text: str, words: int) -> str:
    rest = text.split(None, words)
    return rest[words].strip() if len(rest) > words else ""
