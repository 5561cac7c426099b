"""What each cluster adds up to. Thresholds look here; exchanges come from metering detectors' daily counts alone.

Alerts and flagged accounts are counted into the same rows by the alerts stage, which knows them.
"""

from django.db import connection

_ROLLUPS = """
INSERT INTO accounts_clusterrollup (cluster_id, accounts, active_accounts, flagged_accounts, alerts, exchanges,
    first_day, last_day, peak_day, peak_exchanges, highest_account_day, computed_at)
SELECT c.id, m.accounts, m.active, 0, 0, coalesce(d.exchanges, 0), d.first_day,
    d.last_day, p.day, coalesce(p.exchanges, 0), coalesce(d.highest, 0), now()
FROM accounts_cluster c
JOIN (SELECT m.cluster_id, count(*) AS accounts, count(*) FILTER (WHERE a.status = 'active') AS active
      FROM accounts_membership m JOIN accounts_account a ON a.id = m.account_id
      WHERE m.left_run_id IS NULL GROUP BY 1) m ON m.cluster_id = c.id
LEFT JOIN (SELECT cluster_id, sum(exchanges) AS exchanges, min(day) AS first_day, max(day) AS last_day,
                  max(exchanges) AS highest
           FROM (SELECT m.cluster_id, n.account_id, n.day, sum(n.exchanges) AS exchanges FROM accounts_membership m
                 JOIN accounts_dailycount n ON n.account_id = m.account_id WHERE m.left_run_id IS NULL
                 GROUP BY 1, 2, 3) days GROUP BY 1) d ON d.cluster_id = c.id
LEFT JOIN (SELECT DISTINCT ON (m.cluster_id) m.cluster_id, n.day, sum(n.exchanges) AS exchanges
           FROM accounts_membership m JOIN accounts_dailycount n ON n.account_id = m.account_id
           WHERE m.left_run_id IS NULL GROUP BY 1, 2 ORDER BY m.cluster_id, sum(n.exchanges) DESC, n.day) p
    ON p.cluster_id = c.id
WHERE c.state = 'active' ORDER BY c.id
ON CONFLICT (cluster_id) DO UPDATE SET accounts = excluded.accounts, active_accounts = excluded.active_accounts,
    exchanges = excluded.exchanges,
    first_day = excluded.first_day, last_day = excluded.last_day, peak_day = excluded.peak_day,
    peak_exchanges = excluded.peak_exchanges, highest_account_day = excluded.highest_account_day,
    computed_at = excluded.computed_at
"""


def compute_rollups() -> None:
    """Recompute the roll-up of every active cluster, in one statement; cost is linear in members and their days."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLLUPS)
