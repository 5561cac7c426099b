"""Findings over a selection of subjects: which, under which clauses, and why."""

from collections.abc import Mapping
from typing import Any

from django import forms

from enforcement.audit.errors import Refusal
from enforcement.cases.models import Case
from enforcement.cases.selection import Selection
from enforcement.cases.services import FindingPreview
from enforcement.web.forms.acts import ActForm, choice_field

CARVE_OUT = "carve_out"
FINDINGS = (
    ("violating", "Violating: conduct of its own breaks a clause"),
    ("not_violating", "Not violating"),
    ("unclear", "Unclear: held by linkage alone, or the conduct is not plain"),
    (CARVE_OUT, "Carve out: a bystander, not violating, with the reason kept"),
)
WORDS = {"violating": "violating", "not_violating": "not violating", "unclear": "unclear", CARVE_OUT: "carved out"}


class FindingForm(ActForm):
    """One finding for the subjects selected."""

    field_names = {"subject_ids": "", "selection": ""}
    finding = forms.ChoiceField(label="Finding", choices=FINDINGS, widget=forms.RadioSelect)
    clauses = forms.MultipleChoiceField(
        label="Clauses broken", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="For violating. A clause is held against a subject only where its own conduct shows the breach",
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", help_text="What the finding rests on; kept with each and printed in the packet",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, case: Case, preview: FindingPreview, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pinned = case.policy_version
        headings = dict(pinned.clauses.values_list("number", "heading")) if pinned else {}
        choice_field(self, "clauses").choices = [
            (number, f"{number} {headings.get(number, '')}: {count:,} of {preview.total:,} have conduct of their own")
            for number, count in preview.by_clause.items()
        ]

    def clean(self) -> dict[str, Any]:
        """`violating` needs its clauses."""
        data = super().clean() or {}
        if data.get("finding") == "violating" and not data.get("clauses") and "clauses" not in self.errors:
            self.add_error("clauses", "Name the clauses that were broken, or choose unclear.")
        return data


def selection_of(values: Mapping[str, Any], ids: list[str]) -> Selection:
    """The subjects meant: the ids ticked, else what the filter keeps. Raises `Refusal` 400 for ids that are no numbers."""
    if ids:
        if not all(one.isdecimal() and len(one) < 19 for one in ids):
            raise Refusal("page.ids", "The selection cannot be read. Go back and tick the subjects again.", status=400)
        return Selection(ids=tuple(int(one) for one in ids))
    return Selection(finding=values.get("of_finding", ""), q=values.get("of_q", ""))
