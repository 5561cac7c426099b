"""What a decision would fall on, in groups.

Which accounts came and went since the round before; who may decide what.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from enforcement.audit.actors import Actor
from enforcement.cases.access import require_in
from enforcement.cases.models import Involvement
from enforcement.decisions.models import Decision, Target
from enforcement.decisions.snapshots import read_snapshot
from enforcement.staff.matrix import Permission, can

ORGANIZATIONS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """Standing targets of one plan, status or declared organization ("" where none is known), and their exchanges."""

    name: str
    accounts: int
    exchanges: int


@dataclass(frozen=True, slots=True)
class ImpactGroups:
    """The same targets three ways; `organizations` the largest, `organizations_total` how many there are."""

    plans: list[ImpactRow]
    statuses: list[ImpactRow]
    organizations: list[ImpactRow]
    organizations_total: int


def impact_groups(viewer: Actor, *, decision: Decision) -> ImpactGroups:
    """Standing targets by plan, status and declared organization; three queries."""
    require_in(viewer, Permission.DECISION_VIEW, decision.case)
    named = Coalesce("account__declared_organization__name", "account__declared_name")
    organizations = _by(decision, named)
    return ImpactGroups(
        plans=_by(decision, "account__plan"),
        statuses=_by(decision, "account__status"),
        organizations=organizations[:ORGANIZATIONS_SHOWN],
        organizations_total=len(organizations),
    )


def _by(decision: Decision, column: str | Coalesce) -> list[ImpactRow]:
    rows = Target.objects.filter(decision=decision, dropped_at=None).values_list(column)
    counted = rows.annotate(n=Count("id"), drawn=Sum("account__exchanges", default=0)).order_by("-n")
    return [ImpactRow(str(name or ""), n, drawn) for name, n, drawn in counted]


def changed_targets(viewer: Actor, *, decision: Decision, before: Decision) -> tuple[list[str], list[str]]:
    """Platform ids of the accounts that came and that went between two rounds, from what each froze."""
    require_in(viewer, Permission.DECISION_VIEW, decision.case)
    now, then = set(read_snapshot(decision)["targets"]), set(read_snapshot(before)["targets"])
    return sorted(now - then), sorted(then - now)


def waiting_for(viewer: Actor, *, decisions: Sequence[Decision]) -> dict[int, str]:
    """By decision id, for submitted ones: "" when the viewer may decide it, else why another person must. One query."""
    cases = [row.case_id for row in decisions]
    mine = set(
        Involvement.objects.filter(case_id__in=cases, person_id=viewer.person_id or 0).values_list("case_id", flat=True)
    )
    found = {}
    for row in decisions:
        if row.state != "submitted":
            continue
        if not can(viewer, Permission.DECISION_APPROVE):
            found[row.pk] = "a reviewer"
        elif row.proposer_id == viewer.person_id:
            found[row.pk] = "somebody else: you proposed it"
        elif row.case_id in mine:
            found[row.pk] = "somebody else: you had a part in the case"
        else:
            found[row.pk] = ""
    return found
