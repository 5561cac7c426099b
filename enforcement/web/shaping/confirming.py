"""Confirmations: what an act will do, with its count, before it is done; and answering with one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render


@dataclass(frozen=True)
class Effect:
    """One line of the table: what stands now and what will stand after."""

    what: str
    now: int | str
    after: int | str
    badge_kind: str = ""
    badge_state: str = ""


@dataclass(frozen=True)
class Ask:
    """A confirmation. `question` names verb and count, `submit` repeats them, `keep` names the other outcome.

    `crumbs` are (reference, then pairs of word and address); `ids` rows kept with the form.
    """

    question: str
    submit: str
    keep: str
    back_url: str
    text: str = ""
    danger: bool = False
    effects: Sequence[Effect] = ()
    effects_of: str = "What"
    ids: Sequence[int] = ()
    ref: str = ""
    facts: Sequence[Mapping[str, Any]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def asked(
    request: HttpRequest, ask: Ask, form: forms.Form | None = None, *, template: str = "web/ask.html"
) -> HttpResponse:
    """The confirmation as a page, or as a fragment for the dialog; 422 when the form was refused."""
    context = {name: getattr(ask, name) for name in Ask.__dataclass_fields__ if name != "more"}
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, template, context | dict(ask.more) | {"form": form}, status=status)


def done(request: HttpRequest, said: str, to: str, *, link: tuple[str, str] | None = None) -> HttpResponse:
    """Say what was done and go on; `link` is (address, words)."""
    messages.success(request, said, extra_tags=f"url:{link[0]}|{link[1]}" if link else "")
    return HttpResponseRedirect(to)
