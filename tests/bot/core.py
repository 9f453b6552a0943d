"""The core without its edges: a company on a database, and people who send forms to it from either platform."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import SQLModel, select

from bot import audiences, delivery
from bot.cards import Card, Form
from bot.dispatch import Dispatcher
from bot.ports import Inbound, Kind, Pace, Reply, Speaker
from storage import ledger, people
from storage.db import CompanySession, Database
from storage.ledger import DeliveryRow
from storage.tables import (
    Account,
    Broadcast,
    Case,
    Company,
    Delivery,
    Desk,
    Event,
    EventState,
    EventVersion,
    Gig,
    GigState,
    Install,
    Person,
    PersonState,
    Reunion,
    ReunionState,
    Role,
    Rsvp,
    RsvpAnswer,
    Seat,
    Survey,
)
from tests.whole import whole

NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)
"""One in the morning of the 21st in Tokyo, and the 20th wherever servers are."""
OWNER, ALUMNA, INVITED = 1, 2, 3
DRAFT = 2
"""A gig that is not published."""
OVER = 3
"""An event that has ended, of which the alumna may still say how it was."""
PACE = Pace(60_000, 60_000)
OFFERED_BY = {"legal_name": "株式会社東都製作所", "legal_address": "愛知県刈谷市", "contact": "人事部"}
WORKSPACES = {"slack": "T1", "teams": "tenant"}


class Core:
    def __init__(self, database: Database, now: datetime = NOW, *, letters: bool = False) -> None:
        self.database, self.now = database, now
        paces = {name: PACE for name in (*WORKSPACES, "mail") if letters or name != "mail"}
        self.dispatcher = Dispatcher(database, paces=paces, clock=lambda: self.now)
        self._numbers = count(1)

    def settle(self, locale: str = "ja", zone: str = "Asia/Tokyo") -> "Core":
        """A company with an owner, an alumna and somebody who is invited, an open gig with a case, and a draft."""
        with self.database.installation() as session:
            session.add(Company(id=1, name="東都製作所", locale=locale, timezone=zone, gig_defaults=OFFERED_BY))
            session.flush()
            session.add_all(Install(platform=p, workspace=w, company_id=1) for p, w in WORKSPACES.items())
        made: dict[str, Any] = {"locale": locale, "created_at": self.now}
        with self.database.company(1) as session:
            active, invited = PersonState.ACTIVE, PersonState.INVITED
            session.add(
                Person(id=OWNER, name="佐藤 花子", role=Role.OWNER, state=active, email="hr@example.com", **made)
            )
            session.add(Person(id=ALUMNA, name="田中 恵", role=Role.ALUMNUS, state=active, **made))
            session.add(Person(id=INVITED, name="山田 太郎", role=Role.ALUMNUS, state=invited, **made))
            session.flush()
            session.add_all(
                Account(platform=p, workspace=w, external_id=f"U{n}", person_id=n, address=f"{p}:{n}")
                for p, w in WORKSPACES.items()
                for n in (OWNER, ALUMNA)
            )
            desk: dict[str, Any] = {"desk_platform": "slack", "desk_workspace": "T1", "desk_address": "slack:1"}
            gig: dict[str, Any] = {"title": "経理", "work": "月次", "reward": "応相談", "place": "在宅"}
            session.add(Gig(id=1, author_id=OWNER, **gig, **desk))
            session.add(Gig(id=DRAFT, author_id=OWNER, state=GigState.DRAFT, terms=OFFERED_BY, **gig, **desk))
            word = "質問" if locale == "ja" else "Question "
            asks: dict[str, Any] = {
                "guests_each": 2,
                "rule": "FREQ=WEEKLY",
                "questions": [f"{word}{n}" for n in (1, 2, 3)],
            }
            session.add(gathering(id=1, **asks))
            session.add(gathering(id=DRAFT, state=EventState.DRAFT))
            asked, began = self.now + timedelta(days=7), self.now - timedelta(days=1)
            session.add(gathering(id=OVER, state=EventState.OVER, starts_at=began, ends_at=began, feedback_until=asked))
            session.flush()
            session.add(Rsvp(event_id=OVER, person_id=ALUMNA, answer=RsvpAnswer.GOING, seat=Seat.TAKEN))
            session.add(EventVersion(event_id=1, version=1, at=self.now, author_id=OWNER, content={}))
            session.add(Desk(id=1, name="人事", platform="slack", workspace="T1", address="slack:1", is_default=True))
            session.flush()
            session.add(Broadcast(id=1, title_ja="ご報告", text_ja="本文", author_id=OWNER, **desk))
            session.add(
                Survey(id=1, title="アンケート", closes_at=self.now + timedelta(weeks=2), author_id=OWNER, **desk)
            )
            poll: dict[str, Any] = {"days": ["2026-12-19"], "starts": "19:00", "places": []}
            session.add(Reunion(id=1, author_id=OWNER, state=ReunionState.CLOSED, closes_at=self.now, **poll, **desk))
            session.add(Case(id=1, gig_id=1, person_id=ALUMNA, desk_id=1))
        # PostgreSQL does not count what is given a number by hand.
        with whole(self.database) as connection:
            if connection.dialect.name == "postgresql":
                for name in ("company", "person", "gig", "event", "case", "desk", "broadcast", "survey", "reunion"):
                    connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), 1000)")
        return self

    def send(
        self,
        verb: str,
        values: Mapping[str, str] | None = None,
        args: Mapping[str, str] | None = None,
        *,
        by: int = OWNER,
        platform: str = "slack",
        zone: str = "",
        pressed: str = "",
    ) -> Reply:
        """A form is submitted (or its button pressed, without values), and answered in the response."""
        speaker = Speaker(platform, WORKSPACES[platform], f"U{by}", timezone=zone)
        return self.dispatcher.receive(
            Inbound(
                f"{verb}:{next(self._numbers)}",
                Kind.PRESSED if values is None else Kind.SUBMITTED,
                speaker,
                f"{platform}:{by}",
                f"{platform}:{by}",
                verb=verb,
                args=args or {},
                values=values,
                pressed=pressed,
                immediate=True,
            )
        )

    def say(self, text: str, *, by: int = OWNER, platform: str = "slack") -> Reply:
        """Something is typed to the bot in private, and answered in the response."""
        speaker, place = Speaker(platform, WORKSPACES[platform], f"U{by}"), f"{platform}:{by}"
        key = f"said:{next(self._numbers)}"
        return self.dispatcher.receive(Inbound(key, Kind.TYPED, speaker, place, place, text=text, immediate=True))

    def written(self, row: DeliveryRow | Delivery) -> Card:
        """The message of a row as its reader gets it now."""
        with self.database.company(1) as session:
            found = next(one for one in ledger.caused_by(session, [row.cause]) if one.id == row.id)
            reader = people.members(session, [row.person_id or 0]).get(row.person_id or 0)
            said = delivery.message_of(
                session, found, people.company(session), reader, self.now, letters=False, leaves=False
            )
        assert isinstance(said.content, Card)
        return said.content

    def everything(self) -> str:
        with whole(self.database) as connection:
            tables = SQLModel.metadata.sorted_tables
            return repr([(each.name, sorted(map(repr, connection.execute(each.select())))) for each in tables])

    def person(self, **having: Any) -> Person | None:
        with self.database.company(1) as session:
            return session.exec(select(Person).filter_by(**having)).first()


def going_to(session: CompanySession, gig: Gig, now: datetime) -> list[int]:
    """The numbers of those whom it reaches."""
    session.flush()
    return sorted(session.core.execute(audiences.everybody(session, gig, now)).scalars())


def wanting(skills: str = "", author: int = OWNER, audience: dict[str, Any] | None = None) -> Gig:
    """A gig that is not stored, to ask whom it would reach."""
    gig = Gig(
        title="",
        work="",
        reward="",
        place="",
        author_id=author,
        desk_platform="slack",
        desk_workspace="T1",
        desk_address="slack:1",
    )
    gig.skills, gig.audience = skills, audience or {}
    return gig


def gathering(**having: Any) -> Event:
    """An event that is not stored, three weeks after NOW, with seats for as many as come."""
    at = NOW + timedelta(weeks=3)
    told: dict[str, Any] = {
        "title": "夕べ",
        "words": "食堂にて",
        "zone": "Asia/Tokyo",
        "host_id": OWNER,
        "state": EventState.OPEN,
        "starts_at": at,
        "ends_at": at + timedelta(hours=2),
        "starts_wall": "2026-12-12T01:00",
        "ends_wall": "2026-12-12T03:00",
        "published_at": NOW,
        "desk_platform": "slack",
        "desk_workspace": "T1",
        "desk_address": "slack:1",
    }
    return Event(**(told | having))


def faulty(reply: Reply) -> dict[str, str]:
    """The sentence at each field that is wrong; empty where the form was taken."""
    form = reply.content
    return {field.name: field.error for field in form.fields if field.error} if isinstance(form, Form) else {}
