"""A link run: gather what the run scores against, let the pure engine link, settle the result in one transaction."""

import time
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from accounts.linking import LinkResult, Resources, Settings, Verdicts, link
from accounts.models import LinkMethod, LinkRun, ReferenceSnapshot, Verdict
from accounts.services.gathering import gather_sightings, told_by
from accounts.services.rollups import compute_rollups
from accounts.services.settling import settle
from enforcement.audit.actors import Actor
from enforcement.audit.bulk import planned_for_many
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.signals.blobs import scratch
from enforcement.signals.models import Segment
from enforcement.staff.matrix import Permission, require

log = structlog.get_logger()
_RUN_LOCK = 0x4C494E4B  # "LINK": one run at a time, whichever process


def current_method() -> LinkMethod:
    """The newest method version.

    The settings that the product ships with become a version when nobody saved one, and again when an upgrade ships
    others while no person has taken over.
    """
    method = LinkMethod.objects.order_by("-version").first()
    shipped = Settings().to_json()
    if method is not None and (method.saved_by_id is not None or method.settings == shipped):
        return method
    found, _ = LinkMethod.objects.get_or_create(
        version=method.version + 1 if method else 1,
        defaults={"settings": shipped, "reason": "The settings that the product ships with."},
    )
    return found


def request_link_run(actor: Actor) -> LinkRun:
    """Queue a run, or return the one that waits already: imports that arrive meanwhile are all seen by it."""
    require(actor, Permission.LINKING_RUN)
    waiting = LinkRun.objects.filter(state="queued").first()
    if waiting is not None:
        return waiting
    try:
        with transaction.atomic():
            run = LinkRun.objects.create(
                method=current_method(), reference=ReferenceSnapshot.objects.order_by("-number").first()
            )
            record_event(actor=actor, verb="accounts.link_requested", target=run)
    except IntegrityError:
        return LinkRun.objects.get(state="queued")
    return run


def run_linking(actor: Actor, *, run_id: int | None = None) -> LinkRun:
    """Carry out one run: from all unretired sightings to settled clusters and roll-ups.

    Safe to run twice: a run that is over, or that somebody else holds, is returned as it is. Raises whatever failed,
    after storing it on the row.
    """
    require(actor, Permission.LINKING_RUN)
    wanted = run_id if run_id is not None else request_link_run(actor).pk
    with _only_run() as free:
        run = LinkRun.claim(wanted) if free else None
        if run is None:
            return LinkRun.objects.get(pk=wanted)
        try:
            _carry_out(actor, run)
        except Exception as error:
            # The boundary of the job: the row tells what failed, then whoever called hears it too.
            log.exception("link run failed", run=run.pk)
            run.finish("failed", failure=str(error)[:2000])
            raise
    run.refresh_from_db()
    return run


class _only_run:  # noqa: N801  (used as a verb)
    """Holds the one session lock of link runs; gives whether it was free."""

    def __enter__(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_RUN_LOCK])
            self.held = bool((cursor.fetchone() or [False])[0])
        return self.held

    def __exit__(self, *_: object) -> None:
        if self.held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_RUN_LOCK])


def _carry_out(actor: Actor, run: LinkRun) -> None:
    began = time.perf_counter()
    through = Segment.objects.filter(retired_at=None).aggregate(last=Max("id"))["last"] or 0
    # What is newest now is what this run scores against; it may have waited.
    method, reference = current_method(), ReferenceSnapshot.objects.order_by("-number").first()
    with scratch() as folder:
        sightings = gather_sightings(through, folder)
        result = _link(sightings, reference, method, folder) if sightings is not None else None
        run.extend(done=1, total=3, note="Linked; writing clusters")
        with transaction.atomic(), planned_for_many():
            figures = settle(run=run, result=result, sightings=sightings) if result and sightings else {}
            compute_rollups()
            _note(run, method, reference, through, result, figures, seconds=time.perf_counter() - began)
            if not run.finish("done"):
                raise Refusal(
                    "link_run.lost", "The link run was cancelled or taken over meanwhile; nothing was changed."
                )
            record_event(actor=actor, verb="accounts.linked", target=run, data=figures)


def _link(sightings: Path, reference: ReferenceSnapshot | None, method: LinkMethod, folder: Path) -> LinkResult:
    told = told_by(reference) if reference is not None else None
    return link(
        [sightings],
        told,
        Settings.from_json(method.settings),
        _verdicts(),
        resources=Resources(threads=settings.DUCKDB_THREADS, memory_limit_bytes=2 << 30, temp_dir=folder),
    )


def _verdicts() -> Verdicts:
    said = Verdict.objects.filter(undone_at=None)
    pairs: dict[str, set[tuple[int, int]]] = {"must_link": set(), "cannot_link": set()}
    for verdict in said.exclude(account=None).exclude(other=None):
        if verdict.account_id is not None and verdict.other_id is not None:
            pairs[verdict.kind].add((verdict.account_id, verdict.other_id))
    ignored = said.filter(kind="ignore_identifier").values_list("identifier_id", flat=True)
    return Verdicts(frozenset(pairs["must_link"]), frozenset(pairs["cannot_link"]), frozenset(i for i in ignored if i))


def _note(
    run: LinkRun, method: LinkMethod, reference: ReferenceSnapshot | None, through: int, result: LinkResult | None,
    figures: dict[str, Any], *, seconds: float,
) -> None:  # fmt: skip
    steps = {step.name: {"rows": step.rows, "seconds": step.seconds} for step in result.steps} if result else {}
    LinkRun.objects.filter(pk=run.pk).update(
        method=method,
        reference=reference,
        through_segment=through,
        accounts=figures.get("accounts_seen", 0),
        sightings=next((step.rows for step in result.steps), 0) if result else 0,
        clusters=figures.get("clusters", 0),
        members=figures.get("members", 0),
        seconds=round(seconds, 3),
        figures={"steps": steps, **figures},
    )
