"""A form that does one act: what a service refuses stands at the field it concerns, and nothing typed is lost."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django import forms
from django.db import DatabaseError
from django.http import HttpRequest, QueryDict

from enforcement.audit.database_errors import refusal_from
from enforcement.audit.errors import Refusal

T = TypeVar("T")
# Refused with a status of its own (not permitted, no such record): a page says that better than a field.
_NOT_A_FIELD = (403, 404)


def choice_field(form: forms.Form, name: str) -> forms.ChoiceField:
    """A field of `form` whose choices come from rows."""
    return cast("forms.ChoiceField", form.fields[name])


class ActForm(forms.Form):
    """`version` is the case's version that the person saw, where the act asks for it; `confirm_void` only once asked."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # A service's name for an input, where the form calls it otherwise.
    field_names: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("confirm_void"):
            self._ask_to_confirm()

    def _ask_to_confirm(self) -> None:
        self.fields["confirm_void"] = forms.BooleanField(label="Go on, and make the decision void", required=False)

    @property
    def void_confirmed(self) -> bool:
        """Whether the person was told that a decision becomes void, and goes on."""
        return bool(self.cleaned_data.get("confirm_void"))

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal: at its field where the form has it, else on top; raise it again where a page is the answer."""
        if refusal.status in _NOT_A_FIELD:
            raise refusal
        name = self.field_names.get(refusal.field or "", refusal.field)
        known = name if name in self.fields and not self.fields[name].widget.is_hidden else None
        self.add_error(known, refusal.message)
        if refusal.code == "decision.would_void":
            self._ask_to_confirm()

    def forget_version(self, version: int) -> None:
        """Show the form with the present version, so that pressing again goes on after reading what changed."""
        if isinstance(self.data, QueryDict):
            fresh = self.data.copy()
            fresh["version"] = str(version)
            self.data = fresh

    def attempt(self, act: Callable[[], T]) -> T | None:
        """Do `act`; none when it was refused, by a service or by the database, with the words in the form."""
        try:
            return act()
        except Refusal as refusal:
            self.refuse(refusal)
        except DatabaseError as error:
            found = refusal_from(error)
            if found is None:
                raise
            self.refuse(found)
        return None


class ReasonForm(ActForm):
    """One act that asks why."""

    reason = forms.CharField(label="Reason", help_text="Kept in the record", widget=forms.Textarea(attrs={"rows": 3}))


def bound(kind: type[ActForm], request: HttpRequest, *, version: int | None = None, **kwargs: Any) -> Any:
    """`kind` over what was posted, or empty with the version that is shown now. A GET fills `initial` from nothing else."""
    initial = {"version": version, **kwargs.pop("initial", {})}
    if request.method == "POST":
        return kind(request.POST, request.FILES or None, initial=initial, **kwargs)
    return kind(initial=initial, **kwargs)
