"""Advisory locks of the fold, held to the end of the transaction and taken in this order: detector, then sightings."""

from django.db import connection

_DETECTOR = 0x5160A1
_SIGHTINGS = 0x5160A2


def lock_detector(detector_id: int) -> None:
    """Nothing else is committed for this detector until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_DETECTOR, detector_id])


def share_detector(detector_id: int) -> None:
    """No import commits for this detector until the transaction ends; other posts may."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_DETECTOR, detector_id])


def lock_sightings() -> None:
    """Holders of identifiers are counted over every detector's sightings: one fold at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_SIGHTINGS])
