"""What the connector says of a conversation's member → the request for it, and bot.ports.Profile. Pure."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.ports import Profile

_GUEST = "#ext#"


def member_url(account: str, reference: Mapping[str, Any] | None) -> str:
    """The address of the member's entry in the roster; empty where Teams has told no conversation reference. The
    account is an Entra object id, which the roster takes as well as its own ids."""
    told = reference or {}
    service, conversation = told.get("serviceUrl"), told.get("conversation")
    place = conversation.get("id") if isinstance(conversation, Mapping) else None
    if not isinstance(service, str) or not service or not isinstance(place, str) or not place:
        return ""
    return f"{service.rstrip('/')}/v3/conversations/{quote(place, safe='')}/members/{quote(account, safe='')}"


def profile_of(member: Mapping[str, Any], tenant: str) -> Profile:
    """The directory answers for a member of our own tenant: only its administrators set the mail address, and the
    user principal name is in a domain that they have proved to be theirs. What it has of a guest is another tenant's
    word, which nobody has checked."""
    email, principal = _text(member, "email"), _text(member, "userPrincipalName")
    guest = _text(member, "userRole").lower() not in ("", "user") or _GUEST in principal.lower()
    ours = _text(member, "tenantId").lower() == tenant.lower()
    addresses = tuple(dict.fromkeys(address for address in (email, principal) if "@" in address))
    return Profile(
        name=_text(member, "name"),
        email=email or principal,
        vouched=addresses if ours and not guest else (),
    )


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    return text.strip() if isinstance(text, str) else ""
