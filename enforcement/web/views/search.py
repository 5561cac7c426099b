"""Search: straight to a sole exact match, else what was found by kind."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from enforcement.reports.selectors import Hit, search
from enforcement.web.middleware import actor_of

_TITLES = {
    "case": "Cases",
    "cluster": "Clusters",
    "alert": "Alerts",
    "account": "Accounts",
    "organization": "Organizations",
    "identifier": "Identifiers",
}


def address_of(hit: Hit) -> str:
    """Where a hit leads; an identifier leads to the accounts seen with it."""
    if hit.kind == "identifier":
        return f"{reverse('web:accounts')}?{urlencode({'identifier': hit.key})}"
    try:
        return reverse(f"web:{hit.kind}", args=[hit.key])
    except NoReverseMatch:
        return ""


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """What the question names."""
    q = request.GET.get("q", "")[:200]
    hits = search(actor_of(request), q=q)
    exact = [hit for hit in hits if hit.exact]
    if len(exact) == 1 and (url := address_of(exact[0])) and not request.GET.get("all"):
        return HttpResponseRedirect(url)
    groups = [
        {
            "title": title,
            "kind": kind,
            "rows": [{"hit": hit, "url": address_of(hit)} for hit in hits if hit.kind == kind],
        }
        for kind, title in _TITLES.items()
        if any(hit.kind == kind for hit in hits)
    ]
    return render(request, "web/search/results.html", {"q": q, "groups": groups, "total": len(hits)})
