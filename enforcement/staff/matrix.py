"""The one permission matrix. Everything that asks "may they?" asks here, handing over a plain scope."""

from dataclasses import dataclass
from enum import StrEnum

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.staff.roles import Role


class Permission(StrEnum):
    """One thing somebody may or may not do."""

    OVERVIEW_VIEW = "overview.view"
    ALERT_VIEW = "alert.view"
    ALERT_TRIAGE = "alert.triage"
    ACCOUNT_VIEW = "account.view"
    ORGANIZATION_VIEW = "organization.view"
    ORGANIZATION_EDIT = "organization.edit"
    CLUSTER_VIEW = "cluster.view"
    LINKING_RUN = "linking.run"
    CASE_VIEW = "case.view"
    CASE_OPEN = "case.open"
    CASE_WORK = "case.work"
    CASE_ASSIGN = "case.assign"
    CASE_ADVISE = "case.advise"
    CASE_SUBMIT = "case.submit"
    CASE_CLOSE = "case.close"
    EVIDENCE_VIEW = "evidence.view"
    EVIDENCE_ADD = "evidence.add"
    EVIDENCE_WITHDRAW = "evidence.withdraw"
    DECISION_VIEW = "decision.view"
    DECISION_APPROVE = "decision.approve"
    ACTION_VIEW = "action.view"
    ACTION_RUN = "action.run"
    PACKET_VIEW = "packet.view"
    PACKET_BUILD = "packet.build"
    POLICY_VIEW = "policy.view"
    POLICY_EDIT = "policy.edit"
    AUDIT_VIEW = "audit.view"
    IMPORT_VIEW = "import.view"
    IMPORT_CREATE = "import.create"
    SIGNAL_POST = "signal.post"
    DETECTOR_VIEW = "detector.view"
    DETECTOR_EDIT = "detector.edit"
    STAFF_VIEW = "staff.view"
    STAFF_EDIT = "staff.edit"
    SETTINGS_EDIT = "settings.edit"


P, R = Permission, Role
_READ = {
    P.OVERVIEW_VIEW, P.ALERT_VIEW, P.ACCOUNT_VIEW, P.ORGANIZATION_VIEW, P.CLUSTER_VIEW, P.CASE_VIEW, P.POLICY_VIEW,
    P.IMPORT_VIEW, P.DETECTOR_VIEW,
}  # fmt: skip
_RECORD = {P.EVIDENCE_VIEW, P.DECISION_VIEW, P.ACTION_VIEW, P.PACKET_VIEW}

MATRIX: dict[Role, frozenset[Permission]] = {
    R.TRIAGER: frozenset(_READ | {P.ALERT_TRIAGE, P.CASE_OPEN}),
    R.INVESTIGATOR: frozenset(
        _READ | _RECORD
        | {P.ALERT_TRIAGE, P.CASE_OPEN, P.CASE_WORK, P.CASE_SUBMIT, P.CASE_CLOSE, P.EVIDENCE_ADD, P.PACKET_BUILD,
           P.ORGANIZATION_EDIT, P.IMPORT_CREATE, P.LINKING_RUN}
    ),
    R.LEAD: frozenset(
        _READ | _RECORD
        | {P.ALERT_TRIAGE, P.CASE_OPEN, P.CASE_WORK, P.CASE_ASSIGN, P.CASE_SUBMIT, P.CASE_CLOSE, P.EVIDENCE_ADD,
           P.EVIDENCE_WITHDRAW, P.PACKET_BUILD, P.ORGANIZATION_EDIT, P.IMPORT_CREATE, P.LINKING_RUN, P.AUDIT_VIEW,
           P.STAFF_VIEW}
    ),
    R.REVIEWER: frozenset(_READ | _RECORD | {P.DECISION_APPROVE}),
    R.ENFORCER: frozenset(_READ | _RECORD | {P.ACTION_RUN}),
    R.APPEAL_REVIEWER: frozenset(_READ | _RECORD),
    R.LEGAL: frozenset(_READ | _RECORD | {P.CASE_ADVISE, P.PACKET_BUILD, P.AUDIT_VIEW}),
    R.AUDITOR: frozenset(_READ | _RECORD | {P.AUDIT_VIEW, P.STAFF_VIEW}),
    R.ADMINISTRATOR: frozenset(
        {P.OVERVIEW_VIEW, P.POLICY_VIEW, P.POLICY_EDIT, P.DETECTOR_VIEW, P.DETECTOR_EDIT, P.STAFF_VIEW, P.STAFF_EDIT,
         P.SETTINGS_EDIT, P.IMPORT_VIEW, P.IMPORT_CREATE, P.LINKING_RUN, P.AUDIT_VIEW}
    ),
    R.MACHINE: frozenset({P.SIGNAL_POST}),
}  # fmt: skip

# What a stored rule may do by itself. It neither decides a case nor submits one.
_BY_RULE = frozenset(
    {P.CASE_OPEN, P.LINKING_RUN, P.IMPORT_CREATE, P.SIGNAL_POST, P.ACTION_RUN, P.PACKET_BUILD, *_READ, *_RECORD}
)
# The system acts for tasks and for whoever runs commands on the machine: setting up as well, deciding never.
_BY_SYSTEM = _BY_RULE | {P.STAFF_VIEW, P.STAFF_EDIT, P.DETECTOR_EDIT, P.POLICY_EDIT, P.SETTINGS_EDIT, P.AUDIT_VIEW}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a permission is asked about: whether it is sealed, who is its team, which detector it belongs to."""

    sealed: bool = False
    team: frozenset[int] = frozenset()
    detector_id: int | None = None


def can(actor: Actor, permission: Permission, scope: Scope | None = None) -> bool:
    """Whether `actor` holds `permission` in `scope` (none: anywhere). The only place that decides."""
    scope = scope or Scope()
    if actor.kind in {"system", "rule"}:
        return permission in (_BY_SYSTEM if actor.kind == "system" else _BY_RULE)
    if not any(permission in MATRIX[Role(role)] for role in actor.roles):
        return False
    if actor.kind == "machine":
        return scope.detector_id is not None and scope.detector_id == actor.detector_id
    return not scope.sealed or actor.id in scope.team


def require(actor: Actor, permission: Permission, scope: Scope | None = None) -> None:
    """Raise `Refusal` (403) unless `can`."""
    if not can(actor, permission, scope):
        held = ", ".join(sorted(MATRIX_HOLDERS[permission])) or "nobody"
        raise Refusal(
            "staff.not_permitted",
            f"{actor.label} may not do this ({permission.value}). It takes one of these roles: {held}.",
            status=403,
        )


MATRIX_HOLDERS: dict[Permission, tuple[str, ...]] = {
    permission: tuple(role.label for role in Role if permission in MATRIX[role]) for permission in Permission
}
