"""How good clusters are, against a truth that nothing else reads. Pure: membership and truth in, figures out.

B-cubed: Bagga and Baldwin, Algorithms for scoring coreference chains (1998); per account, so that one large cluster
does not drown the small ones as it does pairwise. An account's class is its ring, else its organization (an honest
company is a ring of its own), else itself alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Ring sizes that recall is averaged over: first and last size of each band.
BANDS: tuple[tuple[int, int | None], ...] = ((5, 19), (20, 199), (200, None))
#: Clusters from this size on count for the worst purity.
_PURITY_SIZE = 10


@dataclass(frozen=True, slots=True)
class Truth:
    """What one account truly is. ring: of abuse, or None. organization: or None. benign: honest."""

    ring: str | None
    organization: str | None
    benign: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one run; shares in 0..1, None where nothing was there to measure.

    bcubed_precision: over clustered accounts. bcubed_recall: over accounts of a ring; one in no cluster counts as alone.
    pairwise_*: over pairs, of rings for recall. worst_purity: lowest share of the commonest class in a cluster of ten or
    more. mixed_clusters: clusters with accounts of a ring and honest ones; honest_in_mixed: the honest ones in them.
    honest_in_rings: honest accounts in clusters that are mostly of one ring. rings_merged: rings beyond the first with
    two or more accounts in a cluster of another. home_recall: mean over rings of the share of a ring's accounts
    in the cluster that holds most of them; home_recall_by_band: the same by size of ring. campaign_recall: home recall
    of the largest ring. honest_subjects: honest accounts among the subjects of cases. failed: nothing was clustered.
    """

    accounts: int
    clustered: int
    clusters: int
    bcubed_precision: float | None
    bcubed_recall: float | None
    pairwise_precision: float | None
    pairwise_recall: float | None
    worst_purity: float | None
    mixed_clusters: int
    honest_in_mixed: int
    honest_in_rings: int
    rings: int
    rings_merged: int
    home_recall: float | None
    home_recall_by_band: dict[str, float | None]
    campaign_recall: float | None
    honest_subjects: int
    failed: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def evaluate(membership: Mapping[int, int], truth: Mapping[int, Truth], subjects: Iterable[int] = ()) -> Evaluation:
    """Figures for `membership` (account -> cluster) against `truth`; `subjects`: accounts in cases.

    Accounts that the truth does not name are honest and alone. Raises ValueError where the truth is empty.
    """
    if not truth:
        raise ValueError("the truth names no account")
    classes = {account: class_of(account, truth) for account in {*truth, *membership}}
    cells = Counter((cluster, classes[account]) for account, cluster in membership.items())
    sizes = Counter(membership.values())
    rings = Counter(row.ring for row in truth.values() if row.ring)
    homes = _homes(membership, truth)
    recalls = {ring: homes.get(ring, 0) / count for ring, count in rings.items()}
    mixed, honest_mixed, honest_rings = _mixed(membership, truth)
    same = sum(_pairs(count) for count in cells.values())
    of_rings = sum(_pairs(count) for (_, kind), count in cells.items() if kind.startswith("ring:"))
    return Evaluation(
        accounts=len(truth),
        clustered=len(membership),
        clusters=len(sizes),
        bcubed_precision=_ratio(sum(c * c / sizes[cluster] for (cluster, _), c in cells.items()), len(membership)),
        bcubed_recall=_ratio(_ring_recall(cells, rings, membership, truth), sum(rings.values())),
        pairwise_precision=_ratio(same, sum(_pairs(size) for size in sizes.values())),
        pairwise_recall=_ratio(of_rings, sum(_pairs(count) for count in rings.values())),
        worst_purity=_worst(cells, sizes),
        mixed_clusters=mixed,
        honest_in_mixed=honest_mixed,
        honest_in_rings=honest_rings,
        rings=len(rings),
        rings_merged=_merged(membership, truth),
        home_recall=_ratio(sum(recalls.values()), len(recalls)),
        home_recall_by_band={_band_name(band): _band(recalls, rings, band) for band in BANDS},
        campaign_recall=recalls[max(sorted(rings), key=lambda ring: rings[ring])] if rings else None,
        honest_subjects=sum(1 for account in set(subjects) if account not in truth or truth[account].benign),
        failed=not membership,
    )


def class_of(account: int, truth: Mapping[int, Truth]) -> str:
    """The class of an account: ring, else organization, else the account itself."""
    row = truth.get(account)
    if row is not None and row.ring:
        return f"ring:{row.ring}"
    if row is not None and row.organization:
        return f"organization:{row.organization}"
    return f"account:{account}"


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def _ring_recall(
    cells: Counter[tuple[int, str]],
    rings: Counter[str],
    membership: Mapping[int, int],
    truth: Mapping[int, Truth],
) -> float:
    """Sum of B-cubed recall over the accounts of rings."""
    inside = sum(c * c / rings[kind[5:]] for (_, kind), c in cells.items() if kind.startswith("ring:"))
    alone = sum(1 / rings[row.ring] for account, row in truth.items() if row.ring and account not in membership)
    return inside + alone


def _homes(membership: Mapping[int, int], truth: Mapping[int, Truth]) -> dict[str, int]:
    """For each ring: its accounts in the cluster that holds most of them."""
    held = Counter((row.ring, membership[a]) for a, row in truth.items() if row.ring and a in membership)
    best: dict[str, int] = defaultdict(int)
    for (ring, _), count in held.items():
        best[str(ring)] = max(best[str(ring)], count)
    return dict(best)


def _mixed(membership: Mapping[int, int], truth: Mapping[int, Truth]) -> tuple[int, int, int]:
    """(clusters with accounts of a ring and honest ones, honest accounts in them, those among a ring's majority)."""
    guilty: Counter[int] = Counter()
    honest: Counter[int] = Counter()
    for account, cluster in membership.items():
        row = truth.get(account)
        (guilty if row is not None and not row.benign else honest)[cluster] += 1
    mixed = [cluster for cluster in honest if guilty[cluster]]
    in_rings = sum(honest[cluster] for cluster in mixed if guilty[cluster] > honest[cluster])
    return len(mixed), sum(honest[cluster] for cluster in mixed), in_rings


def _merged(membership: Mapping[int, int], truth: Mapping[int, Truth]) -> int:
    """Rings beyond the first that share a cluster, by two accounts or more each."""
    found = Counter((cluster, truth[a].ring) for a, cluster in membership.items() if a in truth and truth[a].ring)
    rings = Counter(cluster for (cluster, _), count in found.items() if count >= 2)
    return sum(count - 1 for count in rings.values())


def _worst(cells: Counter[tuple[int, str]], sizes: Counter[int]) -> float | None:
    best: dict[int, int] = defaultdict(int)
    for (cluster, _), count in cells.items():
        best[cluster] = max(best[cluster], count)
    purities = [best[cluster] / size for cluster, size in sizes.items() if size >= _PURITY_SIZE]
    return min(purities) if purities else None


def _band(recalls: Mapping[str, float], rings: Counter[str], band: tuple[int, int | None]) -> float | None:
    low, high = band
    inside = [recalls[ring] for ring, size in rings.items() if size >= low and (high is None or size <= high)]
    return sum(inside) / len(inside) if inside else None


def _band_name(band: tuple[int, int | None]) -> str:
    return f"{band[0]}+" if band[1] is None else f"{band[0]}-{band[1]}"
