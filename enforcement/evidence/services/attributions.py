"""Establishing an attribution: by a person, from exhibits."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Organization
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in
from enforcement.cases.frozen import Change, before_change
from enforcement.cases.models import Attribution, Case
from enforcement.cases.services.settling import settle
from enforcement.evidence.models import AttributionBasis, Item
from enforcement.staff.matrix import Permission


@transaction.atomic
def establish_attribution(
    actor: Actor,
    *,
    case: Case,
    organization: Organization,
    role: str,
    confidence: str,
    why: str,
    items: Sequence[tuple[Item, str]] = (),
    version: int | None = None,
    confirm_void: bool = False,
) -> Attribution:
    """Say, as a person, what part an organization has: `items` are pairs of an exhibit and what it shows.

    Replaces what stood for that organization and role, a rule's suggestion included. Moderate and high confidence rest
    on at least one exhibit; the database checks that too.

    Raises `Refusal`: 422 for an unknown role or confidence, no reason, too little to rest on, an item of another
    case or
    a withdrawn one, one that is not said to show anything; 409 when a decision froze it and that was not confirmed.
    """
    require_in(actor, Permission.CASE_WORK, case)
    person = person_of(actor)
    _check(case, role, confidence, why, items)
    row = lock_case(case, version=version)
    change = Change(what=f"the attribution of {organization.name}", reason=why)
    before_change(actor, case=row, change=change, confirm_void=confirm_void)
    standing = Attribution.objects.filter(case=row, organization=organization, withdrawn_at=None)
    standing.filter(role=role).update(withdrawn_at=timezone.now())
    # A suggestion is answered by whatever a person says of that organization, in whatever role.
    standing.filter(suggested=True).update(withdrawn_at=timezone.now())
    made = Attribution.objects.create(
        case=row, organization=organization, role=role, confidence=confidence, why=why.strip(), set_by_id=person
    )
    AttributionBasis.objects.bulk_create(
        [AttributionBasis(attribution=made, item=item, shows=shows.strip()) for item, shows in items]
    )
    record_event(
        actor=actor, verb="cases.attribution_established", target=made, case_id=row.pk, reason=why,
        data={"organization": organization.name, "role": role, "confidence": confidence,
              "items": [item.pk for item, _ in items]},
    )  # fmt: skip
    settle(case)
    return made


def _check(case: Case, role: str, confidence: str, why: str, items: Sequence[tuple[Item, str]]) -> None:
    if role not in Attribution.Role.values:
        words = ", ".join(Attribution.Role.values)
        raise Refusal("attribution.role", f"The role is one of: {words}.", field="role", status=422)
    if confidence not in Attribution.Confidence.values:
        words = ", ".join(Attribution.Confidence.values)
        raise Refusal("attribution.confidence", f"Confidence is one of: {words}.", field="confidence", status=422)
    if not why.strip():
        raise Refusal("attribution.why", "Say why.", field="why", status=422)
    if confidence != Attribution.Confidence.LOW and not items:
        raise Refusal(
            "attribution.no_basis",
            f"{confidence.capitalize()} confidence rests on exhibits. Name at least one, and what it shows.",
            field="items",
            status=422,
        )
    for item, shows in items:
        if item.case_id != case.pk or item.withdrawn_at is not None:
            raise Refusal("attribution.item", f"{item} is no standing item of {case.ref}.", field="items", status=422)
        if not shows.strip():
            raise Refusal("attribution.shows", f"Say what {item} shows.", field="items", status=422)
