"""Rounds of proposing and deciding, who took which part, and what the platform was told."""

from django.db.models import Count

from enforcement.actions.models import Action, Delivery, Notice
from enforcement.cases.models import Case, Involvement
from enforcement.decisions.models import Decision as DecisionRow
from enforcement.packets.document_records import (
    Actions,
    AppliedRule,
    Approval,
    Decision,
    DecisionRound,
    Notices,
    PersonPart,
)
from enforcement.policies.models import ApprovalRule
from enforcement.staff.models import Person

_PARTS = {
    "assigned": "worked the case",
    "assigning": "assigned people",
    "finding": "set findings",
    "attribution": "set attributions",
    "advised": "advised as counsel",
}


def decision_of(case: Case) -> Decision:
    """Every submitted round in order; a person's role is the first they hold."""
    rounds = list(
        DecisionRow.objects.filter(case=case)
        .exclude(digest="")
        .select_related("proposer", "ended_reason")
        .prefetch_related("approvals__person", "rules")
        .order_by("round")
    )
    roles = _roles(case, rounds)
    rules = {rule.name: rule for row in rounds for rule in row.rules.all()}
    return Decision(
        rounds=tuple(_round(row, roles) for row in rounds),
        rules=tuple(
            AppliedRule(
                name=rule.name,
                asks=_asks(rule),
            )
            for rule in sorted(rules.values(), key=lambda rule: rule.targets_at_least)
        ),
        people=_parts(case, rounds, roles),
    )


def _asks(rule: ApprovalRule) -> str:
    who = "one person" if rule.approvers == 1 else f"{rule.approvers} people"
    many = "any number of targets" if rule.targets_at_least <= 1 else f"{rule.targets_at_least:,} targets or more"
    return f"the approval of {who} of the role {rule.role.replace('_', ' ')} for {many}"


def _ended(row: DecisionRow) -> str:
    """Why a round ended otherwise than by approval, as recorded."""
    reason = row.ended_reason.label if row.ended_reason else ""
    return ": ".join(part for part in (reason, row.ended_text) if part)


def _round(row: DecisionRow, roles: dict[int, str]) -> DecisionRound:
    return DecisionRound(
        ref=f"round {row.round}",
        action=row.action_kind,
        targets=row.targets_count,
        digest=row.digest,
        proposed_by=row.proposer.name,
        proposed_role=roles.get(row.proposer_id, ""),
        submitted_at=row.submitted_at or row.created_at,
        state=row.state,
        changed=_ended(row),
        approvals=tuple(
            Approval(
                name=approval.person.name,
                role=roles.get(approval.person_id, ""),
                outcome="approved",
                at=approval.at,
                reason=approval.reason,
                digest=approval.digest,
            )
            for approval in sorted(row.approvals.all(), key=lambda approval: approval.pk)
        ),
    )


def _roles(case: Case, rounds: list[DecisionRow]) -> dict[int, str]:
    ids = {row.proposer_id for row in rounds} | {a.person_id for row in rounds for a in row.approvals.all()}
    ids |= set(Action.objects.filter(case=case).exclude(started_by=None).values_list("started_by_id", flat=True))
    ids |= set(Involvement.objects.filter(case=case).values_list("person_id", flat=True))
    people = Person.objects.filter(pk__in=ids).prefetch_related("grants")
    return {
        person.pk: ", ".join(sorted(grant.get_role_display().lower() for grant in person.grants.all()))
        for person in people
    }


def _parts(case: Case, rounds: list[DecisionRow], roles: dict[int, str]) -> tuple[PersonPart, ...]:
    parts: dict[int, list[str]] = {}
    for involvement in Involvement.objects.filter(case=case).order_by("since", "how"):
        parts.setdefault(involvement.person_id, []).append(_PARTS.get(involvement.how, involvement.how))
    for row in rounds:
        parts.setdefault(row.proposer_id, []).append(f"proposed round {row.round}")
        for approval in row.approvals.all():
            parts.setdefault(approval.person_id, []).append(f"approved round {row.round}")
    for started in Action.objects.filter(case=case).exclude(started_by=None).order_by("id"):
        if started.started_by_id is not None:
            parts.setdefault(started.started_by_id, []).append("started the actions")
    names = dict(Person.objects.filter(pk__in=parts).values_list("pk", "name"))
    return tuple(
        PersonPart(name=names[pk], role=roles.get(pk, ""), part=", ".join(dict.fromkeys(did)))
        for pk, did in sorted(parts.items(), key=lambda item: names[item[0]])
    )


def actions_of(case: Case) -> Actions:
    """What was sent for the case, all actions together."""
    actions = list(Action.objects.filter(case=case).select_related("connector").order_by("id"))
    if not actions:
        return Actions()
    notices = dict(
        Notice.objects.filter(action_target__action__case=case)
        .values_list("state")
        .annotate(n=Count("id"))
        .order_by("state")
    )
    finished = [action.finished_at for action in actions if action.finished_at]
    return Actions(
        connector=actions[-1].connector.name,
        batches=Delivery.objects.filter(action__case=case, state="done").count(),
        started_at=actions[0].started_at,
        finished_at=max(finished) if finished else None,
        notices=Notices(sent=notices.get("sent", 0), waived=notices.get("waived", 0), open=notices.get("pending", 0))
        if notices
        else None,
    )
