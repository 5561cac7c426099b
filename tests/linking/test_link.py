"""What links accounts, and what does not."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.linking import Reference, Settings, Verdicts, link
from tests.linking.small import Row, crowd, hold, ring, sightings, told

RING = list(range(1, 13))
WORLD = ring(RING) + crowd(100, 40)


def clusters(rows: list[Row], reference: Reference | None = None, verdicts: Verdicts | None = None) -> list[set[int]]:
    """Accounts by cluster, larger first."""
    found = link(sightings(rows), reference or told(rows), verdicts=verdicts).membership()
    sets: dict[int, set[int]] = {}
    for account, cluster in found.items():
        sets.setdefault(cluster, set()).add(account)
    return [sets[number] for number in sorted(sets)]


def test_hubs_held_together_by_many_more_than_chance_make_one_cluster() -> None:
    assert clusters(WORLD) == [set(RING)]


@given(st.permutations(WORLD))
@settings(max_examples=8, deadline=None)
def test_the_order_of_rows_changes_nothing(rows: list[Row]) -> None:
    reference = told(WORLD)
    one, other = link(sightings(WORLD), reference), link(sightings(rows), reference)
    assert one.members.equals(other.members)
    assert one.basis.equals(other.basis)
    assert one.cores == other.cores


def test_every_member_says_why_with_days_and_bits() -> None:
    member = next(iter(link(sightings(WORLD), told(WORLD)).members_of(1)))
    assert {basis.kind for basis in member.basis} == {"template", "schedule", "subnet"}
    assert all(basis.days == 10 and basis.members == 11 and basis.bits > 0 for basis in member.basis)
    assert member.bits >= member.bar_bits


def test_an_ignored_identifier_is_no_evidence() -> None:
    assert clusters(WORLD, verdicts=Verdicts(ignored=frozenset({101, 102}))) == []


def test_accounts_that_a_person_keeps_apart_are_never_in_one_cluster() -> None:
    (found,) = clusters(WORLD, verdicts=Verdicts(cannot_link=frozenset({(1, 2)})))
    assert len(found & {1, 2}) == 1
    assert found >= set(RING[2:])


def test_an_account_that_a_person_links_is_a_confirmed_member() -> None:
    result = link(sightings(WORLD), told(WORLD), verdicts=Verdicts(must_link=frozenset({(1, 120)})))
    roles = dict(zip(result.members["account"].to_pylist(), result.members["role"].to_pylist(), strict=True))
    assert roles[120] == "confirmed"


def test_verdicts_that_contradict_are_shown_and_not_applied() -> None:
    verdicts = Verdicts(must_link=frozenset({(1, 120)}), cannot_link=frozenset({(120, 1)}))
    result = link(sightings(WORLD), told(WORLD), verdicts=verdicts)
    assert [conflict.accounts for conflict in result.conflicts] == [(1, 120)]
    assert 120 not in result.membership()


def test_without_a_reference_there_are_suggestions_and_no_cluster() -> None:
    rows = WORLD + hold([50, 51, 52, 53], "payment", 500, range(10))
    result = link(sightings(rows), None)
    assert len(result.members) == 0
    assert result.cluster_count == 0
    assert {found.kind for found in result.suggestions} == {"untold"}


def test_a_payment_instrument_of_four_accounts_links_them_as_a_star() -> None:
    assert clusters(hold([1, 2, 3, 4], "payment", 500, range(10)) + crowd(100, 40)) == [{1, 2, 3, 4}]


def test_a_strong_identifier_over_its_cap_of_holders_links_nobody() -> None:
    rows = hold([1, 2, 3, 4], "payment", 500, range(10)) + crowd(100, 40)
    assert clusters(rows, told(rows, more={500: 30})) == []


def test_holders_of_a_reassigned_number_on_different_days_are_not_linked() -> None:
    rows = crowd(100, 40)
    for place, account in enumerate((1, 2, 3, 4)):
        rows += hold([account], "phone", 501, range(place * 3, place * 3 + 3))
    assert clusters(rows) == []


def test_hubs_held_on_different_days_are_not_a_conjunction() -> None:
    rows = crowd(100, 40)
    for place, account in enumerate(RING):
        rows += ring([account], range(place, place + 1))
    assert clusters(rows) == []


def test_a_corporate_card_does_not_drag_strangers_into_a_ring() -> None:
    staff = list(range(200, 240))
    rows = WORLD + hold([1, *staff], "payment", 500, range(10))
    assert clusters(rows) == [set(RING)]


def test_a_domain_on_its_own_network_is_one_piece_of_evidence() -> None:
    campus = list(range(300, 330))
    rows = hold(campus, "email_domain", 901, range(10)) + hold(campus, "subnet", 902, range(10)) + crowd(100, 40)
    assert clusters(rows) == []


def test_a_crowd_that_shares_things_as_chance_has_it_is_no_cluster() -> None:
    """A third of 600 accounts keeps certain hours, another third uses a certain template: a ninth does both."""
    rows: list[Row] = []
    for account in range(600):
        rows += hold([account], "email_domain", 900, range(5))
        rows += hold([account], "schedule", 102, range(5)) if account % 3 == 0 else []
        rows += hold([account], "template", 101, range(5)) if account // 3 % 3 == 0 else []
    assert clusters(rows, told(rows, population=600)) == []


def test_the_bar_rises_with_the_population() -> None:
    small = link(sightings(WORLD), told(WORLD, population=10_000))
    large = link(sightings(WORLD), told(WORLD, population=10_000_000))
    assert large.cores[0].bar_bits > small.cores[0].bar_bits
    assert large.members["bar_bits"][0].as_py() > small.members["bar_bits"][0].as_py()


def test_two_rings_on_one_range_stay_two_clusters() -> None:
    second = list(range(21, 33))
    rows = [*WORLD, *hold(second, "template", 111, range(10)), *hold(second, "schedule", 112, range(10))]
    rows += hold(second, "subnet", 103, range(10))
    assert Counter(map(frozenset, clusters(rows))) == Counter([frozenset(RING), frozenset(second)])


def test_settings_survive_their_json() -> None:
    changed = Settings(join_margin_bits=11.0, kin=(("template", "network"),), method_version="cores-x")
    assert Settings.from_json(changed.to_json()) == changed
