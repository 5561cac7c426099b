"""The attached files and their manifest: exact data beside the printed pages.

CSV: UTF-8 without byte-order mark, line feeds, a header, ISO times, no thousands separators. A cell that a
spreadsheet would read as a formula (it starts with = + - @, a tab or a carriage return) gets a leading
apostrophe; numbers are not touched. `manifest.json` has sorted keys and one line feed at its end, and lists
neither itself nor the PDF: its own SHA-256 is printed on the cover.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from enforcement.packets.document_records import PacketInputs
from enforcement.packets.errors import IncompletePacketError

MANIFEST_NAME = "manifest.json"
_FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """One file inside the PDF. `rows` excludes the header and is None for what has no rows."""

    name: str
    content: bytes
    media_type: str
    what: str
    rows: int | None

    @property
    def sha256(self) -> str:
        """Lower-case hex over the content."""
        return hashlib.sha256(self.content).hexdigest()


def iso(at: datetime) -> str:
    """An aware UTC time as RFC 3339 with Z, to the second."""
    if at.tzinfo is None:
        raise IncompletePacketError("naive_time", f"The time {at.isoformat()} has no time zone.")
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def cell(value: object) -> str:
    """One CSV cell: nothing for None, exact text otherwise, with the leading apostrophe where needed."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date | int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    return "'" + text if text.startswith(_FORMULA_LEADS) else text


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file as the module's docstring says."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _table(name: str, what: str, columns: Sequence[str], rows: list[list[object]]) -> Attachment:
    return Attachment(name=name, content=csv_bytes(columns, rows), media_type="text/csv", what=what, rows=len(rows))


_SUBJECT_COLUMNS = [
    "account",
    "group",
    "cluster",
    "hub",
    "first_day_utc",
    "last_day_utc",
    "active_days",
    "exchanges",
    "held_by",
    "bits",
    "finding",
    "reason",
    "clauses",
    "alerts",
    "action",
    "target_status",
    "target_note",
    "appeal",
]


def subjects_csv(inputs: PacketInputs) -> Attachment:
    """Every subject of the case, one row each, by account."""
    rows: list[list[object]] = [
        [
            s.account,
            s.group,
            s.cluster,
            s.hub,
            s.first_day,
            s.last_day,
            s.active_days,
            s.exchanges,
            s.held_by,
            s.bits,
            s.finding,
            s.reason,
            " ".join(s.clauses),
            s.alerts,
            s.action,
            s.target_status,
            s.target_note,
            s.appeal,
        ]
        for s in sorted(inputs.subjects, key=lambda s: s.account)
    ]
    return _table("subjects.csv", "every subject, one row each", _SUBJECT_COLUMNS, rows)


def daily_csv(inputs: PacketInputs) -> Attachment:
    """Exchanges and active accounts by day and group."""
    rows: list[list[object]] = [
        [d.day, d.group, d.accounts_active, d.exchanges]
        for d in sorted(inputs.timeline.days, key=lambda d: (d.day, d.group))
    ]
    columns = ("day_utc", "group", "accounts_active", "exchanges")
    return _table("daily.csv", "exchanges and active accounts by day and group", columns, rows)


def identifiers_csv(inputs: PacketInputs) -> Attachment:
    """Every identifier shared by two or more members."""
    rows: list[list[object]] = [
        [i.mark, i.kind, i.value, i.cluster, i.members, i.holders, i.bits, i.first_day, i.last_day]
        for i in sorted(inputs.identifiers, key=lambda i: (i.cluster, i.kind, i.mark, i.value))
    ]
    columns = ["mark", "kind", "value", "cluster", "members", "holders", "bits", "first_day_utc", "last_day_utc"]
    return _table("identifiers.csv", "identifiers shared by members, holders and weight", columns, rows)


