import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import jsonschema
import pytest

from adapters.teams.package import AppWords, PostWords, SearchWords, app_package

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "teams-manifest-1.29.schema.json"
APP_ID = "11111111-2222-3333-4444-555555555555"
SEARCH = SearchWords("Find alumni", "Find people to introduce", "Name or skill")
WORDS = {
    "en": AppWords(
        "Motokai",
        "Motokai alumni",
        "Alumni network",
        "Find alumni.",
        {("personal",): [("find", "Find people")] * 12, ("team", "groupChat"): [("gigs", "See gigs")]},
        SEARCH,
        PostWords("Post a gig", "Describe work and post it"),
    ),
    "ja": AppWords(
        "元会",
        "元会 アルムナイ",
        "アルムナイの会",
        "仲間を探す。",
        {("personal",): [("find", "人を探す")], ("team", "groupChat"): [("gigs", "仕事を見る")]},
        SearchWords("人を探す", "人を探して紹介する", "お名前など"),
        PostWords("仕事を募集する", "内容を入力して募集する"),
    ),
}


def packed(**changes: str) -> zipfile.ZipFile:
    url = changes.get("public_url", "https://alumni.example/bot/")
    return zipfile.ZipFile(io.BytesIO(app_package(APP_ID, url, WORDS, developer="D" * 50)))


def test_the_manifest_is_valid() -> None:
    if not SCHEMA.exists():
        pytest.skip("The Teams manifest schema is not here: ../shared/schemas is no part of the project.")
    jsonschema.Draft4Validator(json.loads(SCHEMA.read_text())).validate(json.loads(packed().read("manifest.json")))


def test_the_package_has_both_languages_and_commands_by_place() -> None:
    archive = packed()
    told = json.loads(archive.read("manifest.json"))
    assert archive.namelist() == ["manifest.json", "ja.json", "color.png", "outline.png"]
    assert told["validDomains"] == ["alumni.example"]
    assert told["bots"][0]["scopes"] == ["personal", "team", "groupChat"]
    lists = {tuple(one["scopes"]): len(one["commands"]) for one in told["bots"][0]["commandLists"]}
    assert lists == {("personal",): 12, ("team", "groupChat"): 1}
    command, post = told["composeExtensions"][0]["commands"]
    assert (post["id"], post["type"], post["fetchTask"]) == ("post", "action", True)
    assert (command["id"], command["type"], command["parameters"][0]["name"]) == ("find", "query", "query")
    assert told["composeExtensions"][0]["messageHandlers"] == [
        {"type": "link", "value": {"domains": told["validDomains"]}}
    ]
    japanese = json.loads(archive.read("ja.json"))
    assert japanese["composeExtensions[0].commands[1].title"] == "仕事を募集する"
    assert japanese["bots[0].commandLists[1].commands[0].description"] == "仕事を見る"
    assert japanese["composeExtensions[0].commands[0].parameters[0].description"] == "お名前など"


def test_a_thirteenth_suggestion_is_refused() -> None:
    many = {"en": AppWords("M", "M", "M", "M", {("personal",): [("find", "Find")] * 13})}
    with pytest.raises(ValueError, match="at most 12"):
        app_package(APP_ID, "https://alumni.example", many, developer="D")


@pytest.mark.parametrize(("name", "side"), [("color.png", 192), ("outline.png", 32)])
def test_the_icons_have_the_size_teams_asks_for(name: str, side: int) -> None:
    image = packed().read(name)
    assert struct.unpack(">II", image[16:24]) == (side, side)
    start = image.index(b"IDAT")
    (length,) = struct.unpack(">I", image[start - 4 : start])
    pixels = zlib.decompress(image[start + 4 : start + 4 + length])
    assert len(pixels) == side * (side * 4 + 1)
    corner = pixels[1:5]
    assert corner[3] == (0 if name == "outline.png" else 255)


def test_the_same_input_gives_the_same_bytes() -> None:
    args = (APP_ID, "https://alumni.example", WORDS)
    assert app_package(*args, developer="D") == app_package(*args, developer="D")


def test_an_address_without_https_is_refused() -> None:
    with pytest.raises(ValueError, match="https://"):
        packed(public_url="http://alumni.example")
