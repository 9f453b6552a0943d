"""Somebody is there twice, in Slack and in Teams: HR compares, merges them from Teams, and parts them again."""

from sqlmodel import select

from storage import people
from storage.tables import Merger, Person, PersonState
from tests.conftest import World
from tests.wire.acting import ask, fill_in_gig, hears, join_in_teams, offered, rows

NAME = "山田 太郎"


def persons(world: World) -> dict[int, Person]:
    with world.database.company(1) as session:
        return {p.id or 0: p for p in session.exec(select(Person).where(Person.role == "alumnus"))}


def audited(world: World) -> list[str]:
    return [row["action"] for row in rows(world.database, "audit") if row["action"].startswith("merge")]


async def test_two_entries_become_one_and_two_again(world: World) -> None:
    hr = await world.claim()
    slack = await world.enrol(hr, "U0TARO", NAME)
    teams = await join_in_teams(world, hr, "alum1", NAME)
    await fill_in_gig(hr)
    offer = await offered(world, slack)
    await ask(world, slack, offer, "リモートは可能ですか。")
    await hr.hears("リモートは可能ですか")
    await world.settled()
    one, other = sorted(persons(world))
    said = await hr.say(f"merge {NAME}")
    card = await hr.hears("甲を残す", after=hr.posted(said))
    assert "u0taro@example.com" in str(card.card) and "お名前（読み方は不明）" in str(card.card)
    assert persons(world)[other].state is PersonState.ACTIVE, "nothing is merged by looking"
    form = await hr.execute(card, "乙を残す")
    assert form.ok and "統合する" in str(form.card)
    done = await hr.execute(card, "merge.keep", {"email": "other", "sure": "yes"})
    assert done.ok and "統合しました" in str(done.card), done
    await world.settled()
    merged = persons(world)
    assert merged[one].state is PersonState.MERGED and not merged[one].name and not merged[one].email
    assert merged[other].email == "u0taro@example.com"
    with world.database.company(1) as session:
        assert {a.platform for a in people.accounts_of(session, other)} == {"slack", "teams"}
    await slack.say("find 山田")
    found = await hears(world, slack, "山田")
    assert "1名" in found.text
    profile = await slack.command("/alumni", "profile")
    assert profile.ok and profile.shown is not None and NAME in profile.shown.words, "the Slack account is theirs"
    case = await hr.hears("リモートは可能ですか")
    answered = await hr.execute(case, "case.answer", {"text": "可能です。"})
    assert answered.ok
    await world.settled()
    answers = [row for row in rows(world.database, "delivery") if row["template"] == "case_answer"]
    assert [(row["person_id"], row["state"]) for row in answers] == [(other, "sent")], "on one of their two accounts"
    # A colleague has the comparison open still.
    owner = world.slack_person("U0HR", "HR")
    late = await owner.command("/alumni", f"merge u0taro@example.com、{NAME}")
    assert late.ok and late.shown is not None and "特定できません" in late.shown.words
    said = await hr.say("unmerge")
    listed = await hr.hears("merge.undo", after=hr.posted(said))
    undone = await hr.execute(listed, "merge.undo")
    assert undone.ok and "別々の登録に戻りました" in str(undone.card)
    await world.settled()
    parted = persons(world)
    assert [parted[n].state for n in (one, other)] == [PersonState.ACTIVE, PersonState.ACTIVE]
    assert {parted[one].email, parted[other].email} == {"u0taro@example.com", "alum1@example.com"}
    with world.database.company(1) as session:
        assert [a.platform for a in people.accounts_of(session, one)] == ["slack"]
        assert [a.platform for a in people.accounts_of(session, other)] == ["teams"]
        assert [m.moved for m in session.exec(select(Merger))] == [{}]
    assert audited(world) == ["merge", "merge.undo"]
    assert (await teams.say("profile")).ok


async def test_it_is_hrs_and_nobody_elses(world: World) -> None:
    hr = await world.claim()
    taro = await world.enrol(hr, "U0TARO", NAME)
    await world.enrol(hr, "U0HANA", "佐藤 華")
    refused = await taro.command("/alumni", "merge 佐藤")
    assert refused.ok and refused.shown is not None and "人事" in refused.shown.words
    owner = world.slack_person("U0HR", "HR")
    for typed, told in (
        ("merge", "見つかりませんでした"),
        ("merge だれか", "特定できません"),
        ("unmerge", "ありません"),
    ):
        shown = await owner.command("/alumni", typed)
        assert shown.ok and shown.shown is not None and told in shown.shown.words, typed
    with world.database.company(1) as session:
        boss = session.exec(select(Person).where(Person.role == "owner")).one()
        boss.employee_number = "A1"
        for person in session.exec(select(Person).where(Person.name == NAME)):
            person.employee_number = "A1"
    said = await hr.say("merge a1")
    card = await hr.hears("甲を残す", after=hr.posted(said))
    text = str(card.card)
    assert "ご自身です" in text and "ご自身の登録を、ほかの登録に統合することはできません" in text
    assert "'title': '甲を残す'" in text and "'title': '乙を残す'" not in text
