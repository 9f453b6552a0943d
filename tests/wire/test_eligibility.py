"""An owner says whom the company invites; HR is told which rule is not met, and makes an exception."""

import re

from tests.conftest import code_in
from tests.wire.acting import rows
from tests.wire.test_offboarding import Offboarded, world

__all__ = ["world"]


async def set_rules(world: Offboarded, **values: str) -> str:
    hr = world.teams.as_person("hr1")
    said = await hr.say("rules")
    form = await hr.hears("Input.Text", after=hr.posted(said))
    saved = await hr.execute(form, "rules", values)
    assert saved.ok and saved.card is not None, saved
    return words(saved.card)


def words(card: object) -> str:
    """What the card says, as it is read."""
    match card:
        case dict():
            own = [card[name] for name in ("text", "value", "errorMessage") if isinstance(card.get(name), str)]
            return "".join([*own, *(words(part) for part in card.values() if isinstance(part, dict | list))])
        case list():
            return "".join(words(part) for part in card)
        case _:
            return ""


async def test_who_is_not_eligible_is_not_invited_but_by_exception(world: Offboarded) -> None:
    hr = await world.claim()
    assert "50までの数字" in await set_rules(world, least_years="many")
    saved = await set_rules(world, least_years="２０", disciplinary="no", asks="人事部 <!channel> alumni@example.com")
    assert "20年以上" in saved and "懲戒" in saved and "資格はなくなりません" in saved
    told = await world.offboards(hr)
    assert "20年に足りません" in told and "理由をお選びください" in told
    told = await world.offboards(hr, joined_year="", left_for="voluntary")
    assert "入社年と最終日をご確認" in told
    told = await world.offboards(hr, joined_year="1990", left_for="disciplinary")
    assert "対象外です" in told and len(rows(world.database, "person")) == 1
    said = await hr.say("enrol 佐藤 華 hana@example.com")
    assert "offboard" in str((await hr.hears("Input.Text", after=hr.posted(said))).card)
    invited = await world.offboards(hr, left_for="disciplinary", exception="再雇用の約束があるため")
    assert "taro@example.com" in invited
    letter = await world.letter()
    person = world.person()
    assert (person.left_for, person.exempt_for) == ("disciplinary", "再雇用の約束があるため")
    noted = [row["detail"] for row in rows(world.database, "audit") if row["action"] == "eligibility.exception"]
    assert noted == [{"rules": "reason_not_invited, too_few_years"}]
    page = re.search(r"https://motokai\.example\.com/eligibility/(1-[0-9a-f]{20})", letter.text)
    assert page is not None, letter.text
    await world.joins(code_in(letter.text))
    await set_rules(world, least_years="40", disciplinary="no")
    await world.forward(12)
    taro = world.slack.as_user("U0TARO")
    shown = await taro.command("/alumni", "privacy")
    assert shown.ok
    assert shown.shown is not None
    seen = shown.shown.words
    assert "懲戒" in seen and "再雇用の約束があるため" in seen, "their own reason, and why HR made an exception"
    assert "メールアドレスの確認日" in seen, "the code came to that address"
    assert world.person().state == "active", "changing the rules takes nobody's membership away"
