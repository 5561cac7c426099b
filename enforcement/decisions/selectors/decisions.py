"""Decisions as a queue, and as the page of the person who decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Count, Q, Sum
from django.db.models.expressions import RawSQL
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.paging import Page, page_of
from enforcement.cases.access import find_case, require_in, scope_of
from enforcement.cases.models import Case
from enforcement.cases.selectors.cases import visible_cases
from enforcement.decisions.models import Approval, Decision, Target
from enforcement.decisions.selectors.differences import Difference, differences
from enforcement.decisions.services.approving import why_not_decide
from enforcement.decisions.snapshots import read_snapshot, recompute_digest
from enforcement.policies.models import ApprovalRule
from enforcement.staff.matrix import Permission, can, require

SAMPLE_SIZE = 60


@dataclass(frozen=True, slots=True)
class Impact:
    """What the action would fall on: targets not dropped, and what is known of their accounts."""

    accounts: int
    active: int
    active_last_day: int
    organizations_declared: int
    exchanges: int
    other_content_terms: int


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A round with all that its page shows.

    `unchanged` is whether the rows still give the digest (none for a draft), computed at `recomputed_at`. `covers`
    counts
    what was frozen: targets, findings, evidence, clauses, attributions; `left_out` findings that no action falls on.
    `sample` are up to 60 targets drawn by the digest, the same for everybody. `why_not` is a sentence when the
    viewer may not decide. `before` is the round it is compared with.
    """

    decision: Decision
    unchanged: bool | None
    recomputed_at: datetime
    covers: dict[str, int]
    left_out: dict[str, int]
    before: Decision | None
    differences: list[Difference]
    impact: Impact
    sample: list[Target]
    dropped: int
    approvals: list[Approval]
    rules: list[ApprovalRule]
    may_approve: bool
    why_not: str
    may_withdraw: bool


def list_decisions(viewer: Actor, *, state: str = "", cursor: str = "", size: int = 50) -> Page[Decision]:
    """Decisions of cases that the viewer may see, newest first; `state` narrows ("submitted": waiting). Two queries."""
    require(viewer, Permission.DECISION_VIEW)
    rows = Decision.objects.filter(case__in=visible_cases(viewer)).select_related(
        "case", "proposer", "policy_version__policy"
    )
    if state:
        rows = rows.filter(state=state)
    return page_of(rows.annotate(approvals_given=Count("approvals")), order=["-id"], cursor=cursor, size=size)


def find_decision(viewer: Actor, *, case_ref: str, round: int) -> Decision:  # noqa: A002  (its name in every address)
    """One round of a case. Raises `Refusal` 403, 404."""
    require(viewer, Permission.DECISION_VIEW)
    case = find_case(viewer, ref=case_ref)
    rows = Decision.objects.select_related("case", "proposer", "policy_version__policy", "snapshot", "ended_reason")
    found = rows.filter(case=case, round=round).first()
    if found is None:
        raise not_found("decision", f"{case_ref} round {round}")
    return found


def rounds_of(viewer: Actor, *, case: Case) -> list[Decision]:
    """Every round of a case, oldest first."""
    require_in(viewer, Permission.DECISION_VIEW, case)
    rows = Decision.objects.filter(case=case).select_related("proposer", "ended_reason").order_by("round")
    return list(rows.prefetch_related("approvals__person"))


