"""Reads of the cases stage."""

from enforcement.cases.access import find_case
from enforcement.cases.selectors.cases import CaseView, Tiles, case_timeline, get_case, list_cases
from enforcement.cases.selectors.contents import (
    get_subject,
    list_assignments,
    list_attributions,
    list_case_alerts,
    list_notes,
    list_subjects,
    list_tasks,
    subjects_for_export,
)
from enforcement.cases.selectors.record import (
    CaseDay,
    RowsChanged,
    case_by_ref,
    case_days,
    cited_clauses,
    rows_changed,
    state_times,
    without_own_conduct,
)

__all__ = [
    "CaseDay",
    "CaseView",
    "RowsChanged",
    "Tiles",
    "case_by_ref",
    "case_days",
    "case_timeline",
    "cited_clauses",
    "find_case",
    "get_case",
    "get_subject",
    "list_assignments",
    "list_attributions",
    "list_case_alerts",
    "list_cases",
    "list_notes",
    "list_subjects",
    "list_tasks",
    "rows_changed",
    "state_times",
    "subjects_for_export",
    "without_own_conduct",
]
