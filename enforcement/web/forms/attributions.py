"""Establishing what part an organization has, from exhibits."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import Organization
from enforcement.cases.models import Attribution
from enforcement.evidence.models import Item
from enforcement.web.forms.acts import ActForm


class AttributionForm(ActForm):
    """An organization, its role, how sure, why, and what each exhibit shows of it."""

    field_names = {"items": "basis"}
    organization = forms.CharField(
        label="Organization", max_length=200, help_text="Its name as it stands under Organizations",
        widget=forms.TextInput(attrs={"list": "organizations", "autocomplete": "off"}),
    )  # fmt: skip
    role = forms.ChoiceField(label="Role", choices=[("", "Choose a role"), *Attribution.Role.choices])
    confidence = forms.ChoiceField(
        label="Confidence", choices=Attribution.Confidence.choices, widget=forms.RadioSelect, initial="low",
        help_text="As defined beside this form. Moderate and high rest on at least one exhibit",
    )  # fmt: skip
    why = forms.CharField(
        label="Why",
        help_text="The reasoning in words; it is printed in the packet",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(items)
        for item in self.items:
            number = f", exhibit {item.exhibit_number}" if item.exhibit_number else ""
            self.fields[f"shows_{item.pk}"] = forms.CharField(
                label=f"What {item}{number} shows", help_text=item.title, required=False, max_length=500
            )

    def clean_organization(self) -> Organization:
        """The organization of that name."""
        name = self.cleaned_data["organization"].strip()
        found = Organization.objects.filter(name__iexact=name).order_by("pk").first()
        if found is None:
            raise forms.ValidationError(
                f"There is no organization named {name}. Choose one of the list, or add it first."
            )
        return found

    @property
    def basis(self) -> list[tuple[Item, str]]:
        """The exhibits that were said to show something."""
        typed = ((item, self.cleaned_data.get(f"shows_{item.pk}", "").strip()) for item in self.items)
        return [(item, shows) for item, shows in typed if shows]
