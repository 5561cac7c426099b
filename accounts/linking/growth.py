"""Membership: cores are scored against themselves, accounts join, and what cannot hold itself dissolves."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    core, unit_core = _expand(evidence, core, unit_core)
    profile, scores = _score(evidence, core)
    core, _, _ = settle(store, core, scores)
    profile, scores = _score(evidence, core)
    _, cluster, _ = settle(store, core, scores)
    founds = store.kind_founds[store.value_kind[evidence.stars.first]]
    star_core = seed_stars(evidence.stars, founds, cluster, int(max(core.max(initial=-1), cluster.max(initial=-1))) + 1)
    entry = star_core[evidence.stars.member_unit] >= 0
    core[evidence.stars.member_account[entry]] = star_core[evidence.stars.member_unit[entry]]
    profile, scores = _score(evidence, core)
    core, cluster, _ = settle(store, core, scores)
    core, relabel = merge_clusters(store, core, cluster, scores, evidence.apart)
    profile, scores = _score(evidence, core)
    core, cluster, row = settle(store, core, scores)
    unit_core = _standing(_renamed(unit_core, relabel), cluster)
    star_core = _standing(_renamed(star_core, relabel), cluster)
    return Membership(core, cluster, row, scores, profile, unit_core, star_core)


def _expand(evidence: Evidence, core: Ints, unit_core: Ints) -> tuple[Ints, Ints]:
    """Lets cores take in what fits them by two groups, and merge, until nothing changes: (core, unit_core).

    A hub's holders outside a core are what chance offers; a core that holds a tenth of an actor has the other nine
    tenths counted against it. So it grows by a lower bar, and what it took in must pass the full one in the end.
    """
    store, settings = evidence.store, evidence.store.settings
    slack = settings.join_margin_bits - settings.growth_margin_bits
    for _ in range(settings.rounds):
        before = core
        _, scores = _score(evidence, core)
        fits = (scores.groups >= 2) & (scores.bits >= scores.bar - slack) & scores.steady
        lenient = replace(scores, passes=fits)
        _, core, _ = settle(store, core, lenient)
        core, relabel = merge_clusters(store, core, core, lenient, evidence.apart)
        unit_core = _renamed(unit_core, relabel)
        if (core == before).all():
            break
    return core, unit_core


def _renamed(owner: Ints, relabel: Ints) -> Ints:
    """New core numbers of units; -1 for those of cores that dissolved before."""
    known = owner < len(relabel) - 1
    renamed: Ints = np.where(known, relabel[np.where(known, owner, -1)], -1)
    return renamed


def _standing(owner: Ints, cluster: Ints) -> Ints:
    """Core numbers of units; -1 for those of cores that no account is in."""
    standing: Ints = np.where(np.isin(owner, cluster), owner, -1)
    return standing


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
