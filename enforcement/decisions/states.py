"""The states of a decision."""

from enforcement.audit.transitions import StateTable

DECISION_STATES = StateTable(
    "decision",
    initial=("draft",),
    moves={
        "draft": ("submitted", "withdrawn"),
        "submitted": ("approved", "returned", "refused", "withdrawn", "void"),
        "approved": ("void", "expired"),
        "returned": (),
        "refused": (),
        "withdrawn": (),
        "void": (),
        "expired": (),
    },
)
# Actions from mild to hard; `reversible` says whether a granted appeal gives everything back.
ACTION_KINDS = {
    "warn": "Warn",
    "rate_limit": "Rate-limit",
    "restrict": "Restrict",
    "suspend": "Suspend",
    "terminate": "Terminate",
    "refuse_signup": "Refuse sign-up",
}
