"""A post as alumni will have it, sent to the one of HR who is about to publish it."""

from dataclasses import replace

from bot import drafts, gigs, prompts, texts
from bot.cards import Action, Card
from bot.gigs import GigView
from bot.matching import Match
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger, people
from storage.ledger import Draft
from storage.tables import GigState, Role

OFFER = "gig_offer"


def trial_view(scene: Scene, gig_id: int) -> GigView:
    """The gig as somebody reads it whom it suits, once it is published. Raises LookupError for whoever is not of HR."""
    gig = gigs.gig_of(scene.session, gig_id)
    if gig is None or scene.reader is None or scene.reader.role is Role.ALUMNUS:
        raise LookupError(f"no draft {gig_id} to try")
    skills = tuple(texts.listed(gig.skills))
    return replace(
        gigs.gig_view(scene, gig_id),
        state=GigState.OPEN.value,
        at=gig.published_at or scene.now,
        named="",
        match=Match(asked=len(skills), skills=skills),
        trial=True,
    )


def muted(card: Card, gig_id: int) -> Card:
    """The same card, whose buttons only say that it is a test."""
    actions = tuple(Action(one.label, "gig.tested", {"draft": str(gig_id)}, one.style) for one in card.actions)
    return replace(card, actions=actions)


def send(turn: Turn) -> Answer:
    """To each of the speaker's own conversations with the bot, on whichever platform, with a word below it. In their
    language, or the one that the button says."""
    gig = gigs.gig_of(turn.session, turn.args.get("draft", ""))
    if gig is None:
        return Say("gig_unknown", notice=True)
    if gig.state not in drafts.PENDING:
        return Refresh(Say("gig_draft", {"draft": gig.id}))
    asked = turn.args.get("locale", "")
    locale = asked if asked in prompts.LOCALES else turn.locale
    other = next(one for one in prompts.LOCALES if one != locale)
    copied, below = Say(OFFER, {"trial": gig.id}), Say("gig_trial", {"draft": gig.id, "other": other})
    for place in _places(turn):
        copy = _draft(turn, place, "copy", copied, locale)
        note = _draft(turn, place, "note", below, turn.locale)
        ledger.enqueue(turn.session, [copy], turn.now)
        above = ledger.caused(turn.session, copy.cause)
        ledger.enqueue(turn.session, [replace(note, thread_of=above.id if above else None)], turn.now)
    return None if turn.inbound.private else Say("sent_in_private", notice=True, done=True)


def _places(turn: Turn) -> list[tuple[str, str, str]]:
    """One a platform: the account with which they came first."""
    accounts = people.accounts_of(turn.session, turn.member.id)
    places = {one.platform: (one.platform, one.workspace, one.address) for one in reversed(accounts) if one.address}
    speaker = turn.inbound.speaker
    if turn.inbound.private_address:
        places[speaker.platform] = (speaker.platform, speaker.workspace, turn.inbound.private_address)
    return list(places.values())


def _draft(turn: Turn, place: tuple[str, str, str], what: str, said: Say, locale: str) -> Draft:
    platform, workspace, address = place
    return Draft(
        cause=f"trial:{turn.inbound.key}:{platform}:{what}",
        recipient=address,
        person_id=turn.member.id,
        platform=platform,
        workspace=workspace,
        address=address,
        template=said.template,
        args=said.args,
        locale=locale,
    )


def pressed(turn: Turn) -> Answer:
    return Say("gig_tested", notice=True)
