"""The policy version pinned to a case, and the clauses its findings rely on, word for word."""

from django.db.models import Count

from enforcement.cases.models import Case, FindingBasis
from enforcement.packets.document import Clause, Policy, PolicyVersion
from enforcement.policies.models import Clause as ClauseRow
from enforcement.policies.models import PolicyVersion as VersionRow
from enforcement.signals.models import RuleVersion


def policy_of(case: Case) -> Policy:
    """All versions of the pinned policy, oldest first, and the clauses relied on (all of the version where none is yet)."""
    if case.policy_version is None:
        return Policy(versions=(), clauses=())
    versions = VersionRow.objects.filter(policy=case.policy_version.policy).order_by("in_force_from", "number")
    cited = FindingBasis.objects.filter(case=case).values("clause")
    clauses = ClauseRow.objects.filter(version=case.policy_version)
    relied = clauses.filter(pk__in=cited).order_by("position") or clauses.order_by("position")
    conduct = _conduct(case)
    return Policy(
        versions=tuple(
            PolicyVersion(
                name=version.policy.name,
                version=str(version.number),
                in_force_from=version.in_force_from,
                in_force_until=version.in_force_until,
                sha256=version.text_sha256,
                pinned=version.pk == case.policy_version_id,
            )
            for version in versions.select_related("policy")
        ),
        clauses=tuple(
            Clause(
                ref=clause.number,
                title=clause.heading,
                text=clause.text,
                conduct="; ".join(conduct.get(clause.pk, ())),
            )
            for clause in relied
        ),
    )


def _conduct(case: Case) -> dict[int, list[str]]:
    """By clause, the rules whose alerts its findings cite, as registered, with the subjects of each."""
    rows = (
        FindingBasis.objects.filter(case=case)
        .exclude(alert=None)
        .values_list("clause_id", "alert__detector_id", "alert__rule")
        .annotate(subjects=Count("subject", distinct=True))
        .order_by("clause_id", "-subjects", "alert__rule")
    )
    titles = {
        (detector, rule): title
        for detector, rule, title in RuleVersion.objects.order_by("registered_at").values_list(
            "detector_id", "rule", "title"
        )
    }
    found: dict[int, list[str]] = {}
    for clause, detector, rule, subjects in rows:
        words = titles.get((detector, rule)) or "Rule without a title"
        found.setdefault(clause, []).append(f"{words} ({rule}): {subjects:,}")
    extracts = (
        FindingBasis.objects.filter(case=case, alert=None)
        .values_list("clause_id")
        .annotate(subjects=Count("subject", distinct=True))
    )
    for clause, subjects in extracts.order_by("clause_id"):
        found.setdefault(clause, []).append(f"Own rows of an extract: {subjects:,}")
    return found
