"""What `violating` rests on.

For each subject and clause, alerts of the account's own conduct, or an extract of its rows.
"""

from collections.abc import Sequence

from django.db import connection

from enforcement.cases.conduct import OWN_CONDUCT, SHOWS_BREACH
from enforcement.cases.models import Case
from enforcement.policies.models import Clause

_SHOWN = f"""
  FROM cases_subject s
  JOIN alerts_alert a ON a.account_id = s.account_id
  JOIN signals_detector d ON d.id = a.detector_id
  JOIN alerts_alerttally t ON t.alert_id = a.id
  JOIN policies_clause c ON c.id = ANY(%(clauses)s)
 WHERE s.id = ANY(%(subjects)s) AND {OWN_CONDUCT} AND {SHOWS_BREACH}
"""

_SUPPORTED = f"""
SELECT c.id, s.id {_SHOWN}
UNION
SELECT b.clause_id, b.subject_id FROM cases_findingbasis b
 WHERE b.subject_id = ANY(%(subjects)s) AND b.clause_id = ANY(%(clauses)s) AND b.extract_id IS NOT NULL
"""

_INSERT = f"""
INSERT INTO cases_findingbasis (subject_id, case_id, clause_id, alert_id, added_at)
SELECT s.id, s.case_id, c.id, a.id, now() {_SHOWN}
 ORDER BY s.id, c.id, a.id
ON CONFLICT (subject_id, clause_id, alert_id) DO NOTHING
"""

# A subject found again under other clauses rests on those alone; so does one whose alert was dismissed since.
_DROP_OTHERS = f"""
DELETE FROM cases_findingbasis b
 WHERE b.subject_id = ANY(%(supported)s) AND b.alert_id IS NOT NULL
   AND (NOT b.clause_id = ANY(%(clauses)s) OR NOT EXISTS (
        SELECT 1 FROM alerts_alert a JOIN signals_detector d ON d.id = a.detector_id
         WHERE a.id = b.alert_id AND {OWN_CONDUCT}))
"""

_GROUP = """
INSERT INTO cases_casealert (case_id, alert_id, why, added_at)
SELECT DISTINCT b.case_id, b.alert_id, 'a finding rests on it', now() FROM cases_findingbasis b
 WHERE b.case_id = %s AND b.alert_id IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM cases_casealert k WHERE k.case_id = b.case_id AND k.alert_id = b.alert_id)
ON CONFLICT (case_id, alert_id) DO NOTHING
"""


def supported_by_clause(*, subject_ids: Sequence[int], clauses: Sequence[Clause]) -> dict[int, set[int]]:
    """Clause id -> ids of the subjects whose own conduct shows its breach. Reads only."""
    with connection.cursor() as cursor:
        cursor.execute(_SUPPORTED, {"subjects": list(subject_ids), "clauses": [clause.pk for clause in clauses]})
        rows = cursor.fetchall()
    found: dict[int, set[int]] = {}
    for clause_id, subject_id in rows:
        found.setdefault(clause_id, set()).add(subject_id)
    return found


def rest_on_own_conduct(*, case: Case, subject_ids: Sequence[int], clauses: Sequence[Clause]) -> dict[int, set[int]]:
    """Write the basis of every subject whose own conduct shows a breach, and nothing for the others.

    Returns as above.
    """
    supported = supported_by_clause(subject_ids=subject_ids, clauses=clauses)
    everyone = sorted(set().union(*supported.values())) if supported else []
    wanted = {"subjects": everyone, "supported": everyone, "clauses": [clause.pk for clause in clauses]}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, wanted)
        cursor.execute(_DROP_OTHERS, wanted)
        cursor.execute(_GROUP, [case.pk])
    return supported
