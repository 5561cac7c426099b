"""An action as its page shows it: counts that lead to their targets, batches in words, and what may be done now."""

from typing import Any

from django.urls import reverse

from enforcement.actions.models import Delivery
from enforcement.actions.selectors import ActionView
from enforcement.web.shaping.decisions import KIND_DONE

ORDER = ("pending", "sent", "done", "failed", "cancelled", "reversing", "reversed")
STATE_WORDS = {
    "pending": ("", "ring", "Pending"), "running": ("accent", "play", "Running"), "paused": ("warn", "pause", "Paused"),
    "stopped": ("off", "slash", "Stopped"), "done": ("ok", "tick", "Done"), "partial": ("warn", "tri", "Ended with failures"),
}  # fmt: skip
_DELIVERY = {"pending": "pending", "sending": "sent", "done": "done", "failed": "failed", "cancelled": "cancelled"}


def counts_of(view: ActionView) -> list[dict[str, Any]]:
    """Targets by state, each leading to them."""
    url = reverse("web:action", args=[view.action.pk])
    return [
        {"state": state, "count": view.counts.get(state, 0), "url": f"{url}?state={state}#targets"}
        for state in ORDER
        if state in ORDER[:4] or view.counts.get(state)
    ]


def job_of(view: ActionView) -> dict[str, Any]:
    """What the progress panel shows."""
    action, failed = view.action, view.counts.get("failed", 0)
    word = KIND_DONE[action.kind]
    state = {"running": "running", "pending": "queued", "partial": "failed", "stopped": "cancelled"}.get(
        action.state, "done"
    )
    words = f"{view.counts.get('done', 0):,} of {view.total:,} {word}"
    if failed:
        words += f", {failed:,} failed"
    return {
        "id": f"action-{action.pk}", "title": f"{action.get_kind_display()} {view.total:,} targets", "kind": "job",
        "state": state, "done": view.finished, "total": view.total, "words": words, "failure": "",
    }  # fmt: skip


def over(view: ActionView) -> bool:
    """Whether nothing more happens by itself, so that a page stops asking."""
    return view.action.state in {"done", "stopped", "partial", "paused"}


def delivery_words(row: Delivery) -> dict[str, Any]:
    """A batch with its state in the vocabulary of targets."""
    return {"row": row, "state": _DELIVERY.get(row.state, row.state)}
