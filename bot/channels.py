"""The channels in which a company's gigs are posted too."""

from bot import texts
from bot.turn import Answer, Say, Turn
from storage.tables import Company


def channel(turn: Turn) -> Answer:
    """HR says in a channel that posts may be shown in it; in private, where that is, and `off` for nowhere."""
    company = turn.session.get_one(Company, turn.session.company_id)
    if texts.folded(turn.args.get("text", "")) in ("off", "解除"):
        company.gig_channel = {}
        turn.session.add(company)
        return Say("channel_off")
    if turn.inbound.private:
        return Say("channel_where", {"there": bool(company.gig_channel)}, notice=True)
    speaker = turn.inbound.speaker
    company.gig_channel = {
        "platform": speaker.platform,
        "workspace": speaker.workspace,
        "address": turn.inbound.address,
    }
    turn.session.add(company)
    return Say("channel_set")
