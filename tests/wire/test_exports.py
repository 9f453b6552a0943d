"""One's own data, and the audit log, behind a link that works once."""

import json
import re
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from adapters.service import Service
from sandbox.slack import PracticeSlack
from sandbox.teams import PracticeTeams
from tests.conftest import World, authority_of, settings_for
from tests.wire.acting import ask, fill, fill_in_gig, hears, offered, rows

PUBLIC = "https://motokai.example.com"


@pytest.fixture
async def reached(database_url: str) -> AsyncIterator[World]:
    async with PracticeSlack() as slack, PracticeTeams(auth=True) as teams:
        settings = settings_for(slack, teams, database_url, public_url=PUBLIC)
        authority = authority_of(teams)
        running = World(slack, teams, settings, authority, Service(settings, authority=authority))
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


def link_in(world: World, shown: Any) -> str:
    found = re.search(rf"{re.escape(PUBLIC)}(/exports/[\w.-]+)", json.dumps(shown))
    assert found, shown
    return f"http://127.0.0.1:{world.service.port}{found[1]}"


async def fetch(method: str, url: str) -> tuple[int, bytes, Any]:
    async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_the_file_has_ones_own_data_and_comes_once(reached: World) -> None:
    hr = await reached.claim()
    taro = await reached.enrol(hr, "U0TARO", "山田 太郎")
    await reached.enrol(hr, "U0HANA", "佐藤 華")
    await fill_in_gig(hr)
    await ask(reached, taro, await offered(reached, taro), "在宅は可能ですか")
    await taro.say("export")
    url = link_in(reached, (await hears(reached, taro, "一度限り")).blocks)
    await reached.settled()
    assert url.rpartition(".")[2] not in str(rows(reached.database, "code")) + str(rows(reached.database, "delivery"))
    for _ in range(3):  # link previews
        status, page, headers = await fetch("GET", url)
        assert status == 200 and b"<form" in page and "script" not in headers["Content-Security-Policy"]
        assert "太郎" not in page.decode() and headers["Cache-Control"] == "no-store"
    status, body, headers = await fetch("POST", url)
    assert status == 200 and "attachment" in headers["Content-Disposition"]
    data = json.loads(zipfile.ZipFile(BytesIO(body)).read("data.json"))
    assert data["person"][0]["name"] == "山田 太郎" and data["casemessage"][0]["text"] == "在宅は可能ですか"
    assert "佐藤" not in json.dumps(data, ensure_ascii=False)
    assert [(await fetch(method, url))[0] for method in ("POST", "GET")] == [404, 404]


async def test_whatever_is_wrong_with_a_link_looks_the_same(reached: World) -> None:
    wrong = ["1.nothing", "1.", "nothing", "9" * 30 + ".x", "1." + "x" * 3000, "2.x", "%00.x"]
    urls = [f"http://127.0.0.1:{reached.service.port}/exports/{token}" for token in wrong]
    answers = [await fetch(method, url) for url in urls for method in ("GET", "POST")]
    assert [status for status, _, _ in answers] == [404] * 2 * len(wrong)
    assert len({page for _, page, _ in answers}) == 1


@pytest.mark.usefixtures("unpaced")
async def test_without_an_address_the_message_has_the_data_or_says_what_to_set(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    answered = await taro.command("/alumni", "export")
    assert answered.shown is not None
    assert '"山田 太郎"' in answered.shown.words or "PUBLIC_URL" in answered.shown.words
    for number in range(12):
        await taro.say(f"find {number}{'あ' * 60}")
    await world.settled()
    answered = await taro.command("/alumni", "export")
    assert answered.shown is not None and "PUBLIC_URL" in answered.shown.words
    assert "山田" not in answered.shown.words


async def test_what_hr_does_is_in_the_log_and_what_they_only_look_at_is_not(reached: World) -> None:
    hr = await reached.claim()
    taro = await reached.enrol(hr, "U0TARO", "=山田 太郎")
    gig = await fill_in_gig(hr)
    await ask(reached, taro, await offered(reached, taro), "在宅は可能ですか")
    await hr.say("gigs")
    card = await hr.hears("在宅は可能ですか")
    await reached.settled()
    await hr.execute(card, "case.answer", {"text": "はい"})
    await fill(hr, gig)
    await reached.settled()
    numbers = {row["name"]: row["id"] for row in rows(reached.database, "person")}
    log = [(row["action"], row["subject_id"]) for row in sorted(rows(reached.database, "audit"), key=lambda r: r["id"])]
    taro_id = numbers["=山田 太郎"]
    assert log == [
        ("claim", None),
        ("link", None),
        ("claim", None),
        ("enrol", taro_id),
        ("gig.post", None),
        ("case.answer", taro_id),
        ("gig.fill", None),
    ]
    denied = await taro.command("/alumni", "audit")
    assert denied.shown is not None and "管理者のみ" in denied.shown.words
    said = await hr.say("audit")
    shown = await hr.hears("CSV でダウンロード", after=hr.posted(said))
    status, body, _ = await fetch("POST", link_in(reached, shown.card))
    lines = body.decode("utf-8-sig").splitlines()
    assert status == 200 and len(lines) == len(log) + 1 and "'=山田 太郎" in body.decode()
