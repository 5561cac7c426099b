"""Membership: cores are scored against themselves, accounts join, and what cannot hold itself dissolves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accounts.linking.cores import merge_units, seed_stars
from accounts.linking.holders import Holders
from accounts.linking.merges import merge_clusters
from accounts.linking.model import Reference
from accounts.linking.profiles import Profile, build_profile
from accounts.linking.scores import Scores, score
from accounts.linking.stars import Units
from accounts.linking.store import Ints, Store


@dataclass(frozen=True, slots=True)
class Membership:
    """core: per dense account the core it formed, or -1. cluster: the cluster it belongs to, or -1.

    row: per dense account its row in `scores`, or -1. scores, profile: of the last round, against `core`.
    unit_core: per conjunction the core that it went into. star_core: per star, or -1.
    """

    core: Ints
    cluster: Ints
    row: Ints
    scores: Scores
    profile: Profile
    unit_core: Ints
    star_core: Ints


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rounds read and never change."""

    store: Store
    reference: Reference
    holders: Holders
    linking: npt.NDArray[np.bool_]
    conjunctions: Units
    stars: Units
    apart: tuple[tuple[int, int], ...]  # dense accounts that a person keeps apart


def grow(evidence: Evidence) -> Membership:
    """Cores, then members.

    Conjunctions first make cores. Each round scores every account against every core as a whole; core accounts that do
    not hold without themselves fall out of it. Then stars seed cores where nothing stands yet, and everything is
    scored again. An account belongs to the cluster where it exceeds the bar by most.
    """
    store, settings = evidence.store, evidence.store.settings
    accounts = len(store.accounts)
    core: Ints = np.full(accounts, -1, dtype=np.int64)
    unit_core, claimed, by = merge_units(evidence.conjunctions, settings, accounts)
    core[claimed] = by
    for _ in range(settings.rounds):
        before = core
        profile, scores = _score(evidence, core)
        core, _, _ = settle(store, core, scores)
        if (core == before).all():
            break
    profile, scores = _score(evidence, core)
    _, cluster, _ = settle(store, core, scores)
    star_core = seed_stars(evidence.stars, cluster, int(unit_core.max(initial=-1)) + 1)
    entry = star_core[evidence.stars.member_unit] >= 0
    core[evidence.stars.member_account[entry]] = star_core[evidence.stars.member_unit[entry]]
    profile, scores = _score(evidence, core)
    core, cluster, _ = settle(store, core, scores)
    core, relabel = merge_clusters(store, core, cluster, scores, evidence.apart)
    profile, scores = _score(evidence, core)
    core, cluster, row = settle(store, core, scores)
    return Membership(core, cluster, row, scores, profile, relabel[unit_core], relabel[star_core])


def _score(evidence: Evidence, core: Ints) -> tuple[Profile, Scores]:
    store = evidence.store
    profile = build_profile(store, evidence.holders, evidence.linking, core)
    return profile, score(store, evidence.reference, profile, core)


def settle(store: Store, core: Ints, scores: Scores) -> tuple[Ints, Ints, Ints]:
    """(core, cluster, score row) after the scores: best passing cluster of each account; cores only shrink."""
    accounts = len(core)
    passing = np.flatnonzero(scores.passes)
    order = passing[
        np.lexsort((scores.cluster[passing], -np.round(scores.bits - scores.bar, 6)[passing], scores.account[passing]))
    ]
    cluster: Ints = np.full(accounts, -1, dtype=np.int64)
    row: Ints = np.full(accounts, -1, dtype=np.int64)
    first = np.ones(len(order), dtype=bool)
    first[1:] = scores.account[order][1:] != scores.account[order][:-1]
    best = order[first]
    cluster[scores.account[best]] = scores.cluster[best]
    row[scores.account[best]] = best
    cluster = _drop_small(cluster, store.settings.minimum_cluster)
    row = np.where(cluster >= 0, row, -1)
    return np.where(core == cluster, core, -1), cluster, row


def _drop_small(cluster: Ints, least: int) -> Ints:
    """Clusters of fewer than `least` accounts dissolve."""
    sizes = np.bincount(cluster[cluster >= 0], minlength=1)
    enough = np.append(sizes >= least, False)
    kept: Ints = np.where(enough[cluster], cluster, -1)
    return kept
