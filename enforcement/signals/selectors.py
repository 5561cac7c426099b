"""Reads of detectors: each authorizes and fetches in one call."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.signals.models import Detector, PostedSignal, Revision, RuleVersion
from enforcement.staff.matrix import Permission, require


@dataclass(frozen=True, slots=True)
class DetectorView:
    """A detector and what it sent: signals in the archive and waiting, revisions, live tokens, its rules as registered."""

    detector: Detector
    signals: int
    posted: int
    revisions: int
    rules: list[RuleVersion]


def detector_named(slug: str) -> Detector:
    """The detector of this short name. Raises Refusal (404) that lists those there are."""
    detector = Detector.objects.filter(slug=slug).first()
    if detector is None:
        names = ", ".join(Detector.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
        raise Refusal(
            "detector.unknown",
            f"There is no detector {slug}. Registered: {names}. Register it under Detectors, or with create_token "
            f"--detector {slug} --register.",
            field="detector",
            status=404,
        )
    return detector


def list_detectors(viewer: Actor) -> QuerySet[Detector]:
    """Every detector by name, with `signals` (archived) and `live_tokens`. Few rows: not paged."""
    require(viewer, Permission.DETECTOR_VIEW)
    return Detector.objects.annotate(
        signals=Sum("segments__rows", filter=Q(segments__retired_at=None), default=0),
    ).order_by("slug")


def get_detector(viewer: Actor, *, slug: str) -> DetectorView:
    """One detector with its counts. Raises Refusal: not permitted, or no such detector."""
    require(viewer, Permission.DETECTOR_VIEW)
    detector = detector_named(slug)
    archived = detector.segments.filter(retired_at=None).aggregate(n=Sum("rows", default=0))["n"]
    counts = PostedSignal.objects.filter(detector=detector).aggregate(n=Count("id"))
    return DetectorView(
        detector=detector,
        signals=archived + counts["n"],
        posted=counts["n"],
        revisions=Revision.objects.filter(detector=detector).count(),
        rules=list(detector.rule_versions.order_by("rule", "-registered_at")),
    )
