"""Finding rows that somebody should be woken for: their wake-up was lost, or their worker died."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import LinkRun
from enforcement.actions.models import Action, Delivery
from enforcement.audit.jobs import Job
from enforcement.audit.models import Event
from enforcement.ingest.models import Import
from enforcement.packets.models import Packet
from enforcement.pipeline.routes import (
    BUILD_PACKET,
    CHANGES_LINKS,
    REQUEST_LINKING,
    RUN_ACTION,
    RUN_IMPORT,
    RUN_LINKING,
)
from enforcement.pipeline.wake import Wake

ROWS_A_SWEEP = 100
LINKING_PAUSE_SECONDS = 60
_JOBS: tuple[tuple[type[Job], str], ...] = (
    (Import, RUN_IMPORT),
    (LinkRun, RUN_LINKING),
    (Packet, BUILD_PACKET),
)


def unfinished() -> Iterator[Wake]:
    """Every wake-up that is due, oldest rows first, at most `ROWS_A_SWEEP` of a kind."""
    for model, task in _JOBS:
        rows = model.unfinished().order_by("pk").values_list("pk", flat=True)[:ROWS_A_SWEEP]
        yield from ((task, row_id) for row_id in rows)
    yield from ((RUN_ACTION, row_id) for row_id in _stalled_actions().values_list("pk", flat=True)[:ROWS_A_SWEEP])
    if linking_is_due():
        yield REQUEST_LINKING, None


def _stalled_actions() -> QuerySet[Action]:
    """Running actions with a delivery that is due, or with none left and nobody who said so."""
    now = timezone.now()
    deliveries = Delivery.objects.filter(action=OuterRef("pk"))
    held = deliveries.filter(state="sending", lease_until__gte=now)
    due = deliveries.filter(
        Q(state="pending") & (Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))
        | Q(state="sending") & (Q(lease_until=None) | Q(lease_until__lt=now))
    )
    left = deliveries.filter(state__in=("pending", "sending"))
    return (
        Action.objects.filter(state__in=("pending", "running"))
        .filter(~Exists(held), Exists(due) | ~Exists(left))
        .order_by("pk")
    )


def linking_is_due() -> bool:
    """Whether signals or reference counts came after the last link run began, and none waits to begin.

    Signals that come one by one ask for a run at most every `LINKING_PAUSE_SECONDS`.
    """
    newest = Event.objects.filter(verb__in=CHANGES_LINKS).order_by("-id").first()
    if newest is None or LinkRun.objects.filter(state="queued").exists():
        return False
    last = LinkRun.objects.exclude(started_at=None).order_by("-started_at").first()
    if last is None or last.started_at is None:
        return True
    if newest.verb == "ingest.signal_folded" and paused(last):
        return False
    return newest.at > last.started_at


def paused(last: LinkRun) -> bool:
    """Whether the last run began so recently that a single signal asks for no other yet."""
    pause = timedelta(seconds=LINKING_PAUSE_SECONDS)
    return last.started_at is not None and last.started_at > timezone.now() - pause
