"""The practice company's alumni: the same ones every time, and believable."""

from collections import Counter

import pytest

from sandbox.people import TODAY, people


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_a_smaller_company_is_the_beginning_of_a_larger_one(locale: str) -> None:
    assert people(60, locale=locale) == people(370, locale=locale)[:60]
    assert people(60, locale=locale) == people(60, locale=locale)


def test_another_seed_gives_other_people_after_the_leads() -> None:
    assert people(4, seed=7) == people(4, seed=8)
    assert people(60, seed=7)[4:] != people(60, seed=8)[4:]


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_nobody_shares_a_name_an_address_or_an_id(locale: str) -> None:
    everybody = people(1000, locale=locale)
    for values in ([p.name for p in everybody], [p.email for p in everybody], [p.slack_id for p in everybody]):
        assert len(set(values)) == len(everybody)


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_careers_make_sense(locale: str) -> None:
    for person in people(370, locale=locale):
        assert 1985 <= person.joined < person.left <= TODAY
        assert person.departments and len(set(person.departments)) == len(person.departments)
        assert person.skills and len(set(person.skills)) == len(person.skills)
        assert person.former != person.family
        assert person.email.endswith(("@example.com", "@example.jp", "@example.org"))
        assert person.slack_id.isascii() and person.slack_id.isalnum()


def test_the_commonest_surnames_are_japans_and_names_go_with_their_years() -> None:
    everybody = people(370)
    assert Counter(person.family for person in everybody).most_common(1)[0][0] == "佐藤"
    assert {person.joined >= 2012 for person in everybody if person.given == "翔太"} == {True}
    assert {person.joined < 1998 for person in everybody if person.given == "恵子"} == {True}
    assert all(person.kana for person in everybody)
