"""Reference counts: how common each value is among everybody, told by the platform's warehouse (design, linking)."""

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts.models import ReferenceSnapshot
from accounts.services.lines import MAX_LINE_BYTES, open_file
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.signals.blobs import keep_file, scratch, sha256_of
from enforcement.signals.duck import duck, literal, output
from enforcement.staff.matrix import Permission, require

KEYING = "hmac-sha256"
_MOST_ACCOUNTS = 10**12
_JOINT = ("kinds", "lift_p99", "lift_p95", "lift_mean", "lift_pooled", "value_pairs", "rate", "conditional")
_TYPES = (
    "{type: 'VARCHAR', kind: 'VARCHAR', key: 'VARCHAR', day: 'DATE', holders: 'BIGINT', kinds: 'VARCHAR[]', "
    "lift_p99: 'DOUBLE', lift_p95: 'DOUBLE', lift_mean: 'DOUBLE', lift_pooled: 'DOUBLE', value_pairs: 'BIGINT', "
    "rate: 'DOUBLE', conditional: 'DOUBLE'}"
)


@dataclass
class _Header:
    """The first line, checked."""

    population: int
    first_day: date
    last_day: date
    as_of: date
    minimum_holders: int
    definitions: dict[str, Any] = field(default_factory=dict)
    active: list[int] = field(default_factory=list)


