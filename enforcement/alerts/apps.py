"""Registers the alerts stage."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, verdicts, tallies, triage."""

    name = "enforcement.alerts"
    label = "alerts"
