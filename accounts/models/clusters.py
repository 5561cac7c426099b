"""Clusters: lasting groups of linked accounts, and why each member is in one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.directory import Account, Organization
from accounts.models.runs import LinkRun
from accounts.models.sightings import Identifier
from enforcement.audit.guards import frozen
from enforcement.audit.history import history
from enforcement.audit.transitions import StateTable
from enforcement.staff.models import Person

CLUSTER_STATES = StateTable(
    "cluster", initial=("active",), moves={"active": ("merged", "dissolved"), "merged": (), "dissolved": ("active",)}
)


class Cluster(models.Model):
    """A finding about linkage, not guilt. `told` is false when it rests on denominators that nobody told us."""

    ref = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=16, choices=CLUSTER_STATES.choices, default="active")
    name = models.CharField(max_length=160, blank=True)
    size = models.PositiveIntegerField(default=0)
    weakest_bits = models.FloatField(default=0)
    told = models.BooleanField(default=True)
    points_to = models.ForeignKey(Organization, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    points_to_accounts = models.PositiveIntegerField(default=0)
    first_run = models.ForeignKey(LinkRun, on_delete=models.PROTECT, related_name="+")
    last_run = models.ForeignKey(LinkRun, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-size", "id"], name="cluster_by_size")]
        triggers = [*history(), *CLUSTER_STATES.triggers(), frozen("ref")]

    def __str__(self) -> str:
        return self.ref


class ClusterAlias(models.Model):
    """An earlier cluster that merged into, or split off from, a cluster."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="aliases")
    was = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="became")
    kind = models.CharField(max_length=8, choices=[("merge", "Merge"), ("split", "Split")])
    run = models.ForeignKey(LinkRun, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = history()

    def __str__(self) -> str:
        return f"{self.was} {self.kind} {self.cluster}"


class Membership(models.Model):
    """An account in a cluster, from one run until another (none: still). One open membership an account."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="memberships")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=8, choices=[("core", "Core"), ("joined", "Joined"), ("person", "Confirmed")])
    bits = models.FloatField()
    bar_bits = models.FloatField(default=0)
    expected_strangers = models.FloatField(default=0)
    days_matched = models.PositiveIntegerField(default=0)
    days_active = models.PositiveIntegerField(default=0)
    told = models.BooleanField(default=True)
    joined_run = models.ForeignKey(LinkRun, on_delete=models.PROTECT, related_name="+")
    left_run = models.ForeignKey(LinkRun, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(left_run=None), name="one_cluster_an_account"
            ),
        ]
        indexes = [
            models.Index(fields=["cluster", "bits", "id"], name="member_by_bits", condition=models.Q(left_run=None)),
        ]
        triggers = history()

    def __str__(self) -> str:
        return f"{self.account_id} in {self.cluster_id}"


class MembershipBasis(models.Model):
    """One reason for a membership: an identifier shared with the core, on which days, and what that weighs.

    `bits` is the match weight counted, `cluster_holders` the other core members seen with it on those days, `holders`
    how many among everybody hold it on a day (mean), `expected` how many of those are outside the core.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="basis")
    identifier = models.ForeignKey(Identifier, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    days = models.PositiveIntegerField()
    bits = models.FloatField()
    holders = models.FloatField()
    cluster_holders = models.PositiveIntegerField(default=0)
    expected = models.FloatField(default=0)
    told = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["membership", "-bits"], name="basis_by_bits")]

    def __str__(self) -> str:
        return f"{self.identifier_id} for {self.membership_id}"


class ClusterCore(models.Model):
    """What a cluster grew from: a star (one identifier) or a conjunction, observed against honest coincidence.

    `surprise_bits` is -log2 of the Poisson tail; it had to pass `bar_bits`.
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="cores")
    identifiers = models.ManyToManyField(Identifier, related_name="+")
    kinds = ArrayField(models.CharField(max_length=20))
    observed = models.PositiveIntegerField()
    expected = models.FloatField()
    surprise_bits = models.FloatField()
    bar_bits = models.FloatField()
    told = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["cluster", "-observed"], name="core_by_observed")]

    def __str__(self) -> str:
        return f"{' and '.join(self.kinds)} in {self.cluster_id}"


class ClusterHub(models.Model):
    """An identifier as it stands in a cluster: how many members hold it, how many others do; what the picture draws."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="hubs")
    identifier = models.ForeignKey(Identifier, on_delete=models.PROTECT, related_name="+")
    members = models.PositiveIntegerField()
    others = models.PositiveIntegerField(default=0)
    bits = models.FloatField()
    ignored = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cluster", "identifier"], name="one_hub_an_identifier")]
        indexes = [models.Index(fields=["cluster", "-members"], name="hub_by_members")]

    def __str__(self) -> str:
        return f"{self.identifier_id} in {self.cluster_id}"


class ClusterCut(models.Model):
    """An account or identifier that would have joined two large parts, and was cut."""

    run = models.ForeignKey(LinkRun, on_delete=models.CASCADE, related_name="cuts")
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, null=True, related_name="cuts")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")
    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, null=True, related_name="+")
    sizes = ArrayField(models.PositiveIntegerField(), default=list)
    why = models.TextField()

    def __str__(self) -> str:
        return self.why


class Suggestion(models.Model):
    """A link or merge that a person should look at: too thin to take, or resting on untold denominators."""

    run = models.ForeignKey(LinkRun, on_delete=models.CASCADE, related_name="suggestions")
    kind = models.CharField(max_length=12)
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, null=True, related_name="suggestions")
    other = models.ForeignKey(Cluster, on_delete=models.CASCADE, null=True, related_name="+")
    accounts = models.PositiveIntegerField(default=0)
    sample = ArrayField(models.BigIntegerField(), default=list)
    bits = models.FloatField(default=0)
    why = models.TextField()

    def __str__(self) -> str:
        return self.why


class ClusterRollup(models.Model):
    """What a cluster adds up to, from derived rows alone; thresholds look here and nowhere else."""

    cluster = models.OneToOneField(Cluster, on_delete=models.CASCADE, related_name="rollup")
    accounts = models.PositiveIntegerField(default=0)
    active_accounts = models.PositiveIntegerField(default=0)
    flagged_accounts = models.PositiveIntegerField(default=0)
    alerts = models.PositiveIntegerField(default=0)
    exchanges = models.BigIntegerField(default=0)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    peak_day = models.DateField(null=True)
    peak_exchanges = models.BigIntegerField(default=0)
    highest_account_day = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"roll-up of {self.cluster_id}"


class Verdict(models.Model):
    """What a person said about a link; survives every later run."""

    class Kind(models.TextChoices):
        """What was said."""

        MUST_LINK = "must_link", "Must link"
        CANNOT_LINK = "cannot_link", "Cannot link"
        IGNORE_IDENTIFIER = "ignore_identifier", "Ignore identifier"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    other = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    identifier = models.ForeignKey(Identifier, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(kind="ignore_identifier", identifier__isnull=False)
                    | (models.Q(account__isnull=False, other__isnull=False) & ~models.Q(kind="ignore_identifier"))
                ),
                name="a_verdict_names_what_it_is_about",
            ),
        ]
        triggers = history()

    def __str__(self) -> str:
        return self.get_kind_display()
