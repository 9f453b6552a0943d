"""Payloads as Slack sends them → what a person did."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack import ids, inbound
from bot.ports import Dropped, Kind, Speaker

SHORTCUTS = {"/profile": "profile", "/gigs": "gigs"}


def command(**changes: str) -> dict[str, str]:
    body = {
        "command": "/alumni",
        "text": "find 田中",
        "trigger_id": "1.2.abc",
        "team_id": "T1",
        "user_id": "U1",
        "user_name": "aiko",
        "channel_id": "C1",
    }
    return body | changes


def action(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "username": "aiko", "team_id": "T1"},
        "channel": {"id": "D1"},
        "container": {"type": "message", "message_ts": "1700000000.000100", "channel_id": "D1"},
        "message": {"ts": "1700000000.000100"},
        "trigger_id": "1.2.abc",
        "actions": [
            {
                "type": "button",
                "action_id": "gig.interested#0",
                "value": '{"gig":"7"}',
                "action_ts": "1700000001.5",
            }
        ],
    }
    return body | changes


def submission(values: dict[str, Any], **view: Any) -> dict[str, Any]:
    shape = {
        "id": "V1",
        "hash": "h1",
        "private_metadata": '{"verb":"gig.ask","args":{"gig":"7"}}',
        "state": {"values": values},
    }
    return {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": {"id": "U1", "name": "aiko", "team_id": "T1"},
        "view": shape | view,
    }


def event(told: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "event": told,
        "authorizations": [{"team_id": "T1", "user_id": "UBOT", "is_bot": True}],
    }
    return body | changes


def said(text: str, **changes: Any) -> dict[str, Any]:
    told = {
        "type": "message",
        "channel_type": "im",
        "channel": "D1",
        "user": "U1",
        "text": text,
        "ts": "1700000000.000100",
        "team": "T1",
    }
    return event(told | changes)


def test_a_command_is_typed_text_answered_at_once() -> None:
    found = inbound.from_command(command(), SHORTCUTS)
    assert found.kind is Kind.TYPED
    assert found.key == "slack:cmd:1.2.abc"
    assert found.text == "find 田中"
    assert found.speaker == Speaker("slack", "T1", "U1", "aiko")
    assert found.address == ids.pack(ids.User("T1", "U1"))
    assert found.immediate
    assert found.private


@pytest.mark.parametrize(
    ("name", "typed", "text"),
    [
        ("/profile", "", "profile"),
        ("/gigs", "new", "gigs new"),
        ("/alumni", "", ""),
        ("/alumni", "gigs", "gigs"),
    ],
)
def test_a_short_cut_stands_for_its_verb(name: str, typed: str, text: str) -> None:
    assert inbound.from_command(command(command=name, text=typed), SHORTCUTS).text == text


def test_mentions_in_a_command_are_names_in_the_text_and_accounts_beside_it() -> None:
    found = inbound.from_command(command(text="ask <@U2|ken> and <@U3|ken> &lt;soon&gt;"), SHORTCUTS)
    assert found.text == "ask @ken and @U3 <soon>"
    assert found.mentions == {"@ken": "U2", "@U3": "U3"}


def test_an_install_for_an_organisation_names_no_team() -> None:
    found = inbound.from_command(command(team_id="", enterprise_id="E1"), SHORTCUTS)
    assert found.speaker.workspace == "E1"
    pressed = inbound.from_action(action(team=None, enterprise={"id": "E1"}))
    assert pressed is not None
    assert pressed.speaker.workspace == "E1"


def test_a_button_says_its_verb() -> None:
    found = inbound.from_action(action())
    assert found is not None
    assert found.kind is Kind.PRESSED
    assert found.key == "slack:act:T1:U1:1700000001.5:gig.interested#0"
    assert (found.verb, found.args) == ("gig.interested", {"gig": "7"})
    assert found.pressed == ids.pack(ids.Message("T1", "D1", "1700000000.000100"))
    assert found.address == ids.pack(ids.User("T1", "U1"))
    assert found.thread is None
    assert not found.immediate


def test_a_button_in_a_channel_is_answered_to_its_presser_alone() -> None:
    found = inbound.from_action(
        action(
            channel={"id": "C1"},
            container={"message_ts": "5.2", "channel_id": "C1", "thread_ts": "5.1"},
            message={"ts": "5.2", "thread_ts": "5.1"},
        )
    )
    assert found is not None
    assert found.address == ids.pack(ids.Ephemeral("T1", "C1", "U1"))
    assert found.thread == ids.pack(ids.Message("T1", "C1", "5.1"))
    assert not found.private, "the others read the card that was pressed, and may read what takes its place"
    assert found.private_address == ids.pack(ids.User("T1", "U1"))


def test_the_root_of_a_thread_is_no_reply() -> None:
    found = inbound.from_action(action(message={"ts": "5.1", "thread_ts": "5.1"}))
    assert found is not None
    assert found.thread is None


def test_an_ephemeral_message_and_the_home_cannot_be_edited() -> None:
    seen_once = inbound.from_action(action(container={"message_ts": "5.1", "is_ephemeral": True}))
    at_home = inbound.from_action(action(channel=None, container={"type": "view", "view_id": "V1"}, message=None))
    assert seen_once is not None
    assert at_home is not None
    assert seen_once.pressed is at_home.pressed is None
    assert seen_once.private and at_home.private
    assert at_home.address == ids.pack(ids.User("T1", "U1"))


def test_a_stranger_from_another_workspace_is_named_with_their_own() -> None:
    found = inbound.from_action(action(user={"id": "U9", "team_id": "T9"}))
    typed = inbound.from_event(said("hello", team="T9"))
    in_grid = inbound.from_event(said("hello", team="E1"))
    assert found is not None
    assert typed is not None
    assert in_grid is not None
    assert found.speaker.workspace == typed.speaker.workspace == "T9"
    assert in_grid.speaker.workspace == "T1"
    assert found.address == ids.pack(ids.User("T1", "U9"))


def test_other_elements_than_buttons_are_not_asked() -> None:
    assert inbound.from_action(action(actions=[{"type": "static_select", "action_id": "x"}])) is None


@pytest.mark.parametrize("value", ["[1]", "no json", '{"a":1}', "[" * 100_000])
def test_a_button_with_a_value_of_another_shape_is_malformed(value: str) -> None:
    button = {"type": "button", "action_id": "a#0", "action_ts": "1.1", "value": value}
    with pytest.raises(inbound.Malformed, match="button value"):
        inbound.from_action(action(actions=[button]))


def test_a_submitted_form_has_a_text_for_each_field() -> None:
    found = inbound.from_submission(
        submission(
            {
                "title": {"title": {"type": "plain_text_input", "value": "Déjà <b>vu</b>\x00"}},
                "mail": {"mail": {"type": "email_text_input", "value": None}},
                "kind": {"kind": {"type": "static_select", "selected_option": {"value": "remote"}}},
                "none": {"none": {"type": "static_select", "selected_option": None}},
                "day": {"day": {"type": "datepicker", "selected_date": "2026-05-01"}},
            }
        )
    )
    assert found.kind is Kind.SUBMITTED
    assert (found.verb, found.args) == ("gig.ask", {"gig": "7"})
    assert found.values == {
        "title": "Déjà <b>vu</b>",
        "mail": "",
        "kind": "remote",
        "none": "",
        "day": "2026-05-01",
    }
    assert found.key.startswith("slack:view:V1:h1:")
    assert found.immediate


def test_a_corrected_form_is_news_and_the_same_form_is_not() -> None:
    first, again, corrected = (
        inbound.from_submission(submission({"a": {"a": {"type": "plain_text_input", "value": value}}}))
        for value in ("x", "x", "y")
    )
    assert first.key == again.key != corrected.key


def test_a_message_to_the_bot_is_what_was_typed() -> None:
    found = inbound.from_event(
        said("see *this* &amp; <https://a.example|a.example>, <https://b.example/p|here>, <mailto:x@y.z|x@y.z>")
    )
    assert found is not None
    assert found.key == "slack:event:Ev1"
    assert found.text == "see *this* & a.example, here (https://b.example/p), x@y.z"
    assert found.address == ids.pack(ids.User("T1", "U1"))
    assert found.private


@pytest.mark.parametrize(
    ("raw", "typed"),
    [
        ("<!channel> <!here>", "@channel @here"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<!subteam^S1|@hr>", "@hr"),
        ("&lt;!channel&gt; &amp;lt;", "<!channel> &lt;"),
        ("a < b > c", "a < b > c"),
        ("<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"),
        ("\u202eabc\x00\ud800", "\u202eabc"),
    ],
)
def test_slack_escapes_are_undone_once(raw: str, typed: str) -> None:
    assert inbound.decode(raw)[0] == typed


def test_a_reply_in_a_thread_knows_its_root() -> None:
    found = inbound.from_event(said("and?", ts="5.2", thread_ts="5.1"))
    assert found is not None
    assert found.thread == ids.pack(ids.Message("T1", "D1", "5.1"))


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B1"},
        {"user": "UBOT"},
        {"user": "USLACKBOT"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"channel_type": "channel"},
        {"type": "emoji_changed"},
        {"type": "user_change", "user": {"id": "U2", "team_id": "T1", "is_bot": True}},
        {"type": "user_change", "user": {"id": "U2", "team_id": "T1", "deleted": True}},
        {"type": "team_join", "user": {"id": "U2", "team_id": "T1", "is_bot": True}},
        {"type": "team_join", "user": {"id": "U2", "team_id": "T1", "deleted": True}},
        {"type": "team_join", "user": {"id": "U2", "team_id": "T9", "is_stranger": True}},
        {"type": "app_home_opened", "tab": "messages"},
    ],
)
def test_what_is_not_said_to_the_bot_is_let_go(changes: dict[str, Any]) -> None:
    assert inbound.from_event(said("hello", **changes)) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_a_message_with_a_file_or_sent_to_the_channel_too_is_said(subtype: str) -> None:
    assert inbound.from_event(said("hello", subtype=subtype)) is not None


def test_dropped_files_come_along_whatever_stands_in_them() -> None:
    files: list[Any] = [
        {"name": "people.csv", "url_private_download": "https://files.slack.com/x", "size": 12},
        {"id": "F2", "file_access": "check_file_info"},
        {"name": 3, "url_private_download": ["x"], "size": "big"},
        "no file",
    ]
    found = inbound.from_event(said("", subtype="file_share", files=files))
    assert found is not None
    assert found.files == (Dropped("people.csv", "https://files.slack.com/x", 12), Dropped("", ""), Dropped("", ""))
    nothing = inbound.from_event(said("", subtype="file_share", files={"0": {}}))
    assert nothing is not None and nothing.files == ()


def test_a_mention_in_a_channel_is_open_to_all_in_it() -> None:
    found = inbound.from_event(said("<@UBOT> find <@U2>", type="app_mention", channel="C1", channel_type="channel"))
    assert found is not None
    assert found.text == "find @U2"
    assert found.mentions == {"@U2": "U2"}
    assert found.address == ids.pack(ids.Channel("T1", "C1"))
    assert not found.private


def test_who_joins_the_workspace_is_met_by_their_id_alone() -> None:
    found = inbound.from_event(said("", type="team_join", user={"id": "U2", "team_id": "T1", "real_name": "X"}))
    assert found is not None
    assert (found.kind, found.speaker.account, found.speaker.name) == (Kind.JOINED, "U2", "")
    assert found.address == found.private_address == ids.pack(ids.User("T1", "U2"))


LINK = "https://alumni.example.com/gigs/7"
SHARED: dict[str, Any] = {
    "type": "link_shared",
    "user": "U1",
    "channel": "C1",
    "message_ts": "1700000000.000100",
    "links": [{"url": LINK, "domain": "alumni.example.com"}, {"domain": "x"}, 7],
    "source": "conversations_history",
    "is_bot_user_member": False,
}


def test_a_link_in_a_message_is_answered_below_it() -> None:
    found = inbound.from_event(event(SHARED))
    assert found is not None
    assert (found.kind, found.text.splitlines()[0], found.private) == (Kind.SHARED, LINK, False)
    assert found.address == ids.pack(ids.Unfurl("T1", "C1", "1700000000.000100"))
    between_two = inbound.from_event(event(SHARED | {"channel": "D7"}))
    assert between_two is not None


@pytest.mark.parametrize(
    ("told", "around"),
    [
        ({"source": "composer", "channel": "COMPOSER", "message_ts": "a-b"}, {}),
        ({"channel": "D1", "is_bot_user_member": True}, {}),
        ({"user": "UBOT"}, {}),
        ({}, {"is_ext_shared_channel": True}),
    ],
)
def test_a_link_is_let_go_that_is_not_sent_yet_or_is_for_us_alone_or_for_strangers(
    told: dict[str, Any], around: dict[str, Any]
) -> None:
    assert inbound.from_event(event(SHARED | told, **around)) is None


def shortcut(**message: Any) -> dict[str, Any]:
    return {
        "type": "message_action",
        "callback_id": "case.make",
        "action_ts": "1700000002.5",
        "team": {"id": "T1"},
        "user": {"id": "U9", "team_id": "T1"},
        "channel": {"id": "C1"},
        "message_ts": "1700000000.000100",
        "message": {
            "type": "message",
            "user": "U1",
            "ts": "1700000000.000100",
            "text": "a &lt;!channel&gt;",
            **message,
        },
    }


def test_a_shortcut_says_the_message_it_was_used_on() -> None:
    found = inbound.from_shortcut(shortcut())
    assert (found.kind, found.verb, found.text) == (Kind.PRESSED, "case.make", "a <!channel>")
    assert found.args == {"author": "U1", "workspace": "T1"} and found.speaker.account == "U9"
    assert found.source == ids.pack(ids.Message("T1", "C1", "1700000000.000100"))
    assert found.address == found.private_address == ids.pack(ids.User("T1", "U9"))
    assert found.key == inbound.from_shortcut(shortcut()).key
    assert inbound.from_shortcut(shortcut(bot_id="B1")).args == {}
    assert (inbound.from_shortcut(shortcut(user_team="T2")).args or {})["workspace"] == "T2"
    for lacking in ("message", "channel", "callback_id", "action_ts"):
        with pytest.raises(inbound.Malformed):
            inbound.from_shortcut({name: value for name, value in shortcut().items() if name != lacking})


def test_an_opened_home_is_answered_in_it() -> None:
    found = inbound.from_event(said("", type="app_home_opened", tab="home"))
    assert found is not None
    assert found.kind is Kind.OPENED_HOME
    assert found.address == ids.pack(ids.Home("T1", "U1"))


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (lambda body: inbound.from_command(body, {}), {"command": "/alumni"}),
        (inbound.from_action, {"actions": []}),
        (inbound.from_action, {"actions": ["x"]}),
        (inbound.from_submission, {"team": {"id": "T1"}, "user": {"id": "U1"}, "view": {"id": "V1"}}),
        (inbound.from_submission, submission({"a": "x"})),
        (inbound.from_event, {"event": {"type": "message"}}),
        (inbound.from_event, {"event_id": "Ev1", "event": {}}),
        (inbound.from_event, event({"type": "message", "channel_type": "im"}, authorizations="x")),
    ],
)
def test_a_signed_request_without_its_parts_is_malformed_or_let_go(parse: Any, body: Any) -> None:
    try:
        assert parse(json.loads(json.dumps(body))) is None
    except inbound.Malformed as error:
        assert "no usable" in str(error)


PHOTO = "https://avatars.slack-edge.com/2026-11-20/1_2_192.png"
API = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("url", "api", "kept"),
    [
        (PHOTO, API, True),
        ("https://secure.gravatar.com/avatar/1.jpg?s=192&d=https%3A%2F%2Fa.slack-edge.com%2F1.png", API, True),
        ("https://slack.com/x.png", API, True),
        ("http://127.0.0.1:8080/x.png", "http://127.0.0.1:8080/api/", True),
        ("http://127.0.0.1:8081/x.png", "http://127.0.0.1:8080/api/", False),
        ("http://avatars.slack-edge.com/x.png", API, False),
        ("https://avatars.slack-edge.com.example.com/x.png", API, False),
        ("https://evilslack-edge.com/x.png", API, False),
        ("https://slack-edge.com@evil.example/x.png", API, False),
        ("https://u@avatars.slack-edge.com/x.png", API, False),
        ("https://avatars.slack-edge.com:8443/x.png", API, False),
        ("https://[::1/x.png", API, False),
        ("javascript:alert(1)", API, False),
        ("", API, False),
    ],
)
def test_a_photo_is_taken_from_slacks_own_hosts_alone(url: str, api: str, kept: bool) -> None:
    profile = {"image_192": url, "is_custom_image": True}
    found = inbound.from_event(changed({"id": "U1", "team_id": "T1", "profile": profile}), api)
    assert found is not None and found.kind is Kind.PICTURED and found.speaker == Speaker("slack", "T1", "U1")
    assert found.args == {"photo": url if kept else ""}


@pytest.mark.parametrize("profile", [{"image_192": PHOTO}, {"is_custom_image": True}, {}, None, "x", {"image_192": 7}])
def test_the_picture_that_slack_draws_is_no_photo(profile: Any) -> None:
    found = inbound.from_event(changed({"id": "U1", "profile": profile}), API)
    assert found is not None and found.args == {"photo": ""}


def test_bots_and_who_has_gone_have_no_photo() -> None:
    for odd in ({"is_bot": True}, {"deleted": True}):
        assert inbound.from_event(changed({"id": "U1", **odd}), API) is None


def changed(user: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "event_id": "Ev9",
        "team_id": "T1",
        "event": {"type": "user_change", "user": user},
    }


def change_of(subtype: str, message: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """An event about a message of U1's."""
    before = {"user": "U1", "ts": "5.2", "thread_ts": "5.1", "text": "befor", "team": "T1"}
    told = {"subtype": subtype, "previous_message": before, "message": message, "event_ts": "9.5", "ts": "9.5"}
    return said("", **{**told, "user": None, **changes})


