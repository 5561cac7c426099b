"""Registers the actions stage."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    """Carrying decisions out: connectors, deliveries, targets, notices."""

    name = "enforcement.actions"
    label = "actions"
