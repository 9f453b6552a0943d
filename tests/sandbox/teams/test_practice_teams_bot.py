"""A stock botbuilder bot understands what the practice Teams sends, and is understood."""

from typing import Any

import pytest
from botbuilder.core import TurnContext
from botbuilder.core.teams import TeamsInfo
from botbuilder.schema import Activity, Attachment

from sandbox.teams import (
    ActionUnavailable,
    InputInvalid,
    InputMissing,
    InputTooLong,
    Kind,
    NoSuchAction,
    NoSuchInput,
    PracticeTeams,
)

CARD = "application/vnd.microsoft.card.adaptive"


def form(**changes: Any) -> dict[str, Any]:
    note = {
        "type": "Input.Text",
        "id": "note",
        "isRequired": True,
        "label": "Note",
        "errorMessage": "Write a note",
        "maxLength": 10,
    }
    days = {"type": "Input.Number", "id": "days", "min": 1, "max": 5, "value": 2}
    kinds = [{"title": "A", "value": "a"}, {"title": "B", "value": "b"}]
    kind = {"type": "Input.ChoiceSet", "id": "kind", "choices": kinds, "value": "a"}
    column = {"type": "Column", "items": [kind, {"type": "Input.Toggle", "id": "yes", "title": "Yes"}]}
    fallback = {"type": "Action.Submit", "title": "Send", "data": {"verb": "send", "nonce": "n1"}}
    send = {
        "type": "Action.Execute",
        "title": "Send",
        "verb": "send",
        "id": "s",
        "data": {"nonce": "n1"},
        "fallback": fallback,
    }
    plain = {"type": "Action.Submit", "title": "Plain", "data": {"a": 1}}
    card = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [
            {"type": "TextBlock", "text": "Gig"},
            note,
            days,
            {"type": "ColumnSet", "columns": [column]},
        ],
        "actions": [send, plain],
    }
    return card | changes


def text_card(text: str) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": text}]}


def posting(card: dict[str, Any]) -> Any:
    async def turn(context: TurnContext) -> None:
        if context.activity.type == "message" and context.activity.text:
            attachment = Attachment(content_type=CARD, content=card)
            await context.send_activity(Activity(type="message", attachments=[attachment]))

    return turn


async def echo(context: TurnContext) -> None:
    if context.activity.type == "message":
        await context.send_activity(f"you said {context.activity.text}")


async def test_hello_is_answered_in_the_personal_chat(teams: PracticeTeams, bot: Any) -> None:
    bot.turn = echo
    hr = teams.as_person("hr1")
    answered = await hr.say("hello")
    assert answered.ok and answered.status == 201
    assert (await hr.hears("you said hello")).reply_to_id == answered.id
    raw = bot.raw[0]
    assert raw["channelId"] == "msteams" and raw["serviceUrl"] == teams.service_url
    assert raw["conversation"] == {
        "conversationType": "personal",
        "tenantId": teams.tenant.tenant_id,
        "id": hr.chat.id,
    }
    assert raw["from"]["aadObjectId"] == hr.member.aad_object_id and raw["from"]["id"].startswith("29:")
    assert raw["recipient"] == {"id": f"28:{teams.app_id}", "name": "Motokai"}
    assert raw["entities"][0]["timezone"] == "Asia/Tokyo" and raw["localTimestamp"].endswith("+09:00")


async def test_channel_message_mentions_the_bot_and_is_answered_in_its_thread(teams: PracticeTeams, bot: Any) -> None:
    bot.turn = echo
    hr, channel = teams.as_person("hr1"), teams.tenant.channel("Gigs")
    await hr.install("Gigs")
    answered = await hr.say("post gig", conversation="Gigs")
    raw = bot.raw[-1]
    assert raw["text"] == "<at>Motokai</at> post gig"
    assert raw["entities"][0]["mentioned"]["id"] == teams.tenant.bot_id
    assert raw["conversation"]["id"] == f"{channel.id};messageid={answered.id}"
    assert raw["channelData"]["channel"] == {"id": channel.id}
    assert TurnContext.remove_recipient_mention(bot.heard[-1]).strip() == "post gig"
    reply = await hr.hears("post gig", conversation="Gigs")
    assert reply.thread_id == answered.id
    again = await hr.say("thanks", reply_to=reply)
    assert [p.id for p in channel.thread(answered.id)][2] == again.id


async def test_without_a_mention_a_channel_message_stays_unheard(teams: PracticeTeams, bot: Any) -> None:
    hr = teams.as_person("hr1")
    answered = await hr.say("just talking", conversation="Gigs", mention=False)
    assert answered.status == 0 and not bot.raw
    hr.heard_without_mention = True
    assert (await hr.say("now with consent", conversation="Gigs", mention=False)).ok


