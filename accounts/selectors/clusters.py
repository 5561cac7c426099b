"""Clusters: lists, one with what holds it together, members with their reasons, and explanations in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db.models import Avg, Count, Prefetch, Sum

from accounts.linking.explain import explain_basis
from accounts.models import (
    Account,
    Cluster,
    ClusterCore,
    ClusterCut,
    ClusterHub,
    ClusterRollup,
    DailyCount,
    Membership,
    MembershipBasis,
    Suggestion,
)
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.paging import Page, page_of
from enforcement.staff.matrix import Permission, require

CLUSTER_SORTS = {"-size": ("-size", "id"), "size": ("size", "id"), "-id": ("-id",)}
MEMBER_SORTS = {"bits": ("bits", "id"), "-bits": ("-bits", "id"), "account": ("account__platform_id",)}


@dataclass(frozen=True)
class KindRow:
    """One kind of identifier in a cluster: distinct values, members that share one, mean bits."""

    kind: str
    distinct: int
    accounts: int
    bits: float


@dataclass(frozen=True)
class ClusterView:
    """Everything the cluster page shows. `daily` is (day, exchanges), oldest first; `hubs` largest first."""

    cluster: Cluster
    rollup: ClusterRollup | None
    kinds: Sequence[KindRow]
    hubs: Sequence[ClusterHub]
    cores: Sequence[ClusterCore]
    cuts: Sequence[ClusterCut]
    suggestions: Sequence[Suggestion]
    daily: Sequence[tuple[date, int]]
    core_members: int


def list_clusters(
    viewer: Actor, *, state: str = "active", q: str = "", sort: str = "-size", cursor: str = ""
) -> Page[Cluster]:
    """One page of clusters, each with its roll-up and the organization that its accounts point to."""
    require(viewer, Permission.CLUSTER_VIEW)
    if sort not in CLUSTER_SORTS:
        raise Refusal("clusters.sort", f"Sort by one of {', '.join(CLUSTER_SORTS)}.", field="sort", status=400)
    found = Cluster.objects.select_related("rollup", "points_to")
    if state:
        found = found.filter(state=state)
    if q:
        found = found.filter(ref__startswith=q.strip().upper())
    return page_of(found, order=CLUSTER_SORTS[sort], cursor=cursor)


def get_cluster(viewer: Actor, *, ref: str) -> ClusterView:
    """One cluster by its ref. Raises `Refusal` (404)."""
    cluster = _cluster(viewer, ref)
    daily = (
        DailyCount.objects.filter(account__memberships__cluster=cluster, account__memberships__left_run=None)
        .values("day")
        .annotate(total=Sum("exchanges"))
        .order_by("day")
    )
    return ClusterView(
        cluster=cluster,
        rollup=ClusterRollup.objects.filter(cluster=cluster).first(),
        kinds=_kinds(cluster),
        hubs=list(cluster.hubs.select_related("identifier").order_by("-members", "identifier_id")[:400]),
        cores=list(cluster.cores.prefetch_related("identifiers").order_by("-observed", "id")[:50]),
        cuts=list(cluster.cuts.select_related("account", "identifier").order_by("-id")[:20]),
        suggestions=_suggestions(cluster),
        daily=[(row["day"], row["total"]) for row in daily],
        core_members=Membership.objects.filter(cluster=cluster, left_run=None, role="core").count(),
    )


def list_members(
    viewer: Actor, *, ref: str, role: str | None = None, q: str = "", sort: str = "bits", cursor: str = ""
) -> Page[Membership]:
    """One page of a cluster's members, the weakest first, each with its three strongest reasons in `strongest`."""
    cluster = _cluster(viewer, ref)
    if sort not in MEMBER_SORTS:
        raise Refusal("members.sort", f"Sort by one of {', '.join(MEMBER_SORTS)}.", field="sort", status=400)
    strongest = MembershipBasis.objects.select_related("identifier").order_by("-bits", "id")
    found = (
        Membership.objects.filter(cluster=cluster, left_run=None)
        .select_related("account", "account__declared_organization")
        .prefetch_related(Prefetch("basis", queryset=strongest, to_attr="strongest"))
    )
    if role:
        found = found.filter(role=role)
    if q:
        found = found.filter(account__platform_id__startswith=q.strip())
    return page_of(found, order=MEMBER_SORTS[sort], cursor=cursor)


