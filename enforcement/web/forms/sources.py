"""Forms of the sources: files, detectors, people, the first administrator."""

from typing import Any

from django import forms

from enforcement.signals.models import Detector
from enforcement.staff.roles import Role
from enforcement.web.forms.acts import ActForm, ReasonForm

ROLE_CHOICES = [(role.value, role.label) for role in Role if role is not Role.MACHINE]


class ImportForm(ActForm):
    """A file and the detector that it comes from."""

    detector = forms.ChoiceField(
        label="Detector", error_messages={"required": "Choose the detector that it comes from."}
    )
    file = forms.FileField(
        label="File",
        help_text="NDJSON, one signal a line; may be compressed with gzip. It is kept whole under its SHA-256.",
        allow_empty_file=True,
        error_messages={"required": "Choose a file."},
    )
    field_names = {"stream": "file", "path": "file"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Detector.objects.exclude(state="revoked").order_by("slug")
        choices = [(one.slug, f"{one.slug} ({one.name})") for one in known]
        self.fields["detector"].choices = choices if len(choices) == 1 else [("", "Choose a detector"), *choices]  # type: ignore[attr-defined]


class DetectorForm(ActForm):
    """A new source of signals."""

    slug = forms.CharField(
        label="Short name",
        max_length=50,
        help_text="Lower-case letters, digits and hyphens. It names the detector for ever.",
    )
    name = forms.CharField(label="Name", max_length=120)
    description = forms.CharField(label="What it looks for", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    meters = forms.CharField(
        label="Product whose exchanges it counts",
        required=False,
        max_length=40,
        help_text="Leave empty for a detector that flags conduct. One detector meters each product.",
    )
    false_positive_rate = forms.FloatField(
        label="Stated false-positive rate", required=False, help_text="0 to 1, on honest accounts, such as 0.002"
    )
    state = forms.ChoiceField(
        label="Begins as",
        choices=[("reporting", "Reporting: its alerts count"), ("canary", "Canary: its alerts count for nothing yet")],
        widget=forms.RadioSelect,
        initial="reporting",
    )
    rules = forms.CharField(
        label="Rules",
        required=False,
        help_text="One a line: rule | version | severity 0 to 6 | title",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_rules(self) -> list[dict[str, Any]]:
        """Rules as the service takes them; a line that cannot be read is named by its number."""
        found = []
        for number, line in enumerate(self.cleaned_data["rules"].splitlines(), start=1):
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 4 or not parts[2].isdecimal() or int(parts[2]) > 6:
                raise forms.ValidationError(
                    f"Line {number} cannot be read. Write: rule | version | severity 0 to 6 | title."
                )
            found.append({
                "rule": parts[0], "version": parts[1], "severity": int(parts[2]), "title": parts[3], "text": parts[3],
            })  # fmt: skip
        return found


class PersonForm(ActForm):
    """A new member of staff."""

    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(
        label="Work e-mail",
        help_text="They sign in with it.",
        error_messages={"invalid": "Write a whole e-mail address."},
    )
    roles = forms.MultipleChoiceField(label="Roles", choices=ROLE_CHOICES, widget=forms.CheckboxSelectMultiple)


class RolesForm(ReasonForm):
    """The roles that somebody holds from now on."""

    roles = forms.MultipleChoiceField(label="Roles", choices=ROLE_CHOICES, widget=forms.CheckboxSelectMultiple)
    field_order = ["roles", "reason"]


class SetupForm(ActForm):
    """The first administrator of an empty installation."""

    token = forms.CharField(label="Set-up token", help_text="It stands in the terminal that started Dossier.")
    name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(label="Work e-mail", error_messages={"invalid": "Write a whole e-mail address."})
    password = forms.CharField(
        label="Password",
        help_text="12 characters or more",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
