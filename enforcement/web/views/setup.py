"""The way in to an empty installation: the first administrator, by the token in the terminal."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from enforcement.audit.errors import Refusal
from enforcement.staff.models import Person
from enforcement.staff.services import first_administrator
from enforcement.web.forms.acts import bound
from enforcement.web.forms.sources import SetupForm


@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "POST"])
@login_not_required
def setup(request: HttpRequest) -> HttpResponse:
    """Asks for name and password while nobody exists; afterwards leads to signing in."""
    if Person.objects.exists():
        return redirect("web:overview" if request.user.is_authenticated else "account_login")
    form = bound(SetupForm, request, initial={"token": request.GET.get("token", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            first_administrator(given["token"], email=given["email"], name=given["name"], password=given["password"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, f"{given['name']} is administrator. Sign in to go on.")
            return redirect("account_login")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "web/setup/setup.html", {"form": form}, status=status)
