"""Addresses of the pages: work on cases here, what it is about and where it comes from there."""

from enforcement.web.urls.sources import urlpatterns as sources
from enforcement.web.urls.work import urlpatterns as work

app_name = "web"
urlpatterns = [*sources, *work]
