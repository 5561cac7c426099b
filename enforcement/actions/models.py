"""Carrying decisions out: which connector told the platform what, and what came of it for each target."""

import uuid

from django.db import models

from enforcement.actions.states import ACTION_STATES, DELIVERY_STATES, TARGET_STATES
from enforcement.audit.guards import frozen
from enforcement.audit.history import history
from enforcement.cases.models import Case
from enforcement.decisions.models import Decision, Target
from enforcement.decisions.states import ACTION_KINDS
from enforcement.policies.models import NoticeText
from enforcement.staff.models import Person


class Connector(models.Model):
    """Where actions are sent: a signed webhook (Standard Webhooks). The secret stays out of history and pages."""

    name = models.CharField(max_length=120, unique=True)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=200)
    batch_size = models.PositiveIntegerField(default=500)
    timeout_seconds = models.PositiveIntegerField(default=20)
    active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        triggers = history(hidden=("secret",))

    def __str__(self) -> str:
        return self.name


class Action(models.Model):
    """One enforcement step of an approved decision."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="actions")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="actions")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="actions")
    kind = models.CharField(max_length=20, choices=list(ACTION_KINDS.items()))
    state = models.CharField(max_length=12, choices=ACTION_STATES.choices, default="pending")
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "kind"], name="one_action_a_kind")]
        triggers = [*history(), *ACTION_STATES.triggers(), frozen("case_id", "decision_id", "kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.decision}"


class Delivery(models.Model):
    """One batch of targets on its way to a connector. `key` is the idempotency key, the same on every attempt."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="deliveries")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=DELIVERY_STATES.choices, default="pending")
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    response_status = models.PositiveIntegerField(null=True)
    failure = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["action", "number"], name="one_delivery_a_number")]
        triggers = [
            *history(hidden=("lease_until",)),
            *DELIVERY_STATES.triggers(),
            frozen("action_id", "key", "number"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.number}"


class ActionTarget(models.Model):
    """What became of one frozen target."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="targets")
    target = models.OneToOneField(Target, on_delete=models.PROTECT, related_name="outcome")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, related_name="targets")
    state = models.CharField(max_length=12, choices=TARGET_STATES.choices, default="pending")
    failure = models.CharField(max_length=300, blank=True)
    platform_ref = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["action", "state", "id"], name="action_target_by_state")]
        triggers = [*history(), *TARGET_STATES.triggers(), frozen("action_id", "target_id")]

    def __str__(self) -> str:
        return f"{self.target_id} {self.state}"


class Notice(models.Model):
    """What the holder of one target's account is told, with which text; closing a case needs it sent or waived."""

    action_target = models.OneToOneField(ActionTarget, on_delete=models.PROTECT, related_name="notice")
    text = models.ForeignKey(NoticeText, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=8, choices=[("pending", "Pending"), ("sent", "Sent"), ("waived", "Waived")], default="pending"
    )
    sent_at = models.DateTimeField(null=True)
    waived_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    waived_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="waived") | ~models.Q(waived_reason=""), name="a_waived_notice_has_a_reason"
            ),
        ]
        triggers = history()

    def __str__(self) -> str:
        return f"notice {self.pk}"
