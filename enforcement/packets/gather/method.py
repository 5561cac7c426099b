"""Detectors as registered, the link run that grouped the accounts, and the limits of both."""

import json
from typing import Any

from django.db.models import Count, Max, Min, Sum

from accounts.models import ClusterHub, LinkRun, Membership
from enforcement.cases.models import Case, CaseAlert
from enforcement.evidence.models import Item
from enforcement.packets.document import Detector, KindWeight, LinkMethod, Method, Rule, Setting
from enforcement.packets.gather.exhibits import Kept, exhibit_ref
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
    Setting(
        name="Clocks",
        value="The time of a signal is the one that its detector gave; other times come from the servers of the "
        "issuer. Nobody else certified either.",
    ),
    Setting(
        name="Shared networks",
        value="A range used by an office, a carrier or a relay can hold strangers. By this method a range alone links "
        "nobody.",
    ),
    Setting(
        name="Linkage",
        value="A cluster is a finding about linkage, not about conduct. A finding of violating rests on what was seen "
        "of that account alone.",
    ),
)
NOT_MEASURED = (
    "How many honest accounts are among the linked ones, by a blind sample of the members.",
    "The rates of false positives on this case: they are as stated by the owners of the detectors.",
    "How many violations were missed: no complete list of violations exists to measure against.",
)
NOT_DONE = (
    (
        "The record of this case holds no act of entering, probing or testing a system of another party; the system that "
        "keeps it has no such function."
    ),
    "No finding, proposal or approval was made by a program: each bears the name of a person.",
)


def method_of(case: Case, kept: Kept) -> Method:
    """How the facts were made, so that a stranger can repeat it; rates only as stated, and what was not measured."""
    extracts = tuple(exhibit_ref(item.exhibit_number) for item in kept.items if item.kind == Item.Kind.EXTRACT)
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
    kept = run.method.settings
    settings: dict[str, Any] = json.loads(kept) if isinstance(kept, str) else kept
    reference = run.reference
    return LinkMethod(
        version=f"{run.method.version} ({settings.get('method_version', 'unnamed')})",
        run_ref=f"link run {run.pk}",
        run_at=run.finished_at or run.created_at,
        snapshot=f"reference {reference.number}" if reference else "",
        snapshot_as_of=reference.as_of if reference else None,
        population=reference.population if reference else None,
        denominators="everybody" if reference else "accounts known here",
        bar_bits=_bars(cluster_ids),
        kinds=tuple(_kinds(settings, cluster_ids)),
        settings=tuple(
            Setting(name=name.replace("_", " "), value=f"{value:g}")
            for name, value in sorted(settings.items())
            if isinstance(value, int | float)
        ),
    )


def _bars(cluster_ids: list[int]) -> tuple[float, float] | None:
    """The lowest and the highest bar that a standing member had to reach, in bits; those a person confirmed aside."""
    found = (
        Membership.objects.filter(cluster_id__in=cluster_ids, left_run=None)
        .exclude(role="person")
        .aggregate(low=Min("bar_bits"), high=Max("bar_bits"))
    )
    return None if found["low"] is None else (round(found["low"], 1), round(found["high"], 1))


def _kinds(settings: dict[str, Any], cluster_ids: list[int]) -> list[KindWeight]:
    known = settings.get("kinds", {})
    spread: dict[str, tuple[float, float]] = {}
    hubs = ClusterHub.objects.filter(cluster_id__in=cluster_ids).values_list("identifier__kind", "bits")
    for kind, bits in hubs.iterator(chunk_size=5_000):
        low, high = spread.get(kind, (bits, bits))
        spread[kind] = (min(low, bits), max(high, bits))
    return [
        KindWeight(
            kind=kind,
            meaning=MEANINGS.get(kind, kind),
            m=known[kind]["m"],
            bits_highest=round(high, 1),
            bits_lowest=round(low, 1),
            cap_holders=known[kind].get("holder_cap"),
        )
        for kind, (low, high) in sorted(spread.items(), key=lambda item: -item[1][1])
        if kind in known
    ]
