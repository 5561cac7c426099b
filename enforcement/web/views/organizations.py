"""Organizations: the list, and one with its tree and what points to it."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.selectors import get_organization, list_accounts, list_organizations
from enforcement.cases.models import Attribution
from enforcement.cases.selectors.cases import visible_cases
from enforcement.staff.matrix import Permission, can
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.lists import chips_of, cleaned, cursor_of, paged
from enforcement.web.templatetags.figures import short


class OrganizationFilters(forms.Form):
    """Filters of the list."""

    q = forms.CharField(label="Name, alias or domain", required=False, max_length=200)


@require_GET
def organizations(request: HttpRequest) -> HttpResponse:
    """Organizations by name."""
    form = OrganizationFilters(request.GET)
    asked = cleaned(form)
    page = list_organizations(actor_of(request), q=asked["q"], cursor=cursor_of(request))
    context = {**paged(request, page), "chips": chips_of(form), "filter_form": form}
    return render(request, "web/organizations/list.html", context)


@require_GET
def organization(request: HttpRequest, organization_id: int) -> HttpResponse:
    """One organization: parents and children, the accounts that declare it, clusters and cases that point to it."""
    viewer = actor_of(request)
    view = get_organization(viewer, organization_id=organization_id)
    attributions = Attribution.objects.none()
    if can(viewer, Permission.CASE_VIEW):
        attributions = Attribution.objects.filter(organization=view.organization, case__in=visible_cases(viewer))
    rows = list(attributions.select_related("case", "set_by").order_by("-id")[:50])
    accounts = None
    if can(viewer, Permission.ACCOUNT_VIEW):
        accounts = list_accounts(viewer, organization=organization_id)
    tiles = [
        {
            "label": "Accounts that declare it", "figure": f"{view.declared_accounts:,}",
            "url": f"/accounts/?organization={organization_id}", "note": "their own word, which proves nothing",
        },
        {"label": "Their exchanges", "figure": short(view.declared_exchanges), "note": "from metering detectors"},
        {"label": "Clusters pointing to it", "figure": f"{len(view.clusters):,}", "url": "#clusters"},
        {"label": "Attributions", "figure": f"{len(rows):,}", "url": "#attributions", "note": "in cases you may see"},
    ]  # fmt: skip
    context = {
        "view": view,
        "organization": view.organization,
        "attributions": rows,
        "tiles": tiles,
        "accounts": accounts.rows[:10] if accounts else [],
    }
    return render(request, "web/organizations/detail.html", context)
