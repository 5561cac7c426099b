"""Forms of the case list and of a case's own acts."""

from typing import Any

from django import forms

from accounts.models import Cluster
from enforcement.alerts.models import SEVERITIES
from enforcement.audit.actors import Actor
from enforcement.cases.states import OUTCOMES
from enforcement.policies.models import PolicyVersion
from enforcement.policies.selectors import list_policies
from enforcement.staff.matrix import Permission
from enforcement.staff.selectors import people_who_may
from enforcement.web.forms.acts import ActForm, ReasonForm, choice_field
from enforcement.web.templatetags.states import VOCABULARY


class CaseFilters(forms.Form):
    """Filters of the list; they stand in the address."""

    state = forms.ChoiceField(
        label="State", required=False,
        choices=[("", "Any"), ("open", "Open"), *((key, look.word) for key, look in VOCABULARY["case"].items())],
    )  # fmt: skip
    assignee = forms.TypedChoiceField(label="Assigned to", required=False, coerce=int, empty_value=None)
    q = forms.CharField(label="Reference or title", required=False, max_length=200)

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = people_who_may(viewer, permission=Permission.CASE_WORK)
        choice_field(self, "assignee").choices = [
            ("", "Anybody"),
            *((str(person.pk), person.name) for person in people),
        ]


class OpenCase(ActForm):
    """A case opened by hand: on a cluster, or on nothing yet."""

    title = forms.CharField(label="Title", max_length=200, help_text="The actor, in a few words")
    why = forms.CharField(
        label="Why it is opened", help_text="What was seen, in words; it is printed in the packet",
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    cluster = forms.CharField(
        label="Cluster", required=False, max_length=20,
        help_text="Its reference, CL-…: its members become subjects. Empty opens a case without any",
    )  # fmt: skip
    policy_version = forms.TypedChoiceField(label="Policy version", required=False, coerce=int, empty_value=None)
    severity = forms.TypedChoiceField(
        label="Severity", coerce=int, initial=4, choices=[(key, word) for key, word in SEVERITIES.items() if key < 7]
    )

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = versions(viewer)
        known = [(str(pk), version_words(row)) for pk, row in self.versions.items()]
        choice_field(self, "policy_version").choices = [("", "Choose later"), *known]

    def clean_cluster(self) -> Cluster | None:
        """The cluster of that reference."""
        ref = self.cleaned_data["cluster"].strip()
        if not ref:
            return None
        found = Cluster.objects.filter(ref__iexact=ref).first()
        if found is None:
            raise forms.ValidationError(f"There is no cluster {ref}. Look it up under Clusters, or leave this empty.")
        return found


def versions(viewer: Actor) -> dict[int, PolicyVersion]:
    """Every published version by row id, newest first of each policy."""
    return {version.pk: version for policy in list_policies(viewer) for version in policy.versions.all()}


def version_words(version: PolicyVersion) -> str:
    """A version as a choice: its name and when it came into force."""
    day = version.in_force_from
    return f"{version}, in force from {day.day} {day:%b %Y}"


class PinPolicy(ActForm):
    """Under which terms the case is judged."""

    policy_version = forms.TypedChoiceField(
        label="Policy version", coerce=int, help_text="It must have been in force when the conduct took place"
    )

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = versions(viewer)
        choice_field(self, "policy_version").choices = [
            (str(pk), version_words(row)) for pk, row in self.versions.items()
        ]


class MoveForm(ActForm):
    """A move of an early case; the reason may stay empty."""

    reason = forms.CharField(
        label="Reason", required=False, help_text="Kept in the record", widget=forms.Textarea(attrs={"rows": 2})
    )


class CloseForm(ReasonForm):
    """Closing: the outcomes that fit the state."""

    field_order = ("outcome", "reason")
    outcome = forms.ChoiceField(label="Outcome")

    def __init__(self, *args: Any, outcomes: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [("", "Choose an outcome")] if len(outcomes) > 1 else []
        choice_field(self, "outcome").choices = [*first, *((code, OUTCOMES[code]) for code in outcomes)]


class AssignForm(ActForm):
    """Somebody who may work cases."""

    person = forms.TypedChoiceField(
        label="Person",
        coerce=int,
        help_text="Whoever is assigned, and whoever assigns, can no longer approve in this case",
    )

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in people_who_may(viewer, permission=Permission.CASE_WORK)}
        choice_field(self, "person").choices = [
            ("", "Choose a person"),
            *((str(pk), person.name) for pk, person in self.people.items()),
        ]


class NoteForm(ActForm):
    """A note."""

    text = forms.CharField(
        label="Note", help_text="Never edited afterwards, only followed by another",
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


class TaskForm(ActForm):
    """Something to be done before the case can be submitted."""

    title = forms.CharField(label="Task", max_length=200, help_text="Open tasks block submitting")
    person = forms.TypedChoiceField(label="For", required=False, coerce=int, empty_value=None)
    due_at = forms.DateTimeField(
        label="Due", required=False, help_text="Day and time, UTC",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )  # fmt: skip

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in people_who_may(viewer, permission=Permission.CASE_WORK)}
        choice_field(self, "person").choices = [
            ("", "Nobody yet"),
            *((str(pk), person.name) for pk, person in self.people.items()),
        ]


class EndTask(ActForm):
    """Done, or waived with a reason."""

    reason = forms.CharField(
        label="Reason", required=False, help_text="Needed to waive it", widget=forms.Textarea(attrs={"rows": 2})
    )
