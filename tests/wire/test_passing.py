"""Files that come along in a conversation, opened by who has no access to where they were put."""

import re

import pytest

from sandbox.faults import ServerError
from tests.conftest import World
from tests.wire.acting import assert_nothing_refused, fill_in_gig, hears, now, offered
from tests.wire.test_exports import PUBLIC, fetch, reached

__all__ = ["reached"]
pytestmark = pytest.mark.usefixtures("unpaced")
PAGE = b"<script>alert(1)</script>"


def links(world: World, shown: object) -> list[str]:
    """The addresses of the files in either platform's JSON, on this machine."""
    found = re.findall(rf"{re.escape(PUBLIC)}(/files/[\w.-]+)", str(shown))
    return [f"http://127.0.0.1:{world.service.port}{path}" for path in dict.fromkeys(found)]


async def test_a_file_goes_from_slack_to_hr_and_from_teams_to_the_alumna(reached: World) -> None:
    hr = await reached.claim()
    sato = await reached.enrol(hr, "U0SATO", "佐藤 美咲")
    desk = await fill_in_gig(hr)
    to_sato = await offered(reached, sato)
    name = '職務"経歴書<!here>.html'
    asked = await sato.drop((name, PAGE), text="ご覧ください。", thread_ts=to_sato.ts)
    card = await hr.hears("ご覧ください。", after=desk)
    await hears(reached, sato, "14日間", under=to_sato)
    await reached.settled()
    (url,) = links(reached, hr.posted(card.id).card)
    for _ in range(2):
        status, body, headers = await fetch("GET", url)
        assert (status, body) == (200, PAGE)
        assert headers["Content-Type"] == "application/octet-stream" and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Disposition"].startswith("attachment;") and "\r" not in headers["Content-Disposition"]
        assert headers["Cache-Control"] == "no-store" and "default-src 'none'" in headers["Content-Security-Policy"]
    assert [(await fetch(method, url))[0] for method in ("HEAD", "POST")] == [405, 405]
    assert (await fetch("GET", url[:-1] + ("A" if url[-1] != "A" else "B")))[0] == 404
    reached.slack.faults.order(ServerError(503), on="files.download")
    status, body, headers = await fetch("GET", url)
    assert status == 503 and b"a few minutes" in body and headers["Retry-After"]

    await hr.drop(("契約書.docx", b"PK"), text="こちらです。", reply_to=card)
    copy = await hears(reached, sato, "契約書.docx", under=to_sato)
    assert "sharepoint.com" in str(copy.blocks), "where it was put, beside"
    (url_back,) = links(reached, copy.blocks)
    assert (await fetch("GET", url_back))[:2] == (200, b"PK")
    await hr.hears("それ以降は取得できません")

    assert asked.said is not None
    await sato.delete(asked.said)
    await reached.settled()
    assert (await fetch("GET", url))[0] == 404, "who takes the message back takes its files back"
    assert "こちらです。" in now(reached, copy).words
    assert_nothing_refused(reached)