async def test_install_and_uninstall_tell_the_bot(teams: PracticeTeams, bot: Any) -> None:
    hr = teams.as_person("hr1")
    await hr.install()
    assert hr.chat.installed
    await hr.uninstall()
    kinds = [(a.type, getattr(a, "action", None)) for a in bot.heard]
    assert [kind for kind, _ in kinds] == ["conversationUpdate", "installationUpdate", "installationUpdate"]
    assert bot.heard[0].members_added[0].id == teams.tenant.bot_id
    assert [raw["action"] for raw in bot.raw[1:]] == ["add", "remove"]
    assert not hr.chat.installed
    await hr.install("General")
    assert teams.tenant.channel("Gigs").installed
    assert bot.raw[-1]["channelData"]["team"]["name"] == "HR"


async def test_edit_and_delete_reach_the_bot(teams: PracticeTeams, bot: Any) -> None:
    hr = teams.as_person("hr1")
    said = await hr.say("helo")
    await hr.edit(said, "hello")
    await hr.delete(said)
    assert [(r["type"], r["channelData"].get("eventType")) for r in bot.raw[1:]] == [
        ("messageUpdate", "editMessage"),
        ("messageDelete", "softDeleteMessage"),
    ]
    assert hr.posted(said).deleted and hr.posted(said).earlier[0]["text"] == "helo"


async def test_execute_replaces_the_card_for_that_person_alone(teams: PracticeTeams, bot: Any) -> None:
    bot.turn = posting(form())
    await teams.as_person("hr1").install("HR chat")
    hr, other = teams.as_person("hr1"), teams.as_person("hr2")
    await hr.say("gig", conversation="HR chat")
    posted = await hr.hears("Gig", conversation="HR chat")
    bot.answers["adaptiveCard/action"] = {"statusCode": 200, "type": CARD, "value": text_card("Done")}
    answered = await hr.execute(posted, "Send", {"note": "hi", "yes": True})
    value = bot.raw[-1]["value"]
    assert value["trigger"] == "manual"
    assert value["action"] == {
        "type": "Action.Execute",
        "id": "s",
        "verb": "send",
        "data": {"nonce": "n1", "note": "hi", "days": "2", "kind": "a", "yes": "true"},
    }
    assert bot.raw[-1]["replyToId"] == posted.id
    assert answered.card == text_card("Done") == hr.card(posted)
    assert other.card(posted) == form()
    assert posted.cards()[0][1] == form()


async def test_client_refuses_what_the_card_does_not_allow(teams: PracticeTeams, bot: Any) -> None:
    bot.turn = posting(form())
    hr = teams.as_person("hr1")
    await hr.say("gig")
    posted = await hr.hears("Gig")
    heard = len(bot.raw)
    with pytest.raises(InputMissing, match="Write a note"):
        await hr.execute(posted, "send")
    with pytest.raises(InputTooLong):
        await hr.execute(posted, "send", {"note": "x" * 11})
    with pytest.raises(InputInvalid):
        await hr.execute(posted, "send", {"note": "x", "days": 6})
    with pytest.raises(InputInvalid):
        await hr.execute(posted, "send", {"note": "x", "kind": "c"})
    with pytest.raises(NoSuchInput):
        await hr.execute(posted, "send", {"note": "x", "typo": "c"})
    with pytest.raises(NoSuchAction, match="Plain"):
        await hr.execute(posted, "Nothing")
    assert len(bot.raw) == heard


async def test_old_host_presses_the_fallback(teams: PracticeTeams, bot: Any) -> None:
    bot.turn = posting(form())
    hr = teams.as_person("hr1")
    hr.member.supports_execute = False
    await hr.say("gig")
    posted = await hr.hears("Gig")
    await hr.execute(posted, "Send", {"note": "x"})
    assert bot.raw[-1]["type"] == "message" and "text" not in bot.raw[-1]
    assert bot.raw[-1]["value"]["verb"] == "send" and bot.raw[-1]["value"]["note"] == "x"
    del posted.body["attachments"][0]["content"]["actions"][0]["fallback"]
    with pytest.raises(ActionUnavailable):
        await hr.execute(posted, "Send", {"note": "x"})


async def test_submit_is_a_message_with_a_value(teams: PracticeTeams, bot: Any) -> None:
    bot.turn = posting(form())
    hr = teams.as_person("hr1")
    await hr.say("gig")
    posted = await hr.hears("Gig")
    await hr.submit(posted, "Plain", {"note": "x"})
    assert bot.heard[-1].value["a"] == 1 and bot.heard[-1].reply_to_id == posted.id
    assert bot.heard[-1].text is None


