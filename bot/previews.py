"""What is shown below a link to a gig that somebody shares: what everybody could read in the channel for gigs, and only
of gigs that were posted there. Whoever reads the link is not known, so everything else has no preview."""

from dataclasses import replace

from bot import access, gig_links, gigs, stances
from bot.gigs import GigView
from bot.scene import Scene
from bot.turn import Answer, Results, Say, Turn
from storage import ledger
from storage.ledger import Draft

MOST = 5
"""Links of one message that get a preview."""


def preview_view(scene: Scene, gig_id: int) -> GigView:
    """As a stranger reads it. Raises LookupError for a gig that is not public (any more)."""
    gig = gigs.gig_of(scene.session, gig_id)
    if gig is None or not stances.is_public(gig):
        raise LookupError(f"no public gig {gig_id}")
    return gigs.gig_view(replace(scene, reader=None), gig_id)


def unfurl(turn: Turn) -> Answer:
    """Links of ours stand in somebody's message: a member's get their previews, as messages that leave after this."""
    if access.check(turn.person, access.MEMBERS) is None:
        drafts = [_below(turn, gig_id) for gig_id in _public(turn)]
        ledger.enqueue(turn.session, drafts, turn.now)
    return None


def preview(turn: Turn) -> Answer:
    """The same for a message that is still being written."""
    return Results([_card(gig_id) for gig_id in _public(turn)])


def _public(turn: Turn) -> list[int]:
    named = (gig_links.number_in(line, turn.public_url) for line in turn.inbound.text.splitlines())
    found = [(number, gigs.gig_of(turn.session, number)) for number in dict.fromkeys(named) if number]
    return [number for number, gig in found if gig is not None and stances.is_public(gig)][:MOST]


def _card(gig_id: int) -> Say:
    return Say("gig_preview", {"preview": gig_id})


def _below(turn: Turn, gig_id: int) -> Draft:
    said, speaker = _card(gig_id), turn.inbound.speaker
    return Draft(
        cause=f"preview:{turn.inbound.key}:{gig_id}",
        recipient=turn.inbound.address,
        person_id=turn.member.id,
        platform=speaker.platform,
        workspace=speaker.workspace,
        address=turn.inbound.address,
        template=said.template,
        args=said.args,
        locale=turn.locale,
    )
