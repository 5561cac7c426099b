"""What is preserved: items by their SHA-256, who touched them, and extracts from the archive."""

from django.db import models
from django.db.models import Q

from accounts.models import Account
from enforcement.audit.guards import append_only, frozen
from enforcement.audit.history import history
from enforcement.cases.models import Attribution, Case
from enforcement.evidence.guards import writable_item
from enforcement.signals.models import Blob
from enforcement.staff.models import Person


class Item(models.Model):
    """Something preserved. Its bytes never change; once in a packet it has an exhibit number, for good."""

    class Kind(models.TextChoices):
        """How it came."""

        UPLOAD = "upload", "Upload"
        EXTRACT = "extract", "Extract"
        RECORD = "record", "Record of the system"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    filename = models.CharField(max_length=255)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="items")
    exhibit_number = models.PositiveIntegerField(null=True, blank=True)
    query = models.JSONField(default=dict, blank=True)
    rows = models.PositiveBigIntegerField(null=True, blank=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    added_by_label = models.CharField(max_length=200)
    added_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["case", "exhibit_number"], name="one_exhibit_a_number"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""), name="a_withdrawal_has_a_reason"
            ),
        ]
        triggers = [
            *history(),
            writable_item(),
            frozen("case_id", "blob_id", "filename", "kind"),
            frozen("exhibit_number", after="OLD.exhibit_number IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return f"EV-{self.pk}"


class CustodyEvent(models.Model):
    """Who touched an item, when and how: received, hashed, read, exported, re-checked."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="custody")
    act = models.CharField(max_length=20)
    actor_label = models.CharField(max_length=200)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        triggers = [*history(), append_only()]

    def __str__(self) -> str:
        return f"{self.act} {self.item_id}"


class AttributionBasis(models.Model):
    """An exhibit that an attribution rests on, and what it shows."""

    attribution = models.ForeignKey(Attribution, on_delete=models.CASCADE, related_name="basis")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="supports")
    shows = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attribution", "item"], name="one_basis_an_exhibit")]
        triggers = history()

    def __str__(self) -> str:
        return f"{self.item_id} for {self.attribution_id}"


class Extract(models.Model):
    """Rows of the archive that answer one question, kept as a file with its own hash."""

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="extract")
    accounts = models.PositiveIntegerField()
    rows = models.PositiveBigIntegerField()
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    seed = models.BigIntegerField(null=True)
    segments = models.JSONField(default=list)

    class Meta:
        triggers = [*history(), append_only()]

    def __str__(self) -> str:
        return f"extract {self.item_id}"


class ExtractAccount(models.Model):
    """How many rows of an account's own conduct an extract holds; such rows may carry a finding."""

    extract = models.ForeignKey(Extract, on_delete=models.CASCADE, related_name="of_accounts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    conduct_rows = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["extract", "account"], name="one_count_an_extract_account")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.extract_id}"
