"""Web addresses in what somebody typed."""

import re
from urllib.parse import urlsplit

_LIKE_ONE = re.compile(r"\bhttps?://[\w\-.~:/?#\[\]@!$&'()*+,;=%]+", re.ASCII | re.IGNORECASE)
_ENDS = ".,:;!?'*"
"""What ends a sentence is none of an address at whose end it stands."""
_PAIRS = {")": "(", "]": "["}


def parted(text: str) -> list[str]:
    """`text` in pieces, of which every second one is an http or https address. One ends before a space or a character
    that is not ASCII: Japanese is written on without a space."""
    pieces, begun = list[str](), 0
    for found in _LIKE_ONE.finditer(text) if "://" in text else ():
        address = _trimmed(found[0])
        if _has_host(address):
            pieces += [text[begun : found.start()], address]
            begun = found.start() + len(address)
    return [*pieces, text[begun:]]


def _trimmed(address: str) -> str:
    """Without what belongs to the sentence: its end, and a bracket that was opened before the address."""
    while address[-1] in _ENDS or _is_left_over(address):
        address = address[:-1]
    return address


def _is_left_over(address: str) -> bool:
    last = address[-1]
    return last in _PAIRS and address.count(last) > address.count(_PAIRS[last])


def _has_host(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False
