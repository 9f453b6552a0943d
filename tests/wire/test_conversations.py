"""The ways round the main job that people take in practice, and the ways that stay closed to them."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bot import clock, housekeeping
from sandbox.slack import Person as SlackPerson
from tests.conftest import World, button, code_in
from tests.wire.acting import (
    GIG,
    ask,
    assert_all_arrived_once,
    assert_nothing_refused,
    counts,
    everything,
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


async def forge(world: World, person: SlackPerson, verb: str, /, **args: str) -> int | None:
    """The person's client sends a press of a button that it was never shown."""
    shown = (await person.command("/alumni", "help")).shown
    assert shown is not None
    payload = person._interaction("block_actions") | {
        "container": {"type": "message", "message_ts": shown.ts, "channel_id": shown.channel, "is_ephemeral": True},
        "channel": {"id": shown.channel, "name": "directmessage"},
        "response_url": "",
        "actions": [
            {
                "type": "button",
                "action_id": f"{verb}#0",
                "block_id": "b0",
                "value": json.dumps(args),
                "action_ts": world.slack.workspace.next_ts(),
            }
        ],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    raw = world.slack.courier.signed("/slack/events", body, "application/x-www-form-urlencoded")
    return (await world.slack.courier.send("forged", raw)).status


async def test_hr_in_slack_posts_a_gig_in_a_form_and_answers_in_the_thread(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    staff = world.slack.as_user("U0HR")
    await staff.command("/alumni", "post gig")
    posted = await staff.submit(await opened(world, staff), values=GIG)
    assert posted.ok and not posted.errors
    to_sato = await offered(world, sato)
    desk = await hears(world, staff, GIG["title"])

    await ask(world, sato, to_sato, "週2日でも可能でしょうか。")
    case = await hears(world, staff, "週2日でも可能でしょうか。", under=desk)
    await world.settled()
    await staff.say("はい、歓迎です。", thread_ts=case.thread_ts)
    answer = await hears(world, sato, "はい、歓迎です。", under=to_sato)
    await world.settled()
    assert "はい、歓迎です。" in now(world, case).words
    await sato.say("応募します。", thread_ts=answer.thread_ts)
    await hears(world, staff, "応募します。", under=desk)
    await world.settled()

    message = now(world, desk)
    await staff.press(message, button(message, "gig.filling"))
    await world.slack.until(lambda _: "gig.fill#" in str(now(world, desk).blocks))
    await staff.press(now(world, desk), button(now(world, desk), "gig.fill"))
    await world.settled()
    assert "gig.interested" not in str(now(world, to_sato).blocks)
    assert_all_arrived_once(world)


async def test_hr_in_slack_answers_one_of_several_by_the_button_of_its_card(world: World) -> None:
    hr = await world.claim()
    people = [await world.enrol(hr, f"U0ALUM{i}", f"卒業 {i}郎") for i in (1, 2)]
    staff = world.slack.as_user("U0HR")
    await staff.command("/alumni", "post gig")
    await staff.submit(await opened(world, staff), values=GIG)
    desk = await hears(world, staff, GIG["title"])
    for i, person in enumerate(people):
        await ask(world, person, await offered(world, person), f"質問その{i}")
        await hears(world, staff, f"質問その{i}", under=desk)
    await world.settled()
    before = counts(world.database)
    await staff.say("どちらにも", thread_ts=desk.ts)
    await world.settled()
    assert counts(world.database) == before, "with two waiting it is not guessed who is meant"
    case = await hears(world, staff, "質問その1", under=desk)
    await staff.press(case, button(case, "case.answer"))
    view = await opened(world, staff)
    assert (await staff.submit(view, values={"text": "あなたへの答えです。"})).ok
    await hears(world, people[1], "あなたへの答えです。")
    await world.settled()
    assert not any("あなたへの答えです。" in m.words for m in messages(world, people[0]))


async def test_an_alumnus_in_teams_gets_the_gig_as_a_card_and_answers_in_it(world: World) -> None:
    hr = await world.claim()
    alumnus = await join_in_teams(world, hr, "alum1", "佐藤 健")
    card = await fill_in_gig(hr)
    offer = await alumnus.hears("gig.interested")
    asked = await alumnus.execute(offer, "gig.ask")
    assert "Input.Text" in str(asked.card)
    sent = await alumnus.execute(offer, "gig.ask", {"text": "在宅でできますか。"})
    assert sent.ok and sent.toast
    case = await hr.hears("在宅でできますか。", after=card)
    await hr.execute(case, "case.answer", {"text": "はい、できます。"})
    await alumnus.hears("はい、できます。")
    await world.settled()
    interested = await alumnus.execute(offer, "gig.interested")
    assert interested.card is not None and "gig.interested" not in str(interested.card)
    await fill(hr, card)
    await world.settled()
    assert "gig.ask" not in str(alumnus.card(offer))
    assert_all_arrived_once(world)


async def test_each_reads_in_the_language_they_chose(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
    switched = await tanaka.command("/alumni", "language en")
    assert switched.shown is not None
    await fill_in_gig(hr)
    assert "has a gig for you" in (await offered(world, tanaka)).words
    assert "has a gig for you" not in (await offered(world, sato)).words
    for text in ("language fr", "language"):
        assert (await sato.command("/alumni", text)).shown is not None
    assert {row["name"]: row["locale"] for row in rows(world.database, "person")}["佐藤 美咲"] == "ja"


async def test_a_topic_is_stopped_where_its_message_stands_and_chosen_again(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await join_in_teams(world, hr, "alum2", "田中 健")
    await fill_in_gig(hr, title="一件目")
    first, to_tanaka = await offered(world, sato, "一件目"), await tanaka.hears("一件目")
    await sato.press(first, button(first, "preferences.set"))
    card = await hears(world, sato, "お知らせの設定")
    stopped = await tanaka.execute(to_tanaka, "preferences.set")
    assert stopped.ok and "受け取らない" in str(stopped.card)
    await world.settled()
    assert "停止中" in now(world, first).words and "停止中" in str(tanaka.card(to_tanaka))
    await sato.press(card, button(card, "preferences.set", cadence="digest"))
    await world.settled()
    assert "まとめて" in now(world, card).words
    desk = await fill_in_gig(hr, title="二件目")
    await world.settled()
    assert not any("二件目" in m.words for m in messages(world, sato))
    assert "二件目" not in str([m.card for m in tanaka.messages()])
    assert "週に一度のまとめでお届け" in str(hr.card(desk))
    assert {row["receives"] for row in rows(world.database, "person")} == {"", "gigs:digest", "gigs:never"}
    assert_nothing_refused(world)


async def test_who_stopped_messages_is_not_offered_anything_until_they_start_again(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
    await fill_in_gig(hr, title="一件目")
    first = await offered(world, sato, "一件目")
    await sato.command("/alumni", "stop")
    await world.settled()
    await fill_in_gig(hr, title="二件目")
    await offered(world, tanaka, "二件目")
    assert not any("二件目" in m.words for m in messages(world, sato))
    await ask(world, sato, now(world, first), "一件目の質問です。")
    case = await hr.hears("一件目の質問です。")
    await hr.execute(case, "case.answer", {"text": "お答えします。"})
    await hears(world, sato, "お答えします。", under=first)
    await sato.command("/alumni", "start")
    await fill_in_gig(hr, title="三件目")
    await offered(world, sato, "三件目")


async def test_a_gig_that_is_filled_before_its_offers_go_out_is_offered_to_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    await world.settled()
    # Slack's lane has nothing to give, Teams' goes on.
    monkeypatch.setattr(
        "bot.pacing.Pacer.reserve", lambda _self, lanes, now: None if any("slack" in lane for lane, _ in lanes) else now
    )
    card = await fill_in_gig(hr)
    await fill(hr, card)
    monkeypatch.setattr("bot.pacing.Pacer.reserve", lambda _self, _lanes, now: now)
    await world.settled()
    assert not any(GIG["title"] in m.words for m in messages(world, sato))
    assert [row["state"] for row in rows(world.database, "delivery") if row["unasked"]] == ["cancelled"]


async def test_hr_sees_how_many_passed_and_never_who(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    card = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    heard = len(hr.messages())
    await sato.press(to_sato, button(to_sato, "gig.pass"))
    await world.settled()
    assert len(hr.messages()) == heard
    assert "佐藤" not in hr.reading(hr.posted(card.id))
    assert counts(world.database)["case"] == 0 and counts(world.database)["stance"] == 1


async def test_nobody_is_left_without_an_answer(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    said = await hr.say("おなかがすきました")
    await hr.hears("おなかがすきました", after=hr.posted(said))
    await sato.say("おなかがすきました")
    assert "help" in (await hears(world, sato, "おなかがすきました")).words
    for greeting in ("hi", "hello", "help", "HELP"):
        said = await hr.say(greeting)
        await hr.hears("post gig", after=hr.posted(said))


async def test_strangers_are_told_how_to_join_and_can_do_nothing_else(world: World) -> None:
    hr = await world.claim()
    await world.settled()
    stranger = world.slack_person("U0STRANGER", "Stranger")
    before = counts(world.database)
    for text in ("gigs", "find 佐藤", "profile", "enrol 山田 太郎 t@example.com", "post gig", "link", "stop", "join x"):
        answered = await stranger.command("/alumni", text)
        assert answered.shown is not None, text
    assert "join" in (await stranger.command("/alumni", "gigs")).shown.words  # type: ignore[union-attr]
    guest = world.teams.as_person("alum2")
    await guest.say("find 田中")
    await guest.hears("join")
    await stranger.open_home()
    await world.settled()
    assert counts(world.database) == before
    assert hr.messages()


async def test_an_alumnus_cannot_do_what_hr_can(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
    await fill_in_gig(hr)
    await ask(world, tanaka, await offered(world, tanaka), "田中の質問")
    await offered(world, sato)
    before = {table: everything(world.database)[table] for table in counts(world.database)}
    codes = len(rows(world.database, "code"))
    for text in ("enrol 山田 太郎 t@example.com", "post gig", "link", "claim 1-AAAA-BBBB-CCCC"):
        answered = await sato.command("/alumni", text)
        assert answered.shown is not None and sato.modal is None, text
    gig, case = (str(rows(world.database, table)[0]["id"]) for table in ("gig", "case"))
    for verb, args in (
        ("gig.fill", {"gig": gig}),
        ("gig.withdraw", {"gig": gig}),
        ("gig.resend", {"gig": gig}),
        ("gig.post", {}),
        ("enrol", {}),
        ("case.answer", {"case": case}),
    ):
        assert await forge(world, sato, verb, **args) == 200, verb
        assert sato.modal is None, verb
    await world.settled()
    assert {table: everything(world.database)[table] for table in before} == before
    assert len(rows(world.database, "code")) == codes
    assert not any("田中の質問" in m.words for m in messages(world, sato))


async def test_two_companies_never_meet(world: World) -> None:
    """East has Slack, West has Teams; the ids of either are no use to the other."""
    owner = world.slack_person("U0EAST", "East")
    assert (await owner.command("/alumni", f"claim {world.create_company('East')}")).shown is not None
    west = world.teams.as_person("hr1")
    await west.say(f"claim {world.create_company('West')}")
    await west.hears("West")

    told = (await owner.command("/alumni", "enrol 東 一郎 east@example.com")).shown
    assert told is not None
    higashi = world.slack_person("U0HIGASHI", "Higashi")
    await higashi.command("/alumni", f"join {code_in(told.words)}")
    nishi = await join_in_teams(world, west, "alum1", "西 次郎")

    card = await fill_in_gig(west, title="西の仕事")
    await nishi.hears("西の仕事")
    offer = await nishi.hears("gig.interested")
    await nishi.execute(offer, "gig.interested")
    await west.hears("case.answer", after=card)
    await world.settled()
    assert messages(world, higashi) == [], "West's gig is offered to West's people"

    found = (await owner.command("/alumni", "find 西")).shown
    assert found is not None and "西 次郎" not in found.words
    listed = (await higashi.command("/alumni", "gigs")).shown
    assert listed is not None and "西の仕事" not in listed.words
    said = await west.say("find 東")
    await world.settled()
    assert "東 一郎" not in str([west.reading(m) for m in west.messages() if int(m.id) > int(said.id)])

    gig, case = (str(rows(world.database, table)[0]["id"]) for table in ("gig", "case"))
    person = next(str(row["id"]) for row in rows(world.database, "person") if row["name"] == "西 次郎")
    before = counts(world.database)
    states = [row["state"] for row in rows(world.database, "gig")]
    for who in (owner, higashi):
        for verb, args in (
            ("gig.show", {"gig": gig}),
            ("gig.interested", {"gig": gig}),
            ("gig.fill", {"gig": gig}),
            ("gig.resend", {"gig": gig}),
            ("case.answer", {"case": case}),
            ("profile", {"person": person}),
        ):
            assert await forge(world, who, verb, **args) == 200, verb
    if owner.modal is not None:
        await owner.submit(values={"text": "なりすまし"})
    await world.settled()
    assert counts(world.database) == before
    assert [row["state"] for row in rows(world.database, "gig")] == states
    everything_in_slack = "\n".join(m.words for m in world.slack.workspace.messages)
    everything_in_slack += "\n".join(e.words for e in world.slack.workspace.ephemerals)
    for secret in ("西 次郎", "西の仕事"):
        assert secret not in everything_in_slack
    joined = await higashi.command("/alumni", f"join {code_in(told.words)}")
    assert joined.ok and counts(world.database) == before, "a code is good once"


async def test_the_home_tab_shows_ones_profile_and_the_open_gigs(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    await fill_in_gig(hr)
    await offered(world, sato)
    await sato.open_home()
    home = await world.slack.until(lambda w: w.homes.get("U0SATO"))
    assert home is not None and "佐藤 美咲" in home.words and GIG["title"] in home.words
    stranger = world.slack_person("U0STRANGER", "Stranger")
    await stranger.open_home()
    shown = await world.slack.until(lambda w: w.homes.get("U0STRANGER"))
    assert shown is not None and "join" in shown.words and GIG["title"] not in shown.words


async def test_a_gig_closes_by_itself_after_its_last_day(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    today = clock.today(clock.now(), "Asia/Tokyo")
    await fill_in_gig(hr, deadline=str(today + timedelta(days=1)))
    to_sato = await offered(world, sato)
    housekeeping.run(world.database, lambda: clock.now() + timedelta(hours=1))
    assert [row["state"] for row in rows(world.database, "gig")] == ["open"]
    housekeeping.run(world.database, lambda: clock.now() + timedelta(days=3))
    assert [row["state"] for row in rows(world.database, "gig")] == ["expired"]
    late = await sato.press(to_sato, button(to_sato, "gig.interested"))
    assert late.ok and counts(world.database)["case"] == 0


async def test_in_a_channel_the_cases_gather_in_the_gigs_thread(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
    await hr.install("Gigs")
    said = await hr.say("post gig", conversation="Gigs")
    form = await hr.hears("Input.Text", conversation="Gigs", after=hr.posted(said))
    assert (await hr.execute(form, "gig.post", GIG)).ok
    desk = await hr.hears("gig.fill", conversation="Gigs")
    to_sato, to_tanaka = await offered(world, sato), await offered(world, tanaka)

    await ask(world, sato, to_sato, "佐藤の質問")
    case = await hr.hears("佐藤の質問", conversation="Gigs", after=desk)
    assert case.thread_id == desk.id or case.thread_id == desk.thread_id
    await world.settled()
    other = world.teams.as_person("hr2")
    await hr.say("チャンネルからの答え", conversation="Gigs", reply_to=desk)
    await hears(world, sato, "チャンネルからの答え", under=to_sato)
    assert other.messages("Gigs")

    await ask(world, sato, now(world, to_sato), "佐藤の二つ目")
    await ask(world, tanaka, to_tanaka, "田中の質問")
    await hr.hears("田中の質問", conversation="Gigs", after=case)
    await world.settled()
    before = counts(world.database)
    await hr.say("どちらへ?", conversation="Gigs", reply_to=desk)
    await world.settled()
    assert counts(world.database) == before, "with two waiting it is not guessed who is meant"
    assert_all_arrived_once(world)
