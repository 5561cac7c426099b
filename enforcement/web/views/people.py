"""People: who works here, in which roles; adding, changing, shutting out."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from enforcement.staff.matrix import Permission, can, require
from enforcement.staff.models import Person
from enforcement.staff.roles import Role
from enforcement.staff.selectors import get_person, list_people
from enforcement.staff.services import create_person, deactivate_person, set_roles
from enforcement.web.forms.acts import ReasonForm, bound
from enforcement.web.forms.sources import PersonForm, RolesForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.confirming import Ask, asked, done
from enforcement.web.shaping.lists import chips_of, cleaned, cursor_of, paged


class PeopleFilters(forms.Form):
    """Filters of the list."""

    q = forms.CharField(label="Name or address", required=False, max_length=120)
    active = forms.ChoiceField(
        label="Access", required=False, choices=[("", "Any"), ("yes", "Active"), ("no", "Shut out")]
    )


def role_words(person: Person) -> list[str]:
    """The roles of a person whose grants were fetched, in words."""
    return [Role(grant.role).label for grant in sorted(person.grants.all(), key=lambda one: one.role)]


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody by e-mail address."""
    viewer = actor_of(request)
    form = PeopleFilters(request.GET)
    given = cleaned(form)
    active = {"yes": True, "no": False}.get(given["active"])
    page = list_people(viewer, q=given["q"], active=active, cursor=cursor_of(request))
    context = {
        **paged(request, page),
        "rows": [{"person": one, "roles": role_words(one)} for one in page.rows],
        "chips": chips_of(form),
        "filter_form": form,
        "may_edit": can(viewer, Permission.STAFF_EDIT),
    }
    return render(request, "web/people/list.html", context)


@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """Add somebody; the password made for them is shown this once."""
    viewer = actor_of(request)
    require(viewer, Permission.STAFF_EDIT)
    form = bound(PersonForm, request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = form.attempt(
            lambda: create_person(viewer, email=given["email"], name=given["name"], roles=given["roles"])
        )
        if made is not None:
            answer = render(request, "web/people/made.html", {"made": made[0], "password": made[1]})
            answer["Cache-Control"] = "no-store"
            return answer
    return render(request, "web/people/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person, and setting their roles."""
    viewer = actor_of(request)
    found = get_person(viewer, person_id=person_id)
    held = [grant.role for grant in found.grants.all()]
    form = bound(RolesForm, request, initial={"roles": held})
    if request.method == "POST":
        require(viewer, Permission.STAFF_EDIT)
        if form.is_valid():
            given = form.cleaned_data
            changed = form.attempt(
                lambda: set_roles(viewer, person=found, roles=given["roles"], reason=given["reason"])
            )
            if changed is not None:
                return done(request, f"Roles of {found.name} set", reverse("web:person", args=[found.pk]))
    context = {
        "one": found,
        "roles": role_words(found),
        "form": form,
        "may_edit": can(viewer, Permission.STAFF_EDIT) and found.pk != viewer.person_id,
        "is_self": found.pk == viewer.person_id,
    }
    return render(request, "web/people/detail.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def deactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    """Shut somebody out, after saying what follows."""
    viewer = actor_of(request)
    require(viewer, Permission.STAFF_EDIT)
    found = get_person(viewer, person_id=person_id)
    form = bound(ReasonForm, request)
    back = reverse("web:person", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if form.attempt(lambda: deactivate_person(viewer, person=found, reason=reason)) is not None:
            return done(request, f"{found.name} is shut out", back)
    ask = Ask(
        question=f"Shut {found.name} out",
        text="Every session of theirs ends at once. What they did stays in the record under their name.",
        submit=f"Shut {found.name} out",
        keep="Leave them in",
        back_url=back,
        danger=True,
        ref=found.name,
    )
    return asked(request, ask, form)
