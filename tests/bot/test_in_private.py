"""What only its reader may see is said where nobody reads along, however it was asked for."""

from collections.abc import Mapping

import pytest
from sqlmodel import delete, select

from bot.cards import Card, plain
from bot.ports import Inbound, Kind, Speaker
from storage.db import Database
from storage.tables import Delivery
from tests.bot.core import OWNER, WORKSPACES, Core

PRIVATE: Mapping[str, Mapping[str, str]] = {
    "privacy": {},
    "privacy.consents": {},
    "privacy.export": {},
    "consent.withdraw": {"purpose": "statistics"},
    "consent.give": {"purpose": "statistics", "version": "0"},
    "commissions": {},
    "audit": {},
    "erase": {"text": "田中 恵"},
}


@pytest.mark.parametrize("platform", WORKSPACES)
def test_a_button_among_others_is_answered_in_private(database: Database, platform: str) -> None:
    core, speaker = Core(database).settle(), Speaker(platform, WORKSPACES[platform], f"U{OWNER}")
    immediate = platform == "teams"
    for verb, args in PRIVATE.items():
        pressed = Inbound(
            verb, Kind.PRESSED, speaker, "channel", verb=verb, args=args, private=False, turns=True, immediate=immediate
        )
        reply = core.dispatcher.receive(pressed)
        with database.company(1) as session:
            said = select(Delivery.address, Delivery.template).where(Delivery.template != "sent_in_private")
            assert [address for address, _ in session.exec(said)] == [f"{platform}:{OWNER}"], verb
            session.exec(delete(Delivery))
        told = reply.content if immediate else reply.job and reply.job.message.content
        assert isinstance(told, Card) and "個別の会話" in plain(told) and not reply.in_place, verb
