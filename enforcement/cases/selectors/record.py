"""A case in time: the days its subjects drew exchanges, when it came into each state, what rows each act changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count

from enforcement.audit.actors import Actor
from enforcement.audit.models import Event, History
from enforcement.cases.access import find_case, require_in
from enforcement.cases.models import Case
from enforcement.policies.models import Clause
from enforcement.staff.matrix import Permission, require

_DAYS = """
SELECT d.day, sum(d.exchanges)::bigint, count(DISTINCT d.account_id)
  FROM accounts_dailycount d JOIN cases_subject s ON s.account_id = d.account_id
 WHERE s.case_id = %s GROUP BY d.day ORDER BY d.day
"""
_BARE = """
SELECT count(*) FROM cases_subject s
 WHERE s.case_id = %s AND NOT EXISTS (
       SELECT 1 FROM alerts_alert a JOIN signals_detector d ON d.id = a.detector_id
        WHERE a.account_id = s.account_id AND d.meters IS NULL AND d.state <> 'canary'
          AND a.state NOT IN ('dismissed', 'duplicate'))
"""


@dataclass(frozen=True, slots=True)
class CaseDay:
    """A UTC day: exchanges of all subjects, and how many of them drew any."""

    day: date
    exchanges: int
    active: int


@dataclass(frozen=True, slots=True)
class RowsChanged:
    """Rows of one table that one transaction wrote: `operation` is I, U or D."""

    table: str
    operation: str
    count: int


def case_days(viewer: Actor, *, case: Case) -> list[CaseDay]:
    """Every day on which a subject drew exchanges, from metering detectors alone."""
    require_in(viewer, Permission.CASE_VIEW, case)
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [case.pk])
        return [CaseDay(*row) for row in cursor.fetchall()]


def without_own_conduct(viewer: Actor, *, case: Case) -> int:
    """Subjects without one alert for conduct of their own: linkage alone holds them, and only unclear is possible."""
    require_in(viewer, Permission.CASE_VIEW, case)
    with connection.cursor() as cursor:
        cursor.execute(_BARE, [case.pk])
        return int((cursor.fetchone() or (0,))[0])


def cited_clauses(viewer: Actor, *, case: Case) -> list[Clause]:
    """The clauses that a finding of the case rests on, in the order of the terms."""
    require_in(viewer, Permission.CASE_VIEW, case)
    cited = case.subjects.filter(finding="violating").values("basis__clause_id")
    return list(Clause.objects.filter(pk__in=cited).order_by("position"))


def state_times(viewer: Actor, *, case: Case) -> dict[str, datetime]:
    """When the case last came into each state it has been in."""
    require_in(viewer, Permission.CASE_VIEW, case)
    moves = Event.objects.filter(case_id=case.pk, verb__in=("cases.moved", "cases.closed", "cases.reopened"))
    found = {"new": case.opened_at}
    for at, data in moves.order_by("id").values_list("at", "data"):
        found[str(data.get("to", ""))] = at
    return found


def rows_changed(viewer: Actor, *, case: Case, events: Sequence[Event]) -> dict[int, list[RowsChanged]]:
    """By transaction: which tables' history these events of a case wrote, and how many rows."""
    require_in(viewer, Permission.CASE_VIEW, case)
    xids = [event.xid for event in events if event.case_id == case.pk]
    rows = History.objects.filter(xid__in=xids).values_list("xid", "table_name", "operation").annotate(n=Count("id"))
    found: dict[int, list[RowsChanged]] = {}
    for xid, table, operation, count in rows.order_by("xid", "table_name", "operation"):
        found.setdefault(xid, []).append(RowsChanged(table, operation, count))
    return found


def case_by_ref(viewer: Actor, *, ref: str) -> int:
    """The row id of the case named `ref`, for whoever reads events. Raises `Refusal` 403, 404."""
    require(viewer, Permission.AUDIT_VIEW)
    known = Case.objects.filter(ref__iexact=ref.strip(), sealed=False).values_list("pk", flat=True).first()
    return known if known is not None else find_case(viewer, ref=ref).pk
