"""Organizations, accounts, and what acts inside an account."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from enforcement.audit.guards import frozen
from enforcement.audit.history import history
from enforcement.audit.transitions import StateTable

ACCOUNT_STATES = StateTable(
    "account",
    initial=("active", "restricted", "suspended", "terminated", "ended"),
    moves={
        "active": ("restricted", "suspended", "terminated", "ended"),
        "restricted": ("active", "suspended", "terminated", "ended"),
        "suspended": ("active", "restricted", "terminated", "ended"),
        "terminated": ("active", "suspended"),
        "ended": ("active",),
    },
)


class Organization(models.Model):
    """A legal or informal body. `external_ref` is the platform's own id for it."""

    external_ref = models.CharField(max_length=80, null=True, blank=True, unique=True)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")
    aliases = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    domains = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    country = models.CharField(max_length=2, blank=True)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        indexes = [models.Index(Lower("name"), name="organization_name")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")), name="no_organization_owns_itself"
            ),
        ]
        triggers = history()

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """A customer account, named by the platform's own id. `declared_organization` is only what it said of itself."""

    class ContentTerms(models.TextChoices):
        """What may be kept of what the account wrote."""

        STANDARD = "standard", "Standard"
        ZERO_RETENTION = "zero_retention", "Zero retention"
        REGULATED = "regulated", "Regulated"

    platform_id = models.CharField(max_length=120, unique=True)
    declared_organization = models.ForeignKey(
        Organization, on_delete=models.SET_NULL, null=True, blank=True, related_name="declared_accounts"
    )
    declared_name = models.CharField(max_length=200, blank=True)
    plan = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=16, choices=ACCOUNT_STATES.choices, default="active")
    content_terms = models.CharField(max_length=16, choices=ContentTerms.choices, default=ContentTerms.STANDARD)
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    exchanges = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["-exchanges", "id"], name="account_by_exchanges"),
            models.Index(fields=["declared_organization", "id"], name="account_by_declared"),
            models.Index(fields=["status", "id"], name="account_by_status"),
        ]
        triggers = [*ACCOUNT_STATES.triggers("status"), frozen("platform_id")]

    def __str__(self) -> str:
        return self.platform_id


class Principal(models.Model):
    """What acts inside an account: an API key, workspace, seat, end user, marketplace subscription."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="principals")
    value = models.CharField(max_length=200)
    kind = models.CharField(max_length=24, blank=True)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "value"], name="one_principal_a_value")]

    def __str__(self) -> str:
        return self.value
