"""The account page over HTTP: what is shown, what is taken, and what comes of it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot import codes, consents, visibility
from storage import people, search
from storage.tables import (
    Account,
    Audience,
    Code,
    Consent,
    ConsentPurpose,
    Hiding,
    PersonState,
    Purpose,
    Role,
    Skill,
    Visibility,
)
from storage.visibility import Viewer
from tests.conftest import code_in
from tests.web.conftest import COMPANY, Site, changed

pytestmark = pytest.mark.asyncio

HOSTILE = "<script>alert(1)</script> <!channel> \"'>{{7*7}} & さん"


async def test_the_page_says_whose_it_is_and_what_is_known(site: Site) -> None:
    taro = site.person(reading="やまだ たろう", former_surname="川口")
    page = await site.open(site.token(taro))

    assert page.status == 200
    assert COMPANY in page.text
    assert "山田 太郎様のページです" in page.text
    known = {name: page.value(name) for name in ("name", "reading", "former_surname", "email")}
    assert known == {
        "name": "山田 太郎",
        "reading": "やまだ たろう",
        "former_surname": "川口",
        "email": "taro@example.com",
    }
    assert page.form.checked == []
    assert not page.form.scripts
    assert set(page.form.options) == {f"see.{name}" for name in visibility.FIELDS}
    assert page.form.options["see.employee_number"] == ["hr", "hidden"]
    assert page.form.options["see.email"] == ["alumni", "hr", "hidden"]
    assert all(page.value(f"see.{name}") == rule.usual for name, rule in visibility.FIELDS.items())


async def test_everything_is_stored_and_the_person_is_in(site: Site) -> None:
    taro = site.person()
    token = site.token(taro)
    fields = await site.filled(
        token,
        name=" 山田　太郎 ",
        reading="やまだ たろう",
        romaji="Yamada Taro",
        former_surname="川口",
        email="Taro@New.example.com",
        consent=["contact", "directory", "gigs"],
        skill=["経理", "英語、SAP", "", "経理"],
        see__former_surname="hidden",
        see__email="alumni",
    )
    answer = await site.post(token, fields)

    assert answer.status == 200
    assert "https://join.slack.com/t/example/shared_invite/abc" not in answer.text  # Slack is not configured here
    person = site.stored(taro)
    assert (person.name, person.reading, person.romaji, person.former_surname, person.email, person.state) == (
        "山田 太郎",
        "やまだ たろう",
        "Yamada Taro",
        "川口",
        "taro@new.example.com",
        PersonState.ACTIVE,
    )
    assert person.checked_at is not None
    given = site.rows(Consent, person_id=taro)
    assert {(c.purpose, c.version, c.channel, c.withdrawn_at) for c in given} == {
        (purpose, consents.CURRENT[purpose], "web", None)
        for purpose in (ConsentPurpose.CONTACT, ConsentPurpose.DIRECTORY, ConsentPurpose.GIGS)
    }
    shown = {row.field: row.audience for row in site.rows(Visibility, person_id=taro)}
    assert shown == {"former_surname": Audience.HIDDEN, "email": Audience.ALUMNI}
    labels = [row.label for row in sorted(site.rows(Skill, person_id=taro), key=lambda row: row.place)]
    assert labels == ["経理", "英語", "SAP"]

    code = code_in(answer.text)
    assert f"join {code}" in answer.text
    with site.database.company(site.company_id) as session:
        (kept,) = session.exec(select(Code).where(Code.purpose == Purpose.JOIN)).all()
        assert kept.person_id == taro
        assert kept.used_at is None
        assert code not in str(kept)
    gone = await site.open(token)
    assert gone.status == 410
    assert "太郎" not in gone.text


ANYBODY = Viewer(0, Audience.ALUMNI)


async def test_who_confirmed_is_found(site: Site) -> None:
    from bot import queries

    taro = site.person()
    token = site.token(taro)
    await site.post(token, await site.filled(token, reading="やまだ たろう", skill=["原価計算"]))
    with site.database.company(site.company_id) as session:
        for typed in ("山田", "yamada", "原価計算"):
            assert [one.id for one in search.find(session, queries.parsed(typed).words, ANYBODY).people] == [taro]


async def test_before_the_last_day_the_account_opens_later(site: Site) -> None:
    day = site.now().date() + timedelta(days=40)
    taro = site.person(last_day=day)
    token = site.token(taro)
    page = await site.open(token)
    assert f"{day.year}年{day.month}月{day.day}日" in page.text
    answer = await site.post(token, await site.filled(token))

    person = site.stored(taro)
    assert person.state is PersonState.CONFIRMED
    after = day + timedelta(days=1)
    assert person.opens_at is not None
    assert person.opens_at.isoformat() == f"{day}T15:00:00+00:00"
    assert f"{after.year}年{after.month}月{after.day}日" in answer.text
    assert f"join {code_in(answer.text)}" in answer.text
    (code,) = site.rows(Code, purpose=Purpose.JOIN)
    assert code.expires_at == person.opens_at + codes.LIFETIME


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({"name": "  "}, "name"),
        ({"name": "山" * 201}, "name"),
        ({"email": "taro@"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "HANAKO@example.com"}, "email"),
        ({"former_surname": "川" * 101}, "former_surname"),
        ({"consent": ["contact"]}, "consent.directory"),
        ({"consent": ["directory", "gigs"]}, "consent.contact"),
        ({"skill": [f"スキル{n}" for n in range(31)]}, "skills"),
        ({"skill": ["長" * 61]}, "skills"),
        ({"see__employee_number": "everyone"}, "see.employee_number"),
        ({"see__city": "世界"}, "see.city"),
    ],
)
async def test_a_fault_is_told_at_its_field_and_loses_nothing(site: Site, changes: dict, faulty: str) -> None:
    site.member("佐藤 花子", email="hanako@example.com")
    taro = site.person()
    token = site.token(taro)
    typed = {"reading": HOSTILE, "consent": ["contact", "directory", "leads"], "skill": ["経理"], **changes}
    answer = await site.post(token, await site.filled(token, **typed))

    assert answer.status == 422
    assert faulty in answer.form.faulty
    assert f'id="fault-{faulty}"' in answer.text
    assert not answer.form.scripts
    assert answer.value("reading") == HOSTILE
    for name in ("name", "email", "former_surname"):
        if name in changes:
            assert answer.value(name) == changes[name]
    assert sorted(answer.form.checked) == sorted(typed["consent"])
    assert [skill for skill in answer.values("skill") if skill] == typed["skill"]
    assert site.stored(taro).state is PersonState.INVITED
    assert not site.rows(Consent)
    assert not site.rows(Skill, person_id=taro)

    mended = changed(
        answer,
        name="山田 太郎",
        email="taro@example.com",
        former_surname="",
        consent=["contact", "directory"],
        skill=["経理"],
        see__employee_number="hr",
        see__city="hr",
    )
    assert (await site.post(token, mended)).status == 200
    assert site.stored(taro).state is PersonState.ACTIVE


async def test_hostile_texts_stay_text(site: Site) -> None:
    taro = site.person(name=HOSTILE)
    site.member(HOSTILE, HOSTILE[:60])
    token = site.token(taro)
    page = await site.open(token)
    assert page.value("name") == HOSTILE
    assert not page.form.scripts
    answer = await site.post(token, await site.filled(token, name="太郎\r\nBcc: all@example.com\x00", reading=HOSTILE))
    assert answer.status == 200
    assert not answer.form.scripts
    assert site.stored(taro).name == "太郎 Bcc: all@example.com"
    assert site.stored(taro).reading == HOSTILE


async def test_romaji_is_proposed_from_the_reading_and_nothing_is_sent(site: Site) -> None:
    taro = site.person()
    token = site.token(taro)
    page = await site.post(token, await site.filled(token, reading="おおの しんいち", city="x", do="romaji"))
    assert page.status == 200
    assert page.value("romaji") == "Ono Shinichi"
    assert sorted(page.form.checked) == ["contact", "directory"]
    kept = await site.post(token, changed(page, reading="大野", do="romaji"))
    assert kept.value("romaji") == "Ono Shinichi"
    assert "かなでご入力いただくと" in kept.text
    assert site.stored(taro).reading == ""


async def test_the_language_is_switched_with_everything_kept(site: Site) -> None:
    taro = site.person()
    token = site.token(taro)
    english = await site.post(token, await site.filled(token, name="Taro <b>", consent=["gigs"], do="lang:en"))
    assert '<html lang="en">' in english.text
    assert "This page is for 山田 太郎" in english.text
    assert english.value("name") == "Taro <b>"
    assert english.form.checked == ["gigs"]
    answer = await site.post(token, changed(english, name="Taro Yamada", consent=["contact", "directory"]))
    assert "You are registered" in answer.text
    assert site.stored(taro).locale == "en"


async def test_more_lines_for_skills(site: Site) -> None:
    taro = site.person()
    token = site.token(taro)
    page = await site.post(token, await site.filled(token, skill=["経理", "", "英語"], do="more"))
    assert page.values("skill") == ["経理", "英語", *[""] * 6]


async def test_skills_are_suggested_that_their_people_show(site: Site) -> None:
    taro = site.person()
    site.member("一", "経理", "品質管理")
    site.member("二", "経理")
    secret, hiding = site.member("三", "極秘技能"), site.member("四", "隠密")
    paused = site.member("五", "休止技能")
    with site.database.company(site.company_id) as session:
        session.add(Visibility(person_id=secret, field="skills", audience=Audience.HR))
        session.add(Hiding(person_id=hiding, viewer_id=taro))
        people.held(session, paused).state = PersonState.PAUSED  # type: ignore[union-attr]
    page = await site.open(site.token(taro))
    suggested = page.text.split('<datalist id="suggested">')[1].split("</datalist>")[0]
    assert suggested.index("経理") < suggested.index("品質管理")
    assert not any(word in page.text for word in ("極秘技能", "隠密", "休止技能"))


async def test_a_member_changes_what_they_agreed_to(site: Site) -> None:
    taro = site.person()
    first = site.token(taro)
    await site.post(first, await site.filled(first, consent=["contact", "directory", "gigs"]))
    before = {row.purpose: row for row in site.rows(Consent)}
    again = site.token(taro)
    page = await site.open(again)
    assert sorted(page.form.checked) == ["contact", "directory", "gigs"]
    assert "変更を保存する" in page.text

    refused = await site.post(again, changed(page, consent=["contact"]))
    assert "/alumni privacy" in refused.text
    assert {row.purpose: row for row in site.rows(Consent)} == before

    answer = await site.post(again, changed(page, consent=["contact", "directory", "leads"], see__city="hr"))
    assert "変更を保存しました" in answer.text
    after = {row.purpose: row for row in site.rows(Consent)}
    assert after["contact"].given_at == before["contact"].given_at
    assert after["gigs"].withdrawn_at is not None
    assert after["leads"].withdrawn_at is None
    back = site.token(taro)
    await site.post(back, await site.filled(back, see__city="alumni"))
    assert not site.rows(Visibility)


async def test_a_consent_to_an_older_text_is_asked_for_anew(site: Site) -> None:
    taro = site.person(state=PersonState.ACTIVE)
    with site.database.company(site.company_id) as session:
        session.add(Consent(person_id=taro, purpose=ConsentPurpose.GIGS, version="0", channel="web"))
    token = site.token(taro)
    assert (await site.open(token)).form.checked == []
    await site.post(token, await site.filled(token, consent=["contact", "directory", "gigs"]))
    gigs = sorted(site.rows(Consent, purpose=ConsentPurpose.GIGS), key=lambda row: row.id)
    assert [(row.version, row.withdrawn_at is None) for row in gigs] == [("0", False), ("1", True)]


async def test_who_is_in_slack_already_gets_no_code(site: Site) -> None:
    taro = site.person(state=PersonState.ACTIVE)
    with site.database.company(site.company_id) as session:
        session.add(Account(platform="slack", workspace="T1", external_id="U1", person_id=taro, address="x"))
    token = site.token(taro)
    answer = await site.post(token, await site.filled(token))
    assert answer.status == 200
    assert not site.rows(Code, purpose=Purpose.JOIN)


async def test_hr_need_not_be_in_the_directory(site: Site) -> None:
    hanako = site.person(role=Role.HR, state=PersonState.ACTIVE)
    token = site.token(hanako)
    assert (await site.post(token, await site.filled(token, consent=[]))).status == 200


@pytest.mark.parametrize("state", [PersonState.EXPIRED, PersonState.LEFT, PersonState.ERASED])
async def test_who_is_gone_has_no_page(site: Site, state: PersonState) -> None:
    taro = site.person(state=state)
    token = site.token(taro)
    assert (await site.open(token)).status == 410
    assert (await site.post(token, [("do", "save")])).status == 410
    assert site.stored(taro).state is state


@pytest.mark.parametrize("days", [1, 3, 400])
async def test_after_the_last_day_the_page_opens_the_account_at_once(site: Site, days: int) -> None:
    day = site.now().date() - timedelta(days=days)
    taro = site.person(last_day=day)
    token = site.token(taro)
    page = await site.open(token)
    answer = await site.post(token, await site.filled(token))
    assert (page.status, answer.status) == (200, 200)
    assert site.stored(taro).state is PersonState.ACTIVE
    assert f"join {code_in(answer.text)}" in answer.text


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_who_comes_after_the_invitation_has_ended_is_told_whom_to_ask(site: Site, lang: str) -> None:
    taro = site.person(last_day=site.now().date(), expires_at=site.now() + timedelta(days=2))
    token = site.token(taro, timedelta(days=30))
    opened = await site.filled(token)
    site.clock.forward(timedelta(days=3))
    await site.service.catch_up()
    assert site.stored(taro).state is PersonState.EXPIRED
    for gone in (await site.open(f"{token}?lang={lang}"), await site.post(f"{token}?lang={lang}", opened)):
        assert gone.status == 410 and "太郎" not in gone.text
        assert ("人事の担当者" if lang == "ja" else "the HR team") in gone.text
    assert site.rows(Consent) == []
