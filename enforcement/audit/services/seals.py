"""Sealing: each batch a Merkle root over finished transactions, chained to the batch before, signed, published."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.chain import GENESIS, head_of, signed_message, spans_of
from enforcement.audit.errors import Refusal
from enforcement.audit.heads import last_published, publish
from enforcement.audit.keys import key_id, signing_key
from enforcement.audit.leaves import Span, event_leaves, history_leaves
from enforcement.audit.merkle import MerkleTree
from enforcement.audit.models import Event, History, Seal
from enforcement.audit.services.events import record_event

_SEAL_LOCK = 0x5345414C  # "SEAL": one sealer at a time, whichever process


def seal_now() -> Seal | None:
    """Seal every event and history row of transactions older than all open ones; none when there is nothing new.

    Safe to run twice and at once: the second waits for the first and finds nothing. Raises `Refusal`
    (`seal.behind_published_heads`) where the database lacks a head that was published: it was restored or cut, and a
    person must say which (`start_epoch`).
    """
    with transaction.atomic():
        _lock()
        last = Seal.objects.order_by("-epoch", "-batch").first()
        _refuse_when_behind()
        horizon = _oldest_open_xid()
        from_xid = last.to_xid if last else 0
        seal = Seal(
            epoch=last.epoch if last else 1,
            batch=last.batch + 1 if last else 1,
            from_xid=from_xid,
            to_xid=horizon,
            event_floor=last.event_floor if last else 0,
            history_floor=last.history_floor if last else 0,
        )
        if horizon <= from_xid:
            return None
        spans = spans_of(seal, before=last, next_floors=None)
        if not _any_rows(spans):
            return None
        return _complete(seal, spans, last)


def start_epoch(actor: Actor, *, reason: str) -> Seal:
    """Say that this database was restored: open a new epoch, chained to the last head that survived.

    Its first seal covers the rows that were restored unsealed. Web and worker must be stopped. Raises `Refusal` when
    nothing was sealed yet, when no reason is given, or while somebody writes.
    """
    if not reason.strip():
        raise Refusal("seal.reason", "Say why an epoch starts: which backup was restored.", field="reason", status=400)
    with transaction.atomic():
        _lock()
        last = Seal.objects.order_by("-epoch", "-batch").first()
        if last is None:
            raise Refusal("seal.nothing_sealed", "Nothing was sealed in this database yet, so no epoch can end.")
        floors, horizon = _quiet_floors()
        seal = Seal(
            epoch=last.epoch + 1,
            batch=1,
            from_xid=horizon,
            to_xid=horizon,
            event_floor=floors[0],
            history_floor=floors[1],
        )
        _complete(seal, spans_of(seal, before=last, next_floors=None), last)
        record_event(
            actor=actor, verb="audit.epoch_started", target=seal, reason=reason, data={"after_head": last.head}
        )
    return seal


def _complete(seal: Seal, spans: tuple[Span, Span], last: Seal | None) -> Seal:
    key = signing_key()
    tree = MerkleTree()
    for leaf in event_leaves(spans[0]):
        tree.add(leaf)
        seal.event_count = (seal.event_count or 0) + 1
    for leaf in history_leaves(spans[1]):
        tree.add(leaf)
        seal.history_count = (seal.history_count or 0) + 1
    seal.merkle_root = tree.root()
    return _sign(seal, key, last.head if last else GENESIS, at=timezone.now())


def _sign(seal: Seal, key: Ed25519PrivateKey, previous_head: str, *, at: datetime) -> Seal:
    seal.event_count = seal.event_count or 0
    seal.history_count = seal.history_count or 0
    seal.previous_head = previous_head
    seal.sealed_at = at
    seal.key_id = key_id(key.public_key())
    seal.head = head_of(seal)
    seal.signature = key.sign(signed_message(seal.head)).hex()
    seal.save(force_insert=True)
    # Outside the database only once it is inside for good.
    transaction.on_commit(lambda: publish(seal))
    return seal


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])


def _refuse_when_behind() -> None:
    head = last_published()
    if head is not None and not Seal.objects.filter(head=head.head).exists():
        raise Refusal(
            "seal.behind_published_heads",
            f"Head {head.head[:16]} of epoch {head.epoch}, batch {head.batch} was published and is not in this "
            "database: it was restored, or its tail was cut. See `manage.py verify_audit`; after a restore, say so "
            "with `manage.py verify_audit --start-epoch REASON`.",
        )


def _oldest_open_xid() -> int:
    """All transactions below this one have ended, and what they committed is visible to the next statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _any_rows(spans: tuple[Span, Span]) -> bool:
    for table, span in zip(("audit_event", "audit_history"), spans, strict=True):
        condition, values = span.condition()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {condition})", values)
            if cursor.fetchone()[0]:
                return True
    return False


def _quiet_floors() -> tuple[tuple[int, int], int]:
    """The highest ids of events and history, and the next transaction, in a database that nobody writes to."""
    before = _highest_ids()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s"
        )
        oldest, following = cursor.fetchone()
    if oldest != following or before != _highest_ids():
        raise Refusal("seal.busy", "Somebody is writing to this database. Stop web, worker and beat first.")
    return before, int(following)


def _highest_ids() -> tuple[int, int]:
    event = Event.objects.order_by("-id").values_list("id", flat=True).first()
    row = History.objects.order_by("-id").values_list("id", flat=True).first()
    return event or 0, row or 0
