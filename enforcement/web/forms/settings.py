"""Packets, policies, connectors, audit: forms of the record and of settings."""

from typing import Any

from django import forms

from enforcement.packets.document import TLP_MARKS
from enforcement.policies.services import ClauseText
from enforcement.web.forms.acts import ActForm

_TLP_WORDS = {
    "RED": "for the named recipients' eyes alone", "AMBER+STRICT": "for the recipients' own organization alone",
    "AMBER": "for the recipients' organization and its clients who need to know", "GREEN": "for the recipients' community",
    "CLEAR": "for anybody",
}  # fmt: skip


class PacketForm(ActForm):
    """A packet to be built."""

    tlp = forms.ChoiceField(
        label="TLP mark", widget=forms.RadioSelect, initial="AMBER", help_text="Printed on every page",
        choices=[(mark, f"TLP:{mark}, {_TLP_WORDS.get(mark, '')}".rstrip(", ")) for mark in TLP_MARKS],
    )  # fmt: skip


class ConnectorForm(ActForm):
    """Where approved actions are sent."""

    name = forms.CharField(label="Name", max_length=120, help_text="A name that exists changes that connector")
    url = forms.CharField(
        label="Address", max_length=500, help_text="https://…; plain http for this machine alone",
        widget=forms.URLInput(attrs={"class": "mono"}),
    )  # fmt: skip
    batch_size = forms.IntegerField(label="Targets in a batch", min_value=1, max_value=5_000, initial=500)
    timeout_seconds = forms.IntegerField(label="Seconds to wait for an answer", min_value=1, max_value=300, initial=20)


class VersionForm(ActForm):
    """The head of a new version of terms."""

    number = forms.IntegerField(label="Number", min_value=1)
    in_force_from = forms.DateField(
        label="In force from",
        help_text="A UTC day after the version before",
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class ClauseForm(forms.Form):
    """One clause of a new version; a row left empty is no clause."""

    number = forms.CharField(label="Number", max_length=16, required=False)
    heading = forms.CharField(label="Heading", max_length=160, required=False)
    text = forms.CharField(label="Text, word for word", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    conduct = forms.CharField(
        label="Conduct forbidden", required=False,
        help_text="Catalogue names or detector/rule, separated by commas. Empty: any conduct",
    )  # fmt: skip

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return not any(str(self.cleaned_data.get(name, "")).strip() for name in ("number", "heading", "text"))

    def clean(self) -> dict[str, Any]:
        """A clause has all of number, heading and text, or nothing."""
        data = super().clean() or {}
        typed = {name: str(data.get(name, "")).strip() for name in ("number", "heading", "text")}
        if any(typed.values()):
            for name, value in typed.items():
                if not value:
                    self.add_error(name, "This clause lacks it. Fill it in, or empty the row.")
        return data

    def clause(self) -> ClauseText:
        """The clause to publish."""
        data = self.cleaned_data
        conduct = tuple(part.strip() for part in data["conduct"].split(",") if part.strip())
        return ClauseText(data["number"].strip(), data["heading"].strip(), data["text"].strip(), conduct)


ClauseRows = forms.formset_factory(ClauseForm, extra=2, max_num=60, validate_max=True)


class AuditFilters(forms.Form):
    """Filters of the events; they stand in the address. `actor` is kind or kind:id, `target` type:id."""

    case = forms.CharField(label="Case", required=False, max_length=20, help_text="C-…")
    verb = forms.CharField(label="Verb or stage", required=False, max_length=80, help_text="cases.moved, or decisions.")
    actor = forms.RegexField(r"^(person|machine|rule|system)(:\d{1,18})?$", label="Actor", required=False,
                             help_text="person, machine, rule or system; a name in the list leads to that one")  # fmt: skip
    target = forms.RegexField(r"^[\w.]{1,60}:\d{1,18}$", label="Record", required=False,
                              help_text="Press a record in the list")  # fmt: skip
