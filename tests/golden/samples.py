"""Every message and form in each state that reads differently, with values that never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from bot import asking, conditions, lint, prompts, vcard, verbs
from bot.account_page import AccountLinkView
from bot.addresses import NewAddressView
from bot.admitting import REASONS, Candidate, JoiningView
from bot.asking import Asked, Kind
from bot.asking import Choice as Answer
from bot.attendance import AttendanceView, Bar
from bot.audiences import Segment
from bot.boards import BoardLine, BoardView
from bot.broadcast_templates import TemplateView
from bot.broadcasts import BroadcastView
from bot.broadcasts import ListedView as ListedBroadcast
from bot.business_cards import CardView
from bot.calendar_feeds import FeedView
from bot.cards import Card, FieldKind, Form, Link, Passage, Text
from bot.case_lists import CaseLine, CasesView
from bot.case_views import (
    AnswerView,
    AskedView,
    CaseView,
    ChoosingView,
    ColleagueView,
    EventView,
    MeanwhileView,
)
from bot.clicks import Followed
from bot.commissions import CommissionsView, CommissionView, ListedView, OpenItem
from bot.desks import DesksView, DeskView
from bot.digests import DigestView, Item
from bot.directory import FoundView, PersonView
from bot.drafts import DraftLine, DraftsView, DraftView, FaultView
from bot.dropping import FileView, WrongLine
from bot.eligibility import RulesView
from bot.erasure import ErasingView, Likely, ReceiptView
from bot.event_forms import EventDraftView
from bot.event_lists import EventLine, EventsView
from bot.event_versions import ChangedLine as EventChangedLine
from bot.event_versions import EventChangeView
from bot.events import EventView as GatheringView
from bot.events import OwnView, SendingView
from bot.exports import AuditView, EntryView, ExportView
from bot.feedback import ResultsView, ThanksView
from bot.freshness import StillView
from bot.gigs import GigView, TermView
from bot.hiding import HiddenView, Whom
from bot.inquiries import OfferView, OpenCase
from bot.invitations import InvitationView, InvitedView
from bot.joining import WayInView
from bot.lines import FileLink, LineView
from bot.matching import Match
from bot.merging import FIELDS as COMPARED
from bot.merging import LineView as ComparedView
from bot.merging import MergedView, PairView, ProposalsView, ProposedView, SideView
from bot.named import PageView
from bot.news import NewsView
from bot.notices import NoticeView, rows
from bot.offboarding import ExpiredLine, ExpiredView, OpeningView
from bot.preferences import PreferencesView, TopicView
from bot.privacy import ConsentView, LookView, PrivacyView, StoredField
from bot.profiles import SuggestionView
from bot.promises import PromiseView
from bot.prompts import Question
from bot.receptions import ReceptionView
from bot.referrals import ReferralView
from bot.reminder_choices import ChoicesView, ChoiceView, MissedView, ReminderView, ahead
from bot.result_files import ResultView
from bot.reunion_cards import ReunionCardView
from bot.reunions import Own, ReunionView
from bot.saved_segments import SegmentView
from bot.scene import ReaderView
from bot.segments import Chosen
from bot.survey_cards import ListedView as ListedSurvey
from bot.survey_cards import SurveyCardView
from bot.surveys import SurveyView
from bot.synonyms import SynonymsView
from bot.tallies import Tally, bars
from bot.tallies import of as tallied
from bot.versions import ChangedLine, ChangeView
from bot.visibility import FIELDS, audience
from storage.people import Member
from storage.tables import PersonState, Role

COMPANY = "東都製作所"
CLOSED_AT = datetime(2026, 11, 20, 6, 5, tzinfo=UTC)
OUT_AT = datetime(2026, 11, 9, 5, 20, tzinfo=UTC)
DONE_AT = datetime(2026, 11, 9, 5, 32, tzinfo=UTC)
UNTIL = "2026-11-23T05:30:00+00:00"
CODE = "7-KQ4M-W2ZP-9RTX"
PERSON_NAME = "山田 太郎"

STRANGER = None
ALUMNUS = Member(1, PERSON_NAME, Role.ALUMNUS, PersonState.ACTIVE, "ja", None)
STOPPED = ALUMNUS._replace(opted_out_at=OUT_AT)
QUIET = ALUMNUS._replace(receives="events:digest gigs:digest news:never")
GIGS_STOPPED = ALUMNUS._replace(receives="gigs:never")
EVENTS_STOPPED = ALUMNUS._replace(receives="events:never gigs:digest")
SURVEYS_STOPPED = ALUMNUS._replace(receives="events:digest gigs:digest surveys:never")
HR = Member(2, "佐藤 花子", Role.HR, PersonState.ACTIVE, "ja", None)
OWNER = HR._replace(name="鈴木 一郎", role=Role.OWNER)
READERS: Mapping[str, Member | None] = {
    "stranger": STRANGER,
    "alumnus": ALUMNUS,
    "stopped": STOPPED,
    "hr": HR,
    "owner": OWNER,
}

GIG = GigView(
    id=12,
    title="決算期の経理サポート",
    work="3月決算に向けた月次の締めと、開示資料の作成をお願いします。\n期間は1月から3月まで、週3日ほどです。",
    reward="時給3,500円（税別）、翌月末払い",
    place="東京本社に週1日、ほかは在宅",
    skills="経理、英語",
    deadline=date(2026, 11, 22),
    state="open",
    closed_at=None,
    author="佐藤 花子",
    terms=(
        TermView("tax", "税別"),
        TermView("legal_name", "株式会社東都製作所"),
        TermView("legal_address", "愛知県刈谷市"),
        TermView("contact", "人事部"),
    ),
    places=1,
    version=1,
    at=OUT_AT,
    named="",
    attitude="",
    audience=0,
    sent=0,
    waiting=0,
    cancelled=0,
    refused=0,
    refusals=(),
    unclear=0,
    unclear_names="",
    done_at=None,
    interested=0,
    asked=0,
    passed=0,
)
GIG_LINK = "https://motokai.example.com/gigs/12"
BARE_GIG = replace(GIG, skills="", deadline=None, terms=(), at=None)
CHANGED_GIG = replace(GIG, version=2, places=3)
MORE_CONDITIONS = Segment(
    works_at=("みなと精機", "<!channel>"),
    works_as=("品質管理",),
    helps_with=("海外赴任",),
    looks_for=("副業",),
    interests=("研修",),
    slots=("weekends", "remote"),
    left_from=2015,
    left_to=2020,
    left_for="retirement",
    language="en",
)
DRAFT = DraftView(
    id=12,
    gig=replace(GIG, state="draft", at=None),
    state="draft",
    people=214,
    faults=(),
    all_skills=False,
    cities="",
    joined_from=None,
    joined_to=None,
    departments="",
    named="",
    channels="",
    publish_at=None,
    failed=None,
    law=lint.rules("jp").law["ja"],
    checked=date(2026, 11, 25),
)
FAULTY_DRAFT = replace(
    DRAFT,
    gig=replace(BARE_GIG, state="draft"),
    faults=(
        FaultView("contact", "post_needs"),
        FaultView("pays_on", "pays_late:2027-05-30"),
        FaultView("client_name", "needed_to_pay_later"),
    ),
)
NARROW_DRAFT = replace(
    DRAFT,
    pays_unchecked=True,
    segment=replace(MORE_CONDITIONS, left_for=""),
    all_skills=True,
    cities="大阪、京都",
    joined_from=2005,
    joined_to=2015,
    departments="経理部",
    channels="お仕事掲示板、Slack 2",
)
OPEN_DRAFT = replace(DRAFT, state="open", offered=(("0a1b2c3d4e5f", "お仕事掲示板"), ("f5e4d3c2b1a0", "Slack 2")))
CHANGE = ChangeView(
    12,
    GIG.title,
    2,
    DONE_AT,
    open=True,
    lines=(
        ChangedLine("work", "", "", long=True),
        ChangedLine("reward", "時給3,500円", "時給4,000円", long=False),
        ChangedLine("deadline", "", "2026年11月30日(月)", long=False),
    ),
)
MATCH = Match(4, ("経理", "英語", "SAP"), ("weekday_evenings", "remote"), "大阪", ("研修",))
SUITING = {
    "suits": replace(GIG, match=MATCH),
    "suits_one": replace(GIG, match=Match(1, ("経理",))),
    "suits_alone": replace(GIG, match=Match(0, city="大阪"), alone=True),
    "suits_nothing": replace(GIG, match=Match(2)),
    "noted": replace(GIG, match=MATCH, attitude="interested", noted=True),
    "in_talk": replace(GIG, attitude="interested", progress="in_talk"),
    "asked_in_talk": replace(GIG, attitude="asked", progress="in_talk"),
    "chosen": replace(GIG, attitude="interested", progress="chosen"),
    "chosen_filled": replace(GIG, state="filled", attitude="interested", progress="chosen"),
}
THANKED = (
    replace(GIG, state="filled", attitude="interested"),
    replace(GIG, state="withdrawn", attitude="asked"),
    replace(GIG, state="expired", attitude="interested"),
)
REFERRAL = ReferralView(12, GIG.title, "佐藤 美咲", "", "", "以前ご一緒したときの進め方を思い出しました。")
OUTSIDE = replace(REFERRAL, name="木村 蓮", email="ren@example.com")
REFERRED: Mapping[str, Mapping[str, str]] = {
    "open": {},
    "interested": {"attitude": "interested"},
    "asked": {"attitude": "asked"},
    "passed": {"attitude": "passed"},
    "closed": {"state": "filled"},
}
INVITATION = InvitationView(PERSON_NAME, CODE, datetime.fromisoformat(UNTIL))
_SENT = InvitedView(41, 1, PERSON_NAME, "taro@example.com", "sent", "", DONE_AT, datetime.fromisoformat(UNTIL))
INVITED = {
    "sent": _SENT,
    "joined": replace(_SENT, state="joined"),
    "handed_over": replace(_SENT, state="handed_over", number=2),
    "waiting": replace(_SENT, state="waiting", at=None, until=None),
    "waiting.credentials": replace(_SENT, state="waiting", reason="credentials", at=None),
    "unclear": replace(_SENT, state="unclear"),
    "withdrawn": replace(_SENT, state="withdrawn", reason="person_left"),
    "withdrawn.too_long": replace(_SENT, state="withdrawn", reason="waited_too_long"),
    "offboarded": replace(_SENT, last_day=date(2026, 11, 30), expires=datetime.fromisoformat(UNTIL)),
    "confirmed": replace(_SENT, state="confirmed", last_day=date(2026, 11, 30)),
    "expired": replace(_SENT, state="expired", until=None),
    "left": replace(_SENT, state="left", until=None),
    "merged": replace(_SENT, state="merged", email="", until=None),
    **{
        f"refused.{reason}": replace(_SENT, state="refused", reason=reason)
        for reason in ("unreachable", "blocked", "too_large", "permission", "invalid")
    },
}

ACCOUNT_LINK = AccountLinkView(
    "https://motokai.example.com/account/7.x3Qm0vKc9TtQ2b8Yy1wZr5uLk4hNn6aEe7jVfDsGp", datetime.fromisoformat(UNTIL)
)

STATES = ("open", "filled", "withdrawn", "expired")
ATTITUDES = ("", "interested", "asked", "passed")

SENDING = replace(GIG, audience=214, sent=120, waiting=94, done_at=DONE_AT, interested=2)
LAST_ONE = replace(BARE_GIG, author="", audience=2, sent=1, waiting=1)
UNCLEAR = replace(
    GIG,
    audience=214,
    sent=208,
    refused=3,
    refusals=(("blocked", 2), ("unreachable", 1)),
    unclear=3,
    unclear_names="伊藤 美咲、高橋 健、渡辺 さくら",
    interested=5,
    asked=4,
    passed=21,
)
CLOSED = replace(
    GIG,
    audience=214,
    sent=120,
    refused=1,
    refusals=(("gone", 1),),
    cancelled=93,
    interested=5,
    asked=4,
    passed=21,
    closed_at=CLOSED_AT,
)

LINES = (
    BoardLine(15, "海外営業の資料翻訳", "1件 30,000円", "在宅", None, 0),
    BoardLine(14, "社内研修の講師（安全教育）", "1日 80,000円", "川崎工場", date(2026, 12, 4), 3),
    BoardLine(12, GIG.title, GIG.reward, GIG.place, GIG.deadline, 5),
    BoardLine(11, "設備保全の引き継ぎ支援", "日給 25,000円", "浜松工場", date(2027, 1, 15), 1),
)
SUITING_LINES = tuple(
    replace(line, match=match) for line, match in zip(LINES, (MATCH, Match(1, ("翻訳",))), strict=False)
)
ANSWERED_LINES = (
    replace(LINES[0], attitude="interested", progress="received"),
    replace(LINES[1], attitude="asked", progress="in_talk"),
    replace(LINES[2], state="filled", attitude="interested", progress="chosen"),
)
BY_STATE = (("draft", 1), ("open", 2), ("filled", 3))
ENDED_BOARD = BoardView(
    tuple(replace(line, state=state) for line, state in zip(LINES, ("filled", "withdrawn", "expired"), strict=False)),
    *(3, 0, 2, "ended", BY_STATE),
)
EMPTY_BOARD = BoardView((), 0, 0, 2)
FULL_BOARD = BoardView(LINES[:3], 6, 3, 2)

PERSON = PersonView(41, "山田 太郎", "経理、英語、SAP", own=True)
FULL_PERSON = replace(
    PERSON,
    reading="やまだ たろう",
    romaji="Taro Yamada",
    former_surname="佐藤（さとう）",
    joined_year=2005,
    last_day=date(2019, 3, 31),
    departments="品質管理部（2005–2010）、海外営業部",
    works_at="みなと精機株式会社",
    works_as="品質管理課長",
    city="大阪",
    helps_with="海外赴任のご相談",
    looks_for="生産管理の副業",
    availability="平日の夜、リモート",
    interests="研修、地域の活性化",
    email="taro@example.com",
    employee_number="A-1041",
)
VCARD = vcard.text(FULL_PERSON, COMPANY).replace("\r\n", "\n").strip()
PHOTO = "https://avatars.slack-edge.com/2026-11-20/1_2_192.png"
CARD_PAGE = "https://motokai.example.com/cards/1.7.42.0.1795500000.x3"
PAGED_CARD = CardView(PERSON_NAME, VCARD, url=CARD_PAGE, qr=f"{CARD_PAGE}/qr.png", until=CLOSED_AT)
SUGGESTION = SuggestionView("品質官理", "品質管理")
HR_PERSON = PersonView(2, "佐藤 花子", "", own=True)
OTHER = PersonView(42, "田中 恵", "生産管理", own=False)
PEOPLE = (OTHER, *(PersonView(43 + n, f"田中 {name}", "", own=False) for n, name in enumerate("誠直樹彩亮")))

ASKED_LINE = LineView(True, "山田 太郎", "在宅での勤務は可能でしょうか。\n遠方に住んでおります。", DONE_AT)
ANSWERED_LINE = LineView(False, "佐藤 花子", "はい、週2日まで可能です。", CLOSED_AT)
CASE = CaseView(
    id=31,
    gig=12,
    title=GIG.title,
    gig_state="open",
    person="山田 太郎",
    skills="経理, 英語, SAP",
    attitude="interested",
    state="waiting",
    lines=(),
    earlier=0,
)
ASKED_CASE = replace(CASE, attitude="asked", lines=(ASKED_LINE,))
ANSWERED_CASE = replace(ASKED_CASE, state="answered", lines=(ASKED_LINE, ANSWERED_LINE), earlier=4)

PASSED = {"days": 0, "minutes": 0, "megabytes": 25}
CHANGED_LINES = (
    replace(
        ASKED_LINE,
        edited=True,
        files=(
            FileLink("職務経歴書.pdf", "https://alumni.slack.com/files/U1/F1/cv.pdf", "1.2 MB"),
            FileLink("<!channel> *作品*.zip", "https://contoso-my.sharepoint.com/personal/x/Documents/y.zip"),
        ),
    ),
    replace(ASKED_LINE, text="", removed=True),
    replace(ASKED_LINE, text="", files=(FileLink("a.png", "https://alumni.slack.com/files/U1/F2/a.png", "3 KB"),)),
    replace(ANSWERED_LINE, fate="unclear"),
    replace(ANSWERED_LINE, edited=True, fate="refused"),
)
LEFT_FILES = [
    {"name": "大きな動画.mp4", "why": "too_large"},
    {"name": "共有のみ.docx", "why": "no_link"},
    {"name": "11.txt", "why": "too_many"},
]


HR_NAME = "佐藤 花子"
DUE = datetime(2026, 11, 24, 5, tzinfo=UTC)
SERVED_LINES = (
    replace(
        ASKED_LINE,
        text="",
        files=(
            FileLink(
                "<!here> a.pdf",
                "https://motokai.example.com/files/1.0.7.0.x",
                "3 KB",
                DUE,
                "https://alumni.slack.com/a.pdf",
            ),
            FileLink("b.png", "https://motokai.example.com/files/1.0.7.1.x", until=DUE),
        ),
    ),
)
PROMISE = PromiseView("8", DUE, "11月24日(火) 14:00 (Asia/Tokyo)")
NO_PROMISE = PromiseView("", None, "")
NOTE_LINE = LineView(False, HR_NAME, "部署に確認中です。", CLOSED_AT, note=True)
EVENTS = (
    EventView("assigned", "鈴木 一郎", DONE_AT, whom=HR_NAME),
    EventView("moved", "鈴木 一郎", DONE_AT, desk="給与担当"),
    EventView("answered", HR_NAME, CLOSED_AT, text=ANSWERED_LINE.text),
)
WORKED_CASE = replace(
    ASKED_CASE,
    lines=(ASKED_LINE, NOTE_LINE),
    topic="給与",
    note="週3日まで対応できます。",
    availability="1月から",
    reasons=Match(4, ("経理", "英語", "SAP"), ("weekday_evenings", "remote"), "大阪", ("研修",)),
    desk="給与担当",
    assignee=HR_NAME,
    due=DUE,
    events=EVENTS,
    revision=4,
    seen=7,
)
QUESTION = replace(
    CASE, gig=0, title="源泉徴収票はいつ届きますか", gig_state="", attitude="", lines=(ASKED_LINE,), desk="人事総務"
)
MEANWHILE = MeanwhileView(31, PERSON_NAME, GIG.title, "answered", 4, 7, EVENTS, ())
ASKED = AskedView(31, QUESTION.title)
OFFER = OfferView((OpenCase(31, GIG.title), OpenCase(32, QUESTION.title)), ("給与", "証明書"))
CHOOSING = ChoosingView(31, 4, PERSON_NAME, GIG.title, (), (), assigned=True, page=1, pages=2)
DESK = DeskView(
    3,
    "給与担当",
    "給与、証明書",
    is_default=False,
    hours="8",
    opens="09:00",
    closes="18:00",
    zone="Asia/Tokyo",
    waiting=2,
    platform="Teams",
)
DEFAULT_DESK = replace(DESK, id=1, name="人事総務", topics="", is_default=True, hours="", platform="Slack")
CASE_LINES = (
    CaseLine(31, PERSON_NAME, GIG.title, "waiting", "", "人事総務", DUE, overdue=True, snoozed_until=None),
    CaseLine(32, "田中 健", QUESTION.title, "answered", HR_NAME, "", None, overdue=False, snoozed_until=DUE),
    CaseLine(33, "<!channel> *x*", QUESTION.title, "closed", "", "", None, overdue=False, snoozed_until=None),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A message or, with `verb`, the form of that verb."""

    name: str
    template: str = ""
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    reader: Member | None = ALUMNUS
    company: str = COMPANY
    verb: str = ""
    form_args: Mapping[str, str] = field(default_factory=dict[str, str])
    filled: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    asked: tuple[Question, ...] = ()
    """What the form asks, where that depends on what is stored."""

    @property
    def values(self) -> dict[str, Any]:
        return {"company": self.company, "reader": ReaderView(self.reader), "letters": False, **self.args}

    def card(self, locale: str) -> Card:
        return prompts.card(self.template, locale, self.values, lambda verb: verbs.named(verb).questions)

    def form(self, locale: str) -> Form:
        questions = self.asked or verbs.named(self.verb).questions
        return prompts.form(
            f"forms/{self.verb}",
            locale,
            self.values,
            verb=self.verb,
            questions=questions,
            args=self.form_args,
            filled=self.filled,
            errors=self.errors,
        )


