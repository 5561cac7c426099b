"""Cases, subjects, attributions, tasks, notes, thresholds."""
