"""Receiving evidence, byte for byte, and taking an item back."""

import mimetypes
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in
from enforcement.cases.frozen import Change, before_change
from enforcement.cases.models import Attribution, Case, FindingBasis
from enforcement.cases.services.settling import settle
from enforcement.cases.states import SHUT
from enforcement.evidence.models import Extract, Item
from enforcement.evidence.services.custody import note_custody, refresh_evidence_blockers
from enforcement.signals.blobs import open_given, store_blob
from enforcement.signals.models import Blob
from enforcement.staff.matrix import Permission

_UNKNOWN_TYPE = "application/octet-stream"


class _Begun:
    """A stream whose first bytes were read already, to see that there are any."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._first = stream.read(65_536)

    @property
    def empty(self) -> bool:
        """Whether nothing came."""
        return not self._first

    def read(self, size: int = -1) -> bytes:
        """Like a file's."""
        if self._first:
            first, self._first = self._first, b""
            return first
        return self._stream.read(size)


def add_upload(
    actor: Actor,
    *,
    case: Case,
    stream: BinaryIO | Path,
    filename: str,
    title: str = "",
    description: str = "",
) -> Item:
    """Preserve an uploaded file: streamed to a blob under its SHA-256, received and hashed in its custody.

    Raises `Refusal`: 413 over `MAX_EVIDENCE_BYTES`, 422 for an empty file, a folder or no file name, 404 for a file
    that is gone, 409 for a shut case or bytes that the case has already.
    """
    require_in(actor, Permission.EVIDENCE_ADD, case)
    name = _plain_name(filename)
    _refuse_shut(case)
    if isinstance(stream, Path):
        with open_given(stream) as opened:
            blob = _received(opened, name)
    else:
        blob = _received(stream, name)
    with transaction.atomic():
        lock_case(case)
        refuse_same(case, blob)
        item = keep_item(
            actor, case=case, kind=Item.Kind.UPLOAD, blob=blob, filename=name, title=title.strip() or name,
            description=description.strip(),
        )  # fmt: skip
        settle(case)
    return item


def keep_item(
    actor: Actor, *, case: Case, kind: str, blob: Blob, filename: str, title: str, description: str = "",
    query: dict[str, object] | None = None, rows: int | None = None,
) -> Item:  # fmt: skip
    """Write an item over bytes that are stored, with its first custody events. Case locked; inside a transaction."""
    item = Item.objects.create(
        case=case, kind=kind, blob=blob, filename=filename, title=title[:200], description=description,
        query=query or {}, rows=rows, added_by_id=actor.person_id, added_by_label=actor.label[:200],
        verified_at=timezone.now(),
    )  # fmt: skip
    note_custody(actor, item=item, act="received", detail=f"{filename}, {blob.bytes:,} bytes")
    note_custody(actor, item=item, act="hashed", detail="SHA-256 while it was written")
    record_event(
        actor=actor, verb="evidence.item_added", target=item, case_id=case.pk,
        data={"sha256": blob.sha256, "bytes": blob.bytes, "kind": kind, "title": item.title},
    )  # fmt: skip
    refresh_evidence_blockers(case)
    return item


def _plain_name(filename: str) -> str:
    name = PurePosixPath(filename.replace("\\", "/")).name.strip()
    if not name or name in {".", ".."}:
        raise Refusal("evidence.filename", "The file has no name. Give it one.", field="file", status=422)
    return name[-255:]


def _refuse_shut(case: Case) -> None:
    """Before any byte is taken; the lock asks again."""
    state = Case.objects.values_list("state", flat=True).get(pk=case.pk)
    if state in SHUT:
        raise Refusal("case.read_only", f"{case.ref} is {state} and read-only. Reopen it first.")


def _received(stream: BinaryIO, name: str) -> Blob:
    begun = _Begun(stream)
    if begun.empty:
        raise Refusal("evidence.empty", f"{name} is empty. Choose a file with content.", field="file", status=422)
    media_type = mimetypes.guess_type(name)[0] or _UNKNOWN_TYPE
    return store_blob(cast("BinaryIO", begun), media_type=media_type, max_bytes=settings.MAX_EVIDENCE_BYTES)


def refuse_same(case: Case, blob: Blob) -> None:
    """Raise `Refusal` 409 where a standing item of the case has these bytes, naming it."""
    same = Item.objects.filter(case=case, blob=blob, withdrawn_at=None).first()
    if same is not None:
        raise Refusal("evidence.same_bytes", f"{case.ref} has these bytes already, as {same}: {same.title}.")


@transaction.atomic
def withdraw_item(
    actor: Actor, *, item: Item, reason: str, version: int | None = None, confirm_void: bool = False
) -> Item:
    """Take an item back. Its bytes, number and custody stay; findings that rest on it lose that basis.

    Raises `Refusal`: 422 without a reason; 409 when it is withdrawn already, when an attribution above low confidence
    rests on it alone, or when a decision cites it and `confirm_void` is false.
    """
    require_in(actor, Permission.EVIDENCE_WITHDRAW, item.case)
    person_of(actor)
    if not reason.strip():
        raise Refusal("evidence.reason", "Say why the item is withdrawn.", field="reason", status=422)
    row = lock_case(item.case, version=version)
    current = Item.objects.select_for_update().get(pk=item.pk)
    if current.withdrawn_at is not None:
        raise Refusal("evidence.withdrawn", f"{current} was withdrawn already.")
    _refuse_needed(current)
    change = Change(
        what=f"evidence item {current}", reason=reason, item_id=current.pk, code="item_withdrawn",
        subject_ids=tuple(_resting_on(current).values_list("subject_id", flat=True)),
    )  # fmt: skip
    before_change(actor, case=row, change=change, confirm_void=confirm_void)
    current.withdrawn_at, current.withdrawn_reason = timezone.now(), reason.strip()
    current.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    _resting_on(current).delete()
    note_custody(actor, item=current, act="withdrawn", detail=reason)
    record_event(actor=actor, verb="evidence.item_withdrawn", target=current, case_id=row.pk, reason=reason)
    refresh_evidence_blockers(row)
    settle(item.case)
    item.refresh_from_db()
    return item


def _resting_on(item: Item) -> QuerySet[FindingBasis]:
    extracts = list(Extract.objects.filter(item=item).values_list("pk", flat=True))
    return FindingBasis.objects.filter(case_id=item.case_id, extract_id__in=extracts)


def _refuse_needed(item: Item) -> None:
    needing = Attribution.objects.filter(basis__item=item, withdrawn_at=None, confidence__in=("moderate", "high"))
    for attribution in needing.select_related("organization"):
        others = attribution.basis.exclude(item=item).filter(item__withdrawn_at=None)
        if not others.exists():
            raise Refusal(
                "evidence.attribution_rests_on_it",
                f"The attribution of {attribution.organization.name} rests on {item} alone. Withdraw that first, or "
                "add another exhibit to it.",
            )
