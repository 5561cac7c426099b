"""The states of an action and of each of its targets."""

from enforcement.audit.transitions import StateTable

ACTION_STATES = StateTable(
    "action",
    initial=("pending",),
    moves={
        "pending": ("running", "stopped"),
        "running": ("paused", "stopped", "done", "partial"),
        "paused": ("running", "stopped"),
        "partial": ("running",),
        "stopped": (),
        "done": (),
    },
)
TARGET_STATES = StateTable(
    "target",
    initial=("pending",),
    moves={
        "pending": ("sent", "cancelled"),
        "sent": ("done", "failed", "pending", "cancelled"),
        "done": ("reversing",),
        "failed": ("pending",),
        "cancelled": (),
        "reversing": ("reversed", "failed"),
        "reversed": (),
    },
)
DELIVERY_STATES = StateTable(
    "delivery",
    initial=("pending",),
    moves={
        "pending": ("sending", "cancelled"),
        "sending": ("done", "pending", "failed"),
        "done": (),
        "failed": ("pending",),
        "cancelled": (),
    },
)
