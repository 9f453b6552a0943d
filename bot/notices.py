"""The terms notice: what somebody who is commissioned is told of the terms, once and for good
(フリーランス・事業者間取引適正化等法 art. 3). A checklist, no legal advice."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import orjson
from babel.dates import format_date

from bot import notice_links, subjects, texts
from bot.notice_links import NoticeLink
from bot.ports import MAIL
from bot.prompts import phrase
from bot.scene import Scene
from storage import ledger, merging, people
from storage.db import CompanySession
from storage.ledger import DeliveryRow, Draft
from storage.people import CompanyFacts
from storage.tables import Commission, CommissionNotice, Gig, Person, PersonState, Role

OPENABLE: Mapping[str, tuple[str, ...]] = {
    "work": ("work",),
    "period": ("period", "received_on", "ends_on"),
    "place": ("place",),
    "inspection": ("inspection",),
    "reward": ("reward",),
    "payment": ("pays_on", "payment_rule"),
}
"""Items that may be fixed later, with the fields that fix them."""
FIELDS = (
    "legal_name",
    "person_name",
    "commissioned_on",
    "work",
    "starts_on",
    "ends_on",
    "received_on",
    "period",
    "place",
    "inspection",
    "reward",
    "tax",
    "expenses",
    "pays_on",
    "payment_rule",
    "noncash",
    "subcontracted",
    "client_name",
    "client_pays_on",
    "other",
)
"""What a notice says, apart from what is open."""
FITS_BYTES, FITS_CHARACTERS = 17_000, 10_500
"""Of what is longer, a message shows the beginnings: Teams counts bytes, Slack characters."""
LINE_BYTES = 140
"""What one more line costs in a card of Teams."""
BEGINNING = 280


def canonical(content: Mapping[str, Any]) -> bytes:
    """The content as the bytes that are hashed: UTF-8 JSON, keys sorted, without spaces."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content)).hexdigest()


# Writing


def issue(
    session: CompanySession,
    commission: Commission,
    values: Mapping[str, str],
    open_items: Sequence[Mapping[str, str]],
    now: datetime,
    *,
    before: CommissionNotice | None = None,
) -> CommissionNotice:
    """The commission's next notice: all terms as they are now, and in a supplement which notice it supplements."""
    gig = session.get_one(Gig, commission.gig_id)
    content: dict[str, Any] = {
        "format": 1,
        "number": before.number + 1 if before else 1,
        "at": now.isoformat(timespec="seconds"),
        "gig": gig.title,
        **{name: values.get(name, "") for name in FIELDS},
        "open": [dict(item) for item in open_items],
    }
    if before is not None:
        still = {item["item"] for item in open_items}
        fixed = [item["item"] for item in before.open_items if item["item"] not in still]
        content |= {"supplements": {"number": before.number, "digest": before.digest}, "fixed": fixed}
    notice = CommissionNotice(
        commission_id=commission.id or 0,
        number=content["number"],
        at=now,
        content=content,
        digest=digest(content),
        open_items=content["open"],
    )
    session.add(notice)
    session.flush()
    return notice


@dataclass(frozen=True, slots=True)
class Reach:
    """Where one person alone reads."""

    platform: str
    workspace: str
    address: str


def reach(session: CompanySession, person: Person, *, letters: bool) -> Reach | None:
    """The person's conversation with the bot, else (with `letters`) the address that they have confirmed."""
    for account in people.accounts_of(session, person.id or 0):
        if account.address:
            return Reach(account.platform, account.workspace, account.address)
    confirmed = people.confirmed_address(person) if letters else ""
    return Reach(MAIL, "", confirmed) if confirmed else None


def send(session: CompanySession, commission: Commission, number: int, where: Reach, now: datetime) -> None:
    draft = Draft(
        cause=_cause(commission.id, number),
        recipient=f"person:{commission.person_id}",
        person_id=commission.person_id,
        platform=where.platform,
        workspace=where.workspace,
        address=where.address,
        template="terms_notice",
        args={"notice": {"commission": commission.id, "number": number}},
        subject=subjects.notice(commission.id),
    )
    ledger.enqueue(session, [draft], now)


