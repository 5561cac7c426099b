"""Who asks, and refusals as pages with a next step: nothing a person can meet ends in a bare error."""

from collections.abc import Callable

import structlog
from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from enforcement.audit.actors import Actor
from enforcement.audit.database_errors import refusal_from
from enforcement.audit.errors import Refusal
from enforcement.staff.actors import person_actor
from enforcement.staff.models import Person

log = structlog.get_logger()
Handler = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Gives every request `request.actor`: the signed-in person with their roles, or somebody without any."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the actor, read only when somebody asks for it."""
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor:
    user = request.user
    return person_actor(user) if isinstance(user, Person) else Actor("person", None, "A stranger")


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a page request."""
    return request.actor  # type: ignore[attr-defined,no-any-return]


class RefusalMiddleware:
    """Renders `Refusal`, and what the database refused, as `errors/refusal.html` with the fitting status.

    A refused form post from a page goes back to where it came from with the sentence as a message only when the view
    asks for it; by itself the answer keeps its status, so that scripts and tests see it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a refusal; none for anything else, which stays a fault."""
        found = refusal_from(exception) if isinstance(exception, DatabaseError) else exception
        if not isinstance(found, Refusal):
            return None
        log.info("refused", code=found.code, path=request.path)
        if request.htmx:  # type: ignore[attr-defined]
            messages.error(request, found.message)
        context = {
            "refusal": found,
            "code": found.status,
            "message": found.message,
            "next_url": request.headers.get("Referer", "") if request.method == "POST" else "",
            "next_words": "Back to the page",
        }
        return render(request, "errors/refusal.html", context, status=found.status)
