"""Links in news: what each reader's copy has, what is counted of whom, and what HR is told."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from sqlmodel import select

from bot import clicks, erasure, housekeeping, merging, news, privacy, result_files
from bot.cards import Card, Link, Text, inlines
from bot.clicks import Followed
from bot.ports import Message
from bot.scene import Scene
from storage import people, personal
from storage.db import Database
from storage.tables import Broadcast, Click, Company, Person, PersonState, Role
from tests.bot.core import ALUMNA, OWNER
from tests.bot.test_broadcasts import ALUMNI, EVERYBODY, SECOND, Office

ALBUM, FORM = "https://example.com/album?page=1&autumn=2026#photos", "http://example.org/form_(ja)"
JAPANESE = f"写真は{ALBUM}です。<!channel> *x*\n{FORM}"
ENGLISH = f"Photos: {ALBUM}."
SERVER = "https://alumni.example.com"


@pytest.fixture
def office(database: Database) -> Office:
    """Everything goes out with links in both languages, and half of the alumni read English."""
    made = Office(database)
    made.public_url = SERVER + "/"
    for number in ALUMNI:
        made.set(number, locale="en" if number % 2 else "ja")
    with database.company(1) as session:
        broadcast = session.get_one(Broadcast, 1)
        broadcast.text_ja, broadcast.title_en, broadcast.text_en = JAPANESE, "Report", ENGLISH
        session.add(broadcast)
    return made


def sent(office: Office) -> Office:
    office.press("broadcast.send")
    office.deliver()
    assert office.got() == sorted(EVERYBODY)
    return office


def links(message: Message) -> list[tuple[str, str]]:
    """The words of each link of a message, and where it leads."""
    assert isinstance(message.content, Card)
    runs = [run for run in inlines(message.content.blocks) if isinstance(run, Link)]
    return [(run.label, message.filled(run.url.encode()).decode()) for run in runs]


def copies(office: Office) -> dict[int, Message]:
    """The news, by its reader."""
    by_address = {f"slack:{number}": number for number in (*EVERYBODY, OWNER, SECOND)}
    said = [m for m in office.platform.said if isinstance(m.content, Card) and m.content.title in ("ご報告", "Report")]
    return {by_address[message.address]: message for message in said}


def token(office: Office, reader: int, place: int = 0) -> str:
    return links(copies(office)[reader])[place][1].removeprefix(SERVER + "/l/")


def follow(office: Office, told: str, *, counts: bool = True) -> str | None:
    with office.core.database.company(1) as session:
        return clicks.follow(session, told, office.core.now, counts=counts)


def rows(office: Office) -> list[Click]:
    with office.core.database.company(1) as session:
        return list(session.exec(select(Click).order_by(Click.person_id, Click.place)))  # type: ignore[arg-type]


def test_each_copy_has_links_of_its_reader_and_the_words_that_were_written(office: Office) -> None:
    office = sent(office)
    got = copies(office)
    for number, message in got.items():
        english = number in ALUMNI and number % 2
        assert [label for label, _ in links(message)] == ([ALBUM] if english else [ALBUM, FORM])
        words = [run.text for run in inlines(message.content.blocks) if isinstance(run, Text)]
        assert ("<!channel> *x*" in "".join(words)) is not english
        assert any(("It is counted" if english else "集計しています") in word for word in words)
    urls = [url for message in got.values() for _, url in links(message)]
    assert len(urls) == len(set(urls)) and all(url.startswith(SERVER + "/l/1.") for url in urls)
    assert len({id(message.content) for message in got.values()}) == 2, "made once a language"
    assert [follow(office, token(office, ALUMNA, place), counts=False) for place in (0, 1)] == [ALBUM, FORM]
    assert rows(office) == []


def test_people_are_counted_once_a_link_and_hr_sees_numbers_alone(office: Office) -> None:
    office = sent(office)
    for reader, place in ((ALUMNA, 0), (ALUMNA, 0), (ALUMNA, 1), (11, 0), (SECOND, 0)):
        if reader in copies(office):
            follow(office, token(office, reader, place))
    assert [(row.person_id, row.place, row.address) for row in rows(office)] == [
        (ALUMNA, 0, ALBUM),
        (ALUMNA, 1, FORM),
        (11, 0, ALBUM),
    ]
    assert office.view().links == (Followed(ALBUM, 2), Followed(FORM, 1)) and office.view().counting == "yes"
    with office.core.database.company(1) as session:
        until = office.core.now + result_files.LIFETIME
        file = result_files.redeem(session, result_files._LINKS.issue(session, (OWNER, 1, 1), until), office.core.now)
        assert file is not None
        told = list(csv.reader(StringIO(file.body.decode("utf-8-sig"))))
        scene = Scene(session, people.company(session), people.members(session, [11])[11], "ja", office.core.now)
        assert privacy.privacy_view(scene, 11).clicks == 1
        assert [row["address"] for row in personal.of(session, 11)["click"]] == [ALBUM]
    people_lines, (head, *counted) = told[: told.index([])], told[told.index([]) + 1 :]
    assert len(people_lines) == 1 + len(EVERYBODY) and {len(line) for line in people_lines} == {5}
    assert (head, counted) == (["リンク", "開いた人数"], [[ALBUM, "2"], [FORM, "1"]])


def test_an_edited_copy_keeps_its_links(office: Office) -> None:
    office = sent(office)
    before = links(copies(office)[ALUMNA])
    edits: list[Message] = []

    async def edit(message: Message, ref: str) -> Any:
        edits.append(message)
        return await type(office.platform).edit(office.platform, message, ref)

    office.platform.edit = edit  # type: ignore[method-assign]
    for reader in (ALUMNA, 10):
        office.press("news.read", by=reader, news="1")
    office.deliver()
    assert {tuple(links(one)) for one in edits if links(one)} == {tuple(before), tuple(links(copies(office)[10]))}


def test_a_test_and_hrs_own_copy_lead_to_the_address_at_once(office: Office) -> None:
    office.press("broadcast.test")
    office.deliver()
    assert [links(message) for message in office.platform.said if links(message)] == [
        [(ALBUM, ALBUM), (FORM, FORM)],
        [(ALBUM, ALBUM)],
    ]
    office.press("broadcast.send")
    with office.core.database.company(1) as session:
        reader = people.members(session, [OWNER])[OWNER]
        scene = Scene(session, people.company(session), reader, "ja", office.core.now, public_url=SERVER)
        shown = news.news_view(scene, 1)
    assert not isinstance(shown.text, str) and not shown.counted
    assert [run.url for run in shown.text.inlines if isinstance(run, Link)] == [ALBUM, FORM]


@pytest.mark.parametrize("why", ["few", "unreached"])
def test_where_nothing_is_counted_links_lead_there_at_once_and_hr_reads_why(office: Office, why: str) -> None:
    if why == "few":
        for number in EVERYBODY[clicks.LEAST - 1 :]:
            office.set(number, state=PersonState.LEFT)
    else:
        office.public_url = ""
    assert office.view().counting == why
    office.press("broadcast.send")
    office.deliver()
    got = copies(office)
    assert len(got) == (clicks.LEAST - 1 if why == "few" else len(EVERYBODY))
    assert all(label == url for message in got.values() for label, url in links(message))
    assert not any("集計しています" in repr(message.content) for message in got.values())
    assert office.view().counting == why


def test_one_reader_alone_gets_the_same_as_in_a_crowd(office: Office) -> None:
    office = sent(office)
    with office.core.database.company(1) as session:
        reader = people.members(session, [ALUMNA])[ALUMNA]
        scene = Scene(session, people.company(session), reader, "ja", office.core.now, public_url=SERVER)
        shown = news.news_view(scene, 1)
    assert not isinstance(shown.text, str) and shown.counted
    runs = [(run.label, run.url) for run in shown.text.inlines if isinstance(run, Link)]
    assert runs == links(copies(office)[ALUMNA])


def test_more_links_than_are_counted_stay_text(office: Office) -> None:
    said = " ".join(f"https://e.example/{number}" for number in range(clicks.MOST + 1))
    broadcast = Broadcast(text_ja=f"{said} https://e.example/0", author_id=1)  # type: ignore[call-arg]
    assert clicks.targets(broadcast) == tuple(said.split(" ")[: clicks.MOST])


def test_a_link_is_one_companys_ends_and_cannot_be_forged(office: Office) -> None:
    office = sent(office)
    database, told = office.core.database, token(office, ALUMNA)
    with database.installation() as session:
        session.add(Company(id=2, name="別会社"))
    parts = told.split(".")
    forged = [".".join([*parts[:place], value, *parts[place + 1 :]]) for place, value in enumerate("292x")]
    forged += [f"{told[:-1]}{place}" for place in ("2", "9", "-1", "٠", "x", "0.0", "9" * 40)]
    forged += [told + "x", told[:-1], "", "1.x", told.replace(".", ".."), told[:-1] + "\n"]
    assert [follow(office, one) for one in forged] == [None] * len(forged)
    with database.company(2) as session:
        assert clicks.follow(session, told, office.core.now, counts=True) is None
        there = clicks._LINKS.issue(session, (ALUMNA, 1), office.core.now + timedelta(days=1))
        assert clicks.follow(session, f"{there}.0", office.core.now, counts=True) is None, "it has no such broadcast"
    office.core.now += clicks.LIFETIME
    assert follow(office, told) is None and rows(office) == []


def test_what_is_not_out_has_no_links_that_work(office: Office) -> None:
    with office.core.database.company(1) as session:
        early = clicks._LINKS.issue(session, (ALUMNA, 1), office.core.now + timedelta(days=1))
    assert follow(office, f"{early}.0") is None
    office = sent(office)
    office.press("broadcast.cancel")
    assert follow(office, token(office, ALUMNA)) == ALBUM, "who has it keeps it"
    assert len(rows(office)) == 1


@pytest.mark.parametrize("change", [{"state": PersonState.LEFT}, {"role": Role.HR}, {"state": PersonState.ERASED}])
def test_who_has_gone_is_led_on_and_not_counted(office: Office, change: dict[str, Any]) -> None:
    office = sent(office)
    told, before = token(office, 12), token(office, 12, 1)
    follow(office, before)
    if change.get("state") is PersonState.ERASED:
        with office.core.database.company(1) as session:
            assert erasure.erase(session, 12, office.core.now) is not None
        assert rows(office) == []
    else:
        office.set(12, **change)
    assert follow(office, told) == ALBUM
    assert len(rows(office)) == (0 if change.get("state") is PersonState.ERASED else 1)


def test_two_who_are_one_person_count_once_and_apart_again_when_they_are_parted(office: Office) -> None:
    office = sent(office)
    database, first, second = office.core.database, token(office, 10), token(office, 12)
    follow(office, first)
    office.core.now += timedelta(hours=1)
    follow(office, second)
    follow(office, token(office, 12, 1))
    with database.company(1) as session:
        both = session.get_one(Person, 10), session.get_one(Person, 12)
        merger = merging.into_one(session, *both, set(), office.core.now)
    assert [(row.person_id, row.place) for row in rows(office)] == [(10, 0), (10, 1)]
    assert follow(office, second) == ALBUM and len(rows(office)) == 2, "their copy counts for who remains"
    with database.company(1) as session:
        both = session.get_one(Person, 10), session.get_one(Person, 12)
        merging.apart(session, session.merge(merger), *both, office.core.now)
    assert [(row.person_id, row.place) for row in rows(office)] == [(10, 0), (12, 0), (12, 1)]


def test_when_the_links_end_only_the_numbers_are_left(office: Office) -> None:
    office = sent(office)
    follow(office, token(office, ALUMNA))
    follow(office, token(office, 11))
    database, out_at = office.core.database, office.row().sent_at
    assert out_at is not None
    for moment, left in ((timedelta(minutes=-1), 2), (timedelta(), 0), (timedelta(days=1), 0)):
        housekeeping.run(database, lambda moment=moment: out_at + clicks.LIFETIME + moment)
        assert len(rows(office)) == left
        assert office.view().links == (Followed(ALBUM, 2), Followed(FORM, 0))