def _cause(commission_id: int | None, number: int) -> str:
    return f"notice:{commission_id}:{number}"


def delivery(session: CompanySession, commission_id: int | None, number: int) -> DeliveryRow | None:
    """The message with that notice."""
    return ledger.caused(session, _cause(commission_id, number))


def send_again(session: CompanySession, commission: Commission, number: int, where: Reach, now: datetime) -> bool:
    """Whether it is sent once more, to `where`: not while it is on its way, nor once it is there."""
    row = delivery(session, commission.id, number)
    return row is not None and ledger.queue_again(session, [row.id], now, **asdict(where)) > 0


def did_not_arrive(session: CompanySession, row: DeliveryRow, now: datetime) -> None:
    """HR's cards say so, and offer to send it again."""
    ledger.mark_stale(session, subjects.commission(row.args["notice"]["commission"]), now)


# In words


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    text: str


def day(text: str, locale: str) -> str:
    """A stored day as its reader writes it; empty for none."""
    if not text:
        return ""
    return format_date(date.fromisoformat(text), "y年M月d日(E)" if locale == "ja" else "EEE d MMM y", locale=locale)


def item_name(item: str, locale: str) -> str:
    return phrase("notice_items", locale, item)


def names(items: Iterable[str], locale: str) -> str:
    return texts.joined((item_name(item, locale) for item in items), locale)


def rows(content: Mapping[str, Any], locale: str) -> list[Row]:
    """Every item of the notice, in the law's order. What is open says why, and by when it will be fixed."""
    said = {name: str(content.get(name, "")) for name in FIELDS}
    still = {item["item"]: item for item in content["open"]}

    def say(block: str, **values: str) -> str:
        return phrase("notice_items", locale, block, values)

    def together(*parts: str) -> str:
        return ("／" if locale == "ja" else "; ").join(part for part in parts if part)

    def when(block: str, name: str) -> str:
        return say(block, day=day(said[name], locale)) if said[name] else ""

    shown: dict[str, str] = {
        "legal_name": said["legal_name"],
        "person_name": said["person_name"],
        "commissioned_on": day(said["commissioned_on"], locale),
        "work": said["work"],
        "period": together(
            said["period"], when("starts", "starts_on"), when("ends", "ends_on"), when("received", "received_on")
        ),
        "place": said["place"],
        "inspection": said["inspection"],
        "reward": together(
            said["reward"],
            say(f"tax_{said['tax']}") if said["tax"] else "",
            say("expenses", text=said["expenses"]) if said["expenses"] else "",
        ),
        "payment": together(day(said["pays_on"], locale), said["payment_rule"]),
        "noncash": said["noncash"],
        "subcontracted": say("is_subcontracted") if said["subcontracted"] == "yes" else "",
        "client_name": said["client_name"],
        "client_pays_on": day(said["client_pays_on"], locale),
        "other": said["other"],
    }
    for item, told in still.items():
        shown[item] = say("not_fixed", why=told["why"], day=day(told["until"], locale))
    return [Row(say(name), text) for name, text in shown.items() if text]


def fits(shown: Sequence[Row]) -> bool:
    """Whether a message takes all of it, whatever the platform."""
    every = [text for row in shown for text in (row.label, row.text)]
    size = sum(len(orjson.dumps(text)) + LINE_BYTES * text.count("\n") for text in every)
    return size <= FITS_BYTES and sum(map(len, every)) <= FITS_CHARACTERS


