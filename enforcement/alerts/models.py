"""Alerts: identity and verdict are rows that people change; tallies and daily counts are derived."""

from django.db import models
from django.db.models import Q

from accounts.models import Account
from enforcement.alerts.states import ALERT_STATES
from enforcement.audit.guards import frozen
from enforcement.audit.history import history
from enforcement.policies.models import Reason
from enforcement.signals.models import Detector
from enforcement.staff.models import Person

SEVERITIES = {
    0: "Unknown",
    1: "Informational",
    2: "Low",
    3: "Medium",
    4: "High",
    5: "Critical",
    6: "Fatal",
    99: "Other",
}


class Alert(models.Model):
    """All signals with one fingerprint (detector, rule, account)."""

    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="alerts")
    rule = models.CharField(max_length=80)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="alerts")
    state = models.CharField(max_length=16, choices=ALERT_STATES.choices, default="new")
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason_text = models.TextField(blank=True)
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    signals_when_decided = models.PositiveBigIntegerField(default=0)
    resurfaced_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["detector", "rule", "account"], name="one_alert_a_fingerprint"),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | Q(reason__isnull=False), name="a_dismissal_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="duplicate") | Q(duplicate_of__isnull=False), name="a_duplicate_names_the_other"
            ),
        ]
        indexes = [models.Index(fields=["account", "id"], name="alert_by_account")]
        triggers = [*history(), *ALERT_STATES.triggers(), frozen("detector_id", "rule", "account_id")]

    def __str__(self) -> str:
        return f"A-{self.pk}"


class AlertTally(models.Model):
    """What an alert's signals add up to. `exchanges` for the metering detector, else exchanges flagged.

    `state` repeats the verdict and `canary` the detector's state, so that the queue's order is one index.
    """

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, primary_key=True, related_name="tally")
    title = models.CharField(max_length=200, blank=True)
    conduct = models.CharField(max_length=80, blank=True)
    signals = models.PositiveBigIntegerField(default=0)
    exchanges = models.PositiveBigIntegerField(default=0)
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    severity = models.SmallIntegerField(default=0)
    score = models.FloatField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-last_seen_at", "-alert"], name="tally_by_last_seen"),
            models.Index(fields=["-severity", "-last_seen_at", "-alert"], name="tally_by_severity"),
            models.Index(fields=["-exchanges", "-alert"], name="tally_by_exchanges"),
        ]

    def __str__(self) -> str:
        return f"tally of {self.alert_id}"


class AlertDay(models.Model):
    """Signals and exchanges of one alert on one UTC day."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    signals = models.PositiveIntegerField()
    exchanges = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "day"], name="one_row_an_alert_day")]

    def __str__(self) -> str:
        return f"{self.alert_id} on {self.day}"
