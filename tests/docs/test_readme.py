"""The README is under test: what it does not mention does not exist for its readers."""

import re
from pathlib import Path

import pytest
import yaml

from adapters.settings import Settings
from bot.verbs import SLASH_COMMANDS, VERBS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """The first column of the table under a heading, and the rest of each row."""
    section = re.split(r"\n#+ ", README.split(f"# {heading}\n", 1)[1])[0]
    lines = [line.split("|", 2)[1:] for line in section.splitlines() if line.startswith("| `")]
    return {first.strip(): rest for first, rest in lines}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_listed_with_its_default(name: str) -> None:
    row = rows("Settings")[f"`{name.upper()}`"]
    default = Settings.model_fields[name].default
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    assert (f"`{shown}`" in row) if shown else row.startswith(" |"), (shown, row)


def test_no_setting_is_listed_that_does_not_exist() -> None:
    assert {name.strip("`").lower() for name in rows("Settings")} == set(Settings.model_fields)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.typed], ids=lambda verb: verb.name)
def test_every_verb_is_listed(verb: object) -> None:
    assert any(verb.typed[0] in row for row in rows("What to type")), verb  # type: ignore[attr-defined]


def test_every_scope_of_the_manifest_has_its_reason() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    listed = {name.strip("`") for name in rows("What the Slack app may do")}
    assert listed == set(manifest["oauth_config"]["scopes"]["bot"])


def test_every_slash_command_is_named() -> None:
    assert all(f"`{command}`" in README for command in SLASH_COMMANDS)
