"""From an answer, or a row of the ledger, to the words: loads what its arguments name and renders for one reader."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import orjson

from bot import (
    account_page,
    addresses,
    admitting,
    attendance,
    boards,
    broadcast_templates,
    broadcasts,
    business_cards,
    calendar_feeds,
    case_cards,
    case_lists,
    case_views,
    clicks,
    commissions,
    desks,
    digests,
    directory,
    drafts,
    dropping,
    eligibility,
    erasure,
    event_forms,
    event_lists,
    event_versions,
    events,
    exports,
    feedback,
    freshness,
    gigs,
    hiding,
    inquiries,
    invitations,
    joining,
    merging,
    news,
    notices,
    offboarding,
    preferences,
    previews,
    privacy,
    promises,
    prompts,
    receptions,
    referrals,
    reminder_choices,
    result_files,
    reunion_cards,
    reunions,
    saved_segments,
    subjects,
    survey_cards,
    surveys,
    synonyms,
    trials,
    verbs,
    versions,
)
from bot.cards import Content
from bot.scene import ReaderView, Scene
from bot.turn import Ask, Say

_FORM = "form:"

_VIEWS: Mapping[str, Callable[[Scene, Any], Any]] = {
    "gig": gigs.gig_view,
    "preview": previews.preview_view,
    "trial": trials.trial_view,
    "draft": drafts.draft_view,
    "drafts": drafts.drafts_view,
    "change": versions.change_view,
    "event": events.event_view,
    "event_draft": event_forms.draft_view,
    "event_change": event_versions.change_view,
    "events": event_lists.events_view,
    "reception": receptions.reception_view,
    "attendance": attendance.attendance_view,
    "thanks": feedback.thanks_view,
    "results": feedback.results_view,
    "case": case_views.case_view,
    "cases": case_lists.cases_view,
    "case_assignees": case_views.whom_view,
    "case_desks": case_views.where_view,
    "meanwhile": case_views.meanwhile_view,
    "answer": case_views.answer_view,
    "asked": case_views.asked_view,
    "promise": promises.promise_view,
    "offer": inquiries.offer_view,
    "desk": desks.desk_view,
    "desks": desks.desks_view,
    "commission": commissions.commission_view,
    "commissions": commissions.commissions_view,
    "notice": notices.notice_view,
    "board": boards.board_view,
    "referral": referrals.referral_view,
    "broadcast": broadcasts.broadcast_view,
    "broadcasts": broadcasts.broadcasts_view,
    "templates": broadcast_templates.templates_view,
    "template": broadcast_templates.template_view,
    "segments": saved_segments.segments_view,
    "segment": saved_segments.segment_view,
    "saved": saved_segments.offered_view,
    "news": news.news_view,
    "survey": surveys.survey_view,
    "survey_card": survey_cards.card_view,
    "surveys": survey_cards.surveys_view,
    "result": result_files.result_view,
    "reunion": reunions.reunion_view,
    "reunion_card": reunion_cards.card_view,
    "preferences": preferences.preferences_view,
    "digest": digests.digest_view,
    "synonyms": synonyms.synonyms_view,
    "person": directory.person_view,
    "card_of": business_cards.card_view,
    "found": directory.found_view,
    "hidden_from": hiding.hidden_view,
    "whom": hiding.whom_view,
    "still": freshness.still_view,
    "invitation": invitations.invitation_view,
    "invited": invitations.invited_view,
    "opening": offboarding.opening_view,
    "expired": offboarding.expired_view,
    "new_address": addresses.new_address_view,
    "account_page": account_page.link_view,
    "way_in": joining.way_in_view,
    "joining": admitting.joining_view,
    "privacy": privacy.privacy_view,
    "erasing": erasure.erasing_view,
    "likely": erasure.likely_view,
    "rules": eligibility.rules_view,
    "pair": merging.pair_view,
    "pairs": merging.proposals_view,
    "merger": merging.merged_view,
    "mergers": merging.mergers_view,
    "receipt": erasure.receipt_view,
    "export": exports.export_view,
    "audit": exports.audit_view,
    "people_file": dropping.file_view,
    "feed": calendar_feeds.feed_view,
    "reminder": reminder_choices.reminder_view,
    "reminding": reminder_choices.choices_view,
    "missed": reminder_choices.missed_view,
}
"""Arguments that stand for something stored; a template sees the view, other arguments as they are."""


_CALLED: Mapping[str, str] = {"trial": "gig"}
"""What a template calls a view, where that is not the argument's name."""

_SHOWN_IN_FORMS = frozenset(
    {"pair", "meanwhile", "open", "draft", "event", "more", "survey", "saved", "reunion", "reunion_card"}
)
"""What a form carries along that its words are made of too."""


