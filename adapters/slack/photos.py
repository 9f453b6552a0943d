"""Whose photo Slack shows where. Pure."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

HOSTS = ("slack-edge.com", "secure.gravatar.com")
"""Where Slack keeps photos: on a host of the first, or for those who have one with Gravatar, there."""


def photo_of(user: Mapping[str, Any], api_url: str) -> str:
    """The address of the photo that this user object (of an event, or of users.info) names; empty where its owner has
    set none, and for one that is neither on Slack's hosts nor where the API is."""
    profile = user.get("profile")
    told = profile if isinstance(profile, Mapping) else {}
    url = told.get("image_192")
    own = told.get("is_custom_image") or told.get("image_original")
    return url if own and isinstance(url, str) and _is_theirs(url, api_url) else ""


def _is_theirs(url: str, api_url: str) -> bool:
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
        host = asked.hostname or ""
        if asked.username is not None or asked.port not in (None, api.port):
            return False
    except ValueError:
        return False
    slacks = any(host == one or host.endswith(f".{one}") for one in HOSTS)
    if slacks:
        return asked.scheme == "https" and asked.port is None
    return bool(host) and (asked.scheme, asked.netloc) == (api.scheme, api.netloc)
