"""What users.info says of an account → bot.ports.Profile. Pure."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.photos import photo_of
from bot.ports import Profile


def profile_of(answer: Mapping[str, Any], team: str, api_url: str = "") -> Profile:
    """Slack answers for the address of a full member of our own workspace: its owner has confirmed it, or the
    workspace's sign-on has given it. Guests and people of connected workspaces were let in by an address that somebody
    else's administrators may change. Without users:read.email there is none at all."""
    user = _part(answer, "user")
    shown = _part(user, "profile")
    email = _text(shown, "email")
    return Profile(
        name=_text(shown, "real_name") or _text(user, "real_name") or _text(user, "name"),
        email=email,
        vouched=(email,) if email and _is_ours(user, team) else (),
        locale=_text(user, "locale"),
        photo=photo_of(user, api_url),
        gone=bool(user.get("deleted") or user.get("is_bot") or user.get("id") == "USLACKBOT"),
    )


def _is_ours(user: Mapping[str, Any], team: str) -> bool:
    guest = any(user.get(flag) for flag in ("is_restricted", "is_ultra_restricted", "is_stranger"))
    at_home = _text(user, "team_id") == team or not team.startswith("T")  # an organisation's id names no workspace
    return user.get("is_email_confirmed") is True and at_home and not guest


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    return text.strip() if isinstance(text, str) else ""
