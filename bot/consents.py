"""What people agree to: a text for each purpose, of which every version that was ever shown is kept.

A text is `prompts/<locale>/consents/PURPOSE.VERSION.md.j2`. Whoever changes what one says writes the next version
beside it and names that in CURRENT: what somebody agreed to can be shown for as long as they are known.
"""

from collections.abc import Mapping, Set
from datetime import datetime
from types import MappingProxyType

from sqlmodel import col, select

from bot import prompts
from bot.cards import Card
from storage.db import CompanySession
from storage.tables import Consent, ConsentPurpose

CURRENT: Mapping[ConsentPurpose, str] = MappingProxyType(
    {
        ConsentPurpose.CONTACT: "1",
        ConsentPurpose.DIRECTORY: "1",
        ConsentPurpose.GIGS: "1",
        ConsentPurpose.REHIRE: "1",
        ConsentPurpose.LEADS: "1",
        ConsentPurpose.STATISTICS: "1",
    }
)
NEEDED = frozenset({ConsentPurpose.CONTACT, ConsentPurpose.DIRECTORY})
"""Without these there is nothing to take part in: somebody who cannot be written to, or is known to nobody."""


def text(purpose: ConsentPurpose, locale: str, company: str, version: str = "") -> Card:
    """What is agreed to, in that version or the current one. Raises TemplateBroken for one that never was."""
    name = f"consents/{purpose}.{version or CURRENT[purpose]}"
    return prompts.card(name, locale, {"company": company}, lambda _: ())


def given(session: CompanySession, person_id: int) -> dict[ConsentPurpose, Consent]:
    """The person's consents that are not withdrawn, in whatever version."""
    kept = select(Consent).where(Consent.person_id == person_id, col(Consent.withdrawn_at).is_(None))
    return {consent.purpose: consent for consent in session.exec(kept.order_by(col(Consent.id)))}


def choose(session: CompanySession, person_id: int, wanted: Set[ConsentPurpose], channel: str, now: datetime) -> None:
    """The person agrees to the current texts of `wanted` and to nothing else. A consent that stays as it is keeps its
    time, one to an older version is replaced."""
    before = given(session, person_id)
    for purpose, version in CURRENT.items():
        consent = before.get(purpose)
        stays = consent is not None and purpose in wanted and consent.version == version
        if consent is not None and not stays:
            consent.withdrawn_at = now
            session.add(consent)
        if purpose in wanted and not stays:
            session.add(Consent(person_id=person_id, purpose=purpose, version=version, channel=channel, given_at=now))
