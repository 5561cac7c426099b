"""Lists: head counts, the addresses of the neighbouring pages, filter chips, and forms that stand in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest

from enforcement.audit.errors import Refusal
from enforcement.audit.paging import HEAD_LIMIT, Page
from enforcement.web.templatetags.addresses import changed_query
from enforcement.web.templatetags.figures import head_count


@dataclass(frozen=True)
class Chip:
    """A filter in force: pressing it removes it. `value` None removes the key whole."""

    key: str
    label: str
    words: str
    value: str | None = None


def cursor_of(request: HttpRequest) -> str:
    """The cursor that the address holds; "" for the first page."""
    return request.GET.get("after", "")


def total_words(page: Page[Any]) -> str:
    """How many match, "10,000+" beyond the head limit."""
    return head_count(HEAD_LIMIT + 1 if page.more_than_total else page.total)


def paged(request: HttpRequest, page: Page[Any]) -> dict[str, Any]:
    """What a list template needs of a keyset page: rows, total in words, the pager."""
    return {
        "rows": page.rows,
        "total": total_words(page),
        "newer_url": changed_query(request.GET, after=page.newer) if page.newer else "",
        "older_url": changed_query(request.GET, after=page.older) if page.older else "",
        "shown": f"{len(page.rows):,} of {total_words(page)} shown",
    }


def cleaned(form: forms.Form) -> dict[str, Any]:
    """The values of a filter form. Raises `Refusal` (400) that names the field, for an address nobody could mean."""
    if form.is_valid():
        return form.cleaned_data
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else name
    raise Refusal(
        "page.filter",
        f"The filter “{label}” cannot be read: {errors[0]} Change it, or clear the filters.",
        field=str(name),
        status=400,
    )


def chips_of(form: forms.Form, *, quiet: Iterable[str] = ()) -> list[Chip]:
    """A chip for each filter that the address sets, in the words of the form; `quiet` fields get none."""
    found = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if name in quiet or value in (None, "", [], False):
            continue
        label = str(field.label)
        if isinstance(value, list):
            words = dict(field.choices)  # type: ignore[attr-defined]
            found += [Chip(name, label, str(words.get(one, one)), str(one)) for one in value]
        else:
            found.append(Chip(name, label, _words(field, value)))
    return found


def _words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        words: Mapping[Any, Any] = dict(field.choices)  # type: ignore[arg-type]
        return str(words.get(value, words.get(str(value), value)))
    if isinstance(field, forms.DateField):
        return f"{value.day} {value:%b %Y}"
    return str(value)
