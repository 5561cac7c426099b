"""Which event wakes which task; the sweeper; the schedule."""
