"""Writes of the audit stage: events, and the seal over events and row history."""

from enforcement.audit.services.events import on_event, record_event
from enforcement.audit.services.seals import seal_now, start_epoch

__all__ = ["on_event", "record_event", "seal_now", "start_epoch"]
