"""The policy version pinned to a case, and the clauses its findings rely on, word for word."""

from enforcement.cases.models import Case, FindingBasis
from enforcement.packets.document import Clause, Policy, PolicyVersion
from enforcement.policies.models import Clause as ClauseRow
from enforcement.policies.models import PolicyVersion as VersionRow


def policy_of(case: Case) -> Policy:
    """All versions of the pinned policy, oldest first, and the clauses relied on (all of the version where none is yet)."""
    if case.policy_version is None:
        return Policy(versions=(), clauses=())
    versions = VersionRow.objects.filter(policy=case.policy_version.policy).order_by("in_force_from", "number")
    cited = FindingBasis.objects.filter(case=case).values("clause")
    clauses = ClauseRow.objects.filter(version=case.policy_version)
    relied = clauses.filter(pk__in=cited).order_by("position") or clauses.order_by("position")
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
                conduct=", ".join(
                    str(name).replace("-", " ").replace("_", " ") for name in clause.conduct
                ).capitalize(),
            )
            for clause in relied
        ),
    )