async def test_toast_error_and_bad_card_in_an_answer(teams: PracticeTeams, bot: Any) -> None:
    bot.turn = posting(form())
    hr = teams.as_person("hr1")
    await hr.say("gig")
    posted = await hr.hears("Gig")
    toast = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Saved"}
    bot.answers["adaptiveCard/action"] = toast
    assert (await hr.execute(posted, "send", {"note": "x"})).toast == "Saved"
    wrong = {"code": "BadRequest", "message": "no"}
    refusal = {"statusCode": 400, "type": "application/vnd.microsoft.error", "value": wrong}
    bot.answers["adaptiveCard/action"] = refusal
    error = (await hr.execute(posted, "send", {"note": "x"})).error
    assert error is not None and (error.code, error.message) == ("BadRequest", "no")
    bot.answers["adaptiveCard/action"] = {"statusCode": 200, "type": CARD, "value": {"type": "AdaptiveCard"}}
    error = (await hr.execute(posted, "send", {"note": "x"})).error
    assert error is not None and "version" in error.message
    assert hr.card(posted) == form()


async def test_refresh_is_an_automatic_execute(teams: PracticeTeams, bot: Any) -> None:
    refresh = {"action": {"type": "Action.Execute", "verb": "look", "data": {"id": 1}}, "userIds": ["29:x"]}
    bot.turn = posting(form(refresh=refresh))
    hr = teams.as_person("hr1")
    await hr.say("gig")
    await hr.refresh(await hr.hears("Gig"))
    assert bot.raw[-1]["value"]["trigger"] == "automatic"
    assert bot.raw[-1]["value"]["action"] == {"type": "Action.Execute", "verb": "look", "data": {"id": 1}}


async def test_task_module_and_message_extension(teams: PracticeTeams, bot: Any) -> None:
    hr = teams.as_person("hr1")
    opened = {
        "task": {
            "type": "continue",
            "value": {"title": "T", "card": {"contentType": CARD, "content": form()}},
        }
    }
    bot.answers |= {
        "task/fetch": opened,
        "task/submit": {"task": {"type": "message", "value": "Thanks"}},
        "composeExtension/fetchTask": opened,
        "composeExtension/query": {"composeExtension": {"attachments": [{"contentType": CARD}]}},
    }
    task = await hr.task_fetch({"what": "gig"})
    assert bot.raw[-1]["value"]["data"] == {"what": "gig"}
    done = await hr.task_submit(task, "Plain", {"note": "x"})
    assert done.task_message == "Thanks" and bot.raw[-1]["value"]["data"]["note"] == "x"
    found = await hr.query_extension("searchAlumni", "田中")
    assert found.results == [{"contentType": CARD}]
    assert bot.raw[-1]["value"]["parameters"] == [{"name": "query", "value": "田中"}]
    await hr.query_extension("searchAlumni")
    assert bot.raw[-1]["value"]["parameters"][0]["name"] == "initialRun"
    action = await hr.fetch_extension("postGig")
    await hr.submit_extension(action, "Plain", {"note": "x"})
    assert bot.raw[-1]["value"]["commandId"] == "postGig" and bot.raw[-1]["value"]["data"]["a"] == 1


async def test_actions_under_a_showcard_send_inputs_of_both_cards(teams: PracticeTeams, bot: Any) -> None:
    inner = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [{"type": "Input.Text", "id": "why", "value": "w"}],
        "actions": [{"type": "Action.Submit", "title": "Inner"}],
    }
    more = {"type": "Action.ShowCard", "title": "More", "card": inner}
    bot.turn = posting(form(actions=[more, {"type": "Action.Submit", "title": "Outer"}]))
    hr = teams.as_person("hr1")
    await hr.say("gig")
    posted = await hr.hears("Gig")
    await hr.submit(posted, "Inner", {"note": "x"})
    assert bot.raw[-1]["value"]["why"] == "w" and bot.raw[-1]["value"]["note"] == "x"
    await hr.submit(posted, "Outer", {"note": "x"})
    assert "why" not in bot.raw[-1]["value"]


async def test_stock_connector_client_updates_deletes_and_reads_rosters(teams: PracticeTeams, bot: Any) -> None:
    seen: dict[str, Any] = {}
    hr = teams.as_person("hr1")

    async def turn(context: TurnContext) -> None:
        sent = await context.send_activity("first")
        assert sent is not None
        await context.update_activity(Activity(type="message", id=sent.id, text="second"))
        gone = await context.send_activity("gone")
        assert gone is not None
        await context.delete_activity(gone.id)
        seen["id"] = sent.id
        member: Any = await TeamsInfo.get_member(context, hr.member.id)
        seen["email"] = member.email
        page: Any = await TeamsInfo.get_paged_members(context)
        seen["members"] = [account.aad_object_id for account in page.members]

    bot.turn = turn
    assert (await hr.say("go")).ok, teams.tenant.dump()
    assert [(p.id, p.text) for p in hr.messages()] == [(seen["id"], "second")]
    assert hr.messages()[0].earlier[0]["text"] == "first"
    assert (seen["email"], seen["members"]) == (hr.member.email, [hr.member.aad_object_id])
    assert hr.chat.kind is Kind.PERSONAL
