"""What happens to a decision when something it froze is about to change.

Registered with the cases stage (`cases.frozen`).
"""

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.cases.frozen import Change
from enforcement.cases.models import Case
from enforcement.decisions.models import Decision
from enforcement.decisions.services.ending import locked, void_locked
from enforcement.decisions.services.targets import drop_targets_of_subjects
from enforcement.evidence.models import Item

_CARRIED_OUT = ("enforcing", "partially_enforced", "enforced")


def keep_frozen(actor: Actor, case: Case, change: Change, confirmed: bool) -> None:  # noqa: FBT001  (a registered keeper)
    """Void the standing decision (after a warning), or, once it is carried out, drop the targets concerned.

    Raises `Refusal` 409 `decision.would_void`, saying what would be void, unless `confirmed`.
    """
    if case.state in _CARRIED_OUT:
        drop_targets_of_subjects(actor, case=case, subject_ids=change.subject_ids, reason=change.reason)
        return
    standing = Decision.objects.filter(case=case, state__in=("submitted", "approved")).order_by("-id").first()
    if standing is None or case.state not in {"in_review", "approved"} or not _froze(standing, change):
        return
    if not confirmed:
        raise Refusal(
            "decision.would_void",
            f"Round {standing.round} froze this: {standing.targets_count:,} targets, {standing.state}, digest "
            f"{standing.digest[:8]}. Changing {change.what} makes it void, with every approval of it, and takes "
            f"{case.ref} back to investigating. Confirm to go on.",
        )
    text = f"Changing {change.what}: {change.reason}"
    void_locked(actor, case=case, decision=locked(standing), text=text, code=change.code)


def _froze(decision: Decision, change: Change) -> bool:
    """An item that came after the cut-off was never frozen; everything else that changes is."""
    if change.item_id is None or decision.cut_off_at is None:
        return True
    return Item.objects.filter(pk=change.item_id, added_at__lte=decision.cut_off_at).exists()