_CHANNELS = [
    {"key": "0a1b2c3d4e5f", "name": "お仕事掲示板", "platform": "Slack"},
    {"key": "f5e4d3c2b1a0", "name": "Teams", "platform": "Teams"},
]
_PLANNED = DraftLine(13, "社内研修の講師", OUT_AT)


def _drafts() -> dict[str, DraftView]:
    return {
        "ready": DRAFT,
        "faulty": FAULTY_DRAFT,
        "narrow": NARROW_DRAFT,
        "nobody": replace(DRAFT, people=0),
        "scheduled": replace(DRAFT, state="scheduled", publish_at=DONE_AT),
        "failed": replace(FAULTY_DRAFT, failed=DONE_AT),
        "named": replace(DRAFT, named=PERSON_NAME, people=1),
        "named.unreachable": replace(DRAFT, named=PERSON_NAME, people=0),
        "no_rules": replace(DRAFT, law="", checked=None),
        "discarded": replace(DRAFT, state="discarded"),
        "open": replace(DRAFT, state="open"),
    }


EVENING = GatheringView(
    id=7,
    title="アルムナイの夕べ 2026",
    words="食堂を貸し切り、社長も参加します。会費は3,000円です。",
    when="2026年12月11日(金) 19:00〜21:00",
    starts_at=datetime(2026, 12, 11, 10, tzinfo=UTC),
    ends_at=datetime(2026, 12, 11, 12, tzinfo=UTC),
    zone="",
    place="東京本社 1階食堂",
    link="",
    kept=False,
    host="佐藤 花子",
    capacity=120,
    guests_each=1,
    closes_at=datetime(2026, 12, 4, 15, tzinfo=UTC),
    open=True,
    begun=False,
    state="open",
    reason="",
    version=1,
    at=OUT_AT,
    questions=("食事のご希望",),
    repeats="yearly",
    going=87,
    held=0,
    waiting=0,
)
BARE_EVENING = replace(
    EVENING,
    place="",
    kept=True,
    host="",
    capacity=None,
    guests_each=0,
    closes_at=None,
    questions=(),
    repeats="",
    zone="America/New_York",
)
FULL_EVENING = replace(EVENING, going=119, held=1, waiting=10, link="https://meet.example.com/a", version=2)
SHUT_EVENING = replace(FULL_EVENING, open=False)
CALLED_OFF = replace(SHUT_EVENING, state="cancelled", reason="台風の接近が予想されるため、中止いたします。")
_SAID = (("食事のご希望", "魚料理"),)
OWN_ANSWERS = {
    "none": OwnView(),
    "taken": OwnView("going", "taken", 1, said=_SAID),
    "waiting": OwnView("going", "waiting", 1, place=3),
    "offered": OwnView("going", "offered", 1, offered_until=datetime(2026, 12, 2, 3, tzinfo=UTC)),
    "maybe": OwnView("maybe"),
    "no": OwnView("no"),
}
INVITED_TO = SendingView(370, 350, 12, 3, (("unreachable", 4),), 1, DONE_AT)
_COMING_LINE = EventLine(7, EVENING.title, EVENING.when, 120, 87, 0, "open", True)
COMING_LINES = (
    _COMING_LINE,
    replace(_COMING_LINE, id=8, going=120, waiting=10, answer="going", seat="waiting"),
    replace(_COMING_LINE, id=9, capacity=None, answer="maybe"),
)
ANSWERED_EVENTS = (
    replace(_COMING_LINE, id=10, answer="going", seat="taken"),
    replace(_COMING_LINE, id=11, answer="going", seat="offered"),
    replace(_COMING_LINE, id=12, answer="no", open=False),
)
COMING = EventsView(COMING_LINES, 5, 2, 2, "coming", hosts=False)
NO_EVENTS = EventsView((), 0, 0, 2, "coming", hosts=False)
EVENING_DRAFT = EventDraftView(7, EVENING, "draft", 370, False, "", None, None, "", False, "day")
NARROWED_DRAFT = replace(
    EVENING_DRAFT,
    event=replace(BARE_EVENING, capacity=20, kept=False),
    people=0,
    past=True,
    cities="大阪",
    joined_from=2005,
    joined_to=2015,
    departments="経理部",
    channel=True,
    confirm="none",
    segment=Segment(works_at=("みなと精機",), left_to=2020),
)
MOVED_EVENING = EventChangeView(
    7,
    EVENING.title,
    2,
    OUT_AT,
    (
        EventChangedLine("starts", "2026年12月11日(金) 19:00", "2026年12月11日(金) 18:30"),
        EventChangedLine("link", "", "https://meet.example.com/a"),
        EventChangedLine("words", "", "", long=True),
        EventChangedLine("place", "", "", kept=True),
    ),
)


_RECEPTION = ReceptionView(
    id=7,
    title=EVENING.title,
    when=EVENING.when,
    state="open",
    begun=False,
    going=87,
    arrived=0,
    list_url="https://motokai.example.com/reception/1.2.7.0.0.9.x",
    desk_url="https://motokai.example.com/reception/1.2.7.0.1.9.x",
    until=datetime(2026, 12, 12, 12, tzinfo=UTC),
    feedback=False,
)
_ATTENDANCE = AttendanceView(
    7,
    EVENING.title,
    EVENING.when,
    71,
    87,
    12,
    (Bar("1998年入社", 31, 40), Bar("2015年入社", 38, 43), Bar("不明", 2, 4)),
    (Bar("経理部 <!channel>", 40, 50), Bar("生産技術部", 31, 37)),
    "https://motokai.example.com/attendance/1.2.7.9.x.png",
)
_UNTIL = datetime(2026, 12, 19, 1, tzinfo=UTC)
_THANKS = ThanksView(7, EVENING.title, EVENING.when, came=True, anonymous=True, open=True, until=_UNTIL)
_RESULTS = ResultsView(
    id=7,
    title=EVENING.title,
    when=EVENING.when,
    asked=True,
    anonymous=True,
    answers=12,
    hidden=False,
    enough=5,
    until=_UNTIL,
    open=False,
    average="4.3",
    scores=((5, 6), (4, 4), (3, 2), (2, 0), (1, 0)),
    comments=(("", "とても楽しかったです。\n<!channel> また参加します。"),),
    more=3,
)


def _receptions() -> list[Sample]:
    bare = replace(_RECEPTION, list_url="", desk_url="")
    receptions = {
        "": _RECEPTION,
        ".begun": replace(_RECEPTION, begun=True, arrived=71),
        ".over": replace(_RECEPTION, begun=True, arrived=71, state="over", feedback=True),
        ".bare": bare,
        ".cancelled": replace(bare, state="cancelled"),
    }
    attended = {
        "": _ATTENDANCE,
        ".bare": replace(_ATTENDANCE, guests=0, chart=""),
        ".nobody": replace(_ATTENDANCE, came=0, expected=0, guests=0, years=(), departments=(), chart=""),
    }
    thanks = {
        "": _THANKS,
        ".named": replace(_THANKS, anonymous=False),
        ".perhaps": replace(_THANKS, came=False),
        ".over": replace(_THANKS, open=False),
    }
    nothing = replace(_RESULTS, average="", scores=(), comments=(), more=0)
    results = {
        "": _RESULTS,
        ".named": replace(_RESULTS, anonymous=False, open=True, more=0, comments=(("田中 恵", "楽しかったです。"),)),
        ".hidden": replace(nothing, hidden=True, open=True, answers=0),
        ".few": replace(nothing, hidden=True, answers=4),
        ".none": replace(nothing, answers=0),
        ".not_asked": replace(nothing, asked=False, answers=0, until=None),
    }
    return [
        *(Sample(f"event_reception{name}", "event_reception", {"reception": v}, HR) for name, v in receptions.items()),
        *(Sample(f"event_attendance{name}", "event_attendance", {"attendance": v}, HR) for name, v in attended.items()),
        *(Sample(f"event_thanks{name}", "event_thanks", {"thanks": view}) for name, view in thanks.items()),
        *(Sample(f"event_results{name}", "event_results", {"results": view}, HR) for name, view in results.items()),
        Sample("feedback_taken", "feedback_taken", {"anonymous": False}),
        Sample("feedback_taken.anonymous", "feedback_taken", {"anonymous": True}),
        Sample("feedback_over", "feedback_over"),
    ]


