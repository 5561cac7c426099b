"""The row-like parts of a packet's inputs, and the whole: `PacketInputs`. See `document` for units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from enforcement.packets.document import (
    AuditSeal,
    Cluster,
    Cover,
    IdentifierRow,
    Method,
    Policy,
    SignatureFacts,
    Timeline,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """An organization as it stands in the case. `agreed` names who agreed in writing and when, or is ''."""

    organization: str
    parent: str
    role: str
    confidence: str
    basis: str
    exhibits: tuple[str, ...] = ()
    suggested_by_rule: bool = False
    agreed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    """Another explanation of the conduct, with what speaks for and against it."""

    explanation: str
    speaks_for: str
    speaks_against: str
    outcome: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectRow:
    """One account as it stands in the case: one line of subjects.csv.

    `held_by` is the kind of evidence that holds it in the cluster (payment, device, conjunction, person, or
    '' for a subject outside a cluster) and `bits` its weight. `clauses` and `alerts` are the basis of the
    finding. `target_status` and `appeal` ('', filed, assigned, denied, granted_in_part, granted) may be ''.
    """

    account: str
    group: str
    cluster: str
    hub: str
    first_day: date | None
    last_day: date | None
    active_days: int
    exchanges: int
    held_by: str
    bits: float | None
    finding: str
    reason: str
    clauses: tuple[str, ...]
    alerts: int
    action: str = ""
    target_status: str = ""
    target_note: str = ""
    appeal: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedQuery:
    """A query that ran on the archive, with its whole result; `rows` are ordered by the query itself.

    `key` names it for citation inside the packet; `value` is what is printed, with thousands separators.
    """

    key: str
    what: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    value: str
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Exhibit:
    """A preserved item. `where`: 'attached: NAME', 'archive of the issuer', 'withheld'. `note` may be ''.

    `generated`: made by the system out of its archive, so that a certification of its process may name it.
    """

    number: str
    title: str
    media_type: str
    size_bytes: int
    sha256: str
    preserved_at: datetime
    where: str
    evidence_class: str
    note: str = ""
    generated: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class CustodyEvent:
    """`hash_check`: 'first hash', 'match', 'MISMATCH' or '–' where nothing was hashed."""

    at: datetime
    exhibit: str
    event: str
    by: str
    detail: str
    hash_check: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Custody:
    """`gap_*` give the time from observation to arrival of the signals; None where not measured."""

    events: tuple[CustodyEvent, ...]
    gap_median_minutes: float | None = None
    gap_longest_minutes: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """One answer of a named second person; `outcome`: approved, returned, refused."""

    name: str
    role: str
    outcome: str
    at: datetime
    reason: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRound:
    """One proposal with its frozen list. `digest` is that of the snapshot that approvals name."""

    ref: str
    action: str
    targets: int
    digest: str
    proposed_by: str
    proposed_role: str
    submitted_at: datetime
    state: str
    approvals: tuple[Approval, ...] = ()
    changed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonPart:
    """What one person did in the case."""

    name: str
    role: str
    part: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedRule:
    """An approval rule that applied to the decision: its name and what it asks, in words."""

    name: str
    asks: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """Every round in order, the rules that applied, and who did what."""

    rounds: tuple[DecisionRound, ...] = ()
    rules: tuple[AppliedRule, ...] = ()
    people: tuple[PersonPart, ...] = ()
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Notices:
    """Counts of notices to account holders. `sent`: the platform said that it showed them; `open`: not sent yet."""

    sent: int
    waived: int
    open: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Actions:
    """`batches` counts the signed requests to the platform; targets are counted from the subjects."""

    connector: str = ""
    batches: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    notices: Notices | None = None
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AppealGround:
    """Appeals by the ground given; `open` are filed or assigned and not decided."""

    ground: str
    filed: int
    denied: int
    granted_in_part: int
    granted: int
    open: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Redaction:
    """One entry of the redaction log; numbers are `R-001` and on."""

    number: str
    kind: str
    what: str
    how_much: str
    how: str
    ground: str
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachedExhibit:
    """The exact bytes of an exhibit that travels inside the PDF, under a bare file name."""

    number: str
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class PacketInputs:
    """All that one packet shows. Frozen as canonical JSON by `canonical.encode_inputs`."""

    cover: Cover
    seal: AuditSeal | None
    signature: SignatureFacts
    policy: Policy
    method: Method
    timeline: Timeline
    clusters: tuple[Cluster, ...]
    identifiers: tuple[IdentifierRow, ...]
    attributions: tuple[Attribution, ...]
    alternatives: tuple[Alternative, ...]
    would_change: str
    subjects: tuple[SubjectRow, ...]
    archive_queries: tuple[RecordedQuery, ...]
    exhibits: tuple[Exhibit, ...]
    custody: Custody
    decision: Decision
    actions: Actions
    appeals: tuple[AppealGround, ...]
    redactions: tuple[Redaction, ...]
    attached: tuple[AttachedExhibit, ...] = ()
