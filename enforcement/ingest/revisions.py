"""Other bodies for references that counted already: kept and shown, changing no tally."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

import duckdb

from enforcement.ingest.staging import body_of
from enforcement.signals.bodies import body_sha256, jsonable
from enforcement.signals.models import Detector, Revision
from enforcement.signals.parsing import Body

_BATCH_ROWS = 2_000


def keep_revisions(connection: duckdb.DuckDBPyConnection, detector: Detector) -> None:
    """Store the staged rows that `verdict` calls revisions."""
    reader = connection.sql(
        "SELECT s.* FROM staged s JOIN verdict v USING (line) WHERE v.status = 'revision' ORDER BY s.line"
    ).to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        store_revisions(detector, (body_of(row, UTC) for row in batch.to_pylist()))


def store_revisions(detector: Detector, bodies: Iterable[Body]) -> None:
    """One row for each body not yet kept for its reference."""
    Revision.objects.bulk_create(
        (
            Revision(
                detector=detector, source_ref=body["source_ref"], body=jsonable(body), body_sha256=body_sha256(body)
            )
            for body in bodies
        ),
        ignore_conflicts=True,
        batch_size=_BATCH_ROWS,
    )
