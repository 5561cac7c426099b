"""Reads of the decisions stage."""

from enforcement.decisions.selectors.decisions import (
    DecisionView,
    Impact,
    find_decision,
    get_decision,
    list_decisions,
    list_targets,
    rounds_of,
    snapshot_file,
)
from enforcement.decisions.selectors.differences import Difference
from enforcement.decisions.selectors.impact import (
    ImpactGroups,
    ImpactRow,
    changed_targets,
    impact_groups,
    waiting_for,
)

__all__ = [
    "DecisionView",
    "Difference",
    "Impact",
    "ImpactGroups",
    "ImpactRow",
    "changed_targets",
    "find_decision",
    "get_decision",
    "impact_groups",
    "list_decisions",
    "list_targets",
    "rounds_of",
    "snapshot_file",
    "waiting_for",
]
