"""An answer from the tap to the thanks: why it was offered, a note, a friend who is thought of, and the end of it."""

from tests.conftest import World, button
from tests.wire import acting


async def test_interest_a_note_a_referral_and_thanks(world: World) -> None:
    hr = await world.claim(locale="ja")
    sato = await world.enrol(hr, "U0SATO", "佐藤 美咲")
    tanaka = await world.enrol(hr, "U0TANAKA", "田中 健")
    await sato.command("/alumni", "profile work")
    assert (await sato.submit(await acting.opened(world, sato), values={"city": "大阪市"})).ok
    desk = await acting.fill_in_gig(hr)
    offer, other = await acting.offered(world, sato), await acting.offered(world, tanaka)
    assert "大阪市" in offer.words and "お届けした理由" in offer.words
    assert "お届けした理由" not in other.words

    await sato.press(offer, button(offer, "gig.interested"))
    await hr.hears("佐藤 美咲", after=desk)
    await world.settled()
    offer = acting.now(world, offer)
    await sato.press(offer, button(offer, "gig.note"))
    assert (await sato.submit(await acting.opened(world, sato), values={"note": "経験あり <!channel>"})).ok
    await world.settled()
    assert any("経験あり <!channel>" in str(post.card) for post in world.teams.tenant.messages(of_bot=True))

    offer = acting.now(world, offer)
    await sato.press(offer, button(offer, "gig.refer"))
    assert (await sato.submit(await acting.opened(world, sato), values={"who": "田中 健", "words": "ぜひ"})).ok
    invited = await acting.hears(world, tanaka, "があなたを思い浮かべて")
    await world.settled()
    invited = acting.now(world, invited)
    await tanaka.press(invited, button(invited, "gig.pass"))
    await world.settled()
    of_hr = [str(post.card) for post in world.teams.tenant.messages(of_bot=True)]
    about = [card for card in of_hr if "gig.fill" in card or "case.answer" in card]
    assert about and not [card for card in about if "田中 健" in card]

    assert (await acting.fill(hr, desk)).ok
    thanks = await acting.hears(world, sato, "別の方に担当をお願いする", under=offer)
    await world.settled()
    assert "ご興味をお寄せいただき" in thanks.words
    assert not [m for m in acting.messages(world, tanaka) if "別の方に担当" in m.words]
    acting.assert_all_arrived_once(world)


async def test_a_gig_that_was_filled_by_mistake_opens_again_everywhere(world: World) -> None:
    hr = await world.claim()
    sato, tanaka = await world.enrol(hr, "U0SATO", "佐藤 美咲"), await world.enrol(hr, "U0TANAKA", "田中 健")
    desk = await acting.fill_in_gig(hr)
    to_sato, to_tanaka = await acting.offered(world, sato), await acting.offered(world, tanaka)
    await sato.press(to_sato, button(to_sato, "gig.interested"))
    await world.settled()
    asked = await hr.execute(desk, "gig.filling")
    assert "よろしいですか" in str(asked.card) and "gig.filling" in str((await hr.execute(desk, "gig.show")).card)
    assert (await acting.fill(hr, desk)).ok
    thanks = await acting.hears(world, sato, "別の方に担当をお願いする", under=to_sato)
    await world.settled()
    assert "gig.ask" not in str(acting.now(world, to_tanaka).blocks)

    reopened = await hr.execute(desk, "gig.reopen")
    assert "gig.filling" in str(reopened.card)
    again = await acting.hears(world, sato, "募集を再開いたしました", under=to_sato)
    await world.settled()
    assert float(again.ts) > float(thanks.ts) and "引き続き承っております" in again.words
    for copy in (to_sato, to_tanaka):
        assert "gig.ask" in str(acting.now(world, copy).blocks)
    assert "ご興味あり" in acting.now(world, to_sato).words
    assert not [m for m in acting.messages(world, tanaka) if "再開" in m.words]
    acting.assert_all_arrived_once(world)
