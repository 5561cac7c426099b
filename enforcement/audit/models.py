"""Events, row history and the seal. All three only ever grow; the database sees to that."""

from django.db import models
from django.db.models.functions import Now

from enforcement.audit.guards import append_only, stamped


class Event(models.Model):
    """One act: who, what, on what, why. `xid` joins it to the history rows of the same transaction.

    Time and transaction are the database's own, whatever the insert says.
    """

    at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(
        db_default=models.Func(function="pg_current_xact_id", template="%(function)s()::text::bigint")
    )
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    verb = models.CharField(max_length=80)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.BigIntegerField(null=True)
    target_label = models.CharField(max_length=200, blank=True)
    case_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="event_target"),
            models.Index(fields=["case_id", "-id"], name="event_case"),
            models.Index(fields=["verb", "-id"], name="event_verb"),
            models.Index(fields=["xid"], name="event_xid"),
        ]
        triggers = [append_only(), stamped("at", "xid")]

    def __str__(self) -> str:
        return f"{self.verb} by {self.actor_label}"


class History(models.Model):
    """One row of a tracked table as a statement left it (D: as it was). Written by triggers alone."""

    at = models.DateTimeField()
    xid = models.BigIntegerField()
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    operation = models.CharField(max_length=1)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["table_name", "row_id", "id"], name="history_row"),
            models.Index(fields=["xid"], name="history_xid"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"


class Seal(models.Model):
    """One batch of the chain: the Merkle root over events and history of transactions in [from_xid, to_xid).

    An epoch covers rows with ids above its floors alone, since a restore may start transactions anew; its first batch
    (of epochs after the first) covers what the epoch before left unsealed.
    """

    epoch = models.PositiveIntegerField(default=1)
    batch = models.PositiveBigIntegerField()
    from_xid = models.BigIntegerField()
    to_xid = models.BigIntegerField()
    event_floor = models.BigIntegerField(default=0)
    history_floor = models.BigIntegerField(default=0)
    event_count = models.PositiveIntegerField()
    history_count = models.PositiveIntegerField()
    merkle_root = models.CharField(max_length=64)
    previous_head = models.CharField(max_length=64)
    head = models.CharField(max_length=64, unique=True)
    signature = models.TextField()
    key_id = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["epoch", "batch"], name="one_seal_a_batch")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"seal {self.epoch}.{self.batch}"
