"""Reads of the audit stage. It stands below the permission matrix, so whoever calls hands the check over."""

from collections.abc import Callable

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.audit.paging import Page, page_of

Check = Callable[[Actor], None]
_checks: dict[str, Check] = {}


def authorize_with(*, everything: Check) -> None:
    """Have `everything(viewer)` raise `Refusal` unless the viewer may read events. Called once, by the staff stage."""
    _checks["everything"] = everything


def list_events(
    viewer: Actor,
    *,
    case: int | None = None,
    target: tuple[str, int] | None = None,
    actor: tuple[str, int | None] | None = None,
    verb: str = "",
    cursor: str = "",
    size: int = 50,
) -> Page[Event]:
    """Events, newest first.

    `case` is a case's id, `target` a pair of lower-case model label (`cases.case`) and id, `actor` a pair of kind and
    id, `verb` a verb or, ending in a dot, a stage. Raises `Refusal` 403 unless the viewer may read the audit.
    """
    check = _checks.get("everything")
    if check is None:
        raise Refusal("audit.no_matrix", "Nobody may read events before the permission matrix is loaded.", status=403)
    check(viewer)
    events = Event.objects.all()
    if case is not None:
        events = events.filter(case_id=case)
    if target is not None:
        events = events.filter(target_type=target[0], target_id=target[1])
    if actor is not None:
        events = events.filter(actor_kind=actor[0])
        if actor[1] is not None:
            events = events.filter(actor_id=actor[1])
    if verb:
        events = events.filter(verb__startswith=verb) if verb.endswith(".") else events.filter(verb=verb)
    return page_of(events, order=["-id"], cursor=cursor, size=size)
