"""Alerts, verdicts, tallies, triage."""