def _events() -> list[Sample]:
    offers = [
        Sample(f"event_offer.{name}", "event_offer", {"event": replace(event, own=own)})
        for name, event, own in (
            *((answer, FULL_EVENING, own) for answer, own in OWN_ANSWERS.items()),
            ("free", EVENING, OWN_ANSWERS["none"]),
            ("bare", BARE_EVENING, OWN_ANSWERS["none"]),
            ("bare.taken", BARE_EVENING, OwnView("going", "taken")),
            ("closed", SHUT_EVENING, OWN_ANSWERS["none"]),
            ("closed.waiting", SHUT_EVENING, OWN_ANSWERS["waiting"]),
            ("begun", replace(SHUT_EVENING, begun=True), OWN_ANSWERS["taken"]),
            ("cancelled", CALLED_OFF, OWN_ANSWERS["taken"]),
            ("cancelled.bare", replace(CALLED_OFF, reason=""), OWN_ANSWERS["none"]),
            ("over", replace(SHUT_EVENING, state="over", begun=True), OWN_ANSWERS["taken"]),
            (
                "ticket",
                BARE_EVENING,
                replace(OWN_ANSWERS["taken"], ticket="https://motokai.example.com/tickets/1.2.7.9.x"),
            ),
        )
    ]
    desk = replace(FULL_EVENING, maybe=12, no=31, sending=INVITED_TO)
    desks = {
        "open": replace(EVENING, sending=SendingView(1, 1)),
        "full": desk,
        "over_full": replace(desk, capacity=100),
        "closed": replace(desk, open=False, held=0),
        "begun": replace(desk, open=False, begun=True),
        "cancelled": replace(desk, open=False, state="cancelled", reason=CALLED_OFF.reason),
        "cancelled.bare": replace(desk, open=False, state="cancelled"),
        "over": replace(desk, open=False, begun=True, state="over"),
    }
    drafts = {
        "draft": EVENING_DRAFT,
        "one": replace(EVENING_DRAFT, people=1, confirm="hour"),
        "two_days": replace(EVENING_DRAFT, confirm="two_days"),
        "narrowed": NARROWED_DRAFT,
        "nobody": replace(EVENING_DRAFT, people=0),
        "discarded": replace(EVENING_DRAFT, state="discarded"),
        "published": replace(EVENING_DRAFT, state="open"),
    }
    lists = {
        "coming": COMING,
        "none": NO_EVENTS,
        "one": EventsView(COMING_LINES[:1], 1, 0, 2, "coming", hosts=True),
        "more": EventsView(COMING_LINES[:1], 2, 1, 2, "coming", hosts=True),
        "mine": EventsView(ANSWERED_EVENTS, 3, 0, 2, "mine", hosts=False),
        "mine.none": replace(NO_EVENTS, tab="mine"),
        "drafts": EventsView((replace(_COMING_LINE, state="draft"),), 1, 0, 2, "drafts", hosts=True),
        "drafts.none": replace(NO_EVENTS, tab="drafts"),
        "past": EventsView((replace(_COMING_LINE, state="cancelled", open=False),), 1, 0, 2, "past", hosts=True),
    }
    moved = {name: replace(FULL_EVENING, own=own) for name, own in OWN_ANSWERS.items() if name not in ("maybe", "no")}
    moved |= {
        "alone": replace(FULL_EVENING, own=replace(OWN_ANSWERS["offered"], guests=0)),
        "alone.taken": replace(FULL_EVENING, own=OwnView("going", "taken")),
        "cancelled": replace(CALLED_OFF, own=OWN_ANSWERS["offered"]),
        "over": replace(SHUT_EVENING, state="over", own=OWN_ANSWERS["taken"]),
        "begun": replace(SHUT_EVENING, begun=True, own=OWN_ANSWERS["taken"]),
    }
    return [
        *offers,
        Sample("event_offer.stopped", "event_offer", {"event": EVENING}, STOPPED),
        *(Sample(f"event_desk.{name}", "event_desk", {"event": event}, STRANGER) for name, event in desks.items()),
        *(Sample(f"event_draft.{name}", "event_draft", {"event_draft": d}, STRANGER) for name, d in drafts.items()),
        *(Sample(f"events.{name}", "events", {"events": view}) for name, view in lists.items()),
        *(Sample(f"event_moved_up.{name}", "event_moved_up", {"event": event}) for name, event in moved.items()),
        Sample("event_saved", "event_saved", {"event_draft": EVENING_DRAFT}, HR),
        Sample("event_changed", "event_changed", {"event_change": MOVED_EVENING}),
        Sample("event_cancelled", "event_cancelled", {"event": CALLED_OFF}),
        Sample("event_cancelled.bare", "event_cancelled", {"event": replace(CALLED_OFF, reason="")}),
        Sample("event_lapsed", "event_lapsed", {"event": FULL_EVENING}),
        Sample("event_lapsed.closed", "event_lapsed", {"event": SHUT_EVENING}),
        Sample("event_closed", "event_closed", {"event": SHUT_EVENING}),
        Sample("event_closed.begun", "event_closed", {"event": replace(SHUT_EVENING, begun=True)}),
        Sample("event_closed.cancelled", "event_closed", {"event": CALLED_OFF}),
        Sample("event_unknown", "event_unknown"),
        Sample("host_leave.may", "host_leave", {"whom": Whom(12, "田中 恵"), "may": True}, HR),
        Sample("host_leave.may_not", "host_leave", {"whom": Whom(12, "田中 恵"), "may": False}, HR),
        Sample("host_whom", "host_whom", reader=HR),
        Sample("denied.not_host", "denied", {"reason": "not_host"}),
    ]


def _helps() -> list[Sample]:
    known = [Sample(f"help.{name}", "help", reader=reader) for name, reader in READERS.items()]
    page = {"rules_page": RULES.url}
    known.append(Sample("help.stranger.rules", "help", page, reader=STRANGER))
    return [*known, Sample("help.nobodys_workspace", "help", reader=STRANGER, company="")]


def _homes() -> list[Sample]:
    own = {"person": PERSON}
    bare = {"person": replace(PERSON, skills="")}
    return [
        Sample("home.alumnus", "home", {**own, "board": FULL_BOARD, "events": COMING}),
        Sample("home.full", "home", {"person": FULL_PERSON, "board": FULL_BOARD, "events": COMING}),
        Sample("home.hr", "home", {"person": HR_PERSON, "board": FULL_BOARD, "events": COMING}, HR),
        Sample("home.empty", "home", {**bare, "board": EMPTY_BOARD, "events": NO_EVENTS}, STOPPED),
        Sample("home.quiet", "home", {**own, "board": FULL_BOARD, "events": COMING}, QUIET),
    ]


def _entries() -> list[Sample]:
    reasons = ("stranger", "inactive", "staff_only", "owner_only", "not_yours")
    return [
        *(Sample(f"denied.{reason}", "denied", {"reason": reason}) for reason in reasons),
        Sample("not_understood", "not_understood", {"text": "来月の飲み会はいつですか"}),
        Sample("not_understood.offer", "not_understood", {"text": "証明書を再発行できますか", "offer": OFFER}),
        Sample("not_understood.staff", "not_understood", {"text": "cases 田中 太郎 様"}, HR),
        Sample("not_understood.stranger", "not_understood", {"text": "こんばんは"}, STRANGER),
        Sample("cancelled", "cancelled"),
        Sample("claimed", "claimed", {"name": OWNER.name}, STRANGER),
        Sample("code_wrong", "code_wrong", reader=STRANGER),
        Sample("workspace_taken", "workspace_taken", reader=STRANGER),
        Sample("link_code", "link_code", {"code": CODE, "until": UNTIL}, OWNER),
        Sample("enrolled", "enrolled", {"invitation": INVITATION}, HR),
        Sample("button_old", "button_old"),
        Sample("joined", "joined", {"name": PERSON.name, "staff": False}, STRANGER),
        Sample("joined.hr", "joined", {"name": PERSON.name, "staff": True}, STRANGER),
        Sample("already_joined", "already_joined"),
        Sample("account_link", "account_link", {"account_page": ACCOUNT_LINK}),
        Sample("account_link.shown_before", "account_link", {"account_page": replace(ACCOUNT_LINK, url="")}),
        Sample("account_in_private", "account_in_private", {"sent": True}),
        Sample("account_in_private.unknown", "account_in_private", {"sent": False}),
        Sample("account_no_address", "account_no_address"),
    ]


def _invitations() -> list[Sample]:
    fared = [*INVITED.items()]
    return [
        *(Sample(f"invited.{name}", "invited", {"invited": view, "letters": True}, STRANGER) for name, view in fared),
        Sample("invited.no_letters", "invited", {"invited": INVITED["sent"]}, STRANGER),
        Sample("invitation_posted", "invitation_posted", {"name": PERSON.name, "email": INVITED["sent"].email}, HR),
    ]


LINKED = replace(INVITATION, link="https://motokai.example.com/account/7.k3x", opens_after=date(2026, 11, 30))
OPENING = OpeningView(PERSON_NAME, date(2026, 11, 30), CODE, datetime.fromisoformat(UNTIL))
EXPIRED_LINE = ExpiredLine(41, 3, PERSON_NAME, "taro@example.com")

NEW_ADDRESS = NewAddressView("https://motokai.example.com/address/7.x3", datetime.fromisoformat(UNTIL))
LETTERS = (
    Sample("invitation", "invitation", {"invitation": INVITATION}, ALUMNUS),
    Sample("invitation.linked", "invitation", {"invitation": LINKED}, ALUMNUS),
    Sample("invitation_reminder", "invitation_reminder", {"invitation": LINKED}, ALUMNUS),
    Sample("invitation_reminder.code", "invitation_reminder", {"invitation": INVITATION}, ALUMNUS),
    Sample("invitation_ends", "invitation_ends", {"invitation": LINKED}, ALUMNUS),
    Sample("account_open_letter", "account_open_letter", {"opening": OPENING}, ALUMNUS),
    Sample("address_confirm", "address_confirm", {"new_address": NEW_ADDRESS}, ALUMNUS),
    Sample("address_changing", "address_changing", reader=ALUMNUS),
    Sample("address_known", "address_known", reader=ALUMNUS),
)


def _offboarding() -> list[Sample]:
    invited = {"invited": INVITED["confirmed"]}
    some = ExpiredView(date(2026, 11, 30), 6, (EXPIRED_LINE,) * 5)
    return [
        Sample("invitation_whose", "invitation_whose", reader=HR),
        Sample("account_open", "account_open", {"opening": OPENING}),
        Sample("joined_early", "joined_early", {"name": PERSON_NAME, "opening": OPENING}, STRANGER),
        Sample("offboarding_corrected", "offboarding_corrected", invited, HR),
        Sample("offboarding_withdrawn", "offboarding_withdrawn", invited, HR),
        Sample("expired.one", "expired", {"expired": ExpiredView(date(2026, 11, 30), 1, (EXPIRED_LINE,))}, HR),
        Sample("expired.several", "expired", {"expired": some}, HR),
        Sample("expired.none", "expired", {"expired": ExpiredView(date(2026, 11, 30), 0, ())}, HR),
    ]


FILE = FileView(
    7,
    "退職者一覧.csv",
    "checked",
    rows=120,
    done=120,
    added=100,
    changed=15,
    same=5,
    unread="備考、電話番号",
    until=datetime.fromisoformat(UNTIL),
)
_WRONG = tuple(WrongLine(line, ("日付をご確認ください（年・月・日の順）。",)) for line in (3, 18, 40))
PEOPLE_FILES = {
    "fetching": FileView(7, FILE.name, "fetching"),
    "checked": FILE,
    "wrong": replace(FILE, added=90, wrong=12, lines=_WRONG),
    "nothing_new": replace(FILE, added=0, changed=0, same=120, unread=""),
    "importing": replace(FILE, state="importing", done=50, added=40, changed=6, same=4, until=None),
    "done": replace(FILE, state="done", letters=100, last_letter_at=datetime.fromisoformat(UNTIL), until=None),
    "done.left_out": replace(FILE, state="done", changed=14, wrong=1, until=None),
    "cancelled": replace(FILE, state="cancelled"),
    "expired": replace(FILE, state="expired"),
    "failed": FileView(7, "退職者一覧.xlsx", "failed", fault="Excel ブックのため読み取れません。"),
}


def _people_files() -> list[Sample]:
    shown = PEOPLE_FILES.items()
    args = {"letters": True}
    return [
        *(Sample(f"people_file.{n}", "people_file", {"people_file": view, **args}, HR) for n, view in shown),
        Sample("people_file.no_letters", "people_file", {"people_file": FILE}, HR),
        Sample("file_in_private", "file_in_private", reader=HR),
    ]


def _directory() -> list[Sample]:
    return [
        Sample("find_what", "find_what"),
        Sample("find_shorter", "find_shorter", {"limit": 100}),
        Sample("found.one", "found", {"found": FoundView("田中 生産管理", (OTHER,), 1)}),
        Sample("found.several", "found", {"found": FoundView("田中", PEOPLE, len(PEOPLE))}),
        Sample("found.first_page", "found", {"found": FoundView("田中", PEOPLE, 300, more=True, page=1, pages=30)}),
        Sample("found.second_page", "found", {"found": FoundView("田中 skill:経理", PEOPLE, 23, page=2, pages=3)}),
        Sample("found.last_page", "found", {"found": FoundView("田中", PEOPLE, 26, page=3, pages=3)}),
        Sample("found.none", "found", {"found": FoundView("田中 宇宙工学", (), 0, missing="「宇宙工学」")}),
        Sample("found.not_together", "found", {"found": FoundView("田中 経理", (), 0)}),
        Sample("found.close", "found", {"found": FoundView("田仲", (), 0, missing="「田仲」", close=PEOPLE[:3])}),
        Sample("nobody", "nobody"),
        Sample("profile.own", "profile", {"person": PERSON}),
        Sample("profile.with_reading", "profile", {"person": replace(PERSON, reading="やまだ たろう")}),
        Sample("profile.own_empty", "profile", {"person": replace(PERSON, skills="")}),
        Sample("profile.other", "profile", {"person": OTHER}),
        Sample("profile.other_empty", "profile", {"person": replace(OTHER, skills="")}),
        Sample("profile.own_full", "profile", {"person": FULL_PERSON}),
        Sample("profile.own_shared", "profile", {"person": replace(PERSON, shared=True)}),
        Sample("profile.other_full", "profile", {"person": replace(FULL_PERSON, own=False)}, HR),
        Sample("profile.other_photo", "profile", {"person": replace(OTHER, photo=PHOTO)}),
        Sample("picked", "picked", {"person": replace(FULL_PERSON, own=False, shared=True, photo=PHOTO)}),
        Sample("picked.bare", "picked", {"person": replace(OTHER, skills="", shared=True)}),
        Sample("pick_nobody", "pick_nobody", {"query": "宇宙"}),
        Sample("pick_nobody.empty", "pick_nobody", {"query": ""}),
        Sample("profile_saved", "profile_saved", {"person": PERSON, "suggestions": ()}),
        Sample("profile_saved.full", "profile_saved", {"person": FULL_PERSON, "suggestions": (SUGGESTION,)}),
        Sample("profile_saved.empty", "profile_saved", {"person": replace(PERSON, skills=""), "suggestions": ()}),
        Sample("visibility_saved", "visibility_saved", {"person": PERSON}),
        Sample("hidden", "hidden", {"whom": OTHER}),
        Sample("unhidden", "unhidden", {"whom": OTHER}),
        Sample("hide_self", "hide_self"),
        Sample("hidden_list", "hidden_list", {"hidden_from": HiddenView((Whom(42, "田中 恵"), Whom(43, "田中 誠")))}),
        Sample("hidden_list.empty", "hidden_list", {"hidden_from": HiddenView(())}),
        Sample(
            "still_there", "still_there", {"still": StillView("みなと精機株式会社", "品質管理課長", answered=False)}
        ),
        Sample("still_there.answered", "still_there", {"still": StillView("みなと精機株式会社", "", answered=True)}),
        Sample("business_card", "business_card", {"card_of": CardView(PERSON_NAME, VCARD)}),
        Sample("business_card.link", "business_card", {"card_of": PAGED_CARD}),
        Sample("business_card.own", "business_card", {"card_of": replace(PAGED_CARD, own=True)}),
        Sample("find_years", "find_years", {"word": "joined:昭和"}),
    ]


