"""The main job, played in a browser before the real product: both directions, with trouble in the middle."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

import demo
from sandbox.page import PracticePage
from sandbox.people import Leads, people
from sandbox.story.script import SCRIPTS, Script
from tests.browser.test_access import no_serious_violation
from tests.browser.watched import PHONE, Opener

pytestmark = pytest.mark.asyncio(loop_scope="session")
SIZE = 40


@pytest_asyncio.fixture(loop_scope="session", params=["ja", "en"])
async def practice(request: pytest.FixtureRequest) -> AsyncIterator[tuple[PracticePage, Script]]:
    async with PracticePage(partial(demo.world, request.param, SIZE)) as page:
        yield page, SCRIPTS[request.param]


async def test_the_main_job_is_played_in_both_directions(practice: tuple[PracticePage, Script], opener: Opener) -> None:
    """HR posts a gig while Slack is down; it arrives once, is asked about, answered while Slack answers 429, replied to
    while everything is delivered twice, and filled. At each step both sides show the same words."""
    served, script = practice
    page = await opener.open(served.url)
    slack, teams = page.locator(".slack"), page.locator(".teams")

    await switch(page, "slack_down")
    await last(teams, "teams:gig.post").click()
    for name, text in script.gig.items():
        await teams.locator(f'[data-input="{name}"]').fill(text)
    await last(teams, "teams:gig.post").click()
    await expect(last(teams, "teams:gig.filling")).to_be_visible()
    await expect(page.locator(".waiting")).to_be_visible()
    await expect(slack.locator(".message")).to_have_count(0)

    await switch(page, "slack_down")
    offer = slack.locator(".slack-main .message", has_text=script.gig["title"])
    await expect(offer).to_have_count(1)
    for text in (script.gig["work"], script.gig["reward"], script.gig["place"]):
        await expect(offer).to_contain_text(text)
        await expect(teams.locator(".teams-list")).to_contain_text(text)

    await offer.locator('[data-hint="slack:gig.ask"]').click()
    await slack.locator('.modal [data-field="text"]').fill("<!channel> *now*? <img src=x>")
    await slack.locator('[data-hint="slack:submit"]').click()
    case = teams.locator(".bubble", has_text="<!channel> *now*? <img src=x>").last
    await expect(case).to_be_visible()
    await slack.locator('[data-hint="slack:done"]').click()
    await expect(slack.locator(".modal")).to_have_count(0)

    await switch(page, "slack_429")
    await case.locator('[data-input="text"]').fill(script.answer)
    await last(case, "teams:case.answer").click()
    await expect(case).to_contain_text(script.answer)
    await expect(offer.locator('[data-hint="slack:thread"]')).to_have_count(0)
    await switch(page, "slack_429")
    await offer.locator('[data-hint="slack:thread"]').click()
    thread = slack.locator(".slack-thread")
    await expect(thread.get_by_text(script.answer)).to_have_count(1)

    await switch(page, "redeliver_everything")
    await thread.locator('[data-hint="slack:reply-composer"]').fill(script.thanks)
    await page.keyboard.press("Enter")
    await expect(thread.get_by_text(script.thanks)).to_have_count(1)
    reply = teams.locator(".bubble", has_text=script.thanks)
    await expect(reply.last).to_contain_text(script.answer)
    await switch(page, "redeliver_everything")

    await last(teams, "teams:gig.filling").click()
    await last(teams, "teams:gig.fill").click()
    await expect(offer.locator('[data-hint="slack:gig.interested"]')).to_have_count(0)
    said = (await offer.inner_text()).lower()
    assert any(word in said for word in script.closed_words)
    assert await offer.count() == 1
    await each_got_it_once(served, page, script)


async def each_got_it_once(served: PracticePage, page: Page, script: Script) -> None:
    """Everybody with one of the skills has the closed gig in their Slack, and nobody else anything."""
    stage = served.world.stage
    for person in stage.people[:SIZE]:
        sent = [m for m in stage.slack.workspace.bot_messages_to(person.slack_id) if m.thread_ts is None]
        wanted = set(person.skills) & set(script.gig_skills) and person != stage.leads.newcomer
        assert len([m for m in sent if script.gig["title"] in m.words]) == bool(wanted), person.name
    others = [p for p in stage.people if set(p.skills) & set(script.gig_skills) and p != stage.leads.asks]
    await page.locator('[data-hint="slack:person"]').click()
    await page.locator(".slack .switcher-search").fill(others[0].name)
    await page.keyboard.press("Enter")
    await expect(page.locator(".slack .message", has_text=script.gig["title"])).to_have_count(1)


async def test_the_guide_leads_through_it_on_a_phone(practice: tuple[PracticePage, Script], opener: Opener) -> None:
    """Whoever does what the story says, with the words it offers, reaches its end: the controls are there to press."""
    served, _ = practice
    page = await opener.open(served.url, size=PHONE)
    await page.locator('[data-hint="story:start"]').click()
    await press(page, "teams:gig.post")
    await expect(page.locator('[data-input="work"]')).to_be_visible()
    await page.locator('[data-hint="story:fill"]').click()
    await press(page, "teams:gig.post")
    await press(page, "slack:gig.ask")
    await expect(page.locator(".modal")).to_be_visible()
    await no_serious_violation(page, "the product's dialog on a phone, under the guide")
    await page.locator('[data-hint="story:fill"]').click()
    await press(page, "slack:submit")
    await expect(last(page, "teams:case.answer")).to_be_visible()
    await page.locator('[data-hint="story:fill"]').click()
    await press(page, "teams:case.answer")
    await press(page, "slack:done")
    await press(page, "slack:thread")
    await page.locator('[data-hint="story:fill"]').click()
    await page.keyboard.press("Enter")
    await press(page, "teams:gig.filling")
    await press(page, "teams:gig.fill")
    await expect(page.locator('[data-hint="story:restart"]')).to_be_visible()
    await expect(page.locator('[data-hint="story:next"]')).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_what_is_behind_a_message_and_beginning_again(
    practice: tuple[PracticePage, Script], opener: Opener
) -> None:
    served, _ = practice
    page = await opener.open(served.url)
    await page.locator('[data-hint="slack:composer"]').fill("/alumni help")
    await page.keyboard.press("Enter")
    answer = page.locator(".slack .message.is-ephemeral")
    await expect(answer).to_be_visible()
    await page.locator('[data-hint="teams:composer"]').fill("gigs")
    await page.keyboard.press("Enter")
    await expect(page.locator(".teams .bubble.is-mine").last).to_contain_text("gigs")
    await page.locator('.teams .bubble.is-mine [data-hint="teams:behind"]').last.click()
    await expect(page.locator("#drawer .keys")).to_contain_text("teams:msg:")
    await no_serious_violation(page, "what is behind a message of the product")

    await page.locator('[data-hint="controls"]').click()
    before = await page.locator(".clock-now").inner_text()
    await page.locator('[data-hint="tools.hour"]').click()
    await expect(page.locator(".clock-now")).not_to_have_text(before)
    await page.locator("#drawer .danger").click()
    await expect(answer).to_have_count(1)
    await page.locator("#drawer .danger").click()
    await expect(answer).to_have_count(0)
    await expect(page.locator(".teams .bubble.is-mine", has_text="gigs")).to_have_count(0)


def last(within: Page | Locator, hint: str) -> Locator:
    return within.locator(f'[data-hint="{hint}"]').last


async def press(page: Page, hint: str) -> None:
    """Press what the ring is around, once it can be seen."""
    await expect(last(page, hint)).to_be_visible()
    await last(page, hint).click()


async def switch(page: Page, fault: str) -> None:
    await page.locator('[data-hint="controls"]').click()
    knob = page.locator(f'[data-fault="{fault}"]')
    before = await knob.get_attribute("aria-checked")
    await knob.click()
    await expect(knob).to_have_attribute("aria-checked", "false" if before == "true" else "true")
    await page.locator('[data-hint="controls"]').click()


async def test_the_practice_company_has_enough_people_for_the_job() -> None:
    for locale, script in SCRIPTS.items():
        leads = Leads(*people(SIZE, locale=locale)[: len(Leads._fields)])
        assert all(set(lead.skills) & set(script.gig_skills) for lead in leads)
