"""Who works a case, what they wrote and what they have to do; and who had a part in it for good."""

from django.db import models
from django.db.models import Q

from enforcement.audit.guards import append_only
from enforcement.audit.history import history
from enforcement.cases.guards import remembers_involvement, writable_case
from enforcement.cases.models.core import Case
from enforcement.staff.models import Person


class Involvement(models.Model):
    """A person who ever set a finding, attribution or assignment here, or advised: never an approver.

    Kept by triggers.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="involvements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=20)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person", "how"], name="one_involvement_a_way")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.case_id}"


class Assignment(models.Model):
    """A person working a case, from when until when."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    assigned_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], condition=Q(until=None), name="one_open_assignment"),
        ]
        triggers = [
            *history(),
            *writable_case(),
            *remembers_involvement("person_id", "assigned"),
            *remembers_involvement("assigned_by_id", "assigning"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.case_id}"


class Task(models.Model):
    """Something to be done in a case; open tasks block submitting."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=200)
    assignee = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(
        max_length=8, choices=[("open", "Open"), ("done", "Done"), ("waived", "Waived")], default="open"
    )
    reason = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(state="waived") | ~Q(reason=""), name="a_waiver_has_a_reason"),
        ]
        triggers = [*history(), *writable_case()]

    def __str__(self) -> str:
        return self.title


class Note(models.Model):
    """What somebody wrote in a case; never edited, only followed by another."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [*history(), append_only(), *writable_case()]

    def __str__(self) -> str:
        return f"note {self.pk}"
