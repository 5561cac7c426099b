"""Addresses of the REST interface."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from enforcement.api import views
from enforcement.api.bases import NothingHereView

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("imports/", views.ImportsView.as_view(), name="imports"),
    path("imports/<int:import_id>/", views.ImportView.as_view(), name="import"),
    path("imports/<int:import_id>/rejects/", views.RejectsView.as_view(), name="rejects"),
    path("alerts/", views.AlertsView.as_view(), name="alerts"),
    path("alerts/<int:alert_id>/", views.AlertView.as_view(), name="alert"),
    path("", NothingHereView.as_view(), name="root"),
    path("<path:rest>", NothingHereView.as_view(), name="nothing"),
]
