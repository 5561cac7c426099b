"""The figures against examples worked out by hand."""

from __future__ import annotations

import pytest

from accounts.linking.evaluate import Truth, class_of, evaluate

_A, _B, _OFFICE, _ALONE = (
    Truth("a", None, False), Truth("b", None, False), Truth(None, "office", True), Truth(None, None, True)
)


def test_a_perfect_answer_scores_one() -> None:
    truth = {0: _A, 1: _A, 2: _B, 3: _B, 4: _ALONE}
    figures = evaluate({0: 1, 1: 1, 2: 2, 3: 2}, truth)
    assert (figures.bcubed_precision, figures.bcubed_recall, figures.home_recall) == (1.0, 1.0, 1.0)
    assert (figures.pairwise_precision, figures.pairwise_recall) == (1.0, 1.0)
    assert (figures.honest_in_mixed, figures.rings_merged, figures.failed) == (0, 0, False)


def test_bcubed_of_bagga_and_baldwin_by_hand() -> None:
    # Ring a = {0..4}, b = {5, 6}, c = {7..11}; answer {0..4}, {5..11}: the paper's first example.
    truth = {account: Truth("abc"[(account > 4) + (account > 6)], None, False) for account in range(12)}
    figures = evaluate({account: 1 if account < 5 else 2 for account in range(12)}, truth)
    # 5 accounts at 1, 2 at 2/7, 5 at 5/7: (5 + 4/7 + 25/7) / 12
    assert figures.bcubed_precision == pytest.approx((5 + 4 / 7 + 25 / 7) / 12)
    assert figures.bcubed_recall == 1.0
    assert figures.pairwise_precision == pytest.approx((10 + 1 + 10) / (10 + 21))
    assert figures.rings_merged == 1


def test_an_account_in_no_cluster_counts_as_alone_for_recall() -> None:
    truth = {account: _A for account in range(4)}
    figures = evaluate({0: 1, 1: 1, 2: 1}, truth)
    assert figures.bcubed_recall == pytest.approx((3 * 3 / 4 + 1 / 4) / 4)
    assert figures.home_recall == 0.75
    assert figures.pairwise_recall == pytest.approx(3 / 6)


def test_an_honest_company_is_a_ring_of_its_own_and_a_stranger_is_alone() -> None:
    truth = {0: _OFFICE, 1: _OFFICE, 2: _ALONE, 3: _ALONE}
    assert evaluate({0: 1, 1: 1}, truth).bcubed_precision == 1.0
    assert evaluate({2: 1, 3: 1}, truth).bcubed_precision == 0.5
    assert class_of(9, truth) == "account:9"


def test_an_honest_account_among_a_ring_is_counted() -> None:
    truth = {account: _A for account in range(9)} | {9: _ALONE}
    figures = evaluate(dict.fromkeys(range(10), 1), truth, subjects=[0, 9, 9])
    assert (figures.mixed_clusters, figures.honest_in_mixed, figures.honest_in_rings) == (1, 1, 1)
    assert figures.worst_purity == 0.9
    assert figures.honest_subjects == 1


def test_home_recall_is_averaged_over_rings_and_by_size() -> None:
    truth = {account: _A for account in range(10)} | {account: _B for account in range(10, 40)}
    figures = evaluate({account: 1 for account in range(10)} | {account: 2 for account in range(10, 25)}, truth)
    assert figures.home_recall == pytest.approx((1.0 + 0.5) / 2)
    assert figures.home_recall_by_band == {"5-19": 1.0, "20-199": 0.5, "200+": None}


def test_nothing_clustered_is_a_failure() -> None:
    figures = evaluate({}, {0: _A, 1: _A})
    assert figures.failed
    assert (figures.bcubed_precision, figures.home_recall) == (None, 0.0)


def test_an_empty_truth_is_refused() -> None:
    with pytest.raises(ValueError, match="no account"):
        evaluate({}, {})
