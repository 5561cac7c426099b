"""Packets: the frozen inputs of one signed PDF, and the file that came of them."""

from django.db import models

from enforcement.audit.guards import frozen
from enforcement.audit.history import history
from enforcement.audit.jobs import JOB_STATES, Job
from enforcement.cases.models import Case
from enforcement.signals.models import Blob
from enforcement.staff.models import Person


class Packet(Job):
    """One version of a case's evidence export. `inputs` is the frozen document data: the same row, the same bytes."""

    ref = models.CharField(max_length=20)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="packets")
    version = models.PositiveIntegerField()
    profile = models.CharField(max_length=12, default="producible")
    tlp = models.CharField(max_length=16, default="AMBER")
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    requested_by_label = models.CharField(max_length=200)
    built_at = models.DateTimeField()
    audit_position = models.BigIntegerField(default=0)
    seal_head = models.CharField(max_length=64, blank=True)
    inputs = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    inputs_digest = models.CharField(max_length=64, blank=True)
    unsigned_sha256 = models.CharField(max_length=64, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    file = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    pages = models.PositiveIntegerField(default=0)
    time_stamped = models.BooleanField(default=False)
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="one_packet_a_version")]
        triggers = [
            *history(hidden=("lease_until", "progress_done", "progress_total", "progress_note")),
            *JOB_STATES.triggers(),
            frozen("case_id", "version", "profile", "tlp", "built_at"),
            frozen("inputs_id", "inputs_digest", after="OLD.inputs_id IS NOT NULL"),
            frozen("file_id", after="OLD.file_id IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} version {self.version}"
