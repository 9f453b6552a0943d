"""What people type is never anything but text, however it looks, whichever way it travels."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import regex

from tests.conftest import World, button, code_in
from tests.wire.acting import (
    GIG,
    ask,
    assert_nothing_refused,
    fill_in_gig,
    hears,
    join_in_teams,
    messages,
    now,
    offered,
    opened,
)

pytestmark = pytest.mark.usefixtures("unpaced")

OUR_MOMENT = regex.compile(r"\{\{(DATE|TIME)\([0-9TZ:-]+(,SHORT)?\)\}\}( \{\{TIME\([0-9TZ:-]+\)\}\})?")
FAMILY = "👨‍👩‍👧‍👦"
SHORT = [
    "<!channel> <!here|here> <@U1> <#C1|x>",
    "&lt;!channel&gt; &amp;amp; <b>x</b>",
    "*bold* _it_ ~no~ `code` > quote",
    "[x](javascript:alert(1)) <javascript:alert(1)|x>",
    "{{7*7}} {% raw %} {# no #} ${7*7} %s {0}",
    "{{DATE(2020-01-01T00:00:00Z)}} {{TIME(2020-01-01T00:00:00Z)}}",
    "<at>x</at> <at id='0'>bot</at>",
    f"{FAMILY} 🇯🇵 👩🏽‍🚀 e\u0301",
    "\u202eevil\u202c \u200fשלום\u200f \u2066x\u2069 c",
    "a\x00b\x07c\x1bd",
    "'; DROP TABLE person; -- \\ \" \\u0041",
]
NAMES = [text for text in SHORT if "\x00" not in text]


def plain(text: str) -> str:
    """How the text has to arrive: without NULs and bells, which nothing shows, and without what would turn around the
    words beside it."""
    return "".join(char for char in text if char not in "\x00\x07\x1b\u202e\u202c\u2066\u2069")


def runs(blocks: Any) -> Iterator[str]:
    """The literal texts of a Slack message or an Adaptive Card, whatever they are in."""
    if isinstance(blocks, dict):
        if isinstance(blocks.get("text"), str):
            yield blocks["text"]
        for part in blocks.values():
            yield from runs(part)
    elif isinstance(blocks, list):
        for part in blocks:
            yield from runs(part)


def seen(content: Any) -> str:
    """All literal text; what was parted so that no client reads anything into it reads as one again."""
    return "".join(runs(content)).replace("\u2060", "")


def assert_literal_everywhere(world: World) -> None:
    """No mention, link or markup that a client would act on has left the product."""
    assert_nothing_refused(world)
    for call in world.slack.workspace.journal:
        text = call.args.get("text", "")
        assert "<" not in text.replace("&lt;", "") and ">" not in text.replace("&gt;", ""), text
        for element in elements(call.args.get("blocks") or call.args.get("view") or []):
            kind = element.get("type")
            assert kind not in ("mrkdwn", "user", "broadcast", "channel", "usergroup", "emoji", "link"), element
            assert not element.get("emoji"), element
    for call in world.teams.tenant.journal:
        for element in elements(call.body or {}):
            assert element.get("type") not in ("TextBlock", "mention", "Action.OpenUrl"), element
            if element.get("type") == "TextRun":
                text = element["text"]
                ours = regex.fullmatch(
                    r"\{\{(DATE|TIME)\([0-9TZ:-]+(,SHORT)?\)\}\}( \{\{TIME\([0-9TZ:-]+\)\}\})?", text
                )
                assert "{{" not in text or (ours and "2020-01-01" not in text), text
        assert "\\u0000" not in json.dumps(call.body)


def elements(thing: Any) -> Iterator[dict[str, Any]]:
    if isinstance(thing, str) and thing[:1] in "[{":
        try:
            thing = json.loads(thing)
        except ValueError:
            return
    if isinstance(thing, dict):
        yield thing
        for part in thing.values():
            yield from elements(part) if not isinstance(part, str) else ()
    elif isinstance(thing, list):
        for part in thing:
            yield from elements(part) if not isinstance(part, str) else ()


@pytest.mark.parametrize("texts", [SHORT[0:4], SHORT[4:8], SHORT[8:]], ids=["first", "second", "third"])
async def test_odd_questions_and_answers_arrive_as_they_were_typed_both_ways(world: World, texts: list[str]) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    card = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    for text in texts:
        await ask(world, sato, now(world, to_sato), text)
        await world.settled()
        case = hr.messages()[-1]
        assert plain(text) in seen(case.card), text
        answered = await hr.execute(case, "case.answer", {"text": f"A: {text}"})
        assert answered.ok and f"A: {plain(text)}" in seen(answered.card)
        await world.settled()
        assert f"A: {plain(text)}" in seen(messages(world, sato, under=to_sato)[-1].blocks)
    assert int(card.id) < int(hr.messages()[-1].id)
    assert_literal_everywhere(world)


async def test_odd_titles_and_words_of_a_gig_arrive_as_they_were_typed_on_both_platforms(world: World) -> None:
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    alumnus = await join_in_teams(world, hr, "alum1", "佐藤 健")
    for text in SHORT:
        said = await hr.say("post gig")
        form = await hr.hears("Input.Text", after=hr.posted(said))
        changes = {"title": text, "work": f"{text}\n{text}", "reward": text, "place": text}
        assert (await hr.execute(form, "gig.post", changes)).ok
        await world.settled()
        for shown in (
            seen(hr.messages()[-1].card),
            seen(alumnus.messages()[-1].card),
            seen(messages(world, sato)[-1].blocks),
        ):
            assert shown.count(plain(text)) >= 4, text
    listed = await sato.command("/alumni", "gigs")
    assert listed.shown is not None and plain(SHORT[-1]) in seen(listed.shown.blocks)
    await sato.open_home()
    await world.slack.until(lambda w: w.homes.get("U0SATO"))
    await alumnus.say("gigs")
    await world.settled()
    assert_literal_everywhere(world)


async def test_an_odd_name_reads_as_it_was_typed_everywhere(world: World) -> None:
    hr = await world.claim()
    for number, name in enumerate(NAMES):
        said = await hr.say("enrol")
        form = await hr.hears("Input.Text", after=hr.posted(said))
        told = await hr.execute(form, "enrol", {"name": name, "email": f"odd{number}@example.com"})
        assert told.card is not None and plain(name) in seen(told.card)
        odd = world.slack_person(f"U0ODD{number}", "Odd")
        joined = await odd.command("/alumni", f"join {code_in(str(told.card))}")
        assert joined.shown is not None
        profile = await odd.command("/alumni", "profile")
        assert profile.shown is not None and plain(name) in seen(profile.shown.blocks)
        card = await fill_in_gig(hr)
        offer = await offered(world, odd)
        await odd.press(offer, button(offer, "gig.interested"))
        case = await hr.hears("case.answer", after=card)
        assert plain(name) in seen(case.card)
        await hr.say("find odd")
        await world.settled()
    assert_literal_everywhere(world)


LONG = {"letters": "長" * 10_000, "families": FAMILY * 1_000, "lines": "行\n" * 5_000, "marks": "e\u0301" * 10_000}


@pytest.mark.parametrize("kind", LONG)
async def test_ten_thousand_characters_are_cut_between_graphemes_on_both_platforms(world: World, kind: str) -> None:
    text = LONG[kind]
    hr = await world.claim()
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    card = await fill_in_gig(hr)
    to_sato = await offered(world, sato)
    await sato.say(text, thread_ts=to_sato.ts)
    case = await hr.hears("case.answer", after=card)
    assert_cut_well(seen(case.card), text)
    assert "…" in seen(case.card)
    await world.settled()
    assert (await hr.say(text, reply_to=case)).ok
    answer = await hears(world, sato, regex.findall(r"\X", text)[0], under=to_sato)
    assert_cut_well(seen(answer.blocks), text)
    await world.slack.as_user("U0HR").say(text)
    await world.settled()
    await hr.say(text)
    await world.settled()
    assert_literal_everywhere(world)


def assert_cut_well(shown: str, text: str) -> None:
    """The text is there, or its beginning up to an ellipsis that halves nothing."""
    if text.replace("\n", "") in shown.replace("\n", ""):
        return
    first = regex.findall(r"\X", text)[0]
    start = shown.index(first)
    end = shown.find("…", start)
    assert end > 0, "it was cut, and says so"
    assert shown[start:end].replace("\n", "") in text.replace("\n", "")
    if "\n" not in text:
        assert len(shown[start:end]) % len(first) == 0, "no grapheme is halved"


async def test_the_longest_that_a_form_takes_is_posted_and_shown(world: World) -> None:
    """Everything at its limit at once: what does not fit on a platform is cut there, and nothing is refused."""
    hr = await world.claim()
    await world.enrol(hr, "U0SATO", "佐藤 美咲")
    alumnus = await join_in_teams(world, hr, "alum1", "佐藤 健")
    staff = world.slack.as_user("U0HR")
    full = {"title": FAMILY * 13, "work": "長" * 3_000, "reward": "<!channel>" * 30, "place": "&" * 300}
    await staff.command("/alumni", "post gig")
    posted = await staff.submit(await opened(world, staff), values=full)
    assert posted.ok and not posted.errors and posted.error is None, posted
    sato = world.slack.as_user("U0SATO")
    offer = await offered(world, sato, title=FAMILY)
    await ask(world, sato, offer, "長" * 3_000)
    await hears(world, staff, "長" * 500)
    await alumnus.hears("gig.interested")
    await world.settled()
    assert_literal_everywhere(world)


async def test_a_text_that_is_too_long_for_its_field_is_named_and_kept(world: World) -> None:
    hr = await world.claim()
    await world.enrol(hr, "U0SATO", "佐藤 美咲")
    said = await hr.say("post gig")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    card = hr.card(form)
    action = next(one for one in card["actions"] if one["data"]["verb"] == "gig.post")
    data = {**action["data"], **GIG, "title": "長" * 10_000}
    pressed = {"type": "Action.Execute", "verb": action["verb"], "data": data}
    invoke = hr._at(form).invoke("adaptiveCard/action", {"action": pressed, "trigger": "manual"}, reply_to=form.id)
    answered = await world.teams.deliver(invoke)
    assert answered.ok and answered.card is not None
    assert "150" in seen(answered.card) and GIG["work"] in json.dumps(answered.card, ensure_ascii=False)
