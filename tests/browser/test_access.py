"""axe-core finds no serious accessibility problem, and everything can be done from the keyboard."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.golden import Json, golden
from tests.browser.stand_in import StandIn
from tests.browser.watched import DESKTOP, PHONE, Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")

STEPS: list[Json] = [
    {
        "pane": "teams",
        "as": "hr1",
        "title": "募集",
        "say": "仕事を募集します",
        "done": False,
        "target": "teams:composer",
    }
]


def _everything(stand_in: StandIn) -> None:
    """Every kind of block and card, something to read in each place, and a story."""
    slack, teams = golden("slack", "ja"), golden("teams", "ja")
    question: Json = {"ts": "1794201200.000100", "user": "U1", "name": "佐藤 彩", "bot": False, "text": "質問です"}
    stand_in.put_slack(
        {"ts": "1794201000.000100", **slack["gig_offer.open"]},
        {"ts": "1794201300.000100", "thread_ts": "1794201000.000100", **slack["case_answer"]},
        question,
        {"ts": "1794201400.000100", "ephemeral": True, **slack["found.several"]},
        home={"id": "H1", "blocks": slack["home.alumnus"]["blocks"]},
    )
    stand_in.slack["conversations"].append({"id": "C1", "kind": "channel", "name": "random", "messages": [question]})
    said: Json = {"id": "1794201000000", "from": "hr1", "name": "小林 恵子", "bot": False, "text": "募集"}
    cards = ("gig_desk.sending", "case_desk.asked", "form.enrol.faults", "form.gig.post")
    stand_in.put_teams(said, *({"id": f"179420{n:07d}", "cards": [teams[name]]} for n, name in enumerate(cards, 1001)))
    channel = {"id": "19:x", "kind": "channel", "name": "募集", "messages": [{**said, "reply_to": None}]}
    stand_in.teams["conversations"].append(channel)
    stand_in.story = {"steps": STEPS, "at": 0}


async def no_serious_violation(page: Page, where: str) -> None:
    found = await Axe().run(page)
    serious = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    told = [f"{v['id']}: {v['help']}\n  " + "\n  ".join(str(n["html"])[:300] for n in v["nodes"]) for v in serious]
    assert not told, f"{where}:\n" + "\n".join(told)


@pytest.mark.parametrize(
    ("theme", "size"), [("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE)], ids=("light", "dark", "phone")
)
async def test_axe_finds_nothing_serious(stand_in: StandIn, opener: Opener, theme, size) -> None:
    _everything(stand_in)
    page = await opener.open(stand_in.url, size=size, theme=theme, reduced_motion="reduce")
    await no_serious_violation(page, "Teams and Slack")
    await page.click('[data-hint="teams:enrol"]')
    await no_serious_violation(page, "a refused card")
    await page.click('[data-hint="teams:teams"]')
    await no_serious_violation(page, "a channel of Teams")
    for tool in ("controls", "mail"):
        await page.click(f'[data-hint="{tool}"]')
        await no_serious_violation(page, tool)
        await page.keyboard.press("Escape")
    if size == PHONE:
        await page.click('[data-hint="pane:slack"]')
    await page.click('[data-hint="slack:thread"]')
    await no_serious_violation(page, "a thread of Slack")
    await page.click(".slack-thread .icon-button")
    await page.locator('[data-hint="slack:behind"]').first.click()
    await no_serious_violation(page, "behind the scenes")
    await page.keyboard.press("Escape")
    await page.click('[data-hint="slack:home"]')
    await no_serious_violation(page, "Slack's Home")
    await page.click('[data-hint="slack:messages"]')
    await page.fill('[data-hint="slack:composer"]', "/alumni ")
    await no_serious_violation(page, "suggestions")
    await page.click('[data-hint="slack:person"]')
    await no_serious_violation(page, "people")
    await page.keyboard.press("Escape")
    stand_in.slack["modal"] = {
        **golden("slack", "ja")["form.enrol"],
        "id": "V1",
        "values": {},
        "errors": {"name": "だめ"},
    }
    await stand_in.changed("slack")
    await page.wait_for_selector(".modal")
    await no_serious_violation(page, "a modal of Slack")


async def test_everything_is_reached_with_the_keyboard(stand_in: StandIn, opener: Opener) -> None:
    """From the top of the page: into Slack, a command by its suggestions, a button, a modal and back, then Teams."""
    _everything(stand_in)
    stand_in.story = {"steps": [], "at": None}
    page = await opener.open(stand_in.url)
    press = page.keyboard.press

    await press("Tab")
    await expect(page.locator(".skip").first).to_be_focused()
    await press("Enter")
    await _tab_to(page, "slack:composer")
    await page.keyboard.type("/al")
    await press("Enter")
    await page.keyboard.type("g")
    await press("Tab")
    await press("Enter")
    await expect(page.locator('[data-hint="slack:composer"]')).to_have_value("")
    assert (stand_in.acts[-1]["command"], stand_in.acts[-1]["text"]) == ("/alumni", "gigs")

    await _tab_to(page, "slack:gig.ask", back=True)
    asked = {**golden("slack", "ja")["form.gig.ask"], "id": "V1", "values": {}, "errors": None}

    def opens(act: Json) -> Json:
        stand_in.slack["modal"] = asked if act["do"] == "press" else None
        return {"ok": True}

    stand_in.answer = opens
    await press("Space")
    await expect(page.locator('[data-hint="slack:field:text"]')).to_be_focused()
    await page.keyboard.type("夜だけでも")
    await _tab_to(page, "slack:submit")
    await press("Enter")
    await page.locator(".modal").wait_for(state="detached")
    assert stand_in.acts[-1] == {
        "platform": "slack",
        "as": "U1",
        "do": "submit",
        "view": "V1",
        "values": {"text": "夜だけでも"},
    }
    await expect(page.locator('[data-hint="slack:gig.ask"]')).to_be_focused()

    await _tab_to(page, "teams:field:text")
    await page.keyboard.type("はい")
    await _tab_to(page, "teams:case.answer")
    await press("Enter")
    await page.wait_for_timeout(100)
    assert stand_in.acts[-1]["inputs"] == {"text": "はい"}
    await _tab_to(page, "teams:behind")
    await press("Enter")
    await page.locator("#drawer pre").wait_for()
    await press("Escape")
    await expect(page.locator("#drawer")).to_be_hidden()
    assert await page.evaluate("document.activeElement.dataset.hint") == "teams:behind"


async def _tab_to(page: Page, hint: str, *, back: bool = False) -> None:
    for _ in range(120):
        if await page.evaluate("document.activeElement.dataset.hint ?? ''") == hint:
            return
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{hint} is not reached with the keyboard")
