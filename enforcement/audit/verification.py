"""Verifying the seal: every event, history row and seal is where and what it was when it was sealed.

Streamed: memory does not grow with the rows. Nothing in the database is believed but what the signatures, whose keys
lie outside it, and the heads published outside it confirm.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from enforcement.audit.chain import GENESIS, head_of, signed_message, spans_of
from enforcement.audit.current_rows import differing_rows
from enforcement.audit.heads import HeadsAgainstChain, heads_path
from enforcement.audit.keys import public_key, public_path, signed_by
from enforcement.audit.leaves import checked_history_leaves, event_leaves
from enforcement.audit.merkle import MerkleTree
from enforcement.audit.models import Seal
from enforcement.audit.protections import missing_protections

MAX_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was sealed: a stable code, where, and one sentence."""

    code: str
    where: str
    message: str


@dataclass
class Report:
    """What was checked, and what was found. `unsealed_*` count the tail that no seal covers yet."""

    seals: int = 0
    epochs: int = 0
    events: int = 0
    history_rows: int = 0
    current_rows: int = 0
    published_heads: int = 0
    unsealed_events: int = 0
    unsealed_history_rows: int = 0
    unsealed_since: datetime | None = None
    last_head: str = ""
    last_sealed_at: datetime | None = None
    keys: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def add(self, code: str, where: str, message: str) -> None:
        """Note a problem; the first `MAX_PROBLEMS` are kept."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, where, message))


def verify_audit(*, heads: Sequence[str] = (), current: bool = True) -> Report:
    """Recompute every seal, and look for what none covers.

    `heads` are heads that somebody kept elsewhere: each must be in the chain. `current` also compares the rows of
    tracked tables with the last of their history.
    """
    began = time.perf_counter()
    report = Report()
    _check_protections(report)
    last = _check_chain(report)
    _check_coverage(report, last)
    _check_heads(report, heads)
    if current:
        _check_current_rows(report)
    report.seconds = round(time.perf_counter() - began, 3)
    return report


def _check_protections(report: Report) -> None:
    for table, trigger in missing_protections():
        report.add("protection.missing", table, f"Trigger {trigger} of {table} is missing or switched off.")


def _check_chain(report: Report) -> Seal | None:
    floors = {
        seal.epoch: (seal.event_floor, seal.history_floor) for seal in Seal.objects.filter(batch=1).order_by("epoch")
    }
    before: Seal | None = None
    for seal in Seal.objects.order_by("epoch", "batch").iterator(chunk_size=500):
        _check_link(report, seal, before)
        _check_signature(report, seal)
        _check_batch(report, seal, before, floors.get(seal.epoch + 1))
        report.seals += 1
        report.epochs = seal.epoch
        before = seal
    if before is not None:
        report.last_head, report.last_sealed_at = before.head, before.sealed_at
    return before


def _check_link(report: Report, seal: Seal, before: Seal | None) -> None:
    """Whether `seal` follows `before`: number, head, first transaction and floors."""
    opening = before is None or seal.epoch != before.epoch
    expected_batch = 1 if opening or before is None else before.batch + 1
    expected_epoch = 1 if before is None else before.epoch + (1 if opening else 0)
    if (seal.epoch, seal.batch) != (expected_epoch, expected_batch):
        report.add(
            "seal.missing",
            str(seal),
            f"Expected seal {expected_epoch}.{expected_batch} here and found {seal.epoch}.{seal.batch}: "
            "seals between them were removed.",
        )
    if seal.previous_head != (before.head if before else GENESIS):
        report.add("seal.chain", str(seal), f"{seal} does not name the head of the seal before it.")
    if before is not None and not opening and seal.from_xid != before.to_xid:
        report.add("seal.gap", str(seal), f"{seal} does not begin where the seal before it ended.")
    if seal.head != head_of(seal):
        report.add("seal.edited", str(seal), f"{seal} was edited: its head is not the hash of what it says.")


def _check_signature(report: Report, seal: Seal) -> None:
    key = public_key(seal.key_id)
    if key is None:
        report.add(
            "seal.key",
            str(seal),
            f"{seal} was signed with key {seal.key_id[:16]}, which is not among the keys of this machine.",
        )
        return
    report.keys[seal.key_id] = str(public_path(seal.key_id))
    try:
        valid = signed_by(key, bytes.fromhex(seal.signature), signed_message(seal.head))
    except ValueError:
        valid = False
    if not valid:
        report.add("seal.signature", str(seal), f"The signature of {seal} is not valid.")


def _check_batch(report: Report, seal: Seal, before: Seal | None, next_floors: tuple[int, int] | None) -> None:
    events, rows = spans_of(seal, before=before, next_floors=next_floors)
    tree, wrong = MerkleTree(), list[int]()
    event_count = history_count = 0
    for leaf in event_leaves(events):
        tree.add(leaf)
        event_count += 1
    for leaf in checked_history_leaves(rows, wrong):
        tree.add(leaf)
        history_count += 1
    report.events += event_count
    report.history_rows += history_count
    for row_id in wrong:
        report.add(
            "history.edited", f"history row {row_id}", f"The body of history row {row_id} is not what was hashed."
        )
    when = f"{seal}, sealed {seal.sealed_at:%Y-%m-%d %H:%M:%S} UTC"
    for name, found, sealed in (
        ("event", event_count, seal.event_count),
        ("history", history_count, seal.history_count),
    ):
        if found != sealed:
            verb = "removed from" if found < sealed else "put into"
            report.add(f"{name}.count", when, f"{abs(found - sealed)} {name} rows were {verb} {when}.")
    if tree.root() != seal.merkle_root:
        report.add(
            "batch.changed", when, f"Rows of {when} were edited, removed, added or reordered: the Merkle root differs."
        )


def _check_coverage(report: Report, last: Seal | None) -> None:
    """Count the tail, and rows that stand outside every batch and the tail."""
    to_xid = last.to_xid if last else 0
    for table, floor, sealed in (
        ("audit_event", last.event_floor if last else 0, report.events),
        ("audit_history", last.history_floor if last else 0, report.history_rows),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT count(*) FILTER (WHERE NOT tail), count(*) FILTER (WHERE tail), min(at) FILTER (WHERE tail)
                    FROM (SELECT at, xid >= %s AND id > %s AS tail FROM {table}) t""",
                [to_xid, floor],
            )
            covered, tail, since = cursor.fetchone()
        if table == "audit_event":
            report.unsealed_events = tail
        else:
            report.unsealed_history_rows = tail
        if since is not None and (report.unsealed_since is None or since < report.unsealed_since):
            report.unsealed_since = since
        if covered != sealed:
            report.add("rows.outside", table, f"{abs(covered - sealed)} rows of {table} stand outside every batch.")


def _check_heads(report: Report, heads: Sequence[str]) -> None:
    for head in heads:
        if not Seal.objects.filter(head=head.strip().lower()).exists():
            report.add("head.missing", head, f"Head {head} is not in the chain: its seal and those after it were cut.")
    against = HeadsAgainstChain()
    report.published_heads = against.look_up_all()
    report.notices.extend(against.restored)
    if against.lost:
        report.add(
            "tail.cut",
            against.first_lost,
            f"{against.lost} heads from {against.first_lost} on were published and are not in the chain: "
            "the tail was cut.",
        )
    if not report.published_heads and report.seals:
        report.notices.append(
            f"{heads_path()} names no head of this database: a cut tail shows only against a head kept elsewhere, "
            "given with --head."
        )


def _check_current_rows(report: Report) -> None:
    for table, checked, differing in differing_rows():
        report.current_rows += checked
        for row_id, what in differing:
            report.add("row.bypassed", f"{table} {row_id}", f"Row {row_id} of {table} {what} without leaving history.")
