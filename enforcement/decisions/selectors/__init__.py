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

__all__ = [
    "DecisionView",
    "Difference",
    "Impact",
    "find_decision",
    "get_decision",
    "list_decisions",
    "list_targets",
    "rounds_of",
    "snapshot_file",
]
