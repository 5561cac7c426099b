"""A strong identifier links its few holders on common days, and nobody once it has too many."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.linking import Reference, Settings, Verdicts, link
from tests.linking.worlds import FIRST_DAY, crowd, groups, identifier, sightings, star

_CROWD = crowd(range(1000, 1200), range(6))
_REFERENCE = Reference(population=1000, census=True)
_PAYMENT_CAP = Settings().kinds["payment"].holder_cap or 0


@settings(max_examples=10, deadline=None)
@given(holders=st.integers(3, 2 * _PAYMENT_CAP))
def test_a_payment_links_its_holders_up_to_the_cap_and_none_above_it(holders: int) -> None:
    result = link(sightings(_CROWD + star("payment", 1, range(holders), range(5))), _REFERENCE)
    expected = {frozenset(range(holders))} if holders <= _PAYMENT_CAP else set()
    assert groups(result) == expected


def test_a_payment_that_the_whole_customer_base_shares_links_nobody_though_few_holders_are_seen() -> None:
    table = sightings(_CROWD + star("payment", 1, range(5), range(5)))
    days = sorted(set(table["day"].to_pylist()))
    counts = pa.table(
        {
            "kind": ["payment"] * len(days),
            "identifier": pa.array([identifier("payment", 1)] * len(days), pa.int64()),
            "day": pa.array(days, pa.date32()),
            "holders": pa.array([900] * len(days), pa.int64()),
        }
    )
    told = Reference(population=1000, counts=counts, first_day=days[0], last_day=days[-1], kinds=frozenset({"payment"}))
    assert groups(link(table, told)) == set()


@settings(max_examples=10, deadline=None)
@given(holders=st.integers(3, 8))
def test_a_number_handed_from_one_to_the_next_links_nobody(holders: int) -> None:
    rows = [(account, "phone", 1, account * 2 + day) for account in range(holders) for day in range(2)]
    assert groups(link(sightings(_CROWD + rows), _REFERENCE)) == set()


def test_two_groups_of_holders_without_a_common_day_stay_two() -> None:
    rows = star("payment", 1, range(3), range(3)) + star("payment", 1, range(10, 14), range(3, 6))
    assert groups(link(sightings(_CROWD + rows), _REFERENCE)) == {frozenset(range(3)), frozenset(range(10, 14))}


def test_stars_do_not_chain() -> None:
    chain = [row for at in range(12) for row in star("payment", at, range(at * 2, at * 2 + 3), range(5))]
    result = link(sightings(_CROWD + chain), _REFERENCE)
    assert max(len(members) for members in groups(result)) <= 7


def test_an_ignored_identifier_links_nobody_and_is_no_basis() -> None:
    table = sightings(_CROWD + star("payment", 1, range(5), range(5)) + star("payment", 2, range(5, 9), range(5)))
    number = identifier("payment", 1)
    result = link(table, _REFERENCE, verdicts=Verdicts(ignored=frozenset({number})))
    assert groups(result) == {frozenset(range(5, 9))}
    assert number not in result.basis["identifier"].to_pylist()


def test_the_basis_says_which_days_and_who_else() -> None:
    result = link(sightings(_CROWD + star("payment", 1, range(5), range(1, 4))), _REFERENCE)
    member = next(iter(result.members_of(1)))
    assert (member.basis[0].first_day - FIRST_DAY).days == 1
    assert (member.basis[0].last_day - FIRST_DAY).days == 3
    assert (member.basis[0].days, member.basis[0].members, member.basis[0].told) == (3, 4, True)


@pytest.mark.parametrize("days", [70, 130])
def test_long_periods_count_their_days_over_all_blocks(days: int) -> None:
    rows = star("payment", 1, range(4), range(0, days, 3)) + crowd(range(1000, 1060), range(0, days, 3))
    result = link(sightings(rows), Reference(population=5000, census=True))
    basis = next(iter(result.members_of(1))).basis[0]
    assert basis.days == len(range(0, days, 3))
    assert (basis.last_day - basis.first_day).days == range(0, days, 3)[-1]