def import_reference(actor: Actor, *, path: Path, key: str = "") -> ReferenceSnapshot:
    """Import one file of reference counts as the next numbered snapshot; the same file again gives the same snapshot.

    `key` is the hex key by which the warehouse keyed its values (else the `reference.key` beside the file); it is kept
    apart from the database, readable by this user alone. Raises `Refusal` (400) naming the line for a file that is not
    one of reference counts; nothing of it is kept then.
    """
    require(actor, Permission.IMPORT_CREATE)
    open_file(path)
    key_bytes = _read_key(path, key)
    digest = sha256_of(path)
    same = ReferenceSnapshot.objects.filter(sha256=digest).first()
    if same is not None:
        if not _key_path(digest).exists():
            _keep_key(same, key_bytes)
        return same
    header = _read_header(path)
    with scratch() as folder:
        counts, kinds, joint = _write_counts(path, folder / "counts.parquet")
        stored = keep_file(folder / "counts.parquet", folder="reference", sha256=digest, suffix=".parquet")
    with transaction.atomic():
        number = (ReferenceSnapshot.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        snapshot = ReferenceSnapshot.objects.create(
            number=number,
            sha256=digest,
            path=stored,
            population=header.population,
            first_day=header.first_day,
            last_day=header.last_day,
            as_of=header.as_of,
            minimum_holders=header.minimum_holders,
            definitions=header.definitions,
            active=header.active,
            counts=counts,
            kinds=kinds,
            joint_rates=joint,
            imported_by_id=actor.person_id,
        )
        _keep_key(snapshot, key_bytes)
        record_event(
            actor=actor,
            verb="accounts.reference_imported",
            target=snapshot,
            data={"sha256": digest, "counts": counts, "population": header.population, "kinds": kinds},
        )
    return snapshot


def reference_key(snapshot: ReferenceSnapshot) -> bytes:
    """The key of a snapshot's values. Raises `Refusal` when the file that held it is gone."""
    path = _key_path(snapshot.sha256)
    if not path.exists():
        raise Refusal(
            "reference.key_missing", f"The key of {snapshot} is gone from the keys folder. Import the file again."
        )
    return bytes.fromhex(path.read_text().strip())


def _key_path(digest: str) -> Path:
    return Path(settings.KEYS_ROOT) / f"reference-{digest[:16]}.key"


def _keep_key(snapshot: ReferenceSnapshot, key: bytes) -> None:
    path = _key_path(snapshot.sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(key.hex())


def _read_key(path: Path, key: str) -> bytes:
    beside = path.with_name("reference.key")
    text = key or (beside.read_text(errors="replace") if beside.is_file() else "")
    try:
        found = bytes.fromhex(text.strip())
    except ValueError:
        found = b""
    if len(found) < 16:
        raise Refusal(
            "reference.key",
            "The reference counts need the key that their values were keyed with: at least 32 hexadecimal digits, "
            "in reference.key beside the file or by --key.",
            field="key",
            status=400,
        )
    return found


def _read_header(path: Path) -> _Header:
    with path.open("rb") as source:
        first = source.readline(MAX_LINE_BYTES)
    try:
        found: dict[str, Any] = msgspec.json.decode(first, type=dict[str, Any])
        if found.get("type") != "reference" or found.get("version") != 1 or found.get("keying") != KEYING:
            raise ValueError(found.get("type"))
        first_day, last_day = (date.fromisoformat(day) for day in found["days"])
        header = _Header(
            population=int(found["population"]),
            first_day=first_day,
            last_day=last_day,
            as_of=date.fromisoformat(found["as_of"]),
            minimum_holders=int(found["minimum_holders"]),
            definitions=dict(found.get("definitions") or {}),
            active=[int(count) for count in found.get("active") or []],
        )
    except (msgspec.DecodeError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Refusal(
            "reference.header",
            f"Line 1 of {path.name} is not a header of reference counts (type reference, version 1, keying {KEYING}, "
            "population, days, as_of, minimum_holders). Export the counts again.",
            field="file",
            status=400,
        ) from error
    sane = 1 <= header.minimum_holders <= header.population <= _MOST_ACCOUNTS
    if not sane or header.last_day < header.first_day:
        raise Refusal("reference.header", f"Line 1 of {path.name}: minimum_holders must be 1 or more, population no less "
                      f"and at most {_MOST_ACCOUNTS:,}, and the days in order.", field="file", status=400)  # fmt: skip
    return header


def _write_counts(path: Path, out: Path) -> tuple[int, list[str], list[dict[str, Any]]]:
    """Counts to Parquet, joint rates as rows; (counts, kinds, joint rates)."""
    with duck() as db:
        try:
            db.execute(
                f"CREATE TABLE lines AS SELECT * FROM read_json([{literal(path.resolve())}], format='newline_delimited', "
                f"columns={_TYPES}, maximum_object_size={MAX_LINE_BYTES})"
            )
        except duckdb.Error as error:
            raise _not_counts(path, f"it has a line that is none: {str(error).splitlines()[0][:200]}") from error
        bad = _number(
            db,
            "SELECT count(*) FROM lines WHERE type = 'count' AND (kind IS NULL OR key IS NULL OR day IS NULL OR holders "
            "IS NULL OR holders < 1 OR NOT regexp_full_match(key, '[0-9a-f]{32}'))",
        )
        if bad:
            raise _not_counts(
                path, f"{bad:,} counts lack a kind, a key of 32 hexadecimal digits, a day or holders of 1 or more"
            )
        db.execute(
            "COPY (SELECT kind, key, day, max(holders) AS holders FROM lines WHERE type = 'count' GROUP BY ALL "
            f"ORDER BY kind, key, day) TO {output(out)} (FORMAT parquet, COMPRESSION zstd)"
        )
        counts = _number(db, "SELECT count(*) FROM lines WHERE type = 'count'")
        kinds = [
            row[0] for row in db.execute("SELECT DISTINCT kind FROM lines WHERE type = 'count' ORDER BY 1").fetchall()
        ]
        joint = db.execute(
            f"SELECT {', '.join(_JOINT)} FROM lines WHERE type = 'joint' AND len(kinds) = 2 ORDER BY kinds"
        ).fetchall()
    return counts, kinds, [dict(zip(_JOINT, row, strict=True)) for row in joint]


def _number(db: duckdb.DuckDBPyConnection, query: str) -> int:
    return int((db.execute(query).fetchone() or (0,))[0])


def _not_counts(path: Path, why: str) -> Refusal:
    return Refusal(
        "reference.counts",
        f"{path.name} is not a file of reference counts: {why}. Export the counts again.",
        field="file",
        status=400,
    )
