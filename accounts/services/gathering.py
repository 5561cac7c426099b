"""What a link run reads: the sightings of the archive, and the reference counts told for identifiers known here."""

import hmac
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

from accounts.linking import Reference
from accounts.models import Identifier, ReferenceSnapshot
from accounts.services.reference import reference_key
from enforcement.signals.archive import sighting_files
from enforcement.signals.blobs import local_file
from enforcement.signals.duck import duck, literal, output
from enforcement.signals.models import Segment

_CHUNK = 50_000


def gather_sightings(through: int, folder: Path) -> Path | None:
    """Every live sighting up to segment `through` as one Parquet file by the engine's names; none where there is none.

    The same account, identifier and day out of several segments becomes one row.
    """
    segments = list(Segment.objects.filter(retired_at=None, pk__lte=through).exclude(sightings_path="").order_by("pk"))
    if not segments:
        return None
    path = folder / "sightings.parquet"
    with duck() as db, sighting_files(segments) as table:
        db.execute(
            "COPY (SELECT account_id AS account, kind, identifier_id AS identifier, day, sum(count)::BIGINT AS count "
            f"FROM {table} GROUP BY ALL ORDER BY account, identifier, day) TO {output(path)} (FORMAT parquet)"
        )
    return path


def accounts_in(sightings: Path) -> int:
    """How many accounts the sightings are of."""
    with duck() as db:
        found = db.execute(f"SELECT count(DISTINCT account) FROM read_parquet({literal(sightings)})").fetchone()
    return int(found[0]) if found else 0


def told_by(snapshot: ReferenceSnapshot) -> Reference:
    """The snapshot as the engine takes it: counts by identifier number instead of keyed value.

    Only identifiers with two or more holders known here can link anybody, so only theirs are looked up. Of the told
    lifts the 99th percentile over value pairs is taken: chance must not look rarer than it is for the values that go
    together most.
    """
    key = reference_key(snapshot)
    with duck() as db, local_file(snapshot.path) as path:
        db.execute("CREATE TABLE known (kind VARCHAR, key VARCHAR, identifier BIGINT)")
        for batch in _keyed(key, snapshot.kinds):
            db.register("batch", batch)
            db.execute("INSERT INTO known SELECT * FROM batch")
            db.unregister("batch")
        counts = db.sql(
            "SELECT c.kind, k.identifier, c.day, c.holders FROM "
            f"read_parquet({literal(path)}) c JOIN known k USING (kind, key) "
            "ORDER BY c.kind, k.identifier, c.day"
        ).to_arrow_table()
    joint = {
        (min(rate["kinds"]), max(rate["kinds"])): float(
            rate["lift_p99"] or rate["lift_p95"] or rate["lift_mean"] or 1.0
        )
        for rate in snapshot.joint_rates
    }
    pooled = {
        (min(rate["kinds"]), max(rate["kinds"])): float(rate["lift_pooled"])
        for rate in snapshot.joint_rates
        if rate.get("lift_pooled")
    }
    return Reference(
        population=snapshot.population,
        counts=counts,
        first_day=snapshot.first_day,
        last_day=snapshot.last_day,
        minimum_holders=snapshot.minimum_holders,
        active={snapshot.first_day + timedelta(days=place): int(n) for place, n in enumerate(snapshot.active)},
        kinds=frozenset(snapshot.kinds),
        joint=joint,
        pooled=pooled,
        version=snapshot.number,
    )


def keyed_value(key: bytes, kind: str, value: str) -> str:
    """The keyed form of an identifier: 32 hexadecimal digits of HMAC-SHA256 over "kind:value"."""
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256").hex()[:32]


def _keyed(key: bytes, kinds: list[str]) -> Iterator[pa.Table]:
    found: tuple[list[str], list[str], list[int]] = ([], [], [])
    rows = Identifier.objects.filter(kind__in=kinds, holders__gte=2).values_list("id", "kind", "value")
    for number, kind, value in rows.iterator(chunk_size=_CHUNK):
        found[0].append(kind)
        found[1].append(keyed_value(key, kind, value))
        found[2].append(number)
        if len(found[2]) == _CHUNK:
            yield _table(found)
            found = ([], [], [])
    yield _table(found)


def _table(found: tuple[list[str], list[str], list[int]]) -> pa.Table:
    return pa.table(
        {
            "kind": pa.array(found[0], pa.string()),
            "key": pa.array(found[1], pa.string()),
            "identifier": pa.array(found[2], pa.int64()),
        }
    )
