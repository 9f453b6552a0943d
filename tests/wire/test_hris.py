"""The HR system's events on the wire: signed, repeated, out of order, wrong, and what state each leaves behind."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import aiohttp
import pytest
from sqlmodel import col, select

from adapters.service import Service
from adapters.web.hooks import LARGEST_BODY, PATH, SIGNATURE, TIMESTAMP, signature
from sandbox.mail import PracticeMail
from sandbox.slack import PracticeSlack
from sandbox.teams import PracticeTeams
from storage.tables import Person, PersonState, Role
from tests.conftest import World, authority_of, settings_for
from tests.wire.acting import everything, rows

SECRET = "0123456789abcdef0123456789abcdef"
OLD_SECRET = "fedcba9876543210fedcba9876543210"
JSON = "application/json"
EMPLOYEE = {
    "number": "A1024",
    "name": {"family": "髙橋", "given": "恵"},
    "kana": {"family": "タカハシ", "given": "メグミ"},
    "departments": ["経理部, 第一課"],
    "last_day": "2026-03-31",
    "email": "megumi@example.com",
}


class Hris(World):
    mail: PracticeMail

    async def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        url = f"http://127.0.0.1:{self.service.port}{PATH}"
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def raw(self, body: bytes, *, secret: str = SECRET, at: int = 0, kind: str = JSON) -> tuple[int, Any]:
        timestamp = str(int(time.time()) + at)
        signed = {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body), "Content-Type": kind}
        return await self.post(body, signed)

    async def tell(self, event: Mapping[str, Any], **how: Any) -> tuple[int, Any]:
        return await self.raw(json.dumps(event).encode(), **how)

    def person(self, number: str = "A1024") -> Person:
        with self.database.installation() as session:
            return session.exec(select(Person).where(col(Person.employee_number) == number)).one()

    def alumni(self) -> int:
        with self.database.installation() as session:
            return len(session.exec(select(Person).where(Person.role == Role.ALUMNUS)).all())


def event(id_: int, /, kind: str = "scheduled", hour: int = 9, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"evt-{id_}",
        "type": f"offboarding.{kind}",
        "occurred_at": f"2026-03-02T{hour:02}:00:00+09:00",
        "employee": {**EMPLOYEE, **changes},
    }


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[Hris]:
    async with PracticeSlack() as slack, PracticeTeams(auth=True) as teams, PracticeMail() as mail:
        settings = settings_for(
            slack,
            teams,
            database_url,
            smtp_url=mail.url,
            mail_from="東都製作所 <alumni@example.jp>",
            mail_sends_per_minute=60_000,
            hris_secret=f"{SECRET}, {OLD_SECRET}",
        )
        authority = authority_of(teams)
        running = Hris(slack, teams, settings, authority, Service(settings, authority=authority))
        running.mail = mail
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


@pytest.fixture(autouse=True)
def quiet(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err


DONE, UNCHANGED, DUPLICATE, STALE, IGNORED = (
    (200, {"status": status}) for status in ("done", "unchanged", "duplicate", "stale", "ignored")
)


async def test_an_event_invites_and_the_same_again_does_nothing(world: Hris) -> None:
    world.create_company()
    told = event(1)
    answers = await asyncio.gather(*(world.tell(told) for _ in range(4)))
    assert sorted(answers, key=str) == sorted([DONE, DUPLICATE, DUPLICATE, DUPLICATE], key=str)
    letters = await world.mail.mailboxes.until(lambda boxes: boxes.to("megumi@example.com"))
    assert "髙橋 恵様" in letters[0].text
    await world.settled()
    before = everything(world.database)
    assert await world.tell(told) == DUPLICATE
    assert await world.tell(told, secret=OLD_SECRET) == DUPLICATE, "while the secret is changed, both sign"
    assert everything(world.database) == before
    person = world.person()
    assert (person.state, person.romaji, person.role) == (PersonState.INVITED, "Takahashi Megumi", Role.ALUMNUS)
    assert [row["name"] for row in rows(world.database, "department")] == ["経理部, 第一課"], "a list is a list"
    assert len(world.mail.mailboxes.letters) == 1


async def test_of_two_events_the_later_counts_in_whatever_order_they_come(world: Hris) -> None:
    world.create_company()
    assert await world.tell(event(1, hour=9)) == DONE
    assert await world.tell(event(3, hour=11, last_day="2026-05-31")) == DONE
    assert await world.tell(event(2, hour=10, last_day="2026-04-30")) == STALE
    assert str(world.person().last_day) == "2026-05-31"
    assert await world.tell(event(5, "withdrawn", hour=13)) == DONE
    assert await world.tell(event(4, hour=12)) == STALE
    assert world.person().state is PersonState.LEFT
    assert await world.tell(event(7, hour=13)) == DONE, "at the same instant the id that sorts last counts"
    assert await world.tell(event(6, "withdrawn", hour=13)) == STALE
    assert world.person().state is PersonState.INVITED


async def test_a_withdrawal_that_overtakes_the_offboarding_keeps_anybody_from_being_invited(world: Hris) -> None:
    world.create_company()
    bare = {"id": "evt-2", "type": "offboarding.withdrawn", "occurred_at": "2026-03-02T10:00:00Z"}
    assert await world.tell({**bare, "employee": {"number": "A1024"}}) == UNCHANGED
    assert await world.tell(event(1)) == STALE
    assert world.alumni() == 0 and world.mail.mailboxes.letters == []


async def test_twice_the_same_person_is_one_person(world: Hris) -> None:
    world.create_company()
    assert await world.tell(event(1)) == DONE
    assert await world.tell(event(2, hour=10)) == UNCHANGED
    assert await world.tell(event(3, hour=11, number="Ａ１０２４")) == UNCHANGED, "full width is the same number"
    assert world.alumni() == 1
    status, said = await world.tell(event(4, number="B1"))
    assert (status, sorted(said["errors"])) == (422, ["employee.number"]), "her address, another number"
    await world.settled()
    assert len(world.mail.mailboxes.letters) == 1


async def test_two_events_on_a_new_person_at_once_make_one(world: Hris) -> None:
    world.create_company()
    answers = await asyncio.gather(*(world.tell(event(n, hour=9 + n)) for n in range(5)))
    assert {status for status, _ in answers} == {200}
    assert world.alumni() == 1


async def test_what_is_not_known_is_ignored(world: Hris) -> None:
    world.create_company()
    more = event(1, salary=1, manager={"name": "x"}) | {"tenant": "t"}
    assert await world.tell(more) == DONE
    assert await world.tell(event(2) | {"type": "employee.promoted"}) == IGNORED
    assert "salary" not in str(everything(world.database))


async def test_what_is_not_signed_now_by_the_hr_system_is_refused_and_changes_nothing(world: Hris) -> None:
    world.create_company()
    body = json.dumps(event(1)).encode()
    now = str(int(time.time()))
    good = signature(SECRET, now, body)
    before = everything(world.database)
    wrong = {
        "unsigned": {},
        "no timestamp": {SIGNATURE: good},
        "no signature": {TIMESTAMP: now},
        "no number": {TIMESTAMP: "now", SIGNATURE: signature(SECRET, "now", body)},
        "beyond ASCII": {TIMESTAMP: now, SIGNATURE: "v1=\u00e9"},
        "of another body": {TIMESTAMP: now, SIGNATURE: signature(SECRET, now, body + b" ")},
        "of another time": {TIMESTAMP: str(int(now) - 1), SIGNATURE: good},
        "by another secret": {TIMESTAMP: now, SIGNATURE: signature("x" * 32, now, body)},
        "without its version": {TIMESTAMP: now, SIGNATURE: good.removeprefix("v1=")},
    }
    found = {what: (await world.post(body, {"Content-Type": JSON, **some}))[0] for what, some in wrong.items()}
    found["old"], found["early"] = (await world.raw(body, at=-301))[0], (await world.raw(body, at=390))[0]
    assert found == dict.fromkeys(found, 401)
    assert everything(world.database) == before
    assert await world.raw(body, at=-210) == DONE


async def test_what_cannot_be_read_is_refused_and_changes_nothing(world: Hris) -> None:
    world.create_company()
    before = everything(world.database)
    assert (await world.raw(b"<x/>", kind="application/xml"))[0] == 415
    bodies = {
        b"": 400,
        b"{": 400,
        b"\xff": 400,
        b"[" * 100_000: 400,
        b"[]": 422,
        b"1": 422,
        b"{}": 422,
        b'{"employee": ' + b"9" * 5000 + b"}": 400,
        b'"' + b"x" * LARGEST_BODY + b'"': 413,
    }
    for body, status in bodies.items():
        found = await world.raw(body)
        assert found[0] == status, (body[:40], found)
    assert everything(world.database) == before


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"last_day": "2026-02-30"}, "employee.last_day"),
        ({"last_day": None}, "employee.last_day"),
        ({"last_day": "2046-03-31"}, "employee.last_day"),
        ({"email": ""}, "employee.email"),
        ({"email": "megumi"}, "employee.email"),
        ({"name": {}}, "employee.name"),
        ({"name": {"family": "髙" * 3000}}, "employee.name.family"),
        ({"joined_year": 3000}, "employee.joined_year"),
        ({"language": "fr"}, "employee.language"),
        ({"number": " "}, "employee.number"),
    ],
)
async def test_what_is_wrong_is_named_and_can_be_mended_under_the_same_id(
    world: Hris, changes: dict[str, Any], place: str
) -> None:
    world.create_company()
    before = everything(world.database)
    status, said = await world.tell(event(1, **changes))
    assert (status, list(said["errors"])) == (422, [place])
    assert everything(world.database) == before
    assert await world.tell(event(1)) == DONE


async def test_an_event_from_the_future_does_not_make_all_others_old(world: Hris) -> None:
    world.create_company()
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    status, said = await world.tell(event(1) | {"occurred_at": later})
    assert (status, list(said["errors"])) == (422, ["occurred_at"])
    assert await world.tell(event(2)) == DONE


async def test_which_company_it_is_has_to_be_known(world: Hris) -> None:
    assert (await world.tell(event(1)))[0] == 503
    world.create_company()
    world.create_company("西都商会")
    assert (await world.tell(event(1)))[0] == 503, "two companies, and nobody said which"
    assert world.alumni() == 0


@pytest.mark.parametrize("family", ["<!channel>", "a\nBcc: x@example.com", "{{ 7*7 }}", "\ud800\0髙橋"])
async def test_a_hostile_name_is_a_name(world: Hris, family: str) -> None:
    world.create_company()
    assert await world.tell(event(1, name={"family": family, "given": "恵"})) == DONE
    letters = await world.mail.mailboxes.until(lambda boxes: boxes.to("megumi@example.com"))
    assert "Bcc" not in letters[0].headers
    assert world.person().name == " ".join(family.replace("\ud800", "").replace("\0", "").split()) + " 恵"
