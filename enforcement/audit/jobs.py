"""Work that outlives a request is a row: imports, link runs, packets. The broker only wakes whoever claims the row."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from enforcement.audit.transitions import StateTable

LEASE_SECONDS = 120

JOB_STATES = StateTable(
    "job",
    initial=("queued",),
    moves={
        "queued": ("running", "cancelled"),
        "running": ("done", "failed", "cancelled", "queued"),
        "done": (),
        "failed": ("queued",),
        "cancelled": (),
    },
)


class Job(models.Model):
    """A claimable row. `lease_until` says how long its worker may be silent before another may take over."""

    state = models.CharField(max_length=16, choices=JOB_STATES.choices, default="queued", db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    progress_note = models.CharField(max_length=200, blank=True)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @classmethod
    def claim(cls, job_id: int, *, lease_seconds: int = LEASE_SECONDS) -> Self | None:
        """Take a queued job, or a running one whose lease ran out; none when somebody else has it or it is over."""
        now = timezone.now()
        lost = Q(state="running", lease_until__lt=now)
        cls._default_manager.filter(lost, pk=job_id).update(state="queued")
        taken = cls._default_manager.filter(pk=job_id, state="queued").update(
            state="running",
            attempts=F("attempts") + 1,
            started_at=now,
            lease_until=now + timedelta(seconds=lease_seconds),
            failure="",
        )
        return cls._default_manager.get(pk=job_id) if taken else None

    def extend(self, *, done: int, total: int, note: str = "", lease_seconds: int = LEASE_SECONDS) -> bool:
        """Report progress and renew the lease; false when the job was cancelled or taken over meanwhile."""
        return bool(
            type(self)
            ._default_manager.filter(pk=self.pk, state="running", attempts=self.attempts)
            .update(
                progress_done=done,
                progress_total=total,
                progress_note=note[:200],
                lease_until=timezone.now() + timedelta(seconds=lease_seconds),
            )
        )

    def finish(self, state: str, *, failure: str = "") -> bool:
        """Move a running job that is still ours to `state`; false when it no longer is."""
        return bool(
            type(self)
            ._default_manager.filter(pk=self.pk, state="running", attempts=self.attempts)
            .update(state=state, failure=failure, finished_at=timezone.now(), lease_until=None)
        )

    @classmethod
    def unfinished(cls) -> models.QuerySet[Self]:
        """Jobs that somebody should be woken for: queued, or running on a lease that ran out."""
        return cls._default_manager.filter(Q(state="queued") | Q(state="running", lease_until__lt=timezone.now()))
