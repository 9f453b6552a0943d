"""Every field of every form, whatever is typed into it: the sentence stands at the field and names it and the remedy,
in the reader's language, what was typed is kept, and nothing is stored.

The table is made from the questions themselves. A verb that asks something needs its right answers here, and no more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import cycle, pairwise

import pytest
from sqlmodel import col, select

from adapters.slack import render as slack
from adapters.teams import render as teams
from bot import account_page, commissioning, eligibility, merging, prompts, verbs
from bot.account_page import Entered, Faulty
from bot.cards import Card, FieldKind, Form
from bot.notices import OPENABLE
from bot.prompts import Question
from bot.verbs import Verb
from storage.db import Database
from storage.tables import Case as CaseRow
from storage.tables import Commission, JoinRequest, Person
from tests.bot.core import ALUMNA, DRAFT, INVITED, NOW, OFFERED_BY, OVER, OWNER, Core, faulty, wanting
from tests.golden.samples import DIFFERENT

LATER = {f"why_{item}": "確認中" for item in OPENABLE} | {f"until_{item}": "2026-12-20" for item in OPENABLE}
CHOSEN = {
    "legal_name": "株式会社東都製作所",
    "person_name": "田中 恵",
    "commissioned_on": "2026-11-21",
    "work": "月次の締め",
    "received_on": "2026-11-30",
    "place": "在宅",
    "inspection": "納品から10日以内",
    "reward": "月額30万円",
    "pays_on": "2027-01-13",
    "client_name": "みなと精機株式会社",
    "client_pays_on": "2027-01-01",
    **LATER,
}
RIGHT: Mapping[str, Mapping[str, str]] = {
    "join.ask": {"name": "鈴木 一", "email": "hajime@example.com"},
    "join.new": {"name": "鈴木 一"},
    "join.refuse": {},
    "merge.keep": {"sure": "yes"},
    "rules": {},
    "enrol": {"name": "鈴木 一", "email": "hajime@example.com"},
    "offboard": {"name": "鈴木 一", "email": "hajime@example.com", "last_day": "2026-12-31"},
    "offboard.withdraw": {"reason": "mistake"},
    "profile.edit": {"name": "田中 恵"},
    "profile.work": {},
    "profile.visibility": {},
    "gig.post": {"title": "経理", "work": "月次", "reward": "応相談", "place": "在宅"},
    "gig.terms": {**OFFERED_BY},
    "gig.audience": {},
    "gig.conditions": {},
    "gig.schedule": {"day": "2026-12-01", "time": "09:00"},
    "gig.defaults": {},
    "gig.ask": {"text": "在宅でもよいですか"},
    "event.create": {
        "title": "夕べ",
        "words": "食堂にて",
        "day": "2026-12-11",
        "starts": "19:00",
        "ends": "21:00",
        "zone": "Asia/Tokyo",
    },
    "event.options": {},
    "event.audience": {},
    "event.conditions": {},
    "event.cancel": {},
    "event.join": {},
    "event.feedback": {"score": "4", "words": "楽しかったです"},
    "gig.choose": CHOSEN,
    "commission.supplement": {
        name: text for name, text in CHOSEN.items() if name in {question.name for question in commissioning.SUPPLEMENT}
    },
    "gig.note": {},
    "gig.refer": {"who": "佐藤 花子", "email": "ren@example.com", "agreed": "yes"},
    "profile.gigs": {},
    "broadcast": {
        "title_ja": "ご報告",
        "text_ja": "本文",
        "title_en": "News",
        "text_en": "Text",
        "picture": "https://example.com/a.jpg",
        "picture_alt": "写真",
    },
    "broadcast.audience": {},
    "broadcast.template": {"save_as": "月例"},
    "broadcast.conditions": {"slots": "weekends,remote", "language": "en", "left_for": "retirement"},
    "survey": {"title": "アンケート", "named": "anonymous", "day": "2026-12-11", "time": "18:00"},
    "survey.questions": {
        f"{name}_{number}": text
        for number in range(1, 7)
        for name, text in (("label", "ご希望"), ("kind", "single"), ("options", "はい\nいいえ"))
    },
    "survey.audience": {},
    "reunion": {
        "joined_from": "1998",
        "joined_to": "1998",
        "day_1": "2026-12-19",
        "starts": "19:00",
        "closes": "2026-11-21",
    },
    "reunion.extend": {"closes": "2026-12-11"},
    "survey.conditions": {},
    "broadcast.schedule": {"day": "2026-12-01", "time": "09:00"},
    "digest.time": {"weekday": "monday", "hour": "9:00"},
    "synonym.add": {"word": "k8s", "means": "Kubernetes"},
    "case.answer": {"text": "はい"},
    "case.note": {"text": "確認中"},
    "case.reply": {"text": "もう一点"},
    "ask": {"text": "証明書の件"},
    "desk.edit": {"name": "人事総務", "opens": "9:00", "closes": "18:00", "is_default": "yes"},
}
"""Answers that are taken as they are, with the arguments below."""
STRANGER = 100
ARGS = {
    "merge.keep": {"pair": "2-3"},
    "offboard.withdraw": {"person": "3"},
    "gig.terms": {"draft": f"{DRAFT}", "then": "preview"},
    "gig.audience": {"draft": f"{DRAFT}"},
    "gig.conditions": {"draft": f"{DRAFT}"},
    "gig.schedule": {"draft": f"{DRAFT}"},
    "gig.choose": {"case": "1", "open": ",".join(OPENABLE)},
    "commission.supplement": {"commission": "1", "open": ",".join(OPENABLE)},
    "broadcast.audience": {"broadcast": "1"},
    "broadcast.template": {"broadcast": "1"},
    "broadcast.conditions": {"broadcast": "1"},
    "survey.questions": {"survey": "1"},
    "survey.audience": {"survey": "1"},
    "survey.conditions": {"survey": "1"},
    "broadcast.schedule": {"broadcast": "1"},
    "reunion.extend": {"reunion_card": "1"},
    "gig.ask": {"gig": "1"},
    "event.options": {"event": "2"},
    "event.audience": {"event": "2"},
    "event.conditions": {"event": "2"},
    "event.cancel": {"event": "1"},
    "event.join": {"event": "1"},
    "event.feedback": {"event": f"{OVER}"},
    "gig.note": {"gig": "1"},
    "gig.refer": {"gig": "1"},
    "case.answer": {"case": "1"},
    "case.note": {"case": "1"},
    "case.reply": {"case": "1"},
    "desk.edit": {"desk": "1"},
}
BY = {
    "join.ask": STRANGER,
    "profile.edit": ALUMNA,
    "profile.work": ALUMNA,
    "profile.visibility": ALUMNA,
    "profile.gigs": ALUMNA,
    "gig.ask": ALUMNA,
    "case.reply": ALUMNA,
    "ask": ALUMNA,
    "gig.note": ALUMNA,
    "event.join": ALUMNA,
    "event.feedback": ALUMNA,
    "gig.refer": ALUMNA,
}
ASKING = [verb for verb in verbs.VERBS if verb.questions]
BLANK = ("", " \u3000\n\t ", "\u200b\u200d\ufeff\u2060", "\u3164\u2800", "\x00\x07\x1b", "\u202e\u2066")
"""Of which nobody would see anything."""
NO_DAYS = (
    *("2027-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "0001-01-01", "9999-12-31", "20261231", "2026-W13-2"),
    *("2026/12/31", "12/31/2026", "来月末", "２０２６-12-31", "-026-12-31", "2026-12-31T00:00"),
)
NO_ADDRESSES = (
    "taro",
    "taro@",
    "@example.com",
    "taro@example",
    "a b@example.com",
    "a@b@example.com",
    "<a@example.com>",
)
FURTHER = {
    "offboard": ("joined_year", "departments"),
    "profile.edit": ("skills",),
    "profile.work": ("departments",),
    "gig.post": ("skills", "places"),
    "gig.audience": ("joined_from", "joined_to", "named", "channel"),
    "gig.conditions": ("left_from", "left_to"),
    "gig.schedule": ("day", "time"),
    "profile.gigs": ("interests",),
    "event.create": ("day", "starts", "ends", "ends_day", "zone", "link", "capacity"),
    "event.options": ("guests", "deadline", "deadline_time", "questions", "host"),
    "event.audience": ("joined_from", "joined_to", "channel"),
    "event.conditions": ("left_from", "left_to"),
    "event.join": ("guests",),
    "gig.choose": ("commissioned_on", "pays_on"),
    "commission.supplement": ("pays_on",),
    "gig.refer": ("who", "agreed"),
    "synonym.add": ("word", "means"),
    "rules": ("least_years",),
    "digest.time": ("hour",),
    "broadcast": ("text_ja", "title_ja", "text_en", "title_en", "picture", "picture_alt"),
    "broadcast.audience": ("saved", "joined_from", "joined_to"),
    "broadcast.conditions": ("left_from", "left_to"),
    "survey": ("day", "time"),
    "survey.questions": tuple(f"{name}_{number}" for number in range(1, 7) for name in ("label", "kind", "options")),
    "survey.audience": ("saved", "joined_from", "joined_to"),
    "survey.conditions": ("left_from", "left_to"),
    "broadcast.schedule": ("day", "time"),
    "reunion": ("joined_from", "joined_to", "day_1", "starts", "places", "closes"),
    "reunion.extend": ("closes",),
    "desk.edit": ("topics", "hours", "opens", "closes", "is_default"),
}
"""Fields of which the handler asks more than the table can know: the longest answer may still be refused, at its field.
"""


@dataclass(frozen=True)
class Case:
    verb: Verb
    question: Question
    value: str
    fault: str
    """The key of its sentence; empty where the value is taken."""


def longest(question: Question, more: int = 0) -> str:
    if question.kind is FieldKind.EMAIL:
        return "x" * (question.max_length - len("@example.com") + more) + "@example.com"
    return "山" * (question.max_length + more)


def cases() -> Iterator[Case]:
    """Of the days that are none, the first question of a form that asks for a day has all, and each other has two."""
    for verb in ASKING:
        days = iter((NO_DAYS, *pairwise(NO_DAYS)))
        for number, question in enumerate(verb.questions):
            for value in BLANK if question.required else (BLANK[number % len(BLANK)],):
                yield Case(verb, question, value, question.missing if question.required else "")
            match question.kind:
                case FieldKind.CHOICE | FieldKind.SEVERAL:
                    for value in sorted({"no_such", question.choices[0].upper(), "x" * 5000} - {*question.choices}):
                        yield Case(verb, question, value, "not_a_choice")
                case FieldKind.DATE:
                    for value in next(days):
                        yield Case(verb, question, value, "not_a_day")
                case FieldKind.EMAIL:
                    for value in NO_ADDRESSES:
                        yield Case(verb, question, value, "not_an_email")
                    yield Case(verb, question, longest(question, 1), "too_long")
                    # What is stored is folded, and one letter becomes two.
                    yield Case(verb, question, "ß" * 200 + "@example.com", "too_long")
                case _:
                    yield Case(verb, question, longest(question, 1), "too_long")


def expected(case: Case, locale: str) -> str:
    form = f"forms/{case.verb.name}"
    compared = (replace(line, label=prompts.phrase("stored", locale, line.field)) for line in DIFFERENT.lines)
    values = {
        "letters": False,
        "open": ",".join(OPENABLE),
        "company": "東都製作所",
        "pair": replace(DIFFERENT, lines=tuple(compared)),
    }
    asked = prompts.form(form, locale, values, verb=case.verb.name, questions=[case.question], args={})
    (field,) = asked.fields
    sentence = prompts.fault(case.fault, locale, field.label, case.question.max_length)
    assert field.label in sentence, "the sentence names the field"
    return sentence


def test_every_verb_that_asks_has_its_right_answers() -> None:
    assert RIGHT.keys() == {verb.name for verb in ASKING}


@pytest.mark.parametrize("locale", prompts.LOCALES)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(database: Database, locale: str) -> None:
    """Each case in both languages, one on either database."""
    core = Core(database).settle(locale)
    for platform in ("slack", "teams"):
        core.say("help", by=STRANGER, platform=platform)  # a newcomer becomes a row
    _tell_apart(core)
    before = core.everything()
    half = (locale == "en") is (database.engine.dialect.name == "postgresql")
    wrong = [case for case in cases() if case.fault][half::2]
    for case, platform in zip(wrong, cycle(("slack", "teams")), strict=False):
        name, verb = case.question.name, case.verb.name
        typed = {**{question.name: "" for question in case.verb.questions}, **RIGHT[verb], name: case.value}
        reply = core.send(verb, typed, ARGS.get(verb), by=BY.get(verb, OWNER), platform=platform)
        assert isinstance(reply.content, Form), (case, reply)
        assert faulty(reply) == {name: expected(case, locale)}, case
        for field in reply.content.fields:
            kept = "" if field.name == name and not case.value.strip(" \u3000\n\t") else typed[field.name]
            assert field.value == kept or case.fault in ("required", "not_chosen"), case
        if platform == "slack":
            assert slack.errors(reply.content).keys() == {name}, case
        else:
            _stands_at_its_input(teams.card(reply.content, "nonce", locale=locale), name, case)
    assert core.everything() == before


def _tell_apart(core: Core) -> None:
    """The two who are to be merged: their form asks where both say something else."""
    kinds = {"joined_year": int, "last_day": date.fromisoformat}
    with core.database.company(1) as session:
        for number, year in ((ALUMNA, "2015"), (INVITED, "2016")):
            person = session.get_one(Person, number)
            for field in merging.FIELDS:
                said = {"joined_year": year, "last_day": f"{year}-03-31", "left_for": eligibility.REASONS[number]}
                setattr(person, field, kinds.get(field, str)(said.get(field, f"{field} {number}")))
            session.add(person)


def _stands_at_its_input(card: dict, name: str, case: Case) -> None:
    """In a Teams card: the error follows its input, and the inputs have what was typed as far as one can show it."""
    body = card["body"]
    place = next(n for n, element in enumerate(body) if element.get("id") == name)
    assert body[place + 1]["type"] == "RichTextBlock" and body[place + 1]["inlines"][0]["color"] == "attention", case
    for element in body:
        if element.get("id") in RIGHT[case.verb.name] and element["id"] != name:
            assert element["value"] == RIGHT[case.verb.name][element["id"]], case
    if body[place]["type"] == "Input.Text" and case.fault in ("too_long", "not_an_email") and len(case.value) < 3000:
        assert body[place]["value"] == case.value, case


@pytest.mark.parametrize("verb", ASKING, ids=lambda verb: verb.name)
def test_what_is_right_is_taken_at_its_longest_and_where_nothing_has_to_be_said(database: Database, verb: Verb) -> None:
    """On PostgreSQL a column that is too short for what is allowed would be an error."""
    core = Core(database).settle()
    for number, case in enumerate((*cases(), *_right(verb))):
        if case.fault or case.verb is not verb:
            continue
        name = case.question.name
        typed = {**RIGHT[verb.name], name: case.value}
        if "email" in typed and name != "email":
            typed |= {"email": f"{number}@example.com"}
        by, args = BY.get(verb.name, OWNER), ARGS.get(verb.name)
        if verb.name.startswith("join."):  # each asks once, and is answered once
            by, args = (STRANGER + number, None) if verb.name == "join.ask" else (OWNER, _request(core, number))
        if verb.name in ONCE:
            args = _another(core, verb.name)
        reply = core.send(verb.name, typed, args, by=by)
        told = faulty(reply)
        allowed = {name} if name in FURTHER.get(verb.name, ()) else set()
        assert told.keys() <= allowed, (case, told)
        assert told or verb.name not in ONCE or isinstance(reply.content, Card), (case, "asks for more")


def _request(core: Core, number: int) -> Mapping[str, str]:
    asked = core.send("join.ask", {**RIGHT["join.ask"]}, by=STRANGER + number)
    assert not faulty(asked)
    with core.database.company(1) as session:
        request = session.exec(select(JoinRequest.id).where(JoinRequest.external_id == f"U{STRANGER + number}")).one()
    return {"joining": str(request)}


ONCE = ("gig.choose", "commission.supplement")
"""Somebody is chosen once for a gig, and what was open is fixed once."""


def _another(core: Core, verb: str) -> Mapping[str, str]:
    """A case in which nobody has been chosen yet; for a supplement a commission in which all is open."""
    with core.database.company(1) as session:
        gig = wanting()
        session.add(gig)
        session.flush()
        case = CaseRow(gig_id=gig.id, person_id=ALUMNA)
        session.add(case)
        session.flush()
        args = {**ARGS["gig.choose"], "case": str(case.id)}
    if verb == "gig.choose":
        return args
    fixed = {name for names in OPENABLE.values() for name in names}
    told = {**CHOSEN, **dict.fromkeys(fixed, ""), "inspection": "未定"}
    assert not faulty(core.send("gig.choose", told, args))
    with core.database.company(1) as session:
        commission = session.exec(select(Commission.id).order_by(col(Commission.id).desc())).first()
    return {**ARGS[verb], "commission": str(commission)}


HOSTILE = ("<!channel> <@U1> @everyone", "*x* _y_ `z` [a](http://b)", "{{ 7*7 }}", "a\x00b\x1bc\u202ed", "ﷺ" * 40)


def _right(verb: Verb) -> Iterator[Case]:
    """Of what is hostile, each question of a form with many has one, in turn."""
    for number, question in enumerate(verb.questions):
        hostile = HOSTILE if len(verb.questions) < 15 else HOSTILE[number % len(HOSTILE) :][:1]
        match question.kind:
            case FieldKind.SEVERAL:
                values = (",".join(question.choices), question.choices[0])
            case FieldKind.CHOICE:
                values = question.choices if verb.name not in ("enrol", "offboard.withdraw") else question.choices[:1]
            case FieldKind.DATE:
                values = ("2028-02-29", "2026-11-21")
            case FieldKind.EMAIL:
                values = (longest(question), "O'Brien+x@sub.example.co.jp")
            case _:
                values = (longest(question), *(text[: question.max_length] for text in hostile))
        for value in values:
            yield Case(verb, question, value, "")


@pytest.mark.parametrize("typed", HOSTILE[:3])
def test_what_is_typed_is_stored_as_it_is(database: Database, typed: str) -> None:
    core = Core(database).settle()
    assert not faulty(core.send("enrol", {"name": typed, "email": "x@example.com"}))
    assert not faulty(core.send("profile.work", {"works_at": typed, "city": f"{typed}\nx"}, by=ALUMNA))
    person, alumna = core.person(email="x@example.com"), core.person(id=ALUMNA)
    assert person is not None and alumna is not None
    assert (person.name, alumna.works_at, alumna.city) == (typed, typed, f"{typed} x"), "one line is one line"


def test_more_skills_than_fit_are_refused_at_their_field(database: Database) -> None:
    core = Core(database).settle("en")
    many = ",".join(chr(0x4E00 + n) for n in range(250))
    assert len(many) < 500
    assert "500" in faulty(core.send("gig.post", {**RIGHT["gig.post"], "skills": many}))["skills"]
    assert "30" in faulty(core.send("profile.edit", {"name": "x", "skills": "ﷺ" * 60}, by=ALUMNA))["skills"]


@pytest.mark.parametrize("reader", ["America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def test_a_deadline_is_counted_where_the_company_is(database: Database, reader: str) -> None:
    """It is the 21st in Tokyo; for the server and in Los Angeles the 20th, and on Kiritimati the 21st too."""
    core = Core(database).settle("en")
    past = core.send("gig.post", {**RIGHT["gig.post"], "deadline": "2026-11-20"}, zone=reader)
    assert "has passed" in faulty(past)["deadline"]
    assert not faulty(core.send("gig.post", {**RIGHT["gig.post"], "deadline": "2026-11-21"}, zone=reader))


@pytest.mark.parametrize(
    ("last_day", "joined_year", "at"),
    [
        ("2016-03-31", "2016", ""),
        ("2015-12-31", "2016", "last_day"),
        ("1950-03-31", "", ""),
        ("2028-11-22", "", ""),
        ("2028-11-23", "", "last_day"),
        ("2026-12-31", "2027", "joined_year"),
        ("2026-12-31", "1899", "joined_year"),
        ("2026-12-31", "平成", "joined_year"),
        ("2026-12-31", "２０１５年", ""),
        ("2026-12-31", "20150", "joined_year"),
    ],
)
def test_the_last_day_and_the_year_of_joining_fit(database: Database, last_day: str, joined_year: str, at: str) -> None:
    core = Core(database).settle("en")
    typed = {**RIGHT["offboard"], "last_day": last_day, "joined_year": joined_year}
    assert list(faulty(core.send("offboard", typed))) == ([at] if at else [])
    person = core.person(email="hajime@example.com")
    assert (person is None) is bool(at)


# The account page


PAGE = {"name": "山田 太郎", "email": "taro@example.com"}


def page_cases() -> Iterator[tuple[str, str, str]]:
    for question in account_page.QUESTIONS:
        for value in BLANK:
            yield question.name, value, "required" if question.required else ""
        yield question.name, longest(question, 1), "too_long"
        yield question.name, longest(question), ""
        if question.kind is FieldKind.EMAIL:
            for value in NO_ADDRESSES:
                yield question.name, value, "not_an_email"


def test_the_account_page_says_the_same_of_each_field(database: Database) -> None:
    core = Core(database).settle()
    before = core.everything()
    agreed = frozenset({"contact", "directory"})
    for name, value, fault in page_cases():
        with database.company(1) as session:
            token = account_page.account_links.issue(session, 3, NOW)
            result = account_page.send(session, token, Entered({**PAGE, name: value}, agreed), NOW)
            assert (dict(result.faults) if isinstance(result, Faulty) else {}) == ({name: fault} if fault else {}), (
                name,
                value,
            )
            session.rollback()
    with database.company(1) as session:
        token = account_page.account_links.issue(session, 3, NOW)
        result = account_page.send(session, token, Entered({**PAGE, "email": "ß" * 200 + "@example.com"}, agreed), NOW)
        assert isinstance(result, Faulty) and result.faults == {"email": "too_long"}
        session.rollback()
    assert core.everything() == before
