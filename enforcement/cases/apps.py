"""Registers the cases stage."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases, subjects, attributions, tasks, notes, thresholds."""

    name = "enforcement.cases"
    label = "cases"
