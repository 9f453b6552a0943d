"""manifest.yml: as Slack takes it, and as the code expects it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from adapters import manifests
from bot.verbs import SLASH_COMMANDS, find

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared" / "schemas" / "slack-manifest-2.0.0.schema.json"


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "manifest.yml").read_text())


def test_it_keeps_slacks_schema(manifest: dict[str, Any]) -> None:
    if not SCHEMA.exists():
        pytest.skip("Slack's manifest schema is not part of this tree; put it in ../shared/schemas to check")
    schema = json.loads(SCHEMA.read_text())
    found = validator_for(schema)(schema).iter_errors(manifest)
    assert [error.message for error in found] == []


def test_everything_comes_to_one_address(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    urls = {command["url"] for command in manifest["features"]["slash_commands"]}
    urls |= {settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]}
    assert len(urls) == 1
    assert urls.pop().endswith("/slack/events")


def test_commands_escape_mentions(manifest: dict[str, Any]) -> None:
    commands = manifest["features"]["slash_commands"]
    assert all(command["should_escape"] for command in commands)
    assert {command["command"] for command in commands} == set(SLASH_COMMANDS)


def test_every_event_has_the_scope_it_needs_and_no_scope_is_for_later(manifest: dict[str, Any]) -> None:
    needed = {
        "app_mention": "app_mentions:read",
        "message.im": "im:history",
        "app_home_opened": None,
        "user_change": "users:read",
        "team_join": "users:read",
        "link_shared": "links:read",
    }
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    used_by_calls = {"chat:write", "commands", "files:read", "im:history", "im:write", "users:read.email"}
    used_by_calls |= {"links:write"}
    assert set(events) == set(needed)
    scopes = {needed[event] for event in events} - {None} | used_by_calls
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == scopes


def test_people_can_write_to_the_bot(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]
    assert home["messages_tab_enabled"]
    assert not home["messages_tab_read_only_enabled"]


def test_the_shortcuts_are_verbs(manifest: dict[str, Any]) -> None:
    shortcuts = manifest["features"]["shortcuts"]
    assert [(one["type"], one["callback_id"]) for one in shortcuts] == [("message", "case.make")]
    assert all(find(one["callback_id"]) for one in shortcuts)


def test_links_to_this_server_are_told_of_by_its_own_name() -> None:
    printed = yaml.safe_load(manifests.slack("https://alumni.example.net:8443/bot/"))
    assert printed["features"]["unfurl_domains"] == ["alumni.example.net"]
    assert printed["settings"]["interactivity"]["request_url"] == "https://alumni.example.net:8443/bot/slack/events"
    assert "motokai.example.com" not in str(printed)


def test_an_app_that_hears_replies_in_channels_asks_for_that_and_nothing_else(manifest: dict[str, Any]) -> None:
    more = yaml.safe_load(manifests.slack("", channel_replies=True))
    scopes, events = more["oauth_config"]["scopes"], more["settings"]["event_subscriptions"]
    assert set(scopes["bot"]) - set(manifest["oauth_config"]["scopes"]["bot"]) == {"channels:history", "groups:history"}
    subscribed = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert set(events["bot_events"]) - subscribed == {"message.channels", "message.groups"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme for name in ("channels:history", "groups:history", "message.channels"))
