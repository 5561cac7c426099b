"""Notices: what holders are told travels with the action; here is what became of them."""

from django.db import connection, transaction
from django.utils import timezone

from enforcement.actions.models import Action, Notice
from enforcement.actions.services.progress import refresh_blockers_of
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.policies.models import NoticeText
from enforcement.staff.matrix import Permission, require


def notice_text(kind: str) -> NoticeText | None:
    """The newest text for an action of this kind, none where nobody wrote one."""
    return NoticeText.objects.filter(action_kind=kind).order_by("-version").first()


def note_notices(action: Action, *, shown: list[int], done: list[int]) -> None:
    """A notice row for every target done: sent where the platform says that it shows it, else pending."""
    text = notice_text(action.kind)
    if text is None or not done:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO actions_notice (action_target_id, text_id, state, sent_at, waived_reason) "
            "SELECT t.id, %s, CASE WHEN t.id = ANY(%s) THEN 'sent' ELSE 'pending' END, "
            "CASE WHEN t.id = ANY(%s) THEN now() END, '' FROM unnest(%s::bigint[]) AS t(id) ORDER BY t.id "
            "ON CONFLICT (action_target_id) DO UPDATE SET state = excluded.state, sent_at = excluded.sent_at "
            "WHERE actions_notice.state = 'pending' AND excluded.state = 'sent'",
            [text.pk, shown, shown, done],
        )


def waive_notices(actor: Actor, *, action: Action, reason: str) -> int:
    """Waive every notice not sent, saying why (a legal bar, say). Gives how many."""
    require(actor, Permission.ACTION_RUN)
    if not reason.strip():
        raise Refusal("notices.reason", "Say why holders are not told.", field="reason", status=400)
    with transaction.atomic():
        waived = Notice.objects.filter(action_target__action=action, state="pending").update(
            state="waived", waived_reason=reason, waived_by_id=actor.person_id, sent_at=None
        )
        refresh_blockers_of(action)
        record_event(actor=actor, verb="actions.notices_waived", target=action, case_id=action.case_id, reason=reason,
                     data={"count": waived, "at": timezone.now().isoformat()})  # fmt: skip
    return waived
