"""What is in a case: subjects, alerts, attributions, tasks, notes, people."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.db.models import Prefetch

from enforcement.audit.actors import Actor
from enforcement.audit.errors import not_found
from enforcement.audit.paging import Page, page_of
from enforcement.cases.access import require_in
from enforcement.cases.models import Assignment, Attribution, Case, CaseAlert, FindingBasis, Note, Subject, Task
from enforcement.cases.selection import narrowed
from enforcement.staff.matrix import Permission

SUBJECT_ORDERS = {
    "bits": ["bits", "id"],
    "-bits": ["-bits", "-id"],
    "exchanges": ["exchanges", "id"],
    "-exchanges": ["-exchanges", "-id"],
}


def list_subjects(
    viewer: Actor,
    *,
    case: Case,
    finding: str | None = None,
    q: str = "",
    cluster: str = "",
    sort: str = "bits",
    cursor: str = "",
    size: int = 50,
) -> Page[Subject]:
    """Subjects, weakest link first. `finding`: a value, "none" or "carved_out". Rows carry account, cluster, `basis`.

    Five queries, whatever the case's size.
    """
    require_in(viewer, Permission.CASE_VIEW, case)
    rows = narrowed(Subject.objects.filter(case=case), finding=finding or "", q=q, cluster=cluster)
    basis = FindingBasis.objects.select_related("clause", "alert__detector").order_by("clause__position", "id")
    rows = rows.select_related("account__declared_organization", "cluster", "finding_by")
    rows = rows.prefetch_related(Prefetch("basis", queryset=basis))
    return page_of(rows, order=SUBJECT_ORDERS.get(sort, SUBJECT_ORDERS["bits"]), cursor=cursor, size=size)


def get_subject(viewer: Actor, *, case: Case, platform_id: str) -> Subject:
    """One subject by its account's platform id. Raises `Refusal` 404."""
    require_in(viewer, Permission.CASE_VIEW, case)
    found = Subject.objects.select_related("account", "cluster", "finding_by").filter(
        case=case, account__platform_id=platform_id
    )
    row = found.first()
    if row is None:
        raise not_found("subject", platform_id)
    return row


def list_case_alerts(viewer: Actor, *, case: Case, q: str = "", cursor: str = "", size: int = 50) -> Page[CaseAlert]:
    """Alerts grouped into the case, in the order they came in; rows carry alert, tally, detector and account."""
    require_in(viewer, Permission.CASE_VIEW, case)
    rows = CaseAlert.objects.filter(case=case).select_related("alert__tally", "alert__detector", "alert__account")
    if q.strip():
        rows = rows.filter(alert__account__platform_id__icontains=q.strip())
    return page_of(rows, order=["id"], cursor=cursor, size=size)


def list_attributions(viewer: Actor, *, case: Case, withdrawn_too: bool = False) -> list[Attribution]:
    """Organizations of the case: suggestions and what people established."""
    require_in(viewer, Permission.CASE_VIEW, case)
    rows = Attribution.objects.filter(case=case).select_related("organization__parent", "set_by").order_by("id")
    return list(rows if withdrawn_too else rows.filter(withdrawn_at=None))


def list_tasks(viewer: Actor, *, case: Case) -> list[Task]:
    """Tasks, open ones first."""
    require_in(viewer, Permission.CASE_VIEW, case)
    rows = Task.objects.filter(case=case).select_related("assignee", "created_by", "ended_by").order_by("id")
    return sorted(rows, key=lambda task: (task.state != "open", task.pk))


def list_notes(viewer: Actor, *, case: Case, cursor: str = "", size: int = 50) -> Page[Note]:
    """Notes, newest first."""
    require_in(viewer, Permission.CASE_VIEW, case)
    return page_of(Note.objects.filter(case=case).select_related("author"), order=["-id"], cursor=cursor, size=size)


def list_assignments(viewer: Actor, *, case: Case) -> list[Assignment]:
    """Everybody who is or was on the case."""
    require_in(viewer, Permission.CASE_VIEW, case)
    return list(Assignment.objects.filter(case=case).select_related("person", "assigned_by").order_by("id"))


EXPORT_COLUMNS = (
    "account", "cluster", "why_in", "bits", "exchanges", "finding", "finding_reason", "carved_out", "clauses", "alerts",
    "found_by", "found_at",
)  # fmt: skip
_EXPORT = """
SELECT a.platform_id, coalesce(c.ref, ''), s.why_in, round(s.bits::numeric, 3)::text, s.exchanges, s.finding,
       s.finding_reason, s.carved_out, coalesce(b.clauses, ''), coalesce(b.alerts, 0), coalesce(p.name, ''),
       coalesce(to_char(s.finding_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')
  FROM cases_subject s
  JOIN accounts_account a ON a.id = s.account_id
  LEFT JOIN accounts_cluster c ON c.id = s.cluster_id
  LEFT JOIN staff_person p ON p.id = s.finding_by_id
  LEFT JOIN (SELECT b.subject_id, string_agg(DISTINCT l.number, ' ' ORDER BY l.number) AS clauses,
                    count(DISTINCT b.alert_id) AS alerts
               FROM cases_findingbasis b JOIN policies_clause l ON l.id = b.clause_id
              WHERE b.case_id = %(case)s GROUP BY b.subject_id) b ON b.subject_id = s.id
 WHERE s.case_id = %(case)s
 ORDER BY a.platform_id COLLATE "C"
"""


def subjects_for_export(viewer: Actor, *, case: Case) -> Iterator[tuple[object, ...]]:
    """Every subject as a row of EXPORT_COLUMNS, by platform id.

    Streamed, so that memory does not grow with the case.
    """
    require_in(viewer, Permission.CASE_VIEW, case)
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_EXPORT, {"case": case.pk})
        while rows := cursor.fetchmany(2000):
            yield from rows
