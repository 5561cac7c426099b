"""What counts as an account's own conduct: alerts of detectors that flag conduct, not of those that only meter use.

A metering detector says that an account was used; being metered says nothing against it. Dismissed and duplicate
alerts, and those of a detector on trial (canary), carry nothing either. Written as SQL because it is asked of 25,000
accounts at once.
"""

# Over alerts_alert `a` and signals_detector `d`.
OWN_CONDUCT = "d.meters IS NULL AND d.state <> 'canary' AND a.state NOT IN ('dismissed', 'duplicate')"

# Over the same, alerts_alerttally `t` and policies_clause `c`: the alert shows what the clause forbids. A clause
# without a list of its own forbids any conduct; otherwise it names catalogue conduct, or `detector/rule`.
SHOWS_BREACH = (
    "(c.conduct = '[]'::jsonb OR jsonb_exists(c.conduct, t.conduct)"
    " OR jsonb_exists(c.conduct, d.slug || '/' || a.rule))"
)
