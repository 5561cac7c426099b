"""Forms of evidence: uploads, extracts of the archive, withdrawing."""

from typing import Any

from django import forms

from enforcement.web.forms.acts import ActForm, ReasonForm, choice_field

_DAY = {"type": "date"}


class UploadForm(ActForm):
    """A file to be preserved byte for byte."""

    file = forms.FileField(label="File", allow_empty_file=True, help_text="Kept byte for byte under its SHA-256")
    title = forms.CharField(label="Title", max_length=200, required=False, help_text="Empty: the name of the file")
    description = forms.CharField(
        label="What it is, and where it comes from", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ExtractForm(ActForm):
    """A question to the archive whose answer is preserved."""

    field_names = {"accounts": "accounts"}
    title = forms.CharField(label="Title", max_length=200, help_text="What the rows show")
    accounts = forms.CharField(
        label="Accounts", required=False, help_text="Platform ids, one a line. Empty: every subject of the case",
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
    )  # fmt: skip
    cluster = forms.CharField(label="Cluster", required=False, max_length=20, help_text="CL-…: its members instead")
    first_day = forms.DateField(label="First day", required=False, help_text="UTC", widget=forms.DateInput(attrs=_DAY))
    last_day = forms.DateField(
        label="Last day", required=False, help_text="UTC, included", widget=forms.DateInput(attrs=_DAY)
    )
    rule = forms.CharField(label="Rule", required=False, max_length=80, help_text="One rule alone, such as PH-01")
    seed = forms.IntegerField(
        label="Seed",
        required=False,
        min_value=0,
        help_text="A number draws a sample anybody can draw again; empty keeps all",
    )
    size = forms.IntegerField(
        label="Signals in the sample", required=False, min_value=1, max_value=100_000, initial=100
    )

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day is before the first. Swap them.")
        return data

    @property
    def names(self) -> list[str]:
        """The platform ids typed."""
        return str(self.cleaned_data["accounts"]).split()


class WithdrawItem(ReasonForm):
    """Taking an item back."""


class RelyForm(ActForm):
    """Letting an extract carry the breach of clauses."""

    clauses = forms.MultipleChoiceField(label="Clauses that it shows broken", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, clauses: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "clauses").choices = clauses
