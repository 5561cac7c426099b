"""The same sightings give the same result, in whatever order and however often their rows come."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.linking import LinkResult, Reference, Resources, link
from tests.linking.worlds import crowd, groups, ring, sightings, star

_WORLD = sightings(
    crowd(range(100, 400), range(10))
    + ring(range(40), range(10), subnet=1, template=1, schedule=1)
    + star("payment", 5, [50, 51, 52, 53], range(4))
    + star("device", 6, [53, 54, 55], range(4))
)
_REFERENCE = Reference(population=500, census=True)


def _told(result: LinkResult) -> tuple[object, ...]:
    """Everything but the seconds."""
    return (
        result.members.to_pylist(),
        result.basis.to_pylist(),
        result.cores,
        result.suggestions,
        result.cuts,
        result.conflicts,
        result.conjunctions_examined,
    )


_EXPECTED = link(_WORLD, _REFERENCE)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), threads=st.sampled_from([1, 2]))
def test_shuffled_rows_give_the_same_result(seed: int, threads: int) -> None:
    order = np.random.default_rng(seed).permutation(_WORLD.num_rows)
    shuffled = _WORLD.take(pa.array(order))
    assert _told(link(shuffled, _REFERENCE, resources=Resources(threads=threads))) == _told(_EXPECTED)


def test_rows_that_come_twice_change_nothing() -> None:
    assert _told(link(pa.concat_tables([_WORLD, _WORLD]), _REFERENCE)) == _told(_EXPECTED)


def test_the_ring_and_the_star_are_found_and_no_stranger_is() -> None:
    found = groups(_EXPECTED)
    assert frozenset(range(40)) in found
    assert any({50, 51, 52, 53} <= members <= set(range(50, 56)) for members in found)
    assert not {account for members in found for account in members} & set(range(100, 400))


def test_clusters_are_numbered_from_the_largest() -> None:
    membership = _EXPECTED.membership()
    assert {membership[account] for account in range(40)} == {1}
