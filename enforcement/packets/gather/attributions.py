"""Organizations as they stand in a case, and what else could explain it."""

from django.db.models import F, Max

from accounts.models import ClusterCore, ClusterHub, Membership
from enforcement.cases.models import Attribution as AttributionRow
from enforcement.cases.models import Case
from enforcement.packets.document_records import Alternative, Attribution
from enforcement.packets.gather.exhibits import exhibit_ref


def attributions_of(case: Case) -> tuple[Attribution, ...]:
    """Standing attributions, the surest first, each with the exhibits it rests on."""
    order = {"high": 0, "moderate": 1, "low": 2}
    rows = AttributionRow.objects.filter(case=case, withdrawn_at=None).select_related("organization__parent", "set_by")
    return tuple(
        Attribution(
            organization=row.organization.name,
            parent=row.organization.parent.name if row.organization.parent else "",
            role=row.get_role_display().lower(),
            confidence=row.confidence,
            basis=row.why,
            exhibits=tuple(
                exhibit_ref(basis.item.exhibit_number)
                for basis in row.basis.select_related("item").order_by("item__exhibit_number")
                if basis.item.exhibit_number and basis.item.withdrawn_at is None
            ),
            suggested_by_rule=row.suggested,
            agreed="",
        )
        for row in sorted(rows, key=lambda row: (order[row.confidence], row.pk))
    )


def alternatives_of(case: Case) -> tuple[Alternative, ...]:
    """The two explanations that linkage itself puts forward, chance and a shared network, each with the case's figures."""
    clusters = list(case.case_clusters.values_list("cluster_id", flat=True))
    if not clusters:
        return ()
    return (_by_chance(clusters), _by_network(case, clusters))


def _by_chance(clusters: list[int]) -> Alternative:
    members = Membership.objects.filter(cluster_id__in=clusters, left_run=None)
    strangers = members.aggregate(most=Max("expected_strangers"))["most"] or 0.0
    cores = ClusterCore.objects.filter(cluster_id__in=clusters)
    passed = cores.filter(told=True, surprise_bits__gte=F("bar_bits")).count()
    untold = cores.filter(told=False).count()
    against = f"{passed:,} of {cores.count():,} cores passed their bar against counts for everybody"
    if untold:
        against += f"; {untold:,} rest on holders among the accounts known here alone"
    joined = members.filter(role="joined").count()
    return Alternative(
        explanation="The accounts coincide by chance",
        speaks_for=f"{joined:,} of {members.count():,} members are outside the cores; up to {strangers:.2g} strangers "
        "were expected to match as well as one of them",
        speaks_against=against,
        outcome="Contradicted for the cores; a single member may be a coincidence"
        if passed and not untold
        else "Not settled by the counts",
    )


def _by_network(case: Case, clusters: list[int]) -> Alternative:
    ranges = ClusterHub.objects.filter(cluster_id__in=clusters, identifier__kind="subnet")
    shared = ranges.filter(others__gt=0).count()
    most = ranges.aggregate(most=Max("others"))["most"] or 0
    carved = case.subjects.filter(carved_out=True).count()
    violating = case.subjects.filter(finding="violating")
    own = violating.filter(basis__isnull=False).distinct().count()
    words = "1 subject was" if carved == 1 else f"{carved:,} subjects were"
    return Alternative(
        explanation="Unrelated customers behind one network, office or reseller",
        speaks_for=f"{shared:,} of {ranges.count():,} shared ranges were also used by accounts outside the cluster, "
        f"one of them by {most:,}",
        speaks_against=f"By the method a range alone links nobody; {own:,} of {violating.count():,} findings of "
        "violating name conduct of that account itself",
        outcome=f"{words} carved out as bystanders" if carved else "No subject was carved out as a bystander",
    )