EDITED = {
    "user": "U1",
    "ts": "5.2",
    "thread_ts": "5.1",
    "text": "after &amp; all",
    "edited": {"user": "U1", "ts": "7.5"},
}


def test_a_message_is_known_by_its_ref_and_its_second() -> None:
    found = inbound.from_event(said("hello", ts="1700000000.000100"))
    assert found is not None
    assert found.source == ids.pack(ids.Message("T1", "D1", "1700000000.000100"))
    assert found.typed_at == datetime(2023, 11, 14, 22, 13, 20, 100, UTC)


def test_an_edit_says_what_the_message_reads_now_and_when_it_was_made() -> None:
    found = inbound.from_event(change_of("message_changed", EDITED))
    assert found is not None
    assert (found.kind, found.text, found.speaker.account) == (Kind.EDITED, "after & all", "U1")
    assert found.source == ids.pack(ids.Message("T1", "D1", "5.2"))
    assert found.thread == ids.pack(ids.Message("T1", "D1", "5.1"))
    assert (found.typed_at, found.changed_at) == (
        datetime.fromtimestamp(5.2, UTC),
        datetime.fromtimestamp(7.5, UTC),
    )


@pytest.mark.parametrize(
    "event",
    [
        change_of("message_deleted", deleted_ts="5.2"),
        change_of("message_changed", {"subtype": "tombstone", "user": "USLACKBOT", "ts": "5.2", "text": "deleted"}),
    ],
    ids=["deleted", "the root of a thread"],
)
def test_a_deletion_is_its_writers_and_says_nothing_of_the_words(event: dict[str, Any]) -> None:
    found = inbound.from_event(event)
    assert found is not None
    assert (found.kind, found.text, found.speaker.account) == (Kind.DELETED, "", "U1")
    assert found.source == ids.pack(ids.Message("T1", "D1", "5.2"))
    assert found.changed_at == datetime.fromtimestamp(9.5, UTC)


