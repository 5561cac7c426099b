"""People overrule: must-link, cannot-link and ignored identifiers win over evidence; contradictions are shown."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.linking import Reference, Verdicts, link
from tests.linking.worlds import crowd, groups, sightings, star

_WORLD = sightings(
    crowd(range(100, 160), range(5))
    + star("payment", 1, range(6), range(5))
    + star("payment", 2, range(10, 15), range(5))
)
_REFERENCE = Reference(population=1000, census=True)
_PAIRS = st.frozensets(
    st.tuples(st.integers(0, 14), st.integers(0, 14)).filter(lambda pair: pair[0] < pair[1]), max_size=4
)


@settings(max_examples=10, deadline=None)
@given(must=_PAIRS, cannot=_PAIRS)
def test_cannot_links_hold_and_must_links_hold_or_are_named_as_conflicts(
    must: frozenset[tuple[int, int]], cannot: frozenset[tuple[int, int]]
) -> None:
    seen = set(_WORLD["account"].to_pylist())
    result = link(_WORLD, _REFERENCE, verdicts=Verdicts(must_link=must, cannot_link=cannot))
    membership, torn = result.membership(), {conflict.accounts for conflict in result.conflicts}
    for one, other in cannot:
        if (one, other) not in torn and one in membership:
            assert membership[one] != membership.get(other)
    if not cannot:
        for one, other in must:
            if one in seen and other in seen:
                assert membership[one] == membership[other]


def test_a_must_link_brings_an_account_in_as_confirmed() -> None:
    result = link(_WORLD, _REFERENCE, verdicts=Verdicts(must_link=frozenset({(0, 100)})))
    assert frozenset({*range(6), 100}) in groups(result)
    assert {m.account: m.role for m in result.members_of(1)}[100] == "confirmed"


def test_two_strangers_that_a_person_links_are_a_cluster() -> None:
    result = link(_WORLD, _REFERENCE, verdicts=Verdicts(must_link=frozenset({(101, 102)})))
    assert frozenset({101, 102}) in groups(result)


def test_a_cannot_link_lets_one_of_the_two_go_and_keeps_the_rest() -> None:
    result = link(_WORLD, _REFERENCE, verdicts=Verdicts(cannot_link=frozenset({(2, 3)})))
    assert frozenset({0, 1, 2, 4, 5}) in groups(result)


def test_a_contradiction_is_shown_and_changes_nothing() -> None:
    said = Verdicts(must_link=frozenset({(0, 10), (10, 1)}), cannot_link=frozenset({(0, 1)}))
    result = link(_WORLD, _REFERENCE, verdicts=said)
    assert [conflict.accounts for conflict in result.conflicts] == [(0, 1)]
    assert groups(result) == {frozenset(range(6)), frozenset(range(10, 15))}


def test_verdicts_on_accounts_that_nobody_saw_are_no_error() -> None:
    said = Verdicts(must_link=frozenset({(0, 99_999)}), cannot_link=frozenset({(77_777, 88_888)}))
    assert groups(link(_WORLD, _REFERENCE, verdicts=said)) == groups(link(_WORLD, _REFERENCE))