_SUBJECTS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "gig_offer": ("gig", subjects.gig),
    "gig_referred": ("gig", subjects.gig),
    "gig_desk": ("gig", subjects.gig_desk),
    "gig_filling": ("gig", subjects.gig_desk),
    "gig_draft": ("draft", subjects.gig_draft),
    "news": ("news", subjects.broadcast),
    "broadcast_card": ("broadcast", lambda number: subjects.desk_of(subjects.broadcast(number))),
    "survey_offer": ("survey", subjects.survey),
    "survey_reminder": ("survey", subjects.survey_reminder),
    "survey_card": ("survey_card", lambda number: subjects.desk_of(subjects.survey(number))),
    "event_offer": ("event", subjects.event),
    "event_moved_up": ("event", subjects.event),
    "event_desk": ("event", subjects.event_desk),
    "reunion_offer": ("reunion", subjects.reunion),
    "reunion_card": ("reunion_card", lambda number: subjects.desk_of(subjects.reunion(number))),
    "event_draft": ("event_draft", subjects.event_draft),
    "case_desk": ("case", case_cards.subject_of),
    "commission_desk": ("commission", subjects.commission),
    "commission_due": ("commission", subjects.commission),
    "terms_notice": ("notice", lambda notice: subjects.notice(notice["commission"])),
    "enrolled": ("invitation", subjects.invitation),
    "invited": ("invited", subjects.invitation_desk),
    "way_in": ("way_in", subjects.way_in),
    "join_request": ("joining", subjects.joining),
    "merged": ("merger", subjects.merger),
    "people_file": ("people_file", subjects.people_file),
}
"""Messages that show a row which changes: wherever they were asked for, their copies are kept up to date, or what was
not sent yet is withdrawn."""


def subject_of(template: str, args: Mapping[str, Any]) -> str | None:
    """What a message is about, if it shows something that changes."""
    if template not in _SUBJECTS:
        return None
    name, subject = _SUBJECTS[template]
    return subject(args[name])


def as_row(answer: Say | Ask) -> tuple[str, dict[str, Any]]:
    """The answer as a ledger row's template and arguments."""
    match answer:
        case Say(template, args):
            return template, dict(args)
        case Ask(verb, args, filled, errors):
            return _FORM + verb, {"args": dict(args), "filled": dict(filled), "errors": dict(errors)}


def from_row(template: str, args: Mapping[str, Any]) -> Say | Ask:
    if template.startswith(_FORM):
        return Ask(template.removeprefix(_FORM), args["args"], args["filled"], args["errors"])
    return Say(template, args)


def row_content(scene: Scene, template: str, args: Mapping[str, Any]) -> Content:
    """The row's answer in words, as `content` has it."""
    return content(scene, from_row(template, args)) if template.startswith(_FORM) else _card(scene, template, args)


def content(scene: Scene, answer: Say | Ask) -> Content:
    """The answer in words, from what is stored now. Raises LookupError when what it is about is gone."""
    match answer:
        case Say(template, args):
            return _card(scene, template, args)
        case Ask(verb, args, filled, errors):
            return _form(scene, verb, args, filled, errors)


def own(scene: Scene, template: str, args: Mapping[str, Any]) -> Mapping[str, str]:
    """What the reader's copy alone has in place of marks in that content (see bot.ports.Message)."""
    return clicks.own(scene, args["news"]) if template == "news" else {}


def _values(scene: Scene, args: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "company": scene.company.name,
        "reader": ReaderView(scene.reader),
        "letters": scene.letters,
    }
    for name, value in args.items():
        view = _VIEWS.get(name)
        values[_CALLED.get(name, name)] = view(scene, value) if view else value
    return values


def _card(scene: Scene, template: str, args: Mapping[str, Any]) -> Content:
    if len(scene.together.readers) < 2:
        return _rendered(scene, template, args, _values(scene, args))
    told = template, scene.locale, orjson.dumps(args)
    copies = scene.together.once(told, lambda: _Copies.of(template, scene.locale, args))
    if copies is not None:
        same = copies, copies.of_reader(scene)
        return scene.together.once(same, lambda: _rendered(scene, template, args, _values(scene, args)))
    values = _values(scene, args)
    says = prompts.says(template, scene.locale, values)
    render = partial(_rendered, scene, template, args, values)
    return scene.together.once(says, render) if says else render()


def _rendered(scene: Scene, template: str, args: Mapping[str, Any], values: Mapping[str, Any]) -> Content:
    card = prompts.card(template, scene.locale, values, lambda verb: verbs.named(verb).questions)
    return trials.muted(card, args["trial"]) if "trial" in args else card


_OWN: Mapping[str, Callable[[Scene, Any], Hashable]] = {"gig": gigs.of_reader}
"""What a view has of its reader, where that is much cheaper than the view. Readers of the same moment and language for
whom it is equal see the same."""


class _Copies:
    """One message to many, of whose readers it is known what it takes from each."""

    def __init__(self, asked: Sequence[str], own: Sequence[tuple[Callable[[Scene, Any], Hashable], Any]]) -> None:
        self._asked = attrgetter(*asked) if asked else None
        self._own = own

    @classmethod
    def of(cls, template: str, locale: str, args: Mapping[str, Any]) -> "_Copies | None":
        asked = prompts.asks_of_reader(locale, template)
        views = [name for name in args if name in _VIEWS]
        if asked is None or not all(name in _OWN for name in views):
            return None
        return cls(asked, [(_OWN[name], args[name]) for name in views])

    def of_reader(self, scene: Scene) -> Hashable:
        asked = self._asked(ReaderView(scene.reader)) if self._asked else None
        return asked, *[of(scene, value) for of, value in self._own]


def _form(
    scene: Scene, verb: str, args: Mapping[str, str], filled: Mapping[str, str], errors: Mapping[str, str]
) -> Content:
    questions = verbs.named(verb).asked(scene.session, args, scene.reader)
    return prompts.form(
        f"forms/{verb}",
        scene.locale,
        _values(scene, {name: value for name, value in args.items() if name in _SHOWN_IN_FORMS}),
        verb=verb,
        questions=questions,
        args=args,
        filled=filled,
        errors=errors,
    )