def beginnings(shown: Sequence[Row], locale: str) -> list[Row]:
    """The rows, long ones cut where they say so."""
    more = phrase("notice_items", locale, "continued")

    def cut(text: str) -> str:
        line = " ".join(text.split())
        return line if len(line) <= BEGINNING else f"{line[:BEGINNING]}…{more}"

    return [Row(row.label, cut(row.text)) for row in shown]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as the person has it. `url` and `pdf` are empty where browsers reach no page of ours; `whole`: the rows
    say all of it. `fixed` names what a supplement fixes, `first` is the number of the notice that it supplements (0 for
    none). `received`, `paper_at` and `paper_sent_at`: what has become of it."""

    commission: int
    number: int
    gig: str
    rows: tuple[Row, ...]
    at: datetime
    digest: str
    whole: bool
    first: int
    fixed: str
    still_open: bool
    url: str
    pdf: str
    received: bool
    received_at: datetime | None
    paper_at: datetime | None
    paper_sent_at: datetime | None


def notice_view(scene: Scene, asked: Mapping[str, Any]) -> NoticeView:
    """Raises LookupError for everybody but the person who was commissioned."""
    commission = scene.session.get(Commission, asked["commission"])
    notice = scene.session.get(CommissionNotice, (asked["commission"], asked["number"]))
    if commission is None or notice is None or scene.reader is None or scene.reader.id != commission.person_id:
        raise LookupError(f"no notice {asked}")
    shown = rows(notice.content, scene.locale)
    whole = fits(shown)
    url = url_of(scene, commission, notice.number)
    received = commission.received_number >= notice.number
    return NoticeView(
        commission=commission.id or 0,
        number=notice.number,
        gig=notice.content["gig"],
        rows=tuple(shown if whole else beginnings(shown, scene.locale)),
        at=notice.at,
        digest=notice.digest,
        whole=whole,
        first=notice.content.get("supplements", {}).get("number", 0),
        fixed=names(notice.content.get("fixed", ()), scene.locale),
        still_open=bool(notice.open_items),
        url=url,
        pdf=f"{url}?pdf" if url else "",
        received=received,
        received_at=commission.received_at if received else None,
        paper_at=commission.paper_at,
        paper_sent_at=commission.paper_sent_at,
    )


def url_of(scene: Scene, commission: Commission, number: int) -> str:
    """A new link to the page, for the scene's reader; empty where browsers reach none."""
    if not scene.public_url:
        return ""
    lifetime = notice_links.LIFETIME if scene.reader else notice_links.DESK_LIFETIME
    link = NoticeLink(scene.reader.id if scene.reader else 0, commission.id or 0, number, scene.now + lifetime)
    return scene.public_url.rstrip("/") + notice_links.path(notice_links.issue(scene.session, link))


# Behind its link


@dataclass(frozen=True, slots=True)
class OpenedNotice:
    """`intact`: the content still has its hash. `own`: the reader is who was commissioned."""

    content: Mapping[str, Any]
    digest: str
    intact: bool
    at: datetime
    company: CompanyFacts
    locale: str
    until: datetime
    own: bool
    commission: int
    received_at: datetime | None
    paper_at: datetime | None

    @property
    def number(self) -> int:
        return self.content["number"]


def opened(session: CompanySession, token: str, now: datetime) -> OpenedNotice | None:
    """None for a link that is forged or over, or whose reader may not read it any more."""
    link = notice_links.read(session, token, now)
    commission = session.get(Commission, link.commission) if link else None
    notice = session.get(CommissionNotice, (link.commission, link.number)) if link else None
    if link is None or commission is None or notice is None:
        return None
    company = people.company(session)
    reader = session.get(Person, merging.remaining(session, link.reader)) if link.reader else None
    own = reader is not None and reader.id == commission.person_id
    if link.reader and not own and not _is_staff(reader):
        return None
    if reader is not None and reader.state is PersonState.ERASED:
        return None
    received = commission.received_number >= notice.number
    return OpenedNotice(
        content=notice.content,
        digest=notice.digest,
        intact=digest(notice.content) == notice.digest,
        at=notice.at,
        company=company,
        locale=reader.locale if reader else company.locale,
        until=link.until,
        own=own,
        commission=link.commission,
        received_at=commission.received_at if received else None,
        paper_at=commission.paper_at,
    )


def _is_staff(reader: Person | None) -> bool:
    return reader is not None and reader.state is PersonState.ACTIVE and reader.role in (Role.OWNER, Role.HR)
