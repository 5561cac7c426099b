"""Who touched an item: received, hashed, read, exported, re-checked.

Every read is logged, in custody and in the audit.
"""

import hashlib
from collections.abc import Sequence

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import require_in
from enforcement.cases.blockers import write_blockers
from enforcement.cases.models import Case
from enforcement.evidence.models import CustodyEvent, Item
from enforcement.staff.matrix import Permission

_CHUNK_BYTES = 1024**2


def note_custody(actor: Actor, *, item: Item, act: str, sha256: str = "", detail: str = "") -> CustodyEvent:
    """One line of the chain of custody, in the caller's transaction."""
    return CustodyEvent.objects.create(
        item=item,
        act=act,
        actor_label=actor.label[:200],
        person_id=actor.person_id,
        sha256=sha256 or item.blob.sha256,
        detail=detail[:300],
    )


def refresh_evidence_blockers(case: Case) -> None:
    """Say again whether the case has evidence, and how many items are not known to have their bytes."""
    items = Item.objects.filter(case=case, withdrawn_at=None)
    counts = {
        "evidence.none": int(not items.exists()),
        "evidence.unhashed": items.filter(verified_at=None).count(),
    }
    write_blockers(case, transition="submit", source="evidence", counts=counts)


@transaction.atomic
def open_item(actor: Actor, *, item: Item, purpose: str = "") -> File[bytes]:
    """The bytes of an item, opened for reading; the read is written down first. The caller closes the file.

    Raises `Refusal` 409 when the storage lost them.
    """
    require_in(actor, Permission.EVIDENCE_VIEW, item.case)
    note_custody(actor, item=item, act="read", detail=purpose)
    record_event(
        actor=actor, verb="evidence.item_read", target=item, case_id=item.case_id, reason=purpose,
        data={"sha256": item.blob.sha256},
    )  # fmt: skip
    return _open(item)


def _open(item: Item) -> File[bytes]:
    try:
        opened: File[bytes] = default_storage.open(item.blob.path)
    except FileNotFoundError:
        raise Refusal(
            "evidence.lost", f"The storage has lost the bytes of {item}. Restore them from a backup."
        ) from None
    return opened


@transaction.atomic
def record_export(actor: Actor, *, items: Sequence[Item], detail: str) -> None:
    """Write down that items left in a packet or bundle; `detail` names it."""
    for item in items:
        note_custody(actor, item=item, act="exported", detail=detail)


def recheck_item(actor: Actor, *, item: Item) -> bool:
    """Read all bytes of an item again and compare: true when they hash to what was preserved.

    A mismatch, or bytes that are gone, is written down and blocks submitting the case; nothing is repaired.
    """
    require_in(actor, Permission.EVIDENCE_VIEW, item.case)
    try:
        with _open(item) as stream:
            found = _hash(stream)
    except Refusal as refusal:
        found = refusal.code
    same = found == item.blob.sha256
    with transaction.atomic():
        Item.objects.filter(pk=item.pk).update(verified_at=timezone.now() if same else None)
        note_custody(
            actor, item=item, act="re-checked", sha256=found if len(found) == 64 else item.blob.sha256,
            detail="match" if same else f"MISMATCH: found {found}",
        )  # fmt: skip
        record_event(
            actor=actor, verb="evidence.item_rechecked", target=item, case_id=item.case_id, data={"match": same}
        )
        refresh_evidence_blockers(item.case)
    item.refresh_from_db()
    return same


def _hash(stream: File[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


@transaction.atomic
def give_exhibit_numbers(case: Case) -> int:
    """Number every standing item that has no exhibit number yet, in the order they came; how many got one.

    A number is given once: the database refuses to change it, and a withdrawn item keeps its own.
    """
    Case.objects.select_for_update().get(pk=case.pk)
    last = Item.objects.filter(case=case).aggregate(last=Max("exhibit_number"))["last"] or 0
    waiting = list(Item.objects.filter(case=case, exhibit_number=None, withdrawn_at=None).order_by("id"))
    for number, item in enumerate(waiting, start=last + 1):
        Item.objects.filter(pk=item.pk).update(exhibit_number=number)
    return len(waiting)
