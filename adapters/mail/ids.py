"""E-mail addresses, and the names of letters. The opaque text of an address is the e-mail address itself, the ref of a
letter its Message-ID."""

import re
from email.headerregistry import Address
from hashlib import sha256

LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""
LONGEST_LOCAL_PART = 64

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
"""Dots anywhere: Japanese phone companies gave out addresses such as `taro..@docomo.ne.jp`."""
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_REF = re.compile(r"<motokai\.[0-9]+\.[0-9a-f]{16}@[A-Za-z0-9.-]+>")


def mailbox(text: str, name: str = "") -> Address:
    """The e-mail address as letters carry it, a domain of another script in its ASCII form. ValueError where it is
    none, or where its part before the @ needs SMTPUTF8, which few servers take."""
    local, _, domain = text.rpartition("@")
    if not _LOCAL_PART.fullmatch(local) or len(local) > LONGEST_LOCAL_PART:
        raise ValueError(f"{text!r} is not an e-mail address that mail servers take.")
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        ascii_domain = ""
    if not _DOMAIN.fullmatch(ascii_domain) or len(local) + len(ascii_domain) >= LONGEST_ADDRESS:
        raise ValueError(f"{text!r} is not an e-mail address that mail servers take.")
    return Address(display_name=header_text(name), username=local, domain=ascii_domain)


def header_text(text: str) -> str:
    """`text` as one line for a header, in which nothing is an encoded word but what is encoded on the way out."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()).replace("=?", "=\u2060?")


def sender(text: str) -> Address:
    """`Name <address>` or an address alone. ValueError otherwise."""
    named = _NAMED.fullmatch(text.strip())
    if named is None:
        return mailbox(text.strip())
    return mailbox(named["address"].strip(), named["name"].strip().strip('"'))


def ref(delivery: int, address: str, domain: str) -> str:
    """The Message-ID of a delivery, the same however often it is sent. The digest keeps letters of another database of
    the same sender apart, since servers drop a letter whose id they have seen."""
    return f"<motokai.{delivery}.{sha256(address.encode()).hexdigest()[:16]}@{domain}>"


def checked_ref(text: str) -> str:
    """`text`, if it is a ref. ValueError otherwise."""
    if not _REF.fullmatch(text):
        raise ValueError(f"{text!r} is not the ref of a letter.")
    return text
