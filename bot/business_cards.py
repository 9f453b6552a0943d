"""Somebody's business card, as far as the reader may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import card_links, directory, looks, vcard, visibility
from bot.access import MEMBERS, check
from bot.card_links import CardLink
from bot.directory import PersonView
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import people
from storage.db import CompanySession
from storage.people import CompanyFacts
from storage.tables import Person

PICTURE = "/qr.png"
FILE = "/card.vcf"
"""What stands below the page's address."""
QR_BYTES = 412
"""What a QR code of version 15 takes, of which a quarter may be lost (ISO/IEC 18004, level M): a phone still reads it
from a screen."""


@dataclass(frozen=True, slots=True)
class CardView:
    """`text` is a vCard, unfolded: what is copied from a message has no long lines to fear. `url` is the card's page
    and `qr` its picture, both empty where browsers reach no page of ours; `until` is when they end."""

    name: str
    text: str
    own: bool = False
    url: str = ""
    qr: str = ""
    until: datetime | None = None


def card_view(scene: Scene, asked: Mapping[str, Any] | int) -> CardView:
    """Raises LookupError when the company has no such person for the reader."""
    person = directory.person_view(scene, asked)
    text = vcard.text(person, scene.company.name).replace("\r\n ", "").replace("\r\n", "\n").strip()
    if not scene.public_url or scene.reader is None:
        return CardView(person.name, text, person.own)
    link = CardLink(scene.reader.id, person.id, person.shared, scene.now + card_links.LIFETIME)
    url = scene.public_url.rstrip("/") + card_links.path(card_links.issue(scene.session, link))
    return CardView(person.name, text, person.own, url, url + PICTURE, link.until)


def show(turn: Turn) -> Answer:
    """One's own card, or that of the person whom the button, the mention or the words mean."""
    shared = directory.is_shared(turn)
    if not turn.args.get("text") and not turn.args.get("person"):
        return Say("business_card", {"card_of": {"id": turn.member.id, "shared": shared}})
    person = directory.meant(turn)
    if not isinstance(person, Person):
        return Say("nobody", notice=True) if person is None else person
    fields = directory.profile_fields(turn.session, person, turn.locale)
    looks.note(turn, person.id or 0, fields, shared=shared)
    return Say("business_card", {"card_of": {"id": person.id, "shared": shared}})


@dataclass(frozen=True, slots=True)
class OpenedCard:
    """A card behind its link: whose it is as the link's reader sees them now, in which language, and until when."""

    person: PersonView
    company: CompanyFacts
    locale: str
    until: datetime

    @property
    def file(self) -> str:
        return vcard.text(self.person, self.company.name)

    @property
    def scanned(self) -> str:
        """What the QR code says."""
        return vcard.compact(self.person, self.company.name, QR_BYTES)


def opened(session: CompanySession, token: str, now: datetime) -> OpenedCard | None:
    """None for a link that is forged or over, whose reader is no member any more, or may not see the person any more.
    That HR looks at what only HR sees is written down here too."""
    link = card_links.read(session, token, now)
    if link is None:
        return None
    reader = people.members(session, [link.reader]).get(link.reader)
    if reader is None or check(reader, MEMBERS) is not None:
        return None
    company = people.company(session)
    scene = Scene(session, company, reader, reader.locale, now)
    try:
        person = directory.person_view(scene, {"id": link.person, "shared": link.shared})
    except LookupError:
        return None
    fields = {field: getattr(person, field) for field in visibility.FIELDS}
    looks.note_for(session, reader, now, company.timezone, link.person, fields, shared=link.shared)
    return OpenedCard(person, company, reader.locale, link.until)
