"""Business cards and photos on the wire."""

from typing import Any

import pytest

from bot import business_cards
from storage import visibility
from storage.tables import Audience
from tests.conftest import World
from tests.web.scanned import scanned
from tests.wire.acting import assert_nothing_refused, rows
from tests.wire.test_exports import PUBLIC, fetch, reached

__all__ = ["reached"]
pytestmark = pytest.mark.usefixtures("unpaced")


def images(shape: Any) -> list[dict[str, Any]]:
    """Every image of a message, in either platform's JSON."""
    if isinstance(shape, dict):
        own = [shape] if shape.get("type") in ("image", "Image") else []
        return own + [one for part in shape.values() for one in images(part)]
    return [one for part in shape for one in images(part)] if isinstance(shape, list) else []


async def test_a_card_comes_with_its_code_in_slack_and_in_teams(reached: World) -> None:
    hr = await reached.claim()
    taro = await reached.enrol(hr, "U0TARO", "山田 太郎")
    shown = (await taro.command("/alumni", "profile card")).shown
    assert shown is not None and "VCARD" not in shown.words
    said = await hr.say("profile card 山田")
    in_teams = await hr.hears("名刺", after=hr.posted(said))
    for image, url in ((images(shown.blocks)[0], "image_url"), (images(in_teams.card)[0], "url")):
        assert image[url].startswith(f"{PUBLIC}/cards/") and "QRコード" in (image.get("alt_text") or image["altText"])
        path = image[url].removeprefix(PUBLIC)
        status, png, _ = await fetch("GET", f"http://127.0.0.1:{reached.service.port}{path}")
        text, _ = scanned(png)
        assert status == 200 and "FN:山田 太郎" in text and "EMAIL:u0taro@example.com" in text
        page = path.removesuffix(business_cards.PICTURE)
        assert (await fetch("GET", f"http://127.0.0.1:{reached.service.port}{page}"))[0] == 200
    await reached.settled()
    assert_nothing_refused(reached)


async def test_without_an_address_a_card_is_its_text(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    shown = (await taro.command("/alumni", "profile card")).shown
    assert shown is not None and "FN:山田 太郎" in shown.words and not images(shown.blocks)


async def test_a_photo_is_shown_to_whom_it_is_for_and_goes_when_it_is_taken_away(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", "山田 太郎")
    hana = await world.enrol(hr, "U0HANA", "佐藤 華")

    async def seen() -> list[str]:
        shown = (await hana.command("/alumni", "profile 山田")).shown
        assert shown is not None
        return [image["image_url"] for image in images(shown.blocks)]

    assert await seen() == []
    photo = "https://avatars.slack-edge.com/2026-11-20/1_2_192.png"
    assert (await taro.change(image=photo)).ok
    assert await seen() == [photo]
    taro_id = next(row["id"] for row in rows(world.database, "person") if row["name"] == "山田 太郎")
    with world.database.company(1) as session:
        visibility.choose(session, taro_id, {"photo": Audience.HIDDEN})
    assert await seen() == []
    with world.database.company(1) as session:
        visibility.choose(session, taro_id, {"photo": Audience.ALUMNI})
    for elsewhere in ("https://tracker.example.com/pixel.png", "http://avatars.slack-edge.com/x.png", ""):
        await taro.change(image=photo)
        assert (await taro.change(image=elsewhere)).ok
        assert await seen() == []
    stranger = world.slack_person("U0ELSE", "他人")
    assert (await stranger.change(image=photo)).ok
    assert [row["photo"] for row in rows(world.database, "person") if row["photo"]] == []