def get_decision(viewer: Actor, *, case_ref: str, round: int) -> DecisionView:  # noqa: A002  (its name in every address)
    """One round as its page shows it; the digest is computed again. Raises `Refusal` 403, 404."""
    decision = find_decision(viewer, case_ref=case_ref, round=round)
    frozen = read_snapshot(decision) if decision.snapshot_id else None
    before = _round_before(decision)
    findings = [row["finding"] for row in frozen["findings"]] if frozen else []
    refusal = why_not_decide(viewer, decision=decision)
    holds = can(viewer, Permission.DECISION_APPROVE, scope_of(decision.case))
    standing = Target.objects.filter(decision=decision, dropped_at=None)
    return DecisionView(
        decision=decision,
        unchanged=recompute_digest(decision)[1] if frozen else None,
        recomputed_at=timezone.now(),
        covers={name: len(frozen[name]) for name in ("targets", "findings", "evidence", "clauses", "attributions")}
        if frozen else {},
        left_out={name: findings.count(name) for name in ("unclear", "not_violating")},
        before=before,
        differences=differences(read_snapshot(before), frozen) if before is not None and frozen else [],
        impact=_impact(decision),
        sample=_sample(decision),
        dropped=decision.targets_count - standing.count() if frozen else 0,
        approvals=list(decision.approvals.select_related("person").order_by("id")),
        rules=list(decision.rules.order_by("targets_at_least", "name")),
        may_approve=holds and refusal is None,
        why_not=_why_not(refusal, holds=holds),
        may_withdraw=decision.state in {"draft", "submitted"}
        and can(viewer, Permission.CASE_SUBMIT, scope_of(decision.case)),
    )  # fmt: skip


def _why_not(refusal: Refusal | None, *, holds: bool) -> str:
    if not holds:
        return "Deciding takes the role of a reviewer."
    return refusal.message if refusal is not None else ""


def _round_before(decision: Decision) -> Decision | None:
    earlier = Decision.objects.filter(case_id=decision.case_id, round__lt=decision.round).exclude(snapshot=None)
    return earlier.select_related("snapshot").order_by("-round").first()


def _impact(decision: Decision) -> Impact:
    recent = timezone.now() - timedelta(days=1)
    found = Target.objects.filter(decision=decision, dropped_at=None).aggregate(
        accounts=Count("id"),
        active=Count("id", filter=Q(account__status="active")),
        active_last_day=Count("id", filter=Q(account__last_seen_at__gte=recent)),
        organizations_declared=Count("account__declared_organization", distinct=True),
        exchanges=Sum("account__exchanges", default=0),
        other_content_terms=Count("id", filter=~Q(account__content_terms="standard")),
    )
    return Impact(**found)


def _sample(decision: Decision) -> list[Target]:
    """Drawn by the digest.

    Those whose SHA-256 of digest and account is smallest, so that anybody can draw them again.
    """
    if not decision.digest:
        return []
    drawn = RawSQL("sha256(convert_to(%s || accounts_account.platform_id, 'UTF8'))", [decision.digest])
    rows = Target.objects.filter(decision=decision).select_related("account", "subject", "subject__cluster")
    rows = rows.prefetch_related("subject__basis__clause", "subject__basis__alert__detector")
    return list(rows.annotate(drawn=drawn).order_by("drawn", "id")[:SAMPLE_SIZE])


def list_targets(
    viewer: Actor, *, decision: Decision, q: str = "", dropped: bool | None = None, cursor: str = "", size: int = 50
) -> Page[Target]:
    """Targets in the order they were frozen; rows carry account and subject."""
    require_in(viewer, Permission.DECISION_VIEW, decision.case)
    rows = Target.objects.filter(decision=decision).select_related("account", "subject")
    if q.strip():
        rows = rows.filter(account__platform_id__icontains=q.strip())
    if dropped is not None:
        rows = rows.filter(dropped_at__isnull=not dropped)
    return page_of(rows, order=["id"], cursor=cursor, size=size)


def snapshot_file(viewer: Actor, *, decision: Decision) -> File[bytes]:
    """What was frozen, byte for byte, to download. Raises `Refusal` for a draft."""
    require_in(viewer, Permission.DECISION_VIEW, decision.case)
    if decision.snapshot is None:
        raise Refusal("decision.draft", "A draft froze nothing yet. Submit it first.")
    opened: File[bytes] = default_storage.open(decision.snapshot.path)
    return opened
