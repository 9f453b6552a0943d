"""What is let in: requests that Slack signed and that can be read."""

import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from yarl import query_to_pairs

Json = dict[str, Any]

LARGEST_BODY = 1024 * 1024

_SECONDS = re.compile(r"[0-9]{1,12}")


class Unacceptable(Exception):
    """A request that is answered with `status` and goes no further."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Guard:
    """Lets through what Slack signed and what can be read, as a dictionary.

    It stands before Bolt because Bolt answers 500 to a timestamp that is no number, a signature beyond ASCII
    and a signed body that is no JSON, and loses a command whose text contains the word "payload". Bolt's own
    check of the signature is therefore off.
    """

    def __init__(self, signing_secret: str) -> None:
        # Without a secret (Socket Mode alone) nothing that comes over HTTP is signed.
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None

    def payload(self, headers: Mapping[str, str], content_type: str, body: bytes) -> Json:
        """What the request says. Raises Unacceptable with the right 4xx."""
        text = _decoded(body)
        if content_type == "application/x-www-form-urlencoded":
            form = dict(query_to_pairs(text))
            if form.get("ssl_check") == "1":  # comes unsigned now and then, and asks for nothing but a 200
                return {"ssl_check": "1"}
            self._verify(headers, text)
            return _from_form(form)
        if content_type == "application/json":
            self._verify(headers, text)
            return _from_json(text)
        raise Unacceptable(415, "Slack sends forms and JSON.")

    def _verify(self, headers: Mapping[str, str], text: str) -> None:
        timestamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        if not _SECONDS.fullmatch(timestamp) or not signature.isascii():
            raise Unacceptable(401, "The request is not signed.")
        if self._verifier is None or not self._verifier.is_valid(text, timestamp, signature):
            raise Unacceptable(401, "The signature is wrong or more than five minutes old.")


async def body_of(request: web.Request) -> bytes:
    """The body. Raises Unacceptable for one that is larger than any of Slack's."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise Unacceptable(413, "The request is larger than Slack's are.")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Unacceptable(413, "The request is larger than Slack's are.") from None
    if len(body) > LARGEST_BODY:
        raise Unacceptable(413, "The request is larger than Slack's are.")
    return body


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Unacceptable(400, "The request is not UTF-8.") from None


def _from_form(form: Mapping[str, str]) -> Json:
    if "payload" in form:
        return _from_json(form["payload"])
    if "command" in form:
        return dict(form)
    raise Unacceptable(400, "The form has neither a payload nor a command.")


def _from_json(text: str) -> Json:
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        raise Unacceptable(400, "The request is not JSON.") from None
    if not isinstance(payload, dict):
        raise Unacceptable(400, "The request is not a JSON object.")
    return payload
