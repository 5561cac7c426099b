"""Reads of the evidence stage. Listing items reads no bytes; opening one does, and is logged (`services.open_item`)."""

from dataclasses import dataclass

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.cases.access import require_in
from enforcement.cases.models import Attribution, Case, FindingBasis
from enforcement.evidence.models import AttributionBasis, CustodyEvent, Extract, Item
from enforcement.staff.matrix import Permission, require


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with its custody, oldest first, and the attributions that rest on it."""

    item: Item
    custody: list[CustodyEvent]
    supports: list[AttributionBasis]


def list_items(viewer: Actor, *, case: Case, withdrawn_too: bool = True) -> list[Item]:
    """Items of a case in the order they came; rows carry blob, who added them, and the extract where there is one."""
    require_in(viewer, Permission.EVIDENCE_VIEW, case)
    rows = Item.objects.filter(case=case).select_related("blob", "added_by", "extract").order_by("id")
    return list(rows if withdrawn_too else rows.filter(withdrawn_at=None))


def find_item(viewer: Actor, *, item_id: int, case: Case | None = None) -> Item:
    """One item. Raises `Refusal` 403, 404 (also for an item of another case than `case`)."""
    require(viewer, Permission.EVIDENCE_VIEW)
    item = Item.objects.select_related("blob", "case", "added_by").filter(pk=item_id).first()
    if item is None or (case is not None and item.case_id != case.pk):
        raise not_found("evidence item", item_id)
    try:
        require_in(viewer, Permission.EVIDENCE_VIEW, item.case)
    except Refusal as refusal:
        raise not_found("evidence item", item_id) from refusal
    return item


def get_item(viewer: Actor, *, item_id: int, case: Case | None = None) -> ItemView:
    """One item as its page shows it."""
    item = find_item(viewer, item_id=item_id, case=case)
    supports = item.supports.select_related("attribution__organization").order_by("id")
    return ItemView(
        item=item,
        custody=list(item.custody.select_related("person").order_by("id")),
        supports=[row for row in supports if row.attribution.withdrawn_at is None],
    )


def basis_of(viewer: Actor, *, attribution: Attribution) -> list[AttributionBasis]:
    """The exhibits that an attribution rests on, with what each shows."""
    require_in(viewer, Permission.CASE_VIEW, attribution.case)
    return list(attribution.basis.select_related("item__blob").order_by("id"))


def findings_resting_on(viewer: Actor, *, item: Item) -> int:
    """Subjects whose finding rests on this extract; withdrawing it takes that basis away."""
    require_in(viewer, Permission.EVIDENCE_VIEW, item.case)
    rests = FindingBasis.objects.filter(
        case_id=item.case_id, extract_id__in=Extract.objects.filter(item=item).values("pk")
    )
    return rests.values("subject_id").distinct().count()
