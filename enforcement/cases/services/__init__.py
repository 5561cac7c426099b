"""Writes of the cases stage."""

from enforcement.cases.blockers import refresh_blockers, set_blocker
from enforcement.cases.services.attributions import suggest_attribution, withdraw_attribution
from enforcement.cases.services.findings import (
    FindingPreview,
    FindingResult,
    carve_out,
    preview_findings,
    set_finding,
)
from enforcement.cases.services.moves import advance_case, close_case, move_case, pin_policy, reopen_case
from enforcement.cases.services.opening import open_case, open_case_for_cluster, take_in_arrivals
from enforcement.cases.services.thresholds import evaluate_thresholds, save_threshold
from enforcement.cases.services.work import add_note, add_task, assign_person, end_task, unassign_person

__all__ = [
    "FindingPreview",
    "FindingResult",
    "add_note",
    "add_task",
    "advance_case",
    "assign_person",
    "carve_out",
    "close_case",
    "end_task",
    "evaluate_thresholds",
    "move_case",
    "open_case",
    "open_case_for_cluster",
    "pin_policy",
    "preview_findings",
    "refresh_blockers",
    "reopen_case",
    "save_threshold",
    "set_blocker",
    "set_finding",
    "suggest_attribution",
    "take_in_arrivals",
    "unassign_person",
    "withdraw_attribution",
]