@pytest.mark.parametrize(
    "event",
    [
        change_of("message_changed", {**EDITED, "edited": None}),
        change_of("message_changed", {**EDITED, "bot_id": "B1"}),
        change_of("message_changed", {**EDITED, "user": "UBOT"}),
        change_of("message_changed", {**EDITED, "edited": {"ts": "soon"}}),
        change_of("message_changed", EDITED, channel_type="mpim"),
        change_of("message_changed"),
        change_of("message_deleted"),
        change_of("message_deleted", deleted_ts="5.2", previous_message={"user": "UBOT", "bot_id": "B1"}),
        change_of("message_deleted", deleted_ts="5.2", previous_message=None),
    ],
    ids=["a preview", "our own", "our own as a user", "no time", "elsewhere", "nothing", "no ts", "ours", "nobody's"],
)
def test_other_changes_are_let_go(event: dict[str, Any]) -> None:
    assert inbound.from_event(event) is None


def test_a_mention_that_is_told_again_since_it_was_edited_is_an_edit() -> None:
    told = {"type": "app_mention", "channel": "C1", "ts": "5.2", "edited": {"user": "U1", "ts": "7.5"}}
    found = inbound.from_event(said("<@UBOT> better", **told, thread_ts="5.1"))
    assert found is not None and (found.kind, found.text) == (Kind.EDITED, "better")
    alone = inbound.from_event(said("<@UBOT> find x", **told))
    assert alone is not None and alone.kind is Kind.TYPED


