"""Opening a case: by a stored rule on a cluster, or by a person; and taking in what arrived since."""

from collections.abc import Sequence

from django.db import models, transaction
from django.utils import timezone

from accounts.models import Cluster
from enforcement.alerts.models import Alert
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.refs import yearly_ref
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, lock_refs, person_of, require_in
from enforcement.cases.blockers import set_blocker
from enforcement.cases.grouping import Grouped, take_in_accounts_of, take_in_cluster
from enforcement.cases.measures import measures_of
from enforcement.cases.models import Case, CaseCluster, Threshold
from enforcement.cases.services.attributions import suggest_attribution
from enforcement.cases.services.settling import settle
from enforcement.cases.states import WORKABLE
from enforcement.cases.words import why_opened
from enforcement.policies.models import PolicyVersion
from enforcement.staff.matrix import Permission, require

TITLE_LENGTH = 200


def new_ref() -> str:
    """The next C-YEAR-NNNN, held until the transaction ends."""
    lock_refs("case")
    return yearly_ref(Case, prefix="C", year=timezone.now().year)


@transaction.atomic
def open_case_for_cluster(actor: Actor, *, threshold: Threshold, cluster: Cluster) -> Case:
    """Open a case on `cluster` because its roll-up crossed `threshold`: accounts, alerts, and a suggested organization.

    Raises `Refusal`: the cluster rests on untold denominators (it may suggest, never open a case).
    """
    require(actor, Permission.CASE_OPEN)
    if not cluster.told:
        raise Refusal(
            "case.untold",
            f"{cluster.ref} rests on denominators that nobody told us, so no rule opens a case on it. Import reference "
            "counts, or let a person open one.",
        )
    measures = measures_of(cluster.rollup)
    case = Case.objects.create(
        ref=new_ref(),
        # Never the organization that accounts declared: it proves nothing, and a title is read first.
        title=f"{threshold.name}: {cluster.name or cluster.ref}"[:TITLE_LENGTH],
        severity=threshold.severity,
        why_opened=why_opened(threshold=threshold, cluster=cluster, measures=measures),
        opened_by_rule=threshold,
        policy_version=threshold.policy_version,
        is_demo=_is_demo(cluster),
    )
    CaseCluster.objects.create(case=case, cluster=cluster)
    grouped = take_in_cluster(case, cluster=cluster)
    if cluster.points_to is not None:
        suggest_attribution(actor, case=case, cluster=cluster)
    _begin(
        actor,
        case,
        grouped,
        {"threshold": threshold.pk, "threshold_version": threshold.version, "cluster": cluster.ref},
    )
    return case


def _is_demo(cluster: Cluster) -> bool:
    """Whether every alert of the cluster's members came from a demo detector.

    Such a case is removable with the demo.
    """
    flags = set(
        Alert.objects.filter(account__memberships__cluster=cluster, account__memberships__left_run=None)
        .values_list("detector__is_demo", flat=True)
        .distinct()
    )
    return flags == {True}


@transaction.atomic
def open_case(
    actor: Actor,
    *,
    title: str,
    why: str,
    alerts: Sequence[Alert] = (),
    cluster: Cluster | None = None,
    policy_version: PolicyVersion | None = None,
    severity: int = 4,
) -> Case:
    """Open a case by hand, on alerts, a cluster, or neither.

    Raises `Refusal` 422 without a title or a reason, 409 when an open case is about that cluster already.
    """
    require(actor, Permission.CASE_OPEN)
    person = person_of(actor)
    if not title.strip():
        raise Refusal("case.title", "A case needs a title. Write one.", field="title", status=422)
    if not why.strip():
        raise Refusal("case.why", "Say why the case is opened.", field="why", status=422)
    if cluster is not None:
        lock_refs(f"cluster.{cluster.pk}")
        open_one = open_case_on(cluster)
        if open_one is not None:
            raise Refusal("case.open_already", f"{open_one.ref} is about {cluster.ref} already. Work in that one.")
    case = Case.objects.create(
        ref=new_ref(),
        title=title.strip()[:TITLE_LENGTH],
        why_opened=why.strip(),
        opened_by_id=person,
        policy_version=policy_version,
        severity=severity,
    )
    grouped = Grouped(subjects=0, alerts=0)
    if cluster is not None:
        CaseCluster.objects.create(case=case, cluster=cluster)
        grouped = take_in_cluster(case, cluster=cluster)
    if alerts:
        more = take_in_accounts_of(case, alert_ids=[alert.pk for alert in alerts])
        grouped = Grouped(subjects=grouped.subjects + more.subjects, alerts=grouped.alerts + more.alerts)
    _begin(actor, case, grouped, {"cluster": cluster.ref if cluster else None})
    return case


def _begin(actor: Actor, case: Case, grouped: Grouped, data: dict[str, object]) -> None:
    """A new case lacks evidence until the evidence stage says otherwise."""
    set_blocker(case, transition="submit", source="evidence", code="evidence.none", count=1)
    record_event(
        actor=actor,
        verb="cases.opened",
        target=case,
        case_id=case.pk,
        reason=case.why_opened,
        data={"subjects": grouped.subjects, "alerts": grouped.alerts, **data},
    )
    settle(case)


def open_case_on(cluster: Cluster) -> Case | None:
    """The case about `cluster`, or about one that merged into it, that is neither closed nor merged; the oldest."""
    return _cases_on(cluster).exclude(state__in=("closed", "merged")).order_by("id").first()


def any_case_on(cluster: Cluster) -> Case | None:
    """The newest case about `cluster` or one that merged into it, closed ones included."""
    return _cases_on(cluster).exclude(state="merged").order_by("-id").first()


def _cases_on(cluster: Cluster) -> models.QuerySet[Case]:
    earlier = cluster.aliases.filter(kind="merge").values_list("was_id", flat=True)
    return Case.objects.filter(case_clusters__cluster_id__in=[cluster.pk, *earlier]).distinct()


@transaction.atomic
def take_in_arrivals(actor: Actor, *, case: Case) -> Grouped:
    """Take into a workable case the members and alerts that its clusters gained since. Nothing when it is not workable.

    In review and later, what arrives is a suggestion: the selectors count it, and nobody is added.
    """
    if actor.kind == "person":
        require_in(actor, Permission.CASE_WORK, case)
    else:
        require(actor, Permission.CASE_OPEN)
    row = lock_case(case)
    if row.state not in WORKABLE:
        return Grouped(subjects=0, alerts=0)
    parts = [
        take_in_cluster(row, cluster=link.cluster)
        for link in row.case_clusters.select_related("cluster").order_by("id")
        if link.cluster.told
    ]
    total = Grouped(subjects=sum(part.subjects for part in parts), alerts=sum(part.alerts for part in parts))
    if total.subjects or total.alerts:
        record_event(
            actor=actor,
            verb="cases.arrivals_taken_in",
            target=row,
            case_id=row.pk,
            data={"subjects": total.subjects, "alerts": total.alerts},
        )
        settle(case)
    return total
