"""The reception's pages as browsers meet them: the list, the desk's page and its acts, tickets, and the chart."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlmodel import select

from adapters.web import charts
from bot import attendance, receptions, tickets
from bot.attendance import Bar, Counted
from bot.scene import Scene
from storage import people
from storage.tables import Event, Person, PersonState, Role, Seat
from tests.bot.gatherings import answer, event
from tests.web.conftest import PUBLIC_URL, Site
from tests.web.scanned import scanned

pytestmark = pytest.mark.asyncio
HOSTILE = '山田 太郎 <img src=x onerror="alert(1)">'


def evening(site: Site) -> tuple[int, int, int]:
    """Its number, its host's, and that of a guest with a hostile name."""
    with site.database.company(site.company_id) as session:
        host = Person(name="人事 一郎", role=Role.HR, state=PersonState.ACTIVE, locale="ja", created_at=site.now())
        guest = Person(
            name=HOSTILE, reading="やまだ たろう", role=Role.ALUMNUS, state=PersonState.ACTIVE, created_at=site.now()
        )
        session.add_all([host, guest])
        session.flush()
        day = f"{site.now() + timedelta(days=1):%Y-%m-%dT19:00}"
        told = event(session, day, host_id=host.id, title="夕べ <b>", questions=["食事"], guests_each=3)
        answer(session, told, guest.id or 0, guests=2, answers={"食事": "魚 <i>"})
        return told.id or 0, host.id or 0, guest.id or 0


def scene(site: Site, session: Any, reader: int) -> Scene:
    member = people.members(session, [reader])[reader]
    return Scene(session, people.company(session), member, "ja", site.now(), public_url=PUBLIC_URL)


def links(site: Site) -> tuple[str, str, str]:
    """The list, the desk and the guest's ticket, below the address."""
    number, host, guest = evening(site)
    with site.database.company(site.company_id) as session:
        view = receptions.reception_view(scene(site, session, host), number)
        ticket = tickets.link(scene(site, session, guest), session.get_one(Event, number), Seat.TAKEN)
    return tuple(url.removeprefix(PUBLIC_URL) for url in (view.list_url, view.desk_url, ticket))  # type: ignore[return-value]


async def act(site: Site, desk: str, told: Any, **headers: str) -> tuple[int, Any]:
    said = {"Sec-Fetch-Site": "same-origin"} | headers
    async with site.session.post(f"{site.url}{desk}/acts", json=told, headers=said) as response:
        return response.status, await response.json() if response.status == 200 else None


async def test_the_list_can_be_read_printed_and_saved(site: Site) -> None:
    listed, desk, _ = links(site)
    page = await site.get(listed)
    assert page.status == 200 and page.form.scripts == 0 and "夕べ &lt;b&gt;" in page.text
    assert "<img src=x" not in page.text and "魚 &lt;i&gt;" in page.text and "やまだ たろう" in page.words
    assert "参加予定：3名" in page.words and "script" not in page.headers["Content-Security-Policy"]
    assert "Expected: 3" in (await site.get(f"{listed}?lang=en")).words
    saved = await site.get(f"{listed}/guests.csv")
    assert saved.status == 200 and saved.headers["Content-Disposition"].startswith("attachment")
    assert "やまだ たろう" in saved.text and saved.headers["Cache-Control"] == "no-store"
    assert (await site.get(f"{desk}/guests.csv")).status == 404, "a desk's link saves nothing"


async def test_a_desk_checks_in_and_another_is_told(site: Site) -> None:
    _, desk, ticket = links(site)
    page = await site.get(desk)
    policy = page.headers["Content-Security-Policy"]
    assert page.status == 200 and "script-src 'self'" in policy and "unsafe" not in policy
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "魚" not in page.text and "<img src=x" not in page.text, "what guests said is the host's to read"
    script = await site.get("/reception.js")
    assert script.status == 200 and script.headers["Content-Type"].startswith("text/javascript")
    first = {"id": "a1", "do": "in", "ticket": ticket.rpartition("/")[2], "ago": 60}
    status, told = await act(site, desk, {"acts": [first, first]})
    assert status == 200 and [one["said"] for one in told["results"]] == ["done", "again"]
    (guest,) = told["state"]["guests"]
    assert guest["at"] and guest["came"] == 2
    status, told = await act(site, desk, {"acts": [{"id": "b1", "do": "in", "person": guest["id"], "ago": 0}]})
    assert (told["results"][0]["said"], told["results"][0]["at"]) == ("double", guest["at"])
    assert (await site.get(f"{desk}/state?known={told['state']['mark']}")).status == 204
    assert (await site.get(f"{desk}/state?known=x")).status == 200


