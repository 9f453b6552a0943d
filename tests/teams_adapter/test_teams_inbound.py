"""Activities as Teams sends them, and what the product hears."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.teams.ids import Address, MessageRef
from adapters.teams.inbound import parse
from bot.ports import Inbound, Kind

BOT = {"id": "28:app", "name": "Motokai"}
PERSONAL: dict[str, Any] = {
    "type": "message",
    "id": "1700",
    "channelId": "msteams",
    "serviceUrl": "https://smba.example/emea/",
    "from": {"id": "29:aya", "name": "Aya", "aadObjectId": "aad-aya"},
    "recipient": BOT,
    "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": "t1"},
    "channelData": {"tenant": {"id": "t1"}},
    "locale": "ja-JP",
    "textFormat": "plain",
    "text": "find 田中",
    "entities": [{"type": "clientInfo", "locale": "ja-JP", "country": "JP", "timezone": "Asia/Tokyo"}],
}
THREAD = {
    "id": "19:x@thread.tacv2;messageid=16",
    "conversationType": "channel",
    "isGroup": True,
    "tenantId": "t1",
}


def told(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(PERSONAL), **changes}


def heard(activity: dict[str, Any]) -> Inbound:
    inbound = parse(activity)
    assert inbound is not None
    return inbound


def mention(tag: str, teams_id: str, **more: str) -> dict[str, Any]:
    return {"type": "mention", "text": tag, "mentioned": {"id": teams_id, **more}}


def pressing(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    action = {"type": "Action.Execute", "verb": data.get("verb", ""), "data": data}
    value = {"action": action, "trigger": "manual"}
    return told(type="invoke", name="adaptiveCard/action", id="f:1", replyToId="1699", value=value, **changes)


def test_a_personal_message() -> None:
    inbound = heard(told())
    assert (inbound.kind, inbound.text, inbound.key) == (Kind.TYPED, "find 田中", "teams:msg:a:1:1700")
    assert inbound.speaker.account == "aad-aya"
    assert (inbound.speaker.workspace, inbound.speaker.name) == ("t1", "Aya")
    assert (inbound.speaker.locale, inbound.speaker.timezone) == ("ja-JP", "Asia/Tokyo")
    assert inbound.address == Address("t1", "a:1").pack()
    assert (inbound.private, inbound.immediate, inbound.thread) == (True, False, None)


def test_the_whole_reference_is_kept() -> None:
    assert heard(told()).reference == {
        "activityId": "1700",
        "user": PERSONAL["from"],
        "bot": BOT,
        "conversation": PERSONAL["conversation"],
        "channelId": "msteams",
        "locale": "ja-JP",
        "serviceUrl": "https://smba.example/emea/",
    }


def test_a_channel_reply_is_in_its_thread_and_loses_the_bots_mention() -> None:
    entities = [mention("<at>Motokai</at>", "28:app", name="Motokai")]
    inbound = heard(told(conversation=THREAD, text="<at>Motokai</at>&nbsp;post gig\n", entities=entities))
    assert inbound.text == "post gig"
    assert inbound.address == Address("t1", "19:x@thread.tacv2").pack()
    assert inbound.thread == MessageRef("t1", "19:x@thread.tacv2", "16").pack()
    assert inbound.private is False
    assert inbound.mentions == {}


def test_other_mentions_are_names_of_accounts() -> None:
    entities = [
        mention("<at>田中 A&amp;B</at>", "29:tanaka", aadObjectId="aad-tanaka"),
        mention("<at>Kim</at>", "29:kim1"),
        mention("<at>Kim</at>", "29:kim2"),
        mention("<at>Kim</at>", "29:kim1"),
        "junk",
        {"type": "mention", "text": 4, "mentioned": []},
    ]
    text = "refer <at>田中 A&amp;B</at> to <at>Kim</at>, <at>Kim</at> and <at>Kim</at>"
    inbound = heard(told(text=text, entities=entities))
    assert inbound.text == "refer 田中 A&B to Kim, Kim (2) and Kim"
    assert inbound.mentions == {"田中 A&B": "aad-tanaka", "Kim": "29:kim1", "Kim (2)": "29:kim2"}


@pytest.mark.parametrize(
    ("wire", "text_format", "typed"),
    [
        ("a &lt;b&gt; &amp;amp; &#x7530;", "plain", "a <b> &amp; 田"),
        ("AT&T &copy 5 < 6 <b>", "plain", "AT&T &copy 5 < 6 <b>"),
        ("<p>one<br/>two</p><div>&lt;three&gt;</div>", "xml", "one\ntwo\n<three>"),
        ("a\r\nb\x00\ud800c", "plain", "a\nbc"),
        ("<at>Motokai</at> hi", "plain", "<at>Motokai</at> hi"),
        (None, "plain", ""),
    ],
)
def test_text_is_what_the_person_typed(wire: str | None, text_format: str, typed: str) -> None:
    assert heard(told(text=wire, textFormat=text_format)).text == typed


def test_a_press() -> None:
    inbound = heard(pressing({"verb": "interested", "args": {"gig": "7"}, "nonce": "n1", "form": False}))
    assert (inbound.kind, inbound.verb, inbound.args) == (Kind.PRESSED, "interested", {"gig": "7"})
    assert inbound.values is None
    assert inbound.immediate is True
    assert inbound.pressed == MessageRef("t1", "a:1", "1699").pack()
    assert inbound.key.startswith("teams:card:n1:aad-aya:interested:")


def test_a_submission_has_the_forms_fields_and_no_others() -> None:
    data = {"verb": "ask", "args": {}, "nonce": "n", "form": True, "fields": ["text", "gone"]}
    inbound = heard(pressing({**data, "text": "いつ？", "stray": "x"}))
    assert (inbound.kind, inbound.values) == (Kind.SUBMITTED, {"text": "いつ？", "gone": ""})


def test_a_reissued_invoke_is_the_same_event_and_a_colleagues_is_not() -> None:
    data = {"verb": "ask", "args": {"case": "1"}, "nonce": "n", "form": True, "fields": ["text"], "text": "a"}
    key = heard(pressing(data)).key
    again = pressing(data)
    again["id"] = "f:2"
    assert heard(again).key == key
    colleague = pressing(data)
    colleague["from"] = {"id": "29:ken", "aadObjectId": "aad-ken"}
    others = [
        colleague,
        pressing({**data, "text": "b"}),
        pressing({**data, "args": {"case": "2"}}),
        pressing({**data, "nonce": "m"}),
    ]
    assert len({key, *(heard(other).key for other in others)}) == 5


def test_the_submit_fallback_is_the_same_event_answered_by_a_message() -> None:
    data = {"verb": "ask", "args": {}, "nonce": "n", "form": True, "fields": ["text"], "text": "a"}
    fallback = heard(told(value=data, text=None, replyToId="1699"))
    assert fallback.key == heard(pressing(data)).key
    assert (fallback.kind, fallback.immediate) == (Kind.SUBMITTED, False)
    assert fallback.pressed == MessageRef("t1", "a:1", "1699").pack()


def test_an_automatic_refresh_is_a_press_that_can_happen_again() -> None:
    refresh = pressing({"verb": "refresh", "args": {"gig": "1"}, "nonce": "n"})
    refresh["value"]["trigger"] = "automatic"
    inbound = heard(refresh)
    assert (inbound.kind, inbound.verb, inbound.key) == (Kind.PRESSED, "refresh", "teams:refresh:a:1:f:1")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"type": "installationUpdate", "action": "add"}, Kind.ARRIVED),
        ({"type": "installationUpdate", "action": "remove"}, Kind.REMOVED),
        ({"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}, BOT]}, Kind.ARRIVED),
        ({"type": "conversationUpdate", "membersRemoved": [BOT]}, Kind.REMOVED),
    ],
)
def test_coming_and_going(changes: dict[str, Any], kind: Kind) -> None:
    inbound = heard(told(**changes))
    assert inbound.kind is kind
    assert inbound.key != heard(told(**changes, id="1701")).key


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "messageReaction"},
        {"type": "messageUpdate"},
        {"type": "messageUpdate", "channelData": {"tenant": {"id": "t1"}, "eventType": "odd"}},
        {
            "type": "messageDelete",
            "channelData": {"tenant": {"id": "t1"}, "eventType": "softDeleteMessage"},
            "id": None,
        },
        {"type": "typing"},
        {"type": "invoke", "name": "composeExtension/query", "value": {}},
        {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": "x"}},
        {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": {"data": {}}}},
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}]},
        {"type": "conversationUpdate", "membersAdded": "x"},
        {"type": "installationUpdate", "action": "odd"},
        {"conversation": None},
        {"conversation": "a:1", "channelData": {}},
        {"from": []},
        {"id": None},
        {"from": {"id": "28:app", "role": "bot"}},
    ],
)
def test_the_rest_is_nothing(changes: dict[str, Any]) -> None:
    assert parse(told(**changes)) is None


def changed(kind: str, event: str, **more: Any) -> dict[str, Any]:
    data = {"tenant": {"id": "t1"}, "eventType": event}
    return told(**{"type": kind, "id": "1700000000123", "channelData": data, "timestamp": MOMENT, **more})


MOMENT = "2023-11-14T22:15:00.1234567Z"


def test_a_message_is_known_by_its_ref_and_its_moment() -> None:
    inbound = heard(told(id="1700000000123", timestamp=MOMENT))
    assert inbound.source == MessageRef("t1", "a:1", "1700000000123").pack()
    assert inbound.typed_at == datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC)
    assert heard(told(timestamp=MOMENT)).typed_at == datetime(2023, 11, 14, 22, 15, 0, 123_456, UTC)
    assert heard(told(timestamp="soon")).typed_at is None


@pytest.mark.parametrize(
    ("activity", "kind", "text"),
    [
        (changed("messageUpdate", "editMessage", text="after"), Kind.EDITED, "after"),
        (changed("messageUpdate", "undeleteMessage", text="back"), Kind.RESTORED, "back"),
        (changed("messageDelete", "softDeleteMessage", text="secret"), Kind.DELETED, ""),
    ],
)
def test_a_change_names_the_message_and_has_a_key_of_its_own(activity: dict[str, Any], kind: Kind, text: str) -> None:
    inbound = heard(activity)
    assert (inbound.kind, inbound.text) == (kind, text)
    assert inbound.source == heard(told(id="1700000000123")).source
    assert inbound.changed_at == datetime(2023, 11, 14, 22, 15, 0, 123_456, UTC)
    assert inbound.typed_at == datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC)
    later = heard({**activity, "timestamp": "2023-11-14T22:16:00Z"})
    assert len({inbound.key, later.key, heard(activity).key, heard(told(id="1700000000123")).key}) == 3


def test_an_edit_in_a_channel_is_in_its_thread_and_loses_the_bots_mention() -> None:
    entities = [mention("<at>Motokai</at>", "28:app", name="Motokai")]
    inbound = heard(
        changed("messageUpdate", "editMessage", conversation=THREAD, text="<at>Motokai</at> yes", entities=entities)
    )
    assert inbound.text == "yes" and inbound.thread == MessageRef("t1", "19:x@thread.tacv2", "16").pack()


def test_no_object_makes_it_raise() -> None:
    for name in (*PERSONAL, "timestamp"):
        for junk in (None, 5, "x", [], [None], {}, {"id": 5}, "9999999999999", "0001-01-01T00:00:00+14:00"):
            parse({**changed("messageUpdate", "editMessage"), name: junk})
            parse(told(**{name: junk}))
            parse({**pressing({"verb": "v", "nonce": "n"}), name: junk})


def test_a_link_in_a_message_that_is_being_written() -> None:
    link = "https://alumni.example.com/gigs/7"
    inbound = heard(told(type="invoke", name="composeExtension/queryLink", id="f:9", value={"url": link}))
    assert (inbound.kind, inbound.verb, inbound.text) == (Kind.SEARCHED, "gig.preview", link)
    assert (inbound.immediate, inbound.private_address, inbound.reference) == (True, "", None)
    assert heard(told(type="invoke", name="composeExtension/queryLink", id="f:9", value=7)).text == ""