def test_a_file_has_the_link_that_people_open() -> None:
    found = inbound.from_event(
        said("", subtype="file_share", files=[{"name": "a", "permalink": "https://x.slack.com/a"}])
    )
    assert found is not None and found.files == (Dropped("a", "", 0, "https://x.slack.com/a"),)


@pytest.mark.parametrize(
    ("more", "heard"),
    [
        ({"thread_ts": "1.0", "parent_user_id": "UBOT"}, True),
        ({"thread_ts": "1.0"}, True),
        ({"thread_ts": "1.0", "parent_user_id": "U2"}, False),
        ({}, False),
        ({"thread_ts": "1.0", "parent_user_id": "UBOT", "text": "<@UBOT> hi"}, False),
    ],
    ids=["below ours", "below somebody's", "below another's", "in no thread", "told as a mention too"],
)
def test_of_channels_only_replies_to_our_messages_are_heard(more: dict[str, Any], heard: bool) -> None:
    event = {"type": "message", "channel_type": "channel", "channel": "C1", "user": "U1", "ts": "2.0", "text": "hi"}
    body = {
        "event_id": "Ev1",
        "team_id": "T1",
        "authorizations": [{"team_id": "T1", "user_id": "UBOT", "is_bot": True}],
    }
    said = inbound.from_event({**body, "event": {**event, **more}})
    assert (said is not None and said.overheard and not said.private) is heard
