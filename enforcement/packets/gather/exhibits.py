"""Exhibits with their hashes, small ones attached, and who touched what."""

from django.core.files.storage import default_storage

from enforcement.cases.models import Case
from enforcement.evidence.models import CustodyEvent as CustodyRow
from enforcement.evidence.models import Item
from enforcement.packets.document_records import AttachedExhibit, CustodyEvent, Exhibit

ATTACH_BYTES = 256 * 1024
ATTACH_TOTAL_BYTES = 4 * 1024**2
ARCHIVE = "issuer’s archive"
_CLASSES = {"upload": "record", "extract": "record", "record": "record"}
_CHECKS = {"hashed": "first hash", "re-checked": "match", "rechecked": "match"}


def exhibit_ref(number: int | None) -> str:
    """EX-001."""
    return f"EX-{number or 0:03d}"


def _items(case: Case) -> list[Item]:
    return list(
        Item.objects.filter(case=case, withdrawn_at=None)
        .exclude(exhibit_number=None)
        .select_related("blob")
        .order_by("exhibit_number")
    )


def _attached(items: list[Item]) -> dict[int, str]:
    """Bare names by item id, for the small ones while they fit together; names never repeat."""
    found: dict[int, str] = {}
    total = 0
    for item in items:
        if item.blob.bytes <= ATTACH_BYTES and total + item.blob.bytes <= ATTACH_TOTAL_BYTES:
            suffix = "." + item.filename.rsplit(".", 1)[-1].lower() if "." in item.filename else ""
            plain = "".join(c for c in suffix if c.isascii() and (c.isalnum() or c == "."))[:12]
            found[item.pk] = f"{exhibit_ref(item.exhibit_number)}{plain}"
            total += item.blob.bytes
    return found


def exhibits_of(case: Case) -> tuple[Exhibit, ...]:
    """Every numbered exhibit that was not withdrawn."""
    items = _items(case)
    attached = _attached(items)
    return tuple(
        Exhibit(
            number=exhibit_ref(item.exhibit_number),
            title=item.title,
            media_type=item.blob.media_type,
            size_bytes=item.blob.bytes,
            sha256=item.blob.sha256,
            preserved_at=item.added_at,
            where=f"attached: {attached[item.pk]}" if item.pk in attached else ARCHIVE,
            evidence_class=_CLASSES[item.kind],
            note=item.description[:300],
        )
        for item in items
    )


def attached_exhibits(case: Case) -> tuple[AttachedExhibit, ...]:
    """The exact bytes of the small ones."""
    items = _items(case)
    names = _attached(items)
    found = []
    for item in items:
        if item.pk in names:
            with default_storage.open(item.blob.path) as stream:
                content = stream.read()
            found.append(
                AttachedExhibit(
                    number=exhibit_ref(item.exhibit_number),
                    name=names[item.pk],
                    media_type=item.blob.media_type,
                    content=content,
                )
            )
    return tuple(found)


def custody_events(case: Case) -> tuple[CustodyEvent, ...]:
    """Who touched each exhibit, when, and what its hash was then."""
    numbers = {item.pk: (exhibit_ref(item.exhibit_number), item.blob.sha256) for item in _items(case)}
    rows = CustodyRow.objects.filter(item_id__in=numbers).order_by("id")
    return tuple(
        CustodyEvent(
            at=row.at,
            exhibit=numbers[row.item_id][0],
            event=row.act,
            by=row.actor_label,
            detail=row.detail,
            hash_check=_hash_check(row, numbers[row.item_id][1]),
        )
        for row in rows
    )


def _hash_check(row: CustodyRow, registered: str) -> str:
    if row.act not in _CHECKS:
        return "–"
    return _CHECKS[row.act] if row.sha256 == registered else "MISMATCH"
