"""The checklist of a post: each item, and each payment date, against the rules of Japan."""

from collections.abc import Mapping

import pytest

from bot import lint

JP, NONE = lint.rules("jp"), lint.rules("none")
REQUIRED = ("work", "reward", "place", "legal_name", "legal_address", "contact")
WHOLE = {**dict.fromkeys(REQUIRED, "x"), "title": "x"}
STATED = {"subcontracted": "yes", "client_name": "西都商会", "client_pays_on": "2027-04-01"}


def test_what_is_required_is_what_the_authorities_name() -> None:
    assert set(JP.required) == set(REQUIRED)
    assert JP.in_force is not None and str(JP.in_force) == "2024-11-01"
    assert JP.checked is not None and JP.law.keys() == {"ja", "en"} and JP.sources


def test_a_whole_post_lacks_nothing() -> None:
    assert lint.faults(WHOLE, JP, public=True) == {}


@pytest.mark.parametrize("item", REQUIRED)
def test_each_item_is_missed_alone(item: str) -> None:
    for lacking in ({**WHOLE, item: ""}, {name: text for name, text in WHOLE.items() if name != item}):
        assert lint.faults(lacking, JP, public=True) == {item: "post_needs"}


def test_all_that_is_missing_is_named() -> None:
    assert lint.faults({}, JP, public=True) == dict.fromkeys(JP.required, "post_needs")


def test_one_named_person_is_no_public_recruitment_but_is_paid_in_time() -> None:
    assert lint.faults({"title": "x"}, JP, public=False) == {}
    late = {"received_on": "2027-04-01", "pays_on": "2027-05-31"}
    assert lint.faults(late, JP, public=False) == {"pays_on": "pays_late:2027-05-30"}


@pytest.mark.parametrize("country", ["none", "fr", "", "../jp"])
def test_elsewhere_nothing_is_checked(country: str) -> None:
    late = {"received_on": "2027-04-01", "pays_on": "2029-05-31"}
    assert lint.faults(late, lint.rules(country), public=True) == {}


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({"pays_on": "2027-04-30"}, {}),
        ({"pays_on": "2027-05-30"}, {}),
        ({"pays_on": "2027-05-31"}, {"pays_on": "pays_late:2027-05-30"}),
        ({"pays_on": "2027-03-01"}, {}),
        ({}, {}),
        ({"pays_on": "2027-05-30", "received_on": ""}, {"received_on": "needed_for_payment"}),
        # Sub-contracted, with its three items: 30 days from the original payment date.
        ({"pays_on": "2027-04-30", **STATED}, {}),
        ({"pays_on": "2027-05-01", **STATED}, {"pays_on": "pays_late_after_client:2027-04-30"}),
        ({"pays_on": "2027-08-29", **STATED, "client_pays_on": "2027-07-31"}, {}),
        ({"pays_on": "2027-07-30", "received_on": "", **STATED, "client_pays_on": "2027-07-31"}, {}),
        # Without one of them the 60 days count.
        ({"pays_on": "2027-05-30", **STATED, "client_name": ""}, {}),
        (
            {"pays_on": "2027-05-31", **STATED, "client_name": ""},
            {"pays_on": "pays_late:2027-05-30", "client_name": "needed_to_pay_later"},
        ),
        (
            {"pays_on": "2027-05-31", **STATED, "client_name": "", "client_pays_on": ""},
            {
                "pays_on": "pays_late:2027-05-30",
                "client_name": "needed_to_pay_later",
                "client_pays_on": "needed_to_pay_later",
            },
        ),
        ({"pays_on": "2027-05-31", **STATED, "subcontracted": "no"}, {"pays_on": "pays_late:2027-05-30"}),
    ],
)
def test_a_payment_date_counted_from_the_first_of_april(said: Mapping[str, str], faults: Mapping[str, str]) -> None:
    assert lint.faults({**WHOLE, "received_on": "2027-04-01", **said}, JP, public=True) == faults


@pytest.mark.parametrize(
    ("received", "last", "late"),
    [
        ("2027-12-31", "2028-02-28", "2028-02-29"),  # a leap year
        ("2028-01-01", "2028-02-29", "2028-03-01"),
        ("2027-01-01", "2027-03-01", "2027-03-02"),
        ("2026-12-31", "2027-02-28", "2027-03-01"),
        ("2027-01-31", "2027-03-31", "2027-04-01"),
        ("2027-02-28", "2027-04-28", "2027-04-29"),
        ("2028-02-29", "2028-04-28", "2028-04-29"),
        ("2026-11-02", "2026-12-31", "2027-01-01"),
    ],
)
def test_sixty_days_at_month_ends_and_in_leap_years(received: str, last: str, late: str) -> None:
    said = {**WHOLE, "received_on": received}
    assert lint.faults({**said, "pays_on": last}, JP, public=True) == {}
    assert lint.faults({**said, "pays_on": late}, JP, public=True) == {"pays_on": f"pays_late:{last}"}


@pytest.mark.parametrize(
    ("original", "last", "late"),
    [
        ("2028-01-31", "2028-02-29", "2028-03-01"),
        ("2027-01-31", "2027-03-01", "2027-03-02"),
        ("2027-12-02", "2027-12-31", "2028-01-01"),
    ],
)
def test_thirty_days_from_the_clients_payment(original: str, last: str, late: str) -> None:
    said = {**WHOLE, **STATED, "client_pays_on": original}
    assert lint.faults({**said, "pays_on": last}, JP, public=True) == {}
    assert lint.faults({**said, "pays_on": late}, JP, public=True) == {"pays_on": f"pays_late_after_client:{last}"}


def test_what_changed_is_told_in_the_checklists_order() -> None:
    before, after = {"title": "a", "work": "b", "contact": "c"}, {"title": "a", "work": "B", "tax": "included"}
    assert lint.changed(before, after) == ["work", "tax", "contact"]


@pytest.mark.parametrize(
    ("given", "unchecked"),
    [
        ({}, False),
        ({"payment_rule": "月末締め、翌月末払い"}, True),
        ({"payment_rule": "月末締め、翌月末払い", "pays_on": "2027-04-30"}, False),
        ({"pays_on": "2027-04-30"}, False),
    ],
)
def test_a_payment_date_in_words_alone_is_not_checked_and_that_is_said(given: dict[str, str], unchecked: bool) -> None:
    assert lint.pays_unchecked(given, JP) is unchecked
    assert not lint.pays_unchecked(given, lint.rules("none")), "where no law says by when"