EXPORT_COLUMNS = (
    "account",
    "part",
    "bits",
    "bar_bits",
    "days_matched",
    "days_active",
    "status",
    "exchanges",
    "declared",
)


def members_for_export(viewer: Actor, *, ref: str) -> Iterator[tuple[object, ...]]:
    """EXPORT_COLUMNS, then every member of a cluster by platform id; read in pieces. Raises `Refusal` (404)."""
    cluster = _cluster(viewer, ref)
    rows = (
        Membership.objects.filter(cluster=cluster, left_run=None)
        .order_by("account__platform_id")
        .values_list(
            "account__platform_id",
            "role",
            "bits",
            "bar_bits",
            "days_matched",
            "days_active",
            "account__status",
            "account__exchanges",
            "account__declared_organization__name",
        )
    )
    return chain([EXPORT_COLUMNS], rows.iterator(chunk_size=2000))


def explain_member(viewer: Actor, *, ref: str, platform_id: str) -> list[str]:
    """Why an account is in a cluster: one sentence a reason, the strongest first. Raises `Refusal` (404)."""
    cluster = _cluster(viewer, ref)
    member = Membership.objects.filter(cluster=cluster, left_run=None, account__platform_id=platform_id).first()
    if member is None:
        raise not_found("member", platform_id)
    return sentences(member, member.basis.select_related("identifier").order_by("-bits", "id")[:20])


def sentences(member: Membership, basis: Iterable[MembershipBasis]) -> list[str]:
    """The reasons of a membership in words, for pages and packets."""
    if member.role == "person":
        return ["A person confirmed this membership."]
    return [
        explain_basis(
            kind=row.identifier.kind,
            value=row.identifier.value,
            members=row.cluster_holders,
            holders=row.holders,
            expected=row.expected,
            days=row.days,
            first_day=row.first_day,
            last_day=row.last_day,
            bits=row.bits,
            told=row.told,
        )
        for row in basis
    ]


def explain_cluster(viewer: Actor, *, ref: str) -> list[str]:
    """What a cluster grew from, in words: each core observed against honest coincidence, the largest first."""
    cluster = _cluster(viewer, ref)
    found = []
    for core in cluster.cores.prefetch_related("identifiers").order_by("-observed", "id")[:20]:
        parts = " with ".join(f"{identifier.kind} {identifier.value}" for identifier in core.identifiers.all())
        found.append(
            f"{core.observed:,} accounts were seen with {parts} on the same days; honest coincidence would give "
            f"{core.expected:.2g}. That is {core.surprise_bits:.1f} bits of surprise; {core.bar_bits:.1f} were needed."
        )
    return found


def _cluster(viewer: Actor, ref: str) -> Cluster:
    require(viewer, Permission.CLUSTER_VIEW)
    cluster = (
        Cluster.objects.select_related("points_to", "last_run__method", "last_run__reference").filter(ref=ref).first()
    )
    if cluster is None:
        raise not_found("cluster", ref)
    return cluster


def _suggestions(cluster: Cluster) -> list[Suggestion]:
    """The strongest twenty; each names its first account as `first_account`."""
    found = list(cluster.suggestions.select_related("other").order_by("-bits", "id")[:20])
    names = dict(
        Account.objects.filter(pk__in=[row.sample[0] for row in found if row.sample]).values_list("id", "platform_id")
    )
    for row in found:
        row.first_account = names.get(row.sample[0], "") if row.sample else ""  # type: ignore[attr-defined]
    return found


def _kinds(cluster: Cluster) -> list[KindRow]:
    rows = (
        MembershipBasis.objects.filter(membership__cluster=cluster, membership__left_run=None)
        .values("identifier__kind")
        .annotate(
            distinct=Count("identifier", distinct=True),
            accounts=Count("membership", distinct=True),
            mean_bits=Avg("bits"),
        )
        .order_by("-mean_bits")
    )
    return [KindRow(row["identifier__kind"], row["distinct"], row["accounts"], row["mean_bits"]) for row in rows]
