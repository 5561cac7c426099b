"""Proposing, deciding, taking back."""

from typing import Any

from django import forms

from enforcement.decisions.models import Decision
from enforcement.decisions.states import ACTION_KINDS
from enforcement.policies.selectors import reasons
from enforcement.web.forms.acts import ActForm, choice_field

DIGEST_TYPED = 8


class SubmitForm(ActForm):
    """What is proposed, and why."""

    action_kind = forms.ChoiceField(
        label="Action", choices=list(ACTION_KINDS.items()), widget=forms.RadioSelect, initial="suspend",
        help_text="From mild to hard; it falls on every target",
    )  # fmt: skip
    summary = forms.CharField(
        label="What is proposed, and why", help_text="Whoever decides reads this first; it is frozen with the targets",
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip


class DecideForm(ActForm):
    """A second person's answer. For approval the first characters of the digest are typed, not copied."""

    field_names = {"text": "reason", "reason": "reason"}
    answer = forms.ChoiceField(
        choices=[("approve", "Approve exactly these targets"), ("return", "Return with reasons"), ("refuse", "Refuse")],
        label="Decision", widget=forms.RadioSelect, initial="approve",
    )  # fmt: skip
    digest = forms.CharField(
        label=f"First {DIGEST_TYPED} characters of the digest", required=False, max_length=DIGEST_TYPED,
        help_text="To approve", widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    code = forms.ChoiceField(label="Ground", required=False, help_text="To return or refuse")
    reason = forms.CharField(
        label="Reason", help_text="Kept with the decision and printed in the packet",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, decision: Decision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision = decision
        self.codes = {use: [(row.code, row.label) for row in reasons(use=use)] for use in ("return", "refusal")}
        choice_field(self, "code").choices = [
            ("", "Choose a ground"),
            ("To return", [(f"return:{code}", label) for code, label in self.codes["return"]]),
            ("To refuse", [(f"refusal:{code}", label) for code, label in self.codes["refusal"]]),
        ]

    def clean(self) -> dict[str, Any]:
        """Approval names the digest; the other answers a ground of their own kind."""
        data = super().clean() or {}
        if data.get("answer") == "approve":
            self._check_digest(str(data.get("digest", "")).strip().lower())
        elif data.get("answer") in {"return", "refuse"}:
            wanted = "return" if data["answer"] == "return" else "refusal"
            if not str(data.get("code", "")).startswith(f"{wanted}:"):
                act = "return" if wanted == "return" else "refuse"
                self.add_error("code", f"Choose a ground to {act} it.")
        return data

    def _check_digest(self, typed: str) -> None:
        if not typed:
            self.add_error("digest", f"Type the first {DIGEST_TYPED} characters of the digest to approve.")
        elif typed != self.decision.digest[:DIGEST_TYPED]:
            self.add_error("digest", "These are not the first characters of this digest. Compare them with the panel.")

    @property
    def ground(self) -> str:
        """The code of the ground chosen."""
        return str(self.cleaned_data.get("code", "")).partition(":")[2]
