import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import jsonschema
import pytest

from adapters.teams.package import AppWords, app_package

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "teams-manifest-1.29.schema.json"
APP_ID = "11111111-2222-3333-4444-555555555555"
WORDS = {
    "en": AppWords("Motokai", "Motokai alumni", "Alumni network", "Find alumni.", [("find", "Find people")] * 14),
    "ja": AppWords("元会", "元会 アルムナイ", "アルムナイの会", "仲間を探す。", [("find", "人を探す")]),
}


def packed(**changes: str) -> zipfile.ZipFile:
    url = changes.get("public_url", "https://alumni.example/bot/")
    return zipfile.ZipFile(io.BytesIO(app_package(APP_ID, url, WORDS, developer="D" * 50)))


def test_the_manifest_is_valid() -> None:
    if not SCHEMA.exists():
        pytest.skip("The Teams manifest schema is not here: ../shared/schemas is no part of the project.")
    jsonschema.Draft4Validator(json.loads(SCHEMA.read_text())).validate(json.loads(packed().read("manifest.json")))


def test_the_package_has_both_languages_and_twelve_commands() -> None:
    archive = packed()
    told = json.loads(archive.read("manifest.json"))
    assert archive.namelist() == ["manifest.json", "ja.json", "color.png", "outline.png"]
    assert told["validDomains"] == ["alumni.example"]
    assert told["bots"][0]["scopes"] == ["personal", "team", "groupChat"]
    assert len(told["bots"][0]["commandLists"][0]["commands"]) == 12
    assert json.loads(archive.read("ja.json"))["bots[0].commandLists[0].commands[0].description"] == "人を探す"


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
