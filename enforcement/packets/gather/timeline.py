"""Days of conduct and what was done about it."""

from datetime import date

from django.db import connection

from enforcement.audit.models import Event
from enforcement.cases.models import Case
from enforcement.packets.document import DailyRow, Timeline, TimelineEvent
from enforcement.packets.gather.subjects import HIGHEST_SQL

_DAYS = """
SELECT d.day, coalesce(o.name, a.declared_name, ''), count(DISTINCT d.account_id), sum(d.exchanges)::bigint
FROM accounts_dailycount d JOIN cases_subject s ON s.account_id = d.account_id AND s.case_id = %s
JOIN accounts_account a ON a.id = d.account_id LEFT JOIN accounts_organization o ON o.id = a.declared_organization_id
GROUP BY 1, 2 ORDER BY 1, 2
"""
# Acts that a reader of the timeline looks for; the record of everything is the audit trail.
_ACTS = {
    "cases.opened": "Case opened",
    "decisions.submitted": "Proposal submitted with its frozen list",
    "decisions.returned": "Proposal returned",
    "decisions.refused": "Proposal refused",
    "decisions.voided": "Decision void",
    "decisions.approved": "Decision approved",
    "actions.started": "Enforcement began",
    "actions.finished": "Enforcement ended",
    "cases.closed": "Case closed",
    "cases.reopened": "Case reopened",
}


def conduct_period(case: Case) -> tuple[date, date]:
    """First and last day on which a subject drew exchanges; the day of opening where none did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(d.day), max(d.day) FROM accounts_dailycount d JOIN cases_subject s "
            "ON s.account_id = d.account_id WHERE s.case_id = %s",
            [case.pk],
        )
        first, last = cursor.fetchone() or (None, None)
    opened = case.opened_at.date()
    return first or opened, last or opened


def timeline_of(case: Case) -> Timeline:
    """Daily exchanges by declared organization, from metering detectors alone, and the acts of the case."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [case.pk])
        days = tuple(
            DailyRow(day=day, group=group, accounts_active=active, exchanges=exchanges)
            for day, group, active, exchanges in cursor.fetchall()
        )
        cursor.execute(HIGHEST_SQL.format(case=case.pk))
        highest = (cursor.fetchone() or (None,))[0]
    threshold, words = _threshold(case)
    acts = Event.objects.filter(case_id=case.pk, verb__in=_ACTS).order_by("id")
    return Timeline(
        days=days,
        events=tuple(TimelineEvent(at=event.at, text=_ACTS[event.verb]) for event in acts),
        threshold=threshold,
        threshold_words=words,
        highest_account_day=int(highest) if highest is not None else None,
    )


def _threshold(case: Case) -> tuple[int | None, str]:
    """(exchanges a day that the rule which opened the case asks of a cluster, what to call that)."""
    rule = case.opened_by_rule
    wanted = next((c for c in rule.conditions if c["measure"] == "exchanges_per_day"), None) if rule else None
    if rule is None or wanted is None:
        return None, ""
    return int(wanted["at_least"]), f"threshold of rule “{rule.name}”"
