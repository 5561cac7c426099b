"""Organizations in a case: what a rule may suggest, and taking one back.

Establishing one takes exhibits: see evidence.
"""

from django.db import transaction
from django.utils import timezone

from accounts.models import Cluster
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in
from enforcement.cases.frozen import Change, before_change
from enforcement.cases.models import Attribution, Case
from enforcement.cases.services.settling import settle
from enforcement.cases.words import why_points_to
from enforcement.staff.matrix import Permission


def suggest_attribution(actor: Actor, *, case: Case, cluster: Cluster) -> Attribution | None:
    """Suggest, at low confidence, the organization that a cluster's accounts point to. Inside the caller's transaction.

    None when it points to none, or the case names that organization already.
    """
    organization = cluster.points_to
    if organization is None or case.attributions.filter(organization=organization, withdrawn_at=None).exists():
        return None
    row = Attribution.objects.create(
        case=case,
        organization=organization,
        role=Attribution.Role.OPERATOR,
        confidence=Attribution.Confidence.LOW,
        why=why_points_to(cluster=cluster, name=organization.name, members=cluster.size),
        suggested=True,
    )
    record_event(
        actor=actor,
        verb="cases.attribution_suggested",
        target=row,
        case_id=case.pk,
        data={"organization": organization.name, "confidence": "low"},
    )
    return row


@transaction.atomic
def withdraw_attribution(
    actor: Actor, *, attribution: Attribution, reason: str, version: int | None = None, confirm_void: bool = False
) -> Attribution:
    """Take an attribution, suggested or established, back; it stays in the record.

    Raises `Refusal` 422 without a reason; 409 when it was withdrawn, or a decision froze it and that was not confirmed.
    """
    case = attribution.case
    require_in(actor, Permission.CASE_WORK, case)
    person_of(actor)
    if not reason.strip():
        raise Refusal("attribution.reason", "Say why the attribution is withdrawn.", field="reason", status=422)
    row = lock_case(case, version=version)
    current = Attribution.objects.select_for_update().get(pk=attribution.pk)
    if current.withdrawn_at is not None:
        raise Refusal("attribution.withdrawn", "This attribution was withdrawn already.")
    change = Change(what=f"the attribution of {current.organization.name}", reason=reason)
    before_change(actor, case=row, change=change, confirm_void=confirm_void)
    current.withdrawn_at = timezone.now()
    current.save(update_fields=["withdrawn_at"])
    record_event(
        actor=actor, verb="cases.attribution_withdrawn", target=current, case_id=case.pk, reason=reason,
        data={"organization": current.organization.name},
    )  # fmt: skip
    settle(case)
    return current
