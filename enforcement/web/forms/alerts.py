"""The alert queue's filters, and what triage asks."""

from typing import Any

from django import forms

from enforcement.alerts.models import SEVERITIES
from enforcement.alerts.states import ALERT_STATES
from enforcement.policies.selectors import reasons
from enforcement.reports.selectors.overview import AGES
from enforcement.signals.fields import CONDUCTS
from enforcement.signals.models import Detector
from enforcement.web.templatetags.states import look_of

VERDICTS = {"triaging": "Take", "escalated": "Escalate", "dismissed": "Dismiss", "duplicate": "Mark as duplicate"}


def age_choices() -> list[tuple[str, str]]:
    """The columns of the backlog as values and words."""
    words = [("", "Any")]
    for least, most in AGES:
        told = f"over {least} d" if most is None else f"under {most} d" if least == 0 else f"{least} to {most} d"
        words.append((f"{least}-{'' if most is None else most}", told))
    return words


class AlertFilterForm(forms.Form):
    """Every filter that the address of the queue may hold, besides the saved view."""

    state = forms.MultipleChoiceField(
        label="State",
        required=False,
        choices=[(state, look_of("alert", state).word) for state in ALERT_STATES.states],
        widget=forms.CheckboxSelectMultiple,
    )
    severity = forms.TypedChoiceField(label="Severity at least", required=False, coerce=int, empty_value=None)
    detector = forms.ChoiceField(label="Detector", required=False)
    conduct = forms.ChoiceField(label="Conduct", required=False)
    age = forms.ChoiceField(label="Age", required=False)
    account = forms.CharField(label="Account", required=False, max_length=120)
    cluster = forms.CharField(label="Cluster", required=False, max_length=20)
    rule = forms.CharField(label="Rule", required=False, max_length=80)
    seen_from = forms.DateField(label="Seen from", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    seen_until = forms.DateField(label="Seen until", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    organization = forms.IntegerField(label="Organization", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(number, word) for number, word in SEVERITIES.items() if 0 < number < 99]
        detectors = Detector.objects.order_by("slug").values_list("slug", "slug")
        _choices(self.fields["severity"], [("", "Any"), *known])
        _choices(self.fields["detector"], [("", "Any"), *detectors])
        _choices(self.fields["conduct"], [("", "Any"), *((one, one.replace("_", " ")) for one in sorted(CONDUCTS))])
        _choices(self.fields["age"], age_choices())


def _choices(field: forms.Field, choices: list[Any]) -> None:
    field.choices = choices  # type: ignore[attr-defined]


class TriageForm(forms.Form):
    """What a verdict asks: a reason for a dismissal, the other alert for a duplicate, words for anything."""

    frozen = forms.CharField(widget=forms.HiddenInput)
    do = forms.ChoiceField(choices=list(VERDICTS.items()), widget=forms.HiddenInput)
    back = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, verdict: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if verdict == "dismissed":
            known = [(row.code, row.label) for row in reasons(use="dismissal")]
            self.fields["reason"] = forms.ChoiceField(
                label="Reason", choices=known, widget=forms.RadioSelect, error_messages={"required": "Choose a reason."}
            )
        if verdict == "duplicate":
            self.fields["duplicate_of"] = forms.RegexField(
                r"^\s*(A-)?\d{1,15}\s*$",
                label="The alert that these repeat",
                help_text="Its number, such as A-1042",
                error_messages={"invalid": "Give the number of the other alert, such as A-1042."},
            )
        if verdict != "triaging":
            self.fields["reason_text"] = forms.CharField(
                label="In words",
                required=False,
                max_length=2000,
                help_text="Kept in the record",
                widget=forms.Textarea(attrs={"rows": 2}),
            )
