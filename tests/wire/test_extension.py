"""The message extension in Teams: finding somebody to introduce in a message of one's own."""

import pytest

from sandbox.teams import Answered
from storage import visibility
from tests.conftest import World
from tests.wire.acting import join_in_teams, rows

pytestmark = pytest.mark.usefixtures("unpaced")


def names(answered: Answered) -> list[str]:
    """Of the results, as their list shows them."""
    return [one["preview"]["content"]["title"] for one in answered.results]


async def test_it_finds_whom_one_may_introduce(world: World) -> None:
    hr = await world.claim()
    for key, name in (("U0SATO", "佐藤 <at>美咲</at>"), ("U0TANA", "田中 恵"), ("U0TAKA", "高橋 恵")):
        await world.enrol(hr, key, name)
    before = len(rows(world.database, "inbox")), rows(world.database, "conversation")

    empty = await hr.query_extension("find")
    assert empty.ok and empty.body["composeExtension"]["type"] == "message"
    assert "お名前、スキル" in empty.body["composeExtension"]["text"]
    found = await hr.query_extension("find", "恵")
    assert names(found) == ["田中 恵様", "高橋 恵様"]
    assert {one["contentType"] for one in found.results} == {"application/vnd.microsoft.card.adaptive"}
    assert names(await hr.query_extension("find", "恵", skip=1)) == ["高橋 恵様"]
    beyond = await hr.query_extension("find", "恵", skip=25)
    assert beyond.body == {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": []}}
    # By HR's own eyes: the address finds, and does not stand on a card that goes before others.
    (sato,) = (await hr.query_extension("find", "u0sato@example.com")).results
    assert "@example.com" not in str(sato) and sato["content"]["actions"] == []
    nobody = await hr.query_extension("find", "宇宙")
    assert "「宇宙」" in nobody.body["composeExtension"]["text"]
    for odd in ("x" * 200, "joined:昭和", "🎉"):
        assert (await hr.query_extension("find", odd)).body["composeExtension"]["type"] == "message"
    assert (await hr.query_extension("else", "恵")).status == 501
    assert (len(rows(world.database, "inbox")), rows(world.database, "conversation")) == before


async def test_it_keeps_to_visibility_and_tells_strangers_nothing(world: World) -> None:
    hr = await world.claim()
    await world.enrol(hr, "U0TANA", "田中 恵")
    await world.enrol(hr, "U0TAKA", "高橋 恵")
    member = await join_in_teams(world, hr, "alum1", "鈴木 一")
    ids = {row["name"]: row["id"] for row in rows(world.database, "person")}
    with world.database.company(1) as session:
        visibility.hide(session, ids["田中 恵"], ids["高橋 恵"], world.now())
    for one in (hr, member):  # who hides from anybody goes before nobody
        assert names(await one.query_extension("find", "恵")) == ["高橋 恵様"]
    assert (await member.query_extension("find", "u0taka@example.com")).results == []
    stranger = world.teams.as_person("hr2")
    told = await stranger.query_extension("find", "恵")
    assert told.ok and told.results == [] and "join" in told.body["composeExtension"]["text"]
