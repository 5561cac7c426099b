"""The verdicts of an alert."""

from enforcement.audit.transitions import StateTable

ALERT_STATES = StateTable(
    "alert",
    initial=("new",),
    moves={
        "new": ("triaging", "escalated", "dismissed", "duplicate"),
        "triaging": ("escalated", "dismissed", "duplicate"),
        "escalated": ("triaging",),
        "dismissed": ("triaging",),
        "duplicate": ("triaging",),
    },
)
DECIDED = ("escalated", "dismissed", "duplicate")
