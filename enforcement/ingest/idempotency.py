"""Sending the same request twice: an Idempotency-Key gives the import that it created, and refuses other bytes."""

from django.db import connection

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.ingest.models import IdempotencyKey, Import
from enforcement.signals.models import Blob, Detector

MAX_KEY_CHARACTERS = 200


def check_key(key: str) -> None:
    """Raise Refusal (400) for a key that is no 1 to 200 printable ASCII characters; "" is no key at all."""
    if key and not (len(key) <= MAX_KEY_CHARACTERS and key.isascii() and key.isprintable()):
        raise Refusal(
            "idempotency.key",
            f"An Idempotency-Key is 1 to {MAX_KEY_CHARACTERS} printable ASCII characters.",
            field="Idempotency-Key",
            status=400,
        )


def created_before(actor: Actor, *, key: str, detector: Detector, blob: Blob) -> Import | None:
    """The import that this caller's key created; none while it is free. Raises Refusal (409) for other bytes.

    Call inside the transaction that creates: it waits for another one that uses the same key.
    """
    if not key:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"{_caller(actor)} {key}"])
    found = IdempotencyKey.objects.select_related("created").filter(caller=_caller(actor), key=key).first()
    if found is None:
        return None
    if (found.detector_id, found.blob_id) != (detector.pk, blob.pk):
        raise Refusal(
            "idempotency.other_body",
            f"This Idempotency-Key created import {found.created_id} from other bytes. Take a new key for a new file.",
            field="Idempotency-Key",
            status=409,
        )
    return found.created


def keep_key(actor: Actor, *, key: str, created: Import) -> None:
    """Note what a key created; nothing without one."""
    if key:
        IdempotencyKey.objects.create(
            caller=_caller(actor), key=key, detector=created.detector, blob=created.blob, created=created
        )


def _caller(actor: Actor) -> str:
    return f"{actor.kind}-{actor.id or 0}"
