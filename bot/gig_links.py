"""The web address of a gig: it says which gig is meant, and its page tells nobody anything of it."""

import re


def url(public_url: str, gig_id: int | None) -> str:
    """Empty where people's browsers do not reach this server."""
    return f"{public_url.rstrip('/')}/gigs/{gig_id}" if public_url else ""


def number_in(text: str, public_url: str) -> int | None:
    """The gig whose address the whole text is, as we write it."""
    if not public_url:
        return None
    found = re.fullmatch(rf"{re.escape(public_url.rstrip('/'))}/gigs/([1-9][0-9]{{0,17}})", text)
    return int(found[1]) if found else None
