"""Registers the decisions stage."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """Proposals, frozen targets, approvals."""

    name = "enforcement.decisions"
    label = "decisions"

    def ready(self) -> None:
        """Be asked before anything that a decision froze changes."""
        from enforcement.cases.frozen import register_keeper
        from enforcement.decisions.keeping import keep_frozen

        register_keeper(keep_frozen)
