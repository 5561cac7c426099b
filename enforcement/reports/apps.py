"""Registers the reports stage."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reads that span stages."""

    name = "enforcement.reports"
    label = "reports"
