"""Addresses of a small site of its own, so that the look is tested without the pages."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

_NAMES = (
    "overview", "alerts", "cases", "decisions", "clusters", "accounts", "organizations", "packets", "policies", "audit",
    "imports", "detectors", "people", "search", "look",
)  # fmt: skip


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [
    path("", include(([path(f"{name}/", _page, name=name) for name in _NAMES], "web"))),
    path("account/login/", _page, name="account_login"),
    path("account/logout/", _page, name="account_logout"),
    path("account/password/change/", _page, name="account_change_password"),
]