CHOICES = PreferencesView(
    (TopicView("gigs", "digest"), TopicView("events", "at_once"), TopicView("news", "never")),
    stopped=False,
    snoozed_until=None,
    digest_at=CLOSED_AT,
    topic="",
    cadence="",
)
ITEMS = (
    Item("gig", 12, GIG.title, GIG.reward, until=GIG.deadline),
    Item("gig", 13, "<!channel> *x*", "応相談", "田中 恵"),
    Item("news", 7, "秋の交流会のご報告"),
    Item("survey", 7, "交流会についてのアンケート"),
)


SAID = "ご参加ありがとうございました。\n<!channel> *x*"
NEWS = NewsView(7, "秋の交流会のご報告", SAID, "", "", read=False, test=False)
ADDRESS = "https://example.com/album?autumn=2026&page=1#photos"
WITH_LINK = Passage((Text("写真は"), Link(ADDRESS, "https://motokai.example.com/l/1.2.3"), Text("にあります。\n*x*")))
PICTURED = replace(NEWS, picture="https://example.com/autumn.jpg", picture_alt="集合写真")
BROADCAST = BroadcastView(
    id=7,
    state="draft",
    title_ja=NEWS.title,
    text_ja=SAID,
    title_en="Our autumn meeting",
    text_en="Thank you for coming.",
    picture="",
    picture_alt="",
    revision=3,
    author="佐藤 花子",
    own=True,
    approver="",
    needs_two=False,
    send_at=None,
    sent_at=None,
    closed_at=None,
    people=214,
    sample="田中 恵、山田 太郎",
    chosen=Chosen(),
    saved="",
    audience=0,
    sent=0,
    waiting=0,
    held=0,
    refused=0,
    refusals=(),
    unclear=0,
    skipped=(),
    read=0,
    done_at=None,
)
CHOSEN = Chosen(
    Segment("all", ("大阪",), 2005, 2015, ("経理部",)),
    ("経理", "英語"),
    answered=True,
    attended=True,
    since=date(2026, 4, 1),
)
SEGMENT = SegmentView(7, "関西の経理経験者", CHOSEN, 42, "田中 恵、山田 太郎")
TEMPLATE = TemplateView(
    7,
    "月例ニュース <!channel>",
    BROADCAST.title_ja,
    BROADCAST.text_ja,
    BROADCAST.title_en,
    BROADCAST.text_en,
    "https://example.com/monthly.png",
    "社屋の写真",
)
SAVED_TEXTS = ((7, TEMPLATE.name), (8, "*x*"))
SAVED = ((7, SEGMENT.name), (8, "<!channel> *x*"))
REPORTED = replace(
    BROADCAST,
    state="out",
    people=0,
    sample="",
    approver="鈴木 一郎",
    sent_at=OUT_AT,
    audience=214,
    sent=120,
    waiting=70,
    held=10,
    refused=4,
    refusals=(("blocked", 3), ("unreachable", 1)),
    unclear=2,
    skipped=tuple(zip(("opted_out", "snoozed", "topic_stopped", "other"), (3, 2, 2, 1), strict=True)),
    read=31,
    done_at=DONE_AT,
)
LINKS = (Followed(ADDRESS, 12), Followed("https://example.com/<!channel>", 0))


def _broadcasts() -> list[Sample]:
    states = {
        "draft": BROADCAST,
        "two": replace(BROADCAST, needs_two=True, chosen=CHOSEN, title_ja="", text_ja=""),
        "saved": replace(BROADCAST, chosen=CHOSEN, saved=SEGMENT.name),
        "conditions": replace(BROADCAST, chosen=Chosen(MORE_CONDITIONS)),
        "nobody": replace(BROADCAST, people=0, sample="", title_en="", text_en=""),
        "pictured": replace(BROADCAST, picture=PICTURED.picture, picture_alt=PICTURED.picture_alt),
        "review": replace(BROADCAST, state="review", needs_two=True, own=False, send_at=DONE_AT),
        "review.own": replace(BROADCAST, state="review", needs_two=True),
        "scheduled": replace(BROADCAST, state="scheduled", send_at=DONE_AT),
        "discarded": replace(BROADCAST, state="discarded"),
        "links": replace(BROADCAST, links=LINKS),
        "links.few": replace(BROADCAST, links=LINKS, counting="few"),
        "links.unreached": replace(BROADCAST, links=LINKS, counting="unreached"),
        "followed": replace(REPORTED, links=LINKS),
        "followed.few": replace(REPORTED, links=LINKS, counting="few"),
        "followed.unreached": replace(REPORTED, links=LINKS, counting="unreached"),
        "sending": REPORTED,
        "sent": replace(REPORTED, waiting=0, refused=0, refusals=(), unclear=0, done_at=None),
        "cancelled": replace(REPORTED, state="cancelled", closed_at=CLOSED_AT, skipped=(("broadcast_cancelled", 78),)),
    }
    lines = (ListedBroadcast(7, NEWS.title, "out"), ListedBroadcast(8, "<!channel> *x*", "draft"))
    return [
        *(Sample(f"broadcast_card.{name}", "broadcast_card", {"broadcast": one}, HR) for name, one in states.items()),
        Sample("news", "news", {"news": NEWS}),
        Sample("news.links", "news", {"news": replace(NEWS, text=WITH_LINK, counted=True)}),
        Sample("news.read", "news", {"news": replace(PICTURED, read=True)}),
        Sample("news.test", "news", {"news": replace(NEWS, test=True)}, HR),
        Sample("news.never", "news", {"news": NEWS}, QUIET),
        Sample("broadcast_saved", "broadcast_saved", {"broadcast": BROADCAST}, HR),
        Sample("broadcast_unknown", "broadcast_unknown", reader=HR),
        Sample("news_unknown", "news_unknown"),
        Sample("approve_another", "approve_another", reader=HR),
        Sample("broadcast_approval.on", "broadcast_approval", {"on": True}, OWNER),
        Sample("broadcast_approval.off", "broadcast_approval", {"on": False}, OWNER),
        Sample("broadcasts", "broadcasts", {"broadcasts": lines}, HR),
        Sample("broadcast_saved.kept", "broadcast_saved", {"broadcast": BROADCAST, "kept": TEMPLATE.name}, HR),
        Sample("templates", "templates", {"templates": PageView(SAVED_TEXTS, 2, 3)}, HR),
        Sample("templates.none", "templates", {"templates": PageView((), 1, 1)}, HR),
        Sample("template", "template", {"template": TEMPLATE}, HR),
        Sample("template.one", "template", {"template": replace(TEMPLATE, title_ja="", text_ja="", picture="")}, HR),
        Sample("template_removing", "template_removing", {"template": TEMPLATE}, HR),
        Sample("template_unknown", "template_unknown", reader=HR),
        Sample("template_saved", "template_saved", {"kept": TEMPLATE.name}, HR),
        Sample("segments", "segments", {"segments": PageView(SAVED, 2, 3)}, HR),
        Sample("segments.none", "segments", {"segments": PageView((), 1, 1)}, HR),
        Sample("segment", "segment", {"segment": SEGMENT}, HR),
        Sample("segment.everybody", "segment", {"segment": SegmentView(8, "全員", Chosen(), 1, "田中 恵")}, HR),
        Sample("segment_removing", "segment_removing", {"segment": SEGMENT}, HR),
        Sample("segment_unknown", "segment_unknown", reader=HR),
        Sample("broadcasts.none", "broadcasts", {"broadcasts": ()}, HR),
    ]


SURVEY_QUESTIONS = (
    Asked(Kind.SINGLE, "またご参加になりたいですか", ("はい", "いいえ", "<!channel> *x*")),
    Asked(Kind.SEVERAL, "よかったものをお選びください", ("講演", "食事", "会場")),
    Asked(Kind.SCALE, "全体の満足度"),
    Asked(Kind.NPS, "このネットワークを元同僚に薦めますか"),
    Asked(Kind.TEXT, "ご意見"),
)
SURVEY = SurveyView(
    7, "交流会についてのアンケート", "所要時間は2分です。", SURVEY_QUESTIONS, True, CLOSED_AT, open=True, answered=False
)
NAMED_SURVEY = replace(SURVEY, anonymous=False)
SURVEY_CARD = SurveyCardView(
    id=7,
    state="draft",
    title=SURVEY.title,
    words=SURVEY.words,
    questions=SURVEY_QUESTIONS,
    anonymous=True,
    revision=3,
    author="佐藤 花子",
    closes_at=CLOSED_AT,
    past=False,
    people=214,
    sample="田中 恵、山田 太郎",
    chosen=CHOSEN,
    saved="",
    least=5,
    sent_at=None,
    reminded_at=None,
    closed_at=None,
    audience=0,
    sent=0,
    waiting=0,
    held=0,
    missed=0,
    given=0,
    results=(),
)
REUNION = ReunionView(
    7,
    "1998年入社・営業部 同期会",
    "佐藤 花子",
    "久しぶりに集まりませんか。\n<!channel> *x*",
    (Answer("1", "2026年12月12日(土) 19:00"), Answer("2", "2026年12月19日(土) 19:00")),
    (Answer("1", "東京駅周辺"), Answer("2", "<!channel> *x*")),
    CLOSED_AT,
    "open",
    open=True,
    own=None,
    tallies=(),
)
REUNION_OFFERING = (Whom(2, "田中 恵"), Whom(3, "<!channel> *x*"))
REUNION_ASKED = (
    Question("days", FieldKind.SEVERAL, required=False, choices=("1", "2")),
    Question("places", FieldKind.SEVERAL, required=False, choices=("1", "2")),
    Question("offers", FieldKind.CHOICE, required=False, choices=("no", "yes")),
)
REUNION_COUNTS = (
    Tally(
        "days",
        "several",
        6,
        few=False,
        lines=bars([("2026年12月12日(土) 19:00", 5), ("2026年12月19日(土) 19:00", 2)], 6),
    ),
    Tally("places", "several", 5, few=False, lines=bars([("東京駅周辺", 4), ("<!channel> *x*", 1)], 5)),
)
REUNION_CARD = ReunionCardView(
    id=7,
    state="draft",
    title=REUNION.title,
    proposer=REUNION.proposer,
    words=REUNION.words,
    days=tuple(one.label for one in REUNION.days),
    places=tuple(one.label for one in REUNION.places),
    closes_at=CLOSED_AT,
    past=False,
    decide_by=None,
    revision=3,
    people=24,
    asked=0,
    sent=0,
    coming=0,
    declined=0,
    offers=0,
    offering=(),
    tallies=(),
    least=5,
    organiser="",
)


def _reunions() -> list[Sample]:
    own = Own(("2026年12月12日(土) 19:00",), ("東京駅周辺",), offers=True)
    ended = replace(REUNION, state="closed", open=False, own=own)
    offered = {
        "open": REUNION,
        "plain": replace(REUNION, words="", places=(), proposer=""),
        "answered": replace(REUNION, own=own),
        "declined": replace(REUNION, own=Own()),
        "closed": ended,
        "counted": replace(ended, state="organised", tallies=REUNION_COUNTS),
        "dropped": replace(ended, state="dropped"),
    }
    out = replace(REUNION_CARD, state="open", people=0, asked=24, sent=23, coming=3, declined=1, offers=1)
    closed = replace(out, state="closed", coming=6, offers=2, tallies=REUNION_COUNTS, decide_by=DONE_AT)
    chosen = replace(closed, state="organised", organiser="田中 恵", tallies=())
    cards = {
        "draft": REUNION_CARD,
        "empty": replace(REUNION_CARD, words="", places=(), people=0, past=True),
        "open": out,
        "open.counted": replace(out, coming=6, tallies=REUNION_COUNTS),
        "closed": replace(closed, offering=REUNION_OFFERING),
        "closed.nobody": replace(closed, offers=0),
        "organised": chosen,
        "organised.nameless": replace(chosen, organiser="", proposer=""),
        "announced": replace(chosen, state="announced"),
        "announced.nameless": replace(chosen, state="announced", organiser=""),
        "dropped": replace(closed, state="dropped", tallies=()),
        "discarded": replace(REUNION_CARD, state="discarded"),
    }
    ends = {"organised": replace(REUNION, own=Own(own.days)), "offered": ended}
    return [
        *(Sample(f"reunion_offer.{name}", "reunion_offer", {"reunion": one}) for name, one in offered.items()),
        Sample("reunion_offer.again", "reunion_offer", {"reunion": REUNION, "again": "yes"}),
        Sample(
            "reunion_offer.never",
            "reunion_offer",
            {"reunion": REUNION},
            EVENTS_STOPPED,
        ),
        *(Sample(f"reunion_card.{name}", "reunion_card", {"reunion_card": one}, HR) for name, one in cards.items()),
        *(
            Sample(f"reunion_ended.{how}.{name}", "reunion_ended", {"reunion": one, "how": how})
            for how in ("organised", "dropped")
            for name, one in ends.items()
        ),
        Sample("reunion_yours", "reunion_yours", {"reunion": ended}),
        Sample("reunion_thanks", "reunion_thanks", {"reunion": REUNION}),
        Sample("reunion_closed", "reunion_closed", {"reunion": ended}),
        Sample("reunion_saved", "reunion_saved", reader=HR),
        Sample("reunion_unknown", "reunion_unknown"),
    ]


SURVEY_ANSWERS = (
    ("1", "1,2", "5", "10", "よい会でした。"),
    ("1", "2", "4", "9", "<!channel> *x*"),
    ("2", "", "4", "7", "また参りたいと思います。"),
    ("1", "3", "3", "3", "次は週末にお願いします。"),
    ("1", "1", "", "8", ""),
)


