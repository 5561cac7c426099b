"""What the shell of every page needs: who is signed in, where they may go, and what waits there."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from enforcement.audit.actors import Actor
from enforcement.reports.selectors import nav_counts
from enforcement.staff.matrix import Permission, can
from enforcement.staff.models import Person
from enforcement.staff.roles import Role
from enforcement.web.middleware import actor_of

PAGES: dict[str, Permission] = {
    "overview": Permission.OVERVIEW_VIEW,
    "alerts": Permission.ALERT_VIEW,
    "cases": Permission.CASE_VIEW,
    "decisions": Permission.DECISION_VIEW,
    "clusters": Permission.CLUSTER_VIEW,
    "accounts": Permission.ACCOUNT_VIEW,
    "organizations": Permission.ORGANIZATION_VIEW,
    "packets": Permission.PACKET_VIEW,
    "policies": Permission.POLICY_VIEW,
    "audit": Permission.AUDIT_VIEW,
    "imports": Permission.IMPORT_VIEW,
    "detectors": Permission.DETECTOR_VIEW,
    "people": Permission.STAFF_VIEW,
    "connectors": Permission.SETTINGS_EDIT,
}


def allowed_pages(actor: Actor) -> set[str]:
    """The nav items that `actor` may open, by the one matrix."""
    return {name for name, permission in PAGES.items() if can(actor, permission)}


def role_words(actor: Actor) -> str:
    """The roles held, in words."""
    return ", ".join(Role(role).label for role in sorted(actor.roles)) or "No role yet"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Person, pages allowed and counts; the counts are read only where the nav is drawn."""
    known: dict[str, Any] = {"issuer": settings.ISSUER}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not hasattr(request, "actor"):
        return known
    actor = actor_of(request)
    person: Person = user
    return known | {
        "person": {"name": person.name, "initials": person.initials, "role_words": role_words(actor)},
        "nav_allowed": allowed_pages(actor),
        "nav_counts": SimpleLazyObject(partial(nav_counts, actor)),
    }
