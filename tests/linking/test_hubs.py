"""Hubs count in conjunction only, by the excess over what honest coincidence gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from accounts.linking import COUNTS_SCHEMA, Reference, Settings, link
from accounts.linking.conjunctions import poisson_surprise_bits
from tests.linking.worlds import crowd, groups, ring, sightings, star

_REFERENCE = Reference(population=600, census=True)


def test_a_conjunction_of_hubs_finds_a_ring_without_any_strong_identifier() -> None:
    rows = crowd(range(100, 500), range(10)) + ring(range(30), range(10), subnet=1, template=1, schedule=1)
    result = link(sightings(rows), _REFERENCE)
    assert groups(result) == {frozenset(range(30))}
    assert all(core.observed > core.expected and core.surprise_bits >= core.bar_bits for core in result.cores)


@pytest.mark.parametrize("kind", ["template", "subnet", "schedule", "referral", "email_domain", "asn"])
def test_one_hub_alone_links_nobody(kind: str) -> None:
    rows = crowd(range(100, 500), range(10)) + star(kind, 1, range(100, 160), range(10))
    assert groups(link(sightings(rows), _REFERENCE)) == set()


def test_an_address_its_range_and_its_network_are_one_piece_of_evidence() -> None:
    rows = crowd(range(100, 500), range(10))
    for kind in ("ip", "subnet", "asn"):
        rows += star(kind, 1, range(100, 140), range(10))
    assert groups(link(sightings(rows), _REFERENCE)) == set()


def test_hubs_held_on_different_days_are_no_conjunction() -> None:
    rows = crowd(range(100, 500), range(10))
    rows += star("template", 1, range(100, 140), range(5)) + star("subnet", 1, range(100, 140), range(5, 10))
    assert groups(link(sightings(rows), _REFERENCE)) == set()


def test_strangers_who_share_popular_things_are_not_linked() -> None:
    assert groups(link(sightings(crowd(range(100, 500), range(10))), _REFERENCE)) == set()


def test_the_bar_rises_with_the_population() -> None:
    rows = crowd(range(100, 300), range(6)) + ring(range(30), range(6), subnet=1, template=1, schedule=1)
    kinds = frozenset({"subnet", "template", "schedule"})
    small, large = (
        link(sightings(rows), Reference(population=size, counts=COUNTS_SCHEMA.empty_table(), kinds=kinds))
        for size in (400, 400_000)
    )
    assert min(core.bar_bits for core in large.cores) > max(core.bar_bits for core in small.cores) + 9.0
    bars = [next(m.bar_bits for m in result.members_of(result.membership()[0])) for result in (small, large)]
    assert bars[1] > bars[0] + 7.0  # less than log2(1000): what nobody else holds draws in more where all is rarer


def test_a_bar_out_of_reach_links_nobody() -> None:
    rows = crowd(range(100, 500), range(10)) + ring(range(30), range(10), subnet=1, template=1, schedule=1)
    strict = Settings().changed(conjunction_margin_bits=10_000.0)
    assert groups(link(sightings(rows), _REFERENCE, strict)) == set()


def test_an_honest_bystander_behind_the_same_range_stays_outside() -> None:
    rows = crowd(range(100, 500), range(10)) + ring(range(30), range(10), subnet=1, template=1, schedule=1)
    rows += star("subnet", 1, range(100, 112), range(10)) + star("template", 1, range(112, 116), range(1))
    assert groups(link(sightings(rows), _REFERENCE)) == {frozenset(range(30))}


def test_two_rings_behind_one_proxy_stay_two() -> None:
    rows = crowd(range(100, 500), range(10))
    rows += ring(range(30), range(10), subnet=1, template=1, schedule=1)
    rows += ring(range(40, 70), range(10), subnet=1, template=2, schedule=2)
    assert groups(link(sightings(rows), _REFERENCE)) == {frozenset(range(30)), frozenset(range(40, 70))}


def test_surprise_is_the_chernoff_bound_and_never_below_zero() -> None:
    observed, expected = np.array([10.0, 5.0, 1.0, 400.0]), np.array([1.0, 5.0, 3.0, 2.0])
    bits = poisson_surprise_bits(observed, expected)
    exact = -stats.poisson.logsf(observed - 1, expected) / np.log(2.0)
    assert bits[0] == pytest.approx(20.2345, abs=1e-3)  # (10 ln 10 - 9) / ln 2
    assert (bits[1], bits[2]) == (0.0, 0.0)
    assert (bits <= exact + 1e-9).all()
