"""A case, the rule that opens one, what it is about, and what stands in its way."""

from django.db import models
from django.db.models import Q

from accounts.models import Cluster
from enforcement.alerts.models import Alert
from enforcement.audit.guards import frozen
from enforcement.audit.history import history
from enforcement.cases.guards import blockers_block, review_ready, writable_case
from enforcement.cases.states import CASE_STATES, OUTCOMES
from enforcement.policies.models import PolicyVersion
from enforcement.staff.models import Person


class Threshold(models.Model):
    """A stored rule over cluster roll-ups: when every condition holds, a case opens under its policy version.

    `conditions` is a list of {"measure", "at_least"}; measures are columns of the roll-up or figures made from it.
    """

    name = models.CharField(max_length=120, unique=True)
    version = models.PositiveIntegerField(default=1)
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    conditions = models.JSONField()
    severity = models.SmallIntegerField(default=4)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        triggers = history()

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """The investigation of one actor. `version` counts changes, so that two people notice each other."""

    ref = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=CASE_STATES.choices, default="new")
    outcome = models.CharField(max_length=24, choices=list(OUTCOMES.items()), blank=True)
    outcome_reason = models.TextField(blank=True)
    severity = models.SmallIntegerField(default=4)
    why_opened = models.TextField()
    opened_by_rule = models.ForeignKey(Threshold, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sealed = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(auto_now_add=True)
    state_since = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=~Q(state="closed") | ~Q(outcome=""), name="a_closed_case_has_an_outcome"),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False), name="a_merged_case_names_the_other"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["in_review", "approved", "enforcing", "enforced"])
                | Q(policy_version__isnull=False),
                name="a_case_in_review_has_a_policy",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="case_by_state")]
        triggers = [*history(), *CASE_STATES.triggers(), blockers_block(), review_ready(), frozen("ref")]

    def __str__(self) -> str:
        return self.ref


class CaseCluster(models.Model):
    """A cluster that a case is about."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_clusters")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="case_clusters")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "cluster"], name="one_row_a_case_cluster")]
        triggers = [*history(), *writable_case()]

    def __str__(self) -> str:
        return f"{self.cluster_id} in {self.case_id}"


class CaseAlert(models.Model):
    """An alert grouped into a case, why, and the tally it had when the case closed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_alerts")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="case_alerts")
    why = models.CharField(max_length=200)
    signals_at_closing = models.PositiveBigIntegerField(null=True)
    exchanges_at_closing = models.PositiveBigIntegerField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "alert"], name="one_row_a_case_alert")]
        triggers = [*history(), *writable_case()]

    def __str__(self) -> str:
        return f"{self.alert_id} in {self.case_id}"


class Blocker(models.Model):
    """What stands in the way of a transition: `source` is the stage that says so, `count` how many things."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="blockers")
    transition = models.CharField(max_length=8, choices=[("submit", "Submit"), ("close", "Close")])
    source = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "transition", "source", "code"], name="one_blocker_a_code"),
            models.CheckConstraint(condition=Q(count__gte=1), name="a_blocker_blocks"),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.count})"
