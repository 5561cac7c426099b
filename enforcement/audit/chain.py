"""What a seal covers, and the bytes of its head: shared by sealing and verification, so that neither can drift."""

import hashlib
import json
from datetime import UTC

from enforcement.audit.leaves import Span
from enforcement.audit.models import Seal

GENESIS = "0" * 64


def head_of(seal: Seal) -> str:
    """SHA-256, in hex, over everything that a seal says, the head before it included."""
    said = {
        "format": "dossier-seal/1",
        "epoch": seal.epoch,
        "batch": seal.batch,
        "from_xid": seal.from_xid,
        "to_xid": seal.to_xid,
        "event_floor": seal.event_floor,
        "history_floor": seal.history_floor,
        "event_count": seal.event_count,
        "history_count": seal.history_count,
        "merkle_root": seal.merkle_root,
        "previous_head": seal.previous_head,
        "key_id": seal.key_id,
        "sealed_at": seal.sealed_at.astimezone(UTC).isoformat(),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def signed_message(head: str) -> bytes:
    """What the signature is over: the head, in a domain of its own."""
    return b"dossier-seal-head/1\n" + bytes.fromhex(head)


def spans_of(seal: Seal, *, before: Seal | None, next_floors: tuple[int, int] | None) -> tuple[Span, Span]:
    """The events and the history rows that `seal` covers.

    `before` is the seal it follows, `next_floors` the floors (events, history) of the next epoch, if one began.
    """
    if seal.batch == 1 and seal.epoch > 1 and before is not None:
        # The opening batch takes what the epoch before left unsealed.
        return (
            Span(before.to_xid, None, before.event_floor, seal.event_floor),
            Span(before.to_xid, None, before.history_floor, seal.history_floor),
        )
    through_event, through_history = next_floors or (None, None)
    return (
        Span(seal.from_xid, seal.to_xid, seal.event_floor, through_event),
        Span(seal.from_xid, seal.to_xid, seal.history_floor, through_history),
    )