def _surveys() -> list[Sample]:
    out = replace(SURVEY_CARD, state="open", people=0, sample="", sent_at=OUT_AT, audience=214, sent=190, waiting=10)
    out = replace(out, held=10, missed=4, given=30)
    named = replace(out, anonymous=False, results=tallied(SURVEY_QUESTIONS, SURVEY_ANSWERS))
    closed = replace(out, state="closed", closed_at=CLOSED_AT, waiting=0, given=5)
    states = {
        "draft": SURVEY_CARD,
        "named": replace(SURVEY_CARD, anonymous=False, chosen=Chosen()),
        "saved": replace(SURVEY_CARD, saved=SEGMENT.name),
        "empty": replace(SURVEY_CARD, questions=(), words="", people=0, sample="", past=True),
        "few": replace(SURVEY_CARD, people=4),
        "open": out,
        "reminded": replace(out, reminded_at=DONE_AT),
        "open.named": named,
        "closed": replace(closed, results=tallied(SURVEY_QUESTIONS, SURVEY_ANSWERS, 5)),
        "closed.few": replace(closed, given=0),
        "discarded": replace(SURVEY_CARD, state="discarded"),
    }
    lines = (ListedSurvey(7, SURVEY.title, "open"), ListedSurvey(8, "<!channel> *x*", "closed"))
    offered = {
        "anonymous": SURVEY,
        "named": replace(NAMED_SURVEY, words=""),
        "answered": replace(NAMED_SURVEY, answered=True),
        "closed": replace(SURVEY, open=False),
    }
    link = ResultView("https://motokai.example.com/results/1.5.0.7.1790000000.x", CLOSED_AT)
    return [
        *(Sample(f"survey_card.{name}", "survey_card", {"survey_card": one}, HR) for name, one in states.items()),
        *(Sample(f"survey_offer.{name}", "survey_offer", {"survey": one}) for name, one in offered.items()),
        *(Sample(f"survey_reminder.{name}", "survey_reminder", {"survey": one}) for name, one in offered.items()),
        Sample("survey_offer.never", "survey_offer", {"survey": SURVEY}, SURVEYS_STOPPED),
        Sample("survey_thanks", "survey_thanks", {"survey": SURVEY}),
        Sample("survey_closed", "survey_closed", {"survey": SURVEY}),
        Sample("survey_unknown", "survey_unknown"),
        Sample("survey_reminded_lately", "survey_reminded_lately", {"at": DONE_AT}, HR),
        Sample("surveys", "surveys", {"surveys": lines}, HR),
        Sample("surveys.none", "surveys", {"surveys": ()}, HR),
        Sample("result_file", "result_file", {"result": link}, HR),
        Sample("result_file.none", "result_file", {"result": replace(link, url="")}, HR),
    ]


def _choices() -> Mapping[str, PreferencesView]:
    return {
        "all": CHOICES,
        "one": replace(CHOICES, topic="gigs", cadence="digest"),
        "snoozed": replace(CHOICES, snoozed_until=DONE_AT),
    }


def _gigs() -> list[Sample]:
    offers = [
        Sample(
            f"gig_offer.{state}{'.' if attitude else ''}{attitude}",
            "gig_offer",
            {"gig": replace(GIG, state=state, attitude=attitude)},
        )
        for state in STATES
        for attitude in ATTITUDES
    ]
    desks = [
        Sample(f"gig_desk.{state}", "gig_desk", {"gig": replace(CLOSED, state=state)}, STRANGER) for state in STATES[1:]
    ]
    closed = [Sample(f"gig_closed.{s}", "gig_closed", {"gig": replace(GIG, state=s)}) for s in STATES[1:]]
    return [
        *offers,
        Sample("gig_offer.bare", "gig_offer", {"gig": BARE_GIG}),
        *(Sample(f"gig_offer.{name}", "gig_offer", {"gig": gig}) for name, gig in SUITING.items()),
        *(Sample(f"gig_thanks.{gig.state}", "gig_thanks", {"gig": gig}) for gig in THANKED),
        Sample("note_passed_on", "note_passed_on", {"gig": GIG}),
        *(
            Sample(f"gig_referred.{name}", "gig_referred", {"gig": replace(GIG, **how), "referral": REFERRAL})
            for name, how in REFERRED.items()
        ),
        Sample("gig_referred.stopped", "gig_referred", {"gig": GIG, "referral": replace(REFERRAL, words="")}, STOPPED),
        Sample("referred", "referred", {"name": "田中 恵", "title": GIG.title}),
        Sample("referred_outside", "referred_outside", {"name": "木村 蓮", "title": GIG.title}),
        Sample("referral_desk", "referral_desk", {"referral": OUTSIDE}, STRANGER),
        Sample("referral_desk.bare", "referral_desk", {"referral": replace(OUTSIDE, words="")}, STRANGER),
        Sample("referral_desk.forgotten", "referral_desk", {"referral": replace(OUTSIDE, email="")}, STRANGER),
        *(Sample(f"preferences.{name}", "preferences", {"preferences": how}) for name, how in _choices().items()),
        Sample("preferences.stopped", "preferences", {"preferences": replace(CHOICES, stopped=True)}, STOPPED),
        Sample("digest", "digest", {"digest": DigestView(ITEMS, 3, 0, 2)}),
        Sample("digest.reunion", "digest", {"digest": DigestView((Item("reunion", 7, REUNION.title),), 1, 0, 2)}),
        Sample("digest.pages", "digest", {"digest": DigestView(ITEMS[:1], 9, 5, 2)}),
        Sample("digest.nothing", "digest", {"digest": DigestView((), 0, 0, 2)}),
        Sample("digest_time_saved", "digest_time_saved", {"at": UNTIL}, OWNER),
        Sample("gig_offer.never", "gig_offer", {"gig": GIG}, GIGS_STOPPED),
        Sample("gig_desk.held", "gig_desk", {"gig": replace(SENDING, held=12)}, STRANGER),
        Sample("snoozed", "snoozed", {"until": UNTIL, "day": "2026-11-22"}),
        Sample("snooze_until", "snooze_until", {"until": ""}),
        Sample("snooze_until.snoozed", "snooze_until", {"until": UNTIL}),
        Sample("snooze_within", "snooze_within", {"last": "2027-11-22"}),
        Sample("synonyms", "synonyms", {"synonyms": SynonymsView(("k8s = kubernetes", "経理 = 会計"), 2, 1, 0)}, HR),
        Sample("synonyms.pages", "synonyms", {"synonyms": SynonymsView(("js = javascript",), 41, 2, 3)}, HR),
        Sample("synonyms_how", "synonyms_how", reader=HR),
        Sample("synonyms_full", "synonyms_full", {"most": 1000}, HR),
        Sample("synonym_added", "synonym_added", {"word": "k8s", "means": "Kubernetes"}, HR),
        Sample("synonym_removed", "synonym_removed", {"word": "k8s", "parted": True}, HR),
        Sample("synonym_removed.alone", "synonym_removed", {"word": "k8s", "parted": False}, HR),
        Sample("gig_offer.stopped", "gig_offer", {"gig": GIG}, STOPPED),
        Sample("gig_desk.sending", "gig_desk", {"gig": SENDING}, STRANGER),
        Sample("gig_desk.last_one", "gig_desk", {"gig": LAST_ONE}, STRANGER),
        Sample("gig_desk.unclear", "gig_desk", {"gig": UNCLEAR}, STRANGER),
        *desks,
        *closed,
        Sample("gig_offer.changed", "gig_offer", {"gig": CHANGED_GIG}),
        Sample(
            "gig_desk.named", "gig_desk", {"gig": replace(SENDING, named=PERSON_NAME, audience=1, sent=1)}, STRANGER
        ),
        *(Sample(f"gig_draft.{name}", "gig_draft", {"draft": draft}, HR) for name, draft in _drafts().items()),
        Sample("gig_saved", "gig_saved", {"draft": DRAFT}, HR),
        *(
            Sample(f"gig_filling.{s}", "gig_filling", {"gig": replace(GIG, state=s), "days": 7}, HR)
            for s in ("open", "filled")
        ),
        Sample(
            "gig_desk.reopens", "gig_desk", {"gig": replace(CLOSED, state="filled", reopens_until=DONE_AT)}, STRANGER
        ),
        Sample("gig_desk.public", "gig_desk", {"gig": replace(LAST_ONE, link=GIG_LINK)}, STRANGER),
        Sample("gig_not_reopened", "gig_not_reopened", {"gig": replace(GIG, state="filled"), "days": 7}, HR),
        *(
            Sample(f"gig_reopened{f'.{a}' if a else ''}", "gig_reopened", {"gig": replace(GIG, attitude=a)})
            for a in ATTITUDES
        ),
        Sample("gig_reopened.closed", "gig_reopened", {"gig": replace(GIG, state="filled", attitude="asked")}),
        *(Sample(f"gig_preview.{s}", "gig_preview", {"preview": replace(GIG, state=s, link=GIG_LINK)}) for s in STATES),
        Sample("gig_changed", "gig_changed", {"change": CHANGE}),
        Sample("gig_changed.closed", "gig_changed", {"change": replace(CHANGE, open=False)}),
        Sample("drafts", "drafts", {"drafts": DraftsView((DraftLine(12, GIG.title, None), _PLANNED), 3, 2)}, HR),
        Sample("drafts.none", "drafts", {"drafts": DraftsView((), 0, 2)}, HR),
        Sample("gig_offer.channel", "gig_offer", {"gig": GIG}, STRANGER),
        Sample("gig_offer.trial", "gig_offer", {"gig": replace(GIG, trial=True)}, HR),
        Sample("gig_trial", "gig_trial", {"draft": DRAFT, "other": "en"}, HR),
        Sample("gig_trial.ja", "gig_trial", {"draft": DRAFT, "other": "ja"}, HR),
        Sample("gig_tested", "gig_tested", reader=HR),
        Sample("channel_set", "channel_set", {"name": "お仕事掲示板"}, HR),
        Sample("channel_off", "channel_off", {"name": "お仕事掲示板"}, HR),
        Sample("channel_none_here", "channel_none_here", reader=HR),
        Sample("channel_name", "channel_name", {"limit": 40}, HR),
        Sample("channel_many", "channel_many", {"limit": 20}, HR),
        Sample("channels", "channels", {"lines": _CHANNELS, "left": 2, "next": 2}, HR),
        Sample("channels.none", "channels", {"lines": [], "left": 0, "next": 2}, HR),
        Sample("defaults_saved", "defaults_saved", {"terms": [["contact", "人事部"], ["tax", "税別"]]}, OWNER),
        Sample("gig_posted", "gig_posted", {"gig": GIG, "people": 214, "done": DONE_AT.isoformat()}, HR),
        Sample("gig_posted.one", "gig_posted", {"gig": GIG, "people": 1, "done": DONE_AT.isoformat()}, HR),
        Sample("gig_unknown", "gig_unknown"),
        Sample("board.alumnus", "board", {"board": FULL_BOARD}),
        Sample("board.hr", "board", {"board": replace(FULL_BOARD, more=1)}, HR),
        Sample("board.one", "board", {"board": BoardView(LINES[:1], 1, 0, 2)}),
        Sample("board.empty", "board", {"board": EMPTY_BOARD}),
        Sample("board.for_me", "board", {"board": replace(FULL_BOARD, tab="for_me", gigs=SUITING_LINES)}),
        Sample("board.for_me.empty", "board", {"board": replace(EMPTY_BOARD, tab="for_me")}),
        Sample("board.mine", "board", {"board": BoardView(ANSWERED_LINES, 4, 0, 2, "mine")}),
        Sample("board.mine.empty", "board", {"board": replace(EMPTY_BOARD, tab="mine")}),
        Sample("board.hr.ended", "board", {"board": ENDED_BOARD}, HR),
        Sample("board.hr.draft", "board", {"board": replace(EMPTY_BOARD, tab="draft")}, HR),
        Sample("board.empty.hr", "board", {"board": EMPTY_BOARD}, HR),
    ]


TERMS = {
    "legal_name": "東都製作所株式会社",
    "person_name": PERSON_NAME,
    "commissioned_on": "2026-11-22",
    "work": GIG.work,
    "starts_on": "2026-12-01",
    "ends_on": "2027-05-31",
    "place": GIG.place,
    "reward": "月額300,000円",
    "tax": "excluded",
    "expenses": "交通費は実費を支給",
    "payment_rule": "毎月末日締め、翌月末日払い",
    "subcontracted": "yes",
    "client_name": "みなと精機株式会社",
    "client_pays_on": "2026-12-31",
    "other": "知的財産権：報酬の支払いとともに移転\n契約の終了・更新：1か月前までに協議",
    "open": [{"item": "inspection", "why": "検査の方法を確認しているため", "until": "2026-12-20"}],
}
NOTICE_VIEW = NoticeView(
    commission=5,
    number=1,
    gig=GIG.title,
    rows=tuple(rows(TERMS, "ja")),
    at=DONE_AT,
    digest="9f" * 32,
    whole=True,
    first=0,
    fixed="",
    still_open=True,
    url="https://motokai.example.com/notices/7.41.5.1.1803600000.x3Qm0vKc9TtQ2b8Yy1wZr5uL",
    pdf="https://motokai.example.com/notices/7.41.5.1.1803600000.x3Qm0vKc9TtQ2b8Yy1wZr5uL?pdf",
    received=False,
    received_at=None,
    paper_at=None,
    paper_sent_at=None,
)
COMMISSION = CommissionView(
    id=5,
    gig=12,
    title=GIG.title,
    person=PERSON_NAME,
    by=HR.name,
    at=DONE_AT,
    notices=1,
    digest="9f" * 32,
    delivery="sent",
    received_at=None,
    paper_at=None,
    paper_sent_at=None,
    open=(OpenItem("検査を完了する期日", "検査の方法を確認しているため", date(2026, 12, 20)),),
    ends_on=date(2027, 5, 31),
    announced_by=date(2027, 5, 1),
    full=False,
    url=NOTICE_VIEW.url,
    pdf=NOTICE_VIEW.pdf,
)
LISTED_COMMISSION = ListedView(5, GIG.title, PERSON_NAME, DONE_AT, received=False, paper=True, open=1, ends_on=None)
OTHER_COMMISSION = replace(
    LISTED_COMMISSION, id=4, title="海外営業の資料翻訳", person="", received=True, paper=False, open=0
)


