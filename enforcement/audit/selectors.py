"""Reads of the audit stage. It stands below the permission matrix, so whoever calls hands the check over."""

from collections.abc import Callable

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.models import Event, History, Seal
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
    _require(viewer)
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


def _require(viewer: Actor) -> None:
    check = _checks.get("everything")
    if check is None:
        raise Refusal("audit.no_matrix", "Nobody may read events before the permission matrix is loaded.", status=403)
    check(viewer)


def get_event(viewer: Actor, *, event_id: int) -> Event:
    """One event. Raises `Refusal` 403, 404."""
    _require(viewer)
    found = Event.objects.filter(pk=event_id).first()
    if found is None:
        raise not_found("event", event_id)
    return found


def list_history(viewer: Actor, *, xid: int, cursor: str = "", size: int = 50) -> Page[History]:
    """Rows that one transaction wrote to tracked tables, in the order written."""
    _require(viewer)
    return page_of(History.objects.filter(xid=xid), order=["id"], cursor=cursor, size=size)


def last_seal(viewer: Actor) -> Seal | None:
    """The newest batch of the seal; none before the first."""
    _require(viewer)
    return Seal.objects.order_by("-epoch", "-batch").first()
