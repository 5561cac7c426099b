"""Taking the members of a cluster, or accounts by their alerts, into a case: set-based, linear in members.

`why_in` says in words what holds an account: the three strongest things counted for its membership.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.models import Cluster
from enforcement.audit.bulk import planned_for_many
from enforcement.cases.models import Case

# Only members held by told denominators: an untold link may suggest, never put anybody into a case.
_SUBJECTS = """
WITH members AS (
    SELECT m.id, m.account_id, m.cluster_id, m.bits, m.role
      FROM accounts_membership m
     WHERE m.cluster_id = %(cluster)s AND m.left_run_id IS NULL AND m.told
       AND NOT EXISTS (SELECT 1 FROM cases_subject s WHERE s.case_id = %(case)s AND s.account_id = m.account_id)
), ranked AS (
    SELECT b.membership_id, i.kind, i.value, b.holders,
           row_number() OVER (PARTITION BY b.membership_id ORDER BY b.bits DESC, b.id) AS place
      FROM accounts_membershipbasis b
      JOIN members m ON m.id = b.membership_id
      JOIN accounts_identifier i ON i.id = b.identifier_id
     WHERE b.bits > 0
), worded AS (
    SELECT membership_id,
           string_agg(
               CASE kind WHEN 'subnet' THEN '' WHEN 'ip' THEN '' WHEN 'asn' THEN 'network '
                         ELSE replace(kind, '_', ' ') || ' ' END || value
               || CASE WHEN kind IN ('payment', 'phone', 'device') THEN ' (' || round(holders)::int || ' holders)'
                       ELSE '' END,
               ', ' ORDER BY place) AS words
      FROM ranked WHERE place <= 3 GROUP BY membership_id
)
INSERT INTO cases_subject (case_id, account_id, cluster_id, why_in, bits, exchanges, finding, finding_reason,
carved_out,
                           added_at)
SELECT %(case)s, m.account_id, m.cluster_id,
       left(CASE WHEN m.role = 'person' THEN 'confirmed by a person: ' ELSE '' END
            || coalesce(w.words, 'member of ' || %(ref)s), 300),
       m.bits, a.exchanges, '', '', false, now()
  FROM members m
  JOIN accounts_account a ON a.id = m.account_id
  LEFT JOIN worded w ON w.membership_id = m.id
 ORDER BY m.account_id
ON CONFLICT (case_id, account_id) DO NOTHING
"""

_BY_ALERT = """
INSERT INTO cases_subject (case_id, account_id, why_in, bits, exchanges, finding, finding_reason, carved_out, added_at)
SELECT %(case)s, a.id, 'alerts grouped into the case', 0, a.exchanges, '', '', false, now()
  FROM accounts_account a
 WHERE a.id IN (SELECT account_id FROM alerts_alert WHERE id = ANY(%(alerts)s))
 ORDER BY a.id
ON CONFLICT (case_id, account_id) DO NOTHING
"""

_ALERTS = """
INSERT INTO cases_casealert (case_id, alert_id, why, added_at)
SELECT s.case_id, a.id, left('its account is a subject: ' || s.why_in, 200), now()
  FROM cases_subject s
  JOIN alerts_alert a ON a.account_id = s.account_id
  JOIN signals_detector d ON d.id = a.detector_id AND d.state <> 'canary'
 WHERE s.case_id = %(case)s
   AND NOT EXISTS (SELECT 1 FROM cases_casealert k WHERE k.case_id = s.case_id AND k.alert_id = a.id)
 ORDER BY a.id
ON CONFLICT (case_id, alert_id) DO NOTHING
"""

_EXCHANGES = """
UPDATE cases_subject s SET exchanges = a.exchanges FROM accounts_account a
 WHERE a.id = s.account_id AND s.case_id = %(case)s AND s.exchanges <> a.exchanges
"""


@dataclass(frozen=True, slots=True)
class Grouped:
    """How many subjects and alerts came in."""

    subjects: int
    alerts: int


def take_in_cluster(case: Case, *, cluster: Cluster) -> Grouped:
    """Make every told member of `cluster` that is no subject yet one, and group the subjects' alerts. Case locked."""
    with planned_for_many(), connection.cursor() as cursor:
        cursor.execute(_SUBJECTS, {"case": case.pk, "cluster": cluster.pk, "ref": cluster.ref})
        subjects = cursor.rowcount
        return Grouped(subjects=subjects, alerts=_take_in_alerts(case))


def take_in_accounts_of(case: Case, *, alert_ids: Sequence[int]) -> Grouped:
    """Make the accounts of these alerts subjects, and group all their alerts. Case locked."""
    with planned_for_many(), connection.cursor() as cursor:
        cursor.execute(_BY_ALERT, {"case": case.pk, "alerts": list(alert_ids)})
        subjects = cursor.rowcount
        return Grouped(subjects=subjects, alerts=_take_in_alerts(case))


def _take_in_alerts(case: Case) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_EXCHANGES, {"case": case.pk})
        cursor.execute(_ALERTS, {"case": case.pk})
        return int(cursor.rowcount)
