"""Denominators are told, not guessed: without them a run suggests and links nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from accounts.linking import COUNTS_SCHEMA, LinkingError, Reference, link
from tests.linking.worlds import FIRST_DAY, crowd, groups, ring, sightings, star

_ROWS = (
    crowd(range(100, 400), range(8))
    + ring(range(30), range(8), subnet=1, template=1, schedule=1)
    + star("payment", 1, range(40, 45), range(8))
)
_NO_COUNTS = COUNTS_SCHEMA.empty_table()


def test_without_a_reference_there_are_suggestions_and_no_clusters() -> None:
    result = link(sightings(_ROWS), None)
    assert result.cluster_count == 0
    assert {suggestion.kind for suggestion in result.suggestions} == {"untold"}
    assert any(suggestion.kinds == ("payment",) and suggestion.size == 5 for suggestion in result.suggestions)
    assert result.reference_version is None


def test_a_kind_that_nobody_told_may_suggest_but_not_link() -> None:
    told = Reference(population=400, counts=_NO_COUNTS, kinds=frozenset({"subnet", "template", "schedule"}))
    result = link(sightings(_ROWS), told)
    assert groups(result) == {frozenset(range(30))}
    assert [s.accounts for s in result.suggestions if s.kinds == ("payment",)] == [(40, 41, 42, 43, 44)]


def test_a_value_left_out_of_a_told_kind_means_few_holders_and_may_link() -> None:
    told = Reference(population=400, counts=_NO_COUNTS, kinds=frozenset({"payment"}))
    assert groups(link(sightings(_ROWS), told)) == {frozenset(range(40, 45))}


def test_a_reference_of_other_days_tells_nothing() -> None:
    past = FIRST_DAY - timedelta(days=100)
    told = Reference(
        population=400,
        counts=_NO_COUNTS,
        kinds=frozenset({"payment"}),
        first_day=past,
        last_day=past + timedelta(days=30),
    )
    assert groups(link(sightings(_ROWS), told)) == set()


def test_a_population_smaller_than_what_was_seen_is_corrected_upwards() -> None:
    assert link(sightings(_ROWS), Reference(population=1, census=True)).population == 335


def test_no_sightings_give_an_empty_result() -> None:
    result = link(sightings([]), Reference(population=10, census=True))
    assert (result.cluster_count, result.members.num_rows, result.basis.num_rows) == (0, 0, 0)


def test_sightings_without_a_needed_column_are_refused_by_name() -> None:
    with pytest.raises(LinkingError, match="day"):
        link(sightings(_ROWS).drop_columns(["day"]), None)


def test_counts_without_a_needed_column_are_refused_by_name() -> None:
    with pytest.raises(LinkingError, match="holders"):
        link(sightings(_ROWS), Reference(population=400, counts=_NO_COUNTS.drop_columns(["holders"])))


def test_sightings_over_an_absurd_span_are_refused() -> None:
    with pytest.raises(LinkingError, match="ten years"):
        link(sightings([(1, "payment", 1, 0), (2, "payment", 1, 9000)]), None)


def test_a_value_that_everybody_holds_makes_no_cluster_of_the_world() -> None:
    everybody = star("template", 9, range(100, 400), range(8)) + star("asn", 9, range(100, 400), range(8))
    result = link(sightings(_ROWS + everybody), Reference(population=400, census=True))
    assert all(len(members) <= 30 for members in groups(result))


def test_a_population_below_one_is_refused() -> None:
    with pytest.raises(LinkingError, match="population"):
        Reference(population=0)


def test_parquet_paths_and_tables_give_the_same(tmp_path: Path) -> None:
    pq.write_table(sightings(_ROWS), tmp_path / "sightings.parquet")
    told = Reference(population=400, census=True)
    assert link([tmp_path / "sightings.parquet"], told).members == link(sightings(_ROWS), told).members
