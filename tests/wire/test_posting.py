"""Posting a gig on the wire: drafts and their preview, what is missing, versions, a channel, the message extension."""

import pytest
from sqlalchemy import text

from sandbox.teams import Person as TeamsPerson
from sandbox.teams import Posted
from tests.conftest import OFFERED_BY, World, button
from tests.whole import whole
from tests.wire.acting import (
    GIG,
    assert_all_arrived_once,
    assert_nothing_refused,
    fill,
    fill_in_gig,
    hears,
    join_in_teams,
    messages,
    now,
    offered,
    opened,
    rows,
)

pytestmark = pytest.mark.usefixtures("unpaced")


def forget_defaults(world: World) -> None:
    with whole(world.database) as connection:
        connection.execute(text("UPDATE company SET gig_defaults = '{}'"))


async def test_hr_looks_at_a_draft_publishes_it_and_changes_it(world: World) -> None:
    hr = await world.claim()
    sato, tanaka = await world.enrol(hr, "U0SATO", "佐藤 美咲"), await world.enrol(hr, "U0TANAKA", "田中 健")
    said = await hr.say("post gig")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    saved = await hr.execute(form, "gig.post", {**GIG, "then": "preview"})
    assert saved.ok and "下書き" in str(saved.card)
    draft = await hr.hears("gig.publish", after=form)
    await world.settled()
    assert OFFERED_BY["legal_name"] in str(draft.card) and "対象" in str(draft.card)
    assert not any(GIG["title"] in m.words for m in world.slack.workspace.bot_messages_to("U0SATO"))

    assert (await hr.execute(draft, "gig.publish")).ok
    card = await hr.hears("gig.fill", after=draft)
    to_sato, to_tanaka = await offered(world, sato), await offered(world, tanaka)
    assert "第1版" in to_sato.words and OFFERED_BY["legal_address"] in to_sato.words
    await sato.press(to_sato, button(to_sato, "gig.interested"))
    await world.settled()

    change = await hr.execute(card, "gig.post")
    assert change.ok and "Input.Text" in str(change.card)
    changed = await hr.execute(card, "gig.post", {**GIG, "reward": "70万円(税別)"})
    assert changed.ok and "70万円" in str(changed.card)
    notice = await hears(world, sato, "60万円(税別) → 70万円(税別)", under=to_sato)
    assert "第2版" in notice.words
    await world.settled()
    for copy in (to_sato, to_tanaka):
        assert "第2版" in now(world, copy).words and "70万円" in now(world, copy).words
    assert not any("→" in m.words for m in world.slack.workspace.bot_messages_to("U0TANAKA"))
    assert_nothing_refused(world)