def exhibits_csv(inputs: PacketInputs) -> Attachment:
    """The exhibit register."""
    rows: list[list[object]] = [
        [e.number, e.title, e.media_type, e.size_bytes, e.preserved_at, e.sha256, e.evidence_class, e.where]
        for e in sorted(inputs.exhibits, key=lambda e: e.number)
    ]
    columns = ["exhibit", "title", "media_type", "bytes", "preserved_at", "sha256", "class", "where"]
    return _table("exhibits.csv", "exhibit register of Section 9", columns, rows)


def custody_csv(inputs: PacketInputs) -> Attachment:
    """Every custody event, in order of time."""
    rows: list[list[object]] = [
        [c.at, c.exhibit, c.event, c.by, c.detail, c.hash_check]
        for c in sorted(inputs.custody.events, key=lambda c: (c.at, c.exhibit, c.event, c.by, c.detail))
    ]
    columns = ["at", "exhibit", "event", "by", "detail", "hash_check"]
    return _table("custody.csv", "every custody event of Section 10", columns, rows)


def redactions_csv(inputs: PacketInputs) -> Attachment:
    """The redaction log; a header alone when nothing was left out."""
    rows: list[list[object]] = [
        [r.number, r.kind, r.what, r.how_much, r.how, r.ground, r.where]
        for r in sorted(inputs.redactions, key=lambda r: r.number)
    ]
    columns = ["redaction", "kind", "what", "how_much", "how", "ground", "where"]
    return _table("redactions.csv", "redaction log of Section 14", columns, rows)


def data_files(inputs: PacketInputs) -> list[Attachment]:
    """The files that the queries of Section 8 read."""
    return [
        subjects_csv(inputs),
        daily_csv(inputs),
        identifiers_csv(inputs),
        exhibits_csv(inputs),
        custody_csv(inputs),
        redactions_csv(inputs),
    ]


def exhibit_files(inputs: PacketInputs) -> list[Attachment]:
    """Exhibits that travel inside the PDF; each must equal the registered hash."""
    registered = {e.number: e.sha256 for e in inputs.exhibits}
    files = []
    for item in inputs.attached:
        if hashlib.sha256(item.content).hexdigest() != registered.get(item.number):
            raise IncompletePacketError(
                "exhibit_changed", f"The attached bytes of {item.number} do not have its registered SHA-256."
            )
        if "/" in item.name or "\\" in item.name or item.name.startswith("."):
            raise IncompletePacketError("exhibit_name", f"{item.number} needs a bare file name.")
        files.append(
            Attachment(
                name=item.name,
                content=item.content,
                media_type=item.media_type,
                what=f"exhibit {item.number}",
                rows=None,
            )
        )
    return files


def manifest(inputs: PacketInputs, *, digest: str, files: Sequence[Attachment]) -> Attachment:
    """`manifest.json` over `files`, sorted by path; `digest` is the inputs digest, lower-case hex."""
    seal, cover = inputs.seal, inputs.cover
    names = [f.name for f in files]
    if len(set(names)) != len(names) or MANIFEST_NAME in names:
        raise IncompletePacketError("attachment_names", "Two attached files have the same name.")
    body = {
        "format": "dossier-manifest/1",
        "packet": cover.packet_ref,
        "version": cover.version,
        "supersedes": cover.supersedes,
        "profile": cover.profile,
        "case": cover.case_ref,
        "built_at": iso(cover.built_at),
        "hash": "sha-256",
        "inputs_digest": digest,
        "audit_seal": None
        if seal is None
        else {"batch": seal.batch, "head": seal.head, "sealed_at": iso(seal.sealed_at)},
        "files": [
            {
                "path": f.name,
                "bytes": len(f.content),
                "rows": f.rows,
                "media_type": f.media_type,
                "sha256": f.sha256,
                "what": f.what,
            }
            for f in sorted(files, key=lambda f: f.name)
        ],
    }
    content = json.dumps(body, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"
    return Attachment(name=MANIFEST_NAME, content=content, media_type="application/json", what="this list", rows=None)
