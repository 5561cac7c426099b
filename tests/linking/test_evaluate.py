"""Figures against examples worked out by hand."""

from __future__ import annotations

import pytest

from accounts.linking.evaluate import Truth, evaluate

RED, BLUE = Truth("red", None, False), Truth("blue", None, False)
SHOP, ALONE = Truth(None, "shop", True), Truth(None, None, True)
TRUTH = {1: RED, 2: RED, 3: RED, 4: RED, 5: BLUE, 6: BLUE, 7: SHOP, 8: SHOP, 9: ALONE, 10: ALONE}


def test_b_cubed_and_pairwise_by_hand() -> None:
    # Cluster 1: three red, one alone. Cluster 2: two blue. The fourth red is in none.
    found = evaluate({1: 1, 2: 1, 3: 1, 9: 1, 5: 2, 6: 2}, TRUTH)
    # Precision: (3*3/4 + 1*1/4 + 2*2/2) / 6. Recall over rings: (3*3/4 + 1/4 + 2*2/2) / 6.
    assert found.bcubed_precision == pytest.approx((9 / 4 + 1 / 4 + 2) / 6)
    assert found.bcubed_recall == pytest.approx((9 / 4 + 1 / 4 + 2) / 6)
    # Pairs: 3 of 6 in cluster 1, 1 of 1 in cluster 2; rings have 6 + 1 pairs.
    assert found.pairwise_precision == pytest.approx(4 / 7)
    assert found.pairwise_recall == pytest.approx(4 / 7)
    assert found.home_recall == pytest.approx((3 / 4 + 1) / 2)
    assert found.campaign_recall == pytest.approx(3 / 4)
    assert (found.mixed_clusters, found.honest_in_mixed, found.honest_in_rings) == (1, 1, 1)


def test_an_honest_organization_is_a_class_of_its_own_and_strangers_are_not() -> None:
    assert evaluate({7: 1, 8: 1}, TRUTH).bcubed_precision == 1.0
    assert evaluate({9: 1, 10: 1}, TRUTH).bcubed_precision == 0.5


def test_two_rings_in_one_cluster_are_counted() -> None:
    assert evaluate({1: 1, 2: 1, 5: 1, 6: 1}, TRUTH).rings_merged == 1


def test_honest_subjects_count_once() -> None:
    assert evaluate({1: 1, 2: 1}, TRUTH, subjects=[1, 7, 7]).honest_subjects == 1


def test_nothing_clustered_is_a_failure() -> None:
    found = evaluate({}, TRUTH)
    assert found.failed
    assert found.bcubed_precision is None
