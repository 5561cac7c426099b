"""Posted signals into a segment: their tallies stand already, their sightings and archive rows follow here."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from enforcement.audit.actors import SYSTEM
from enforcement.audit.services import record_event
from enforcement.ingest.columns import COLUMNS_SQL
from enforcement.ingest.commit import commit_segment, prepare_counted
from enforcement.ingest.locks import lock_detector, lock_sightings
from enforcement.ingest.staging import Staging, staged_row
from enforcement.signals.blobs import scratch
from enforcement.signals.bodies import from_jsonable
from enforcement.signals.duck import duck
from enforcement.signals.models import Detector, PostedSignal, Segment

MAX_ROWS = 100_000


def compact_posted(detector: Detector) -> Segment | None:
    """Move the detector's posted signals into one segment, all or none; None when there are none.

    Safe to run twice and at once: the detector's lock is held throughout. Changes no tally.
    """
    with transaction.atomic():
        lock_detector(detector.pk)
        posted = list(PostedSignal.objects.filter(detector=detector).order_by("id")[:MAX_ROWS])
        if not posted:
            return None
        lock_sightings()
        with scratch() as folder, duck() as connection:
            connection.execute(f"CREATE TABLE staged ({COLUMNS_SQL})")
            staging = Staging(connection, datetime.now(UTC))
            staging.stage_rows([staged_row(from_jsonable(row.body), 0) for row in posted])
            source = f"posted {posted[0].pk}-{posted[-1].pk}"
            prepared = prepare_counted(connection, detector, folder, source=source)
            outcome = commit_segment(connection, detector, prepared, folder, tallies=False)
        PostedSignal.objects.filter(pk__in=[row.pk for row in posted]).delete()
        record_event(
            actor=SYSTEM,
            verb="ingest.posted_compacted",
            target=outcome.segment,
            data={"detector": detector.slug, "signals": len(posted)},
        )
    return outcome.segment


def compact_all_posted() -> int:
    """Compact every detector that has posted signals; how many segments were made."""
    waiting = PostedSignal.objects.order_by().values_list("detector", flat=True).distinct()
    made = 0
    for detector in Detector.objects.filter(pk__in=list(waiting)).order_by("pk"):
        while compact_posted(detector) is not None:
            made += 1
    return made
