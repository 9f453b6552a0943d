"""What is written to the one who speaks, where nobody reads along."""

from bot.turn import Say, Turn
from storage.ledger import Draft


def address_of(turn: Turn) -> str:
    """Their conversation with the bot alone; empty where the bot cannot reach them so."""
    return turn.inbound.private_address or (turn.account.address if turn.account else "")


def draft(turn: Turn, address: str, cause: str, said: Say, *, subject: str | None = None) -> Draft:
    """`said` as a message to the speaker at `address`, in their language."""
    speaker = turn.inbound.speaker
    return Draft(
        cause=cause,
        recipient=address,
        person_id=turn.member.id,
        platform=speaker.platform,
        workspace=speaker.workspace,
        address=address,
        template=said.template,
        args=said.args,
        locale=turn.locale,
        subject=subject,
    )
