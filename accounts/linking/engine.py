"""One link run, from sightings to explained clusters."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from accounts.linking.conjunctions import find_conjunctions
from accounts.linking.cuts import cut_clusters
from accounts.linking.growth import Evidence, Membership, grow
from accounts.linking.holders import attach, daily_holders
from accounts.linking.merges import find_bridges
from accounts.linking.model import Core, LinkResult, Reference, Resources, Step, Suggestion, Verdicts
from accounts.linking.results import basis_table, core_list, cut_list, final_numbers, member_table, number_clusters
from accounts.linking.settings import Settings
from accounts.linking.stars import Units, find_stars, strong_values
from accounts.linking.store import Floats, Ints, Sightings, Store
from accounts.linking.suggestions import join_suggestions, merge_suggestions, untold_suggestions
from accounts.linking.verdicts import dense_pairs, overrule


@dataclass(slots=True)
class _Clock:
    """Rows and seconds of each step."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[list[int]]:
        rows: list[int] = []
        began = time.perf_counter()
        yield rows
        self.steps.append(Step(name, sum(rows), round(time.perf_counter() - began, 4)))


def link(
    sightings: Sightings,
    reference: Reference | None,
    settings: Settings | None = None,
    verdicts: Verdicts | None = None,
    *,
    resources: Resources | None = None,
) -> LinkResult:
    """Clusters of accounts, each membership with its reasons.

    sightings: Arrow table, Parquet paths or DuckDB relation with the columns account BIGINT, kind VARCHAR, identifier
        BIGINT, day DATE (count is not read: how often within a day is no evidence). Kinds that the settings do not name
        are left out.
    reference: denominators; None means that nobody told any, and then the run gives suggestions and no clusters.
    settings, verdicts, resources: defaults where None.

    The same input gives the same result in whatever order its rows come. Cost is linear in sightings: values of one
    account and kind, cores of one account and clusters of one value are capped. Raises LinkingError for sightings or
    counts that cannot be read.
    """
    settings, verdicts, clock = settings or Settings(), verdicts or Verdicts(), _Clock()
    with Store(settings, resources or Resources()) as store:
        with clock.step("read sightings") as rows:
            store.load(sightings, verdicts)
            rows.append(store.sightings_read)
        known = reference or Reference(population=max(len(store.accounts), 1))
        known = replace(known, population=max(known.population, len(store.accounts)))
        evidence, untold, examined = _find_evidence(store, known, verdicts, clock)
        with clock.step("grow clusters") as rows:
            grown = grow(evidence)
            rows.append(int((grown.cluster >= 0).sum()))
        return _finish(evidence, grown, verdicts, untold, examined, reference, clock)


def _find_evidence(
    store: Store, reference: Reference, verdicts: Verdicts, clock: _Clock
) -> tuple[Evidence, list[Suggestion], int]:
    """Stars and conjunctions that may form cores, suggestions from the untold ones, conjunctions looked at."""
    attach(store, reference)
    with clock.step("holders") as rows:
        holders = daily_holders(store, reference, np.arange(len(store.identifiers)))
        rows.append(len(holders.values))
    with clock.step("stars") as rows:
        linking, told = strong_values(store, holders)
        stars = find_stars(store, holders, linking, told, reference.population)
        rows.append(len(stars))
    with clock.step("conjunctions") as rows:
        conjunctions, examined = find_conjunctions(store, reference, linking, reference.population)
        rows.append(examined)
    limit = store.settings.suggestion_limit
    untold = untold_suggestions(store, stars, limit) + untold_suggestions(store, conjunctions, limit)
    apart = dense_pairs(store, verdicts.cannot_link)
    evidence = Evidence(store, reference, holders, linking, _told_only(conjunctions), _told_only(stars), apart)
    return evidence, untold, examined


def _finish(  # noqa: PLR0917 - what the earlier steps gave, in their order
    evidence: Evidence,
    grown: Membership,
    verdicts: Verdicts,
    untold: list[Suggestion],
    examined: int,
    reference: Reference | None,
    clock: _Clock,
) -> LinkResult:
    """Cuts, verdicts, numbers, tables."""
    store, limit = evidence.store, evidence.store.settings.suggestion_limit
    with clock.step("cuts") as rows:
        cluster, severed = cut_clusters(store, grown.cluster)
        rows.append(len(severed))
    overruled = overrule(store, verdicts, cluster, _margins(grown))
    cluster = _drop_small(overruled.cluster, store.settings.minimum_cluster, overruled.confirmed)
    number = number_clusters(cluster)
    with clock.step("explain") as rows:
        basis = basis_table(store, grown, cluster, number)
        members = member_table(store, grown, cluster, number, overruled.confirmed, evidence.reference.population)
        rows.append(basis.num_rows)
    final = final_numbers(grown, cluster, number)
    bridges = find_bridges(store, grown.cluster, grown.scores)
    suggestions = [
        *merge_suggestions(store, bridges, final, limit),
        *join_suggestions(store, cluster, grown.scores, final, limit),
        *untold,
    ]
    return LinkResult(
        members=members,
        basis=basis,
        cores=_cores(evidence, grown, final),
        suggestions=tuple(suggestions),
        cuts=tuple(cut_list(store, severed, final)),
        conflicts=overruled.conflicts,
        steps=tuple(clock.steps),
        method_version=store.settings.method_version,
        reference_version=None if reference is None else reference.version,
        population=evidence.reference.population,
        conjunctions_examined=examined,
    )


def _cores(evidence: Evidence, grown: Membership, final: Ints) -> tuple[Core, ...]:
    """What the clusters of this run grew from, by cluster."""
    found = [
        *core_list(evidence.store, evidence.conjunctions, grown.unit_core, final),
        *core_list(evidence.store, evidence.stars, grown.star_core, final),
    ]
    return tuple(sorted(found, key=lambda core: core.cluster))


def _margins(grown: Membership) -> Floats:
    """Bits above the bar, per dense account; without a score, none at all."""
    margin: Floats = np.full(len(grown.row), -np.inf)
    held = grown.row >= 0
    margin[held] = (grown.scores.bits - grown.scores.bar)[grown.row[held]]
    return margin


def _drop_small(cluster: Ints, least: int, confirmed: frozenset[int]) -> Ints:
    """Clusters too small to be given dissolve, unless a person made them."""
    sizes = np.bincount(cluster[cluster >= 0], minlength=1)
    kept = sizes >= least
    kept[[cluster[a] for a in sorted(confirmed) if cluster[a] >= 0]] = True
    answer: Ints = np.where(np.append(kept, False)[cluster], cluster, -1)
    return answer


def _told_only(units: Units) -> Units:
    """The units whose denominators were told."""
    keep = units.told
    if keep.all():
        return units
    number = np.cumsum(keep) - 1
    entry = keep[units.member_unit]
    return Units(
        units.first[keep],
        units.second[keep],
        units.observed[keep],
        units.expected[keep],
        units.surprise[keep],
        units.bar[keep],
        units.told[keep],
        number[units.member_unit[entry]],
        units.member_account[entry],
    )
