"""Detectors as registered, the link run that grouped the accounts, and the limits of both."""

import json
import math
from typing import Any

from django.db.models import Count, Sum

from accounts.models import ClusterHub, LinkRun
from enforcement.cases.models import Case, CaseAlert
from enforcement.packets.document import Detector, KindWeight, LinkMethod, Method, Rule, Setting
from enforcement.packets.document_records import Exhibit
from enforcement.signals.models import Detector as DetectorRow
from enforcement.signals.models import RuleVersion

MEANINGS = {
    "payment": "a payment instrument",
    "phone": "a telephone number",
    "device": "a device that signed in",
    "template": "the wording of prompts, variable parts taken out",
    "schedule": "starts, stops and pauses at the same time",
    "subnet": "a network range",
    "ip": "a network address",
    "asn": "an operator of networks",
    "email_domain": "the domain of an e-mail address",
    "referral": "a referral code",
}
LIMITS = (
    Setting(name="Clocks", value="Times come from the servers of the issuer. They are not certified by anybody else."),
    Setting(name="Shared networks", value="A range used by an office, a carrier or a relay can hold strangers. A range "
            "alone links nobody."),
    Setting(name="Linkage", value="A cluster is a finding about linkage, not about conduct. Each finding rests on what a "
            "detector saw of that account alone."),
)  # fmt: skip
NOT_MEASURED = (
    "The share of honest accounts among the members of this cluster was not measured by a blind sample.",
    "The detectors' rates of false positives are as stated by their owners and were not measured again for this packet.",
)
NOT_DONE = ("No content of an account was read beyond the excerpts that the detectors kept.",)


def method_of(case: Case, exhibits: tuple[Exhibit, ...]) -> Method:
    """How the facts were made, so that a stranger can repeat it; rates only as stated, and what was not measured."""
    extracts = tuple(e.number for e in exhibits if e.evidence_class == "record" and e.where.startswith("issuer"))
    return Method(
        detectors=tuple(_detectors(case)),
        link=_link(case),
        limits=LIMITS,
        not_measured=NOT_MEASURED,
        not_done=NOT_DONE,
        archive_exhibits=extracts,
    )


def _detectors(case: Case) -> list[Detector]:
    rows = (
        CaseAlert.objects.filter(case=case)
        .values("alert__detector")
        .annotate(signals=Sum("alert__tally__signals"), alerts=Count("id"))
        .order_by("alert__detector__slug")
    )
    signals = {row["alert__detector"]: row["signals"] or 0 for row in rows}
    seen = set(CaseAlert.objects.filter(case=case).values_list("alert__detector", "alert__rule").distinct())
    found = []
    for detector in DetectorRow.objects.filter(pk__in=signals).order_by("slug"):
        rules = RuleVersion.objects.filter(detector=detector).order_by("rule", "registered_at")
        found.append(
            Detector(
                slug=detector.slug,
                name=detector.name,
                meters=detector.meters or "",
                false_positive_rate=detector.false_positive_rate,
                signals=signals[detector.pk],
                rules=tuple(
                    Rule(rule=rule.rule, title=rule.title, version=rule.version, sha256=rule.text_sha256)
                    for rule in rules
                    if (detector.pk, rule.rule) in seen
                ),
            )
        )
    return found


def _link(case: Case) -> LinkMethod | None:
    cluster_ids = list(case.case_clusters.values_list("cluster_id", flat=True))
    run = (
        LinkRun.objects.filter(pk__in=case.case_clusters.values("cluster__last_run"))
        .select_related("method", "reference")
        .order_by("-id")
        .first()
    )
    if run is None:
        return None
    settings: dict[str, Any] = json.loads(run.method.settings)
    reference = run.reference
    return LinkMethod(
        version=f"{run.method.version} ({settings['method_version']})",
        run_ref=f"link run {run.pk}",
        run_at=run.finished_at or run.created_at,
        snapshot=f"reference {reference.number}" if reference else "",
        snapshot_as_of=reference.as_of if reference else None,
        population=reference.population if reference else None,
        denominators="everybody" if reference else "accounts known here",
        threshold_bits=round(settings["join_margin_bits"] + _prior_bits(run), 1),
        kinds=tuple(_kinds(settings, cluster_ids)),
        settings=tuple(
            Setting(name=name.replace("_", " "), value=f"{value:g}")
            for name, value in sorted(settings.items())
            if isinstance(value, int | float)
        ),
    )


def _prior_bits(run: LinkRun) -> float:
    """The prior that evidence has to overcome: log2 of the population over the members linked."""
    if run.reference is None or not run.members:
        return 0.0
    return max(0.0, math.log2(run.reference.population / run.members))


def _kinds(settings: dict[str, Any], cluster_ids: list[int]) -> list[KindWeight]:
    spread: dict[str, tuple[float, float]] = {}
    hubs = ClusterHub.objects.filter(cluster_id__in=cluster_ids).values_list("identifier__kind", "bits")
    for kind, bits in hubs.iterator(chunk_size=5_000):
        low, high = spread.get(kind, (bits, bits))
        spread[kind] = (min(low, bits), max(high, bits))
    return [
        KindWeight(
            kind=kind,
            meaning=MEANINGS.get(kind, kind),
            m=settings["kinds"][kind]["m"],
            bits_highest=round(high, 1),
            bits_lowest=round(low, 1),
            cap_holders=settings["kinds"][kind].get("holder_cap"),
        )
        for kind, (low, high) in sorted(spread.items(), key=lambda item: -item[1][1])
        if kind in settings["kinds"]
    ]
