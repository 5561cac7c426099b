"""Reading terms, reasons and rules."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.policies.models import ApprovalRule, NoticeText, Policy, PolicyVersion, Reason
from enforcement.staff.matrix import Permission, require


@dataclass(frozen=True, slots=True)
class RulesAsked:
    """The approval rules that a proposal meets: how many people in all, by role, and for how many hours it stands."""

    rules: tuple[ApprovalRule, ...]
    by_role: dict[str, int]
    lapses_after_hours: int

    @property
    def approvals_needed(self) -> int:
        """People in all, of every role asked for."""
        return sum(self.by_role.values())


def list_policies(viewer: Actor) -> list[Policy]:
    """Every policy with its versions, newest first, and their clauses."""
    require(viewer, Permission.POLICY_VIEW)
    versions = PolicyVersion.objects.order_by("-number").prefetch_related("clauses")
    return list(Policy.objects.order_by("name").prefetch_related(Prefetch("versions", queryset=versions)))


def get_version(viewer: Actor, *, slug: str, number: int) -> PolicyVersion:
    """One published version with its clauses. Raises `Refusal` 404."""
    require(viewer, Permission.POLICY_VIEW)
    found = (
        PolicyVersion.objects.select_related("policy")
        .prefetch_related("clauses")
        .filter(policy__slug=slug, number=number)
        .first()
    )
    if found is None:
        raise not_found("policy version", f"{slug} {number}")
    return found


def version_in_force(*, policy: Policy, on: date) -> PolicyVersion | None:
    """The version of `policy` in force on a UTC day, if any."""
    ends = Q(in_force_until=None) | Q(in_force_until__gte=on)
    return policy.versions.filter(ends, in_force_from__lte=on).order_by("-number").first()


def reasons(*, use: str) -> list[Reason]:
    """The reasons people may choose for one use: dismissal, return, refusal, closing, void."""
    return list(Reason.objects.filter(use=use, active=True))


def reason(*, use: str, code: str) -> Reason:
    """One active reason. Raises `Refusal` (422, field reason) naming the codes that exist."""
    known = {row.code: row for row in reasons(use=use)}
    if code not in known:
        raise Refusal(
            "reason.unknown",
            f"“{code}” is no reason for a {use}. Choose one of: {', '.join(sorted(known))}.",
            field="reason",
            status=422,
        )
    return known[code]


def rules_for(*, targets: int) -> RulesAsked:
    """The active approval rules that a proposal with `targets` targets meets; one reviewer when no rule says anything.

    Of the rules for one role the one asking for most people counts; rules for different roles add up.
    """
    rules = tuple(ApprovalRule.objects.filter(active=True, targets_at_least__lte=max(targets, 1)))
    by_role: dict[str, int] = {}
    for rule in rules:
        by_role[rule.role] = max(by_role.get(rule.role, 0), rule.approvers)
    hours = min((rule.lapses_after_hours for rule in rules), default=168)
    return RulesAsked(rules=rules, by_role=by_role or {"reviewer": 1}, lapses_after_hours=hours)


def newest_notice_texts(viewer: Actor) -> dict[str, NoticeText]:
    """By kind of action, the text that its holders would be told now."""
    require(viewer, Permission.POLICY_VIEW)
    rows = NoticeText.objects.order_by("action_kind", "-version").distinct("action_kind")
    return {row.action_kind: row for row in rows}


def list_rules(viewer: Actor) -> list[ApprovalRule]:
    """The active approval rules, by how many targets they ask for."""
    require(viewer, Permission.POLICY_VIEW)
    return list(ApprovalRule.objects.filter(active=True))
