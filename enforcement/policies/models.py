"""Terms of service as versions and clauses, and the texts and rules that hang on them."""

from django.db import models

from enforcement.audit.guards import append_only, frozen
from enforcement.audit.history import history


class Policy(models.Model):
    """A document of terms, such as "Usage Terms"."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "policies"
        triggers = history()

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """The terms as in force from `in_force_from` until the next version. Published text never changes."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    in_force_from = models.DateField()
    in_force_until = models.DateField(null=True, blank=True)
    text_sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("policy", "-number")
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="one_version_a_number"),
            models.CheckConstraint(
                condition=models.Q(in_force_until=None) | models.Q(in_force_until__gte=models.F("in_force_from")),
                name="version_ends_after_it_starts",
            ),
        ]
        triggers = [*history(), frozen("policy_id", "number", "in_force_from", "text_sha256")]

    def __str__(self) -> str:
        return f"{self.policy.name} {self.number}"


class Clause(models.Model):
    """One numbered clause, word for word. `conduct` are the catalogue names that it forbids."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="clauses")
    number = models.CharField(max_length=16)
    heading = models.CharField(max_length=160)
    text = models.TextField()
    conduct = models.JSONField(default=list)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("version", "position")
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="one_clause_a_number")]
        triggers = [*history(), append_only()]

    def __str__(self) -> str:
        return f"{self.version} clause {self.number}"


class Reason(models.Model):
    """A named reason people choose: why an alert was dismissed, a case closed, a decision returned."""

    use = models.CharField(max_length=24)
    code = models.SlugField()
    label = models.CharField(max_length=160)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("use", "label")
        constraints = [models.UniqueConstraint(fields=["use", "code"], name="one_reason_a_code")]
        triggers = history()

    def __str__(self) -> str:
        return self.label


class ApprovalRule(models.Model):
    """Who must agree to a proposal: `approvers` people of `role` once it has at least `targets_at_least` targets."""

    name = models.CharField(max_length=120, unique=True)
    role = models.CharField(max_length=20)
    approvers = models.PositiveSmallIntegerField(default=1)
    targets_at_least = models.PositiveIntegerField(default=1)
    lapses_after_hours = models.PositiveIntegerField(default=168)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("targets_at_least", "name")
        constraints = [
            models.CheckConstraint(condition=models.Q(approvers__gte=1), name="a_rule_asks_for_somebody"),
        ]
        triggers = history()

    def __str__(self) -> str:
        return self.name


class NoticeText(models.Model):
    """What account holders are told, by kind of action; a version once used never changes."""

    action_kind = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action_kind", "version"], name="one_notice_a_version")]
        triggers = [*history(), append_only()]

    def __str__(self) -> str:
        return f"{self.action_kind} notice {self.version}"