async def test_in_slack_what_is_missing_is_asked_for_at_its_field(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    forget_defaults(world)
    staff = world.slack.as_user("U0HR")
    await staff.command("/alumni", "post gig")
    asked = await staff.submit(await opened(world, staff), values=GIG)
    assert asked.ok and asked.view is not None and not asked.errors
    assert "公開する募集には「連絡先」が必要です" in str(asked.view.blocks)
    again = await staff.submit(asked.view, values={**OFFERED_BY, "contact": "", "pays_on": "2027-05-31"})
    assert again.ok, again
    view = again.view or asked.view
    assert "連絡先" in str(again.errors or view.blocks)
    posted = await staff.submit(view, values={**OFFERED_BY, "received_on": "2027-04-01", "pays_on": "2027-05-30"})
    assert posted.ok and not posted.errors, posted
    assert "2027年5月30日" in (await offered(world, sato)).words
    assert_nothing_refused(world)


async def test_a_channel_gets_a_copy_and_who_presses_there_is_answered_alone(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    staff = world.slack.as_user("U0HR")
    channel = world.slack.workspace.add_channel("C0GIGS", "gigs", members=["U0HR", "U0SATO"], bot=True)
    world.slack.events.scopes |= {"app_mentions:read"}
    bot = world.slack.workspace.bot_user_id
    heard = await staff.say(f"<@{bot}> gig channel", channel=channel.id)
    assert heard.ok, heard
    await world.settled()
    said = await hr.say("post gig")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    await hr.execute(form, "gig.post", {**GIG, "then": "preview"})
    draft = await hr.hears("gig.publish", after=form)
    await world.settled()
    assert (await hr.execute(draft, "gig.audience")).ok
    narrowed = await hr.execute(draft, "gig.audience", {"channel": "yes"})
    assert narrowed.ok and "gig.publish" in str(narrowed.card), narrowed
    assert (await hr.execute(draft, "gig.publish")).ok
    card = await hr.hears("gig.fill", after=draft)
    await world.settled()

    def copies() -> list:
        return [m for m in world.slack.workspace.channels[channel.id].messages.values() if GIG["title"] in m.words]

    (copy,) = copies()
    await sato.press(copy, button(copy, "gig.interested"))
    await world.settled()
    (copy,) = copies()
    assert "ご興味あり" not in copy.words, "nobody else sees who answered"
    assert "ご興味あり" in str([shown.blocks for shown in world.slack.workspace.ephemerals_for("U0SATO")])
    shown_alone = world.slack.workspace.ephemerals_for("U0SATO")
    own = shown_alone[-1]
    await sato.press(own, button(own, "gig.pass"))
    await world.slack.until(lambda _: "見送る" in own.words and "gig.interested" in str(own.blocks))
    assert len(world.slack.workspace.ephemerals_for("U0SATO")) == len(shown_alone), "it changes in its place"
    private, alone = "すぐに反映されます", world.slack.workspace.ephemerals_for("U0SATO")
    for verb in ("privacy.consents", "consent.withdraw"):
        pressed = next(e for b in copy.blocks for e in b.get("elements", ()) if e.get("action_id"))
        pressed |= {"action_id": f"{verb}#0", "value": '{"purpose": "statistics"}'}
        heard_before = len(messages(world, sato))
        assert (await sato.press(copy, f"{verb}#0")).ok
        await world.settled()
        assert private in messages(world, sato)[heard_before].words, "it comes where nobody reads along"
        assert not any(private in m.words for m in (*copies(), *alone))
    assert (await fill(hr, card)).ok
    await world.settled()
    (copy,) = copies()
    assert "募集終了" in copy.words and "gig.interested" not in str(copy.blocks)


async def test_a_gig_is_posted_from_the_message_extension(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    opened_form = await hr.fetch_extension("post")
    assert opened_form.ok and "gig.post" in str(opened_form.task)
    wrong = await hr.submit_extension(opened_form, "この内容で募集する", {**GIG, "deadline": "2020-01-01"})
    assert wrong.ok and "過ぎています" in str(wrong.task)
    sent = await hr.submit_extension(opened_form, "この内容で募集する", GIG)
    assert sent.ok and sent.body["task"]["type"] == "message", sent
    await offered(world, sato)
    await hr.hears("gig.fill")
    stranger = world.teams.as_person("hr2")
    told = await stranger.fetch_extension("post")
    assert told.ok and told.body["task"]["type"] == "message"
    assert (await hr.fetch_extension("else")).status == 501


async def test_below_a_channels_copy_alumni_ask_and_are_answered_alone(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    staff, events, bot = world.slack.as_user("U0HR"), world.slack.events, world.slack.workspace.bot_user_id
    members = ["U0HR", "U0SATO", "U0TANAKA"]
    channel = world.slack.workspace.add_channel("C0GIGS", "gigs", members=members, bot=True)
    events.scopes |= {"app_mentions:read"}
    await staff.say(f"<@{bot}> gig channel お仕事", channel=channel.id)
    card = await fill_in_gig(hr)
    assert (await hr.execute(card, "gig.audience")).ok
    asked = await hr.execute(card, "gig.audience", {"channel": "yes"})
    assert asked.ok and "もう一度送信" in str(asked.card)
    changed = await hr.execute(card, "gig.audience", {"channel": "yes"})
    assert changed.ok and "gig.fill" in str(changed.card), changed
    await world.settled()

    def said() -> list:
        return list(world.slack.workspace.channels[channel.id].messages.values())

    (copy,) = [m for m in said() if GIG["title"] in m.words]
    below = {"channel": channel.id, "thread_ts": copy.ts}
    assert (await sato.say("週何日ですか", **below)).error == "not_sent", "without the scope"
    await sato.say(f"<@{bot}> 在宅でもよいですか", **below)
    await hears(world, sato, "お伝えしました")
    events.scopes |= {"channels:history"}
    before = len(said())
    world.slack.workspace.add_user("U0TANAKA", "tanaka")
    stranger = world.slack.as_user("U0TANAKA")
    for who, words in ((sato, "夜だけでもよいですか"), (stranger, "知らない人です"), (staff, "help")):
        assert (await who.say(words, **below)).ok
    await sato.say("独り言です", channel=channel.id)
    await world.settled()
    assert len(said()) == before + 4, "nothing of it is answered in the channel"
    lines = [row["text"] for row in rows(world.database, "casemessage")]
    assert lines == ["在宅でもよいですか", "夜だけでもよいですか"]
    assert len(rows(world.database, "case")) == 1
    assert_nothing_refused(world)


async def a_draft(hr: TeamsPerson) -> Posted:
    """HR's card of a gig that is not published."""
    said = await hr.say("post gig")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    assert (await hr.execute(form, "gig.post", {**GIG, "then": "preview"})).ok
    return await hr.hears("gig.publish", after=form)


async def test_hr_tries_a_gig_on_both_platforms_and_nobody_else_has_it(world: World) -> None:
    hr = await world.claim()
    await world.enrol(hr, "U0SATO", "佐藤 美咲")
    staff = world.slack.as_user("U0HR")
    draft = await a_draft(hr)
    await world.settled()
    assert "「興味がある」" in str(draft.card)
    assert (await hr.execute(draft, "gig.test")).ok
    in_teams = await hr.hears("gig.tested", after=draft)
    in_slack = await hears(world, staff, "【テスト】")
    await hears(world, staff, "ご本人だけにお送りしたテストです", under=in_slack)
    await hr.hears("ご本人だけにお送りしたテストです", after=in_teams)
    await world.settled()
    assert "gig.interested" not in str(in_teams.card) + str(in_slack.blocks) and GIG["work"] in in_slack.words
    told = await hr.execute(in_teams, "興味がある")
    assert told.toast is not None and "テスト" in told.toast
    heard = len(messages(world, staff))
    assert (await staff.press(in_slack, button(in_slack, "gig.tested"))).ok
    await world.settled()
    assert "テスト" in messages(world, staff)[heard].words
    assert not any(GIG["title"] in m.words for m in world.slack.workspace.bot_messages_to("U0SATO"))
    assert rows(world.database, "stance") == [] and rows(world.database, "case") == []
    assert_all_arrived_once(world)


async def test_an_open_gig_that_is_for_more_people_reaches_them_and_nobody_twice(world: World) -> None:
    hr = await world.claim()
    sato, tanaka = await world.enrol(hr, "U0SATO", "佐藤 美咲"), await world.enrol(hr, "U0TANAKA", "田中 健")
    suzuki = await join_in_teams(world, hr, "alum1", "鈴木 葵")
    await tanaka.command("/alumni", "profile work")
    assert (await tanaka.submit(await opened(world, tanaka), values={"city": "大阪市"})).ok
    draft = await a_draft(hr)
    await hr.execute(draft, "gig.audience")
    assert (await hr.execute(draft, "gig.audience", {"cities": "大阪"})).ok
    assert (await hr.execute(draft, "gig.publish")).ok
    card = await hr.hears("gig.fill", after=draft)
    await offered(world, tanaka)

    def copies() -> list[int]:
        in_slack = [sum("gig.ask" in str(m.blocks) for m in messages(world, one)) for one in (sato, tanaka)]
        return [*in_slack, sum("gig.ask" in suzuki.reading(posted) for posted in suzuki.messages())]

    assert copies() == [0, 1, 0]
    for _ in range(2):  # said twice, it reaches nobody twice
        await hr.execute(card, "gig.audience")
        asked = await hr.execute(card, "gig.audience", {"cities": ""})
        if "もう一度送信" in str(asked.card):
            assert (await hr.execute(card, "gig.audience", {"cities": ""})).ok
        await suzuki.hears("gig.ask")
        await offered(world, sato)
        assert copies() == [1, 1, 1]
    assert "第2版" in (await offered(world, tanaka)).words
    assert_all_arrived_once(world)
