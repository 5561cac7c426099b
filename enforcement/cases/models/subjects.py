"""Accounts and organizations as they stand in one case, and what was found of them."""

from django.db import models
from django.db.models import Q

from accounts.models import Account, Cluster, Organization
from enforcement.alerts.models import Alert
from enforcement.audit.history import history
from enforcement.cases.guards import basis_is_own, remembers_involvement, writable_case
from enforcement.cases.models.core import Case
from enforcement.policies.models import Clause
from enforcement.staff.models import Person


class Finding(models.TextChoices):
    """What was found of a subject; empty until somebody finds."""

    VIOLATING = "violating", "Violating"
    NOT_VIOLATING = "not_violating", "Not violating"
    UNCLEAR = "unclear", "Unclear"


class Subject(models.Model):
    """An account as it stands in one case. A carve-out is a `not_violating` finding with its reason."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="subjects")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="subjects")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, null=True, related_name="+")
    why_in = models.CharField(max_length=300)
    bits = models.FloatField(default=0)
    exchanges = models.BigIntegerField(default=0)
    finding = models.CharField(max_length=16, choices=Finding.choices, blank=True)
    finding_reason = models.TextField(blank=True)
    finding_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    finding_at = models.DateTimeField(null=True)
    carved_out = models.BooleanField(default=False)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "account"], name="one_subject_an_account"),
            models.CheckConstraint(
                condition=Q(finding="") | (Q(finding_by__isnull=False) & Q(finding_at__isnull=False)),
                name="a_finding_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(carved_out=False) | Q(finding="not_violating"), name="a_carve_out_is_not_violating"
            ),
        ]
        indexes = [
            models.Index(fields=["case", "finding", "bits", "id"], name="subject_by_finding"),
            models.Index(fields=["case", "bits", "id"], name="subject_by_bits"),
        ]
        triggers = [
            *history(),
            *writable_case(frozen_in_review=True),
            *remembers_involvement("finding_by_id", "finding"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.case_id}"


class FindingBasis(models.Model):
    """What a `violating` finding rests on: an alert or extract of that account's own conduct, for one clause.

    The database refuses an alert of another account, and a finding of `violating` without a basis is a blocker.
    `extract_id` names an evidence extract (a later stage) that holds that account's own rows.
    """

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="basis")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="+")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, null=True, related_name="+")
    extract_id = models.BigIntegerField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "clause", "alert"], name="one_basis_an_alert"),
            models.UniqueConstraint(
                fields=["subject", "clause", "extract_id"], condition=Q(alert=None), name="one_basis_an_extract"
            ),
            models.CheckConstraint(
                condition=Q(alert__isnull=False) | Q(extract_id__isnull=False), name="a_basis_is_conduct"
            ),
        ]
        triggers = [*history(), *writable_case(frozen_in_review=True), *basis_is_own()]

    def __str__(self) -> str:
        return f"basis of {self.subject_id}"


class Attribution(models.Model):
    """An organization as it stands in one case. Suggested by a rule at low confidence; established by a person."""

    class Role(models.TextChoices):
        """What part it has."""

        OPERATOR = "operator", "Operator"
        RESELLER = "reseller", "Reseller"
        BENEFICIARY = "beneficiary", "Beneficiary"
        AFFECTED_CUSTOMER = "affected_customer", "Affected customer"

    class Confidence(models.TextChoices):
        """How sure; defined on the page and in the packet."""

        LOW = "low", "Low"
        MODERATE = "moderate", "Moderate"
        HIGH = "high", "High"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attributions")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="attributions")
    role = models.CharField(max_length=20, choices=Role.choices)
    confidence = models.CharField(max_length=10, choices=Confidence.choices)
    why = models.TextField()
    suggested = models.BooleanField(default=False)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "organization", "role"], condition=Q(withdrawn_at=None), name="one_attribution_a_role"
            ),
            models.CheckConstraint(
                condition=Q(suggested=False) | Q(confidence="low"), name="a_suggestion_is_low_confidence"
            ),
            models.CheckConstraint(
                condition=Q(suggested=True) | Q(set_by__isnull=False), name="a_person_establishes_an_attribution"
            ),
        ]
        triggers = [
            *history(),
            *writable_case(frozen_in_review=True),
            *remembers_involvement("set_by_id", "attribution"),
        ]

    def __str__(self) -> str:
        return f"attribution {self.pk}"
