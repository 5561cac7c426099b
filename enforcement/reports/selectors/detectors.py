"""Detector health: whether a detector has been silent for long against its own rhythm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.signals.models import Detector
from enforcement.signals.selectors import list_detectors
from enforcement.staff.matrix import Permission, require

# Silent: nothing for this many times the median gap between arrivals, and for this long at the least.
GAPS_UNTIL_SILENT = 4
SHORTEST_SILENCE = timedelta(hours=1)
# With fewer arrivals there is no rhythm yet, and a week of nothing counts as silence.
ARRIVALS_FOR_A_RHYTHM = 5
SILENCE_WITHOUT_RHYTHM = timedelta(days=7)

_RHYTHM = """
WITH arrivals AS (
    SELECT detector_id, created_at,
           extract(epoch FROM created_at - lag(created_at) OVER (PARTITION BY detector_id ORDER BY created_at)) AS gap,
           row_number() OVER (PARTITION BY detector_id ORDER BY created_at DESC) AS nr
    FROM signals_segment),
posted AS (SELECT detector_id, max(received_at) AS last FROM signals_postedsignal GROUP BY 1),
archived AS (
    SELECT detector_id, max(created_at) AS last, count(*) AS arrivals,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS median_seconds
    FROM arrivals WHERE nr <= 30 GROUP BY 1)
SELECT d.id, greatest(archived.last, posted.last), coalesce(archived.arrivals, 0), archived.median_seconds
FROM signals_detector d LEFT JOIN archived ON archived.detector_id = d.id LEFT JOIN posted ON posted.detector_id = d.id
"""


@dataclass(frozen=True)
class DetectorHealth:
    """A detector, the state to show (its own, or silent), when something last arrived, and its usual gap in seconds."""

    detector: Detector
    state: str
    last_arrival_at: datetime | None
    usual_gap_seconds: float | None

    @property
    def signals(self) -> int:
        """Signals in the archive."""
        return int(getattr(self.detector, "signals", 0))


def detector_health(viewer: Actor) -> list[DetectorHealth]:
    """Every detector by name, in two queries."""
    require(viewer, Permission.DETECTOR_VIEW)
    with connection.cursor() as cursor:
        cursor.execute(_RHYTHM)
        rhythm = {row[0]: row[1:] for row in cursor.fetchall()}
    now = timezone.now()
    found = []
    for detector in list_detectors(viewer):
        last, arrivals, median = rhythm.get(detector.pk, (None, 0, None))
        usual = float(median) if median is not None and arrivals >= ARRIVALS_FOR_A_RHYTHM else None
        silent = detector.state == "reporting" and last is not None and now - last > _patience(usual)
        found.append(DetectorHealth(detector, "silent" if silent else detector.state, last, usual))
    return found


def _patience(usual_gap_seconds: float | None) -> timedelta:
    if usual_gap_seconds is None:
        return SILENCE_WITHOUT_RHYTHM
    return max(SHORTEST_SILENCE, timedelta(seconds=usual_gap_seconds * GAPS_UNTIL_SILENT))
