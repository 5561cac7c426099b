"""Addresses: pages, REST, signing in, health."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("api/v1/", include("enforcement.api.urls")),
    path("", include("enforcement.web.urls")),
]
