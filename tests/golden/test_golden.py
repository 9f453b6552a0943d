"""Every message and form as both platforms get it, against files that a person can read (`--update-golden`)."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.validators import extend
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.mail import ids
from adapters.mail import render as mail
from adapters.slack import render as slack
from adapters.teams import render as teams
from bot.cards import Card, Content, plain
from bot.ports import Message
from bot.prompts import LOCALES
from tests.golden.samples import DONE_AT, FORMS, LETTERS, MESSAGES, Sample

FILES = Path(__file__).parent / "files"
SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "adaptive-card-1.5.schema.json"
SAMPLES = {sample.name: sample for sample in (*MESSAGES, *FORMS)}
SLACK_BLOCKS = {"header", "rich_text", "actions", "divider", "input", "image", "section"}

Json = dict[str, Any]

every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
both_locales = pytest.mark.parametrize("locale", LOCALES)


def content(sample: Sample, locale: str) -> Content:
    return sample.form(locale) if sample.verb else sample.card(locale)


def for_slack(sample: Sample, locale: str) -> Json:
    shown = content(sample, locale)
    if not isinstance(shown, Card):
        return slack.modal(shown)
    return slack.home(shown) if sample.template == "home" else slack.message(shown)


def for_teams(sample: Sample, locale: str) -> Json:
    return teams.card(content(sample, locale), nonce="golden", locale=locale)


RENDERERS: dict[str, Callable[[Sample, str], Json]] = {"slack": for_slack, "teams": for_teams}


@cache
def validator() -> Any:
    """The official schema is draft-06, and says `id` where draft-06 says `$id`."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema["$id"] = schema.pop("id", "adaptive-card")
    return extend(jsonschema.Draft6Validator, {"anyOf": any_of})(schema)


_looked_at: dict[tuple[int, str], bool] = {}


def any_of(validator: Any, shapes: list[Json], instance: Any, _schema: Json) -> Iterator[jsonschema.ValidationError]:
    """As jsonschema's own, but it looks once at what stands in many cards, and no further than it has to."""
    key = (id(shapes), json.dumps(instance))
    if key not in _looked_at:
        _looked_at[key] = any(validator.evolve(schema=shape).is_valid(instance) for shape in shapes)
    if not _looked_at[key]:
        yield jsonschema.ValidationError(f"{instance!r} has none of the shapes that it may have")


def as_letter(sample: Sample, locale: str) -> Json:
    """As a mail program has it. The border between its parts is chance."""
    message = Message(31, "taro@example.com", sample.card(locale), locale, timezone="Asia/Tokyo")
    made = mail.letter(message, ids.sender("東都製作所 <alumni@example.com>"), DONE_AT)
    bodies = {kind: made.get_body((kind,)) for kind in ("plain", "html")}
    headers = {name: str(value) for name, value in made.items() if name != "Content-Type"}
    return headers | {kind: body.get_content().splitlines() for kind, body in bodies.items() if body is not None}


@both_locales
@pytest.mark.parametrize("sample", LETTERS, ids=lambda sample: sample.name)
def test_a_letter_reads_as_its_golden_file(sample: Sample, locale: str, request: pytest.FixtureRequest) -> None:
    check(FILES / "mail" / locale / f"{sample.name}.json", as_letter(sample, locale), request)


def check(path: Path, shape: Json, request: pytest.FixtureRequest) -> None:
    rendered = json.dumps(shape, ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rendered, encoding="utf-8")
    assert path.exists(), f"{path.name} is new: run pytest tests/golden --update-golden and read it"
    assert json.loads(rendered) == json.loads(path.read_text(encoding="utf-8")), path.relative_to(FILES)


@every_sample
def test_both_platforms_get_what_their_golden_files_say(sample: Sample, request: pytest.FixtureRequest) -> None:
    for locale in LOCALES:
        slack_gets_its_file(sample, locale, request)
        teams_gets_its_file(sample, locale, request)


def slack_gets_its_file(sample: Sample, locale: str, request: pytest.FixtureRequest) -> None:
    shape = for_slack(sample, locale)
    check(FILES / "slack" / locale / f"{sample.name}.json", shape, request)
    nothing_is_cut(sample, shape)
    assert {block["type"] for block in shape["blocks"]} <= SLACK_BLOCKS
    for block in Block.parse_all(shape["blocks"]):
        assert block is not None
        block.validate_json()
    if "type" in shape:
        View(**shape).validate_json()


def teams_gets_its_file(sample: Sample, locale: str, request: pytest.FixtureRequest) -> None:
    shape = for_teams(sample, locale)
    check(FILES / "teams" / locale / f"{sample.name}.json", shape, request)
    nothing_is_cut(sample, shape)
    assert len(shape["actions"]) <= teams.ACTIONS_LIMIT


def nothing_is_cut(sample: Sample, shape: Json) -> None:
    """Our own words fit everywhere; only what people type may have to be shortened."""
    assert "too_long" in sample.errors.values() or "…" not in json.dumps(shape, ensure_ascii=False)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the official Adaptive Card schema is not at hand")
@both_locales
def test_every_card_in_teams_is_one_of_the_official_schema(locale: str) -> None:
    for sample in SAMPLES.values():
        for error in validator().iter_errors(for_teams(sample, locale)):
            pytest.fail(f"{sample.name}: {error.message}")


@pytest.mark.parametrize("platform", RENDERERS)
def test_no_golden_file_is_left_behind(platform: str, request: pytest.FixtureRequest) -> None:
    wanted = {FILES / platform / locale / f"{name}.json" for locale in LOCALES for name in SAMPLES}
    stray = set((FILES / platform).rglob("*.json")) - wanted
    if request.config.getoption("--update-golden"):
        for path in stray:
            path.unlink()
        return
    assert not stray


@both_locales
@pytest.mark.parametrize(
    ("preview", "message"),
    [("gig_draft.ready", "gig_offer.changed"), ("broadcast_card.draft", "news"), ("news.test", "news")],
)
def test_a_preview_names_buttons_as_their_readers_have_them(preview: str, message: str, locale: str) -> None:
    shown, sent = SAMPLES[preview].card(locale), SAMPLES[message].card(locale)
    about = re.compile("のボタンが付きます|have (the )?buttons")
    [line] = [line for line in plain(shown).splitlines() if about.search(line)]
    named = {one or other for one, other in re.findall(r'「([^」]+)」|"([^"]+)"', line)}
    assert named and named <= {action.label for action in sent.actions}
