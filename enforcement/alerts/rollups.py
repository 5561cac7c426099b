"""How many alerts and flagged accounts each cluster has, written into the roll-up row of the accounts stage."""

from django.db import connection

_COUNTS = """
UPDATE accounts_clusterrollup r SET alerts = f.alerts, flagged_accounts = f.flagged
FROM (SELECT u.cluster_id, count(l.id) AS alerts, count(DISTINCT l.account_id) FILTER (WHERE t.meters IS NULL) AS flagged
      FROM accounts_clusterrollup u
      LEFT JOIN accounts_membership m ON m.cluster_id = u.cluster_id AND m.left_run_id IS NULL
      LEFT JOIN (alerts_alert l JOIN signals_detector t ON t.id = l.detector_id AND t.state = 'reporting')
          ON l.account_id = m.account_id
      GROUP BY 1) f
WHERE f.cluster_id = r.cluster_id AND (r.alerts, r.flagged_accounts) IS DISTINCT FROM (f.alerts, f.flagged)
"""


def count_cluster_alerts() -> None:
    """Recount alerts and flagged accounts of every cluster, in one statement.

    An account is flagged when a reporting detector that does not merely meter has an alert on it: being metered says
    nothing against anybody. Canary detectors count for nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