def _commissions() -> list[Sample]:
    notices = {
        "first": NOTICE_VIEW,
        "unlinked": replace(NOTICE_VIEW, url="", pdf="", still_open=False),
        "long": replace(NOTICE_VIEW, whole=False),
        "received": replace(NOTICE_VIEW, received=True, received_at=CLOSED_AT, paper_at=CLOSED_AT),
        "on_paper": replace(NOTICE_VIEW, paper_at=DONE_AT, paper_sent_at=CLOSED_AT),
        "supplement": replace(NOTICE_VIEW, number=2, first=1, fixed="検査を完了する期日", still_open=False),
        "supplement.later": replace(NOTICE_VIEW, number=2, first=1),
    }
    desks = {
        "new": COMMISSION,
        "unchecked": replace(COMMISSION, pays_unchecked=True),
        "full": replace(COMMISSION, full=True, open=(), ends_on=None, announced_by=None),
        "refused": replace(COMMISSION, delivery="refused", url="", pdf=""),
        "unclear": replace(COMMISSION, delivery="unclear", paper_at=CLOSED_AT),
        "done": replace(COMMISSION, open=(), received_at=CLOSED_AT, paper_at=DONE_AT, paper_sent_at=CLOSED_AT),
        "erased": replace(COMMISSION, person="", delivery="sent"),
    }
    asked = replace(COMMISSION, paper_at=CLOSED_AT)
    due = {
        "open": COMMISSION,
        "open.done": replace(COMMISSION, open=()),
        "paper": asked,
        "paper.done": replace(asked, paper_sent_at=CLOSED_AT),
        "undelivered": replace(COMMISSION, delivery="refused"),
        "ends": COMMISSION,
    }
    lists = {
        "many": CommissionsView((LISTED_COMMISSION, OTHER_COMMISSION), 3, 1, 2),
        "one": CommissionsView((replace(LISTED_COMMISSION, ends_on=date(2027, 5, 31)),), 1, 0, 2),
        "none": CommissionsView((), 0, 0, 2),
    }
    return [
        *(Sample(f"terms_notice.{name}", "terms_notice", {"notice": view}) for name, view in notices.items()),
        *(
            Sample(f"commission_desk.{name}", "commission_desk", {"commission": view}, STRANGER)
            for name, view in desks.items()
        ),
        *(
            Sample(
                f"commission_due.{name}",
                "commission_due",
                {"commission": view, "due": name.partition(".")[0]},
                STRANGER,
            )
            for name, view in due.items()
        ),
        *(
            Sample(f"commissions.{name}.{reader}", "commissions", {"commissions": view}, READERS[reader])
            for name, view in lists.items()
            for reader in ("hr", "alumnus")
        ),
        Sample("commission_known", "commission_known", {"commission": COMMISSION}, HR),
        Sample("commission_known.erased", "commission_known", {"commission": replace(COMMISSION, person="")}, HR),
        Sample("commission_unknown", "commission_unknown", reader=HR),
        Sample(
            "gig_desk.full", "gig_desk", {"gig": replace(GIG, audience=2, sent=2, chosen=1, interested=1)}, STRANGER
        ),
        Sample("case_desk.chosen", "case_desk", {"case": replace(CASE, commission=5)}, STRANGER),
    ]


def _cases() -> list[Sample]:
    shown = {
        "interested": CASE,
        "asked": ASKED_CASE,
        "answered": ANSWERED_CASE,
        "withdrawn": replace(ANSWERED_CASE, attitude="withdrawn", earlier=1, skills=""),
        "noted": replace(CASE, note="前職で3年担当していました。", availability="平日の19時以降"),
        "closed": replace(ANSWERED_CASE, state="closed"),
        "worked": WORKED_CASE,
        "overdue": replace(WORKED_CASE, overdue=True, snoozed_until=DUE, assignee=""),
        "question": QUESTION,
        "older": replace(WORKED_CASE, live=False),
        "moved": replace(WORKED_CASE, live=False, moved=True),
        "moved.unnamed": replace(WORKED_CASE, live=False, moved=True, desk=""),
        "busy": replace(
            WORKED_CASE,
            state="closed",
            events=tuple(
                EventView(a, HR_NAME, DONE_AT) for a in ("assigned", "moved", "snoozed", "closed", "reopened")
            ),
        ),
        **{f"gig_{state}": replace(ASKED_CASE, gig_state=state) for state in STATES[1:]},
    }
    return [
        *(Sample(f"case_desk.{name}", "case_desk", {"case": view}, STRANGER) for name, view in shown.items()),
        Sample("case_answer", "case_answer", {"answer": AnswerView(ANSWERED_LINE.text, GIG.title, 12, gig_open=True)}),
        Sample(
            "case_answer.closed",
            "case_answer",
            {"answer": AnswerView(ANSWERED_LINE.text, GIG.title, 12, gig_open=False)},
        ),
        Sample(
            "case_answer.question",
            "case_answer",
            {"answer": AnswerView(ANSWERED_LINE.text, QUESTION.title, 0, gig_open=False, desk="人事総務", case=31)},
        ),
        Sample(
            "case_answer.signed",
            "case_answer",
            {"answer": AnswerView(ANSWERED_LINE.text, GIG.title, 12, gig_open=True, author=HR_NAME, desk="人事総務")},
        ),
        Sample("question_passed_on", "question_passed_on", {"gig": GIG}),
        Sample("question_passed_on.promised", "question_passed_on", {"gig": GIG, "promise": PROMISE}),
        Sample(
            "question_passed_on.given_up", "question_passed_on", {"gig": GIG, "promise": replace(PROMISE, hours="")}
        ),
        Sample("case_passed_on", "case_passed_on", {"asked": ASKED, "promise": NO_PROMISE}),
        Sample("case_passed_on.promised", "case_passed_on", {"asked": ASKED, "promise": replace(PROMISE, hours="1")}),
        Sample("case_passed_on.given_up", "case_passed_on", {"asked": ASKED, "promise": replace(PROMISE, hours="")}),
        Sample("case_not_yours", "case_not_yours"),
        Sample("case_of_nobody", "case_of_nobody", reader=HR),
        Sample("case_without_words", "case_without_words", reader=HR),
        Sample("case_made", "case_made", {"case": CASE, "new": True}, HR),
        Sample("case_made.again", "case_made", {"case": CASE, "new": False}, HR),
        Sample("case_taken_up", "case_taken_up", {"asked": ASKED, "promise": NO_PROMISE}),
        Sample("case_taken_up.promised", "case_taken_up", {"asked": ASKED, "promise": PROMISE}),
        Sample("case_taken_up.given_up", "case_taken_up", {"asked": ASKED, "promise": replace(PROMISE, hours="")}),
        Sample("case_opened", "case_opened", {"asked": ASKED, "promise": NO_PROMISE}),
        Sample("case_opened.promised", "case_opened", {"asked": ASKED, "promise": PROMISE}),
        Sample("case_opened.given_up", "case_opened", {"asked": ASKED, "promise": replace(PROMISE, hours="")}),
        *(
            Sample(
                f"case_meanwhile.{did or 'done'}",
                "case_meanwhile",
                {
                    "meanwhile": replace(MEANWHILE, words=words),
                    "did": did,
                    "assign_to": "5",
                    "desk_id": "3",
                    "until": "week",
                },
                HR,
            )
            for did, words in (("", ()), ("assign", ()), ("hand_over", ()), ("snooze", ()), ("close", (ASKED_LINE,)))
        ),
        Sample("case_more", "case_more", {"case": WORKED_CASE}, HR),
        Sample("case_more.closed", "case_more", {"case": replace(CASE, state="closed")}, HR),
        Sample(
            "case_whom",
            "case_whom",
            {"case_assignees": replace(CHOOSING, people=tuple(ColleagueView(n, f"佐藤 {n}") for n in (5, 6, 7)))},
            HR,
        ),
        Sample("case_whom.nobody", "case_whom", {"case_assignees": replace(CHOOSING, assigned=False, pages=1)}, HR),
        Sample(
            "case_where",
            "case_where",
            {"case_desks": replace(CHOOSING, desks=tuple(ColleagueView(n, n * "係") for n in (0, 1, 2)))},
            HR,
        ),
        Sample("case_where.none", "case_where", {"case_desks": replace(CHOOSING, pages=1)}, HR),
        Sample("case_not_hr", "case_not_hr", reader=HR),
        Sample("case_nudge", "case_nudge", {"case": WORKED_CASE, "late": False, "due": ""}, STRANGER),
        Sample(
            "case_nudge.late",
            "case_nudge",
            {"case": replace(WORKED_CASE, assignee="", overdue=True), "late": True, "due": ""},
            STRANGER,
        ),
        Sample("case_nudge.answered", "case_nudge", {"case": ANSWERED_CASE, "late": True, "due": ""}, STRANGER),
        Sample("case_assigned", "case_assigned", {"case": WORKED_CASE}, HR),
        Sample("case_assigned.bare", "case_assigned", {"case": CASE}, HR),
        Sample("cases", "cases", {"cases": CasesView("自分 未対応", CASE_LINES, 9, 2, 3)}, HR),
        Sample("cases.one", "cases", {"cases": CasesView("", CASE_LINES[:1], 1, 1, 1)}, HR),
        Sample("cases.none", "cases", {"cases": CasesView("田中", (), 0, 1, 1)}, HR),
        Sample("desks", "desks", {"desks": DesksView((DEFAULT_DESK, DESK, replace(DESK, name="")), 2, 3)}, HR),
        Sample("desks.none", "desks", {"desks": DesksView((), 1, 1)}, HR),
        Sample("desk", "desk", {"desk": DESK}, HR),
        Sample("desk.default", "desk", {"desk": DEFAULT_DESK}, HR),
        Sample("desk_name", "desk_name", {"limit": 100}, HR),
        Sample("desk_unknown", "desk_unknown", reader=HR),
        Sample("desk_stays", "desk_stays", {"desk": DEFAULT_DESK, "left": 0}, HR),
        Sample("desk_stays.cases", "desk_stays", {"desk": DESK, "left": 1}, HR),
        Sample("desk_stays.many", "desk_stays", {"desk": DESK, "left": 3}, HR),
        Sample("desk_removed", "desk_removed", {"name": "給与担当"}, HR),
        Sample("desk_removed.unnamed", "desk_removed", {"name": ""}, HR),
        Sample("desk_none", "desk_none"),
        Sample("signing.on", "signing", {"on": True}, HR),
        Sample("signing.off", "signing", {"on": False}, HR),
        Sample("case_unknown", "case_unknown", reader=HR),
        Sample("alumnus_unreachable", "alumnus_unreachable", reader=HR),
        Sample("which_case", "which_case", reader=HR),
        Sample("case_desk.changed", "case_desk", {"case": replace(ANSWERED_CASE, lines=CHANGED_LINES)}, STRANGER),
        Sample(
            "case_answer.changed",
            "case_answer",
            {
                "answer": AnswerView(
                    "", GIG.title, 12, gig_open=True, edited=True, late=ANSWERED_LINE.at, files=CHANGED_LINES[0].files
                )
            },
        ),
        Sample(
            "case_answer.removed", "case_answer", {"answer": AnswerView("", GIG.title, 12, gig_open=True, removed=True)}
        ),
        Sample("case_desk.served", "case_desk", {"case": replace(ANSWERED_CASE, lines=SERVED_LINES)}, STRANGER),
        Sample(
            "case_answer.served",
            "case_answer",
            {"answer": AnswerView("", GIG.title, 12, gig_open=True, files=SERVED_LINES[0].files)},
        ),
        Sample(
            "case_desk.unclear",
            "case_desk",
            {"case": replace(ANSWERED_CASE, lines=CHANGED_LINES, unclear=True, commission=5)},
            STRANGER,
        ),
        Sample("case_unclear", "case_unclear", {"case": ASKED_CASE}, STRANGER),
        Sample(
            "case_unclear.removed",
            "case_unclear",
            {"case": replace(ANSWERED_CASE, lines=CHANGED_LINES[1:2])},
            STRANGER,
        ),
        *(
            Sample(f"files_passed{name}", "files_passed", {"passed": ["職務経歴書.pdf"], "left": [], **PASSED, **lasts})
            for name, lasts in (("", {}), (".days", {"days": 14}), (".minutes", {"minutes": 30}))
        ),
        Sample(
            "files_passed.some",
            "files_passed",
            {"passed": ["職務経歴書.pdf", "<!channel> *作品*.zip"], "left": LEFT_FILES, **PASSED},
        ),
        Sample("files_passed.none", "files_passed", {"passed": [], "left": LEFT_FILES[:1], **PASSED}),
    ]


def _preferences() -> list[Sample]:
    return [
        Sample("stopped", "stopped", reader=STOPPED),
        Sample("started", "started"),
        Sample("language_which", "language_which"),
        Sample("language_set", "language_set"),
    ]


AGREED_TO = "東都製作所が、お名前とプロフィールを利用します。"
_CONSENTS = (
    ConsentView("contact", True, "1", DONE_AT, None, "1", AGREED_TO),
    ConsentView("directory", True, "1", DONE_AT, None, "1", AGREED_TO),
    ConsentView("gigs", False, "1", DONE_AT, CLOSED_AT, "1", AGREED_TO),
    ConsentView("rehire", False, "", None, None, "1", AGREED_TO),
    ConsentView("leads", False, "", None, None, "1", AGREED_TO),
    ConsentView("statistics", True, "1", DONE_AT, None, "1", AGREED_TO),
)
PRIVACY = PrivacyView(
    fields=(
        StoredField("お名前", PERSON.name),
        StoredField("お名前の読み方", "やまだ たろう"),
        StoredField("メールアドレス", "taro@example.com"),
        StoredField("退職日", "2025-03-31"),
        StoredField("スキル", "経理、英語、SAP"),
        StoredField("在籍した部署", "経理部、海外営業部"),
    ),
    accounts=("slack", "teams"),
    answers=3,
    messages=1,
    clicks=2,
    consents=_CONSENTS,
    looks=(LookView(HR.name, "メールアドレス", DONE_AT),),
    more_looks=True,
)
BARE_PRIVACY = replace(
    PRIVACY,
    fields=PRIVACY.fields[:1],
    accounts=(),
    consents=tuple(
        ConsentView(c.purpose, c.purpose in ("contact", "directory", "gigs"), "", None, None, "1", AGREED_TO)
        for c in _CONSENTS
    ),
    looks=(),
    more_looks=False,
)


