"""The one table of everything a person can ask for."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot import (
    account_page,
    admitting,
    answers,
    attendance,
    boards,
    broadcast_templates,
    broadcasts,
    calendar_feeds,
    case_lists,
    case_work,
    cases,
    channels,
    commissioning,
    commissions,
    conditions,
    desks,
    digest_times,
    digests,
    directory,
    drafts,
    dropping,
    eligibility,
    enrolment,
    erasure,
    event_forms,
    event_lists,
    events,
    exports,
    feedback,
    freshness,
    gig_forms,
    gigs,
    hiding,
    inquiries,
    invitations,
    joining,
    leavers,
    making_cases,
    merging,
    news,
    offboarding,
    picking,
    posting,
    preferences,
    previews,
    privacy,
    profiles,
    publishing,
    quiet,
    reaching,
    receptions,
    referrals,
    reminder_choices,
    reopening,
    result_files,
    reunion_forms,
    reunions,
    rsvps,
    saved_segments,
    signing,
    snoozing,
    survey_cards,
    survey_forms,
    surveys,
    synonyms,
    texts,
    trials,
    welcome,
)
from bot import business_cards as cards_of
from bot.access import MEMBERS, OWNER, STAFF
from bot.cards import FieldKind
from bot.errors import UnknownVerb
from bot.prompts import Question
from bot.turn import Answer, Turn
from bot.visibility import FIELDS, choices
from storage.db import CompanySession
from storage.people import Member
from storage.tables import Role

Parser = Callable[[str], Mapping[str, str]]
Asks = Callable[[CompanySession, Mapping[str, str], Member | None], Sequence[Question]]


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
    changes nothing, so that a power cut may forget that it was asked. `asks` finds the questions where they are stored,
    and none where the reader is not to answer them.
    """

    name: str
    handler: Callable[[Turn], Answer]
    who: frozenset[Role] | None = MEMBERS
    typed: tuple[str, ...] = ()
    parse: Parser = _rest
    questions: tuple[Question, ...] = ()
    asks_first: bool = False
    reads: bool = False
    asks: Asks | None = None

    def asked(self, session: CompanySession, args: Mapping[str, str], reader: Member | None) -> Sequence[Question]:
        """What its form asks that reader."""
        return self.asks(session, args, reader) if self.asks else self.questions


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
        posting.post,
        STAFF,
        ("post gig", "仕事を募集", "募集"),
        questions=gig_forms.WORK,
        asks_first=True,
    ),
    Verb("gig.terms", posting.terms, STAFF, questions=gig_forms.TERMS, asks_first=True),
    Verb("gig.audience", reaching.audience, STAFF, questions=gig_forms.AUDIENCE, asks_first=True),
    Verb("gig.conditions", reaching.narrow, STAFF, questions=conditions.GIG, asks_first=True),
    Verb("gig.schedule", publishing.schedule, STAFF, questions=gig_forms.SCHEDULE, asks_first=True),
    Verb("gig.unschedule", publishing.unschedule, STAFF),
    Verb("gig.publish", publishing.publish, STAFF),
    Verb("gig.discard", publishing.discard, STAFF),
    Verb("gig.drafts", drafts.drafts, STAFF, ("drafts", "下書き"), reads=True),
    Verb("gig.test", trials.send, STAFF),
    Verb("gig.tested", trials.pressed, STAFF),
    Verb("gig.channel", channels.channel, STAFF, ("gig channel", "募集チャンネル")),
    Verb("gig.channel.remove", channels.remove, STAFF),
    Verb(
        "gig.defaults",
        posting.defaults,
        OWNER,
        ("gig defaults", "募集の既定"),
        questions=gig_forms.DEFAULTS,
        asks_first=True,
    ),
    Verb("gigs", boards.board, MEMBERS, ("gigs", "仕事", "募集一覧"), reads=True),
    Verb("gig.show", gigs.show, reads=True),
    Verb("gig.preview", previews.preview, reads=True),
    Verb("gig.interested", answers.interested),
    Verb("gig.note", answers.note, questions=answers.NOTE, asks_first=True),
    Verb("gig.ask", answers.ask, questions=_ANSWER),
    Verb("gig.refer", referrals.refer, questions=referrals.QUESTIONS),
    Verb("gig.pass", answers.pass_),
    Verb("gig.filling", gigs.ask_filled, STAFF, reads=True),
    Verb("gig.fill", gigs.fill, STAFF),
    Verb("gig.reopen", reopening.reopen, STAFF),
    Verb("gig.withdraw", gigs.withdraw, STAFF),
    Verb("gig.resend", gigs.send_again, STAFF),
    Verb("events", event_lists.list_, MEMBERS, ("events", "イベント", "イベント一覧"), reads=True),
    Verb("event.show", events.show, reads=True),
    Verb(
        "event.create",
        event_forms.create,
        MEMBERS,
        ("create event", "イベント作成", "イベントを作成"),
        questions=event_forms.BASICS,
        asks_first=True,
    ),
    Verb("event.options", event_forms.options, questions=event_forms.OPTIONS, asks_first=True),
    Verb("event.audience", event_forms.audience, questions=event_forms.AUDIENCE, asks_first=True),
    Verb("event.conditions", event_forms.narrow, questions=conditions.EVENT, asks_first=True),
    Verb("event.publish", event_forms.publish),
    Verb("event.discard", event_forms.discard),
    Verb("event.cancel", events.cancel, questions=events.CANCELLING, asks_first=True),
    Verb("event.resend", events.send_again),
    Verb("event.going", rsvps.going),
    Verb("event.join", rsvps.join, questions=rsvps.JOINING, asks_first=True),
    Verb("event.confirm", rsvps.confirm),
    Verb("event.maybe", rsvps.maybe),
    Verb("event.no", rsvps.no),
    Verb("event.reception", receptions.show),
    Verb("event.reception.end", receptions.end_links),
    Verb("event.attendance", attendance.show),
    Verb("event.feedback", feedback.give, questions=feedback.QUESTIONS, asks_first=True),
    Verb("event.results", feedback.results),
    Verb(
        "reunion",
        reunion_forms.write,
        MEMBERS,
        ("reunion", "同期会", "同窓会"),
        questions=reunion_forms.PROPOSAL,
        asks_first=True,
    ),
    Verb("reunion.open", reunion_forms.open_),
    Verb("reunion.discard", reunion_forms.discard),
    Verb("reunion.close", reunion_forms.close),
    Verb("reunion.extend", reunion_forms.extend, questions=reunion_forms.EXTENSION, asks_first=True),
    Verb("reunion.choose", reunion_forms.choose, asks=reunion_forms.offers, asks_first=True),
    Verb("reunion.organise", reunion_forms.organise),
    Verb("reunion.drop", reunion_forms.drop),
    Verb("reunion.view", reunions.show, reads=True),
    Verb("reunion.answer", reunions.answer, asks=reunions.asked, asks_first=True),
    Verb("reunion.decline", reunions.decline),
    Verb("event.host", event_forms.allow, STAFF, ("host", "幹事")),
    Verb("event.unhost", event_forms.disallow, STAFF, ("unhost", "幹事解除")),
    Verb(
        "broadcast",
        broadcasts.write,
        STAFF,
        ("broadcast", "一斉配信"),
        lambda _: {},
        broadcasts.FORM,
        asks_first=True,
    ),
    Verb("broadcast.audience", broadcasts.audience, STAFF, questions=broadcasts.AUDIENCE, asks_first=True),
    Verb("broadcast.conditions", broadcasts.narrow, STAFF, questions=saved_segments.FURTHER, asks_first=True),
    Verb("broadcast.schedule", broadcasts.schedule, STAFF, questions=broadcasts.SCHEDULE, asks_first=True),
    Verb("broadcast.test", broadcasts.test, STAFF),
    Verb("broadcast.send", broadcasts.send, STAFF),
    Verb("broadcast.approve", broadcasts.approve, STAFF),
    Verb("broadcast.back", broadcasts.back, STAFF),
    Verb("broadcast.discard", broadcasts.discard, STAFF),
    Verb("broadcast.cancel", broadcasts.cancel, STAFF),
    Verb("broadcast.resend", broadcasts.resend, STAFF),
    Verb("broadcast.duplicate", broadcasts.duplicate, STAFF),
    Verb("broadcast.export", result_files.of_broadcast, STAFF),
    Verb("broadcast.template", broadcasts.keep, STAFF, questions=broadcast_templates.QUESTIONS, asks_first=True),
    Verb("broadcast.show", broadcasts.show, STAFF, reads=True),
    Verb("broadcasts", broadcasts.list_, STAFF, ("broadcasts", "配信一覧"), reads=True),
    Verb("templates", broadcast_templates.list_, STAFF, ("templates", "配信テンプレート"), reads=True),
    Verb("template.show", broadcast_templates.show, STAFF, reads=True),
    Verb("template.remove", broadcast_templates.remove, STAFF),
    Verb("segments", saved_segments.list_, STAFF, ("segments", "配信対象"), reads=True),
    Verb("segment.show", saved_segments.show, STAFF, reads=True),
    Verb("segment.remove", saved_segments.remove, STAFF),
    Verb("broadcast.approval", broadcasts.approval, OWNER, ("broadcast approval", "配信の承認")),
    Verb(
        "survey",
        survey_forms.write,
        STAFF,
        ("survey", "アンケート", "アンケート作成"),
        lambda _: {},
        survey_forms.BASICS,
        asks_first=True,
    ),
    Verb("survey.questions", survey_forms.questions, STAFF, questions=survey_forms.QUESTIONS, asks_first=True),
    Verb("survey.audience", survey_forms.audience, STAFF, questions=broadcasts.AUDIENCE, asks_first=True),
    Verb("survey.conditions", survey_forms.narrow, STAFF, questions=saved_segments.FURTHER, asks_first=True),
    Verb("survey.open", survey_forms.open_, STAFF),
    Verb("survey.discard", survey_forms.discard, STAFF),
    Verb("survey.remind", survey_forms.remind, STAFF),
    Verb("survey.close", survey_forms.close, STAFF),
    Verb("survey.export", result_files.of_survey, STAFF),
    Verb("survey.show", survey_cards.show, STAFF, reads=True),
    Verb("surveys", survey_cards.list_, STAFF, ("surveys", "アンケート一覧"), reads=True),
    Verb("survey.answer", surveys.answer, asks=surveys.asked, asks_first=True),
    Verb("survey.view", surveys.show, reads=True),
    Verb("news.show", news.show, reads=True),
    Verb("news.read", news.read),
    Verb("cases", case_lists.list_, STAFF, ("cases", "ケース", "やりとり")),
    Verb("case.make", making_cases.make),
    Verb("case.answer", cases.answer, STAFF, questions=_ANSWER),
    Verb("case.note", case_work.note, STAFF, questions=_ANSWER),
    Verb("case.take", case_work.take, STAFF),
    Verb("case.assign", case_work.assign, STAFF),
    Verb("case.hand_over", case_work.hand_over, STAFF),
    Verb("case.snooze", case_work.snooze, STAFF),
    Verb("case.close", case_work.close, STAFF),
    Verb("case.reopen", case_work.reopen, STAFF),
    Verb("case.resend", case_work.send_again, STAFF),
    Verb("case.show", case_work.show, STAFF),
    Verb("case.more", case_work.more, STAFF, reads=True),
    Verb("case.whom", case_work.choose_whom, STAFF, reads=True),
    Verb("case.where", case_work.choose_where, STAFF, reads=True),
    Verb("case.reply", cases.reply, questions=_ANSWER),
    Verb("ask", inquiries.ask, MEMBERS, ("ask", "相談", "質問"), questions=_ANSWER),
    Verb("ask.send", inquiries.send),
    Verb("desk", desks.list_, STAFF, ("desk", "desks", "窓口"), reads=True),
    Verb("desk.add", desks.add, STAFF, ("desk add", "窓口追加")),
    Verb("desk.edit", desks.edit, STAFF, ("desk edit", "窓口設定"), questions=desks.QUESTIONS, asks_first=True),
    Verb("desk.remove", desks.remove, STAFF, ("desk remove", "窓口削除")),
    Verb("sign", signing.sign, STAFF, ("sign", "署名")),
    Verb("gig.choose", commissioning.choose, STAFF, questions=commissioning.QUESTIONS, asks_first=True),
    Verb("commission.supplement", commissioning.supplement, STAFF, questions=commissioning.SUPPLEMENT, asks_first=True),
    Verb("commission.received", commissions.received),
    Verb("commission.paper", commissions.paper),
    Verb("commission.paper.sent", commissions.paper_sent, STAFF),
    Verb("commission.resend", commissions.send_again, STAFF),
    Verb("commissions", commissions.list_, MEMBERS, ("commissions", "発注一覧", "受注一覧")),
    Verb("commission.show", commissions.show),
    Verb("synonyms", synonyms.synonyms, STAFF, ("synonyms", "同義語")),
    Verb("synonym.add", synonyms.add, STAFF, questions=synonyms.QUESTIONS),
    Verb("snooze", snoozing.snooze, MEMBERS, ("snooze", "休止")),
    Verb("calendar", calendar_feeds.calendar, MEMBERS, ("calendar", "カレンダー")),
    Verb("quiet", quiet.quiet, MEMBERS, ("quiet", "静かな時間")),
    Verb("event.reminders", reminder_choices.choose),
    Verb("event.mute", reminder_choices.mute),
    Verb("event.reminders.all", reminder_choices.choose_for_all),
    Verb("stop", preferences.stop, MEMBERS, ("stop", "停止", "配信停止")),
    Verb("start", preferences.start, MEMBERS, ("start", "再開", "配信再開")),
    Verb("preferences", preferences.show, MEMBERS, ("preferences", "お知らせ設定", "配信設定")),
    Verb("preferences.set", preferences.choose),
    Verb("digest.page", digests.page, reads=True),
    Verb(
        "digest.time",
        digest_times.edit,
        OWNER,
        ("digest time", "まとめの日時"),
        questions=digest_times.QUESTIONS,
        asks_first=True,
    ),
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

SLASH_COMMANDS: Mapping[str, str] = {"/alumni": "", "/profile": "profile", "/gigs": "gigs", "/events": "events"}
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
