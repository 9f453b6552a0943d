"""response_url, and answers in the body of a response: messages outside the Web API."""

import json
from typing import Any

from sandbox.slack.blocks import check_blocks
from sandbox.slack.limits import RESPONSE_URL_SECONDS, RESPONSE_URL_USES
from sandbox.slack.methods.method import ApiError, with_ids
from sandbox.slack.records import Ephemeral, Json, Message, ResponseUrl
from sandbox.slack.workspace import Workspace


def spend(workspace: Workspace, key: str) -> ResponseUrl:
    """Use a response_url once; raises ApiError when it is unknown, used up or too old."""
    leave = workspace.response_urls.get(key)
    if leave is None:
        raise ApiError("invalid_url")
    if leave.uses >= RESPONSE_URL_USES:
        raise ApiError("used_url")
    if workspace.clock() - leave.issued_at > RESPONSE_URL_SECONDS:
        raise ApiError("expired_url")
    leave.uses += 1
    return leave


def show(workspace: Workspace, leave: ResponseUrl, body: Json, *, validate: bool) -> Message | Ephemeral | None:
    """Do what the body asks: replace or delete the source, or say something new."""
    source = leave.source
    if body.get("delete_original") in (True, "true"):
        if source:
            workspace.delete(source)
        return source
    text, blocks = str(body.get("text") or ""), _blocks(body.get("blocks"), validate=validate)
    if not text.strip() and not blocks:
        raise ApiError("no_text")
    if body.get("replace_original") in (True, "true") and source:
        workspace.edit(source, text, blocks)
        return source
    thread_ts = body.get("thread_ts")
    if body.get("response_type") == "in_channel":
        bot = workspace.bot_user_id
        said = Message(workspace.next_ts(), leave.channel, bot, text, blocks, thread_ts, workspace.bot_id)
        said.app_id = workspace.app_id
        return workspace.put(said)
    return workspace.show(Ephemeral(workspace.next_ts(), leave.channel, leave.user, text, blocks, thread_ts))


def parsed(body: bytes) -> Json:
    """The body of an answer: JSON, or plain text."""
    try:
        given: Any = json.loads(body)
    except ValueError:
        return {"text": body.decode(errors="replace")}
    return given if isinstance(given, dict) else {"text": str(given)}


def _blocks(blocks: Any, *, validate: bool) -> list[Json]:
    if not blocks:
        return []
    if validate and (found := check_blocks(blocks)):
        raise ApiError("invalid_blocks", response_metadata={"messages": found})
    return with_ids(blocks)
