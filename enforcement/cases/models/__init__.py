"""Tables of the cases stage."""

from enforcement.cases.models.core import Blocker, Case, CaseAlert, CaseCluster, Threshold
from enforcement.cases.models.subjects import Attribution, Finding, FindingBasis, Subject
from enforcement.cases.models.work import Assignment, Involvement, Note, Task

__all__ = [
    "Assignment",
    "Attribution",
    "Blocker",
    "Case",
    "CaseAlert",
    "CaseCluster",
    "Finding",
    "FindingBasis",
    "Involvement",
    "Note",
    "Subject",
    "Task",
    "Threshold",
]
