"""Connectors: where approved actions are sent. A new secret is shown once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from enforcement.actions.selectors import list_connectors
from enforcement.actions.services import set_connector
from enforcement.staff.matrix import Permission, require
from enforcement.web.forms.acts import bound
from enforcement.web.forms.settings import ConnectorForm
from enforcement.web.middleware import actor_of


def connectors(request: HttpRequest) -> HttpResponse:
    """Connectors, and setting one up or changing it."""
    actor = actor_of(request)
    require(actor, Permission.SETTINGS_EDIT)
    known = {row.name: row for row in list_connectors(actor)}
    chosen = known.get(request.GET.get("name", ""))
    first = (
        {"name": chosen.name, "url": chosen.url, "batch_size": chosen.batch_size, "timeout_seconds": chosen.timeout_seconds}
        if chosen else {}
    )  # fmt: skip
    form = bound(ConnectorForm, request, initial=first)
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = form.attempt(
            lambda: set_connector(
                actor, name=data["name"].strip(), url=data["url"].strip(), batch_size=data["batch_size"],
                timeout_seconds=data["timeout_seconds"],
            )
        )  # fmt: skip
        if made is not None:
            secret = made.secret if made.name not in known else ""
            form = ConnectorForm()
    context = {"form": form, "rows": list_connectors(actor), "made": made, "secret": secret, "chosen": chosen}
    answer = render(request, "web/actions/connectors.html", context, status=422 if form.errors else 200)
    answer["Cache-Control"] = "no-store"
    return answer