ERASING = ErasingView(PERSON.name, "taro@example.com", own=True, nonce=CODE, answers=3, messages=1)
RECEIPT = ReceiptView("E-KQ4M-W2ZP", DONE_AT, 1, 3, 1, taken_back=12, cards=2, letters=0, unclear=0, refused=0)
LIKELY = (
    Likely(41, PERSON.name, "taro@example.com", "active"),
    Likely(57, PERSON.name, "", "invited"),
)
EXPORT = ExportView(
    "https://motokai.example.com/exports/7.x3Qm0vKc9TtQ2b8Yy1wZr5uLk4hNn6aEe7jVfDsGp", "", True, CLOSED_AT
)
AUDIT = AuditView(
    (
        EntryView(CLOSED_AT, "erased", OWNER.name, "削除された方", "receipt: E-KQ4M-W2ZP"),
        EntryView(DONE_AT, "case.answer", HR.name, PERSON.name, "gig: 12, case: 31"),
        EntryView(DONE_AT, "gig.fill", HR.name, "", ""),
    ),
    True,
    EXPORT.url.replace("x3", "k9"),
    CLOSED_AT,
)


def _privacy() -> list[Sample]:
    return [
        Sample("privacy", "privacy", {"privacy": PRIVACY}),
        Sample("privacy.enrolled", "privacy", {"privacy": BARE_PRIVACY}),
        Sample("privacy_consents", "privacy_consents", {"privacy": PRIVACY}),
        Sample("privacy_consents.enrolled", "privacy_consents", {"privacy": BARE_PRIVACY}),
        Sample("ask_in_private", "ask_in_private"),
        Sample("erase_confirm", "erase_confirm", {"erasing": ERASING}),
        Sample("erase_confirm.looked_at", "erase_confirm", {"erasing": replace(ERASING, nonce="")}),
        Sample("erase_confirm.owner", "erase_confirm", {"erasing": replace(ERASING, own=False)}, OWNER),
        Sample("erase_begun", "erase_begun", {"number": RECEIPT.number}),
        Sample("erased", "erased", reader=STRANGER),
        Sample("erase_receipt", "erase_receipt", {"receipt": RECEIPT}, STRANGER),
        Sample(
            "erase_receipt.left",
            "erase_receipt",
            {"receipt": replace(RECEIPT, letters=2, unclear=1, refused=3, commissions=1)},
            STRANGER,
        ),
        Sample("erase_last_owner", "erase_last_owner", reader=OWNER),
        Sample("erase_whom", "erase_whom", reader=OWNER),
        Sample("erase_which", "erase_which", {"likely": LIKELY}, OWNER),
        Sample("privacy_export.link", "privacy_export", {"export": EXPORT}),
        Sample("privacy_export.shown_before", "privacy_export", {"export": replace(EXPORT, url="")}),
        Sample("privacy_export.text", "privacy_export", {"export": replace(EXPORT, url="", text='{"person": []}')}),
        Sample("privacy_export.too_long", "privacy_export", {"export": replace(EXPORT, url="", possible=False)}),
        Sample("audit", "audit", {"audit": AUDIT}, OWNER),
        Sample("audit.empty", "audit", {"audit": replace(AUDIT, entries=(), more=False, url="")}, OWNER),
        Sample("sent_in_private", "sent_in_private"),
    ]


RULES = RulesView(
    3, "懲戒", "人事部 alumni@example.com", "https://motokai.example.com/eligibility/1-0123456789abcdef0123"
)
_WAY_IN = WayInView("met", "slack", rules=RULES.url)
_MAYBE = Candidate(41, PERSON.name, "taro@example.com", "A-1041", "invited", "vouched", date(2019, 3, 31))
_STAFF = Candidate(2, HR.name, "", "", "active", "number", linked=True, open=False)
_ASKED = JoiningView(
    id=9,
    state="asked",
    platform="slack",
    looking=False,
    told_name="taro.y <!channel>",
    told_email="taro@example.com",
    vouched=True,
    name="山田（旧姓 佐藤） 太郎",
    email="taro.yamada@example.org",
    number="A-1041",
    worked="2005年から2019年まで、品質管理部",
    words="招待状を失くしてしまいました。\nよろしくお願いいたします。",
    asked_at=DONE_AT,
    candidates=(_MAYBE, replace(_MAYBE, id=57, by="email", number="", email="taro.yamada@example.org"), _STAFF),
)
_BARE_ASKED = replace(_ASKED, told_name="", told_email="", vouched=False, number="", worked="", words="", candidates=())
_DECIDED = replace(
    _ASKED, state="admitted", candidates=(), person=PERSON.name, decided_by=HR.name, decided_at=CLOSED_AT
)


def _joining() -> list[Sample]:
    refused = replace(_DECIDED, state="refused", person="")
    states = {
        "met": _WAY_IN,
        "looking": WayInView("looking", "teams"),
        "asked": replace(_WAY_IN, state="asked", asked_at=DONE_AT),
        "refused": replace(_WAY_IN, state="refused", asked_at=DONE_AT, again=CLOSED_AT),
        "admitted": replace(_WAY_IN, state="admitted"),
    }
    cards = {
        "asked": _ASKED,
        "guest": replace(_ASKED, platform="teams", vouched=False, candidates=(replace(_MAYBE, by="told"),)),
        "looking": replace(_BARE_ASKED, looking=True),
        "bare": _BARE_ASKED,
        "admitted": _DECIDED,
        "recognised": replace(_DECIDED, decided_by=""),
        **{f"refused.{reason or 'unsaid'}": replace(refused, reason=reason) for reason in ("", *sorted(REASONS))},
    }
    told = {"name": PERSON.name, "platform": "slack"}
    return [
        *(Sample(f"way_in.{state}", "way_in", {"way_in": view}, STRANGER) for state, view in states.items()),
        *(Sample(f"join_request.{state}", "join_request", {"joining": view}, HR) for state, view in cards.items()),
        Sample("join_decided.admitted", "join_decided", {"joining": _DECIDED}, HR),
        Sample("join_decided.refused", "join_decided", {"joining": refused}, HR),
        *(
            Sample(
                f"join_refused.{reason or 'unsaid'}",
                "join_refused",
                {"way_in": replace(states["refused"], reason=reason)},
                STRANGER,
            )
            for reason in ("", *sorted(REASONS))
        ),
        Sample("join_lapsed", "join_lapsed", reader=STRANGER),
        Sample("join_later", "join_later", reader=STRANGER),
        Sample("recognised", "recognised", {**told, "staff": False}),
        Sample("recognised.staff", "recognised", {**told, "platform": "teams", "staff": True}, HR),
        Sample(
            "recognised_early",
            "recognised_early",
            {**told, "opening": OpeningView(PERSON.name, date(2026, 11, 30), "", CLOSED_AT)},
        ),
    ]


_LEFT = SideView(
    41, PERSON_NAME, "active", "alumnus", date(2026, 4, 1), "Slack", "経理、英語", 3, 1, own=False, reason=""
)
_RIGHT = replace(
    _LEFT, id=57, name="Taro Yamada", state="invited", accounts="", skills="", answers=0, cases=0, reason="farther"
)
PAIR = PairView(
    "41-57",
    _LEFT,
    _RIGHT,
    (
        ComparedView("name", "お名前", PERSON_NAME, "Taro Yamada", asked=True),
        ComparedView("email", "メールアドレス", "taro@example.com", "yamada@example.com", asked=True),
        ComparedView("employee_number", "社員番号", "A1024", "A1024", asked=False),
        ComparedView("city", "お住まいの地域", "", "大阪", asked=False),
        ComparedView("helps_with", "お力になれること", "決算" * 40, "", asked=False),
        ComparedView("left_for", "退職の理由", "自己都合", "定年", asked=True),
    ),
    "社員番号",
)
DIFFERENT = replace(
    PAIR, lines=tuple(ComparedView(name, name, f"{name} 1", f"{name} 2", asked=True) for name in COMPARED)
)
"""Who have no word in common."""
UNMERGEABLE = replace(PAIR, left=replace(_LEFT, reason="owner_only"), right=replace(_RIGHT, reason="owner_only"))
PROPOSED = ProposedView("41-57", PERSON_NAME, "Taro Yamada", "社員番号")
MERGED = MergedView(7, PERSON_NAME, "Taro Yamada", DONE_AT, datetime(2026, 12, 9, 5, 32, tzinfo=UTC), "done", ())
UNDONE = replace(MERGED, state="undone", stayed=("プロフィール", "募集へのお返事"))
FINAL = replace(MERGED, state="final", other="")


def _merging() -> list[Sample]:
    two = ProposalsView((PROPOSED, replace(PROPOSED, pair="58-60", left="佐藤 華", right="佐藤 はな", signs="")), 2)
    return [
        Sample("merge_whom", "merge_whom", reader=HR),
        Sample("merge_nobody", "merge_nobody", reader=HR),
        Sample("merge_none", "merge_none", reader=HR),
        Sample("merge_likely", "merge_likely", {"pairs": two}, HR),
        Sample("merge_likely.done", "merge_likely", {"pairs": ProposalsView((), 0)}, HR),
        Sample("merge_compare", "merge_compare", {"pair": PAIR}, HR),
        Sample(
            "merge_compare.yourself", "merge_compare", {"pair": replace(PAIR, left=replace(_LEFT, own=True))}, OWNER
        ),
        Sample("merge_compare.neither", "merge_compare", {"pair": UNMERGEABLE}, HR),
        Sample("merge_refused", "merge_refused", {"reason": "gone"}, HR),
        Sample("merged", "merged", {"merger": MERGED}, HR),
        Sample("merged.undone", "merged", {"merger": UNDONE}, HR),
        Sample("merged.undone.whole", "merged", {"merger": replace(UNDONE, stayed=())}, HR),
        Sample("merged.final", "merged", {"merger": FINAL}, HR),
        Sample("mergers", "mergers", {"mergers": (MERGED, UNDONE, FINAL)}, HR),
        Sample("mergers.none", "mergers", {"mergers": ()}, HR),
        Sample("rules_saved", "rules_saved", {"rules": RULES}, OWNER),
        Sample("rules_saved.none", "rules_saved", {"rules": RulesView(0, "", "")}, OWNER),
        Sample("not_eligible", "not_eligible", {"faults": ["reason_not_invited", "too_few_years:3"]}, HR),
    ]


REMINDER = ReminderView(
    event=7,
    title="年次交流会 2026",
    starts_at=datetime(2026, 12, 4, 10, tzinfo=UTC),
    ends_at=datetime(2026, 12, 4, 12, tzinfo=UTC),
    place="本社1階 食堂",
    link="",
    later=False,
    seat="taken",
    state="open",
    ahead=ahead(10_080),
    muted=False,
    joinable=True,
)
REMINDING = ChoicesView(
    event=7,
    title=REMINDER.title,
    starts_at=REMINDER.starts_at,
    all=False,
    own=False,
    choices=tuple(ChoiceView(m, ahead(m), m in (1440, 60)) for m in (10_080, 4320, 1440, 180, 60)),
    chosen=(ahead(1440), ahead(60)),
)


def _reminders() -> list[Sample]:
    reminders = {
        "": REMINDER,
        ".maybe": replace(REMINDER, seat="maybe", place="", later=True, ahead=ahead(60)),
        ".maybe.closed": replace(REMINDER, seat="maybe", joinable=False),
        ".ticket": replace(REMINDER, ticket="https://motokai.example.com/tickets/1.2.7.9.x"),
        ".calendar": replace(REMINDER, calendar="https://motokai.example.com/events/1.2.7.9.x/event.ics"),
        ".online": replace(REMINDER, place="", link="https://meet.example.com/abc", ahead=ahead(30)),
        ".muted": replace(REMINDER, muted=True),
        ".moved": replace(REMINDER, state="moved"),
        ".cancelled": replace(REMINDER, state="cancelled"),
        ".over": replace(REMINDER, state="over", seat=""),
        ".not_going": replace(REMINDER, seat="", place="", later=True),
    }
    choosing = {
        "": REMINDING,
        ".own": replace(REMINDING, own=True),
        ".none": replace(REMINDING, own=True, chosen=(), choices=REMINDING.choices[3:]),
        ".all": replace(REMINDING, all=True),
        ".all.none": replace(REMINDING, all=True, chosen=()),
    }
    feeds = {
        "new": FeedView("https://motokai.example.com/calendar/1.k3x.ics", possible=True),
        "shown_before": FeedView("", possible=True),
        "impossible": FeedView("", possible=False),
    }
    missed = MissedView(7, REMINDER.title, REMINDER.starts_at, (ahead(1440), ahead(60)))
    hours = {"begins": "22:00", "ends": "07:00", "zone": "Asia/Tokyo", "changed": True}
    return [
        *(Sample(f"event_reminder{name}", "event_reminder", {"reminder": view}) for name, view in reminders.items()),
        *(Sample(f"event_reminders{name}", "event_reminders", {"reminding": view}) for name, view in choosing.items()),
        Sample("event_reminders_missed", "event_reminders_missed", {"missed": missed}),
        Sample("reminders_unknown", "reminders_unknown"),
        *(Sample(f"calendar_feed.{name}", "calendar_feed", {"feed": view}) for name, view in feeds.items()),
        Sample("calendar_off", "calendar_off"),
        Sample("quiet_set", "quiet_set", hours),
        Sample("quiet_set.shown", "quiet_set", hours | {"changed": False}),
        Sample("quiet_set.off", "quiet_set", hours | {"begins": "", "ends": ""}),
        Sample("quiet_how", "quiet_how"),
    ]


MESSAGES: tuple[Sample, ...] = (
    *_reminders(),
    *_merging(),
    *_helps(),
    *_people_files(),
    *_homes(),
    *_entries(),
    *_invitations(),
    *_offboarding(),
    *_directory(),
    *_gigs(),
    *_events(),
    *_receptions(),
    *_broadcasts(),
    *_surveys(),
    *_reunions(),
    *_cases(),
    *_commissions(),
    *_preferences(),
    *_privacy(),
    *_joining(),
)

