"""Policies: versions and clauses, and publishing the next one."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from enforcement.audit.errors import not_found
from enforcement.decisions.states import ACTION_KINDS
from enforcement.policies.models import Policy, PolicyVersion
from enforcement.policies.selectors import get_version, list_policies, list_rules, newest_notice_texts
from enforcement.policies.services import publish_version
from enforcement.staff.matrix import Permission, can, require
from enforcement.web.forms.acts import bound
from enforcement.web.forms.settings import ClauseRows, VersionForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.confirming import done


def standing(version: PolicyVersion, today: date) -> str:
    """in_force, future or superseded on a UTC day."""
    if version.in_force_from > today:
        return "future"
    return "superseded" if version.in_force_until and version.in_force_until < today else "in_force"


@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    """Every policy with its versions; reasons, rules and notice texts that hang on them."""
    viewer, today = actor_of(request), timezone.now().date()
    rows = [
        {"policy": row, "versions": [{"row": v, "state": standing(v, today)} for v in row.versions.all()]}
        for row in list_policies(viewer)
    ]
    texts = newest_notice_texts(viewer)
    context = {
        "policies": rows, "may_edit": can(viewer, Permission.POLICY_EDIT), "rules": list_rules(viewer),
        "notices": [(word, texts[kind]) for kind, word in ACTION_KINDS.items() if kind in texts],
    }  # fmt: skip
    return render(request, "web/policies/list.html", context)


@require_GET
def policy(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One published version, word for word."""
    viewer = actor_of(request)
    version = get_version(viewer, slug=slug, number=number)
    others = [row for row in _policy(request, slug).versions.all() if row.pk != version.pk]
    context = {
        "version": version, "state": standing(version, timezone.now().date()), "clauses": version.clauses.all(),
        "others": others, "may_edit": can(viewer, Permission.POLICY_EDIT),
    }  # fmt: skip
    return render(request, "web/policies/version.html", context)


def _policy(request: HttpRequest, slug: str) -> Policy:
    for row in list_policies(actor_of(request)):
        if row.slug == slug:
            return row
    raise not_found("policy", slug)


def _first_clauses(policy: Policy) -> list[dict[str, Any]]:
    """The clauses of the newest version, to begin from."""
    newest = next(iter(policy.versions.all()), None)
    if newest is None:
        return []
    return [
        {"number": c.number, "heading": c.heading, "text": c.text, "conduct": ", ".join(c.conduct)}
        for c in newest.clauses.all()
    ]


def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish the next version."""
    actor = actor_of(request)
    require(actor, Permission.POLICY_EDIT)
    row = _policy(request, slug)
    newest = next(iter(row.versions.all()), None)
    first = {"number": newest.number + 1 if newest else 1, "in_force_from": timezone.now().date() + timedelta(days=1)}
    form = bound(VersionForm, request, initial=first)
    clauses = ClauseRows(request.POST or None, initial=_first_clauses(row), prefix="clause")
    if request.method == "POST" and form.is_valid() and clauses.is_valid():
        data, texts = form.cleaned_data, [one.clause() for one in clauses if not one.empty]
        made = form.attempt(
            lambda: publish_version(
                actor, policy=row, number=data["number"], in_force_from=data["in_force_from"], clauses=texts
            )
        )
        if made is not None:
            said = f"{made} is published, in force from {made.in_force_from.isoformat()}"
            return done(request, said, reverse("web:policy", args=[slug, made.number]))
    bad = bool(form.errors) or (clauses.is_bound and not clauses.is_valid())
    context = {"form": form, "clauses": clauses, "policy": row, "newest": newest, "back_url": reverse("web:policies")}
    return render(request, "web/policies/publish.html", context, status=422 if bad else 200)
