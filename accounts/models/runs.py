"""Runs of the linker, and the numbered data each run scored against."""

from django.db import models

from enforcement.audit.guards import append_only
from enforcement.audit.history import history
from enforcement.audit.jobs import JOB_STATES, Job
from enforcement.staff.models import Person


class LinkMethod(models.Model):
    """A version of weights, caps and thresholds, as data."""

    version = models.PositiveIntegerField(unique=True)
    settings = models.JSONField()
    reason = models.TextField(blank=True)
    saved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-version",)
        triggers = [*history(), append_only()]

    def __str__(self) -> str:
        return f"method {self.version}"


class ReferenceSnapshot(models.Model):
    """Reference counts of the whole customer base, as imported: how common each value is among everybody.

    `active` are the accounts active on each day from `first_day` on, where the warehouse tells them.
    """

    number = models.PositiveIntegerField(unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=200)
    population = models.PositiveBigIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    as_of = models.DateField()
    minimum_holders = models.PositiveIntegerField()
    counts = models.PositiveBigIntegerField()
    kinds = models.JSONField(default=list)
    definitions = models.JSONField(default=dict)
    active = models.JSONField(default=list)
    joint_rates = models.JSONField(default=list)
    imported_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        triggers = [*history(), append_only()]

    def __str__(self) -> str:
        return f"reference {self.number}"


class LinkRun(Job):
    """One run of the linker, under one method version and one reference snapshot."""

    method = models.ForeignKey(LinkMethod, on_delete=models.PROTECT, related_name="runs")
    reference = models.ForeignKey(ReferenceSnapshot, on_delete=models.PROTECT, null=True, related_name="runs")
    through_segment = models.PositiveBigIntegerField(default=0)
    accounts = models.PositiveBigIntegerField(default=0)
    sightings = models.PositiveBigIntegerField(default=0)
    clusters = models.PositiveIntegerField(default=0)
    members = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    figures = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="queued"), name="one_queued_link_run"),
        ]
        triggers = [
            *history(hidden=("lease_until", "progress_done", "progress_total", "progress_note")),
            *JOB_STATES.triggers(),
        ]

    def __str__(self) -> str:
        return f"link run {self.pk}"