async def test_only_what_a_desk_of_ours_sends_is_taken(site: Site) -> None:
    listed, desk, _ = links(site)
    right = {"id": "a", "do": "in", "person": 1, "ago": 0}
    wrong: list[Any] = [
        *([], {}, {"acts": 1}, {"acts": [1]}, {"acts": [right] * 101}),
        *({"acts": [{**right, **odd}]} for odd in ({"id": ""}, {"id": "x" * 41}, {"id": "é"}, {"do": "erase"})),
        *({"acts": [{**right, **odd}]} for odd in ({"ago": "1"}, {"person": "1"}, {"person": -1}, {"person": 2**70})),
        *({"acts": [{**right, **odd}]} for odd in ({"ticket": 1}, {"guests": 10}, {"guests": -1}, {"guests": True})),
    ]
    assert {(await act(site, desk, told))[0] for told in wrong} == {400}
    assert (await act(site, desk, {"acts": []}, **{"Sec-Fetch-Site": "cross-site"}))[0] == 403
    assert (await act(site, desk, {"acts": [{**right, "id": "x" * 70_000}]}))[0] == 413
    url = f"{site.url}{desk}/acts"
    async with site.session.post(url, data="acts=", headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 415
    async with site.session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as response:
        assert response.status == 400
    assert (await act(site, listed.replace("1.", "2.", 1), {"acts": []}))[0] in (404, 410)


async def test_who_did_not_sign_up_is_found_among_the_members(site: Site) -> None:
    _, desk, _ = links(site)
    hanako = site.member("佐藤 花子")
    async with site.session.post(f"{site.url}{desk}/find", json={"text": "佐藤"}) as response:
        assert (await response.json())["people"] == [{"id": hanako, "name": "佐藤 花子"}]
    async with site.session.post(f"{site.url}{desk}/find", json={"text": "山田"}) as response:
        assert (await response.json())["people"] == [], "who is on the list is no walk-in"
    walk_in = {"id": "w", "do": "in", "person": hanako, "ago": 0}
    assert (await act(site, desk, {"acts": [walk_in]}))[1]["results"][0]["said"] == "not_expected"
    _, told = await act(site, desk, {"acts": [{**walk_in, "walk_in": True}]})
    assert told["results"][0]["said"] == "done" and len(told["state"]["guests"]) == 2


async def test_a_ticket_is_read_by_a_phone_until_the_seat_is_given_up(site: Site) -> None:
    _, _, ticket = links(site)
    page = await site.get(ticket)
    assert (
        page.status == 200 and "<svg" in page.text and "<img src=x" not in page.text and "夕べ &lt;b&gt;" in page.text
    )
    async with site.session.get(f"{site.url}{ticket}{tickets.PICTURE}") as picture:
        assert picture.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        text, version = scanned(await picture.read())
    assert text == f"{PUBLIC_URL}{ticket}" and version <= 6
    site.clock.forward(timedelta(days=4))
    gone = await site.get(ticket)
    assert gone.status == 404 and "山田" not in gone.text


async def test_links_that_are_ended_open_nothing(site: Site) -> None:
    listed, desk, _ = links(site)
    with site.database.company(site.company_id) as session:
        session.exec(select(Event)).one().reception_links += 1
    assert {(await site.get(path)).status for path in (listed, desk, f"{listed}/guests.csv")} == {404}
    assert (await site.get(f"{desk}/state")).status == 410 and (await act(site, desk, {"acts": []}))[0] == 410


async def test_the_chart_is_a_picture_for_messages(site: Site) -> None:
    number, host, _ = evening(site)
    with site.database.company(site.company_id) as session:
        view = attendance.attendance_view(scene(site, session, host), number)
    path = view.chart.removeprefix(PUBLIC_URL)
    async with site.session.get(site.url + path) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert Image.open(BytesIO(await response.read())).width == charts.WIDTH
    assert (await site.get(path.replace(".png", "x.png"))).status == 404


@pytest.mark.parametrize("bars", [0, 1, 13])
async def test_a_chart_draws_japanese_without_a_font_of_the_machines(bars: int) -> None:
    rows = tuple(Bar(f"生産技術本部第{number}設計部試作課{'長' * number}", number, 12) for number in range(bars))
    told = Counted(bars, bars * 12, 0, rows, rows)
    image = Image.open(BytesIO(charts.png(told, "ja"))).convert("L")
    label = image.crop((0, charts.MARGIN, charts.WIDTH, image.height))
    assert len({*label.get_flattened_data()}) > 5 if bars else image.height > 0
    unknown, known = (charts._font(40).getmask(text).getbbox() for text in ("\ufffe", "東"))  # pyright: ignore[reportPrivateUsage]
    assert known and known != unknown