FORMS: tuple[Sample, ...] = (
    Sample("form.event.create", verb="event.create", reader=HR, filled={"zone": "Asia/Tokyo"}),
    Sample(
        "form.event.create.faults",
        args={"event": EVENING},
        verb="event.create",
        reader=HR,
        form_args={"event": "7"},
        filled={"title": EVENING.title, "starts": "25:00"},
        errors={
            "day": "start_before_deadline",
            "starts": "not_a_time",
            "ends": "ends_before_start",
            "zone": "unknown_zone",
            "link": "not_a_link",
            "capacity": "not_seats",
            "title": "event_changed_meanwhile",
        },
    ),
    Sample("form.event.options", verb="event.options", reader=HR, filled={"confirm": "day", "repeat": "once"}),
    Sample(
        "form.event.options.faults",
        verb="event.options",
        reader=HR,
        errors={
            "guests": "not_guests:9",
            "deadline": "deadline_after_start",
            "questions": "too_many_questions",
            "host": "nobody_hosts",
        },
    ),
    Sample("form.event.feedback", verb="event.feedback", form_args={"event": "7"}),
    Sample("form.event.audience", verb="event.audience", reader=HR, errors={"cities": "reaches_nobody"}),
    Sample("form.event.cancel", args={"event": BARE_EVENING}, verb="event.cancel", reader=HR, form_args={"event": "7"}),
    Sample("form.event.cancel.row", args={"event": EVENING}, verb="event.cancel", reader=HR, form_args={"event": "7"}),
    Sample(
        "form.event.join",
        args={"event": FULL_EVENING},
        verb="event.join",
        form_args={"event": "7"},
        filled={"guests": "3"},
        errors={"guests": "seats_left:1"},
    ),
    Sample(
        "form.event.join.asked",
        args={"event": replace(EVENING, guests_each=0, own=OWN_ANSWERS["taken"])},
        verb="event.join",
        form_args={"event": "7"},
    ),
    Sample("form.gig.choose", verb="gig.choose", reader=HR, filled={"work": GIG.work}),
    Sample(
        "form.gig.choose.open",
        args={"open": "period,payment"},
        verb="gig.choose",
        reader=HR,
        filled={"why_payment": "見積もり中"},
        errors={"why_period": "required", "until_payment": "day_is_past"},
    ),
    Sample(
        "form.gig.choose.faults",
        verb="gig.choose",
        reader=HR,
        form_args={"case": "31", "open": ""},
        errors={
            "person_name": "places_taken:田中 健様（決定した担当者：佐藤 花子）",
            "commissioned_on": "day_is_future",
            "ends_on": "day_before_start",
            "pays_on": "pays_too_late:2026-05-30",
            "work": "too_long_unlinked",
        },
    ),
    Sample(
        "form.commission.supplement",
        args={"open": "inspection"},
        verb="commission.supplement",
        reader=HR,
        form_args={"commission": "5", "open": "inspection"},
        filled={"why_inspection": "検査の方法を確認しているため", "until_inspection": "2026-12-20"},
        errors={"inspection": "nothing_fixed"},
    ),
    Sample("form.join.ask", verb="join.ask", reader=STRANGER),
    Sample(
        "form.join.ask.faults",
        verb="join.ask",
        reader=STRANGER,
        filled={"email": "taro@", "words": "山" * 1001},
        errors={"name": "required", "email": "not_an_email", "words": "too_long"},
    ),
    Sample(
        "form.join.new",
        verb="join.new",
        reader=HR,
        form_args={"joining": "9"},
        filled={"name": PERSON_NAME, "email": "taro@example.com"},
        errors={"email": "address_in_use"},
    ),
    Sample("form.join.refuse", verb="join.refuse", reader=HR, form_args={"joining": "9"}),
    Sample("form.merge.keep", args={"pair": PAIR}, verb="merge.keep", reader=HR, form_args={"pair": "41-57"}),
    Sample(
        "form.merge.keep.yourself",
        args={"pair": replace(PAIR, left=replace(_LEFT, own=True), lines=())},
        verb="merge.keep",
        reader=OWNER,
        form_args={"pair": "41-57"},
        errors={"sure": "required"},
    ),
    Sample("form.rules", verb="rules", reader=OWNER, filled={"least_years": "3", "disciplinary": "no"}),
    Sample("form.rules.faults", verb="rules", reader=OWNER, errors={"least_years": "not_years"}),
    Sample(
        "form.offboard.not_eligible",
        verb="offboard",
        reader=HR,
        filled={"joined_year": "2025"},
        errors={"joined_year": "too_few_years:3", "left_for": "reason_not_invited"},
    ),
    Sample("form.enrol", verb="enrol", reader=HR),
    Sample("form.enrol.letters", args={"letters": True}, verb="enrol", reader=HR),
    Sample(
        "form.enrol.faults",
        verb="enrol",
        reader=HR,
        filled={"email": "taro@", "role": "hr"},
        errors={"name": "required", "email": "not_an_email", "role": "owner_enrols_hr"},
    ),
    Sample("form.offboard", verb="offboard", reader=HR),
    Sample("form.offboard.letters", args={"letters": True}, verb="offboard", reader=HR),
    Sample(
        "form.offboard.faults",
        verb="offboard",
        reader=HR,
        filled={"name": PERSON.name, "joined_year": "平成", "last_day": "2036-03-31", "email": "taro@example.com"},
        errors={"joined_year": "not_a_year", "last_day": "day_too_far", "known": "known_already"},
    ),
    Sample("form.offboard.withdraw", verb="offboard.withdraw", reader=HR, form_args={"person": "41"}),
    Sample(
        "form.profile.edit",
        verb="profile.edit",
        filled={"name": PERSON.name, "reading": "やまだ たろう", "skills": PERSON.skills},
    ),
    Sample(
        "form.profile.edit.faults",
        verb="profile.edit",
        filled={"name": "山" * 201, "skills": PERSON.skills},
        errors={"name": "too_long", "skills": "too_many_skills"},
    ),
    Sample(
        "form.profile.work",
        verb="profile.work",
        filled={"works_at": "みなと精機株式会社", "departments": "品質管理部 2005-2010\n海外営業部"},
    ),
    Sample(
        "form.profile.work.faults",
        verb="profile.work",
        filled={"departments": "品質管理部 2010-2005"},
        errors={"departments": "bad_departments"},
    ),
    Sample(
        "form.profile.visibility",
        verb="profile.visibility",
        filled={field: audience(field, None).value for field in FIELDS},
    ),
    Sample(
        "form.profile.visibility.faults",
        verb="profile.visibility",
        filled={"email": "everyone"},
        errors={"email": "not_a_choice"},
    ),
    Sample("form.gig.post", verb="gig.post", reader=HR),
    Sample(
        "form.gig.post.faults",
        verb="gig.post",
        reader=HR,
        filled={
            "title": GIG.title,
            "work": GIG.work,
            "reward": GIG.reward,
            "skills": "宇宙工学",
            "deadline": "2025-11-22",
        },
        errors={"place": "required", "skills": "nobody_matches", "deadline": "day_is_past"},
    ),
    Sample("form.gig.post.draft", "", {"draft": DRAFT}, HR, verb="gig.post", form_args={"draft": "12", "was": "ab12"}),
    Sample("form.gig.post.open", "", {"draft": replace(DRAFT, state="open")}, HR, verb="gig.post"),
    Sample("form.gig.terms", verb="gig.terms", reader=HR, form_args={"draft": "12"}),
    Sample(
        "form.gig.terms.faults",
        "",
        {"draft": FAULTY_DRAFT},
        HR,
        verb="gig.terms",
        form_args={"draft": "12"},
        filled={
            "legal_name": "株式会社東都製作所",
            "received_on": "2027-04-01",
            "pays_on": "2027-05-31",
            "tax": "excluded",
        },
        errors={"contact": "post_needs", "pays_on": "pays_late:2027-05-30"},
    ),
    Sample("form.gig.audience", "", {"draft": NARROW_DRAFT}, HR, verb="gig.audience", filled={"match": "all"}),
    Sample(
        "form.gig.audience.open",
        "",
        {"draft": OPEN_DRAFT, "more": "3"},
        HR,
        verb="gig.audience",
        filled={"channel": "f5e4d3c2b1a0"},
    ),
    Sample("form.gig.audience.faults", verb="gig.audience", reader=HR, errors={"named": "nobody_named"}),
    Sample("form.broadcast", verb="broadcast", reader=HR, filled={"title_ja": "秋の交流会のご報告"}),
    Sample(
        "form.broadcast.faults",
        verb="broadcast",
        reader=HR,
        errors={"text_ja": "title_and_text", "picture": "not_a_picture", "picture_alt": "picture_needs_words"},
    ),
    Sample("form.broadcast.exists", verb="broadcast", reader=HR, errors={"save_as": "template_exists:月例 <!channel>"}),
    Sample("form.broadcast.template", verb="broadcast.template", reader=HR, filled={"save_as": "秋の交流会のご報告"}),
    Sample(
        "form.broadcast.template.full",
        verb="broadcast.template",
        reader=HR,
        errors={"save_as": "too_many_templates:50"},
    ),
    Sample("form.broadcast.audience", verb="broadcast.audience", reader=HR, filled={"match": "any", "answered": "no"}),
    Sample(
        "form.broadcast.audience.saved",
        args={"saved": SAVED},
        verb="broadcast.audience",
        reader=HR,
        filled={"saved": "8"},
        errors={"save_as": "saved_or_named"},
    ),
    Sample(
        "form.broadcast.conditions",
        verb="broadcast.conditions",
        reader=HR,
        filled={**conditions.filled(MORE_CONDITIONS), "save_as": SEGMENT.name},
    ),
    Sample(
        "form.broadcast.conditions.faults",
        verb="broadcast.conditions",
        reader=HR,
        errors={"left_to": "years_turned", "save_as": "too_many_segments:50"},
    ),
    Sample("form.survey.conditions", verb="survey.conditions", reader=HR, filled=conditions.filled(Segment())),
    Sample(
        "form.gig.conditions",
        verb="gig.conditions",
        reader=HR,
        filled={question.name: conditions.filled(MORE_CONDITIONS)[question.name] for question in conditions.GIG},
    ),
    Sample("form.event.conditions", verb="event.conditions", errors={"works_at": "event_changed_meanwhile"}),
    Sample("form.broadcast.schedule", verb="broadcast.schedule", reader=HR, filled={"time": "09:00"}),
    Sample("form.survey", verb="survey", reader=HR, filled={"time": "18:00"}),
    Sample("form.survey.faults", verb="survey", reader=HR, errors={"day": "moment_is_past", "time": "not_a_time"}),
    Sample("form.survey.questions", verb="survey.questions", reader=HR, filled=asking.filled(SURVEY_QUESTIONS)),
    Sample("form.survey.questions.faults", verb="survey.questions", reader=HR, errors={"options_1": "not_options"}),
    Sample("form.survey.audience", verb="survey.audience", reader=HR, filled={"match": "any", "answered": "no"}),
    Sample(
        "form.survey.audience.saved",
        args={"saved": SAVED},
        verb="survey.audience",
        reader=HR,
        errors={"save_as": "too_many_segments:50"},
    ),
    Sample(
        "form.survey.answer",
        args={"survey": SURVEY},
        verb="survey.answer",
        form_args={"survey": "7"},
        filled=asking.known(SURVEY_ANSWERS[0]),
        asked=asking.questions(SURVEY_QUESTIONS),
    ),
    Sample(
        "form.survey.answer.named",
        args={"survey": NAMED_SURVEY},
        verb="survey.answer",
        form_args={"survey": "7"},
        errors={"answer_1": "nothing_answered"},
        asked=asking.questions(SURVEY_QUESTIONS),
    ),
    Sample("form.reunion", verb="reunion", reader=HR, filled={"joined_from": "1998", "joined_to": "1998"}),
    Sample(
        "form.reunion.faults",
        verb="reunion",
        errors={
            "joined_from": "no_cohort",
            "departments": "not_own_cohort",
            "places": "too_many_venues",
            "closes": "closes_after_days",
        },
    ),
    Sample("form.reunion.extend", verb="reunion.extend", reader=HR),
    Sample(
        "form.reunion.choose",
        args={"reunion_card": replace(REUNION_CARD, offering=REUNION_OFFERING)},
        verb="reunion.choose",
        reader=HR,
        form_args={"reunion_card": "7"},
        asked=(Question("who", FieldKind.CHOICE, choices=("2", "3")),),
    ),
    Sample(
        "form.reunion.answer",
        args={"reunion": REUNION},
        verb="reunion.answer",
        form_args={"reunion": "7"},
        filled={"days": "1,2", "offers": "no"},
        asked=REUNION_ASKED,
    ),
    Sample(
        "form.reunion.answer.faults",
        args={"reunion": replace(REUNION, places=())},
        verb="reunion.answer",
        form_args={"reunion": "7"},
        errors={"days": "nothing_chosen"},
        asked=(REUNION_ASKED[0], REUNION_ASKED[2]),
    ),
    Sample("form.digest.time", verb="digest.time", reader=OWNER, filled={"weekday": "monday", "hour": "9:00"}),
    Sample("form.digest.time.faults", verb="digest.time", reader=OWNER, errors={"hour": "not_an_hour"}),
    Sample("form.gig.schedule", verb="gig.schedule", reader=HR, filled={"time": "09:00"}),
    Sample("form.gig.schedule.faults", verb="gig.schedule", reader=HR, errors={"time": "not_a_time"}),
    Sample("form.gig.defaults", verb="gig.defaults", reader=OWNER, filled={"contact": "人事部"}),
    Sample("form.gig.ask", verb="gig.ask", form_args={"gig": "12"}),
    Sample("form.gig.note", verb="gig.note", form_args={"gig": "12"}, filled={"when": "平日の夜"}),
    Sample("form.gig.refer", verb="gig.refer", form_args={"gig": "12"}),
    Sample(
        "form.gig.refer.faults",
        verb="gig.refer",
        form_args={"gig": "12"},
        filled={"who": "田中", "words": "ぜひ", "email": "x"},
        errors={"who": "refer_several", "email": "not_an_email", "agreed": "refer_agreed"},
    ),
    Sample("form.profile.gigs", verb="profile.gigs"),
    Sample(
        "form.profile.gigs.faults",
        verb="profile.gigs",
        filled={"weekends": "yes", "where": "either", "interests": "研修"},
        errors={"interests": "too_many_interests"},
    ),
    Sample("form.synonym.add", verb="synonym.add", reader=HR),
    Sample(
        "form.synonym.add.faults",
        verb="synonym.add",
        reader=HR,
        filled={"word": "k8s", "means": "K8S"},
        errors={"word": "bad_skill_word", "means": "same_word"},
    ),
    Sample("form.case.answer", verb="case.answer", reader=HR, form_args={"case": "31"}),
    Sample(
        "form.case.answer.meanwhile",
        verb="case.answer",
        args={"meanwhile": MEANWHILE},
        reader=HR,
        form_args={"case": "31", "revision": "4", "meanwhile": "31-2"},
        filled={"text": "はい、可能です。"},
    ),
    Sample("form.case.note", verb="case.note", reader=HR, form_args={"case": "31"}),
    Sample("form.case.reply", verb="case.reply", form_args={"case": "31"}),
    Sample("form.ask", verb="ask"),
    Sample("form.desk.edit", verb="desk.edit", reader=HR, form_args={"desk": "3"}),
    Sample(
        "form.desk.edit.faults",
        verb="desk.edit",
        reader=HR,
        form_args={"desk": "3"},
        filled={"name": "給与担当", "topics": "給与" * 30, "hours": "八", "opens": "25:00", "closes": "8:00"},
        errors={
            "topics": "topic_too_long",
            "hours": "not_hours",
            "opens": "not_a_time",
            "closes": "closes_too_early",
            "is_default": "default_stays",
        },
    ),
)
