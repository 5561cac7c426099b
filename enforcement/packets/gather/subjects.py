"""One row for every subject of a case, with what its finding rests on and what became of it."""

from django.db import connection

from accounts.selectors.picture import PLACE_KINDS
from enforcement.cases.models import Case
from enforcement.packets.document_records import RecordedQuery, SubjectRow

_WORDS = {"violating": "violating", "not_violating": "not violating", "unclear": "unclear", "": ""}

# A subject's place is where the picture of its cluster packs it: the most common of the strongest kind that it has.
_SUBJECTS = """
WITH held AS (
    SELECT DISTINCT ON (m.account_id) m.account_id, i.kind, m.role, m.bits
    FROM accounts_membership m JOIN cases_casecluster cc ON cc.cluster_id = m.cluster_id AND cc.case_id = %(case)s
    LEFT JOIN accounts_membershipbasis b ON b.membership_id = m.id
    LEFT JOIN accounts_identifier i ON i.id = b.identifier_id
    WHERE m.left_run_id IS NULL ORDER BY m.account_id, b.bits DESC NULLS LAST, b.id),
seen AS (
    SELECT s.account_id, s.identifier_id, m.cluster_id, array_position(%(places)s::text[], i.kind::text) AS rank
    FROM accounts_membership m JOIN cases_casecluster cc ON cc.cluster_id = m.cluster_id AND cc.case_id = %(case)s
    JOIN accounts_sighting s ON s.account_id = m.account_id
    JOIN accounts_identifier i ON i.id = s.identifier_id AND i.kind = ANY(%(places)s) WHERE m.left_run_id IS NULL),
sizes AS (SELECT cluster_id, identifier_id, count(*) AS members FROM seen GROUP BY 1, 2),
places AS (
    SELECT DISTINCT ON (seen.account_id) seen.account_id, i.value
    FROM seen JOIN sizes USING (cluster_id, identifier_id) JOIN accounts_identifier i ON i.id = seen.identifier_id
    ORDER BY seen.account_id, seen.rank, sizes.members DESC, seen.identifier_id),
days AS (
    SELECT d.account_id, min(d.day) AS first_day, max(d.day) AS last_day, count(DISTINCT d.day) AS active,
           sum(d.exchanges) AS exchanges
    FROM accounts_dailycount d JOIN cases_subject u ON u.account_id = d.account_id AND u.case_id = %(case)s GROUP BY 1),
basis AS (
    SELECT b.subject_id, array_agg(DISTINCT c.number ORDER BY c.number) AS clauses, count(DISTINCT b.alert_id) AS alerts
    FROM cases_findingbasis b JOIN policies_clause c ON c.id = b.clause_id WHERE b.case_id = %(case)s GROUP BY 1),
outcome AS (
    SELECT DISTINCT ON (t.account_id) t.account_id, a.kind, x.state, x.failure
    FROM actions_actiontarget x JOIN actions_action a ON a.id = x.action_id AND a.case_id = %(case)s
    JOIN decisions_target t ON t.id = x.target_id ORDER BY t.account_id, x.id DESC)
SELECT a.platform_id, coalesce(o.name, a.declared_name, ''), coalesce(c.ref, ''), coalesce(places.value, ''),
       days.first_day, days.last_day, coalesce(days.active, 0), coalesce(days.exchanges, 0)::bigint,
       CASE WHEN held.role = 'person' THEN 'person' WHEN held.kind IN ('payment', 'phone', 'device') THEN held.kind
            WHEN held.account_id IS NOT NULL THEN 'conjunction' ELSE '' END,
       held.bits, s.finding, s.finding_reason, coalesce(basis.clauses, '{}'), coalesce(basis.alerts, 0),
       coalesce(outcome.kind, ''), coalesce(outcome.state, ''), coalesce(outcome.failure, '')
FROM cases_subject s JOIN accounts_account a ON a.id = s.account_id
LEFT JOIN accounts_organization o ON o.id = a.declared_organization_id
LEFT JOIN accounts_cluster c ON c.id = s.cluster_id
LEFT JOIN held ON held.account_id = s.account_id LEFT JOIN places ON places.account_id = s.account_id
LEFT JOIN days ON days.account_id = s.account_id LEFT JOIN basis ON basis.subject_id = s.id
LEFT JOIN outcome ON outcome.account_id = s.account_id
WHERE s.case_id = %(case)s ORDER BY a.platform_id
"""

HIGHEST_SQL = (
    "SELECT max(n) AS exchanges FROM (SELECT sum(d.exchanges) AS n FROM accounts_dailycount d\n"
    "JOIN cases_subject s ON s.account_id = d.account_id WHERE s.case_id = {case}\n"
    "GROUP BY d.account_id, d.day) AS days ORDER BY 1;"
)


def subject_rows(case: Case) -> tuple[SubjectRow, ...]:
    """Every subject by account id, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SUBJECTS, {"case": case.pk, "places": list(PLACE_KINDS)})
        return tuple(
            SubjectRow(
                account=row[0],
                group=row[1],
                cluster=row[2],
                hub=row[3],
                first_day=row[4],
                last_day=row[5],
                active_days=row[6],
                exchanges=row[7],
                held_by=row[8],
                bits=round(row[9], 2) if row[9] is not None else None,
                finding=_WORDS[row[10]],
                reason=row[11],
                clauses=tuple(row[12]),
                alerts=row[13],
                action=row[14],
                target_status=row[15],
                target_note=row[16],
            )
            for row in cursor.fetchall()
        )


def highest_account_day(case: Case) -> tuple[RecordedQuery, ...]:
    """The highest count of one subject on one day, as a query with its result; none where nothing was metered."""
    sql = HIGHEST_SQL.format(case=case.pk)
    with connection.cursor() as cursor:
        cursor.execute(sql)
        highest = (cursor.fetchone() or (None,))[0]
    if highest is None:
        return ()
    return (
        RecordedQuery(
            key="highest_account_day",
            what="Highest exchanges by one subject on one day",
            sql=sql,
            columns=("exchanges",),
            rows=((str(highest),),),
            value=f"{highest:,}",
        ),
    )
