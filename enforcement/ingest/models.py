"""Imports: one received file and what became of it."""

from django.db import models

from enforcement.audit.guards import append_only, frozen
from enforcement.audit.history import history
from enforcement.audit.jobs import JOB_STATES, Job
from enforcement.signals.models import Blob, Detector, Segment


class Import(Job):
    """One received file. `sha256`, format and mapping version say whether it is "the same" as one that finished."""

    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="imports")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="imports")
    filename = models.CharField(max_length=255)
    format = models.CharField(max_length=16, default="ndjson")
    mapping_version = models.PositiveIntegerField(default=1)
    rows_read = models.PositiveBigIntegerField(default=0)
    rows_accepted = models.PositiveBigIntegerField(default=0)
    rows_duplicate = models.PositiveBigIntegerField(default=0)
    rows_revised = models.PositiveBigIntegerField(default=0)
    rows_refused = models.PositiveBigIntegerField(default=0)
    rows_context = models.PositiveBigIntegerField(default=0)
    alerts_created = models.PositiveIntegerField(default=0)
    alerts_touched = models.PositiveIntegerField(default=0)
    accounts_created = models.PositiveIntegerField(default=0)
    segment = models.OneToOneField(Segment, on_delete=models.PROTECT, null=True, related_name="from_import")
    rejects_path = models.CharField(max_length=200, blank=True)
    refusals_by_reason = models.JSONField(default=dict)
    same_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    received_by = models.CharField(max_length=200)
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["detector", "-id"], name="import_by_detector")]
        triggers = [
            *history(hidden=("lease_until", "progress_done", "progress_total", "progress_note")),
            *JOB_STATES.triggers(),
            frozen("detector_id", "blob_id"),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"


class IdempotencyKey(models.Model):
    """What a caller's Idempotency-Key created, and for which bytes: sent again, it gives the same import."""

    caller = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="+")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    created = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="one_answer_an_idempotency_key")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.key


class DeadWake(models.Model):
    """A task that failed at its boundary: what failed, on which row, why. The sweeper tries the row again."""

    task = models.CharField(max_length=120)
    row_id = models.BigIntegerField(null=True)
    failure = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.task} {self.row_id}"
