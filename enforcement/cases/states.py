"""The states of a case, and which of them people may still work in."""

from enforcement.audit.transitions import StateTable

_OPEN_EARLY = ("closed", "merged")

CASE_STATES = StateTable(
    "case",
    initial=("new",),
    moves={
        "new": ("triage", *_OPEN_EARLY),
        "triage": ("investigating", *_OPEN_EARLY),
        "investigating": ("awaiting_info", "in_review", *_OPEN_EARLY),
        "awaiting_info": ("investigating", *_OPEN_EARLY),
        "in_review": ("approved", "investigating", "merged"),
        "approved": ("enforcing", "investigating", "merged"),
        "enforcing": ("enforced", "partially_enforced", "merged"),
        "partially_enforced": ("enforcing", "closed", "merged"),
        "enforced": ("closed", "merged"),
        "closed": ("investigating",),
        "merged": (),
    },
)
EARLY = ("new", "triage", "investigating", "awaiting_info")
WORKABLE = ("new", "triage", "investigating", "awaiting_info")
SHUT = ("closed", "merged")
OUTCOMES = {
    "enforced": "Enforced",
    "no_violation": "No violation",
    "insufficient_evidence": "Insufficient evidence",
    "referred": "Referred",
}
EARLY_OUTCOMES = ("no_violation", "insufficient_evidence", "referred")
