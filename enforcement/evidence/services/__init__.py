"""Writes of the evidence stage."""

from enforcement.evidence.services.attributions import establish_attribution
from enforcement.evidence.services.custody import (
    give_exhibit_numbers,
    open_item,
    recheck_item,
    record_export,
    refresh_evidence_blockers,
)
from enforcement.evidence.services.extracts import (
    ExtractPreview,
    ExtractWindow,
    add_extract,
    preview_extract,
    rest_on_extract,
)
from enforcement.evidence.services.items import add_upload, withdraw_item

__all__ = [
    "ExtractPreview",
    "ExtractWindow",
    "add_extract",
    "add_upload",
    "establish_attribution",
    "give_exhibit_numbers",
    "open_item",
    "preview_extract",
    "recheck_item",
    "record_export",
    "refresh_evidence_blockers",
    "rest_on_extract",
    "withdraw_item",
]
