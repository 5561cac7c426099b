"""Exhibits with their hashes, small ones attached, and who touched what."""

from dataclasses import dataclass

from django.core.files.storage import default_storage

from enforcement.cases.models import Case
from enforcement.evidence.models import CustodyEvent as CustodyRow
from enforcement.evidence.models import Item
from enforcement.packets.document_records import AttachedExhibit, CustodyEvent, Exhibit
from enforcement.packets.errors import IncompletePacketError

ATTACH_BYTES = 256 * 1024
ATTACH_TOTAL_BYTES = 4 * 1024**2
ARCHIVE = "issuer’s archive"


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


@dataclass(frozen=True)
class Kept:
    """The exhibits of a case and, by item id, the name and bytes of those that travel inside the PDF."""

    items: tuple[Item, ...]
    attached: dict[int, tuple[str, bytes]]


def kept_exhibits(case: Case, redacted: tuple[str, ...]) -> Kept:
    """Numbered items; small ones are attached while they fit together, unless they hold a value left out elsewhere.

    Raises `IncompletePacketError` when the storage lost the bytes of one.
    """
    items = _items(case)
    needles = [value.encode() for value in redacted]
    attached: dict[int, tuple[str, bytes]] = {}
    total = 0
    for item in items:
        if item.blob.bytes > ATTACH_BYTES or total + item.blob.bytes > ATTACH_TOTAL_BYTES:
            continue
        content = _content(item)
        if not any(needle in content for needle in needles):
            attached[item.pk] = (_bare_name(item), content)
            total += len(content)
    return Kept(tuple(items), attached)


def _bare_name(item: Item) -> str:
    suffix = "." + item.filename.rsplit(".", 1)[-1].lower() if "." in item.filename else ""
    plain = "".join(c for c in suffix if c.isascii() and (c.isalnum() or c == "."))[:12]
    return f"{exhibit_ref(item.exhibit_number)}{plain}"


def _content(item: Item) -> bytes:
    try:
        with default_storage.open(item.blob.path) as stream:
            content: bytes = stream.read()
    except FileNotFoundError:
        raise IncompletePacketError(
            "exhibit_lost",
            f"The storage has lost the bytes of {exhibit_ref(item.exhibit_number)}. Restore them from a backup.",
        ) from None
    return content


def exhibits_of(kept: Kept) -> tuple[Exhibit, ...]:
    """Every numbered exhibit that was not withdrawn."""
    return tuple(
        Exhibit(
            number=exhibit_ref(item.exhibit_number),
            title=item.title,
            media_type=item.blob.media_type,
            size_bytes=item.blob.bytes,
            sha256=item.blob.sha256,
            preserved_at=item.added_at,
            where=f"attached: {kept.attached[item.pk][0]}" if item.pk in kept.attached else ARCHIVE,
            evidence_class="record",
            note=item.description[:300],
            generated=item.kind != Item.Kind.UPLOAD,
        )
        for item in kept.items
    )


def attached_exhibits(kept: Kept) -> tuple[AttachedExhibit, ...]:
    """The exact bytes of the small ones."""
    return tuple(
        AttachedExhibit(
            number=exhibit_ref(item.exhibit_number),
            name=kept.attached[item.pk][0],
            media_type=item.blob.media_type,
            content=kept.attached[item.pk][1],
        )
        for item in kept.items
        if item.pk in kept.attached
    )


def custody_events(kept: Kept) -> tuple[CustodyEvent, ...]:
    """Who touched each exhibit, when, and what its hash was then."""
    numbers = {item.pk: (exhibit_ref(item.exhibit_number), item.blob.sha256) for item in kept.items}
    rows = CustodyRow.objects.filter(item_id__in=numbers).order_by("id")
    return tuple(
        CustodyEvent(
            at=row.at,
            exhibit=numbers[row.item_id][0],
            event=row.act,
            by=row.actor_label,
            detail=row.detail,
            hash_check=hash_check(row.act, row.detail, same=row.sha256 == numbers[row.item_id][1]),
        )
        for row in rows
    )


def hash_check(act: str, detail: str, *, same: bool) -> str:
    """What an event says of the bytes: only `hashed` and `re-checked` read them.

    A re-check says in words how it went, since bytes that are gone have no other hash to name.
    """
    if act == "hashed":
        return "first hash" if same else "MISMATCH"
    if act == "re-checked":
        return "match" if same and detail == "match" else "MISMATCH"
    return "–"
